"""The year inside a plan: typical days, their order over the year, and the steps of a day."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import xarray as xr

DAYS_IN_MONTH = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


@dataclass(frozen=True)
class TimeAxis:
    """Typical days and equal steps of a day.

    ``order`` names for each of the 365 calendar days the typical day that stands for it, so that stores can be
    linked over the whole year (Kotzur et al. 2018, Applied Energy 213, 123-135).
    ``temperature`` and ``irradiation`` (W/m2, global horizontal) have dims (day, step).
    """

    days: tuple[str, ...]
    steps: int
    order: np.ndarray
    temperature: xr.DataArray
    irradiation: xr.DataArray

    @property
    def hours(self) -> float:
        """Hours in one step."""
        return 24.0 / self.steps

    @property
    def day_index(self) -> pd.Index:
        return pd.Index(self.days, name="day")

    @property
    def step_index(self) -> pd.Index:
        return pd.Index(range(self.steps), name="step")

    @cached_property
    def weight(self) -> xr.DataArray:
        """Hours of the year that each (day, step) stands for; they sum to 8760."""
        count = np.bincount(self.order, minlength=len(self.days)).astype(float)
        return self.array(np.repeat(count[:, None] * self.hours, self.steps, axis=1))

    def array(self, values: np.ndarray) -> xr.DataArray:
        coords = {"day": list(self.days), "step": list(range(self.steps))}
        return xr.DataArray(values, coords=coords, dims=("day", "step"))

    def shape(self, values: xr.DataArray) -> xr.DataArray:
        """Scale a profile so that one GWh a year becomes GW in each step: sum of shape x weight = 1."""
        return values / float((values * self.weight).sum())


def monthly_axis(
    temperature: np.ndarray, irradiation: np.ndarray, latitude: float, steps: int, swing: float = 4.0
) -> TimeAxis:
    """Twelve typical days, one a month, from monthly normals.

    temperature : 12 monthly means, degC. irradiation : 12 monthly sums on the horizontal, kWh/m2.
    ``swing`` is half the day-night range in K (an assumption: normals carry no hours). The sun's share of each
    step follows the cosine of the zenith angle of mid-month (Duffie and Beckman 2013, eq. 1.6.1 and 1.6.5).
    """
    hour = (np.arange(steps) + 0.5) * 24.0 / steps
    fine = np.arange(0, 24, 0.05) + 0.025
    number = np.array([17, 47, 75, 105, 135, 162, 198, 228, 258, 288, 318, 344])
    declination = np.deg2rad(23.45) * np.sin(2 * np.pi * (284 + number) / 365)
    phi = np.deg2rad(latitude)
    angle = np.deg2rad(15.0) * (fine - 12.0)
    sun = np.sin(phi) * np.sin(declination)[:, None] + np.cos(phi) * np.cos(declination)[:, None] * np.cos(angle)
    sun = np.clip(sun, 0.0, None).reshape(12, steps, -1).mean(axis=2)
    daily = irradiation / DAYS_IN_MONTH * 1000.0 / (24.0 / steps)  # Wh/m2 a day -> W/m2 if all in one step
    light = sun / np.maximum(sun.sum(axis=1, keepdims=True), 1e-12) * daily[:, None]
    warm = temperature[:, None] + swing * np.cos(2 * np.pi * (hour - 15.0) / 24.0)
    days = tuple(f"m{m:02d}" for m in range(1, 13))
    order = np.repeat(np.arange(12), DAYS_IN_MONTH)
    coords = {"day": list(days), "step": list(range(steps))}
    return TimeAxis(
        days,
        steps,
        order,
        xr.DataArray(warm, coords=coords, dims=("day", "step")),
        xr.DataArray(light, coords=coords, dims=("day", "step")),
    )
