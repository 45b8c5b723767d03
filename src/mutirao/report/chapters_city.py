"""Chapters on where a city stands: its inventory, and its own plan judged."""

import pandas as pd

from mutirao.book.bundle import Plan
from mutirao.model.figures import Figure, Section
from mutirao.report import names, tables
from mutirao.report.chapter import Chapter, table
from mutirao.report.content import NOT_COMPUTED, Assessment, ReportContent
from mutirao.report.draw import LinedFigure, ShareTable
from mutirao.report.ranges import range_of
from mutirao.report.words import hidden_by_range, kilotonnes, listed, money, number, percent

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
        f"The three largest sources, {listed([str(s) for s in big['source']])}, make up "
        f"{percent(float(big['base'].sum()) / total) if total else '–'} of it.",
        f"Boundary: {plan.meta['city']['boundary']}. Other cities draw theirs differently; totals of two cities say little "
        "side by side.",
    ]
    return Chapter(
        Section("where-we-are", "Where we are", tuple(words), (_inventory_figure(plan, rows),)), (_bridge(c),)
    )  # fmt: skip


def _inventory_figure(plan: Plan, rows: pd.DataFrame) -> Figure:
    shown = rows[rows["base"].abs() >= LARGE_ROW].rename(columns={"base": "value"})
    shown = shown.assign(boundary=shown["boundary"].map(lambda b: names.BOUNDARIES.get(b, b)))
    return Figure(
        "inventory", f"Emissions of {plan.base_year} by GPC reference", "bar",
        shown[["source", "boundary", "value"]], "source", "value", "kt CO2e a year",
        ("inventory.csv of the city",),
        note="GPC references as the city reports them. Memo rows lie outside the pledge. "
        f"Sources below {number(LARGE_ROW)} kt are left out here.",
    )  # fmt: skip


def _bridge(c: ReportContent) -> Section:
    first, base = c.plan.years[0], c.plan.base_year
    title = f"From {base} to {first}"
    if c.bridge is None or not len(c.bridge):
        return Section("bridge", title, (NOT_COMPUTED,))
    b = c.bridge.copy()
    bound = set(tables.inventory(c.adopted).query("boundary in @levels", local_dict={
        "levels": list(c.plan.meta["city"]["pledge"]["boundaries"])})["gpc"])  # fmt: skip
    inside = b[b["gpc"].isin(bound)]
    total = inside[["base", "growth", "grid", "first_year"]].sum()
    words = (
        f"The inventory ends in {base}; the plan begins in {first}. Nothing in between was measured, so the bridge is "
        f"calculated and shown: growth and yearly trends {_plus(total['growth'])}, a different grid factor "
        f"{_plus(total['grid'])}, which gives {kilotonnes(float(total['first_year']))} in {first}.",
    )
    b.insert(1, "source", [names.gpc(str(g)).removeprefix(f"{g} ") for g in b["gpc"]])
    b = b[b[["base", "first_year"]].abs().max(axis=1) > 0.05]
    figure = table(
        "bridge", f"Bridge from {base} to {first} by GPC reference",
        b.rename(columns={"base": str(base), "first_year": str(first), "growth": "growth and trend", "grid": "grid factor"}),
        "kt CO2e a year", ("inventory.csv of the city", "parameters of the systems"),
    )  # fmt: skip
    return Section("bridge", title, words, (figure,))


def _plus(value: float) -> str:
    return f"{'adds' if value >= 0 else 'takes away'} {kilotonnes(abs(value))}"


def assessed(c: ReportContent) -> Chapter:
    """The city's own plan judged: the gap to the pledge, its actions, who pays, what to add."""
    a, title = c.assessment, "The city's own plan, assessed"
    if a is None:
        gap = _gap_figure(_gap_of(c.adopted), c.adopted)
        return Chapter(Section("assessed", title, (_gap_words(_gap_of(c.adopted)), f"Single actions: {NOT_COMPUTED.lower()}"), (gap,)))
    parts = [actions_part(a, c.adopted), payers_part(a, c.adopted)]
    if a.groups is not None and len(a.groups):
        parts.append(_groups_part(a, c))
    if len(a.add_or_drop):
        parts.append(drop_part(a))
    words = (
        "Here nothing is optimised: laws and the city's own actions are taken as they are written.",
        _gap_words(a.gap),
    )
    return Chapter(Section("assessed", title, words, (_gap_figure(a.gap, c.adopted),)), tuple(parts))


def _gap_of(plan: Plan) -> pd.DataFrame:
    reached = plan.yearly(tables.emissions(plan))
    steps = tables.path(plan)
    pledge = [float(steps[steps["x"] <= y]["y"].iloc[-1]) if (steps["x"] <= y).any() else float("nan") for y in reached.index]
    out = pd.DataFrame({"year": reached.index, "pledge": pledge, "adopted": reached.to_numpy()})
    return out.assign(gap=(out["adopted"] - out["pledge"]).clip(lower=0.0))


def _gap_words(gap: pd.DataFrame) -> str:
    known = gap.dropna(subset=["pledge"])
    if not len(known):
        return "The pledge names no level for these years."
    first, last = known.iloc[0], known.iloc[-1]
    parts = [
        f"in {int(r['year'])} they leave {kilotonnes(float(r['gap']))} a year above the pledge" if r["gap"] > 0.5
        else f"in {int(r['year'])} they keep the pledge"
        for r in (first, last)
    ]  # fmt: skip
    over = float(known["gap"].sum())
    return f"If only what is adopted happens, {listed(parts)}; over all years together {kilotonnes(over)} too much."


def _gap_figure(gap: pd.DataFrame, plan: Plan) -> Figure:
    known = gap.dropna(subset=["pledge"])
    line = known[["year", "pledge"]].rename(columns={"year": "x", "pledge": "y"})
    shown = gap[["year", "adopted", "pledge", "gap"]].copy()
    shown["year"] = shown["year"].astype(int)
    return LinedFigure(
        "gap", "Business as adopted and the pledge, year by year", "area", shown.assign(what="business as adopted"), "year",
        "adopted", "kt CO2e a year", ("actions.csv of the city", str(plan.meta["city"]["pledge"].get("source", "pledge"))),
        color="what", note="A pledged level stays in force until the next one.", line=line, line_name="pledge",
    )  # fmt: skip


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
        f"{cut} of {len(table_)} actions cannot be modelled; the table says why." if cut else "Every action is modelled.",
    ]
    columns = tonnes_columns(table_)
    shown = pd.DataFrame({
        "action": [f"{r['action']} (proposed)" if r["status"] == "proposed" else r["action"] for r in table_.to_dict("records")],
        "owner": table_["owner"], "in the power of": [names.power(str(p)) for p in table_["power"]],
        "funded": [percent(float(f)) if pd.notna(f) else "not stated" for f in table_["funded_share"]],
    })  # fmt: skip
    for column in columns:
        shown[f"kt CO2e in {column.rsplit('_', 1)[-1]}"] = table_[column].to_numpy()
    shown["remark"] = [str(r["why"]) if not r["modelled"] else "" for r in table_.to_dict("records")]
    figure = table("actions", "The city's actions, one after the other", shown, "kt CO2e avoided a year",
                   ("actions.csv of the city",), "Each is counted on top of those before it, so that the column adds up.")  # fmt: skip
    return Section("actions", "Action by action", tuple(words), (figure,))


def payers_part(a: Assessment, plan: Plan) -> Section:
    """Who pays for the actions and who gains by them."""
    city = plan.meta["city"]
    shown = a.payers.assign(party=[names.party(str(p)) for p in a.payers["party"]])
    most = shown.loc[shown["difference"].idxmax()]
    least = shown.loc[shown["difference"].idxmin()]
    words = (
        f"Most of the extra cost falls to {most['party']} ({money(float(most['difference']), city['currency'])}, discounted "
        f"over the plan); the largest saving goes to {least['party']} ({money(float(least['difference']), city['currency'])})."
        if float(most["difference"]) > 0.5 and float(least["difference"]) < -0.5 else
        "Sums over the plan, discounted, against no action.",
    )  # fmt: skip
    figure = Figure(
        "adopted-payers", "Who pays more and who pays less by what is adopted", "bar",
        shown[["party", "difference", "no_action", "adopted"]], "party", "difference",
        f"million {city['currency']} of {city['price_year']}, discounted, against no action", ("book",),
    )  # fmt: skip
    return Section("adopted-payers", "Who pays for what is adopted", words, (figure,))


def _groups_part(a: Assessment, c: ReportContent) -> Section:
    assert a.groups is not None
    rows = a.groups.rename(columns={"difference": "value", "period": "year"})
    rows = rows[rows["year"] > c.plan.years[0]]
    label = names.groups(c.plan.meta)
    shown = rows.assign(group=rows["group"].map(lambda g: label.get(g, g)))[["group", "year", "value"]]
    figure = Figure(
        "adopted-groups", "What the city's own plan changes for a household", "grouped_bar", shown, "group", "value",
        f"{c.money_unit} per household and year, against no action", ("book",), color="year",
        order=tuple(str(y) for y in c.plan.years),
    )  # fmt: skip
    return Section("adopted-groups", "Households under what is adopted", (), (figure,))


def drop_part(a: Assessment) -> Section:
    """What the optimiser would do more or less of."""
    t = a.add_or_drop
    shown = t[["meaning", "adopted_share", "plan_share", "words"]].rename(
        columns={"meaning": "measure", "adopted_share": "as adopted", "plan_share": "in the plan", "words": "verdict"}
    )
    more, less = t[t["difference"] > 0.005], t[t["difference"] < -0.005]
    words = [f"The plan under the rules does more of {len(more)} measures than what is adopted, and less of {len(less)}."]
    if len(more):
        words.append("Most is added to: " + listed([str(m) for m in more.head(3)["meaning"]]) + ".")
    figure = ShareTable(
        "add-or-drop", "What to add and what can be less, at the end of the plan", "table", shown, "", "",
        "share of what is possible", ("book",), shares=("as adopted", "in the plan"),
    )  # fmt: skip
    return Section("add-or-drop", "What to add, what to drop", tuple(words), (figure,))


def sure_of(value: float, c: ReportContent, name: str) -> bool:
    """False when the drawn range of a figure includes zero."""
    return not hidden_by_range(*range_of(c.draws, name))
