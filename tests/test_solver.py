"""Only what is optimal, and found so by our own check, is a plan; and prices are what a re-solve says they are."""

from itertools import product
from types import SimpleNamespace

import highspy
import numpy as np
import pytest
import xarray as xr

from mutirao.model.planmodel import PlanModel
from mutirao.plan import solve
from mutirao.plan.build import given_model, pledged_model
from mutirao.plan.rules import NO_WORSE, SHARE, rules_in_force
from mutirao.plan.solve import NoPlan, Outcome, closest_plan, residuals, run, set_objective, solve_plan
from tests.planned_cities import inputs_of, shares, two_zones

INF = highspy.kHighsInf


def diet() -> highspy.Highs:
    """min 2x + 3y, x + y >= 4, x - y = 1, x <= 3: solved, optimum x = 2.5, y = 1.5."""
    h = highspy.Highs()
    h.setOptionValue("output_flag", False)
    h.addVars(2, np.array([0.0, 0.0]), np.array([3.0, INF]))
    h.changeColsCost(2, np.array([0, 1], dtype=np.int32), np.array([2.0, 3.0]))
    h.addRow(4.0, INF, 2, np.array([0, 1], dtype=np.int32), np.array([1.0, 1.0]))
    h.addRow(1.0, 1.0, 2, np.array([0, 1], dtype=np.int32), np.array([1.0, -1.0]))
    h.run()
    return h


def altered(**changes: list[float]) -> SimpleNamespace:
    """The solved problem with another word on its solution."""
    h = diet()
    found = h.getSolution()
    kept = {k: list(getattr(found, k)) for k in ("col_value", "row_value", "col_dual", "row_dual")}
    x = changes.get("col_value", kept["col_value"])
    info = SimpleNamespace(objective_function_value=2 * x[0] + 3 * x[1])
    return SimpleNamespace(
        getLp=h.getLp, getSolution=lambda: SimpleNamespace(**{**kept, **changes}), getInfo=lambda: info,
        getNumRow=h.getNumRow, getNumCol=h.getNumCol,
    )  # fmt: skip


@pytest.fixture(scope="module")
def ruled(tmp_path_factory: pytest.TempPathFactory) -> PlanModel:
    inputs = inputs_of(two_zones(tmp_path_factory.mktemp("cities") / "two"))
    adopted = closest_plan(given_model(inputs, shares(inputs.horizon.years)), "adopted", "as adopted")
    on, _ = rules_in_force(inputs.city)
    model = pledged_model(inputs, rules=on, reference=adopted)
    set_objective(model)
    return model


def outcome_of(model: PlanModel) -> Outcome:
    found = run(model)
    return found.outcome


# ---- the gate ------------------------------------------------------------------------------------------------
def test_a_right_solution_passes() -> None:
    worst, gap = residuals(diet())
    assert worst <= 1e-9
    assert gap <= 1e-9


@pytest.mark.parametrize(
    "wrong",
    [
        {"col_value": [2.0, 1.0], "row_value": [3.0, 1.0]},  # a row is missed
        {"col_value": [3.5, 2.5], "row_value": [6.0, 1.0]},  # a bound is broken
        {"col_value": [2.0, 1.0]},  # the rows' activity is not that of the columns
    ],
)
def test_a_wrong_primal_solution_is_noticed(wrong: dict[str, list[float]]) -> None:
    assert residuals(altered(**wrong))[0] > 1e-3  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong",
    [
        {"col_value": [3.0, 2.0], "row_value": [5.0, 1.0]},  # feasible and too dear
        {"row_dual": [0.0, 0.0], "col_dual": [0.0, 0.0]},  # prices of nothing
    ],
)
def test_a_solution_that_is_not_optimal_is_noticed(wrong: dict[str, list[float]]) -> None:
    assert residuals(altered(**wrong))[1] > 1e-3  # type: ignore[arg-type]


def test_an_infeasible_model_is_no_plan(ruled: PlanModel) -> None:
    row = ruled.lp.constraints["pledge-path"]
    kept = row.rhs.copy()
    try:
        row.update(rhs=xr.full_like(kept, -1e3))
        with pytest.raises(NoPlan) as stop:
            run(ruled)
    finally:
        row.update(rhs=kept)
    assert stop.value.status == "infeasible"


def test_an_unknown_is_never_a_plan(ruled: PlanModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solve, "status_of", lambda handle: "unknown")
    with pytest.raises(NoPlan, match="unknown"):
        run(ruled)


def test_after_an_unknown_the_next_rung_is_tried(ruled: PlanModel, monkeypatch: pytest.MonkeyPatch) -> None:
    words = iter(["unknown"])
    honest = solve.status_of
    monkeypatch.setattr(solve, "status_of", lambda handle: next(words, honest(handle)))
    found = outcome_of(ruled)
    assert found.status == "optimal"
    assert found.method == solve.LADDER["small"][1]["solver"]


def test_optimal_by_its_own_word_is_not_enough(ruled: PlanModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solve, "residuals", lambda handle: (1e-3, 0.0))
    with pytest.raises(NoPlan, match="residual"):
        run(ruled)
    monkeypatch.setattr(solve, "residuals", lambda handle: (0.0, 1e-3))
    with pytest.raises(NoPlan, match="gap"):
        run(ruled)


def test_other_use_of_the_solver_in_the_process_does_no_harm(ruled: PlanModel) -> None:
    """HiGHS keeps one pool of threads in a process; a run that asks for another number ends as 'not set'."""
    highspy.Highs.resetGlobalScheduler(True)
    try:
        h = highspy.Highs()
        h.setOptionValue("output_flag", False)
        h.setOptionValue("threads", 1)
        h.addVar(0.0, 1.0)
        h.run()
        assert outcome_of(ruled).status == "optimal"
    finally:
        highspy.Highs.resetGlobalScheduler(True)


# ---- the ladder ----------------------------------------------------------------------------------------------
def test_the_ladder_is_chosen_by_rows(ruled: PlanModel, monkeypatch: pytest.MonkeyPatch) -> None:
    small = outcome_of(ruled)
    assert small.rows <= solve.SIMPLEX_ROWS
    assert small.method == "simplex"
    monkeypatch.setattr(solve, "SIMPLEX_ROWS", small.rows - 1)
    large = outcome_of(ruled)
    assert large.method == "ipx"
    assert large.objective == pytest.approx(small.objective, rel=1e-7)


def test_no_rung_uses_a_first_order_method() -> None:
    """PDLP stops at loose tolerances; no rung may ask for it, and the last one must be able to give a vertex."""
    for rungs in solve.LADDER.values():
        assert {r["solver"] for r in rungs} <= {"simplex", "ipx"}
        assert rungs[-1]["solver"] == "simplex" or rungs[-1].get("run_crossover") == "on"


# ---- the solver itself ---------------------------------------------------------------------------------------
MIXED = [
    # cost, upper bound, integer?, row, least
    ([2.0, 3.0], [10.0, 10.0], [False, True], [1.0, 1.0], 4.5),
    ([2.0, 1.0], [1.0, 20.0], [True, False], [2.0, 1.0], 10.0),
    ([2.0, 3.0, 2.5], [3.0, 10.0, 4.0], [False, True, True], [1.0, 1.0, 1.0], 5.5),
]


@pytest.mark.parametrize("case", MIXED)
def test_small_mixed_integer_problems_are_solved_right(case: tuple[list[float], ...]) -> None:
    """HiGHS 1.14.0 called a wrong corner of such covering rows optimal (HiGHS issues 2957, 3043; linopy 648)."""
    cost, upper, integer, row, least = case
    h = highspy.Highs()
    h.setOptionValue("output_flag", False)
    n = len(cost)
    h.addVars(n, np.zeros(n), np.array(upper))
    h.changeColsCost(n, np.arange(n, dtype=np.int32), np.array(cost))
    kinds = [highspy.HighsVarType.kInteger if i else highspy.HighsVarType.kContinuous for i in integer]
    for i, kind in enumerate(kinds):
        h.changeColIntegrality(i, kind)
    h.addRow(least, INF, n, np.arange(n, dtype=np.int32), np.array(row))
    h.run()
    assert h.getModelStatus() == highspy.HighsModelStatus.kOptimal
    # By hand: every choice of the integers; the one continuous quantity then covers what is left.
    free = integer.index(False)
    best = np.inf
    for pick in product(*(range(int(u) + 1) if i else (0,) for u, i in zip(upper, integer, strict=True))):
        short = max(least - sum(a * x for a, x in zip(row, pick, strict=True)), 0.0) / row[free]
        if short <= upper[free]:
            best = min(best, sum(c * x for c, x in zip(cost, pick, strict=True)) + cost[free] * short)
    assert h.getInfo().objective_function_value == pytest.approx(best)


# ---- prices --------------------------------------------------------------------------------------------------
LIMITS = [
    "pledge-path",
    "neutrality",
    "carbon-budget",
    "mobility-heavy-sales",
    "cash-city",
    "retrofit-workforce",
    f"rule-{NO_WORSE}",
    f"rule-{SHARE}",
]


@pytest.mark.parametrize("name", LIMITS)
def test_prices_are_what_a_re_solve_says(ruled: PlanModel, name: str) -> None:
    """The dual of each binding entry is the change of cost per unit of its right-hand side, sign and size.

    Cost is convex in a right-hand side: the dual lies between the slopes to the left and to the right.
    """
    other = ruled.lp.constraints[f"rule-{NO_WORSE}"]
    row = ruled.lp.constraints[name]
    kept, others = row.rhs.copy(), other.rhs.copy()
    sign = -1.0 if str(row.sign.values.ravel()[0]) == "<=" else 1.0
    try:
        if name == f"rule-{SHARE}":  # alone: under the first rule it has nothing left to ask
            other.update(rhs=xr.full_like(others, 1e6))
        dual = run(ruled).duals[name]
        assert (dual.values * sign >= -1e-9).all(), "a tighter limit never pays"
        flat = np.abs(dual.values).ravel()
        checked = 0
        for at in np.argsort(-flat)[:2]:
            if flat[at] <= 1e-6:
                continue
            step, found = 1e-4, []
            for move in (-step, 0.0, step):
                moved = kept.values.copy()
                moved.reshape(-1)[at] += move
                row.update(rhs=kept.copy(data=moved))
                found.append(outcome_of(ruled).objective)
            below, above = (found[1] - found[0]) / step, (found[2] - found[1]) / step
            small = 1e-3 * flat[at]
            assert below - small <= float(dual.values.ravel()[at]) <= above + small
            assert above - below <= 0.05 * flat[at], "at a kink a price is a range, and this test would show nothing"
            checked += 1
        assert checked
    finally:
        row.update(rhs=kept)
        other.update(rhs=others)


def test_printed_prices_are_in_money_of_their_year(ruled: PlanModel) -> None:
    """The table divides by the discounted years that a milestone stands for; a budget over all years stays whole."""
    plan = solve_plan(ruled, "rules", "under the rules")
    weight = plan.weight("discount_weight")
    table = plan.duals[plan.duals["price"] > 1e-9]
    assert {"pledge-path", f"rule-{NO_WORSE}"} <= set(table["limit"])
    for row in table.to_dict("records"):
        expected = abs(row["dual"]) / (weight[row["period"]] if "period" in row["at"] else 1.0)
        assert row["price"] == pytest.approx(expected, rel=1e-12)
