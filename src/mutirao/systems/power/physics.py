"""Loads that can be moved within a day, as plain functions on arrays."""

import numpy as np


def fill_hours(net: np.ndarray, energy: float, rate: float) -> np.ndarray:
    """Place a day's energy in the hours with least load, filling them to one level.

    net : GW by hour before. energy : GWh. rate : most that can be placed in an hour, GW. Returns GW by hour that
    sum to ``energy``, or ``rate`` in every hour where that is less.
    """
    if energy >= rate * len(net):
        return np.full(len(net), rate)
    low, high = float(net.min()), float(net.max()) + rate
    for _ in range(60):
        level = 0.5 * (low + high)
        low, high = (level, high) if float(np.clip(level - net, 0.0, rate).sum()) < energy else (low, level)
    return np.asarray(np.clip(high - net, 0.0, rate))


def flatten_day(net: np.ndarray, size: float, rate: float, efficiency: float) -> np.ndarray:
    """What a day draws from the grid, hour by hour, when a battery evens it out by a plain rule.

    net : GW by hour, use less own sun (negative: surplus). size : GWh. rate : GW. efficiency : of a whole cycle,
    lost on charging. The battery gives in the hours with most load and takes in those with least, so that a day
    ends as it began. Returns GW by hour, negative where electricity is given to the grid.
    """
    if size <= 0.0:
        return net
    give = _give(net, size, rate)
    free = give == 0.0
    take = np.zeros(len(net))
    take[free] = fill_hours(net[free], float(give.sum()) / efficiency, rate)
    return np.asarray(net - give + take)


def _give(net: np.ndarray, size: float, rate: float) -> np.ndarray:
    """Cut the hours with most load to one level, within the battery's rate and content."""
    low, high = float(net.mean()), float(net.max())
    for _ in range(60):
        level = 0.5 * (low + high)
        out = float(np.clip(net - level, 0.0, rate).sum())
        low, high = (level, high) if out > size else (low, level)
    return np.asarray(np.clip(net - high, 0.0, rate))
