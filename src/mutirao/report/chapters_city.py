"""Chapters on where a city stands: its inventory, and its own plan judged."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from mutirao.book.bundle import Plan
from mutirao.model.figures import Figure, Section
from mutirao.report import names, tables
from mutirao.report.chapter import Chapter, table
from mutirao.report.content import NOT_COMPUTED, Assessment, ReportContent
from mutirao.report.scales import LinedFigure, ShareTable
from mutirao.report.words import kilotonnes, listed, money, number, percent

LARGE_ROW = 1.0  # kt CO2e a year; smaller rows are in the table only


def where_we_are(c: ReportContent) -> Chapter:
    """Inventory of the base year by GPC reference, and the bridge to the first plan year."""
    plan, rows = c.adopted, tables.inventory(c.adopted)
    level = plan.meta["city"]["pledge"]["boundaries"]
    bound = rows[rows["boundary"].isin(level)]
    total, people = float(bound["base"].sum()), tables.people(plan)
    big = bound.head(3)
    words = [
        f"In {plan.base_year} the city's inventory counts {kilotonnes(total)} in the boundaries that the pledge binds "
        f"({listed([names.BOUNDARIES.get(b, b) for b in level])})"
        + (f": {number(total * 1e3 / people, 2)} t CO2e per inhabitant." if people else "."),
        f"Three sources make up {percent(float(big['base'].sum()) / total) if total else '–'} of it: "
        + "; ".join(str(s) for s in big["source"])
        + ".",
        f"Boundary: {plan.meta['city']['boundary']}. Other cities draw theirs differently; totals of two cities "
        "say little "
        "side by side.",
    ]
    return Chapter(
        Section("where-we-are", "Where we are", tuple(words), (_inventory_figure(plan, rows),)), (_bridge(c),)
    )


def _inventory_figure(plan: Plan, rows: pd.DataFrame) -> Figure:
    shown = rows[rows["base"].abs() >= LARGE_ROW].rename(columns={"base": "value"})
    shown = shown.assign(boundary=shown["boundary"].map(lambda b: names.BOUNDARIES.get(b, b)))
    return Figure(
        "inventory",
        f"Emissions of {plan.base_year} by GPC reference",
        "bar",
        shown[["source", "boundary", "value"]],
        "source",
        "value",
        "kt CO2e a year",
        ("inventory.csv of the city",),
        note="GPC references as the city reports them. Memo rows lie outside the pledge. "
        f"Sources below {number(LARGE_ROW)} kt are left out here.",
    )


def _bridge(c: ReportContent) -> Section:
    first, base = c.plan.years[0], c.plan.base_year
    title = f"From {base} to {first}"
    if c.bridge is None or not len(c.bridge):
        return Section("bridge", title, (NOT_COMPUTED,))
    b = c.bridge.copy()
    bound = set(
        tables.inventory(c.adopted).query(
            "boundary in @levels", local_dict={"levels": list(c.plan.meta["city"]["pledge"]["boundaries"])}
        )["gpc"]
    )
    inside = b[b["gpc"].isin(bound)]
    total = inside[["base", "growth", "grid", "first_year"]].sum()
    words = (
        f"The inventory ends in {base}; the plan begins in {first}. Nothing in between was measured, so the bridge is "
        f"calculated and shown: growth and yearly trends {_plus(total['growth'])}, and a grid of another mix "
        f"{_plus(total['grid'])}. That gives {kilotonnes(float(total['first_year']))} in {first}.",
    )
    b.insert(1, "source", [names.gpc(str(g)).removeprefix(f"{g} ") for g in b["gpc"]])
    b = b[b[["base", "first_year"]].abs().max(axis=1) > 0.05]
    figure = table(
        "bridge",
        f"Bridge from {base} to {first} by GPC reference",
        b.rename(
            columns={"base": str(base), "first_year": str(first), "growth": "growth and trend", "grid": "grid factor"}
        ),
        "kt CO2e a year",
        ("inventory.csv of the city", "parameters of the systems"),
    )
    return Section("bridge", title, words, (figure,))


def _plus(value: float) -> str:
    return f"{'plus' if value >= 0 else 'minus'} {kilotonnes(abs(value))}"


def assessed(c: ReportContent) -> Chapter:
    """The city's own plan judged: the gap to the pledge, its actions, who pays, what to add."""
    a, title = c.assessment, "The city's own plan, assessed"
    if a is None:
        gap = gap_figure(_gap_of(c.adopted), pledge_source(c.plan.meta))
        return Chapter(
            Section(
                "assessed", title, (gap_words(_gap_of(c.adopted)), f"Single actions: {NOT_COMPUTED.lower()}"), (gap,)
            )
        )
    parts = [actions_part(a, c.adopted), payers_part(a, c.adopted.meta)]
    if a.groups is not None and len(a.groups):
        parts.append(_groups_part(a, c))
    if len(a.add_or_drop):
        parts.append(drop_part(a))
    words = (
        "Here nothing is optimised: laws and the city's own actions are taken as they are written.",
        gap_words(a.gap),
    )
    return Chapter(Section("assessed", title, words, (gap_figure(a.gap, pledge_source(c.plan.meta)),)), tuple(parts))


def _gap_of(plan: Plan) -> pd.DataFrame:
    reached = plan.yearly(tables.emissions(plan))
    steps = tables.path(plan)
    pledge = [
        float(steps[steps["x"] <= y]["y"].iloc[-1]) if (steps["x"] <= y).any() else float("nan") for y in reached.index
    ]
    out = pd.DataFrame({"year": reached.index, "pledge": pledge, "adopted": reached.to_numpy()})
    return out.assign(gap=(out["adopted"] - out["pledge"]).clip(lower=0.0))


def gap_words(gap: pd.DataFrame) -> str:
    """What the adopted actions leave open at the first and last pledged level, in one sentence."""
    known = gap.dropna(subset=["pledge"])
    if not len(known):
        return "The pledge names no level for these years."
    first, last = known.iloc[0], known.iloc[-1]
    parts = [
        f"in {int(r['year'])} emissions lie {kilotonnes(float(r['gap']))} above the pledge"
        if r["gap"] > 0.5
        else f"in {int(r['year'])} they keep to it"
        for r in (first, last)
    ]
    over = float(known["gap"].sum())
    return f"If only what is adopted happens: {listed(parts)}; over all years together {kilotonnes(over)} too much."


def gap_figure(gap: pd.DataFrame, source: str) -> Figure:
    """Emissions of what is adopted, split at the pledge, over the years."""
    known = gap.dropna(subset=["pledge"])
    line = known[["year", "pledge"]].rename(columns={"year": "x", "pledge": "y"})
    over = (gap["adopted"] - gap["pledge"]).clip(lower=0.0).fillna(0.0)
    parts = {"as adopted, within the pledge": gap["adopted"] - over, "as adopted, above the pledge": over}
    shown = pd.concat(
        [
            pd.DataFrame({"year": gap["year"].astype(int), "part": name, "value": v, "pledge": gap["pledge"]})
            for name, v in parts.items()
        ]
    )
    return LinedFigure(
        "gap",
        "Business as adopted and the pledge, year by year",
        "area",
        shown.reset_index(drop=True),
        "year",
        "value",
        "kt CO2e a year",
        ("actions.csv of the city", source),
        color="part",
        line=line,
        line_name="pledge",
        neutral=("as adopted, within the pledge",),
        note="A pledged level stays in force until the next one"
        + (
            f"; before {int(known['year'].iloc[0])} nothing is pledged."
            if len(known) and int(known["year"].iloc[0]) > int(gap["year"].iloc[0])
            else "."
        ),
    )


def pledge_source(meta: Mapping[str, Any]) -> str:
    """Source id of the pledge."""
    return str(meta["city"].get("pledge", {}).get("source") or "pledge of the city")


def tonnes_columns(actions: pd.DataFrame) -> list[str]:
    """Columns of tonnes by year, in order."""
    return [str(c) for c in actions if str(c).startswith(("kt_", "tonnes"))]


def actions_part(a: Assessment, plan: Plan) -> Section:
    """Each action: what it brings, whose it is, whether it is funded."""
    table_ = a.actions
    cut = int((~table_["modelled"].astype(bool)).sum())
    year = f" in {a.at_year}" if a.at_year else ""
    words = [
        f"Without funding: {kilotonnes(a.unfunded_kt)} a year{year}."
        + (f" Funding unknown: {kilotonnes(a.unknown_funding_kt)}." if a.unknown_funding_kt is not None else "")
        + f" Outside the City's own power: {kilotonnes(a.outside_city_kt)}.",
        f"{cut} of {len(table_)} actions cannot be modelled yet, so what the city does is more than what is counted."
        if cut
        else "Every action is modelled.",
    ]
    counted, rest = table_[table_["modelled"].astype(bool)], table_[~table_["modelled"].astype(bool)]
    shown = _who_and_funds(counted)
    for column in tonnes_columns(table_):
        shown[f"kt CO2e in {column.rsplit('_', 1)[-1]}"] = counted[column].to_numpy()
    figures = [
        table(
            "actions",
            "Actions that are counted, one after the other",
            shown,
            "kt CO2e avoided a year",
            ("actions.csv of the city",),
            "Each is counted on top of those before it, so that the column adds up.",
        )
    ]
    if len(rest):
        figures.append(
            table(
                "actions-not-counted",
                "Actions that are not counted, and why",
                _who_and_funds(rest).assign(why=rest["why"].to_numpy()),
                "",
                ("actions.csv of the city",),
            )
        )
    return Section("actions", "Action by action", tuple(words), tuple(figures))


def _who_and_funds(actions: pd.DataFrame) -> pd.DataFrame:
    rows = actions.to_dict("records")
    return pd.DataFrame(
        {
            "action": [f"{r['action']} (proposed)" if r["status"] == "proposed" else r["action"] for r in rows],
            "owner": actions["owner"].to_numpy(),
            "in the power of": [names.power(str(r["power"])) for r in rows],
            "funded": [
                percent(float(r["funded_share"])) if pd.notna(r["funded_share"]) else "not stated" for r in rows
            ],
        }
    )


def payers_part(a: Assessment, meta: Mapping[str, Any]) -> Section:
    """Who pays for the actions and who gains by them."""
    city = meta["city"]
    shown = a.payers.assign(party=[names.party(str(p)) for p in a.payers["party"]])
    shown = shown[shown["difference"].abs() > 0.5].sort_values("difference", ascending=False)
    if not len(shown):
        return Section(
            "adopted-payers", "Who pays for what is adopted", ("What is adopted shifts no payments worth naming.",)
        )
    most, least = shown.iloc[0], shown.iloc[-1]
    words = (
        f"Most of the extra cost falls to {most['party']} "
        f"({money(float(most['difference']), city['currency'])}, discounted "
        f"over the plan); the largest saving goes to {least['party']} "
        f"({money(abs(float(least['difference'])), city['currency'])})."
        if float(most["difference"]) > 0.5 and float(least["difference"]) < -0.5
        else "Sums over the plan, discounted, against no action.",
    )
    figure = Figure(
        "adopted-payers",
        "Who pays more and who pays less by what is adopted",
        "bar",
        shown[["party", "difference", "no_action", "adopted"]],
        "party",
        "difference",
        f"million {city['currency']} of {city['price_year']}, discounted, against no action",
        (names.BOOK,),
    )
    return Section("adopted-payers", "Who pays for what is adopted", words, (figure,))


def _groups_part(a: Assessment, c: ReportContent) -> Section:
    assert a.groups is not None
    rows = a.groups.rename(columns={"difference": "value", "period": "year"})
    label = names.groups(c.plan.meta)
    rows = in_order(rows[rows["year"] > c.plan.years[0]], "group", label)
    shown = rows.assign(group=rows["group"].map(lambda g: label.get(g, g)))[["group", "year", "value"]]
    figure = Figure(
        "adopted-groups",
        "What the city's own plan changes for a household",
        "grouped_bar",
        shown,
        "group",
        "value",
        f"{c.money_unit} per household and year, against no action",
        (names.BOOK,),
        color="year",
        order=tuple(str(y) for y in c.plan.years),
    )
    return Section("adopted-groups", "Households under what is adopted", (), (figure,))


def drop_part(a: Assessment) -> Section:
    """What the optimiser would do more or less of."""
    t = a.add_or_drop
    shown = t[["meaning", "adopted_share", "plan_share", "words"]].rename(
        columns={"meaning": "measure", "adopted_share": "as adopted", "plan_share": "in the plan", "words": "verdict"}
    )
    more, less = t[t["difference"] > 0.005], t[t["difference"] < -0.005]
    words = [
        f"The plan under the rules does more of {len(more)} measures than what is adopted, and less of {len(less)}."
    ]
    if len(more):
        words.append("Most is added to: " + listed([str(m) for m in more.head(3)["meaning"]]) + ".")
    figure = ShareTable(
        "add-or-drop",
        "What to add and what can be less, at the end of the plan",
        "table",
        shown,
        "",
        "",
        "share of what is possible",
        (names.BOOK,),
        shares=("as adopted", "in the plan"),
    )
    return Section("add-or-drop", "What to add, what to drop", tuple(words), (figure,))


def in_order(rows: pd.DataFrame, by: str, label: Mapping[str, str]) -> pd.DataFrame:
    """Rows of a table by ``by`` and year in the order of ``label`` (such as income groups from low to high)."""
    place = {k: i for i, k in enumerate(label)}
    return rows.sort_values([by, "year"], key=lambda s: s.map(place) if s.name == by else s)
