"""Catalogues: complete, without contradictions, with the places of each message; pages said through them."""

import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pandas as pd
import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

import mutirao
from mutirao.cli.language import known_language
from mutirao.ground.findings import InputError
from mutirao.ground.speech import (
    LANGUAGES,
    MARKED,
    MARKS,
    SOURCE,
    again,
    catalogue_files,
    in_language,
    locale_name,
    say,
    together,
    whole_catalogue,
)
from mutirao.model.check import Check
from mutirao.report.brief import brief_html, headwinds_html
from mutirao.report.chapters_plan import the_plan
from mutirao.report.content import ReportContent
from mutirao.report.draw import drawing, specification
from mutirao.report.gather import gather
from mutirao.report.page import report_html
from mutirao.report.scales import NARROW
from mutirao.report.words import between, change, kilotonnes, less_or_more, listed, money, number, percent, sentence
from tests.catalogue_scan import Said, contradictions, has_words, in_template, missing, other_places, places, said_in
from tests.small_plan import META, a_content, an_assessment, some_headwinds
from tests.solved import small_plans

ROOT = Path(mutirao.__file__).parent
TRANSLATED = [code for code in LANGUAGES if code != SOURCE]


def files_of(code: str) -> dict[str, Catalog]:
    out = {}
    for file in catalogue_files(code):
        with file.open("rb") as opened:
            out[file.name] = read_po(opened, locale=locale_name(code), abort_invalid=True)
    return out


# ---- catalogues


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_message_has_its_translation(code: str) -> None:
    lacking = missing(said_in(ROOT), whole_catalogue(code))
    assert not lacking, f"{len(lacking)} messages are not in {code}:\n" + "\n".join(lacking)


@pytest.mark.parametrize("code", TRANSLATED)
def test_places_are_those_of_the_message(code: str) -> None:
    assert not other_places(whole_catalogue(code))


@pytest.mark.parametrize("code", TRANSLATED)
def test_catalogues_agree_and_nothing_is_left_unsure_or_empty(code: str) -> None:
    files = files_of(code)
    assert files
    assert not contradictions(files)
    for name, catalogue in files.items():
        assert not [m.id for m in catalogue if m.id and m.fuzzy], name
        assert not [m.id for m in catalogue if m.id and not m.string], name
        assert not catalogue.obsolete, name


def test_languages_hold_the_same_messages() -> None:
    held = {code: {str(m.id) for m in whole_catalogue(code) if m.id} for code in TRANSLATED}
    for code, messages in held.items():
        other = set().union(*held.values()) - messages
        assert not other, f"{code} lacks {sorted(other)[:20]}"


def test_what_is_missing_is_found() -> None:
    catalogue = Catalog(locale="es")
    catalogue.add("In {year} it ends.", "Termina en {year}.")
    catalogue.add("Begun {year}.", "Empezó en {yeer}.")
    catalogue.add("nothing", "")
    said = [Said("In {year} it ends.", "a.py:1"), Said("nothing", "a.py:2"), Said("Not there.", "b.html:3")]
    assert missing(said, catalogue) == ["a.py:2: 'nothing'", "b.html:3: 'Not there.'"]
    assert other_places(catalogue) == ["'Begun {year}.' -> 'Empezó en {yeer}.'"]
    second = Catalog(locale="es")
    second.add("In {year} it ends.", "Acaba en {year}.")
    assert len(contradictions({"a.po": catalogue, "b.po": second})) == 1
    assert not contradictions({"a.po": catalogue, "b.po": catalogue})


def test_messages_are_found_in_python_and_templates() -> None:
    said = {s.message for s in said_in(ROOT / "report")}
    assert "less than 1 kt CO2e" in said  # a constant
    assert "No plan keeps every promise." in said  # a part of several sentences
    assert "Show all {count} rows" in said  # a template
    page = """{% trans "Next" %}{% blocktrans trimmed with n=x %}
      {{ n }} of   100 %
    {% endblocktrans %}{{ _('It is "so"', a=b) }}{% blocktrans %}One{% plural %}Many{% endblocktrans %}"""
    assert [s.message for s in in_template(page, "t")] == ['It is "so"', "Next", "%(n)s of   100 %%", "One", "Many"]
    assert places("{a:,.0f} {b} %(c)s") == {"a!None:,.0f", "b!None:", "c"}
    assert not has_words("{low} – {high}")


# ---- numbers and words


def test_numbers_and_money_in_each_language() -> None:
    said = {
        "es": ["12.300", "USD 1,23 mil millones", "USD 45 millones", "a, b y c", "45 %", "menos de 1 kt CO2e"],
        "pt-br": ["12.300", "USD 1,23 bilhão", "USD 45 milhões", "a, b e c", "45 %", "menos de 1 kt CO2e"],
    }
    english = [number(12345), money(1234, "USD"), money(45, "USD"), listed(["a", "b", "c"]), percent(0.45)]
    english.append(kilotonnes(0.2))
    assert english == ["12,300", "USD 1.23 billion", "USD 45 million", "a, b and c", "45 %", "less than 1 kt CO2e"]
    assert set(said) == set(TRANSLATED)
    for code, words in said.items():
        with in_language(code):
            assert [again(text) for text in english] == words


@pytest.mark.parametrize(
    ("last", "said"),
    [
        ("industria", "a, b e industria"), ("Ípsilon", "a, b e Ípsilon"), ("«hilo»", "a, b e «hilo»"),
        ("higiene", "a, b e higiene"), ("hierro", "a, b y hierro"), ("hielo", "a, b y hielo"),
        ("ierba", "a, b y ierba"), ("II.1.1", "a, b y II.1.1"), ("edificios", "a, b y edificios"),
    ],
)  # fmt: skip
def test_a_spanish_list_says_e_before_the_sound_i(last: str, said: str) -> None:
    items = ["a", "b", last]
    english = listed(items)
    assert english == f"a, b and {last}"
    with in_language("es"):
        assert again(english) == said
    with in_language("pt-br"):
        assert again(english) == f"a, b e {last}"


def test_every_word_of_a_difference_is_said_again() -> None:
    english = [
        change(0.1, "EUR"),
        change(120.0, "EUR"),
        change(-120.0, "EUR", -150.0, -90.0),
        change(1.0, "EUR", -150.0, 90.0),
        less_or_more(-1.0, 2.0, "EUR"),
        less_or_more(1.0, 2.0, "EUR"),
        less_or_more(-2.0, -1.0, "EUR"),
        between(-3.0, 1200.0),
        sentence(change(1.0, "EUR", -150.0, 90.0)),
    ]
    with in_language(MARKED):
        assert [t for t in english if outside_marks(again(t), {"EUR"})] == []
    for code in TRANSLATED:
        with in_language(code):
            assert not {again(t) for t in english} & set(english)


def test_a_number_of_one_language_is_not_read_as_one_of_another() -> None:
    with in_language("es"):
        assert number(1234.0, 4) == "1.234"
        assert again("1.234") == "1.234"


def test_a_text_that_says_only_what_it_was_given_is_looked_up() -> None:
    assert [listed(["yes"]), together("yes", ""), say("{word}", word="yes"), say("yes")] == ["yes"] * 4
    with in_language("es"):
        assert again("yes") == "sí"


def test_sentences_of_sentences_are_said_again() -> None:
    whole = together(say("plus {amount}", amount=kilotonnes(0.2)), "That is the total.", listed(["yes", "no"]))
    assert whole == "plus less than 1 kt CO2e That is the total. yes and no"
    with in_language("es"):
        assert again(whole) == "más menos de 1 kt CO2e Ese es el total. sí y no"


def test_a_language_without_catalogue_is_one_sentence() -> None:
    assert [known_language(c) for c in ("en", "ES", "pt_BR")] == ["en", "es", "pt-br"]
    with pytest.raises(InputError, match=r"there is no language 'fr'\. Use one of en, es, pt-br\."):
        known_language("fr")


# ---- pages


def outside_marks(text: str, allowed: set[str], entered: set[str] = frozenset()) -> list[str]:
    """Words of two letters or more that stand outside marks; ``allowed`` words and whole ``entered`` texts may."""
    inner = re.compile(f"{MARKS[0]}[^{MARKS[0]}{MARKS[1]}]*{MARKS[1]}")
    while inner.search(text):
        text = inner.sub(" ", text)
    if text.strip(" .·,:").lower() in {e.lower() for e in entered}:
        return []
    for one in sorted(allowed, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(one)}(?!\w)", " ", text)
    return re.findall(r"[^\W\d_]{2,}", REFERENCE.sub(" ", text))


def visible(page: str) -> list[str]:
    """The texts of a page that are read or heard: between tags, labels and the names of drawings."""
    page = re.sub(r"<style>.*?</style>", "", page, flags=re.S)
    page = re.sub(r"</tspan>\s*<tspan[^>]*>", " ", page)
    labels = re.findall(r'aria-label="([^"]*)"', page)
    return [unescape(t).strip() for t in [*labels, *re.findall(r">([^<]+)<", page)] if t.strip()]


#: A reference of the GPC, such as "II.1.1".
REFERENCE = re.compile(r"\b[IV]+\.\d(\.\d)?\b")
#: What is no prose of ours: units and codes that no language changes, and names of places.
UNITS = {"kt", "CO₂e", "EUR", "GWh", "GPC", "BASIC", "BASIC+", "Mutirão", "Testville", "North", "South"}
#: Whole texts that a user would have entered, or that are made up for a test.
ENTERED = {
    "the town", "the assembly", "by vote", "Words", "Heat", "City", *(f"Action {i}" for i in range(1, 5)),
    "below 30,000 EUR", "30,000 EUR and more", "a share", "no low-income group pays more", "better buses", "add",
    "dearer", "homes with heat pumps", "no amount is stated", "nothing goes wrong", "calm weather", "costs + 30 %",
    "heat", "heat of homes", "pledge-path", "Climate law of Testville", "people.csv: something is missing", "GWh/a",
    "Rule 'benefit_share' is off: nobody designated homes", "shortfall_price", "EUR/t", "law", "test",
}  # fmt: skip


SMALL_CITY = {*(f"Income group {i}" for i in (1, 2)), *(f"Zone {i}" for i in (0, 1)), "vote"}


def full_content() -> ReportContent:
    return replace(
        a_content(),
        assessment=an_assessment(),
        headwinds=some_headwinds(),
        draws=pd.DataFrame([{"name": "cost", "low": -5.0, "mid": 1.0, "high": 5.0, "unit": "M"}]),
        findings=["people.csv: something is missing"],
        checks=[Check("heat", "heat of homes", 100.0, 103.0, "GWh/a", 0.01)],
        coverage=pd.DataFrame({"city": ["A"], "Z1": ["B"]}, index=pd.Index(["heat"], name="system")),
        bridge=pd.DataFrame({"gpc": ["I.1.1"], "base": [70.0], "growth": [1.0], "grid": [0.0], "first_year": [71.0]}),
        sources={"law": "Climate law of Testville"},
    )


def test_the_border_leaves_english_as_it_was_and_numbers_in_every_language() -> None:
    page = report_html(full_content())
    with in_language("es"):
        spanish = report_html(full_content())
    assert '<html lang="en">' in page
    assert '<html lang="es">' in spanish
    assert len(re.findall("<figure", page)) == len(re.findall("<figure", spanish))
    assert report_html(full_content()) == page


def test_axes_of_drawings_have_the_marks_of_the_language() -> None:
    figure = next(f for part in the_plan(full_content()).parts for f in part.figures if f.name == "path")
    dear = replace(figure, table=figure.table.assign(value=figure.table["value"] * 100.0), line=None)
    assert ">10,000<" in drawing(dear, NARROW)
    with in_language("pt-br"):
        assert ">10.000<" in drawing(dear, NARROW)
        assert specification(dear, NARROW)["width"] == NARROW


@pytest.mark.parametrize("page", ["report", "brief", "headwinds"])
def test_no_prose_of_a_page_is_without_translation(page: str) -> None:
    with in_language(MARKED):
        made = {
            "report": lambda: report_html(full_content()),
            "brief": lambda: brief_html(an_assessment(), META),
            "headwinds": lambda: headwinds_html(some_headwinds(), META),
        }[page]()
    nothing_left(made, UNITS, ENTERED)


def test_no_prose_of_a_planned_city_is_without_translation() -> None:
    content = gather(small_plans(), None, None, ())
    with in_language(MARKED):
        page = report_html(content)
    # Names, units, steps and sources of parameters are data and stand as they are.
    start, assumptions = page.index("<body"), page.index('<section id="assumptions"')
    tail = re.sub(r"<table>.*?</table>", "", page[assumptions:], flags=re.S)
    sources = {str(s) for s in content.plan.drivers["source"]}
    nothing_left(page[start:assumptions] + tail, UNITS | {"Littleton", "USD", "GW"}, SMALL_CITY | sources)


def nothing_left(page: str, allowed: set[str], entered: set[str]) -> None:
    left = {text: words for text in visible(page) if (words := outside_marks(text, allowed, entered))}
    assert not left, f"{len(left)} texts:\n" + "\n".join(f"{w} in {t!r}" for t, w in left.items())
