"""What mobility shows: distance by drive, trips that leave cars, vehicles bought, and what is emitted."""

import pandas as pd
import xarray as xr

from mutirao.book.bundle import Plan
from mutirao.ground.speech import say, together, word
from mutirao.model.figures import Figure, Section, sources_of, two_digits

FLEETS = {"residents": "residents' cars", "visitors": "visitors' cars", "heavy": "lorries, vans and buses"}
CARS = ("residents", "visitors")
DRIVES = {"combustion": "with combustion engines", "electric": "electric"}
CARS_BY_DRIVE = {"combustion": "cars with combustion engines", "electric": "cars electric"}
MOVED = {"transit": "moved to public transport", "walking_cycling": "moved to walking and cycling"}
BOUGHT = {"combustion": "combustion, thousand a year", "electric": "electric, thousand a year"}
MODES = tuple(MOVED)
MODEL = "Mutirão mobility model"


def section(plan: Plan, reference: Plan) -> Section:
    """Words and figures on road traffic of a plan, beside a reference plan on the same city."""
    return Section(
        "mobility",
        "Mobility: fewer car journeys, electric vehicles",
        (_finding(plan, reference), _shift_words(plan), _assumed(plan)),
        (_cars(plan), _heavy(plan), _carbon(plan, reference), _vehicles(plan)),
    )


def _finding(plan: Plan, reference: Plan) -> str:
    first, last = plan.base_year, plan.years[-1]
    emitted, other = plan.total("carbon", gpc="II.1.1"), reference.total("carbon", gpc="II.1.1")
    return together(
        say(
            "Road fuel emits {then} kt CO2e in {year} against {now} kt in {first} ({other} kt in the plan '{plan}').",
            then=two_digits(float(emitted.get(last, 0.0))),
            year=last,
            now=two_digits(float(emitted[first])),
            first=first,
            other=two_digits(float(other.get(last, 0.0))),
            plan=reference.title,
        ),
        say(
            "By then {cars} % of the distance by car and {heavy} % of the distance of lorries, vans and buses is "
            "driven electrically.",
            cars=two_digits(_electric_share(plan, CARS, last)),
            heavy=two_digits(_electric_share(plan, ("heavy",), last)),
        ),
    )


def _shift_words(plan: Plan) -> str:
    last = plan.years[-1]
    gone = {m: float(_avoided(plan, m)[last]) for m in MODES}
    demand = sum(float(_driven(plan, f).sel(period=plan.base_year).sum()) for f in CARS)
    if sum(gone.values()) < 0.001 * demand:
        return word(
            "No journeys leave cars in this plan: neither public transport nor streets for walking and cycling are "
            "extended."
        )
    return say(
        "Better public transport takes over {transit} million car kilometres in {year}, walking and cycling {walking} "
        "million, together {share} % of the distance by car in {first}; the city pays {cost} million {currency} a "
        "year for it.",
        transit=two_digits(gone["transit"]),
        year=last,
        walking=two_digits(gone["walking_cycling"]),
        share=two_digits(100 * sum(gone.values()) / demand),
        first=plan.base_year,
        cost=two_digits(float(plan.total("money", system="mobility", kind="service").get(last, 0.0))),
        currency=plan.meta["city"]["currency"],
    )


def _assumed(plan: Plan) -> str:
    v = dict(zip(plan.drivers["name"], plan.drivers["value"], strict=True))
    km = {n: float(plan.decisions[f"mobility-{n}"].sel(period=plan.base_year).sum()) for n in CARS}
    residents = km["residents"] / sum(km.values()) if sum(km.values()) else 0.0
    return together(
        say(
            "Assumed: residents drive {residents} % of the distance by car within the boundary; a car lasts {life} "
            "years; of the new cars at most {early} % can be electric in 2030 and {late} % from 2035.",
            residents=two_digits(100 * residents),
            life=two_digits(v["car_life"]),
            early=two_digits(100 * v["electric_sales_share_max_2030"]),
            late=two_digits(100 * v["electric_sales_share_max_2035"]),
        ),
        word(
            "Distance comes from the inventory's emissions of road fuel, not from counts; which zone and group drives "
            "how much is shared out by cars and income, so no map is drawn."
        ),
    )


def _driven(plan: Plan, fleet: str) -> xr.DataArray:
    """Distance by drive and period, million km a year."""
    driven = plan.decisions[f"mobility-{fleet}"]
    return driven.sum([d for d in driven.dims if d not in ("period", "drive")])


def _electric_share(plan: Plan, fleets: tuple[str, ...], year: int) -> float:
    parts = [_driven(plan, f).sel(period=year) for f in fleets]
    total = sum(float(p.sum()) for p in parts)
    return 100.0 * sum(float(p.sel(drive="electric")) for p in parts) / total if total else 0.0


def _avoided(plan: Plan, mode: str) -> pd.Series:
    """Car kilometres that a mode takes over by period, million a year."""
    v = dict(zip(plan.drivers["name"], plan.drivers["value"], strict=True))
    part = {m: plan.decisions["mobility-shift"].sel(mode=m, drop=True) * v[f"{m}_reduction_max"] for m in MODES}
    left = sum((_driven(plan, f).sum("drive") for f in CARS), 0.0 * part[mode])
    moved: pd.Series = (left / (1.0 - part["transit"] - part["walking_cycling"]) * part[mode]).to_series()
    return moved


def _cars(plan: Plan) -> Figure:
    """Distance by car, by drive, and what leaves cars."""
    years = (plan.base_year, *plan.years)
    rows = [
        {
            "year": y,
            "how": words,
            "distance": sum(float(_driven(plan, f).sel(period=y, drive=d)) for f in CARS),
        }
        for d, words in CARS_BY_DRIVE.items()
        for y in years
    ]
    for mode, words in MOVED.items():
        avoided = _avoided(plan, mode)
        rows += [{"year": y, "how": words, "distance": float(avoided[y])} for y in years]
    return Figure(
        "mobility-cars",
        "Distance by car and what takes its place",
        "area",
        pd.DataFrame(rows),
        "year",
        "distance",
        "million km a year",
        (say("Inventory of {year}", year=plan.base_year), MODEL, *sources_of(plan, "transit_reduction_max")),
        color="how",
        order=(*CARS_BY_DRIVE.values(), *MOVED.values()),
        note="Straight lines between the years that the plan decides on.",
    )


def _heavy(plan: Plan) -> Figure:
    driven = _driven(plan, "heavy")
    rows = [
        {"year": y, "drive": words, "distance": float(driven.sel(period=y, drive=d))}
        for d, words in DRIVES.items()
        for y in (plan.base_year, *plan.years)
    ]
    return Figure(
        "mobility-heavy",
        "Distance of lorries, vans and buses",
        "area",
        pd.DataFrame(rows),
        "year",
        "distance",
        "million km a year",
        (say("Inventory of {year}", year=plan.base_year), MODEL, *sources_of(plan, "heavy_emission_factor")),
        color="drive",
        order=tuple(DRIVES.values()),
    )


def _carbon(plan: Plan, reference: Plan) -> Figure:
    rows = []
    for case, one in (("this plan", plan), (say("'{plan}'", plan=reference.title), reference)):
        series = one.total("carbon", gpc="II.1.1")
        rows += [{"year": y, "case": case, "carbon": float(series.get(y, 0.0))} for y in (one.base_year, *one.years)]
    return Figure(
        "mobility-carbon",
        "Emissions of road fuel",
        "line",
        pd.DataFrame(rows),
        "year",
        "carbon",
        "kt CO2e a year",
        (say("Inventory of {year}", year=plan.base_year), MODEL),
        color="case",
        note="Fuel only: the electricity of vehicles is counted with the grid.",
    )


def _vehicles(plan: Plan) -> Figure:
    """Vehicles bought in each interval, a year, by fleet and drive."""
    interval = plan.weight("interval")
    rows = []
    for fleet, vehicles in FLEETS.items():
        new = plan.decisions[f"mobility-{fleet}-new"]
        new = new.sum([d for d in new.dims if d not in ("period", "drive")])
        for before, year in zip(plan.years[:-1], plan.years[1:], strict=True):
            rows.append(
                {"years": f"{before + 1}-{year}", "vehicles": vehicles}
                | {
                    words: round(float(new.sel(period=year, drive=d)) / float(interval[year]), 2)
                    for d, words in BOUGHT.items()
                }
            )
    return Figure(
        "mobility-vehicles",
        "Vehicles bought",
        "table",
        pd.DataFrame(rows),
        "years",
        BOUGHT["electric"],
        "thousand vehicles a year",
        (MODEL, *sources_of(plan, "electric_sales_share_max_2030", "car_life")),
        note="Vehicles that the distance within the boundary takes, not all that are registered.",
    )
