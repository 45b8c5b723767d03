"""What the other rows show: waste, leaks, rail and industry by family, and what is left to removals."""

import pandas as pd

from mutirao.book.bundle import Plan
from mutirao.city.gpc import reference as gpc_reference
from mutirao.model.figures import Figure, Section

MODEL = "Mutirão model of unclaimed rows"
FAMILIES = {
    "waste": "waste",
    "wastewater": "wastewater",
    "fugitive": "gas leaks",
    "other_transport": "rail, water and off-road transport",
    "industry": "industry and power plants",
    "land": "land and livestock",
    "": "rows without a measure",
}


def section(plan: Plan, reference: Plan) -> Section:
    """Words and figures on the rows of the inventory that no other system works on, beside a reference plan."""
    return Section(
        "other",
        "Waste, leaks and everything else",
        (_finding(plan, reference), _removal_words(plan), _assumed(plan)),
        (_families(plan), _rows(plan), _left(plan)),
    )


def _finding(plan: Plan, reference: Plan) -> str:
    first, last = plan.base_year, plan.years[-1]
    emitted, other = (
        plan.total("carbon", system="other", kind=["row", "avoided"]),
        reference.total("carbon", system="other", kind=["row", "avoided"]),
    )
    every = plan.total("carbon", gpc=[g for g in plan.book["gpc"].unique() if g])
    cost = float(
        plan.total("money", system="other")
        .sub(plan.total("money", measure="other.removals"), fill_value=0.0)
        .get(last, 0.0)
    )
    return (
        "The rows of the inventory that no other part of the plan works on emit "
        f"{_n(float(emitted.get(last, 0.0)))} kt CO2e in "
        f"{last} against {_n(float(emitted.get(first, 0.0)))} kt in {first}, "
        f"{_n(100 * float(emitted.get(first, 0.0)) / float(every[first]))} % "
        f"of the inventory; in the plan '{reference.title}' it is {_n(float(other.get(last, 0.0)))} kt. "
        "Measures on them cost "
        f"{_n(cost)} million {plan.meta['city']['currency']} in {last}."
    )


def _removal_words(plan: Plan) -> str:
    year = plan.years[-1]
    bought = -float(plan.carbon(["removal"]).get(year, 0.0))
    if bought < 0.05:
        return "No removals are bought."
    cost = float(plan.total("money", measure="other.removals").get(year, 0.0))
    most = plan.measures[(plan.measures["measure"] == "other.removals") & (plan.measures["period"] == year)]
    return (
        f"In {year} the city buys removals of {_n(bought)} kt CO2e for {_n(cost)} million "
        f"{plan.meta['city']['currency']} a year, "
        f"{_n(100 * float(most['share'].iloc[0]))} % of what the pledge lets removals make up for. They are "
        "shown beside what is "
        "emitted and never taken off it."
    )


def _assumed(plan: Plan) -> str:
    v = dict(zip(plan.drivers["name"], plan.drivers["value"], strict=True))
    return (
        "Assumed: each row follows a trend of its own, and one measure for each family lowers it at a cost per "
        "tonne; how far it "
        f"reaches is an estimate ({_n(100 * v['waste_reduction_max'])} % of the emissions of waste, "
        f"{_n(100 * v['fugitive_reduction_max'])} % of leaks). These measures are not designed in detail: read "
        "them as a place to look."
    )


def _by_row(plan: Plan) -> pd.DataFrame:
    """Rows by GPC reference with their family, and columns year, kind, kt CO2e a year."""
    rows = plan.select("carbon", system="other", kind=["row", "avoided"])
    measured = rows[rows["measure"] != ""].drop_duplicates("gpc").set_index("gpc")["measure"]
    found = plan.terms[(plan.terms["system"] == "other") & (plan.terms["kind"] == "avoided")].drop_duplicates("gpc")
    family = found.set_index("gpc")["measure"].combine_first(measured).str.removeprefix("other.")
    return rows.assign(family=rows["gpc"].map(family).fillna(""))[["gpc", "period", "kind", "value", "family"]]


def _families(plan: Plan) -> Figure:
    table = (
        _by_row(plan)
        .groupby(["period", "family"])["value"]
        .sum()
        .unstack("family")
        .reindex([plan.base_year, *plan.years])
    )
    long = table.fillna(0.0).rename_axis(index="year").reset_index().melt(id_vars="year", value_name="carbon")
    long["family"] = long["family"].map(FAMILIES)
    return Figure(
        "other-families",
        "Emissions of rows that no other part works on",
        "area",
        long[["year", "family", "carbon"]],
        "year",
        "carbon",
        "kt CO2e a year",
        (f"Inventory of {plan.base_year}", MODEL),
        color="family",
        order=tuple(FAMILIES.values()),
        note="At every boundary of the inventory, also outside the pledge.",
    )


def _rows(plan: Plan) -> Figure:
    first, last = plan.base_year, plan.years[-1]
    rows = _by_row(plan)
    emitted = rows.groupby(["gpc", "period"])["value"].sum().unstack("period").fillna(0.0)
    avoided = rows[rows["kind"] == "avoided"].groupby(["gpc", "period"])["value"].sum().unstack("period")
    avoided = avoided.reindex(index=emitted.index, columns=emitted.columns).fillna(0.0)
    table = pd.DataFrame(
        {
            "reference": emitted.index,
            "what": [gpc_reference(str(g)).description for g in emitted.index],
            f"emitted {first}": emitted[first].round(1).to_numpy(),
            f"emitted {last}": emitted[last].round(1).to_numpy(),
            f"avoided {last}": avoided[last].abs().round(1).to_numpy(),
        }
    )
    return Figure(
        "other-rows",
        "Row by row",
        "table",
        table,
        "reference",
        f"emitted {last}",
        "kt CO2e a year",
        (f"Inventory of {first}", MODEL),
    )


def _left(plan: Plan) -> Figure:
    """What is still emitted in the whole plan, and what removals make up for."""
    boundaries = list(plan.meta["city"]["pledge"]["boundaries"])
    gross, removed = plan.carbon(boundaries), plan.carbon(["removal"])
    rows = [{"year": y, "what": "emitted within the pledge", "carbon": float(gross[y])} for y in plan.years]
    rows += [{"year": y, "what": "removals bought", "carbon": abs(float(removed.get(y, 0.0)))} for y in plan.years]
    return Figure(
        "other-removals",
        "What is emitted and what removals make up for",
        "grouped_bar",
        pd.DataFrame(rows),
        "year",
        "carbon",
        "kt CO2e a year",
        (MODEL, *_sources(plan, "removals_cost")),
        color="what",
    )


def _sources(plan: Plan, *names: str) -> tuple[str, ...]:
    """Where figures of the model are from, one text each."""
    rows = plan.drivers.set_index("name")
    return tuple(n.replace("_", " ") + ": " + str(rows.loc[n, "source"]) for n in names)


def _n(value: float) -> str:
    """A figure with two significant digits, thousands set apart."""
    rounded = float(f"{value:.2g}")
    return f"{rounded:,.0f}".replace(",", " ") if abs(rounded) >= 10 or rounded == 0 else f"{rounded:g}"
