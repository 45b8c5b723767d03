"""Sums of variables with weights, stated as arrays in one go.

Adding labelled expressions one by one costs some 10 ms each whatever their size; a plan has hundreds. Here the
labels and weights of all parts are laid side by side and become one expression.
"""

from collections.abc import Sequence

import linopy
import numpy as np
import xarray as xr

Part = tuple[linopy.Variable | xr.DataArray, xr.DataArray | float]


def weighted_sum(lp: linopy.Model, keep: Sequence[str], parts: Sequence[Part]) -> linopy.LinearExpression:
    """Sum of weight x variable over parts and over every dim that is not kept.

    A part is a variable (or its array of labels, shifted or relabelled at will) and a weight. Kept dims a part
    lacks are repeated. Coordinates of kept dims come from the first part that has them and must be the same, in
    the same order, in the others. Raises ValueError when they are not.
    """
    arrays = []
    for variable, weight in parts:
        labels = variable if isinstance(variable, xr.DataArray) else variable.labels
        factor = weight if isinstance(weight, xr.DataArray) else xr.DataArray(float(weight))
        arrays.append(xr.broadcast(labels, factor))
    coords: dict[str, np.ndarray] = {}
    for labels, _ in arrays:
        for dim in keep:
            if dim in labels.dims:
                here = labels[dim].values
                if not np.array_equal(coords.setdefault(dim, here), here):
                    raise ValueError(f"parts of a sum disagree on the labels of '{dim}'")
    shape = [len(coords[d]) for d in keep]
    columns: dict[str, list[np.ndarray]] = {"coeffs": [], "vars": []}
    for labels, factor in arrays:
        for name, array in (("coeffs", factor), ("vars", labels)):
            columns[name].append(_lay_out(array, keep, shape))
    data = {name: ((*keep, "_term"), np.concatenate(blocks, axis=-1)) for name, blocks in columns.items()}
    return linopy.LinearExpression(xr.Dataset(data, coords={d: coords[d] for d in keep}), lp)


def _lay_out(array: xr.DataArray, keep: Sequence[str], shape: Sequence[int]) -> np.ndarray:
    """Kept dims first (repeated where absent), all others flattened into one last axis."""
    present = [d for d in keep if d in array.dims]
    inner = [d for d in array.dims if d not in keep]
    values = array.transpose(*present, *inner).values
    sizes = [n if d in present else 1 for d, n in zip(keep, shape, strict=True)]
    return np.broadcast_to(values.reshape(*sizes, -1), (*shape, values.size // max(int(np.prod(sizes)), 1)))
