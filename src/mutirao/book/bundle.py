"""A solved plan as plain data: terms, cells, drivers, decisions, prices, provenance; stored as a bundle."""

import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from mutirao.book.terms import CITY_WIDE, INSIDE, LABELS, PLACE_DIMS, Term
from mutirao.ground.findings import Finding, InputError

SCHEMA_VERSION = 2
TABLES = ("terms", "cells", "drivers", "measures", "duals", "limits", "facts", "reach")
BOOK_COLUMNS = (
    "account", "system", "measure", "kind", "boundary", "gpc", "carrier", "payer", "receiver", "basis", "period",
    "zone", "group", "tenure", "value", "unit", "source",
)  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """One plan, readable without the software that searched it.

    terms : one row per term with its labels, drivers ("price:+1 cop:-1"), uniform ``coefficient`` (NaN when it
    differs between cells), units, meaning and source.
    cells : term x period x zone x group x tenure with ``decision``, ``quantity`` (= decision x coefficient) and
    ``path`` (the given figure of the period, 1 where there is none); value = quantity x path x drivers.
    drivers : name, value, low, high, unit, kind, source, steps.
    measures : measure x period with amount, potential, share, unit, meaning, power.
    duals : price of each limit, in currency of the paying year per unit.
    limits : each limit with family, unit, meaning, and how far it was missed where it was relaxed.
    reach : measure x zone x group x tenure x period with amount and potential, for measures that have places.
    facts : figures that pages need beside the book (homes, income, people) by zone, group and tenure.
    meta : city, years, weights, status, objective, residuals, provenance; JSON-ready.
    """

    name: str
    title: str
    terms: pd.DataFrame
    cells: pd.DataFrame
    drivers: pd.DataFrame
    measures: pd.DataFrame
    duals: pd.DataFrame
    limits: pd.DataFrame
    facts: pd.DataFrame
    decisions: Mapping[str, xr.DataArray]
    meta: Mapping[str, Any]
    reach: pd.DataFrame = field(default_factory=pd.DataFrame)

    @cached_property
    def factors(self) -> pd.Series:
        """Product of drivers of each term at central values, indexed by term number."""
        value = dict(zip(self.drivers["name"], self.drivers["value"], strict=True))
        return pd.Series(
            {
                n: float(np.prod([value[d] ** p for d, p in parse_drivers(text).items()]))
                for n, text in self.terms["drivers"].items()
            },
            dtype=float,
        )

    @cached_property
    def book(self) -> pd.DataFrame:
        """The whole book with its columns in order, one row per term and cell."""
        cells = self.cells
        value = cells["quantity"].to_numpy() * cells["path"].to_numpy() * self.factors.reindex(cells["term"]).to_numpy()
        labels = self.terms.loc[cells["term"], list(LABELS)].reset_index(drop=True)
        out = pd.concat([labels, cells[list(PLACE_DIMS)].reset_index(drop=True)], axis=1)
        out["value"] = value
        out["term"] = cells["term"].to_numpy()
        return out[[*BOOK_COLUMNS, "term"]]

    def select(self, account: str, **labels: object) -> pd.DataFrame:
        """Rows of the book with this account and these labels (a value or a list of values)."""
        rows = self.book[self.book["account"] == account]
        for column, wanted in labels.items():
            if isinstance(wanted, list | tuple | set | frozenset):
                rows = rows[rows[column].isin(list(wanted))]
            else:
                rows = rows[rows[column] == wanted]
        return rows

    def total(self, account: str, by: Sequence[str] = ("period",), **labels: object) -> pd.Series:
        """Sum of an account by labels, in the account's unit."""
        return self.select(account, **labels).groupby(list(by))["value"].sum()

    def carbon(self, boundaries: Sequence[str], by: Sequence[str] = ("period",)) -> pd.Series:
        """Gross kt CO2e of the boundaries named."""
        return self.total("carbon", by, boundary=list(boundaries))

    def net_payments(
        self, parties: Sequence[str] = INSIDE, by: Sequence[str] = ("period",), view: str = "annuity"
    ) -> pd.Series:
        """What parties pay less what they receive, million CUR a year; ``view`` is "annuity" or "cash"."""
        money = self.select("money", basis=["running", view])
        paid = money[money["payer"].isin(list(parties))].groupby(list(by))["value"].sum()
        got = money[money["receiver"].isin(list(parties))].groupby(list(by))["value"].sum()
        return paid.sub(got, fill_value=0.0)

    @property
    def years(self) -> list[int]:
        return [int(y) for y in self.meta["years"]]

    @property
    def base_year(self) -> int:
        return int(self.meta["base_year"])

    def weight(self, which: str) -> pd.Series:
        """``year_weight`` or ``discount_weight`` by period."""
        return pd.Series({int(k): float(v) for k, v in self.meta[which].items()})

    def yearly(self, series: pd.Series) -> pd.Series:
        """Read a series over periods as straight lines between milestones: one value per calendar year."""
        known = series.reindex(self.years).fillna(0.0)
        calendar = np.arange(self.years[0], self.years[-1] + 1)
        return pd.Series(np.interp(calendar, self.years, known.to_numpy()), index=calendar)

    def yearly_works(self, series: pd.Series) -> pd.Series:
        """Read works-like flows (cash of the basis "cash", embodied carbon, jobs) as steps over (previous, this]."""
        known = series.reindex(self.years).fillna(0.0)
        calendar = np.arange(self.years[0], self.years[-1] + 1)
        at = np.searchsorted(self.years, calendar)
        return pd.Series(known.to_numpy()[at], index=calendar)

    def __reduce__(self) -> tuple[Any, ...]:
        fields = (
            "name",
            "title",
            "terms",
            "cells",
            "drivers",
            "measures",
            "duals",
            "limits",
            "facts",
            "decisions",
            "meta",
            "reach",
        )
        return (Plan, tuple(getattr(self, f) for f in fields))


def parse_drivers(text: str) -> dict[str, int]:
    """ "price:+1 cop:-1" -> {"price": 1, "cop": -1}."""
    return {part.split(":")[0]: int(part.split(":")[1]) for part in text.split()} if text else {}


def write_drivers(drivers: Mapping[str, int]) -> str:
    return " ".join(f"{name}:{power:+d}" for name, power in drivers.items())


def term_tables(
    terms: Sequence[Term], decisions: Mapping[str, xr.DataArray], periods: Sequence[int]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The value view: rows of terms and of their cells at the solved decisions; cells that are zero are left out."""
    rows, cells = [], []
    for t in terms:
        unit, flat = _uniform(t.coefficient)
        rows.append(
            {k: t.label(k) for k in LABELS}
            | {
                "quantity_unit": t.quantity_unit,
                "meaning": t.meaning,
                "variable": t.variable or "",
                "select": " ".join(f"{k}={v}" for k, v in t.select.items()),
                "coefficient": unit if flat else np.nan,
                "drivers": write_drivers(t.drivers),
                "path": t.path.name if t.path else "",
                "path_unit": t.path.unit if t.path else "",
                "path_source": t.path.source if t.path else "",
                "shape": t.shape,
            }
        )
        cells.append(_cells(t, decisions, periods))
    table = pd.DataFrame(rows, index=pd.Index([t.number for t in terms], name="term"))
    return table, pd.concat(cells, ignore_index=True)


def _uniform(array: xr.DataArray) -> tuple[float, bool]:
    values = np.unique(array.values)
    return (float(values[0]), True) if len(values) == 1 else (float("nan"), False)


def _cells(t: Term, decisions: Mapping[str, xr.DataArray], periods: Sequence[int]) -> pd.DataFrame:
    if t.variable is None:
        decision = xr.full_like(t.coefficient, np.nan)
        quantity = t.coefficient
    else:
        raw = decisions[t.variable]
        raw = raw.sel(dict(t.select), drop=True) if t.select else raw
        decision, quantity = xr.broadcast(raw, t.coefficient)
        quantity = decision * quantity
        inner = [d for d in quantity.dims if d not in PLACE_DIMS]
        decision, quantity = decision.sum(inner), quantity.sum(inner)
    if "period" not in quantity.dims:
        along = xr.DataArray(np.ones(len(periods)), coords={"period": list(periods)}, dims="period")
        decision, quantity = decision * along, quantity * along
    frame = xr.Dataset({"decision": decision, "quantity": quantity}).to_dataframe().reset_index()
    for dim, word in CITY_WIDE.items():
        if dim not in frame:
            frame[dim] = t.select.get(dim, word)
    frame = frame[frame["quantity"] != 0.0]
    frame.insert(0, "term", t.number)
    given = t.path.values.to_series() if t.path else None
    frame["path"] = 1.0 if given is None else frame["period"].map(given).astype(float)
    return frame[["term", *PLACE_DIMS, "decision", "quantity", "path"]]


def save_plan(plan: Plan, folder: Path) -> Path:
    """Write the bundle of a plan into ``folder`` whole or not at all. Returns the folder."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for name in TABLES:
            getattr(plan, name).to_parquet(fresh / f"{name}.parquet")
        plan.book.drop(columns="term").to_parquet(fresh / "book.parquet", index=False)
        decisions = pd.concat([_long(n, a) for n, a in plan.decisions.items()], ignore_index=True)
        decisions.to_parquet(fresh / "decisions.parquet", index=False)
        meta = {"schema_version": SCHEMA_VERSION, "name": plan.name, "title": plan.title, **plan.meta}
        (fresh / "bundle.json").write_text(json.dumps(meta, indent=1), encoding="utf-8")
        _replace(fresh, folder)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    return folder


def _replace(fresh: Path, folder: Path) -> None:
    if folder.exists():
        old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
        os.replace(folder, old / "old")
        os.replace(fresh, folder)
        shutil.rmtree(old)
    else:
        os.replace(fresh, folder)
    folder.chmod(0o755)


def _long(name: str, array: xr.DataArray) -> pd.DataFrame:
    """One row per value in row-major order; its labels are the product of ``coords`` in ``dims`` order."""
    coords = json.dumps([[str(d), array[d].values.tolist()] for d in array.dims])
    return pd.DataFrame({"variable": name, "coords": pd.Categorical([coords] * array.size),
                         "value": array.values.ravel()})  # fmt: skip


def load_plan(folder: Path) -> Plan:
    """Read the bundle of a plan. Raises InputError when it is none or of another schema."""
    path = folder / "bundle.json"
    if not path.exists():
        raise InputError(
            Finding(str(folder), None, "", "is not a plan's bundle.", "Name a folder that `mutirao plan` wrote.")
        )
    meta = json.loads(path.read_text(encoding="utf-8"))
    if meta["schema_version"] != SCHEMA_VERSION:
        raise InputError(
            Finding(
                str(path),
                None,
                "schema_version",
                f"is {meta['schema_version']}, this software reads {SCHEMA_VERSION}.",
                "Read it with the version that wrote it, or plan again.",
            )
        )
    tables = {name: pd.read_parquet(folder / f"{name}.parquet") for name in TABLES}
    decisions = _decisions(pd.read_parquet(folder / "decisions.parquet"))
    name, title = meta.pop("name"), meta.pop("title")
    meta.pop("schema_version")
    return Plan(name, title, decisions=decisions, meta=meta, **tables)


def _decisions(table: pd.DataFrame) -> dict[str, xr.DataArray]:
    out = {}
    for name, rows in table.groupby("variable", sort=False):
        coords = json.loads(str(rows["coords"].iloc[0]))
        shape = [len(labels) for _, labels in coords]
        out[str(name)] = xr.DataArray(
            rows["value"].to_numpy().reshape(shape), coords=dict(coords), dims=[d for d, _ in coords]
        )
    return out
