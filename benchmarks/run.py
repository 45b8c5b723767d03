"""Benchmarks: ratios measured side by side in one run; seconds only beside a fixed reference workload.

Run with `make bench` (or `python -m benchmarks.run --growth 22 64` for a part of it).
"""

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import highspy
import numpy as np
import pandas as pd
import polars as pl
import scipy.sparse as sp

from benchmarks.raking import raking
from mutirao.book.bundle import Plan
from mutirao.book.draws import aggregate, evaluate, sample
from mutirao.city.folder import City, read_city
from mutirao.model.planmodel import PlanModel
from mutirao.model.system import installed_systems
from mutirao.plan.build import Inputs, given_model, pledged_model
from mutirao.plan.inputs import declared_variables, horizon_of, parameters_of, time_of
from mutirao.plan.pipeline import CLOSEST, given_plans, pledged_plan
from mutirao.plan.rules import rules_in_force
from mutirao.plan.solve import closest_plan, hand_over, run, set_objective, solve_plan

ROOT = Path(__file__).resolve().parent.parent
DRAWS = 10_000


T = TypeVar("T")


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Seconds and result of a piece of work."""
    began = time.perf_counter()
    out = work()
    return time.perf_counter() - began, out


def reference_lp() -> float:
    """Seconds of a fixed workload: a random sparse transport-like LP, 1 000 x 3 000, simplex."""
    rng = np.random.default_rng(7)
    n, m = 3_000, 1_000
    rows = rng.integers(0, m, 5 * n)
    a = sp.csr_matrix((rng.uniform(0.5, 1.5, 5 * n), (rows, np.repeat(np.arange(n), 5))), shape=(m, n))
    h = highspy.Highs()
    h.setOptionValue("output_flag", False)
    h.setOptionValue("solver", "simplex")
    h.addVars(n, np.zeros(n), np.full(n, np.inf))
    h.changeColsCost(n, np.arange(n, dtype=np.int32), rng.uniform(1, 2, n))
    low = rng.uniform(1, 2, m) * (np.diff(a.indptr) > 0)
    h.addRows(m, low, np.full(m, np.inf), a.nnz, a.indptr, a.indices, a.data)
    return timed(h.run)[0]


def inputs_of(city: City) -> Inputs:
    systems = tuple(installed_systems())
    return Inputs(city, systems, parameters_of(city, systems), horizon_of(city, "quick"), time_of(city, "quick"))


def boston() -> Inputs:
    return inputs_of(read_city(ROOT / "cities" / "boston", declared_variables(installed_systems())))


def three_solves(inputs: Inputs) -> Plan:
    """Business as adopted, least cost, the plan under the rules."""
    _, adopted = given_plans(inputs)
    pledged_plan(inputs, "least_cost")
    rules, _ = rules_in_force(inputs.city)
    return pledged_plan(inputs, "rules", rules, adopted)


def build_against_solve(inputs: Inputs) -> tuple[float, float, tuple[int, int, int]]:
    """Seconds to state the plan under the rules and hand it over, and to solve it."""
    adopted = solve_plan(given_model(inputs, {}), "adopted", "")
    rules, _ = rules_in_force(inputs.city)

    def build() -> object:
        model = pledged_model(inputs, rules=rules, reference=adopted, relax=CLOSEST)
        set_objective(model)
        return model

    stated, model = timed(build)
    given, handle = timed(lambda: hand_over(model))
    size = (handle.getNumRow(), handle.getNumCol(), handle.getNumNz())
    outcome = run(model).outcome
    return stated + given, outcome.seconds_solve, size


def draws_against_others(plan: Plan) -> dict[str, float]:
    """Seconds per scenario of the whole book by account, payer and period: ours, plain numpy, polars.

    The same drawn drivers for all three; ours and numpy answer all draws at once, polars one draw at a time with an
    idiomatic join + group-by.
    """
    by = ["account", "payer", "period"]
    values = sample(plan, DRAWS)
    rows = plan.book
    whole, ours = timed(lambda: evaluate(aggregate(plan, rows, by), values))

    factor_rows = _driver_rows(plan)
    quantity = (plan.cells["quantity"] * plan.cells["path"]).to_numpy()
    cells = pl.from_pandas(rows[["term", *by]]).with_columns(quantity=pl.Series(quantity))
    names = list(values)

    def with_polars(i: int) -> pl.DataFrame:
        scenario = pl.DataFrame({"driver": names, "value": [float(values[n][i]) for n in names]})
        factors = (
            factor_rows.join(scenario, on="driver", how="left")
            .with_columns(part=pl.when(pl.col("power") > 0).then(pl.col("value")).otherwise(1 / pl.col("value")))
            .group_by("term")
            .agg(factor=pl.col("part").product())
        )
        return (
            cells.join(factors, on="term", how="left")
            .with_columns(value=pl.col("quantity") * pl.col("factor").fill_null(1.0))
            .group_by(by)
            .agg(pl.col("value").sum())
            .sort(by)
        )

    if not np.allclose(with_polars(3)["value"].to_numpy(), ours[3], rtol=1e-9):
        raise ValueError("polars and the book disagree")
    n = 30
    polars_s, _ = timed(lambda: [with_polars(i) for i in range(n)])

    def with_numpy() -> np.ndarray:
        terms, at = np.unique(rows["term"], return_inverse=True)
        keys = rows.groupby(by).ngroup().to_numpy()
        matrix = np.zeros((len(terms), keys.max() + 1))
        np.add.at(matrix, (at, keys), quantity)
        place = {int(t): j for j, t in enumerate(terms)}
        factors = np.ones((DRAWS, len(terms)))
        for term, driver, power in factor_rows.iter_rows():
            if term in place:
                factors[:, place[term]] *= values[driver] if power > 0 else 1.0 / values[driver]
        return np.asarray(factors @ matrix)

    numpy_s, plain = timed(with_numpy)
    if not np.allclose(plain, ours, rtol=1e-9):
        raise ValueError("numpy and the book disagree")
    return {"whole": whole, "ours": whole / DRAWS, "numpy": numpy_s / DRAWS, "polars": polars_s / n}


def _driver_rows(plan: Plan) -> pl.DataFrame:
    rows = [
        (int(n), part.split(":")[0], int(part.split(":")[1]))
        for n, text in plan.terms["drivers"].items()
        for part in text.split()
    ]
    return pl.DataFrame(rows, schema=["term", "driver", "power"], orient="row")


EXTENSIVE = ("population", "households", "households_owner", "households_renter", "vehicles", "land_area")


def split(city: City, n: int) -> City:
    """The same city cut into n zones: each zone of the city becomes several equal ones."""
    parents = [city.zone_ids[i % len(city.zone_ids)] for i in range(n)]
    cut = pd.DataFrame({"parent": parents, "zone": [f"{p}-{i}" for i, p in enumerate(parents)]})
    pieces = cut["parent"].value_counts()
    frame = city.facts.frame
    whole = frame[frame["zone"] == "CITY"]
    parts = frame[frame["zone"] != "CITY"].rename(columns={"zone": "parent"}).merge(cut, on="parent")
    scale = np.where(parts["variable"].isin(EXTENSIVE), 1.0 / parts["parent"].map(pieces), 1.0)
    for column in ("value", "low", "high"):
        parts[column] = parts[column] * scale
    zones = city.zones.rename(columns={"zone": "parent"}).merge(cut, on="parent")[city.zones.columns]
    facts = replace(city.facts, frame=pd.concat([whole, parts[frame.columns]]), zone_ids=tuple(zones["zone"]))
    return replace(city, zones=zones, facts=facts)


def growth(city: City, sizes: list[int]) -> Iterator[tuple[int, float, float, int, int]]:
    """Seconds to state and to solve the least-cost plan of a city cut into n zones."""
    for n in sizes:
        inputs = inputs_of(split(city, n))

        def build(inputs: Inputs = inputs) -> PlanModel:
            model = pledged_model(inputs, relax=CLOSEST)
            set_objective(model)
            return model

        stated, model = timed(build)
        solve = closest_plan(model, "least_cost", "").meta["solve"]
        yield n, stated, solve["seconds_solve"], solve["rows"], solve["nonzeros"]


def rules_against_none(city: City, n: int) -> tuple[float, float, list[str], int, int]:
    """Seconds to solve a city cut into n zones without rules and under the rules it has set; names; rows of both."""
    inputs = inputs_of(split(city, n))
    adopted = solve_plan(given_model(inputs, {}), "adopted", "")
    rules, _ = rules_in_force(inputs.city)
    without = pledged_plan(inputs, "least_cost").meta["solve"]
    under = pledged_plan(inputs, "rules", rules, adopted).meta["solve"]
    names = [r.name for r in rules]
    return without["seconds_solve"], under["seconds_solve"], names, without["rows"], under["rows"]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--growth", nargs="*", type=int, default=[22, 64, 200, 500])
    parser.add_argument("--rules-at", type=int, default=200, help="zones at which rules are timed against none")
    given = parser.parse_args()
    sizes = given.growth
    print(f"reference LP (fixed workload): {reference_lp():.2f} s")
    inputs = boston()
    seconds, plan = timed(lambda: three_solves(inputs))
    print(f"Boston, three plans at quick: {seconds:.1f} s (target 60 s); reference LP again: {reference_lp():.2f} s")
    stated, solved, size = build_against_solve(inputs)
    print(f"stating / solving the plan under the rules: {stated:.2f} s / {solved:.2f} s = {stated / solved:.2f} "
          f"(target <= 2); {size[0]:,} rows, {size[1]:,} columns, {size[2]:,} non-zeros")  # fmt: skip
    d = draws_against_others(plan)
    print(f"fixed plan, {DRAWS:,} draws of the whole book by account, payer and period: {d['whole']:.3f} s "
          "(target 1 s)")  # fmt: skip
    print(f"  per scenario against polars join + group-by: {d['polars'] / d['ours']:,.0f} x (target >= 1000)")
    print(f"  per scenario against plain batched numpy over terms: {d['numpy'] / d['ours']:.1f} x")
    without, under, names, rows_0, rows_1 = rules_against_none(inputs.city, given.rules_at)
    print(f"rules at {given.rules_at} zones x {len(inputs.city.group_ids)} groups ({', '.join(names)}): solve "
          f"{under:.1f} s against {without:.1f} s without = {under / without:.2f} (target <= 1.5); "
          f"{rows_1:,} rows against {rows_0:,}", flush=True)  # fmt: skip
    first = None
    for n, stated, solved, rows, nonzeros in growth(inputs.city, sizes):
        first = first or (stated, solved)
        print(f"{n:4d} zones: state {stated:6.2f} s ({stated / first[0]:.1f} x), solve {solved:7.2f} s "
              f"({solved / first[1]:.1f} x), {rows:,} rows, {nonzeros:,} non-zeros", flush=True)  # fmt: skip
    for line in raking():
        print(line)
    print(f"reference LP at the end: {reference_lp():.2f} s")


if __name__ == "__main__":
    main()
