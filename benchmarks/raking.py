"""Raking against `ipfn`, both to the same tolerance, side by side in one run; and what a bootstrap costs.

Run with `python -m benchmarks.raking` where ipfn is installed (see oracles.txt).
"""

import time
from collections.abc import Callable

import numpy as np

from mutirao.justice.margins import Margin
from mutirao.justice.raking import bootstrap, rake

try:
    from ipfn import ipfn
except ImportError:
    ipfn = None

ZONES, CELLS, TOLERANCE, DRAWS = 300, (5, 2, 3, 4), 1e-10, 200


def problem(seed: int = 7) -> tuple[np.ndarray, list[Margin]]:
    """A regional seed and one margin an axis of made-up zones that differ from it: 300 x 120 cells x 4 margins."""
    rng = np.random.default_rng(seed)
    region = rng.gamma(1.0, 1.0, CELLS) + 0.01
    zones = region * rng.gamma(2.0, 50.0, (ZONES, *CELLS))
    axes = range(len(CELLS))
    return region, [Margin((k,), zones.sum(axis=tuple(i + 1 for i in axes if i != k)), f"axis {k}") for k in axes]


def fastest(work: Callable[[], object], times: int) -> float:
    """Seconds of the quickest of several runs."""
    best = np.inf
    for _ in range(times):
        began = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - began)
    return best


def raking() -> list[str]:
    """Rows to print: the ratio to ipfn and how far both are from the margins; the cost of a bootstrap in rakings."""
    region, margins = problem()
    ours = rake(region, margins)
    seconds = fastest(lambda: rake(region, margins), 20)
    size = f"{ZONES} zones x {np.prod(CELLS)} cells x {len(CELLS)} margins"
    rows = []
    if ipfn is None:
        rows.append(f"raking, {size}: {ours.rounds} rounds; ipfn is not installed, no ratio (see oracles.txt)")
    else:

        def others() -> np.ndarray:
            return np.stack([
                ipfn.ipfn(region.copy(), [m.totals[z] for m in margins], [[k] for k in range(len(CELLS))],
                          convergence_rate=TOLERANCE, rate_tolerance=0.0, max_iteration=2000).iteration()
                for z in range(ZONES)
            ])  # fmt: skip

        theirs = others()
        if not np.allclose(theirs, ours.table, rtol=1e-8, atol=1e-9):
            raise ValueError("ipfn and our raking disagree")
        homes = margins[0].totals.sum(axis=1)
        off = [
            np.abs(theirs.sum(axis=tuple(i + 1 for i in range(len(CELLS)) if i != k)) - m.totals).max(axis=1) / homes
            for k, m in enumerate(margins)
        ]
        rows.append(
            f"raking, {size}, both to {TOLERANCE:g}: {fastest(others, 3) / seconds:,.0f} x faster than ipfn "
            f"(target >= 10); off by {ours.residual:.0e} (ours) and {np.max(off):.0e} (ipfn) of a zone's homes"
        )
    draws = fastest(lambda: bootstrap(region, margins, DRAWS, np.random.default_rng(1), sample=5_000.0), 1)
    rows.append(f"bootstrap of {DRAWS} tables: {draws / seconds:,.0f} rakings, {draws / DRAWS / seconds:.1f} a draw")
    return rows


if __name__ == "__main__":
    print("\n".join(raking()))
