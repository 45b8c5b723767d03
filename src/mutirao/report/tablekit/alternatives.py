"""Alternatives side by side, as numbers: tonnes, cost, who pays, homes of a zone, works; each with its range."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mutirao.book import terms as book
from mutirao.book.bundle import Plan
from mutirao.report import tables
from mutirao.report.tablekit.homebill import CHANGED, RETROFITS
from mutirao.report.tablekit.likehomes import Homes, Target, homes_of, own_kinds, zone_homes
from mutirao.report.tablekit.spans import Span, Values, drawn, span, values_of

#: Works on homes: measure -> how many homes have them, from these stocks.
HOME_WORKS = {"heat.heat_pumps": "heat_pump", "heat.district_heat": "district", "buildings.retrofits": "retrofits"}
#: What is done for the whole city, shown as a share of what is possible.
CITY_WORKS = ("mobility.transit", "mobility.walking_cycling", "mobility.electric_cars")


@dataclass(frozen=True)
class Alternative:
    """One plan as its column shows it; money against the reference, but ``homes`` in full.

    tonnes : kt CO2e a year that the pledge binds, by year, today first. pledge : kt by year where one is pledged.
    cost : million CUR over the whole plan, discounted. payers : million CUR a year on average, by party.
    home : change of what a home pays by target and year. works : share of all homes by works and year.
    city_works : share of what is possible by measure and year.
    """

    name: str
    plan: Plan
    tonnes: Mapping[int, Span]
    pledge: Mapping[int, float]
    cost: Span
    payers: Mapping[str, Span]
    homes: Homes
    home: Mapping[str, Mapping[int, Span]]
    works: Mapping[str, Mapping[int, float]]
    city_works: Mapping[str, Mapping[int, float]]

    @property
    def targets(self) -> Sequence[Target]:
        return self.homes.targets


def side_by_side(plans: Mapping[str, Plan], reference: str, zone: str) -> dict[str, Alternative]:
    """The columns of the sheet: plans of equal parameters, in the same draws, against the plan ``reference``."""
    base = plans[reference]
    values = values_of(base)
    own = own_kinds(base)
    homes = {n: homes_of(p, zone, own, values) for n, p in plans.items()}
    money = {n: (_cost(p, values), _payers(p, values)) for n, p in plans.items()}
    out = {}
    for name, plan in plans.items():
        cost, paid = money[name]
        before, before_paid = money[reference]
        out[name] = Alternative(
            name,
            plan,
            _tonnes(plan, values),
            {int(y): float(v) for y, v in plan.meta["path"].items()},
            span(cost - before),
            {p: span(paid.get(p, 0.0 * cost) - before_paid.get(p, 0.0 * cost)) for p in {**paid, **before_paid}},
            homes[name],
            {
                t.key: {y: homes[name].change(homes[reference], t, y) for y in plan.years}
                for t in homes[reference].targets
            },
            home_shares(plan),
            city_shares(plan),
        )
    return out


def _tonnes(plan: Plan, values: Values) -> dict[int, Span]:
    table = drawn(plan, plan.select("carbon", boundary=tables.boundaries(plan)), ("period",), values)
    return {y: span(table[y].to_numpy()) for y in plan.years if y in table}


def _signed(plan: Plan) -> pd.DataFrame:
    money = plan.select("money", basis=["running", "annuity"])
    paid = money[money["payer"].isin(book.INSIDE)]
    got = money[money["receiver"].isin(book.INSIDE)]
    return pd.concat([paid.assign(sign=1.0, party=paid["payer"]), got.assign(sign=-1.0, party=got["receiver"])])


def _cost(plan: Plan, values: Values) -> np.ndarray:
    rows = _signed(plan)
    weight = rows["period"].map(plan.weight("discount_weight")).fillna(0.0)
    table = drawn(plan, rows.assign(sign=rows["sign"] * weight, all="all"), ("all",), values)
    return np.asarray(table["all"].to_numpy())


def _payers(plan: Plan, values: Values) -> dict[str, np.ndarray]:
    """Net payments a year, on average over the plan's years."""
    rows = _signed(plan)
    years = plan.weight("year_weight")
    weight = rows["period"].map(years / years.sum()).fillna(0.0)
    table = drawn(plan, rows.assign(sign=rows["sign"] * weight), ("party",), values)
    return {p: table[p].to_numpy() for p in book.INSIDE if p in table}


def home_shares(plan: Plan) -> dict[str, dict[int, float]]:
    """Share of all homes that have each kind of works, by milestone."""
    out: dict[str, dict[int, float]] = {}
    heat = plan.decisions["heat-homes"]
    by = heat.sum([d for d in heat.dims if d not in ("technology", "period")])
    share = by / by.sum("technology").where(by.sum("technology") > 0, 1.0)
    for measure, technology in (("heat.heat_pumps", "heat_pump"), ("heat.district_heat", "district")):
        if technology in CHANGED:
            out[measure] = {y: float(share.sel(technology=technology, period=y)) for y in plan.years}
    homes = float(tables.homes(plan).sum()) / 1000.0
    done = [plan.decisions[f"buildings-{n}"] for n in RETROFITS if f"buildings-{n}" in plan.decisions]
    if done:
        sums = [d.sum([x for x in d.dims if x != "period"]) for d in done]
        out["buildings.retrofits"] = {
            y: max(sum(float(s.sel(period=y)) for s in sums), 0.0) / homes for y in plan.years
        }
    return out


def city_shares(plan: Plan) -> dict[str, dict[int, float]]:
    """Share of what is possible of measures for the whole city, by milestone."""
    table = plan.measures[plan.measures["measure"].isin(CITY_WORKS)]
    out: dict[str, dict[int, float]] = {}
    for r in table.to_dict("records"):
        if int(r["period"]) in plan.years:
            out.setdefault(str(r["measure"]), {})[int(r["period"])] = float(r["share"])
    return {m: out[m] for m in CITY_WORKS if m in out}


def homes_with_works(plan: Plan, zone: str, share: float) -> float:
    """Homes of a zone that have works when they reach every zone alike."""
    return share * float(zone_homes(plan, zone).sum())


def shown_years(plan: Plan, most: int = 3) -> list[int]:
    """At most so many of the years of decision: the first, the last and those between."""
    later = plan.years[1:]
    if len(later) <= most:
        return later
    return [later[round(i * (len(later) - 1) / (most - 1))] for i in range(most)]
