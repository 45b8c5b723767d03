"""What the names in a group's answers mean in this city: zone, parameters, measures, years; and the example to fill."""

import difflib
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import replace

from mutirao.city.folder import City
from mutirao.ground.findings import Finding, InputError
from mutirao.ground.parameters import Parameter, Parameters
from mutirao.model.horizon import Horizon
from mutirao.report.tablekit.answers import Answers
from mutirao.report.tablekit.assumptions import Assumption
from mutirao.report.tablekit.language import Words, languages, words_of


def zone_named(zones: Sequence[Mapping[Hashable, object]], wanted: str | None, place: str = "--zone") -> str:
    """The id of a zone given by id or name. A city of one zone needs none. Raises InputError with the nearest one."""
    ids = {str(z["zone"]): str(z["name"]) for z in zones}
    if not wanted:
        if len(ids) == 1:
            return next(iter(ids))
        raise InputError(Finding(place, None, "", "no zone is named.", f"Name one of: {', '.join(ids.values())}."))
    plain = {i.casefold(): i for i in ids} | {n.casefold(): i for i, n in ids.items()}
    if wanted.casefold() in plain:
        return plain[wanted.casefold()]
    near = difflib.get_close_matches(wanted.casefold(), list(plain), 1, cutoff=0.5)
    hint = f"Did you mean {ids[plain[near[0]]]}?" if near else f"There is: {', '.join(ids.values())}."
    raise InputError(Finding(place, None, "", f"no zone is called '{wanted}'.", hint))


def check_answers(
    a: Answers, city: City, known: Parameters, measures: Iterable[str], horizon: Horizon, file: str = "answers.toml"
) -> None:
    """Look up every name of the answers. Raises InputError with every finding."""
    out: list[Finding] = []

    def fault(where: str, what: str, mend: str) -> None:
        out.append(Finding(file, None, where, what, mend))

    if a.group in {words_of(language)("example.name") for language in languages()}:
        fault("group.name", f"'{a.group}' is the example's name.", "Write the name of the group that met.")
    try:
        zone_named(city.zones.to_dict("records"), a.zone, "group.zone")
    except InputError as error:
        out += [replace(f, file=file, column="group.zone") for f in error.findings]
    for i, d in enumerate(a.disputes, start=1):
        where = f"dispute {i}"
        if d.parameter not in known:
            near = difflib.get_close_matches(d.parameter, list(known), 1)
            hint = f"Did you mean '{near[0]}'?" if near else "The sheets and `mutirao dictionary` list the names."
            fault(f"{where}.parameter", f"no number is called '{d.parameter}'.", hint)
            continue
        p = known[d.parameter]
        values = [v for v in (d.value, d.low, d.high) if v is not None]
        if p.unit == "share" and not all(0.0 <= v <= 1.0 for v in values):
            fault(where, f"'{d.parameter}' is a share and cannot be {d.value:g}.", "Write it from 0 to 1: 0.3 is 30 %.")
        elif p.low >= 0.0 and min(values) < 0.0:
            fault(where, f"'{d.parameter}' cannot be below zero.", f"It is {p.value:g} {p.unit} here.")
        elif p.low > 0.0 and min(values) == 0.0:
            fault(where, f"'{d.parameter}' cannot be zero.", f"It is {p.value:g} {p.unit} here.")
    names = list(measures)
    for i, (name, year) in enumerate([(w.bound.measure, w.bound.year) for w in a.wishes], start=1):
        if name not in names:
            fault(f"measure {i}.measure", f"no works are called '{name}'.", _near(name, names))
        if not horizon.start < year <= horizon.end:
            what = f"the plan decides after {horizon.start} and ends in {horizon.end}, so not in {year}."
            fault(f"measure {i}.by", what, f"Write a year from {horizon.start + 1} to {horizon.end}.")
    for i, rule in enumerate(a.rules, start=1):
        for name in rule.measures:
            if name not in names:
                fault(f"rule {i}.measures", f"no works are called '{name}'.", _near(name, names))
    if out:
        raise InputError(out)


def _near(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, 1)
    return f"Did you mean '{near[0]}'?" if near else f"Known are: {', '.join(known)}."


def disputed(a: Answers, known: Parameters) -> list[Parameter]:
    """The group's numbers as rows of the layer "scenario"; who doubted and why is their source."""
    rows = []
    for d in a.disputes:
        low, high = (d.value if e is None else e for e in (d.low, d.high))
        source = f"disputed by {a.group}, {a.date}: {d.why}"
        rows.append(replace(known[d.parameter], value=d.value, low=low, high=high, kind="assumption", source=source,
                            note="", steps=()))  # fmt: skip
    return rows


def example_answers(
    t: Words, zone: str, when: str, assumptions: Sequence[Assumption], measures: Iterable[str], year: int
) -> str:
    """The file that a group changes to its own answers: every part once, with names that this city knows."""
    known = set(measures)
    works = next((m for m in ("heat.district_heat", "heat.heat_pumps") if m in known), min(known))
    picked = next((a for a in assumptions if "cost" in a.name or "price" in a.name), None)

    def said(key: str) -> str:
        return _quoted(t(f"example.{key}"))

    def noted(line: str, key: str, **values: object) -> str:
        return f"{line:<25} # {t(f'example.{key}', **values)}"

    parts = [
        "# " + t("example.notes"), "[group]", f"name = {said('name')}", f"zone = {_quoted(zone)}", f'date = "{when}"',
        f"place = {said('place')}", noted("present = 12", "present"), f"how = {said('how')}",
    ]  # fmt: skip
    if picked is not None:
        value = f"value = {_half(picked.value, picked.high):g}"
        parts += [
            "", noted("[[dispute]]", "dispute"), f'parameter = "{picked.name}"',
            noted(value, "value", value=f"{picked.value:.4g} {picked.unit}"), f"why = {said('dispute_why')}",
        ]  # fmt: skip
    parts += [
        "", noted("[[rule]]", "rule"), 'name = "no_group_worse_off"', f"how = {said('rule_how')}",
        "", noted("[[measure]]", "measure"), f'measure = "{works}"', "at_most = 0.5", f"by = {year}",
        f"why = {said('measure_why')}",
        "", noted("[[vote]]", "vote"), 'alternative = "rules"', "agree = 7", "object = 3", "abstain = 2",
        f"why = [{said('reason')}, {said('reason_2')}]",
    ]  # fmt: skip
    return "\n".join(parts) + "\n"


def _half(value: float, high: float) -> float:
    return float(f"{value + 0.25 * (high - value):.2g}")


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
