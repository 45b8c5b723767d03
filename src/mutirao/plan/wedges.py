"""Who lowers emissions by how much: the difference of two plans shared out exactly over measure families."""

from collections.abc import Sequence
from itertools import combinations
from math import factorial

import pandas as pd
import xarray as xr

from mutirao.book.bundle import Plan
from mutirao.model.system import System
from mutirao.model.wedgeproducts import Product


def all_products(systems: Sequence[System], plan: Plan, boundaries: Sequence[str]) -> list[Product]:
    """Blocks of every system within the boundaries that a pledge binds, removals included."""
    wanted = {*boundaries, "removal"}
    return [p for s in systems for p in s.wedges(plan) if p.boundary in wanted]


def wedges(before: Sequence[Product], after: Sequence[Product]) -> pd.DataFrame:
    """Share out ``before - after`` by Shapley value over families: period, family, value (kt CO2e avoided).

    Additive and exact: the sum over families is the whole difference in each period; the order in which measures
    are thought of does not matter (Shapley 1953). A family that enters no block has no row.
    Raises ValueError when the two plans do not state the same blocks.
    """
    second = {p.block: p for p in after}
    if {p.block for p in before} != set(second):
        raise ValueError("the two plans state different blocks; wedges need the same systems and rows")
    total: dict[str, xr.DataArray] = {}
    for product in before:
        for family, value in _share_out(product, second[product.block]).items():
            total[family] = total[family] + value if family in total else value
    frames = [v.rename("value").to_dataframe().reset_index().assign(family=f) for f, v in total.items()]
    return pd.concat(frames, ignore_index=True)[["period", "family", "value"]]


def _share_out(before: Product, after: Product) -> dict[str, xr.DataArray]:
    families = list(before.factors)
    n = len(families)
    worth: dict[frozenset[str], xr.DataArray] = {}
    for k in range(n + 1):
        for changed in combinations(families, k):
            chosen = {f: (after if f in changed else before).factors[f] for f in families}
            worth[frozenset(changed)] = before.value(chosen)
    out = {}
    for family in families:
        rest = [f for f in families if f != family]
        value = xr.zeros_like(worth[frozenset()])
        for k in range(n):
            weight = factorial(k) * factorial(n - k - 1) / factorial(n)
            for others in combinations(rest, k):
                value = value + weight * (worth[frozenset(others)] - worth[frozenset((*others, family))])
        out[family] = value
    return out
