"""Margins of many zones: made to agree with each other, and a table scaled until it meets them.

Inside, zones stand on the last axis, so that every sum and product runs along them without a stride.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from mutirao.ground.findings import Finding, InputError
from mutirao.ground.speech import digits, joined, say, word

APART = 0.05
"""Margins of one zone that differ by more than this share of its homes are an error, not something to scale away."""
SHOWN = 5

Wanted = list[tuple[tuple[int, ...], np.ndarray]]
"""Margins inside: the axes that each keeps, and totals of shape (*kept, zones)."""


class Margin(NamedTuple):
    """Totals that a table must meet.

    axes : axes of the cell table that it keeps, ascending, zones not counted; () is the zone's homes.
    totals : shape (zones, *sizes of those axes). name, file : for sentences.
    origin : source and year. Counts of one origin must agree; of another they are shares, however far apart.
    """

    axes: tuple[int, ...]
    totals: np.ndarray
    name: str = ""
    file: str = "people.csv"
    origin: str = ""

    def __str__(self) -> str:
        return self.name or say("the margin over axes {axes}", axes=self.axes)


class Reconciled(NamedTuple):
    """Margins that agree, homes by zone, how far apart margins were by zone (share of homes), notes in words."""

    margins: tuple[Margin, ...]
    homes: np.ndarray
    apart: np.ndarray
    notes: tuple[str, ...]


def reconcile(
    margins: Sequence[Margin],
    *,
    zones: Sequence[str] = (),
    cells: Mapping[str, Sequence[str]] | None = None,
    apart: float = APART,
) -> Reconciled:
    """Scale margins so that they agree: each to the homes of the first, and to earlier ones on the axes they share.

    zones, cells : labels for sentences, ``cells`` from the name of each axis to its labels. A zone without homes
    becomes zero in every margin and a category that is zero in all zones stays so; notes say both, and which margins
    of different origin were more than ``apart`` (share of a zone's homes) from each other.
    Raises InputError for totals that are negative or not known, for a zone with homes and none in a margin, and for
    margins of one origin that are more than ``apart`` from each other; ValueError for shapes that do not fit.
    """
    n, names = _checked(margins, zones)
    totals = [last(m.totals) for m in margins]
    sums = np.array([total.reshape(-1, n).sum(axis=0) for total in totals])
    homes, most = sums[0], sums.max(axis=0)
    base = np.where(homes > 0, homes, np.where(most > 0, most, 1.0))
    gap = (most - sums.min(axis=0)) / base
    notes = _compared(margins, sums, base, names, apart)
    for m, total in zip(margins, sums, strict=True):
        bare = (total == 0) & (homes > 0)
        if bare.any():
            where = some(names, bare)
            what = say("{zones}: there are homes, and none of them in {margin}.", zones=where, margin=str(m))
            mend = word("Add the figures, or leave this margin out.")
            raise InputError(Finding(m.file, None, "value", what, mend))
    agreed: list[np.ndarray] = []
    for k, (m, total) in enumerate(zip(margins, totals, strict=True)):
        total = total * np.divide(homes, sums[k], out=np.zeros(n), where=sums[k] > 0)
        within: Wanted = []
        for j, axes in _shared(margins, k):
            here = tuple(m.axes.index(a) for a in axes)
            goal = sum_to(agreed[j], tuple(margins[j].axes.index(a) for a in axes))
            off = np.abs(sum_to(total, here) - goal) / base
            gap = np.maximum(gap, off.reshape(-1, n).max(axis=0))
            if (off > apart).any() and m.origin == margins[j].origin:
                *cell, z = (int(i) for i in np.unravel_index(int(off.argmax()), off.shape))
                where = words(cells, axes, cell)
                what = say(
                    "{one} and {other} of {zone} are {share} of its homes apart for {where}.",
                    one=str(m), other=str(margins[j]), zone=names[z], share=digits(off.max(), ".0%"), where=where,
                )  # fmt: skip
                raise InputError(Finding(m.file, None, "value", what, word("Correct one of the two.")))
            within.append((here, goal))
        if within:
            lift(total, within, np.full(total.shape[:-1], 1.0 / total[..., 0].size), 1e-6)
            fit(total, within, 1e-12, 2000)
        agreed.append(total)
    notes += _empty(margins, agreed, homes, names, cells)
    made = tuple(m._replace(totals=first(total)) for m, total in zip(margins, agreed, strict=True))
    return Reconciled(made, np.array(homes), gap, tuple(notes))


def fit(table: np.ndarray, wanted: Wanted, tolerance: float, rounds: int) -> int:
    """Scale ``table`` (*cells, zones) in place to each margin in turn; the rounds it took.

    Ends when a whole round changes no cell by a factor further than ``tolerance`` from one, or after ``rounds``.
    Zones that have settled are set aside as soon as they are half of those at work.
    """
    cells = tuple(range(table.ndim - 1))
    outs = [tuple(i for i in cells if i not in axes) for axes, _ in wanted]
    goals = [np.expand_dims(total, out) for (_, total), out in zip(wanted, outs, strict=True)]
    live, work = np.arange(table.shape[-1]), table
    for used in range(1, rounds + 1):
        moved = np.zeros(len(live))
        for out, goal in zip(outs, goals, strict=True):
            now = work.sum(axis=out, keepdims=True)
            factor = np.divide(goal, now, out=np.ones(now.shape), where=now > 0)
            work *= factor
            factor -= 1.0
            np.abs(factor, out=factor)
            np.maximum(moved, factor.max(axis=cells), out=moved)
        going = moved > tolerance
        if 2 * np.count_nonzero(going) <= len(live):
            if work is not table:
                table[..., live] = work
            if not going.any():
                return used
            live, work = live[going], np.ascontiguousarray(work[..., going])
            goals = [np.ascontiguousarray(goal[..., going]) for goal in goals]
    if work is not table:
        table[..., live] = work
    return rounds


def lift(table: np.ndarray, wanted: Wanted, share: np.ndarray, amount: float) -> list[np.ndarray]:
    """Where a margin needs homes and ``table`` (*cells, zones) has none, put ``amount`` x ``share`` of the zone's.

    Changes the table in place; returns for each margin where that was (*kept, zones).
    """
    needy = []
    for axes, total in wanted:
        needs = (total > 0) & (sum_to(table, axes) <= 0)
        if needs.any() and amount > 0:
            whole = table.sum(axis=tuple(range(table.ndim - 1)))
            little = amount * share[..., None] * np.where(whole > 0, whole, 1.0)
            table += np.where(np.expand_dims(needs, _others(table, axes)), little, 0.0)
        needy.append(needs)
    return needy


def sum_to(table: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    """Sum a table (*cells, zones) to the cell axes kept; zones are always kept."""
    return np.asarray(table.sum(axis=_others(table, axes)))


def distance(table: np.ndarray, wanted: Wanted) -> np.ndarray:
    """Largest distance of a table (*cells, zones) to a margin by zone, in homes."""
    n = table.shape[-1]
    each = [np.abs(sum_to(table, axes) - total).reshape(-1, n).max(axis=0) for axes, total in wanted]
    return np.asarray(np.max(each, axis=0))


def last(array: np.ndarray) -> np.ndarray:
    """A copy with zones on the last axis instead of the first."""
    return np.array(np.moveaxis(np.asarray(array, float), 0, -1), order="C")


def first(array: np.ndarray) -> np.ndarray:
    """A copy with zones on the first axis instead of the last."""
    return np.array(np.moveaxis(array, -1, 0), order="C")


def zone_names(zones: Sequence[str], n: int) -> list[str]:
    return [str(z) for z in zones] if len(zones) else [say("zone {zone}", zone=i + 1) for i in range(n)]


def some(names: Sequence[str], where: np.ndarray) -> str:
    """The first few names and how many more."""
    chosen = [names[int(i)] for i in np.flatnonzero(where)]
    shown = joined(", ", *chosen[:SHOWN])
    if len(chosen) <= SHOWN:
        return shown
    return say("{names} and {count} more", names=shown, count=len(chosen) - SHOWN)


def words(cells: Mapping[str, Sequence[str]] | None, axes: Sequence[int], cell: Sequence[int]) -> str:
    """A cell of a margin in words, such as "group low, tenure renter"."""
    known = list((cells or {}).items())
    parts = []
    for axis, place in zip(axes, cell, strict=True):
        name, labels = known[axis] if axis < len(known) else (say("axis {axis}", axis=axis), ())
        parts.append(say("{label} {value}", label=name, value=labels[place] if place < len(labels) else place))
    return joined(", ", *parts) if parts else word("all homes")


def by_cell(where: np.ndarray) -> Iterator[tuple[tuple[int, ...], np.ndarray]]:
    """Cells of a mask (*kept, zones) that hold somewhere, with the zones where they do."""
    for cell in np.ndindex(where.shape[:-1]):
        if where[cell].any():
            yield cell, where[cell]


def _others(table: np.ndarray, axes: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(i for i in range(table.ndim - 1) if i not in axes)


def _checked(margins: Sequence[Margin], zones: Sequence[str]) -> tuple[int, list[str]]:
    if not margins:
        raise ValueError("raking needs a margin")
    n = len(margins[0].totals)
    names = zone_names(zones, n)
    for m in margins:
        shape = np.shape(m.totals)
        if len(shape) != len(m.axes) + 1 or shape[0] != n or len(names) != n or list(m.axes) != sorted(set(m.axes)):
            raise ValueError(f"{m}: totals of shape {shape} do not fit {n} zones and ascending axes {m.axes}")
        bad = ~(np.asarray(m.totals, float) >= 0) | np.isinf(m.totals)
        if bad.any():
            z = int(np.flatnonzero(bad.reshape(n, -1).any(axis=1))[0])
            value = float(np.asarray(m.totals)[z].ravel()[np.flatnonzero(bad[z].ravel())[0]])
            what = say("{margin} of {zone} holds {value}, which is no number of homes.", margin=str(m), zone=names[z],
                       value=f"{value:,.6g}")  # fmt: skip
            raise InputError(Finding(m.file, None, "value", what, word("Write a number of 0 or more.")))
    return n, names


def _compared(
    margins: Sequence[Margin], sums: np.ndarray, base: np.ndarray, names: Sequence[str], apart: float
) -> list[str]:
    """Refuse margins of one origin that are too far apart; notes on those of different origins."""
    notes = []
    for k, m in enumerate(margins):
        for j in range(k):
            off = np.abs(sums[k] - sums[j]) / base
            wide = np.flatnonzero(off > apart)
            if not len(wide):
                continue
            if m.origin == margins[j].origin:
                mend = word("Correct one of them, or say in the sources that they are counts of their own.")
                raise InputError(
                    [Finding(m.file, None, "value", say(
                        "{zone}: {one} sum to {first} and {other} to {second}, {share} of its homes apart.",
                        **_told(margins, sums, j, k, names, int(z), off),
                     ), mend) for z in wide[:SHOWN]]
                )  # fmt: skip
            if j == 0:
                told = _told(margins, sums, j, k, names, int(off.argmax()), off)
                notes.append(
                    say(
                        "{zone}: {one} sum to {first} and {other} to {second}, {share} of its homes apart: they are of "
                        "different sources or years, and {other} are taken as shares.",
                        **told,
                    )
                    if len(wide) == 1
                    else say(
                        "{zone}: {one} sum to {first} and {other} to {second}, {share} of its homes apart ({count} "
                        "more zones by over {apart}): they are of different sources or years, and {other} are taken "
                        "as shares.",
                        count=len(wide) - 1,
                        apart=digits(apart, ".0%"),
                        **told,
                    )
                )
    return notes


def _told(
    margins: Sequence[Margin], sums: np.ndarray, j: int, k: int, names: Sequence[str], z: int, off: np.ndarray
) -> dict[str, str]:
    """What is said of two margins of a zone that are apart."""
    return {
        "zone": names[z], "one": str(margins[j]), "first": digits(sums[j, z], ",.6g"), "other": str(margins[k]),
        "second": digits(sums[k, z], ",.6g"), "share": digits(off[z], ".0%"),
    }  # fmt: skip


def _shared(margins: Sequence[Margin], k: int) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Earlier margins with the axes that they share with margin k; the first to speak on them rules."""
    seen = set()
    for j in range(k):
        both = tuple(a for a in margins[k].axes if a in margins[j].axes)
        if both and both not in seen:
            seen.add(both)
            yield j, both


def _empty(
    margins: Sequence[Margin],
    totals: Sequence[np.ndarray],
    homes: np.ndarray,
    names: Sequence[str],
    cells: Mapping[str, Sequence[str]] | None,
) -> list[str]:
    notes = []
    if (homes == 0).any():
        empty = homes == 0
        where = some(names, empty)
        notes.append(
            say("{zones}: no homes; it stays empty.", zones=where)
            if empty.sum() == 1
            else say("{zones}: no homes; they stay empty.", zones=where)
        )
    for m, total in zip(margins, totals, strict=True):
        if m.axes and homes.any():
            notes += [
                say(
                    "No zone has a home with {cell} in {margin}: it stays empty.",
                    cell=words(cells, m.axes, cell),
                    margin=str(m),
                )
                for cell, _ in by_cell((total.sum(axis=-1) == 0)[..., None])
            ]
    return notes
