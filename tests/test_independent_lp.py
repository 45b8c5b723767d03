"""The plan stated twice, by two hands: both linear programs must have the same optimum."""

from functools import cached_property
from pathlib import Path

import pytest

from mutirao.book.bundle import Plan
from mutirao.plan.build import given_model, pledged_model
from mutirao.plan.homecost import household_cost_of
from mutirao.plan.rules import rules_in_force
from mutirao.plan.solve import closest_plan, solve_plan
from tests import independent_lp
from tests.planned_cities import inputs_of, one_zone, shares, two_zones

STEPS = 6
RELATIVE = 1e-6


class Both:
    """A city in both statements."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.inputs = inputs_of(folder)
        self.years = self.inputs.horizon.years
        self.given = shares(self.years)
        self.adopted = closest_plan(given_model(self.inputs, self.given), "adopted", "as adopted")
        self.own = independent_lp.plan(folder, self.years, STEPS, given=self.given)

    @cached_property
    def free(self) -> independent_lp.Answer:
        """Our own plan of the pledge without rules."""
        return independent_lp.plan(self.folder, self.years, STEPS)

    def ruled(self, rules: list[str]) -> independent_lp.Answer:
        return independent_lp.plan(self.folder, self.years, STEPS, rules=rules, reference=self.own.bill)

    def zone(self, zone: str) -> str:
        return zone if zone != "CITY" else ""

    def bills(self, plan: Plan) -> dict[tuple[str, str, int], float]:
        found = household_cost_of(plan)
        return {(self.zone(z), g if g != "ALL" else "", y): v for (z, g, y), v in found.items() if y in self.years}


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Both:
    return Both(two_zones(tmp_path_factory.mktemp("cities") / "two"))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Both:
    return Both(one_zone(tmp_path_factory.mktemp("cities") / "one"))


@pytest.fixture(params=["large", "small"])
def both(request: pytest.FixtureRequest) -> Both:
    return request.getfixturevalue(request.param)


def test_business_as_adopted_costs_the_same(both: Both) -> None:
    assert both.own.objective == pytest.approx(both.adopted.meta["objective"], rel=RELATIVE)


def test_business_as_adopted_emits_the_same(both: Both) -> None:
    found = both.adopted.carbon(["basic", "removal"])
    for year, carbon in both.own.carbon.items():
        assert carbon == pytest.approx(found[year], rel=RELATIVE), year


def test_business_as_adopted_bills_households_the_same(both: Both) -> None:
    """With every measure held, what stands at a home is fixed and so is its bill: no degeneracy to choose from."""
    found = both.bills(both.adopted)
    assert set(found) == set(both.own.bill)
    for cell, bill in both.own.bill.items():
        assert bill == pytest.approx(found[cell], rel=RELATIVE), cell


def test_the_pledge_without_rules_costs_the_same(both: Both) -> None:
    theirs = solve_plan(pledged_model(both.inputs), "least_cost", "least cost")
    assert both.free.objective == pytest.approx(theirs.meta["objective"], rel=RELATIVE)
    assert theirs.meta["objective"] != pytest.approx(both.adopted.meta["objective"], rel=1e-3)


def test_the_pledge_under_rules_costs_the_same(both: Both) -> None:
    """Each statement takes the reference bills from its own plan of business as adopted."""
    on, _ = rules_in_force(both.inputs.city)
    model = pledged_model(both.inputs, rules=on, reference=both.adopted)
    theirs = solve_plan(model, "rules", "under the rules")
    ours = both.ruled([r.name for r in on])
    assert ours.objective == pytest.approx(theirs.meta["objective"], rel=RELATIVE)
    assert ours.objective >= both.free.objective * (1 - 1e-9)


@pytest.mark.parametrize("limit", ["pledge-path", "carbon-budget", "cash-city", "retrofit-workforce"])
def test_limits_bind_in_the_large_city(large: Both, limit: str) -> None:
    """A comparison of rows that cost nothing would compare nothing."""
    assert any(abs(v) > 1e-6 for k, v in large.free.duals.items() if k.startswith(limit))


@pytest.mark.parametrize(("rule", "row"), [("no_low_income_worse_off", "no-worse"), ("benefit_share", "benefit-share")])
def test_rules_bind_in_the_large_city(large: Both, rule: str, row: str) -> None:
    bound = large.ruled([rule])
    assert bound.objective > large.free.objective * (1 + 1e-6)
    assert any(abs(v) > 1e-6 for k, v in bound.duals.items() if k.startswith(row))
