"""Which numbers each fairness rule takes, in which range: one table for city.toml, the command line and the pages."""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mutirao.ground.speech import digits, say, word

RULES = (
    "no_low_income_worse_off",
    "no_group_worse_off",
    "benefit_share",
    "burden_cap",
    "poverty_gap",
    "cvar",
    "priority",
    "warm_rent",
)
WHO = ("low_income", "designated", "all")
#: Rules that have no meaning until somebody has designated homes (a burden cap only where it says so).
NEED_DESIGNATION = ("benefit_share", "priority")


@dataclass(frozen=True)
class RuleKey:
    """One number or word of a rule: type (float, int, str or list of text), range, and what it says."""

    type: type
    meaning: str
    needed: bool = True
    low: float = float("-inf")
    high: float = float("inf")
    one_of: tuple[str, ...] = ()


_FROM = RuleKey(int, "first year in which the rule binds; absent: the plan's first year", False, 1900, 2200)

RULE_KEYS: dict[str, dict[str, RuleKey]] = {
    "no_low_income_worse_off": {},
    "no_group_worse_off": {},
    "benefit_share": {
        "share": RuleKey(float, "least share of what households gain that designated homes get", True, 0, 1),
    },
    "burden_cap": {
        "level": RuleKey(float, "most that a group may spend on energy at home, share of its income", True, 0.001, 1),
        "who": RuleKey(str, "whose spending is capped; absent: low_income", False, one_of=WHO),
        "from_year": _FROM,
    },
    "poverty_gap": {
        "threshold": RuleKey(float, "spending above this share of income counts as gap", True, 0.001, 1),
        "cut": RuleKey(float, "share of the base year's gap that must be closed", True, 0, 1),
        "from_year": _FROM,
    },
    "cvar": {
        "worst": RuleKey(float, "share of homes that counts as the worst-off", True, 0.01, 1),
        "level": RuleKey(float, "their mean burden at most this many times what it is as adopted", True, 0.01, 2),
        "from_year": _FROM,
    },
    "priority": {
        "measures": RuleKey(list, "measures that must reach designated homes first"),
        "level": RuleKey(float, "times the share that all homes get; absent: 1", False, 0.01, 10),
    },
    "warm_rent": {"from_year": _FROM},
}
"""The keys of each rule besides on, set_by, date and how."""

MAIN_KEY = {"benefit_share": "share", "burden_cap": "level", "poverty_gap": "cut", "cvar": "level", "priority": "level"}
"""The one number that may be written directly, as in ``benefit_share=0.45``."""

EXAMPLES = {
    "no_low_income_worse_off": "no_low_income_worse_off",
    "no_group_worse_off": "no_group_worse_off",
    "benefit_share": "benefit_share share=0.40",
    "burden_cap": "burden_cap level=0.06 who=low_income from_year=2035",
    "poverty_gap": "poverty_gap threshold=0.06 cut=0.5 from_year=2035",
    "cvar": "cvar worst=0.2 level=0.9",
    "priority": "priority measures=heat.district_heat,buildings.deep_retrofit level=1.0",
    "warm_rent": "warm_rent",
}
"""A rule as it may be written on the command line. Examples, not defaults: people set the numbers."""

_RELATIVE = (
    "gini",
    "atkinson",
    "theil",
    "mld",
    "palma",
    "concentration",
    "suits",
    "kakwani",
    "hoover",
    "lorenz",
    "entropy",
    "variation",
    "s80",
    "s80s20",
    "quintile",
)


def unknown_rule(name: str) -> tuple[str, str]:
    """Say that a rule is not known, and how to mend it: what, mend.

    Relative indices of inequality are refused with the reason: in a least-cost plan over the real cells of Orange
    county (LEAD 2022) the Gini of burdens rose from 0.574 to 0.620 although no group's burden rose, because small
    burdens fell faster than large ones.
    """
    words = re.split(r"[^a-z0-9]+", name.lower())
    if any(word in _RELATIVE for word in words):
        what = say(
            "'{name}' is a relative index, and relative indices of burdens mislead as rules: measured in a plan, a "
            "burden's Gini rose while no group's burden rose.",
            name=name,
        )
        mend = word("They are measured after the solve and printed; as a rule use poverty_gap, cvar or burden_cap.")
        return what, mend
    near = difflib.get_close_matches(name, RULES, 1)
    known = say("Known rules: {names}.", names=", ".join(RULES))
    mend = say("Did you mean '{name}'?", name=near[0]) if near else known
    return say("no rule is called '{name}'.", name=name), mend


def rule_faults(name: str, values: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Find what is wrong with the keys of a known rule: (key, what, mend) for each fault.

    values : the rule's own keys as read (not on, set_by, date, how).
    """
    keys = RULE_KEYS[name]
    faults = []
    for key in values:
        if key not in keys:
            near = difflib.get_close_matches(key, list(keys), 1)
            if near:
                mend = say("Did you mean '{name}'?", name=near[0])
            elif keys:
                mend = say("Delete it; it takes {keys}.", keys=", ".join(keys))
            else:
                mend = word("Delete it; it takes no numbers.")
            faults.append((key, say("the rule {name} has no '{key}'.", name=name, key=key), mend))
    for key, wanted in keys.items():
        if key in values:
            fault = _fault(values[key], wanted)
            faults.extend([(key, *fault)] if fault else [])
        elif wanted.needed:
            mend = say(
                "Add `{example}` or the value you set: {meaning}.",
                example=toml_example(name, key),
                meaning=wanted.meaning,
            )
            faults.append((key, say("'{key}' is missing.", key=key), mend))
    return faults


def rule_values(name: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The rule's keys as a :class:`RuleSetting` holds them: whole numbers as floats, lists as tuples."""
    out: dict[str, Any] = {}
    for key, value in values.items():
        kind = RULE_KEYS[name][key].type
        out[key] = tuple(value) if kind is list else float(value) if kind is float else value
    return out


def toml_example(name: str, key: str) -> str:
    """One key of a rule as a line of city.toml, with the value of the example."""
    words = dict(word.split("=", 1) for word in EXAMPLES[name].split()[1:])
    kind = RULE_KEYS[name][key].type
    if kind is list:
        return f"{key} = [" + ", ".join(f'"{one}"' for one in words[key].split(",")) + "]"
    return f'{key} = "{words[key]}"' if kind is str else f"{key} = {words[key]}"


def _fault(value: Any, wanted: RuleKey) -> tuple[str, str] | None:
    if wanted.type is list:
        good = isinstance(value, list | tuple) and value and all(isinstance(one, str) and one.strip() for one in value)
        mend = word('Write `measures = ["heat.heat_pumps"]`.')
        return None if good else (say("{value} is not a list of measures.", value=repr(value)), mend)
    if wanted.type is str:
        good = isinstance(value, str) and value in wanted.one_of
        mend = say("Write one of: {names}.", names=", ".join(wanted.one_of))
        return None if good else (say("{value} is not known here.", value=repr(value)), mend)
    whole = wanted.type is int
    if type(value) is not int and (whole or type(value) is not float):
        if whole:
            what = say("{value} is not a whole number.", value=repr(value))
            return what, word("Write a whole number, such as 2035.")
        return say("{value} is not a number.", value=repr(value)), word("Write a number, such as 0.06.")
    if not wanted.low <= value <= wanted.high:
        limits = {"low": digits(wanted.low, "g"), "high": digits(wanted.high, "g")}
        mend = say("Write a value from {low} to {high}.", **limits)
        if wanted.high == 1:
            mend = say("Write a value from {low} to {high} (a share: 0.06 for 6 %).", **limits)
        return say("{value} is out of range.", value=digits(value, "g")), mend
    return None
