"""Independent re-simulation of heat: fuel, electricity and carbon from heat; ages of equipment; the network by date."""

import numpy as np
import pandas as pd
import xarray as xr

from mutirao.book.bundle import Plan
from mutirao.city.folder import City
from mutirao.ground.parameters import Parameters
from mutirao.ground.speech import say
from mutirao.model.baseyear import BaseYear, base_year
from mutirao.model.check import Check
from mutirao.model.replay import by_periods, plan_parameters, since_base, works_per_year
from mutirao.model.shapes import heat_shape
from mutirao.model.timeaxis import TimeAxis, monthly_axis
from mutirao.systems.heat.physics import run_network, trench

HOME_DIMS = ("zone", "group", "tenure")
FUELS = {"natural_gas": "gas", "heating_oil": "oil"}
LIFE = {
    "gas_boiler": "boiler_life",
    "oil_boiler": "boiler_life",
    "resistance": "boiler_life",
    "heat_pump": "heat_pump_life",
    "district": "connection_life",
}
#: What one technology of homes costs per dwelling.
COST = {
    "gas_boiler": "gas_boiler_cost",
    "oil_boiler": "oil_boiler_cost",
    "resistance": "resistance_heater_cost",
    "heat_pump": "heat_pump_cost",
    "district": "district_connection_cost",
}
#: The same sums taken in another order: only the solver's own feasibility tolerance may part them.
SAME = 1e-6
#: The calibration of the base year is algebra, not search.
EXACT = 1e-9
#: Years by which equipment is replaced late at most; every life in the tables is known to within
#: three years or more. A plan that asks for more needs milestones closer together (a finer resolution).
LATE = 2.0
#: Heat pump first needs the least electricity. A plan holds its heat pump back in the hours of the city's highest load
#: and lets electric boilers fill the store at night: cheaper for the grid, up to a seventh more electricity.
DISPATCH = 0.15


def verify(plan: Plan, city: City) -> list[Check]:
    """Re-simulate who is heated by what from the city's tables and the plan's decisions.

    Returns one check per quantity, at the place and year where plan and simulation are furthest apart.
    """
    p = plan_parameters(plan)
    base = base_year(city, p)
    return [
        *_energy(plan, p),
        *_balance(plan),
        *_ages(plan, p),
        *_equipment(plan, p, base),
        *_trenches(plan, p, base, city),
        *_network(plan, p, city),
        *_inventory(plan, city),
    ]


def _energy(plan: Plan, p: Parameters) -> list[Check]:
    """Fuel bills, carbon and electricity from heat delivered and efficiencies."""
    homes = plan.decisions["heat-homes"].sum(HOME_DIMS)
    sectors = (
        ("homes", homes, "I.1", "residential", "heat_pump_cop", "households"),
        ("commerce", plan.decisions["heat-commerce"], "I.2", "commercial", "commercial_heat_pump_cop", "business"),
    )
    out = []
    for words, heat, gpc, sector, cop, payer in sectors:
        for carrier, short in FUELS.items():
            fuel = heat.sel(technology=f"{short}_boiler", drop=True) / p(f"{short}_boiler_efficiency")
            own = {"system": "heat", "carrier": carrier}
            paid = plan.total("money", kind="energy", payer=payer, **own)
            emitted = plan.total("carbon", boundary="basic", gpc=f"{gpc}.1", **own)
            out += [
                _worst(
                    say("{fuel} bills of {who}", fuel=carrier.replace("_", " "), who=words),
                    by_periods(plan, paid),
                    fuel * p(f"{short}_price_{sector}"),
                    "M/a",
                    SAME,
                ),
                _worst(
                    say("CO2e of {fuel}, {who}", fuel=carrier.replace("_", " "), who=words),
                    by_periods(plan, emitted),
                    fuel * p(f"{short}_emission_factor"),
                    "kt CO2e/a",
                    SAME,
                ),
            ]
        used = heat.sel(technology="resistance", drop=True) / p("resistance_efficiency")
        used = used + heat.sel(technology="heat_pump", drop=True) / p(cop)
        booked = plan.total("energy", system="heat", carrier="electricity", gpc=f"{gpc}.2", payer=payer)
        what = say("electricity for heat of {who}", who=words)
        out.append(_worst(what, -by_periods(plan, booked), used, "GWh/a", SAME))
    return out


def _balance(plan: Plan) -> list[Check]:
    """What buildings need, cell by cell, against what is delivered."""
    heat = plan.decisions["heat-homes"].sum("technology")
    need = -_cells(plan, heat, "energy", system="buildings", carrier="home_heat")
    shops = -by_periods(plan, plan.total("energy", system="buildings", carrier="commercial_heat"))
    served = plan.decisions["heat-commerce"].sum("technology")
    sold = plan.decisions["heat-homes"].sel(technology="district").sum(HOME_DIMS)
    return [
        _worst("heat needed and delivered, homes by cell", need, heat, "GWh/a", SAME),
        _worst("heat needed and delivered, commerce", shops, served, "GWh/a", SAME),
        _worst("heat sold by the network", plan.decisions["network-heat"], sold, "GWh/a", SAME),
    ]


def _ages(plan: Plan, p: Parameters) -> list[Check]:
    """Does equipment that still stands cover the heat delivered in every single year?

    Between milestones up to ten years apart a plan reads ages as straight lines, but what was bought in a burst
    leaves in a burst. Tolerable is a gap that goes away when equipment is replaced LATE years late.
    """
    out = []
    for name, words in (("heat-homes", "homes"), ("heat-commerce", "commerce")):
        heat = plan.decisions[name]
        calendar = np.arange(plan.years[0], plan.years[-1] + 1)
        delivered = heat.sel(period=plan.years).interp(period=calendar).rename(period="year")
        bought = works_per_year(plan, plan.decisions[f"{name}-new"])
        standing = [
            _standing(heat.sel(technology=t, drop=True), bought.sel(technology=t, drop=True), calendar, p(LIFE[str(t)]))
            for t in heat["technology"].values
        ]
        stands = xr.concat(standing, dim=heat.indexes["technology"].rename("technology"))
        short = (delivered - stands).clip(min=0.0)
        short = short.sum([d for d in short.dims if d != "year"])
        wanted = delivered.sum([d for d in delivered.dims if d != "year"])
        at = int(np.argmax(short.values))
        out.append(
            Check(
                "heat",
                say(
                    "heat that standing equipment covers, {who} (leanest year: {year})",
                    who=words,
                    year=int(calendar[at]),
                ),
                float(wanted[at]),
                float(wanted[at] - short[at]),
                "GWh/a",
                LATE / p("boiler_life"),
            )
        )
    return out


def _standing(heat: xr.DataArray, bought: xr.DataArray, calendar: np.ndarray, life: float) -> xr.DataArray:
    """Heat that equipment can give at the end of each year: what stood at the start wears out evenly, a yearly
    purchase stands ``life`` years."""
    first = int(calendar[0])
    old = np.clip(1.0 - (calendar - first) / life, 0.0, 1.0)
    start = heat.sel(period=first, drop=True) * xr.DataArray(old, coords={"year": calendar}, dims="year")
    age = calendar[:, None] - bought["year"].values[None, :]
    alive = np.where(age >= 0, np.clip(life - age, 0.0, 1.0), 0.0)
    weight = xr.DataArray(alive, coords={"year": calendar, "cohort": bought["year"].values}, dims=("year", "cohort"))
    return start + (bought.rename(year="cohort") * weight).sum("cohort")


def _equipment(plan: Plan, p: Parameters, base: BaseYear) -> list[Check]:
    """Money for equipment of homes over all years: dwellings served by each purchase x price of a dwelling."""
    first = plan.years[0]
    need = sum(base.home_heat.values()) * base.home_weight * since_base(plan, p("heat_demand_trend")).sel(period=first)
    per_heat = (base.homes / need.where(need > 0)).fillna(0.0) * 1e-3  # million dwellings per GWh/a
    bought = works_per_year(plan, plan.decisions["heat-homes-new"])
    out = []
    for tech, cost in COST.items():
        paid = plan.total(
            "money",
            ("period",),
            system="heat",
            kind="equipment",
            basis="cash",
            term=_terms(plan, "heat-homes-new", tech),
        )
        planned = float((paid * plan.weight("interval").reindex(paid.index)).sum())
        simulated = float((bought.sel(technology=tech) * per_heat).sum()) * p(cost)
        out.append(
            Check(
                "heat",
                say("money for equipment over all years: {equipment} of homes", equipment=tech.replace("_", " ")),
                planned,
                simulated,
                "M",
                SAME,
            )
        )
    return out


def _terms(plan: Plan, variable: str, tech: str) -> list[int]:
    """Numbers of the terms that are proportional to one technology of a decision."""
    rows = plan.terms[(plan.terms["variable"] == variable)]
    here = [f"technology={tech}" in str(s).split() for s in rows["select"]]
    return [int(n) for n in rows.index[here]]


def _trenches(plan: Plan, p: Parameters, base: BaseYear, city: City) -> list[Check]:
    """Trenches open in a zone against heat sold there, and what digging them costs."""
    if "network-trench" not in plan.decisions:
        return []
    first = plan.years[0]
    yearly = works_per_year(plan, plan.decisions["network-trench-new"])
    opened = yearly.cumsum("year").sel(year=plan.years[1:]).rename(year="period")
    sold = plan.decisions["heat-homes"].sel(technology="district", period=plan.years[1:]).sum(["group", "tenure"])
    beyond = float((sold - opened).clip(min=0.0).max())
    need = sum(base.home_heat.values()) * base.home_weight * since_base(plan, p("heat_demand_trend")).sel(period=first)
    floor = (base.homes * base.floor_area * 1000.0).sum(["group", "tenure"])
    metres, diameter = trench(need.sum(["group", "tenure"]), floor, city.array("land_area", ("zone",)))
    price = p("trench_cost_constant") + p("trench_cost_diameter") * diameter  # money per metre
    paid = plan.total("money", system="heat", kind="network", basis="cash")
    planned = float((paid * plan.weight("interval").reindex(paid.index)).sum())
    simulated = float((yearly * metres * price).sum()) * 1e-6
    return [
        Check("heat", "heat sold in a zone beyond its trenches", 0.0, beyond, "GWh/a", SAME * 10.0),
        Check("heat", "money for trenches over all years", planned, simulated, "M", SAME),
    ]


def _network(plan: Plan, p: Parameters, city: City) -> list[Check]:
    """The network through 365 dates: the plan's own schedule, and a plain rule with the plan's plants and store."""
    time = _time(plan, city)
    shape = heat_shape(time, p("hot_water_share")).values[time.order].ravel() / (1.0 - p("network_loss_share"))
    sold = plan.decisions["network-heat"]
    years = [y for y in plan.years if float(sold.sel(period=y)) > SAME]
    out = [
        Check(
            "heat",
            "store content out of bounds when the plan's schedule runs date by date",
            0.0,
            max([_store_excess(plan, p, time, y) for y in years], default=0.0),
            "GWh",
            1e-5,
        )
    ]
    for year in years:
        heat = float(sold.sel(period=year))
        plants = plan.decisions["network-plant"].sel(period=year)
        run = run_network(
            shape * heat,
            time.hours,
            float(plants.sel(plant="large_heat_pump")),
            float(plants.sel(plant="electric_boiler")),
            float(plan.decisions["network-store"].sel(period=year)),
            p("heat_store_loss"),
        )
        used = run.heat_pump / p("large_heat_pump_cop") + run.boiler / p("electric_boiler_efficiency")
        output = plan.decisions["network-output"].sel(period=year).transpose("plant", "day", "step").values
        made = dict(zip(plants["plant"].values, output[:, time.order].sum(axis=(1, 2)) * time.hours, strict=True))
        own = made["large_heat_pump"] / p("large_heat_pump_cop")
        own += made["electric_boiler"] / p("electric_boiler_efficiency")
        booked = plan.total("energy", system="heat", carrier="electricity", payer="utility", period=year)
        electricity = -float(booked.sum())
        scheduled = say("electricity of the network's plants, the plan's schedule, {year}", year=year)
        by_rule = say("electricity of the network's plants, run by a plain rule, {year}", year=year)
        out += [
            Check(
                "heat",
                say("heat that the network can deliver, date by date, {year}", year=year),
                heat,
                heat - run.unmet * (1.0 - p("network_loss_share")),
                "GWh/a",
                SAME,
            ),
            Check("heat", scheduled, electricity, float(own), "GWh/a", SAME),
            Check("heat", by_rule, electricity, used, "GWh/a", DISPATCH),
        ]
    return out


def _store_excess(plan: Plan, p: Parameters, time: TimeAxis, year: int) -> float:
    """How far the store is over full, below empty, or off its first content after a year, GWh."""
    flow = plan.decisions["network-store-in"] - plan.decisions["network-store-out"]
    steps = flow.sel(period=year).transpose("day", "step").values[time.order].ravel() * time.hours
    keep = (1.0 - p("heat_store_loss")) ** time.hours
    size = float(plan.decisions["network-store"].sel(period=year))
    first = level = float(plan.decisions["network-store-level"].sel(period=year, date=0))
    worst = 0.0
    for charge in steps.tolist():
        level = level * keep + charge
        worst = max(worst, level - size, -level)
    return max(worst, abs(level - first))


def _time(plan: Plan, city: City) -> TimeAxis:
    """The year of the plan, rebuilt from the city's monthly normals."""
    months = [f"m{m:02d}" for m in range(1, 13)]
    warm = np.array([float(city.array(f"temperature_{m}", ())) for m in months])
    sun = np.array([float(city.array(f"irradiation_{m}", ())) for m in months])
    return monthly_axis(warm, sun, city.settings.latitude, plan.decisions["network-output"].sizes["step"])


def _inventory(plan: Plan, city: City) -> list[Check]:
    """The base year of the book against the inventory, reference by reference."""
    cells = city.inventory.cells(plan.base_year, city.settings.gwp)
    book = plan.total("carbon", ("gpc",), period=plan.base_year, gpc=["I.1.1", "I.2.1"])
    return [
        Check(
            "heat",
            say("base year, GPC {reference}", reference=ref),
            float(book.get(ref, 0.0)),
            sum(v for (g, _), v in cells.items() if g == ref) / 1000.0,
            "kt CO2e/a",
            EXACT,
        )
        for ref in ("I.1.1", "I.2.1")
    ]


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
    return Check("heat", what, float(a.values[place]), float(b.values[place]), unit, tolerance)
