"""Solve a model and accept only what is optimal: solver ladder, status gate, residual check, the plan as data."""

import platform
import time
from collections.abc import Mapping, Sequence, Set
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any

import highspy
import linopy
import numpy as np
import pandas as pd
import scipy.sparse as sp
import xarray as xr

from mutirao import __version__
from mutirao.book.bundle import Plan, term_tables
from mutirao.ground.findings import Stop
from mutirao.ground.speech import say, together, word
from mutirao.model.baseyear import grid_path
from mutirao.model.homecells import home_facts
from mutirao.model.planmodel import PlanModel
from mutirao.plan.identity import plan_id
from mutirao.plan.reach import reach_table
from mutirao.plan.targets import pledge_path

#: rows up to which the simplex is asked first; above, interior point without crossover (docs/optimisation.md).
SIMPLEX_ROWS = 50_000
LADDER = {
    "small": ({"solver": "simplex"}, {"solver": "ipx", "run_crossover": "on"}),
    "large": (
        {"solver": "ipx", "run_crossover": "off"}, {"solver": "ipx", "run_crossover": "on"}, {"solver": "simplex"},
    ),
}  # fmt: skip
TOLERANCE = 1e-6
#: Duals below this are rounding of the solver (its own dual tolerance), not prices.
DUAL_ZERO = 1e-7


class NoPlan(Stop):
    """No plan exists, or none that passes the checks; ``status`` is the solver's word, ``sentences`` say why."""

    exit_code = 3

    def __init__(self, status: str, sentences: Sequence[str] = ()):
        self.status = status
        said = list(sentences) or [say("The solver ended with '{status}'.", status=status)]
        super().__init__(together(word("No plan exists."), *said))


@dataclass(frozen=True)
class Outcome:
    """How a solve ended."""

    status: str
    method: str
    objective: float
    rows: int
    columns: int
    nonzeros: int
    residual: float
    gap: float
    seconds_solve: float


def set_objective(model: PlanModel) -> float:
    """Discounted payments to the outside plus welfare, plus the penalty of relaxed limits. Returns the given part."""
    weight = model.horizon.discount_weight
    total = model.outside_payments()
    if total.expression is None:
        raise ValueError("the model has no cost to minimise")
    expression = (total.expression * weight).sum("period")
    price = model.given("shortfall_price") * 1e-3  # M per kt
    for name, slack in model.slacks.items():
        expression = expression + _penalty(model, name, slack, price)
    model.lp.add_objective(expression, overwrite=True)
    return float((total.given * weight).sum())


def _penalty(model: PlanModel, name: str, slack: linopy.Variable, price: float) -> linopy.LinearExpression:
    weight: float | xr.DataArray = 1.0
    if "period" in slack.dims:
        weight = model.horizon.discount_weight.sel(period=list(slack.indexes["period"]))
    return (slack * (weight * price)).sum()


@dataclass(frozen=True)
class Solution:
    """A solved model: how it ended, every variable's values and every limit's dual, labelled."""

    outcome: Outcome
    decisions: dict[str, xr.DataArray]
    duals: dict[str, xr.DataArray]


def hand_over(model: PlanModel) -> highspy.Highs:
    """Give the model's arrays to a fresh solver, silent from the first call on."""
    matrices = model.lp.matrices
    handle = highspy.Highs()  # type: ignore[no-untyped-call]  # highspy types its methods, not its constructor
    handle.setOptionValue("output_flag", False)
    handle.addVars(len(matrices.vlabels), matrices.lb, matrices.ub)
    cost = matrices.c
    handle.changeColsCost(len(cost), np.arange(len(cost), dtype=np.int32), cost)
    rows, b, sense = matrices.A, matrices.b, matrices.sense
    if rows is None:
        raise ValueError("the model has no row: there is nothing to solve")
    a = rows.tocsr()
    low, high = np.where(sense != "<", b, -np.inf), np.where(sense != ">", b, np.inf)
    handle.addRows(a.shape[0], low, high, a.nnz, a.indptr, a.indices, a.data)
    return handle


def penalty_of(model: PlanModel, decisions: Mapping[str, xr.DataArray]) -> float:
    """The part of the objective that only prices missed promises; it is nobody's cost.

    Slack of every family is charged the same per unit: the size only decides which limit gives way.
    """
    price = model.given("shortfall_price") * 1e-3
    total = 0.0
    for name in model.slacks:
        slack = decisions[f"slack-{name}"]
        weight: float | xr.DataArray = 1.0
        if "period" in slack.dims:
            weight = model.horizon.discount_weight.sel(period=slack["period"].values)
        total += float((slack * weight * price).sum())
    return total


def run(model: PlanModel) -> Solution:
    """Solve by the ladder. Raises NoPlan when infeasible, or when no rung passes status gate and residual check."""
    handle = hand_over(model)
    rows = handle.getNumRow()
    last = "not run"
    for options in LADDER["small" if rows <= SIMPLEX_ROWS else "large"]:
        for key, value in options.items():
            handle.setOptionValue(key, value)
        began = time.perf_counter()
        if handle.run() == highspy.HighsStatus.kError:
            # The solver keeps one pool of threads for the whole process; a pool of another size, left by somebody
            # else's solve, makes it refuse. A fresh pool and one more try.
            highspy.Highs.resetGlobalScheduler(True)
            handle.run()
        seconds = time.perf_counter() - began
        last = status_of(handle)
        if last in ("infeasible", "unbounded", "infeasible or unbounded"):
            raise NoPlan(last)
        if last != "optimal":
            continue
        residual, gap = residuals(handle)
        if residual <= TOLERANCE and gap <= TOLERANCE:
            objective = float(handle.getInfo().objective_function_value)
            outcome = Outcome(
                last, str(options["solver"]), objective, rows, handle.getNumCol(), handle.getNumNz(), residual, gap,
                seconds,
            )  # fmt: skip
            return _labelled(model, handle, outcome)
        last = f"optimal by its own word, but residual {residual:.1e} and gap {gap:.1e}"
    raise NoPlan(last)


def status_of(handle: highspy.Highs) -> str:
    """The solver's own word, lower case: "optimal", "infeasible", "unknown", "time limit reached" ..."""
    word = str(handle.modelStatusToString(handle.getModelStatus())).lower()
    return "infeasible or unbounded" if "infeasible" in word and "unbounded" in word else word


def _labelled(model: PlanModel, handle: highspy.Highs, outcome: Outcome) -> Solution:
    found, matrices = handle.getSolution(), model.lp.matrices
    values = _by_label(matrices.vlabels, np.array(found.col_value))
    prices = _by_label(matrices.clabels, np.array(found.row_dual))
    decisions = {n: _fill(model.lp.variables[n].labels, values) for n in model.variables}
    duals = {n: _fill(model.lp.constraints[n].labels, prices) for n in model.limits}
    return Solution(outcome, decisions, duals)


def _by_label(labels: np.ndarray, values: np.ndarray) -> np.ndarray:
    out = np.full(int(labels.max()) + 1 if len(labels) else 0, np.nan)
    out[labels] = values
    return out


def _fill(labels: xr.DataArray, values: np.ndarray) -> xr.DataArray:
    """Values at an array of labels; what the solver never saw is missing."""
    at = labels.values
    known = (at >= 0) & (at < len(values))
    out = np.where(known, values[np.where(known, at, 0)], np.nan)
    return xr.DataArray(out, coords=labels.coords, dims=labels.dims)


def residuals(handle: highspy.Highs) -> tuple[float, float]:
    """Our own check of a solution, by our own arithmetic from the matrix.

    Returns the largest violation of a row, a bound or a reduced cost, relative to its size, and the relative gap
    between the objective and its dual bound.
    """
    lp, found = handle.getLp(), handle.getSolution()
    held = lp.a_matrix_
    shape = (lp.num_row_, lp.num_col_)
    kind = sp.csc_matrix if held.format_ == highspy.MatrixFormat.kColwise else sp.csr_matrix
    a = kind((np.array(held.value_), np.array(held.index_), np.array(held.start_)), shape=shape)
    x, y, z = np.array(found.col_value), np.array(found.row_dual), np.array(found.col_dual)
    cost = np.array(lp.col_cost_)
    rows = (np.array(lp.row_lower_), np.array(lp.row_upper_))
    bounds = (np.array(lp.col_lower_), np.array(lp.col_upper_))
    worst = max(_violation(a @ x, *rows), _violation(x, *bounds))
    stationary = np.abs(cost - a.T @ y - z) / np.maximum(1.0, np.abs(cost))
    worst = max(worst, float(stationary.max(initial=0.0)))
    gap = abs(float(cost @ x) - _dual_objective(y, *rows) - _dual_objective(z, *bounds))
    return worst, gap / max(1.0, abs(float(cost @ x)))


def _violation(value: np.ndarray, low: np.ndarray, high: np.ndarray) -> float:
    below = np.where(np.isfinite(low), low - value, 0.0)
    above = np.where(np.isfinite(high), value - high, 0.0)
    return float((np.maximum(below, above) / np.maximum(1.0, np.abs(value))).max(initial=0.0))


def _dual_objective(dual: np.ndarray, low: np.ndarray, high: np.ndarray) -> float:
    """Bound that the duals prove; a dual on a side that is infinite proves nothing and is infinite itself."""
    side = np.where(dual > 0, low, high)
    used = np.abs(dual) > DUAL_ZERO
    if not np.isfinite(side[used]).all():
        return -np.inf
    return float((dual[used] * side[used]).sum())


def solve_plan(model: PlanModel, name: str, title: str, **notes: Any) -> Plan:
    """Set the objective, solve, and return the plan as data. Raises NoPlan."""
    given = set_objective(model)
    return plan_of(model, run(model), given, name, title, notes)


def plan_of(
    model: PlanModel, solution: Solution, given: float, name: str, title: str, notes: Mapping[str, Any]
) -> Plan:
    """The plan as data; ``given`` is the part of the objective that no decision moves."""
    decisions = solution.decisions
    terms, cells = term_tables(model.terms, decisions, model.horizon.periods)
    return Plan(
        name,
        title,
        terms,
        cells,
        _drivers(model),
        _measures(model, decisions),
        _duals(model, solution.duals),
        _limits(model, decisions),
        home_facts(model.city, model.parameters, model.base),
        decisions,
        _meta(model, solution.outcome, given, penalty_of(model, decisions), notes),
        reach_table(model, decisions),
    )


def closest_plan(model: PlanModel, name: str, title: str, **notes: Any) -> Plan:
    """Solve with every promise kept; when that cannot be, the plan that misses them least dearly.

    ``model`` carries slack on the families it may relax. The slack is opened in stages and only as far as needed:
    first all but neutrality, then neutrality too; the plan's meta then names the families as ``closest``.
    Raises NoPlan when there is not even such a plan.
    """
    given = set_objective(model)
    last = {"neutrality"}
    for opened in (set(), model.relax - last, set(model.relax)):
        _open_slack(model, opened)
        try:
            solution = run(model)
        except NoPlan as stop:
            if not stop.status.startswith("infeasible"):
                raise
            continue
        extra = {"closest": sorted(opened)} if opened else {}
        return plan_of(model, solution, given, name, title, {**notes, **extra})
    raise NoPlan("infeasible")


def _open_slack(model: PlanModel, families: Set[str]) -> None:
    """Let the slack of these families be used and hold all other slack at zero."""
    for name, slack in model.slacks.items():
        wide = model.limits[name].family in families
        slack.upper = xr.full_like(slack.upper, np.inf if wide else 0.0)


def _drivers(model: PlanModel) -> pd.DataFrame:
    rows = [
        {
            "name": p.name, "value": p.value, "low": p.low, "high": p.high, "unit": p.unit, "kind": p.kind,
            "source": p.source, "note": p.note, "system": p.system,
            "steps": "; ".join(f"{s.layer}: {s.value:.6g} ({s.source})" for s in p.steps),
        }
        for p in model.parameters.values()
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _measures(model: PlanModel, decisions: dict[str, xr.DataArray]) -> pd.DataFrame:
    rows = []
    for m in model.measures.values():
        amount = potential = model.horizon.array([0.0] * len(model.periods))
        for part in m.parts:
            stock = decisions[part.variable]
            stock = stock.sel(dict(part.select), drop=True) if part.select else stock
            amount = amount + stock.sum([d for d in stock.dims if d != "period"])
            potential = potential + part.potential.sum([d for d in part.potential.dims if d != "period"])
        for y in model.horizon.periods:
            # A stock a rounding below zero is nothing.
            have, most = max(float(amount.sel(period=y)), 0.0), float(potential.sel(period=y))
            rows.append({"measure": m.name, "period": y, "amount": have, "potential": most,
                         "share": have / most if most else 0.0, "unit": m.unit, "meaning": m.meaning,
                         "power": m.power})  # fmt: skip
    return pd.DataFrame(rows)


def _duals(model: PlanModel, duals: Mapping[str, xr.DataArray]) -> pd.DataFrame:
    """Price of every limit: what one unit less of it costs, in money of the year it binds in."""
    rows = []
    for name, limit in model.limits.items():
        for at, value in _entries(duals[name]):
            period = int(at["period"]) if "period" in at else model.horizon.start
            weight = float(model.horizon.discount_weight.sel(period=period)) if "period" in at else 1.0
            rows.append({"limit": name, "family": limit.family, "period": period,
                         "at": " ".join(f"{k}={v}" for k, v in at.items()), "dual": value,
                         "price": abs(value) / weight if weight else 0.0, "unit": limit.unit})  # fmt: skip
    return pd.DataFrame(rows, columns=["limit", "family", "period", "at", "dual", "price", "unit"])


def _entries(array: xr.DataArray) -> list[tuple[dict[str, Any], float]]:
    if not array.dims:
        return [({}, float(array))]
    series = array.to_series().dropna()
    names = [str(n) for n in series.index.names]
    return [
        (dict(zip(names, key if isinstance(key, tuple) else (key,), strict=True)), float(v))
        for key, v in series.items()
    ]


def _limits(model: PlanModel, decisions: dict[str, xr.DataArray]) -> pd.DataFrame:
    rows = []
    for name, limit in model.limits.items():
        slack = decisions.get(f"slack-{name}")
        missed = float(slack.max()) if slack is not None else 0.0
        rows.append({"limit": name, "family": limit.family, "unit": limit.unit, "meaning": limit.meaning,
                     "missed": missed})  # fmt: skip
    return pd.DataFrame(rows, columns=["limit", "family", "unit", "meaning", "missed"])


def _meta(
    model: PlanModel, outcome: Outcome, given: float, penalty: float, notes: Mapping[str, Any]
) -> dict[str, Any]:
    s, h = model.city.settings, model.horizon
    periods = [str(y) for y in h.periods]
    path = pledge_path(model)
    versions = {n: version(n) for n in ("linopy", "highspy", "numpy", "pandas", "xarray")}
    versions |= {"mutirao": __version__, "python": platform.python_version()}
    return {
        "city": {
            "name": s.name, "id": s.id, "country": s.country, "currency": s.currency, "price_year": s.price_year,
            "boundary": s.boundary, "demonstration": s.demonstration, "note": s.note,
            "zones": model.city.zones.to_dict("records"),
            "groups": [asdict(g) for g in s.groups],
            "pledge": asdict(s.pledge),
            "designation": asdict(s.designation) if s.designation else None,
        },
        "base_year": h.base, "years": list(h.years), "discount_rate": h.discount_rate,
        "year_weight": dict(zip(periods, h.year_weight.values.tolist(), strict=True)),
        "discount_weight": dict(zip(periods, h.discount_weight.values.tolist(), strict=True)),
        "interval": dict(zip(periods, h.interval.values.tolist(), strict=True)),
        "path": {str(y): float(path.sel(period=y)) for y in h.periods if np.isfinite(float(path.sel(period=y)))},
        "grid_factor": dict(zip(periods, _grid(model), strict=True)),
        "objective": outcome.objective + given,
        "cost": outcome.objective + given - penalty,
        "solve": asdict(outcome),
        "base_notes": list(model.base.notes),
        "versions": versions,
        **notes,
        "id": plan_id(model, notes, {"versions": versions, "solver": LADDER, "tolerance": TOLERANCE}),
    }  # fmt: skip


def _grid(model: PlanModel) -> list[float]:
    path = grid_path(model.city, np.array(model.horizon.periods, float))
    return [float(v) * model.given("grid_factor_scale") for v in path]
