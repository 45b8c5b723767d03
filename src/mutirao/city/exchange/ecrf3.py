"""The long sheet of the CRF workbook ("eCRF_3"): one line per reference and fuel, 33 columns."""

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

from mutirao.city.exchange.gaslines import (
    GASES,
    Line,
    common_losses,
    lines_of,
    lost,
    refuse_losses,
    rows_of_line,
    single_set,
)
from mutirao.city.exchange.headers import Table, find_table, normalise
from mutirao.city.exchange.imported import Imported, imported, quality
from mutirao.city.exchange.sheets import Cell, Sheet, read_sheets, write_workbook
from mutirao.city.gpc import REFERENCES, reference
from mutirao.city.gwp import BIOGENIC, SETS
from mutirao.city.inventory import Inventory, Row
from mutirao.city.notation import Notation, format_notation, parse_notation
from mutirao.ground.findings import Finding, InputError
from mutirao.ground.tables import number

_YEAR, _REF, _FUEL, _KEY = "Inventory year", "GPC ref. no.", "Fuel type or activity", "Notation key"
_SECTOR, _SUBSECTOR, _SCOPE = "CRF - Sector", "CRF - Sub-sector", "Scope"
_AMOUNT, _UNIT = "Activity data - Amount", "Activity data - Unit"
_DESCRIPTION = "Activity data - Description and Methodology"
_SOURCE, _QUALITY = "Activity data - Source", "Activity data - Data Quality"
_FACTOR_UNIT, _FACTOR_QUALITY = "Emission factor - Unit", "Emission factor - Data Quality"
_FACTOR = {"": "Total CO2e", "CO2": "CO2", "CH4": "CH4", "N2O": "N2O", BIOGENIC: "Biogenic CO2"}
_FACTORS = {gas: f"Emission factor - {name}" for gas, name in _FACTOR.items()}
_FIGURES = {gas: f"GHGs (metric tonnes CO2e) - {name}" for gas, name in _FACTOR.items()}

COLUMNS = (
    _YEAR,
    _REF,
    _SECTOR,
    _SUBSECTOR,
    _SCOPE,
    _FUEL,
    _KEY,
    _AMOUNT,
    _UNIT,
    _DESCRIPTION,
    _SOURCE,
    _QUALITY,
    _FACTOR_UNIT,
    *(_FACTORS[gas] for gas in (*GASES, "", BIOGENIC)),
    "Oxidation factor",
    "Emission factor - Year",
    "Emission factor - Scale",
    "Emission factor - Description",
    "Emission factor - Source",
    _FACTOR_QUALITY,
    *(_FIGURES[gas] for gas in (*GASES, "", BIOGENIC)),
    "Activity data conversion - original activity",
    "Activity data conversion - original unit",
    "Activity data conversion - conversion value",
    "Activity data conversion - override used?",
)
"""The 33 columns of the sheet."""

_ALIASES = {
    _YEAR: ("Year", "Reporting year"),
    _REF: ("GPC ref no", "GPC reference", "GPC reference number", "GPC ref"),
    _SECTOR: ("Sector",),
    _SUBSECTOR: ("Sub-sector",),
    _FUEL: ("Fuel type", "Activity type", "Fuel type/activity"),
    _KEY: ("Notation keys", "Notation"),
    _AMOUNT: ("Activity amount",),
    _UNIT: ("Activity unit",),
    _DESCRIPTION: ("Activity data - Description", "Activity data - Methodology"),
    **{
        text: (
            f"GHGs (tonnes CO2e) - {_FACTOR[gas]}",
            f"GHGs (t CO2e) - {_FACTOR[gas]}",
            f"GHGs - {_FACTOR[gas]}",
        )
        for gas, text in _FIGURES.items()
    },
}
_NOT_KEPT = (
    "Oxidation factor",
    "Emission factor - Year",
    "Emission factor - Scale",
    "Emission factor - Description",
    "Emission factor - Source",
    "Activity data conversion - original activity",
    "Activity data conversion - original unit",
    "Activity data conversion - conversion value",
    "Activity data conversion - override used?",
)
_CHANNELS = {
    "direct": "Direct emissions",
    "indirect": "Indirect emissions",
    "outside": "Outside city boundary",
}

SHEET, FRONT_SHEET = "eCRF_3", "eCRF_1"


def find_ecrf3(sheets: list[Sheet], columns: Mapping[str, str] | None = None) -> Table:
    """Find the eCRF_3 table in a file. Raises InputError where no sheet has its columns."""
    wanted = {name: _ALIASES.get(name, ()) for name in COLUMNS}
    named = [s for s in sheets if normalise(s.name) == normalise(SHEET)]
    tables: list[Table] = []
    problem: InputError | None = None
    for sheet in named or sheets:
        try:
            tables.append(find_table(sheet, wanted, (_REF, _FIGURES[""]), columns))
        except InputError as error:
            problem = problem or error
    if len(tables) == 1:
        return tables[0]
    if problem and not tables:
        raise problem
    names = ", ".join(t.sheet.name for t in tables)
    what = f"several sheets look like eCRF_3: {names}."
    raise InputError(Finding(sheets[0].file, None, "", what, "Name the right one 'eCRF_3'."))


def read_ecrf3(
    path: Path | str,
    year: int | None = None,
    city: str = "",
    gwp: str = "",
    columns: Mapping[str, str] | None = None,
) -> Imported:
    """Read an eCRF_3 sheet from a workbook or a comma-separated file.

    ``year`` serves lines whose own year is blank; ``city`` and ``gwp`` override what the sheet eCRF_1
    states; ``columns`` confirms headers (wanted name to header text). Lines of one reference and fuel
    are added up. Raises InputError with every line that cannot be read.
    """
    sheets = read_sheets(path)
    table = find_ecrf3(sheets, columns)
    file = table.sheet.file
    front = _front(sheets)
    findings: list[Finding] = []
    stated, note = _stated_set(gwp or front.get("gwp", ""), file)
    findings += note
    labelled: list[tuple[Row, str]] = []
    for place, line in table.lines():
        try:
            parsed = _line(line, place, file, year)
            if parsed is None:
                continue
            rows, notes = rows_of_line(parsed, file)
        except InputError as error:
            findings += error.findings
            continue
        findings += notes
        labelled += [(row, line.get(_SUBSECTOR, "")) for row in rows]
    findings += _not_kept(table, file)
    return imported({city or front.get("city", ""): labelled}, file, stated, (), findings)


def _line(line: Mapping[str, str], place: int, file: str, year: int | None) -> Line | None:
    def figure(column: str) -> float | None:
        return number(line.get(column, ""), file, place, column)

    values = {gas: figure(column) for gas, column in _FIGURES.items()}
    key_text = line.get(_KEY, "")
    if not line[_REF]:
        if all(value is None for value in values.values()) and not key_text:
            return None  # a heading or an empty line of the form
        raise InputError(Finding(file, place, _REF, "the line has no GPC reference.", "Write it, as I.1.1."))
    try:
        ref = reference(line[_REF]).ref
        notation = parse_notation(key_text)
    except ValueError as error:
        raise InputError(Finding(file, place, "", f"{error}.", "Correct the cell.")) from None
    row = Row(
        year=_year(line.get(_YEAR, ""), place, file, year),
        gpc=ref,
        carrier=line.get(_FUEL, ""),
        notation=notation.keys,
        pointer=notation.pointer,
        quality_activity=quality(line.get(_QUALITY, "")),
        quality_factor=quality(line.get(_FACTOR_QUALITY, "")),
        source=line.get(_SOURCE, ""),
        explanation=_explanation(line.get(_DESCRIPTION, ""), notation),
        activity=figure(_AMOUNT),
        activity_unit=line.get(_UNIT, ""),
        factor_unit=line.get(_FACTOR_UNIT, ""),
        row=place,
    )
    return Line(row, values, {gas: figure(column) for gas, column in _FACTORS.items()})


def _explanation(text: str, notation: Notation) -> str:
    return "; ".join(part for part in (text, notation.remark) if part)


def _year(text: str, place: int, file: str, fallback: int | None) -> int:
    if text.isascii() and text.isdigit() and len(text) == 4:
        return int(text)
    if not text and fallback is not None:
        return fallback
    what = f"'{text}' is not a year." if text else "the year is blank."
    raise InputError(Finding(file, place, _YEAR, what, "Write four digits, or state it with --year (in Python year=)."))


def _front(sheets: list[Sheet]) -> dict[str, str]:
    """Read city and GWP set from the front sheet: label in one cell, answer in the next."""
    answers: dict[str, str] = {}
    for sheet in sheets:
        if normalise(sheet.name) != normalise(FRONT_SHEET):
            continue
        for cells in sheet.rows:
            for label, answer in pairwise(cells):
                name = normalise(label)
                if name in ("city", "cityname", "nameofcity") and answer:
                    answers.setdefault("city", answer)
                if (name.startswith("gwp") or "globalwarmingpotential" in name) and answer:
                    answers.setdefault("gwp", answer)
    return answers


def _stated_set(text: str, file: str) -> tuple[str, list[Finding]]:
    if not text or text in SETS:
        return text, []
    report = {"ar4": "AR4", "ar5": "AR5", "ar6": "AR6", "fourth": "AR4", "fifth": "AR5", "sixth": "AR6"}
    hits = {name for word, name in report.items() if word in text.lower()}
    if len(hits) == 1 and "20" not in text.replace("20" + "0", ""):
        found = f"{hits.pop()}-100"
        what = f"'{text}' was read as {found}: the GPC asks for the horizon of 100 years."
        return found, [Finding(file, None, "GWP", what, "State the set if it is another one.", "note")]
    what = f"the GWP set '{text}' is not known."
    mend = f"State it with --gwp (in Python gwp=): one of {', '.join(SETS)}."
    raise InputError(Finding(file, None, "GWP", what, mend))


def _not_kept(table: Table, file: str) -> list[Finding]:
    found = []
    for column in _NOT_KEPT:
        count = sum(bool(line.get(column)) for _, line in table.lines())
        if count:
            what = f"{count} cells are not taken over."
            found.append(Finding(file, None, column, what, "Keep the original file as the source.", "note"))
    return found


def losses(inventory: Inventory) -> list[str]:
    """Say what an eCRF_3 sheet cannot hold of an inventory; an empty list where it holds everything."""
    found = common_losses(inventory)
    sets = {row.gwp or inventory.gwp for row in inventory.rows if row.value is not None and row.basis != "mass"}
    if len(sets) > 1:
        found.append(f"more than one GWP set ({', '.join(sorted(s or 'not stated' for s in sets))})")
    found += lost(
        inventory.rows,
        "a factor without a figure of its gas",
        lambda r: r.factor is not None and r.value is None and bool(r.gas),
    )
    return found


def write_ecrf3(inventory: Inventory, path: Path | str, city: str = "", allow_loss: bool = False) -> None:
    """Write an eCRF_3 workbook, with city and GWP set on the sheet eCRF_1.

    Raises InputError listing what the format cannot hold unless ``allow_loss``, and where tonnes of a
    gas cannot be converted.
    """
    refuse_losses(losses(inventory), Path(path).name, allow_loss)
    body = [_cells(line) for line in lines_of(inventory)]
    front: list[list[Cell]] = [
        [None, "City", city],
        [None, "Inventory year", ", ".join(map(str, inventory.years))],
        [None, "GWP", single_set(inventory)],
    ]
    write_workbook(path, {FRONT_SHEET: front, SHEET: [list(COLUMNS), *body]})


def _cells(line: Line) -> list[Cell]:
    row, place = line.row, REFERENCES.get(line.row.gpc)
    cells: dict[str, Cell] = {
        _YEAR: row.year,
        _REF: row.gpc,
        _SECTOR: place.sector if place else "",
        _SUBSECTOR: place.subsector if place else "",
        _SCOPE: _CHANNELS[place.channel] if place else "",
        _FUEL: row.carrier,
        _KEY: format_notation(row.notation, row.pointer),
        _AMOUNT: row.activity,
        _UNIT: row.activity_unit,
        _DESCRIPTION: row.explanation,
        _SOURCE: row.source,
        _QUALITY: row.quality_activity,
        _FACTOR_UNIT: row.factor_unit,
        _FACTOR_QUALITY: row.quality_factor,
        **{_FACTORS[gas]: value for gas, value in line.factors.items()},
        **{_FIGURES[gas]: value for gas, value in line.values.items()},
    }
    return [cells.get(column) for column in COLUMNS]
