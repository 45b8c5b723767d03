"""Fairness rules in words: read from the command line, put over those of city.toml, and said in plain sentences."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from mutirao.city.rulekeys import EXAMPLES, MAIN_KEY, RULE_KEYS, RULES, rule_faults, rule_values, unknown_rule
from mutirao.city.settings import RuleSetting, Settings
from mutirao.ground.findings import Finding, InputError

OPTION = "--rule"
NOT_SAID = "not said (command line)"
HOW = f"command line option {OPTION}"
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_WHO = {
    "low_income": "homes in low-income groups",
    "designated": "designated homes",
    "all": "homes of every income group",
}


def parse_rule(text: str, set_by: str = "", date: str = "", how: str = "") -> RuleSetting:
    """Read a rule as written on the command line: its name, then key=value; it is on.

    text : such as "burden_cap level=0.06 who=designated"; the one main number may follow the name directly,
        "benefit_share=0.45"; lists are separated by commas.
    Without ``set_by`` the rule says that nobody was named. Raises InputError with every fault and an example.
    """
    words = text.split()
    if not words:
        raise _refuse("", ["no rule is named."], f"Write a rule such as {OPTION} \"{EXAMPLES['benefit_share']}\".")
    name, direct, main = words[0].partition("=")
    if name not in RULES:
        what, mend = unknown_rule(name)
        raise _refuse(name, [what], mend)
    pairs = [word.partition("=") for word in words[1:]]
    faults = [f"'{''.join(pair)}' is not key=value." for pair in pairs if not pair[0] or not pair[2]]
    if direct and name not in MAIN_KEY:
        faults.append(f"the rule {name} takes no number.")
    if direct and name in MAIN_KEY:
        pairs.insert(0, (MAIN_KEY[name], "=", main))
    keys = [key for key, _, _ in pairs]
    faults += [f"'{key}' is given twice." for key in dict.fromkeys(keys) if keys.count(key) > 1]
    values = {key: _value(name, key, value) for key, _, value in pairs}
    if not faults:
        # A fault's own mend is for city.toml; here the example shows the way, and the range is worth saying.
        faults = [_said(key, what, mend) for key, what, mend in rule_faults(name, values)]
    if faults:
        raise _refuse(name, faults, _example(name))
    own: dict[str, Any] = {"share": None, **rule_values(name, values)}
    return RuleSetting(name=name, on=True, set_by=set_by or NOT_SAID, date=date, how=how or HOW, **own)


def with_rules(settings: Settings, rules: Sequence[RuleSetting]) -> Settings:
    """The settings with these rules in place of those of the same name, or added after them.

    A rule given here counts whole: no number is taken over from city.toml. Raises InputError for a rule given twice,
    or one that would bind only after the neutrality year.
    """
    names = [rule.name for rule in rules]
    for rule in rules:
        end = settings.pledge.neutrality_year
        if names.count(rule.name) > 1:
            raise _refuse(rule.name, ["the rule is given twice."], "Give it once, with all its numbers.")
        if rule.from_year is not None and rule.from_year > end:
            what = f"the rule binds from {rule.from_year}, after the neutrality year {end}, so never."
            raise _refuse(rule.name, [what], "Write an earlier year.")
    changed: Mapping[str, RuleSetting] = {rule.name: rule for rule in rules}
    return replace(settings, rules={**settings.rules, **changed})


def rule_sentence(rule: RuleSetting, currency: str) -> str:
    """Say what a rule asks for in one plain sentence with its numbers; "not set" where the city gives none.

    currency : ISO 4217 code, for the rules that add up money.
    """
    since = f" from {rule.from_year} on" if rule.from_year is not None else ""
    who = _WHO.get(rule.who or "low_income", str(rule.who))
    sentences = {
        "no_low_income_worse_off": "No low-income group in any zone pays more in any milestone year than it would "
        "under business as adopted.",
        "no_group_worse_off": "No income group in any zone pays more in any milestone year than it would under "
        "business as adopted.",
        "benefit_share": f"Designated homes get at least {_percent(rule.share)} of what all households gain over the "
        "whole plan.",
        "burden_cap": f"{who[0].upper()}{who[1:]} spend at most {_percent(rule.level)} of their income on energy at "
        f"home{since}, on average in each zone and group, owners and tenants apart.",
        "poverty_gap": f"What homes spend on energy at home above {_percent(rule.threshold)} of their income, added "
        f"up in {currency} a year, is at least {_percent(rule.cut)} less than in the base year{since}.",
        "cvar": f"The {_percent(rule.worst)} of homes that spend the largest part of their income on energy at home "
        f"spend on average at most {_times(rule.level)} what they would under business as adopted{since}.",
        "priority": f"Designated homes get at least {_times(1.0 if rule.level is None else rule.level)} the share of "
        f"{_listed(rule.measures)} that all homes get, in every milestone year.",
        "warm_rent": "Tenants in low-income groups never pay more for energy and the rent that works add, less what "
        f"is paid back to them, than they would under business as adopted{since}.",
    }
    return sentences[rule.name]


def _value(name: str, key: str, text: str) -> Any:
    """A word of the command line as the type of its key; what cannot be read stays text and is refused by its key."""
    wanted = RULE_KEYS[name].get(key)
    if wanted is None or wanted.type is str:
        return text
    if wanted.type is list:
        return [word.strip() for word in text.split(",") if word.strip()]
    if not _NUMBER.fullmatch(text):
        return text
    return int(text) if re.fullmatch(r"[0-9]+", text) else float(text)


def _said(key: str, what: str, mend: str) -> str:
    about = what if f"'{key}'" in what else f"{key}: {what}"
    hint = mend if mend.startswith(("Write a", "Write one", "Did you")) else ""
    return f"{about} {hint}".strip()


def _example(name: str) -> str:
    return f'Write it such as {OPTION} "{EXAMPLES[name]}".'


def _refuse(name: str, faults: Sequence[str], mend: str) -> InputError:
    return InputError([Finding(OPTION, None, name, what, mend) for what in faults])


def _percent(value: float | None) -> str:
    return "a share that is not set" if value is None else f"{100 * value:.3g} %"


def _times(value: float | None) -> str:
    return "a number that is not set times" if value is None else f"{value:.3g} times"


def _listed(measures: Sequence[str]) -> str:
    return ", ".join(measures) if measures else "measures that are not named"
