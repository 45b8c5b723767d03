"""Where figures come from: the rows of ``sources.csv``."""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from mutirao.ground.findings import Finding, told
from mutirao.ground.tables import ROW, read_table

FILE = "sources.csv"
COLUMNS = ("source", "publisher", "title", "year", "licence", "address", "retrieved", "grade", "note")


@dataclass(frozen=True)
class Source:
    """One source, ``source`` its id; ``grade`` A official, B usable with a caveat, C approximate."""

    source: str
    publisher: str
    title: str
    year: str
    licence: str
    address: str
    retrieved: str
    grade: str
    note: str


def read_sources(path: Path) -> tuple[dict[str, Source], list[Finding]]:
    """Read ``sources.csv`` as sources by id, with findings on ids, grades, years and dates.

    Raises InputError when the table itself cannot be read.
    """
    frame = read_table(path, COLUMNS, COLUMNS)
    findings: list[Finding] = []
    sources: dict[str, Source] = {}
    for record in frame.to_dict("records"):
        row = int(record.pop(ROW))
        one = Source(**{str(key): value for key, value in record.items()})
        if not one.source:
            findings.append(Finding(FILE, row, "source", "the source has no id.", "Give it a short id."))
            continue
        if one.source in sources:
            what = told("'{id}' is used twice.", id=one.source)
            findings.append(Finding(FILE, row, "source", what, "Give each its own id."))
        findings.extend(_check(one, row))
        sources[one.source] = one
    return sources, findings


def sources_frame(sources: dict[str, Source]) -> pd.DataFrame:
    """The table of ``sources.csv`` for these sources."""
    return pd.DataFrame([vars(one) for one in sources.values()], columns=list(COLUMNS), dtype=str)


def _check(one: Source, row: int) -> list[Finding]:
    findings = []
    if not one.title and not one.publisher:
        what = told("'{source}' has neither publisher nor title.", source=one.source)
        findings.append(Finding(FILE, row, "title", what, "Write what a reader needs to find it."))
    if one.grade not in ("A", "B", "C"):
        mend = "Write A (official copy), B (usable with a caveat) or C (approximate)."
        findings.append(Finding(FILE, row, "grade", told("'{cell}' is not a grade.", cell=one.grade), mend))
    if one.year and not re.fullmatch(r"\d{4}(-\d{4})?", one.year):
        mend = "Write a year or a span: 2020 or 2015-2019."
        findings.append(Finding(FILE, row, "year", told("'{cell}' is not a year.", cell=one.year), mend))
    if one.retrieved and not _is_date(one.retrieved):
        what = told("'{cell}' is not a date.", cell=one.retrieved)
        findings.append(Finding(FILE, row, "retrieved", what, "Write it as 2026-01-31."))
    return findings


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
