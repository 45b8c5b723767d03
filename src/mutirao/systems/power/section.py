"""What power shows: what electricity is used for, how clean the grid is, and what roofs and batteries add."""

import numpy as np
import pandas as pd

from mutirao.book.bundle import Plan
from mutirao.ground.speech import say, together, word
from mutirao.model.figures import Figure, Section, sources_of, two_digits

MODEL = "Mutirão power model"
#: Uses in the words of the page, in the order they are drawn.
USES = (
    "appliances of homes",
    "machines and light of commerce",
    "heat of homes",
    "heat of commerce",
    "heat networks",
    "charging vehicles",
    "rail, industry and other",
)


def section(plan: Plan, reference: Plan) -> Section:
    """Words and figures on electricity of a plan, beside a reference plan on the same city."""
    return Section(
        "power",
        "Electricity: more is used, and it gets cleaner",
        (_finding(plan, reference), _grid_words(plan), _assumed(plan)),
        (_by_use(plan), _grid(plan), _peak(plan, reference), _own(plan)),
    )


def _finding(plan: Plan, reference: Plan) -> str:
    first, last = plan.base_year, plan.years[-1]
    used, other = _uses(plan), _uses(reference)
    peak = 1000.0 * plan.decisions["power-import"].sel(period=[plan.years[0], last]).max(["day", "step"]).values
    made = float(plan.total("energy", carrier="electricity", kind="sun").get(last, 0.0))
    return together(
        say(
            "The city uses {then} GWh of electricity in {last} against {now} GWh in {first}, and {other} GWh in the "
            "plan '{plan}'.",
            then=two_digits(used[last].sum()),
            last=last,
            now=two_digits(used[first].sum()),
            first=first,
            other=two_digits(other[last].sum()),
            plan=reference.title,
        ),
        say(
            "The highest load on the network goes from {now} MW in {first} to {then} MW in {last}.",
            now=two_digits(peak[0]),
            first=plan.years[0],
            then=two_digits(peak[1]),
            last=last,
        ),
        say("Rooftop PV makes {made} GWh of it.", made=two_digits(made)),
    )


def _grid_words(plan: Plan) -> str:
    factor, last = _factor(plan), plan.years[-1]
    emitted = plan.total("carbon", system="power", boundary="basic")
    return together(
        say(
            "A MWh from the grid stands for {now} kg CO2e in {first} and {then} kg in {last}; all electricity bought "
            "emits {emitted} kt CO2e in {last} against {before} kt.",
            now=two_digits(1000 * factor[plan.base_year]),
            first=plan.base_year,
            then=two_digits(1000 * factor[last]),
            last=last,
            emitted=two_digits(float(emitted[last])),
            before=two_digits(float(emitted[plan.base_year])),
        ),
        word("How clean the grid gets is decided outside the city and given to the plan."),
    )


def _assumed(plan: Plan) -> str:
    v = dict(zip(plan.drivers["name"], plan.drivers["value"], strict=True))
    return together(
        say(
            "Assumed: electricity costs the supplier {supply} {currency} a MWh and the network {network} for each kW "
            "of the highest load and year; a roof takes {roof} kW of PV per home; and what PV makes earns {credit} % "
            "of the price that homes pay.",
            supply=two_digits(v["grid_supply_cost"]),
            currency=plan.meta["city"]["currency"],
            network=two_digits(v["network_capacity_cost"]),
            roof=two_digits(v["pv_potential"]),
            credit=two_digits(100 * v["pv_export_credit"]),
        ),
        word("The day's course of each use is an assumption of the model, not a measurement."),
    )


def _uses(plan: Plan) -> pd.DataFrame:
    """Electricity by use, rows USES, columns periods, GWh a year."""
    rows = plan.select("energy", carrier="electricity")
    rows = rows[rows["kind"].isin(["appliances", "heating", "charging", "use"])]
    homes = rows["gpc"] == "I.1.2"
    choices = [
        (rows["kind"] == "appliances") & homes,
        rows["kind"] == "appliances",
        (rows["kind"] == "heating") & (rows["payer"] == "utility"),
        (rows["kind"] == "heating") & homes,
        rows["kind"] == "heating",
        rows["kind"] == "charging",
    ]
    words = [USES[0], USES[1], USES[4], USES[2], USES[3], USES[5]]
    use = pd.Series(np.select(choices, words, USES[6]), index=rows.index, name="use")
    table = -rows["value"].groupby([use, rows["period"]]).sum().unstack("period")
    return table.reindex(index=list(USES), columns=[plan.base_year, *plan.years]).fillna(0.0)


def _by_use(plan: Plan) -> Figure:
    table = (
        _uses(plan).rename_axis(index="use", columns="year").reset_index().melt(id_vars="use", value_name="electricity")
    )
    return Figure(
        "power-uses",
        "Electricity by use",
        "area",
        table[["year", "use", "electricity"]],
        "year",
        "electricity",
        "GWh a year",
        (say("Inventory of {year}", year=plan.base_year), MODEL),
        color="use",
        order=USES,
        note="Straight lines between the years that the plan decides on.",
    )


def _factor(plan: Plan) -> dict[int, float]:
    """Emission factor of the grid by period, t CO2e/MWh, as the plan's book used it."""
    out = {}
    for year in (plan.base_year, *plan.years):
        what = {"period": year, "gpc": ["I.1.2", "I.2.2", "II.2.2"], "carrier": "electricity"}
        used = plan.select("energy", kind=["appliances", "use"], **what)["value"].sum()
        numbers = plan.select("energy", kind=["appliances", "use"], **what)["term"].map(plan.terms["meaning"]).unique()
        behind = plan.terms.index[plan.terms["meaning"].isin([f"grid electricity, {m}" for m in numbers])]
        emitted = plan.select("carbon", period=year, term=list(behind))["value"].sum()
        out[year] = float(emitted / -used) if used else 0.0
    return out


def _grid(plan: Plan) -> Figure:
    rows = [{"year": y, "factor": 1000.0 * f} for y, f in _factor(plan).items()]
    return Figure(
        "power-grid",
        "Emissions of a MWh from the grid",
        "line",
        pd.DataFrame(rows),
        "year",
        "factor",
        "kg CO2e/MWh",
        ("energy.csv of the city: grid_emission_factor",),
        note="Given to the plan, not chosen by it.",
    )


def _peak(plan: Plan, reference: Plan) -> Figure:
    rows = []
    for case, one in (("this plan", plan), (say("'{plan}'", plan=reference.title), reference)):
        peak = one.decisions["power-import"].sel(period=one.years).max(["day", "step"]).to_series()
        rows += [{"year": y, "case": case, "load": 1000.0 * float(v)} for y, v in peak.items()]
    steps = plan.decisions["power-import"].sizes["step"]
    return Figure(
        "power-peak",
        "Highest load on the network",
        "line",
        pd.DataFrame(rows),
        "year",
        "load",
        "MW",
        (MODEL,),
        color="case",
        note=say("Mean of {hours} hours of a typical day of a month: single cold hours lie higher.", hours=24 // steps),
    )


def _own(plan: Plan) -> Figure:
    """What the city builds itself: rooftop PV and batteries."""
    pv = plan.decisions["power-pv"].sum(["zone", "group", "tenure"]).to_series()
    battery = plan.decisions["power-battery"].to_series()
    sun = plan.total("energy", carrier="electricity", kind="sun")
    table = pd.DataFrame(
        {
            "year": plan.years,
            "rooftop PV, MW": [round(float(pv[y]), 1) for y in plan.years],
            "electricity of PV, GWh": [round(float(sun.get(y, 0.0)), 1) for y in plan.years],
            "batteries, MWh": [round(1000.0 * abs(float(battery[y])), 1) for y in plan.years],
        }
    )
    return Figure(
        "power-own",
        "Rooftop PV and batteries",
        "table",
        table,
        "year",
        "rooftop PV, MW",
        "MW, GWh a year, MWh",
        (MODEL, *sources_of(plan, "pv_cost", "pv_potential", "battery_cost")),
    )
