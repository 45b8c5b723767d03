"""The wide table of the C40 dashboard: one line per city and year, one column per reference."""

import re
from pathlib import Path

from mutirao.city.exchange.headers import normalise
from mutirao.city.exchange.imported import Imported, imported
from mutirao.city.exchange.sheets import Sheet, read_sheets
from mutirao.city.gpc import REFERENCES, Level, reference
from mutirao.city.gpc import level as read_level
from mutirao.city.inventory import PublishedTotal, Row
from mutirao.city.notation import parse_notation
from mutirao.ground.findings import Finding, InputError
from mutirao.ground.tables import number

_REF_AT_START = re.compile(r"\s*([IVX]+(?:\.\d+){1,2})\b", re.IGNORECASE)
_CITY = {"city", "cityname", "nameofcity"}
_YEAR = {"year", "inventoryyear", "yearcalendar", "reportingyear"}
_FEWEST_REFERENCES = 10
_SEARCHED_ROWS = 40


def find_c40(sheets: list[Sheet]) -> tuple[Sheet, int] | None:
    """Find the sheet and the position of the header: a city, a year and many references as columns."""
    for sheet in sheets:
        for top, header in enumerate(sheet.rows[:_SEARCHED_ROWS]):
            names = {normalise(text) for text in header}
            if len(_references(header)) >= _FEWEST_REFERENCES and names & _CITY and names & _YEAR:
                return sheet, top
    return None


def read_c40(path: Path | str, gwp: str = "", tolerance: float = 1.0) -> Imported:
    """Read a C40 table: figures (t CO2e) or keys by reference, and the published totals beside them.

    A city whose parts do not sum to a published total by more than ``tolerance`` (t) gets a finding of
    level "error" that names the gap. Blank cells give no row. Raises InputError with every cell that
    cannot be read.
    """
    sheets = read_sheets(path)
    found = find_c40(sheets)
    if found is None:
        what = "no sheet has a city, a year and columns named by GPC reference."
        raise InputError(Finding(sheets[0].file, None, "", what, "Choose the sheet with one line per city."))
    sheet, top = found
    header = sheet.rows[top]
    names = [normalise(text) for text in header]
    city_at = next(i for i, name in enumerate(names) if name in _CITY)
    year_at = next(i for i, name in enumerate(names) if name in _YEAR)
    references, totals = _references(header), _totals(header)
    labelled: dict[str, list[tuple[Row, str]]] = {}
    published: list[PublishedTotal] = []
    findings: list[Finding] = []
    seen: dict[tuple[str, str], int] = {}
    for place, cells in enumerate(sheet.rows[top + 1 :], start=top + 2):
        filled = [*cells, *[""] * (len(header) - len(cells))]
        city, year = filled[city_at], filled[year_at]
        if not city and not any(filled[i] for i in references):
            continue
        first = seen.setdefault((city, year), place)
        if first != place:
            what = f"{city} {year} is already in row {first}."
            findings.append(Finding(sheet.file, place, header[city_at], what, "Keep one of the two lines."))
            continue
        if not (year.isascii() and year.isdigit() and len(year) == 4):
            findings.append(
                Finding(sheet.file, place, header[year_at], f"'{year}' is not a year.", "Write four digits.")
            )
            continue
        rows = labelled.setdefault(city, [])
        for at, ref in references.items():
            try:
                row = _row(filled[at], int(year), ref, place, sheet.file)
            except InputError as error:
                findings += error.findings
                continue
            if row is not None:
                rows.append((row, ref))
        for at, level in totals.items():
            try:
                value = number(filled[at], sheet.file, place, header[at])
            except InputError:
                continue  # totals that read "-" or a key are simply not published
            if value is not None:
                published.append(PublishedTotal(city, int(year), level, value))
    return imported(labelled, sheet.file, gwp, published, findings, tolerance)


def _row(text: str, year: int, ref: str, place: int, file: str) -> Row | None:
    if not text:
        return None
    if text[0].isalpha():
        try:
            notation = parse_notation(text)
        except ValueError as error:
            raise InputError(Finding(file, place, ref, f"{error}.", "Write a figure or a key.")) from None
        return Row(
            year=year,
            gpc=ref,
            notation=notation.keys,
            pointer=notation.pointer,
            explanation=notation.remark,
            row=place,
        )
    return Row(year=year, gpc=ref, value=number(text, file, place, ref), row=place)


def _references(header: list[str]) -> dict[int, str]:
    found: dict[int, str] = {}
    for i, text in enumerate(header):
        start = _REF_AT_START.match(text)
        if start is None:
            continue
        try:
            ref = reference(start[1]).ref
        except ValueError:
            continue
        if ref not in found.values():
            found[i] = ref
    return {i: ref for i, ref in found.items() if ref in REFERENCES}


def _totals(header: list[str]) -> dict[int, Level]:
    """Find columns of published totals: "BASIC", "Total BASIC+", "GPC BASIC+S3 emissions (t CO2e)"."""
    found: dict[int, Level] = {}
    for i, text in enumerate(header):
        try:
            level = read_level(re.sub(r"\(.*?\)|t\s*CO2e?q?|[:_]", " ", text, flags=re.IGNORECASE))
        except ValueError:
            continue
        if level not in found.values():
            found[i] = level
    return found
