"""What every drawing shares: figures with a line, order, colours, rows and the ends of an axis."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from mutirao.model.figures import Figure
from mutirao.report import theme
from mutirao.report.words import chemical

WIDE, NARROW = 800, 300
Spec = dict[str, Any]


@dataclass(frozen=True)
class LinedFigure(Figure):
    """A figure with one more line over it, such as a pledge: columns ``x`` and ``y`` of ``line``, drawn in steps.

    ``neutral`` : names drawn in grey, for what a figure is not about.
    """

    line: pd.DataFrame | None = None
    line_name: str = ""
    neutral: tuple[str, ...] = ()


@dataclass(frozen=True)
class ShareTable(Figure):
    """A table whose columns ``shares`` hold shares 0..1, shown as per cent with a bar in the cell."""

    shares: tuple[str, ...] = ()


def order_of(figure: Figure, column: str) -> list[str]:
    """Names of a column in the order to draw them."""
    seen = [str(v) for v in dict.fromkeys(figure.table[column])]
    wanted = [str(v) for v in figure.order if str(v) in seen]
    return wanted + [s for s in seen if s not in wanted] if wanted else seen


def is_year(values: "pd.Series[Any]") -> bool:
    numbers = pd.to_numeric(values, errors="coerce")
    return bool(numbers.notna().all() and ((numbers >= 1900) & (numbers <= 2200)).all())


def palette(figure: Figure, names: Sequence[str]) -> list[str]:
    """A colour for each name: light to dark for years, else the categories; grey for what is neutral."""
    if is_year(pd.Series(list(names))):
        return theme.ordered(len(names))
    quiet = set(figure.neutral) if isinstance(figure, LinedFigure) else set()
    colours = iter(theme.lines(len(names)) if figure.kind == "line" else theme.categorical(len(names)))
    return [theme.NEUTRAL if n in quiet else next(colours) for n in names]


def records(figure: Figure, as_text: Sequence[str] = ()) -> list[dict[str, Any]]:
    keep = [c for c in dict.fromkeys((figure.x, figure.y, figure.color, figure.low, figure.high)) if c]
    table = figure.table[[c for c in keep if c in figure.table]].copy()
    for c in as_text:
        table[c] = table[c].astype(str).map(chemical)
    return [{str(k): v for k, v in row.items()} for row in table.to_dict("records")]


def nice_scale(low: float, high: float, steps: int = 5) -> tuple[float, float, list[float]]:
    """Ends and ticks of an axis that holds both values and zero."""
    low, high = min(0.0, low), max(0.0, high)
    if high - low < 1e-12:
        high = low + 1.0
    span = high - low
    raw = span / steps
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m for m in (1.0, 2.0, 2.5, 5.0, 10.0) if m * power >= raw * 0.999) * power
    # What is small beside a step does not earn a step of its own.
    first = math.floor(low / step + 1e-9) if -low > 0.25 * step else 0
    last = math.ceil(high / step - 1e-9) if high > 0.25 * step else 0
    ticks = [i * step for i in range(first, last + 1)]
    return min(low, ticks[0]), max(high, ticks[-1]), ticks


def number_format(figure: Figure, low: float, high: float) -> str:
    """d3 number format of an axis."""
    if figure.unit.startswith("share"):
        return ".0%"
    return ",.0f" if max(abs(low), abs(high)) >= 10 else ",~g"


def reach(figure: Figure) -> tuple[float, float]:
    """Least and greatest value that the picture must hold."""
    table = figure.table
    if figure.kind in ("area", "stacked_bar"):
        up = table[figure.y].clip(lower=0).groupby(table[figure.x]).sum()
        down = table[figure.y].clip(upper=0).groupby(table[figure.x]).sum()
        return float(down.min()), float(up.max())
    columns = [c for c in (figure.y, figure.low, figure.high) if c]
    return float(table[columns].min().min()), float(table[columns].max().max())
