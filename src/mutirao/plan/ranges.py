"""How sure the figures of a plan are: decisions stay, prices and factors move, the same draw for both plans.

The first row of every table of draws is the plan's own figure (all drivers at their central values); low and high
are the 5 % and 95 % of the other rows, widened to hold the plan's own figure.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from mutirao.book import terms as book
from mutirao.book.bundle import Plan
from mutirao.book.draws import Aggregate, aggregate, evaluate, sample
from mutirao.ground.speech import say
from mutirao.justice.homecosts import SUPPORT
from mutirao.justice.outcomes import cell_aggregate, fact, home_energy_rows, homes_of, household_rows
from mutirao.justice.withincell import share_above, strata

DRAWS = 2000
QUANTILES = (0.05, 0.5, 0.95)
THRESHOLD = 0.06
#: Differences below this, in currency per home, are rounding.
NOTHING = 1e-6
#: The spread of burdens within a cell is drawn in so many steps; finer ones move no digit that is printed.
SPREAD_STEPS = 10
SPREAD = "within_cell_spread"
#: Words for how sure it is that one group gains more than the next: share of draws, and the word.
SURE = ((0.95, "sure"), (0.80, "likely"), (0.0, "cannot tell"))


def change_ranges(
    plan: Plan, reference: Plan, draws: int = DRAWS, seed: int = 1, homes_drawn: np.ndarray | None = None
) -> pd.DataFrame:
    """Ranges of a plan's figures and of what changes against the reference: name, low, mid, high, unit.

    In currency per household and year, against the reference: ``household:<group>:<year>``,
    ``tenure:<tenure>:<year>`` (without what is booked to no tenure) and ``cell:<group>:<tenure>:<year>`` (with it,
    shared by homes). ``bill:<group>:<year>`` is all that a household of the plan pays. ``cost`` is the extra
    discounted cost in million, ``carbon:<year>`` the plan's own emissions in kt CO2e a year. `burden_ranges` of both
    plans follow. homes_drawn : draws x cells (in the order of `homes_of`), where counts of homes are uncertain.
    """
    values = common_draws(plan, reference, draws, seed)
    rows = [*_household_rows(plan, reference, values, homes_drawn)]
    cost = _cost(plan, values) - _cost(reference, values)
    rows.append(_row("cost", cost, say("million {currency}", currency=plan.meta["city"]["currency"])))
    rows += _carbon(plan, values)
    for one in {p.name: p for p in (reference, plan)}.values():
        rows += _burdens(one, values, homes_drawn)
    return pd.DataFrame(rows)


def burden_ranges(
    plan: Plan, draws: int = DRAWS, seed: int = 1, homes_drawn: np.ndarray | None = None
) -> pd.DataFrame:
    """Ranges of energy poverty in every year of a plan, by group and for ALL: name, low, mid, high, unit.

    ``burden:<plan>:<group>:<year>`` spend on energy at home over income, ratio of totals; ``above6:...`` share of
    homes that spend more than 6 % (with the spread within cells, drawn from its own range); ``gap6:<plan>:<year>``
    spend above 6 % of income in million a year. Incomes have no range; groups without known income have no row.
    """
    return pd.DataFrame(_burdens(plan, common_draws(plan, plan, draws, seed), homes_drawn), columns=COLUMNS)


def difference_ranges(
    plan: Plan, other: Plan, name: str, draws: int = DRAWS, seed: int = 1, homes_drawn: np.ndarray | None = None
) -> pd.DataFrame:
    """What a rule does: ranges of the plan with it less another without it, under the same draws.

    ``rule:<name>:<group>:<year>`` in currency per household and year; ``rule:<name>`` the cost of the rule in
    million, discounted: payments to the outside and welfare, without any penalty for promises that are missed.
    """
    values = common_draws(plan, other, draws, seed)
    unit = say("{currency} per household and year", currency=plan.meta["city"]["currency"])
    change = _per_home(plan, other, ("group",), values, homes_drawn)
    rows = [_row(f"rule:{name}:{g}:{y}", change[g, y], unit) for g, y in _columns(change) if y in plan.years]
    cost = _cost(plan, values, welfare=True) - _cost(other, values, welfare=True)
    rows.append(_row(f"rule:{name}", cost, say("million {currency}", currency=plan.meta["city"]["currency"])))
    return pd.DataFrame(rows)


COLUMNS = ("name", "low", "mid", "high", "unit")


def common_draws(plan: Plan, other: Plan, draws: int = DRAWS, seed: int = 1) -> dict[str, np.ndarray]:
    """Draws of every driver of two plans, the same for both; row 0 holds the central values, shape (draws + 1)."""
    drawn = sample(plan, draws, seed)
    extra = sample(other, draws, seed + 1) if set(other.drivers["name"]) - set(drawn) else {}
    own = {**_central(other), **_central(plan)}
    return {k: np.concatenate([[own[k]], v]) for k, v in {**extra, **drawn}.items()}


def _central(plan: Plan) -> dict[str, float]:
    return dict(zip(plan.drivers["name"].astype(str), plan.drivers["value"].astype(float), strict=True))


def gain_draws(
    plan: Plan,
    reference: Plan,
    by: Sequence[str] = ("group",),
    draws: int = DRAWS,
    seed: int = 1,
    homes_drawn: np.ndarray | None = None,
) -> pd.DataFrame:
    """What a home gains a year against the reference, CUR per home: draws (row 0 is central) x (``by``, period)."""
    return -_per_home(plan, reference, by, common_draws(plan, reference, draws, seed), homes_drawn)


def net_rent_draws(plan: Plan, reference: Plan, values: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """What tenants pay more a year for works, less relief, and for energy than in the reference, CUR per home: draws
    (row 0 central) x (group, period). Support is left out: it is no part of the rent (`outcomes.warm_rent`)."""
    homes = homes_of(plan)
    count = homes[homes.index.get_level_values("tenure") == "renter"].groupby("group").sum()
    both = []
    for one in (plan, reference):
        rows = home_energy_rows(one)
        rows = rows[(rows["kind"] != SUPPORT) & (rows["tenure"] == "renter")]
        a = cell_aggregate(one, rows, ("group", "period"))
        both.append(evaluate(a, dict(values)) * 1e6)
    each = count.reindex(a.keys.get_level_values("group")).to_numpy()
    return pd.DataFrame(((both[0] - both[1]) / each)[:, each > 0], columns=a.keys[each > 0])


def ranking(drawn: pd.DataFrame) -> pd.DataFrame:
    """Order of groups by what they gain, year by year, and how sure each step of it is.

    drawn : `gain_draws` by group. Returns year, place, group, gain (central), next, probability, words; the last
    group of a year has no next. probability is the share of draws in which the group gains more than the next. Years
    in which nothing changes for anybody are left out.
    """
    rows: list[dict[str, object]] = []
    for year in drawn.columns.get_level_values("period").unique():
        here = drawn.xs(year, axis=1, level="period")
        if np.abs(here.to_numpy()).max() <= NOTHING:
            continue
        order = here.columns[np.argsort(-here.iloc[0].to_numpy(), kind="stable")]
        values = here[order].to_numpy()
        chance = np.append((values[1:, :-1] > values[1:, 1:] + NOTHING).mean(axis=0), np.nan)
        after = [*order[1:], ""]
        rows += [
            {"year": int(year), "place": i + 1, "group": g, "gain": float(values[0, i]), "next": after[i],
             "probability": float(chance[i]), "words": how_sure(float(chance[i])) if after[i] else ""}
            for i, g in enumerate(order)
        ]  # fmt: skip
    return pd.DataFrame(rows, columns=["year", "place", "group", "gain", "next", "probability", "words"])


def how_sure(probability: float) -> str:
    """ "sure" from 95 % of draws, "likely" from 80 %, else "cannot tell"."""
    return next(word for least, word in SURE if probability >= least)


def _row(name: str, drawn: "np.ndarray | pd.Series[float]", unit: str) -> dict[str, object]:
    """Range of one figure; row 0 of ``drawn`` is the plan's own and lies inside it."""
    values = np.asarray(drawn, float)
    low, mid, high = np.quantile(values[1:], QUANTILES)
    return {"name": name, "low": min(low, values[0]), "mid": mid, "high": max(high, values[0]), "unit": unit}


def _household_rows(
    plan: Plan, reference: Plan, values: Mapping[str, np.ndarray], homes_drawn: np.ndarray | None
) -> Iterator[dict[str, object]]:
    unit = say("{currency} per household and year", currency=plan.meta["city"]["currency"])
    kinds = (("household", ("group",)), ("cell", ("group", "tenure")))
    after, before = (_averages(p, [by for _, by in kinds], values, homes_drawn) for p in (plan, reference))
    homes = [(word, x - y) for (word, _), x, y in zip(kinds, after, before, strict=True)]
    one, other = (_averages(p, [("tenure",)], values, homes_drawn, whole=False)[0] for p in (plan, reference))
    for word, change in [*homes, ("tenure", one - other)]:
        for label in _columns(change):
            if label[-1] in plan.years[1:]:
                yield _row(":".join([word, *map(str, label)]), change[label], unit)
    bill = after[0]
    for group, year in _columns(bill):
        if year in plan.years:
            yield _row(f"bill:{group}:{year}", bill[group, year], unit)


def _per_home(
    plan: Plan, other: Plan, by: Sequence[str], values: Mapping[str, np.ndarray], homes_drawn: np.ndarray | None = None
) -> pd.DataFrame:
    """Payments of a home less those of another plan: draws x (by, period), CUR a year; no column for groups without
    homes. Where counts of homes are drawn, what a home of each cell pays stays and the mix of homes moves."""
    one, less = (_averages(p, [tuple(by)], values, homes_drawn)[0] for p in (plan, other))
    return one - less


def _averages(
    plan: Plan, cuts: Sequence[tuple[str, ...]], values: Mapping[str, np.ndarray], homes_drawn: np.ndarray | None,
    whole: bool = True,
) -> list[pd.DataFrame]:  # fmt: skip
    """What a home pays, draws x (labels, period), for several cuts; ``whole`` False leaves out rows of no tenure."""
    rows = household_rows(plan)
    rows = rows if whole else rows[rows["tenure"] != book.CITY_WIDE["tenure"]]
    homes, a = homes_of(plan), cell_aggregate(plan, rows)
    members = [_membership(homes, by) for by in cuts]
    found: list[dict[tuple[object, ...], np.ndarray]] = [{} for _ in cuts]
    drawn = homes.to_numpy()[None, :] if homes_drawn is None else _with_central(homes_drawn, homes)
    for period, part in _by_period(a):
        each = evaluate(part, dict(values)) * 1e6 / homes.where(homes > 0, np.inf).to_numpy()
        paid = each * drawn
        for (mine, labels), out in zip(members, found, strict=True):
            count = drawn @ mine
            with np.errstate(invalid="ignore"):
                table = (paid @ mine) / count
            out.update({(*label, period): c for label, c in zip(labels, table.T, strict=True)})
    frames = []
    for by, out in zip(cuts, found, strict=True):
        index = pd.MultiIndex.from_tuples(list(out), names=[*by, "period"])
        frame = pd.DataFrame(np.column_stack(list(out.values())), columns=index)
        frames.append(frame.loc[:, frame.notna().all()].sort_index(axis=1))
    return frames


def _columns(table: pd.DataFrame) -> list[tuple[Any, ...]]:
    return list(table.columns.to_frame(index=False).itertuples(index=False, name=None))


def _membership(homes: pd.Series, by: Sequence[str]) -> tuple[np.ndarray, list[tuple[str, ...]]]:
    """Cells x labels, one where a cell belongs; the labels in sorted order."""
    cells = pd.MultiIndex.from_frame(homes.index.to_frame(index=False)[list(by)])
    labels = cells.unique().sort_values()
    mine = np.zeros((len(cells), len(labels)))
    mine[np.arange(len(cells)), labels.get_indexer(cells)] = 1.0
    return mine, [tuple(map(str, label)) for label in labels]


def _with_central(homes_drawn: np.ndarray, homes: pd.Series) -> np.ndarray:
    return np.concatenate([homes.to_numpy()[None, :], homes_drawn])


def _by_period(a: Aggregate) -> Iterator[tuple[int, Aggregate]]:
    """An aggregate by cell and period, period by period: only one year of cells is drawn at a time."""
    at = a.keys.get_level_values("period")
    for period in at.unique():
        here = np.asarray(at == period)
        yield int(period), Aggregate(a.keys[here], a.matrix[here], a.products)


def _burdens(
    plan: Plan, values: Mapping[str, np.ndarray], homes_drawn: np.ndarray | None = None
) -> Iterator[dict[str, object]]:
    homes, income = homes_of(plan), fact(plan, "income")
    known = (income > 0) & (homes.to_numpy() > 0)
    if not known.any():
        return
    mine, labels = _membership(homes[known], ("group",))
    who = [label[0] for label in labels]
    if len(who) > 1:
        mine, who = np.column_stack([mine, np.ones(len(mine))]), [*who, book.CITY_WIDE["group"]]
    count = homes.to_numpy()[known] if homes_drawn is None else _with_central(homes_drawn, homes)[:, known]
    income, spread = income[known], values.get(SPREAD)
    money = plan.meta["city"]["currency"]
    for period, part in _by_period(cell_aggregate(plan, home_energy_rows(plan))):
        spend = evaluate(Aggregate(part.keys[known], part.matrix[known], part.products), dict(values))
        spend = spend * 1e6 / homes.to_numpy()[known]
        burden = (spend * count) @ mine / ((np.ones_like(spend) * count * income) @ mine)
        for j, group in enumerate(who):
            yield _row(f"burden:{plan.name}:{group}:{period}", burden[:, j], "share of income")
        if spread is None:
            continue
        above, gap = _poor(spend, income, spread)
        share = (above * count) @ mine / ((np.ones_like(spend) * count) @ mine)
        for j, group in enumerate(who):
            yield _row(f"above6:{plan.name}:{group}:{period}", share[:, j], "share of homes")
        unit = say("million {currency}/a", currency=money)
        yield _row(f"gap6:{plan.name}:{period}", (gap * count).sum(axis=1) * 1e-6, unit)


def _poor(spend: np.ndarray, income: np.ndarray, spread: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Share of homes above the threshold and gap of a home in CUR, draws x cells; the spread drawn in steps."""
    above, gap = np.empty_like(spend), np.zeros_like(spend)
    order = np.argsort(spread[1:], kind="stable") + 1
    edges = np.linspace(0, len(order), SPREAD_STEPS + 1).astype(int)
    for rows in [np.array([0]), *(order[a:b] for a, b in pairwise(edges) if b > a)]:
        size = float(spread[rows].mean())
        above[rows] = share_above(np.clip(spend[rows] / income, 0.0, None), THRESHOLD, size)
        q = strata(size)
        for part in q:
            gap[rows] += np.clip(spend[rows] * part - THRESHOLD * income, 0.0, None) / len(q)
    return above, gap


def _signed(plan: Plan, parties: Sequence[str]) -> pd.DataFrame:
    """Money rows of the annuity view that parties pay (+1) or receive (-1)."""
    money = plan.select("money", basis=["running", "annuity"])
    paid = money[money["payer"].isin(list(parties))].assign(sign=1.0)
    got = money[money["receiver"].isin(list(parties))].assign(sign=-1.0)
    return pd.concat([paid, got])


def _cost(plan: Plan, values: Mapping[str, np.ndarray], welfare: bool = False) -> np.ndarray:
    rows = _signed(plan, book.INSIDE)
    if welfare:
        rows = pd.concat([rows, plan.select("welfare").assign(sign=1.0)])
    a = aggregate(plan, rows, ("period",))
    weight = plan.weight("discount_weight").reindex(a.keys).fillna(0.0).to_numpy()
    return np.asarray(evaluate(a, dict(values)) @ weight)


def _carbon(plan: Plan, values: Mapping[str, np.ndarray]) -> list[dict[str, object]]:
    bound = [*plan.meta["city"]["pledge"]["boundaries"], "removal"]
    rows = plan.select("carbon", boundary=bound)
    if rows.empty:
        return []
    a = aggregate(plan, rows, ("period",))
    drawn = evaluate(a, dict(values))
    return [_row(f"carbon:{y}", drawn[:, i], "kt CO2e/a") for i, y in enumerate(a.keys) if y in plan.years[1:]]
