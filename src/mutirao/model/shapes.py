"""How a yearly quantity is spread over typical days and steps: one shape per kind of use."""

import numpy as np
import xarray as xr

from mutirao.model.timeaxis import TimeAxis

HEATING_LIMIT = 15.0  # degC; below it homes are heated (heat signature, reference heat demand)
ROOM = 18.0  # degC


def heat_shape(time: TimeAxis, hot_water: float) -> xr.DataArray:
    """Share of yearly heat used in each step: degree-hours below 18 degC when colder than 15, plus hot water.

    Scaled so that one GWh a year becomes GW: sum of shape x weight = 1.
    hot_water : share of yearly heat that does not follow the weather.
    """
    daily = time.temperature.mean("step")
    cold = (ROOM - time.temperature).clip(min=0.0).where(daily < HEATING_LIMIT, 0.0)
    flat = xr.ones_like(cold)
    if float(cold.sum()) == 0.0:
        return time.shape(flat)
    return time.shape(cold) * (1.0 - hot_water) + time.shape(flat) * hot_water


def shape_of(kind: str, time: TimeAxis, hot_water: float) -> xr.DataArray:
    """Profile of one GWh a year in GW by (day, step); sum of shape x weight = 1.

    kind : "flat" round the clock; "working_hours" (two thirds of a daytime step at night); "heating" as
    `heat_shape`; "sun" after the irradiation; "charging" of cars, mostly evening and night. The daily profiles
    are assumptions of this version, stated in the report. Raises ValueError on an unknown kind.
    """
    hour = (np.arange(time.steps) + 0.5) * time.hours
    day = xr.ones_like(time.temperature)
    if kind == "flat":
        return time.shape(day)
    if kind == "heating":
        return heat_shape(time, hot_water)
    if kind == "sun":
        return time.shape(time.irradiation)
    at = xr.DataArray(hour, coords={"step": list(range(time.steps))}, dims="step")
    if kind == "working_hours":
        return time.shape(day * xr.ones_like(at).where((at > 7) & (at < 19), 2.0 / 3.0))
    if kind == "charging":
        return time.shape(day * xr.full_like(at, 0.5).where((at > 6) & (at < 17), 1.3))
    raise ValueError(f"unknown shape '{kind}'")
