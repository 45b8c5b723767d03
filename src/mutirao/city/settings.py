"""What a city says about itself and its promises, as frozen records; and as the text of ``city.toml``."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mutirao.city.rulekeys import RULES as RULES

FILE = "city.toml"
SCHEMA_VERSION = 1
#: What a pledge may bind: each name is an increment, so a BASIC+ pledge names "basic" and "basic+".
BOUNDARIES = ("basic", "basic+", "basic+s3", "territorial", "upstream")
#: What a designation of homes may rest on.
CRITERIA = ("income", "tenure", "age", "disability", "race_ethnicity", "area")


@dataclass(frozen=True)
class Group:
    """A household income group. ``income_max`` in currency a year; None for the last, open group."""

    id: str
    name: str
    income_max: float | None
    low_income: bool


@dataclass(frozen=True)
class Target:
    """A cut (share 0..1) promised for ``year`` against the emissions of ``of_year``."""

    year: int
    cut: float
    of_year: int
    source: str


@dataclass(frozen=True)
class Pledge:
    """What the city has promised: which boundaries it binds, until when, with what rest.

    max_residual_removals : share of base-year emissions that removals may offset at neutrality.
    budget_kt : cumulative kt CO2e from the plan's start to neutrality; None where none is set.
    """

    boundaries: tuple[str, ...]
    neutrality_year: int
    max_residual_removals: float
    budget_kt: float | None
    targets: tuple[Target, ...]
    source: str


@dataclass(frozen=True)
class RuleSetting:
    """A fairness rule and who set it, when (ISO date) and how.

    The other fields are the rule's own numbers; None or () where it has none or the city does not give it. Which
    rule takes which, and in what range: ``RULE_KEYS`` in :mod:`mutirao.city.rulekeys`.
    """

    name: str
    on: bool
    share: float | None
    set_by: str
    date: str
    how: str
    level: float | None = None
    threshold: float | None = None
    cut: float | None = None
    worst: float | None = None
    who: str | None = None
    from_year: int | None = None
    measures: tuple[str, ...] = ()


@dataclass(frozen=True)
class Designation:
    """Where the list of disadvantaged homes in ``designated.csv`` comes from.

    criteria : what it rests on, of ``CRITERIA``; how : how it was drawn up, and the legal basis where it needs one.
    """

    name: str
    author: str
    date: str
    source: str
    criteria: tuple[str, ...] = ()
    how: str = ""


@dataclass(frozen=True)
class Settings:
    """All of ``city.toml``. Money in ``currency`` at ``price_year``; ``budgets`` in million a year, cash."""

    name: str
    id: str
    locode: str
    country: str
    currency: str
    base_year: int
    boundary: str
    latitude: float
    longitude: float
    demonstration: bool
    note: str
    start: int
    discount_rate: float
    price_year: int
    gwp: str
    level: str
    pledge: Pledge
    budgets: dict[str, float]
    groups: tuple[Group, ...]
    rules: dict[str, RuleSetting]
    designation: Designation | None
    budget_notes: dict[str, str] = field(default_factory=dict)


_KEYS = {
    "city": (
        "name",
        "id",
        "locode",
        "country",
        "currency",
        "base_year",
        "boundary",
        "latitude",
        "longitude",
        "demonstration",
        "note",
    ),
    "plan": ("start", "discount_rate", "price_year"),
    "inventory": ("gwp", "level"),
    "pledge": ("boundaries", "neutrality_year", "max_residual_removals", "budget_kt", "source"),
}


def settings_text(settings: Settings) -> str:
    """Write settings as the text of a ``city.toml``; ``parse_settings`` gives the same back."""
    pledge = settings.pledge
    lines = [f"schema_version = {SCHEMA_VERSION}"]
    for name in ("city", "plan", "inventory"):
        lines += _section(f"[{name}]", {key: getattr(settings, key) for key in _KEYS[name]})
    lines += _section("[pledge]", {key: getattr(pledge, key) for key in _KEYS["pledge"]})
    for target in pledge.targets:
        lines += _section("[[pledge.target]]", vars(target))
    if settings.budgets or settings.budget_notes:
        plain = settings.budget_notes.get("") if set(settings.budget_notes) == {""} else None
        lines += _section("[budgets]", {**settings.budgets, "note": plain})
        if settings.budget_notes and plain is None:
            lines += _section("[budgets.note]", settings.budget_notes)
    for group in settings.groups:
        lines += _section("[[groups]]", vars(group))
    for rule in settings.rules.values():
        lines += _section(f"[rules.{rule.name}]", {k: v for k, v in _given(rule).items() if k != "name"})
    if settings.designation:
        lines += _section("[designation]", _given(settings.designation))
    return "\n".join(lines) + "\n"


def _given(record: RuleSetting | Designation) -> dict[str, Any]:
    """What a record says; optional lists and texts that are empty are left out."""
    return {key: value for key, value in vars(record).items() if value != () and (key, value) != ("how", "")}


def _section(header: str, values: Mapping[str, Any]) -> list[str]:
    return [
        "",
        header,
        *(f"{_bare(key)} = {_toml(value)}" for key, value in values.items() if value is not None),
    ]


def _bare(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _toml(key)


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    escapes = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    text = "".join(
        escapes.get(sign, sign if sign.isprintable() or ord(sign) > 159 else f"\\u{ord(sign):04x}")
        for sign in str(value)
    )
    return f'"{text}"'
