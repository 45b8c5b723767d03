"""A frontier of carbon, cost and a rule: what a linear program must obey, what is refused, what the page says."""

import math
import re
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from mutirao.book import terms as book
from mutirao.cli.frontier import frontier as command
from mutirao.ground.findings import InputError
from mutirao.ground.speech import MARKED, in_language
from mutirao.plan.build import bare_model
from mutirao.plan.frontier import (
    FOUND,
    KNOBS,
    NONE,
    OFF,
    Frontier,
    Level,
    at_level,
    carbon_levels,
    chosen_rule,
    cumulative,
    find_point,
    frontier,
    household_payments,
    levels_of,
    with_rule,
)
from mutirao.plan.rules import add_rules, rules_in_force
from mutirao.plan.solve import solve_plan
from mutirao.plan.support import add_support
from mutirao.plan.targets import add_budgets, bound_carbon
from mutirao.report.carbonlines import Line, along_carbon, end_labels, round_scale, round_ticks
from mutirao.report.frontier import frontier_html, shown_levels, write_frontier
from tests.solved import small_inputs, small_plans

LEVELS = ("off", "0.5", "0.9")
CLOSE = 1e-5


@cache
def drawn() -> Frontier:
    """The small city's frontier of the share of benefit."""
    return frontier(small_inputs(), "benefit_share", LEVELS, 3)


def wide(f: Frontier, column: str = "cost") -> pd.DataFrame:
    return f.points.pivot_table(index="carbon_kt", columns="level", values=column, sort=False, dropna=False)


def scale(f: Frontier) -> float:
    return max(1.0, float(f.points["cost"].abs().max()))


# ---- what a least cost must obey


def test_every_asked_point_is_there_once() -> None:
    f = drawn()
    assert len(f.points) == 3 * 3
    assert not f.points.duplicated(["level", "carbon_kt"]).any()
    assert set(f.points["status"]) <= {FOUND, NONE}
    assert f.points.loc[f.points["status"] == FOUND, "cost"].notna().all()


def test_cost_falls_with_looser_carbon() -> None:
    f = drawn()
    for level in wide(f).columns:
        along = wide(f)[level].sort_index().dropna().to_numpy()  # from tight to loose
        assert len(along) >= 2
        assert (np.diff(along) <= CLOSE * scale(f)).all(), level


def test_cost_rises_with_a_stronger_rule() -> None:
    f = drawn()
    for _, row in wide(f).iterrows():
        assert (np.diff(row.dropna().to_numpy()) >= -CLOSE * scale(f)).all()
    found = f.points[f.points["status"] == FOUND]
    assert (found["extra_cost"].dropna() >= -CLOSE * scale(f)).all()
    assert float(found["extra_cost"].max()) > 1e-3 * scale(f)  # the strongest level does cost something here


def test_cost_is_convex_in_carbon_and_the_last_tonne_is_its_slope() -> None:
    f = drawn()
    for level in wide(f).columns:
        at = f.points[(f.points["level"] == level) & (f.points["status"] == FOUND)].sort_values("carbon_kt")
        c, cost, price = at["carbon_kt"].to_numpy(), at["cost"].to_numpy(), at["tonne_price"].to_numpy() / 1e3
        slope = -np.diff(cost) / np.diff(c)
        give = CLOSE * scale(f) / np.diff(c).min()
        assert (np.diff(slope) <= give).all(), level
        # A chord lies between the slopes at its ends: the price at the tighter end is never below it.
        assert (price[:-1] >= slope - give).all(), level
        assert (price[1:] <= slope + give).all(), level


def test_emissions_keep_to_the_limit() -> None:
    found = drawn().points[drawn().points["status"] == FOUND]
    assert (found["reached_kt"] <= found["carbon_kt"] * (1 + 1e-6)).all()


def test_a_point_is_the_same_as_a_model_put_together_by_hand() -> None:
    inputs, plans = small_inputs(), small_plans()
    level = Level(True, inputs.city.settings.rules["benefit_share"].share, "own")
    limit = cumulative(plans.rules)
    point = find_point(inputs, "benefit_share", plans.adopted, level, limit)
    model = bare_model(inputs)
    add_support(model)
    add_budgets(model)
    add_rules(model, list(plans.in_force), plans.adopted)
    net = bound_carbon(model)
    assert net.expression is not None
    weight = model.horizon.year_weight
    model.rule("sum", (net.expression * weight).sum("period"), "<=", limit - float((net.given * weight).sum()))
    by_hand = solve_plan(model, "by hand", "")
    assert point.status == FOUND
    assert point.cost == pytest.approx(by_hand.meta["cost"], rel=1e-6)
    # The plan keeps to single years beside, so it cannot be cheaper than the point at its own carbon and rules.
    assert point.cost <= float(plans.rules.meta["cost"]) * (1 + 1e-6)


def test_the_frontier_ends_at_the_plan_and_at_business_as_adopted() -> None:
    f, plans = drawn(), small_plans()
    assert f.plan_kt == pytest.approx(cumulative(plans.rules), rel=1e-6)
    assert f.adopted_kt == pytest.approx(cumulative(plans.adopted), rel=1e-6)
    assert f.points["carbon_kt"].min() == pytest.approx(min(f.plan_kt, f.adopted_kt))
    assert f.points["carbon_kt"].max() == pytest.approx(max(f.plan_kt, f.adopted_kt))
    assert f.plan_cost == pytest.approx(plans.rules.meta["cost"] - plans.adopted.meta["cost"], rel=1e-6)


def test_what_homes_pay_adds_up_to_what_all_households_pay() -> None:
    plan = small_plans().rules
    homes = plan.facts[plan.facts["name"] == "households"].groupby("group")["value"].sum()
    weight = plan.weight("year_weight")
    total = (plan.net_payments((book.HOUSEHOLDS,)) * weight).fillna(0.0).sum() / weight.sum()
    assert float((household_payments(plan) * homes).sum()) / 1e6 == pytest.approx(float(total), rel=1e-9)


def test_what_cannot_be_met_is_kept_with_the_least_carbon_there_is() -> None:
    inputs, plans = small_inputs(), small_plans()
    point = find_point(inputs, "benefit_share", plans.adopted, OFF, 1.0)
    assert point.status == NONE
    assert math.isnan(point.cost)
    least = float(re.search(r"less than ([\d,]+) kt", point.why).group(1).replace(",", ""))  # type: ignore[union-attr]
    assert find_point(inputs, "benefit_share", plans.adopted, OFF, 1.02 * least).status == FOUND
    assert find_point(inputs, "benefit_share", plans.adopted, OFF, 0.98 * least).status == NONE


def test_a_rule_that_no_plan_can_keep_says_what_would_make_room() -> None:
    plans = small_plans()
    inputs, _ = with_rule(small_inputs(), "burden_cap level=0.06 who=low_income")
    point = find_point(inputs, "burden_cap", plans.adopted, Level(True, 0.0011, "0.11 %"), 1e9)
    # Support could pay every bill, but not out of this city's yearly budget.
    assert point.status == NONE
    assert "weaker fairness rules" in point.why
    assert "more money in the yearly budgets" in point.why


@pytest.mark.slow
@pytest.mark.parametrize("rule", ["burden_cap level=0.06", "poverty_gap threshold=0.06 cut=0.5", "warm_rent",
                         "cvar worst=0.2 level=0.9", "no_group_worse_off"])  # fmt: skip
def test_every_rule_has_a_frontier_that_rises(rule: str) -> None:
    f = frontier(small_inputs(), rule, carbon=2)
    for _, row in wide(f).iterrows():
        assert (np.diff(row.dropna().to_numpy()) >= -CLOSE * scale(f)).all()
    assert (f.points["status"] == FOUND).any()
    assert f.points.loc[f.points["status"] == NONE, "why"].str.len().gt(20).all()


# ---- levels, and what is refused


@given(st.floats(1.0, 1e6), st.floats(1.0, 1e6), st.floats(1.0, 1e6), st.integers(2, 9))
def test_carbon_levels_fall_from_as_adopted_to_the_plan(plan: float, adopted: float, free: float, count: int) -> None:
    levels = carbon_levels(plan, adopted, free, count)
    assert len(levels) == count
    assert levels[0] == max(plan, adopted)
    assert levels[-1] == pytest.approx(min(plan, adopted))
    assert all(a >= b - 1e-9 for a, b in pairwise(levels))


def test_levels_go_from_weak_to_strong_with_off_first() -> None:
    city = small_inputs().city
    assert [lv.value for lv in levels_of(city, "benefit_share", ["60 %", "off", "0.2"])] == [None, 0.2, 0.6]
    assert [lv.value for lv in levels_of(city, "burden_cap", ["0.06", "0.1"])] == [None, 0.1, 0.06]
    own = city.settings.rules["benefit_share"].share
    assert own in [lv.value for lv in levels_of(city, "benefit_share")]
    assert [lv.words for lv in levels_of(city, "warm_rent")] == ["off", "on"]


@pytest.mark.parametrize("word", ["x", "1.5", "-0.1", "150 %", "nan", "on"])
def test_a_level_that_is_none_is_refused(word: str) -> None:
    with pytest.raises(InputError, match="no level of the rule"):
        levels_of(small_inputs().city, "benefit_share", [word])
    with pytest.raises(InputError, match="has no number"):
        levels_of(small_inputs().city, "warm_rent", ["0.4"])


def test_rules_that_cannot_be_varied_are_refused() -> None:
    city = small_inputs().city
    with pytest.raises(InputError, match="benefit_share"):
        chosen_rule(city, "benefit_shares")
    with pytest.raises(InputError, match="relative ind"):
        chosen_rule(city, "gini")
    nothing = replace(city, settings=replace(city.settings, rules={}))
    with pytest.raises(InputError, match="no fairness rule is on"):
        chosen_rule(nothing, None)
    assert chosen_rule(city, None) == "benefit_share"
    with pytest.raises(InputError, match="out of range"):
        with_rule(small_inputs(), "benefit_share share=2")
    with pytest.raises(InputError, match="worst"):
        frontier(small_inputs(), "cvar")
    bare = replace(small_inputs(), city=replace(city, designated=None))
    with pytest.raises(InputError, match="designated"):
        frontier(bare, "benefit_share")
    with pytest.raises(InputError, match="2 or more"):
        frontier(small_inputs(), carbon=1)


def test_only_the_varied_rule_changes() -> None:
    inputs = small_inputs()
    changed = at_level(inputs, "benefit_share", Level(True, 0.75, "75 %"))
    before, after = inputs.city.settings.rules, changed.city.settings.rules
    assert after["benefit_share"].share == 0.75
    assert {n: s for n, s in after.items() if n != "benefit_share"} == {
        n: s for n, s in before.items() if n != "benefit_share"
    }
    whole, name = with_rule(inputs, "cvar worst=0.2 level=0.9")
    assert (name, whole.city.settings.rules["cvar"].worst) == ("cvar", 0.2)
    assert with_rule(inputs, "cvar") == (inputs, "cvar")
    on, _ = rules_in_force(at_level(inputs, "benefit_share", OFF).city)
    assert "benefit_share" not in [r.name for r in on]
    assert set(KNOBS) <= {"benefit_share", "burden_cap", "poverty_gap", "cvar", "priority"}


# ---- the page


def test_the_page_says_and_draws_every_level(tmp_path) -> None:  # type: ignore[no-untyped-def]
    f = drawn()
    page = write_frontier(f, tmp_path).read_text(encoding="utf-8")
    assert page == frontier_html(f)
    assert not re.search(r"<(script|link|img)\b|@import", page)
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    for level in ("50 %", "90 %", "rule off"):
        assert level in page
    assert "Kept at every point" in page
    back = pd.read_csv(tmp_path / "frontier.csv")
    assert list(back["status"]) == list(f.points["status"])
    assert back["cost"].to_numpy() == pytest.approx(f.points["cost"].to_numpy(), nan_ok=True)


def test_a_point_that_is_missing_is_told_and_its_line_ends() -> None:
    f = drawn()
    points = f.points.copy()
    hit = (points["level"] == "90 %") & (points["carbon_kt"] == points["carbon_kt"].min())
    points.loc[hit, ["cost", "extra_cost", "reached_kt", "tonne_price"]] = math.nan
    points.loc[hit, ["status", "why"]] = [NONE, "No plan that keeps the rules emits less than 999 kt CO2e in all."]
    page = frontier_html(replace(f, points=points))
    assert "no plan beyond" in page
    assert "emits less than 999 kt" in page
    assert "90 % of what households gain: no plan" in page


def test_small_pictures_show_off_own_and_strongest() -> None:
    assert shown_levels(drawn()) == ["off", "90 %"]
    assert shown_levels(replace(drawn(), own="50 %")) == ["off", "50 %", "90 %"]


def test_the_command_refuses_before_it_solves() -> None:
    app = typer.Typer()
    app.command()(command)
    folder = str(small_inputs().city.path)
    with pytest.raises(InputError, match="relative ind"):
        CliRunner().invoke(app, [folder, "--rule", "gini"], catch_exceptions=False)
    with pytest.raises(InputError, match="no level of the rule"):
        CliRunner().invoke(app, [folder, "--levels", "off, lots"], catch_exceptions=False)
    with pytest.raises(InputError, match="no language 'fr'"):
        CliRunner().invoke(app, [folder, "--language", "fr"], catch_exceptions=False)


def test_the_command_writes_its_page_in_the_language_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = typer.Typer()
    app.command()(command)
    monkeypatch.setattr("mutirao.cli.frontier.draw_out", lambda *_: drawn())
    words = [str(small_inputs().city.path), "--language", "pt_BR", "--out", str(tmp_path)]
    told = CliRunner().invoke(app, words, catch_exceptions=False)
    assert told.exit_code == 0
    page = (tmp_path / "frontier.html").read_text(encoding="utf-8")
    with in_language("pt-br"):
        assert page == frontier_html(drawn())
    assert '<html lang="pt-br">' in page


@given(st.floats(-1e6, 1e6), st.floats(0.01, 1e6))
def test_an_axis_holds_its_values_and_its_ticks_are_even(low: float, span: float) -> None:
    a, b, ticks = round_scale(low, low + span, 5)
    slack = 1e-6 * span
    assert a <= low + slack
    assert b >= low + span - slack
    assert 2 <= len(ticks) <= 12
    assert np.diff(ticks) == pytest.approx(np.full(len(ticks) - 1, ticks[1] - ticks[0]), rel=1e-6)
    assert all(low - slack <= t <= low + span + slack for t in round_ticks(low, low + span, 5))


@given(st.lists(st.floats(0.0, 10.0), min_size=1, max_size=6))
def test_names_at_one_spot_never_cover_each_other(at: list[float]) -> None:
    labels = end_labels([(str(i), 1.0, y) for i, y in enumerate(at)], 1.0, 10.0)
    heights = sorted(y for _, (_, y) in labels)
    assert all(b - a >= 1.0 - 1e-9 for a, b in pairwise(heights))
    assert heights[-1] <= 10.0 + 1e-9 or len(at) == 1


def test_carbon_falls_to_the_right() -> None:
    spec = along_carbon([Line("a", [(100.0, 1.0), (50.0, 3.0)], "#000000")], [], 800)
    domain = spec["layer"][0]["encoding"]["x"]["scale"]["domain"]
    assert domain == [100.0, 50.0]


def test_the_page_speaks_the_language_of_its_reader() -> None:
    f = drawn()
    with in_language("es"):
        spanish = frontier_html(f)
    assert '<html lang="es">' in spanish
    assert "carbono, costo y la regla «parte del beneficio»" in spanish
    with in_language(MARKED):
        page = re.sub(r"<style>.*?</style>", "", frontier_html(f), flags=re.S)
    left = [*re.split(r"<[^>]+>", page), *re.findall(r'aria-label="([^"]*)"', page)]
    while any("\u27e6" in text for text in left):
        left = [re.sub(r"\u27e6[^\u27e6\u27e7]*\u27e7", "", text) for text in left]
    outside = {text.strip() for text in left if re.search(r"[^\W\d_]{2,}", text)}
    assert outside <= {g["name"] for g in f.meta["city"]["groups"]}
    assert "\u27e6" not in frontier_html(f)
