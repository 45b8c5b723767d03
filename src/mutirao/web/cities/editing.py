"""Editing a table or a settings file in the browser: what was typed becomes the bytes of a new version's file."""

import csv
import io
from collections.abc import Mapping

from django.utils.translation import gettext as _

from mutirao.web.cities.arriving import Refused
from mutirao.web.cities.sheets import MOST_TEXT, Sheet

NEW_ROWS = 3
"""Blank rows at the end of an edited table."""
MOST_CELL = 2_000
"""Letters of one cell."""


def edited_table(whole: Sheet, typed: Mapping[str, str]) -> bytes:
    """The table with some of its rows typed anew; those that were not on the page stay as they are.

    ``typed`` has cells as ``c-<row>-<column>``, rows to delete as ``d-<row>``, new rows as ``n-<row>-<column>``. Raises
    Refused for a cell that is too long.
    """
    width = len(whole.header)
    rows: list[list[str]] = []
    for number, before in whole.rows:
        if f"c-{number}-0" not in typed:
            rows.append(before)
        elif f"d-{number}" not in typed:
            rows.append([_cell(typed.get(f"c-{number}-{n}"), text) for n, text in enumerate(before)])
    rows += [[_cell(typed.get(f"n-{i}-{n}"), "") for n in range(width)] for i in range(NEW_ROWS)]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(whole.header)
    writer.writerows(row for row in rows if any(row))
    return out.getvalue().encode()


def edited_text(text: str) -> bytes:
    """The bytes of a file typed as text. Raises Refused for more than a browser should hold."""
    content = text.replace("\r\n", "\n").encode()
    if len(content) > MOST_TEXT:
        raise Refused(_("This is too long to be edited here. Download the version, edit it, and upload it again."))
    if b"\0" in content:
        raise Refused(_("The text holds a sign that no table may hold."))
    return content if content.endswith(b"\n") or not content else content + b"\n"


def _cell(typed: str | None, before: str) -> str:
    if typed is None:
        return before
    if len(typed) > MOST_CELL:
        raise Refused(_("A cell holds more than %(most)s letters.") % {"most": MOST_CELL})
    return " ".join(typed.replace("\0", "").split()) if "\n" in typed or "\r" in typed else typed.strip()
