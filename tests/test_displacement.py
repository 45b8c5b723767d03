"""Who can stay: closed forms of the turnover run, what relief does, and the only sentence that may clear a plan."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mutirao.book.bundle import Plan
from mutirao.justice.displacement import (
    DEFAULTS,
    Turnover,
    displacement_flags,
    kept,
    no_group_loses,
    survival,
    turnover_run,
)
from mutirao.justice.outcomes import gains
from mutirao.plan.ranges import common_draws
from tests.home_plans import BASE, DRIVERS, HOMES, RATE, facts, home_plan, per_home

LATER = (2030, 2050)
RENT = {k: 12000.0 for k in HOMES if k[2] == "renter"}
SHARES = st.floats(0.0, 1.0)
RISES = arrays(float, (6,), elements=st.floats(-5.0, 40.0))


@given(SHARES, st.floats(0.0, 0.1), RISES)
def test_survival_is_a_share_that_never_grows(turnover: float, effect: float, rise: np.ndarray) -> None:
    stay = survival(np.array([turnover]), np.array([effect]), rise)
    assert stay[0] == 1.0
    assert ((stay >= 0.0) & (stay <= 1.0)).all()
    assert (np.diff(stay) <= 0.0).all()


@given(SHARES, st.floats(0.0, 0.1), RISES, arrays(float, (6,), elements=st.floats(0.0, 40.0)))
def test_relief_never_drives_anybody_out(turnover: float, effect: float, rise: np.ndarray, relief: np.ndarray) -> None:
    bare = survival(np.array([turnover]), np.array([effect]), rise)
    helped = survival(np.array([turnover]), np.array([effect]), rise - relief)
    assert (helped >= bare - 1e-12).all()


def test_survival_under_a_steady_rise_is_a_power() -> None:
    stay = survival(np.array([0.2]), np.array([0.005]), np.full(11, 4.0))
    assert stay == pytest.approx((1.0 - 0.2 - 0.02) ** np.arange(11))
    assert survival(np.array([0.9]), np.array([0.1]), np.full(3, 10.0)).tolist() == [1.0, 0.0, 0.0]


def test_benefit_kept_is_a_geometric_series() -> None:
    years = np.arange(30)
    stay = survival(np.array([0.1]), np.array([0.0]), np.zeros(30))
    got = kept(np.full(30, 5.0), stay, 1.03**-years)
    ratio = 0.9 / 1.03
    assert float(got) == pytest.approx(5.0 * (1 - ratio**30) / (1 - ratio))


def plans(relief: float = 0.0, saved: float = 500.0, rent: float = 300.0, known: bool = True) -> tuple[Plan, Plan]:
    """Works save every home ``saved`` a year from 2030 on; tenants pay ``rent`` for them, less ``relief``."""
    table = facts({"rent": RENT} if known else {})
    rows = [
        *per_home("energy", 1000.0, (BASE, 2026), drivers="gas_price:+1"),
        *per_home("energy", 1000.0 - saved, LATER, drivers="gas_price:+1"),
        *per_home("rent", rent, LATER, tenure="renter", measure="buildings.deep_retrofit", receiver="landlords",
                  basis="annuity", drivers="works_cost:+1"),
    ]  # fmt: skip
    if relief:
        rows += per_home("rent_relief", relief, LATER, tenure="renter", payer="city", receiver="households")
    before = home_plan(per_home("energy", 1000.0, drivers="gas_price:+1"), "adopted", table)
    return home_plan(rows, "rules", table), before


def with_turnover(plan: Plan, **values: float) -> Plan:
    rows = plan.drivers.iloc[[0] * len(values)].assign(name=list(values))
    for column in ("value", "low", "high"):
        rows[column] = list(values.values())
    return replace(plan, drivers=pd.concat([plan.drivers, rows], ignore_index=True))


STILL = {"renter_turnover": 0.0, "owner_turnover": 0.0, "rent_turnover_effect": 0.0}


def test_when_nobody_moves_all_of_the_benefit_is_kept() -> None:
    plan, before = plans()
    plan, before = with_turnover(plan, **STILL), with_turnover(before, **STILL)
    run = turnover_run(plan, before, common_draws(plan, before, 200))
    assert run.table["kept"].to_numpy() == pytest.approx(run.table["gain"].to_numpy())
    assert run.table["share_kept"].dropna().to_numpy() == pytest.approx(1.0)
    assert (run.stays[["with", "without", "without_relief", "reference"]] == 1.0).all(axis=None)
    assert run.parameters["given"].all()


def test_gain_of_the_run_is_the_discounted_gain_of_the_book() -> None:
    plan, before = plans()
    run = turnover_run(plan, before).table
    table = gains(plan, before)
    weight = table["period"].map(plan.weight("discount_weight"))
    want = (table["gain"] * weight).groupby([table["group"], table["tenure"]]).sum()
    got = run.set_index(["group", "tenure"])["gain"]
    assert got.to_numpy() == pytest.approx(want.reindex(got.index).to_numpy())


def test_a_run_by_hand() -> None:
    """Owners: 500 a year from 2030, on a straight line from 2026; 5 % leave each year."""
    plan, before = plans()
    run = turnover_run(plan, before).table.set_index(["group", "tenure"])
    years = np.arange(2026, 2051)
    gain = np.interp(years, [2026, 2030, 2050], [0.0, 500.0, 500.0])
    left = 0.95 ** (years - 2026)
    want = float((gain * left * (1 + RATE) ** -(years - 2026.0)).sum())
    assert run.loc[("low", "owner"), "kept_per_home"] == pytest.approx(want)
    rise = np.interp(years, [2026, 2030, 2050], [0.0, 300.0, 300.0])
    stay = np.concatenate([[1.0], np.cumprod(1 - 0.245 - 0.005 * 100 * rise[1:] / 12000)])
    want = float(((gain - rise) * stay * (1 + RATE) ** -(years - 2026.0)).sum())
    assert run.loc[("low", "renter"), "kept_per_home"] == pytest.approx(want)
    assert run.loc[("low", "renter"), "moved_by_rent"] == pytest.approx(max(0.755**4 - stay[4], 0.755**24 - stay[24]))


@settings(max_examples=15, deadline=None)
@given(st.floats(0.0, 300.0), st.floats(0.0, 800.0))
def test_with_relief_more_stay_and_more_is_kept(relief: float, saved: float) -> None:
    run = turnover_run(*plans(relief=relief, saved=saved))
    assert (run.stays["with"] >= run.stays["without_relief"] - 1e-12).all()
    assert (run.stays["with"] <= run.stays["without"] + 1e-12).all()
    assert (run.table["moved_by_rent"] <= run.table["moved_by_rent_without_relief"] + 1e-12).all()
    if saved >= 300.0:  # a gain that is positive in every year is only kept longer
        assert (run.table["kept"] >= run.table["kept_without_relief"] - 1e-12).all()


def test_relief_of_all_the_rise_leaves_nobody_driven_out() -> None:
    run = turnover_run(*plans(relief=300.0))
    assert run.stays["with"].to_numpy() == pytest.approx(run.stays["without"].to_numpy())
    assert (run.table["moved_by_rent_without_relief"] > 0).equals(run.table["tenure"] == "renter")


def test_what_is_not_known_of_rents_is_said() -> None:
    run = turnover_run(*plans(known=False))
    assert "Rents are not known" in run.notes[0]
    assert (run.table["moved_by_rent"] == 0.0).all()
    assert not run.parameters["given"].any()
    assert dict(zip(run.parameters["name"], run.parameters["value"], strict=True)) == {
        k: v[0] for k, v in DEFAULTS.items()
    }


def test_a_rent_known_in_one_zone_stands_for_the_others() -> None:
    plan, before = plans()
    one = facts({"rent": {k: v for k, v in RENT.items() if k[0] == "Z1"}})
    run = turnover_run(replace(plan, facts=one), before)
    assert run.notes == ()
    assert run.stays.equals(turnover_run(plan, before).stays)


def ranged(**given: float) -> Turnover:
    plan, before = plans(**given)
    return turnover_run(plan, before, common_draws(plan, before, 400))


def test_ranges_hold_the_plans_own_figure_and_repeat() -> None:
    one, again = ranged().table, ranged().table
    assert one.equals(again)
    assert ((one["low"] <= one["gain"]) & (one["gain"] <= one["high"])).all()
    assert ((one["kept_low"] <= one["kept"]) & (one["kept"] <= one["kept_high"])).all()


def test_the_sentence_says_only_what_the_run_can_tell() -> None:
    assert no_group_loses(ranged(saved=800.0, rent=10.0)).startswith("No group loses, over the whole plan")
    loses = no_group_loses(ranged(saved=50.0, rent=800.0))
    assert loses.startswith("Some lose")
    assert "all tenants" in loses
    assert "owners" not in loses
    assert "In single years (2030, 2050) homes pay more: all tenants." in loses
    assert "of 100 present homes of all tenants" in loses
    unsure = no_group_loses(ranged(saved=500.0, rent=500.0))
    assert unsure.startswith("No group loses by more than its range")
    assert "cannot tell for all tenants" in unsure
    plan, before = plans()
    assert "cannot be told" in no_group_loses(turnover_run(plan, before))


@settings(max_examples=20, deadline=None)
@given(st.floats(0.0, 900.0), st.floats(0.0, 900.0))
def test_nobody_is_cleared_who_loses(saved: float, rent: float) -> None:
    """"No group loses" needs the low end of everybody's range, whatever the numbers."""
    run = ranged(saved=saved, rent=rent)
    words = no_group_loses(run)
    if words.startswith("No group loses, "):
        assert (run.table["kept_low"] * 1e6 / run.table["homes"] >= -0.5).all()
    if (run.table["kept_high"] * 1e6 / run.table["homes"] < -0.5).any():
        assert words.startswith("Some lose")


def test_one_group_that_loses_is_named_in_its_own_words() -> None:
    plan, before = plans(saved=100.0, rent=0.0)
    rows = per_home("energy", 1000.0, LATER, group="low", tenure="renter", drivers="gas_price:+1")
    more = home_plan(rows, "rules", plan.facts)
    both = replace(plan, terms=pd.concat([plan.terms, more.terms.rename(lambda n: n + 100)]),
                   cells=pd.concat([plan.cells, more.cells.assign(term=more.cells["term"] + 100)],
                                   ignore_index=True))  # fmt: skip
    words = no_group_loses(turnover_run(both, before, common_draws(both, before, 200)))
    assert words.startswith("Some lose")
    assert "tenants (below 30,000)" in words


def test_flags_by_zone_and_by_group() -> None:
    plan, before = plans(saved=100.0)
    zones = displacement_flags(plan, before, zones=True)
    at = zones[zones["period"] == 2050].set_index("place")
    assert at["low_income_tenants"].to_dict() == pytest.approx({"Z1": 300 / 1000, "Z2": 100 / 900})
    assert at["city_share"].to_numpy() == pytest.approx(400 / 1900)
    assert at["flagged"].to_dict() == {"Z1": True, "Z2": False}
    assert at.loc["Z1", ["rent_rise", "bills", "net"]].tolist() == pytest.approx([300, -100, 200])
    assert at.loc["Z1", "rent_percent"] == pytest.approx(100 * 200 / 12000)
    assert at.loc["Z1", "name"] == "North"
    assert at["works"].isna().all()
    groups = displacement_flags(plan, before, zones=False)
    at = groups[groups["period"] == 2050].set_index("place")
    assert at["flagged"].to_dict() == {"low": True, "high": False}
    assert displacement_flags(*plans(saved=500.0), zones=True)["flagged"].sum() == 0


def test_a_place_where_more_is_done_is_flagged_when_low_income_tenants_live_there() -> None:
    plan, before = plans(saved=500.0, rent=0.0)
    places = [(m, z, y, s) for m, s in (("a", 0.6), ("b", 0.2)) for z in ("Z1", "Z2") for y in LATER]
    reach = pd.DataFrame([
        {"measure": m, "part": 0, "zone": z, "group": "ALL", "tenure": "ALL", "period": y,
         "amount": 10.0 * s if z == "Z1" else 0.0, "potential": 10.0, "unit": "homes"} for m, z, y, s in places
    ])  # fmt: skip
    plan, before = replace(plan, reach=reach), replace(before, reach=reach.assign(amount=0.0))
    at = displacement_flags(plan, before, zones=True).set_index(["place", "period"])
    assert at.loc[("Z1", 2050), "works"] == pytest.approx(0.4)
    assert at.loc[("Z1", 2050), "city_works"] == pytest.approx(0.2)
    assert at.loc[("Z1", 2050), "flagged"]
    assert at.loc[("Z1", 2050), "why"] == "more is done here than elsewhere"
    assert at.loc[("Z1", 2050), "words"].endswith(", and more is done here than elsewhere")
    assert not at.loc[("Z2", 2050), "flagged"]
    assert at.loc[("Z2", 2050), "why"] == ""


def test_drivers_of_the_hand_made_plans_have_ranges() -> None:
    assert all(low < value < high for value, low, high in DRIVERS.values())
