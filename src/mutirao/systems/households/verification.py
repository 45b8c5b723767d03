"""Independent re-simulation of households: bills, tariff, rents and cooling from facts and the plan's decisions."""

import numpy as np
import pandas as pd
import xarray as xr

from mutirao.book.bundle import Plan
from mutirao.city.folder import City
from mutirao.ground.parameters import Parameters
from mutirao.model.baseyear import BaseYear, base_year
from mutirao.model.check import Check
from mutirao.model.homecells import home_cells
from mutirao.model.horizon import annuity
from mutirao.model.replay import by_periods, plan_parameters, since_base

HOME_DIMS = ("zone", "group", "tenure")
#: The same sums taken in another order: only the solver's own feasibility tolerance may part them.
SAME = 1e-6
#: The calibration of the base year is algebra, not search.
EXACT = 1e-9
#: Price and efficiency of what heats a home; resistance and heat pumps buy electricity.
FUELS = {"gas_boiler": "gas", "oil_boiler": "oil"}
POWERED = {"resistance": "resistance_efficiency", "heat_pump": "heat_pump_cop"}
LEVELS = ("light_retrofit", "deep_retrofit")
#: Heating that works bring to a home: its cost, its life and the share of it that is granted.
NEW = {
    "heat_pump": ("heat_pump_cost", "heat_pump_life", "heat_pump_subsidy_share"),
    "district": ("district_connection_cost", "connection_life", ""),
}


def verify(plan: Plan, city: City) -> list[Check]:
    """Re-simulate bills of homes, the tariff, rents and their relief, and cooling.

    Returns one check per quantity, at the place and year where plan and simulation are furthest apart.
    """
    p = plan_parameters(plan)
    base = base_year(city, p)
    return [*_base_bills(plan, city, p, base), *_bills(plan, p, base), *_tariff(plan, p, base),
            *_rents(plan, p, base), _cooling(plan, city, p, base)]  # fmt: skip


def _base_bills(plan: Plan, city: City, p: Parameters, base: BaseYear) -> list[Check]:
    """What homes spend in the base year: the book against the inventory at the plan's prices."""
    booked = _homes_money(plan, base, ["energy", "standing_charge"]).sel(period=plan.base_year, drop=True)
    cells = home_cells(city, p, base).set_index(list(HOME_DIMS))
    again = xr.zeros_like(base.homes)
    for place, row in cells.iterrows():
        again.loc[dict(zip(HOME_DIMS, place, strict=True))] = row["energy"] * row["homes"] * 1e-6  # type: ignore[call-overload]
    spent = sum(energy * p(f"{carrier}_price_residential") for carrier, energy in (
        ("gas", base.home_fuel["natural_gas"]), ("oil", base.home_fuel["heating_oil"]),
        ("electricity", base.electricity["I.1.2"])))  # fmt: skip
    return [
        _worst("bills of the base year, by cell", booked, again, "M/a", EXACT),
        Check("households", "bills of the base year against the inventory", float(booked.sum()), spent, "M/a", EXACT),
    ]


def _bills(plan: Plan, p: Parameters, base: BaseYear) -> list[Check]:
    """Bills of every cell and year from the heat that was planned, with the fixed charge and the price per kWh."""
    heat = plan.decisions["heat-homes"]
    money = sum(
        heat.sel(technology=t, drop=True) * (p(f"{fuel}_price_residential") / p(f"{t}_efficiency"))
        for t, fuel in FUELS.items()
    ) + heat.sel(technology="district", drop=True) * p("district_tariff")
    per_kwh = p("electricity_price_residential") - _rate(p, base)
    money = money + _power(plan, p, base) * per_kwh + base.homes * 1e-3 * _fixed(p, base)
    booked = _homes_money(plan, base, ["energy", "standing_charge"])
    return [_worst("bills of homes, by cell", booked, money, "M/a", SAME)]


def _tariff(plan: Plan, p: Parameters, base: BaseYear) -> list[Check]:
    """The fixed charge that homes pay and what the price per kWh is lower by: equal in the base year."""
    charges = {"kind": "standing_charge", "carrier": "electricity"}
    paid = by_periods(plan, plan.total("money", payer="households", **charges))
    back = by_periods(plan, plan.total("money", receiver="households", **charges))
    used = -by_periods(plan, plan.total("energy", carrier="electricity", payer="households"))
    once = by_periods(plan, pd.Series(float(base.homes.sum()) * 1e-3 * _fixed(p, base), [plan.base_year, *plan.years]))
    first = {"period": plan.base_year}
    return [
        _worst("fixed charge of all homes", paid, once, "M/a", EXACT),
        Check("households", "fixed charge paid and given back in the base year", float(paid.sel(first)),
              float(back.sel(first)), "M/a", EXACT),
        _worst("fixed charge that the price per kWh is without", back, used * _rate(p, base), "M/a", SAME),
    ]  # fmt: skip


def _rents(plan: Plan, p: Parameters, base: BaseYear) -> list[Check]:
    """Rent that works add to tenants' cost, its relief, and the warm rent: bills, rent for works, less relief."""
    rented = {"tenure": "renter"}
    rent = xr.zeros_like(_homes_money(plan, base, ["rent"]).sel(rented, drop=True))
    for level in LEVELS:
        yearly = annuity(p("landlord_interest"), p("retrofit_life")) * (1.0 - p("retrofit_subsidy_share"))
        stock = plan.decisions[f"buildings-{level}"].sel(rented, drop=True)
        rent = rent + stock * base.floor_area * 1e-3 * p(f"{level}_cost") * yearly
    homes = _per_heat(plan, p, base).sel(rented, drop=True) * 1e-3  # million for each GWh
    for tech, (cost, life, grant) in NEW.items():
        yearly = annuity(p("landlord_interest"), p(life)) * (1.0 - (p(grant) if grant else 0.0))
        stood = plan.decisions["heat-homes-fresh"].sel(rented | {"technology": tech}, drop=True)
        rent = rent + stood * homes * p(cost) * yearly
    rent = rent * p("rent_pass_through")
    rows = plan.select("money", kind="rent")
    booked = _on_homes(plan, base, rows[rows["measure"] != ""]).sel(rented, drop=True)
    relief = plan.decisions["households-rent-relief"].sum("tenure")
    paid = _on_homes(plan, base, plan.select("money", kind="rent_relief")).sel(rented, drop=True)
    return [
        _worst("rent for works, by zone and group", booked, rent, "M/a", SAME),
        _worst("relief of rents, by zone and group", paid, relief, "M/a", SAME),
        Check("households", "relief of rents beyond their rise", 0.0, float((relief - rent).max().clip(min=0.0)),
              "M/a", SAME),
    ]  # fmt: skip


def _cooling(plan: Plan, city: City, p: Parameters, base: BaseYear) -> Check:
    access = home_cells(city, p, base).set_index(list(HOME_DIMS))["cooling_access"].to_xarray()
    access = access.reindex({d: base.homes[d].values for d in HOME_DIMS}).fillna(1.0)
    warm = plan.decisions["heat-homes"].sel(technology="heat_pump", drop=True)
    reached = (warm * _per_heat(plan, p, base) * (1.0 - access)).sum(HOME_DIMS)
    booked = by_periods(plan, plan.total("benefit", kind="cooling"))
    return _worst("homes that can be cooled and could not before", booked, reached, "thousand homes", SAME)


def _per_heat(plan: Plan, p: Parameters, base: BaseYear) -> xr.DataArray:
    """Thousand homes for each GWh of heat that a cell needed in the first plan year."""
    first = float(since_base(plan, p("heat_demand_trend")).sel(period=plan.years[0]))
    need = sum(base.home_heat.values()) * base.home_weight * first
    return (base.homes / need.where(need > 0, 1.0)).where(need > 0, 0.0)


def _fixed(p: Parameters, base: BaseYear) -> float:
    return p("electricity_fixed_charge") if base.electricity["I.1.2"] else 0.0


def _rate(p: Parameters, base: BaseYear) -> float:
    """CUR/kWh of the average price that the fixed charge accounts for."""
    used = base.electricity["I.1.2"]
    return _fixed(p, base) * float(base.homes.sum()) * 1e-3 / used if used else 0.0


def _power(plan: Plan, p: Parameters, base: BaseYear) -> xr.DataArray:
    """Electricity of homes by cell and year, GWh, without what charges cars."""
    heat = plan.decisions["heat-homes"]
    other = base.electricity["I.1.2"] * (1.0 - p("residential_electric_heat_share"))
    light = other * base.household_weight * since_base(plan, p("residential_electricity_trend"))
    return light + sum(heat.sel(technology=t, drop=True) / p(e) for t, e in POWERED.items())


def _homes_money(plan: Plan, base: BaseYear, kinds: list[str]) -> xr.DataArray:
    """What households pay less what they receive of these kinds, where it is booked to a home of a tenure."""
    rows = plan.select("money", kind=kinds)
    rows = rows[(rows["tenure"] != "ALL") & rows["basis"].isin(["running", "annuity"])]
    paid, got = rows[rows["payer"] == "households"], rows[rows["receiver"] == "households"]
    return _on_homes(plan, base, paid) - _on_homes(plan, base, got)


def _on_homes(plan: Plan, base: BaseYear, rows: pd.DataFrame) -> xr.DataArray:
    """Rows of the book on the household cells and all periods; what is not booked is zero."""
    axes = {**{d: list(base.homes[d].values) for d in HOME_DIMS}, "period": [plan.base_year, *plan.years]}
    full = pd.MultiIndex.from_product(list(axes.values()), names=list(axes))
    values = rows.groupby(list(axes))["value"].sum().reindex(full).fillna(0.0).to_numpy()
    return xr.DataArray(values.reshape([len(v) for v in axes.values()]), coords=axes, dims=list(axes))


def _worst(what: str, planned: xr.DataArray, simulated: xr.DataArray, unit: str, tolerance: float) -> Check:
    """The check at the place and year where the two are furthest apart; the largest figure where none differ."""
    a, b = xr.broadcast(planned, simulated)
    gap = np.abs(a.values - b.values).round(12).ravel()
    place = np.unravel_index(int(np.lexsort((np.abs(a.values).ravel(), gap))[-1]), a.shape)
    return Check("households", what, float(a.values[place]), float(b.values[place]), unit, tolerance)
