"""Each fairness rule as rows of a plan. Only forms that stay linear: no headcount, no median, no re-ranking inside.

Numbers in rules are read against business as adopted (``before``) or the base year, so that they do not move with
the plan that they bind.
"""

from collections.abc import Sequence
from functools import cached_property

import linopy
import numpy as np
import pandas as pd
import xarray as xr

from mutirao.book.bundle import Plan
from mutirao.ground.findings import Finding, InputError
from mutirao.ground.speech import say
from mutirao.justice.designation import designated_homes, designated_share
from mutirao.justice.distribution import cvar as mean_of_worst
from mutirao.justice.households import low_income
from mutirao.justice.outcomes import home_energy as home_energy_of
from mutirao.justice.withincell import strata
from mutirao.model.homecells import home_cells
from mutirao.model.planmodel import Linear, PlanModel
from mutirao.plan.homecost import CELL, home_energy, household_cost, household_cost_of, on_model

HOME = ("zone", "group", "tenure")


class Ground:
    """What rules stand on: costs of the model and of the reference plan, incomes, homes; each worked out once."""

    def __init__(self, model: PlanModel, reference: Plan):
        self.model, self.reference = model, reference

    @cached_property
    def cost(self) -> Linear:
        """Household cost by zone, group and period."""
        return household_cost(self.model)

    @cached_property
    def cost_before(self) -> xr.DataArray:
        return on_model(self.model, household_cost_of(self.reference), ("zone", "group", "period"))

    @cached_property
    def energy(self) -> Linear:
        """Spend on energy at home by zone, group, tenure and period."""
        return home_energy(self.model)

    @cached_property
    def energy_before(self) -> xr.DataArray:
        return on_model(self.model, home_energy_of(self.reference), CELL)

    @cached_property
    def cells(self) -> pd.DataFrame:
        """Home cells of the base year."""
        return home_cells(self.model.city, self.model.parameters, self.model.base)

    def by_home(self, values: pd.Series) -> xr.DataArray:
        """A column of the home cells on (zone, group, tenure)."""
        return on_model(self.model, values.set_axis(pd.MultiIndex.from_frame(self.cells[list(HOME)])), HOME)

    @cached_property
    def homes(self) -> xr.DataArray:
        """Homes by zone, group and tenure."""
        return self.model.base.homes * 1000.0

    @cached_property
    def income(self) -> xr.DataArray:
        """Income of all homes of a cell, million CUR a year of the price year, as in the base year."""
        return self.by_home(self.cells["income"].fillna(0.0)) * self.homes * 1e-6

    @cached_property
    def lived_in(self) -> xr.DataArray:
        """Cells with homes and an income: a rule says nothing of an empty cell."""
        return (self.homes > 1e-6) & (self.income > 0)

    @cached_property
    def strata(self) -> np.ndarray:
        return strata(self.model.given("within_cell_spread"))

    def years(self, from_year: int | None) -> list[int]:
        """Periods in which a rule holds. Raises InputError when there is none."""
        later = [y for y in self.model.horizon.decisions if from_year is None or y >= from_year]
        if not later:
            last = self.model.horizon.decisions[-1]
            what = say("a rule begins in {year}, after the last year of the plan ({last}).", year=from_year, last=last)
            mend = say("Write {year} or earlier.", year=last)
            raise InputError(Finding("city.toml", None, "rules.from_year", what, mend))
        return later


def _expression(linear: Linear) -> linopy.LinearExpression:
    assert linear.expression is not None  # every city has homes that buy energy
    return linear.expression


def no_worse(g: Ground, name: str, groups: Sequence[str], words: str) -> None:
    """Net cost of each group in each zone and period <= the same under business as adopted."""
    pick = {"group": list(groups), "period": list(g.model.horizon.decisions)}
    allowed = (g.cost_before - g.cost.given).sel(pick)
    g.model.limit(
        f"rule-{name}", "fairness", _expression(g.cost).sel(pick), "<=", allowed, unit="M/a", meaning=words
    )  # fmt: skip


def share_of_benefit(g: Ground, share: float, words: str) -> None:
    """Designated homes' gain >= share x everyone's gain, and never below zero when all together lose.

    gain = household cost of the reference less that of the plan, discounted over the horizon. A share of a
    negative total would misread as fair, so the total enters through ``plan-gain`` >= max(total, 0).
    """
    model, weight = g.model, g.model.horizon.discount_weight
    cost, before = _expression(g.cost), g.cost_before - g.cost.given
    assert model.city.designated is not None
    part = designated_share(model.city.designated, model.base.homes)
    dims = ["zone", "group", "period"]
    gain = model.variable("plan-gain", [pd.Index(["all"], name="who")], "M", "what all households gain, if they gain")
    total = float((before * weight).sum())
    model.rule("plan-gain-row", gain.sum("who") + (cost * weight).sum(dims), ">=", total, unit="M")
    theirs = (cost * (weight * part)).sum(dims)
    model.limit(
        "rule-benefit_share", "fairness", -1.0 * theirs - gain.sum("who") * share, ">=",
        -float((before * weight * part).sum()), unit="M", meaning=words,
    )  # fmt: skip


def burden_cap(g: Ground, level: float, who: str, from_year: int | None, words: str) -> None:
    """Spend on energy at home <= level x income, in every cell of those it is meant for."""
    later = g.years(from_year)
    here = g.lived_in & _meant(g, who)
    allowed = (level * g.income - g.energy.given).sel(period=later)
    # A cell that the rule does not speak of has no row: its coefficients and its bound are both left out.
    expression = _expression(g.energy).sel(period=later).where(here)
    g.model.limit(
        "rule-burden_cap", "fairness", expression, "<=", allowed.where(here, np.inf).transpose(*CELL),
        unit="M/a", meaning=words,
    )  # fmt: skip


def _meant(g: Ground, who: str) -> xr.DataArray:
    if who == "designated":
        assert g.model.city.designated is not None
        return designated_homes(g.model.city.designated, g.model.base.homes) > 0
    low = low_income(g.model.city)
    every = xr.ones_like(g.homes, dtype=bool)
    return every if who == "all" else every & g.homes["group"].isin(low)


def poverty_gap(g: Ground, threshold: float, cut: float, from_year: int | None, words: str) -> None:
    """Sum over homes of spend above the threshold <= (1 - cut) x that of the base year, in each period.

    ``v >= q E / K - threshold Y / K`` for each of K strata of every cell (Foster, Greer and Thorbecke 1984, alpha 1,
    in currency); a minimising plan never needs more v than the gap itself.
    """
    model, later = g.model, g.years(from_year)
    q = xr.DataArray(g.strata / len(g.strata), coords={"stratum": _strata(g)}, dims="stratum")
    each = 1.0 / len(g.strata)
    spend = g.by_home(g.cells["energy"].fillna(0.0)) * g.homes * 1e-6
    base = float((q * spend - threshold * each * g.income).clip(min=0.0).where(g.lived_in, 0.0).sum())
    gap = model.variable(
        "plan-poverty-gap", [*model.homes, _strata(g), pd.Index(later, name="period")], "M/a",
        "spend on energy at home above the threshold of poverty",
    )  # fmt: skip
    over = (_expression(g.energy).sel(period=later) * q.where(g.lived_in, 0.0)) - gap
    bound = (threshold * each * g.income - q * g.energy.given.sel(period=later)).where(g.lived_in, 0.0)
    model.rule("plan-poverty-gap-row", over, "<=", bound.transpose(*over.coord_dims), unit="M/a")
    model.limit(
        "rule-poverty_gap", "fairness", gap.sum([*HOME, "stratum"]), "<=", (1.0 - cut) * base, unit="M/a",
        meaning=words,
    )  # fmt: skip


def cvar(g: Ground, worst: float, level: float, from_year: int | None, words: str) -> None:
    """Mean burden of the worst-off share of homes <= level x the same under business as adopted, in each period.

    Rockafellar and Uryasev (2000): eta + sum p v / worst <= c with v >= burden - eta, v >= 0.
    """
    model, later = g.model, g.years(from_year)
    q = xr.DataArray(g.strata, coords={"stratum": _strata(g)}, dims="stratum")
    weight = (g.homes.where(g.lived_in, 0.0) / float(g.homes.where(g.lived_in, 0.0).sum())) / len(g.strata)
    each = (1.0 / g.income).where(g.lived_in, 0.0) * q  # burden of a stratum per million of the cell's spend
    before, share = xr.broadcast(g.energy_before.sel(period=later) * each, weight)
    most = [
        level * mean_of_worst(before.sel(period=y).values.ravel(), worst, share.sel(period=y).values.ravel())
        for y in later
    ]
    years = pd.Index(later, name="period")
    eta = model.variable("plan-worst-burden", [years], "share", "burden above which a home is among the worst off")
    above = model.variable(
        "plan-burden-above", [*model.homes, _strata(g), years], "share", "burden beyond that of the worst off"
    )
    over = _expression(g.energy).sel(period=later) * each - eta - above
    bound = -1.0 * (g.energy.given.sel(period=later) * each)
    model.rule("plan-burden-above-row", over, "<=", bound.transpose(*over.coord_dims), unit="share")
    mean = eta + (above * (weight / worst)).sum([*HOME, "stratum"])
    model.limit(
        "rule-cvar", "fairness", mean, "<=", xr.DataArray(most, coords={"period": later}, dims="period"),
        unit="share", meaning=words,
    )  # fmt: skip


def priority(g: Ground, measures: Sequence[str], level: float, words: str) -> None:
    """Share of designated homes that a measure reaches >= level x the share of all homes, in each period."""
    assert g.model.city.designated is not None
    theirs = designated_homes(g.model.city.designated, g.model.base.homes)
    later = list(g.model.horizon.decisions)
    for name in measures:
        measure = g.model.measures.get(name)
        parts = [p for p in measure.parts if "zone" in g.model.stock(p).dims] if measure else []
        if not parts:
            known = [n for n, m in g.model.measures.items() if any("zone" in g.model.stock(p).dims for p in m.parts)]
            what = say("'{name}' is not a measure that reaches homes zone by zone.", name=name)
            mend = say("Write some of {names}.", names=", ".join(known))
            raise InputError(Finding("city.toml", None, "rules.priority.measures", what, mend))
        for i, part in enumerate(parts):
            stock = g.model.stock(part).sel(period=later)
            mine = _over(theirs, g.homes, [str(d) for d in stock.dims])
            potential = part.potential.sel(period=later)
            kept = [d for d in stock.dims if d != "period"]
            weight = mine * _inverse((potential * mine).sum(kept)) - level * _inverse(potential.sum(kept))
            reach = (stock * weight).sum(kept)
            g.model.limit(
                f"rule-priority-{name}-{i}", "fairness", reach, ">=", 0.0, unit="share",
                meaning=say("{rule} ({measure})", rule=words, measure=name),
            )  # fmt: skip


def _over(share: xr.DataArray, homes: xr.DataArray, dims: Sequence[str]) -> xr.DataArray:
    """A share of homes averaged over the dims that a stock does not carry."""
    out = [d for d in HOME if d not in dims]
    total = homes.sum(out)
    return (share * homes).sum(out) / total.where(total > 0, 1.0)


def _inverse(total: xr.DataArray) -> xr.DataArray:
    return (1.0 / total.where(total > 0, 1.0)).where(total > 0, 0.0)


def warm_rent(g: Ground, from_year: int | None, words: str) -> None:
    """Tenants of low-income groups: bills plus rent for works, less relief and support, <= as adopted."""
    pick = {"group": low_income(g.model.city), "period": g.years(from_year)}
    rented = {"tenure": "renter"}
    allowed = (g.energy_before - g.energy.given).sel(pick).sel(rented, drop=True)
    g.model.limit(
        "rule-warm_rent", "fairness", _expression(g.energy).sel(pick).sel(rented, drop=True), "<=", allowed,
        unit="M/a", meaning=words,
    )  # fmt: skip


def _strata(g: Ground) -> pd.Index:
    return pd.Index([f"s{k + 1}" for k in range(len(g.strata))], name="stratum")
