"""The CSV of CityCatalyst: 18 columns, one line per activity; year and city only in the file's name."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pandas as pd

from mutirao.city.exchange.gaslines import (
    GASES,
    Line,
    common_losses,
    lines_of,
    lost,
    refuse_losses,
    rows_of_line,
)
from mutirao.city.exchange.headers import Table, find_table
from mutirao.city.exchange.imported import Imported, imported
from mutirao.city.exchange.sheets import Sheet, read_sheets
from mutirao.city.gpc import REFERENCES, reference
from mutirao.city.gwp import BIOGENIC
from mutirao.city.inventory import Inventory, Row
from mutirao.city.notation import format_notation, parse_notation
from mutirao.ground.findings import Finding, InputError
from mutirao.ground.tables import number, write_table

_REF, _KEY, _TOTAL, _TOTAL_UNIT = (
    "GPC Reference Number",
    "Notation Key",
    "Total Emissions",
    "Total Emission Units",
)
_FUEL, _AMOUNT, _UNIT = "Activity type", "Activity Value", "Activity Units"
_FACTORS = {gas: f"Emission Factor - {gas}" for gas in GASES}
_FIGURES = {gas: f"{gas} Emissions" for gas in GASES}
_FACTOR_UNIT, _SOURCE_ID, _SOURCE_NAME = "Emission Factor - Unit", "Data source ID", "Data source name"

COLUMNS = (
    "Inventory Reference",
    _REF,
    "Subsector name",
    _KEY,
    _TOTAL,
    _TOTAL_UNIT,
    _FUEL,
    _AMOUNT,
    _UNIT,
    *_FACTORS.values(),
    _FACTOR_UNIT,
    *_FIGURES.values(),
    _SOURCE_ID,
    _SOURCE_NAME,
)
"""The 18 columns of the file."""

_ALIASES = {_SOURCE_ID: ("Datasource ID",), _SOURCE_NAME: ("DataSource name",)}

_INITIALS = {"CI": "C", "PE": "IE", "NO": "NO", "NE": "NE"}
"""The tool builds keys from initials of its own words: confidential information, presented elsewhere."""

_KG_PER_T = Decimal(1000)


def find_citycatalyst(sheets: list[Sheet]) -> Table:
    """Find the table in a file. Raises InputError where its columns are not there."""
    wanted = {name: _ALIASES.get(name, ()) for name in COLUMNS}
    return find_table(sheets[0], wanted, (_REF, _KEY, _TOTAL, _TOTAL_UNIT))


def read_citycatalyst(path: Path | str, year: int, city: str = "", gwp: str = "") -> Imported:
    """Read a CityCatalyst CSV; the caller says the year, city and GWP set, which the file does not.

    Totals are t CO2e, the three gases kg CO2e. Raises InputError with every line that cannot be read.
    """
    table = find_citycatalyst(read_sheets(path))
    file = table.sheet.file
    labelled: list[tuple[Row, str]] = []
    findings: list[Finding] = []
    for place, cells in table.lines():
        try:
            line = _line(cells, place, file, year)
            rows, notes = rows_of_line(line, file)
        except InputError as error:
            findings += error.findings
            continue
        labelled += [(row, cells.get("Subsector name", "")) for row in rows]
        findings += notes
    named = sum(bool(line.get(_SOURCE_ID)) and bool(line.get(_SOURCE_NAME)) for _, line in table.lines())
    if named:
        what = f"{named} names of sources are not taken over, their ids are."
        findings.append(Finding(file, None, _SOURCE_NAME, what, "Add them to sources.csv.", "note"))
    return imported({city: labelled}, file, gwp, (), findings)


def _line(cells: Mapping[str, str], place: int, file: str, year: int) -> Line:
    def figure(column: str) -> float | None:
        return number(cells.get(column, ""), file, place, column)

    unit = cells[_TOTAL_UNIT]
    if cells[_TOTAL] and unit.replace(" ", "").lower() not in ("tco2e", "tco2eq"):
        what = f"the unit '{unit}' is not t CO2e."
        raise InputError(Finding(file, place, _TOTAL_UNIT, what, "Convert the total to t CO2e."))
    try:
        ref = reference(cells[_REF]).ref
        key = cells[_KEY].strip()
        notation = parse_notation(_INITIALS.get(key.upper(), key))
    except ValueError as error:
        raise InputError(Finding(file, place, "", f"{error}.", "Correct the cell.")) from None
    values: dict[str, float | None] = {"": figure(_TOTAL)}
    for gas, column in _FIGURES.items():
        kilograms = figure(column)
        values[gas] = None if kilograms is None else float(Decimal(cells[column]) / _KG_PER_T)
    row = Row(
        year=year,
        gpc=ref,
        carrier=cells.get(_FUEL, ""),
        notation=notation.keys,
        pointer=notation.pointer,
        source=cells.get(_SOURCE_ID, "") or cells.get(_SOURCE_NAME, ""),
        explanation=notation.remark,
        activity=figure(_AMOUNT),
        activity_unit=cells.get(_UNIT, ""),
        factor_unit=cells.get(_FACTOR_UNIT, ""),
        row=place,
    )
    return Line(row, values, {gas: figure(column) for gas, column in _FACTORS.items()})


def losses(inventory: Inventory, year: int | None = None) -> list[str]:
    """Say what this file cannot hold of an inventory; an empty list where it holds everything."""
    rows = inventory.rows
    chosen = [row for row in rows if row.year == year] if year else list(rows)
    found = common_losses(Inventory(tuple(chosen), inventory.gwp, inventory.file))
    others = sorted(set(inventory.years) - ({year} if year else set(inventory.years[:1])))
    if others:
        found.append(f"more than one year (left out: {', '.join(map(str, others))})")
    found += lost(chosen, "the GWP set", lambda r: bool(r.gwp or inventory.gwp) and r.basis != "mass")
    found += lost(chosen, "data quality", lambda r: bool(r.quality_activity or r.quality_factor))
    found += lost(chosen, "explanations", lambda r: bool(r.explanation))
    found += lost(chosen, "biogenic CO2", lambda r: r.gas == BIOGENIC)
    found += lost(
        chosen,
        "a factor without a figure of its gas",
        lambda r: r.factor is not None and (r.value is None or r.gas not in GASES),
    )
    return found


def write_citycatalyst(
    inventory: Inventory, path: Path | str, year: int | None = None, allow_loss: bool = False
) -> None:
    """Write one year as a CityCatalyst CSV (``year`` None: the first reported one).

    Raises InputError listing what the format cannot hold unless ``allow_loss``.
    """
    refuse_losses(losses(inventory, year), Path(path).name, allow_loss)
    rows = inventory.in_year(year if year is not None else inventory.years[0])
    kept = tuple(row for row in rows if not row.is_memo)
    lines = lines_of(Inventory(kept, inventory.gwp, inventory.file))
    write_table(pd.DataFrame([_cells(line) for line in lines], columns=list(COLUMNS), dtype=str), path)


def _cells(line: Line) -> dict[str, str]:
    row, place = line.row, REFERENCES.get(line.row.gpc)
    return {
        "Inventory Reference": "N/A",
        _REF: row.gpc,
        "Subsector name": place.subsector if place else "",
        _KEY: format_notation(row.notation, row.pointer),
        _TOTAL: _digits(line.values.get("")),
        _TOTAL_UNIT: "t CO2e",
        _FUEL: row.carrier,
        _AMOUNT: _digits(row.activity),
        _UNIT: row.activity_unit,
        **{column: _digits(line.factors.get(gas)) for gas, column in _FACTORS.items()},
        _FACTOR_UNIT: row.factor_unit,
        **{column: _kilograms(line.values.get(gas)) for gas, column in _FIGURES.items()},
        _SOURCE_ID: row.source,
        _SOURCE_NAME: "",
    }


def _digits(value: float | None) -> str:
    return "" if value is None else repr(value)


def _kilograms(tonnes: float | None) -> str:
    """Shift the decimal point in the digits themselves: a float times 1000 does not always come back."""
    return "" if tonnes is None else format(Decimal(repr(tonnes)) * _KG_PER_T, "f")
