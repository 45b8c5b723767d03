"""Tables of a version as they are shown and edited: rows as a spreadsheet numbers them, findings beside cells."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from django.core.paginator import Page, Paginator

from mutirao.city.folder import TABLES
from mutirao.city.settings import FILE as SETTINGS
from mutirao.ground.findings import InputError
from mutirao.ground.tables import read_rows
from mutirao.web.cities.checking import Found, anchor
from mutirao.web.cities.keeping import names_in
from mutirao.web.cities.models import CityVersion

ROWS = 50
"""Rows on one page of a table."""
MOST_TEXT = 2_000_000
"""Bytes of a file that is shown and edited in the browser; a larger one is downloaded."""
AS_TEXT = (".csv", ".toml")


@dataclass(frozen=True)
class CellShown:
    """One cell: its text, its id on the page and what was found about it."""

    text: str
    id: str
    found: tuple[Found, ...] = ()

    @property
    def wrong(self) -> bool:
        return any(one.error for one in self.found)


@dataclass(frozen=True)
class RowShown:
    """One row; ``found`` is about the row as a whole."""

    number: int
    cells: tuple[CellShown, ...]
    id: str
    found: tuple[Found, ...] = ()


@dataclass(frozen=True)
class Sheet:
    """A file of a version as rows: a table by its columns, any other text by its lines.

    ``rows`` are (number, texts); ``by_row`` is what was found at a row, ``whole`` about the file or its header;
    ``unreadable`` says why a table is shown as lines.
    """

    name: str
    header: tuple[str, ...]
    rows: Sequence[tuple[int, list[str]]]
    by_row: Mapping[int, Sequence[Found]]
    whole: tuple[Found, ...]
    unreadable: tuple[str, ...] = ()

    @property
    def tabular(self) -> bool:
        return bool(self.header)

    def shown(self, rows: Sequence[tuple[int, list[str]]]) -> list[RowShown]:
        """Rows with their findings: beside a cell where its column is known, else beside the row."""
        out = []
        for number, texts in rows:
            here = self.by_row.get(number, ())
            cells = tuple(
                CellShown(text, anchor(self.name, number, column), tuple(one for one in here if one.column == column))
                for column, text in zip(self.header or ("",), texts, strict=False)
            )
            about_row = tuple(one for one in here if one.column not in self.header)
            # A line of text is one cell without a column: what is said about it stands beside the row.
            cells = cells if self.tabular else tuple(replace(cell, found=()) for cell in cells)
            out.append(RowShown(number, cells, anchor(self.name, number, ""), about_row))
        return out


@dataclass(frozen=True)
class FileShown:
    """A file in the list of a version."""

    name: str
    kilobytes: int
    errors: int
    notes: int
    shown: bool


def files_of(version: CityVersion, found: Sequence[Found]) -> list[FileShown]:
    """The files of a version in the order in which a city is read, with what was found in each."""
    order = {name: n for n, name in enumerate((SETTINGS, *TABLES))}
    names = sorted(names_in(version.path), key=lambda name: (order.get(name, len(order)), name))
    out = []
    for name in names:
        about = [one for one in found if one.file == name]
        size = (version.path / name).stat().st_size
        errors = sum(1 for one in about if one.error)
        text = name.endswith(AS_TEXT) and "/" not in name
        out.append(
            FileShown(name, max(1, round(size / 1000)), errors, len(about) - errors, text and size <= MOST_TEXT)
        )
    return out


def sheet(folder: Path, name: str, found: Sequence[Found]) -> Sheet:
    """Lay out a file with its findings at their rows."""
    header, rows, unreadable = _rows(folder / name)
    numbers = {number for number, _texts in rows}
    by_row: dict[int, list[Found]] = defaultdict(list)
    for one in found:
        by_row[one.row].append(one)
    whole = tuple(one for row, about in sorted(by_row.items()) if row not in numbers for one in about)
    return Sheet(name, header, rows, by_row, whole, unreadable)


def page_of(whole: Sheet, asked: str, only_marked: bool = False) -> "Page[tuple[int, list[str]]]":
    """One page of rows, all or those with findings; an asked page that is none is the nearest one."""
    kept = [row for row in whole.rows if row[0] in whole.by_row] if only_marked else whole.rows
    return Paginator(kept, ROWS).get_page(asked if asked.isdecimal() and len(asked) < 8 else "1")


def place_of(one: Found, header: Sequence[str], rows: Sequence[tuple[int, list[str]]]) -> str:
    """Where a finding stands in the pages of its table: the page's number and the cell's id, as an address ends."""
    number = sum(1 for row, _texts in rows if row < one.row) // ROWS + 1
    column = one.column if one.column in header else ""
    return f"?page={number}#{anchor(one.file, one.row, column)}"


def text_of(folder: Path, name: str) -> str:
    """A file as text; bytes that are no UTF-8 are shown by a mark."""
    return (folder / name).read_bytes().decode("utf-8-sig", errors="replace")


def _rows(file: Path) -> tuple[tuple[str, ...], list[tuple[int, list[str]]], tuple[str, ...]]:
    """Header and numbered rows of a table, else no header and numbered lines, with why."""
    unreadable: tuple[str, ...] = ()
    if file.suffix == ".csv":
        try:
            records = read_rows(file)
        except InputError as error:
            unreadable = tuple(f"{one.what} {one.mend}" for one in error.findings)
        else:
            top = next(i for i, cells in enumerate(records) if any(cells))
            header = records[top]
            width = max(len(header), *(len(cells) for cells in records))
            # Cells beyond the header are shown too, under a head that counts.
            names = [name or str(n + 1) for n, name in enumerate(header + [""] * (width - len(header)))]
            below = enumerate(records[top + 1 :], start=top + 2)
            return tuple(names), [(n, cells + [""] * (width - len(cells))) for n, cells in below if any(cells)], ()
    lines = file.read_bytes().decode("utf-8-sig", errors="replace").splitlines()
    return (), [(n, [line]) for n, line in enumerate(lines, start=1)], unreadable
