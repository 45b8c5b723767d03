"""What is printed every time: plans, prices of rules, collisions, assessment, headwinds, bridge, ranges."""

from dataclasses import replace

import numpy as np
import pytest

from mutirao.book import terms as book
from mutirao.city.settings import Target
from mutirao.plan.assess import assess
from mutirao.plan.bridge import bridge
from mutirao.plan.headwinds import headwinds, is_investment, user_case
from mutirao.plan.inputs import horizon_of
from mutirao.plan.pipeline import make_plans
from mutirao.plan.ranges import change_ranges
from tests.solved import small_inputs, small_plans, whole_city_plans


def test_the_plan_keeps_the_pledge() -> None:
    plans = small_plans()
    bound = [*plans.inputs.city.settings.pledge.boundaries, "removal"]
    assert not plans.rules.meta.get("closest")
    for plan in (plans.least_cost, plans.rules):
        carbon = plan.carbon(bound)
        for year, cap in plan.meta["path"].items():
            assert carbon[int(year)] <= cap + 1e-6


def test_rules_cost_and_are_kept() -> None:
    plans = small_plans()
    assert {p.rule.name for p in plans.prices} == {"no_low_income_worse_off", "benefit_share"}
    assert plans.rules.meta["objective"] >= plans.least_cost.meta["objective"] - 1e-6
    by = ("zone", "group", "period")
    low = [g.id for g in plans.inputs.city.settings.groups if g.low_income]
    after = plans.rules.net_payments((book.HOUSEHOLDS,), by)
    before = plans.adopted.net_payments((book.HOUSEHOLDS,), by)
    change = (after - before).reset_index()
    change = change[change["group"].isin(low) & change["period"].isin(plans.rules.years[1:])]
    assert change["value"].max() <= 1e-6
    for price in plans.prices:
        assert price.cost >= -1e-6
        assert set(price.households["group"]) == set(plans.inputs.city.group_ids)


def test_every_promise_that_cannot_be_kept_is_named() -> None:
    inputs = small_inputs()
    pledge = replace(inputs.city.settings.pledge, targets=(Target(2030, 0.95, inputs.horizon.base, "made up"),))
    city = replace(inputs.city, settings=replace(inputs.city.settings, pledge=pledge))
    hard = replace(inputs, city=city, horizon=horizon_of(city, "quick"))
    plans = make_plans(hard, price_rules=False)
    assert plans.rules.meta["closest"]
    assert any("2030" in s and "kt CO2e" in s for s in plans.collisions)
    sentences = [lever.sentence for lever in plans.levers]
    assert any(s.startswith("Enough on its own: weaker targets on the way") for s in sentences)
    assert any(s.startswith("Not enough on its own") for s in sentences)


def test_checks_hold() -> None:
    broken = [c for c in small_plans().checks if not c.holds]
    assert not broken


def test_bridge_adds_up() -> None:
    plan = small_plans().rules
    table = bridge(plan)
    assert table["first_year"].to_numpy() == pytest.approx((table["base"] + table["growth"] + table["grid"]).to_numpy())
    inventory = small_inputs().city.inventory.cells(plan.base_year, small_inputs().city.settings.gwp)
    assert table["base"].sum() * 1000 == pytest.approx(sum(inventory.values()), rel=1e-9)


def test_assessment_lists_every_action_and_adds_up() -> None:
    plans = small_plans()
    found = assess(plans.inputs, plans.no_action, plans.adopted, plans.rules)
    assert len(found.actions) == len(plans.inputs.city.actions)
    last = plans.inputs.horizon.end
    adopted = found.actions[found.actions["modelled"] & (found.actions["status"] == "adopted")]
    bound = [*plans.inputs.city.settings.pledge.boundaries, "removal"]
    whole = plans.no_action.carbon(bound)[last] - plans.adopted.carbon(bound)[last]
    assert adopted[f"kt_{last}"].sum() == pytest.approx(whole, abs=1e-6)
    assert (found.actions.loc[~found.actions["modelled"], "why"] != "").all()
    gap = found.gap.set_index("year")
    assert gap.loc[last, "gap"] == pytest.approx(max(plans.adopted.carbon(bound)[last] - gap.loc[last, "pledge"], 0))
    assert found.payers["difference"].notna().all()


def test_headwinds_judge_every_case() -> None:
    inputs = small_inputs()
    mine = user_case("dear power", ["electricity_price_residential=0.9"])
    found = headwinds(inputs, "quick", [mine])
    assert list(found.cases["case"]) == [
        "calm weather", "state money ends", "the grid stalls", "a law fails", "costs + 30 %", "two years lost",
        "dear power",
    ]  # fmt: skip
    calm = found.cases.iloc[0]
    assert calm["kept"]
    assert calm["cost_change"] == pytest.approx(0.0, abs=1e-9)
    dearer = found.cases.set_index("case").loc["costs + 30 %"]
    assert dearer["cost_change"] > 0
    for name in found.start_now:
        row = found.steps.set_index("measure").loc[name]
        assert row["calm weather"] > 0
        assert (row[["state money ends", "the grid stalls", "a law fails", "costs + 30 %"]].astype(float) > 0).all()
    late = found.steps.set_index("measure")["two years lost"].astype(float)
    assert (late <= 1.0 + 1e-9).all()


def test_investments_are_what_is_built_or_bought() -> None:
    p = small_inputs().parameters
    picked = {n for n in p if is_investment(p[n])}
    bought = {"heat_pump_cost", "pv_cost", "electric_car_price", "trench_cost_constant", "commercial_retrofit_cost"}
    assert bought <= picked
    assert not picked & {"gas_price_residential", "grid_supply_cost", "network_capacity_cost", "waste_reduction_cost",
                         "removals_cost", "district_tariff", "petrol_price", "transit_cost"}  # fmt: skip


def test_ranges_enclose_the_plan_and_repeat() -> None:
    plans = small_plans()
    one = change_ranges(plans.rules, plans.adopted)
    assert one.equals(change_ranges(plans.rules, plans.adopted))
    assert (one["low"] <= one["mid"]).all()
    assert (one["mid"] <= one["high"]).all()
    year = plans.rules.years[1]
    row = one.set_index("name").loc[f"carbon:{year}"]
    value = plans.rules.carbon(["basic", "removal"])[year]
    assert row["low"] <= value <= row["high"]
    assert np.isfinite(one[["low", "mid", "high"]].to_numpy()).all()


def test_a_city_without_zones_or_groups_gets_a_plan() -> None:
    plans = whole_city_plans()
    assert set(plans.rules.book["zone"]) == {"CITY"}
    assert set(plans.rules.book["group"]) == {"ALL"}
    assert any("no_low_income_worse_off" in s for s in plans.off)
    assert plans.rules.meta["objective"] == pytest.approx(plans.least_cost.meta["objective"], rel=1e-9)
