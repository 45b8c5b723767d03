"""What plans mean for people, as tables for pages: energy poverty, five measures, who can stay, and how sure it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mutirao.book.bundle import Plan
from mutirao.book.draws import evaluate
from mutirao.book.terms import CITY_WIDE
from mutirao.city.folder import City
from mutirao.ground.speech import digits, say, word
from mutirao.justice.designation import designated_homes
from mutirao.justice.disclosure import LEAST, MEAN, publish
from mutirao.justice.displacement import Turnover, displacement_flags, no_group_loses, turnover_run
from mutirao.justice.households import draws as draw_homes
from mutirao.justice.outcomes import (
    BILLS,
    CELL,
    FIGURES,
    cell_aggregate,
    cells_of,
    cells_of_years,
    fact,
    home_energy_rows,
    homes_of,
    required_of,
    warm_rent,
    zones_differ,
)
from mutirao.justice.poverty import INDICATORS, Frozen, freeze, indicators
from mutirao.plan.five import five_measures
from mutirao.plan.ranges import (
    DRAWS,
    SPREAD,
    burden_ranges,
    change_ranges,
    common_draws,
    gain_draws,
    net_rent_draws,
    ranking,
)

#: Plans whose poverty is printed, in this order, after the base year.
SHOWN = ("adopted", "least_cost", "rules")
BASE = "base_year"
#: Tables of homes are drawn so often; each stands for several draws of prices.
HOME_DRAWS = 200
#: Draws of home cells on which every indicator is reckoned, and the cells that may be held at once for them.
CELL_DRAWS, FEWEST, ROWS = 90, 40, 400_000
#: Steps in which the spread within cells is drawn there.
SPREADS = 3
QUANTILES = (0.05, 0.95)
#: Indicators whose ranges are drawn in full (`plan.ranges.burden_ranges`): name there, and its unit in theirs.
DRAWN = {"burden_ratio": ("burden", 1.0), "EB6": ("above6", 1.0), "gap6": ("gap6", 1e6)}
STILL = "rests on figures of the base year alone, which no plan moves here"
KEYS = ["plan", "period", "zone", "group", "tenure", "indicator"]


@dataclass(frozen=True)
class Displacement:
    """Where works may drive out tenants, who keeps the benefit, and the one sentence on who loses.

    flags : `displacement_flags`, works since no action. turnover : the run of the plan against business as adopted.
    """

    flags: pd.DataFrame
    turnover: Turnover
    sentence: str


@dataclass(frozen=True)
class JusticeOutcomes:
    """Tables for pages. Money in the city's currency; low and high hold nine of ten draws and the plan's own figure.

    indicators : plan ("base_year", "adopted", "least_cost", "rules"), period, zone, group, tenure, indicator, name,
    threshold, income_basis, spend_basis, value, low, high, unit, homes, status, note; for the city, by group, and by
    zone where zones truly differ. NaN in low and high is "range not known".
    five : `plan.five.five_measures`. ranking : `plan.ranges.ranking` by group, against business as adopted.
    warm_rent : group, period, homes and the columns of `justice.outcomes.warm_rent`, low and high of ``net``.
    groups : home cells of the base year fit to print (small cells merged), a row per zone (where they differ), group
    and tenure. ranges : `plan.ranges.change_ranges` of the plan and `burden_ranges` of the others.
    assumptions, notes : in sentences.
    """

    indicators: pd.DataFrame
    five: pd.DataFrame
    displacement: Displacement
    ranking: pd.DataFrame
    warm_rent: pd.DataFrame
    groups: pd.DataFrame
    ranges: pd.DataFrame
    zones_differ: bool
    assumptions: tuple[str, ...]
    notes: tuple[str, ...]


def justice_outcomes(plans: Mapping[str, Plan], city: City, draws: int = DRAWS, seed: int = 1) -> JusticeOutcomes:
    """Read everything off solved plans; ``plans`` names adopted, least_cost, rules and, for flags, no_action."""
    adopted, rules = plans["adopted"], plans["rules"]
    values = common_draws(rules, adopted, draws, seed)
    homes_drawn = home_draws(rules, city, draws, seed)
    differ = zones_differ(adopted)
    names = [n for n in SHOWN if n in plans]
    extra = [burden_ranges(plans[n], draws, seed, homes_drawn) for n in names if n not in ("adopted", "rules")]
    ranges = pd.concat([change_ranges(rules, adopted, draws, seed, homes_drawn), *extra], ignore_index=True)
    base = _attributed(adopted, cells_of(adopted, adopted.base_year))
    frozen = freeze(base, _spread(adopted), adopted.base_year)
    table = indicator_table({n: plans[n] for n in names}, frozen, values, differ)
    alike = word("Zones differ by allocation alone, so that figures are for the city's groups and no map.")
    low = [str(g["id"]) for g in rules.meta["city"].get("groups") or [] if g.get("low_income")]
    designated, who = designated_share(rules, city, low)
    run = turnover_run(rules, adopted, values)
    return JusticeOutcomes(
        with_drawn(table, ranges),
        five_measures(rules, adopted, designated, who, values, ranges),
        Displacement(displacement_flags(rules, plans.get("no_action", adopted), differ), run, no_group_loses(run)),
        ranking(gain_draws(rules, adopted, ("group",), draws, seed, homes_drawn)),
        warm_rent_table(rules, adopted, values),
        public_groups(base, differ),
        ranges,
        differ,
        tuple(table.attrs["assumptions"]),
        () if differ else (alike,),
    )


def home_draws(plan: Plan, city: City, draws: int, seed: int) -> np.ndarray:
    """Counts of homes as they might be, draws x cells of `homes_of`; `HOME_DRAWS` tables, used in turn."""
    homes = homes_of(plan)
    some = min(draws, HOME_DRAWS)
    tables = draw_homes(city, some, seed).reshape(some, -1)
    full = pd.MultiIndex.from_product([city.zone_ids, city.group_ids, ("owner", "renter")])
    at = full.get_indexer(homes.index)
    return np.asarray(tables[:, at][np.arange(draws) % some])


def designated_share(plan: Plan, city: City, low: Sequence[str]) -> tuple[pd.Series, str]:
    """Share of designated homes by cell and who they are; the low-income groups where nobody has designated any."""
    homes = homes_of(plan)
    if city.designated is not None and city.settings.designation is not None:
        share = designated_homes(city.designated, homes.to_xarray().fillna(0.0)).to_series()
        return share.reindex(homes.index).fillna(0.0), city.settings.designation.name
    mine = homes.index.get_level_values("group").isin(list(low))
    return pd.Series(mine.astype(float), index=homes.index), "low-income groups"


def _spread(plan: Plan) -> float:
    row = plan.drivers.loc[plan.drivers["name"] == SPREAD, "value"]
    return float(row.iloc[0]) if len(row) else 0.0


def _attributed(plan: Plan, cells: pd.DataFrame) -> pd.DataFrame:
    cells.attrs = {"currency": plan.meta["city"]["currency"], "file": "people.csv"}
    return cells


def indicator_table(
    plans: Mapping[str, Plan], frozen: Frozen, values: Mapping[str, np.ndarray], by_zone: bool
) -> pd.DataFrame:
    """Every indicator in the base year and in every milestone of plans, with low and high; see `JusticeOutcomes`.

    All years of all plans are stacked into one table of cells and counted at once against the same frozen medians.
    """
    first = next(iter(plans.values()))
    years = {n: ([first.base_year] if p is first else []) + p.years[1:] for n, p in plans.items()}
    lines = [(BASE if y == first.base_year else n, y) for n in plans for y in years[n]]
    parts = [_attributed(p, c) for n, p in plans.items() for c in cells_of_years(p, years[n]).values()]
    table = _counted(parts, _spread(first), frozen, by_zone)
    drawn = _drawn_lines(plans, years, parts, frozen, values)
    place = {str(i): line for i, line in enumerate(lines)}
    table["plan"] = [place[c][0] for c in table["copy"]]
    table["period"] = [place[c][1] for c in table["copy"]]
    moved = {i.code for i in INDICATORS if {"energy", "required"} & set(i.needs)}
    still = ~table["indicator"].isin(moved) & (table["plan"] != BASE) & (table["status"] == "")
    table["note"] = np.where(still, STILL, "")
    if drawn is None:
        table["low"] = table["high"] = np.nan
    else:
        key = pd.MultiIndex.from_frame(table[["copy", "zone", "group", "indicator"]])
        for column, merge in (("low", np.minimum), ("high", np.maximum)):
            edge = drawn[column].reindex(key).to_numpy(float)
            table[column] = np.where(table["indicator"].isin(moved), merge(edge, table["value"]), np.nan)
    few = table["homes"] < LEAST
    table.loc[few, ["value", "low", "high"]] = np.nan
    table.loc[few, "status"] = say("not estimated: fewer than {least} homes are not shown", least=digits(LEAST, ".0f"))
    columns = [*KEYS, "name", "threshold", "income_basis", "spend_basis", "value", "low", "high", "unit", "homes",
               "status", "note"]  # fmt: skip
    out = table[columns].reset_index(drop=True)
    out.attrs["assumptions"] = table.attrs["assumptions"]
    return out


def _counted(parts: Sequence[pd.DataFrame], spread: float, frozen: Frozen, by_zone: bool) -> pd.DataFrame:
    """Indicators of several tables of cells at once, each told apart by ``copy``: for all, by group and by zone."""
    cells = pd.concat(parts, ignore_index=True)
    cells.attrs = parts[0].attrs
    return _counted_cells(cells, [len(p) for p in parts], spread, frozen, by_zone)


def _counted_cells(
    cells: pd.DataFrame, sizes: Sequence[int], spread: float, frozen: Frozen, by_zone: bool
) -> pd.DataFrame:
    cells = cells.assign(tenure=np.repeat(range(len(sizes)), sizes))
    cuts: list[tuple[str, ...]] = [("tenure",), ("group", "tenure"), *([("zone", "tenure")] if by_zone else [])]
    found = [indicators(cells, spread, frozen, by=cut) for cut in cuts if _split(cells, cut)]
    out = pd.concat(found, ignore_index=True)
    out["copy"], out["tenure"] = out["tenure"].astype(str), CITY_WIDE["tenure"]
    out.attrs["assumptions"] = found[0].attrs["assumptions"]
    return out


def _split(cells: pd.DataFrame, cut: tuple[str, ...]) -> bool:
    """False for groups or zones of a city that has one only: that is the line of all homes again."""
    return cut == ("tenure",) or cells[cut[0]].nunique() > 1


def _drawn_lines(
    plans: Mapping[str, Plan], years: Mapping[str, list[int]], parts: Sequence[pd.DataFrame], frozen: Frozen,
    values: Mapping[str, np.ndarray],
) -> pd.DataFrame | None:  # fmt: skip
    """Low and high of the lines of the city and of groups, from draws of what homes spend and need.

    Indexed by copy, zone, group, indicator; None when the table of all draws would be too large.
    """
    size = sum(len(p) for p in parts)
    draws = min(CELL_DRAWS, len(next(iter(values.values()))) - 1, ROWS // max(size, 1))
    if draws < FEWEST:
        return None
    some = {k: v[1 : draws + 1] for k, v in values.items()}
    spread = some.get(SPREAD, np.full(draws, _spread(next(iter(plans.values())))))
    both = [pair for n, p in plans.items() for pair in drawn_cells(p, years[n], some)]
    frame = pd.concat(parts, ignore_index=True)
    energy, required = (np.concatenate([pair[k] for pair in both], axis=1) for k in (0, 1))
    found = []
    for rows in np.array_split(np.argsort(spread, kind="stable"), min(SPREADS, draws)):
        copies = pd.concat([frame] * len(rows), ignore_index=True)
        copies = copies.assign(energy=energy[rows].ravel(), required=required[rows].ravel())
        copies.attrs = parts[0].attrs
        sizes = [len(p) for p in parts] * len(rows)
        table = _counted_cells(copies, sizes, float(spread[rows].mean()), frozen, by_zone=False)
        table["copy"] = (table["copy"].astype(int) % len(parts)).astype(str)
        found.append(table[["copy", "zone", "group", "indicator", "value"]])
    each = pd.concat(found).groupby(["copy", "zone", "group", "indicator"])["value"]
    return pd.DataFrame({"low": each.quantile(QUANTILES[0]), "high": each.quantile(QUANTILES[1])})


def drawn_cells(
    plan: Plan, periods: Sequence[int], values: Mapping[str, np.ndarray]
) -> list[tuple[np.ndarray, np.ndarray]]:
    """What homes spend and need in every draw, period by period, CUR per home, draws x the cells of `cells_of`."""
    rows, homes = home_energy_rows(plan), homes_of(plan).to_numpy()
    lived, years = homes > 0, [plan.base_year, *plan.years]
    both = []
    for part in (rows, rows[rows["kind"].isin(BILLS)]):
        drawn = evaluate(cell_aggregate(plan, part), dict(values)).reshape(-1, len(homes), len(years))
        both.append(drawn[:, lived] * 1e6 / homes[lived][:, None])
    energy, bills = both
    needed = np.broadcast_to(fact(plan, "required")[lived], energy.shape[:2])
    out = []
    for at in (years.index(y) for y in periods):
        moved = required_of(needed, bills[..., 0], bills[..., at], energy[..., 0], energy[..., at]) if at else needed
        out.append((energy[..., at], moved))
    return out


def with_drawn(table: pd.DataFrame, ranges: pd.DataFrame) -> pd.DataFrame:
    """The ranges of `burden_ranges`, drawn in full, in place of the coarser ones, so that pages agree to the digit."""
    edges = ranges.set_index("name")[["low", "high"]]
    out = table.copy()
    whole = (out["zone"] == CITY_WIDE["zone"]) & out["value"].notna()
    plan, year = out["plan"].replace(BASE, "adopted"), out["period"].astype(str)
    for code, (drawn_as, scale) in DRAWN.items():
        city = drawn_as == "gap6"
        rows = whole & (out["indicator"] == code) & ((out["group"] == CITY_WIDE["group"]) | (not city))
        name = drawn_as + ":" + plan + ":" + ("" if city else out["group"] + ":") + year
        rows &= name.isin(edges.index)
        if not rows.any():  # a city that states no incomes has no burdens to draw
            continue
        for column, merge in (("low", np.minimum), ("high", np.maximum)):
            drawn = edges[column].reindex(name[rows]).to_numpy() * scale
            out.loc[rows, column] = merge(drawn, out.loc[rows, "value"].to_numpy())
    return out


def warm_rent_table(plan: Plan, reference: Plan, values: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Tenants by group and milestone: rent for works, relief, bills and net against the reference, range of ``net``."""
    table = warm_rent(plan, reference, ("group", "period"))
    table = table[table["period"].isin(plan.years[1:]) & (table["homes"] > 0)].reset_index(drop=True)
    drawn = net_rent_draws(plan, reference, values)
    key = pd.MultiIndex.from_frame(table[["group", "period"]])
    edges = np.quantile(drawn.iloc[1:].to_numpy(), QUANTILES, axis=0)
    for column, edge, merge in (("low", edges[0], np.minimum), ("high", edges[1], np.maximum)):
        table[column] = merge(pd.Series(edge, index=drawn.columns).reindex(key).to_numpy(), table["net"])
    return table


def public_groups(cells: pd.DataFrame, by_zone: bool) -> pd.DataFrame:
    """Home cells with small cells merged: labels, homes, the known columns per home, merged."""
    known = {name: MEAN for name in FIGURES if cells[name].notna().any()}
    by = list(CELL) if by_zone else list(CELL[1:])
    return publish(cells, "homes", known, by)
