"""Fairness rules that people set: which are on, in words, and as rows of a plan."""

from collections.abc import Mapping
from dataclasses import dataclass

from mutirao.book.bundle import Plan
from mutirao.city.folder import City
from mutirao.city.rulewords import rule_sentence
from mutirao.city.settings import RULES, RuleSetting
from mutirao.ground.speech import joined, say, word
from mutirao.justice.households import low_income
from mutirao.model.planmodel import PlanModel
from mutirao.plan.rule_rows import (
    Ground,
    burden_cap,
    cvar,
    no_worse,
    poverty_gap,
    priority,
    share_of_benefit,
    warm_rent,
)

NO_WORSE, NO_GROUP, SHARE, CAP, GAP, CVAR, PRIORITY, WARM_RENT = RULES
#: What a rule needs beside its own numbers, and the sentence when the city does not bring it.
LOW, DESIGNATED, INCOME = "low-income groups", "designated homes", "incomes"


@dataclass(frozen=True)
class Rule:
    """A rule that is on, with who set it; ``currency`` for the rules whose sentence names money."""

    setting: RuleSetting
    currency: str

    @property
    def name(self) -> str:
        return self.setting.name

    @property
    def words(self) -> str:
        """What the rule asks for, in one sentence with its numbers."""
        return rule_sentence(self.setting, self.currency)

    @property
    def set_by(self) -> str:
        return self.setting.set_by

    @property
    def date(self) -> str:
        return self.setting.date

    @property
    def how(self) -> str:
        return self.setting.how

    @property
    def note(self) -> dict[str, object]:
        """The rule as a plan's bundle keeps it."""
        kept = {k: v for k, v in vars(self.setting).items() if k not in ("name", "on") and v is not None and v != ()}
        return {"name": self.name, "words": self.words, **kept}


NEEDS: Mapping[str, tuple[str, ...]] = {
    NO_WORSE: (LOW,), NO_GROUP: (), SHARE: (DESIGNATED,), CAP: (INCOME,), GAP: (INCOME,), CVAR: (INCOME,),
    PRIORITY: (DESIGNATED,), WARM_RENT: (LOW,),
}  # fmt: skip
LACKING = {
    LOW: "no income group is marked as low in city.toml",
    DESIGNATED: "nobody has designated homes (designated.csv with its author in city.toml)",
    INCOME: "people.csv states no household_income",
}


def number(value: float | None, absent: float = float("nan")) -> float:
    return absent if value is None else float(value)


def rules_in_force(city: City, without: tuple[str, ...] = ()) -> tuple[list[Rule], dict[str, str]]:
    """Rules that are on, and for each that is off, by its name, why."""
    found, off = [], {}
    for name in RULES:
        setting = city.settings.rules.get(name)
        if setting is None or not setting.on or name in without:
            why = word("left out of this run.") if name in without else word("city.toml sets it so.")
            if setting is not None or name in (NO_WORSE, SHARE):  # the two that every city is asked to think about
                off[name] = why
            continue
        missing = lacking(setting, city)
        if missing:
            off[name] = say("{why}.", why=joined("; ", *missing))
        else:
            found.append(Rule(setting, city.settings.currency))
    return found, off


def off_sentence(name: str, why: str) -> str:
    """That a rule is off and why, in one sentence."""
    return say("Rule '{name}' is off: {why}", name=name, why=why)


def lacking(setting: RuleSetting, city: City) -> list[str]:
    """What a rule needs and the city does not bring, in words."""
    return [LACKING[n] for n in _needs(setting) if not _has(city, n)]


def _needs(s: RuleSetting) -> tuple[str, ...]:
    more = {"low_income": LOW, "designated": DESIGNATED}.get(s.who or "low_income") if s.name == CAP else None
    return (*NEEDS[s.name], more) if more else NEEDS[s.name]


def _has(city: City, what: str) -> bool:
    if what == LOW:
        return bool(low_income(city))
    if what == DESIGNATED:
        return city.settings.designation is not None and city.designated is not None
    return any(city.has("household_income", dims) for dims in (("zone", "group"), ("group",), ("zone",), ()))


def add_rules(model: PlanModel, rules: list[Rule], reference: Plan) -> None:
    """Add the rules as limits against the reference plan (business as adopted)."""
    ground = Ground(model, reference)
    for rule in rules:
        s, words = rule.setting, rule.words
        if rule.name in (NO_WORSE, NO_GROUP):
            groups = low_income(model.city) if rule.name == NO_WORSE else list(model.groups)
            no_worse(ground, rule.name, groups, words)
        elif rule.name == SHARE:
            share_of_benefit(ground, number(s.share), words)
        elif rule.name == CAP:
            burden_cap(ground, number(s.level), s.who or "low_income", s.from_year, words)
        elif rule.name == GAP:
            poverty_gap(ground, number(s.threshold), number(s.cut), s.from_year, words)
        elif rule.name == CVAR:
            cvar(ground, number(s.worst), number(s.level), s.from_year, words)
        elif rule.name == PRIORITY:
            priority(ground, s.measures, number(s.level, 1.0), words)
        else:
            warm_rent(ground, s.from_year, words)
