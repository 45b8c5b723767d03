"""Answers of a group: read, looked up, solved, printed word for word and kept; and sentences where they cannot be."""

import re
import tomllib
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from mutirao.book.bundle import Plan, load_plan, save_plan
from mutirao.cli.tablekit import table_kit
from mutirao.ground.findings import InputError
from mutirao.plan.inputs import declared_measures
from mutirao.plan.pipeline import Plans
from mutirao.report.tablekit.answers import parse_answers, read_answers, slug
from mutirao.report.tablekit.entered import OURS, Entered, enter
from mutirao.report.tablekit.language import words_of
from mutirao.report.tablekit.meant import check_answers, zone_named
from mutirao.report.tablekit.result import result_html
from tests.solved import small_inputs, small_plans, whole_city_plans
from tests.table_sheets import LANGUAGES, example, kit

GOOD = {
    "group": {"name": "Tenants' table", "zone": "Zone 1", "date": "2026-01-02", "place": "hall", "present": 9,
              "how": "hands"},
    "dispute": [{"parameter": "heat_pump_cost", "value": 19000.0, "why": "offers we had"}],
    "rule": [{"name": "no_group_worse_off", "how": "8 of 9"}, {"name": "benefit_share", "on": False}],
    "measure": [{"measure": "mobility.transit", "at_least": 0.2, "by": 2033, "why": "buses first"},
                {"measure": "power.rooftop_pv", "at_most": 0.3, "by": 2040, "why": "our roofs leak"}],
    "vote": [{"alternative": "rules", "agree": 3, "object": 5, "why": ["<b>No</b> & never"]},
             {"alternative": "ours", "agree": 9, "why": "ours"}],
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_printed_example_is_read_back(language: str) -> None:
    for which in ("zones", "whole"):
        answers = parse_answers(tomllib.loads(example(which, language)))
        assert answers.zone == kit(which).zone_name
        assert (len(answers.disputes), len(answers.rules), len(answers.wishes), len(answers.votes)) == (1, 1, 1, 1)
        inputs = small_inputs() if which == "zones" else whole_city_plans().inputs
        named = replace(answers, group="We")
        check_answers(named, inputs.city, inputs.parameters, declared_measures(inputs.systems), inputs.horizon)
        with pytest.raises(InputError, match="is the example's name"):
            check_answers(answers, inputs.city, inputs.parameters, declared_measures(inputs.systems), inputs.horizon)


def changed(section: str, index: int | None = None, **values: object) -> dict[str, object]:
    raw: dict[str, object] = {k: [dict(r) for r in v] if isinstance(v, list) else dict(v) for k, v in GOOD.items()}
    part = raw[section] if index is None else raw[section][index]  # type: ignore[index]
    assert isinstance(part, dict)
    for key, value in values.items():
        if value is None:
            part.pop(key)
        else:
            part[key] = value
    return raw


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        ({"group": GOOD["group"], "votes": []}, r"nothing is called 'votes' .* Did you mean 'vote'"),
        ({}, r"the part \[group\] is missing"),
        (changed("group", name=None), r"group.name'?: 'name' is missing"),
        (changed("group", name="  "), "'name' is empty"),
        (changed("group", name="!!!"), "cannot name a folder"),
        (changed("group", date="2 January"), "is not a date"),
        (changed("group", present=-1), "is not a count of people"),
        (changed("group", presents=4), "Did you mean 'present'"),
        (changed("dispute", 0, value="dear"), "'dear' is not a number"),
        (changed("dispute", 0, low=1.0), "only one of 'low' and 'high'"),
        (changed("dispute", 0, low=20000.0, high=30000.0), "are not in order"),
        (changed("dispute", 0, why=None), "'why' is missing"),
        (changed("rule", 0, name="no_grup_worse_off"), "Did you mean 'no_group_worse_off'"),
        (changed("rule", 0, name="gini"), "relative indices of burdens mislead"),
        (changed("rule", 0, name="burden_cap"), "'level' is missing"),
        (changed("rule", 0, level=0.1), "has no 'level'"),
        (changed("rule", 0, on="yes"), "neither true nor false"),
        (changed("measure", 0, at_least=1.4), "1.4 is not a share"),
        (changed("measure", 0, at_least=None), "it needs at_least or at_most"),
        (changed("measure", 0, by="soon"), "'soon' is not a year"),
        (changed("vote", 0, agree=8), "13 votes are more than the 9 people"),
        (changed("vote", 0, alternative="rule"), "Did you mean 'rules'"),
        (changed("vote", 0, why=[1]), "reasons are not texts"),
        (changed("vote", 1, alternative="rules"), "'rules' is there more than once"),
        ({**GOOD, "vote": GOOD["vote"][0]}, r"Begin each with \[\[vote\]\]"),  # type: ignore[index]
    ],
)
def test_a_file_of_the_wrong_form_is_told_what_to_mend(raw: dict[str, object], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        parse_answers(raw)


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (changed("group", zone="Zone 11"), "group.zone.*no zone is called 'Zone 11'. Did you mean Zone 1"),
        (changed("dispute", 0, parameter="heat_pump_cst"), "Did you mean 'heat_pump_cost'"),
        (changed("dispute", 0, parameter="rent_pass_through", value=50.0), "is a share and cannot be 50"),
        (changed("dispute", 0, value=-5.0), "cannot be below zero"),
        (changed("dispute", 0, value=0.0), "cannot be zero"),
        (changed("measure", 0, measure="heat.heat_pump"), "Did you mean 'heat.heat_pumps'"),
        (changed("measure", 0, by=2020), "decides after"),
        (changed("rule", 0, name="priority", measures=["heat.pumps"]), "no works are called 'heat.pumps'"),
    ],
)
def test_a_name_the_city_does_not_know_gets_the_nearest(raw: dict[str, object], sentence: str) -> None:
    i = small_inputs()
    with pytest.raises(InputError, match=sentence):
        check_answers(parse_answers(raw), i.city, i.parameters, declared_measures(i.systems), i.horizon)


def test_a_broken_or_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_answers(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("[group\nname =", encoding="utf-8")
    with pytest.raises(InputError, match="is not a readable answers file"):
        read_answers(tmp_path / "bad.toml")


def test_zones_are_found_by_id_or_name() -> None:
    zones = small_inputs().city.zones.to_dict("records")
    assert zone_named(zones, "z2") == zone_named(zones, "zone 1") == "Z2"
    with pytest.raises(InputError, match="Did you mean Zone 1"):
        zone_named(zones, "Zone1")
    with pytest.raises(InputError, match="no zone is named"):
        zone_named(zones, None)
    assert zone_named(zones[:1], None) == "Z1"


def test_a_group_is_a_folder() -> None:
    assert slug("Vecinos de la Esquina ñandú, 2.ª mesa") == "vecinos-de-la-esquina-nandu-2-a-mesa"
    assert slug("!!!") == ""


# ---- answers that change a plan


@cache
def entered() -> Entered:
    saved = {"adopted": small_plans().adopted, "rules": small_plans().rules}
    return enter(small_inputs(), parse_answers(GOOD), saved, lambda step: None)


def test_the_groups_plan_honours_dispute_rule_and_works() -> None:
    e = entered()
    ours = e.plans[OURS]
    row = ours.drivers.set_index("name").loc["heat_pump_cost"]
    assert float(row["value"]) == 19000.0
    assert "scenario: 19000 (disputed by Tenants' table, 2026-01-02: offers we had)" in str(row["steps"])
    names = [r["name"] for r in ours.meta["rules"]]
    assert "no_group_worse_off" in names
    assert "benefit_share" not in names
    assert next(r for r in ours.meta["rules"] if r["name"] == "no_group_worse_off")["set_by"] == "Tenants' table"
    assert e.left_out == ("benefit_share",)
    table = ours.measures.set_index(["measure", "period"])["share"]
    assert all(table["mobility.transit", y] >= 0.2 - 1e-6 for y in ours.years if y >= 2033)
    assert all(table["power.rooftop_pv", y] <= 0.3 + 1e-6 for y in ours.years if y >= 2040)
    cost = {n: p.net_payments(("households",), ("group", "period")) for n, p in e.plans.items()}
    worse = (cost[OURS] - cost["adopted"])[lambda s: s.index.get_level_values("period") > ours.years[0]]
    assert float(worse.max()) <= 1e-4


def test_like_is_compared_with_like() -> None:
    e = entered()
    for plan in e.plans.values():
        assert float(plan.drivers.set_index("name").at["heat_pump_cost", "value"]) == 19000.0
    assert e.doubted[0].before == small_inputs().parameters("heat_pump_cost")
    assert e.doubted[0].change is not None
    assert e.doubted[0].change > 0
    assert e.together is not None


def test_without_disputes_saved_plans_are_used_again() -> None:
    raw = {"group": GOOD["group"], "measure": [GOOD["measure"][0]]}  # type: ignore[index]
    saved = {"adopted": small_plans().adopted, "rules": small_plans().rules}
    e = enter(small_inputs(), parse_answers(raw), saved, lambda step: None)
    assert e.plans["adopted"] is saved["adopted"]
    assert e.plans["rules"] is saved["rules"]
    assert e.together is None


def test_a_rule_that_the_city_cannot_follow_is_refused() -> None:
    raw = {"group": {**GOOD["group"], "zone": ""} | {"zone": "Onetown"}, "rule": [{"name": "warm_rent"}]}  # type: ignore[dict-item]
    inputs = whole_city_plans().inputs
    raw["group"]["zone"] = str(inputs.city.zones["name"].iloc[0])  # type: ignore[index]
    with pytest.raises(InputError, match="'warm_rent' cannot be followed: no income group is marked as low"):
        enter(inputs, parse_answers(raw), {}, lambda step: None)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_of_a_group_prints_its_words(language: str) -> None:
    page = result_html(entered(), words_of(language), "answers.toml", "plans/x", "2026-01-03")
    assert not re.search(r"<(script|link|iframe|img)\b|(src|href)=\"", page)
    assert "&lt;b&gt;No&lt;/b&gt; &amp; never" in page
    for words in ("offers we had", "buses first", "our roofs leak", "8 of 9", "Tenants&#39; table"):
        assert words in page
    text = re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.S)
    assert not re.search(r"\bnan\b|\bNone\b|\{\w+\}", text)


# ---- the command


def run(*words: str) -> "tuple[int, str]":
    app = typer.Typer()
    app.command()(table_kit)
    found = CliRunner().invoke(app, list(words))
    return found.exit_code, found.output + (str(found.exception) if found.exception else "")


def saved(folder: Path, plans: Plans) -> Path:
    for plan in plans.all.values():
        save_plan(plan, folder / "plans" / plan.name)
    return folder


def test_the_command_writes_sheets_and_a_file_to_fill_in(tmp_path: Path) -> None:
    out, city = saved(tmp_path / "out", small_plans()), str(small_inputs().city.path)
    code, told = run(city, "--zone", "Zone 1", "--lang", "es", "--out", str(out))
    assert code == 0, told
    place = out / "table-kit" / "zone-1"
    assert "Alrededor de una mesa" in (place / "sheets-es.html").read_text(encoding="utf-8")
    assert read_answers(place / "answers.toml").zone == "Zone 1"
    (place / "answers.toml").write_text("# mine\n", encoding="utf-8")
    assert run(city, "--zone", "Z2", "--out", str(out))[0] == 0
    assert (place / "answers.toml").read_text(encoding="utf-8") == "# mine\n"
    assert run(city, "--zone", "Zone 1", "--lang", "pt_BR", "--out", str(out))[0] == 0
    assert '<html lang="pt-br">' in (place / "sheets-pt-br.html").read_text(encoding="utf-8")
    assert "Use one of en, es, pt-br." in run(city, "--zone", "Zone 1", "--lang", "fr", "--out", str(out))[1]
    assert "Did you mean Zone 1" in run(city, "--zone", "Zone 11", "--out", str(out))[1]
    assert "holds no plan called" in run(city, "--zone", "Z1", "--plans", str(tmp_path / "none"))[1]
    other = str(whole_city_plans().inputs.city.path)
    code, told = run(other, "--plans", str(out / "plans"), "--out", str(tmp_path / "o"))
    assert code != 0
    assert "with other zones" in told


def test_answers_are_saved_under_the_groups_name_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mutirao.cli.tablekit.enter", lambda *a: entered())
    out, city = saved(tmp_path / "out", small_plans()), str(small_inputs().city.path)
    file = tmp_path / "a.toml"
    file.write_text(example("zones").replace("Name of your group", "Tenants' table"), encoding="utf-8")
    code, told = run(city, "--enter", str(file), "--out", str(out))
    assert code == 0, told
    folder = out / "tables" / "tenants-table"
    ours = load_plan(folder / "plans" / "tenants-table")
    assert ours.title == "The alternative of Tenants' table"
    assert isinstance(load_plan(folder / "plans" / "adopted-compared"), Plan)
    assert (folder / "answers.toml").read_text(encoding="utf-8") == file.read_text(encoding="utf-8")
    assert "beside the plan of the city" in (folder / "comparison-en.html").read_text(encoding="utf-8")
    code, told = run(city, "--enter", str(file), "--out", str(out))
    assert code != 0
    assert "add --overwrite" in told
    assert run(city, "--enter", str(file), "--out", str(out), "--overwrite", "--lang", "es")[0] == 0
    assert (folder / "comparison-es.html").is_file()
