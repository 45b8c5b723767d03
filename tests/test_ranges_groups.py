"""Ranges of every group's figures: the same draws for both plans, the plan's own figure inside, rankings by count."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mutirao.book.bundle import Plan
from mutirao.justice.outcomes import cells_of, gains, homes_of
from mutirao.justice.withincell import share_above, strata
from mutirao.plan.ranges import (
    burden_ranges,
    change_ranges,
    common_draws,
    difference_ranges,
    gain_draws,
    how_sure,
    ranking,
)
from tests.home_plans import BASE, DRIVERS, HOMES, INCOME, home_plan, pay, per_home
from tests.solved import small_plans

LATER = (2030, 2050)
EDGES = ["low", "mid", "high"]
UNIT = "EUR per household and year"


def pair() -> tuple[Plan, Plan]:
    plan = [
        *per_home("energy", 900.0, drivers="gas_price:+1", group="low"),
        *per_home("energy", 1500.0, drivers="gas_price:+1", group="high"),
        *per_home("works", 200.0, LATER, drivers="works_cost:+1", tenure="owner", receiver="lenders", basis="annuity"),
        *pay("fare", 0.1, group="high", receiver="city"),
        *pay("support", 0.02, LATER, group="low", payer="city", receiver="households"),
    ]  # fmt: skip
    before = [*per_home("energy", 1200.0, drivers="gas_price:+1"), *pay("fare", 0.1, group="high", receiver="city")]
    return home_plan(plan), home_plan(before, "adopted")


def named(table: pd.DataFrame) -> pd.DataFrame:
    assert table["name"].is_unique
    return table.set_index("name")


def test_every_name_is_there_with_its_unit() -> None:
    got = named(change_ranges(*pair(), draws=100))
    want = {"cost"}
    for y in LATER:
        want |= {f"household:{g}:{y}" for g in INCOME} | {f"tenure:{t}:{y}" for t in ("owner", "renter")}
        want |= {f"cell:{g}:{t}:{y}" for g in INCOME for t in ("owner", "renter")}
    want |= {f"bill:{g}:{y}" for g in INCOME for y in (2026, *LATER)}
    for p in ("rules", "adopted"):
        for y in (BASE, 2026, *LATER):
            want |= {f"{what}:{p}:{g}:{y}" for what in ("burden", "above6") for g in (*INCOME, "ALL")}
            want.add(f"gap6:{p}:{y}")
    assert set(got.index) == want
    assert got.loc["household:low:2030", "unit"] == UNIT
    assert got.loc["burden:rules:low:2030", "unit"] == "share of income"


def test_ranges_hold_the_plans_own_figures() -> None:
    plan, before = pair()
    got = named(change_ranges(plan, before, draws=300))
    assert (got["low"] <= got["mid"]).all()
    assert (got["mid"] <= got["high"]).all()
    change = gains(plan, before)
    for group in INCOME:
        rows = change[(change["group"] == group) & (change["period"] == 2050)]
        own = -rows["gain"].sum() * 1e6 / rows["homes"].sum()
        row = got.loc[f"household:{group}:2050"]
        assert row["low"] - 1e-9 <= own <= row["high"] + 1e-9
    cells = cells_of(plan, 2050).query("group == 'low'")
    burden = (cells["energy"] * cells["homes"]).sum() / (cells["income"] * cells["homes"]).sum()
    assert got.loc["burden:rules:low:2050", "low"] < burden < got.loc["burden:rules:low:2050", "high"]


def test_a_range_by_hand() -> None:
    """Low-income owners: 300 of gas less (times the gas price), 200 of works more, 50 of support each."""
    plan, before = pair()
    values = common_draws(plan, before, 500, seed=3)
    gas, works = values["gas_price"][1:] / 0.1, values["works_cost"][1:] / 50.0
    want = np.quantile(-300.0 * gas + 200.0 * works - 0.02e6 / 700.0, [0.05, 0.5, 0.95])
    got = named(change_ranges(plan, before, draws=500, seed=3)).loc["cell:low:owner:2030", EDGES]
    assert got.tolist() == pytest.approx(want.tolist())


def test_no_draw_moves_what_both_plans_share() -> None:
    """Fares are the same in both plans and have no place in the change, nor has the price in the fare's group."""
    plan, _ = pair()
    for table in (change_ranges(plan, plan, draws=100), difference_ranges(plan, plan, "x", draws=100)):
        rows = table[table["name"].str.match("household|tenure|cell|cost|rule")]
        assert len(rows) > 4
        assert (rows[EDGES].to_numpy() == 0.0).all()


def test_what_a_rule_does_to_a_group_and_what_it_costs() -> None:
    plan, before = pair()
    got = named(difference_ranges(plan, before, "burden_cap", draws=400))
    assert {f"rule:burden_cap:{g}:{y}" for g in INCOME for y in (2026, *LATER)} | {"rule:burden_cap"} == set(got.index)
    same = named(change_ranges(plan, before, draws=400))
    for group in INCOME:
        one, other = got.loc[f"rule:burden_cap:{group}:2050"], same.loc[f"household:{group}:2050"]
        assert one[EDGES].tolist() == pytest.approx(other[EDGES].tolist())
    opposite = named(difference_ranges(before, plan, "burden_cap", draws=400))
    name = "rule:burden_cap:low:2050"
    assert opposite.loc[name, "low"] == pytest.approx(-got.loc[name, "high"])


def test_burdens_match_the_home_cells_when_nothing_is_uncertain() -> None:
    sure = {n: (v, v, v) for n, (v, _, _) in DRIVERS.items()}
    plan = home_plan(per_home("energy", 900.0, group="low") + per_home("energy", 1500.0, group="high"), drivers=sure)
    got = named(burden_ranges(plan, draws=20))
    assert got.loc["burden:rules:low:2030", "mid"] == pytest.approx(900 / 20000)
    above = float(share_above(np.array(900 / 20000), 0.06, 0.5))
    assert got.loc["above6:rules:low:2030", "mid"] == pytest.approx(above)
    homes = {g: sum(v for k, v in HOMES.items() if k[1] == g) for g in INCOME}
    gap = sum(
        homes[g] * np.clip(spend * strata(0.5) - 0.06 * INCOME[g], 0.0, None).mean()
        for g, spend in (("low", 900.0), ("high", 1500.0))
    )
    assert got.loc["gap6:rules:2030", "mid"] == pytest.approx(gap * 1e-6)
    total = (900 * homes["low"] + 1500 * homes["high"]) / sum(homes[g] * INCOME[g] for g in INCOME)
    assert got.loc["burden:rules:ALL:2030", "high"] == pytest.approx(total)


def test_unknown_incomes_give_no_burden_and_an_unknown_spread_no_headcount() -> None:
    plan, _ = pair()
    bare = home_plan(per_home("energy", 900.0), known=plan.facts[plan.facts["name"] == "homes"])
    assert burden_ranges(bare, draws=20).empty
    flat = {n: v for n, v in DRIVERS.items() if n != "within_cell_spread"}
    names = burden_ranges(home_plan(per_home("energy", 900.0), drivers=flat), draws=20)["name"]
    assert names.str.startswith("burden").all()


def test_uncertain_counts_of_homes_move_the_mix_and_not_what_a_home_pays() -> None:
    plan, before = pair()
    homes = homes_of(plan)
    same = np.tile(homes.to_numpy(), (100, 1))
    given_ = named(change_ranges(plan, before, draws=100, homes_drawn=same))
    plain = named(change_ranges(plan, before, draws=100))
    for edge in EDGES:
        assert given_[edge].reindex(plain.index).to_numpy() == pytest.approx(plain[edge].to_numpy(), abs=1e-9)
    drawn = same * np.random.default_rng(5).lognormal(0.0, 0.3, same.shape)
    moved = named(change_ranges(plan, before, draws=100, homes_drawn=drawn))
    assert moved.loc["cell:low:renter:2050", "high"] == pytest.approx(plain.loc["cell:low:renter:2050", "high"])
    # Only owners pay for works: how many of a group own moves what the group pays.
    assert moved.loc["household:low:2050", "high"] != pytest.approx(plain.loc["household:low:2050", "high"], rel=1e-6)


DRAWN = arrays(float, (41, 4), elements=st.floats(-100.0, 100.0))


@given(DRAWN)
def test_ranking_against_counting_by_hand(values: np.ndarray) -> None:
    groups = ["a", "b", "c", "d"]
    columns = pd.MultiIndex.from_product([groups, [2030]], names=["group", "period"])
    table = ranking(pd.DataFrame(values, columns=columns))
    if np.abs(values).max() <= 1e-6:
        assert table.empty
        return
    assert table["place"].tolist() == [1, 2, 3, 4]
    assert (np.diff(table["gain"]) <= 0).all()
    assert set(table["group"]) == set(groups)
    for (_, one), (_, other) in combinations(table.iterrows(), 2):
        if other["place"] != one["place"] + 1:
            continue
        i, j = groups.index(str(one["group"])), groups.index(str(other["group"]))
        wins = sum(1 for row in values[1:] if row[i] > row[j] + 1e-6)
        assert one["next"] == other["group"]
        assert one["probability"] == pytest.approx(wins / 40)
        assert one["words"] == ("sure" if wins >= 38 else "likely" if wins >= 32 else "cannot tell")


def test_words_for_how_sure() -> None:
    assert [how_sure(p) for p in (1.0, 0.95, 0.9499, 0.80, 0.7999, 0.0)] == [
        "sure", "sure", "likely", "likely", "cannot tell", "cannot tell",
    ]  # fmt: skip


def test_gains_are_drawn_alike_for_all_groups() -> None:
    """Both groups gain by the gas price alone, one twice as much: which gains more is sure, however wide the range."""
    plan = home_plan(per_home("energy", 800.0, drivers="gas_price:+1", group="low")
                     + per_home("energy", 1000.0, drivers="gas_price:+1", group="high"))  # fmt: skip
    before = home_plan(per_home("energy", 1200.0, drivers="gas_price:+1"), "adopted")
    table = ranking(gain_draws(plan, before, draws=200))
    first = table[table["place"] == 1]
    assert (first["group"] == "low").all()
    assert (first["probability"] == 1.0).all()
    assert (first["words"] == "sure").all()
    assert first["gain"].to_numpy() == pytest.approx(400.0)


def test_the_small_city_has_a_range_for_every_group_and_they_hold_its_figures() -> None:
    plans = small_plans()
    got = named(change_ranges(plans.rules, plans.adopted, draws=300))
    assert np.isfinite(got[EDGES].to_numpy()).all()
    change = gains(plans.rules, plans.adopted)
    year = plans.rules.years[-1]
    rows = change[change["period"] == year]
    own = -(rows.groupby("group")["gain"].sum() * 1e6 / rows.groupby("group")["homes"].sum())
    for group, value in own.items():
        row = got.loc[f"household:{group}:{year}"]
        assert row["low"] - 1e-6 <= value <= row["high"] + 1e-6
    prices = [p for p in plans.prices if p.without is not plans.least_cost]
    for price in prices:
        table = named(difference_ranges(plans.rules, price.without, price.rule.name, draws=100))
        row = table.loc[f"rule:{price.rule.name}"]
        own = plans.rules.meta["cost"] - price.without.meta["cost"]
        assert row["low"] - 1e-3 <= own <= row["high"] + 1e-3
