"""Made-up cities that a plan can be searched for: pledges that can be kept, rows of every family, limits that bind."""

import csv
import random
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from mutirao.city.folder import read_city
from mutirao.model.horizon import Horizon
from mutirao.model.system import installed_systems
from mutirao.plan.build import Inputs
from mutirao.plan.inputs import declared_variables, horizon_of, parameters_of, time_of
from tests.cities import INVENTORY_HEADER, small_city

SYSTEMS = tuple(installed_systems())
#: Shares of measures in the last year of business as adopted; each grows in a straight line from the first year.
ADOPTED = {
    "buildings.light_retrofit": 0.2,
    "buildings.commercial_retrofit": 0.3,
    "heat.heat_pumps": 0.3,
    "heat.district_heat": 0.2,
    "heat.commercial_heat_pumps": 0.4,
    "power.rooftop_pv": 0.25,
    "power.battery": 0.1,
    "mobility.electric_cars": 0.45,
    "mobility.electric_heavy_vehicles": 0.27,
    "mobility.transit": 0.5,
    "other.waste": 0.6,
}


def rewrite(path: Path, change: Callable[[dict[str, str]], dict[str, str]]) -> None:
    """Change every row of a table."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = [change(r) for r in csv.DictReader(stream)]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def edit(path: Path, **words: tuple[str, str]) -> None:
    """Replace text in city.toml; every replacement must find its place."""
    text = path.read_text(encoding="utf-8")
    for old, new in words.values():
        assert old in text, old
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


def uneven(folder: Path) -> None:
    """Zones that differ: income, tenure, cars and land are no longer proportional to each other."""
    draw = random.Random(7)

    def people(r: dict[str, str]) -> dict[str, str]:
        scaled = r["group"] or r["variable"].startswith("households_")
        return r | {"value": repr(float(r["value"]) * draw.uniform(0.6, 1.5))} if scaled else r

    def moved(r: dict[str, str]) -> dict[str, str]:
        counted = r["unit"] == "households"  # margins stay in agreement
        return r if counted else r | {"value": repr(float(r["value"]) * draw.uniform(0.7, 1.4))}

    rewrite(folder / "people.csv", people)
    _agree(folder / "people.csv")
    for name in ("buildings", "transport", "land"):
        rewrite(folder / f"{name}.csv", moved)


def _agree(path: Path) -> None:
    """Scale homes by group and by tenure back to the homes of their zone: margins that disagree are bad input."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    homes = {r["zone"]: float(r["value"]) for r in rows if r["variable"] == "households" and not r["group"]}

    def kind(r: dict[str, str]) -> str:
        if r["variable"] == "households" and r["group"]:
            return "group"
        return "tenure" if r["variable"].startswith("households_") else ""

    sums: dict[tuple[str, str], float] = {}
    for r in rows:
        sums[kind(r), r["zone"]] = sums.get((kind(r), r["zone"]), 0.0) + float(r["value"] or 0.0)

    def scaled(r: dict[str, str]) -> dict[str, str]:
        known = kind(r) and r["zone"] in homes
        return r | {"value": repr(float(r["value"]) * homes[r["zone"]] / sums[kind(r), r["zone"]])} if known else r

    rewrite(path, scaled)


def carriers(folder: Path) -> None:
    """An inventory by carrier where it can be, with rows of every family and a sink."""
    rows = []
    split = {"I.1.1": {"natural_gas": 0.6, "heating_oil": 0.3, "wood": 0.1}, "II.1.1": {"road_fuel": 1.0},
             "I.2.1": {"natural_gas": 0.9, "wood": 0.1}, "I.2.2": {"electricity": 1.0}}  # fmt: skip

    def change(r: dict[str, str]) -> dict[str, str]:
        for carrier, part in split.get(r["gpc"], {"": 1.0}).items():
            rows.append(r | {"carrier": carrier, "value": repr(float(r["value"]) * part) if r["value"] else ""})
        return r

    rewrite(folder / "inventory.csv", change)
    for gpc, tonnes in (("I.3.2", 3000.0), ("II.2.1", 1500.0), ("II.4.1", 2500.0), ("I.2.3", 700.0), ("IV.1", 4000.0),
                        ("V.2", -5000.0), ("III.1.3", 800.0), ("I.8.1", 1200.0)):  # fmt: skip
        rows.append(rows[0] | {"gpc": gpc, "carrier": "", "value": repr(tonnes)})
    kept = {(r["gpc"], r["carrier"]): r for r in rows}
    with (folder / "inventory.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, INVENTORY_HEADER, lineterminator="\n")
        writer.writeheader()
        writer.writerows(kept.values())


def parameters(folder: Path, values: Mapping[str, float]) -> None:
    """The city's own parameters; an amount of money carries the unit and year that restate it."""
    header = "name,value,low,high,unit,price_year,kind,source,note"
    rows = [
        f"{n},{v},,,{'USD/home,2015' if n.endswith('_cost') else ','},assumption,made-up," for n, v in values.items()
    ]
    (folder / "parameters.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")


def two_zones(folder: Path) -> Path:
    """Two zones that differ, two income groups, both tenures; a pledge that can be kept."""
    small_city(folder, zones=2, groups=2)
    uneven(folder)
    carriers(folder)
    # Cheap sun, batteries, walls and a dear heat tariff: every decision and every limit has something to say.
    parameters(folder, {"heat_pump_cost": 15000.0, "vehicles_quintile_1": 0.8, "boiler_life": 17.0,
                        "car_km_trend": 0.004, "pv_cost": 900.0, "battery_cost": 40.0, "deep_retrofit_cost": 55.0,
                        "district_tariff": 0.3, "commercial_retrofit_cost": 150.0, "light_retrofit_cost": 20.0,
                        "retrofit_rate_max": 0.01, "transit_fare": 0.6,
                        "electricity_price_residential": 0.6, "pv_export_credit": 0.2})  # fmt: skip
    edit(folder / "city.toml", cut=("cut = 0.5", "cut = 0.40"),
         removals=("max_residual_removals = 0.10", "max_residual_removals = 0.30\nbudget_kt = 3650.0"),
         budget=("city = 150.0", "city = 16.0"))  # fmt: skip
    return folder


def one_zone(folder: Path) -> Path:
    """One zone, no groups, whole figures."""
    small_city(folder, zones=0, groups=0)
    edit(folder / "city.toml", cut=("cut = 0.5", "cut = 0.42"),
         removals=("max_residual_removals = 0.10", "max_residual_removals = 0.20"))  # fmt: skip
    return folder


def shares(years: tuple[int, ...]) -> dict[str, dict[int, float]]:
    first, last = years[0], years[-1]
    return {n: {y: amount * (y - first) / (last - first) for y in years} for n, amount in ADOPTED.items()}


def inputs_of(folder: Path, settings: Iterable[str] = (), years: tuple[int, ...] = ()) -> Inputs:
    """Inputs of a folder, at the quick resolution unless milestones are given."""
    city = read_city(folder, declared_variables(SYSTEMS))
    p = parameters_of(city, SYSTEMS, list(settings))
    s = city.settings
    horizon = Horizon(s.base_year, years, s.discount_rate) if years else horizon_of(city, "quick")
    return Inputs(city, SYSTEMS, p, horizon, time_of(city, "quick"))
