"""Poverty that money does not show: several deprivations at once, summer, and who is at risk in the heat."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from mutirao.justice.burdens import share_above, weighted_mean

CUTOFF = 0.5
"""Share of deprivations from which a home counts as poor in several ways: an assumption, here two of four."""
DEPRIVATIONS = ("arrears", "cannot_keep_warm", "cannot_keep_cool", "damp_or_rot")
"""The questions of EU-SILC that the Energy Poverty Advisory Hub lists; with equal weights."""
INDEPENDENT = "deprivations are taken as independent of each other inside a cell: only shares are known, not homes"

#: Factors of the heat index: name in home cells, and whether more of it means more (+1) or less (-1) risk.
HEAT_FACTORS: Mapping[str, int] = {
    "heat_island": 1, "tree_canopy": -1, "cooling_access": -1, "over_65": 1, "income": -1,
}  # fmt: skip


@dataclass(frozen=True)
class Mepi:
    """Share of homes poor in several ways (headcount H), their mean share of deprivations (intensity A), H times A.

    intensity is NaN where nobody is poor. by_cell : H * A of each cell or home; counts : H of each.
    """

    headcount: float
    intensity: float
    index: float
    by_cell: np.ndarray
    counts: np.ndarray


def mepi(
    deprived: np.ndarray, homes: np.ndarray, weights: Sequence[float] | None = None, cutoff: float = CUTOFF
) -> Mepi:
    """The Multidimensional Energy Poverty Index from homes: who is deprived of what.

    deprived : 0 or 1, shape (homes, deprivations). homes : survey weights. weights : of the deprivations, scaled to
    one; equal unless given. A home is poor when its weighted deprivations reach ``cutoff``. Raises ValueError for
    anything but 0 and 1 or weights that do not fit. Alkire and Foster (2011); Nussbaumer, Bazilian and Modi (2012).
    """
    table = np.asarray(deprived, float)
    if not np.isin(table, (0.0, 1.0)).all():
        raise ValueError("deprivations of homes are 0 or 1; shares of homes go to mepi_from_shares")
    score = table @ _scaled(weights, table.shape[1])
    poor = (score >= cutoff - 1e-12).astype(float)
    return _mepi(poor, score * poor, np.asarray(homes, float))


def mepi_from_shares(
    shares: np.ndarray, homes: np.ndarray, weights: Sequence[float] | None = None, cutoff: float = CUTOFF
) -> Mepi:
    """The same from shares of homes deprived of each, by cell: `INDEPENDENT`, so that it is an estimate.

    shares : 0..1, shape (cells, deprivations). Where the same homes lack several things at once, as is usual, more
    homes are poor and more deeply than this says.
    """
    table = np.asarray(shares, float)
    if ((table < 0.0) | (table > 1.0)).any():
        raise ValueError("shares of homes deprived lie between 0 and 1")
    each = _scaled(weights, table.shape[1])
    poor, depth = np.zeros(len(table)), np.zeros(len(table))
    for lacks in product((0.0, 1.0), repeat=table.shape[1]):
        mask = np.asarray(lacks)
        score = float(mask @ each)
        if score >= cutoff - 1e-12:
            chance = np.where(mask == 1.0, table, 1.0 - table).prod(axis=1)
            poor, depth = poor + chance, depth + chance * score
    return _mepi(poor, depth, np.asarray(homes, float))


def _scaled(weights: Sequence[float] | None, count: int) -> np.ndarray:
    given = np.ones(count) if weights is None else np.asarray(weights, float)
    if given.shape != (count,) or (given < 0.0).any() or given.sum() <= 0.0:
        raise ValueError(f"{count} deprivations take as many weights, none below zero and not all zero")
    return np.asarray(given / given.sum())


def _mepi(poor: np.ndarray, depth: np.ndarray, homes: np.ndarray) -> Mepi:
    headcount, index = weighted_mean(poor, homes), weighted_mean(depth, homes)
    return Mepi(headcount, index / headcount if headcount > 0.0 else float("nan"), index, depth, poor)


def without_cooling(
    access: np.ndarray, cooling_cost: np.ndarray | None = None, income: np.ndarray | None = None,
    threshold: float = 0.06, spread: float = 0.0,
) -> np.ndarray:  # fmt: skip
    """Share of homes by cell that cannot be cooled, or only at a cost above a share of income.

    access : share with air conditioning or another way to cool. cooling_cost : what cooling would have to cost, CUR
    per home and year; without it (and income) only homes that have no means at all count.
    """
    lacks = 1.0 - np.asarray(access, float)
    if cooling_cost is None or income is None:
        return lacks
    return np.asarray(lacks + (1.0 - lacks) * share_above(cooling_cost, income, threshold, spread))


def summer_poverty(lacking: np.ndarray, degree_hours: np.ndarray, green: np.ndarray) -> np.ndarray:
    """Summer energy poverty by cell: degree-hours above comfort that homes without cooling and green bear.

    lacking : share of homes from `without_cooling`. degree_hours : K h a year indoors above comfort when not cooled.
    green : share of homes with green within 300 m. The product, K h a year per home. After Mazzone et al. (2023).
    """
    return np.asarray(np.asarray(lacking, float) * degree_hours * (1.0 - np.asarray(green, float)))


def heat_vulnerability(
    factors: Mapping[str, np.ndarray], homes: np.ndarray
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Heat vulnerability by cell as a sum of z-scores, and the factors that are missing.

    factors : by the names of `HEAT_FACTORS`. Each is centred and scaled over homes; a factor that is the same
    everywhere adds nothing. A factor that is absent or not known somewhere is left out and named: a sum without it is
    another index. Like New York City's (NYC Health: surface temperature, green, air conditioning, income and race),
    with age in place of race, and not calibrated on deaths; it says where risk is higher, not how high.
    """
    weights = np.asarray(homes, float)
    total, missing = np.zeros(len(weights)), []
    for name, sign in HEAT_FACTORS.items():
        values = np.asarray(factors.get(name, np.full(len(weights), np.nan)), float)
        if np.isnan(values[weights > 0]).any():
            missing.append(name)
            continue
        values = np.where(weights > 0, values, 0.0)
        centred = values - weighted_mean(values, weights)
        deviation = float(np.sqrt(weighted_mean(centred**2, weights)))
        if deviation > 1e-12 * max(1.0, float(np.abs(values).max())):
            total = total + sign * centred / deviation
    return total, tuple(missing)
