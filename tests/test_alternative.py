"""A plan that a group writes: its floors and ceilings hold, cost what they must, and fail in a sentence."""

import pytest

from mutirao.book.bundle import Plan
from mutirao.model.horizon import Horizon
from mutirao.plan.alternative import Bound, alternative, instants
from mutirao.plan.rules import rules_in_force
from mutirao.plan.solve import NoPlan
from tests.solved import small_inputs, small_plans

TRANSIT, PV = "mobility.transit", "power.rooftop_pv"


def solved(floors: list[Bound], ceilings: list[Bound]) -> Plan:
    rules, _ = rules_in_force(small_inputs().city)
    return alternative(small_inputs(), rules, small_plans().adopted, floors, ceilings, "ours", "Ours")


def share(plan: Plan, measure: str, year: int) -> float:
    """Share of what is possible, read as a straight line between milestones."""
    table = plan.measures[plan.measures["measure"] == measure].set_index("period")
    amount, most = plan.yearly(table["amount"]), plan.yearly(table["potential"])
    return float(amount[year] / most[year])


def test_the_moments_of_a_bound_are_the_year_itself_and_every_later_milestone() -> None:
    h = Horizon(2019, (2026, 2030, 2035, 2050), 0.03)
    assert instants(h, 2030) == [{2030: 1.0}, {2035: 1.0}, {2050: 1.0}]
    assert instants(h, 2032) == [{2030: pytest.approx(0.6), 2035: pytest.approx(0.4)}, {2035: 1.0}, {2050: 1.0}]
    for year in (2026, 2051, 2019):
        with pytest.raises(ValueError, match="decides after 2026 and ends in 2050"):
            instants(h, year)


def test_floors_and_ceilings_hold_from_their_year_on_and_never_lower_the_cost() -> None:
    free = small_plans().rules
    years = free.years
    high = share(free, PV, 2038)
    floor = Bound("buildings.light_retrofit", min(1.0, share(free, "buildings.light_retrofit", 2033) + 0.02), 2033)
    ceiling = Bound(PV, 0.5 * high, 2038)
    plan = solved([floor], [ceiling])
    for year in range(2033, years[-1] + 1):
        assert share(plan, floor.measure, year) >= floor.share - 1e-6
    for year in range(2038, years[-1] + 1):
        assert share(plan, PV, year) <= ceiling.share + 1e-6
    assert float(plan.meta["objective"]) >= float(free.meta["objective"]) * (1 - 1e-7)
    assert plan.meta["floors"] == [{"measure": floor.measure, "share": floor.share, "year": 2033}]
    assert [r["name"] for r in plan.meta["rules"]] == [r["name"] for r in free.meta["rules"]]


def test_a_wish_that_is_met_anyway_costs_nothing() -> None:
    free = small_plans().rules
    last = free.years[-1]
    kept = Bound(TRANSIT, max(share(free, TRANSIT, last) - 1e-6, 0.0), last)
    plan = solved([kept], [])
    assert float(plan.meta["objective"]) == pytest.approx(float(free.meta["objective"]), rel=1e-6)


def test_what_cannot_be_reached_is_said_with_how_near_one_can_come() -> None:
    with pytest.raises(NoPlan, match=r"'buildings.light_retrofit' .* cannot be at least 90% from 2030 on: .* at most"):
        solved([Bound("buildings.light_retrofit", 0.9, 2030)], [])
    with pytest.raises(NoPlan, match="is possible"):
        solved([Bound(TRANSIT, 0.3, 2035)], [Bound(TRANSIT, 0.1, 2030)])


def test_a_measure_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="no system knows the measure 'flying'"):
        solved([Bound("flying", 0.1, 2035)], [])
