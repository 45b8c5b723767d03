"""Small cells: few homes in a printed cell can be recognised, so that cells with fewer than ten are printed together.

The plan itself is solved on all cells; only what is printed or exported passes through here.

What is promised, for one table and its totals over any one or two of the labels, all made by :func:`publish`: no
printed cell or total has fewer than ``LEAST`` homes (unless the whole city has); no printed total less the printed
cells inside it, and no printed cell less the totals inside it, leaves fewer, so that one subtraction recovers no small
cell; and no total hides a single cell, where it has others. Zones x groups are printed with the same cells merged as
with tenure, so that both can be shown. What is not promised: that nobody can tell more by solving for several totals
at once (in small sparse tables that is at times possible), by comparing years that were merged apart, or from what they
know themselves. Homes modelled from margins are no count of real homes anyway: the rule keeps them from being read so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from mutirao.city.facts import ALL, CITY

LEAST = 10.0
"""Cells with fewer homes are not printed on their own."""

WHOLE = {"zone": CITY, "group": ALL, "tenure": ALL}
"""Labels from the outside in, and the word for what is merged. Merging gives up the last label first."""
SUM, MEAN = "sum", "mean"
MERGED = "merged"
_SLACK = 1e-9


def merged(homes: pd.Series | pd.DataFrame, least: float = LEAST) -> pd.DataFrame:
    """Say under which labels each cell is printed.

    homes : number of homes, indexed by zone, group and tenure or some of them in this order, each cell once; several
    columns (years, plans) are merged alike, so that each is fit to print.
    Returns a frame with the same index and columns of the same names: the labels to print. A cell with some homes but
    fewer than ``least`` gives up its tenure ("ALL", both tenures of its zone and group), then its group ("ALL",
    together with others of its zone: those already merged, else the smallest), then its zone ("CITY"). More cells are
    merged where a small one could be had by subtraction. Beside other cells "ALL" and "CITY" mean the rest.
    Raises ValueError for other labels, cells given twice, and homes that are negative or not known.
    """
    dims = [str(name) for name in homes.index.names]
    if dims != [dim for dim in WHOLE if dim in dims] or homes.index.has_duplicates:
        raise ValueError(f"homes are indexed by zone, group, tenure, each cell once; not by {', '.join(dims)}")
    count = homes.to_numpy(float).reshape(len(homes), -1)
    if not (np.isfinite(count) & (count >= 0)).all():
        raise ValueError("homes are numbers of 0 or more")
    labels = homes.index.to_frame(index=False).astype(object)
    codes = np.column_stack([pd.factorize(labels[dim])[0] for dim in dims])
    level = _levels(codes, count, least, dims) if len(homes) else np.zeros(0, int)
    for place, dim in enumerate(dims):
        labels[dim] = labels[dim].where(level < len(dims) - place, WHOLE[dim])
    return labels.set_axis(homes.index)


def publish(
    table: pd.DataFrame, homes: str, values: Mapping[str, str], by: Sequence[str], least: float = LEAST
) -> pd.DataFrame:
    """Bring a table to the labels ``by`` with small cells merged, fit to be printed.

    table : the columns of ``by``, a column ``homes``, and values by row. values : column -> "sum" (money, tonnes) or
    "mean" (per home: averaged by homes). by : some of zone, group, tenure, and any others (year, plan, ...): within
    each of these the same cells are merged. Give the table with tenure where zones x groups are printed.
    Returns columns by, homes, values and ``merged``: how many cells with homes stand behind the row. Sums keep their
    totals. What is not known for one cell is not known for its row; a mean over no homes is not known either.
    Raises ValueError for columns and words that there are not.
    """
    dims, others = [dim for dim in WHOLE if dim in by], [label for label in by if label not in WHOLE]
    wrong = [c for c in (*by, homes, *values) if c not in table] + [w for w in values.values() if w not in (SUM, MEAN)]
    if wrong:
        raise ValueError(f"'{wrong[0]}' is no column of the table, or neither 'sum' nor 'mean'")
    if not (table[homes] >= 0).all():
        raise ValueError("homes are numbers of 0 or more")
    # Zones and groups are merged as they are with tenure, so that both tables can be printed.
    fine = [*dims, "tenure"] if dims == ["zone", "group"] and "tenure" in table else dims
    rows = table[[*others, *fine, homes, *values]].copy()
    for column in (c for c, how in values.items() if how == MEAN):
        rows[column] = (rows[column] * rows[homes]).where(rows[homes] != 0, 0.0)
    if fine:
        cells = rows.groupby([*fine, *others], sort=False)[homes].sum()
        wide = cells.unstack(others).fillna(0.0) if others else cells
        labels = merged(wide, least)
        key = pd.MultiIndex.from_frame(rows[fine]) if len(fine) > 1 else pd.Index(rows[fine[0]])
        rows[fine] = labels.reindex(key).to_numpy()
    rows[MERGED] = (rows[homes] > 0).astype(int)
    columns = [homes, *values, MERGED]
    groups = rows.groupby(list(by), sort=False)[columns] if len(by) else rows.assign(_=0).groupby("_")[columns]
    out = groups.sum().where(groups.count().eq(groups.size(), axis=0))
    for column in (c for c, how in values.items() if how == MEAN):
        out[column] = out[column] / out[homes].where(out[homes] > 0)
    return out.reset_index(drop=not len(by))


@dataclass(frozen=True)
class _Totals:
    """Totals beside a table: the one of each cell, counted from 0, and which of them are printed on their own."""

    of: np.ndarray
    printed: np.ndarray


def _totals(codes: np.ndarray, homes: np.ndarray, least: float, dims: Sequence[str]) -> list[_Totals]:
    """Totals over some of the labels, with the small ones among them merged in a table of their own."""
    found = []
    wide = {i for i in range(len(dims)) if len(np.unique(codes[:, i])) > 1}
    for size in range(1, len(dims)):
        for kept in combinations(range(len(dims)), size):
            names = [dims[i] for i in kept]
            if names == ["zone", "group"] or wide <= set(kept):  # the table itself, but for a label that all share
                continue
            labels, of = np.unique(codes[:, list(kept)], axis=0, return_inverse=True)
            found.append(_Totals(of, _levels(labels, _summed(of, homes), least, names) == 0))
    return found


def _levels(codes: np.ndarray, homes: np.ndarray, least: float, dims: Sequence[str]) -> np.ndarray:
    """How many labels each cell gives up, from the last: raised step by step until every rule holds.

    codes : labels as numbers, shape (cells, labels). homes : shape (cells, columns). Cells of one level that share the
    labels left are printed as one, a pool. Levels only rise, so this ends.
    """
    totals = _totals(codes, homes, least, dims)
    level = _few(homes, least).astype(int)
    while True:
        pool = _numbered(codes, level)
        change = _widened(codes, level, pool, homes, least, totals)
        for each in totals if change is None else ():
            change = _hidden(codes, level, pool, homes, least, each)
            if change is not None:
                break
        if change is None:
            return level
        level = change


def _widened(
    codes: np.ndarray, level: np.ndarray, pool: np.ndarray, homes: np.ndarray, least: float, totals: Sequence[_Totals]
) -> np.ndarray | None:
    """Raise what pools with few homes, or with a single member, need to have more; None if there is nothing.

    Few also where that is what a pool has beyond the totals inside it. Pools of one level are raised together: they
    lie in different parts of the table.
    """
    n, lived = codes.shape[1], np.asarray((homes > 0).any(axis=1))
    members = _numbered(codes, np.maximum(level - 1, 0))
    pairs = np.unique(np.column_stack([pool, members])[lived], axis=0)
    sums = _summed(pool, homes)
    few, size = _few(sums, least), sums.max(axis=1)[pool]
    for total in totals:
        inside = total.printed[total.of] & ~_spread(total.of, pool, lived)
        few |= _few(sums - _summed(pool, np.where(inside[:, None], homes, 0.0)), least)
    place = np.unique(pool, return_index=True)[1]
    alone = (np.bincount(pairs[:, 0], minlength=len(place)) == 1) & (level[place] > 0)
    for k in range(n + 1):
        out = level
        for cell in place[(few | alone) & (level[place] == k)]:
            near = (codes[:, : n - k] == codes[cell, : n - k]).all(axis=1)
            join = np.flatnonzero(near & lived & (level < k))
            if len(join):
                out = _raised(codes, out, int(join[np.lexsort((join, size[join], -level[join]))[0]]), k)
            elif few[pool[cell]] and k < n:
                out = _raised(codes, out, int(cell), k + 1)
        if out is not level:
            return out
    return None


def _hidden(
    codes: np.ndarray, level: np.ndarray, pool: np.ndarray, homes: np.ndarray, least: float, total: _Totals
) -> np.ndarray | None:
    """Raise the smallest pool inside each printed total that, less the pools inside it, leaves few; None if nowhere.

    So too where it leaves a single cell, though a large one: it would be known, and give away another in the next step.
    """
    lived = np.asarray((homes > 0).any(axis=1))
    across = _spread(pool, total.of, lived)
    rest = _few(_summed(total.of, np.where(across[:, None], homes, 0.0)), least)
    rest |= np.bincount(total.of, across & lived) == 1
    size, out = _summed(pool, homes).max(axis=1)[pool], level
    for each in np.flatnonzero(rest & total.printed):
        inside = np.flatnonzero((total.of == each) & ~across & lived)
        if len(inside):
            cell = int(inside[np.lexsort((inside, size[inside]))[0]])
            like = int(level[(total.of == each) & across & lived].min())
            out = _raised(codes, out, cell, max(like, int(level[cell]) + 1))
    return None if out is level else out


def _spread(part: np.ndarray, over: np.ndarray, lived: np.ndarray) -> np.ndarray:
    """For each cell, whether the homes of its ``part`` lie in several of ``over``; both counted from 0."""
    pairs = np.unique(np.column_stack([part, over])[lived], axis=0)
    return np.asarray(np.bincount(pairs[:, 0], minlength=int(part.max()) + 1)[part] > 1)


def _raised(codes: np.ndarray, level: np.ndarray, cell: int, k: int) -> np.ndarray:
    """Levels with the member of a pool of level k that holds a cell brought up to k."""
    kept = codes.shape[1] - k + 1
    same = (codes[:, :kept] == codes[cell, :kept]).all(axis=1)
    return np.where(same, np.maximum(level, k), level)


def _numbered(codes: np.ndarray, level: np.ndarray) -> np.ndarray:
    """The pool of each cell, counted from 0."""
    key = np.zeros(len(codes), np.int64)
    for place in range(codes.shape[1]):
        left = place < codes.shape[1] - level
        key = key * (int(codes[:, place].max()) + 2) + np.where(left, codes[:, place] + 1, 0)
    return np.asarray(np.unique(key, return_inverse=True)[1])


def _summed(pool: np.ndarray, homes: np.ndarray) -> np.ndarray:
    return np.column_stack([np.bincount(pool, column) for column in homes.T])


def _few(homes: np.ndarray, least: float) -> np.ndarray:
    """Where there are homes, in any column, but fewer than ``least``."""
    return np.asarray(((homes > _SLACK) & (homes < least - _SLACK)).any(axis=-1))
