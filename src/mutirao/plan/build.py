"""Put a plan's model together: systems in order, pledge, budgets, rules."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import linopy
import numpy as np
import xarray as xr

from mutirao.book.bundle import Plan
from mutirao.city.folder import City
from mutirao.ground.parameters import Parameters
from mutirao.model.horizon import Horizon
from mutirao.model.planmodel import PlanModel
from mutirao.model.system import System, in_order
from mutirao.model.timeaxis import TimeAxis
from mutirao.plan.inputs import claims
from mutirao.plan.rules import Rule, add_rules
from mutirao.plan.support import add_support
from mutirao.plan.targets import add_budgets, add_pledge


@dataclass(frozen=True)
class Inputs:
    """All that a plan is made from; two plans with equal inputs are equal."""

    city: City
    systems: tuple[System, ...]
    parameters: Parameters
    horizon: Horizon
    time: TimeAxis


def bare_model(inputs: Inputs, *, fixed: bool = False, relax: Iterable[str] = ()) -> PlanModel:
    """The city's systems on one model: no pledge, no budget, no rule yet."""
    model = PlanModel(
        inputs.city, inputs.parameters, inputs.horizon, inputs.time, fixed=fixed, relax=relax,
        claims=claims(inputs.systems),
    )  # fmt: skip
    for system in in_order(inputs.systems):
        system.add_to(model)
    return model


def given_model(inputs: Inputs, shares: Mapping[str, Mapping[int, float]]) -> PlanModel:
    """Measures fixed at given shares by period, zero where none is given: nothing is chosen but dispatch.

    What was adopted may outrun the workforce or supply that a free plan reckons with: those limits carry slack,
    opened only when they stand in the way, and what they are missed by is reported.
    """
    model = bare_model(inputs, fixed=True, relax=("workforce", "supply"))
    for row, stock, amount in _given(model, shares):
        model.rule(row, stock, "=", amount)
    return model


def give(model: PlanModel, shares: Mapping[str, Mapping[int, float]]) -> None:
    """Change the shares of a model made by `given_model`; only right-hand sides move."""
    for row, _, amount in _given(model, shares):
        model.lp.constraints[row].update(rhs=amount)


def _given(
    model: PlanModel, shares: Mapping[str, Mapping[int, float]]
) -> Iterator[tuple[str, linopy.Variable, xr.DataArray]]:
    """Row name, stock and share x potential of every part of every measure, in the periods of decision."""
    later = list(model.horizon.decisions)
    for name, measure in model.measures.items():
        share = shares.get(name, {})
        want = model.horizon.array([share.get(y, 0.0) for y in model.horizon.periods])
        for i, part in enumerate(measure.parts):
            stock = model.stock(part).sel(period=later)
            yield f"given-{name}-{i}", stock, (want * part.potential).sel(period=later).transpose(*stock.dims)


def pledged_model(
    inputs: Inputs, *, rules: Sequence[Rule] = (), reference: Plan | None = None, relax: Iterable[str] = ()
) -> PlanModel:
    """Free measures under the pledge and the budgets, and under the rules when there are some."""
    model = bare_model(inputs, relax=relax)
    add_support(model)
    add_pledge(model)
    add_budgets(model)
    if rules:
        if reference is None:
            raise ValueError("rules compare with business as adopted; give that plan as reference")
        add_rules(model, list(rules), reference)
    return model


def ramp(start: int, end: int, amount: float, years: Iterable[int], first: int) -> dict[int, float]:
    """Share reached in each year by an action that grows evenly from ``start`` (not before ``first``) to ``end``."""
    begin = max(start, first)
    return {
        y: amount * float(np.clip((y - begin) / (end - begin), 0.0, 1.0))
        if end > begin
        else (amount if y >= end else 0.0)
        for y in years
    }
