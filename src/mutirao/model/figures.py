"""What a system shows: one specification and one table per figure, with words; drawn by report and web alike."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from mutirao.book.bundle import Plan
from mutirao.ground.speech import localised, spoken


@dataclass(frozen=True)
class Figure:
    """A picture of one table.

    kind : "bar", "stacked_bar", "line", "area", "grouped_bar", "circles" (proportional circles at longitude and
    latitude) or "table". x, y, color : column names of ``table``; ``low`` and ``high`` optional columns of range.
    asks : for cells that are sums of the book, the question that explains them (book/question.py), "" for others; a
    table with the rows of ``table`` and some of its columns.
    """

    name: str
    title: str
    kind: str
    table: pd.DataFrame
    x: str
    y: str
    unit: str
    sources: tuple[str, ...]
    color: str = ""
    low: str = ""
    high: str = ""
    note: str = ""
    order: Sequence[str] = ()
    asks: pd.DataFrame | None = None


@dataclass(frozen=True)
class Section:
    """A part of the report: plain words first, figures after."""

    name: str
    title: str
    words: tuple[str, ...]
    figures: tuple[Figure, ...] = field(default=())


@spoken
def two_digits(value: float) -> str:
    """A figure with two significant digits, thousands set apart."""
    rounded = float(f"{value:.2g}") + 0.0  # no minus before a zero
    if abs(rounded) >= 10 or rounded == 0:
        return localised(f"{rounded:,.0f}").replace(",", " ")
    return localised(f"{rounded:g}")


def sources_of(plan: Plan, *names: str) -> tuple[str, ...]:
    """Where figures of the model are from, one text each."""
    rows = plan.drivers.set_index("name")
    return tuple(n.replace("_", " ") + ": " + str(rows.loc[n, "source"]) for n in names)
