"""A first city from four inputs, every figure a default and marked so: a place to begin."""

import csv
from importlib.resources import files
from pathlib import Path
from typing import Literal, get_args

import pandas as pd

from mutirao.city.facts import ALL, CITY, Fact, Facts, frame_of
from mutirao.city.folder import FACT_FILES, City
from mutirao.city.gpc import members
from mutirao.city.inventory import Inventory
from mutirao.city.inventory_row import Row
from mutirao.city.settings import Group, Pledge, RuleSetting, Settings
from mutirao.city.sources import Source
from mutirao.ground.findings import Finding, InputError, told
from mutirao.ground.money import convert
from mutirao.ground.speech import say, together, word

Climate = Literal["cold", "temperate", "warm", "hot"]
Grid = Literal["clean", "mixed", "fossil"]

GWP = "AR5-100"
_DEFAULTS = ("default", "assumed")
_REFERENCE_GRID = "mixed"
_INCOME_YEAR = 2017
# Name, share of households, mean income and upper end in US dollars of 2017: BLS quintiles 1-2, 3-4 and 5.
_GROUPS = (
    ("low", word("Low income"), 0.4, 20_600.0, 40_000.0),
    ("middle", word("Middle income"), 0.4, 69_400.0, 120_000.0),
    ("high", word("High income"), 0.2, 188_000.0, None),
)


def draft_city(
    name: str,
    population: float,
    climate: Climate,
    grid: Grid,
    base_year: int,
    country: str = "US",
    currency: str = "USD",
    latitude: float | None = None,
    longitude: float = 0.0,
) -> City:
    """Draft a city of one zone and three income groups; every figure has method "default" and a source row.

    population : people; climate : months of temperature and irradiation of a class (turned by half a year
    where
    ``latitude`` is south); grid : emission factor of a class. Emissions are medians per person of 13 cities.
    Without ``latitude`` the class's own is used, and the note of the city says so. The path of the city is
    its
    name; give it a folder with :func:`mutirao.city.folder.write_city`. Raises InputError for inputs not
    understood.
    """
    _refuse(name, population, climate, grid, base_year)
    months = _months(climate)
    place = float(months[0]["latitude"]) if latitude is None else latitude
    facts = [
        _fact("population", "people.csv", "people", base_year, population, "draft-given"),
        *_figures(population, grid, base_year),
        *_households(population, base_year, currency),
        *_climate(months, base_year, south=place < 0),
    ]
    settings = _settings(name, base_year, country, currency, place, longitude, latitude is None)
    used = {fact.source for fact in facts} | {"draft-inventory"}
    zone = {"zone": CITY, "name": name, "longitude": longitude, "latitude": place}
    return City(
        path=Path(name),
        settings=settings,
        zones=pd.DataFrame([zone]),
        facts=Facts(frame_of(_numbered(facts)), (CITY,), tuple(g.id for g in settings.groups)),
        inventory=_inventory(population, grid, base_year),
        actions=(),
        designated=None,
        sources={row["source"]: Source(**row) for row in _rows("draft_sources.csv") if row["source"] in used},
        parameters=None,
    )


def default_share(city: City) -> float:
    """Share (0..1) of the base year's reported emissions that rests on defaults or assumptions.

    Counted by size, whatever the sign; a figure without a method counts as the city's own.
    """
    rows = [r for r in city.inventory.in_year(city.settings.base_year) if r.value is not None and not r.is_memo]
    total = 0.0
    default = 0.0
    for row in rows:
        size = abs(row.co2e(city.settings.gwp, row.gwp or city.settings.gwp) or 0.0)
        total += size
        default += size if row.method in _DEFAULTS else 0.0
    return default / total if total else 0.0


def _refuse(name: str, population: float, climate: str, grid: str, base_year: int) -> None:
    findings = []
    for column, value, known in (("climate", climate, get_args(Climate)), ("grid", grid, get_args(Grid))):
        if value not in known:
            mend = told("Write one of: {names}.", names=", ".join(known))
            findings.append(Finding("draft", None, column, told("'{cell}' is not a class.", cell=value), mend))
    if not population >= 1:
        what = told("{count:g} people.", count=population)
        findings.append(Finding("draft", None, "population", what, "Write how many live there."))
    if not 1990 <= base_year <= 2100:
        what = told("{year} is not a base year.", year=base_year)
        findings.append(Finding("draft", None, "base_year", what, "Write 1990 or later."))
    if not name.strip() or any(sign in name for sign in '/\\:*?"<>|'):
        what = told("'{name}' cannot name a folder.", name=name)
        findings.append(Finding("draft", None, "name", what, "Use letters and spaces."))
    if findings:
        raise InputError(findings)


def _fact(variable: str, file: str, unit: str, year: int, value: float, source: str, group: str = ALL) -> Fact:
    return Fact(variable, CITY, group, unit, year, value, None, None, "default", source, file, 0)


def _figures(population: float, grid: str, year: int) -> list[Fact]:
    facts = []
    for row in _rows("draft_figures.csv"):
        if row["class"] in ("any", grid):
            scale = population if row["per"] == "person" else 1.0
            value, low, high = (float(row[column]) * scale for column in ("value", "low", "high"))
            facts.append(
                Fact(
                    row["variable"],
                    CITY,
                    ALL,
                    row["unit"],
                    year,
                    value,
                    low,
                    high,
                    "default",
                    row["source"],
                    row["file"],
                    0,
                )
            )
    return facts


def _households(population: float, year: int, currency: str) -> list[Fact]:
    per_person = next(float(r["value"]) for r in _rows("draft_figures.csv") if r["variable"] == "households")
    facts = []
    for group, _, share, income, _ in _GROUPS:
        count = share * per_person * population
        facts.append(_fact("households", "people.csv", "households", year, count, "draft-society", group))
        money = _round(convert(income, _INCOME_YEAR, currency, year))
        facts.append(_fact("household_income", "people.csv", f"{currency}/year", year, money, "draft-income", group))
    return facts


def _months(climate: str) -> list[dict[str, str]]:
    return [row for row in _rows("draft_climate.csv") if row["class"] == climate]


def _climate(rows: list[dict[str, str]], year: int, south: bool) -> list[Fact]:
    facts = []
    for row in rows:
        unit = "degC" if row["variable"] == "temperature" else "kWh/m2"
        for month in range(12):
            # South of the equator the same seasons come half a year later.
            taken = (month + 6) % 12 if south else month
            variable = f"{row['variable']}_m{month + 1:02d}"
            value = float(row[f"m{taken + 1:02d}"])
            facts.append(_fact(variable, "climate.csv", unit, year, value, row["source"]))
    return facts


def _inventory(population: float, grid: str, year: int) -> Inventory:
    factor = {r["class"]: float(r["value"]) for r in _rows("draft_figures.csv") if r["source"] == "draft-grid"}
    rows = []
    for row in _rows("draft_inventory.csv"):
        scale = factor[grid] / factor[_REFERENCE_GRID] if row["grid"] == "yes" else 1.0
        rows.append(
            Row(
                year=year,
                gpc=row["gpc"],
                value=_round(float(row["value"]) * scale * population, 3),
                quality_activity="L",
                quality_factor="L",
                gwp=GWP,
                method="default",
                source="draft-inventory",
                explanation=say("median of {cities} cities per person, times population", cities=row["cities"]),
            )
        )
    drafted = {row.gpc for row in rows}
    why = "draft: fewer than 7 of 13 cities give a figure, so none is assumed"
    rows += [
        Row(year=year, gpc=gpc, notation=("NE",), method="default", source="draft-inventory", explanation=why)
        for gpc in sorted(members("BASIC") - drafted)
    ]
    return Inventory(tuple(rows), GWP)


def _settings(
    name: str, base_year: int, country: str, currency: str, latitude: float, longitude: float, placeless: bool
) -> Settings:
    note = together(
        "Draft from four inputs; every figure is a default.",
        "Latitude and longitude were not given and stand for the climate class." if placeless else "",
    )
    groups = tuple(
        Group(
            group,
            title,
            None if top is None else _round(convert(top, _INCOME_YEAR, currency, base_year)),
            group == "low",
        )
        for group, title, _, _, top in _GROUPS
    )
    rule = RuleSetting("no_low_income_worse_off", True, None, "draft", f"{base_year}-01-01", "default of the draft")
    return Settings(
        name=name,
        id="".join(sign for sign in name.upper() if sign.isalnum())[:3] or "NEW",
        locode="",
        country=country,
        currency=currency,
        base_year=base_year,
        boundary="not stated (draft)",
        latitude=latitude,
        longitude=longitude,
        demonstration=True,
        note=note,
        start=base_year + 6,
        discount_rate=0.03,
        price_year=base_year,
        gwp=GWP,
        level="BASIC",
        pledge=Pledge(("basic",), base_year + 30, 0.1, None, (), "draft-given"),
        budgets={},
        groups=groups,
        rules={rule.name: rule},
        designation=None,
    )


def _numbered(facts: list[Fact]) -> list[Fact]:
    """Give each figure the row it will have in its table, in the order in which tables are read."""
    rows: dict[str, int] = {}
    out = []
    for fact in sorted(facts, key=lambda fact: FACT_FILES.index(fact.file)):
        rows[fact.file] = rows.get(fact.file, 1) + 1
        out.append(Fact(**{**vars(fact), "row": rows[fact.file]}))
    return out


def _rows(name: str) -> list[dict[str, str]]:
    text = files("mutirao.city").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _round(value: float, digits: int = 2) -> float:
    return float(f"{value:.{digits}g}")
