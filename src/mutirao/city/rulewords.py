"""Fairness rules in words: read from the command line, put over those of city.toml, and said in plain sentences."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from mutirao.city.rulekeys import EXAMPLES, MAIN_KEY, RULE_KEYS, RULES, rule_faults, rule_values, unknown_rule
from mutirao.city.settings import RuleSetting, Settings
from mutirao.ground.findings import Finding, InputError
from mutirao.ground.speech import digits, joined, say, together, word

OPTION = "--rule"
NOT_SAID = "not said (command line)"
HOW = f"command line option {OPTION}"
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def parse_rule(text: str, set_by: str = "", date: str = "", how: str = "") -> RuleSetting:
    """Read a rule as written on the command line: its name, then key=value; it is on.

    text : such as "burden_cap level=0.06 who=designated"; the one main number may follow the name directly,
        "benefit_share=0.45"; lists are separated by commas.
    Without ``set_by`` the rule says that nobody was named. Raises InputError with every fault and an example.
    """
    words = text.split()
    if not words:
        raise _refuse("", [word("no rule is named.")], _such_as("benefit_share"))
    name, direct, main = words[0].partition("=")
    if name not in RULES:
        what, mend = unknown_rule(name)
        raise _refuse(name, [what], mend)
    pairs = [word.partition("=") for word in words[1:]]
    faults = [say("'{words}' is not key=value.", words="".join(pair)) for pair in pairs if not pair[0] or not pair[2]]
    if direct and name not in MAIN_KEY:
        faults.append(say("the rule {name} takes no number.", name=name))
    if direct and name in MAIN_KEY:
        pairs.insert(0, (MAIN_KEY[name], "=", main))
    keys = [key for key, _, _ in pairs]
    faults += [say("'{key}' is given twice.", key=key) for key in dict.fromkeys(keys) if keys.count(key) > 1]
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
            raise _refuse(rule.name, [word("the rule is given twice.")], word("Give it once, with all its numbers."))
        if rule.from_year is not None and rule.from_year > end:
            what = say(
                "the rule binds from {year}, after the neutrality year {end}, so never.", year=rule.from_year, end=end
            )
            raise _refuse(rule.name, [what], word("Write an earlier year."))
    changed: Mapping[str, RuleSetting] = {rule.name: rule for rule in rules}
    return replace(settings, rules={**settings.rules, **changed})


def rule_sentence(rule: RuleSetting, currency: str) -> str:
    """Say what a rule asks for in one plain sentence with its numbers; "not set" where the city gives none.

    currency : ISO 4217 code, for the rules that add up money.
    """
    spoken_rule = {
        "no_low_income_worse_off": _no_low_income_worse_off, "no_group_worse_off": _no_group_worse_off,
        "benefit_share": _benefit_share, "burden_cap": _burden_cap, "poverty_gap": _poverty_gap, "cvar": _cvar,
        "priority": _priority, "warm_rent": _warm_rent,
    }  # fmt: skip
    return spoken_rule[rule.name](rule, currency)


def _no_low_income_worse_off(rule: RuleSetting, currency: str) -> str:
    return word(
        "No low-income group in any zone pays more in any milestone year than it would under business as adopted."
    )


def _no_group_worse_off(rule: RuleSetting, currency: str) -> str:
    return word("No income group in any zone pays more in any milestone year than it would under business as adopted.")


def _benefit_share(rule: RuleSetting, currency: str) -> str:
    return say(
        "Designated homes get at least {share} of what all households gain over the whole plan.",
        share=_percent(rule.share),
    )


def _burden_cap(rule: RuleSetting, currency: str) -> str:
    given = {"level": _percent(rule.level), "since": _since(rule)}
    if rule.who == "designated":
        return say(
            "Designated homes spend at most {level} of their income on energy at home{since}, on average in each zone "
            "and group, owners and tenants apart.",
            **given,
        )
    if rule.who == "all":
        return say(
            "Homes of every income group spend at most {level} of their income on energy at home{since}, on average "
            "in each zone and group, owners and tenants apart.",
            **given,
        )
    return say(
        "Homes in low-income groups spend at most {level} of their income on energy at home{since}, on average in "
        "each zone and group, owners and tenants apart.",
        **given,
    )


def _poverty_gap(rule: RuleSetting, currency: str) -> str:
    return say(
        "What homes spend on energy at home above {threshold} of their income, added up in {currency} a year, is at "
        "least {cut} less than in the base year{since}.",
        threshold=_percent(rule.threshold), currency=currency, cut=_percent(rule.cut), since=_since(rule),
    )  # fmt: skip


def _cvar(rule: RuleSetting, currency: str) -> str:
    return say(
        "The {worst} of homes that spend the largest part of their income on energy at home spend on average at most "
        "{times} what they would under business as adopted{since}.",
        worst=_percent(rule.worst), times=_times(rule.level), since=_since(rule),
    )  # fmt: skip


def _priority(rule: RuleSetting, currency: str) -> str:
    return say(
        "Designated homes get at least {times} the share of {measures} that all homes get, in every milestone year.",
        times=_times(1.0 if rule.level is None else rule.level),
        measures=joined(", ", *rule.measures) if rule.measures else word("measures that are not named"),
    )


def _warm_rent(rule: RuleSetting, currency: str) -> str:
    return say(
        "Tenants in low-income groups never pay more for energy and the rent that works add, less what is paid back "
        "to them, than they would under business as adopted{since}.",
        since=_since(rule),
    )


def _since(rule: RuleSetting) -> str:
    """From which year a rule binds, to follow on in a sentence; empty from the start."""
    return "" if rule.from_year is None else say(" from {year} on", year=rule.from_year)


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
    about = what if f"'{key}'" in what else say("{key}: {fault}", key=key, fault=what)
    hint = mend if mend.startswith(("Write a", "Write one", "Did you")) else ""
    return together(about, hint)


def _example(name: str) -> str:
    return say('Write it such as {option} "{example}".', option=OPTION, example=EXAMPLES[name])


def _such_as(name: str) -> str:
    return say('Write a rule such as {option} "{example}".', option=OPTION, example=EXAMPLES[name])


def _refuse(name: str, faults: Sequence[str], mend: str) -> InputError:
    return InputError([Finding(OPTION, None, name, what, mend) for what in faults])


def _percent(value: float | None) -> str:
    if value is None:
        return word("a share that is not set")
    return say("{amount} %", amount=digits(100 * value, ".3g"))


def _times(value: float | None) -> str:
    if value is None:
        return word("a number that is not set times")
    return say("{number} times", number=digits(value, ".3g"))
