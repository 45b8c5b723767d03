"""Rules in words: read from the command line, put over those of city.toml, and said in plain sentences."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mutirao.city.folder import read_city
from mutirao.city.rulekeys import EXAMPLES, MAIN_KEY, RULE_KEYS, RULES, rule_faults, toml_example, unknown_rule
from mutirao.city.rulewords import HOW, NOT_SAID, parse_rule, rule_sentence, with_rules
from mutirao.city.settings import RuleSetting, Settings, settings_text
from mutirao.city.settings_file import parse_settings
from mutirao.city.template import write_template
from mutirao.ground.findings import InputError
from tests.cities import MEASURES, VARIABLES, small_city

INDICES = ("gini", "burden_gini", "Atkinson", "theil_t", "mld", "palma", "concentration_index", "suits", "kakwani")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_city(small_city(tmp_path / "a"), VARIABLES).settings


@pytest.mark.parametrize("name", RULES)
def test_every_rule_has_keys_an_example_and_a_sentence(name: str) -> None:
    rule = parse_rule(EXAMPLES[name], "test council", "2026-01-31", "vote")
    assert rule.name == name
    assert rule.on
    assert (rule.set_by, rule.date, rule.how) == ("test council", "2026-01-31", "vote")
    for key in RULE_KEYS[name]:
        assert getattr(rule, key) not in (None, ()) or not RULE_KEYS[name][key].needed
    sentence = rule_sentence(rule, "EUR")
    assert sentence.endswith(".")
    assert "not set" not in sentence


@pytest.mark.parametrize("name", RULES)
def test_a_rule_survives_the_settings_file(settings: Settings, name: str) -> None:
    rule = parse_rule(EXAMPLES[name], "test council", "2026-01-31", "vote")
    changed = with_rules(settings, [rule])
    back = parse_settings(settings_text(changed))
    assert back.rules[name] == rule
    assert back == changed


def test_rules_of_the_command_line() -> None:
    cap = parse_rule("burden_cap level=0.06 who=designated")
    assert (cap.level, cap.who, cap.from_year, cap.share) == (0.06, "designated", None, None)
    assert (cap.set_by, cap.how) == (NOT_SAID, HOW)
    assert parse_rule("benefit_share=0.45").share == 0.45
    assert parse_rule("benefit_share=1").share == 1.0
    first = parse_rule("priority measures=heat.district_heat,buildings.deep_retrofit level=1.1")
    assert first.measures == ("heat.district_heat", "buildings.deep_retrofit")
    assert first.level == 1.1
    assert parse_rule("no_low_income_worse_off") == RuleSetting(
        "no_low_income_worse_off", True, None, NOT_SAID, "", HOW
    )
    gap = parse_rule("poverty_gap=0.5 threshold=0.06 from_year=2035")
    assert (gap.cut, gap.threshold, gap.from_year) == (0.5, 0.06, 2035)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no rule is named"),
        ("benefit_shar=0.4", "Did you mean 'benefit_share'?"),
        ("benefit_share", "'share' is missing"),
        ("benefit_share=45", "Write a value from 0 to 1"),
        ("benefit_share=45%", "not a number"),
        ("benefit_share=0,45", "not a number"),
        ("benefit_share=nan", "not a number"),
        ("benefit_share=0.4 share=0.5", "'share' is given twice"),
        ("burden_cap 0.06", "'0.06' is not key=value"),
        ("burden_cap level=0.06 who=poor", "low_income, designated, all"),
        ("burden_cap level=0.06 from_year=2035.5", "whole number"),
        ("burden_cap level=0.06 share=0.5", "has no 'share'"),
        ("poverty_gap treshold=0.06 cut=0.3", "Did you mean 'threshold'?"),
        ("cvar=0.9", "'worst' is missing"),
        ("priority level=1.0", "'measures' is missing"),
        ("warm_rent=3", "takes no number"),
    ],
)
def test_a_rule_that_cannot_be_read_says_how_to_mend_it(text: str, words: str) -> None:
    with pytest.raises(InputError) as refused:
        parse_rule(text)
    assert words in str(refused.value)
    assert "--rule" in str(refused.value)


@pytest.mark.parametrize("name", INDICES)
def test_relative_indices_are_refused_with_the_reason(name: str) -> None:
    what, mend = unknown_rule(name)
    assert "relative indices of burdens mislead" in what
    assert all(word in mend for word in ("measured after the solve", "poverty_gap", "cvar", "burden_cap"))
    with pytest.raises(InputError, match="no group's burden rose"):
        parse_rule(f"{name}=0.3")


def test_no_rule_is_taken_for_an_index() -> None:
    for name in RULES:
        assert "relative" not in unknown_rule(name[:-1])[0]


def test_a_rule_given_here_replaces_the_one_of_the_city_whole(settings: Settings) -> None:
    before = list(settings.rules)
    changed = with_rules(settings, [parse_rule("benefit_share=0.7"), parse_rule("warm_rent")])
    assert list(changed.rules) == [*before, "warm_rent"]
    assert changed.rules["benefit_share"].share == 0.7
    assert changed.rules["benefit_share"].set_by == NOT_SAID
    assert changed.rules["no_low_income_worse_off"] == settings.rules["no_low_income_worse_off"]
    assert settings.rules["benefit_share"].share == 0.4
    assert with_rules(settings, []) == settings
    with pytest.raises(InputError, match="given twice"):
        with_rules(settings, [parse_rule("warm_rent"), parse_rule("warm_rent")])
    with pytest.raises(InputError, match="after the neutrality year 2050, so never"):
        with_rules(settings, [parse_rule("burden_cap level=0.06 from_year=2051")])


def test_sentences_carry_the_numbers() -> None:
    cap = rule_sentence(parse_rule("burden_cap level=0.06 from_year=2030"), "USD")
    assert cap.startswith("Homes in low-income groups spend at most 6 % of their income on energy at home from 2030 on")
    assert "40 %" in rule_sentence(parse_rule("benefit_share=0.4"), "USD")
    gap = rule_sentence(parse_rule("poverty_gap threshold=0.06 cut=0.5"), "EUR")
    assert all(word in gap for word in ("6 %", "50 %", "EUR a year"))
    worst = rule_sentence(parse_rule("cvar worst=0.2 level=0.9"), "USD")
    assert all(word in worst for word in ("20 %", "0.9 times"))
    first = rule_sentence(parse_rule("priority measures=heat.heat_pumps"), "USD")
    assert all(word in first for word in ("heat.heat_pumps", "at least 1 times"))
    bare = rule_sentence(replace(parse_rule("benefit_share=0.4"), share=None), "USD")
    assert "not set" in bare


@given(share=st.floats(0, 1), level=st.floats(0.01, 10), year=st.integers(1900, 2200))
def test_every_number_in_range_is_read_as_written(share: float, level: float, year: int) -> None:
    assert parse_rule(f"benefit_share={share!r}").share == share
    assert parse_rule(f"priority measures=a.b level={level!r}").level == level
    assert parse_rule(f"warm_rent from_year={year}").from_year == year


@given(value=st.floats(allow_nan=False, allow_infinity=False), name=st.sampled_from(sorted(MAIN_KEY)))
def test_a_number_is_refused_exactly_when_out_of_range(value: float, name: str) -> None:
    key = RULE_KEYS[name][MAIN_KEY[name]]
    wrong = [fault for fault in rule_faults(name, {MAIN_KEY[name]: value}) if fault[0] == MAIN_KEY[name]]
    assert bool(wrong) == (not key.low <= value <= key.high)


@pytest.mark.parametrize("name", RULES)
def test_the_example_of_a_missing_key_mends_it(settings: Settings, name: str) -> None:
    shown = [key for key in RULE_KEYS[name] if f" {key}=" in EXAMPLES[name]]
    assert {key for key, one in RULE_KEYS[name].items() if one.needed} <= set(shown)
    lines = [toml_example(name, key) for key in shown]
    text = settings_text(with_rules(settings, [])).split("[rules.")[0].split("[designation]")[0]
    text += f"\n[rules.{name}]\non = true\nset_by = 'a'\ndate = 2026-01-31\nhow = 'b'\n" + "\n".join(lines)
    assert parse_settings(text).rules[name] == parse_rule(EXAMPLES[name], "a", "2026-01-31", "b")


def test_the_rules_of_an_empty_city_can_be_used_as_they_stand(tmp_path: Path, settings: Settings) -> None:
    write_template(tmp_path / "new", VARIABLES, MEASURES)
    lines = (tmp_path / "new" / "city.toml").read_text(encoding="utf-8").split("\n")
    start = next(n for n, line in enumerate(lines) if line.startswith("# [rules."))
    bare = [line.removeprefix("# ") for line in lines[start:]]
    text = settings_text(settings).split("[rules.")[0] + "\n".join(bare)
    found = parse_settings(text)
    assert tuple(found.rules) == RULES
    assert found.designation is not None
    assert found.designation.criteria == ("income", "area")
    for rule in found.rules.values():
        assert set(rule.measures) <= set(MEASURES)
