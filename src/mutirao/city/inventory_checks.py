"""Checks that need more than one row of an inventory: double counting, mixed sets, slips of a unit."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

from mutirao.city.gpc import REFERENCES
from mutirao.city.inventory_row import Row, finding
from mutirao.ground.findings import Finding, Phrase, told
from mutirao.ground.speech import word

_MAY_BE_NEGATIVE = ("V.1", "V.2", "V.3", "VI.1")
"""Where published inventories carry negative figures (72 of 72 in the C40 table: V.2, V.3, VI.1)."""

_JUMP = 200.0
"""A source that changes by more than this from one reported year to the next is more likely a unit slip."""


def rows_findings(rows: Sequence[Row], file: str) -> Iterator[Finding]:
    """Find what is wrong or worth knowing between the rows of one inventory."""
    yield from _repeated(rows, file)
    yield from _counted_twice(rows, file)
    yield from _pointers(rows, file)
    yield from _figures(rows, file)
    yield from _series(rows, file)


def _repeated(rows: Sequence[Row], file: str) -> Iterator[Finding]:
    seen: dict[tuple[int, str, str, str], Row] = {}
    for row in rows:
        first = seen.setdefault(row.key, row)
        if first is not row:
            label = ", ".join(part for part in (row.carrier, row.gas) if part) or Phrase(word("all carriers"))
            what = told("{label} is given more than once.", label=label)
            if first.row is not None:
                what = told("{label} is given more than once (first in row {row}).", label=label, row=first.row)
            yield finding(row, file, "gpc", what, "Keep one, or add them up if both are meant.")


def _counted_twice(rows: Sequence[Row], file: str) -> Iterator[Finding]:
    carriers: dict[tuple[int, str], set[str]] = defaultdict(set)
    gases: dict[tuple[int, str, str], set[str]] = defaultdict(set)
    last: dict[tuple[int, str], Row] = {}
    for row in rows:
        if not row.value or row.is_memo:
            continue
        carriers[row.year, row.gpc].add(row.carrier)
        gases[row.year, row.gpc, row.carrier].add("" if row.basis == "fixed" and not _family(row) else row.gas)
        last[row.year, row.gpc] = row
    for place, names in carriers.items():
        if "" in names and len(names) > 1:
            parts = ", ".join(sorted(names - {""}))
            what = told("a figure for all carriers stands beside figures for {parts}.", parts=parts)
            yield finding(last[place], file, "carrier", what, "Keep the total or its parts, not both.")
    for (year, ref, carrier), names in gases.items():
        if "" in names and len(names) > 1:
            parts = ", ".join(sorted(names - {""}))
            what = told("a CO2e figure stands beside figures for {parts}.", parts=parts)
            if carrier:
                what = told(
                    "a CO2e figure of {carrier} stands beside figures for {parts}.", carrier=carrier, parts=parts
                )
            yield finding(last[year, ref], file, "gas", what, "Keep the total or its gases, not both.")


def _family(row: Row) -> bool:
    """Whether the figure is of one family of gases (HFCs, PFCs), which may stand beside other gases."""
    return row.gas not in ("", "CO2e")


def _pointers(rows: Sequence[Row], file: str) -> Iterator[Finding]:
    numbers = {(row.year, row.gpc) for row in rows if row.value is not None}
    for row in rows:
        for target in row.pointer.split("; ") if row.pointer else ():
            if target in REFERENCES and target != row.gpc and (row.year, target) not in numbers:
                what = told("said to be included in {reference}, which has no figure.", reference=target)
                mend = told("Check {reference} of {year}.", reference=target, year=row.year)
                yield finding(row, file, "pointer", what, mend, "note")


def _figures(rows: Sequence[Row], file: str) -> Iterator[Finding]:
    same: dict[tuple[int, float], Row] = {}
    for row in rows:
        if not row.value or row.is_memo:
            continue
        if row.value < 0 and row.gpc not in _MAY_BE_NEGATIVE:
            what = told("the figure is negative ({value}).", value=row.value)
            mend = "Credits and avoided emissions are reported apart, never taken off a source."
            yield finding(row, file, "value", what, mend, "note")
        if row.value == row.year:
            what = "the figure equals the year."
            yield finding(row, file, "value", what, "Check that the columns have not moved.", "note")
        first = same.setdefault((row.year, row.value), row)
        # a round figure may well occur twice; a long one is a copied cell (two such were published)
        if first.gpc != row.gpc and len(f"{row.value:.17g}".strip("0.").replace(".", "")) >= 5:
            what = told("the figure {value} is also that of {reference}.", value=row.value, reference=first.gpc)
            yield finding(row, file, "value", what, "Check that a cell was not copied.", "note")


def _series(rows: Sequence[Row], file: str) -> Iterator[Finding]:
    """Compare each source with the year reported before it: unit slips and figures carried over."""
    series: dict[tuple[str, str, str], dict[int, Row]] = defaultdict(dict)
    for row in rows:
        if row.value is not None and not row.is_memo:
            series[row.gpc, row.carrier, row.gas][row.year] = row
    for years in series.values():
        for before, after in pairwise(sorted(years)):
            old, new = years[before].value, years[after].value
            if not old or not new:
                continue
            ratio = abs(new / old)
            if ratio > _JUMP or ratio < 1 / _JUMP:
                times = max(ratio, 1 / ratio)
                what = told(
                    "{new:,.0f} after {old:,.0f} in {year}: a change by a factor of {times:,.0f}.",
                    new=new,
                    old=old,
                    year=before,
                    times=times,
                )
                mend = "Check the unit (kg, t, kt) and the boundary of both years."
                yield finding(years[after], file, "value", what, mend, "note")
            elif new == old and len(f"{new:.17g}".strip("0.").replace(".", "")) >= 5:
                what = told("exactly the figure of {year}.", year=before)
                mend = "Say in the explanation if it was carried over; a missing year stays blank."
                yield finding(years[after], file, "value", what, mend, "note")
