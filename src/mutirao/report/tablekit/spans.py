"""A figure with its range: the book of a fixed plan at central values and in draws of prices and factors."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mutirao.book.bundle import Plan
from mutirao.book.draws import aggregate, evaluate, sample

DRAWS = 800
ENDS = (0.05, 0.95)
#: Central values stand first in every array of draws.
Values = dict[str, np.ndarray]


@dataclass(frozen=True)
class Span:
    """A value and the range that nine of ten draws lie in."""

    value: float
    low: float
    high: float

    @property
    def unsure(self) -> bool:
        """True when the range includes zero: of a change, nobody can tell the sign."""
        return self.low <= 0.0 <= self.high

    def times(self, factor: float) -> "Span":
        low, high = sorted((self.low * factor, self.high * factor))
        return Span(self.value * factor, low, high)


def values_of(plan: Plan, draws: int = DRAWS, seed: int = 1) -> Values:
    """Every parameter of a plan: its central value, then the draws. Plans of equal parameters get equal draws."""
    central = dict(zip(plan.drivers["name"].astype(str), plan.drivers["value"].astype(float), strict=True))
    return {n: np.concatenate([[central[n]], v]) for n, v in sample(plan, draws, seed).items()}


def span(drawn: np.ndarray) -> Span:
    """The span of one figure: its first entry is the central value."""
    low, high = np.quantile(drawn[1:], ENDS)
    value = float(drawn[0])
    return Span(value, min(float(low), value), max(float(high), value))


def drawn(plan: Plan, rows: pd.DataFrame, by: Sequence[str], values: Values) -> pd.DataFrame:
    """Rows of the book summed by labels, one row a draw (the first is central); signs from a column ``sign``."""
    if rows.empty:
        return pd.DataFrame(index=range(len(next(iter(values.values())))))
    a = aggregate(plan, rows, by)
    return pd.DataFrame(evaluate(a, values), columns=a.keys)
