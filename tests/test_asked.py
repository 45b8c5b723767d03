"""What is asked of a plan: read strictly, written in one way, put over a city with who asked it."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mutirao.city.asked import Asked, applied
from mutirao.ground.findings import InputError
from mutirao.ground.speech import in_language
from mutirao.model.system import installed_systems
from mutirao.worker.planning import city_at, inputs_asked
from tests.cities import small_city

SYSTEMS = tuple(installed_systems())

WHOLE: dict[str, Any] = {
    "resolution": "standard", "neutrality_year": 2045, "targets": [[2035, 0.7], [2030, 0.4]], "budget_kt": 3000,
    "budgets": {"households": 12, "city": 20.5}, "rules": ["burden_cap   level=0.06", "benefit_share=0.5"],
    "rules_off": ["no_low_income_worse_off"], "floors": [["heat.heat_pumps", 0.2, 2035]],
    "ceilings": [["power.rooftop_pv", 0.5, 2040]], "settings": ["heat_pump_cost = 14000", "car_life=12.50"],
    "set_by": "Tenants' assembly", "how": "vote", "date": "2026-03-01", "headwinds": False, "assessment": False,
    "frontier": {"rule": "benefit_share", "levels": ["off", "0.4"], "carbon": 3}, "answers_text": "[group]",
}  # fmt: skip


def test_equal_asks_are_written_alike() -> None:
    asked = Asked.from_dict(WHOLE)
    again = Asked.from_dict({k: WHOLE[k] for k in reversed(WHOLE)} | {"targets": [[2030, 0.4], [2035.0, 0.7]]})
    assert json.dumps(asked.to_dict()) == json.dumps(again.to_dict())
    assert Asked.from_dict(json.loads(json.dumps(asked.to_dict()))) == asked
    assert asked.settings == ("car_life=12.5", "heat_pump_cost=14000")
    assert asked.rules == ("benefit_share=0.5", "burden_cap level=0.06")
    assert Asked.from_dict({}).to_dict() == {} == Asked.from_dict({"headwinds": True, "targets": []}).to_dict()


@pytest.mark.parametrize(
    ("given", "file", "words"),
    [
        ({"colour": 1}, "asked", "nothing called 'colour' can be asked"),
        ({"resolution": "fine"}, "resolution", "there is no resolution 'fine'"),
        ({"neutrality_year": "2040"}, "neutrality_year", "'2040' is not a number"),
        ({"neutrality_year": 2040.5}, "neutrality_year", "is not a year"),
        ({"neutrality_year": True}, "neutrality_year", "is not a number"),
        ({"targets": [[2030, 1.2]]}, "targets", "1.2 is out of range"),
        ({"targets": [[2030, 0.2], [2030, 0.3]]}, "targets", "2030 is given twice"),
        ({"targets": [2030]}, "targets", "is not a year with a cut"),
        ({"targets": "2030"}, "targets", "is not a list"),
        ({"targets": [[2030, 0.1]] * 201}, "targets", "the list has 201 entries"),
        ({"budget_kt": 10**400}, "budget_kt", "is out of range"),
        ({"budget_kt": float("nan")}, "budget_kt", "is not a number"),
        ({"budgets": {"city": -1}}, "budgets", "-1 is out of range"),
        ({"rules": ["gini=0.3"]}, "rules", "relative index"),
        ({"rules": ["burden_cap"]}, "rules", "'level' is missing"),
        ({"rules": ["benefit_share=0.4", "benefit_share=0.5"]}, "rules", "the rule is given twice"),
        ({"rules": ["warm_rent"], "rules_off": ["warm_rent"]}, "rules_off", "asked for and left out"),
        ({"rules_off": ["warmth"]}, "rules_off", "no rule is called 'warmth'"),
        ({"floors": [["a", 0.5]]}, "floors", "is not a measure with a share and a year"),
        ({"floors": [["a", 0.6, 2030]], "ceilings": [["a", 0.5, 2040]]}, "ceilings", "at least 60% from 2030"),
        ({"settings": ["cost"]}, "settings", "is not a number"),
        ({"settings": ["a=1", "a=2"]}, "settings", "'a' is given twice"),
        ({"date": "1 May"}, "date", "is not a date"),
        ({"set_by": "x" * 501}, "set_by", "longer than 500 letters"),
        ({"how": "\x00"}, "how", "cannot be printed"),
        ({"headwinds": "no"}, "headwinds", "neither yes nor no"),
        ({"frontier": {"speed": 1}}, "frontier", "a frontier has no 'speed'"),
        ({"frontier": {"carbon": 99}}, "frontier", "99 is out of range"),
    ],
)
def test_what_cannot_be_asked_is_told_where_it_stands(given: dict[str, Any], file: str, words: str) -> None:
    with pytest.raises(InputError) as told:
        Asked.from_dict(given)
    assert {f.file for f in told.value.findings} == {file}
    assert words in str(told.value)


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(WHOLE)), inner, max_size=4),
    max_leaves=12,
))  # fmt: skip
def test_any_data_is_an_ask_or_a_sentence(data: Any) -> None:
    try:
        asked = Asked.from_dict(data)
    except InputError:
        return
    assert Asked.from_dict(json.loads(json.dumps(asked.to_dict()))) == asked


def test_the_city_takes_what_is_asked_and_says_who_asked(tmp_path: Path) -> None:
    city = city_at(small_city(tmp_path / "c"), SYSTEMS)
    changed = applied(city, Asked.from_dict(WHOLE)).settings
    assert changed.pledge.neutrality_year == 2045
    assert [(t.year, t.cut, t.of_year, t.source) for t in changed.pledge.targets] == [
        (2030, 0.4, 2020, "Tenants' assembly"),
        (2035, 0.7, 2020, "Tenants' assembly"),
    ]
    assert (changed.pledge.budget_kt, changed.budgets["city"], changed.budgets["households"]) == (3000.0, 20.5, 12.0)
    rule = changed.rules["benefit_share"]
    assert (rule.share, rule.set_by, rule.date, rule.how) == (0.5, "Tenants' assembly", "2026-03-01", "vote")
    assert applied(city, Asked()).settings == city.settings
    with pytest.raises(InputError, match="2020 is not after 2026"):
        applied(city, Asked.from_dict({"targets": [[2020, 0.1]]}))
    with pytest.raises(InputError, match="comes after the year of neutrality"):
        applied(city, Asked.from_dict({"targets": [[2049, 0.9]], "neutrality_year": 2040}))


def test_inputs_follow_the_ask_and_refuse_what_the_software_does_not_know(tmp_path: Path) -> None:
    city = city_at(small_city(tmp_path / "c"), SYSTEMS)
    inputs = inputs_asked(city, SYSTEMS, Asked.from_dict(WHOLE))
    assert inputs.parameters("heat_pump_cost") == 14000.0
    assert "Tenants' assembly" in inputs.parameters["heat_pump_cost"].source
    assert inputs.horizon.end == 2045
    assert not inputs.city.settings.rules["no_low_income_worse_off"].on
    for wrong, words in (
        ({"budgets": {"mayor": 1.0}}, "no payer is called 'mayor'"),
        ({"floors": [["heat.magic", 0.1, 2030]]}, "no measure is called 'heat.magic'"),
        ({"ceilings": [["heat.heat_pumps", 0.1, 2070]]}, "the plan decides nothing in 2070"),
        ({"settings": ["heat_pump_costs=1"]}, "Did you mean 'heat_pump_cost'"),
    ):
        with pytest.raises(InputError, match=words):
            inputs_asked(city, SYSTEMS, Asked.from_dict(wrong))


def test_faults_speak_the_readers_language() -> None:
    with pytest.raises(InputError) as told:
        Asked.from_dict({"neutrality_year": "x"})
    with in_language("es"):
        assert "no es un número" in str(told.value)
