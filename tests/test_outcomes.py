"""Home cells, gains and rents of a solved plan: hand-made books, identities, and the small city's own base year."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mutirao.book.bundle import Plan
from mutirao.book.draws import evaluate
from mutirao.justice.displacement import no_group_loses
from mutirao.justice.distribution import FIVE
from mutirao.justice.outcomes import (
    FIGURES,
    cell_aggregate,
    cells_of,
    cells_of_years,
    fact,
    gains,
    home_energy,
    home_energy_rows,
    homes_of,
    household_rows,
    payments,
    rent_relief,
    rent_rise,
    required_of,
    shares_of,
    warm_rent,
    zones_differ,
)
from mutirao.justice.poverty import freeze, indicators
from mutirao.model.baseyear import base_year
from mutirao.model.homecells import home_cells
from mutirao.plan.outcomes import JusticeOutcomes, designated_share, home_draws, justice_outcomes
from tests.home_plans import BASE, HOMES, PERIODS, Row, facts, home_plan, pay, per_home
from tests.solved import small_inputs, small_plans, whole_city_plans

CELL = ["zone", "group", "tenure"]
LATER = (2030, 2050)


def rich(name: str = "rules") -> Plan:
    """Bills that works halve for tenants of Z1, who pay rent for it and get some of it back; support; a car."""
    rows = [
        *per_home("energy", 1000.0, (BASE, 2026)),
        *per_home("energy", 1000.0, LATER, tenure="owner"),
        *per_home("energy", 1000.0, LATER, tenure="renter", zone="Z2"),
        *per_home("energy", 500.0, LATER, tenure="renter", zone="Z1"),
        *per_home("standing_charge", 120.0),
        *per_home("credit", 50.0, LATER, tenure="owner", payer="utility", receiver="households"),
        *per_home("rent", 300.0, LATER, tenure="renter", zone="Z1", measure="buildings.deep_retrofit",
                  receiver="landlords", basis="annuity"),
        *per_home("rent", 80.0, tenure="renter", receiver="landlords", basis="annuity"),
        *per_home("rent_relief", 100.0, LATER, tenure="renter", zone="Z1", group="low", payer="city",
                  receiver="households"),
        *pay("support", 0.04, LATER, zone="Z1", group="low", payer="city", receiver="households"),
        *pay("energy", 0.2, group="high", carrier="petrol", receiver="suppliers"),
        *per_home("works", 400.0, LATER, tenure="owner", receiver="lenders", basis="annuity"),
        *per_home("works", 9999.0, LATER, tenure="owner", receiver="suppliers", basis="cash"),
    ]  # fmt: skip
    known = facts({"required": dict.fromkeys(HOMES, 1500.0), "rent": {k: 12000.0 for k in HOMES if k[2] == "renter"}})
    return home_plan(rows, name, known)


def test_energy_of_a_home_counts_bills_rent_for_works_relief_and_support_and_no_car() -> None:
    cells = cells_of(rich(), 2050).set_index(CELL)["energy"]
    assert cells["Z1", "high", "renter"] == pytest.approx(500 + 120 + 300)
    assert cells["Z1", "low", "renter"] == pytest.approx(500 + 120 + 300 - 100 - 100)  # 0.04 M over 400 homes
    assert cells["Z1", "low", "owner"] == pytest.approx(1000 + 120 - 50 - 100)
    assert cells["Z2", "high", "owner"] == pytest.approx(1000 + 120 - 50)
    assert cells_of(rich(), BASE)["energy"].to_numpy() == pytest.approx(1120.0)


def test_required_spend_moves_with_bills_and_what_is_paid_beside_them() -> None:
    at_base = cells_of(rich(), BASE)
    assert (at_base["required"] == 1500.0).all()
    later = cells_of(rich(), 2050).set_index(CELL)["required"]
    assert later["Z1", "high", "renter"] == pytest.approx(1500 * 620 / 1120 + 300)
    assert later["Z2", "high", "owner"] == pytest.approx(1500 - 50)
    none = required_of(np.array([np.nan, 100.0]), np.zeros(2), np.zeros(2), np.zeros(2), np.array([0.0, -500.0]))
    assert np.isnan(none[0])
    assert none[1] == 0.0


def test_a_home_cell_carries_every_column_and_says_what_it_does_not_know() -> None:
    table = cells_of(rich(), 2030)
    assert list(table.columns) == [*CELL, "homes", *FIGURES]
    assert table["damp_or_rot"].isna().all()
    assert table.set_index(CELL)["rent"].isna().groupby("tenure").all().to_dict() == {"owner": True, "renter": False}
    with pytest.raises(ValueError, match="no year 2031"):
        cells_of(rich(), 2031)


def test_cells_without_homes_are_left_out_and_older_names_are_read() -> None:
    known = facts()
    known.loc[(known["name"] == "homes") & (known["zone"] == "Z2") & (known["tenure"] == "renter"), "value"] = 0.0
    old = known.replace({"name": {"homes": "households", "income": "household_income"}})
    plan = replace(rich(), facts=old)
    assert len(cells_of(plan, 2030)) == 6
    assert cells_of(plan, 2030)["income"].notna().all()


def test_a_fact_for_fewer_labels_covers_what_finer_rows_leave() -> None:
    rows = [("Z1", "low", "owner", 1.0), ("Z1", "ALL", "ALL", 2.0), ("CITY", "low", "ALL", 3.0),
            ("CITY", "ALL", "ALL", 4.0)]  # fmt: skip
    more = pd.DataFrame(rows, columns=[*CELL, "value"]).assign(name="tree_canopy")
    plan = replace(rich(), facts=pd.concat([facts(), more]))
    got = dict(zip(homes_of(plan).index, fact(plan, "tree_canopy"), strict=True))
    assert got["Z1", "low", "owner"] == 1.0
    assert got["Z2", "low", "owner"] == 3.0
    assert got["Z2", "high", "renter"] == 4.0
    assert got["Z1", "high", "renter"] == 2.0


PLACES = st.tuples(st.sampled_from(["Z1", "Z2", "CITY"]), st.sampled_from(["low", "high", "ALL"]),
                   st.sampled_from(["owner", "renter", "ALL"]))  # fmt: skip
ENTRIES = st.lists(
    st.tuples(PLACES, st.floats(-5.0, 5.0), st.sampled_from(PERIODS), st.booleans(),
              st.sampled_from(["", "gas_price:+1", "works_cost:+1 gas_price:-1"])),
    min_size=1, max_size=12,
)  # fmt: skip


def booked(entries: list[tuple[tuple[str, str, str], float, int, bool, str]], name: str) -> Plan:
    rows: list[Row] = []
    for i, (place, value, year, pays, drivers) in enumerate(entries):
        sides = {} if pays else {"payer": "city", "receiver": "households"}
        named = dict(zip(CELL, place, strict=True))
        rows += pay(f"kind{i}", value, (year,), drivers=drivers, **named, **sides)
    return home_plan(rows, name)


@settings(max_examples=20, deadline=None)
@given(ENTRIES, ENTRIES)
def test_gains_of_all_homes_add_up_to_what_households_pay_less(one: list, other: list) -> None:  # type: ignore[type-arg]
    plan, reference = booked(one, "rules"), booked(other, "adopted")
    got = gains(plan, reference).groupby("period")["gain"].sum()
    want = reference.net_payments(("households",)).sub(plan.net_payments(("households",)), fill_value=0.0)
    for year in PERIODS:
        assert got[year] == pytest.approx(want.get(year, 0.0), abs=1e-9)


@settings(max_examples=20, deadline=None)
@given(ENTRIES)
def test_what_can_be_drawn_equals_what_is_read_and_stays_in_its_place(entries: list) -> None:  # type: ignore[type-arg]
    plan = booked(entries, "rules")
    a = cell_aggregate(plan, household_rows(plan))
    central = {n: np.array([v]) for n, v in zip(plan.drivers["name"], plan.drivers["value"], strict=True)}
    assert evaluate(a, central)[0] == pytest.approx(payments(plan).to_numpy(), abs=1e-9)
    part = cell_aggregate(plan, household_rows(plan), ("group", "period"))
    want = payments(plan).groupby(["group", "period"]).sum()
    assert evaluate(part, central)[0] == pytest.approx(want.reindex(part.keys).to_numpy(), abs=1e-9)


@given(st.lists(PLACES, min_size=1, max_size=6))
def test_every_payment_is_shared_out_whole_over_the_homes_it_covers(places: list[tuple[str, str, str]]) -> None:
    homes = pd.Series(HOMES, index=pd.MultiIndex.from_tuples(list(HOMES), names=CELL))
    share = shares_of(pd.DataFrame(places, columns=CELL), homes).toarray()
    assert share.sum(axis=0) == pytest.approx(1.0)
    for j, place in enumerate(places):
        inside = [all(w in (c, "CITY", "ALL") for c, w in zip(cell, place, strict=True)) for cell in homes.index]
        assert (share[:, j] > 0).tolist() == inside
        each = share[inside, j] / homes.to_numpy()[inside]
        assert each == pytest.approx(each[0])


def test_homes_of_none_share_equally_and_an_unknown_place_is_an_error() -> None:
    homes = pd.Series(0.0, index=pd.MultiIndex.from_tuples(list(HOMES), names=CELL))
    share = shares_of(pd.DataFrame([("Z1", "low", "ALL")], columns=CELL), homes).toarray()
    assert sorted(share[:, 0])[-2:] == [0.5, 0.5]
    with pytest.raises(ValueError, match="Z9 low owner"):
        shares_of(pd.DataFrame([("Z9", "low", "owner")], columns=CELL), homes)


def test_rent_for_works_is_told_from_rent_for_replacements_and_relief_is_positive() -> None:
    plan = rich()
    rise = rent_rise(plan).groupby("period").sum()
    assert rise[2050] == pytest.approx(300 * 500 * 1e-6)
    assert rise[BASE] == 0.0
    assert rent_relief(plan).groupby("period").sum()[2030] == pytest.approx(100 * 300 * 1e-6)


def test_warm_rent_nets_rent_relief_and_bills() -> None:
    plan, reference = rich(), home_plan(per_home("energy", 1000.0) + per_home("standing_charge", 120.0), "adopted")
    table = warm_rent(plan, reference).set_index(["zone", "group", "period"])
    low = table.loc[("Z1", "low", 2050)]
    figures = low[["rent_total", "rent_rise", "relief", "bills", "net"]].tolist()
    assert figures == pytest.approx([300, 300, 100, -500, -300])
    assert low["homes"] == 300.0
    assert table.loc[("Z2", "high", 2050), "net"] == pytest.approx(0.0)
    city = warm_rent(plan, reference, ("group", "period")).set_index(["group", "period"])
    assert city.loc[("low", 2050), "net"] == pytest.approx(-300 * 300 / 400)
    itself = warm_rent(plan, plan)[["rent_rise", "relief", "bills", "net"]]
    assert (itself.fillna(0.0).to_numpy() == 0.0).all()


def test_a_plan_against_itself_gains_nothing() -> None:
    assert (gains(rich(), rich())["gain"] == 0.0).all()


def test_the_small_city_reads_back_its_home_cells_of_the_base_year() -> None:
    inputs, plan = small_inputs(), small_plans().rules
    want = home_cells(inputs.city, inputs.parameters, base_year(inputs.city, inputs.parameters)).set_index(CELL)
    got = cells_of(plan, plan.base_year).set_index(CELL)
    assert set(got.index) == set(want.index)
    for name in ("homes", *FIGURES):
        if name in set(plan.facts["name"]) | {"homes", "energy"}:
            expected = want[name].reindex(got.index).to_numpy(float)
            assert got[name].to_numpy(float) == pytest.approx(expected, rel=1e-6, nan_ok=True), name


def test_the_small_citys_energy_adds_up_to_its_book() -> None:
    plan = small_plans().rules
    rows = home_energy_rows(plan)
    want = (rows["value"] * rows["sign"]).groupby(rows["period"]).sum()
    got = home_energy(plan).groupby("period").sum()
    for year in plan.years:
        assert got[year] == pytest.approx(want[year])
    assert not ((rows["tenure"] == "ALL") & (rows["kind"] != "support")).any()


def test_gains_of_the_small_city_add_up_too() -> None:
    plans = small_plans()
    got = gains(plans.rules, plans.adopted).groupby("period")["gain"].sum()
    want = plans.adopted.net_payments(("households",)) - plans.rules.net_payments(("households",))
    assert got.to_numpy() == pytest.approx(want.reindex(got.index).to_numpy(), abs=1e-9)


def test_zones_differ_only_where_like_homes_pay_differently() -> None:
    same = home_plan(per_home("energy", 1000.0, group="low") + per_home("energy", 2000.0, group="high"))
    assert not zones_differ(same)
    dear = home_plan(per_home("energy", 1000.0, zone="Z1") + per_home("energy", 1020.0, zone="Z2"))
    assert zones_differ(dear)


def test_cells_of_several_years_are_those_of_each() -> None:
    both = cells_of_years(rich(), (BASE, 2050))
    for year, table in both.items():
        pd.testing.assert_frame_equal(table, cells_of(rich(), year))


@cache
def people() -> JusticeOutcomes:
    return justice_outcomes(small_plans().all, small_inputs().city, draws=300)


def test_every_indicator_stands_once_for_each_plan_year_and_group_and_lies_in_its_range() -> None:
    table, plan = people().indicators, small_plans().rules
    assert not table.duplicated(["plan", "period", "zone", "group", "tenure", "indicator"]).any()
    assert set(table["plan"]) == {"base_year", "adopted", "least_cost", "rules"}
    assert set(table.loc[table["plan"] == "rules", "period"]) == set(plan.years[1:])
    assert set(table.loc[table["plan"] == "base_year", "period"]) == {plan.base_year}
    ranged = table[table["low"].notna()]
    assert {"burden_ratio", "EB6", "EB10", "gap6"} <= set(ranged["indicator"])
    assert (ranged["low"] <= ranged["value"]).all()
    assert (ranged["value"] <= ranged["high"]).all()
    city = ranged[(ranged["zone"] == "CITY") & (ranged["indicator"] == "EB6")]
    assert set(city["group"]) == {"ALL", "G1", "G2"}


def test_indicators_of_a_stack_of_years_are_those_of_each_year_alone() -> None:
    plans = small_plans()
    table = people().indicators
    base = cells_of(plans.adopted, plans.adopted.base_year)
    spread = float(plans.adopted.drivers.set_index("name")["value"]["within_cell_spread"])
    frozen = freeze(base, spread, plans.adopted.base_year)
    year = plans.rules.years[-1]
    alone = indicators(cells_of(plans.rules, year), spread, frozen, by=("group",))
    want = alone.set_index(["group", "indicator"])["value"]
    got = table[(table["plan"] == "rules") & (table["period"] == year) & (table["zone"] == "CITY")]
    got = got[got["group"] != "ALL"].set_index(["group", "indicator"])["value"]
    assert got.reindex(want.index).to_numpy(float) == pytest.approx(want.to_numpy(float), nan_ok=True)


def test_ranges_of_pages_agree_to_the_digit() -> None:
    got, year = people(), small_plans().rules.years[-1]
    row = got.indicators.query("plan == 'rules' and period == @year and group == 'G1' and indicator == 'EB6'")
    drawn = got.ranges.set_index("name").loc[f"above6:rules:G1:{year}"]
    assert row[["low", "high"]].iloc[0].tolist() == pytest.approx(drawn[["low", "high"]].tolist())
    five = got.five.set_index(["measure", "period"])
    drawn = got.ranges.set_index("name").loc[f"gap6:rules:{year}"]
    assert five.loc[("poverty_gap", year), ["low", "high"]].tolist() == pytest.approx(drawn[["low", "high"]].tolist())
    assert got.ranges["name"].is_unique


def test_the_five_measures_by_hand() -> None:
    plans, got = small_plans(), people().five.set_index(["measure", "period"])
    rules, adopted, year = plans.rules, plans.adopted, plans.rules.years[-1]
    assert set(got.index.get_level_values("measure")) == {s.key for s in FIVE}
    for name, plan in (("plan", rules), ("adopted", adopted)):
        cells = cells_of(plan, year)
        burden = (cells["energy"] * cells["homes"]).sum() / (cells["income"] * cells["homes"]).sum()
        assert got.loc[("burden", year), name] == pytest.approx(burden)
        row = people().indicators.query("plan == @plan.name and period == @year and group == 'ALL' and zone == 'CITY'")
        assert got.loc[("burden", year), name] == pytest.approx(row.set_index("indicator")["value"]["burden_ratio"])
    table = gains(rules, adopted)
    here = table[table["period"] == year]
    lost = here.loc[here["per_home"] < -0.5, "homes"].sum() / here["homes"].sum()
    assert got.loc[("losers_share", year), "plan"] == pytest.approx(lost)
    assert got.loc[("losers_share", year), "adopted"] == 0.0
    weight = table["period"].map(rules.weight("discount_weight"))
    share, who = designated_share(rules, small_inputs().city, ["G1"])
    theirs = table[["zone", "group", "tenure"]].apply(tuple, axis=1).map(share)
    want = (table["gain"] * weight * theirs).sum() / (table["gain"] * weight).sum()
    row = got.loc[("benefit_share", "whole plan")]
    assert (row["plan"] == pytest.approx(want)) if (table["gain"] * weight).sum() > 0 else np.isnan(row["plan"])
    assert who in row["unit"] or row["status"]
    finite = got[got["low"].notna()]
    assert ((finite["low"] <= finite["plan"]) & (finite["plan"] <= finite["high"])).all()
    equal = got.loc[("ede", year)]
    assert equal["plan"] > got.loc[("burden", year), "plan"]


def test_homes_are_drawn_in_the_order_of_the_plans_cells() -> None:
    plan, city = small_plans().rules, small_inputs().city
    drawn, homes = home_draws(plan, city, 400, 1), homes_of(plan)
    assert drawn.shape == (400, len(homes))
    assert drawn.mean(axis=0) == pytest.approx(homes.to_numpy(), rel=0.1)
    zones = homes.index.get_level_values("zone")
    for zone in zones.unique():  # homes of a zone are known: only how they divide is not
        assert drawn[:, zones == zone].sum(axis=1) == pytest.approx(homes[zones == zone].sum())


def test_people_tables_are_fit_to_print() -> None:
    got, plans = people(), small_plans()
    assert (got.groups["homes"] >= 10).all()
    assert got.groups["homes"].sum() == pytest.approx(homes_of(plans.rules).sum())
    assert got.displacement.sentence == no_group_loses(got.displacement.turnover)
    assert set(got.ranking["year"]) <= set(plans.rules.years[1:])
    rent = got.warm_rent
    assert ((rent["low"] <= rent["net"] + 1e-9) & (rent["net"] <= rent["high"] + 1e-9)).all()
    want = warm_rent(plans.rules, plans.adopted, ("group", "period")).set_index(["group", "period"])["net"]
    assert rent.set_index(["group", "period"])["net"].to_dict() == pytest.approx(
        want.reindex(pd.MultiIndex.from_frame(rent[["group", "period"]])).to_dict()
    )


def test_a_city_without_groups_and_incomes_gets_its_tables_too() -> None:
    plans = whole_city_plans()
    got = justice_outcomes(plans.all, plans.inputs.city, draws=100)
    assert set(got.indicators["group"]) == {"ALL"}
    assert not got.zones_differ
    assert got.notes
    burden = got.five[got.five["measure"] == "burden"]
    unknown = burden["plan"].isna()
    assert (burden.loc[unknown, "status"] != "").all()
