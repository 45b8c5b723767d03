"""Homes by zone, income group and tenure: the table that every per-group figure rests on."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from mutirao.city.folder import City

TENURES = ("owner", "renter")


@dataclass(frozen=True)
class Households:
    """Fractional counts over (zone, group, tenure), what they were raked from and how well the margins met."""

    count: xr.DataArray
    notes: tuple[str, ...]
    residual: float


def rake(seed: np.ndarray, margins: list[tuple[tuple[int, ...], np.ndarray]], rounds: int = 200) -> np.ndarray:
    """Iterative proportional fitting of ``seed`` to margins, each given as (axes kept, totals over them).

    Deming and Stephan (1940). Zero cells stay zero; stops when every factor is within 1e-10 of one.
    """
    table = seed.astype(float).copy()
    for _ in range(rounds):
        worst = 0.0
        for axes, total in margins:
            out = tuple(i for i in range(table.ndim) if i not in axes)
            now = table.sum(axis=out, keepdims=True)
            shape = [table.shape[i] if i in axes else 1 for i in range(table.ndim)]
            want = total.reshape(shape)
            factor = np.divide(want, now, out=np.ones_like(now), where=now > 0)
            worst = max(worst, float(np.abs(factor - 1).max()))
            table = table * factor
        if worst < 1e-10:
            break
    return table


def households(city: City) -> Households:
    """Rake the city's household counts to zone x group x tenure.

    Zone totals come from ``households`` by zone (or one city figure); group and tenure rows are scaled to them.
    Without a joint table the seed is flat: tenure is then independent of income inside a zone, and said so.
    """
    zones, groups = list(city.zone_ids), list(city.group_ids)
    notes: list[str] = []
    by_zone = _zone_totals(city, notes)
    margins: list[tuple[tuple[int, ...], np.ndarray]] = [((0,), by_zone)]
    if groups != ["ALL"]:
        margins.append(((0, 1), _split(by_zone, _group_shares(city, notes))))
    margins.append(((0, 2), _split(by_zone, _tenure_shares(city, notes))))
    table = rake(np.ones((len(zones), len(groups), len(TENURES))), margins)
    coords = {"zone": zones, "group": groups, "tenure": list(TENURES)}
    count = xr.DataArray(table, coords=coords, dims=("zone", "group", "tenure"))
    residual = max(float(np.abs(_kept(table, axes) - total).max()) for axes, total in margins)
    if groups != ["ALL"]:
        notes.append("Tenure is taken as independent of income inside each zone: no joint table was given.")
    return Households(count, tuple(notes), residual)


def _kept(table: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    return np.asarray(table.sum(axis=tuple(i for i in range(table.ndim) if i not in axes)))


def _zone_totals(city: City, notes: list[str]) -> np.ndarray:
    if city.has("households", ("zone",)):
        return np.asarray(city.array("households", ("zone",)).values, float)
    if len(city.zone_ids) > 1:
        notes.append("Households by zone are unknown: shared out by population.")
        people = np.asarray(city.array("population", ("zone",)).values, float)
        return np.asarray(float(city.array("households", ())) * people / people.sum())
    return np.array([float(city.array("households", ()))])


def _group_shares(city: City, notes: list[str]) -> np.ndarray:
    """Shares of groups in each zone, shape (zone, group)."""
    if city.has("households", ("zone", "group")):
        rows = np.asarray(city.array("households", ("zone", "group")).values, float)
    elif city.has("households", ("group",)):
        notes.append("Income groups by zone are unknown: the city's shares are used in every zone.")
        rows = np.tile(np.asarray(city.array("households", ("group",)).values, float), (len(city.zone_ids), 1))
    else:
        notes.append("Households by income group are unknown: equal shares are assumed.")
        rows = np.ones((len(city.zone_ids), len(city.group_ids)))
    return np.asarray(rows / rows.sum(axis=1, keepdims=True))


def _tenure_shares(city: City, notes: list[str]) -> np.ndarray:
    """Shares of owners and renters in each zone, shape (zone, 2)."""
    for dims in (("zone",), ()):
        if city.has("households_owner", dims) and city.has("households_renter", dims):
            pair = [np.asarray(city.array(f"households_{t}", dims).values, float) for t in TENURES]
            rows = np.stack(pair, axis=-1) * np.ones((len(city.zone_ids), 1))
            if not dims:
                notes.append("Tenure by zone is unknown: the city's shares are used in every zone.")
            return np.asarray(rows / rows.sum(axis=1, keepdims=True))
    notes.append("Tenure is unknown: every home is treated as lived in by its owner.")
    return np.tile([1.0, 0.0], (len(city.zone_ids), 1))


def _split(total: np.ndarray, shares: np.ndarray) -> np.ndarray:
    return np.asarray(total[:, None] * shares)


def low_income(city: City) -> list[str]:
    """Income groups that the city has marked as low."""
    return [g.id for g in city.settings.groups if g.low_income]
