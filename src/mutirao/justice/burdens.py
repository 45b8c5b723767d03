"""Energy poverty by spend and income: plain functions on arrays of homes, or of cells of homes, with weights.

E is what homes spend on energy, R what they would have to spend to be warm and lit (modelled), Y their income, all per
home and year; a weight is the number of homes that a value stands for, so that the same functions serve microdata
(weights from the survey, ``spread`` 0) and cells (fractional homes). A function named for a share returns it by cell,
0..1; the share of all homes is its mean weighted by homes.

Within a cell homes differ: spend, needed or made, is the cell's mean times a lognormal factor of mean 1 whose logarithm
has the standard deviation ``spread``, while income and housing cost are the cell's mean for every home. With ``spread``
0 every home is its cell's mean. The same factor moves every threshold that an indicator has on R (`lihc`, `lilee`).
"""

import numpy as np
from scipy.stats import norm

from mutirao.justice.withincell import share_above as lognormal_share_above
from mutirao.justice.withincell import strata

HIGH, SEVERE = 0.06, 0.10
"""Burdens called high and severe: Drehobl, Ross and Ayala (2020), How High Are Household Energy Burdens?, ACEEE."""
REQUIRED = 0.10
"""The tenth of income that needed spend must not pass: Boardman (1991), Fuel Poverty."""
POVERTY_SHARE = 0.60
"""The poverty line as a share of the median home's equivalised income after housing costs: Hills (2012)."""
WORST = 1.0
"""Burdens count as at most the whole income in means: a home with almost no income would outweigh all others."""
EQUIVALENCE = "people beyond the first in a home count half each, as adults do: how many are children is not known"

_TINY = np.finfo(float).tiny


def weighted_median(values: np.ndarray, homes: np.ndarray, spread: float = 0.0) -> float:
    """The value that half of all homes lie below, between values where half falls there; NaN where one is not known.

    values : by cell; with ``spread`` those of a cell's homes are lognormal around it, and the median is that of all
    homes taken together. Values without homes do not count. NaN when there are no homes.
    """
    x, w = np.broadcast_arrays(np.asarray(values, float), np.asarray(homes, float))
    some = w > 0
    x, w = x[some], w[some]
    if not len(x) or np.isnan(x).any():
        return float("nan")
    order = np.argsort(x, kind="stable")
    x, w = x[order], w[order]
    middle = float(np.interp(w.sum() / 2.0, np.cumsum(w) - w / 2.0, x))
    finite = x[np.isfinite(x)]
    if spread == 0.0 or not len(finite) or finite[-1] <= 0.0:
        return middle
    low, high = np.log(max(float(finite[0]), finite[-1] * 1e-12)) - 8.0 * spread, np.log(finite[-1]) + 8.0 * spread
    for _ in range(80):
        guess = (low + high) / 2.0
        under = float((w * below(x, np.exp(guess), spread)).sum()) < w.sum() / 2.0
        low, high = (guess, high) if under else (low, guess)
    return float(np.exp((low + high) / 2.0))


def above(mean: np.ndarray, threshold: float | np.ndarray, spread: float = 0.0) -> np.ndarray:
    """Share of homes by cell whose value lies above a threshold, which may be zero or negative; NaN stays NaN.

    mean, threshold : any shapes that go together. A cell of mean zero or less holds no spread.
    """
    mean, threshold = np.broadcast_arrays(np.asarray(mean, float), np.asarray(threshold, float))
    plain = (mean > threshold).astype(float)
    if spread != 0.0:
        share = lognormal_share_above(np.maximum(mean, _TINY), np.maximum(threshold, _TINY), spread)
        plain = np.where((mean > 0.0) & (threshold > 0.0) & np.isfinite(mean), share, plain)
    return np.where(np.isnan(mean) | np.isnan(threshold), np.nan, plain)


def below(mean: np.ndarray, threshold: float | np.ndarray, spread: float = 0.0) -> np.ndarray:
    """Share of homes by cell whose value lies below a threshold; the counterpart of `above`."""
    return above(-np.asarray(mean, float), -np.asarray(threshold, float)) if spread == 0.0 else (
        1.0 - above(mean, threshold, spread)
    )  # fmt: skip


def equivalence(people: np.ndarray) -> np.ndarray:
    """Equivalent adults of a home by the OECD-modified scale where only its people are known; NaN where they are not.

    The scale (Hagenaars, de Vos and Zaidi 1994; OECD, What are equivalence scales?) counts 1 for the first adult, 0.5
    for each further one and 0.3 for each child. Adults and children are not told apart here: see `EQUIVALENCE`.
    """
    return np.asarray(1.0 + 0.5 * np.maximum(np.asarray(people, float) - 1.0, 0.0))


def burden(spend: np.ndarray, income: np.ndarray, at_most: float | None = None) -> np.ndarray:
    """Spend over income by home or cell: as it is, or with ``at_most`` never above that.

    As it is, spend without income is an infinite burden and a negative income gives a negative one. With ``at_most``
    (1 = the whole income) both are ``at_most``. No spend is no burden, whatever the income.
    """
    spend, income = np.broadcast_arrays(np.asarray(spend, float), np.asarray(income, float))
    with np.errstate(divide="ignore", invalid="ignore"):
        raw = np.where(spend == 0.0, np.where(np.isnan(income), np.nan, 0.0), spend / income)
    if at_most is None:
        return raw
    capped = np.where((income <= 0.0) & (spend > 0.0), at_most, np.minimum(raw, at_most))
    return np.asarray(np.where(np.isnan(spend) | np.isnan(income), np.nan, capped))


def burden_ratio(spend: np.ndarray, income: np.ndarray, homes: np.ndarray) -> float:
    """All that homes spend over all that they earn; the official aggregate of the LEAD data.

    It is the mean of burdens weighted by income, not by homes: `mean_burden` is another figure. NaN without income.
    """
    total = float((np.asarray(income, float) * homes).sum())
    return float((np.asarray(spend, float) * homes).sum()) / total if total else float("nan")


def mean_burden(spend: np.ndarray, income: np.ndarray, homes: np.ndarray, spread: float = 0.0) -> float:
    """Mean over homes of their burdens, each counted as at most 100 % of income."""
    return weighted_mean(mean_burden_of_cell(spend, income, spread), homes)


def mean_burden_of_cell(spend: np.ndarray, income: np.ndarray, spread: float = 0.0) -> np.ndarray:
    """The same by cell: the mean over strata of its homes of burdens counted as at most 100 % of income."""
    levels = strata(spread)
    each = burden(np.asarray(spend, float)[..., None] * levels, np.asarray(income, float)[..., None], WORST)
    return np.asarray(each.mean(axis=-1))


def weighted_mean(values: np.ndarray, homes: np.ndarray) -> float:
    """Mean over homes; cells without homes do not count, whatever they hold. NaN without homes."""
    values, homes = np.broadcast_arrays(np.asarray(values, float), np.asarray(homes, float))
    some = homes > 0
    return float(np.average(values[some], weights=homes[some])) if some.any() else float("nan")


def share_above(spend: np.ndarray, income: np.ndarray, threshold: float, spread: float = 0.0) -> np.ndarray:
    """Share of homes whose burden is above a threshold (EB6: 0.06, EB10: 0.10); spend without income is above."""
    return above(spend, threshold * np.maximum(np.asarray(income, float), 0.0), spread)


def ten_percent(required: np.ndarray, income: np.ndarray, spread: float = 0.0) -> np.ndarray:
    """Share of homes that would need more than a tenth of their income: R/Y > 10 % (Boardman 1991)."""
    return share_above(required, income, REQUIRED, spread)


def two_median(spend: np.ndarray, income: np.ndarray, median_burden: float, spread: float = 0.0) -> np.ndarray:
    """2M, share of homes whose burden is above twice the median one (EU Energy Poverty Observatory)."""
    return share_above(spend, income, 2.0 * median_burden, spread)


def half_median(spend: np.ndarray, adults: np.ndarray, median_spend: float, spread: float = 0.0) -> np.ndarray:
    """M/2, share of homes that spend less than half the median one (EU Energy Poverty Observatory).

    adults : equivalent adults of a home (`equivalence`). median_spend : of spend by equivalent adult.
    """
    return below(np.asarray(spend, float) / adults, 0.5 * median_spend, spread)


def hidden(
    spend: np.ndarray, required: np.ndarray, income: np.ndarray, housing_cost: np.ndarray, adults: np.ndarray,
    line: float, spread: float = 0.0,
) -> np.ndarray:  # fmt: skip
    """HEP, hidden poverty: share of homes that spend less than half of what they need and stay below the poverty line.

    Both E < 0.5 R and (Y - HC - R) / e < line: what is spent varies inside the cell, what is needed and earned does
    not. After the modified M/2 of Barrella et al. and Antepara et al. (2020).
    """
    poor = above(line * np.asarray(adults, float), np.asarray(income, float) - housing_cost - required)
    return np.asarray(below(spend, 0.5 * np.asarray(required, float), spread) * poor)


def lihc(
    required: np.ndarray, income: np.ndarray, housing_cost: np.ndarray, adults: np.ndarray,
    median_required: float, line: float, spread: float = 0.0,
) -> np.ndarray:  # fmt: skip
    """LIHC, low income and high cost: R / e above the median AND (Y - HC - R) / e below the line (Hills 2012).

    What is needed varies inside the cell, so that both conditions are thresholds on the same factor: the higher counts.
    """
    adults = np.asarray(adults, float)
    enough = np.asarray(income, float) - housing_cost - line * adults
    return above(required, np.maximum(median_required * adults, enough), spread)


def lilee(
    inefficient: np.ndarray, required: np.ndarray, income: np.ndarray, housing_cost: np.ndarray, adults: np.ndarray,
    line: float, spread: float = 0.0,
) -> np.ndarray:  # fmt: skip
    """LILEE, low income and low efficiency: rated band D or worse AND (Y - HC - R) / e below the line (England, 2021).

    inefficient : share of homes rated band D or worse; inside a cell taken as independent of what is needed.
    """
    enough = np.asarray(income, float) - housing_cost - line * np.asarray(adults, float)
    return np.asarray(np.asarray(inefficient, float) * above(required, enough, spread))


def excess(spend: np.ndarray, income: np.ndarray, threshold: float, spread: float = 0.0) -> np.ndarray:
    """Spend of a home above a share of its income, CUR per home and year: mean over strata of max(0, E q - theta Y)."""
    allowed = threshold * np.maximum(np.asarray(income, float), 0.0)
    each = np.asarray(spend, float)[..., None] * strata(spread) - allowed[..., None]
    return np.asarray(np.maximum(each, 0.0).mean(axis=-1))


def gap(spend: np.ndarray, income: np.ndarray, homes: np.ndarray, threshold: float, spread: float = 0.0) -> float:
    """What all homes together spend above a share of their income, CUR a year (Foster, Greer and Thorbecke 1984).

    With `withincell.strata`, so that a plan can be bound by the same figure; a little below the lognormal's own.
    """
    return float((excess(spend, income, threshold, spread) * homes).sum())


def fgt(
    spend: np.ndarray, income: np.ndarray, threshold: float, alpha: float, spread: float = 0.0
) -> np.ndarray:
    """Foster, Greer and Thorbecke's measure by cell: the mean of (excess over theta Y)^alpha; alpha 0 counts homes.

    Burdens count as at most 100 % of income. alpha 1 is the depth, 2 weighs the deepest most (FGT 1984).
    Raises ValueError for a negative alpha.
    """
    if alpha < 0.0:
        raise ValueError(f"alpha is {alpha}: a measure of poverty has none below zero")
    if alpha == 0.0:
        return share_above(spend, income, threshold, spread)
    each = burden(np.asarray(spend, float)[..., None] * strata(spread), np.asarray(income, float)[..., None], WORST)
    return np.asarray((np.maximum(each - threshold, 0.0) / threshold) ** alpha).mean(axis=-1)  # type: ignore[no-any-return]


def expected_excess(ratio: np.ndarray, threshold: float, spread: float) -> np.ndarray:
    """Mean of max(0, b - theta) over homes whose burdens b are lognormal with mean ``ratio``: the closed form.

    To see how near the strata come: m Phi(d + s/2) - theta Phi(d - s/2), d = ln(m / theta) / s.
    """
    ratio = np.asarray(ratio, float)
    d = np.log(np.maximum(ratio, _TINY) / threshold) / spread
    return np.asarray(ratio * norm.cdf(d + spread / 2.0) - threshold * norm.cdf(d - spread / 2.0))
