"""Carbon as products of factors, so that the difference of two plans can be shared out exactly."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr

from mutirao.book.bundle import Plan


@dataclass(frozen=True)
class Product:
    """Carbon of one block = sum over all dims but period of the product of its factors, kt CO2e a year.

    ``factors`` maps a measure family ("retrofit", "heating", "grid", ...) to its factor array; all carry or
    broadcast over ``period``. Two plans must state the same blocks with the same families.
    """

    block: str
    boundary: str
    factors: Mapping[str, xr.DataArray]

    def value(self, chosen: Mapping[str, xr.DataArray]) -> xr.DataArray:
        """Evaluate with a chosen set of factor arrays; dims (period)."""
        out: xr.DataArray | None = None
        for array in chosen.values():
            out = array if out is None else out * array
        if out is None:
            raise ValueError(f"block '{self.block}' has no factor")
        return out.sum([d for d in out.dims if d != "period"])


DEMAND, GRID = "demand", "grid"


def by_period(plan: Plan, values: Mapping[int, float] | Mapping[Hashable, float]) -> xr.DataArray:
    """A factor over the plan's periods; absent years are zero."""
    periods = [plan.base_year, *plan.years]
    return xr.DataArray(
        np.array([float(values.get(y, 0.0)) for y in periods]), coords={"period": periods}, dims="period"
    )


def grid_factor(plan: Plan) -> xr.DataArray:
    """Grid emission factor by period, t CO2e/MWh."""
    return by_period(plan, {int(y): float(v) for y, v in plan.meta["grid_factor"].items()})


def driver(plan: Plan, name: str) -> float:
    """Central value of a driver of the plan."""
    return float(plan.drivers.set_index("name")["value"][name])


def share(part: xr.DataArray, whole: xr.DataArray) -> xr.DataArray:
    """part / whole, zero where there is no whole."""
    return (part / whole.where(whole != 0, 1.0)).where(whole != 0, 0.0)
