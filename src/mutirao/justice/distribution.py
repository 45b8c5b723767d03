"""How something is spread over homes: measures of inequality, of who gains and of who bears most, all weighted.

Every function takes one value per cell and ``weights`` (homes or people in the cell; equal when left out), p their
shares, mu the weighted mean, r the mid-rank: the share of homes below plus half of one's own. Values outside a
measure's domain raise ValueError with a sentence; values that are allowed but mislead are told by `misleads`.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from mutirao.ground.speech import say

RELATIVE = ("gini", "atkinson", "palma", "concentration", "theil_t", "mld")
SHARES = ("benefit_share", "concentration", "suits", "kakwani", "lorenz")


@dataclass(frozen=True)
class Shown:
    """A measure that pages print: the word used in code, a heading and what it says in plain words."""

    key: str
    name: str
    words: str


FIVE = (
    Shown("burden", "Energy burden", "Of every 100 a home has to live on, so much goes to energy at home."),
    Shown("losers_share", "Who loses", "The share of homes that pay more than they would without the plan."),
    Shown("benefit_share", "Share of the benefit", "Of every 100 saved by homes, so much goes to those named here."),
    Shown("poverty_gap", "Poverty gap", "The money missing each year until no home pays more than the threshold."),
    Shown("ede", "Burden that would be as bad if all bore the same",
          "One figure for how heavy the burden is and how unevenly it is borne; the heaviest count most."),
)  # fmt: skip
"""The measures on pages; the rest is for those who study the tables."""


class Theil(NamedTuple):
    """Theil T: of all homes, between groups, within groups."""

    total: float
    between: float
    within: float


def lorenz(values: ArrayLike, weights: ArrayLike | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Lorenz curve: cumulative shares of homes and of the total, both from 0 to 1, lowest values first (Lorenz 1905).

    Raises ValueError for a total that is not above zero.
    """
    x, p = _sample(values, weights)
    _positive(float(p @ x), "a Lorenz curve")
    order = np.argsort(x, kind="stable")
    return _cumulated(p[order]), _cumulated((p * x)[order])


def gini(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Gini index: 2 sum p x r / mu - 1, homes ranked by their own value (Lerman and Yitzhaki 1989 for weights).

    Raises ValueError for a mean that is not above zero. With negative values it can exceed one.
    """
    return _by_rank(values, values, weights, "a Gini index")


def concentration(values: ArrayLike, rank: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Concentration index: 2 sum p x r / mu - 1, homes ranked by ``rank``, mostly income; ties share their mean rank.

    Below zero where the poor have more than the rich (Kakwani 1977). Raises ValueError as `gini` does.
    """
    return _by_rank(values, rank, weights, "a concentration index")


def palma(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Palma ratio: what the top 10 % have over what the bottom 40 % have, (1 - L(0.9)) / L(0.4) (Palma 2011).

    The Lorenz curve is taken as straight between cells. Raises ValueError where the bottom 40 % have nothing.
    """
    homes, total = lorenz(values, weights)
    bottom = float(np.interp(0.4, homes, total))
    _positive(bottom, "a Palma ratio", "what the bottom 40 % have")
    return float(1.0 - np.interp(0.9, homes, total)) / bottom


def kakwani(charge: ArrayLike, income: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Kakwani index of a charge: its concentration by income less the Gini of income; below zero is regressive.

    A charge in proportion to income gives 0, the same sum for all minus the Gini (Kakwani 1977).
    """
    return concentration(charge, income, weights) - gini(income, weights)


def suits(charge: ArrayLike, income: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Suits index: 1 - sum (A_i - A_{i-1}) (B_i + B_{i-1}), A and B cumulative shares of income and of the charge.

    From -1 (the poorest pay all) over 0 (in proportion) to 1 (Suits 1977). Homes of the same income are taken
    together. Raises ValueError for negative incomes and for totals that are not above zero.
    """
    t, p = _sample(charge, weights)
    y, _ = _sample(income, weights)
    if (y < 0).any():
        raise ValueError("a Suits index needs incomes of 0 or more")
    _positive(float(p @ t), "a Suits index", "the total charge")
    _positive(float(p @ y), "a Suits index", "total income")
    _, at = np.unique(y, return_inverse=True)
    a, b = _cumulated(np.bincount(at, p * y)), _cumulated(np.bincount(at, p * t))
    return float(1.0 - np.diff(a) @ (b[1:] + b[:-1]))


def reynolds_smolensky(charge: ArrayLike, income: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Reynolds-Smolensky index: Gini of income less the concentration of income after the charge, ranked before it.

    Above zero where the charge makes incomes more equal (Reynolds and Smolensky 1977).
    """
    left = np.asarray(income, float) - np.asarray(charge, float)
    return gini(income, weights) - concentration(left, income, weights)


def atkinson(values: ArrayLike, epsilon: float, weights: ArrayLike | None = None) -> float:
    """Atkinson index: 1 - (sum p x^(1-e))^(1/(1-e)) / mu; for e = 1 the geometric mean (Atkinson 1970).

    epsilon : aversion to inequality, above 0. Raises ValueError for negative values, for zeros where epsilon is 1 or
    more (one home without anything would then outweigh all others), and for a mean that is not above zero.
    """
    x, p = _sample(values, weights)
    if not epsilon > 0:
        raise ValueError(f"an Atkinson index needs an aversion above 0, not {epsilon:g}")
    if (x < 0).any() or (epsilon >= 1 and (x[p > 0] == 0).any()):
        least = "above zero" if epsilon >= 1 else "of 0 or more"
        raise ValueError(f"an Atkinson index with aversion {epsilon:g} needs values {least}")
    mean = _positive(float(p @ x), "an Atkinson index")
    x, p = x[p > 0] / mean, p[p > 0]
    if abs(epsilon - 1.0) < 1e-9:
        return float(1.0 - np.exp(p @ np.log(x)))
    return float(1.0 - (p @ x ** (1.0 - epsilon)) ** (1.0 / (1.0 - epsilon)))


def kappa(values: ArrayLike, epsilon: float, weights: ArrayLike | None = None) -> float:
    """Kolm-Pollak parameter that matches an Atkinson-like aversion: epsilon sum p x / sum p x^2 (Logan et al. 2021).

    epsilon : above 0 for goods, below 0 for burdens; 0.5 to 2 in size is usual. Freeze it at one year to compare plans.
    """
    x, p = _sample(values, weights)
    square = _positive(float(p @ x**2), "a Kolm-Pollak parameter", "the mean of the squares")
    return float(epsilon * (p @ x) / square)


def kolm_pollak_ede(values: ArrayLike, kappa: float, weights: ArrayLike | None = None) -> float:
    """Kolm-Pollak equally-distributed equivalent: -ln(sum p exp(-k x)) / k; the mean for k = 0.

    The one value that, if all had it, would be as good (k > 0, goods: below the mean) or as bad (k < 0, burdens: above
    it) as the values are (Kolm 1976, Pollak 1971; for burdens Sheriff and Maguire 2020). Summed around the mean, or by
    its largest term, so that neither small nor large values lose their digits.
    """
    x, p = _sample(values, weights)
    x, p = x[p > 0], p[p > 0]
    mean = float(p @ x)
    z = -kappa * (x - mean)
    size = float(np.abs(z).max())
    if size < 1e-8:  # so close to the mean that the next term of the series is below rounding
        return mean - 0.5 * kappa * float(p @ (x - mean) ** 2)
    if size < 1.0:
        return mean - float(np.log1p(p @ np.expm1(z))) / kappa
    top = float(z.max())
    return mean - (top + float(np.log(p @ np.exp(z - top)))) / kappa


def kolm_pollak_index(values: ArrayLike, kappa: float, weights: ArrayLike | None = None) -> float:
    """Kolm-Pollak index: how far the equally-distributed equivalent is from the mean, in the unit of the values."""
    x, p = _sample(values, weights)
    return abs(kolm_pollak_ede(values, kappa, weights) - float(p @ x))


def theil_t(values: ArrayLike, weights: ArrayLike | None = None, groups: ArrayLike | None = None) -> Theil:
    """Theil T: sum p (x/mu) ln(x/mu) = between (the same on group means) + within (Theil 1967).

    groups : a label per cell; without it all homes are one group and all inequality is within.
    Raises ValueError for negative values and for a mean that is not above zero.
    """
    x, p = _sample(values, weights)
    if (x < 0).any():
        raise ValueError("Theil's T needs values of 0 or more")
    mean = _positive(float(p @ x), "Theil's T")
    total = _t(x / mean, p)
    labels = np.zeros(len(x), int) if groups is None else np.unique(np.asarray(groups), return_inverse=True)[1]
    if labels.shape != x.shape:
        raise ValueError(f"{len(labels)} groups for {len(x)} values")
    share, amount = np.bincount(labels, p), np.bincount(labels, p * x)
    means = np.divide(amount, share, out=np.zeros(len(share)), where=share > 0)
    between = _t(means / mean, share)
    return Theil(total, between, total - between)


def mld(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Mean log deviation, Theil's L: sum p ln(mu / x) (Theil 1967). Raises ValueError for values not above zero."""
    x, p = _sample(values, weights)
    if (x[p > 0] <= 0).any():
        raise ValueError("a mean log deviation needs values above zero")
    x, p = x[p > 0], p[p > 0]
    return float(np.log(p @ x) - p @ np.log(x))


def exposure_ratio(values: ArrayLike, these: ArrayLike, others: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Mean of some homes over the mean of others; ``these``, ``others`` are shares of each cell (0..1) or true/false.

    Raises ValueError where either has no homes or the others' mean is not above zero.
    """
    x, p = _sample(values, weights)
    a, b = p * _share(these, x), p * _share(others, x)
    if a.sum() <= 0 or b.sum() <= 0:
        raise ValueError("an exposure ratio needs homes on both sides")
    return float((a @ x) / a.sum() / _positive(float(b @ x / b.sum()), "an exposure ratio", "the mean of the others"))


def benefit_share(gains: ArrayLike, designated: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Share of all gains that goes to designated homes: sum_D p b / sum p b.

    gains : per home, above 0 where it gains. designated : share of each cell (0..1) or true/false. Raises ValueError
    where all together do not gain: a share of a loss says the opposite of what it seems to.
    """
    b, p = _sample(gains, weights)
    return float(p * _share(designated, b) @ b / _positive(float(p @ b), "a benefit share", "the gain of all together"))


def losers_share(more: ArrayLike, weights: ArrayLike | None = None, tolerance: float = 0.0) -> float:
    """Share of homes that pay more: those whose ``more`` (net cost with the plan less without) is above a tolerance."""
    x, p = _sample(more, weights)
    return float(p[x > tolerance].sum())


def cvar(values: ArrayLike, worst: float = 0.2, weights: ArrayLike | None = None) -> float:
    """Mean of the worst-off share of homes: the highest values, the last cell in part (Rockafellar and Uryasev 2000).

    worst : share of homes, above 0 to 1. Raises ValueError for another share.
    """
    x, p = _sample(values, weights)
    if not 0 < worst <= 1:
        raise ValueError(f"the worst-off are a share above 0 and up to 1, not {worst:g}")
    order = np.argsort(-x, kind="stable")
    taken = np.diff(np.minimum(np.concatenate([[0.0], np.cumsum(p[order])]), worst))
    return float(taken @ x[order] / taken.sum())


def misleads(measure: str, values: ArrayLike, burden: bool = False) -> str:
    """A sentence where a measure can be reckoned but misleads, else "".

    burden : the values are something that is bad to have. Then relative indices mislead: they fall when every burden
    rises by the same sum, and rise when every burden falls but the light ones fall further (Sheriff and Maguire 2020).
    Shares mislead where gains and losses are mixed, and say nothing where the total is zero or below.
    """
    x = np.asarray(values, float)
    x = x[np.isfinite(x)]
    if measure in RELATIVE and burden:
        return say(
            "A relative index ({measure}) of a burden misleads: it can rise while nobody's burden rises, and fall "
            "when all bear more. Read the equally-distributed equivalent or the mean of the worst-off instead.",
            measure=measure,
        )
    if measure in SHARES and x.size and x.sum() <= 0:
        return say(
            "A share ({measure}) of a total that is zero or below says nothing: show gains and losses apart.",
            measure=measure,
        )
    if measure in SHARES and (x < 0).any() and (x > 0).any():
        return say(
            "Gains and losses are mixed: a share ({measure}) can exceed 100 %. Show gains and losses apart.",
            measure=measure,
        )
    if measure in RELATIVE and (x < 0).any():
        return say("Some values are below zero: a relative index ({measure}) can then exceed one.", measure=measure)
    return ""


def _sample(values: ArrayLike, weights: ArrayLike | None) -> tuple[np.ndarray, np.ndarray]:
    """Values and their shares of the weight."""
    x = np.asarray(values, float)
    w = np.ones(x.shape) if weights is None else np.asarray(weights, float)
    if x.ndim != 1 or x.size == 0 or w.shape != x.shape:
        raise ValueError(f"values and weights are one figure a cell, not {x.shape} and {w.shape}")
    if not np.isfinite(x[w != 0]).all() or not np.isfinite(w).all():
        raise ValueError("a value is not known: leave its cell out, and say so")
    if (w < 0).any() or w.sum() <= 0:
        raise ValueError("weights are 0 or more, and not all zero")
    # A cell without homes counts for nothing, whatever stands in it.
    return np.where(w > 0, x, 0.0), w / w.sum()


def _positive(total: float, measure: str, what: str = "the mean") -> float:
    if not total > 0:
        raise ValueError(f"{measure} is not defined where {what} is zero or below ({total:g})")
    return total


def _share(part: ArrayLike, like: np.ndarray) -> np.ndarray:
    share = np.asarray(part, float)
    if share.shape != like.shape or not ((share >= 0) & (share <= 1)).all():
        raise ValueError("who is meant is a share from 0 to 1 for each cell")
    return share


def _cumulated(parts: np.ndarray) -> np.ndarray:
    whole = np.concatenate([[0.0], np.cumsum(parts)])
    return np.asarray(whole / whole[-1])


def _by_rank(values: ArrayLike, rank: ArrayLike, weights: ArrayLike | None, measure: str) -> float:
    x, p = _sample(values, weights)
    y, _ = _sample(rank, weights)
    if y.shape != x.shape:
        raise ValueError(f"{len(y)} ranks for {len(x)} values")
    mean = _positive(float(p @ x), measure)
    _, at = np.unique(y, return_inverse=True)
    homes = np.bincount(at, p)
    middle = np.cumsum(homes) - homes / 2.0
    return float(2.0 * (p * x) @ middle[at] / mean - 1.0)


def _t(relative: np.ndarray, p: np.ndarray) -> float:
    some = relative > 0
    return float((p * relative)[some] @ np.log(relative[some]))
