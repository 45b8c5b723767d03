"""Independent re-simulation of mobility: cohorts of vehicles year by year, distance, energy and carbon."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from mutirao.book.bundle import Plan
from mutirao.city.folder import City
from mutirao.ground.speech import say
from mutirao.model.check import Check
from mutirao.model.replay import by_periods

DRIVES = ("combustion", "electric")
MODES = ("transit", "walking_cycling")
#: The same sums taken in another order: only the solver's own feasibility tolerance may part them.
SAME = 1e-6
#: The calibration of the base year is algebra, not search.
EXACT = 1e-9
#: Years by which vehicles are replaced late at most; every life in the tables is known to within
#: three years or more. A plan that asks for more needs milestones closer together (a finer resolution).
LATE = 2.0
#: Highest electric share of sales by year, as the parameters name it.
CAPS = {
    "car": {y: f"electric_sales_share_max_{y}" for y in (2026, 2030, 2035)},
    "heavy": {y: f"electric_heavy_sales_share_max_{y}" for y in (2026, 2030, 2040)},
}


@dataclass(frozen=True)
class Fleet:
    """One kind of vehicle and the names of its figures."""

    name: str
    words: str
    kind: str
    payer: str

    @property
    def figures(self) -> tuple[str, str, str, str]:
        """Emission factor, energy use, fuel price and electricity use of a kilometre."""
        if self.kind == "car":
            return "combustion_emission_factor", "combustion_energy_use", "petrol_price", "electric_car_use"
        return "heavy_emission_factor", "heavy_energy_use", "diesel_price", "electric_heavy_use"


FLEETS = (
    Fleet("residents", "residents' cars", "car", "households"),
    Fleet("visitors", "visitors' cars", "car", "visitors"),
    Fleet("heavy", "lorries, vans and buses", "heavy", "business"),
)


def verify(plan: Plan, city: City) -> list[Check]:
    """Re-simulate fleets from the inventory, the plan's purchases and its ways to drive less.

    Returns one check per quantity, at the place and year where plan and simulation are furthest apart.
    """
    value = {str(n): float(v) for n, v in zip(plan.drivers["name"], plan.drivers["value"], strict=True)}
    demand = _demand(plan, city, value)
    out = []
    for fleet in FLEETS:
        out += _distance(plan, fleet, demand[fleet.name], value)
        out += _cohorts(plan, fleet, value)
        out += _sales(plan, fleet, demand[fleet.name], value)
        out += _energy(plan, fleet, value)
    return [*out, *_service(plan, city, demand, value), *_inventory(plan, city)]


def _demand(plan: Plan, city: City, value: dict[str, float]) -> dict[str, xr.DataArray]:
    """Million vehicle-km a year of each fleet before anything is shifted, from the inventory's road emissions."""
    cells = city.inventory.cells(plan.base_year, city.settings.gwp)
    road = sum(v for (g, c), v in cells.items() if g == "II.1.1" and c in ("", "road_fuel")) / 1000.0
    years = [plan.base_year, *plan.years]
    trend = xr.DataArray(
        [(1.0 + value["car_km_trend"]) ** (y - plan.base_year) for y in years], {"period": years}, "period"
    )
    cars = road * value["light_duty_share"] / value["combustion_emission_factor"]
    heavy = road * (1.0 - value["light_duty_share"]) / value["heavy_emission_factor"]
    theirs = cars * value["resident_share"]
    if city.has("vehicles", ("zone",)):
        owned = float(city.array("vehicles", ("zone",)).sum())
        theirs = min(owned * value["car_distance"] * value["resident_local_share"] / 1e6, cars)
    return {
        "residents": theirs * trend,
        "visitors": (cars - theirs) * trend,
        "heavy": heavy * trend,
    }


def _distance(plan: Plan, fleet: Fleet, demand: xr.DataArray, value: dict[str, float]) -> list[Check]:
    """Distance driven plus distance avoided is the demand, for the city and, of residents, for every cell."""
    driven = plan.decisions[f"mobility-{fleet.name}"].sum("drive")
    avoided = _avoided(plan, fleet, demand, value)
    city_wide = driven.sum([d for d in driven.dims if d != "period"])
    what = say("distance driven and avoided, {vehicles}", vehicles=fleet.words)
    out = [_worst(what, demand, city_wide + avoided, "million km/a", SAME)]
    if fleet.name == "residents":
        # In each cell the same share of today's distance is left: who drives is known for the first year only.
        today = driven.sel(period=plan.years[0], drop=True)
        left = today * ((demand - avoided) / float(demand.sel(period=plan.years[0])))
        out.append(_worst("distance of residents' cars, by cell", driven, left, "million km/a", SAME))
    return out


def _avoided(plan: Plan, fleet: Fleet, demand: xr.DataArray, value: dict[str, float]) -> xr.DataArray:
    if fleet.kind != "car":
        return demand * 0.0
    built = plan.decisions["mobility-shift"]
    share = sum((built.sel(mode=m, drop=True) * value[f"{m}_reduction_max"] for m in MODES), demand * 0.0)
    return share * demand


def _cohorts(plan: Plan, fleet: Fleet, value: dict[str, float]) -> list[Check]:
    """Do the vehicles on the road cover the distance in every single year?

    Between milestones a plan reads ages as straight lines, but what was bought in a burst leaves in a burst.
    Tolerable is a gap that goes away when vehicles are replaced LATE years late.
    """
    life, yearly = value[f"{fleet.kind}_life"], value[f"{fleet.kind}_distance"] * 1e-3
    driven = plan.decisions[f"mobility-{fleet.name}"]
    calendar = np.arange(plan.years[0], plan.years[-1] + 1)
    wanted = driven.sel(period=plan.years).interp(period=calendar).rename(period="year")
    bought = _per_year(plan, plan.decisions[f"mobility-{fleet.name}-new"])
    old = xr.DataArray(np.clip(1.0 - (calendar - calendar[0]) / life, 0.0, 1.0), {"year": calendar}, "year")
    age = calendar[:, None] - bought["year"].values[None, :]
    alive = xr.DataArray(
        np.where(age >= 0, np.clip(life - age, 0.0, 1.0), 0.0),
        coords={"year": calendar, "cohort": bought["year"].values},
        dims=("year", "cohort"),
    )
    fresh = (bought.rename(year="cohort") * alive).sum("cohort") * yearly
    able = driven.sel(period=plan.years[0], drop=True) * old + fresh
    short = (wanted - able).clip(min=0.0)
    short = short.sum([d for d in short.dims if d != "year"])
    total = wanted.sum([d for d in wanted.dims if d != "year"])
    at = int(np.argmax(short.values))
    return [
        Check(
            "mobility",
            say(
                "distance that standing {vehicles} cover (leanest year: {year})",
                vehicles=fleet.words,
                year=int(calendar[at]),
            ),
            float(total[at]),
            float(total[at] - short[at]),
            "million km/a",
            LATE / life,
        )
    ]


def _sales(plan: Plan, fleet: Fleet, demand: xr.DataArray, value: dict[str, float]) -> list[Check]:
    """Electric vehicles bought in each interval beyond what its years allow: normal sales x highest share, "
    "year by year."""
    slack = plan.decisions.get(f"slack-mobility-{fleet.name}-sales")
    if slack is not None and float(slack.max()) > 0.0:
        return []  # the limit was relaxed on purpose; the plan's own table of limits says by how much it is missed
    points = CAPS[fleet.kind]
    bought = plan.decisions[f"mobility-{fleet.name}-new"].sel(drive="electric", drop=True)
    bought = bought.sum([d for d in bought.dims if d != "period"])
    normal = demand / (value[f"{fleet.kind}_distance"] * 1e-3) / value[f"{fleet.kind}_life"]
    most = []
    for before, at in zip(plan.years[:-1], plan.years[1:], strict=True):
        years = np.arange(before + 1, at + 1)
        share = np.interp(years, sorted(points), [value[points[y]] for y in sorted(points)])
        most.append(float(np.interp(years, plan.years, normal.sel(period=plan.years).values) @ share))
    late = bought.sel(period=plan.years[1:]).values
    over = np.clip(late - np.array(most), 0.0, None)
    at = int(np.argmax(over))
    allowed = min(float(late[at]), most[at])
    return [
        Check(
            "mobility",
            say(
                "electric {vehicles} bought up to {year} and buyable by yearly shares",
                vehicles=fleet.words,
                year=plan.years[1:][at],
            ),
            float(late[at]),
            allowed,
            "thousand vehicles",
            SAME,
        )
    ]


def _energy(plan: Plan, fleet: Fleet, value: dict[str, float]) -> list[Check]:
    driven = plan.decisions[f"mobility-{fleet.name}"]
    driven = driven.sum([d for d in driven.dims if d not in ("period", "drive")])
    burn, charge = driven.sel(drive="combustion", drop=True), driven.sel(drive="electric", drop=True)
    factor, use, price, electric = fleet.figures
    terms = [int(n) for n in plan.terms.index[plan.terms["variable"] == f"mobility-{fleet.name}"]]
    # Other systems post on the same kilometres (the grid behind charging): only this system's rows are compared.
    own: dict[str, Any] = {"system": "mobility", "term": terms}
    emitted = plan.total("carbon", boundary="basic", **own)
    paid = plan.total("money", kind="energy", payer=fleet.payer, **own)
    power = plan.total("energy", carrier="electricity", **own)
    cost = 0.0
    for drive in DRIVES:
        bought = plan.decisions[f"mobility-{fleet.name}-new"].sel(drive=drive)
        extra = value["charger_cost"] if drive == "electric" and fleet.kind == "car" else 0.0
        cost += float(bought.sum()) * 1e-3 * (value[f"{drive}_{fleet.kind}_price"] + extra)
    new = [int(n) for n in plan.terms.index[plan.terms["variable"] == f"mobility-{fleet.name}-new"]]
    cash = plan.total("money", kind="vehicle", basis="cash", term=new)
    booked = float((cash * plan.weight("interval").reindex(cash.index)).sum())
    who = {"vehicles": fleet.words}
    bills, fuel = by_periods(plan, paid), burn * (value[use] * value[price])
    return [
        _worst(say("CO2e of {vehicles}", **who), by_periods(plan, emitted), burn * value[factor], "kt CO2e/a", SAME),
        _worst(say("fuel bills of {vehicles}", **who), bills, fuel, "M/a", SAME),
        _worst(say("electricity of {vehicles}", **who), -by_periods(plan, power), charge * value[electric], "GWh/a",
               SAME),
        Check("mobility", say("money for buying {vehicles} over all years", **who), booked, cost, "M", SAME),
    ]


def _service(plan: Plan, city: City, demand: dict[str, xr.DataArray], value: dict[str, float]) -> list[Check]:
    """Cost of the ways to drive less and fares of the trips they take over."""
    people = float(city.array("population", ("zone",)).sum()) * 1e-6
    built = plan.decisions["mobility-shift"]
    cost = sum((built.sel(mode=m, drop=True) * (people * value[f"{m}_cost"]) for m in MODES), demand["heavy"] * 0.0)
    trips = (demand["residents"] + demand["visitors"]) * built.sel(mode="transit", drop=True)
    fares = trips * (value["transit_reduction_max"] * value["transit_fare"])
    return [
        _worst(
            "cost of transit and of streets for walking and cycling",
            by_periods(plan, plan.total("money", system="mobility", kind="service")),
            cost,
            "M/a",
            SAME,
        ),
        _worst(
            "fares of trips that leave cars",
            by_periods(plan, plan.total("money", system="mobility", kind="fare")),
            fares,
            "M/a",
            SAME,
        ),
    ]


def _inventory(plan: Plan, city: City) -> list[Check]:
    """The base year of the book against the inventory."""
    cells = city.inventory.cells(plan.base_year, city.settings.gwp)
    book = float(plan.total("carbon", ("gpc",), period=plan.base_year, gpc="II.1.1").sum())
    figure = sum(v for (g, _), v in cells.items() if g == "II.1.1") / 1000.0
    return [Check("mobility", say("base year, GPC {reference}", reference="II.1.1"), book, figure, "kt CO2e/a", EXACT)]


def _per_year(plan: Plan, works: xr.DataArray) -> xr.DataArray:
    """Purchases of each interval spread evenly over its calendar years; dim ``year`` instead of ``period``."""
    parts = []
    for before, at in zip(plan.years[:-1], plan.years[1:], strict=True):
        each = works.sel(period=at, drop=True) / (at - before)
        parts += [each.expand_dims(year=[y]) for y in range(before + 1, at + 1)]
    return xr.concat(parts, dim="year")


def _worst(what: str, planned: xr.DataArray, simulated: xr.DataArray, unit: str, tolerance: float) -> Check:
    """The check at the place and year where the two are furthest apart; the largest figure where none differ."""
    a, b = xr.broadcast(planned, simulated)
    gap = np.abs(a.values - b.values).round(12).ravel()
    place = np.unravel_index(int(np.lexsort((np.abs(a.values).ravel(), gap))[-1]), a.shape)
    return Check("mobility", what, float(a.values[place]), float(b.values[place]), unit, tolerance)
