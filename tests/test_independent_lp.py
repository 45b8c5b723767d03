"""The plan stated twice, by two hands: both linear programs must have the same optimum."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import pytest

from mutirao.book.bundle import Plan
from mutirao.city.settings import RULES, RuleSetting
from mutirao.plan.build import given_model, pledged_model
from mutirao.plan.homecost import household_cost_of
from mutirao.plan.rules import Rule, rules_in_force
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

    def ruled(self, rules: Mapping[str, Mapping[str, object]]) -> independent_lp.Answer:
        return independent_lp.plan(self.folder, self.years, STEPS, rules=rules, reference=self.own)

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
    ours = both.ruled({r.name: vars(r.setting) for r in on})
    assert ours.objective == pytest.approx(theirs.meta["objective"], rel=RELATIVE)
    assert ours.objective >= both.free.objective * (1 - 1e-9)


@pytest.mark.parametrize("limit", ["pledge-path", "carbon-budget", "cash-city", "retrofit-workforce"])
def test_limits_bind_in_the_large_city(large: Both, limit: str) -> None:
    """A comparison of rows that cost nothing would compare nothing."""
    assert any(abs(v) > 1e-6 for k, v in large.free.duals.items() if k.startswith(limit))


#: Numbers at which each rule costs something in the large city and can be kept within its yearly budget.
RULE_NUMBERS: dict[str, dict[str, object]] = {
    "no_low_income_worse_off": {},
    "no_group_worse_off": {},
    "benefit_share": {"share": 0.4},
    "burden_cap": {"level": 0.099},
    "poverty_gap": {"threshold": 0.06, "cut": 0.05, "from_year": 2035},
    "cvar": {"worst": 0.2, "level": 0.99},
    "priority": {"measures": ("heat.heat_pumps", "buildings.light_retrofit"), "level": 1.0},
    "warm_rent": {},
}


@pytest.mark.parametrize("name", RULES)
def test_each_rule_costs_the_same_in_both_statements(large: Both, name: str) -> None:
    """One rule at a time, where it binds: both optima agree, and the rule's own rows carry a price."""
    numbers = RULE_NUMBERS[name]
    fields = {"share": None, **numbers}
    setting = RuleSetting(name=name, on=True, set_by="a test", date="2026-01-01", how="for a test", **fields)  # type: ignore[arg-type]
    model = pledged_model(large.inputs, rules=[Rule(setting, "USD")], reference=large.adopted)
    theirs = solve_plan(model, "rules", "under one rule")
    ours = large.ruled({name: numbers})
    assert ours.objective == pytest.approx(theirs.meta["objective"], rel=RELATIVE)
    assert ours.objective > large.free.objective * (1 + 1e-7)
    assert any(abs(v) > 1e-6 for k, v in ours.duals.items() if k.startswith(name))
