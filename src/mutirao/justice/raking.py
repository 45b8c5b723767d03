"""Raking: a joint table of homes from what is known of its margins, for many zones at once.

Deming and Stephan (1940): the table is scaled to each margin in turn until none moves it any more. What comes out
meets every margin and keeps the odds ratios of its seed (Fienberg 1970): how labels go together is the seed's, how
many there are of each is the margins'. Counts stay fractional; nothing is rounded to whole homes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mutirao.ground.findings import Finding, InputError
from mutirao.ground.speech import digits, say, word
from mutirao.justice.margins import (
    APART,
    Margin,
    Wanted,
    by_cell,
    distance,
    first,
    fit,
    last,
    lift,
    reconcile,
    some,
    words,
    zone_names,
)

LIFT = 1e-6
"""Put into cells that the seed leaves empty and a margin needs, times the region's share of the cell."""
MET = 1e-9
"""Margins are met when they are off by no more than this share of the zone's homes."""
NINETY = 1.6448536269514722
"""Standard errors in a margin of error at 90 %, the level at which the US Census Bureau publishes them."""
BATCH = 1_000_000
"""Numbers in one batch of draws: 8 MB, so that most of it stays near the processor."""


@dataclass(frozen=True)
class Raked:
    """A table of shape (zones, *cells) and how it came about.

    residual : largest distance to a margin, as a share of the zone's homes. off : the same by zone, in homes.
    apart : how far apart a zone's margins were before they were made to agree, as a share of its homes, by zone.
    margins : the margins as met. notes : sentences on what was empty, lifted or not met.
    """

    table: np.ndarray
    residual: float
    rounds: int
    off: np.ndarray
    apart: np.ndarray
    margins: tuple[Margin, ...]
    notes: tuple[str, ...]


def rake(
    seed: np.ndarray,
    margins: Sequence[Margin],
    *,
    per_zone: bool = False,
    zones: Sequence[str] = (),
    cells: Mapping[str, Sequence[str]] | None = None,
    apart: float = APART,
    little: float = LIFT,
    tolerance: float = 1e-10,
    rounds: int = 2000,
) -> Raked:
    """Fit a seed to the margins of every zone.

    seed : shape (*cells), the same for all zones, or (zones, *cells) with ``per_zone``; only its odds ratios count.
    margins, zones, cells, apart : as in :func:`mutirao.justice.margins.reconcile`, which comes first.
    little : where a margin needs homes and the seed has none in any of its cells, each is given ``little`` times its
    share of the region (all zones' seeds; the margins' product where these are empty too); likewise every empty cell
    of a zone whose margins cannot be met otherwise. All other zeros stay zero. A note says where.
    Ends when a round moves no cell by more than ``tolerance``, or after ``rounds``; a note names zones not met.
    Raises InputError for margins as said there and for a seed that is negative or not known.
    """
    agreed = reconcile(margins, zones=zones, cells=cells, apart=apart)
    homes, notes = agreed.homes, list(agreed.notes)
    names = zone_names(zones, len(homes))
    # Every margin sums to the zone's homes by now: on their own they bind only where nothing else is known.
    asked = [m for m in agreed.margins if m.axes] or list(agreed.margins)
    wanted: Wanted = [(m.axes, last(m.totals)) for m in asked]
    table = _seed_table(seed, agreed.margins, len(homes), per_zone)
    given = table.copy() if (table == 0).any() else table
    region = _region(given, wanted)
    for m, needy in zip(asked, lift(table, wanted, region, little), strict=True):
        notes += [
            say(
                "The seed has no home with {cell}, and {margin} of {zones} has: {little} of the region's share was put "
                "there.",
                cell=words(cells, m.axes, cell),
                margin=str(m),
                zones=some(names, where),
                little=f"{little:g}",
            )
            for cell, where in by_cell(needy)
        ]
    used = fit(table, wanted, tolerance, rounds)
    off = distance(table, wanted)
    everywhere = tuple(range(table.ndim - 1))
    stuck = (off > MET * homes) & (table == 0).any(axis=everywhere)
    if stuck.any() and little > 0:
        # What the seed holds impossible contradicts the margins: allow it a little, in these zones only.
        part = given[..., stuck]
        part += np.where(part == 0, little * region[..., None] * part.sum(axis=everywhere), 0.0)
        used = max(used, fit(part, [(axes, total[..., stuck]) for axes, total in wanted], tolerance, rounds))
        table[..., stuck] = part
        off = distance(table, wanted)
        notes.append(
            say(
                "The cells that are empty in the seed contradict the margins of {zones}: {little} of the region's "
                "share was put into each of them.",
                zones=some(names, stuck),
                little=f"{little:g}",
            )
        )
    relative = np.divide(off, homes, out=np.zeros(len(off)), where=homes > 0)
    short = relative > MET
    if short.any():
        worst = int(relative.argmax())
        notes.append(
            say(
                "The margins of {zones} are not met after {rounds} rounds: at worst by {off} of {homes} homes in "
                "{zone}.",
                zones=some(names, short),
                rounds=used,
                off=digits(off[worst], ".3g"),
                homes=digits(homes[worst], ",.0f"),
                zone=names[worst],
            )
        )
    residual = float(relative.max(initial=0.0))
    return Raked(first(table), residual, used, off, agreed.apart, agreed.margins, tuple(notes))


def bootstrap(
    seed: np.ndarray,
    margins: Sequence[Margin],
    draws: int,
    rng: np.random.Generator,
    *,
    moe: float | Sequence[float] = 0.05,
    sample: float | None = None,
    per_zone: bool = False,
    apart: float = APART,
    little: float = LIFT,
    tolerance: float = 1e-9,
) -> np.ndarray:
    """Draw tables as they might be, given that margins and seed come from samples; shape (draws, zones, *cells).

    moe : relative margin of error at 90 % of a category that holds an average share (1 over the number of categories
    of its margin), one for all margins or one for each; a rarer category is less certain, as in a sample. The shares
    of each zone are drawn from the Dirichlet distribution around those given. A zone's homes are not drawn.
    sample : homes behind the seed; its cells are then drawn by the Bayesian bootstrap (Rubin 1981). None: as given.
    Drawn margins are made to agree as in ``reconcile``: the earlier one rules on the axes that two of them share.
    """
    agreed = reconcile(margins, apart=apart)
    n = len(agreed.homes)
    errors = [float(moe)] * len(margins) if isinstance(moe, int | float) else [float(m) for m in moe]
    if len(errors) != len(margins) or min(errors) < 0:
        raise ValueError("give one margin of error of 0 or more, or one for each margin")
    base = first(_seed_table(seed, agreed.margins, n, per_zone))
    out = np.empty((draws, *base.shape))
    step = max(1, BATCH // max(base.size, 1))
    for start in range(0, draws, step):
        count = min(step, draws - start)
        drawn = [
            m._replace(totals=_drawn(m.totals, e, count, rng).reshape(count * n, *m.totals.shape[1:]))
            for m, e in zip(agreed.margins, errors, strict=True)
        ]
        seeds = np.broadcast_to(base, (count, *base.shape))
        if sample is not None:
            seeds = _resampled(seeds, sample, per_zone, rng)
        raked = rake(
            seeds.reshape(count * n, *base.shape[1:]), drawn, per_zone=True, apart=np.inf, little=little,
            tolerance=tolerance,
        )  # fmt: skip
        out[start : start + count] = raked.table.reshape(count, *base.shape)
    return out


def _drawn(totals: np.ndarray, moe: float, count: int, rng: np.random.Generator) -> np.ndarray:
    """Dirichlet draws around the shares of each zone, times its homes; shape (count, *totals.shape)."""
    flat = totals.reshape(len(totals), -1)
    categories = flat.shape[1]
    if moe == 0 or categories == 1:
        return np.broadcast_to(totals, (count, *totals.shape))
    homes = flat.sum(axis=1, keepdims=True)
    shares = np.divide(flat, homes, out=np.zeros_like(flat), where=homes > 0)
    # The variance of a share p is p (1 - p) / (strength + 1); at p = 1 / categories its error is to be moe / 1.645 p.
    strength = max((NINETY / moe) ** 2 * (categories - 1) - 1.0, 1e-3)
    drawn = rng.standard_gamma(shares * strength, (count, *shares.shape))
    whole = drawn.sum(axis=-1, keepdims=True)
    drawn = np.where(whole > 0, homes * drawn / np.where(whole > 0, whole, 1.0), flat)
    return np.asarray(drawn.reshape(count, *totals.shape))


def _resampled(seeds: np.ndarray, sample: float, per_zone: bool, rng: np.random.Generator) -> np.ndarray:
    """Bayesian bootstrap of seeds (draws, zones, *cells): one draw for all zones unless each has its own seed."""
    whole = seeds.sum(axis=tuple(range(2, seeds.ndim)), keepdims=True)
    mean = np.divide(seeds, whole, out=np.zeros(seeds.shape), where=whole > 0) * sample
    mean = mean if per_zone else mean[:, :1]
    # What the seed holds possible stays so: a draw of exactly zero would forbid it.
    drawn = np.maximum(rng.standard_gamma(mean), mean * LIFT)
    return np.broadcast_to(drawn, seeds.shape)


def _region(table: np.ndarray, wanted: Wanted) -> np.ndarray:
    """Share of each cell in the region: all zones' seeds, and where these are empty the margins' own product."""
    seed, product = table.sum(axis=-1), np.ones(table.shape[:-1])
    for axes, total in wanted:
        others = tuple(i for i in range(seed.ndim) if i not in axes)
        product = product * np.expand_dims(total.sum(axis=-1), others)
    even = np.full(seed.shape, 1.0 / max(seed.size, 1))
    product = product / product.sum() if product.sum() > 0 else even
    share = seed / seed.sum() if seed.sum() > 0 else product
    return np.where(share > 0, share, np.where(product > 0, product, even))


def _seed_table(seed: np.ndarray, margins: Sequence[Margin], zones: int, per_zone: bool) -> np.ndarray:
    """A fresh table (*cells, zones) that holds the seed."""
    seed = np.asarray(seed, float)
    shape = seed.shape[1:] if per_zone else seed.shape
    if per_zone and len(seed) != zones:
        raise ValueError(f"a seed of {len(seed)} zones for {zones}")
    for m in margins:
        if any(a >= len(shape) or shape[a] != size for a, size in zip(m.axes, m.totals.shape[1:], strict=True)):
            raise ValueError(f"{m} with totals of shape {m.totals.shape} does not fit a seed with cells {shape}")
    if not (np.isfinite(seed) & (seed >= 0)).all():
        what = word("the seed holds a number of homes that is negative or not known.")
        raise InputError(Finding("seed.csv", None, "homes", what, word("Write 0 or more in each row.")))
    return last(seed) if per_zone else np.array(np.broadcast_to(seed[..., None], (*shape, zones)), order="C")
