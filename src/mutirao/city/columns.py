"""Columns of text into figures, whole columns at once; what cannot be read becomes findings."""

import difflib
from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from mutirao.ground.findings import Finding, InputError, Phrase, told
from mutirao.ground.tables import ROW, number

MOST = 20
"""Most findings of one kind in one file that are listed; the rest is counted."""

_PLAIN = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"


def numbers(frame: pd.DataFrame, column: str, file: str, findings: list[Finding]) -> npt.NDArray[np.float64]:
    """Read a column as numbers, NaN where a cell is blank or cannot be read; the latter adds a finding."""
    text = frame[column].astype(object)
    plain = text.astype(str).str.fullmatch(_PLAIN).to_numpy(dtype=bool)
    out = np.full(len(frame), np.nan)
    out[plain] = text[plain].astype(float)
    odd = ~plain & (text != "").to_numpy(dtype=bool) | np.isinf(out)
    out[odd] = np.nan
    found: list[Finding] = []
    for i in np.flatnonzero(odd):
        try:
            value = number(str(text.iloc[i]), file, int(frame[ROW].iloc[i]), column)
            out[i] = np.nan if value is None else value
        except InputError as error:
            found.extend(error.findings)
    findings.extend(listed(found))
    return out


def integers(frame: pd.DataFrame, column: str, file: str, findings: list[Finding]) -> npt.NDArray[np.float64]:
    """Read a column of years as whole numbers (kept as floats so that blank can be NaN)."""
    out = numbers(frame, column, file, findings)
    wrong = ~np.isnan(out) & ((out != np.floor(out)) | (out < 1850) | (out > 2200))
    found = [
        Finding(
            file,
            int(frame[ROW].iloc[i]),
            column,
            told("'{cell}' is not a year.", cell=frame[column].iloc[i]),
            "Write the year with four digits, such as 2020.",
        )
        for i in np.flatnonzero(wrong)
    ]
    findings.extend(listed(found))
    out[wrong] = np.nan
    return out


def mapped(word: str, known: Collection[str]) -> str:
    """Suggest the nearest known word as a question, or nothing."""
    near = difflib.get_close_matches(word, list(known), 1)
    return told("Did you mean '{name}'?", name=near[0]) if near else ""


def first_of(names: Sequence[str], most: int) -> str | Phrase:
    """The first names, and how many more there are, for a place in a sentence."""
    shown, rest = ", ".join(names[:most]), len(names) - most
    return Phrase(told("{names} and {count} more", names=shown, count=rest)) if rest > 0 else shown


def known_names(names: Collection[str], most: int = 12) -> str:
    """Name the words that a cell may hold, as a sentence; of many, the first."""
    return told("Known: {names}.", names=", ".join(list(names)[:most]) + (" ..." if len(names) > most else ""))


def listed(findings: Sequence[Finding]) -> list[Finding]:
    """Keep the first ``MOST`` findings of each file and say how many more there are."""
    kept: list[Finding] = []
    count: dict[tuple[str, str, str], int] = {}
    for finding in findings:
        key = (finding.file, finding.column, finding.level)
        count[key] = count.get(key, 0) + 1
        if count[key] <= MOST:
            kept.append(finding)
    for (file, column, level), n in count.items():
        if n > MOST:
            what = told("{count} more findings of this kind.", count=n - MOST)
            kept.append(Finding(file, None, column, what, "Mend the first ones, then check again.", level))
    return kept
