"""The sheets of two small cities, made once for all tests that look at them."""

from functools import cache

from mutirao.city.settings import RULES
from mutirao.model.baseyear import base_year
from mutirao.report.tablekit.content import COLUMNS, Kit, kit_of
from mutirao.report.tablekit.language import words_of
from mutirao.report.tablekit.meant import example_answers
from mutirao.report.tablekit.page import sheets_html
from tests.solved import small_plans, whole_city_plans

LANGUAGES = ("en", "es", "pt-br")


@cache
def kit(which: str) -> Kit:
    plans = {"zones": small_plans, "whole": whole_city_plans}[which]()
    inputs = plans.inputs
    zone = "Z1" if which == "zones" else "CITY"
    return kit_of({n: plans.all[n] for n in COLUMNS}, zone, base_year(inputs.city, inputs.parameters))


def example(which: str, language: str = "en") -> str:
    k = kit(which)
    return example_answers(words_of(language), k.zone_name, "2026-01-02", k.assumptions, known_measures(k), k.years[0])


def known_measures(k: Kit) -> list[str]:
    return sorted(set(k.columns["rules"].plan.measures["measure"]))


@cache
def sheets(which: str, language: str) -> str:
    return sheets_html(kit(which), words_of(language), example(which, language), "mutirao table-kit x --enter y", RULES)
