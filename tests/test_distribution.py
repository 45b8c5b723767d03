"""Measures of distribution against published numbers and closed forms."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from mutirao.justice import distribution as d

#: Incomes of the help pages of the R packages ineq and DescTools.
TEN = (541, 1463, 2445, 3438, 4437, 5401, 6392, 8304, 11904, 22261)
#: Example of the R package REAT, after Störmann (2009).
FIVE = (10, 10, 10, 20, 50)

MANY = settings(max_examples=40, deadline=None)
FEW = settings(max_examples=12, deadline=None)
SAMPLE = st.lists(st.tuples(st.floats(0.01, 1e4), st.floats(0.01, 100.0)), min_size=2, max_size=30)


def columns(rows: list[tuple[float, float]]) -> tuple[np.ndarray, np.ndarray]:
    x, w = np.array(rows).T
    return x, w


def quantiles(ppf, n: int = 40_001) -> np.ndarray:
    """Midpoints of n equally likely slices of a distribution."""
    return np.asarray(ppf((np.arange(n) + 0.5) / n))


# ---- published numbers ------------------------------------------------------------------------------------------
def test_published_values() -> None:
    assert d.gini(TEN) == pytest.approx(0.4620911, abs=5e-8)
    assert d.atkinson(TEN, 0.5) == pytest.approx(0.1796591, abs=5e-8)
    assert d.theil_t(TEN).total == pytest.approx(0.3623412, abs=5e-8)
    assert d.palma(TEN) == pytest.approx(2.8225, abs=5e-5)
    assert d.theil_t(FIVE).total == pytest.approx(0.2502012, abs=5e-8)
    assert d.mld(FIVE) == pytest.approx(0.2326302, abs=5e-8)


def test_kolm_pollak_does_not_overflow() -> None:
    assert d.kolm_pollak_ede(TEN, -1.0) == pytest.approx(22258.70, abs=5e-3)
    assert d.kolm_pollak_ede(TEN, 1.0) == pytest.approx(541 + math.log(10), abs=1e-6)


# ---- closed forms -----------------------------------------------------------------------------------------------
@FEW
@given(st.floats(0.1, 1.0), st.floats(-2.0, 8.0))
def test_lognormal(s: float, m: float) -> None:
    x = quantiles(lambda q: np.exp(m + s * norm.ppf(q)))
    assert d.gini(x) == pytest.approx(math.erf(s / 2), rel=2e-3)
    assert d.theil_t(x).total == pytest.approx(s**2 / 2, rel=2e-3)
    assert d.mld(x) == pytest.approx(s**2 / 2, rel=2e-3)
    for e in (0.5, 1.0, 2.0):
        assert d.atkinson(x, e) == pytest.approx(1 - math.exp(-e * s**2 / 2), rel=2e-3)


@FEW
@given(st.floats(3.0, 10.0), st.floats(0.1, 1e4))
def test_pareto(a: float, least: float) -> None:
    x = quantiles(lambda q: least * (1 - q) ** (-1 / a))
    assert d.gini(x) == pytest.approx(1 / (2 * a - 1), rel=2e-3)
    top, bottom = 0.1 ** (1 - 1 / a), 1 - 0.6 ** (1 - 1 / a)
    assert d.palma(x) == pytest.approx(top / bottom, rel=2e-3)
    assert d.cvar(x, 0.2) == pytest.approx(least * a / (a - 1) * 0.2 ** (-1 / a), rel=2e-3)


@MANY
@given(st.floats(-50.0, 50.0), st.floats(0.1, 3.0), st.floats(-1.5, 1.5))
def test_normal_has_a_closed_equivalent(m: float, s: float, ks: float) -> None:
    k = ks / s
    x = quantiles(lambda q: m + s * norm.ppf(q))
    assert d.kolm_pollak_ede(x, k) == pytest.approx(m - k * s**2 / 2, abs=2e-3 * s)


def test_normal_equivalents_of_the_reference() -> None:
    x = quantiles(lambda q: 3 + norm.ppf(q))
    assert d.kolm_pollak_ede(x, 0.5) == pytest.approx(2.75, abs=1e-3)
    assert d.kolm_pollak_ede(x, -0.5) == pytest.approx(3.25, abs=1e-3)
    assert d.kolm_pollak_index(x, -0.5) == pytest.approx(0.25, abs=1e-3)


@MANY
@given(SAMPLE, st.floats(0.01, 0.9))
def test_charges_in_proportion_and_alike_for_all(rows: list[tuple[float, float]], rate: float) -> None:
    income, w = columns(rows)
    assert d.suits(rate * income, income, w) == pytest.approx(0.0, abs=1e-9)
    assert d.kakwani(rate * income, income, w) == pytest.approx(0.0, abs=1e-9)
    assert d.reynolds_smolensky(rate * income, income, w) == pytest.approx(0.0, abs=1e-8)
    alike = np.full(len(w), rate)
    assert d.kakwani(alike, income, w) == pytest.approx(-d.gini(income, w), abs=1e-9)
    assert d.suits(alike, income, w) == pytest.approx(-d.gini(income, w), abs=1e-9)


# ---- what must hold for every sample ----------------------------------------------------------------------------
@MANY
@given(SAMPLE, st.floats(0.1, 10.0))
def test_relative_indices_do_not_know_units_and_lie_in_range(rows: list[tuple[float, float]], c: float) -> None:
    x, w = columns(rows)
    for index in (d.gini, lambda *a: d.atkinson(a[0], 0.5, a[1]), lambda *a: d.theil_t(*a).total, d.mld):
        assert index(c * x, 3 * w) == pytest.approx(index(x, w), rel=1e-6, abs=1e-9)
        assert index(x, w) >= -1e-9
        assert index(np.full(len(w), c), w) == pytest.approx(0.0, abs=1e-9)
    assert d.gini(x, w) < 1
    homes, total = d.lorenz(x, w)
    assert (total <= homes + 1e-12).all()
    assert (np.diff(total) >= 0).all()
    # The Gini index is twice the area between the curve and the line of equality.
    assert d.gini(x, w) == pytest.approx(1 - np.sum(np.diff(homes) * (total[1:] + total[:-1])), abs=1e-9)


@MANY
@given(SAMPLE)
def test_a_weight_is_so_many_homes(rows: list[tuple[float, float]]) -> None:
    x, w = columns(rows)
    n = np.ceil(w / 20).astype(int)
    each = np.repeat(x, n)
    assert d.gini(x, n) == pytest.approx(d.gini(each), abs=1e-9)
    assert d.cvar(x, 0.3, n) == pytest.approx(d.cvar(each, 0.3), rel=1e-9)
    assert d.kolm_pollak_ede(x, -1e-3, n) == pytest.approx(d.kolm_pollak_ede(each, -1e-3), rel=1e-9)
    assert d.concentration(x, -x, n) == pytest.approx(d.concentration(each, -each), abs=1e-9)


@MANY
@given(SAMPLE, st.randoms())
def test_the_order_of_cells_and_of_ties_does_not_count(rows: list[tuple[float, float]], random) -> None:
    x, w = columns(rows)
    income = 1e5 + np.round(x / 3000)  # ties
    order = list(range(len(x)))
    random.shuffle(order)
    for measure in (d.concentration, d.reynolds_smolensky):
        assert measure(x, income, w) == pytest.approx(measure(x[order], income[order], w[order]), abs=1e-9)
    assert d.suits(x, income, w) == pytest.approx(d.suits(x[order], income[order], w[order]), abs=1e-9)


@MANY
@given(SAMPLE)
def test_theil_falls_apart_into_between_and_within(rows: list[tuple[float, float]]) -> None:
    x, w = columns(rows)
    groups = np.arange(len(x)) % 3
    t = d.theil_t(x, w, groups)
    mean = np.average(x, weights=w)
    within = 0.0
    for g in np.unique(groups):
        part = groups == g
        share = (w[part] @ x[part]) / (w @ x)
        within += share * d.theil_t(x[part], w[part]).total
    assert t.within == pytest.approx(within, abs=1e-9)
    assert t.between >= -1e-12
    means = np.array([np.average(x[groups == g], weights=w[groups == g]) for g in groups])
    assert t.between == pytest.approx(np.average(means / mean * np.log(means / mean), weights=w), abs=1e-9)
    assert d.theil_t(x, w).between == pytest.approx(0.0, abs=1e-12)


@MANY
@given(SAMPLE, st.floats(0.5, 2.0), st.floats(-100.0, 100.0))
def test_kolm_pollak_moves_with_what_all_get_and_sees_goods_and_bads_apart(
    rows: list[tuple[float, float]], epsilon: float, more: float
) -> None:
    x, w = columns(rows)
    mean = np.average(x, weights=w)
    good, bad = d.kappa(x, epsilon, w), d.kappa(x, -epsilon, w)
    assert good == pytest.approx(-bad)
    assert d.kolm_pollak_ede(x, good, w) <= mean + 1e-6
    assert d.kolm_pollak_ede(x, bad, w) >= mean - 1e-6
    assert d.kolm_pollak_ede(x + more, bad, w) == pytest.approx(d.kolm_pollak_ede(x, bad, w) + more, abs=1e-6)
    assert d.kolm_pollak_index(x + more, bad, w) == pytest.approx(d.kolm_pollak_index(x, bad, w), abs=1e-6)
    assert d.kolm_pollak_ede(x, 0.0, w) == pytest.approx(mean)


@MANY
@given(SAMPLE)
def test_the_worst_off_bear_more_than_the_mean(rows: list[tuple[float, float]]) -> None:
    x, w = columns(rows)
    mean = np.average(x, weights=w)
    tails = [d.cvar(x, q, w) for q in (0.05, 0.2, 0.5, 1.0)]
    assert all(a >= b - 1e-9 for a, b in pairwise(tails))
    assert tails[-1] == pytest.approx(mean)
    # Rockafellar and Uryasev: the least over eta of eta + mean excess over it / share.
    eta = x[:, None]
    assert d.cvar(x, 0.2, w) == pytest.approx(
        float((eta[:, 0] + np.average(np.maximum(x - eta, 0), axis=1, weights=w) / 0.2).min()), rel=1e-9
    )


def test_who_gains_and_who_loses() -> None:
    homes, gain = [100.0, 300.0, 600.0], [50.0, -10.0, 20.0]
    assert d.benefit_share(gain, [1, 0, 0], homes) == pytest.approx(5000 / 14000)
    assert d.benefit_share(gain, [0.5, 0.5, 0.0], homes) == pytest.approx((2500 - 1500) / 14000)
    assert d.losers_share([-50.0, 10.0, -20.0], homes) == pytest.approx(0.3)
    assert d.losers_share([-50.0, 10.0, -20.0], homes, tolerance=10.0) == 0.0
    assert d.exposure_ratio([4.0, 1.0, 2.0], [1, 0, 0], [0, 1, 1], homes) == pytest.approx(4 / (1500 / 900))


# ---- outside the domain -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("measure", "words"),
    [
        (lambda: d.gini([1.0, -1.0]), "a Gini index is not defined where the mean is zero or below"),
        (lambda: d.concentration([-1.0, 0.0], [1, 2]), "a concentration index is not defined"),
        (lambda: d.lorenz([0.0, 0.0]), "a Lorenz curve is not defined"),
        (lambda: d.palma([0.0, 0.0, 0.0, 5.0]), "what the bottom 40 % have"),
        (lambda: d.atkinson([0.0, 1.0], 1.0), "needs values above zero"),
        (lambda: d.atkinson([0.0, 1.0], 2.0), "needs values above zero"),
        (lambda: d.atkinson([-1.0, 3.0], 0.5), "needs values of 0 or more"),
        (lambda: d.atkinson([1.0, 3.0], 0.0), "needs an aversion above 0"),
        (lambda: d.theil_t([-1.0, 3.0]), "needs values of 0 or more"),
        (lambda: d.theil_t([1.0, 3.0], groups=[1]), "1 groups for 2 values"),
        (lambda: d.mld([0.0, 3.0]), "needs values above zero"),
        (lambda: d.suits([1.0, -1.0], [1, 2]), "the total charge is zero or below"),
        (lambda: d.suits([1.0, 1.0], [-1, 2]), "incomes of 0 or more"),
        (lambda: d.kappa([0.0, 0.0], 1.0), "the mean of the squares"),
        (lambda: d.cvar([1.0, 2.0], 0.0), "a share above 0"),
        (lambda: d.benefit_share([1.0, -2.0], [1, 0]), "the gain of all together"),
        (lambda: d.benefit_share([1.0, 2.0], [2, 0]), "a share from 0 to 1"),
        (lambda: d.exposure_ratio([1.0, 2.0], [0, 0], [1, 1]), "homes on both sides"),
        (lambda: d.gini([1.0, math.nan]), "not known"),
        (lambda: d.gini([1.0, 2.0], [1.0, -1.0]), "weights are 0 or more"),
        (lambda: d.gini([1.0, 2.0], [0.0, 0.0]), "not all zero"),
        (lambda: d.gini([1.0, 2.0], [1.0]), "one figure a cell"),
        (lambda: d.gini([]), "one figure a cell"),
    ],
)
def test_outside_its_domain_a_measure_says_so(measure, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        measure()


def test_zeros_are_fine_where_they_are_defined() -> None:
    assert d.atkinson([0.0, 1.0], 0.5) == pytest.approx(0.5)
    assert d.theil_t([0.0, 1.0]).total == pytest.approx(math.log(2))
    assert d.gini([0.0, 1.0]) == pytest.approx(0.5)


def test_cells_without_homes_do_not_count() -> None:
    assert d.gini([1.0, 3.0, math.nan], [1, 1, 0]) == d.gini([1.0, 3.0])
    assert d.mld([1.0, 3.0, -5.0], [1, 1, 0]) == d.mld([1.0, 3.0])
    assert d.kolm_pollak_ede([1.0, 3.0, 9e9], -1.0, [1, 1, 0]) == d.kolm_pollak_ede([1.0, 3.0], -1.0)


# ---- what can be reckoned and misleads --------------------------------------------------------------------------
def test_a_relative_index_of_a_burden_rises_while_every_burden_falls() -> None:
    before, after = np.array([10.0, 4.0]), np.array([9.0, 2.0])
    assert d.gini(after) > d.gini(before)
    assert d.kolm_pollak_ede(after, -0.2) < d.kolm_pollak_ede(before, -0.2)
    for measure in ("gini", "atkinson", "palma", "concentration"):
        assert "misleads" in d.misleads(measure, after, burden=True)
    for measure in ("ede", "cvar", "losers_share", "poverty_gap"):
        assert d.misleads(measure, after, burden=True) == ""
    assert d.misleads("gini", after) == ""


def test_shares_of_what_is_lost_or_mixed_are_warned_of() -> None:
    assert "zero or below" in d.misleads("benefit_share", [1.0, -2.0])
    assert "zero or below" in d.misleads("suits", [0.0, 0.0])
    assert "mixed" in d.misleads("benefit_share", [3.0, -2.0])
    assert "below zero" in d.misleads("gini", [3.0, -2.0])
    assert d.misleads("benefit_share", [3.0, 2.0, math.nan]) == ""


def test_five_measures_are_shown_in_plain_words() -> None:
    assert [shown.key for shown in d.FIVE] == ["burden", "losers_share", "benefit_share", "poverty_gap", "ede"]
    for shown in d.FIVE:
        assert shown.words.endswith(".")
        assert len(shown.words.split()) <= 25
