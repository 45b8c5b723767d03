"""What the sheets say, as numbers: homes of each kind, the alternatives, the assumptions that matter most."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mutirao.book.bundle import Plan
from mutirao.justice.homecosts import RELIEF, RENT
from mutirao.model.baseyear import BaseYear
from mutirao.report import tables
from mutirao.report.tablekit.alternatives import Alternative, shown_years, side_by_side
from mutirao.report.tablekit.assumptions import Assumption, ranked
from mutirao.report.tablekit.homebill import (
    HEATING,
    RETROFITS,
    TENURES,
    Needs,
    Reached,
    changed_bill,
    mean_bill,
    mean_car,
    needs_of,
    number,
    reached,
    works_cost,
    works_rent,
)
from mutirao.report.tablekit.likehomes import household_rows, own_kinds
from mutirao.report.tablekit.spans import Span, Values, drawn, span, values_of

SIZES = ("small", "medium", "large")
COLUMNS = ("adopted", "least_cost", "rules")
REFERENCE, PLAN = "adopted", "rules"
WORKS = ("heat_pump", "district", *RETROFITS)


@dataclass(frozen=True)
class HomeRow:
    """One kind of home: its yearly energy bill today, and by plan ("adopted", "rules") and year; CUR."""

    heating: str
    size: str
    area: int
    today: Span
    later: Mapping[tuple[str, int], Span]
    difference: Span


@dataclass(frozen=True)
class HomeTable:
    """The homes of one tenure: bills, driving a car, homes with works (share), what works cost or add to the rent.

    ``works`` holds today as well, under the reference and the first plan year.
    """

    tenure: str
    rows: tuple[HomeRow, ...]
    car: HomeRow | None
    works: Mapping[str, Mapping[tuple[str, int], float]]
    cost: Mapping[tuple[str, int], Span]


@dataclass(frozen=True)
class Change:
    """What one kind of works changes for a medium home: bill by heating; what owners pay; rent of tenants."""

    works: str
    bill: Mapping[str, Span]
    at_once: Span
    yearly: Span
    rent: Span


@dataclass(frozen=True)
class Kit:
    """All numbers of the sheets of one zone. ``own`` : some payments of like homes truly differ between zones."""

    city: Mapping[str, Any]
    zone: str
    zone_name: str
    one_zone: bool
    own: bool
    today: int
    years: tuple[int, ...]
    columns: Mapping[str, Alternative]
    tables: tuple[HomeTable, ...]
    changes: tuple[Change, ...]
    warmth: Mapping[str, Span]
    car: Mapping[str, Span]
    medium: int
    assumptions: tuple[Assumption, ...]
    rules: tuple[Mapping[str, Any], ...]
    sources: Mapping[str, str]


def kit_of(plans: Mapping[str, Plan], zone: str, base: BaseYear, sources: Mapping[str, str] | None = None) -> Kit:
    """Everything on the sheets from the plans adopted, least_cost and rules of one city.

    zone : an id of the plans' zones. base : the city's base year. sources : words for the ids that the city's tables
    name their sources by.
    """
    plan, reference = plans[PLAN], plans[REFERENCE]
    city = plan.meta["city"]
    names = {str(z["zone"]): str(z["name"]) for z in city["zones"]}
    values, needs = values_of(reference), needs_of(reference, base)
    years = tuple(shown_years(plan))
    medium = needs.sizes[1]
    by_plan = {n: reached(plans[n]) for n in (REFERENCE, PLAN)}
    return Kit(
        city,
        zone,
        names[zone],
        len(names) < 2,
        bool(own_kinds(reference)),
        plan.years[0],
        years,
        side_by_side({n: plans[n] for n in COLUMNS if n in plans}, REFERENCE, zone),
        tuple(_homes(plans, by_plan, needs, values, t, years) for t in TENURES if _some(plan, t)),
        tuple(_change(plan, needs, values, w) for w in WORKS if w != "district" or _networked(plans)),
        {level: span(values[f"{level}_saving"] * values["warmth_takeback"]) for level in RETROFITS},
        _cars(needs, values, by_plan[REFERENCE]),
        medium,
        tuple(ranked(plan)),
        tuple(plan.meta.get("rules") or ()),
        dict(sources or {}),
    )


def _some(plan: Plan, tenure: str) -> bool:
    return float(tables.homes(plan).groupby("tenure").sum().get(tenure, 0.0)) > 0.5


def _networked(plans: Mapping[str, Plan]) -> bool:
    """District heat is on the sheets when some plan builds it."""
    return any(float(p.decisions["heat-homes"].sel(technology="district").sum()) > 0.0 for p in plans.values())


def _homes(
    plans: Mapping[str, Plan], by_plan: Mapping[str, Reached], n: Needs, v: Values, tenure: str, years: tuple[int, ...]
) -> HomeTable:
    start = plans[PLAN].years[0]
    cells = [(p, y) for y in years for p in (REFERENCE, PLAN)]

    def row(heating: str, size: str, area: int) -> HomeRow:
        bill = {(p, y): mean_bill(n, by_plan[p], v, area, heating, tenure, y) for p, y in cells}
        today = mean_bill(n, by_plan[REFERENCE], v, area, heating, tenure, start)
        return _row(heating, size, area, today, bill, years[-1])

    rows = [row(h, s, a) for h in HEATING for s, a in zip(SIZES, n.sizes, strict=True)]
    car = None
    if by_plan[PLAN].electric_cars:
        driving = {(p, y): mean_car(by_plan[p], n, v, y) for p, y in cells}
        car = _row("car", "", 0, mean_car(by_plan[REFERENCE], n, v, start), driving, years[-1])
    kinds = {"heat_pump": ("heat_pump",), "district": ("district",), "insulation": RETROFITS}
    works = {
        name: {(p, y): sum(by_plan[p].changed[k][tenure][y] for k in some) for p, y in [(REFERENCE, start), *cells]}
        for name, some in kinds.items()
    }
    cost = {p: _works_money(plans[p], tenure, v) for p in (REFERENCE, PLAN)}
    return HomeTable(tenure, tuple(rows), car, works, {(p, y): span(cost[p][y]) for p, y in cells})


def _row(
    heating: str, size: str, area: int, today: np.ndarray, later: Mapping[tuple[str, int], np.ndarray], last: int
) -> HomeRow:
    return HomeRow(
        heating, size, area, span(today), {k: span(x) for k, x in later.items()},
        span(later[PLAN, last] - later[REFERENCE, last]),
    )  # fmt: skip


def _works_money(plan: Plan, tenure: str, v: Values) -> dict[int, np.ndarray]:
    """Owners: repayment of works on the home less grants. Tenants: rent for works less relief. CUR a home and year."""
    rows = household_rows(plan)
    rows = rows[rows["tenure"] == tenure]
    done = rows["measure"].str.startswith(("heat.", "buildings.", "power."))
    if tenure == "owner":
        rows = rows[done & rows["kind"].isin(["works", "equipment", "grant"])]
    else:
        rows = rows[(done & (rows["kind"] == RENT)) | (rows["kind"] == RELIEF)]
    homes = float(tables.homes(plan).groupby("tenure").sum()[tenure])
    table = drawn(plan, rows.assign(sign=rows["sign"] * 1e6 / homes), ("period",), v)
    nothing = np.zeros(len(next(iter(v.values()))))
    return {y: table[y].to_numpy() if y in table else nothing for y in plan.years}


def _change(plan: Plan, n: Needs, v: Values, works: str) -> Change:
    area, start = float(n.sizes[1]), plan.years[0]
    cost, grant, life = works_cost(v, works, area)
    owner = works_rent(cost, grant, 1.0, float(v["owner_interest"][0]), life)
    rent = works_rent(cost, grant, number(v, "rent_pass_through"), float(v["landlord_interest"][0]), life)
    return Change(
        works,
        {h: span(changed_bill(n, v, area, h, works, start)) for h in HEATING},
        span(np.asarray(cost * (1.0 - grant))),
        span(np.asarray(owner)),
        span(np.asarray(rent)),
    )


def _cars(n: Needs, v: Values, r: Reached) -> dict[str, Span]:
    if not r.electric_cars:
        return {}
    share = {"petrol": 0.0, "electric": 1.0}
    return {k: span(mean_car(Reached({}, {}, {0: s}), n, v, 0)) for k, s in share.items()}

