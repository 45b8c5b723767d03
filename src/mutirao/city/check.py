"""Checking a city folder: every error and every note, so that a planner can mend it before planning."""

import json
from collections.abc import Collection, Sequence
from pathlib import Path

from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.validation import explain_validity

from mutirao.city.actions import FILE as ACTIONS
from mutirao.city.actions import check_actions
from mutirao.city.columns import first_of, mapped
from mutirao.city.communities import note_designated
from mutirao.city.facts import CITY
from mutirao.city.folder import BESIDE, FACT_FILES, INVENTORY, TABLES, City, load_city
from mutirao.city.rulekeys import NEED_DESIGNATION
from mutirao.city.rules import found, sorted_findings
from mutirao.city.settings import FILE as SETTINGS
from mutirao.city.variables import Variable
from mutirao.ground.findings import Finding, InputError, told
from mutirao.ground.speech import together

GEOMETRY = "zones.geojson"
PER_PERSON = (0.5, 40.0)
"""BASIC emissions per person (t CO2e a year) outside this range point to a wrong unit or population."""

CITY_TOTAL = 0.01
"""How far the zones may sum away from a stated city total."""

FAR = 5
"""A figure more years than this away from the base year is mentioned."""

_RATES = ("degC", "share", "1", "%")


def check(path: Path | str, variables: Sequence[Variable], measures: Collection[str]) -> list[Finding]:
    """Check a city folder: all errors and notes, sorted by place. Never raises for bad input."""
    return examine(path, variables, measures)[1]


def examine(
    path: Path | str, variables: Sequence[Variable], measures: Collection[str]
) -> tuple[City | None, list[Finding]]:
    """Read a city folder once and check it: the city (None when a table is unreadable) and all findings."""
    path = Path(path)
    city, findings = load_city(path, variables)
    if path.is_dir():
        findings += _strange_files(path)
    if city is not None:
        findings += check_city(city, variables, measures)
    return city, sorted_findings(findings)


def check_city(city: City, variables: Sequence[Variable], measures: Collection[str]) -> list[Finding]:
    """Find what a planner should know about a city that can be read: notes, and errors where measures are unknown."""
    return [
        *_settings(city),
        *_rules(city, measures),
        *note_designated(city.designated, city.settings),
        *check_actions(city.actions, city.sources, measures),
        *_zone_sums(city, variables),
        *_per_person(city),
        *_far_years(city),
        *_geometry(city),
    ]


def _note(file: str, column: str, what: str, mend: str, row: int | None = None) -> Finding:
    return Finding(file, row, column, what, mend, "note")


def _settings(city: City) -> list[Finding]:
    settings = city.settings
    findings = []
    if settings.demonstration:
        what = "this is a demonstration on public data, not the City's plan; every page will say so."
        findings.append(_note(SETTINGS, "city.demonstration", what, "Set it to false when the City owns the figures."))
    cited = [("pledge.source", settings.pledge.source)]
    cited += [("pledge.target.source", target.source) for target in settings.pledge.targets]
    if settings.designation is not None:
        cited.append(("designation.source", settings.designation.source))
    for column, source in dict.fromkeys(cited):
        if source not in city.sources:
            what = told("'{source}' is not the id of a source.", source=source)
            findings.append(_note(SETTINGS, column, what, "Add it to sources.csv and write its id here."))
    if not city.actions and not (city.path / ACTIONS).exists():
        what = "the file is missing: what the city has already adopted is unknown."
        findings.append(_note(ACTIONS, "", what, "Add what is adopted or proposed, one action per row."))
    return findings


def _rules(city: City, measures: Collection[str]) -> list[Finding]:
    """Rules that are on but cannot bind, and measures that no system has."""
    settings = city.settings
    findings = []
    for rule in settings.rules.values():
        section = f"rules.{rule.name}"
        who = rule.who or "low_income" if rule.name == "burden_cap" else None
        if rule.on and (rule.name in NEED_DESIGNATION or who == "designated") and city.designated is None:
            what = "the rule is on, but no homes are designated, so it is off in every plan."
            findings.append(_note(SETTINGS, section, what, "Add [designation] and designated.csv."))
        low = rule.name in ("no_low_income_worse_off", "warm_rent") or who == "low_income"
        if rule.on and low and not any(group.low_income for group in settings.groups):
            what = "the rule is on, but no income group is marked as low, so it is off in every plan."
            findings.append(_note(SETTINGS, section, what, "Write low_income = true for the groups it protects."))
        for measure in rule.measures:
            if measure not in measures:
                mend = mapped(measure, measures) or "The README of an empty city folder lists all measures."
                what = told("no measure is called '{measure}'.", measure=measure)
                findings.append(Finding(SETTINGS, None, f"{section}.measures", what, mend))
    return findings


def _zone_sums(city: City, variables: Sequence[Variable]) -> list[Finding]:
    """Zones against a stated total of the city, for what can be summed (counts and areas, no rates)."""
    if city.zone_ids == (CITY,):
        return []
    counts = [v.name for v in variables if "/" not in v.unit and v.unit not in _RATES]
    frame = city.facts.frame
    frame = frame[frame["variable"].isin(counts)]
    key = ["variable", "group", "year"]
    totals = frame[frame["zone"] == CITY].set_index(key)
    sums = frame[frame["zone"] != CITY].groupby(key)["value"].sum().rename("_sum")
    both = totals.join(sums, how="inner").reset_index()
    gap = (both["_sum"] - both["value"]).abs()
    return found(
        both[gap > CITY_TOTAL * both["value"].abs()],
        "value",
        lambda r: told(
            "the zones' {variable} of {year} sum to {sum:,.6g}, the city's row says {total:,.6g}.",
            variable=r["variable"],
            year=r["year"],
            sum=r["_sum"],
            total=r["value"],
        ),
        lambda r: "Find the zone that is wrong or missing, or state the city's figure of the same boundary.",
        "note",
    )


def _per_person(city: City) -> list[Finding]:
    year = city.settings.base_year
    dims = ("zone",) if city.has("population") else ()
    if year not in city.inventory.years or not city.has("population", dims):
        return []
    try:
        tonnes = city.inventory.total(year, "BASIC", city.settings.gwp)
    except InputError as error:
        return list(error.findings)
    population = city.array("population", dims)
    people = float(population.sum())
    if people > 0 and not PER_PERSON[0] <= tonnes / people <= PER_PERSON[1]:
        what = told(
            "BASIC emissions of {year} are {each:.3g} t CO2e per person ({tonnes:,.0f} t, {people:,.0f} people).",
            year=year,
            each=tonnes / people,
            tonnes=tonnes,
            people=people,
        )
        return [_note(INVENTORY, "value", what, "Check the unit (t, not kg or kt) and the population's boundary.")]
    return []


def _far_years(city: City) -> list[Finding]:
    base = city.settings.base_year
    frame = city.facts.frame
    gap = (frame["year"] - base).abs()
    nearest = frame.loc[gap.groupby(frame["variable"]).idxmin()] if len(frame) else frame
    far = nearest[(nearest["year"] - base).abs() > FAR].sort_values("row")
    findings = []
    for (file, year), part in far.groupby(["file", "year"]):
        what = told(
            "the nearest figures of {variables} are of {year}; they stand for the base year {base}.",
            variables=first_of(list(part["variable"]), 3),
            year=year,
            base=base,
        )
        findings.append(_note(str(file), "year", what, "Add newer figures if there are any.", int(part["row"].iloc[0])))
    return findings


def _strange_files(path: Path) -> list[Finding]:
    known = (SETTINGS, *TABLES, *BESIDE)
    findings = []
    for file in sorted(path.iterdir()):
        if file.name not in known and not file.name.startswith(".") and file.suffix in (".csv", ".toml", ".geojson"):
            mend = mapped(file.name, known) or told("Tables of figures are {files}.", files=", ".join(FACT_FILES))
            findings.append(_note(file.name, "", "the file is not read.", mend))
    return findings


def _geometry(city: City) -> list[Finding]:
    """Polygons of the zones: readable, named as in zones.csv, valid, in degrees and near the zone's point."""
    file = city.path / GEOMETRY
    if not file.is_file():
        return []
    try:
        features = json.loads(file.read_text(encoding="utf-8-sig"))["features"]
        shapes = {str(f["properties"]["zone"]): shape(f["geometry"]) for f in features}
    except (ValueError, KeyError, TypeError, AttributeError, ShapelyError) as error:
        reason = f"{type(error).__name__}: {error}"
        what = told("the file cannot be read as zones ({reason}).", reason=reason)
        return [_note(GEOMETRY, "", what, 'Write a FeatureCollection whose features have the property "zone".')]
    findings = []
    place = zip(city.zones["longitude"], city.zones["latitude"], strict=True)
    places = dict(zip(city.zone_ids, place, strict=True))
    missing = [zone for zone in city.zone_ids if zone not in shapes]
    if missing:
        shown = ", ".join(missing[:5]) + (" ..." if len(missing) > 5 else "")
        what = told("there is no polygon for {zones}.", zones=shown)
        findings.append(_note(GEOMETRY, "zone", what, "Add the polygons, or the map leaves the zones out."))
    for zone, polygon in shapes.items():
        if zone not in places:
            what = told("the polygon '{zone}' has no row in zones.csv.", zone=zone)
            mend = together(mapped(zone, city.zone_ids), "Rename or delete it.")
            findings.append(_note(GEOMETRY, "zone", what, mend))
        elif polygon.is_empty or not polygon.is_valid:
            what = told("the polygon of '{zone}' is not valid ({reason}).", zone=zone, reason=explain_validity(polygon))
            findings.append(_note(GEOMETRY, "geometry", what, "Repair it, for example with 'fix geometries' in QGIS."))
        elif not _contains(polygon.bounds, places[zone]):
            what = told("the point of '{zone}' in zones.csv lies outside the box around its polygon.", zone=zone)
            mend = "Check that both are longitude, latitude in degrees (WGS 84) and the ids match."
            findings.append(_note(GEOMETRY, "geometry", what, mend))
    return findings


def _contains(bounds: tuple[float, float, float, float], point: tuple[float, float]) -> bool:
    west, south, east, north = bounds
    return west <= point[0] <= east and south <= point[1] <= north
