"""The base year, calibrated: energy that the inventory implies, so that the book reproduces it exactly."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from mutirao.city.folder import City
from mutirao.ground.parameters import Parameters
from mutirao.justice.households import households
from mutirao.model.horizon import Horizon

FUELS = ("natural_gas", "heating_oil")
GRID_REFERENCES = tuple(f"I.{n}.2" for n in range(1, 7)) + tuple(f"II.{n}.2" for n in range(1, 6))


@dataclass(frozen=True)
class BaseYear:
    """Energy of the base year, GWh a year.

    home_fuel, commercial_fuel : by fuel. electricity : by GPC reference. homes : thousand dwellings over
    (zone, group, tenure). grid_factor : t CO2e/MWh in the base year. notes : what had to be shared out.
    """

    home_fuel: dict[str, float]
    commercial_fuel: dict[str, float]
    electricity: dict[str, float]
    home_heat: dict[str, float]
    commercial_heat: dict[str, float]
    homes: xr.DataArray
    floor_area: xr.DataArray
    grid_factor: float
    notes: tuple[str, ...]

    @property
    def home_weight(self) -> xr.DataArray:
        """Share of the city's home heat in each cell: floor area of its homes."""
        area = self.homes * self.floor_area
        return area / float(area.sum())

    @property
    def household_weight(self) -> xr.DataArray:
        """Share of the city's homes in each cell."""
        return self.homes / float(self.homes.sum())


def emissions(city: City, gpc: str, carrier: str = "") -> float:
    """Base-year figure of a reference (and carrier) in t CO2e; zero when the cell holds a key or nothing."""
    cells = city.inventory.cells(city.settings.base_year, city.settings.gwp)
    return float(cells.get((gpc, carrier), 0.0))


def base_year(city: City, p: Parameters) -> BaseYear:
    """Derive the energy of the base year from the inventory, fuel shares and emission factors.

    A reference reported by carrier is used as it is; one reported whole is split by the shares
    ``residential_gas_share`` and ``commercial_gas_share`` (city-wide: fuel by zone is rarely known).
    """
    found = households(city)
    factors = {"natural_gas": p("gas_emission_factor"), "heating_oil": p("oil_emission_factor")}
    home_fuel = _fuel(city, "I.1.1", p("residential_gas_share"), factors)
    commercial_fuel = _fuel(city, "I.2.1", p("commercial_gas_share"), factors)
    grid = float(grid_path(city, np.array([city.settings.base_year]))[0])
    electricity = {
        ref: (emissions(city, ref) + emissions(city, ref, "electricity")) / grid / 1000.0 for ref in GRID_REFERENCES
    }
    home_heat = {
        "gas_boiler": home_fuel["natural_gas"] * p("gas_boiler_efficiency"),
        "oil_boiler": home_fuel["heating_oil"] * p("oil_boiler_efficiency"),
        "resistance": electricity["I.1.2"] * p("residential_electric_heat_share") * p("resistance_efficiency"),
    }
    commercial_heat = {
        "gas_boiler": commercial_fuel["natural_gas"] * p("gas_boiler_efficiency"),
        "oil_boiler": commercial_fuel["heating_oil"] * p("oil_boiler_efficiency"),
        "resistance": electricity["I.2.2"] * p("commercial_electric_heat_share") * p("resistance_efficiency"),
    }
    return BaseYear(
        home_fuel,
        commercial_fuel,
        electricity,
        home_heat,
        commercial_heat,
        found.count / 1000.0,
        _floor_area(city, p),
        grid,
        found.notes,
    )


def _fuel(city: City, gpc: str, gas_share: float, factors: dict[str, float]) -> dict[str, float]:
    share = {"natural_gas": gas_share, "heating_oil": 1.0 - gas_share}
    mean = sum(share[f] * factors[f] for f in FUELS)
    whole = emissions(city, gpc) / mean / 1000.0
    return {f: whole * share[f] + emissions(city, gpc, f) / factors[f] / 1000.0 for f in FUELS}


def _floor_area(city: City, p: Parameters) -> xr.DataArray:
    """Mean floor area of a dwelling by zone, m2."""
    zones = list(city.zone_ids)
    for dims in (("zone",), ()):
        if city.has("dwelling_floor_area", dims):
            values = np.asarray(city.array("dwelling_floor_area", dims).values, float) * np.ones(len(zones))
            return xr.DataArray(values, coords={"zone": zones}, dims="zone")
    return xr.DataArray(np.full(len(zones), p("dwelling_floor_area")), coords={"zone": zones}, dims="zone")


def grid_path(city: City, years: np.ndarray) -> np.ndarray:
    """Grid emission factor in each year, t CO2e/MWh: straight lines between the years the city states."""
    rows = city.facts.series("grid_emission_factor")
    known = [r.year for r in rows]
    return np.asarray(np.interp(years, known, [r.value / 1000.0 for r in rows]))


def growth(rate: float, horizon: Horizon) -> xr.DataArray:
    """(1 + rate)^(years since the base year), by period."""
    return horizon.array([(1.0 + rate) ** (y - horizon.base) for y in horizon.periods])
