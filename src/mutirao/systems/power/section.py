"""What power shows: what electricity is used for, how clean the grid is, and what roofs and batteries add."""

import numpy as np
import pandas as pd

from mutirao.book.bundle import Plan
from mutirao.model.figures import Figure, Section

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
    return (
        f"The city uses {_n(used[last].sum())} GWh of electricity in {last} against {_n(used[first].sum())} "
        f"GWh in {first}, and "
        f"{_n(other[last].sum())} GWh in the plan '{reference.title}'. The highest load on the network goes "
        f"from {_n(peak[0])} MW "
        f"in {plan.years[0]} to {_n(peak[1])} MW in {last}. Rooftop PV makes {_n(made)} GWh of it."
    )


def _grid_words(plan: Plan) -> str:
    factor, last = _factor(plan), plan.years[-1]
    emitted = plan.total("carbon", system="power", boundary="basic")
    return (
        f"A MWh from the grid stands for {_n(1000 * factor[plan.base_year])} kg CO2e in {plan.base_year} and "
        f"{_n(1000 * factor[last])} kg in {last}; all electricity bought emits {_n(float(emitted[last]))} kt "
        f"CO2e in {last} "
        f"against {_n(float(emitted[plan.base_year]))} kt. How clean the grid gets is decided outside the city "
        "and given to the plan."
    )


def _assumed(plan: Plan) -> str:
    v = dict(zip(plan.drivers["name"], plan.drivers["value"], strict=True))
    return (
        f"Assumed: electricity costs the supplier {_n(v['grid_supply_cost'])} {plan.meta['city']['currency']} "
        "a MWh and the network "
        f"{_n(v['network_capacity_cost'])} for each kW of the highest load and year; a roof takes "
        f"{_n(v['pv_potential'])} kW of PV per "
        f"home; and what PV makes earns {_n(100 * v['pv_export_credit'])} % of the price that homes pay. The "
        "day's course of each "
        "use is an assumption of the model, not a measurement."
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
        (f"Inventory of {plan.base_year}", MODEL),
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
    for case, one in (("this plan", plan), (f"'{reference.title}'", reference)):
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
        note=f"Mean of {24 // steps} hours of a typical day of a month: single cold hours lie higher.",
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
        (MODEL, *_sources(plan, "pv_cost", "pv_potential", "battery_cost")),
    )


def _sources(plan: Plan, *names: str) -> tuple[str, ...]:
    """Where figures of the model are from, one text each."""
    rows = plan.drivers.set_index("name")
    return tuple(n.replace("_", " ") + ": " + str(rows.loc[n, "source"]) for n in names)


def _n(value: float) -> str:
    """A figure with two significant digits, thousands set apart."""
    rounded = float(f"{value:.2g}")
    return f"{rounded:,.0f}".replace(",", " ") if abs(rounded) >= 10 or rounded == 0 else f"{rounded:g}"
