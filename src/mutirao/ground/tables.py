"""Plain tables in and out: the one place where a text file becomes rows of cells.

Cells stay text: blank, "0" and a notation key are three different things, and only whoever knows the
column may turn its text into a number (with :func:`number`). Rows carry the number a spreadsheet shows.
"""

import csv
import math
import re
from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path
from uuid import uuid4

import pandas as pd

from mutirao.ground.findings import Finding, InputError, Phrase, told
from mutirao.ground.speech import word

ROW = "_row"
"""Name of the column that holds the spreadsheet row of each record (the header is row 1)."""

MAX_ROWS = 1_000_000
"""Most records a table may have; more is a sign of the wrong file, and no spreadsheet would open it."""

_MOST_FINDINGS = 20
"""A file of the wrong kind breaks on every row; beyond this many the rest is counted, not listed."""

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:[,. '\u2019\u00a0\u202f][0-9]{3})+(?:[.,][0-9]+)?")
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]*,[0-9]+")
_NOT_FINITE = {"nan", "inf", "infinity", "+inf", "-inf", "+infinity", "-infinity"}


def read_rows(path: Path | str, max_rows: int = MAX_ROWS) -> list[list[str]]:
    """Read a comma-separated UTF-8 file as rows of stripped text, ragged or not.

    Returns every record including blank ones, so that index + 1 is the row a spreadsheet shows.
    Raises InputError for: missing file, not UTF-8 (with the byte), a spreadsheet under a .csv name,
    another delimiter, broken quotes, an empty file, more than ``max_rows`` records below the header.
    """
    path = Path(path)
    name = path.name
    if not path.is_file():
        raise _refuse(name, "there is no such file.", told("Put it at {path} or correct the name.", path=path))
    _refuse_other_kinds(path)
    rows: list[list[str]] = []
    filled = False
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            for cells in csv.reader(stream, strict=True):
                if len(rows) > max_rows:
                    raise _refuse(
                        name,
                        told("the table has more than {rows:,} rows.", rows=max_rows),
                        "Check that it is the right file, or sum it to fewer rows before reading it.",
                    )
                stripped = [cell.strip() for cell in cells]
                filled = filled or any(stripped)
                rows.append(stripped)
    except UnicodeDecodeError:
        raise _wrong_encoding(path) from None
    except csv.Error as error:
        raise _refuse(
            name,
            told("the row cannot be split into cells ({reason}).", reason=error),
            "Look for an unpaired double quote in or just above this row.",
            row=len(rows) + 1,
        ) from None
    if not filled:
        raise _refuse(name, "the file is empty.", "Fill in a header row and at least one row below it.")
    _refuse_other_delimiter(name, rows)
    return rows


def read_table(
    path: Path | str,
    columns_required: Sequence[str] = (),
    columns_allowed: Collection[str] | None = None,
    max_rows: int = MAX_ROWS,
) -> pd.DataFrame:
    """Read a tidy comma-separated table as text.

    Returns a frame of strings, one column per header cell (blank cell = ""), plus the integer column
    ``_row`` with the row a spreadsheet shows. Rows without any text are left out. Header names are
    matched exactly. ``columns_allowed`` lists what may appear besides the required columns; None
    allows any. Raises InputError, with all findings at once, for what :func:`read_rows` refuses and
    for missing, unknown, unnamed or repeated columns and rows with too many or too few cells.
    """
    name = Path(path).name
    rows = read_rows(path, max_rows)
    top = next(i for i, cells in enumerate(rows) if any(cells))
    header = rows[top]
    findings = _header_findings(name, top + 1, header, columns_required, columns_allowed)
    if findings:
        raise InputError(findings)
    kept: list[list[str]] = []
    numbers: list[int] = []
    ragged: list[tuple[int, int]] = []
    for i, cells in enumerate(rows[top + 1 :], start=top + 2):
        if not any(cells):
            continue
        if len(cells) != len(header):
            ragged.append((i, len(cells)))
            continue
        kept.append(cells)
        numbers.append(i)
    if ragged:
        raise InputError(_ragged_findings(name, ragged, len(header)))
    frame = pd.DataFrame(kept, columns=header, dtype=str)
    frame[ROW] = pd.Series(numbers, dtype="int64")
    return frame


def number(text: str, file: str, row: int | None, column: str) -> float | None:
    """Turn one cell into a finite number; blank becomes None, never zero.

    Only plain decimal notation is read ("-1234.5", "1e6"). Raises InputError naming the cell for
    not-a-number, infinity, a decimal comma, thousands separators and other text.
    """
    text = text.strip()
    if not text:
        return None
    if _NUMBER.fullmatch(text):
        value = float(text)
        if math.isfinite(value):
            return value
        what, mend = told("'{cell}' is too large to be a number.", cell=text), "Write the figure itself."
    elif text.lower() in _NOT_FINITE:
        what, mend = told("'{cell}' is not a figure.", cell=text), "Leave the cell blank where nothing is known."
    elif _GROUPED.fullmatch(text):
        what = told("'{cell}' has a thousands separator or a decimal comma; which of them cannot be told.", cell=text)
        mend = "Write digits with at most one decimal point, for example 1234567.8."
    elif _DECIMAL_COMMA.fullmatch(text):
        what = told("'{cell}' has a decimal comma.", cell=text)
        mend = told("Write {cell}.", cell=text.replace(",", "."))
    elif text[0] in "\u2212\u2013":
        what = told("'{cell}' begins with a dash that is not a minus sign.", cell=text)
        mend = told("Write {cell}.", cell=f"-{text[1:]}")
    else:
        what, mend = told("'{cell}' is not a number.", cell=text), "Write a number or leave the cell blank."
    raise InputError(Finding(file, row, column, what, mend))


def write_table(frame: pd.DataFrame, path: Path | str) -> None:
    """Write a table as UTF-8 comma-separated text, whole or not at all.

    Numbers are written with the shortest text that reads back to the same number, missing values as
    blank; the column ``_row`` is left out. The file appears under its name only when complete.
    """
    path = Path(path)
    draft = path.with_name(f".{path.name}.{uuid4().hex}.part")
    try:
        with draft.open("x", encoding="utf-8", newline="") as stream:
            frame.drop(columns=ROW, errors="ignore").to_csv(stream, index=False, lineterminator="\n")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _refuse(file: str, what: str, mend: str, row: int | None = None, column: str = "") -> InputError:
    return InputError(Finding(file, row, column, what, mend))


def _refuse_other_kinds(path: Path) -> None:
    with path.open("rb") as stream:
        start = stream.read(4)
    if start.startswith(b"PK\x03\x04") or start.startswith(b"\xd0\xcf\x11\xe0"):
        raise _refuse(
            path.name,
            "this is a spreadsheet workbook, not a text table.",
            "Open it and save the sheet as 'CSV UTF-8 (comma delimited)'.",
        )
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _refuse(path.name, "byte 1: the text is UTF-16, not UTF-8.", "Save the file again as UTF-8.")


def _wrong_encoding(path: Path) -> InputError:
    """Find the first byte that is not UTF-8 (read again by lines: the text stream only knows its chunk)."""
    offset = 0
    with path.open("rb") as stream:
        for row, line in enumerate(stream, start=1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as error:
                byte, code = offset + error.start + 1, f"0x{line[error.start]:02X}"
                what = told("byte {byte} ({code}) is not UTF-8 text.", byte=byte, code=code)
                return _refuse(path.name, what, "Save the file again as 'CSV UTF-8 (comma delimited)'.", row=row)
            offset += len(line)
    return _refuse(path.name, "the text is not UTF-8.", "Save the file again as UTF-8.")


def _refuse_other_delimiter(file: str, rows: list[list[str]]) -> None:
    top = next(i for i, cells in enumerate(rows) if any(cells))
    if sum(1 for cell in rows[top] if cell) != 1:
        return
    for sign, name in ((";", word("semicolons")), ("\t", word("tabs")), ("|", word("bars"))):
        if sign in rows[top][0]:
            raise _refuse(
                file,
                told("the cells are separated by {name}, not by commas.", name=Phrase(name)),
                "Save the file again as 'CSV UTF-8 (comma delimited)' with decimal points.",
                row=top + 1,
            )


def _header_findings(
    file: str,
    row: int,
    header: Sequence[str],
    required: Sequence[str],
    allowed: Collection[str] | None,
) -> list[Finding]:
    findings: list[Finding] = []
    for column, count in Counter(header).items():
        if not column:
            where = header.index("") + 1
            what = told("column number {place} has no name.", place=where)
            findings.append(Finding(file, row, "", what, "Name it or delete it."))
        elif count > 1:
            what = told("the column appears {count} times.", count=count)
            findings.append(Finding(file, row, column, what, "Keep one of them."))
        elif column == ROW:
            findings.append(Finding(file, row, column, "the name is reserved.", "Rename the column."))
        elif allowed is not None and column not in allowed and column not in required:
            known = ", ".join(dict.fromkeys([*required, *allowed]))
            mend = told("Rename or delete it; known: {known}.", known=known)
            findings.append(Finding(file, row, column, "the column is not known here.", mend))
    findings.extend(
        Finding(file, row, column, "the column is missing.", "Add it (its cells may be blank).")
        for column in required
        if column not in header
    )
    return findings


def _ragged_findings(file: str, ragged: Sequence[tuple[int, int]], expected: int) -> list[Finding]:
    findings = [
        Finding(
            file,
            row,
            "",
            told("the row has {count} cells where the header has {expected}.", count=found, expected=expected),
            "Add or remove commas; put text that contains a comma between double quotes.",
        )
        for row, found in ragged[:_MOST_FINDINGS]
    ]
    if len(ragged) > _MOST_FINDINGS:
        rest = len(ragged) - _MOST_FINDINGS
        what = told("{count} more rows have the wrong number of cells.", count=rest)
        findings.append(Finding(file, None, "", what, "Mend them likewise."))
    return findings
