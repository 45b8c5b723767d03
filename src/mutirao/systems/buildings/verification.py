"""Independent re-simulation of buildings: works year by year, what they save, what they cost."""

import numpy as np
import pandas as pd
import xarray as xr

from mutirao.book.bundle import Plan
from mutirao.city.folder import City
from mutirao.ground.parameters import Parameters
from mutirao.ground.speech import say
from mutirao.model.baseyear import BaseYear, base_year
from mutirao.model.check import Check
from mutirao.model.horizon import annuity
from mutirao.model.replay import by_periods, plan_parameters, since_base, works_per_year

LEVELS = {"light_retrofit": "light retrofit", "deep_retrofit": "deep retrofit"}
HOME_DIMS = ("zone", "group", "tenure")
#: GPC references that heat and light of buildings answer for.
REFERENCES = ("I.1.1", "I.1.2", "I.2.1", "I.2.2")
#: The same sums taken in another order: only the solver's own feasibility tolerance may part them.
SAME = 1e-6
#: The calibration of the base year is algebra, not search.
EXACT = 1e-9


def verify(plan: Plan, city: City) -> list[Check]:
    """Re-simulate works, heat need, money for works and appliances from the city's tables and the plan's works.

    Returns one check per quantity, at the place and year where plan and simulation are furthest apart.
    """
    p = plan_parameters(plan)
    base = base_year(city, p)
    return [
        *_homes(plan, p, base),
        *_commerce(plan, p, base),
        *_appliances(plan, p, base),
        *_inventory(plan, city),
    ]


def _homes(plan: Plan, p: Parameters, base: BaseYear) -> list[Check]:
    need = sum(base.home_heat.values()) * base.home_weight * since_base(plan, p("heat_demand_trend"))
    per_home = (need / base.homes.where(base.homes > 0)).fillna(0.0)
    checks, saved, treated = [], xr.zeros_like(need), xr.zeros_like(need)
    for level, words in LEVELS.items():
        yearly = works_per_year(plan, plan.decisions[f"buildings-{level}-works"])
        stock = _at_milestones(plan, yearly.cumsum("year"))
        checks.append(
            _worst(
                say("homes with a {level}, by cell", level=words),
                plan.decisions[f"buildings-{level}"],
                stock,
                "thousand dwellings",
                SAME,
            )
        )
        saved = saved + stock * per_home * (p(f"{level}_saving") * (1.0 - p("warmth_takeback")))
        treated = treated + stock
        checks += _money(plan, p, base, level, words, yearly, stock)
    planned = _cells(plan, need, "energy", system="buildings", carrier="home_heat", kind=["need", "saved"])
    saving = _cells(plan, need, "energy", system="buildings", carrier="home_heat", kind="saved")
    over = float((treated - base.homes).clip(min=0.0).max())
    return [
        *checks,
        _worst("heat need of homes after works, by cell", -planned, need - saved, "GWh/a", SAME),
        _worst("heat that works save in homes", saving.sum(HOME_DIMS), saved.sum(HOME_DIMS), "GWh/a", SAME),
        Check("buildings", "homes retrofitted beyond the homes there are", 0.0, over, "thousand dwellings", SAME),
    ]


def _money(
    plan: Plan, p: Parameters, base: BaseYear, level: str, words: str, yearly: xr.DataArray, stock: xr.DataArray
) -> list[Check]:
    """Money for works: what is paid year by year, and what is repaid to lenders in each milestone year."""
    area = base.floor_area * 1e-3  # million m2 in one thousand dwellings
    what = {"system": "buildings", "measure": f"buildings.{level}", "kind": "works"}
    paid = plan.total("money", basis="cash", **what)
    # Cash of a milestone is the yearly figure of the whole interval that ends there.
    interval = plan.weight("interval")
    planned = float((paid * interval.reindex(paid.index)).sum())
    simulated = float((yearly * area).sum()) * p(f"{level}_cost")
    rates = xr.DataArray(
        [annuity(p(f"{who}_interest"), p("retrofit_life")) for who in ("owner", "landlord")],
        coords={"tenure": ["owner", "renter"]},
        dims="tenure",
    )
    repaid = (stock * area * rates).sum(HOME_DIMS) * p(f"{level}_cost")
    return [
        Check("buildings", say("money for works over all years, {level}", level=words), planned, simulated, "M", SAME),
        _worst(
            say("yearly repayment, {level}", level=words),
            by_periods(plan, plan.total("money", basis="annuity", **what)),
            repaid,
            "M/a",
            SAME,
        ),
    ]


def _commerce(plan: Plan, p: Parameters, base: BaseYear) -> list[Check]:
    need = sum(base.commercial_heat.values()) * since_base(plan, p("heat_demand_trend"))
    yearly = works_per_year(plan, plan.decisions["buildings-commercial_retrofit-works"])
    stock = _at_milestones(plan, yearly.cumsum("year"))
    planned = plan.total("energy", system="buildings", carrier="commercial_heat")
    # Buildings are counted by their need in the first plan year; what is saved falls with need since then.
    since = need / float(need.sel(period=plan.years[0]))
    after = need - stock * p("commercial_retrofit_saving") * since
    paid = plan.total("money", system="buildings", measure="buildings.commercial_retrofit", kind="works", basis="cash")
    money = float((paid * plan.weight("interval").reindex(paid.index)).sum())
    again = float(yearly.sum()) * 1e-3 * p("commercial_retrofit_cost")
    over = float((stock - float(need.sel(period=plan.years[0]))).clip(min=0.0).max())
    return [
        _worst("heat need of commerce after works", -by_periods(plan, planned), after, "GWh/a", SAME),
        Check("buildings", "money for works over all years, commerce", money, again, "M", SAME),
        Check("buildings", "commercial heat treated beyond what is needed", 0.0, over, "GWh/a", SAME),
    ]


def _appliances(plan: Plan, p: Parameters, base: BaseYear) -> list[Check]:
    out = []
    for gpc, who, words in (("I.1.2", "residential", "homes"), ("I.2.2", "commercial", "commerce")):
        use = base.electricity[gpc] * (1.0 - p(f"{who}_electric_heat_share"))
        simulated = use * since_base(plan, p(f"{who}_electricity_trend"))
        planned = by_periods(plan, plan.total("energy", system="buildings", kind="appliances", gpc=gpc))
        out.append(_worst(say("electricity of {who} beside heat", who=words), -planned, simulated, "GWh/a", EXACT))
    return out


def _inventory(plan: Plan, city: City) -> list[Check]:
    """The base year of the book against the inventory, reference by reference."""
    cells = city.inventory.cells(plan.base_year, city.settings.gwp)
    book = plan.total("carbon", ("gpc",), period=plan.base_year, gpc=list(REFERENCES))
    return [
        Check(
            "buildings",
            say("base year, GPC {reference}", reference=ref),
            float(book.get(ref, 0.0)),
            sum(v for (g, _), v in cells.items() if g == ref) / 1000.0,
            "kt CO2e/a",
            EXACT,
        )
        for ref in REFERENCES
    ]


def _at_milestones(plan: Plan, yearly: xr.DataArray) -> xr.DataArray:
    """A stock at the end of each milestone year; nothing stands in the base year and the first plan year."""
    late = yearly.sel(year=plan.years[1:]).rename(year="period")
    return late.reindex(period=[plan.base_year, *plan.years], fill_value=0.0)


def _cells(plan: Plan, like: xr.DataArray, account: str, **labels: object) -> xr.DataArray:
    """A part of the book on the household cells of ``like``."""
    dims = ("period", *HOME_DIMS)
    full = pd.MultiIndex.from_product([like[d].values for d in dims], names=dims)
    series = plan.total(account, dims, **labels).reindex(full).fillna(0.0)
    shape = [like.sizes[d] for d in dims]
    return xr.DataArray(series.to_numpy().reshape(shape), coords={d: like[d].values for d in dims}, dims=dims)


def _worst(what: str, planned: xr.DataArray, simulated: xr.DataArray, unit: str, tolerance: float) -> Check:
    """The check at the place and year where the two are furthest apart; the largest figure where none differ."""
    a, b = xr.broadcast(planned, simulated)
    gap = np.abs(a.values - b.values).round(12).ravel()
    place = np.unravel_index(int(np.lexsort((np.abs(a.values).ravel(), gap))[-1]), a.shape)
    return Check("buildings", what, float(a.values[place]), float(b.values[place]), unit, tolerance)
