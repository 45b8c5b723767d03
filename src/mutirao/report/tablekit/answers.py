"""The answers of a group: a file that people type, read into disputes, rules, wishes on works and votes."""

import difflib
import math
import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from mutirao.city.rulekeys import RULE_KEYS, rule_faults, rule_values, unknown_rule
from mutirao.city.settings import RULES, RuleSetting
from mutirao.ground.findings import Finding, InputError
from mutirao.plan.alternative import Bound

ALTERNATIVES = ("adopted", "least_cost", "rules", "ours")
SECTIONS = ("group", "dispute", "rule", "measure", "vote")
KEYS = {
    "group": ("name", "zone", "date", "place", "present", "how"),
    "dispute": ("parameter", "value", "low", "high", "why"),
    "measure": ("measure", "at_least", "at_most", "by", "why"),
    "vote": ("alternative", "agree", "object", "abstain", "why"),
}
RULE_OWN = ("name", "on", "how", "why")
NEEDED = {"group": ("name", "zone", "date", "present"), "dispute": ("parameter", "value", "why"),
          "measure": ("measure", "by"), "rule": ("name",), "vote": ("alternative",)}  # fmt: skip


@dataclass(frozen=True)
class Dispute:
    """A parameter that the group puts another value on; ``low`` and ``high`` None: as wide as before."""

    parameter: str
    value: float
    low: float | None
    high: float | None
    why: str


@dataclass(frozen=True)
class Wish:
    """A floor or a ceiling on a measure, with the reason."""

    bound: Bound
    floor: bool
    why: str


@dataclass(frozen=True)
class Vote:
    """Hands for an alternative, and the reasons word for word."""

    alternative: str
    agree: int
    object: int
    abstain: int
    why: tuple[str, ...]


@dataclass(frozen=True)
class Answers:
    """What one group decided. ``rules`` are set by the group; ``on`` False leaves a rule of the city out."""

    group: str
    zone: str
    date: str
    place: str
    present: int
    how: str
    disputes: tuple[Dispute, ...]
    rules: tuple[RuleSetting, ...]
    wishes: tuple[Wish, ...]
    votes: tuple[Vote, ...]

    @property
    def slug(self) -> str:
        return slug(self.group)


def slug(name: str) -> str:
    """A name as a folder: small letters without accents, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


def read_answers(path: Path) -> Answers:
    """Read a file of answers. Raises InputError with every finding on its form; names are looked up later."""
    file = path.name
    if not path.is_file():
        raise InputError(Finding(str(path), None, "", "there is no such file.", "Name the answers file to enter."))
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        what = f"is not a readable answers file: {error}."
        raise InputError(Finding(file, None, "", what, "Compare it with the printed example.")) from None
    return parse_answers(raw, file)


def parse_answers(raw: Mapping[str, Any], file: str = "answers.toml") -> Answers:
    """Answers from the tables of the file. Raises InputError with every finding."""
    f = _Form(file)
    for name in raw:
        if name not in SECTIONS:
            f.fault(name, f"nothing is called '{name}' in a file of answers.", _near(name, SECTIONS))
    group = f.table(raw, "group")
    disputes = [f.dispute(r, p) for r, p in f.rows(raw, "dispute")]
    rules = [f.rule(r, p, group) for r, p in f.rows(raw, "rule")]
    wishes = [f.wish(r, p) for r, p in f.rows(raw, "measure")]
    present = f.whole(group, "present", "group", None)
    votes = [f.vote(r, p, present) for r, p in f.rows(raw, "vote")]
    f.once("dispute", "parameter", [d.parameter for d in disputes])
    f.once("rule", "name", [r.name for r in rules if r])
    f.once("vote", "alternative", [v.alternative for v in votes])
    name, when = f.text(group, "name", "group"), _date(group.get("date"))
    if name and not slug(name):
        f.fault("group.name", f"'{name}' cannot name a folder.", "Add a letter or a digit.")
    if group.get("date") is not None and not when:
        f.fault("group.date", f"'{group['date']}' is not a date.", 'Write it as "2026-11-23".')
    if f.findings:
        raise InputError(f.findings)
    return Answers(
        name, f.text(group, "zone", "group"), when, f.text(group, "place", "group"), present,
        f.text(group, "how", "group"), tuple(disputes), tuple(r for r in rules if r), tuple(wishes), tuple(votes),
    )  # fmt: skip


class _Form:
    """Reads values of a file of answers and gathers what is wrong with it."""

    def __init__(self, file: str):
        self.file = file
        self.findings: list[Finding] = []

    def fault(self, where: str, what: str, mend: str) -> None:
        self.findings.append(Finding(self.file, None, where, what, mend))

    def table(self, raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        found = raw.get(name)
        if not isinstance(found, Mapping):
            self.fault(name, f"the part [{name}] is missing.", "Copy it from the printed example.")
            return dict.fromkeys(NEEDED[name], 0)
        self._keys(found, name, name, KEYS[name])
        return found

    def rows(self, raw: Mapping[str, Any], name: str) -> list[tuple[Mapping[str, Any], str]]:
        found = raw.get(name, [])
        if not isinstance(found, list) or not all(isinstance(r, Mapping) for r in found):
            self.fault(name, f"'{name}' is not a list of parts.", f"Begin each with [[{name}]], in two brackets.")
            return []
        out = []
        for i, row in enumerate(found, start=1):
            place = f"{name} {i}"
            own = RULE_OWN + tuple(RULE_KEYS.get(str(row.get("name")), {})) if name == "rule" else KEYS[name]
            before = len(self.findings)
            self._keys(row, place, name, own)
            if len(self.findings) == before or name == "rule":
                out.append((row, place))
        return out

    def _keys(self, row: Mapping[str, Any], place: str, name: str, known: Sequence[str]) -> None:
        for key in row:
            if key not in known and name != "rule":
                self.fault(f"{place}.{key}", f"there is no '{key}' in this part.", _near(key, known))
        for key in NEEDED[name]:
            if key not in row:
                self.fault(f"{place}.{key}", f"'{key}' is missing.", "Every part needs it; see the printed example.")

    def text(self, row: Mapping[str, Any], key: str, place: str) -> str:
        value = row.get(key, "")
        if not isinstance(value, str):
            if key not in NEEDED.get(place, ()) or value != 0:
                self.fault(f"{place}.{key}", f"{value!r} is not a text.", "Put it between quotes.")
            return ""
        if key in row and key in NEEDED.get(place.split()[0], ()) and not value.strip():
            self.fault(f"{place}.{key}", f"'{key}' is empty.", "Write it between the quotes.")
        return value.strip()

    def number(self, row: Mapping[str, Any], key: str, place: str) -> float | None:
        value = row.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            self.fault(f"{place}.{key}", f"{value!r} is not a number.", "Write a plain number with a decimal point.")
            return None
        return float(value)

    def whole(self, row: Mapping[str, Any], key: str, place: str, absent: int | None) -> int:
        value = row.get(key, absent)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            self.fault(f"{place}.{key}", f"{value!r} is not a count of people.", "Write a whole number, 0 or more.")
            return 0
        return value

    def dispute(self, row: Mapping[str, Any], place: str) -> Dispute:
        value, low, high = (self.number(row, k, place) for k in ("value", "low", "high"))
        if (low is None) != (high is None):
            self.fault(place, "only one of 'low' and 'high' is there.", "Write both, or none to keep the width we use.")
        elif low is not None and high is not None and value is not None and not low <= value <= high:
            self.fault(place, f"low {low:g}, value {value:g}, high {high:g} are not in order.", "Put them in order.")
        return Dispute(self.text(row, "parameter", place), value or 0.0, low, high, self.text(row, "why", place))

    def rule(self, row: Mapping[str, Any], place: str, group: Mapping[str, Any]) -> RuleSetting | None:
        name = self.text(row, "name", place)
        if name not in RULES:
            if name:
                self.fault(f"{place}.name", *unknown_rule(name))
            return None
        on = row.get("on", True)
        if not isinstance(on, bool):
            self.fault(f"{place}.on", f"{on!r} is neither true nor false.", "Write on = true or on = false.")
        own = {k: v for k, v in row.items() if k not in RULE_OWN}
        faults = rule_faults(name, own) if on is True else []
        for key, what, mend in faults:
            self.fault(f"{place}.{key}", what, mend)
        if faults:
            return None
        values: dict[str, Any] = {"share": None} | (rule_values(name, own) if on is True else {})
        how = self.text(row, "how", place) or self.text(row, "why", place)
        return RuleSetting(
            name=name, on=on is True, set_by=str(group.get("name", "")), date=_date(group.get("date")), how=how,
            **values,
        )  # fmt: skip

    def wish(self, row: Mapping[str, Any], place: str) -> Wish:
        least, most = self.number(row, "at_least", place), self.number(row, "at_most", place)
        if (least is None) == (most is None):
            self.fault(place, "it needs at_least or at_most, one of the two.", "Write, for example, at_most = 0.2.")
        share = least if least is not None else most
        if share is not None and not 0.0 <= share <= 1.0:
            self.fault(place, f"{share:g} is not a share.", "Write a number from 0 to 1: 0.2 is 20 of 100.")
        year = row.get("by")
        if isinstance(year, bool) or not isinstance(year, int):
            self.fault(f"{place}.by", f"{year!r} is not a year.", "Write a year, such as 2035.")
            year = 0
        bound = Bound(self.text(row, "measure", place), share or 0.0, year)
        return Wish(bound, least is not None, self.text(row, "why", place))

    def vote(self, row: Mapping[str, Any], place: str, present: int) -> Vote:
        name = self.text(row, "alternative", place)
        if name not in ALTERNATIVES:
            self.fault(f"{place}.alternative", f"no alternative is called '{name}'.", _near(name, ALTERNATIVES))
        hands = [self.whole(row, k, place, 0) for k in ("agree", "object", "abstain")]
        if sum(hands) > present:
            what = f"{sum(hands)} votes are more than the {present} people who were there."
            self.fault(place, what, "Mend the votes, or `present` in [group].")
        why = row.get("why", [])
        why = [why] if isinstance(why, str) else why
        if not isinstance(why, list) or not all(isinstance(w, str) for w in why):
            self.fault(f"{place}.why", "the reasons are not texts.", 'Write why = ["one reason", "another"].')
            why = []
        return Vote(name, hands[0], hands[1], hands[2], tuple(w for w in why if w.strip()))

    def once(self, section: str, key: str, names: Sequence[str]) -> None:
        for name in sorted({n for n in names if n and names.count(n) > 1}):
            self.fault(f"{section}.{key}", f"'{name}' is there more than once.", "Keep one of them.")


def _near(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, list(known), 1)
    return f"Did you mean '{near[0]}'?" if near else f"Known are: {', '.join(known)}."


def _date(value: Any) -> str:
    """A date as text, ISO; empty when it is none."""
    if isinstance(value, date):
        return value.isoformat()[:10]
    try:
        return date.fromisoformat(value).isoformat() if isinstance(value, str) else ""
    except ValueError:
        return ""
