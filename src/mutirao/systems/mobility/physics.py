"""Distance driven and who drives it, as plain functions on arrays."""

from itertools import pairwise

import numpy as np
import xarray as xr

from mutirao.justice.gradient import by_group


def distance(emissions: float, share: float, factor: float) -> float:
    """Million vehicle-km in the base year that emit ``share`` of ``emissions`` (kt) at ``factor`` kg CO2e/km."""
    return emissions * share / factor


def resident_distance(vehicles: float, yearly: float, local: float, most: float) -> float:
    """Million km a year that residents' vehicles drive within the boundary.

    vehicles : how many residents have. yearly : km a year of each. local : share of it driven within the boundary.
    most : all car distance within the boundary, million km, which residents cannot exceed.
    """
    return min(vehicles * yearly * local * 1e-6, most)


def vehicles_by_cell(
    homes: xr.DataArray, by_zone: xr.DataArray | None, gradient: np.ndarray, incomes: int
) -> xr.DataArray:
    """Share of residents' vehicles in each zone and income group; sums to one.

    homes : thousand dwellings over (zone, group). by_zone : vehicles by zone, or None when unknown.
    gradient : vehicles per household by income quintile (BLS CEX 2017, table 1101), read at the middle of each
    group's place in the income order; ``incomes`` is the number of groups.
    """
    want = homes * (by_group(homes, gradient) if incomes > 1 else 1.0)
    if by_zone is not None:
        inside = want / want.sum("group").where(want.sum("group") > 0, 1.0)
        want = inside * by_zone
    return want / float(want.sum())


def buyable(periods: np.ndarray, normal: np.ndarray, points: dict[int, float]) -> np.ndarray:
    """Electric vehicles that can be bought in the interval that ends at each period, in the unit of ``normal``.

    normal : usual sales a year at each period. points : highest electric share of sales by year. Both are straight
    lines in between (the share level outside); every year of (previous, this] counts with its own share. The first
    period ends no interval.
    """
    known = sorted(points)
    out = [0.0]
    for before, at in pairwise(periods):
        years = np.arange(before + 1, at + 1)
        share = np.interp(years, known, [points[y] for y in known])
        out.append(float(np.interp(years, periods, normal) @ share))
    return np.array(out)
