"""Reading ``city.toml``: every key checked, every finding with its line."""

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from mutirao.city.columns import known_names
from mutirao.city.rulekeys import RULES, rule_faults, rule_values, unknown_rule
from mutirao.city.settings import (
    BOUNDARIES,
    CRITERIA,
    FILE,
    SCHEMA_VERSION,
    Designation,
    Group,
    Pledge,
    RuleSetting,
    Settings,
    Target,
)
from mutirao.ground.findings import Finding, InputError, Phrase, told
from mutirao.ground.speech import word

_NEEDED: Any = object()


@dataclass(frozen=True)
class _Key:
    """One key of the file: its type, its value when absent, and the range it must lie in."""

    type: type
    absent: Any = _NEEDED
    low: float = float("-inf")
    high: float = float("inf")
    one_of: tuple[str, ...] = ()


_YEAR = _Key(int, low=1900, high=2200)
_TEXT = _Key(str)
_FREE = _Key(str, "")
_SHARE = _Key(float, low=0.0, high=1.0)
_DATE = _Key(date)

_SECTIONS: dict[str, dict[str, _Key]] = {
    "city": {
        "name": _TEXT,
        "id": _TEXT,
        "locode": _FREE,
        "country": _TEXT,
        "currency": _TEXT,
        "base_year": _YEAR,
        "boundary": _TEXT,
        "latitude": _Key(float, low=-90, high=90),
        "longitude": _Key(float, low=-180, high=180),
        "demonstration": _Key(bool),
        "note": _FREE,
    },
    "plan": {"start": _YEAR, "discount_rate": _Key(float, low=0.0, high=0.2), "price_year": _YEAR},
    "inventory": {"gwp": _TEXT, "level": _Key(str, one_of=("BASIC", "BASIC+"))},
    "pledge": {
        "boundaries": _Key(list),
        "neutrality_year": _YEAR,
        "max_residual_removals": _SHARE,
        "budget_kt": _Key(float, None, low=0.0),
        "source": _TEXT,
        "target": _Key(list, ()),
    },
    "pledge.target": {"year": _YEAR, "cut": _SHARE, "of_year": _YEAR, "source": _TEXT},
    "groups": {
        "id": _TEXT,
        "name": _TEXT,
        "income_max": _Key(float, None, low=0.0),
        "low_income": _Key(bool),
    },
    "rules": {
        "on": _Key(bool),
        "set_by": _TEXT,
        "date": _DATE,
        "how": _TEXT,
    },
    "designation": {
        "name": _TEXT,
        "author": _TEXT,
        "date": _DATE,
        "source": _TEXT,
        "criteria": _Key(list, ()),
        "how": _FREE,
    },
}
_TOP = ("schema_version", "city", "plan", "inventory", "pledge", "budgets", "groups", "rules", "designation")
_WORDS = {
    int: Phrase(word("a whole number")),
    float: Phrase(word("a number")),
    bool: Phrase(word("true or false")),
    str: Phrase(word("text in quotes")),
    list: Phrase(word("a list")),
}


def read_settings(path: Path | str) -> Settings:
    """Read ``city.toml``. Raises InputError with every finding (line of the file as row, key as column)."""
    path = Path(path)
    if not path.is_file():
        raise InputError(Finding(FILE, None, "", "the file is missing.", "Write one; an empty city folder shows how."))
    try:
        text = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        what = told("byte {byte} is not UTF-8 text.", byte=error.start + 1)
        raise InputError(Finding(FILE, None, "", what, "Save the file as UTF-8.")) from None
    return parse_settings(text)


def parse_settings(text: str) -> Settings:
    """Read the text of a ``city.toml``. Raises InputError with every finding."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        row = int(line.group(1)) if line else None
        mend = 'Write keys as `key = value`, text in "quotes", numbers with a decimal point.'
        what = told("the line cannot be read ({reason}).", reason=error)
        raise InputError(Finding(FILE, row, "", what, mend)) from None
    except RecursionError:
        what = word("lists or tables are nested too deeply to be read.")
        mend = word("Write one value or one plain list on each line.")
        raise InputError(Finding(FILE, None, "", what, mend)) from None
    return settings_of(tables, _lines(text))


def settings_of(tables: Mapping[str, Any], lines: Mapping[tuple[str, int, str], int]) -> Settings:
    """Make settings of nested tables. ``lines`` gives the row of (section, nth, key)."""
    reader = _Reader(lines)
    reader.unknown("", tables, _TOP)
    version = tables.get("schema_version")
    if version != SCHEMA_VERSION:
        mend = told("Write {cell}.", cell=SCHEMA_VERSION)
        reader.add("", "schema_version", told("schema version is {version}.", version=repr(version)), mend)
    city, plan, inventory, pledge = (
        reader.record(name, tables.get(name), _SECTIONS[name]) for name in ("city", "plan", "inventory", "pledge")
    )
    targets = reader.records("pledge.target", pledge["target"], _SECTIONS["pledge.target"])
    groups = reader.records("groups", tables.get("groups", ()), _SECTIONS["groups"])
    if "boundaries" in (tables.get("pledge") or {}):
        reader.boundaries(pledge["boundaries"])
    reader.groups_in_order(groups)
    reader.years_in_order(city, plan, pledge)
    rules = reader.rules(tables.get("rules", {}), pledge["neutrality_year"])
    budgets, budget_notes = reader.budgets(tables.get("budgets", {}))
    designation = None
    if "designation" in tables:
        designation = reader.record("designation", tables["designation"], _SECTIONS["designation"])
        reader.criteria(designation["criteria"] or ())
    if reader.findings:
        raise InputError(reader.findings)
    pledge["targets"] = tuple(Target(**one) for one in targets)
    pledge["boundaries"] = tuple(pledge["boundaries"])
    del pledge["target"]
    return Settings(
        **city,
        **plan,
        **inventory,
        pledge=Pledge(**pledge),
        budgets=budgets,
        groups=tuple(Group(**one) for one in groups),
        rules={name: RuleSetting(name=name, **one) for name, one in rules.items()},
        designation=Designation(**{**designation, "criteria": tuple(designation["criteria"])}) if designation else None,
        budget_notes=budget_notes,
    )


def _lines(text: str) -> dict[tuple[str, int, str], int]:
    """Find the line of each section and key of a TOML text that is known to be readable."""
    lines: dict[tuple[str, int, str], int] = {}
    section, count = "", {"": 0}
    for row, line in enumerate(text.split("\n"), start=1):
        if header := re.match(r"\s*\[\[?\s*([^\]]+?)\s*\]", line):
            section = header.group(1).replace(" ", "").replace('"', "")
            count[section] = count.get(section, -1) + 1
            lines.setdefault((section, count[section], ""), row)
        elif key := re.match(r"\s*\"?([A-Za-z0-9_.+-]+)\"?\s*=", line):
            lines.setdefault((section, count[section], key.group(1)), row)
    return lines


class _Reader:
    """Turns parsed TOML into checked values and remembers every finding with its line."""

    def __init__(self, lines: Mapping[tuple[str, int, str], int]):
        self.findings: list[Finding] = []
        self._lines = lines

    def add(self, section: str, key: str, what: str, mend: str, nth: int = 0) -> None:
        row = self._lines.get((section, nth, key)) or self._lines.get((section, nth, ""))
        column = f"{section}.{key}" if section and key else section or key
        self.findings.append(Finding(FILE, row, column, what, mend))

    def unknown(self, section: str, table: Mapping[str, Any], known: tuple[str, ...], nth: int = 0) -> None:
        for key in table:
            if key not in known:
                near = difflib.get_close_matches(key, known, 1)
                mend = told("Delete it; known: {known}.", known=", ".join(known))
                mend = told("Did you mean '{name}'?", name=near[0]) if near else mend
                self.add(section, key, told("'{cell}' is not known here.", cell=key), mend, nth)

    def record(self, section: str, table: Any, keys: Mapping[str, _Key], nth: int = 0, at: str = "") -> dict[str, Any]:
        at = at or section
        if table is None:
            what = told("the section [{section}] is missing.", section=at)
            self.add("", "", what, told("Add it with its keys: {names}.", names=", ".join(keys)))
            table = {}
            return dict.fromkeys(keys) | {"boundaries": (), "target": ()}
        if not isinstance(table, Mapping):
            mend = told("Write [{section}] on a line of its own, keys below it.", section=at)
            self.add(at, "", told("[{section}] is not a section.", section=at), mend)
            return dict.fromkeys(keys) | {"boundaries": (), "target": ()}
        self.unknown(at, table, tuple(keys), nth)
        return {name: self._value(at, name, table, key, nth) for name, key in keys.items()}

    def records(self, section: str, tables: Any, keys: Mapping[str, _Key]) -> list[dict[str, Any]]:
        if not isinstance(tables, list | tuple):
            mend = told("Begin each with [[{section}]].", section=section)
            self.add(section, "", told("{section} is not a list.", section=section), mend)
            return []
        return [self.record(section, table, keys, nth) for nth, table in enumerate(tables)]

    def _value(self, section: str, name: str, table: Mapping[str, Any], key: _Key, nth: int) -> Any:
        if name not in table:
            if key.absent is _NEEDED:
                mend = told("Add `{key} = ...` below [{section}].", key=name, section=section)
                self.add(section, name, told("'{key}' is missing.", key=name), mend, nth)
                return () if key.type is list else None
            return key.absent
        value = table[name]
        if key.type is date:
            return self._date(section, name, value, nth)
        if key.type is float and type(value) is int:
            value = float(value)
        if type(value) is not key.type:
            what = told("{cell} is not {kind}.", cell=repr(value), kind=_WORDS[key.type])
            self.add(section, name, what, told("Write {kind}.", kind=_WORDS[key.type]), nth)
            return () if key.type is list else None
        if isinstance(value, str) and key.absent is _NEEDED and not value.strip():
            self.add(section, name, told("'{key}' is empty.", key=name), "Write it, or 'unknown' where it is.", nth)
        if key.one_of and value not in key.one_of:
            mend = told("Write one of: {names}.", names=", ".join(key.one_of))
            self.add(section, name, told("'{cell}' is not known.", cell=value), mend, nth)
        if isinstance(value, int | float) and not key.low <= value <= key.high:
            limits = told("Write a value from {low:g} to {high:g}.", low=key.low, high=key.high)
            self.add(section, name, told("{value:g} is out of range.", value=value), limits, nth)
        return value

    def _date(self, section: str, name: str, value: Any, nth: int) -> str:
        if isinstance(value, date) and not isinstance(value, datetime):
            return value.isoformat()
        try:
            return date.fromisoformat(value).isoformat()
        except (TypeError, ValueError):
            self.add(section, name, told("'{cell}' is not a date.", cell=value), "Write it as 2026-01-31.", nth)
            return ""

    def boundaries(self, names: Any) -> None:
        if not names:
            mend = told("List some of: {names}.", names=", ".join(BOUNDARIES))
            self.add("pledge", "boundaries", "the pledge binds nothing.", mend)
        for name in names:
            if name not in BOUNDARIES:
                mend = told("Write some of: {names}.", names=", ".join(BOUNDARIES))
                self.add("pledge", "boundaries", told("'{cell}' is not a boundary.", cell=name), mend)

    def groups_in_order(self, groups: list[dict[str, Any]]) -> None:
        seen: set[str] = set()
        floor = 0.0
        for nth, group in enumerate(groups):
            if group["id"] in seen or group["id"] in ("ALL", "CITY"):
                what = told("'{id}' is used twice or reserved.", id=group["id"])
                self.add("groups", "id", what, "Choose another id.", nth)
            seen.add(group["id"])
            top = group["income_max"]
            if nth == len(groups) - 1:
                if top is not None:
                    self.add("groups", "income_max", "the last group has an upper end.", "Delete the key there.", nth)
            elif top is None or top <= floor:
                mend = "List groups from low to high income, each with income_max above the one before."
                self.add("groups", "income_max", "the groups are not in order of income.", mend, nth)
            floor = top or floor

    def years_in_order(self, city: Mapping[str, Any], plan: Mapping[str, Any], pledge: Mapping[str, Any]) -> None:
        base, start, end = city["base_year"], plan["start"], pledge["neutrality_year"]
        if base is not None and start is not None and start < base:
            what = told("the plan starts in {start}, before the base year {base}.", start=start, base=base)
            self.add("plan", "start", what, "Start it later.")
        if start is not None and end is not None and end <= start:
            mend = "Write a neutrality year after the plan's start."
            what = told("{end} is not after the plan's start {start}.", end=end, start=start)
            self.add("pledge", "neutrality_year", what, mend)

    def rules(self, tables: Any, end: int | None) -> dict[str, dict[str, Any]]:
        if not isinstance(tables, Mapping):
            self.add("rules", "", "[rules] is not a section.", "Write [rules.benefit_share] and keys below it.")
            return {}
        out = {}
        for name, table in tables.items():
            section = f"rules.{name}"
            if name not in RULES:
                self.add(section, "", *unknown_rule(name))
                continue
            named = table if isinstance(table, Mapping) else {}
            own = {key: value for key, value in named.items() if key not in _SECTIONS["rules"]}
            common = {key: value for key, value in named.items() if key not in own} if named is table else table
            record = self.record("rules", common, _SECTIONS["rules"], at=section)
            faults = rule_faults(name, own) if named is table else []
            for key, what, mend in faults:
                self.add(section, key, what, mend)
            out[name] = {"share": None, **record, **({} if faults else rule_values(name, own))}
            first = out[name].get("from_year")
            if not faults and first is not None and end is not None and first > end:
                what = told(
                    "the rule binds from {first}, after the neutrality year {end}, so never.", first=first, end=end
                )
                self.add(section, "from_year", what, "Write an earlier year.")
        return out

    def criteria(self, names: Any) -> None:
        for name in names:
            if name not in CRITERIA:
                what = told("{cell} is not a criterion.", cell=repr(name))
                self.add("designation", "criteria", what, known_names(CRITERIA))

    def budgets(self, table: Any) -> tuple[dict[str, float], dict[str, str]]:
        if not isinstance(table, Mapping):
            self.add("budgets", "", "[budgets] is not a section.", "Write `party = 150.0` below [budgets].")
            return {}, {}
        notes = table.get("note", {})
        notes = {"": notes} if isinstance(notes, str) else notes
        if not isinstance(notes, Mapping) or not all(isinstance(text, str) for text in notes.values()):
            self.add("budgets", "note", "the note is not text.", 'Write `note = "..."`.')
            notes = {}
        key = _Key(float, low=0.0)
        out = {name: self._value("budgets", name, table, key, 0) for name in table if name != "note"}
        return out, dict(notes)
