"""The base year, calibrated: energy that the inventory implies, so that the book reproduces it exactly."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr

from mutirao.city.folder import City
from mutirao.ground.money import deflator
from mutirao.ground.parameters import Parameters
from mutirao.justice.gradient import by_group
from mutirao.justice.households import households
from mutirao.model.horizon import Horizon

FUELS = ("natural_gas", "heating_oil")
GRID_REFERENCES = tuple(f"I.{n}.2" for n in range(1, 7)) + tuple(f"II.{n}.2" for n in range(1, 6))


@dataclass(frozen=True)
class BaseYear:
    """Energy of the base year, GWh a year.

    home_fuel, commercial_fuel : by fuel. electricity : by GPC reference. homes : thousand dwellings over
    (zone, group, tenure). joint : the same, over dwelling and heating too where the city counts them.
    floor_area : m2 of a home by zone. heat_pattern, power_pattern : what a home needs of heat and of other
    electricity, relative to other homes, over (zone, group): only their ratios count.
    grid_factor : t CO2e/MWh in the base year. notes : what had to be shared out.
    """

    home_fuel: dict[str, float]
    commercial_fuel: dict[str, float]
    electricity: dict[str, float]
    home_heat: dict[str, float]
    commercial_heat: dict[str, float]
    homes: xr.DataArray
    joint: xr.DataArray
    floor_area: xr.DataArray
    heat_pattern: xr.DataArray
    power_pattern: xr.DataArray
    grid_factor: float
    notes: tuple[str, ...]

    @property
    def home_weight(self) -> xr.DataArray:
        """Share of the city's home heat in each cell: its homes, larger ones and better-off ones needing more."""
        return _shares(self.homes * self.heat_pattern)

    @property
    def household_weight(self) -> xr.DataArray:
        """Share in each cell of what homes use of electricity for anything but heat."""
        return _shares(self.homes * self.power_pattern)

    @property
    def area_weight(self) -> xr.DataArray:
        """Share of the city's floor area of homes in each cell, whatever their income."""
        return _shares(self.homes * self.floor_area)


def _shares(part: xr.DataArray) -> xr.DataArray:
    return part / float(part.sum())


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
    area = _floor_area(city, p)
    heat_pattern, power_pattern = need_patterns(city, p, found.count, area)
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
        found.joint / 1000.0,
        area,
        heat_pattern,
        power_pattern,
        grid,
        found.notes,
    )


def _fuel(city: City, gpc: str, gas_share: float, factors: dict[str, float]) -> dict[str, float]:
    share = {"natural_gas": gas_share, "heating_oil": 1.0 - gas_share}
    mean = sum(share[f] * factors[f] for f in FUELS)
    whole = emissions(city, gpc) / mean / 1000.0
    return {f: whole * share[f] + emissions(city, gpc, f) / factors[f] / 1000.0 for f in FUELS}


def need_patterns(
    city: City, p: Parameters, homes: xr.DataArray, area: xr.DataArray
) -> tuple[xr.DataArray, xr.DataArray]:
    """What a home needs of heat and of other electricity relative to other homes, each over (zone, group).

    homes : over (zone, group, tenure). area : floor area of a home, m2 by zone. Heat follows floor area; both follow
    income as the energy spend of US consumer units does (BLS Consumer Expenditure Survey 2017, by income quintile).
    Where the city states ``home_energy_spend``, its pattern by zone or group takes the place of either.
    """
    cells = homes.sum("tenure")
    incomes = by_group(cells, np.array([p(f"home_energy_quintile_{i}") for i in range(1, 6)]))
    one = xr.ones_like(area)
    for dims in (("zone", "group"), ("zone",), ("group",)):
        if not city.has("home_energy_spend", dims):
            continue
        spend = money_fact(city, "home_energy_spend", dims)
        if dims == ("group",):
            return area * spend, one * spend
        if dims == ("zone",):
            total = cells.sum("group")
            mean = ((cells * incomes).sum("group") / total.where(total > 0, 1.0)).where(total > 0, 1.0)
            spend = spend * incomes / mean
        return spend, spend
    return area * incomes, one * incomes


def money_fact(city: City, name: str, dims: Sequence[str]) -> xr.DataArray:
    """A figure in money as `City.array` gives it, every row restated from its own year to the city's price year."""
    s, frame = city.settings, city.facts.frame
    rows = frame["variable"] == name
    now = deflator(s.currency, s.price_year).value
    real = frame.loc[rows, "year"].map(lambda year: now / deflator(s.currency, int(year)).value)
    restated = frame.assign(value=frame["value"].where(~rows, frame["value"] * real.reindex(frame.index)))
    return replace(city, facts=replace(city.facts, frame=restated)).array(name, dims)


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
