"""What the city has already adopted or proposed: the rows of ``actions.csv``."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from mutirao.city.columns import integers, listed, mapped, numbers
from mutirao.ground.findings import Finding, told
from mutirao.ground.speech import together, word
from mutirao.ground.tables import ROW, read_table

FILE = "actions.csv"
POWERS = ("city", "state", "federal", "utility", "owners")
STATUSES = ("adopted", "proposed")
COLUMNS = (
    "action",
    "measure",
    "amount",
    "unit",
    "start",
    "end",
    "owner",
    "instrument",
    "power",
    "status",
    "funding",
    "funded_share",
    "source",
    "note",
)
_NUMBERS = ("amount", "funded_share")
_YEARS = ("start", "end")
_UNFILLED = (
    (word("'{action}' has no {first}: it is listed, not modelled."), word("Fill in the {first}.")),
    (
        word("'{action}' has no {first} and no {second}: it is listed, not modelled."),
        word("Fill in the {first} and the {second}."),
    ),
    (
        word("'{action}' has no {first} and no {second} and no {third}: it is listed, not modelled."),
        word("Fill in the {first} and the {second} and the {third}."),
    ),
)
"""What to say of an action with one, two or three blank cells, and how to mend it."""


@dataclass(frozen=True)
class Action:
    """One action of the city.

    measure : name of the measure that models it, "" when it cannot be modelled.
    amount : where ``unit`` is "share", the share of the measure's potential reached at ``end``, linear from
    ``start``.
    power : who can decide it; funded_share : share of its cost that is paid for, None where unknown.
    row : row of ``actions.csv``.
    """

    action: str
    measure: str
    amount: float | None
    unit: str
    start: int | None
    end: int | None
    owner: str
    instrument: str
    power: str
    status: str
    funding: str
    funded_share: float | None
    source: str
    note: str
    row: int = 0


def read_actions(path: Path) -> tuple[tuple[Action, ...], list[Finding]]:
    """Read ``actions.csv``: the rows whose figures can be read, and the findings of the others.

    Raises InputError when the table itself cannot be read.
    """
    frame = read_table(path, COLUMNS, COLUMNS)
    findings: list[Finding] = []
    columns = {name: numbers(frame, name, FILE, findings) for name in _NUMBERS}
    columns |= {name: integers(frame, name, FILE, findings) for name in _YEARS}
    actions = []
    for i, record in enumerate(frame.to_dict("records")):
        row = int(record.pop(ROW))
        values = {str(key): value for key, value in record.items()}
        for name in _NUMBERS:
            values[name] = None if pd.isna(columns[name][i]) else float(columns[name][i])
        for name in _YEARS:
            values[name] = None if pd.isna(columns[name][i]) else int(columns[name][i])
        actions.append(Action(**values, row=row))
    return tuple(actions), findings


def actions_frame(actions: tuple[Action, ...]) -> pd.DataFrame:
    """The table of ``actions.csv`` for these actions."""
    frame = pd.DataFrame([vars(action) for action in actions], columns=list(COLUMNS))
    return frame.astype(dict.fromkeys(_YEARS, "Int64"))


def check_actions(
    actions: tuple[Action, ...], sources: Collection[str], measures: Collection[str] | None = None
) -> list[Finding]:
    """Findings on single actions; unknown measures are notes, looked for when ``measures`` is given."""
    findings: list[Finding] = []
    seen: dict[str, int] = {}
    for a in actions:

        def add(column: str, what: str, mend: str, level: str = "error", row: int = a.row) -> None:
            findings.append(Finding(FILE, row, column, what, mend, level))

        if not a.action:
            add("action", "the action has no name.", "Name it in a few words.")
        elif a.action in seen:
            mend = "Give each row its own name."
            add("action", told("'{action}' is already in row {row}.", action=a.action, row=seen[a.action]), mend)
        seen.setdefault(a.action, a.row)
        if not a.source:
            add(
                "source",
                told("'{action}' has no source.", action=a.action),
                "Write the id of the law, plan or report in sources.csv.",
            )
        elif a.source not in sources:
            add(
                "source",
                told("'{source}' is not in sources.csv.", source=a.source),
                together(mapped(a.source, sources), "Add it to sources.csv."),
            )
        if a.power not in POWERS:
            what = told("'{cell}' does not say who can decide it.", cell=a.power)
            add("power", what, told("Write one of: {names}.", names=", ".join(POWERS)))
        if a.status not in STATUSES:
            what = told("'{cell}' is not a status.", cell=a.status)
            add("status", what, told("Write one of: {names}.", names=", ".join(STATUSES)))
        if a.start is not None and a.end is not None and a.end < a.start:
            what = told("it ends in {end}, before it starts in {start}.", end=a.end, start=a.start)
            add("end", what, "Put the two years in order.")
        for column, value in (
            ("funded_share", a.funded_share),
            ("amount", a.amount if a.unit == "share" else None),
        ):
            if value is not None and not 0 <= value <= 1:
                what = told("{value:g} is not a share.", value=value)
                add(column, what, "Write a value from 0 to 1 (0.25 for 25 %).")
        findings.extend(_modelled(a, measures))
    return listed(findings)


def _modelled(a: Action, measures: Collection[str] | None) -> list[Finding]:
    if not a.measure:
        what = told("'{action}' names no measure: it is listed, not modelled.", action=a.action)
        return [Finding(FILE, a.row, "measure", what, "Name a measure if one fits.", "note")]
    findings = []
    if measures is not None and a.measure not in measures:
        what = told(
            "no measure is called '{measure}': '{action}' is listed, not modelled.", measure=a.measure, action=a.action
        )
        mend = mapped(a.measure, measures) or "Leave the cell blank if no measure fits."
        findings.append(Finding(FILE, a.row, "measure", what, mend, "note"))
    blank = [name for name, value in (("amount", a.amount), ("start", a.start), ("end", a.end)) if value is None]
    if blank:
        what, mend = _UNFILLED[len(blank) - 1]
        columns = dict(zip(("first", "second", "third"), blank, strict=False))
        what, mend = told(what, action=a.action, **columns), told(mend, **columns)
        findings.append(Finding(FILE, a.row, blank[0], what, mend, "note"))
    if a.amount is not None and a.unit != "share":
        what = told(
            "the amount of '{action}' is in '{unit}': it is listed, not modelled.", action=a.action, unit=a.unit
        )
        mend = "Restate it as a share (0..1) of the measure's potential, unit 'share'."
        findings.append(Finding(FILE, a.row, "unit", what, mend, "note"))
    return findings
