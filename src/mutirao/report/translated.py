"""The border between what was composed and what is read: every text said in the reader's language.

Sections, figures and key numbers are composed in English and cross this border once. A figure crosses it where it is
drawn (`draw.specification`) and set as a table (`html.shown`), for order and formats are told by its English words.
Texts without a translation, such as names of places, stand as they are.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from mutirao.ground.speech import LANGUAGES, SOURCE, again, language, number_marks
from mutirao.model.figures import Figure, Section
from mutirao.report.chapter import Chapter, KeyNumber
from mutirao.report.scales import LinedFigure


def translated_figure(figure: Figure) -> Figure:
    """A figure with title, note, cells and names said in the current language.

    Numbers, sources (which may be ids) and names of columns, by which it refers to its table, are untouched; so is the
    unit, which tells the format of an axis. `draw.specification` takes figures as they were composed and calls this.
    """
    if language() == SOURCE:
        return figure
    said = replace(
        figure,
        title=again(figure.title),
        note=again(figure.note),
        order=tuple(again(o) if isinstance(o, str) else o for o in figure.order),
        table=translated_table(figure.table),
    )
    if isinstance(said, LinedFigure):
        said = replace(said, line_name=again(said.line_name), neutral=tuple(again(n) for n in said.neutral))
    return said


def translated_table(table: pd.DataFrame) -> pd.DataFrame:
    """A table with every text in its cells said in the current language; columns keep their names."""
    said = table.copy()
    for at, values in enumerate(table.items()):
        column = values[1]
        if not (pd.api.types.is_numeric_dtype(column) or pd.api.types.is_datetime64_any_dtype(column)):
            said.isetitem(at, np.array([_said(v) for v in column.tolist()], dtype=object))
    return said


def _said(value: Any) -> Any:
    return again(value) if isinstance(value, str) else value


def translated_section(section: Section) -> Section:
    """A section with title and words said in the current language; its figures are said where they are drawn."""
    return replace(section, title=again(section.title), words=tuple(again(w) for w in section.words))


def translated_number(key: KeyNumber) -> KeyNumber:
    """A key number said in the current language."""
    return replace(key, label=again(key.label), value=again(key.value), words=again(key.words))


def translated_chapter(chapter: Chapter) -> Chapter:
    """A chapter with its parts and key numbers said in the current language."""
    return Chapter(
        translated_section(chapter.section),
        tuple(translated_section(s) for s in chapter.parts),
        tuple(translated_number(n) for n in chapter.numbers),
    )


def locale_of(code: str) -> dict[str, Any] | None:
    """The number marks of a language as d3 asks for them (d3-format locale); None for English, whose marks d3 has."""
    if code == SOURCE or code not in LANGUAGES:
        return None
    decimal, thousands = number_marks(code)
    return {"decimal": decimal, "thousands": thousands, "grouping": [3], "currency": ["", ""]}
