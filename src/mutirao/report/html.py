"""Figures as parts of a page: drawings at two widths, the table behind each, sources under both."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from mutirao.ground.speech import again, localised, say, translated
from mutirao.model.figures import Figure
from mutirao.report.draw import drawable, drawing, legend, named_at_end
from mutirao.report.scales import NARROW, WIDE, ShareTable
from mutirao.report.words import chemical, number, percent

YEAR_COLUMNS = ("year", "period", "from", "until")
#: Tables longer than this are folded on screen, even where the table is all there is.
LONG = 20
SMALL, HUGE = 14, 60
#: A column with longer texts than this gets room on a narrow screen.
WORDY = 18


NUMBER_TEXT = re.compile(r"(below )?[\u2212+]?[\d,.]+( %)?|\u2013|cannot tell|not stated|no change")


@dataclass(frozen=True)
class Cell:
    """One cell of a table: text, how it is set, a bar behind it (0..1) or none, the question that explains it."""

    text: str
    right: bool = False
    bar: float | None = None
    wordy: bool = False
    ask: str = ""


@dataclass(frozen=True)
class Shown:
    """A figure ready for a template."""

    id: str
    title: str
    unit: str
    note: str
    sources: tuple[str, ...]
    wide: Markup
    narrow: Markup
    legend: list[tuple[str, str, bool]]
    named_at_end: bool
    head: list[Cell]
    rows: list[list[Cell]]
    folded: bool

    @property
    def size(self) -> str:
        """ "small" stays on one printed page, "huge" is left to the screen, anything between may break."""
        return "small" if len(self.rows) <= SMALL else "huge" if len(self.rows) > HUGE else "medium"

    @property
    def drawn(self) -> bool:
        return bool(self.wide)


def environment() -> Environment:
    """The template environment of every page: text is escaped, an unknown name is an error."""
    env = Environment(
        loader=PackageLoader("mutirao.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters["chem"] = chemical
    env.globals["_"] = say
    return env


def shown(figure: Figure, sources: Mapping[str, str], prefix: str = "") -> Shown:
    """Draw a figure, as it was composed, at both widths and set its table, in the current language.

    ``sources`` turns ids into words.
    """
    mark = f"{prefix}{figure.name}"
    wide = narrow = Markup()
    if drawable(figure):
        wide = Markup(drawing(figure, WIDE, f"w-{mark}"))
        narrow = Markup(drawing(figure, NARROW, f"n-{mark}"))
    return set_out(figure, sources, mark, wide, narrow)


def set_out(figure: Figure, sources: Mapping[str, str], mark: str, wide: Markup, narrow: Markup) -> Shown:
    """A figure, as it was composed, with drawings made by whoever calls: its words and table in the current language.

    ``mark`` : its id on the page. ``sources`` turns ids into words.
    """
    head, rows = cells(figure)
    named = tuple(dict.fromkeys(again(sources.get(s, s)) for s in figure.sources))
    return Shown(
        mark,
        again(figure.title),
        again(figure.unit),
        again(figure.note),
        named,
        wide,
        narrow,
        legend(figure),
        named_at_end(figure),
        head,
        rows,
        bool(wide) or len(rows) > LONG,
    )


def cells(figure: Figure) -> tuple[list[Cell], list[list[Cell]]]:
    """The table behind a figure, headed by its column names, numbers in readable digits, in the current language."""
    shares = set(figure.shares) if isinstance(figure, ShareTable) else set()
    table = figure.table
    right = {c for c in table if c not in shares and (_numeric(table[c]) or _reads_as_numbers(table[c]))}
    years = {c for c in right if str(c) in YEAR_COLUMNS or _years(table[c])}
    # Rows of one unit share their decimals, so that a column reads straight down and adds up.
    one_unit = not figure.unit.startswith("as stated")
    places = {c: decimals(table[c]) for c in table if one_unit and c not in years and _numeric(table[c])}
    columns: dict[Any, list[Cell]] = {}
    for c in table:
        if c in shares:
            columns[c] = [_share(v) for v in table[c].tolist()]
            continue
        texts = [text_of(v, c in years, places.get(c)) for v in table[c].tolist()]
        wordy = max((len(t) for t in texts), default=0) > WORDY
        columns[c] = [Cell(t, c in right, None, wordy) for t in texts]
    named = {c: chemical(again(str(c).replace("_", " "))) for c in table}
    head = [Cell(named[c], c in right or c in shares, None, any(x.wordy for x in columns[c])) for c in table]
    if figure.asks is not None:
        for c in figure.asks:
            columns[c] = [replace(cell, ask=str(a or "")) for cell, a in zip(columns[c], figure.asks[c], strict=True)]
    return head, [list(row) for row in zip(*columns.values(), strict=True)]


def _share(value: Any) -> Cell:
    if not _is_number(value) or math.isnan(value):
        return Cell("–", True)
    return Cell(percent(float(value)), True, min(1.0, float(value)) if value > 0 else None)


def decimals(column: "pd.Series[Any]") -> int:
    """Decimals that give the largest number of a column three digits at least."""
    most = float(column.abs().max()) if len(column) else 0.0
    if not math.isfinite(most) or most == 0.0:
        return 0
    return min(4, max(0, 2 - math.floor(math.log10(most))))


def text_of(value: Any, year: bool = False, places: int | None = None) -> str:
    """A value as text: years whole, numbers in three digits or to ``places``, truth as yes and no, absence a dash."""
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return "–"
    if isinstance(value, bool) or type(value).__name__ == "bool_":
        return translated("yes") if value else translated("no")
    if _is_number(value):
        if year:
            return str(int(value))
        if places is None or value == 0:
            return number(float(value), 4 if abs(float(value)) >= 1000 else 3)
        if round(float(value), places) == 0:
            return number(float(value), 2)
        return localised(f"{float(value):,.{places}f}")
    return re.sub(r"(?<=\d{4})-(?=\d{4})", "\u2011", chemical(again(str(value))))


def _years(column: "pd.Series[Any]") -> bool:
    return bool(len(column) and pd.api.types.is_integer_dtype(column) and column.between(1950, 2150).all())


def _reads_as_numbers(column: "pd.Series[Any]") -> bool:
    return len(column) > 0 and all(isinstance(v, str) and NUMBER_TEXT.fullmatch(v) for v in column)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _numeric(column: "pd.Series[Any]") -> bool:
    return bool(pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column))
