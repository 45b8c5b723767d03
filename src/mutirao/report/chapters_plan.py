"""Chapters on the plan: what lowers emissions, measures over time, costs and who brings the money."""

import pandas as pd

from mutirao.model.figures import Figure, Section
from mutirao.report import names, tables
from mutirao.report.chapter import Chapter, table
from mutirao.report.content import NOT_COMPUTED, ReportContent
from mutirao.report.ranges import range_of
from mutirao.report.scales import LinedFigure, ShareTable
from mutirao.report.words import kilotonnes, less_or_more, listed, money, number, percent

SMALL_WEDGE = 0.005


def the_plan(c: ReportContent) -> Chapter:
    """Wedges, measures, path, price of carbon, cost by payer, sources and uses of funds."""
    total = tables.cumulative(c.plan, tables.emissions(c.plan))
    words = (
        _what_it_is(c) + f" From {c.plan.years[0]} to {c.plan.years[-1]} "
        f"it emits {kilotonnes(total)} in all, business as adopted "
        f"{kilotonnes(tables.cumulative(c.adopted, tables.emissions(c.adopted)))}.",
    )
    parts = (_wedges(c), _measures(c), _path(c), _by_zone(c), _price(c), _cost(c), _payers(c), _funds(c))
    return Chapter(Section("plan", "The plan", words), parts)


def charged(c: ReportContent) -> str:
    """How a plan that cannot keep the pledge is held to it, in words."""
    price = f"{c.plan.meta['city']['currency']} {number(tables.penalty(c.plan), 2)}"
    return f"each tonne above the pledge is charged {price} (an assumption)"


def _what_it_is(c: ReportContent) -> str:
    on = any(r.on for r in c.rules)
    if c.plan.meta.get("closest"):
        kept = " and every fairness rule that is on" if on else ""
        return (
            f"No plan keeps every promise. In this one {charged(c)}, so that whatever costs less is done; every other "
            f"limit{kept} is kept, at least cost."
        )
    rules = ", and the fairness rules that people set" if on else ""
    return f"The plan is the cheapest that keeps the pledge and every limit{rules}."


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
        f"In {last} the plan avoids {kilotonnes(float(by[last].sum()))} a year against business as adopted. The "
        "largest parts: "
        + listed([f"{names.family(str(f))} {kilotonnes(float(v))}" for f, v in top.items() if v > 0.5])
        + ".",
        "Measures work on the same tonnes (a better-insulated home needs less from a heat pump), so parts are "
        "shared out exactly by "
        "the Shapley value: they add up, and no measure counts first.",
    ]
    if float(by.min().min()) >= -SMALL_WEDGE * most:
        figure = _wedge_area(c, by)
    else:
        worse = [names.family(str(f)) for f in by.index if by.loc[f].min() < -SMALL_WEDGE * most]
        words.append(
            f"Below the line, emissions are higher than under business as adopted in some years: {listed(worse)}."
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
        words.append("Not used in this plan: " + listed([str(m) for m in unused["meaning"]]) + ".")
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
            "No plan keeps every promise: this one misses the pledge by up to "
            f"{kilotonnes(float(carbon['missed'].max()))} a year."
        )
    removed = -c.plan.carbon(["removal"])
    if float(removed.max()) > 0.5:
        words.append(
            f"In {int(str(removed.idxmax()))} the plan relies on {kilotonnes(float(removed.max()))} a year of removals."
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


def _price(c: ReportContent) -> Section:
    price = tables.carbon_price(c.plan)
    currency = c.plan.meta["city"]["currency"]
    if not len(price):
        return Section(
            "carbon-price", "The price of carbon", ("The pledge binds in no year, so the last tonne costs nothing.",)
        )
    shown = price.assign(
        remark=[
            "the pledge is missed: this is the penalty set for missing it, not a price"
            if p
            else ""
            if v > 0.5
            else "the pledge does not bind"
            for v, p in zip(price["price"], price["penalty"], strict=True)
        ]
    )
    real = price[~price["penalty"] & (price["price"] > 0.5)]
    words = [
        "The price of carbon is what the last tonne costs that the pledge still asks for, with all measures "
        "acting together."
    ]
    if len(real):
        top = real.sort_values("price").iloc[-1]
        words.append(f"It is highest in {int(top['year'])}: {currency} {number(float(top['price']), 2)} per t CO2e.")
    figure = table(
        "carbon-price",
        "Price of the last tonne by year",
        shown.drop(columns="penalty"),
        f"{c.money_unit} per t CO2e, in the year it is paid",
        ("price of the pledge's limit",),
    )
    return Section("carbon-price", "The price of carbon", tuple(words), (figure,))


def _cost(c: ReportContent) -> Section:
    currency = c.plan.meta["city"]["currency"]
    rows: list[dict[str, str | float]] = []
    base_paid, base_valued = tables.cost(c.adopted)
    for key in ("no_action", "adopted", "least_cost", "rules"):
        if key in c.plans:
            paid, valued = tables.cost(c.plans[key])
            rows.append(
                {
                    "plan": names.PLANS[key],
                    "payments": paid,
                    "payments and valued effects": paid + valued,
                    "more than adopted: payments": paid - base_paid,
                    "more than adopted: with valued effects": paid + valued - base_paid - base_valued,
                }
            )
    paid = tables.cost(c.plan)[0]
    extra = paid - base_paid
    share = extra / base_paid if base_paid else 0.0
    side = "more" if extra > 0 else "less"
    words = [
        f"All payments that leave the city's parties, discounted at {percent(c.plan.meta['discount_rate'])} a year: "
        f"{money(paid, currency)} under the plan. That is the total. What counts for a decision is the difference to "
        f"business as adopted: {money(abs(extra), currency)} {side} ({percent(abs(share))}).",
    ]
    low, high = range_of(c.draws, "cost")
    if low is not None and high is not None:
        words.append(
            "Prices and factors are uncertain: in nine of ten draws the plan costs "
            f"{less_or_more(low, high, currency)}."
            + (
                " Whether the plan costs more or less than business as adopted, this run cannot tell."
                if low < 0 < high
                else ""
            )
        )
    kinds = c.plan.total("welfare", ("kind",))
    words.append(
        "Valued effects beside payments in this run: "
        + listed(
            [
                names.kind(str(k)) + " (loss from raising public money)" if k == "support" else names.kind(str(k))
                for k in kinds.index
            ]
        )
        + ". Cost is printed with and without them. No other benefit is put into money."
        if len(kinds)
        else "No benefit is put into money in this run; cost with and without valued benefits is the same."
    )
    figure = table(
        "cost",
        "What each plan costs",
        pd.DataFrame(rows),
        f"million {c.money_unit}, discounted",
        (names.BOOK,),
        "Transfers between parties of the city cancel out.",
    )
    return Section("cost", "What it costs, in total and in addition", tuple(words), (figure,))


def _payers(c: ReportContent) -> Section:
    change = tables.payers_change(c.plan, c.adopted)
    first = c.plan.years[0]
    later = change[change["year"] > first]
    last = later[later["year"] == c.plan.years[-1]]
    up, down = last[last["change"] > 0.5], last[last["change"] < -0.5]
    currency = c.plan.meta["city"]["currency"]

    def say(rows: pd.DataFrame) -> str:
        return listed([f"{r['party']} {money(abs(float(r['change'])), currency)}" for r in rows.to_dict("records")])

    words = [
        f"In {c.plan.years[-1]}, against business as adopted, more is paid by: {say(up) or 'nobody'}; less by: "
        f"{say(down) or 'nobody'}.",
        "Investments are counted as yearly payments over the life of what is bought, at each payer's own interest.",
    ]
    shown = later[later.groupby("party")["change"].transform(lambda v: v.abs().max()) > 0.5]
    figure = Figure(
        "payers",
        "Change in yearly payments by payer",
        "stacked_bar",
        shown[["party", "year", "change", "total"]],
        "year",
        "change",
        f"million {c.money_unit} a year, against business as adopted",
        (names.BOOK,),
        color="party",
        order=tuple(dict.fromkeys(shown["party"])),
        note="Above the line: pays more. The table also holds the total that each pays.",
    )
    return Section("payers", "Cost per year, by who pays", tuple(words), (figure,))


def _funds(c: ReportContent) -> Section:
    sources, used = tables.both_sides(c.plan, c.adopted)
    currency, years = c.plan.meta["city"]["currency"], f"{c.plan.years[0]} to {c.plan.years[-1]}"
    total, extra = float(used["total"].sum()), float(used["extra"].sum())
    grants = sources.loc[sources["name"] == names.party("state"), "total"]
    city = sources.loc[sources["name"] == names.party("city"), "total"]
    words = [
        f"From {years}, {money(total, currency)} are invested, {money(extra, currency)} of it beyond business "
        "as adopted "
        "(not discounted, in the year it is spent).",
        f"Grants of state and nation bring {money(float(grants.sum()), currency)}; the City's own budget "
        f"{money(float(city.sum()), currency)}. Grants stand with whoever gives them, so nothing is counted "
        "twice: both tables add up to the same sum.",
    ]
    rename = {"total": "in the plan", "reference": "as adopted", "extra": "in addition"}
    unit = f"million {c.money_unit}, {years}"
    figures = (
        table(
            "sources-of-funds",
            "Sources: who brings the money",
            _summed(sources.rename(columns={"name": "source"} | rename)),
            unit,
            (names.BOOK,),
        ),
        table(
            "uses-of-funds",
            "Uses: what it is spent on",
            _summed(used.rename(columns={"name": "use"} | rename)),
            unit,
            (names.BOOK,),
        ),
    )
    return Section("funds", "Sources and uses of funds", tuple(words), figures)


def _summed(frame: pd.DataFrame) -> pd.DataFrame:
    numbers = frame.select_dtypes("number").sum()
    return pd.concat([frame, pd.DataFrame([{frame.columns[0]: "sum"} | numbers.to_dict()])], ignore_index=True)
