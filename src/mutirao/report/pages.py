"""Figures and chapters as parts of a page that a browser draws: places for charts, their specifications, links.

The words, tables and order are those of the printed report, set by the same macros. What differs: a chart is a place
with an id, drawn by the browser from its Vega-Lite specification; a figure that the book can explain is a link; and
no style stands inside the page, because a strict content policy forbids it.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from markupsafe import Markup

from mutirao.ground.speech import again
from mutirao.model.figures import Figure, Section
from mutirao.report.chapter import Chapter, KeyNumber
from mutirao.report.draw import drawable, specification
from mutirao.report.html import Cell, Shown, environment, set_out
from mutirao.report.scales import NARROW, WIDE, Spec
from mutirao.report.translated import translated_number, translated_section
from mutirao.report.words import chemical

#: What is asked where a figure comes from, relative to the page of a plan.
EXPLAIN = "explain/?"
#: Significant digits that a drawing needs.
DIGITS = 6
_STYLE = re.compile(r' style="--(\w):([^"]*)"')


@dataclass(frozen=True)
class PageSection:
    """A section as the chapter's template takes it."""

    id: str
    title: str
    words: tuple[str, ...]
    figures: tuple[Shown, ...]


def browser_figure(figure: Figure, sources: Mapping[str, str], prefix: str = "") -> tuple[Shown, dict[str, Spec]]:
    """A figure, as it was composed, for a page in the current language; and the specifications that its places name.

    ``sources`` turns ids into words; ``prefix`` keeps the ids of one page apart.
    """
    mark = f"{prefix}{figure.name}"
    specs: dict[str, Spec] = {}
    places = [Markup(), Markup()]
    if drawable(figure):
        for i, (kind, width) in enumerate((("wide", WIDE), ("narrow", NARROW))):
            key = f"{mark}-{kind[0]}"
            specs[key] = compact(specification(figure, width))
            places[i] = place(kind, key)
    laid = set_out(figure, sources, mark, *places)
    rows = [[_linked(c) for c in row] for row in laid.rows]
    return replace(laid, rows=rows), specs


def place(kind: str, key: str) -> Markup:
    """Where the chart with an id is drawn; ``kind`` is wide or narrow."""
    return Markup('<div class="chart {}" data-chart="{}"></div>').format(kind, key)


def _linked(cell: Cell) -> Cell:
    return replace(cell, text=link(cell.text, cell.ask)) if cell.ask else cell


def link(text: str, ask: str) -> Markup:
    """A figure that says where it comes from when asked."""
    return Markup('<a class="ask" href="{}{}">{}</a>').format(EXPLAIN, ask, chemical(text))


def compact(value: Any) -> Any:
    """A specification in as few letters as a drawing needs: floats of six digits, the schema left out."""
    if isinstance(value, Mapping):
        return {k: compact(v) for k, v in value.items() if k != "$schema"}
    if isinstance(value, list | tuple):
        return [compact(v) for v in value]
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        short = float(f"{value:.{DIGITS}g}")
        return int(short) if short.is_integer() and abs(short) < 1e15 else short
    return value.item() if hasattr(value, "item") else value


def chapter_record(chapter: Chapter, sources: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, Spec]]:
    """A chapter for a page in the current language: id, title, html, parts (id and title); and its specifications."""
    specs: dict[str, Spec] = {}
    main = _section(chapter.section, sources, specs)
    inner = [_section(s, sources, specs) for s in chapter.parts]
    numbers = [number_shown(n) for n in chapter.numbers]
    html = environment().get_template("chapter.html").render(numbers=numbers, main=main, inner=inner, notice=False)
    parts = [{"id": f"{main.id}-{s.id}", "title": chemical(s.title)} for s in inner]
    return {"id": main.id, "title": chemical(main.title), "html": without_styles(html), "parts": parts}, specs


def number_shown(number: KeyNumber) -> KeyNumber:
    """A key number in the current language; its value is a link where the book explains it."""
    said = translated_number(number)
    return replace(said, value=link(said.value, number.ask), ask=number.ask) if number.ask else said


def number_record(number: KeyNumber) -> dict[str, str]:
    """A key number in the current language as plain text: label, value, words, ask."""
    said = replace(translated_number(number), ask=number.ask)
    return {k: chemical(v) if k != "ask" else v for k, v in asdict(said).items()}


def said_all(texts: Sequence[str]) -> list[str]:
    """Texts in the current language."""
    return [chemical(again(t)) for t in texts]


def without_styles(html: str) -> str:
    """Shares and colours that stood in style attributes, in data attributes."""
    return _STYLE.sub(r' data-\1="\2"', html)


def _section(section: Section, sources: Mapping[str, str], specs: dict[str, Spec]) -> PageSection:
    said = translated_section(section)
    shown = []
    for figure in section.figures:
        one, drawn = browser_figure(figure, sources, f"{section.name}-")
        specs |= drawn
        shown.append(one)
    return PageSection(said.name, said.title, said.words, tuple(shown))
