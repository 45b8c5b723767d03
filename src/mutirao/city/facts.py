"""The figures of a city in one long table, and the labelled arrays that systems take from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from mutirao.city.columns import first_of
from mutirao.ground.findings import Finding, InputError, Phrase, told
from mutirao.ground.speech import word

CITY = "CITY"
"""The zone of a figure that stands for the whole city (a blank cell in the tables)."""

ALL = "ALL"
"""The group of a figure that stands for all households (a blank cell in the tables)."""

METHODS = ("measured", "census", "community", "scaled", "derived", "allocated", "default", "assumed")
"""How a figure came about, from best to worst."""

GRADES = {
    "measured": "A",
    "census": "A",
    # Counted by residents themselves: nearer than any scaling, but coverage is unknown to a statistician.
    "community": "B",
    "scaled": "B",
    "derived": "B",
    "allocated": "B",
    "default": "C",
    "assumed": "C",
}

COLUMNS = ("zone", "group", "variable", "unit", "year", "value", "low", "high", "method", "source")
FRAME = (
    "variable",
    "zone",
    "group",
    "unit",
    "year",
    "value",
    "low",
    "high",
    "method",
    "source",
    "file",
    "row",
)


@dataclass(frozen=True)
class Fact:
    """One figure with its unit, range, origin and place in the tables; ``low``, ``high`` may be None."""

    variable: str
    zone: str
    group: str
    unit: str
    year: int
    value: float
    low: float | None
    high: float | None
    method: str
    source: str
    file: str
    row: int


@dataclass(frozen=True)
class Facts:
    """All figures of a city.

    frame : columns ``FRAME``; zone ``CITY`` and group ``ALL`` where the cells were blank; one row per figure.
    zone_ids, group_ids : the labels that :meth:`array` and :meth:`has` expect unless told otherwise.
    """

    frame: pd.DataFrame
    zone_ids: tuple[str, ...] = (CITY,)
    group_ids: tuple[str, ...] = (ALL,)

    def has(self, variable: str, by: Sequence[str] = ("zone",)) -> bool:
        """Tell whether every zone (x group) named by ``by`` has a value, in whatever year.

        A total for the city does not count as a value of its zones, nor zones as a total.
        """
        rows, labels = self._rows(variable, tuple(by), self.zone_ids, self.group_ids)
        return bool(pd.Index(labels).isin(rows.index).all())

    def array(
        self,
        variable: str,
        dims: Sequence[str],
        zone_ids: Sequence[str] | None = None,
        group_ids: Sequence[str] | None = None,
        year: int | None = None,
    ) -> xr.DataArray:
        """Take a variable as an array over ``dims``: (), ("zone",), ("group",) or ("zone", "group").

        The year is ``year`` where every label has it, otherwise the nearest year that every label has (the
        earlier
        of two), otherwise each label's nearest. ``attrs`` record ``unit``, ``year`` (the one furthest from
        the asked),
        ``years`` (all used), ``exact``, ``method`` (the worst), ``sources``. Nothing is summed, shared out
        or filled.
        Raises InputError naming the labels without a value, or when ``year`` is None and several years are
        given.
        """
        dims = tuple(dims)
        zones = tuple(self.zone_ids if zone_ids is None else zone_ids)
        groups = tuple(self.group_ids if group_ids is None else group_ids)
        rows, labels = self._rows(variable, dims, zones, groups)
        wanted = pd.Index(labels)
        missing = wanted[~wanted.isin(rows.index)]
        if len(missing):
            raise InputError(self._missing(variable, dims, list(missing)))
        rows = rows[rows.index.isin(wanted)]
        picked = _nearest(rows, wanted, year, variable)
        values = picked["value"].reindex(wanted).to_numpy(dtype=float)
        coords = {"zone": list(zones), "group": list(groups)}
        years = tuple(sorted({int(y) for y in picked["year"]}))
        asked = years[0] if year is None else year
        attrs: dict[str, Any] = {
            "unit": str(picked["unit"].iloc[0]),
            "year": max(years, key=lambda y: abs(y - asked)),
            "years": years,
            "exact": years == (asked,),
            "method": _worst(picked["method"]),
            "sources": tuple(sorted({str(s) for s in picked["source"]})),
        }
        shape = tuple(len(coords[d]) for d in dims)
        return xr.DataArray(
            values.reshape(shape), dims=dims, coords={d: coords[d] for d in dims}, name=variable, attrs=attrs
        )

    def series(self, variable: str, zone: str = CITY, group: str = ALL) -> list[Fact]:
        """List the figures of one variable at one zone and group by year, such as a path of prices."""
        rows = self.frame[
            (self.frame["variable"] == variable) & (self.frame["zone"] == zone) & (self.frame["group"] == group)
        ]
        return _facts(rows.sort_values("year"))

    def rows(self, variable: str) -> list[Fact]:
        """List every figure of one variable, in the order of the tables."""
        return _facts(self.frame[self.frame["variable"] == variable])

    def grade(self, variable: str) -> tuple[str, str]:
        """Give the best and the worst method behind a variable; ("", "") where there is no figure."""
        methods = self.frame.loc[self.frame["variable"] == variable, "method"]
        ranks = sorted(METHODS.index(m) for m in methods.unique() if m in METHODS)
        return (METHODS[ranks[0]], METHODS[ranks[-1]]) if ranks else ("", "")

    def _rows(
        self, variable: str, dims: tuple[str, ...], zones: tuple[str, ...], groups: tuple[str, ...]
    ) -> tuple[pd.DataFrame, list[Any]]:
        """Rows of the variable at the detail of ``dims``, indexed by their label, and the labels wanted."""
        rows = self.frame[self.frame["variable"] == variable]
        if dims == ():
            kept, labels = rows[(rows["zone"] == CITY) & (rows["group"] == ALL)], [CITY]
            return kept.set_index("zone"), labels
        if dims == ("zone",):
            return rows[rows["group"] == ALL].set_index("zone"), list(zones)
        if dims == ("group",):
            return rows[rows["zone"] == CITY].set_index("group"), list(groups)
        if dims == ("zone", "group"):
            return rows.set_index(["zone", "group"]), [(z, g) for z in zones for g in groups]
        raise ValueError(f"{dims} is none of (), ('zone',), ('group',), ('zone', 'group')")

    def _missing(self, variable: str, dims: tuple[str, ...], labels: list[Any]) -> list[Finding]:
        known = self.frame.loc[self.frame["variable"] == variable, "file"]
        file = str(known.iloc[0]) if len(known) else word("the tables")
        shown = first_of([" / ".join(x) if isinstance(x, tuple) else str(x) for x in labels], 3)
        detail = " x ".join(dims) if dims else Phrase(word("the city"))
        what = told(
            "{variable} has no value for {detail} {labels}.", variable=variable, detail=detail, labels=shown
        )
        return [Finding(file, None, "value", what, "Add the rows; nothing is filled in for you.")]


def empty_frame() -> pd.DataFrame:
    """Give the frame of a city without figures, with the right columns and types."""
    frame = pd.DataFrame({column: pd.Series(dtype=str) for column in FRAME})
    numeric = {"year": "int64", "value": "float64", "low": "float64", "high": "float64", "row": "int64"}
    return frame.astype(numeric)


def frame_of(facts: Sequence[Fact]) -> pd.DataFrame:
    """Make the frame of :class:`Facts` from single figures."""
    if not facts:
        return empty_frame()
    frame = pd.DataFrame([vars(fact) for fact in facts], columns=list(FRAME))
    floats = {"value": "float64", "low": "float64", "high": "float64", "year": "int64", "row": "int64"}
    return frame.astype(floats)


def _facts(rows: pd.DataFrame) -> list[Fact]:
    out = []
    for record in rows[list(FRAME)].to_dict("records"):
        for end in ("low", "high"):
            record[end] = None if np.isnan(record[end]) else float(record[end])
        record |= {"year": int(record["year"]), "row": int(record["row"]), "value": float(record["value"])}
        out.append(Fact(**{str(key): value for key, value in record.items()}))
    return out


def _nearest(rows: pd.DataFrame, wanted: pd.Index, year: int | None, variable: str) -> pd.DataFrame:
    """One row per label: a year that all labels share if there is one, else each label's nearest."""
    years = sorted({int(y) for y in rows["year"]})
    if year is None:
        if len(years) > 1:
            what = told(
                "{variable} is given for several years ({first} to {last}).",
                variable=variable,
                first=years[0],
                last=years[-1],
            )
            raise InputError(Finding(str(rows["file"].iloc[0]), None, "year", what, "Ask for one of them."))
        year = years[0]
    counts = rows.groupby("year")["value"].count()
    shared = [y for y in years if counts[y] == len(wanted)]
    if shared:
        return rows[rows["year"] == min(shared, key=lambda y: (abs(y - year), y))]
    ordered = rows.assign(_gap=(rows["year"] - year).abs()).sort_values(["_gap", "year"])
    return ordered[~ordered.index.duplicated()]


def _worst(methods: pd.Series) -> str:
    ranks = [METHODS.index(m) for m in methods.unique() if m in METHODS]
    return METHODS[max(ranks)] if ranks else ""
