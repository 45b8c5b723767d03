"""Stocks over milestones: what was built and is still there."""

import numpy as np
import pandas as pd
import xarray as xr

from mutirao.model.planmodel import PlanModel


def frozen_zero(model: PlanModel) -> xr.DataArray:
    """Upper bound that keeps base year and first plan year at zero: nothing can be decided there."""
    free = [0.0 if y in (model.horizon.base, model.horizon.start) else np.inf for y in model.horizon.periods]
    return model.horizon.array(free)


def cumulative(model: PlanModel, stock: str, works: str) -> None:
    """stock[p] = stock[p-1] + works[p]: for things that outlive the horizon."""
    x, new = model.lp.variables[stock], model.lp.variables[works]
    later = list(model.horizon.periods[1:])
    before = (1.0 * x.isel(period=slice(None, -1))).assign_coords(period=later)
    change = (x - new).isel(period=slice(1, None)) - before
    model.rule(f"{stock}-grows", change, "=", 0.0)


def standing(model: PlanModel, stock: str, new: str, life: float) -> None:
    """stock[p] = sum over vintages v of new[v] x share of v still alive in p."""
    x, built = model.lp.variables[stock], model.lp.variables[new]
    periods = list(model.horizon.periods)
    alive = xr.DataArray(
        model.horizon.alive(life), coords={"vintage": periods, "period": periods}, dims=("vintage", "period")
    )
    still = (built.rename(period="vintage") * alive).sum("vintage")
    model.rule(f"{stock}-stands", x - still, "=", 0.0)


def over_periods(model: PlanModel, array: xr.DataArray) -> xr.DataArray:
    """Repeat an array without periods over every period."""
    return array * xr.DataArray(
        np.ones(len(model.periods)), coords={"period": list(model.horizon.periods)}, dims="period"
    )


def labels(name: str, values: tuple[str, ...]) -> pd.Index:
    """An index of names for a dim of technologies, levels or modes."""
    return pd.Index(list(values), name=name)
