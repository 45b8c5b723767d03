"""What if prices and factors were others: a fixed plan summed once, so that other values are a few dot products.

Decisions stay as planned. What only limits speed or size acts through the search for a plan, not through the book, and
has no lever here.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mutirao.book import terms as book
from mutirao.book.bundle import Plan
from mutirao.book.draws import Aggregate, aggregate, evaluate
from mutirao.report import tables

#: Levers that a page offers: those that move cost or carbon most over their ranges.
LEVERS = 8
#: A lever that moves neither cost nor carbon by more than this share of what the strongest one does is left out.
WEAK = 0.01


@dataclass(frozen=True)
class Lever:
    """An uncertain driver of the book, and what its whole range moves in a fixed plan.

    cost : million currency, discounted, low end to high end. carbon : kt CO2e over all years of the plan.
    """

    name: str
    value: float
    low: float
    high: float
    unit: str
    kind: str
    source: str
    cost: float
    carbon: float


@dataclass(frozen=True)
class Sums:
    """Sums of one book, split by the products of drivers they are multiplied with.

    emissions : kt CO2e a year, a row for each period. cost : one row, million currency discounted.
    homes : a row for each income group, currency per home in a mean year of the plan.
    """

    emissions: Aggregate
    cost: Aggregate
    homes: Aggregate


@dataclass(frozen=True)
class FixedPlan:
    """A plan whose decisions stay, and its reference, ready to be read at other values of its drivers."""

    drivers: pd.DataFrame
    years: tuple[int, ...]
    currency: str
    plan: Sums
    reference: Sums

    @property
    def central(self) -> dict[str, float]:
        return dict(zip(self.drivers["name"].astype(str), self.drivers["value"].astype(float), strict=True))


@dataclass(frozen=True)
class Answer:
    """Figures of a fixed plan at some values of its drivers.

    emissions : kt CO2e a year by year, base year first. extra_cost : million currency, discounted, against the
    reference at the same values. homes : by income group what a home pays in a mean year of the plan (``pays``) and
    what of it is more than in the reference (``more``), currency.
    """

    emissions: pd.Series
    extra_cost: float
    homes: pd.DataFrame


def fixed_plan(plan: Plan, reference: Plan) -> FixedPlan:
    """Sum the books of a plan and of its reference (business as adopted) once."""
    return FixedPlan(
        plan.drivers,
        (plan.base_year, *plan.years),
        str(plan.meta["city"]["currency"]),
        _sums(plan),
        _sums(reference),
    )


def answer(fixed: FixedPlan, values: Mapping[str, float]) -> Answer:
    """Read a fixed plan with some drivers at other values. Raises KeyError for a name that no term multiplies with."""
    central = fixed.central
    strange = [name for name in values if name not in central]
    if strange:
        raise KeyError(strange[0])
    at = {name: np.array([values.get(name, value)]) for name, value in central.items()}
    return Answer(
        pd.Series(evaluate(fixed.plan.emissions, at)[0], index=fixed.years),
        float(evaluate(fixed.plan.cost, at)[0, 0] - evaluate(fixed.reference.cost, at)[0, 0]),
        _homes(fixed, at),
    )


def levers(fixed: FixedPlan, plan: Plan, most: int = LEVERS) -> list[Lever]:
    """Drivers by what their ranges move, the strongest first: the larger of their parts in cost and in carbon.

    cost is that of the plan against its reference, carbon the sum over the plan's years; each is measured against the
    driver that moves it most.
    """
    rows = fixed.drivers[fixed.drivers["low"] < fixed.drivers["high"]].reset_index(drop=True)
    cases = 2 * len(rows)
    values = {name: np.full(max(cases, 1), value) for name, value in fixed.central.items()}
    for i, row in enumerate(rows.to_dict("records")):
        values[str(row["name"])][2 * i : 2 * i + 2] = float(row["low"]), float(row["high"])
    paid = evaluate(fixed.plan.cost, values)[:, 0] - evaluate(fixed.reference.cost, values)[:, 0]
    weight = plan.weight("year_weight").reindex(list(fixed.years)).fillna(0.0).to_numpy()
    emitted = evaluate(fixed.plan.emissions, values) @ weight
    cost, carbon = (moved[1::2] - moved[::2] for moved in (paid[:cases], emitted[:cases]))
    part = np.maximum(_against_most(cost), _against_most(carbon))
    order = [i for i in np.argsort(-part, kind="stable") if part[i] > WEAK][:most]
    rows = rows.assign(cost=cost, carbon=carbon).iloc[order]
    return [_lever(row) for row in rows.to_dict("records")]


def _lever(row: Mapping[Hashable, Any]) -> Lever:
    value, low, high, cost, carbon = (float(row[k]) for k in ("value", "low", "high", "cost", "carbon"))
    name, unit, kind, source = (str(row[k]) for k in ("name", "unit", "kind", "source"))
    return Lever(name, value, low, high, unit, kind, source, cost, carbon)


def _against_most(moved: np.ndarray) -> np.ndarray:
    most = float(np.abs(moved).max()) if len(moved) else 0.0
    return np.abs(moved) / most if most > 0 else np.zeros(len(moved))


def _homes(fixed: FixedPlan, at: Mapping[str, np.ndarray]) -> pd.DataFrame:
    pays, other = (
        pd.Series(evaluate(s.homes, dict(at))[0], index=s.homes.keys) for s in (fixed.plan, fixed.reference)
    )
    return pd.DataFrame({"pays": pays, "more": pays - other})


def _sums(plan: Plan) -> Sums:
    years = [plan.base_year, *plan.years]
    bound = plan.select("carbon", boundary=tables.boundaries(plan))
    paid = _signed(plan, book.INSIDE)
    count = tables.homes(plan).groupby("group").sum()
    discount = plan.weight("discount_weight")
    mean = plan.weight("year_weight") / plan.weight("year_weight").sum()
    by_year = aggregate(plan, bound, ("period",))
    cost = aggregate(plan, paid, ("period",))
    homes = aggregate(plan, _signed(plan, (book.HOUSEHOLDS,)), ("group", "period"))
    in_mean_year = [
        [_part_of_group(g, booked, count) * float(mean.get(p, 0.0)) * 1e6 for booked, p in homes.keys]
        for g in count.index
    ]
    return Sums(
        _joined(by_year, pd.Index(years), [[float(y == p) for p in by_year.keys] for y in years]),
        _joined(cost, pd.Index(["cost"]), [[float(discount.get(p, 0.0)) for p in cost.keys]]),
        _joined(homes, count.index, in_mean_year),
    )


def _part_of_group(group: str, booked: str, count: pd.Series) -> float:
    """What a home of a group pays of an amount that is booked to a group, or to every home alike."""
    if booked == group:
        return 1.0 / float(count[group]) if count[group] > 0 else 0.0
    return 1.0 / float(count.sum()) if booked == book.CITY_WIDE["group"] and booked not in count.index else 0.0


def _signed(plan: Plan, parties: Sequence[str]) -> pd.DataFrame:
    money = plan.select("money", basis=["running", "annuity"])
    paid, got = money[money["payer"].isin(list(parties))], money[money["receiver"].isin(list(parties))]
    return pd.concat([paid.assign(sign=1.0), got.assign(sign=-1.0)])


def _joined(a: Aggregate, keys: pd.Index, weights: Sequence[Sequence[float]]) -> Aggregate:
    """Rows of an aggregate added up by weights, keys x rows."""
    return Aggregate(keys, np.array(weights).reshape(len(keys), len(a.keys)) @ a.matrix, a.products)
