"""The fairness rules as cards of a form: each in plain words, with its numbers, on or off."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mutirao.city.rulekeys import EXAMPLES, NEED_DESIGNATION, RULE_KEYS, RULES, RuleKey
from mutirao.city.rulewords import parse_rule, rule_sentence
from mutirao.city.settings import RuleSetting, Settings
from mutirao.ground.findings import InputError
from mutirao.ground.speech import again

TITLES = {
    "no_low_income_worse_off": gettext_lazy("No low-income home pays more"),
    "no_group_worse_off": gettext_lazy("No income group pays more"),
    "benefit_share": gettext_lazy("A share of the gains for designated homes"),
    "burden_cap": gettext_lazy("A cap on what energy takes of income"),
    "poverty_gap": gettext_lazy("Closing the gap of energy poverty"),
    "cvar": gettext_lazy("Relief for those hit hardest"),
    "priority": gettext_lazy("Designated homes first"),
    "warm_rent": gettext_lazy("Tenants do not pay more for rent and energy together"),
}
NUMBERS = {
    "share": gettext_lazy("least share of the gains, in %"),
    "level": gettext_lazy("times as much as without the plan, at most"),
    "threshold": gettext_lazy("share of income from which spending counts, in %"),
    "cut": gettext_lazy("part of the gap to close, in %"),
    "worst": gettext_lazy("homes that count as hit hardest, in %"),
    "who": gettext_lazy("for whom"),
    "from_year": gettext_lazy("from the year"),
    "measures": gettext_lazy("measures, separated by commas"),
}
OF_RULE = {
    ("burden_cap", "level"): gettext_lazy("largest share of income, in %"),
    ("priority", "level"): gettext_lazy("times the share that all homes get, at least"),
}
WHO = {
    "low_income": gettext_lazy("homes of low income"),
    "designated": gettext_lazy("designated homes"),
    "all": gettext_lazy("all homes"),
}


@dataclass(frozen=True)
class Card:
    """A rule for the page: title, what it asks for now or, as an example, would; who set it; its fields."""

    name: str
    title: Any
    sentence: str
    example: bool
    set_by: str
    closed: str
    fields: list[Any]


def rule_fields(s: Settings | None) -> dict[str, forms.Field]:
    """Fields of every rule by name, filled as the settings have them."""
    out: dict[str, forms.Field] = {}
    for rule in RULES:
        have = s.rules.get(rule) if s else None
        out[f"{rule}-on"] = forms.BooleanField(label=_("In force"), required=False, initial=bool(have and have.on))
        for key, wanted in RULE_KEYS[rule].items():
            out[f"{rule}-{key}"] = _field(rule, key, wanted, getattr(have, key) if have else None)
    return out


def rule_cards(form: forms.Form, s: Settings | None) -> list[Card]:
    """The cards in the order in which rules are kept."""
    currency = s.currency if s else ""
    out = []
    for rule in RULES:
        have = s.rules.get(rule) if s else None
        numbered = have is not None and not _misses(have)
        spoken = have if numbered and have else parse_rule(EXAMPLES[rule])
        closed = ""
        if s is not None and s.designation is None and rule in NEED_DESIGNATION:
            closed = _("This city has not designated homes, so the rule has no meaning here yet.")
        fields = [form[f"{rule}-on"], *(form[f"{rule}-{key}"] for key in RULE_KEYS[rule])]
        by = have.set_by if numbered and have else ""
        out.append(Card(rule, TITLES[rule], again(rule_sentence(spoken, currency)), not numbered, by, closed, fields))
    return out


def asked_rules(given: Mapping[str, Any], s: Settings | None) -> tuple[list[str], list[str], dict[str, str]]:
    """Rules of a filled form: texts of those that are new or changed, names left out, faults by field.

    A rule that stands as the city has it is not asked for again: whoever set it there stays named.
    """
    texts, off, faults = [], [], {}
    for rule in RULES:
        have = s.rules.get(rule) if s else None
        stands = have is not None and have.on
        if not given.get(f"{rule}-on"):
            if stands:
                off.append(rule)
            continue
        text = " ".join([rule, *_pairs(rule, given)])
        try:
            read = parse_rule(text)
        except InputError as error:
            faults[f"{rule}-on"] = " ".join(again(f.what) for f in error.findings)
            continue
        if not (stands and have and _same(read, have)):
            texts.append(text)
    return texts, off, faults


def _misses(rule: RuleSetting) -> bool:
    return any(w.needed and getattr(rule, key) in (None, ()) for key, w in RULE_KEYS[rule.name].items())


def _same(one: RuleSetting, other: RuleSetting) -> bool:
    return all(getattr(one, key) == getattr(other, key) for key in RULE_KEYS[one.name])


def _percent(wanted: RuleKey) -> bool:
    return wanted.type is float and wanted.high == 1


def _pairs(rule: str, given: Mapping[str, Any]) -> list[str]:
    out = []
    for key, wanted in RULE_KEYS[rule].items():
        value = given.get(f"{rule}-{key}")
        if value in (None, ""):
            continue
        if wanted.type is list:
            value = ",".join(part.strip() for part in str(value).split(",") if part.strip()).replace(" ", "_")
        elif wanted.type is float:
            value = f"{float(value) / 100:.12g}" if _percent(wanted) else f"{float(value):.12g}"
        out.append(f"{key}={value}")
    return out


def _field(rule: str, key: str, wanted: RuleKey, value: Any) -> forms.Field:
    label = OF_RULE.get((rule, key), NUMBERS[key])
    if wanted.type is list:
        return forms.CharField(label=label, required=False, max_length=400, initial=", ".join(value or ()))
    if wanted.type is str:
        choices = [("", _("as the rule has it")), *((w, WHO[w]) for w in wanted.one_of)]
        return forms.ChoiceField(label=label, required=False, choices=choices, initial=value or "")
    if wanted.type is int:
        return forms.IntegerField(label=label, required=False, min_value=1900, max_value=2200, initial=value)
    scale = 100.0 if _percent(wanted) else 1.0
    shown = None if value is None else f"{value * scale:.10g}"
    low, high = wanted.low * scale, wanted.high * scale
    widget = forms.NumberInput(attrs={"step": "any"})
    return forms.FloatField(
        label=label, required=False, min_value=low, max_value=high, initial=shown, widget=widget, localize=False
    )
