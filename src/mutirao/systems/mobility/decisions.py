"""Variables, rules and terms of vehicles and of the ways to drive less."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from mutirao.book import terms as book
from mutirao.model.baseyear import emissions, growth
from mutirao.model.horizon import annuity
from mutirao.model.planmodel import PlanModel
from mutirao.model.stock import earlier, frozen_zero, labels, standing
from mutirao.model.weighted import Part, weighted_sum
from mutirao.systems.mobility.physics import buyable, distance, resident_distance, vehicles_by_cell

DRIVES = ("combustion", "electric")
MODES = ("transit", "walking_cycling")
SOURCE = "Mutirão mobility model"


@dataclass(frozen=True)
class Fleet:
    """One kind of vehicle: who pays, what drives its figures and how fast it can turn electric."""

    name: str
    words: str
    payer: str
    demand: xr.DataArray
    coords: tuple[pd.Index, ...]
    kind: str
    interest: str
    measure: str
    caps: Mapping[int, str]


def fleets(model: PlanModel) -> list[Fleet]:
    """Residents' cars by zone and group, visitors' cars and heavy vehicles for the whole city, million km a year."""
    p, h, city = model.given, model.horizon, model.city
    road = (emissions(city, "II.1.1") + emissions(city, "II.1.1", "road_fuel")) / 1000.0
    trend = growth(p("car_km_trend"), h)
    cars = distance(road, p("light_duty_share"), p("combustion_emission_factor"))
    heavy = distance(road, 1.0 - p("light_duty_share"), p("heavy_emission_factor"))
    homes = model.base.homes.sum("tenure")
    by_zone = city.array("vehicles", ("zone",)) if city.has("vehicles", ("zone",)) else None
    gradient = np.array([p(f"vehicles_quintile_{i}") for i in range(1, 6)])
    who = vehicles_by_cell(homes, by_zone, gradient, len(city.group_ids))
    theirs = cars * p("resident_share")
    if by_zone is not None:
        theirs = resident_distance(float(by_zone.sum()), p("car_distance"), p("resident_local_share"), cars)
    light = {2026: "electric_sales_share_max_2026", 2030: "electric_sales_share_max_2030",
             2035: "electric_sales_share_max_2035"}  # fmt: skip
    slow = {2026: "electric_heavy_sales_share_max_2026", 2030: "electric_heavy_sales_share_max_2030",
            2040: "electric_heavy_sales_share_max_2040"}  # fmt: skip
    return [
        Fleet("residents", "residents' cars", book.HOUSEHOLDS, theirs * who * trend,
              (model.zones, model.groups), "car", "car_interest", "mobility.electric_cars", light),
        Fleet("visitors", "visitors' cars", book.VISITORS, (cars - theirs) * trend, (), "car",
              "car_interest", "mobility.electric_cars", light),
        Fleet("heavy", "lorries, vans and buses", book.BUSINESS, heavy * trend, (), "heavy", "business_interest",
              "mobility.electric_heavy_vehicles", slow),
    ]  # fmt: skip


def add(model: PlanModel) -> None:
    """Add fleets, their turnover and energy, and the ways to drive less."""
    found = fleets(model)
    mode = labels("mode", MODES)
    model.variable("mobility-shift", [mode, model.periods], "share", "how far a way to drive less is built",
                   upper=(frozen_zero(model) > 0).astype(float))  # fmt: skip
    _keep_built(model)
    _shift(model, found)
    for fleet in found:
        _turnover(model, fleet)
        _money(model, fleet)
        _energy(model, fleet)


def _keep_built(model: PlanModel) -> None:
    """What is built is not taken away again, and takes its years to build."""
    x = model.lp.variables["mobility-shift"].labels
    change = weighted_sum(model.lp, ["mode", "period"], [(x.isel(period=slice(1, None)), 1.0), (earlier(x), -1.0)])
    model.rule("mobility-shift-kept", change, ">=", 0.0, unit="share")
    most = model.given("shift_rate_max") * model.horizon.interval.isel(period=slice(1, None))
    model.limit(
        "mobility-shift-pace",
        "supply",
        change,
        "<=",
        most,
        unit="share",
        meaning="how much of a programme for transit or for walking and cycling can be built between two milestones",
    )


def _shift(model: PlanModel, found: list[Fleet]) -> None:
    h = model.horizon
    people = float(model.city.array("population", ("zone",)).sum()) * 1e-6
    for mode in MODES:
        measure, one = f"mobility.{mode}", h.array([1.0] * len(model.periods))
        words = {"transit": "better public transport", "walking_cycling": "streets for walking and cycling"}[mode]
        pick = {"variable": "mobility-shift", "select": {"mode": mode}, "source": SOURCE, "measure": measure}
        model.measure(measure, "mobility-shift", one, "share", words, "city", {"mode": mode})
        model.post("money", **pick, system="mobility", unit="M/a", quantity_unit="million people", kind="service",
                   payer=book.CITY, receiver=book.SUPPLIERS, basis="running", coefficient=people,
                   drivers={f"{mode}_cost": 1}, meaning=f"{words}, cost for every resident")  # fmt: skip
        if mode == "transit":
            for fleet in found[:2]:
                model.post("money", **pick, system="mobility", unit="M/a", quantity_unit="million km/a", kind="fare",
                           payer=fleet.payer, receiver=book.CITY, basis="running", coefficient=fleet.demand,
                           drivers={"transit_reduction_max": 1, "transit_fare": 1},
                           meaning=f"fares for trips that leave {fleet.words}")  # fmt: skip


def _reach(model: PlanModel) -> xr.DataArray:
    """Share of car kilometres that each way to drive less takes over when it is built in full."""
    values = [model.given(f"{m}_reduction_max") for m in MODES]
    return xr.DataArray(values, coords={"mode": list(MODES)}, dims="mode")


def _turnover(model: PlanModel, fleet: Fleet) -> None:
    p, h = model.given, model.horizon
    drive = labels("drive", DRIVES)
    name = f"mobility-{fleet.name}"
    dims = [*fleet.coords, drive, model.periods]
    life, yearly = p(f"{fleet.kind}_life"), p(f"{fleet.kind}_distance") * 1e-3  # million km per thousand vehicles
    burn = xr.DataArray([1.0, 0.0], coords={"drive": list(DRIVES)}, dims="drive")
    frozen = xr.DataArray(
        [y in (h.base, h.start) for y in h.periods], coords={"period": list(h.periods)}, dims="period"
    )
    start = fleet.demand * burn
    model.variable(name, dims, "million km/a", f"distance of {fleet.words} within the boundary",
                   lower=start.where(frozen, 0.0), upper=start.where(frozen, np.inf))  # fmt: skip
    model.variable(f"{name}-new", dims, "thousand vehicles", f"{fleet.words} bought", upper=frozen_zero(model))
    model.variable(f"{name}-fresh", dims, "thousand vehicles", f"{fleet.words} bought and on the road")
    x, new, fresh = (model.lp.variables[n] for n in (name, f"{name}-new", f"{name}-fresh"))
    later = list(h.decisions)
    keep = [str(d.name) for d in (*fleet.coords, model.periods)]
    parts: list[Part] = [(x.labels.sel(period=later), 1.0)]
    if fleet.kind == "car":
        shift = model.lp.variables["mobility-shift"].labels.sel(period=later)
        parts.append((shift, (_reach(model) * fleet.demand).sel(period=later)))
    driven = weighted_sum(model.lp, keep, parts)
    model.rule(f"{name}-demand", driven, "=", fleet.demand.sel(period=later), unit="million km/a")
    standing(model, f"{name}-fresh", f"{name}-new", life)
    old = start.sel(period=h.start, drop=True) * h.array(list(h.residual(life)))
    # The base year's fleet is given; from the first plan year on, distance needs a vehicle that still stands.
    on = {"period": [h.start, *later]}
    room = weighted_sum(model.lp, [*keep[:-1], "drive", "period"],
                        [(x.labels.sel(on), 1.0), (fresh.labels.sel(on), -yearly)])  # fmt: skip
    model.rule(f"{name}-capacity", room, "<=", old.sel(on) + 1e-9, unit="million km/a")
    size = fleet.demand / yearly  # thousand vehicles
    size = size.sum([d for d in size.dims if d != "period"])
    points = {y: p(n) for y, n in fleet.caps.items()}
    most = buyable(np.array(h.years), (size / life).sel(period=list(h.years)).values, points)
    bought = new.sel(drive="electric", drop=True)
    bought = bought.sum([d.name for d in fleet.coords]) if fleet.coords else bought
    model.limit(f"{name}-sales", "supply", bought, "<=", h.array([0.0, *most]),
                unit="thousand vehicles",
                meaning=f"electric share of the normal sales of {fleet.words} between two milestones")  # fmt: skip
    model.measure(fleet.measure, name, fleet.demand, "million km/a", f"distance driven electrically, {fleet.words}",
                  "owners", {"drive": "electric"})  # fmt: skip


def _money(model: PlanModel, fleet: Fleet) -> None:
    p, h = model.given, model.horizon
    name = f"mobility-{fleet.name}"
    spread = 1.0 / h.interval.where(h.interval > 0, float("inf"))
    repay = annuity(p(fleet.interest), p(f"{fleet.kind}_life"))
    for drive in DRIVES:
        pick = {"select": {"drive": drive}, "source": SOURCE, "system": "mobility", "unit": "M/a",
                "measure": fleet.measure if drive == "electric" else ""}  # fmt: skip
        items = [(f"{drive}_{fleet.kind}_price", "buying")]
        if drive == "electric" and fleet.kind == "car":
            items.append(("charger_cost", "chargers for"))
        for price, verb in items:
            words = f"{verb} {drive} {fleet.words}"
            model.post("money", **pick, quantity_unit="million vehicles/a", kind="vehicle", basis="cash",
                       payer=fleet.payer, receiver=book.SUPPLIERS, variable=f"{name}-new", coefficient=spread * 1e-3,
                       drivers={price: 1}, meaning=words)  # fmt: skip
            model.post("money", **pick, quantity_unit="million vehicles/a", kind="vehicle", basis="annuity",
                       payer=fleet.payer, receiver=book.LENDERS, variable=f"{name}-fresh", coefficient=repay * 1e-3,
                       drivers={price: 1}, meaning=f"yearly repayment for {words}")  # fmt: skip
        model.post("money", **pick, quantity_unit="million km/a", kind="upkeep", basis="running", payer=fleet.payer,
                   receiver=book.SUPPLIERS, variable=name, drivers={f"{drive}_{fleet.kind}_maintenance": 1},
                   meaning=f"upkeep of {drive} {fleet.words}")  # fmt: skip
        if fleet.kind == "car":
            model.post("carbon", system="mobility", boundary="upstream", kind="embodied", unit="kt/a",
                       quantity_unit="million vehicles/a", variable=f"{name}-new", select={"drive": drive},
                       coefficient=spread * 1e-3, drivers={f"{drive}_car_embodied": 1}, source=SOURCE,
                       measure=fleet.measure if drive == "electric" else "",
                       meaning=f"making {drive} {fleet.words}")  # fmt: skip
    if fleet.payer == book.HOUSEHOLDS:
        grant = {"system": "mobility", "unit": "M/a", "measure": fleet.measure, "kind": "grant", "source": SOURCE,
                 "payer": book.STATE, "receiver": fleet.payer, "select": {"drive": "electric"},
                 "quantity_unit": "million vehicles/a", "drivers": {"electric_car_subsidy": 1}}  # fmt: skip
        model.post("money", **grant, basis="cash", variable=f"{name}-new", coefficient=spread * 1e-3,
                   meaning=f"grant for electric {fleet.words}")  # fmt: skip
        model.post("money", **grant, basis="annuity", variable=f"{name}-fresh", coefficient=repay * 1e-3,
                   meaning=f"grant for electric {fleet.words}, spread over its life")  # fmt: skip


def _energy(model: PlanModel, fleet: Fleet) -> None:
    name = f"mobility-{fleet.name}"
    car = fleet.kind == "car"
    burn = {"system": "mobility", "variable": name, "select": {"drive": "combustion"}, "carrier": "road_fuel",
            "quantity_unit": "million km/a", "source": SOURCE}  # fmt: skip
    words = f"distance of combustion {fleet.words}"
    use, price, factor = (
        ("combustion_energy_use", "petrol_price", "combustion_emission_factor")
        if car
        else ("heavy_energy_use", "diesel_price", "heavy_emission_factor")
    )
    model.post("money", **burn, unit="M/a", kind="energy", basis="running", payer=fleet.payer,
               receiver=book.SUPPLIERS, drivers={use: 1, price: 1}, meaning=words)  # fmt: skip
    model.post("carbon", **burn, unit="kt/a", kind="combustion", boundary="basic", gpc="II.1.1",
               drivers={factor: 1}, meaning=words)  # fmt: skip
    model.post("energy", system="mobility", variable=name, select={"drive": "electric"}, carrier="electricity",
               unit="GWh/a", quantity_unit="million km/a", source=SOURCE, measure=fleet.measure, kind="charging",
               gpc="II.1.2", payer=fleet.payer, shape="charging", coefficient=-1.0,
               drivers={"electric_car_use" if car else "electric_heavy_use": 1},
               meaning=f"distance of electric {fleet.words}")  # fmt: skip
