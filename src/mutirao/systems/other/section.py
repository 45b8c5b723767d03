"""What the other rows show: waste, leaks, rail and industry by family, and what is left to removals."""

import pandas as pd

from mutirao.book.bundle import Plan
from mutirao.city.gpc import reference as gpc_reference
from mutirao.ground.speech import say, together, word
from mutirao.model.figures import Figure, Section, sources_of, two_digits

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
    return together(
        say(
            "The rows of the inventory that no other part of the plan works on emit {then} kt CO2e in {year} against "
            "{now} kt in {first}, {share} % of the inventory; in the plan '{plan}' it is {other} kt.",
            then=two_digits(float(emitted.get(last, 0.0))),
            year=last,
            now=two_digits(float(emitted.get(first, 0.0))),
            first=first,
            share=two_digits(100 * float(emitted.get(first, 0.0)) / float(every[first])),
            plan=reference.title,
            other=two_digits(float(other.get(last, 0.0))),
        ),
        say(
            "Measures on them cost {cost} million {currency} in {year}.",
            cost=two_digits(cost),
            currency=plan.meta["city"]["currency"],
            year=last,
        ),
    )


def _removal_words(plan: Plan) -> str:
    year = plan.years[-1]
    bought = -float(plan.carbon(["removal"]).get(year, 0.0))
    if bought < 0.05:
        return word("No removals are bought.")
    cost = float(plan.total("money", measure="other.removals").get(year, 0.0))
    most = plan.measures[(plan.measures["measure"] == "other.removals") & (plan.measures["period"] == year)]
    return together(
        say(
            "In {year} the city buys removals of {bought} kt CO2e for {cost} million {currency} a year, {share} % of "
            "what the pledge lets removals make up for.",
            year=year,
            bought=two_digits(bought),
            cost=two_digits(cost),
            currency=plan.meta["city"]["currency"],
            share=two_digits(100 * float(most["share"].iloc[0])),
        ),
        word("They are shown beside what is emitted and never taken off it."),
    )


def _assumed(plan: Plan) -> str:
    v = dict(zip(plan.drivers["name"], plan.drivers["value"], strict=True))
    return together(
        say(
            "Assumed: each row follows a trend of its own, and one measure for each family lowers it at a cost per "
            "tonne; how far it reaches is an estimate ({waste} % of the emissions of waste, {leaks} % of leaks).",
            waste=two_digits(100 * v["waste_reduction_max"]),
            leaks=two_digits(100 * v["fugitive_reduction_max"]),
        ),
        word("These measures are not designed in detail: read them as a place to look."),
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
        (say("Inventory of {year}", year=plan.base_year), MODEL),
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
            say("emitted {year}", year=first): emitted[first].round(1).to_numpy(),
            say("emitted {year}", year=last): emitted[last].round(1).to_numpy(),
            say("avoided {year}", year=last): avoided[last].abs().round(1).to_numpy(),
        }
    )
    return Figure(
        "other-rows",
        "Row by row",
        "table",
        table,
        "reference",
        say("emitted {year}", year=last),
        "kt CO2e a year",
        (say("Inventory of {year}", year=first), MODEL),
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
        (MODEL, *sources_of(plan, "removals_cost")),
        color="what",
    )
