"""The third view of a term: draws under uncertainty, computed after aggregation to what was asked."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mutirao.book.bundle import Plan, parse_drivers


@dataclass(frozen=True)
class Aggregate:
    """Quantities summed to what was asked, split only by the product of drivers they are multiplied with.

    keys : labels of the rows. matrix : rows x products. products : drivers with power of each column.
    """

    keys: pd.Index
    matrix: np.ndarray
    products: tuple[dict[str, int], ...]


def aggregate(plan: Plan, rows: pd.DataFrame, by: Sequence[str]) -> Aggregate:
    """Sum book rows of a plan by labels; ``rows`` comes from `Plan.select`. Signs may be set in a column ``sign``."""
    drivers = plan.terms["drivers"].reindex(rows["term"]).to_numpy()
    cells = plan.cells.loc[rows.index]
    quantity = cells["quantity"].to_numpy() * cells["path"].to_numpy()
    if "sign" in rows:
        quantity = quantity * rows["sign"].to_numpy()
    code, keys = _grouped([rows[c] for c in by])
    column, products = pd.factorize(drivers)
    matrix = np.bincount(code * len(products) + column, weights=quantity, minlength=len(keys) * len(products))
    index = (
        pd.MultiIndex.from_tuples(keys, names=list(by)) if len(by) > 1 else pd.Index([k[0] for k in keys], name=by[0])
    )
    return Aggregate(index, matrix.reshape(len(keys), -1), tuple(parse_drivers(str(p)) for p in products))


def _grouped(columns: Sequence[pd.Series]) -> tuple[np.ndarray, list[tuple[object, ...]]]:
    """Number the distinct combinations of columns, in sorted order: the number of each row, and the combinations."""
    parts = [pd.factorize(c, sort=True) for c in columns]
    sizes = [len(labels) for _, labels in parts]
    whole = np.ravel_multi_index([codes for codes, _ in parts], sizes)
    present, code = np.unique(whole, return_inverse=True)
    picks = np.unravel_index(present, sizes)
    keys = [tuple(parts[i][1][picks[i][k]] for i in range(len(parts))) for k in range(len(present))]
    return code, keys


def sample(plan: Plan, draws: int, seed: int = 1) -> dict[str, np.ndarray]:
    """Draw every uncertain driver from a triangle between low, value and high; certain ones stay what they are."""
    rng = np.random.default_rng(seed)
    out = {}
    for d in plan.drivers.to_dict("records"):
        name, low, value, high = str(d["name"]), float(d["low"]), float(d["value"]), float(d["high"])
        if low < high:
            out[name] = rng.triangular(low, min(max(value, low), high), high, draws)
        else:
            out[name] = np.full(draws, value)
    return out


def evaluate(a: Aggregate, values: dict[str, np.ndarray]) -> np.ndarray:
    """Value of every row in every draw, shape (draws, rows): one product per distinct set of drivers, one multiply."""
    draws = len(next(iter(values.values())))
    products = np.ones((draws, len(a.products)))
    for j, drivers in enumerate(a.products):
        for name, power in drivers.items():
            products[:, j] *= values[name] if power > 0 else 1.0 / values[name]
    return np.asarray(products @ a.matrix.T)


def ranges(plan: Plan, rows: pd.DataFrame, by: Sequence[str], draws: int = 2000, seed: int = 1) -> pd.DataFrame:
    """Low (5 %), middle and high (95 %) of a figure of a fixed plan: decisions stay, prices and factors move."""
    a = aggregate(plan, rows, by)
    low, mid, high = np.quantile(evaluate(a, sample(plan, draws, seed)), [0.05, 0.5, 0.95], axis=0)
    return pd.DataFrame({"low": low, "mid": mid, "high": high}, index=a.keys).reset_index()
