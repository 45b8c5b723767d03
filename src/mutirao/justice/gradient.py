"""Figures known by income quintile, read at the place that a city's own income groups take in the income order."""

import numpy as np
import xarray as xr


def by_group(homes: xr.DataArray, quintiles: np.ndarray) -> xr.DataArray:
    """A figure by income quintile, at the middle of each group's place in the income order.

    homes : homes over (zone, group), groups from the lowest income to the highest. quintiles : five figures from the
    lowest to the highest fifth of homes. Straight lines between the middles of the quintiles, level outside; ones
    when there is a single group. The result has dims (group).
    """
    groups = homes["group"].values
    if len(groups) == 1:
        return xr.DataArray(np.ones(1), coords={"group": groups}, dims="group")
    share = (homes.sum("zone") / homes.sum()).values
    middle = np.cumsum(share) - share / 2.0
    values = np.interp(middle, (np.arange(5) + 0.5) / 5.0, quintiles)
    return xr.DataArray(values, coords={"group": groups}, dims="group")
