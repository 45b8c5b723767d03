"""What re-simulations share: a stored plan read back as parameters, trends and yearly works. Knows no solver."""

from itertools import pairwise

import pandas as pd
import xarray as xr

from mutirao.book.bundle import Plan
from mutirao.ground.parameters import Parameter, Parameters


def plan_parameters(plan: Plan) -> Parameters:
    """The parameters that a plan was made with, read from its drivers."""
    rows = plan.drivers.to_dict("records")
    return Parameters(
        Parameter(str(r["name"]), float(r["value"]), float(r["low"]), float(r["high"]), str(r["unit"])) for r in rows
    )


def since_base(plan: Plan, rate: float) -> xr.DataArray:
    """A trend since the base year, by period."""
    years = [plan.base_year, *plan.years]
    return xr.DataArray([(1.0 + rate) ** (y - plan.base_year) for y in years], coords={"period": years}, dims="period")


def works_per_year(plan: Plan, works: xr.DataArray) -> xr.DataArray:
    """Works of each interval spread evenly over its calendar years; dim ``year`` instead of ``period``."""
    parts = []
    for before, at in pairwise(plan.years):
        each = works.sel(period=at, drop=True) / (at - before)
        parts += [each.expand_dims(year=[y]) for y in range(before + 1, at + 1)]
    return xr.concat(parts, dim="year")


def by_periods(plan: Plan, series: pd.Series) -> xr.DataArray:
    """A series over some periods as an array over all of them; absent ones are zero."""
    years = [plan.base_year, *plan.years]
    return xr.DataArray(series.reindex(years).fillna(0.0).to_numpy(), coords={"period": years}, dims="period")
