"""Two plans side by side: figures are the books' own, what cannot be told is not told, nothing is called better."""

from dataclasses import replace

import numpy as np
import pytest

from mutirao.book.bundle import Plan
from mutirao.ground.findings import InputError
from mutirao.model.figures import Figure
from mutirao.report import tables
from mutirao.report.compare import Comparison, Side, compared
from tests.solved import small_plans


def sides() -> tuple[Side, Side]:
    plans = small_plans()
    ours = Side("Ours", plans.rules, plans.adopted, ["heat.heat_pumps"])
    return ours, Side("Theirs", plans.least_cost, plans.adopted)


def figures(c: Comparison) -> dict[str, Figure]:
    return {f.name: f for s in c.sections for f in s.figures}


def words(c: Comparison) -> str:
    return " ".join([*c.words, *(w for s in c.sections for w in s.words), *(f.note for f in figures(c).values())])


def with_value(plan: Plan, name: str, value: float) -> Plan:
    drivers = plan.drivers.copy()
    drivers.loc[drivers["name"] == name, ["value", "low", "high"]] = value
    return replace(plan, drivers=drivers)


def test_emissions_and_payers_are_those_of_the_plans() -> None:
    a, b = sides()
    found = figures(compared(a, b))
    emitted = found["compare_emissions"].table
    for side in (a, b):
        rows = emitted[emitted["plan"] == side.name]
        np.testing.assert_allclose(rows["value"], tables.emissions(side.plan), atol=1e-6)
    paid = found["compare_payers"].table
    frame = tables.payers_change(b.plan, b.adopted)
    weight = b.plan.weight("year_weight")
    mean = (frame["change"] * frame["year"].map(weight / weight.sum())).groupby(frame["party"]).sum()
    rows = paid[paid["plan"] == "Theirs"].set_index("who pays")["change"]
    np.testing.assert_allclose(rows, mean.reindex(rows.index), atol=1e-9)


def test_the_same_plan_twice_differs_in_nothing() -> None:
    a, _ = sides()
    found = compared(a, replace(a, name="Again"))
    said, shown = words(found), figures(found)
    assert "The two cost the same." in said
    assert "Both take the same measures as far." in said
    assert "Both rest on the same assumptions." in said
    assert set(shown["compare_homes"].table["difference"]) == {"0"}


def test_plans_of_one_name_are_told_apart() -> None:
    a, b = sides()
    table = figures(compared(a, replace(b, name=a.name)))["compare_emissions"].table
    assert set(table["plan"]) == {"Ours (1)", "Ours (2)"}


def test_a_difference_inside_its_range_cannot_be_told() -> None:
    a, _ = sides()
    name = "electricity_price_residential"
    row = a.plan.drivers.set_index("name").loc[name]
    wide = a.plan.drivers.copy()
    wide.loc[wide["name"] == name, ["low", "high"]] = [0.05 * row["value"], 4.0 * row["value"]]
    moved = wide.copy()
    moved.loc[moved["name"] == name, "value"] = 1.02 * row["value"]
    moved.loc[moved["name"] == name, "low"] = 0.01 * row["value"]
    other = Side("Dearer", replace(a.plan, drivers=moved), replace(a.adopted, drivers=moved))
    ours = Side("Ours", replace(a.plan, drivers=wide), replace(a.adopted, drivers=wide))
    table = figures(compared(ours, other))["compare_homes"].table
    assert set(table["Ours"]) | set(table["difference"]) >= {"cannot tell"}


def test_assumptions_that_differ_are_named_with_both_values() -> None:
    a, _ = sides()
    other = Side("Disputed", with_value(a.plan, "petrol_price", 0.5), with_value(a.adopted, "petrol_price", 0.5))
    rows = figures(compared(a, other))["compare_assumptions"].table
    assert list(rows["assumption"]) == ["petrol price"]
    assert list(rows["Disputed"]) == ["0.5"]


def test_no_word_says_which_is_better() -> None:
    said = words(compared(*sides())).lower()
    for judgement in (" better", " worse", " best", " worst"):
        assert judgement not in said


def test_plans_of_different_cities_or_money_are_refused() -> None:
    a, b = sides()
    for key, value in (("name", "Elsewhere"), ("currency", "EUR"), ("price_year", 1999)):
        city = {**b.plan.meta["city"], key: value}
        stranger = replace(b, plan=replace(b.plan, meta={**b.plan.meta, "city": city}))
        with pytest.raises(InputError, match=str(value)):
            compared(a, stranger)
