"""Our own table in a text file or workbook: every column of inventory.csv, nothing lost."""

from pathlib import Path

import pandas as pd

from mutirao.city.exchange.imported import Imported
from mutirao.city.exchange.sheets import Cell, Sheet, read_sheets, write_workbook
from mutirao.city.gpc import LEVELS
from mutirao.city.inventory import COLUMNS, Inventory, frame, from_frame
from mutirao.ground.findings import Finding, InputError
from mutirao.ground.tables import ROW, write_table

SHEET = "Inventory"
_NEEDED = {"year", "gpc", "value", "unit", "notation"}
_NUMBERS = {"year", "value", "activity", "factor"}


def find_tidy(sheets: list[Sheet]) -> Sheet | None:
    """Find a sheet whose first row has the columns of inventory.csv."""
    return next((sheet for sheet in sheets if sheet.rows and set(sheet.rows[0]) >= _NEEDED), None)


def read_tidy(path: Path | str, city: str = "", gwp: str = "") -> Imported:
    """Read a tidy inventory from a text file or a workbook. Raises InputError with every error."""
    sheets = read_sheets(path)
    sheet = find_tidy(sheets)
    if sheet is None:
        what = f"no sheet has the columns {', '.join(sorted(_NEEDED))}."
        raise InputError(Finding(sheets[0].file, None, "", what, "Use the columns of inventory.csv."))
    header = sheet.rows[0]
    records = [
        [*[*cells, *[""] * len(header)][: len(header)], place]
        for place, cells in enumerate(sheet.rows[1:], start=2)
        if any(cells)
    ]
    table = pd.DataFrame(records, columns=[*header, ROW], dtype=object)
    inventory = from_frame(table, sheet.file, gwp)
    return Imported({city: inventory}, (), tuple(inventory.check()))


def losses(inventory: Inventory) -> list[str]:
    """Say what a tidy table cannot hold: nothing."""
    return []


def write_tidy_csv(inventory: Inventory, path: Path | str) -> None:
    """Write a tidy CSV with the GWP set on every row; nothing is lost."""
    write_table(frame(inventory.stated()), path)


def write_tidy_xlsx(inventory: Inventory, path: Path | str, gwp: str = "AR5-100") -> None:
    """Write a workbook: the inventory, its GPC totals by year (t CO2e in ``gwp``) and its completeness.

    Nothing is lost. A total that does not exist in that set is left blank and the reason written beside it.
    """
    table = frame(inventory.stated())
    inventory_rows: list[list[Cell]] = [list(table.columns)]
    for i, row in enumerate(inventory.stated().rows):
        text = table.iloc[i].to_dict()
        numbers = {name: getattr(row, name) for name in _NUMBERS}
        inventory_rows.append([numbers[c] if c in _NUMBERS else str(text[c]) for c in table.columns])
    write_workbook(
        path,
        {
            SHEET: inventory_rows,
            "Totals": _totals(inventory, gwp),
            "Completeness": _completeness(inventory),
        },
    )


def _totals(inventory: Inventory, gwp: str) -> list[list[Cell]]:
    rows: list[list[Cell]] = [["year", *(f"{level}, t CO2e ({gwp})" for level in LEVELS), "remark"]]
    for year in inventory.years:
        cells: list[Cell] = [year]
        remarks: list[str] = []
        for level in LEVELS:
            try:
                cells.append(inventory.total(year, level, gwp))
            except InputError as error:
                cells.append(None)
                remarks.append(str(error.findings[0]))
        rows.append([*cells, remarks[0] if remarks else ""])
    return rows


def _completeness(inventory: Inventory) -> list[list[Cell]]:
    rows: list[list[Cell]] = [["year", "total", "share answered", "figures", "keys", "NE unexplained", "missing"]]
    for year in inventory.years:
        for level in LEVELS:
            done = inventory.completeness(year, level)
            counts: list[Cell] = [len(done.numbers), len(done.keys)]
            gaps: list[Cell] = [", ".join(done.unexplained), ", ".join(done.missing)]
            rows.append([year, level, done.share, *counts, *gaps])
    return rows


__all__ = ["COLUMNS", "find_tidy", "losses", "read_tidy", "write_tidy_csv", "write_tidy_xlsx"]
