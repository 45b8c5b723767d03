"""A city as one spreadsheet workbook, a sheet per table, and back without loss."""

import csv
import os
import tempfile
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4
from zipfile import BadZipFile

import pandas as pd
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from mutirao.city.actions import actions_frame
from mutirao.city.communities import designated_table
from mutirao.city.facts import CITY
from mutirao.city.folder import FACT_FILES, TABLES, City, fact_table, read_city
from mutirao.city.inventory import frame as inventory_frame
from mutirao.city.settings import settings_text
from mutirao.city.settings_file import settings_of
from mutirao.city.sources import sources_frame
from mutirao.city.variables import Variable
from mutirao.ground.findings import Finding, InputError, told
from mutirao.ground.tables import ROW

SETTINGS_SHEET = "city"
ENDINGS = (".xlsx", ".xlsm")
_HEADER = ("section", "key", "value")
# Shown as numbers. Years of sources may be spans, and parameters keep the digits they were written with.
_NUMBERS = {
    "year",
    "value",
    "low",
    "high",
    "longitude",
    "latitude",
    "amount",
    "start",
    "end",
    "funded_share",
    "share",
    "homes",
}
_LISTS = ("boundaries", "measures", "criteria")
_TEXT_SHEETS = ("sources", "parameters")


def is_workbook(path: Path) -> bool:
    """Whether a path is to be read as a workbook (by its ending)."""
    return path.suffix.lower() in ENDINGS


def write_workbook(city: City, path: Path | str) -> None:
    """Write a city as an .xlsx workbook: first sheet ``city``, then one sheet per table.

    The file appears only when complete. Figures keep every digit.
    """
    path = Path(path)
    book = Workbook()
    first = book.active
    assert isinstance(first, Worksheet)
    first.title = SETTINGS_SHEET
    _fill(first, _HEADER, _settings_rows(tomllib.loads(settings_text(city.settings))))
    for name, table in _tables(city):
        sheet = book.create_sheet(name.removesuffix(".csv"))
        numeric = _NUMBERS if sheet.title not in _TEXT_SHEETS else set()
        columns = [str(column) for column in table.columns if column != ROW]
        records = table[columns].astype(object).to_numpy().tolist()
        rows = ([_cell(v, c in numeric) for v, c in zip(row, columns, strict=True)] for row in records)
        _fill(sheet, columns, rows)
    draft = path.with_name(f".{path.name}.{uuid4().hex}.part")
    try:
        book.save(draft)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def read_workbook(path: Path | str, variables: Sequence[Variable]) -> City:
    """Read a city from such a workbook. Raises InputError with findings that name table, row and column.

    Rows are those of the sheet; the table "people.csv" is the sheet "people".
    """
    path = Path(path)
    with tempfile.TemporaryDirectory() as folder:
        lay_out(path, Path(folder), path.name)
        return replace(read_city(folder, variables), path=path)


def lay_out(path: Path, folder: Path, name: str) -> None:
    """Write the sheets of a workbook as the tables of a city folder; ``name`` is what findings call the workbook.

    Raises InputError for what is no workbook, an unknown sheet, or a first sheet that is not a city's.
    """
    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (OSError, BadZipFile, InvalidFileException, KeyError) as error:
        what = told("the workbook cannot be read ({reason}).", reason=type(error).__name__)
        raise InputError(Finding(name, None, "", what, "Save it as an Excel workbook (.xlsx).")) from None
    try:
        _unpack(book, folder, name)
    finally:
        book.close()


def _unpack(book: Any, folder: Path, name: str) -> None:
    """Lay the sheets out as the tables of a city folder, so that one set of rules reads both."""
    known = [table.removesuffix(".csv") for table in TABLES]
    if SETTINGS_SHEET not in book.sheetnames:
        mend = told("Add the sheet '{sheet}' with columns {names}.", sheet=SETTINGS_SHEET, names=", ".join(_HEADER))
        raise InputError(Finding(name, None, "", told("there is no sheet '{sheet}'.", sheet=SETTINGS_SHEET), mend))
    for title in book.sheetnames:
        rows = list(book[title].iter_rows(values_only=True))
        if title == SETTINGS_SHEET:
            settings = settings_of(*_sections(rows, name))
            (folder / "city.toml").write_text(settings_text(settings), encoding="utf-8")
        elif title in known:
            with (folder / f"{title}.csv").open("w", encoding="utf-8", newline="") as stream:
                csv.writer(stream).writerows(_trimmed([[_text(cell) for cell in row] for row in rows]))
        else:
            mend = told("Rename or delete it; known: {known}.", known=", ".join([SETTINGS_SHEET, *known]))
            raise InputError(Finding(name, None, "", told("the sheet '{sheet}' is not known.", sheet=title), mend))


def _tables(city: City) -> Iterable[tuple[str, pd.DataFrame]]:
    found: dict[str, pd.DataFrame | None] = {name: fact_table(city.facts, name) for name in FACT_FILES}
    found["zones.csv"] = city.zones if city.zone_ids != (CITY,) else None
    found["inventory.csv"] = inventory_frame(city.inventory)
    found["actions.csv"] = actions_frame(city.actions)
    found["seed.csv"] = city.seed
    found["communities.csv"] = city.communities
    found["designated.csv"] = None if city.designated is None else designated_table(city.designated)
    found["parameters.csv"] = city.parameters
    found["sources.csv"] = sources_frame(city.sources)
    for name in TABLES:
        table = found[name]
        if table is not None and len(table):
            yield name, table


def _settings_rows(table: Mapping[str, Any], section: str = "") -> Iterator[tuple[str, str, object]]:
    """Lay out city.toml as section, key, value; the n-th of a list of sections is "groups n"."""
    for key, value in table.items():
        below = f"{section}.{key}" if section else key
        if isinstance(value, Mapping):
            yield from _settings_rows(value, below)
        elif isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
            for n, item in enumerate(value, start=1):
                yield from _settings_rows(item, f"{below} {n}")
        elif isinstance(value, list):
            yield section, key, ", ".join(value)
        elif value != "":
            yield section, key, value


def _sections(rows: Sequence[Sequence[Any]], name: str) -> tuple[dict[str, Any], dict[tuple[str, int, str], int]]:
    """Turn the first sheet into the nested tables of city.toml, and the row of each key."""
    if not rows or tuple(rows[0][:3]) != _HEADER:
        mend = told("Begin with the columns {names}.", names=", ".join(_HEADER))
        raise InputError(Finding(name, 1, SETTINGS_SHEET, "the header of the first sheet is not known.", mend))
    tables: dict[str, Any] = {}
    lines: dict[tuple[str, int, str], int] = {}
    lists: dict[str, list[str]] = {}
    for row, cells in enumerate(rows[1:], start=2):
        section, key, value = (str(cells[0] or "").strip(), str(cells[1] or "").strip(), cells[2])
        if not key or value is None:
            continue
        path, _, number = section.partition(" ")
        nth = 0
        table = tables
        parents = path.split(".") if path else []
        for depth, part in enumerate(parents):
            if number and depth == len(parents) - 1:
                # Numbers only tell the members of a list apart: a deleted one leaves no hole.
                order = lists.setdefault(path, [])
                if number not in order:
                    order.append(number)
                    table.setdefault(part, []).append({})
                nth = order.index(number)
                table = table[part][nth]
            else:
                table = table.setdefault(part, {})
        lines[path, nth, key] = row
        lines.setdefault((path, nth, ""), row)
        table[key] = _setting(key, value)
    return tables, lines


def _setting(key: str, value: Any) -> Any:
    if key in _LISTS:
        return [word.strip() for word in str(value).split(",")]
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime | date):
        return cell.isoformat()[:10]
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell)


def _cell(value: Any, numeric: bool) -> object:
    """What a table's value is in a sheet: blank stays blank, figures are numbers.

    The format of workbooks keeps 16 digits; a figure that needs 17 is written as text.
    """
    if pd.isna(value) or value == "":
        return None
    if numeric:
        figure = int(value) if isinstance(value, int) else float(value)
        return figure if float(f"{figure:.16g}") == figure else repr(figure)
    return str(value)


def _trimmed(rows: list[list[str]]) -> list[list[str]]:
    """Drop the blank cells that spreadsheets leave to the right of the header."""
    width = max((n for n, cell in enumerate(rows[0], start=1) if cell.strip()), default=0) if rows else 0
    out = []
    for row in rows:
        extra = any(cell.strip() for cell in row[width:])
        out.append(row if extra else (row + [""] * width)[:width])
    return out


def _fill(sheet: Worksheet, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    for row, values in enumerate((header, *rows), start=1):
        for column, value in enumerate(values, start=1):
            if value is None:
                continue
            cell = sheet.cell(row, column, value)
            if isinstance(value, str):
                # Text that begins with "=" is text, not a formula.
                cell.data_type = "s"
            if row == 1:
                cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"
    for column, title in enumerate(header, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = max(12, len(title) + 2)
