"""A plan that a group writes for itself: its own rules, the works it wants first, and what must not happen."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial

import linopy
import numpy as np
import pandas as pd
import xarray as xr

from mutirao.book.bundle import Plan
from mutirao.ground.speech import digits, say
from mutirao.model.horizon import Horizon
from mutirao.model.planmodel import Measure, PlanModel, add_up
from mutirao.plan.build import Inputs, pledged_model
from mutirao.plan.diagnose import levers
from mutirao.plan.pipeline import CLOSEST, Wishes
from mutirao.plan.rules import Rule
from mutirao.plan.solve import NoPlan, closest_plan, run

#: Half a thousandth of what is possible: below it a wish counts as met.
CLOSE = 5e-4


@dataclass(frozen=True)
class Bound:
    """A share (0..1) of what is possible of a measure that is asked for in ``year`` and in every later year."""

    measure: str
    share: float
    year: int


def alternative(
    inputs: Inputs,
    rules: Sequence[Rule],
    adopted_reference: Plan,
    floors: Sequence[Bound],
    ceilings: Sequence[Bound],
    name: str,
    title: str,
) -> Plan:
    """Solve under the pledge, the rules, and the group's floors and ceilings on measures.

    floors : at least the share of the measure in the year and after it. ceilings : at most. The pledge gives way,
    as in every plan, when it cannot be kept (the plan's meta says so); rules and measures of the group do not.
    Raises ValueError on a measure or year the model does not know, NoPlan with sentences on what cannot be reached.
    """
    notes = [r.note for r in rules]
    wishes = {"floors": [asdict(b) for b in floors], "ceilings": [asdict(b) for b in ceilings]}
    model = pledged_model(inputs, rules=rules, reference=adopted_reference, relax=CLOSEST)
    _hold(model, floors, ceilings)
    try:
        return closest_plan(model, name, title, rules=notes, **wishes)
    except NoPlan as stop:
        if not stop.status.startswith("infeasible"):
            raise
        found = _out_of_reach(inputs, rules, adopted_reference, floors, ceilings)
        if not found:  # not even without the group's measures: its rules collide with what must hold
            found = [v.sentence for v in levers(inputs, rules, adopted_reference)]
        raise NoPlan(stop.status, found) from stop


def wishes(floors: Sequence[Bound], ceilings: Sequence[Bound]) -> Wishes:
    """Floors and ceilings as what every plan of a run must hold (`pipeline.make_plans`)."""
    noted = {"floors": [asdict(b) for b in floors], "ceilings": [asdict(b) for b in ceilings]}
    return Wishes(partial(_hold, floors=tuple(floors), ceilings=tuple(ceilings)), noted)


def instants(horizon: Horizon, year: int) -> list[dict[int, float]]:
    """The moments at which a bound from ``year`` on is held: weights of milestones, the year itself first.

    Between milestones every stock is read as a straight line, so that holding the year itself and every milestone
    after it holds all years from it on. Raises ValueError for a year outside (start, end].
    """
    if not horizon.start < year <= horizon.end:
        raise ValueError(
            say(
                "a plan decides after {start} and ends in {end}, so not in {year}",
                start=horizon.start,
                end=horizon.end,
                year=year,
            )
        )
    later = [y for y in horizon.decisions if y >= year]
    out = [{y: 1.0} for y in later]
    if later[0] != year:
        before = max(y for y in horizon.years if y < year)
        part = (year - before) / (later[0] - before)
        out.insert(0, {before: 1.0 - part, later[0]: part})
    return out


def _amount(model: PlanModel, measure: Measure) -> tuple[linopy.LinearExpression, xr.DataArray]:
    """Stock of all parts of a measure and what is possible of it, by period."""
    stocks, whole = [], model.horizon.array([0.0] * len(model.periods))
    for part in measure.parts:
        stock = model.stock(part)
        others = [d for d in stock.dims if d != "period"]
        stocks.append(stock.sum(others) if others else 1.0 * stock)
        whole = whole + part.potential.sum([d for d in part.potential.dims if d != "period"])
    return add_up(stocks), whole


def _hold(
    model: PlanModel, floors: Sequence[Bound], ceilings: Sequence[Bound], give: Sequence[linopy.Variable] = ()
) -> None:
    """Hold floors and ceilings at every instant. ``give`` : one variable a bound, the share it may be missed by."""
    for i, (bound, sign) in enumerate([*((b, ">=") for b in floors), *((b, "<=") for b in ceilings)]):
        if bound.measure not in model.measures:
            raise ValueError(say("no system knows the measure '{measure}'", measure=bound.measure))
        stock, whole = _amount(model, model.measures[bound.measure])
        for k, weights in enumerate(instants(model.horizon, bound.year)):
            at = xr.DataArray(list(weights.values()), coords={"period": list(weights)}, dims="period")
            left = (stock.sel(period=list(weights)) * at).sum("period")
            most = float((whole.sel(period=list(weights)) * at).sum())
            if give:
                left = left + give[i].sum() * (most if sign == ">=" else -most)
            model.rule(f"group-{i}-{k}", left, sign, bound.share * most)


def _out_of_reach(
    inputs: Inputs, rules: Sequence[Rule], reference: Plan, floors: Sequence[Bound], ceilings: Sequence[Bound]
) -> list[str]:
    """One sentence for each floor or ceiling that cannot be held together with the rest, and how near one can come."""
    bounds = [*floors, *ceilings]
    if not bounds:
        return []
    model = pledged_model(inputs, rules=rules, reference=reference, relax=CLOSEST)
    one = pd.Index(["all"], name="bound")
    give = [model.variable(f"group-{i}-missed", [one], "share", "share missed", upper=1.0) for i in range(len(bounds))]
    _hold(model, floors, ceilings, give)
    model.lp.add_objective(add_up([1.0 * g.sum() for g in give]), overwrite=True)
    try:
        found = run(model).decisions
    except NoPlan:
        return []
    out = []
    for i, bound in enumerate(bounds):
        missed = float(np.asarray(found[f"group-{i}-missed"].values).sum())
        if missed > CLOSE:
            low = i < len(floors)
            near = bound.share - missed if low else bound.share + missed
            given = {
                "measure": bound.measure, "meaning": model.measures[bound.measure].meaning,
                "share": digits(bound.share, ".0%"), "year": bound.year, "near": digits(near, ".0%"),
            }  # fmt: skip
            out.append(
                say(
                    "'{measure}' ({meaning}) cannot be at least {share} from {year} on: with everything else that "
                    "must hold, at most {near} is possible.",
                    **given,
                )
                if low
                else say(
                    "'{measure}' ({meaning}) cannot be at most {share} from {year} on: with everything else that "
                    "must hold, at least {near} is possible.",
                    **given,
                )
            )
    return out
