"""The chapter on the plan: what lowers emissions, measures over time, path and pledge."""

import pandas as pd

from mutirao.book.bundle import Plan
from mutirao.ground.speech import say, together
from mutirao.model.figures import Figure, Section
from mutirao.report import names, tables
from mutirao.report.chapter import Chapter, table
from mutirao.report.chapters_costs import cost_part, funds_part, payers_part, price_part
from mutirao.report.content import NOT_COMPUTED, ReportContent
from mutirao.report.scales import LinedFigure, ShareTable
from mutirao.report.words import kilotonnes, listed, price, with_amount

SMALL_WEDGE = 0.005


def the_plan(c: ReportContent) -> Chapter:
    """Wedges, measures, path, price of carbon, cost by payer, sources and uses of funds."""
    total = tables.cumulative(c.plan, tables.emissions(c.plan))
    words = (
        together(
            _what_it_is(c),
            say(
                "From {first} to {last} it emits {amount} in all, business as adopted {adopted}.",
                first=c.plan.years[0],
                last=c.plan.years[-1],
                amount=kilotonnes(total),
                adopted=kilotonnes(tables.cumulative(c.adopted, tables.emissions(c.adopted))),
            ),
        ),
    )
    costs = (price_part(c), cost_part(c), payers_part(c), funds_part(c))
    parts = (_wedges(c), _measures(c), _path(c), _by_zone(c), *costs)
    return Chapter(Section("plan", "The plan", words), parts)


def charge(plan: Plan) -> str:
    """What a plan that cannot keep the pledge is charged for each tonne above it, such as "USD 1,000"."""
    return price(tables.penalty(plan), plan.meta["city"]["currency"])


def _what_it_is(c: ReportContent) -> str:
    on = any(r.on for r in c.rules)
    if c.plan.meta.get("closest"):
        return together(
            "No plan keeps every promise.",
            say(
                "In this one each tonne above the pledge is charged {price} (an assumption), so that whatever costs "
                "less is done; every other limit and every fairness rule that is on is kept, at least cost.",
                price=charge(c.plan),
            )
            if on
            else say(
                "In this one each tonne above the pledge is charged {price} (an assumption), so that whatever costs "
                "less is done; every other limit is kept, at least cost.",
                price=charge(c.plan),
            ),
        )
    if on:
        return "The plan is the cheapest that keeps the pledge and every limit, and the fairness rules that people set."
    return "The plan is the cheapest that keeps the pledge and every limit."


def _wedges(c: ReportContent) -> Section:
    title = "What lowers emissions"
    if c.wedges is None or not len(c.wedges):
        return Section("wedges", title, (NOT_COMPUTED,))
    w = c.wedges[c.wedges["period"].isin(c.plan.years)]
    by = w.groupby(["family", "period"])["value"].sum().unstack("period").fillna(0.0)
    most = float(by.abs().max().max()) or 1.0
    by = by[by.abs().max(axis=1) > 1e-6 * most].sort_values(by.columns[-1], ascending=False)
    last = int(by.columns[-1])
    top = by[last].head(3)
    words = [
        say(
            "In {year} the plan avoids {amount} a year against business as adopted. The largest parts: {parts}.",
            year=last,
            amount=kilotonnes(float(by[last].sum())),
            parts=listed([with_amount(names.family(str(f)), kilotonnes(float(v))) for f, v in top.items() if v > 0.5]),
        ),
        "Measures work on the same tonnes (a better-insulated home needs less from a heat pump), so parts are "
        "shared out exactly by "
        "the Shapley value: they add up, and no measure counts first.",
    ]
    if float(by.min().min()) >= -SMALL_WEDGE * most:
        figure = _wedge_area(c, by)
    else:
        worse = [names.family(str(f)) for f in by.index if by.loc[f].min() < -SMALL_WEDGE * most]
        words.append(
            say(
                "Below the line, emissions are higher than under business as adopted in some years: {families}.",
                families=listed(worse),
            )
        )
        rows = pd.DataFrame(
            [
                {"year": int(str(year)), "family": names.family(str(family)), "value": float(v)}
                for year in by.columns[1:]
                for family, v in by[year].items()
            ]
        )
        figure = Figure(
            "wedges",
            "Emissions avoided by family of measures",
            "stacked_bar",
            rows,
            "year",
            "value",
            "kt CO2e a year, business as adopted less the plan",
            (names.BOOK, "Shapley value over families"),
            color="family",
            order=tuple(rows["family"].unique()),
        )
    return Section("wedges", title, tuple(words), (figure,))


def _wedge_area(c: ReportContent, by: pd.DataFrame) -> Figure:
    """The plan at the bottom, one band a family over it: the upper edge is business as adopted."""
    small = by.abs().max(axis=1) < 0.01 * float(by.sum().max())
    kept = by[~small]
    if small.any():
        kept = pd.concat([kept, by[small].sum().to_frame("all other families").T])
    left = tables.emissions(c.plan).reindex(by.columns).clip(lower=0.0)
    rows = [{"year": int(str(y)), "part": "still emitted", "value": float(v)} for y, v in left.items()]
    for family in kept.index[::-1]:
        rows += [
            {"year": int(str(y)), "part": names.family(str(family)), "value": float(kept[y].loc[str(family)])}
            for y in kept
        ]
    frame = pd.DataFrame(rows)
    return LinedFigure(
        "wedges",
        "From business as adopted to the plan",
        "area",
        frame,
        "year",
        "value",
        "kt CO2e a year",
        (names.BOOK, "Shapley value over families"),
        color="part",
        order=tuple(frame["part"].unique()),
        note="Upper edge: business as adopted. Straight lines between the years the plan decides on.",
        line=tables.path(c.plan),
        line_name="pledge",
        neutral=("still emitted",),
    )


def _measures(c: ReportContent) -> Section:
    wide = tables.measure_shares(c.plan)
    years = [x for x in wide.columns if x.isdigit()]
    used = wide[wide[years].max(axis=1) > 0.005].sort_values(years[-1], ascending=False)
    unused = wide[wide[years].max(axis=1) <= 0.005]
    shown = used.assign(power=used["power"].map(names.power)).rename(
        columns={"meaning": "measure", "power": "in the power of", "measure": "id"}
    )
    figure = ShareTable(
        "measures",
        "How far each measure goes",
        "table",
        shown[["measure", *years, "in the power of"]],
        "",
        "",
        "share of what is possible in the city",
        (names.BOOK,),
        shares=tuple(years),
    )
    words = ["Each bar is the share of what is technically possible in this city that the plan uses in that year."]
    if len(unused):
        words.append(say("Not used in this plan: {measures}.", measures=listed([str(m) for m in unused["meaning"]])))
    return Section("measures", "Measures over time", tuple(words), (figure,))


def _path(c: ReportContent) -> Section:
    rows = []
    for key in ("rules", "adopted", "no_action", "least_cost"):
        if key in c.plans:
            for year, value in tables.emissions(c.plans[key]).items():
                rows.append({"year": int(str(year)), "plan": names.PLANS[key], "value": float(value)})
    figure = LinedFigure(
        "path",
        "Net emissions of each plan and the pledge",
        "line",
        pd.DataFrame(rows),
        "year",
        "value",
        "kt CO2e a year",
        (names.BOOK, str(c.plan.meta["city"]["pledge"].get("source", "pledge"))),
        color="plan",
        line=tables.path(c.plan),
        line_name="pledge",
        note="Removals are taken off; their tonnes are printed apart in the inventory of the plan.",
    )
    words = ["The pledge is a staircase: a pledged level stays in force until the next one."]
    short = tables.missed(c.plan)
    carbon = short[short["family"].isin(tables.PLEDGE)]
    if len(carbon):
        words.append(
            say(
                "No plan keeps every promise: this one misses the pledge by up to {amount} a year.",
                amount=kilotonnes(float(carbon["missed"].max())),
            )
        )
    removed = -c.plan.carbon(["removal"])
    if float(removed.max()) > 0.5:
        words.append(
            say(
                "In {year} the plan relies on {amount} a year of removals.",
                year=int(str(removed.idxmax())),
                amount=kilotonnes(float(removed.max())),
            )
        )
    return Section("path", "Path and pledge", tuple(words), (figure,))


def _by_zone(c: ReportContent) -> Section:
    """Emissions posted to each zone, to two decimals, so that `mutirao explain` can be held against them."""
    wide = tables.zone_emissions(c.plan)
    named = {str(z["zone"]): str(z["name"]) for z in c.plan.meta["city"]["zones"]} | {"CITY": "no zone (whole city)"}
    shown = wide.assign(zone=wide["zone"].map(lambda z: named.get(z, z)))
    figure = table(
        "zones-carbon",
        "Emissions by zone under the plan",
        shown.round(2),
        "kt CO₂e a year, shared out",
        (names.BOOK,),
        "Full digits stand in carbon_by_zone.csv.",
    )
    words = (
        "Homes and residents' cars are put on zones, shared out by floor area, income, homes and vehicles; commerce, "
        "lorries, visitors, waste and the rest stay with the whole city. "
        "Shares, not measurements: no map is drawn of them. "
        "Where a figure comes from: mutirao explain, with carbon, --period and --zone.",
    )
    return Section("zones-carbon", "By zone, as far as it can be told", words, (figure,))
