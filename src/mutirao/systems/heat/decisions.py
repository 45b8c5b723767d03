"""Variables, rules and terms of heat in homes and commerce."""

from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from mutirao.book import terms as book
from mutirao.model.baseyear import growth
from mutirao.model.horizon import annuity
from mutirao.model.planmodel import PlanModel
from mutirao.model.stock import earlier, frozen_zero, labels, standing
from mutirao.model.weighted import weighted_sum
from mutirao.systems.heat import network

HOME = ("gas_boiler", "oil_boiler", "resistance", "heat_pump", "district")
COMMERCE = ("gas_boiler", "oil_boiler", "resistance", "heat_pump")
EXISTING = ("gas_boiler", "oil_boiler", "resistance")
WORDS = {
    "gas_boiler": "gas boilers",
    "oil_boiler": "oil boilers",
    "resistance": "electric heaters",
    "heat_pump": "heat pumps",
    "district": "district heat",
}
LIFE = {
    "gas_boiler": "boiler_life",
    "oil_boiler": "boiler_life",
    "resistance": "boiler_life",
    "heat_pump": "heat_pump_life",
    "district": "connection_life",
}
COST = {
    "gas_boiler": "gas_boiler_cost",
    "oil_boiler": "oil_boiler_cost",
    "resistance": "resistance_heater_cost",
    "heat_pump": "heat_pump_cost",
    "district": "district_connection_cost",
}
UPKEEP = {
    "gas_boiler": "gas_boiler_maintenance",
    "oil_boiler": "oil_boiler_maintenance",
    "resistance": "resistance_heater_maintenance",
    "heat_pump": "heat_pump_maintenance",
    "district": "district_maintenance",
}
FUEL = {
    "gas_boiler": ("natural_gas", "gas_boiler_efficiency", "gas"),
    "oil_boiler": ("heating_oil", "oil_boiler_efficiency", "oil"),
}
#: Who sells a fuel: gas comes through a utility's pipes, oil from outside.
SELLER = {"natural_gas": book.UTILITY, "heating_oil": book.SUPPLIERS}
SOURCE = "Mutirão heat model"


def add(model: PlanModel) -> None:
    """Add who heats homes and commerce with what, and the heat network."""
    _homes(model)
    _commerce(model)
    model.close_balance("home_heat", ("period", "zone", "group", "tenure"))
    model.close_balance("commercial_heat", ("period",))
    network.add(model)


def mix(heat: dict[str, float], technologies: tuple[str, ...]) -> xr.DataArray:
    """Share of each technology in the base year's heat; zeros when there is none."""
    total = sum(heat.values())
    values = [heat.get(t, 0.0) / total if total else 0.0 for t in technologies]
    return xr.DataArray(values, coords={"technology": list(technologies)}, dims="technology")


def _stocks(
    model: PlanModel, name: str, coords: list[pd.Index], technologies: tuple[str, ...], start: xr.DataArray
) -> None:
    """Heat by technology: what stood in the first plan year wears out, what is new stands for its life."""
    h = model.horizon
    tech = labels("technology", technologies)
    frozen = xr.DataArray(
        [y in (h.base, h.start) for y in h.periods], coords={"period": list(h.periods)}, dims="period"
    )
    model.variable(name, [*coords, tech, model.periods], "GWh/a", "heat delivered",
                   lower=start.where(frozen, 0.0), upper=start.where(frozen, np.inf))  # fmt: skip
    model.variable(f"{name}-new", [*coords, tech, model.periods], "GWh/a", "heat equipment installed",
                   upper=frozen_zero(model))  # fmt: skip
    model.variable(f"{name}-fresh", [*coords, tech, model.periods], "GWh/a", "heat equipment installed and alive")
    x, fresh = model.lp.variables[name], model.lp.variables[f"{name}-fresh"]
    life = xr.DataArray(
        [model.given(LIFE[t]) for t in technologies], coords={"technology": list(technologies)}, dims="technology"
    )
    standing(model, f"{name}-fresh", f"{name}-new", life)
    old = xr.DataArray(
        np.stack([h.residual(model.given(LIFE[t])) for t in technologies]),
        coords={"technology": list(technologies), "period": list(h.periods)}, dims=("technology", "period"),
    )  # fmt: skip
    # The base year's heat is given; from the first plan year on, heat needs equipment that still stands.
    on = list(h.years)
    standing_now = (start.sel(period=h.start, drop=True) * old).sel(period=on)
    model.rule(f"{name}-capacity", (x - fresh).sel(period=on), "<=", standing_now + 1e-9, unit="GWh/a")
    existing, later = [t for t in technologies if t in EXISTING], list(h.decisions)
    # Today's equipment is replaced like for like or given up, never taken up again; it grows with need at most.
    pick = {"technology": existing}
    grown = (start / earlier(start).where(earlier(start) > 0, 1.0)).clip(min=1.0).sel(pick)
    now, before = x.labels.sel(pick).sel(period=later), earlier(x.labels).sel(pick).sel(period=later)
    keep = [str(d) for d in x.dims]
    change = weighted_sum(model.lp, keep, [(now, 1.0), (before, -1.0 * grown.sel(period=later))])
    model.rule(f"{name}-no-new-fossil", change, "<=", 1e-9, unit="GWh/a")
    if model.fixed:
        _in_proportion(model, name, existing, start)


def _in_proportion(model: PlanModel, name: str, existing: list[str], start: xr.DataArray) -> None:
    """With measures given from outside, what is displaced is shared over today's equipment in proportion."""
    x = model.lp.variables[name].sel(technology=existing)
    part = start.sel(technology=existing)
    share = (part / part.sum("technology")).where(part.sum("technology") > 0, 0.0)
    later = list(model.horizon.decisions)
    rest = x.sum("technology") * share
    model.rule(f"{name}-in-proportion", (x - rest).sel(period=later), "=", 0.0, unit="GWh/a")


def _homes(model: PlanModel) -> None:
    base, h, p = model.base, model.horizon, model.given
    need = sum(base.home_heat.values()) * base.home_weight * growth(p("heat_demand_trend"), h)
    start = need * mix(base.home_heat, HOME)
    _stocks(model, "heat-homes", model.homes, HOME, start)
    for tech in HOME:
        model.post("energy", system="heat", carrier="home_heat", kind="supply", unit="GWh/a", quantity_unit="GWh/a",
                   gpc="I.1", measure=_measure(tech), variable="heat-homes", select={"technology": tech},
                   meaning=f"heat of homes from {WORDS[tech]}", source=SOURCE)  # fmt: skip
        _home_energy(model, tech)
        _home_money(model, tech, need)
    model.measure("heat.heat_pumps", "heat-homes", need, "GWh/a", "heat of homes from heat pumps", "owners",
                  {"technology": "heat_pump"})  # fmt: skip
    x = model.lp.variables["heat-homes-new"].sel(technology=["heat_pump", "district"])
    model.limit("heat-workforce", "workforce", x.sum(["zone", "group", "tenure", "technology"]), "<=",
                p("heat_installation_rate_max") * need.sum(["zone", "group", "tenure"]) * h.interval, unit="GWh/a",
                meaning="heat of homes that installers can move to heat pumps or district heat "
                "between milestones")  # fmt: skip


def _measure(tech: str) -> str:
    return {"heat_pump": "heat.heat_pumps", "district": "heat.district_heat"}.get(tech, "")


def _home_energy(model: PlanModel, tech: str) -> None:
    what = {"system": "heat", "variable": "heat-homes", "select": {"technology": tech}, "source": SOURCE,
            "measure": _measure(tech), "quantity_unit": "GWh/a"}  # fmt: skip
    if tech in FUEL:
        carrier, efficiency, short = FUEL[tech]
        words = f"heat of homes from {WORDS[tech]}"
        model.post("money", **what, unit="M/a", kind="energy", carrier=carrier, payer=book.HOUSEHOLDS,
                   receiver=SELLER[carrier], basis="running", meaning=words,
                   drivers={efficiency: -1, f"{short}_price_residential": 1})  # fmt: skip
        _gas_bought(model, what | {"meaning": f"gas for {words}"}, carrier, efficiency)
        model.post("carbon", **what, unit="kt/a", kind="combustion", carrier=carrier, boundary="basic", gpc="I.1.1",
                   drivers={efficiency: -1, f"{short}_emission_factor": 1}, meaning=words)  # fmt: skip
    elif tech in ("resistance", "heat_pump"):
        efficiency = "resistance_efficiency" if tech == "resistance" else "heat_pump_cop"
        model.post("energy", **what, unit="GWh/a", kind="heating", carrier="electricity", gpc="I.1.2",
                   payer=book.HOUSEHOLDS, shape="heating", coefficient=-1.0, drivers={efficiency: -1},
                   meaning=f"heat of homes from {WORDS[tech]}")  # fmt: skip
    else:
        model.post("energy", **what, unit="GWh/a", kind="heating", carrier="network_heat", gpc="I.1.2",
                   coefficient=-1.0, meaning="heat of homes from district heat")  # fmt: skip
        model.post("money", **what, unit="M/a", kind="energy", carrier="network_heat", payer=book.HOUSEHOLDS,
                   receiver=book.UTILITY, basis="running", drivers={"district_tariff": 1},
                   meaning="district heat bought by homes")  # fmt: skip


def _gas_bought(model: PlanModel, what: dict[str, Any], carrier: str, efficiency: str) -> None:
    """A utility pays for the gas itself; the rest of the retail price keeps its pipes and leaves no inside party.

    So gas is costed as electricity is: what a unit less saves is the energy, not the network that stays.
    """
    if SELLER[carrier] == book.UTILITY:
        model.post("money", **what, unit="M/a", kind="energy", carrier=carrier, payer=book.UTILITY,
                   receiver=book.SUPPLIERS, basis="running",
                   drivers={efficiency: -1, "gas_supply_cost": 1})  # fmt: skip


def _home_money(model: PlanModel, tech: str, need: xr.DataArray) -> None:
    """Equipment: who buys it, its upkeep, the grant, the rent, its materials and its jobs.

    Equipment is counted in homes: thousand dwellings per GWh of today's heat need of a home.
    """
    p, h = model.given, model.horizon
    today = need.sel(period=h.start, drop=True)
    homes = (model.base.homes / today.where(today > 0, 1.0)).where(today > 0, 0.0) * 1e-3  # million homes per GWh/a
    spread = 1.0 / h.interval.where(h.interval > 0, float("inf"))
    what = {"system": "heat", "unit": "M/a", "measure": _measure(tech), "source": SOURCE,
            "quantity_unit": "million homes/a"}  # fmt: skip
    cost = {COST[tech]: 1}
    granted = tech == "heat_pump"
    for tenure, payer, interest in (
        ("owner", book.HOUSEHOLDS, "owner_interest"),
        ("renter", book.LANDLORDS, "landlord_interest"),
    ):
        repay = annuity(p(interest), p(LIFE[tech]))
        pick = {"technology": tech, "tenure": tenure}
        part = homes.sel(tenure=tenure, drop=True)
        words = f"{WORDS[tech]} in homes lived in by {tenure}s"
        cash = {"variable": "heat-homes-new", "select": pick, "coefficient": part * spread}
        debt = {"variable": "heat-homes-fresh", "select": pick, "coefficient": part * repay}
        model.post("money", **what, **cash, payer=payer, receiver=book.SUPPLIERS, basis="cash", kind="equipment",
                   drivers=cost, meaning=f"buying {words}")  # fmt: skip
        model.post("money", **what, **debt, payer=payer, receiver=book.LENDERS, basis="annuity", kind="equipment",
                   drivers=cost, meaning=f"yearly repayment for {words}")  # fmt: skip
        model.post("money", **what, payer=book.HOUSEHOLDS if tenure == "owner" else book.LANDLORDS,
                   receiver=book.SUPPLIERS, basis="running", kind="upkeep", variable="heat-homes", select=pick,
                   coefficient=part, drivers={UPKEEP[tech]: 1}, meaning=f"upkeep of {words}")  # fmt: skip
        if granted:
            grant = cost | {"heat_pump_subsidy_share": 1}
            model.post("money", **what, **cash, payer=book.STATE, receiver=payer, basis="cash", kind="grant",
                       drivers=grant, meaning=f"grant for {words}")  # fmt: skip
            model.post("money", **what, **debt, payer=book.STATE, receiver=payer, basis="annuity", kind="grant",
                       drivers=grant, meaning=f"grant for {words}, spread over its life")  # fmt: skip
        if tenure == "renter":
            left = 1.0 - (p("heat_pump_subsidy_share") if granted else 0.0)
            model.post("money", **what, **(debt | {"coefficient": part * repay * left}), payer=book.HOUSEHOLDS,
                       receiver=book.LANDLORDS, basis="annuity", kind="rent",
                       drivers=cost | {"rent_pass_through": 1}, meaning=f"rent rise after buying {words}")  # fmt: skip
    if granted:
        every = homes * spread
        model.post("carbon", system="heat", measure=_measure(tech), boundary="upstream", kind="embodied", unit="kt/a",
                   quantity_unit="million homes/a", variable="heat-homes-new", select={"technology": tech},
                   coefficient=every, drivers={"heat_pump_embodied": 1}, source=SOURCE,
                   meaning="making heat pumps for homes")  # fmt: skip
        model.post("benefit", system="heat", measure=_measure(tech), kind="jobs", unit="jobs", source=SOURCE,
                   quantity_unit="million homes/a", variable="heat-homes-new", select={"technology": tech},
                   coefficient=every, drivers=cost | {"works_jobs": 1},
                   meaning="person-years of work installing heat pumps")  # fmt: skip


def _commerce(model: PlanModel) -> None:
    base, h, p = model.base, model.horizon, model.given
    need = sum(base.commercial_heat.values()) * growth(p("heat_demand_trend"), h)
    start = need * mix(base.commercial_heat, COMMERCE)
    _stocks(model, "heat-commerce", [], COMMERCE, start)
    spread = 1.0 / h.interval.where(h.interval > 0, float("inf"))
    for tech in COMMERCE:
        pick = {"select": {"technology": tech}}
        measure = "heat.commercial_heat_pumps" if tech == "heat_pump" else ""
        what = {"system": "heat", "measure": measure, "source": SOURCE}
        words = f"heat of commerce from {WORDS[tech]}"
        size = {"quantity_unit": "GWh/a"}
        model.post("energy", **what, **pick, **size, carrier="commercial_heat", kind="supply", unit="GWh/a", gpc="I.2",
                   variable="heat-commerce", meaning=words)  # fmt: skip
        if tech in FUEL:
            carrier, efficiency, short = FUEL[tech]
            model.post("money", **what, **pick, **size, unit="M/a", kind="energy", carrier=carrier, basis="running",
                       payer=book.BUSINESS, receiver=SELLER[carrier], variable="heat-commerce", meaning=words,
                       drivers={efficiency: -1, f"{short}_price_commercial": 1})  # fmt: skip
            bought = {**what, **pick, **size, "variable": "heat-commerce", "meaning": f"gas for {words}"}
            _gas_bought(model, bought, carrier, efficiency)
            model.post("carbon", **what, **pick, **size, unit="kt/a", kind="combustion", carrier=carrier,
                       boundary="basic", gpc="I.2.1", variable="heat-commerce", meaning=words,
                       drivers={efficiency: -1, f"{short}_emission_factor": 1})  # fmt: skip
        else:
            efficiency = "resistance_efficiency" if tech == "resistance" else "commercial_heat_pump_cop"
            model.post("energy", **what, **pick, **size, unit="GWh/a", kind="heating", carrier="electricity",
                       gpc="I.2.2", payer=book.BUSINESS, shape="heating", variable="heat-commerce", coefficient=-1.0,
                       drivers={efficiency: -1}, meaning=words)  # fmt: skip
        kind = "heat_pump" if tech == "heat_pump" else "boiler"
        repay = annuity(p("business_interest"), p(LIFE[tech]))
        cost = {f"commercial_{kind}_cost": 1}
        large = {"quantity_unit": "TWh/a"}
        model.post("money", **what, **pick, **large, unit="M/a", kind="equipment", basis="cash", payer=book.BUSINESS,
                   receiver=book.SUPPLIERS, variable="heat-commerce-new", coefficient=spread * 1e-3, drivers=cost,
                   meaning=f"buying {WORDS[tech]} for commerce")  # fmt: skip
        model.post("money", **what, **pick, **large, unit="M/a", kind="equipment", basis="annuity",
                   payer=book.BUSINESS, receiver=book.LENDERS, variable="heat-commerce-fresh",
                   coefficient=repay * 1e-3, drivers=cost,
                   meaning=f"yearly repayment for {WORDS[tech]} of commerce")  # fmt: skip
        model.post("money", **what, **pick, **large, unit="M/a", kind="upkeep", basis="running", payer=book.BUSINESS,
                   receiver=book.SUPPLIERS, variable="heat-commerce", coefficient=1e-3,
                   drivers={f"commercial_{kind}_maintenance": 1},
                   meaning=f"upkeep of {WORDS[tech]} of commerce")  # fmt: skip
    model.measure("heat.commercial_heat_pumps", "heat-commerce", need, "GWh/a", "heat of commerce from heat pumps",
                  "owners", {"technology": "heat_pump"})  # fmt: skip
    model.limit("commercial-heat-workforce", "workforce",
                model.lp.variables["heat-commerce-new"].sel(technology="heat_pump", drop=True), "<=",
                p("commercial_heat_installation_rate_max") * need * h.interval, unit="GWh/a",
                meaning="commercial heat that installers can move to heat pumps between milestones")  # fmt: skip
