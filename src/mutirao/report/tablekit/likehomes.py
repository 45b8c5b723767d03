"""What homes of a zone pay in a plan: figures of like homes city-wide wherever nothing measured tells zones apart."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mutirao.book import terms as book
from mutirao.book.bundle import Plan
from mutirao.justice.disclosure import merged
from mutirao.justice.outcomes import ZONES_DIFFER
from mutirao.report import tables
from mutirao.report.tablekit.spans import Span, Values, drawn, span

CELL = ("zone", "group", "tenure")


@dataclass(frozen=True)
class Target:
    """Homes that a figure is for: ``kind`` is all, group or tenure, ``name`` which one; homes in the zone."""

    kind: str
    name: str
    homes: float

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.name}"


def targets(plan: Plan, zone: str) -> list[Target]:
    """All homes of a zone, each income group and each tenure, but for cells too small to be printed by themselves."""
    count = zone_homes(plan, zone)
    out = [Target("all", "ALL", float(count.sum()))]
    order = [str(g["id"]) for g in plan.meta["city"].get("groups") or []]
    for kind in ("group", "tenure"):
        per = tables.homes(plan).groupby(["zone", kind], sort=False).sum()
        printed = merged(per).xs(zone, level="zone")
        mine = per.xs(zone, level="zone")
        names = [*(g for g in order if g in mine.index), *(g for g in mine.index if g not in order)]
        alone = [n for n in names if (printed.at[n, "zone"], printed.at[n, kind]) == (zone, n) and mine[n] > 0]
        if len(mine) > 1:
            out += [Target(kind, str(n), float(mine[n])) for n in alone]
    return out


def zone_homes(plan: Plan, zone: str) -> pd.Series:
    """Households of a zone by group and tenure."""
    return tables.homes(plan).xs(zone, level="zone")


def household_rows(plan: Plan) -> pd.DataFrame:
    """Money that households pay (sign +1) or receive (sign -1), annuity view, in the plan's milestone years."""
    money = plan.select("money", basis=["running", "annuity"])
    money = money[money["period"].isin(plan.years)]
    paid, got = money[money["payer"] == book.HOUSEHOLDS], money[money["receiver"] == book.HOUSEHOLDS]
    return pd.concat([paid.assign(sign=1.0), got.assign(sign=-1.0)])


def own_kinds(reference: Plan) -> set[tuple[str, str]]:
    """(system, kind) of payments in which like homes of different zones truly differ where nothing is chosen."""
    count, rows = tables.homes(reference), household_rows(reference)
    rows = rows.assign(paid=rows["value"] * rows["sign"])
    out = set()
    for key, part in rows.groupby(["system", "kind"]):
        if tables.spread(tables.cells(reference, part), count) > ZONES_DIFFER:
            out.add((str(key[0]), str(key[1])))
    return out


def weights(rows: pd.DataFrame, count: pd.Series, zone: str, wanted: Target, own: set[tuple[str, str]]) -> np.ndarray:
    """What each row weighs in the mean of the wanted homes, per home.

    A row is shared out evenly over the homes it covers. Where zones do not differ by it, it covers like homes (same
    group and tenure) of the whole city. By tenure, what is booked without a tenure is left out: nobody knows whose
    it is.
    """
    labels = [count.index.get_level_values(d).to_numpy() for d in CELL]
    n = count.to_numpy(float)
    mine = labels[0] == zone
    if wanted.kind != "all":
        mine = mine & (labels[CELL.index(wanted.kind)] == wanted.name)
    whole = n[mine].sum()
    differs = [(s, k) in own for s, k in zip(rows["system"], rows["kind"], strict=True)]
    keys = pd.MultiIndex.from_arrays([differs, *(rows[d] for d in CELL)])
    codes, ways = keys.factorize()
    out = np.zeros(len(ways))
    for i, (own_, z, g, t) in enumerate(ways):
        if wanted.kind == "tenure" and t == "ALL":
            continue
        fits = ((labels[1] == g) | (g == "ALL")) & ((labels[2] == t) | (t == "ALL"))
        pool = fits & (labels[0] == z) if own_ and z != "CITY" else fits
        covered = n[pool].sum()
        out[i] = n[mine & pool].sum() / whole / covered if whole and covered else 0.0
    return np.asarray(out[codes])


@dataclass(frozen=True)
class Homes:
    """Payments of homes of a zone, currency per home and year, in draws: {target key: {year: draws}}."""

    targets: tuple[Target, ...]
    paid: Mapping[str, Mapping[int, np.ndarray]]

    def span(self, target: Target, year: int) -> Span:
        return span(self.paid[target.key][year])

    def change(self, reference: "Homes", target: Target, year: int) -> Span:
        """Against another plan, in the same draws."""
        return span(self.paid[target.key][year] - reference.paid[target.key][year])


def homes_of(plan: Plan, zone: str, own: set[tuple[str, str]], values: Values) -> Homes:
    """What homes of a zone pay in a plan, for all homes, each income group and each tenure."""
    rows, count = household_rows(plan), tables.homes(plan)
    found = targets(plan, zone)
    parts = []
    for target in found:
        weight = weights(rows, count, zone, target, own) * rows["sign"].to_numpy() * 1e6
        part = rows.assign(sign=weight, target=target.key)
        parts.append(part[weight != 0.0])
    table = drawn(plan, pd.concat(parts), ("target", "period"), values)
    nothing = np.zeros(len(table))
    paid = {
        t.key: {y: table[t.key, y].to_numpy() if (t.key, y) in table else nothing for y in plan.years} for t in found
    }
    return Homes(tuple(found), paid)
