"""Tables of city portals: long (year, sector, emissions) and wide (one column per year)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from mutirao.city.exchange.headers import Table, find_table, normalise
from mutirao.city.exchange.imported import Imported, imported
from mutirao.city.exchange.sheets import Sheet, read_sheets
from mutirao.city.exchange.units import to_tonnes, tonnes_per_unit
from mutirao.city.gpc import LEVELS, REFERENCES, reference
from mutirao.city.gpc import level as read_level
from mutirao.city.inventory import PublishedTotal, Row
from mutirao.city.notation import Notation, parse_notation
from mutirao.ground.findings import Finding, InputError
from mutirao.ground.tables import number

_WANTED: dict[str, Sequence[str]] = {
    "year": ("Year_calendar", "Inventory year", "Reporting year", "Calendar year"),
    "gpc": ("gpc_ref", "gpc_refno", "GPC ref. no.", "GPC reference number", "GPC reference"),
    "sector": ("Sector name", "Category", "Source sector", "Emissions sector"),
    "subsector": ("Sub-sector", "Subsector name", "Subcategory", "Sub-category", "Source"),
    "scope": ("GPC scope", "Emission scope"),
    "carrier": ("Fuel", "Fuel type", "Energy carrier", "Fuel type or activity"),
    "emissions": (
        "t_co2e",
        "tco2e",
        "mtco2e",
        "Emissions (t CO2e)",
        "Emissions (tCO2e)",
        "Emissions (mt CO2e)",
        "Emissions (MTCO2e)",
        "Emissions (metric tons CO2e)",
        "Emissions (kg CO2e)",
        "Total emissions",
        "GHG emissions",
        "GHG emissions (t CO2e)",
        "GHG emissions (mt CO2e)",
        "GHG emissions (metric tons CO2e)",
        "co2e",
        "value",
    ),
    "unit": ("units", "Emission units"),
    "notation": ("notation_key", "Notation key"),
    "city": ("City name", "Municipality"),
}
_YEAR = re.compile(r"(?:19|20)\d\d")
_FEWEST_YEARS = 3
_BY_SUBSECTOR: dict[tuple[str, int], str] = {
    (normalise(place.subsector), place.scope): ref
    for ref, place in REFERENCES.items()
    if not (ref.startswith("III.") and ref.endswith(".3"))
}


@dataclass(frozen=True)
class _Line:
    """One figure of a portal table, before its label has become a reference."""

    row: int
    column: str
    city: str
    year: str
    labels: tuple[str, ...]
    ref: str
    scope: str
    carrier: str
    text: str
    notation: str
    factor: Decimal


def read_long(
    path: Path | str,
    unit: str = "",
    sectors: Mapping[str, str] | None = None,
    city: str = "",
    gwp: str = "",
    columns: Mapping[str, str] | None = None,
) -> Imported:
    """Read a table with one figure per line: year, reference or sector, emissions.

    ``unit`` confirms the unit where the header leaves a doubt (see :mod:`units`); ``sectors`` maps
    labels ("Transport", "Buildings > Homes") to a reference, to a total such as "BASIC", or to "" for
    lines to leave out; ``columns`` confirms headers (wanted name to header text). Raises InputError
    naming every label that has no reference.
    """
    sheet, table = _find_long(read_sheets(path), columns)
    lines = []
    for place, cells in table.lines():
        header = table.header[table.columns["emissions"]]
        stated = cells.get("unit", "") or header
        lines.append(
            _Line(
                row=place,
                column=header,
                city=city or cells.get("city", ""),
                year=cells["year"],
                labels=_labels(cells.get("sector", ""), cells.get("subsector", "")),
                ref=cells.get("gpc", ""),
                scope=cells.get("scope", ""),
                carrier=cells.get("carrier", ""),
                text=cells["emissions"],
                notation=cells.get("notation", ""),
                factor=tonnes_per_unit(stated, unit, sheet.file, place),
            )
        )
    return _assemble(lines, sheet.file, sectors or {}, gwp)


def read_wide_years(
    path: Path | str,
    unit: str = "",
    sectors: Mapping[str, str] | None = None,
    city: str = "",
    gwp: str = "",
) -> Imported:
    """Read a table with one line per source and at least three columns that are years.

    Arguments and errors are those of :func:`read_long`; the unit may also stand in the header of the
    first column or in a title above.
    """
    sheets = read_sheets(path)
    found = find_wide_years(sheets)
    if found is None:
        what = f"no sheet has a header with {_FEWEST_YEARS} or more years."
        raise InputError(Finding(sheets[0].file, None, "", what, "Choose another format."))
    sheet, top = found
    header = sheet.rows[top]
    years = _year_columns(header)
    titles = " ".join(text for cells in sheet.rows[:top] for text in cells)
    label_at = [i for i, text in enumerate(header) if i not in years and i < min(years)]
    refs_at = {i for i in label_at if normalise(header[i]) in {normalise(n) for n in ("gpc", *_WANTED["gpc"])}}
    scope_at = {i for i in label_at if normalise(header[i]) in ("scope", "gpcscope")}
    unit_at = {i for i in label_at if normalise(header[i]) in ("unit", "units")}
    above = " ".join([titles, *(header[i] for i in label_at)])
    lines = []
    for place, cells in enumerate(sheet.rows[top + 1 :], start=top + 2):
        filled = [*cells, *[""] * (len(header) - len(cells))]
        if not any(filled[i] for i in label_at):
            continue
        stated = next((filled[i] for i in unit_at if filled[i]), "") or above
        factor = tonnes_per_unit(stated, unit, sheet.file, place)
        texts = [filled[i] for i in label_at if i not in refs_at | scope_at | unit_at]
        lines += [
            _Line(
                row=place,
                column=header[at],
                city=city,
                year=year,
                labels=_labels(*texts),
                ref=next((filled[i] for i in refs_at), ""),
                scope=next((filled[i] for i in scope_at), ""),
                carrier="",
                text=filled[at],
                notation="",
                factor=factor,
            )
            for at, year in years.items()
        ]
    return _assemble(lines, sheet.file, sectors or {}, gwp)


def find_wide_years(sheets: list[Sheet]) -> tuple[Sheet, int] | None:
    """Find the sheet and header position of a table whose columns are years."""
    for sheet in sheets:
        for top, header in enumerate(sheet.rows[:40]):
            years = _year_columns(header)
            if len(years) >= _FEWEST_YEARS and min(years) > 0 and len(set(years.values())) == len(years):
                return sheet, top
    return None


def _year_columns(header: Sequence[str]) -> dict[int, str]:
    return {i: text for i, text in enumerate(header) if _YEAR.fullmatch(text)}


def _find_long(sheets: list[Sheet], columns: Mapping[str, str] | None) -> tuple[Sheet, Table]:
    problem: InputError | None = None
    for sheet in sheets:
        try:
            table = find_table(sheet, _WANTED, ("year", "emissions"), columns)
        except InputError as error:
            problem = problem or error
            continue
        if "gpc" in table.columns or "sector" in table.columns or "subsector" in table.columns:
            return sheet, table
    if problem is not None:
        raise problem
    what = "no column says what the emissions are of."
    raise InputError(Finding(sheets[0].file, None, "sector", what, "Add a GPC reference or a sector."))


def is_long(sheets: list[Sheet]) -> bool:
    """Tell whether a file has a table of year, source and emissions."""
    try:
        _find_long(sheets, None)
    except InputError:
        return False
    return True


def _labels(*texts: str) -> tuple[str, ...]:
    """Split "A > B" and drop what is blank."""
    return tuple(part.strip() for text in texts for part in text.split(">") if part.strip())


def _assemble(lines: Sequence[_Line], file: str, sectors: Mapping[str, str], gwp: str) -> Imported:
    crosswalk = {_joined(_labels(label)): target for label, target in sectors.items()}
    labelled: dict[str, list[tuple[Row, str]]] = {}
    published: list[PublishedTotal] = []
    findings: list[Finding] = []
    unknown: dict[str, int] = {}
    for line in lines:
        target = _target(line, crosswalk)
        if target is None:
            unknown.setdefault(" > ".join(line.labels) or line.ref, line.row)
            continue
        if target == "":
            continue
        try:
            year, value, notation = _cells(line, file)
            if target in LEVELS:
                if value is not None:
                    published.append(PublishedTotal(line.city, year, read_level(target), value))
                continue
        except InputError as error:
            findings += error.findings
            continue
        if value is None and not notation.keys:
            continue
        row = Row(
            year=year,
            gpc=target,
            carrier=line.carrier,
            value=value,
            notation=notation.keys,
            pointer=notation.pointer,
            explanation=notation.remark,
            row=line.row,
        )
        labelled.setdefault(line.city, []).append((row, " > ".join(line.labels)))
    findings += [
        Finding(
            file,
            row,
            "",
            f"'{label}' has no GPC reference.",
            f'Say what it is with --sector "{label}=I.1.1" (in Python sectors=), or "{label}=" to leave it out.',
        )
        for label, row in unknown.items()
    ]
    return imported(labelled, file, gwp, published, findings)


def _target(line: _Line, crosswalk: Mapping[str, str]) -> str | None:
    """Return the reference, total or "" a line stands for; None where nobody has said."""
    whole = _joined(line.labels)
    for key in (f"{whole}>{normalise(line.scope)}", whole, normalise(line.ref)):
        if key and key in crosswalk:
            target = crosswalk[key]
            return target if target in LEVELS or not target else reference(target).ref
    if line.ref:
        try:
            return reference(line.ref).ref
        except ValueError:
            return None
    scope = re.sub(r"\D", "", line.scope.removesuffix(".0"))
    if line.labels and scope:
        return _BY_SUBSECTOR.get((normalise(line.labels[-1]), int(scope)))
    return None


def _joined(labels: Sequence[str]) -> str:
    return ">".join(normalise(label) for label in labels)


def _cells(line: _Line, file: str) -> tuple[int, float | None, Notation]:
    year = line.year.removesuffix(".0")
    if not _YEAR.fullmatch(year):
        raise InputError(Finding(file, line.row, "year", f"'{line.year}' is not a year.", "Write four digits."))
    try:
        notation = parse_notation(line.notation)
        if line.text and line.text[0].isalpha():
            return int(year), None, parse_notation(line.text)
    except ValueError as error:
        raise InputError(Finding(file, line.row, line.column, f"{error}.", "Write a figure or a key.")) from None
    value = number(line.text, file, line.row, line.column)
    return int(year), None if value is None else to_tonnes(line.text, line.factor), notation
