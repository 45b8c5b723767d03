"""The heat network as an option: trenches by zone, plants, and a store linked over the whole year."""

import numpy as np
import pandas as pd
import xarray as xr

from mutirao.book import terms as book
from mutirao.model.baseyear import growth
from mutirao.model.horizon import annuity
from mutirao.model.planmodel import PlanModel
from mutirao.model.shapes import heat_shape
from mutirao.model.stock import cumulative, frozen_zero, labels, standing
from mutirao.model.weighted import Part, weighted_sum
from mutirao.systems.heat.physics import trench

PLANTS = ("large_heat_pump", "electric_boiler")
WORDS = {"large_heat_pump": "large heat pumps", "electric_boiler": "electric boilers"}
EFFICIENCY = {"large_heat_pump": "large_heat_pump_cop", "electric_boiler": "electric_boiler_efficiency"}
SOURCE = "Mutirão heat network model"
NAME = "heat.district_heat"


def add(model: PlanModel) -> None:
    """Add trenches, plants and store; homes take their heat from the network by annual energy x shape."""
    reach = _trenches(model)
    model.measure(NAME, "heat-homes", reach, "GWh/a", "heat of homes from district heat", "city",
                  {"technology": "district"})  # fmt: skip
    model.variable("network-heat", [model.periods], "GWh/a", "heat sold by the network", upper=frozen_zero(model))
    model.post("energy", system="heat", carrier="network_heat", kind="supply", unit="GWh/a", quantity_unit="GWh/a",
               gpc="I.1.2", measure=NAME, variable="network-heat", meaning="heat sold by the network",
               source=SOURCE)  # fmt: skip
    model.close_balance("network_heat", ("period",))
    _plants(model)


def _trenches(model: PlanModel) -> xr.DataArray:
    """Open trenches zone by zone; returns the heat that the network may reach in each cell."""
    base, h, p, city = model.base, model.horizon, model.given, model.city
    need = sum(base.home_heat.values()) * base.home_weight * growth(p("heat_demand_trend"), h)
    district = model.lp.variables["heat-homes"].sel(technology="district", drop=True)
    if not city.has("land_area", ("zone",)):
        # Without land area there is no heat density, hence no cost of trenches: the option stays closed.
        model.rule("network-unknown", district, "<=", 0.0, unit="GWh/a")
        return need * 0.0
    reach = need * p("district_potential_share")
    model.rule("network-reach", district, "<=", reach, unit="GWh/a")
    land = city.array("land_area", ("zone",))
    zone_need = need.sel(period=h.start, drop=True).sum(["group", "tenure"])
    floor = (base.homes * base.floor_area * 1000.0).sum(["group", "tenure"])
    metres, diameter = trench(zone_need, floor, land)
    model.variable("network-trench-new", [model.zones, model.periods], "GWh/a", "heat reached by new trenches",
                   upper=frozen_zero(model))  # fmt: skip
    model.variable("network-trench", [model.zones, model.periods], "GWh/a", "heat reached by trenches",
                   upper=frozen_zero(model))  # fmt: skip
    cumulative(model, "network-trench", "network-trench-new")
    opened = model.lp.variables["network-trench"]
    model.rule("network-connected", district.sum(["group", "tenure"]) - opened, "<=", 0.0, unit="GWh/a")
    model.limit(
        "network-workforce", "workforce", model.lp.variables["network-trench-new"].sum("zone"), "<=",
        p("network_rate_max") * reach.sum(["zone", "group", "tenure"]) * h.interval, unit="GWh/a",
        meaning="heat that new trenches can reach between two milestones",
    )  # fmt: skip
    spread = 1.0 / h.interval.where(h.interval > 0, float("inf"))
    repay = annuity(p("utility_interest"), p("network_life"))
    for name, size, unit, words in (
        ("trench_cost_constant", metres * 1e-6, "million m", "metres of trench"),
        ("trench_cost_diameter", metres * diameter * 1e-6, "million m2", "metres of trench x pipe diameter"),
    ):
        what = {"system": "heat", "unit": "M/a", "measure": NAME, "kind": "network", "source": "Persson et al. 2019"}
        model.post("money", **what, quantity_unit=f"{unit}/a", payer=book.UTILITY, receiver=book.SUPPLIERS,
                   basis="cash", variable="network-trench-new", coefficient=size * spread, drivers={name: 1},
                   meaning=words)  # fmt: skip
        model.post("money", **what, quantity_unit=f"{unit}/a", payer=book.UTILITY, receiver=book.LENDERS,
                   basis="annuity", variable="network-trench", coefficient=size * repay, drivers={name: 1},
                   meaning=f"yearly repayment for {words}")  # fmt: skip
    return reach


def _plants(model: PlanModel) -> None:
    h, p, time = model.horizon, model.given, model.time
    plant = labels("plant", PLANTS)
    steps = [model.periods, time.day_index, time.step_index]
    model.variable("network-plant-new", [plant, model.periods], "GW", "heat plant built", upper=frozen_zero(model))
    model.variable("network-plant", [plant, model.periods], "GW", "heat plant standing", upper=frozen_zero(model))
    standing(model, "network-plant", "network-plant-new", p("plant_life"))
    model.variable("network-output", [plant, *steps], "GW", "heat of plants")
    output, plants = model.lp.variables["network-output"], model.lp.variables["network-plant"]
    model.rule("network-output-max", output - plants, "<=", 0.0, unit="GW")
    charge = _store(model)
    shape = heat_shape(time, p("hot_water_share"))
    sold = model.lp.variables["network-heat"]
    demand = -1.0 * shape / (1.0 - p("network_loss_share"))
    balance = weighted_sum(model.lp, ["period", "day", "step"], [(output, 1.0), (sold, demand), *charge])
    model.rule("network-step-balance", balance, "=", 0.0, unit="GW")
    firm = plants.sum("plant") - sold * (
        float(shape.max()) * p("network_peak_factor") / (1.0 - p("network_loss_share"))
    )
    model.rule("network-peak", firm, ">=", 0.0, unit="GW")
    spread = 1.0 / h.interval.where(h.interval > 0, float("inf"))
    repay = annuity(p("utility_interest"), p("plant_life"))
    for tech in PLANTS:
        what = {"system": "heat", "measure": NAME, "source": SOURCE, "select": {"plant": tech}}
        cost = {f"{tech}_cost": 1}
        model.post("energy", **what, unit="GWh/a", quantity_unit="GWh/a", kind="heating", carrier="electricity",
                   gpc="I.1.2", payer=book.UTILITY, shape="steps", variable="network-output",
                   coefficient=-1.0 * time.weight, drivers={EFFICIENCY[tech]: -1},
                   meaning=f"heat of the network from {WORDS[tech]}")  # fmt: skip
        money = {"unit": "M/a", "quantity_unit": "GW/a", "kind": "plant", "payer": book.UTILITY}
        model.post("money", **what, **money, receiver=book.SUPPLIERS, basis="cash", variable="network-plant-new",
                   coefficient=spread, drivers=cost, meaning=f"building {WORDS[tech]}")  # fmt: skip
        model.post("money", **what, **money, receiver=book.LENDERS, basis="annuity", variable="network-plant",
                   coefficient=repay, drivers=cost, meaning=f"yearly repayment for {WORDS[tech]}")  # fmt: skip
        model.post("money", **what, **money, receiver=book.SUPPLIERS, basis="running", variable="network-plant",
                   drivers={"plant_maintenance": 1}, meaning=f"upkeep of {WORDS[tech]}")  # fmt: skip


def _store(model: PlanModel) -> list[Part]:
    """A tank or pit linked over the year (Kotzur et al. 2018); returns what it adds to the balance of a step, GW.

    Within a typical day the level moves from zero; over the 365 days it starts each day where the last one ended.
    """
    h, p, time = model.horizon, model.given, model.time
    steps = [model.periods, time.day_index, time.step_index]
    keep = (1.0 - p("heat_store_loss")) ** time.hours
    model.variable("network-store-new", [model.periods], "GWh", "heat store built", upper=frozen_zero(model))
    model.variable("network-store", [model.periods], "GWh", "heat store standing", upper=frozen_zero(model))
    standing(model, "network-store", "network-store-new", p("heat_store_life"))
    for name, words in (("network-store-in", "heat into the store"), ("network-store-out", "heat out of the store")):
        model.variable(name, steps, "GW", words)
    model.variable("network-store-day", steps, "GWh", "store level within a typical day", lower=-np.inf)
    for name in ("network-store-high", "network-store-low"):
        model.variable(name, steps[:2], "GWh", "range of the store level in a typical day", lower=-np.inf)
    date = pd.Index(range(len(time.order)), name="date")
    model.variable("network-store-level", [model.periods, date], "GWh", "store level at the start of each date")
    v = {
        n: model.lp.variables[f"network-store{n}"].labels
        for n in ("", "-in", "-out", "-day", "-high", "-low", "-level")
    }
    inner, high, low, level = v["-day"], v["-high"], v["-low"], v["-level"]
    in_day, by_date = ["period", "day", "step"], ["period", "date"]
    later = list(range(1, time.steps))
    before = inner.isel(step=slice(None, -1)).assign_coords(step=later)
    hours = time.hours

    def row(name: str, keep: list[str], parts: list[Part], sign: str) -> None:
        model.rule(f"network-store-{name}", weighted_sum(model.lp, keep, parts), sign, 0.0, unit="GWh")

    row("step", in_day, [(inner.sel(step=later), 1.0), (before, -keep), (v["-in"].sel(step=later), -hours),
                         (v["-out"].sel(step=later), hours)], "=")  # fmt: skip

    def at_first(labels: xr.DataArray) -> xr.DataArray:
        return labels.sel(step=0, drop=True)

    row("first", in_day[:2], [(at_first(inner), 1.0), (at_first(v["-in"]), -hours),
                              (at_first(v["-out"]), hours)], "=")  # fmt: skip
    row("high-row", in_day, [(inner, 1.0), (high, -1.0)], "<=")
    row("low-row", in_day, [(inner, 1.0), (low, -1.0)], ">=")
    days = [time.days[k] for k in time.order]
    which = xr.DataArray(days, coords={"date": list(range(len(days)))}, dims="date")

    def at_dates(labels: xr.DataArray) -> xr.DataArray:
        return labels.sel(day=which).drop_vars("day")

    whole = keep**time.steps
    following = level.roll(date=-1)
    end = at_dates(inner.sel(step=time.steps - 1, drop=True))
    row("date", by_date, [(following, 1.0), (level, -whole), (end, -1.0)], "=")
    row("top", by_date, [(level, 1.0), (at_dates(high), 1.0), (v[""], -1.0)], "<=")
    row("bottom", by_date, [(level, whole), (at_dates(low), 1.0)], ">=")
    spread = 1.0 / h.interval.where(h.interval > 0, float("inf"))
    repay = annuity(p("utility_interest"), p("heat_store_life"))
    what = {"system": "heat", "measure": NAME, "source": SOURCE, "unit": "M/a", "quantity_unit": "GWh/a",
            "kind": "plant", "payer": book.UTILITY, "drivers": {"heat_store_cost": 1}}  # fmt: skip
    model.post("money", **what, receiver=book.SUPPLIERS, basis="cash", variable="network-store-new",
               coefficient=spread, meaning="building the heat store")  # fmt: skip
    model.post("money", **what, receiver=book.LENDERS, basis="annuity", variable="network-store",
               coefficient=repay, meaning="yearly repayment for the heat store")  # fmt: skip
    return [(v["-in"], -1.0), (v["-out"], 1.0)]
