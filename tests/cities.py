"""Tiny made-up cities for tests: whole folders of tables, written as a planner would write them."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from mutirao.city.variables import Variable

MONTHS = tuple(f"m{month:02d}" for month in range(1, 13))
TEMPERATURE = (-1.0, 0.5, 4.5, 10.0, 15.5, 20.5, 23.5, 22.5, 19.0, 13.0, 7.5, 2.0)
IRRADIATION = (52.0, 72.0, 112.0, 138.0, 165.0, 172.0, 178.0, 156.0, 120.0, 86.0, 54.0, 43.0)

FACT_HEADER = ("zone", "group", "variable", "unit", "year", "value", "low", "high", "method", "source")
INVENTORY_HEADER = (
    "year",
    "gpc",
    "carrier",
    "gas",
    "value",
    "unit",
    "notation",
    "pointer",
    "quality_activity",
    "quality_factor",
    "gwp",
    "method",
    "source",
    "explanation",
)

#: Share of homes by kind of building and by heating, of every zone.
KINDS = {
    "homes_house": 0.3, "homes_small_building": 0.45, "homes_large_building": 0.25, "homes_gas": 0.6,
    "homes_oil": 0.2, "homes_electric": 0.15, "homes_district": 0.01, "homes_other_heating": 0.04,
}  # fmt: skip
#: What every home lives with, in the first zone; the second zone has a tenth less, the third two.
LIVING = {
    "housing_cost": ("CUR/year", 19_000.0), "rent": ("CUR/year", 21_000.0), "people_per_home": ("people", 2.5),
    "over_65": ("share", 0.14), "cooling_access": ("share", 0.7), "arrears": ("share", 0.12),
    "cannot_keep_warm": ("share", 0.09), "cannot_keep_cool": ("share", 0.2), "damp_or_rot": ("share", 0.15),
}  # fmt: skip


def _monthly(name: str, unit: str, meaning: str, low: float, high: float) -> tuple[Variable, ...]:
    return tuple(
        Variable(
            f"{name}_{m}",
            "climate.csv",
            unit,
            f"{meaning} in month {m[1:]}.",
            by="",
            minimum=low,
            maximum=high,
        )
        for m in MONTHS
    )


def _price(name: str, meaning: str) -> Variable:
    return Variable(name, "energy.csv", "CUR/kWh", meaning, by="", yearly=True, maximum=1e6)


HOUSEHOLDS: tuple[Variable, ...] = (
    Variable("housing_cost", "people.csv", "CUR/year", "Yearly cost of housing.", by="zone group"),
    Variable("rent", "people.csv", "CUR/year", "Yearly rent."),
    Variable("people_per_home", "people.csv", "people", "People in a home.", by="zone group", minimum=0.5, maximum=15),
    Variable("over_65", "people.csv", "share", "People of 65 years and older.", maximum=1.0),
    *(
        Variable(name, file, "share", "Share of homes.", by="zone group", maximum=1.0)
        for file, names in (
            ("people.csv", ("cooling_access", "arrears", "cannot_keep_warm", "cannot_keep_cool", "damp_or_rot")),
            ("buildings.csv", ("homes_inefficient",)),
        )
        for name in names
    ),
    *(Variable(name, "buildings.csv", "households", "Homes by building or heating.") for name in KINDS),
    Variable("home_energy_spend", "energy.csv", "CUR/year", "Yearly spend on energy at home.", by="zone group"),
    Variable("tree_canopy", "land.csv", "share", "Land under trees.", maximum=1.0),
    Variable("heat_island", "climate.csv", "degC", "Warmer than the city.", minimum=-10.0, maximum=20.0),
)

VARIABLES: tuple[Variable, ...] = (
    Variable("population", "people.csv", "people", "People who live there.", required=True),
    Variable("households", "people.csv", "households", "Households.", by="zone group", required=True),
    Variable("households_owner", "people.csv", "households", "Households that own their home."),
    Variable("households_renter", "people.csv", "households", "Households that rent their home."),
    Variable("household_income", "people.csv", "CUR/year", "Mean income of a household.", by="zone group"),
    Variable("dwelling_floor_area", "buildings.csv", "m2", "Floor area of a dwelling.", maximum=1000.0),
    _price("electricity_price_residential", "Price of electricity for homes."),
    _price("electricity_price_commercial", "Price of electricity for business."),
    _price("gas_price_residential", "Price of gas for homes."),
    _price("gas_price_commercial", "Price of gas for business."),
    _price("oil_price_residential", "Price of heating oil for homes."),
    Variable(
        "grid_emission_factor",
        "energy.csv",
        "kg CO2e/MWh",
        "Emissions of grid electricity.",
        by="",
        maximum=2000.0,
        required=True,
        yearly=True,
    ),
    Variable("vehicles", "transport.csv", "vehicles", "Cars kept by households."),
    Variable("land_area", "land.csv", "km2", "Land without water."),
    *HOUSEHOLDS,
    *_monthly("temperature", "degC", "Mean outdoor temperature", -60.0, 50.0),
    *_monthly("irradiation", "kWh/m2", "Sum of global horizontal irradiation", 0.0, 400.0),
)

MEASURES: dict[str, str] = {
    "buildings.light_retrofit": "Homes made tighter and better insulated.",
    "buildings.deep_retrofit": "Homes with a whole new envelope.",
    "buildings.commercial_retrofit": "Business buildings made to need less heat.",
    "heat.heat_pumps": "Homes heated by heat pumps.",
    "heat.district_heat": "Homes joined to a heat network.",
    "heat.commercial_heat_pumps": "Business buildings heated by heat pumps.",
    "power.rooftop_pv": "Solar panels on roofs.",
    "power.battery": "Batteries.",
    "mobility.electric_cars": "Cars that are electric.",
    "mobility.electric_heavy_vehicles": "Buses and lorries that are electric.",
    "mobility.transit": "Trips moved to public transport.",
    "mobility.walking_cycling": "Trips moved to foot and bicycle.",
    "other.waste": "Less waste burnt or landfilled.",
    "other.wastewater": "Better treatment of wastewater.",
    "other.fugitive": "Leaks of the gas network closed.",
    "other.other_transport": "Rail, water, air and off-road transport.",
    "other.industry": "Industrial processes and product use.",
    "other.land": "Land.",
    "other.removals": "Carbon taken from the air.",
}

_SHARES = {1: (1.0,), 2: (0.45, 0.55), 3: (0.35, 0.40, 0.25), 5: (0.25, 0.15, 0.22, 0.16, 0.22)}

# t CO2e per person and year, by GPC reference; close to a mean North American city.
_PER_PERSON = {
    "I.1.1": 1.10,
    "I.1.2": 0.55,
    "I.2.1": 1.20,
    "I.2.2": 1.30,
    "I.3.1": 0.15,
    "I.8.1": 0.03,
    "II.1.1": 2.40,
    "II.2.2": 0.05,
    "III.1.2": 0.12,
    "III.4.1": 0.02,
}
_KEYS = {"I.1.3": "NE", "I.5.1": "NO", "II.3.1": "NO", "II.4.3": "NE"}


def small_city(
    path: Path,
    zones: int = 2,
    groups: int = 2,
    people: float = 20_000.0,
    base_year: int = 2020,
    name: str = "Littleton",
    actions: bool = True,
    designation: bool = True,
    geojson: bool = False,
) -> Path:
    """Write a complete valid city folder at ``path`` and return it.

    ``zones`` = 0 leaves out zones.csv (one city-wide zone); ``groups`` = 0 leaves out income groups.
    ``people`` is the population of the first zone; each further zone has 10 % more and is 5 % richer.
    """
    path.mkdir(parents=True, exist_ok=True)
    zone_ids = [f"Z{n}" for n in range(1, zones + 1)]
    shares = _SHARES.get(groups) or tuple(1 / groups for _ in range(groups)) if groups else ()
    group_ids = [f"G{n}" for n in range(1, groups + 1)]
    (path / "city.toml").write_text(_toml(name, base_year, group_ids, designation), encoding="utf-8")
    if zones:
        rows = [(z, f"Zone {n}", -71.1 + 0.02 * n, 42.3 + 0.01 * n) for n, z in enumerate(zone_ids)]
        _table(path / "zones.csv", ("zone", "name", "longitude", "latitude"), rows)
    _facts(path, zone_ids or [""], group_ids, shares, people, base_year)
    total = sum(people * 1.1**n for n in range(max(zones, 1)))
    _inventory(path, total, base_year)
    if actions:
        _actions(path)
    if designation:
        first = group_ids[0] if group_ids else ""
        _table(path / "designated.csv", ("zone", "group", "tenure", "share"), [("", first, "", 1.0)])
    _sources(path)
    if geojson:
        _geojson(path, zone_ids)
    return path


def _table(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def _facts(path: Path, zones: list[str], groups: list[str], shares: Sequence[float], people: float, year: int) -> None:
    def row(variable: str, unit: str, value: float, zone: str = "", group: str = "", at: int = year) -> list[object]:
        return [zone, group, variable, unit, at, round(value, 6), "", "", "assumed", "made-up"]

    persons, living, homes, cars, land, spend, heat = [], [], [], [], [], [], []
    for n, zone in enumerate(zones):
        count = people * 1.1**n
        households = count / 2.5
        persons.append(row("population", "people", count, zone))
        persons.append(row("households", "households", households, zone))
        persons.append(row("households_owner", "households", 0.4 * households, zone))
        persons.append(row("households_renter", "households", 0.6 * households, zone))
        for g, (group, share) in enumerate(zip(groups, shares, strict=True)):
            persons.append(row("households", "households", share * households, zone, group))
            persons.append(row("household_income", "USD/year", 30_000 * 2.5**g * 1.05**n, zone, group))
        if not groups:
            persons.append(row("household_income", "USD/year", 70_000 * 1.05**n, zone))
        for name, (unit, value) in LIVING.items():
            living.append(row(name, unit.replace("CUR", "USD"), value * 0.9 ** (n % 3), zone))
        homes.append(row("dwelling_floor_area", "m2", 90 + 5 * n, zone))
        cars.append(row("vehicles", "vehicles", 0.9 * households, zone))
        land.append(row("land_area", "km2", 4.0 + n, zone))
        spend.append(row("home_energy_spend", "USD/year", 2_100 * 1.1**n, zone))
        heat.append(row("heat_island", "degC", 1.5 - n % 3, zone))
    for n, zone in enumerate(zones):
        homes.append(row("homes_inefficient", "share", 0.4 * 0.9 ** (n % 3), zone))
        # Counted a year before the homes: figures of two years need not add up.
        for name, share in KINDS.items():
            homes.append(row(name, "households", share * people * 1.1**n / 2.5, zone, at=year - 1))
        land.append(row("tree_canopy", "share", 0.2 * 0.9 ** (n % 3), zone))
    prices = {
        "electricity_price_residential": 0.22,
        "electricity_price_commercial": 0.16,
        "gas_price_residential": 0.05,
        "gas_price_commercial": 0.04,
        "oil_price_residential": 0.08,
    }
    energy = [row(name, "USD/kWh", price) for name, price in prices.items()]
    for at, factor in ((year, 250.0), (year + 15, 130.0), (year + 30, 60.0)):
        energy.append(row("grid_emission_factor", "kg CO2e/MWh", factor, at=at))
    climate = [row(f"temperature_{m}", "degC", t) for m, t in zip(MONTHS, TEMPERATURE, strict=True)]
    climate += [row(f"irradiation_{m}", "kWh/m2", i) for m, i in zip(MONTHS, IRRADIATION, strict=True)]
    tables = {
        "people.csv": persons + living,
        "buildings.csv": homes,
        "energy.csv": energy + spend,
        "transport.csv": cars,
        "land.csv": land,
        "climate.csv": climate + heat,
    }
    for name, rows in tables.items():
        _table(path / name, FACT_HEADER, rows)


def _inventory(path: Path, people: float, year: int) -> None:
    rows: list[list[object]] = []
    for gpc, tonnes in _PER_PERSON.items():
        value = round(tonnes * people, 1)
        rows.append([year, gpc, "", "", value, "t CO2e", "", "", "M", "M", "AR5-100", "assumed", "made-up", ""])
    for gpc, key in _KEYS.items():
        why = "no data" if key == "NE" else ""
        rows.append([year, gpc, "", "", "", "", key, "", "", "", "", "", "made-up", why])
    _table(path / "inventory.csv", INVENTORY_HEADER, rows)


def _actions(path: Path) -> None:
    header = [
        "action",
        "measure",
        "amount",
        "unit",
        "start",
        "end",
        "owner",
        "instrument",
        "power",
        "status",
        "funding",
        "funded_share",
        "source",
        "note",
    ]
    rows = [
        "Buses go electric,mobility.electric_heavy_vehicles,0.3,share,2026,2032,Transit agency,procurement,"
        "city,adopted,city budget,0.5,made-up,",
        "Climate week,,,,2026,2030,Climate office,information,city,proposed,,,made-up,cannot be modelled",
    ]
    _table(path / "actions.csv", header, [row.split(",") for row in rows])


def _sources(path: Path) -> None:
    header = ("source", "publisher", "title", "year", "licence", "address", "retrieved", "grade", "note")
    row = (
        "made-up",
        "Mutirão tests",
        "Figures made up for tests",
        "2026",
        "",
        "",
        "2026-01-31",
        "C",
        "not a real city",
    )
    _table(path / "sources.csv", header, [row])


def _toml(name: str, base_year: int, groups: list[str], designation: bool) -> str:
    lines = [
        "schema_version = 1",
        "",
        "[city]",
        f'name = "{name}"',
        f'id = "{name[:3].upper()}"',
        'country = "US"',
        'currency = "USD"',
        f"base_year = {base_year}",
        'boundary = "made up for tests"',
        "latitude = 42.3",
        "longitude = -71.1",
        "demonstration = true",
        "",
        "[plan]",
        "start = 2026",
        "discount_rate = 0.03",
        "price_year = 2023",
        "",
        "[inventory]",
        'gwp = "AR5-100"',
        'level = "BASIC"',
        "",
        "[pledge]",
        'boundaries = ["basic"]',
        "neutrality_year = 2050",
        "max_residual_removals = 0.10",
        'source = "made-up"',
        "",
        "[[pledge.target]]",
        "year = 2035",
        "cut = 0.5",
        f"of_year = {base_year}",
        'source = "made-up"',
        "",
        "[budgets]",
        "city = 150.0",
    ]
    for n, group in enumerate(groups):
        lines += ["", "[[groups]]", f'id = "{group}"', f'name = "Income group {n + 1}"']
        if n < len(groups) - 1:
            lines.append(f"income_max = {50_000 * (n + 1)}")
        lines.append(f"low_income = {'true' if n == 0 else 'false'}")
    set_by = ['set_by = "test council"', "date = 2026-01-31", 'how = "vote"']
    lines += ["", "[rules.no_low_income_worse_off]", "on = true", *set_by]
    if designation:
        lines += ["", "[rules.benefit_share]", "on = true", "share = 0.40", *set_by]
        lines += ["", "[designation]", 'name = "Homes of the lowest income group"', 'author = "test council"']
        lines += ["date = 2026-01-31", 'source = "made-up"']
    return "\n".join(lines) + "\n"


def _geojson(path: Path, zones: list[str]) -> None:
    features = []
    for n, zone in enumerate(zones):
        x, y = -71.1 + 0.02 * n, 42.3 + 0.01 * n
        ring = [
            [x - 0.01, y - 0.01],
            [x + 0.01, y - 0.01],
            [x + 0.01, y + 0.01],
            [x - 0.01, y + 0.01],
            [x - 0.01, y - 0.01],
        ]
        features.append(
            f'{{"type": "Feature", "properties": {{"zone": "{zone}"}}, '
            f'"geometry": {{"type": "Polygon", "coordinates": [{ring}]}}}}'
        )
    text = '{"type": "FeatureCollection", "features": [' + ", ".join(features) + "]}"
    (path / "zones.geojson").write_text(text, encoding="utf-8")
