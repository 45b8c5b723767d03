"""What the command line prints, and how: results to the output, findings and complaints to the error stream."""

import os
import sys
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from mutirao.ground.findings import Finding

PIPED_WIDTH = 120
"""Columns of tables where no terminal says how wide it is."""


def _console(to_errors: bool) -> Console:
    stream = sys.stderr if to_errors else sys.stdout
    wide = stream.isatty() or "COLUMNS" in os.environ
    return Console(stderr=to_errors, highlight=False, width=None if wide else PIPED_WIDTH)


output = _console(to_errors=False)
"""Results; may be piped into a file or another program."""

errors = _console(to_errors=True)
"""Findings and complaints."""

MOST = 50
"""A file of the wrong kind breaks on every row; beyond this many findings of one level the rest is counted."""

_STYLES = {"error": "bold red", "note": "yellow"}


def complain(sentence: str) -> None:
    """Print one sentence to the error stream, unbroken, so that it can be searched and copied."""
    errors.print(Text(sentence), soft_wrap=True)


def say(sentence: str) -> None:
    """Print one sentence to the output, unbroken."""
    output.print(Text(sentence), soft_wrap=True)


def counted(count: int, word: str) -> str:
    """A count with its noun in the singular or plural, "1 error", "2 errors"."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def show_findings(findings: Sequence[Finding], everything: bool = False, console: Console = errors) -> None:
    """Print findings, errors first: a table on a terminal, one line each (`error: place: ...`) elsewhere."""
    for level in ("error", "note"):
        # What is wrong in a row may be why something is missing from its file: rows come first.
        some = sorted((f for f in findings if f.level == level), key=lambda f: (f.file, f.row is None, f.row or 0))
        if not some:
            continue
        shown = some if everything else some[:MOST]
        if console.is_terminal:
            console.print(_findings_table(shown, level, len(some)))
        else:
            for finding in shown:
                console.print(Text(f"{level}: {finding}"), soft_wrap=True)
        if len(shown) < len(some):
            left = f"{len(some) - len(shown):,} more {level}s are not shown; mend these first."
            console.print(Text(left), soft_wrap=True)


def _findings_table(findings: Sequence[Finding], level: str, count: int) -> Table:
    table = Table(title=counted(count, level), title_justify="left", title_style=_STYLES[level], expand=True)
    table.add_column("file", ratio=2, overflow="fold")
    table.add_column("row", justify="right", min_width=4)
    table.add_column("column", ratio=2, overflow="fold")
    table.add_column("what", ratio=5, overflow="fold")
    table.add_column("mend", ratio=4, overflow="fold")
    for f in findings:
        row = "" if f.row is None else str(f.row)
        table.add_row(*(Text(cell) for cell in (f.file, row, f.column, f.what, f.mend)))
    return table
