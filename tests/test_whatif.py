"""What-if: at central values the plan's own figures, at others those of its book computed anew."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from mutirao.book.bundle import Plan
from mutirao.report import tables
from mutirao.report.whatif import answer, fixed_plan, levers
from tests.solved import small_plans


def with_values(plan: Plan, values: dict[str, float]) -> Plan:
    """The same plan with other values of drivers: its book is computed anew from its cells."""
    rows = plan.drivers.to_dict("records")
    return replace(plan, drivers=plan.drivers.assign(value=[values.get(r["name"], r["value"]) for r in rows]))


def in_mean_year(plan: Plan) -> pd.Series:
    weight = plan.weight("year_weight").reindex(plan.years)
    return tables.household_bill(plan)[plan.years].mul(weight / weight.sum()).sum(axis=1)


def check(values: dict[str, float]) -> None:
    plans = small_plans()
    found = answer(fixed_plan(plans.rules, plans.adopted), values)
    plan, reference = with_values(plans.rules, values), with_values(plans.adopted, values)
    np.testing.assert_allclose(found.emissions.to_numpy(), tables.emissions(plan).to_numpy(), rtol=1e-9, atol=1e-9)
    assert found.extra_cost == pytest.approx(tables.cost(plan)[0] - tables.cost(reference)[0], rel=1e-8)
    pays = in_mean_year(plan)
    np.testing.assert_allclose(found.homes["pays"].reindex(pays.index), pays, rtol=1e-9)
    np.testing.assert_allclose(found.homes["more"].reindex(pays.index), pays - in_mean_year(reference), atol=1e-6)


def test_central_values_give_the_plan_itself() -> None:
    check({})


def test_other_values_give_the_book_computed_anew() -> None:
    plans = small_plans()
    strongest = levers(fixed_plan(plans.rules, plans.adopted), plans.rules)
    check({lever.name: lever.high for lever in strongest})
    check({strongest[0].name: strongest[0].low, strongest[-1].name: strongest[-1].low})


def test_levers_are_the_drivers_whose_ranges_move_most() -> None:
    plans = small_plans()
    fixed = fixed_plan(plans.rules, plans.adopted)
    found = levers(fixed, plans.rules, most=200)
    assert 3 < len(found) <= len(plans.rules.drivers)
    for lever in (found[0], found[-1]):
        ends = [answer(fixed, {lever.name: v}).extra_cost for v in (lever.low, lever.high)]
        assert ends[1] - ends[0] == pytest.approx(lever.cost, rel=1e-9, abs=1e-6)
    most = max(abs(lever.cost) for lever in found)
    named = {lever.name for lever in levers(fixed, plans.rules, most=3)}
    assert {lever.name for lever in found if abs(lever.cost) == most} & named


def test_a_name_that_is_no_driver_is_refused() -> None:
    plans = small_plans()
    with pytest.raises(KeyError, match="no_such_price"):
        answer(fixed_plan(plans.rules, plans.adopted), {"no_such_price": 1.0})
