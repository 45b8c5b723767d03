"""The energy bill of one home, and the homes of the sheet "My home": size, heating and tenure, plan by plan."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mutirao.book.bundle import Plan
from mutirao.model.baseyear import BaseYear
from mutirao.model.horizon import annuity
from mutirao.report import tables
from mutirao.report.tablekit.spans import Values

#: Heating of today on the sheet -> technology of the heat model, its efficiency and its price.
HEATING = {
    "gas": ("gas_boiler", "gas_boiler_efficiency", "gas_price_residential"),
    "oil": ("oil_boiler", "oil_boiler_efficiency", "oil_price_residential"),
    "electric": ("resistance", "resistance_efficiency", "electricity_price_residential"),
}
#: What a home can change to.
CHANGED = {
    "heat_pump": ("heat_pump_cop", "electricity_price_residential"),
    "district": ("", "district_tariff"),
}
RETROFITS = ("light_retrofit", "deep_retrofit")
TENURES = ("owner", "renter")


def heat_bill(
    area: float,
    need: "float | np.ndarray",
    price: "float | np.ndarray",
    efficiency: "float | np.ndarray" = 1.0,
    saved: "float | np.ndarray" = 0.0,
) -> "float | np.ndarray":
    """Yearly bill for heat and hot water of a home, CUR.

    area : m2. need : useful heat, kWh/(m2 a). price : CUR/kWh of what is bought. efficiency : useful heat per kWh
    bought (2.5 for a heat pump of COP 2.5). saved : share of the need that works took away. Numbers or arrays alike.
    """
    return area * need * (1.0 - saved) / efficiency * price


def car_bill(
    distance: "float | np.ndarray",
    use: "float | np.ndarray",
    price: "float | np.ndarray",
    upkeep: "float | np.ndarray",
) -> "float | np.ndarray":
    """Yearly cost of driving one car, without buying it, CUR: km/a x (kWh/km x CUR/kWh + CUR/km)."""
    return distance * (use * price + upkeep)


def works_rent(
    cost: "float | np.ndarray", grant: "float | np.ndarray", passed_on: "float | np.ndarray", rate: float, life: float
) -> "float | np.ndarray":
    """Yearly rent that a landlord may add for works of ``cost``, after the share ``grant`` paid by others, CUR."""
    return cost * (1.0 - grant) * passed_on * annuity(rate, life)


@dataclass(frozen=True)
class Needs:
    """What homes need, from the city's tables and the plan's book.

    area : mean floor area, m2. heat : useful heat by milestone, kWh/(m2 a). power : light and appliances of a mean
    home by milestone, kWh/a. connections_per_kwh : homes for each kWh that homes use in the base year: the mean
    price of electricity holds the fixed charge at that rate. sizes : small, medium and large home, m2.
    """

    area: float
    heat: Mapping[int, float]
    power: Mapping[int, float]
    connections_per_kwh: float
    sizes: tuple[int, int, int]


def needs_of(plan: Plan, base: BaseYear) -> Needs:
    """Needs of homes in a plan of a city with this base year."""
    count = tables.homes(plan).groupby("zone").sum()
    area = float((base.floor_area.to_series().reindex(count.index) * count).sum() / count.sum())
    heat = -plan.total("energy", carrier="home_heat", kind="need")
    power = -plan.total("energy", carrier="electricity", kind="appliances", payer="households")
    homes, used = float(count.sum()), base.electricity["I.1.2"]
    sizes = [max(5 * round(area * f / 5.0), 5) for f in (0.6, 1.0, 1.5)]
    return Needs(
        area,
        {y: float(heat.get(y, 0.0)) * 1e6 / (homes * area) for y in plan.years},
        {y: float(power.get(y, 0.0)) * 1e6 / homes for y in plan.years},
        float(base.homes.sum()) * 1e-3 / used if used else 0.0,
        (sizes[0], sizes[1], sizes[2]),
    )


@dataclass(frozen=True)
class Reached:
    """Shares of homes (0..1) by tenure and year that a plan has changed, and the rest that keeps today's heating.

    kept : {heating: {tenure: {year: share}}} of those that heat so today. heat_pump, district, retrofits : of all.
    electric_cars : share of residents' distance driven electrically, by year.
    """

    kept: Mapping[str, Mapping[str, Mapping[int, float]]]
    changed: Mapping[str, Mapping[str, Mapping[int, float]]]
    electric_cars: Mapping[int, float]


def reached(plan: Plan) -> Reached:
    """Read from a plan's decisions which homes it changes."""
    heat = plan.decisions["heat-homes"].sum(["zone", "group"])
    kept: dict[str, dict[str, dict[int, float]]] = {h: {} for h in HEATING}
    changed: dict[str, dict[str, dict[int, float]]] = {c: {} for c in (*CHANGED, *RETROFITS)}
    homes = tables.homes(plan).groupby("tenure").sum()
    for tenure in TENURES:
        part = heat.sel(tenure=tenure)
        whole = part.sum("technology")
        share = part / whole.where(whole > 0, 1.0)
        first = share.sel(period=plan.years[0])
        for name, (technology, *_) in HEATING.items():
            start = float(first.sel(technology=technology))
            now = share.sel(technology=technology)
            kept[name][tenure] = {y: min(float(now.sel(period=y)) / start, 1.0) if start else 1.0 for y in plan.years}
        for name in CHANGED:
            changed[name][tenure] = {y: float(share.sel(technology=name, period=y)) for y in plan.years}
        for name in RETROFITS:
            done = plan.decisions.get(f"buildings-{name}")
            count = float(homes.get(tenure, 0.0)) / 1000.0
            stock = done.sel(tenure=tenure).sum(["zone", "group"]) if done is not None else None
            changed[name][tenure] = {
                y: max(float(stock.sel(period=y)), 0.0) / count if stock is not None and count else 0.0
                for y in plan.years
            }
    return Reached(kept, changed, _cars(plan))


def _cars(plan: Plan) -> dict[int, float]:
    driven = plan.decisions.get("mobility-residents")
    if driven is None:
        return {}
    by = driven.sum([d for d in driven.dims if d not in ("drive", "period")])
    whole = by.sum("drive")
    share = by.sel(drive="electric") / whole.where(whole > 0, 1.0)
    return {y: float(share.sel(period=y)) for y in plan.years}


def number(v: Values, name: str) -> np.ndarray:
    """A parameter in draws; zero where this version of the software does not know it."""
    return v[name] if name in v else np.zeros_like(next(iter(v.values())))


def power_price(n: Needs, v: Values) -> np.ndarray:
    """Price of one more kWh of electricity: the mean price less what the fixed charge stands for."""
    return np.asarray(
        v["electricity_price_residential"] - number(v, "electricity_fixed_charge") * n.connections_per_kwh
    )


def other_power(n: Needs, v: Values, year: int) -> np.ndarray:
    """Light, appliances and the fixed charge of a home, CUR a year."""
    return np.asarray(n.power[year] * power_price(n, v) + number(v, "electricity_fixed_charge"))


def price_and_efficiency(n: Needs, v: Values, how: str) -> tuple[np.ndarray, np.ndarray]:
    """Price of what is bought and efficiency, for a heating of today or what a home can change to."""
    efficiency, price = HEATING[how][1:] if how in HEATING else CHANGED[how]
    per_kwh = power_price(n, v) if price == "electricity_price_residential" else v[price]
    return per_kwh, v[efficiency] if efficiency else np.ones_like(per_kwh)


def insulated(v: Values, level: str) -> np.ndarray:
    """Share of the heat need that works of a level save, after warmth taken back."""
    return np.asarray(v[f"{level}_saving"] * (1.0 - v["warmth_takeback"][0]))


def mean_bill(n: Needs, r: Reached, v: Values, area: float, heating: str, tenure: str, year: int) -> np.ndarray:
    """Energy bill of homes of a size that heat so today, in a year of a plan: the mean of those changed and not."""
    kept = r.kept[heating][tenure][year]
    new = {c: r.changed[c][tenure][year] for c in CHANGED}
    if sum(new.values()) <= 0.0:
        kept = 1.0
    ways = {heating: kept} | {c: (1.0 - kept) * new[c] / (sum(new.values()) or 1.0) for c in CHANGED}
    saved = sum(r.changed[level][tenure][year] * insulated(v, level) for level in RETROFITS)
    total = other_power(n, v, year)
    for way, share in ways.items():
        if share > 0.0:
            price, efficiency = price_and_efficiency(n, v, way)
            total = total + share * heat_bill(area, n.heat[year], price, efficiency, saved)
    return total


def mean_car(r: Reached, n: Needs, v: Values, year: int) -> np.ndarray:
    """Driving one car in a year of a plan: petrol and electric cars in their shares of the distance driven."""
    petrol = car_bill(v["car_distance"], v["combustion_energy_use"], v["petrol_price"], v["combustion_car_maintenance"])
    power = car_bill(v["car_distance"], v["electric_car_use"], power_price(n, v), v["electric_car_maintenance"])
    share = r.electric_cars.get(year, 0.0)
    return np.asarray((1.0 - share) * petrol + share * power)


def changed_bill(n: Needs, v: Values, area: float, heating: str, works: str, year: int) -> np.ndarray:
    """What one kind of works changes in a home's yearly energy bill, all else as it is today."""
    price, efficiency = price_and_efficiency(n, v, heating)
    before = heat_bill(area, n.heat[year], price, efficiency)
    if works in CHANGED:
        price, efficiency = price_and_efficiency(n, v, works)
        return np.asarray(heat_bill(area, n.heat[year], price, efficiency) - before)
    return np.asarray(-insulated(v, works) * before)


def works_cost(v: Values, works: str, area: float) -> tuple[np.ndarray, np.ndarray, float]:
    """Cost of works on a home before grants, the share that grants pay, and their life in years."""
    if works in RETROFITS:
        return v[f"{works}_cost"] * area, number(v, "retrofit_subsidy_share"), float(v["retrofit_life"][0])
    if works == "heat_pump":
        return v["heat_pump_cost"], number(v, "heat_pump_subsidy_share"), float(v["heat_pump_life"][0])
    cost = v["district_connection_cost"]
    return cost, np.zeros_like(cost), float(v["connection_life"][0])
