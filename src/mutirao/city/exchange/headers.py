"""Finding the columns of a foreign file: exact, then normalised, then by alias; likeness never decides."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from mutirao.city.exchange.sheets import Sheet
from mutirao.ground.findings import Finding, InputError

_SEARCHED_ROWS = 40
"""Files open with titles and notes; a header further down than this is not looked for."""


@dataclass(frozen=True)
class Table:
    """The data under a header: position of each wanted column, and the header itself."""

    sheet: Sheet
    top: int
    columns: Mapping[str, int]
    header: Sequence[str]

    def lines(self) -> list[tuple[int, dict[str, str]]]:
        """Return (spreadsheet row, text by wanted column) of every row with any text below the header."""
        found = []
        for i, cells in enumerate(self.sheet.rows[self.top + 1 :], start=self.top + 2):
            if any(cells):
                line = {name: cells[at] if at < len(cells) else "" for name, at in self.columns.items()}
                found.append((i, line))
        return found


def normalise(text: str) -> str:
    """Reduce a header to its letters, digits and plus signs in lower case: "GPC ref. no." -> "gpcrefno"."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return re.sub(r"[^a-z0-9+]", "", plain)


def match(
    header: Sequence[str],
    wanted: Mapping[str, Sequence[str]],
    confirmed: Mapping[str, str] | None = None,
) -> dict[str, int]:
    """Return the position of each wanted column that the header has.

    ``wanted`` gives each column's aliases; ``confirmed`` the header text the caller has chosen for a
    column. Every header cell serves at most one column and an earlier, closer rule wins, so that
    "Emission factor - Total CO2e" is never taken for "Total CO2e". Two header cells that answer one
    column by the same rule leave it unmatched: the choice is the caller's.
    """
    confirmed = confirmed or {}
    found: dict[str, int] = {}
    taken: set[int] = set()
    shortened = [normalise(text) for text in header]
    for rule in ("confirmed", "exact", "normalised", "alias"):
        for name, aliases in wanted.items():
            if name in found:
                continue
            if rule == "confirmed":
                hits = [i for i, text in enumerate(header) if text and text == confirmed.get(name)]
            elif rule == "exact":
                hits = [i for i, text in enumerate(header) if text == name]
            elif rule == "normalised":
                hits = [i for i, text in enumerate(shortened) if text == normalise(name)]
            else:
                keys = {normalise(alias) for alias in aliases}
                hits = [i for i, text in enumerate(shortened) if text in keys]
            hits = [i for i in hits if i not in taken]
            if len(hits) == 1:
                found[name] = hits[0]
                taken.add(hits[0])
    return found


def find_table(
    sheet: Sheet,
    wanted: Mapping[str, Sequence[str]],
    required: Sequence[str],
    confirmed: Mapping[str, str] | None = None,
) -> Table:
    """Find the header row that has every required column.

    Raises InputError naming the missing columns and, where a header looks alike, asking to confirm it.
    """
    best: tuple[int, dict[str, int]] = (0, {})
    for top, header in enumerate(sheet.rows[:_SEARCHED_ROWS]):
        columns = match(header, wanted, confirmed)
        if all(name in columns for name in required):
            return Table(sheet, top, columns, header)
        if len(columns) > len(best[1]):
            best = (top, columns)
    top, columns = best
    header = sheet.rows[top] if sheet.rows else []
    raise InputError(_missing(sheet, top + 1, name, header) for name in required if name not in columns)


def _missing(sheet: Sheet, row: int, name: str, header: Sequence[str]) -> Finding:
    like = get_close_matches(name, [text for text in header if text], n=1, cutoff=0.6)
    mend = f"Is it '{like[0]}'? Confirm with columns={{'{name}': '{like[0]}'}}." if like else "Add it."
    where = f" in sheet '{sheet.name}'" if sheet.name else ""
    return Finding(sheet.file, row, name, f"the column is missing{where}.", mend)
