"""Stocks over milestones: what was built and is still there."""

import numpy as np
import pandas as pd
import xarray as xr

from mutirao.model.planmodel import PlanModel
from mutirao.model.weighted import Part, weighted_sum


def frozen_zero(model: PlanModel) -> xr.DataArray:
    """Upper bound that keeps base year and first plan year at zero: nothing can be decided there."""
    free = [0.0 if y in (model.horizon.base, model.horizon.start) else np.inf for y in model.horizon.periods]
    return model.horizon.array(free)


def cumulative(model: PlanModel, stock: str, works: str) -> None:
    """stock[p] = stock[p-1] + works[p]: for things that outlive the horizon."""
    x, new = (model.lp.variables[n].labels for n in (stock, works))
    keep = [str(d) for d in x.dims]
    now = {"period": slice(1, None)}
    parts = [(x.isel(now), 1.0), (new.isel(now), -1.0), (earlier(x), -1.0)]
    model.rule(f"{stock}-grows", weighted_sum(model.lp, keep, parts), "=", 0.0)


def earlier(labels: xr.DataArray) -> xr.DataArray:
    """The labels of the period before, at each period but the first."""
    return labels.isel(period=slice(None, -1)).assign_coords(period=labels["period"].values[1:])


def standing(model: PlanModel, stock: str, new: str, life: float | xr.DataArray) -> None:
    """stock[p] = sum over vintages v of new[v] x share of v still alive in p.

    ``life`` in years; an array over technologies gives each its own.
    """
    x, built = (model.lp.variables[n].labels for n in (stock, new))
    keep = [str(d) for d in x.dims]
    parts: list[Part] = [(x, 1.0), (built.rename(period="vintage"), -1.0 * alive(model, life))]
    model.rule(f"{stock}-stands", weighted_sum(model.lp, keep, parts), "=", 0.0)


def alive(model: PlanModel, life: float | xr.DataArray) -> xr.DataArray:
    """Share of each vintage alive in each period; dims (vintage, period), after those of ``life``."""
    periods = list(model.horizon.periods)
    at = {"vintage": periods, "period": periods}
    if not isinstance(life, xr.DataArray):
        return xr.DataArray(model.horizon.alive(life), coords=at, dims=("vintage", "period"))
    dim = str(life.dims[0])
    table = np.stack([model.horizon.alive(float(years)) for years in life.values])
    return xr.DataArray(table, coords={dim: life[dim].values, **at}, dims=(dim, "vintage", "period"))


def labels(name: str, values: tuple[str, ...]) -> pd.Index:
    """An index of names for a dim of technologies, levels or modes."""
    return pd.Index(list(values), name=name)
