"""Plans speak languages: what a plan keeps in its tables, what systems show, and what is said of rules and promises."""

import re
from collections.abc import Iterable, Iterator

import pytest

from mutirao.book.bundle import Plan
from mutirao.city.rulekeys import EXAMPLES, RULE_KEYS, RULES
from mutirao.city.rulewords import parse_rule, rule_sentence
from mutirao.ground.speech import LANGUAGES, MARKED, MARKS, SOURCE, again, in_language, whole_catalogue
from mutirao.justice.burdens import EQUIVALENCE
from mutirao.justice.deprivation import INDEPENDENT
from mutirao.justice.displacement import no_group_loses, turnover_run
from mutirao.justice.distribution import FIVE
from mutirao.justice.outcomes import cells_of
from mutirao.justice.poverty import INDICATORS, WORDS, indicators
from mutirao.model.figures import Section, two_digits
from mutirao.plan.build import given_model
from mutirao.plan.diagnose import LEVERS, missed
from mutirao.plan.frontier import KNOBS
from mutirao.plan.headwinds import standard_cases
from mutirao.plan.pipeline import TITLES
from mutirao.plan.ranges import SURE
from mutirao.plan.rules import LACKING, off_sentence, rules_in_force
from mutirao.report.gather import gather
from mutirao.systems.other.decisions import FAMILY_WORDS
from tests.solved import small_inputs, small_plans

TRANSLATED = [code for code in LANGUAGES if code != SOURCE]
#: Units, ids and abbreviations that no language changes.
AS_THEY_ARE = {"GWh", "MWh", "kWh", "MW", "GW", "kt", "km", "kg", "CO2e", "GPC", "EUR", "II", "III", "IV"}


def left_over(texts: Iterable[str], entered: Iterable[str] = ()) -> list[str]:
    """Texts that say words outside marks in the marked language, but for what was entered or never changes."""
    known = AS_THEY_ARE | {w for text in entered for w in re.findall(r"\w+", text)}
    with in_language(MARKED):
        return [t for t in dict.fromkeys(texts) if set(re.findall(r"[^\W\d_]\w+", outside(again(t)))) - known]


def outside(text: str) -> str:
    """What stands outside all marks."""
    kept, depth = [], 0
    for sign in text:
        depth += (sign == MARKS[0]) - (sign == MARKS[1])
        if depth == 0 and sign not in MARKS:
            kept.append(sign)
    return "".join(kept)


def test_words_outside_marks_are_found() -> None:
    assert left_over(["this plan", "no catalogue knows these words"]) == ["no catalogue knows these words"]
    assert outside(f"a {MARKS[0]}b {MARKS[0]}c{MARKS[1]} d{MARKS[1]} e") == "a  e"


def kept_texts(plan: Plan) -> set[str]:
    """What a plan keeps in words: of rules only the measured unit, for they are said anew from their settings."""
    limits = plan.limits[plan.limits["family"] != "fairness"]
    out = {str(u) for frame in (plan.terms, plan.measures, plan.limits) for u in frame["unit"]}
    out |= {str(u) for u in plan.terms["quantity_unit"]}
    for frame in (plan.terms, plan.measures, limits):
        out |= {str(m) for m in frame["meaning"]}
    return {t for t in out if set(re.findall(r"[^\W\d_]\w+", t)) - AS_THEY_ARE - {"share"}}


@pytest.mark.parametrize("code", TRANSLATED)
def test_what_a_stored_plan_says_can_be_looked_up_as_it_stands(code: str) -> None:
    """A plan is read again long after it was made, when nothing remembers how its words were composed."""
    known = whole_catalogue(code)
    texts = set().union(*(kept_texts(p) for p in small_plans().all.values()))
    assert len(texts) > 100
    assert not sorted(t for t in texts if t not in known)


def shown_texts(section: Section) -> Iterator[str]:
    yield section.title
    yield from section.words
    for f in section.figures:
        yield from (f.title, f.note, f.unit, *(str(o) for o in f.order), *(str(c) for c in f.table.columns))
        for column in f.table.columns:
            yield from (str(v) for v in f.table[column] if isinstance(v, str))


def entered(plan: Plan) -> list[str]:
    return [str(z["name"]) for z in plan.meta["city"]["zones"]] + [str(g["name"]) for g in plan.meta["city"]["groups"]]


def test_what_systems_show_is_in_the_catalogues() -> None:
    plans = small_plans()
    for system in plans.inputs.systems:
        for pair in ((plans.rules, plans.adopted), (plans.no_action, plans.rules)):
            texts = [t for t in shown_texts(system.section(*pair)) if system.name != "other" or " in the city" not in t]
            assert not left_over(texts, entered(plans.rules)), system.name


def test_checks_rules_and_promises_are_in_the_catalogues() -> None:
    plans = small_plans()
    said = [c.what for c in plans.checks] + [c.unit for c in plans.checks] + list(TITLES.values())
    said += [off_sentence(n, w) for n, w in rules_in_force(plans.inputs.city, without=RULES)[1].items()]
    said += [s for p in plans.all.values() for s in missed(p)] + [lever.sentence for lever in plans.levers]
    said += [key.meaning for keys in RULE_KEYS.values() for key in keys.values()]
    said += [rule_sentence(parse_rule(EXAMPLES[name]), "EUR") for name in RULES]
    for case in standard_cases(small_inputs(), plans.rules):
        said += [case.name, case.words]
    said += [*LEVERS.values(), *LACKING.values(), *FAMILY_WORDS.values()]
    said += [knob.unit for knob in KNOBS.values()] + [words for _, words in SURE]
    assert not left_over(said)


def test_justice_is_in_the_catalogues() -> None:
    plans = small_plans()
    cells = cells_of(plans.rules, plans.rules.base_year)
    cells.attrs["currency"] = "EUR"
    table = indicators(cells, 0.5)
    said = [*table["name"], *table["threshold"], *table["income_basis"], *table["spend_basis"], *table["status"]]
    said += [*table["unit"], *table.attrs["assumptions"], EQUIVALENCE, INDEPENDENT]
    said += [*WORDS.values(), *(i.definition for i in INDICATORS)]
    said += [t for shown in FIVE for t in (shown.name, shown.words)]
    said.append(no_group_loses(turnover_run(plans.rules, plans.adopted)))
    assert not left_over([t for t in said if t])


def test_what_a_report_gathers_is_in_the_catalogues() -> None:
    plans = small_plans()
    content = gather(plans, None, None, [])
    texts = [t for r in content.rules for t in vars(r).values() if isinstance(t, str) and " " in t]
    # Who set a rule and how it came about are the city's own words.
    own = {t for r in content.rules for t in (r.set_by, r.date, r.how)}
    assert content.justice is not None
    texts += [*content.findings, *content.collisions, *content.justice.assumptions, *content.justice.notes]
    texts += [str(t) for t in content.justice.displacement.flags["words"]]
    assert len(texts) > 10
    assert not left_over([t for t in texts if t not in own], entered(plans.rules))


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_section_said_in_a_language_keeps_its_numbers(code: str) -> None:
    plans = small_plans()
    for system in plans.inputs.systems:
        section = system.section(plans.rules, plans.adopted)
        for text in section.words:
            with in_language(code):
                other = again(text)
            assert other != text
            assert sorted(re.findall(r"\d", other)) == sorted(re.findall(r"\d", text)), text


def test_two_digits_follow_the_language() -> None:
    assert [two_digits(v) for v in (12345.0, 0.125, -0.0, -0.5)] == ["12 000", "0.12", "0", "\u22120.5"]
    with in_language("es"):
        assert [two_digits(v) for v in (12345.0, 0.125)] == ["12.000", "0,12"]


def test_a_plan_made_in_another_language_keeps_its_words_in_english() -> None:
    """Meanings are part of what a plan is; only what is said of them changes with the reader."""
    with in_language(MARKED):
        model = given_model(small_inputs(), {})
    assert model.terms
    assert not [t.meaning for t in model.terms if MARKS[0] in t.meaning]
    assert not [limit.meaning for limit in model.limits.values() if MARKS[0] in limit.meaning]
