"""Batteries as plain functions on arrays."""

import numpy as np


def flatten_day(net: np.ndarray, size: float, rate: float, efficiency: float) -> np.ndarray:
    """What a day draws from the grid, hour by hour, when a battery evens it out by a plain rule.

    net : GW by hour, use less own sun (negative: surplus). size : GWh. rate : GW. efficiency : of a whole cycle,
    lost on charging. The battery gives in the hours above a level and takes in the hours below it; the level is
    raised until a day ends as it began. Returns GW by hour, negative where electricity is given to the grid.
    """
    if size <= 0.0:
        return net
    give = _give(net, size, rate)
    need = give.sum() / efficiency
    low, high = float(net.min()), float((net - give).max())
    for _ in range(60):
        level = 0.5 * (low + high)
        taken = float(np.clip(level - net, 0.0, rate)[give == 0.0].sum())
        low, high = (level, high) if taken < need else (low, level)
    take = np.where(give == 0.0, np.clip(high - net, 0.0, rate), 0.0)
    return net - give + take


def _give(net: np.ndarray, size: float, rate: float) -> np.ndarray:
    """Cut the hours with most load to one level, within the battery's rate and content."""
    low, high = float(net.mean()), float(net.max())
    for _ in range(60):
        level = 0.5 * (low + high)
        out = float(np.clip(net - level, 0.0, rate).sum())
        low, high = (level, high) if out > size else (low, level)
    return np.clip(net - high, 0.0, rate)
