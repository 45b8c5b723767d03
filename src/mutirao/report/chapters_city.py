"""Chapters on where a city stands: its inventory, and its own plan judged."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from mutirao.book.bundle import Plan
from mutirao.ground.speech import say, together
from mutirao.model.figures import Figure, Section
from mutirao.report import names, tables
from mutirao.report.chapter import Chapter, table
from mutirao.report.content import NOT_COMPUTED, Assessment, ReportContent, money_unit
from mutirao.report.scales import LinedFigure, ShareTable
from mutirao.report.words import apart, kilotonnes, listed, money, number, percent

LARGE_ROW = 1.0  # kt CO2e a year; smaller rows are in the table only


def where_we_are(c: ReportContent) -> Chapter:
    """Inventory of the base year by GPC reference, and the bridge to the first plan year."""
    plan, rows = c.adopted, tables.inventory(c.adopted)
    level = plan.meta["city"]["pledge"]["boundaries"]
    bound = rows[rows["boundary"].isin(level)]
    total, people = float(bound["base"].sum()), tables.people(plan)
    big = bound.head(3)
    counted = {
        "year": plan.base_year,
        "amount": kilotonnes(total),
        "boundaries": listed([names.BOUNDARIES.get(b, b) for b in level]),
    }
    words = (
        say(
            "In {year} the city's inventory counts {amount} in the boundaries that the pledge binds ({boundaries}): "
            "{each} t CO2e per inhabitant.",
            **counted,
            each=number(total * 1e3 / people, 2),
        )
        if people
        else say(
            "In {year} the city's inventory counts {amount} in the boundaries that the pledge binds ({boundaries}).",
            **counted,
        ),
        say(
            "Three sources make up {share} of it: {sources}.",
            share=percent(float(big["base"].sum()) / total) if total else "–",
            sources=apart([str(s) for s in big["source"]]),
        ),
        say(
            "Boundary: {boundary}. Other cities draw theirs differently; totals of two cities say little side by side.",
            boundary=plan.meta["city"]["boundary"],
        ),
    )
    return Chapter(Section("where-we-are", "Where we are", words, (_inventory_figure(plan, rows),)), (_bridge(c),))


def _inventory_figure(plan: Plan, rows: pd.DataFrame) -> Figure:
    shown = rows[rows["base"].abs() >= LARGE_ROW].rename(columns={"base": "value"})
    shown = shown.assign(boundary=shown["boundary"].map(lambda b: names.BOUNDARIES.get(b, b)))
    return Figure(
        "inventory",
        say("Emissions of {year} by GPC reference", year=plan.base_year),
        "bar",
        shown[["source", "boundary", "value"]],
        "source",
        "value",
        "kt CO2e a year",
        ("inventory.csv of the city",),
        note=say(
            "GPC references as the city reports them. Memo rows lie outside the pledge. Sources below {least} kt are "
            "left out here.",
            least=number(LARGE_ROW),
        ),
    )


def _bridge(c: ReportContent) -> Section:
    first, base = c.plan.years[0], c.plan.base_year
    title = say("From {base} to {year}", base=base, year=first)
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
        say(
            "The inventory ends in {base}; the plan begins in {year}. Nothing in between was measured, so the bridge "
            "is calculated and shown: growth and yearly trends {growth}, and a grid of another mix {grid}. That gives "
            "{total} in {year}.",
            base=base,
            year=first,
            growth=_plus(total["growth"]),
            grid=_plus(total["grid"]),
            total=kilotonnes(float(total["first_year"])),
        ),
    )
    b.insert(1, "source", [names.gpc(str(g)).removeprefix(f"{g} ") for g in b["gpc"]])
    b = b[b[["base", "first_year"]].abs().max(axis=1) > 0.05]
    figure = table(
        "bridge",
        say("Bridge from {base} to {year} by GPC reference", base=base, year=first),
        b.rename(
            columns={"base": str(base), "first_year": str(first), "growth": "growth and trend", "grid": "grid factor"}
        ),
        "kt CO2e a year",
        ("inventory.csv of the city", "parameters of the systems"),
    )
    return Section("bridge", title, words, (figure,))


def _plus(value: float) -> str:
    amount = kilotonnes(abs(value))
    return say("plus {amount}", amount=amount) if value >= 0 else say("minus {amount}", amount=amount)


def assessed(c: ReportContent) -> Chapter:
    """The city's own plan judged: the gap to the pledge, its actions, who pays, what to add."""
    a, title = c.assessment, "The city's own plan, assessed"
    if a is None:
        gap = gap_figure(_gap_of(c.adopted), pledge_source(c.plan.meta))
        return Chapter(
            Section(
                "assessed", title, (gap_words(_gap_of(c.adopted)), "Single actions: not computed in this run."), (gap,)
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
        say("in {year} emissions lie {amount} above the pledge", year=year, amount=kilotonnes(over))
        if over > 0.5
        else say("in {year} they keep to it", year=year)
        for year, over in ((int(r["year"]), float(r["gap"])) for r in (first, last))
    ]
    return say(
        "If only what is adopted happens: {parts}; over all years together {amount} too much.",
        parts=listed(parts),
        amount=kilotonnes(float(known["gap"].sum())),
    )


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
        note=say(
            "A pledged level stays in force until the next one; before {year} nothing is pledged.",
            year=int(known["year"].iloc[0]),
        )
        if len(known) and int(known["year"].iloc[0]) > int(gap["year"].iloc[0])
        else "A pledged level stays in force until the next one.",
    )


def pledge_source(meta: Mapping[str, Any]) -> str:
    """Source id of the pledge."""
    return str(meta["city"].get("pledge", {}).get("source") or "pledge of the city")


def tonnes_columns(actions: pd.DataFrame) -> list[str]:
    """Columns of tonnes by year, in order."""
    return [str(c) for c in actions if str(c).startswith(("kt_", "tonnes"))]


def tonnes_head(column: str) -> str:
    """What a column of tonnes by year is called on a page."""
    return say("kt CO2e in {year}", year=column.rsplit("_", 1)[-1])


def actions_part(a: Assessment, plan: Plan) -> Section:
    """Each action: what it brings, whose it is, whether it is funded."""
    table_ = a.actions
    cut = int((~table_["modelled"].astype(bool)).sum())
    without = kilotonnes(a.unfunded_kt)
    words = [
        together(
            say("Without funding: {amount} a year in {year}.", amount=without, year=a.at_year)
            if a.at_year
            else say("Without funding: {amount} a year.", amount=without),
            say("Funding unknown: {amount}.", amount=kilotonnes(a.unknown_funding_kt))
            if a.unknown_funding_kt is not None
            else "",
            say("Outside the City's own power: {amount}.", amount=kilotonnes(a.outside_city_kt)),
        ),
        say(
            "{count} of {all} actions cannot be modelled yet, so what the city does is more than what is counted.",
            count=cut,
            all=len(table_),
        )
        if cut
        else "Every action is modelled.",
    ]
    counted, rest = table_[table_["modelled"].astype(bool)], table_[~table_["modelled"].astype(bool)]
    shown = _who_and_funds(counted)
    for column in tonnes_columns(table_):
        shown[tonnes_head(column)] = counted[column].to_numpy()
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
            "action": [
                say("{action} (proposed)", action=r["action"]) if r["status"] == "proposed" else r["action"]
                for r in rows
            ],
            "led by": actions["owner"].to_numpy(),
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
        say(
            "Most of the extra cost falls to {payer} ({cost}, discounted over the plan); the largest saving goes to "
            "{saver} ({saving}).",
            payer=most["party"],
            cost=money(float(most["difference"]), city["currency"]),
            saver=least["party"],
            saving=money(abs(float(least["difference"])), city["currency"]),
        )
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
        say("million {money}, discounted, against no action", money=money_unit(city)),
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
        say("{money} per household and year, against no action", money=c.money_unit),
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
        say(
            "The plan under the rules does more of {more} measures than what is adopted, and less of {less}.",
            more=len(more),
            less=len(less),
        )
    ]
    if len(more):
        words.append(
            say("Most is added to: {measures}.", measures=listed([str(m) for m in more.head(3)["meaning"]]))
        )
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
