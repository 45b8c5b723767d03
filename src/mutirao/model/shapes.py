"""How a yearly quantity is spread over typical days and steps: one shape per kind of use."""

import numpy as np
import xarray as xr

from mutirao.model.timeaxis import TimeAxis

#: Relative use in each hour of the day, assumptions of this version: round the clock; commerce from 7 to 19 h with
#: two thirds at other hours; charging of vehicles mostly in the evening and at night.
OF_THE_DAY = {
    "flat": [1.0] * 24,
    "working_hours": [1.0 if 7 <= hour < 19 else 2.0 / 3.0 for hour in range(24)],
    "charging": [0.5 if 6 <= hour < 17 else 1.3 for hour in range(24)],
}
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

    kind : "heating" as `heat_shape`, "sun" after the irradiation, or one of the hourly profiles `OF_THE_DAY`,
    averaged over each step. Raises ValueError on an unknown kind.
    """
    if kind == "heating":
        return heat_shape(time, hot_water)
    if kind == "sun":
        return time.shape(time.irradiation)
    if kind not in OF_THE_DAY:
        raise ValueError(f"unknown shape '{kind}'")
    by_step = np.array(OF_THE_DAY[kind]).reshape(time.steps, -1).mean(axis=1)
    profile = xr.DataArray(by_step, coords={"step": list(range(time.steps))}, dims="step")
    return time.shape(xr.ones_like(time.temperature) * profile)
