"""Which years a plan knows, and what each weighs."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import xarray as xr

PERIODS = {"quick": 5, "standard": 7, "final": 9}


def annuity(rate: float, life: float) -> float:
    """Yearly payment that repays one unit over ``life`` years at ``rate`` (capital recovery factor)."""
    return 1.0 / life if rate == 0 else rate / (1.0 - (1.0 + rate) ** -life)


@dataclass(frozen=True)
class Horizon:
    """Milestone years of a plan: the base year, the first plan year (both frozen), then the years of decisions.

    Between milestones every flow is read as a straight line. The sum over calendar years is therefore a fixed
    weighted sum of milestone values (the weights of hat functions), so yearly tables, the carbon budget and
    the objective agree to rounding. Works done in (previous, this] milestone are spread evenly over those years.
    """

    base: int
    years: tuple[int, ...]
    discount_rate: float

    @property
    def start(self) -> int:
        return self.years[0]

    @property
    def end(self) -> int:
        return self.years[-1]

    @property
    def periods(self) -> tuple[int, ...]:
        """Base year and milestones: the coordinate ``period``."""
        return (self.base, *self.years)

    @property
    def decisions(self) -> tuple[int, ...]:
        """The milestones at which something may have changed."""
        return self.years[1:]

    @property
    def index(self) -> pd.Index:
        return pd.Index(self.periods, name="period")

    @cached_property
    def calendar(self) -> np.ndarray:
        """All calendar years from the first plan year to the end."""
        return np.arange(self.start, self.end + 1)

    @cached_property
    def hats(self) -> np.ndarray:
        """Linear interpolation from milestones to calendar years, shape (calendar years, milestones)."""
        eye = np.eye(len(self.years))
        return np.stack([np.interp(self.calendar, self.years, row) for row in eye], axis=1)

    def _weights(self, per_year: np.ndarray) -> xr.DataArray:
        weights = np.concatenate([[0.0], per_year @ self.hats])
        return xr.DataArray(weights, coords={"period": list(self.periods)}, dims="period")

    @cached_property
    def year_weight(self) -> xr.DataArray:
        """Years that each period stands for; the base year, already past, stands for none."""
        return self._weights(np.ones(len(self.calendar)))

    @cached_property
    def discount_weight(self) -> xr.DataArray:
        """Discounted years that each period stands for, in value of the first plan year."""
        return self._weights((1.0 + self.discount_rate) ** -(self.calendar - float(self.start)))

    @cached_property
    def interval(self) -> xr.DataArray:
        """Years in the interval that ends at each period (zero for base and start: nothing is decided there)."""
        length = np.concatenate([[0.0, 0.0], np.diff(self.years)])
        return xr.DataArray(length, coords={"period": list(self.periods)}, dims="period")

    def discount(self, period: int) -> float:
        """Value in first-plan-year money of one unit paid in ``period``."""
        return float((1.0 + self.discount_rate) ** -(period - self.start))

    def array(self, values: "np.ndarray | list[float]") -> xr.DataArray:
        return xr.DataArray(np.asarray(values, float), coords={"period": list(self.periods)}, dims="period")

    def alive(self, life: float) -> np.ndarray:
        """Share of what was built in vintage v still alive in period p, shape (vintage, period); base never builds.

        What is built in an interval is spread evenly over it; it leaves evenly too, ``life`` years later.
        """
        n = len(self.periods)
        out = np.zeros((n, n))
        for v in range(2, n):
            begin, finish = float(self.periods[v - 1]), float(self.periods[v])
            for p in range(v, n):
                gone = (self.periods[p] - life - begin) / (finish - begin)
                out[v, p] = 1.0 - min(max(gone, 0.0), 1.0)
        return out

    def residual(self, life: float) -> np.ndarray:
        """Share of the equipment of the first plan year still alive in each period: ages are spread evenly."""
        age = np.array([max(p - self.start, 0) for p in self.periods], float)
        return np.clip(1.0 - age / life, 0.0, 1.0)


def milestones(start: int, end: int, resolution: str, fixed: tuple[int, ...] = ()) -> tuple[int, ...]:
    """Choose unequal milestones: dense early, every pledged year included.

    ``fixed`` years (pledge targets) are always milestones. Raises ValueError on an unknown resolution.
    """
    if resolution not in PERIODS:
        raise ValueError(f"unknown resolution '{resolution}'; choose one of {', '.join(PERIODS)}")
    wanted = {start, end, *(y for y in fixed if start < y < end)}
    fives = [y for y in range(start + 1, end) if y % 5 == 0]
    late = [y for y in fives if y % 10 == 0]
    early = [start + 2, start + 1, start + 3]
    candidates = [*(y for y in fives if y < start + 10), *late, *fives, *early]
    for year in candidates:
        if len(wanted) >= PERIODS[resolution]:
            break
        if start < year < end:
            wanted.add(year)
    return tuple(sorted(wanted))
