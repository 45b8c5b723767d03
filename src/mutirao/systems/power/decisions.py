"""Variables, rules and terms of electricity."""

from collections import defaultdict

import linopy
import numpy as np

from mutirao.book import terms as book
from mutirao.book.terms import Path, Term
from mutirao.model.baseyear import GRID_REFERENCES, grid_path, growth
from mutirao.model.horizon import annuity
from mutirao.model.planmodel import PlanModel
from mutirao.model.shapes import shape_of
from mutirao.model.stock import frozen_zero, labels, standing
from mutirao.model.weighted import Part, weighted_sum

SOURCE = "Mutirão power model"
#: Grid energy of other systems' references is posted by those systems; the rest of the grid rows is posted here.
POSTED_ELSEWHERE = ("I.1.2", "I.2.2", "II.1.2")
#: Shape of uses whose variable itself runs over the steps of the year.
MOVING = "steps"
PRICE = {book.HOUSEHOLDS: "electricity_price_residential"}


def add(model: PlanModel) -> None:
    """Add supply of electricity; call after every system that uses it has posted its uses."""
    _other_uses(model)
    uses = list(model.select_terms("energy", carrier="electricity"))
    _sun(model)
    _grid(model, uses)
    _bills(model, uses)
    _carbon(model, uses)


def _other_uses(model: PlanModel) -> None:
    """Grid energy of references that no other system works on: railways, industry, energy industries ..."""
    trend = growth(model.given("commercial_electricity_trend"), model.horizon)
    for ref in GRID_REFERENCES:
        if ref in POSTED_ELSEWHERE and ref != "II.1.2":
            continue
        energy = model.base.electricity[ref]
        if energy:
            payer = book.CITY if ref.startswith("II.2") else book.BUSINESS
            model.post("energy", system="power", carrier="electricity", kind="use", unit="GWh/a",
                       quantity_unit="GWh/a", gpc=ref, payer=payer, shape="flat", coefficient=-energy * trend,
                       meaning=f"grid electricity of reference {ref}", source="inventory of the base year")  # fmt: skip


def _sun(model: PlanModel) -> None:
    """Rooftop PV by household cell: the owner of the roof pays and is credited."""
    p, h, base = model.given, model.horizon, model.base
    potential = base.homes * p("pv_potential") * h.array([1.0] * len(model.periods))  # MW
    name, new, measure = "power-pv", "power-pv-new", "power.rooftop_pv"
    model.variable(new, [*model.homes, model.periods], "MW", "rooftop PV built", upper=frozen_zero(model))
    model.variable(name, [*model.homes, model.periods], "MW", "rooftop PV standing", upper=frozen_zero(model))
    standing(model, name, new, p("pv_life"))
    pv, built = model.lp.variables[name], model.lp.variables[new]
    model.rule("pv-roofs", pv, "<=", potential, unit="MW")
    model.limit("pv-workforce", "workforce", built.sum(["zone", "group", "tenure"]), "<=",
                p("pv_rate_max") * potential.sum(["zone", "group", "tenure"]) * h.interval, unit="MW",
                meaning="rooftop PV that installers can build between two milestones")  # fmt: skip
    model.measure(measure, name, potential, "MW", "rooftop PV on homes", "owners")
    sun = float((model.time.irradiation * model.time.weight).sum()) / 1e6  # GWh per MW at performance ratio 1
    model.post("energy", system="power", carrier="electricity", kind="sun", unit="GWh/a", quantity_unit="GWh/a",
               gpc="I.1.2", measure=measure, variable=name, coefficient=sun, shape="sun",
               drivers={"pv_performance_ratio": 1}, meaning="rooftop PV at full irradiation",
               source=SOURCE)  # fmt: skip
    spread = 1.0 / h.interval.where(h.interval > 0, float("inf"))
    what = {"system": "power", "unit": "M/a", "measure": measure, "source": SOURCE}
    for tenure, payer, interest in (
        ("owner", book.HOUSEHOLDS, "owner_interest"),
        ("renter", book.LANDLORDS, "landlord_interest"),
    ):
        repay = annuity(p(interest), p("pv_life"))
        pick = {"select": {"tenure": tenure}}
        gigawatt = {"quantity_unit": "GW/a"}
        words = f"rooftop PV on homes lived in by {tenure}s"
        cash = {"variable": new, "coefficient": spread * 1e-3}
        debt = {"variable": name, "coefficient": repay * 1e-3}
        model.post("money", **what, **pick, **gigawatt, **cash, kind="equipment", basis="cash", payer=payer,
                   receiver=book.SUPPLIERS, drivers={"pv_cost": 1}, meaning=f"building {words}")  # fmt: skip
        model.post("money", **what, **pick, **gigawatt, **debt, kind="equipment", basis="annuity", payer=payer,
                   receiver=book.LENDERS, drivers={"pv_cost": 1}, meaning=f"yearly repayment for {words}")  # fmt: skip
        grant = {"pv_cost": 1, "pv_subsidy_share": 1}
        model.post("money", **what, **pick, **gigawatt, **cash, kind="grant", basis="cash", payer=book.STATE,
                   receiver=payer, drivers=grant, meaning=f"grant for {words}")  # fmt: skip
        model.post("money", **what, **pick, **gigawatt, **debt, kind="grant", basis="annuity", payer=book.STATE,
                   receiver=payer, drivers=grant, meaning=f"grant for {words}, spread over its life")  # fmt: skip
        model.post("money", **what, **pick, **gigawatt, kind="upkeep", basis="running", payer=payer,
                   receiver=book.SUPPLIERS, variable=name, coefficient=1e-3, drivers={"pv_maintenance": 1},
                   meaning=f"upkeep of {words}")  # fmt: skip
        model.post("money", **what, **pick, quantity_unit="GWh/a", kind="credit", basis="running",
                   payer=book.UTILITY, receiver=payer, variable=name, coefficient=sun * p("pv_performance_ratio"),
                   drivers={"electricity_price_residential": 1, "pv_export_credit": 1},
                   meaning=f"electricity of {words}")  # fmt: skip
    model.post("carbon", system="power", measure=measure, boundary="upstream", kind="embodied", unit="kt/a",
               quantity_unit="GW/a", variable=new, coefficient=spread * 1e-3, drivers={"pv_embodied": 1},
               meaning="making rooftop PV", source=SOURCE)  # fmt: skip


def _grid(model: PlanModel, uses: list[Term]) -> None:
    """Balance of every step: import, export, battery, sun and what is used, with a peak that must be paid for."""
    p, h, time = model.given, model.horizon, model.time
    steps = [model.periods, time.day_index, time.step_index]
    for name, words in (
        ("power-import", "electricity bought from the grid"),
        ("power-export", "electricity given to the grid"),
        ("power-battery-in", "electricity into batteries"),
        ("power-battery-out", "electricity out of batteries"),
    ):
        # The base year is given: with no price there, nothing else would keep export at zero.
        upper = h.array([0.0 if y == h.base else np.inf for y in h.periods]) if name == "power-export" else np.inf
        model.variable(name, steps, "GW", words, upper=upper)
    model.variable("power-battery-level", steps, "GWh", "content of batteries")
    model.variable("power-peak", [model.periods], "GW", "highest import")
    v = model.lp.variables
    _battery(model)
    loads = _loads(model, uses)
    sun = shape_of("sun", time, p("hot_water_share"))
    keep = ["period", "day", "step"]
    parts: list[Part] = [
        (v["power-import"], 1.0),
        (v["power-export"], -1.0),
        (v["power-battery-out"], 1.0),
        (v["power-battery-in"], -1.0),
        (_sun_total(model), sun),
        *((load, -1.0 * shape_of(shape, time, p("hot_water_share"))) for shape, load in loads.items()),
        *_moving(model, uses),
    ]
    net = weighted_sum(model.lp, keep, parts)
    model.rule("balance-electricity", net, "=", 0.0, unit="GW")
    model.rule("power-peak-row", v["power-import"] - v["power-peak"], "<=", 0.0, unit="GW")
    energy = {"system": "power", "carrier": "electricity", "unit": "GWh/a", "quantity_unit": "GWh/a", "source": SOURCE}
    for name, sign, kind, words in (
        ("power-import", 1.0, "grid", "bought from the grid"),
        ("power-export", -1.0, "export", "given to the grid"),
        ("power-battery-out", 1.0, "battery", "out of batteries"),
        ("power-battery-in", -1.0, "battery", "into batteries"),
    ):
        model.post("energy", **energy, kind=kind, variable=name, coefficient=sign * time.weight, meaning=words)
    what = {"system": "power", "unit": "M/a", "payer": book.UTILITY, "receiver": book.SUPPLIERS, "basis": "running"}
    model.post("money", **what, kind="energy", carrier="electricity", quantity_unit="TWh/a", variable="power-import",
               coefficient=time.weight * 1e-3, drivers={"grid_supply_cost": 1}, source=SOURCE,
               meaning="electricity bought from the grid")  # fmt: skip
    model.post("money", **what, kind="network", carrier="electricity", quantity_unit="GW", variable="power-peak",
               coefficient=h.array([float(y != h.base) for y in h.periods]),
               drivers={"network_capacity_cost": 1}, meaning="network for the highest import",
               source=SOURCE)  # fmt: skip
    # Exports earn no credit, and what batteries lose was bought: carbon follows what comes from the grid.
    for name, sign, kind, words in (
        ("power-export", 1.0, "export", "electricity given to the grid earns no credit"),
        ("power-battery-in", 1.0, "battery", "electricity into batteries"),
        ("power-battery-out", -1.0, "battery", "electricity out of batteries"),
    ):
        model.post("carbon", system="power", boundary="basic", gpc="I.2.2", carrier="electricity", kind=kind,
                   unit="kt/a", quantity_unit="GWh/a", variable=name, coefficient=sign * time.weight,
                   path=_factor(model), drivers={"grid_factor_scale": 1}, source=SOURCE, meaning=words)  # fmt: skip


def _battery(model: PlanModel) -> None:
    p, h, time = model.given, model.horizon, model.time
    model.variable("power-battery-new", [model.periods], "GWh", "batteries built", upper=frozen_zero(model))
    model.variable("power-battery", [model.periods], "GWh", "batteries standing", upper=frozen_zero(model))
    standing(model, "power-battery", "power-battery-new", p("battery_life"))
    v = model.lp.variables
    level, size = v["power-battery-level"], v["power-battery"]
    model.rule("battery-size", level - size, "<=", 0.0, unit="GWh")
    model.rule("battery-rate", v["power-battery-in"] + v["power-battery-out"] - size * 0.25, "<=", 0.0, unit="GW")
    loss = p("battery_efficiency")
    change = v["power-battery-in"] * (loss * time.hours) - v["power-battery-out"] * time.hours
    # A day ends as it began: batteries do not carry energy between typical days.
    model.rule("battery-day", level.roll(step=-1) - level - change, "=", 0.0, unit="GWh")
    day = sum(model.base.electricity.values()) / 365.0
    potential = h.array([0.25 * day] * len(model.periods))
    model.rule("battery-max", size, "<=", potential, unit="GWh")
    model.measure("power.battery", "power-battery", potential, "GWh", "batteries in the grid", "utility")
    spread = 1.0 / h.interval.where(h.interval > 0, float("inf"))
    repay = annuity(p("utility_interest"), p("battery_life"))
    what = {"system": "power", "measure": "power.battery", "unit": "M/a", "quantity_unit": "GWh/a", "source": SOURCE,
            "kind": "equipment", "payer": book.UTILITY, "drivers": {"battery_cost": 1}}  # fmt: skip
    model.post("money", **what, receiver=book.SUPPLIERS, basis="cash", variable="power-battery-new",
               coefficient=spread, meaning="building batteries")  # fmt: skip
    model.post("money", **what, receiver=book.LENDERS, basis="annuity", variable="power-battery", coefficient=repay,
               meaning="yearly repayment for batteries")  # fmt: skip


def _sun_total(model: PlanModel) -> linopy.Variable:
    total = model.variable("power-sun", [model.periods], "GWh/a", "electricity of rooftop PV")
    made = model.linear(model.select_terms("energy", carrier="electricity", kind="sun"))
    lhs = 1.0 * total if made.expression is None else total - made.expression
    model.rule("power-sun-total", lhs, "=", 0.0, unit="GWh/a")
    return total


def _loads(model: PlanModel, uses: list[Term]) -> dict[str, linopy.Variable]:
    """City totals of electricity used, by shape: summed over cells before the time axis."""
    by_shape: dict[str, list[Term]] = defaultdict(list)
    for term in uses:
        if term.shape != MOVING:
            by_shape[term.shape].append(term)
    shapes = sorted(by_shape)
    load = model.variable("power-load", [labels("shape", tuple(shapes)), model.periods], "GWh/a", "electricity used")
    out = {}
    for shape in shapes:
        total = model.linear(by_shape[shape], sign=-1.0)
        one = load.sel(shape=shape, drop=True)
        lhs = 1.0 * one if total.expression is None else one - total.expression
        model.rule(f"power-load-{shape}", lhs, "=", total.given, unit="GWh/a")
        out[shape] = one
    return out


def _moving(model: PlanModel, uses: list[Term]) -> list[Part]:
    """Uses that move within the year themselves, in GW by step: yearly energy over the hours of the step."""
    return [
        (
            model.lp.variables[str(t.variable)].labels.sel(dict(t.select), drop=True),
            t.coefficient / model.time.weight * model.factor(t),
        )
        for t in uses
        if t.shape == MOVING
    ]


def _bills(model: PlanModel, uses: list[Term]) -> None:
    """Everyone but the utility pays the utility for what they use."""
    for t in uses:
        if t.payer == book.UTILITY:
            continue
        price = PRICE.get(t.payer, "electricity_price_commercial")
        model.post("money", system="power", unit="M/a", quantity_unit="GWh/a", kind="energy", carrier="electricity",
                   measure=t.measure, gpc=t.gpc, payer=t.payer, receiver=book.UTILITY, basis="running",
                   variable=t.variable, select=t.select, coefficient=-1.0 * t.coefficient,
                   drivers={**t.drivers, price: 1}, meaning=f"electricity for {t.meaning}",
                   source=t.source)  # fmt: skip


def _carbon(model: PlanModel, uses: list[Term]) -> None:
    """Grid electricity at the average factor of the year; own sun lowers what is bought from the grid."""
    factor = _factor(model)
    for t in [*uses, *model.select_terms("energy", carrier="electricity", kind="sun")]:
        kind = "own supply" if t.kind == "sun" else "grid"
        model.post("carbon", system="power", unit="kt/a", quantity_unit=t.quantity_unit, kind=kind,
                   carrier="electricity", measure=t.measure, gpc=t.gpc, boundary="basic", variable=t.variable,
                   select=t.select, coefficient=-1.0 * t.coefficient, path=factor,
                   drivers={**t.drivers, "grid_factor_scale": 1}, meaning=f"grid electricity, {t.meaning}",
                   source=t.source)  # fmt: skip


def _factor(model: PlanModel) -> Path:
    """Grid emission factor as the city states it, by period."""
    rows = model.city.facts.series("grid_emission_factor")
    values = model.horizon.array(list(grid_path(model.city, np.array(model.horizon.periods, float))))
    sources = ", ".join(sorted({r.source for r in rows}))
    return Path("grid_emission_factor", values, "t CO2e/MWh", f"energy.csv ({sources})")
