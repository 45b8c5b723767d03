"""Measures of distribution and raking held against packages by other hands."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.raking import raking
from mutirao.justice import distribution as d
from mutirao.justice.margins import Margin
from mutirao.justice.raking import rake

pytestmark = pytest.mark.oracle

MISSING = "is not installed: see oracles.txt"
MANY = settings(max_examples=40, deadline=None)
VALUES = st.lists(st.floats(0.01, 1e4), min_size=3, max_size=40).map(np.array)
CELLS = (5, 2, 3)


@MANY
@given(VALUES)
def test_inequality_agrees_on_gini_and_theil(x: np.ndarray) -> None:
    gini = pytest.importorskip("inequality.gini", reason=f"inequality {MISSING}")
    theil = pytest.importorskip("inequality.theil", reason=f"inequality {MISSING}")
    groups = np.arange(len(x)) % 3
    assert d.gini(x) == pytest.approx(gini.Gini(x).g, abs=1e-9)
    parts = theil.TheilD(x, groups)
    ours = d.theil_t(x, groups=groups)
    assert ours.total == pytest.approx(float(parts.T), abs=1e-9)
    assert ours.between == pytest.approx(float(np.ravel(parts.bg)[0]), abs=1e-9)
    assert ours.within == pytest.approx(float(np.ravel(parts.wg)[0]), abs=1e-9)


@MANY
@given(VALUES, st.sampled_from([0.5, 1.0, 2.0]), st.data())
def test_inequalipy_agrees_on_atkinson_and_kolm_pollak(x: np.ndarray, epsilon: float, data: st.DataObject) -> None:
    others = pytest.importorskip("inequalipy", reason=f"inequalipy {MISSING}")
    w = np.array(data.draw(st.lists(st.floats(0.1, 100.0), min_size=len(x), max_size=len(x))))
    if epsilon != 1.0:  # theirs divides by zero there, and takes no weights
        assert d.atkinson(x, epsilon) == pytest.approx(others.atkinson.index(x, epsilon), abs=1e-9)
    k = d.kappa(x, -epsilon, w)
    assert d.kolm_pollak_ede(x, k, w) == pytest.approx(others.kolmpollak.ede(x, kappa=k, weights=w), rel=1e-9)
    assert d.kolm_pollak_ede(x, -k, w) == pytest.approx(others.kolmpollak.ede(x, kappa=-k, weights=w), rel=1e-6)
    assert d.kappa(x, epsilon) == pytest.approx(others.kolmpollak.calc_kappa(x, epsilon), rel=1e-9)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1), st.booleans())
def test_ipfn_fills_the_same_table(seed: int, two_way: bool) -> None:
    ipfn = pytest.importorskip("ipfn.ipfn", reason=f"ipfn {MISSING}")
    rng = np.random.default_rng(seed)
    region, zones = rng.gamma(1.0, 1.0, CELLS) + 0.01, rng.gamma(1.0, 100.0, (6, *CELLS)) + 0.01
    kept = [(0,), (1,), (2,), *([(0, 1)] if two_way else [])]
    margins = [Margin(axes, zones.sum(axis=tuple(i + 1 for i in range(3) if i not in axes))) for axes in kept]
    table = rake(region, margins).table
    for z, ours in enumerate(table):
        each = ipfn.ipfn(region.copy(), [m.totals[z] for m in margins], [list(axes) for axes in kept],
                         convergence_rate=1e-11, rate_tolerance=0.0, max_iteration=5000)  # fmt: skip
        assert np.allclose(ours, each.iteration(), rtol=1e-7)


def test_the_benchmark_runs_and_both_agree() -> None:
    pytest.importorskip("ipfn.ipfn", reason=f"ipfn {MISSING}")
    assert "x faster than ipfn" in raking()[0]
