"""Plans made by hand, row by row: what homes pay is known to the digit."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from mutirao.book.bundle import Plan, parse_drivers
from mutirao.book.terms import LABELS

BASE, YEARS = 2019, (2026, 2030, 2050)
PERIODS = (BASE, *YEARS)
GROUPS = ({"id": "low", "name": "below 30,000", "low_income": True, "income_max": 30000.0},
          {"id": "high", "name": "30,000 and more", "low_income": False, "income_max": None})  # fmt: skip
HOMES = {
    ("Z1", "low", "owner"): 100.0, ("Z1", "low", "renter"): 300.0, ("Z1", "high", "owner"): 400.0,
    ("Z1", "high", "renter"): 200.0, ("Z2", "low", "owner"): 200.0, ("Z2", "low", "renter"): 100.0,
    ("Z2", "high", "owner"): 500.0, ("Z2", "high", "renter"): 100.0,
}  # fmt: skip
INCOME = {"low": 20000.0, "high": 80000.0}
DRIVERS = {"gas_price": (0.1, 0.08, 0.14), "works_cost": (50.0, 30.0, 90.0), "within_cell_spread": (0.5, 0.3, 0.7)}
RATE = 0.03

Row = dict[str, Any]


def weights(years: Sequence[int], rate: float) -> dict[str, float]:
    """Discounted calendar years that each milestone stands for on straight lines between milestones."""
    out = {str(BASE): 0.0} | {str(y): 0.0 for y in years}
    for year in range(years[0], years[-1] + 1):
        after = next(y for y in years if y >= year)
        before = max((y for y in years if y <= year), default=after)
        part = 0.0 if after == before else (year - before) / (after - before)
        value = (1.0 + rate) ** -(year - years[0])
        out[str(before)] += (1.0 - part) * value
        out[str(after)] += part * value
    return out


def pay(kind: str, value: float, periods: Iterable[int] = PERIODS, **labels: Any) -> list[Row]:
    """Rows that households pay (million a year), one a period; ``payer`` and ``receiver`` turn them round."""
    row = {"account": "money", "system": "test", "kind": kind, "payer": "households", "receiver": "utility",
           "basis": "running", "unit": "M/a", "zone": "CITY", "group": "ALL", "tenure": "ALL",
           "drivers": ""}  # fmt: skip
    return [row | labels | {"period": y, "value": value} for y in periods]


def per_home(kind: str, each: float, periods: Iterable[int] = PERIODS, **labels: Any) -> list[Row]:
    """Rows of a payment in currency per home and year, posted to every cell (or those that ``labels`` name)."""
    return [
        row
        for (zone, group, tenure), homes in HOMES.items()
        if all(labels.get(k, v) == v for k, v in (("zone", zone), ("group", group), ("tenure", tenure)))
        for row in pay(kind, each * homes * 1e-6, periods,
                       **(labels | {"zone": zone, "group": group, "tenure": tenure}))
    ]  # fmt: skip


def facts(values: Mapping[str, Mapping[tuple[str, str, str], float]] | None = None) -> pd.DataFrame:
    """Homes and incomes, and whatever else is given by (zone, group, tenure)."""
    given: dict[str, Mapping[tuple[str, str, str], float]] = {
        "homes": HOMES,
        "income": {k: INCOME[k[1]] for k in HOMES},
        **(values or {}),
    }
    rows = [
        {"name": name, "zone": z, "group": g, "tenure": t, "value": v, "unit": "", "source": "test"}
        for name, cells in given.items()
        for (z, g, t), v in cells.items()
    ]
    return pd.DataFrame(rows)


def home_plan(
    rows: Sequence[Row],
    name: str = "rules",
    known: pd.DataFrame | None = None,
    drivers: Mapping[str, tuple[float, float, float]] = DRIVERS,
    reach: pd.DataFrame | None = None,
) -> Plan:
    """A plan whose book holds exactly these rows; a row's ``drivers`` ("gas_price:+1") scale it when drawn."""
    frame = pd.DataFrame(rows)
    for label in LABELS:
        frame[label] = frame[label].fillna("") if label in frame else ""
    key = [*LABELS, "drivers"]
    frame["term"] = frame.groupby(key, sort=False).ngroup()
    terms = frame.drop_duplicates("term").set_index("term")[key].assign(quantity_unit="M/a", meaning="test")
    factor = frame["drivers"].map(lambda text: _factor(text, drivers))
    cells = frame[["term", "period", "zone", "group", "tenure"]].assign(
        decision=float("nan"), quantity=frame["value"] / factor, path=1.0
    )
    table = pd.DataFrame([
        {"name": n, "value": v, "low": low, "high": high, "unit": "1", "kind": "assumption", "source": "test",
         "note": "", "system": "test", "steps": ""} for n, (v, low, high) in drivers.items()
    ])  # fmt: skip
    meta = {
        "city": {"name": "Testville", "id": "TST", "country": "XX", "currency": "EUR", "price_year": 2024,
                 "zones": [{"zone": "Z1", "name": "North"}, {"zone": "Z2", "name": "South"}],
                 "groups": [dict(g) for g in GROUPS], "pledge": {"boundaries": ["basic"], "source": "law"}},
        "base_year": BASE, "years": list(YEARS), "discount_rate": RATE,
        "discount_weight": weights(YEARS, RATE), "year_weight": weights(YEARS, 0.0),
    }  # fmt: skip
    empty = pd.DataFrame()
    return Plan(name, name, terms, cells.reset_index(drop=True), table, empty, empty, empty,
                facts() if known is None else known, {}, meta,
                pd.DataFrame() if reach is None else reach)  # fmt: skip


def _factor(text: str, drivers: Mapping[str, tuple[float, float, float]]) -> float:
    out = 1.0
    for name, power in parse_drivers(text).items():
        out *= drivers[name][0] ** power
    return out
