"""What a system shows: one specification and one table per figure, with words; drawn by report and web alike."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd


@dataclass(frozen=True)
class Figure:
    """A picture of one table.

    kind : "bar", "stacked_bar", "line", "area", "grouped_bar", "circles" (proportional circles at longitude and
    latitude) or "table". x, y, color : column names of ``table``; ``low`` and ``high`` optional columns of range.
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


@dataclass(frozen=True)
class Section:
    """A part of the report: plain words first, figures after."""

    name: str
    title: str
    words: tuple[str, ...]
    figures: tuple[Figure, ...] = field(default=())
