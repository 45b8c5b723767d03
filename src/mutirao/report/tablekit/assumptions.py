"""The assumptions that matter most to what a home pays: ranked by moving each to its ends in a fixed plan."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mutirao.book.bundle import Plan
from mutirao.report.tablekit.likehomes import household_rows
from mutirao.report.tablekit.spans import drawn


@dataclass(frozen=True)
class Assumption:
    """A parameter of a plan, and how far its range moves what a home pays in a year of the plan, on average."""

    name: str
    value: float
    low: float
    high: float
    unit: str
    kind: str
    source: str
    moves: float


def ranked(plan: Plan, most: int = 12) -> list[Assumption]:
    """Parameters by the effect of their range on what a mean home pays, largest first.

    Only prices, factors and costs that the book multiplies with; limits of speed and size act through the search
    for a plan and are not in this list.
    """
    d = plan.drivers[plan.drivers["low"] < plan.drivers["high"]].reset_index(drop=True)
    moves = effects(plan, {str(r["name"]): (float(r["low"]), float(r["high"])) for r in d.to_dict("records")})
    rows = [
        Assumption(
            str(r["name"]), float(r["value"]), float(r["low"]), float(r["high"]), str(r["unit"]), str(r["kind"]),
            str(r["source"]), moves[str(r["name"])],
        )
        for r in d.to_dict("records")
    ]  # fmt: skip
    return sorted((a for a in rows if abs(a.moves) > 0.5), key=lambda a: -abs(a.moves))[:most]


def effects(plan: Plan, ends: dict[str, tuple[float, float]]) -> dict[str, float]:
    """Change of what a mean home pays in a year (average of the plan's years) from one end of each to the other."""
    names = list(ends)
    central = dict(zip(plan.drivers["name"].astype(str), plan.drivers["value"].astype(float), strict=True))
    cases = 2 * len(names)
    values = {n: np.full(max(cases, 1), v) for n, v in central.items()}
    for i, name in enumerate(names):
        values[name][2 * i], values[name][2 * i + 1] = ends[name]
    paid = drawn(plan, per_home(plan), ("all",), values)["all"].to_numpy()
    return {n: float(paid[2 * i + 1] - paid[2 * i]) for i, n in enumerate(names)}


def per_home(plan: Plan) -> pd.DataFrame:
    """Household money, weighted so that its sum is currency per home and mean year of the plan."""
    rows = household_rows(plan)
    years = plan.weight("year_weight")
    homes = plan.facts.loc[plan.facts["name"] == "households", "value"].sum()
    weight = rows["period"].map(years / years.sum()).fillna(0.0)
    return rows.assign(sign=rows["sign"] * weight * 1e6 / homes, all="all")
