"""Households: the tariff, rent relief, cooling, the bill of one home, and a verification that can disagree."""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mutirao.book.bundle import Plan
from mutirao.justice.homebill import HEATINGS, Tariff, bill_of_home
from mutirao.model.homecells import fixed_per_kwh
from mutirao.model.system import in_order
from mutirao.plan.build import Inputs, bare_model, give, given_model
from mutirao.plan.solve import closest_plan, solve_plan
from tests.cities import small_city
from tests.planned_cities import SYSTEMS, inputs_of, shares
from tests.test_verification import broken, with_book, with_decision

HOUSEHOLDS = next(s for s in SYSTEMS if s.name == "households")


@cache
def inputs() -> Inputs:
    return inputs_of(small_city(Path(tempfile.mkdtemp()) / "littleton"))


def given_plan(case: Inputs) -> Plan:
    return closest_plan(given_model(case, shares(case.horizon.years)), "adopted", "as adopted")


@cache
def adopted() -> Plan:
    return given_plan(inputs())


@cache
def relieved() -> Plan:
    """As adopted, with a rule that a tenth of a million of relief reaches each zone and group in the last year."""
    model = given_model(inputs(), shares(inputs().horizon.years))
    relief = model.lp.variables["households-rent-relief"].sum("tenure").sel(period=inputs().horizon.years[-1])
    model.rule("relief-asked", relief, ">=", 0.01)
    return solve_plan(model, "relieved", "with relief")


def standing(plan: Plan, **labels: str) -> "np.ndarray":
    years = [plan.base_year, *plan.years]
    return plan.total("money", kind="standing_charge", **labels).reindex(years).to_numpy()


def test_households_come_after_all_who_use_electricity() -> None:
    order = [s.name for s in in_order(SYSTEMS)]
    assert all(order.index("households") > order.index(s.name) for s in SYSTEMS if "electricity" in s.declares.uses)


def test_the_fixed_charge_is_each_home_s_and_cancels_in_the_base_year() -> None:
    paid, back = standing(adopted(), payer="households"), standing(adopted(), receiver="households")
    assert paid == pytest.approx(16_800 * inputs().parameters("electricity_fixed_charge") * 1e-6)
    assert back[0] == pytest.approx(paid[0], rel=1e-12)
    assert back[-1] > paid[-1]  # heat pumps and cars add kWh, and no fixed charge


def test_a_fixed_charge_leaves_the_cost_of_a_plan_alone() -> None:
    """It moves money between households and the utility: what leaves the city is the same."""
    p = inputs().parameters
    charge = replace(p["electricity_fixed_charge"], value=400.0, low=300.0, high=500.0)
    changed = given_plan(replace(inputs(), parameters=p.with_layer("set", [charge])))
    assert changed.meta["objective"] == pytest.approx(adopted().meta["objective"], rel=1e-9)
    first = {"by": ("payer",), "period": adopted().base_year}
    for plan in (adopted(), changed):
        net = plan.net_payments(("households",))[plan.base_year]
        assert net == pytest.approx(adopted().net_payments(("households",))[adopted().base_year], rel=1e-9)
    assert changed.total("money", **first)["households"] > adopted().total("money", **first)["households"]


def test_a_new_kwh_costs_the_price_without_the_fixed_part() -> None:
    """Between two plans that differ in heat pumps alone, households' electricity bills grow by the price per kWh."""
    case = inputs()
    some, more = ({"heat.heat_pumps": dict.fromkeys(case.horizon.years[1:], s)} for s in (0.1, 0.3))
    model = given_model(case, some)
    first = solve_plan(model, "some", "some")
    give(model, more)
    second = solve_plan(model, "more", "more")
    last = case.horizon.years[-1]

    def spent(plan: Plan) -> float:
        rows = plan.select("money", carrier="electricity", kind=["energy", "standing_charge"], period=last)
        return float(rows[rows["payer"] == "households"]["value"].sum()
                     - rows[rows["receiver"] == "households"]["value"].sum())  # fmt: skip

    def used(plan: Plan) -> float:
        return -float(plan.total("energy", carrier="electricity", payer="households")[last])

    per_kwh = (spent(second) - spent(first)) / (used(second) - used(first))
    p, base = case.parameters, model.base
    assert per_kwh == pytest.approx(p("electricity_price_residential") - fixed_per_kwh(p, base))
    assert per_kwh < p("electricity_price_residential")


def test_relief_is_zero_unless_a_rule_asks_for_it() -> None:
    assert float(adopted().decisions["households-rent-relief"].max()) == 0.0
    assert not len(adopted().select("money", kind="rent_relief"))


def test_relief_is_paid_by_the_city_to_tenants_and_costs_more_than_it_pays() -> None:
    plan, p, last = relieved(), inputs().parameters, inputs().horizon.years[-1]
    money = plan.select("money", kind="rent_relief")
    who = set(zip(money["payer"], money["receiver"], money["tenure"], strict=True))
    assert who == {("city", "households", "renter")}
    assert set(money["measure"]) == {"households.rent_relief"}
    paid = float(money.query("period == @last")["value"].sum())
    assert paid == pytest.approx(0.04)
    lost = float(plan.total("welfare", kind="rent_relief")[last])
    assert lost == pytest.approx(paid * (p("marginal_cost_of_public_funds") - 1.0 + p("rent_relief_overhead")))
    assert plan.meta["objective"] > adopted().meta["objective"]


def test_relief_never_exceeds_the_rent_that_rises() -> None:
    """Asked for as much as may be, each zone and group gets all the rent that works add, and no more."""
    model = given_model(inputs(), shares(inputs().horizon.years))
    lost = model.given("marginal_cost_of_public_funds") - 1.0 + model.given("rent_relief_overhead")
    # A little more than what it costs: enough to want relief, not enough to build for it.
    model.post("welfare", system="test", unit="M/a", quantity_unit="M/a", variable="households-rent-relief",
               coefficient=-lost - 0.01, meaning="as much as may be", source="test")  # fmt: skip
    plan = solve_plan(model, "most", "most relief")
    rent = plan.select("money", kind="rent", payer="households")
    by = ["zone", "group", "period"]
    risen = rent[rent["measure"] != ""].groupby(by)["value"].sum()
    given_back = plan.total("money", by, kind="rent_relief").reindex(risen.index).fillna(0.0)
    assert given_back.to_numpy() == pytest.approx(risen.to_numpy(), rel=1e-6)
    assert risen.max() > 0.0


def test_relief_counts_in_the_cash_budget_of_the_city() -> None:
    model = bare_model(inputs())
    found = [t for t in model.select_terms("money", payer="city", basis=("running", "cash")) if t.kind == "rent_relief"]
    assert len(found) == 1


def test_heat_pumps_cool_homes_that_could_not_be_cooled() -> None:
    """Given 30 % of today's heat need from heat pumps, 30 % of homes without cooling; need falls by its trend."""
    last, first = inputs().horizon.years[-1], inputs().horizon.years[0]
    cooled = float(adopted().total("benefit", kind="cooling")[last])
    without = (8_000 * 0.3 + 8_800 * (1.0 - 0.63)) / 1000.0
    trend = (1.0 + inputs().parameters("heat_demand_trend")) ** (last - first)
    assert cooled == pytest.approx(0.3 * without * trend, rel=1e-6)


@pytest.mark.parametrize("plan", [adopted, relieved], ids=["adopted", "relieved"])
def test_the_verification_agrees(plan: Callable[[], Plan]) -> None:
    checks = HOUSEHOLDS.verify(plan(), inputs().city)
    assert len(checks) >= 8
    assert not broken(checks)


CHANGES = [
    (with_book(account="money", kind="energy", carrier="natural_gas", payer="households"), "bills of the base year"),
    (with_book(account="money", kind="energy", carrier="network_heat"), "bills of homes"),
    (with_book(account="money", kind="standing_charge", payer="households"), "fixed charge of all homes"),
    (with_book(account="money", kind="standing_charge", payer="utility"), "price per kWh is without"),
    (with_book(account="money", kind="standing_charge", payer="utility"), "given back in the base year"),
    (with_book(account="money", kind="rent"), "rent for works"),
    (with_book(account="money", kind="rent_relief"), "relief of rents, by zone and group"),
    (with_book(account="benefit", kind="cooling"), "homes that can be cooled"),
    (with_decision("households-rent-relief", 1000.0), "relief of rents beyond their rise"),
    (with_decision("heat-homes"), "bills of homes"),
    (with_decision("buildings-light_retrofit"), "rent for works"),
]


@pytest.mark.parametrize(("change", "what"), CHANGES, ids=[w for _, w in CHANGES])
def test_the_verification_can_disagree(change: Callable[[Plan], Plan], what: str) -> None:
    found = broken(HOUSEHOLDS.verify(change(relieved()), inputs().city))
    assert any(what in text for text in found), found


def test_the_section_shows_every_part_of_the_bill() -> None:
    section = HOUSEHOLDS.section(relieved(), adopted())
    bills = next(f for f in section.figures if f.name == "households-bills").table
    homes = 16_800.0
    spent = adopted().facts.query("name == 'energy'").set_index(["zone", "group", "tenure"])["value"]
    count = adopted().facts.query("name == 'households'").set_index(["zone", "group", "tenure"])["value"]
    shown = bills[bills["case"] == str(adopted().base_year)]["bill"].sum()
    assert shown == pytest.approx(float((spent * count).sum()) / homes)
    rents = next(f for f in section.figures if f.name == "households-rents").table
    relief = rents[rents["part"] == "tenants: relief of rents"].set_index("group")["change"]
    assert relief["Income group 1"] == pytest.approx(-0.02e6 / (0.6 * 0.45 * homes))


TARIFF = Tariff(
    {"electricity": 0.25, "gas": 0.07, "oil": 0.1, "district": 0.1, "petrol": 0.09},
    {"electricity": 100.0, "gas": 150.0},
)
HOME = {
    "heat_per_m2": 100.0, "power": 4000.0, "upkeep": {"gas": 220.0, "heat_pump": 280.0},
    "efficiency": {"gas": 0.8, "oil": 0.8, "electric": 1.0, "heat_pump": 2.5, "district": 1.0},
}  # fmt: skip


def test_the_bill_of_one_home_in_closed_form() -> None:
    bill = bill_of_home(80.0, "gas", "owner", TARIFF, **HOME, saved=0.25, cars=1, car_km=10_000, petrol_per_km=1.0)
    assert bill == pytest.approx({
        "heat": 80 * 100 * 0.75 / 0.8 * 0.07, "light_and_appliances": 1000.0, "standing_charges": 250.0,
        "car_fuel": 900.0, "upkeep": 220.0,
    })  # fmt: skip


def test_the_last_gas_appliance_takes_the_standing_charge_with_it() -> None:
    gas, pump = (bill_of_home(80.0, how, "renter", TARIFF, **HOME) for how in ("gas", "heat_pump"))
    assert gas["standing_charges"] - pump["standing_charges"] == pytest.approx(150.0)
    assert gas["upkeep"] == pump["upkeep"] == 0.0  # a landlord's


@given(st.sampled_from(HEATINGS), st.floats(20.0, 300.0), st.floats(0.0, 0.9))
def test_a_bill_grows_with_size_and_falls_with_works(heating: str, size: float, saved: float) -> None:
    def total(area: float, less: float) -> float:
        return sum(bill_of_home(area, heating, "renter", TARIFF, **HOME, saved=less).values())

    assert total(size + 1.0, saved) > total(size, saved)
    assert total(size, 0.0) >= total(size, saved) - 1e-9


def test_an_unknown_heating_or_tenure_is_refused() -> None:
    with pytest.raises(ValueError, match="heating 'coal'"):
        bill_of_home(80.0, "coal", "owner", TARIFF, **HOME)
    with pytest.raises(ValueError, match="tenure 'guest'"):
        bill_of_home(80.0, "gas", "guest", TARIFF, **HOME)
