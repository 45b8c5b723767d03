"""What homes pay, as linear expressions of a plan and as figures of a solved one: the same labels of the book."""

from collections.abc import Sequence
from dataclasses import replace

import linopy
import numpy as np
import pandas as pd
import xarray as xr

from mutirao.book import terms as book
from mutirao.book.bundle import Plan
from mutirao.book.terms import Term
from mutirao.justice.homecosts import ENERGY, HOMES, RELIEF, RENT, SUPPORT, VIEWS
from mutirao.model.planmodel import Linear, PlanModel, add_up

CELL = ("zone", "group", "tenure", "period")


def household_cost(model: PlanModel) -> Linear:
    """What households pay less what they receive, on the annuity view, by zone, group and period."""
    keep = ("zone", "group", "period")
    paid = model.linear(model.select_terms("money", payer=HOMES, basis=VIEWS), keep)
    got = model.linear(model.select_terms("money", receiver=HOMES, basis=VIEWS), keep, sign=-1.0)
    return _sum([paid, got])


def household_cost_of(plan: Plan) -> pd.Series:
    """The same figure of a solved plan, million CUR a year by zone, group and period."""
    return plan.net_payments((book.HOUSEHOLDS,), ("zone", "group", "period"))


def home_energy(model: PlanModel) -> Linear:
    """What homes spend on energy, by zone, group, tenure and period, million CUR a year.

    Bills less what the sun on the roof earns; for tenants the rent that energy works add, less relief; less support,
    which is shared over the homes of its zone and group. `justice.outcomes` reads the same from a solved plan.
    """
    paid: list[Term] = []
    got: list[Term] = []
    for term in model.select_terms("money", basis=VIEWS):
        if HOMES not in (term.payer, term.receiver) or not _counts(term):
            continue
        whose = _by_tenure(model, term)
        if whose is not None:
            (paid if term.payer == HOMES else got).append(whose)
    return _sum([model.linear(paid, CELL), model.linear(got, CELL, sign=-1.0)])


def _counts(term: Term) -> bool:
    return term.kind in (*ENERGY, RELIEF, SUPPORT) or (term.kind == RENT and bool(term.measure))


def _by_tenure(model: PlanModel, term: Term) -> Term | None:
    """The term with a tenure on its coefficient; None for what is not a home's (charging a car)."""
    homes = model.base.homes
    if "tenure" in term.select:
        mine = (homes["tenure"] == term.select["tenure"]).astype(float)
        return replace(term, coefficient=term.coefficient * mine)
    dims = {str(d) for d in term.coefficient.dims}
    if term.variable is not None:
        dims |= {str(d) for d in model.lp.variables[term.variable].dims}
    if "tenure" in dims:
        only = model.lp.variables[term.variable].indexes["tenure"] if term.variable else model.tenures
        if len(only) == len(model.tenures):
            return term
        pick = dict(term.select) | {"tenure": str(only[0])}
        return _by_tenure(model, replace(term, select=pick))
    if term.kind != SUPPORT:
        return None
    total = homes.sum("tenure")
    share = (homes / total.where(total > 0, 1.0)).where(total > 0, 1.0 / len(model.tenures))
    return replace(term, coefficient=term.coefficient * share)


def on_model(model: PlanModel, series: pd.Series, dims: Sequence[str]) -> xr.DataArray:
    """A series of a solved plan on the model's labels; what it lacks is zero, as the book leaves zeros out."""
    index = {"zone": model.zones, "group": model.groups, "tenure": model.tenures, "period": model.periods}
    full = pd.MultiIndex.from_product([index[d] for d in dims], names=list(dims))
    values = series.reindex(full).fillna(0.0).to_numpy()
    return xr.DataArray(
        values.reshape([len(index[d]) for d in dims]), coords={d: list(index[d]) for d in dims}, dims=list(dims)
    )


def _sum(parts: Sequence[Linear]) -> Linear:
    expressions: list[linopy.LinearExpression] = [p.expression for p in parts if p.expression is not None]
    given = parts[0].given
    for p in parts[1:]:
        given = given + p.given
    if not np.isfinite(given.values).all():
        raise ValueError("a home's cost is not a finite number")
    return Linear(add_up(expressions) if expressions else None, given)
