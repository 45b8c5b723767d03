"""Workbooks and text files in and out as sheets of text cells, to the last digit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from uuid import uuid4

from openpyxl import Workbook
from openpyxl.cell import Cell as BookCell
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils.exceptions import IllegalCharacterError
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from python_calamine import CalamineError, CalamineWorkbook

from mutirao.ground.findings import Finding, InputError
from mutirao.ground.tables import MAX_ROWS, read_rows

_WORKBOOK_STARTS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


@dataclass(frozen=True)
class Sheet:
    """One sheet: ``rows[i]`` is what a spreadsheet shows in row i + 1, every cell as stripped text."""

    file: str
    name: str
    rows: list[list[str]]


def read_sheets(path: Path | str) -> list[Sheet]:
    """Read a workbook (xlsx, xlsm, xls, ods) or a comma-separated UTF-8 file, told apart by content.

    Raises InputError for a missing or unreadable file, and as ``ground.tables.read_rows`` does.
    """
    path = Path(path)
    if path.is_file():
        with path.open("rb") as stream:
            if stream.read(4).startswith(_WORKBOOK_STARTS):
                return _read_workbook(path)
    return [Sheet(path.name, "", read_rows(path))]


def _read_workbook(path: Path) -> list[Sheet]:
    try:
        book = CalamineWorkbook.from_path(str(path))
        sheets = [
            Sheet(
                path.name,
                name,
                [
                    [_text(cell) for cell in row]
                    for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False)
                ],
            )
            for name in book.sheet_names
        ]
    except CalamineError as error:
        what = f"the workbook cannot be read ({error})."
        raise InputError(
            Finding(path.name, None, "", what, "Open it in a spreadsheet program and save it again as .xlsx.")
        ) from None
    for sheet in sheets:
        if len(sheet.rows) > MAX_ROWS:
            what = f"the sheet '{sheet.name}' has more than {MAX_ROWS:,} rows."
            raise InputError(Finding(path.name, None, "", what, "Delete the rows that hold no data."))
    return sheets


def _text(cell: object) -> str:
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return repr(cell).removesuffix(".0")
    if isinstance(cell, date | datetime | time):
        return cell.isoformat()
    return str(cell).strip()


Cell = str | float | int | None


def write_workbook(path: Path | str, sheets: Mapping[str, Sequence[Sequence[Cell]]]) -> None:
    """Write sheets of rows as one xlsx workbook, whole or not at all.

    Text stays text, also where it looks like a formula or a number; numbers keep all their digits.
    Raises InputError for text with control characters, which no workbook can hold.
    """
    path = Path(path)
    book = Workbook(write_only=True)
    for title, rows in sheets.items():
        page = book.create_sheet(title)
        for number, row in enumerate(rows, start=1):
            try:
                page.append([_cell(page, value) for value in row])
            except IllegalCharacterError:
                what = f"a text of sheet '{title}' has a control character."
                raise InputError(Finding(path.name, number, "", what, "Delete it from the text.")) from None
    draft = path.with_name(f".{path.name}.{uuid4().hex}.part")
    try:
        book.save(draft)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _cell(page: WriteOnlyWorksheet, value: Cell) -> BookCell | None:
    if value is None or value == "":
        return None
    # openpyxl rounds numbers to 16 digits; handing it the digits as text of a number keeps all 17
    cell = WriteOnlyCell(page, value=repr(value) if isinstance(value, float) else value)
    cell.data_type = "n" if isinstance(value, float | int) else "s"
    return cell
