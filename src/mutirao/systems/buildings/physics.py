"""Heat need of homes and commerce as plain functions on arrays."""

import xarray as xr


def heat_need(home_heat: float, weight: xr.DataArray, growth: xr.DataArray) -> xr.DataArray:
    """Heat need before works, GWh a year.

    home_heat : useful heat of all homes in the base year, GWh. weight : share of each cell, sums to one.
    growth : index on the base year by period. Allocated by floor area: the city total is the only measured figure.
    """
    return home_heat * weight * growth


def saved_per_home(need: xr.DataArray, homes: xr.DataArray, takeback: float) -> xr.DataArray:
    """Heat need of one retrofitted thousand of homes that works can act on, GWh, after warmth taken back.

    takeback : share of the saving that people take as a warmer home (rebound); it is posted as warmth.
    """
    return (need / homes.where(homes > 0, 1.0)).where(homes > 0, 0.0) * (1.0 - takeback)
