"""The inventory of a city: figures and notation keys by GPC reference, their totals and completeness."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from mutirao.city.gpc import LEVELS, ORDER, Level, members
from mutirao.city.gwp import set_words
from mutirao.city.inventory_checks import rows_findings
from mutirao.city.inventory_row import Row, finding, row_findings
from mutirao.city.notation import format_notation, parse_notation, parse_pointer
from mutirao.ground.findings import Finding, InputError, Phrase, told
from mutirao.ground.speech import word
from mutirao.ground.tables import number, read_table, write_table

__all__ = [
    "COLUMNS",
    "Completeness",
    "Inventory",
    "PublishedTotal",
    "Row",
    "compare",
    "frame",
    "from_frame",
    "read_inventory",
    "write_inventory",
]

COLUMNS = (
    "year",
    "gpc",
    "carrier",
    "gas",
    "value",
    "unit",
    "notation",
    "pointer",
    "quality_activity",
    "quality_factor",
    "gwp",
    "method",
    "source",
    "explanation",
)
"""Columns of inventory.csv."""

ACTIVITY_COLUMNS = ("activity", "activity_unit", "factor", "factor_unit")
"""Columns that may follow: what a figure was computed from."""

_REQUIRED = ("year", "gpc", "value", "unit", "notation")
_NUMBERS = ("value", "activity", "factor")


@dataclass(frozen=True)
class Completeness:
    """How much of what a total asks for is answered in one year.

    ``share`` is the part of the required references with a figure or an accepted key. ``missing`` are
    blank or absent; ``unexplained`` have only the key NE, without the reason that would make it count.
    """

    level: Level
    required: int
    numbers: tuple[str, ...]
    keys: tuple[str, ...]
    unexplained: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def share(self) -> float:
        """Answered references over required ones, 0 to 1."""
        return (len(self.numbers) + len(self.keys)) / self.required


@dataclass(frozen=True)
class Inventory:
    """All rows of a city's inventory.

    ``gwp`` is the set of CO2e figures whose own ``gwp`` is blank ("" where nobody has said); ``file`` is
    the name findings carry. Years that are not reported do not exist: nothing is filled in.
    """

    rows: tuple[Row, ...]
    gwp: str = ""
    file: str = field(default="inventory.csv", compare=False)

    @property
    def years(self) -> tuple[int, ...]:
        """Reported years, ascending."""
        return tuple(sorted({row.year for row in self.rows}))

    def in_year(self, year: int) -> tuple[Row, ...]:
        """Return the rows of a year. Raises InputError for a year that is not reported."""
        rows = tuple(row for row in self.rows if row.year == year)
        if not rows:
            known = ", ".join(map(str, self.years)) or Phrase(word("none"))
            what = told("the inventory has no rows for {year}.", year=year)
            raise InputError(Finding(self.file, None, "year", what, told("Reported years: {years}.", years=known)))
        return rows

    def cells(self, year: int, gwp: str = "AR5-100") -> dict[tuple[str, str], float]:
        """Return t CO2e by reference and carrier ("" = all carriers), in GPC order, in one GWP set.

        Cells without a figure (blank or key) are absent; zeros are there. Figures that only exist as
        CO2e must all be stated in ``gwp``, or in no set at all as long as nothing else needs one: they
        cannot be re-based. Raises InputError naming the rows otherwise, and for an unreported year.
        """
        return self._cells(self.in_year(year), gwp)

    def total(self, year: int, level: Level, gwp: str = "AR5-100") -> float:
        """Return a GPC total in t CO2e, from the figures of its members only (see :func:`gpc.members`).

        Raises InputError as :meth:`cells` does.
        """
        held = members(level)
        return math.fsum(self._cells([row for row in self.in_year(year) if row.gpc in held], gwp).values())

    def totals(self, year: int, gwp: str = "AR5-100") -> dict[Level, float]:
        """Return all GPC totals of a year in t CO2e."""
        return {level: self.total(year, level, gwp) for level in LEVELS}

    def completeness(self, year: int, level: Level = "BASIC") -> Completeness:
        """Say which references a total requires are answered by a figure, by a key, or not at all.

        NO, IE and C count as answers; NE only where an explanation says why.
        """
        answers: dict[str, list[Row]] = defaultdict(list)
        for row in self.in_year(year):
            answers[row.gpc].append(row)
        groups: dict[str, list[str]] = {"number": [], "key": [], "unexplained": [], "missing": []}
        required = sorted(members(level), key=ORDER.__getitem__)
        for ref in required:
            groups[_answer(answers[ref])].append(ref)
        return Completeness(level, len(required), *(tuple(refs) for refs in groups.values()))

    def check(self) -> list[Finding]:
        """Return everything wrong (errors) or worth knowing (notes), in the order of the rows."""
        found = [f for row in self.rows for f in row_findings(row, self.file)]
        found += rows_findings(self.rows, self.file)
        for year in self.years:
            found += self._set_findings(self.in_year(year))
        return found

    def stated(self) -> "Inventory":
        """Return the same inventory with the GWP set written on every row instead of once for all."""
        if not self.gwp:
            return self
        return replace(self, rows=tuple(replace(row, gwp=row.gwp or self.gwp) for row in self.rows), gwp="")

    def _cells(self, rows: Sequence[Row], gwp: str) -> dict[tuple[str, str], float]:
        conflicts = self._conflicts(rows, gwp)
        if conflicts:
            raise InputError(conflicts)
        parts: dict[tuple[str, str], list[float]] = defaultdict(list)
        failed: list[Finding] = []
        for row in rows:
            if row.is_memo or row.value is None:
                continue
            stated = self._stated(row)
            try:
                value = row.co2e(gwp, stated or gwp)
            except ValueError as error:
                what = told("{reason}.", reason=Phrase(str(error)))
                failed.append(finding(row, self.file, "gwp", what, "Use another GWP set."))
            else:
                parts[row.gpc, row.carrier].append(value if value is not None else 0.0)
        if failed:
            raise InputError(failed)
        order = sorted(parts, key=lambda cell: (ORDER.get(cell[0], len(ORDER)), cell[1]))
        return {cell: math.fsum(parts[cell]) for cell in order}

    def _stated(self, row: Row) -> str:
        return row.gwp or self.gwp

    def _conflicts(self, rows: Sequence[Row], gwp: str) -> list[Finding]:
        """Name the figures that keep a total from being in one set."""
        counted = [row for row in rows if row.value is not None and not row.is_memo]
        fixed = [row for row in counted if row.basis == "fixed" and row.value]
        unnamed = [row for row in counted if row.basis != "mass" and row.value and not self._stated(row)]
        needs_a_set = [row for row in counted if row.gas != "CO2" and row.value and row not in unnamed]
        found = [
            finding(
                row,
                self.file,
                "gwp",
                told("a CO2e figure made with {set} cannot be turned into {wanted}.", set=stated, wanted=gwp),
                told("Report in {set}, or give the gases in tonnes.", set=stated),
            )
            for row in fixed
            if (stated := self._stated(row)) not in ("", gwp)
        ]
        if needs_a_set:
            found += [
                finding(
                    row,
                    self.file,
                    "gwp",
                    told("a CO2e figure whose GWP set is not stated stands beside others in {set}.", set=gwp),
                    "Write its set in the column gwp.",
                )
                for row in unnamed
            ]
        return found

    def _set_findings(self, rows: Sequence[Row]) -> list[Finding]:
        """Report a year whose CO2e figures are in more than one set: no total of it exists."""
        fixed = [row for row in rows if row.basis == "fixed" and row.value and not row.is_memo]
        sets = sorted({self._stated(row) for row in fixed}, key=lambda name: (not name, name))
        if len(sets) < 2:
            if sets == [""]:
                what = told("the GWP set of the CO2e figures of {year} is not stated.", year=rows[0].year)
                mend = "Write it in the column gwp; until then they are taken as they are."
                return [Finding(self.file, None, "gwp", what, mend, "note")]
            return []
        most = max(sets, key=lambda name: sum(self._stated(row) == name for row in fixed))
        return [
            finding(
                row,
                self.file,
                "gwp",
                told(
                    "a CO2e figure in {set} among figures in {most}.",
                    set=set_words(self._stated(row)),
                    most=set_words(most),
                ),
                "State all CO2e figures of a year in one set, or give the gases in tonnes.",
            )
            for row in fixed
            if self._stated(row) != most
        ]


def _answer(rows: Sequence[Row]) -> str:
    if any(row.value is not None and not row.is_memo for row in rows):
        return "number"
    if any({"NO", "IE", "C"} & set(row.notation) for row in rows):
        return "key"
    stated = [row for row in rows if row.notation]
    if stated:
        return "key" if all(row.explanation for row in stated) else "unexplained"
    return "missing"


def read_inventory(path: Path | str, gwp: str = "") -> Inventory:
    """Read inventory.csv (columns in ``COLUMNS``, optionally ``ACTIVITY_COLUMNS``).

    ``gwp`` is the set of CO2e figures that name none. Raises InputError with every error found, also
    those of :meth:`Inventory.check`; notes do not stop the reading.
    """
    name = Path(path).name
    table = read_table(path, _REQUIRED, (*COLUMNS, *ACTIVITY_COLUMNS))
    return from_frame(table, name, gwp)


def from_frame(table: pd.DataFrame, file: str = "inventory.csv", gwp: str = "") -> Inventory:
    """Build an inventory from a table of text with a ``_row`` column (see ``ground.tables``).

    Raises InputError as :func:`read_inventory` does.
    """
    findings: list[Finding] = []
    rows: list[Row] = []
    for record in table.to_dict("records"):
        try:
            rows.append(_row({str(key): value for key, value in record.items()}, file))
        except InputError as error:
            findings.extend(error.findings)
    inventory = Inventory(tuple(rows), gwp, file)
    findings.extend(f for f in inventory.check() if f.level == "error")
    if findings:
        raise InputError(findings)
    return inventory


def _row(cells: dict[str, str | int], file: str) -> Row:
    line = int(cells["_row"])
    text = {column: str(value) for column, value in cells.items()}
    numbers: dict[str, float | None] = {}
    findings: list[Finding] = []
    for column in _NUMBERS:
        try:
            numbers[column] = number(text.get(column, ""), file, line, column)
        except InputError as error:
            findings.extend(error.findings)
    year = text["year"]
    if not (year.isascii() and year.isdigit() and len(year) == 4):
        findings.append(Finding(file, line, "year", told("'{cell}' is not a year.", cell=year), "Write four digits."))
    try:
        notation = parse_notation(text["notation"])
        pointer = parse_pointer(text.get("pointer", "")) or notation.pointer
        if notation.remark:
            raise ValueError(told("'{cell}' is not a GPC reference", cell=notation.remark))
    except ValueError as error:
        mend = "Write keys as NO; IE, references in pointer, words in explanation."
        findings.append(Finding(file, line, "notation", told("{reason}.", reason=Phrase(str(error))), mend))
    if findings:
        raise InputError(findings)
    plain = {
        column: text.get(column, "")
        for column in (*COLUMNS, *ACTIVITY_COLUMNS)
        if column not in (*_NUMBERS, "year", "notation", "pointer")
    }
    return Row(
        year=int(year),
        notation=notation.keys,
        pointer=pointer,
        value=numbers["value"],
        activity=numbers["activity"],
        factor=numbers["factor"],
        row=line,
        **plain,
    )


def frame(inventory: Inventory) -> pd.DataFrame:
    """Return an inventory as the table of inventory.csv: text, with blank for what is not there.

    Activity columns appear only where a row has them. Numbers are written so that they read back exactly.
    """
    records = [
        {
            **{column: getattr(row, column) for column in (*COLUMNS, *ACTIVITY_COLUMNS)},
            **{column: _text(getattr(row, column)) for column in _NUMBERS},
            "year": str(row.year),
            "notation": format_notation(row.notation),
        }
        for row in inventory.rows
    ]
    columns = [*COLUMNS, *(c for c in ACTIVITY_COLUMNS if any(record[c] for record in records))]
    return pd.DataFrame(records, columns=columns, dtype=str)


def _text(value: float | None) -> str:
    return "" if value is None else repr(value).removesuffix(".0")


def write_inventory(inventory: Inventory, path: Path | str) -> None:
    """Write inventory.csv; reading it back gives equal rows."""
    write_table(frame(inventory), path)


@dataclass(frozen=True)
class PublishedTotal:
    """A total in t CO2e that somebody published, to be held against the sum of its parts."""

    city: str
    year: int
    level: Level
    value: float


def compare(
    inventory: Inventory,
    published: Iterable[PublishedTotal],
    gwp: str = "AR5-100",
    tolerance: float = 1.0,
) -> list[Finding]:
    """Hold published totals against the sums of their parts; every gap above ``tolerance`` (t) is an error.

    Raises nothing: a total that cannot be computed is a finding too.
    """
    found: list[Finding] = []
    for total in published:
        title = f"{total.city} {total.year}".strip()
        try:
            ours = inventory.total(total.year, total.level, gwp)
        except InputError as error:
            found.extend(error.findings)
            continue
        gap = total.value - ours
        if abs(gap) > tolerance:
            what = told(
                "{title} publishes {level} {value:,.0f} t CO2e, its parts sum to {sum:,.0f}: a gap of {gap:,.0f} t.",
                title=title,
                level=total.level,
                value=total.value,
                sum=ours,
                gap=gap,
            )
            mend = "Find the missing or doubled parts, or say which of the two figures holds."
            found.append(Finding(inventory.file, None, total.level, what, mend))
    return found
