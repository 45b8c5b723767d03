"""The heat network as plain functions on arrays."""

from dataclasses import dataclass

import numpy as np
import xarray as xr


@dataclass(frozen=True)
class NetworkYear:
    """A year of a heat network, GWh: heat of the heat pump, of the electric boiler, and heat nobody could give."""

    heat_pump: float
    boiler: float
    unmet: float


def run_network(
    demand: np.ndarray, hours: float, heat_pump: float, boiler: float, store: float, loss: float
) -> NetworkYear:
    """Run a network through a year by a plain rule: heat pump first, then the store, then the electric boiler.

    demand : GW at the plants in each step of the year, losses included. hours : length of a step. heat_pump,
    boiler : GW of heat. store : GWh. loss : share of the store's content lost in an hour. The heat pump fills
    the store whenever it can do more than is asked. The year is run twice and the second one is returned, so
    that the store begins as it ends.
    """
    keep = (1.0 - loss) ** hours
    level, total = 0.0, np.zeros(3)
    for _ in range(2):
        total[:] = 0.0
        for ask in demand.tolist():
            level *= keep
            from_pump = min(heat_pump, ask + (store - level) / hours)
            spare = from_pump - ask
            if spare >= 0.0:
                level += spare * hours
                total[0] += from_pump
                continue
            out = min(-spare, level / hours)
            level -= out * hours
            from_boiler = min(boiler, -spare - out)
            total += (from_pump, from_boiler, -spare - out - from_boiler)
    return NetworkYear(*(float(x) for x in total * hours))


def trench(need: xr.DataArray, floor_area: xr.DataArray, land: xr.DataArray) -> tuple[xr.DataArray, xr.DataArray]:
    """Trench length per heat sold and mean pipe diameter by zone.

    need : GWh a year by zone. floor_area : m2 by zone. land : km2 by zone (all positive).
    Returns metres per GWh/a and diameter in m. Effective width w = 137.5 e + 5 m up to a plot ratio e of 0.4,
    60 m above; linear density q_L = q w in GJ/m; diameter 0.0486 ln q_L + 0.0007 m, at least 0.02 m
    (Persson and Werner 2011; Persson, Wiechers, Moller and Werner 2019).
    """
    ratio = floor_area / (land * 1e6)
    width = (137.5 * ratio + 5.0).where(ratio <= 0.4, 60.0)
    density = need * 3600.0 / (land * 1e6)  # GJ per m2 of land
    linear = (density * width).clip(min=1e-6)
    wide = (xr.ufuncs.log(linear) * 0.0486 + 0.0007).clip(min=0.02)
    return 3600.0 / linear, wide.where(linear >= 1.5, 0.02)
