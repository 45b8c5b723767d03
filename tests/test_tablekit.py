"""Around one table: sheets that people can read, complete in both languages, with numbers that are the book's."""

import re
import shutil
import string
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mutirao.city.settings import RULES
from mutirao.ground.findings import InputError
from mutirao.justice.homebill import Tariff, bill_of_home
from mutirao.model.baseyear import base_year
from mutirao.plan.inputs import declared_measures
from mutirao.plan.pipeline import Plans
from mutirao.report import tables
from mutirao.report.tablekit.alternatives import shown_years
from mutirao.report.tablekit.assumptions import effects, per_home, ranked
from mutirao.report.tablekit.bars import change_bar, level_bar
from mutirao.report.tablekit.homebill import car_bill, heat_bill, mean_bill, needs_of, reached, works_rent
from mutirao.report.tablekit.language import Words, flat, languages, words_of
from mutirao.report.tablekit.likehomes import homes_of, own_kinds, targets
from mutirao.report.tablekit.page import EVERYDAY, sheets_html
from mutirao.report.tablekit.shown import group_words, rule_words
from mutirao.report.tablekit.spans import Span, values_of
from tests.solved import small_inputs, small_plans, whole_city_plans
from tests.table_sheets import LANGUAGES, kit, sheets

SAID = ("welcome", "home", "change", "compare", "vote", "doubt", "file", "result", "rule", "alternative_says")


# ---- words


def syllables(word: str) -> int:
    """Syllables of an English word, by its groups of vowels; a silent e at the end is none."""
    word = re.sub(r"[^a-z]", "", word.lower())
    if len(word) <= 3:
        return 1
    word = re.sub(r"(?:[^laeiouy]es|[^laeiouytd]ed|[^laeiouy]e)$", lambda m: m.group()[0], word)
    return max(1, len(re.findall(r"[aeiouy]+", word)))


def grade(text: str) -> float:
    """Flesch-Kincaid grade (Kincaid, Fishburne, Rogers, Chissom 1975): 0.39 words a sentence + 11.8 syllables a word
    - 15.59."""
    sentences = [s for s in re.split(r"[.!?]+(?:\s|$)", text) if re.search("[A-Za-z]", s)]
    words = re.findall(r"[A-Za-z][A-Za-z']*", text)
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def test_the_measure_of_reading_knows_easy_from_hard() -> None:
    assert [syllables(w) for w in ("cat", "table", "insulation", "makes", "heated")] == [1, 2, 4, 1, 2]
    assert grade("The cat sat on the mat. It was warm.") < 2
    assert grade("Distributional considerations necessitate comprehensive institutional participation.") > 20


@pytest.mark.parametrize("section", SAID)
def test_english_is_for_a_reader_of_twelve(section: str) -> None:
    texts = [
        re.sub(r"\{\w+\}", "ten", v) for k, v in words_of("en").texts.items() if k.startswith(section) and v[-1] in ".?"
    ]
    assert grade(" ".join(texts)) <= 7.0
    for text in texts:
        assert max(len(s.split()) for s in re.split(r"[.?!:]\s", text)) <= 24, text


@pytest.mark.parametrize("language", languages())
def test_every_catalogue_has_the_same_keys_and_places(language: str) -> None:
    known, mine = words_of("en").texts, words_of(language).texts
    assert set(mine) == set(known)
    for key, text in known.items():
        assert places(mine[key]) == places(text), key
    assert all(v.strip() or k.startswith("unit.") for k, v in mine.items())
    if language != "en":
        same = [k for k, v in mine.items() if v == known[k] and len(v) > 12 and not v.startswith(("{", "http"))]
        assert not same


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", ["es", "pt-br"])
def test_sentences_of_other_languages_are_short(language: str) -> None:
    texts = [v for k, v in words_of(language).texts.items() if k.startswith(SAID) and v[-1] in ".?"]
    sentences = [s.split() for text in texts for s in re.split(r"(?<=[.?!])\s", text)]
    assert np.mean([len(s) for s in sentences]) < 13
    assert max(len(s) for s in sentences) <= 27


def test_numbers_follow_the_language() -> None:
    en, es = words_of("en"), words_of("es")
    assert (en.plain(1234.5, 1), es.plain(1234.5, 1)) == ("1,234.5", "1.234,5")
    assert (en.number(0.0735, 3), es.number(0.0735, 3)) == ("0.0735", "0,0735")
    assert (en.cash(-2345), es.cash(1234567)) == ("\u22122,300", "1.200.000")
    assert (en.percent(0.4), es.percent(0.125, 3)) == ("40\u00a0%", "12,5\u00a0%")
    assert (en.money(5400, "USD"), es.money(5400, "USD")) == ("USD 5.4 billion", "5,4 mil millones de USD")
    assert en.number(float("nan")) == "not known"
    pt = words_of("pt-br")
    assert (pt.plain(1234.5, 1), pt.money(5400, "BRL")) == ("1.234,5", "5,4 bilhões de BRL")


def test_a_change_is_said_only_where_it_is_known() -> None:
    t = words_of("en")
    assert t.change(Span(-180, -300, -40)) == ("180 less", "40\u2013300 less")
    assert t.change(Span(-180, -300, 40)) == ("cannot tell", "300 less to 40 more")
    assert t.change(Span(0.1, -0.2, 0.3)) == ("no change", "")
    assert t.change(Span(0.3, 0.2, 0.4), 0.05) == ("0.3 more", "0.2\u20130.4 more")


def test_an_unknown_language_is_named_with_those_there_are() -> None:
    with pytest.raises(InputError, match="no catalogue of the language 'fr'"):
        words_of("fr")


def test_measures_rules_and_the_numbers_that_matter_have_words() -> None:
    for language in LANGUAGES:
        t = words_of(language)
        measures = [m for m in declared_measures(small_inputs().systems) if m.startswith(NAMED)]
        assert [m for m in measures if not t.has("measure", m)] == []
        assert [r for r in RULES if not t.has("rule", r)] == []
        for plans in (small_plans(), whole_city_plans()):
            assert [a.name for a in ranked(plans.rules) if not t.has("parameter", a.name)] == []
            assert [a.unit for a in ranked(plans.rules) if not t.has("unit", a.unit.replace("USD", "CUR"))] == []


NAMED = ("heat.", "buildings.", "power.", "mobility.", "other.")


# ---- numbers


def test_bills_of_one_home_are_closed_forms() -> None:
    assert heat_bill(100.0, 120.0, 0.05, 0.8) == pytest.approx(100 * 120 / 0.8 * 0.05)
    assert heat_bill(100.0, 120.0, 0.2, 2.5, 0.25) == pytest.approx(100 * 90 / 2.5 * 0.2)
    assert car_bill(10_000.0, 0.2, 0.3, 0.04) == pytest.approx(600 + 400)
    assert works_rent(10_000.0, 0.4, 0.5, 0.0, 20.0) == pytest.approx(10_000 * 0.6 * 0.5 / 20)


@pytest.mark.parametrize("heating", ["gas", "oil", "electric"])
def test_todays_bill_is_that_of_the_households_model(heating: str) -> None:
    plan, base = small_plans().adopted, base_year(small_inputs().city, small_inputs().parameters)
    n, v, p = needs_of(plan, base), values_of(plan, 10), small_inputs().parameters
    mine = mean_bill(n, reached(plan), v, 90.0, heating, "owner", plan.years[0])[0]
    per_kwh = p("electricity_price_residential") - p("electricity_fixed_charge") * n.connections_per_kwh
    tariff = Tariff(
        {"electricity": per_kwh, "gas": p("gas_price_residential"), "oil": p("oil_price_residential")},
        {"electricity": p("electricity_fixed_charge")},
    )
    efficiency = {"gas": p("gas_boiler_efficiency"), "oil": p("oil_boiler_efficiency"), "electric": 1.0}
    year = plan.years[0]
    theirs = bill_of_home(
        90.0, heating, "renter", tariff, heat_per_m2=n.heat[year], power=n.power[year], efficiency=efficiency, upkeep={}
    )
    assert mine == pytest.approx(sum(theirs.values()), rel=1e-9)


def test_bills_of_all_homes_together_are_the_book() -> None:
    """Homes by the heating of today, at the mean size: the sum of their bills is what the book says homes pay."""
    plan, base = small_plans().rules, base_year(small_inputs().city, small_inputs().parameters)
    n, r, v = needs_of(plan, base), reached(plan), values_of(plan, 5)
    y = plan.years[0]
    start = plan.decisions["heat-homes"].sel(period=y).sum(["zone", "group", "tenure"])
    weight = start / float(start.sum())
    names = {"gas": "gas_boiler", "oil": "oil_boiler", "electric": "resistance"}
    each = [float(weight.sel(technology=k)) * mean_bill(n, r, v, n.area, h, "owner", y)[0] for h, k in names.items()]
    rows = plan.select("money", period=y, kind=["energy", "standing_charge"], gpc=["", "I.1.1", "I.1.2"])
    rows = rows[rows["system"].isin(["heat", "power", "households"])]
    home = rows[~rows["measure"].str.startswith("mobility")]
    given, got = (home.loc[home[side] == "households", "value"].sum() for side in ("payer", "receiver"))
    paid = given - got
    homes = float(tables.homes(plan).sum())
    assert sum(each) == pytest.approx(paid * 1e6 / homes, rel=1e-6)


@pytest.mark.parametrize("plans", [small_plans, whole_city_plans])
def test_what_homes_of_all_zones_pay_is_what_households_pay(plans: "type[Plans]") -> None:
    found = plans()
    plan, own = found.rules, own_kinds(found.adopted)
    values = values_of(plan, 5)
    total = pd.Series(0.0, index=plan.years)
    for zone in [str(z["zone"]) for z in plan.meta["city"]["zones"]]:
        homes = homes_of(plan, zone, own, values)
        everyone = homes.targets[0]
        total += pd.Series({y: everyone.homes * homes.span(everyone, y).value for y in plan.years})
    expected = plan.net_payments(("households",))[plan.years] * 1e6
    np.testing.assert_allclose(total, expected, rtol=1e-9)


def test_without_zones_a_group_pays_what_the_report_says() -> None:
    plan = whole_city_plans().rules
    homes = homes_of(plan, "CITY", set(), values_of(plan, 5))
    bill = tables.household_bill(plan, "tenure")
    for target in homes.targets[1:]:
        assert target.kind == "tenure"
        for y in plan.years:
            assert homes.span(target, y).value == pytest.approx(float(bill.loc[target.name, y]), rel=1e-9)


def test_groups_stand_in_the_order_of_the_city() -> None:
    found = targets(small_plans().rules, "Z1")
    assert [t.name for t in found if t.kind == "group"] == [g.id for g in small_inputs().city.settings.groups]


def test_the_effect_of_a_number_is_that_of_the_book_with_it() -> None:
    plan = small_plans().rules
    names = [a.name for a in ranked(plan, 6)]
    d = plan.drivers.set_index("name")
    found = effects(plan, {n: (float(d.at[n, "low"]), float(d.at[n, "high"])) for n in names})
    for name in names:
        ends = []
        for end in ("low", "high"):
            drivers = plan.drivers.copy()
            drivers.loc[drivers["name"] == name, "value"] = float(d.at[name, end])
            changed = replace(plan, drivers=drivers)
            rows = per_home(changed)
            ends.append(float((rows["value"] * rows["sign"]).sum()))
        assert found[name] == pytest.approx(ends[1] - ends[0], rel=1e-9)
    sizes = [abs(a.moves) for a in ranked(plan)]
    assert sizes == sorted(sizes, reverse=True)
    assert len(sizes) <= 12


def test_shown_years_are_the_first_the_last_and_one_between() -> None:
    plan = small_plans().rules
    assert shown_years(plan)[0] == plan.years[1]
    assert shown_years(plan)[-1] == plan.years[-1]
    assert len(shown_years(plan)) == 3


def test_bars_keep_to_their_frame() -> None:
    for svg in (change_bar(Span(-5, -10, 2), 10, "x"), level_bar(Span(3, 1, 10), 10, "a < b", 4.0)):
        numbers = [float(x) for x in re.findall(r"[MH](-?[\d.]+)", svg)]
        assert all(-0.01 <= x <= 100.01 for x in numbers)
    assert 'aria-label="a &lt; b"' in level_bar(Span(3, 1, 10), 10, "a < b")


# ---- the sheets


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("which", ["zones", "whole"])
def test_the_sheets_are_complete_and_need_nothing(which: str, language: str) -> None:
    page = sheets(which, language)
    ids = re.findall(r'<section class="sheet[^"]*" id="([^"]+)"', page)
    assert ids == [
        "sheet-1", "sheet-2-owner", "sheet-2-renter", "sheet-2-change", "sheet-3-city", "sheet-3-pay", "sheet-3-home",
        "sheet-4", "sheet-5-1", "sheet-5-2", "sheet-6",
    ]  # fmt: skip
    assert f'<html lang="{language}">' in page
    assert not re.search(r"<(script|link|iframe|img|object|embed)\b|@import|url\(|\son\w+=", page)
    assert not re.search(r'(src|href)="', page)
    text = re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.S)
    assert not re.search(r"\bnan\b|\bNone\b|\bundefined\b|\{\w+\}", text)
    assert "size: A4" in page


def test_a_demonstration_says_so_on_every_sheet() -> None:
    k = replace(kit("zones"), city={**kit("zones").city, "demonstration": True, "note": "Nobody <took> part"})
    page = sheets_html(k, words_of("en"), "", "", RULES)
    assert page.count("Demonstration, not the City&#39;s plan") == page.count("<section")
    assert "Nobody &lt;took&gt; part" in page
    real = sheets_html(replace(k, city={**k.city, "demonstration": False}), words_of("en"), "", "", RULES)
    assert "emonstration" not in real


def test_whose_numbers_they_are_is_said() -> None:
    assert "homes like these in the whole city" in sheets("zones", "en")
    assert "The city has one zone" in sheets("whole", "en")
    assert "La ciudad tiene una sola zona" in sheets("whole", "es")
    assert "A cidade tem uma só zona" in sheets("whole", "pt-br")


def test_there_is_room_for_a_fourth_way_and_every_way_is_voted_on() -> None:
    page = sheets("zones", "en")
    assert page.count("Our alternative") == 4
    assert page.count('class="box"') == 3 + 4 * 3
    assert "No home with a low income pays more than as adopted." in page


def test_incomes_and_rules_in_words() -> None:
    en, es = words_of("en"), words_of("es")
    groups = [{"id": "a", "name": "x", "income_max": 25000.0}, {"id": "b", "name": "y", "income_max": 50000.0},
              {"id": "c", "name": "z", "income_max": None}]  # fmt: skip
    assert list(group_words(en, groups, "USD").values()) == ["below 25,000", "25,000 to 50,000", "50,000 and more"]
    assert group_words(es, groups, "USD")["a"] == "menos de 25.000"
    unnamed = [{"id": "a", "name": "poor"}, {"id": "b", "name": "rich"}]
    assert group_words(en, unnamed, "USD") == {"a": "poor", "b": "rich"}
    cap = {"name": "burden_cap", "level": 0.06, "who": "all", "from_year": 2035}
    said = "Homes spend at most 6\u00a0% of their income on energy at home. This holds from 2035 on."
    assert rule_words(en, cap) == said
    assert rule_words(es, {"name": "unheard", "words": "as it says"}) == "as it says"
    assert all(unit in ("gallon", "litre", "therm", "mile") for _, unit in EVERYDAY.values())


@pytest.mark.slow
@pytest.mark.skipif(not (shutil.which("chromium") and shutil.which("pdfinfo")), reason="needs a browser and pdfinfo")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("which", ["zones", "whole"])
def test_every_sheet_is_one_page_of_paper(which: str, language: str, tmp_path: Path) -> None:
    page, pdf = tmp_path / "sheets.html", tmp_path / "sheets.pdf"
    page.write_text(sheets(which, language), encoding="utf-8")
    browser = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'b'}"]
    subprocess.run([*browser, "--no-pdf-header-footer", f"--print-to-pdf={pdf}", f"file://{page}"],
                   check=True, capture_output=True, timeout=120)  # fmt: skip
    told = subprocess.run(["pdfinfo", str(pdf)], check=True, capture_output=True, text=True, timeout=30).stdout
    assert int(re.findall(r"Pages:\s+(\d+)", told)[0]) == sheets(which, language).count("<section")


def test_catalogues_are_shipped_as_files_of_the_package() -> None:
    assert set(LANGUAGES) <= set(languages())
    assert dict(flat({"a": {"b": "x", "c.d": "y"}})) == {"a.b": "x", "a.c.d": "y"}
    assert isinstance(words_of("en"), Words)
