"""What somebody asks a plan of a city to be: other targets, budgets, rules, wishes on measures, other figures.

An ask is plain data, the same for a form, a program and a job. Equal asks give equal dictionaries, so that what was
made once need not be made again; who asked for a rule is part of it, for it is printed beside the rule.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Any

from mutirao.city.folder import City
from mutirao.city.rulekeys import RULES, unknown_rule
from mutirao.city.rulewords import parse_rule, with_rules
from mutirao.city.settings import RuleSetting, Target
from mutirao.ground.findings import Finding, InputError, told
from mutirao.ground.speech import word

RESOLUTIONS = ("quick", "standard", "final")
FRONTIER_KEYS = ("rule", "levels", "carbon")
#: No list of an ask is longer, no text of it either (answers of a group apart).
MOST, LONG, ANSWERS = 200, 500, 60_000
#: More rows or columns of a frontier than this would take hours.
LEVELS, CARBON = 8, 12

Bound = tuple[str, float, int]


@dataclass(frozen=True)
class Asked:
    """One ask; what is left at its default stays as the city has it.

    resolution : quick, standard or final. neutrality_year and budget_kt (cumulative kt CO2e from the plan's start to
    neutrality) replace the pledge's; targets : (year, cut as share 0..1), in place of all of the pledge's. budgets :
    payer -> million currency a year, cash. rules : texts such as "benefit_share share=0.5", each in place of the
    city's of that name; rules_off : names left out. floors, ceilings : (measure, share 0..1, year), held from the year
    on. settings : other figures, as "parameter=value". set_by, how, date (ISO; today if empty) : who decided it.
    headwinds, assessment : whether these parts are made. frontier : rule, levels, carbon. answers_text : the answers
    of a group around a table, as the text of its file.
    """

    resolution: str = "quick"
    neutrality_year: int | None = None
    targets: tuple[tuple[int, float], ...] = ()
    budget_kt: float | None = None
    budgets: Mapping[str, float] = field(default_factory=dict)
    rules: tuple[str, ...] = ()
    rules_off: tuple[str, ...] = ()
    floors: tuple[Bound, ...] = ()
    ceilings: tuple[Bound, ...] = ()
    settings: tuple[str, ...] = ()
    set_by: str = ""
    how: str = ""
    date: str = ""
    headwinds: bool = True
    assessment: bool = True
    frontier: Mapping[str, Any] = field(default_factory=dict)
    answers_text: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The ask as JSON-ready data in one way of writing: what says nothing is left out, lists are in order."""
        out: dict[str, Any] = {}
        for f in fields(self):
            value = getattr(self, f.name)
            if value not in (_default(f.name), (), {}, None, ""):
                out[f.name] = _plain(value)
        return out

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> "Asked":
        """Read an ask from plain data, such as a form's or a program's. Raises InputError with every fault of it.

        A fault's file is the key of the ask ("targets"), its column what is named inside it ("2030").
        """
        return _asked(cls, given)

    @property
    def rule_settings(self) -> list[RuleSetting]:
        """The rules of the ask, each with who set it."""
        when = self.date or date.today().isoformat()
        return [parse_rule(text, self.set_by, when, self.how) for text in self.rules]


def applied(city: City, asked: Asked) -> City:
    """The city with what is asked in place of its own settings; who asked stands beside each.

    Raises InputError where the ask does not fit the city: a year before its plan begins, a rule after its end.
    """
    s, wrong = city.settings, []
    end = asked.neutrality_year or s.pledge.neutrality_year
    for key, year in [("neutrality_year", end), *(("targets", y) for y, _ in asked.targets)]:
        if year <= s.start:
            what = told("{year} is not after {start}, the plan's first year.", year=year, start=s.start)
            wrong.append(Finding(key, None, str(year), what, word("Choose a later year.")))
        if year > end:
            what = told("the target of {year} comes after the year of neutrality, {end}.", year=year, end=end)
            wrong.append(Finding(key, None, str(year), what, word("Choose an earlier year, or a later neutrality.")))
    if wrong:
        raise InputError(wrong)
    source = asked.set_by or s.pledge.source
    against = s.pledge.targets[-1].of_year if s.pledge.targets else s.base_year
    targets = tuple(Target(year, cut, against, source) for year, cut in asked.targets)
    if not targets:
        targets = tuple(t for t in s.pledge.targets if t.year <= end)
    pledge = replace(
        s.pledge,
        neutrality_year=end,
        budget_kt=s.pledge.budget_kt if asked.budget_kt is None else asked.budget_kt,
        targets=targets,
        source=source if asked.neutrality_year or asked.targets or asked.budget_kt is not None else s.pledge.source,
    )
    notes = s.budget_notes | {payer: asked.set_by for payer in asked.budgets if asked.set_by}
    changed = replace(s, pledge=pledge, budgets={**s.budgets, **asked.budgets}, budget_notes=notes)
    return replace(city, settings=with_rules(changed, asked.rule_settings))


def _asked(made: type[Asked], given: Mapping[str, Any]) -> Asked:
    if not isinstance(given, Mapping):
        raise InputError(Finding("asked", None, "", word("is not a set of named values."), ""))
    read = _Reading()
    for name in given:
        if name not in _READ:
            what = told("nothing called '{name}' can be asked.", name=_short(name))
            read.fault("asked", _short(name), what, told("It may be: {names}.", names=", ".join(_READ)))
    values = {name: _READ[name](read, name, given[name]) for name in given if name in _READ and given[name] is not None}
    if not read.findings:
        asked = made(**values)
        _together(read, asked)
    if read.findings:
        raise InputError(read.findings)
    return asked


def _default(name: str) -> Any:
    return next(f.default for f in fields(Asked) if f.name == name)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in sorted(value.items())}
    return [_plain(v) for v in value] if isinstance(value, tuple | list) else value


class _Reading:
    """Gathers what is wrong while values are read; a wrong value is read as its nearest harmless kind."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def fault(self, key: str, inner: str, what: str, mend: str) -> None:
        self.findings.append(Finding(key, None, inner, what, mend))

    def number(self, key: str, inner: str, value: Any, low: float, high: float) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
            self.fault(key, inner, told("'{value}' is not a number.", value=_short(value)), word("Write a number."))
        elif not low <= value <= high:
            what = told("{value} is out of range.", value=_short(value))
            self.fault(key, inner, what, told("Write a value from {low} to {high}.", low=f"{low:g}", high=f"{high:g}"))
        else:
            return float(value)
        return low

    def year(self, key: str, value: Any) -> int:
        number = self.number(key, _short(value), value, 1900, 2200)
        if number != int(number):
            self.fault(key, _short(value), told("'{value}' is not a year.", value=_short(value)), word("Write a year."))
        return int(number)

    def text(self, key: str, value: Any, most: int = LONG) -> str:
        if not isinstance(value, str):
            self.fault(key, "", told("'{value}' is not text.", value=_short(value)), word("Write text."))
            return ""
        if len(value) > most or _unprintable(value):
            what = told("the text is longer than {most} letters or holds signs that cannot be printed.", most=most)
            self.fault(key, "", what, word("Shorten it."))
            return ""
        return value.strip()

    def flag(self, key: str, value: Any) -> bool:
        if not isinstance(value, bool):
            self.fault(key, "", told("'{value}' is neither yes nor no.", value=_short(value)), word("Choose one."))
        return bool(value)

    def rows(self, key: str, value: Any) -> Sequence[Any]:
        if not isinstance(value, list | tuple):
            self.fault(key, "", told("'{value}' is not a list.", value=_short(value)), word("Write a list."))
            return ()
        if len(value) > MOST:
            what = told("the list has {count} entries.", count=len(value))
            self.fault(key, "", what, told("Write at most {most}.", most=MOST))
            return ()
        return value

    def table(self, key: str, value: Any) -> Mapping[str, Any]:
        names = list(value) if isinstance(value, Mapping) else [None]
        if not all(isinstance(k, str) and len(k) <= LONG and not _unprintable(k) for k in names):
            what = told("'{value}' is not a set of named values.", value=_short(value))
            self.fault(key, "", what, word("Write names with their values."))
            return {}
        self.rows(key, list(value))
        return value if len(value) <= MOST else {}


def _unprintable(text: str) -> bool:
    """Whether a text holds signs that no page prints and no database takes: controls, halves of signs."""
    return any((ord(c) < 32 and c not in "\r\n\t") or 0xD800 <= ord(c) <= 0xDFFF for c in text)


def _short(value: Any) -> str:
    return str(value)[:40].encode(errors="replace").decode()


def _resolution(r: _Reading, key: str, value: Any) -> str:
    if value not in RESOLUTIONS:
        what = told("there is no resolution '{name}'.", name=_short(value))
        r.fault(key, "", what, told("Choose one of: {names}.", names=", ".join(RESOLUTIONS)))
    return str(value)


def _targets(r: _Reading, key: str, value: Any) -> tuple[tuple[int, float], ...]:
    found = {}
    for row in r.rows(key, value):
        if not isinstance(row, list | tuple) or len(row) != 2:
            what = told("'{value}' is not a year with a cut.", value=_short(row))
            r.fault(key, "", what, word("Write pairs such as 2030 and 0.5."))
            continue
        year = r.year(key, row[0])
        if year in found:
            r.fault(key, str(year), told("{year} is given twice.", year=year), word("Give it once."))
        found[year] = r.number(key, str(year), row[1], 0.0, 1.0)
    return tuple(sorted(found.items()))


def _carbon(r: _Reading, key: str, value: Any) -> float:
    return r.number(key, "", value, 0.0, 1e9)


def _amounts(r: _Reading, key: str, value: Any) -> dict[str, float]:
    return {name: r.number(key, name, v, 0.0, 1e9) for name, v in sorted(r.table(key, value).items())}


def _settings(r: _Reading, key: str, value: Any) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for row in r.rows(key, value):
        name, _, text = (part.strip() for part in r.text(key, row).partition("="))
        if name in found:
            r.fault(key, name, told("'{name}' is given twice.", name=name), word("Give it once."))
        try:
            number: Any = float(text)
        except ValueError:
            number = text
        found[name] = f"{name}={r.number(key, name, number, -1e15, 1e15):.12g}"
    return tuple(found[name] for name in sorted(found))


def _rules(r: _Reading, key: str, value: Any) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for row in r.rows(key, value):
        text = " ".join(r.text(key, row).split())
        try:
            name = parse_rule(text).name
        except InputError as error:
            r.findings += [Finding(key, None, f.column, f.what, f.mend) for f in error.findings]
            continue
        if name in found:
            r.fault(key, name, word("the rule is given twice."), word("Give it once, with all its numbers."))
        found[name] = text
    return tuple(found[name] for name in RULES if name in found)


def _names(r: _Reading, key: str, value: Any) -> tuple[str, ...]:
    names = {r.text(key, row) for row in r.rows(key, value)}
    for name in sorted(names - set(RULES)):
        r.fault(key, name, *unknown_rule(name))
    return tuple(n for n in RULES if n in names)


def _bounds(r: _Reading, key: str, value: Any) -> tuple[Bound, ...]:
    found = set()
    for row in r.rows(key, value):
        if not isinstance(row, list | tuple) or len(row) != 3:
            what = told("'{value}' is not a measure with a share and a year.", value=_short(row))
            r.fault(key, "", what, word("Write rows such as heat.heat_pumps, 0.3 and 2035."))
            continue
        name = r.text(key, row[0])
        found.add((name, r.number(key, name, row[1], 0.0, 1.0), r.year(key, row[2])))
    return tuple(sorted(found))


def _date(r: _Reading, key: str, value: Any) -> str:
    text = r.text(key, value)
    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        r.fault(key, "", told("'{value}' is not a date.", value=_short(text)), word("Write it such as 2026-01-31."))
        return ""


def _frontier(r: _Reading, key: str, value: Any) -> dict[str, Any]:
    table = r.table(key, value)
    out: dict[str, Any] = {}
    for name in table:
        if name not in FRONTIER_KEYS:
            what = told("a frontier has no '{name}'.", name=name)
            r.fault(key, name, what, told("It may be: {names}.", names=", ".join(FRONTIER_KEYS)))
    if table.get("rule"):
        out["rule"] = " ".join(r.text(key, table["rule"]).split())
    if table.get("levels"):
        out["levels"] = [r.text(key, row, 20) for row in r.rows(key, table["levels"])]
        if len(out["levels"]) > LEVELS:
            r.fault(key, "levels", told("the list has {count} entries.", count=len(out["levels"])),
                    told("Write at most {most}.", most=LEVELS))  # fmt: skip
    if table.get("carbon") is not None:
        out["carbon"] = int(r.number(key, "carbon", table["carbon"], 2, CARBON))
    return dict(sorted(out.items()))


def _text(r: _Reading, key: str, value: Any) -> str:
    return r.text(key, value)


def _answers(r: _Reading, key: str, value: Any) -> str:
    return r.text(key, value, ANSWERS)


def _year(r: _Reading, key: str, value: Any) -> int:
    return r.year(key, value)


def _flag(r: _Reading, key: str, value: Any) -> bool:
    return r.flag(key, value)


_READ: dict[str, Callable[[_Reading, str, Any], Any]] = {
    "resolution": _resolution, "neutrality_year": _year, "targets": _targets, "budget_kt": _carbon,
    "budgets": _amounts, "rules": _rules, "rules_off": _names, "floors": _bounds, "ceilings": _bounds,
    "settings": _settings, "set_by": _text, "how": _text, "date": _date, "headwinds": _flag, "assessment": _flag,
    "frontier": _frontier, "answers_text": _answers,
}  # fmt: skip


def _together(r: _Reading, asked: Asked) -> None:
    """What no single value shows: a rule both on and off, a floor above a ceiling."""
    for rule in asked.rule_settings:
        if rule.name in asked.rules_off:
            what = word("the rule is asked for and left out at once.")
            r.fault("rules_off", rule.name, what, word("Choose one."))
    for name, least, since in asked.floors:
        for other, most, until in asked.ceilings:
            if name == other and least > most:
                what = told("'{measure}' is asked to be at least {least} from {since} on and at most {most} from "
                            "{until} on.", measure=name, least=f"{least:.0%}", since=since, most=f"{most:.0%}",
                            until=until)  # fmt: skip
                r.fault("ceilings", name, what, word("Raise the ceiling or lower the floor."))
