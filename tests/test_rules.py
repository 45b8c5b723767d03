"""Every rule that people can set: kept by the plan, measured from its book; never cheaper; its price is two solves."""

import dataclasses
from functools import cache
from pathlib import Path

import pytest

from mutirao.book.bundle import Plan
from mutirao.city.settings import RULES, RuleSetting
from mutirao.cli.run import inputs_of
from mutirao.ground.findings import InputError
from mutirao.plan.build import Inputs, pledged_model
from mutirao.plan.pipeline import pledged_plan, price_of
from mutirao.plan.rule_values import rule_value
from mutirao.plan.rules import Rule, rules_in_force
from tests.planned_cities import SYSTEMS, two_zones
from tests.solved import small_inputs, small_plans, whole_city_plans

#: Numbers at which each rule has something to say in the small city, and the plan can still keep it.
NUMBERS: dict[str, dict[str, object]] = {
    "no_low_income_worse_off": {},
    "no_group_worse_off": {},
    "benefit_share": {"share": 0.8},
    "burden_cap": {"level": 0.085, "who": "low_income"},
    "poverty_gap": {"threshold": 0.06, "cut": 0.05, "from_year": 2035},
    "cvar": {"worst": 0.2, "level": 0.97},
    "priority": {"measures": ("heat.heat_pumps", "buildings.light_retrofit"), "level": 1.0},
    "warm_rent": {},
}


def rule(name: str, **other: object) -> Rule:
    fields = {"share": None} | NUMBERS[name] | other
    return Rule(RuleSetting(name=name, on=True, set_by="a test", date="2026-01-01", how="for a test", **fields), "USD")  # type: ignore[arg-type]


@cache
def roomy() -> Inputs:
    """The small city without its yearly budget, so that support can always be paid."""
    inputs = small_inputs()
    return dataclasses.replace(
        inputs, city=dataclasses.replace(inputs.city, settings=dataclasses.replace(inputs.city.settings, budgets={}))
    )


@cache
def free() -> Plan:
    return pledged_plan(roomy(), "least_cost")


@cache
def ruled(name: str) -> Plan:
    return pledged_plan(roomy(), "rules", [rule(name)], small_plans().adopted)


def test_numbers_cover_every_rule() -> None:
    assert set(NUMBERS) == set(RULES)


@pytest.mark.parametrize("name", RULES)
def test_a_plan_keeps_its_rule(name: str) -> None:
    """Measured from the book by the numeric measure, without looking at the rule's rows."""
    value = rule_value(rule(name), ruled(name), small_plans().adopted, roomy().city)
    assert value.holds, value


@pytest.mark.parametrize("name", RULES)
def test_the_rule_says_something_here(name: str) -> None:
    """Without it, the least-cost plan breaks it: otherwise the test above would show nothing."""
    value = rule_value(rule(name), free(), small_plans().adopted, roomy().city)
    assert not value.holds, value


@pytest.mark.parametrize("name", RULES)
def test_a_rule_never_makes_a_plan_cheaper(name: str) -> None:
    before, after = free().meta, ruled(name).meta
    assert after.get("closest") == before.get("closest")
    assert float(after["objective"]) >= float(before["objective"]) * (1 - 1e-7)


@pytest.mark.parametrize("name", RULES)
def test_a_binding_rule_sits_at_its_bound(name: str) -> None:
    """A rule that costs something is used up, not overshot."""
    cost = float(ruled(name).meta["objective"]) - float(free().meta["objective"])
    value = rule_value(rule(name), ruled(name), small_plans().adopted, roomy().city)
    if cost > 1e-3:
        assert abs(value.got - value.asked) <= 1e-4 * max(1.0, abs(value.asked)), value


def test_the_printed_price_is_the_difference_of_two_solves() -> None:
    adopted = small_plans().adopted
    both = [rule("warm_rent"), rule("poverty_gap")]
    plan = pledged_plan(roomy(), "rules", both, adopted)
    price = price_of(roomy(), both[0], both, adopted, free(), plan)
    alone = pledged_plan(roomy(), "rules", both[1:], adopted)
    assert price.cost == pytest.approx(float(plan.meta["objective"]) - float(alone.meta["objective"]), abs=1e-6)
    assert price.cost >= -1e-6
    assert {"group", "period", "with_rule", "without_rule"} <= set(price.households)


def test_two_rules_cost_at_least_as_much_as_the_dearer() -> None:
    both = pledged_plan(roomy(), "rules", [rule("cvar"), rule("warm_rent")], small_plans().adopted)
    for name in ("cvar", "warm_rent"):
        assert float(both.meta["objective"]) >= float(ruled(name).meta["objective"]) - 1e-5


def test_a_tighter_cap_costs_more() -> None:
    costs = [
        float(pledged_plan(roomy(), "rules", [rule("burden_cap", level=x)], small_plans().adopted).meta["objective"])
        for x in (0.2, 0.085, 0.075)
    ]
    assert costs == sorted(costs)
    assert costs[-1] > costs[0]


def test_the_bundle_says_who_set_a_rule_when_and_how() -> None:
    kept = ruled("burden_cap").meta["rules"][0]
    assert kept["set_by"] == "a test"
    assert kept["date"] == "2026-01-01"
    assert kept["how"] == "for a test"
    assert "8.5 %" in kept["words"]


def test_a_rule_that_begins_too_late_is_refused() -> None:
    with pytest.raises(InputError, match="after the last year"):
        pledged_model(roomy(), rules=[rule("burden_cap", from_year=2090)], reference=small_plans().adopted)


def test_priority_for_a_measure_without_places_is_refused() -> None:
    with pytest.raises(InputError, match="zone by zone"):
        pledged_model(roomy(), rules=[rule("priority", measures=("power.battery",))], reference=small_plans().adopted)


def test_a_city_without_groups_is_told_what_its_rules_lack() -> None:
    inputs = whole_city_plans().inputs
    wanted = {n: rule(n).setting for n in RULES}
    city = dataclasses.replace(inputs.city, settings=dataclasses.replace(inputs.city.settings, rules=wanted))
    found, off = rules_in_force(city)
    assert "no_group_worse_off" in [r.name for r in found]
    assert any("no income group is marked as low" in why for why in off.values())


def test_a_share_of_a_loss_is_warned_of() -> None:
    """Households lose together: a share of a negative total would read as fair."""
    plans = small_plans()
    value = rule_value(rule("benefit_share"), plans.adopted, plans.least_cost, roomy().city)
    other = rule_value(rule("benefit_share"), plans.least_cost, plans.adopted, roomy().city)
    assert bool(value.warning) != bool(other.warning)


def test_a_rule_from_the_command_line_carries_its_author(tmp_path: Path) -> None:
    folder = two_zones(tmp_path / "town")
    asked = ["burden_cap level=0.2", "benefit_share=0.55"]
    inputs = inputs_of(folder, SYSTEMS, "quick", [], asked, "Tenants of Mill Street", "vote of 12 March")
    found, _ = rules_in_force(inputs.city)
    kept = {r.name: r for r in found}
    assert kept["burden_cap"].set_by == kept["benefit_share"].set_by == "Tenants of Mill Street"
    assert kept["burden_cap"].how == "vote of 12 March"
    assert kept["benefit_share"].setting.share == 0.55
    with pytest.raises(InputError, match="burden_cap"):
        inputs_of(folder, SYSTEMS, "quick", [], ["burden_kap level=0.2"])
