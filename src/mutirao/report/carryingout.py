"""What carrying out a plan asks of whom: measures, their cost by year and payer, and which wait on the same thing."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mutirao.book.bundle import Plan
from mutirao.book.terms import INSIDE

#: Below this share of what is possible a plan does not use a measure.
USED = 0.005


@dataclass(frozen=True)
class Work:
    """A measure as a plan uses it: share of what is possible by milestone year, and in whose power it is."""

    measure: str
    meaning: str
    power: str
    unit: str
    shares: dict[int, float]
    amounts: dict[int, float]

    @property
    def system(self) -> str:
        return self.measure.partition(".")[0]

    @property
    def used(self) -> bool:
        return max(self.shares.values(), default=0.0) > USED

    def planned(self, year: int) -> float:
        """Share planned for a year: straight lines between milestones."""
        years = sorted(self.shares)
        return float(np.interp(year, years, [self.shares[y] for y in years]))

    @property
    def first(self) -> int | None:
        """The first milestone at which the plan uses it beyond what stands today."""
        years = sorted(self.shares)
        begun = [y for y in years if self.shares[y] > self.shares[years[0]] + USED]
        return begun[0] if begun else None


def works(plan: Plan) -> list[Work]:
    """Every measure of a plan, those used most at the end first."""
    found = []
    for name, rows in plan.measures.groupby("measure", sort=False):
        first = rows.iloc[0]
        found.append(
            Work(
                str(name),
                str(first["meaning"]),
                str(first["power"]),
                str(first["unit"]),
                {int(y): float(v) for y, v in zip(rows["period"], rows["share"], strict=True)},
                {int(y): float(v) for y, v in zip(rows["period"], rows["amount"], strict=True)},
            )
        )
    last = plan.years[-1]
    return sorted(found, key=lambda w: (-w.shares.get(last, 0.0), w.measure))


def yearly_costs(plan: Plan, measures: list[str]) -> pd.DataFrame:
    """Cash that measures ask of each payer in each calendar year: year, measure, payer, value (million currency).

    Works paid for between two milestones are spread evenly over the years between them, as the plan spreads them.
    """
    rows = plan.select("money", basis="cash", measure=measures)
    rows = rows[rows["payer"].isin(INSIDE)]
    out = []
    for (measure, payer), part in rows.groupby(["measure", "payer"]):
        by_year = plan.yearly_works(part.groupby("period")["value"].sum())
        kept = by_year[by_year.abs() > 1e-9]
        out += [{"year": int(str(y)), "measure": measure, "payer": payer, "value": float(v)} for y, v in kept.items()]
    return pd.DataFrame(out, columns=["year", "measure", "payer", "value"])


def tight(plan: Plan) -> pd.DataFrame:
    """Limits of trades and supply that hold a plan back: meaning, unit, years. Measures under one compete for it."""
    held = plan.duals[plan.duals["family"].isin(("workforce", "supply", "budget")) & (plan.duals["price"].abs() > 1e-6)]
    if held.empty:
        return pd.DataFrame(columns=["limit", "meaning", "unit", "years"])
    years = held.groupby("limit")["period"].agg(lambda p: ", ".join(str(y) for y in sorted(set(p))))
    named = plan.limits.set_index("limit")
    return pd.DataFrame(
        [
            {
                "limit": limit,
                "meaning": str(named.at[limit, "meaning"]) if limit in named.index else str(limit),
                "unit": str(named.at[limit, "unit"]) if limit in named.index else "",
                "years": text,
            }
            for limit, text in years.items()
        ]
    )
