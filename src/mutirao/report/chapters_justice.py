"""Chapters on justice: energy poverty, five measures of fairness, and how sure the order of gains is."""

import math
from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from mutirao.book.terms import CITY_WIDE
from mutirao.ground.speech import digits, say, spoken, together
from mutirao.model.figures import Figure, Section
from mutirao.plan.five import WHOLE
from mutirao.plan.outcomes import BASE, JusticeOutcomes
from mutirao.report import names
from mutirao.report.chapter import Chapter, table
from mutirao.report.chapters_staying import homes_table, pushed_out
from mutirao.report.content import NOT_COMPUTED, ReportContent
from mutirao.report.words import CANNOT_TELL, apart, hidden_by_range, money, number, percent, sentence, significant

Row = Mapping[Hashable, Any]

#: Gains below this many currency units per home and year are no order.
NOTHING = 0.5
#: Shares smaller than this print as "below" it, and a change that may be so small is none that can be told.
TINY = 0.001
#: What stands in the chart: the base year, then plans at the last milestone.
CHARTED = (BASE, "adopted", "rules")
HIGH, GAP = "EB6", "gap6"
RUN = "draws of prices and factors, the same for every plan"
NOT_KNOWN, RANGE_NOT_KNOWN, NOT_MOVED = "not known", "range not known", "not moved"
#: An index that compares places with the city says nothing of the city as a whole.
BETWEEN_PLACES = ("HVI",)


def justice_chapters(c: ReportContent, j: JusticeOutcomes | None) -> list[Chapter]:
    """All chapters on justice; one that says so when nothing was computed."""
    if j is None:
        return [Chapter(Section("energy-poverty", "Energy poverty and fairness", (NOT_COMPUTED,)))]
    return [energy_poverty(c, j), five_measures(c, j), pushed_out(c, j), homes_table(c, j)]


# ---- energy poverty


def energy_poverty(c: ReportContent, j: JusticeOutcomes) -> Chapter:
    """Indicators in the base year, as adopted and under the plan; by income group; what is not estimated and why."""
    city = whole(j.indicators)
    last = c.plan.years[-1]
    basis = sorted(set(j.indicators["income_basis"]) - {"none"}, key=len)
    words = [
        "A home is energy-poor when energy takes so much of its income that other things must give way. There is no "
        "one measure, so several stand side by side, each with its threshold.",
        _shares(c, city, last),
        _gap_words(c, j),
        say("Income here: {basis}. Medians and lines are frozen at {year}: a plan is held against one yardstick, not "
            "against one that moves with it.", basis=basis[0], year=c.plan.base_year)
        if basis
        else "",
    ]  # fmt: skip
    figures = [_high_burden_chart(c, j, last), _indicator_table(c, city, last)]
    parts = [
        Section("energy-poverty-groups", "By income", _group_words(c, j, last), (_group_table(c, j, last),)),
        Section("energy-poverty-years", "Over the years", (), (_years_table(c, city),)),
        Section(
            "energy-poverty-unknown", "What is not estimated, and what is assumed", tuple(j.assumptions),
            tuple(_unknown(city)),
        ),
    ]  # fmt: skip
    head = Section("energy-poverty", "Energy poverty", tuple(w for w in words if w), tuple(f for f in figures if f))
    return Chapter(head, tuple(parts))


def whole(indicators: pd.DataFrame) -> pd.DataFrame:
    """The lines of the whole city."""
    every = (indicators[list(CITY_WIDE)] == pd.Series(CITY_WIDE)).all(axis=1)
    return indicators[every]


def _line(rows: pd.DataFrame, indicator: str, plan: str, period: int) -> Row | None:
    found = rows[(rows["indicator"] == indicator) & (rows["plan"] == plan) & (rows["period"] == period)]
    return None if found.empty or not math.isfinite(float(found["value"].iloc[0])) else found.to_dict("records")[0]


def _shares(c: ReportContent, city: pd.DataFrame, last: int) -> str:
    lines = [(BASE, c.plan.base_year), ("adopted", last), ("rules", last)]
    found = [_line(city, HIGH, plan, year) for plan, year in lines]
    if any(one is None for one in found):
        return "The share of homes that spend more than 6 % of their income on energy is not estimated."
    said = [_with_span(r) for r in found if r is not None]
    return say(
        "More than 6 % of their income for energy at home: {now} of homes in {base}, {adopted} in {last} under "
        "business as adopted, {plan} under the plan. In brackets nine of ten draws; the draws of both move together, "
        "so that overlapping brackets do not mean that the plans are alike.",
        now=said[0], base=c.plan.base_year, adopted=said[1], last=last, plan=said[2],
    )  # fmt: skip


def _gap_words(c: ReportContent, j: JusticeOutcomes) -> str:
    """What is missing to 6 % at the first and the last milestone, and whether that is more or less than as adopted."""
    currency = c.plan.meta["city"]["currency"]
    said = []
    for year in dict.fromkeys((c.plan.years[1], c.plan.years[-1])):
        row = j.five[(j.five["measure"] == "poverty_gap") & (j.five["period"] == year)]
        if row.empty or not math.isfinite(float(row["plan"].iloc[0])):
            continue
        r = row.to_dict("records")[0]
        given = {"amount": value_text(r["plan"], r["unit"], currency), "year": year}
        if change_text(r, currency) in (CANNOT_TELL, RANGE_NOT_KNOWN):
            said.append(
                say("{amount} in {year} under the plan (whether that is more or less than as adopted, this run cannot "
                    "tell)", **given)
            )  # fmt: skip
            continue
        given["by"] = _size_text(abs(float(r["change"])), str(r["unit"]), currency)
        said.append(
            say("{amount} in {year} under the plan ({by} less than as adopted)", **given)
            if r["change"] < 0
            else say("{amount} in {year} under the plan ({by} more than as adopted)", **given)
        )
    if not said:
        return ""
    return say("What is missing each year until no home spends more than 6 %: {amounts}.", amounts=apart(said))


def _high_burden_chart(c: ReportContent, j: JusticeOutcomes, last: int) -> Figure | None:
    label = names.groups(c.plan.meta)
    rows = j.indicators[(j.indicators["indicator"] == HIGH) & (j.indicators["zone"] == CITY_WIDE["zone"])]
    at_end = (rows["plan"] == BASE) | (rows["period"] == last)
    rows = rows[rows["plan"].isin(CHARTED) & at_end & rows["value"].notna()]
    if rows.empty:
        return None
    grouped = rows[rows["group"] != CITY_WIDE["group"]]
    place = {p: i for i, p in enumerate([*label, *CHARTED])}
    rows = (grouped if len(grouped) else rows).sort_values(["group", "plan"], key=lambda s: s.map(place))
    called = {BASE: say("base year {year}", year=c.plan.base_year), "adopted": say("as adopted, {year}", year=last),
              "rules": say("the plan, {year}", year=last)}  # fmt: skip
    shown = pd.DataFrame(
        {
            "income of the home": [label.get(g, g) for g in rows["group"]],
            "when": [called[p] for p in rows["plan"]],
            "share": [significant(float(v)) for v in rows["value"]],
            "low": rows["low"].to_numpy(),
            "high": rows["high"].to_numpy(),
        }
    )
    ranged = bool(shown[["low", "high"]].notna().all(axis=None))
    return Figure(
        "high-burden", "Homes that spend more than 6 % of their income on energy", "grouped_bar",
        shown if ranged else shown.drop(columns=["low", "high"]), "income of the home", "share",
        "share of the homes of each income group", (names.BOOK, "homes of the city's tables", RUN), color="when",
        order=tuple(called.values()),
        note=together("Thin lines: nine of ten draws." if ranged else "Range not known.",
                      "Income groups as they are today."),
        low="low" if ranged else "", high="high" if ranged else "",
    )  # fmt: skip


def _indicator_table(c: ReportContent, city: pd.DataFrame, last: int) -> Figure:
    rows = []
    at_end = say("plan, {year}", year=last)
    for code in dict.fromkeys(city["indicator"]):
        base = _line(city, code, BASE, c.plan.base_year)
        if base is None or code in BETWEEN_PLACES:
            continue
        adopted, plan = _line(city, code, "adopted", last), _line(city, code, "rules", last)
        still = plan is not None and bool(plan["note"])
        rows.append(
            {
                "what is counted": str(base["name"]),
                "threshold": "" if base["threshold"] == "none" else str(base["threshold"]),
                f"{c.plan.base_year}": value_text(base["value"], base["unit"]),
                say("as adopted, {year}", year=last): _cell(adopted) if not still else NOT_MOVED,
                at_end: _cell(plan) if not still else NOT_MOVED,
                "range of the plan": "" if still or plan is None else span_text(plan),
            }
        )
    still_there = any(r[at_end] == NOT_MOVED for r in rows)
    return table(
        "indicators", "Energy poverty in the whole city", pd.DataFrame(rows), "as stated in each row",
        (names.BOOK, "homes of the city's tables", RUN),
        together(
            "Range: nine of ten draws.",
            "Not moved: rests on figures of the base year alone, which no plan moves here." if still_there else "",
            "Spend is what homes pay for energy at home, with rent for energy works, less support and what the sun on "
            "the roof earns.",
        ),
    )  # fmt: skip


def _group_words(c: ReportContent, j: JusticeOutcomes, last: int) -> tuple[str, ...]:
    if j.indicators["group"].nunique() < 2:
        return ("The city is described without income groups, so nothing can be said by income.",)
    return (
        say("What homes of a group spend on energy over all that they earn, and what is missing to 6 %, in {year}.",
            year=last),
    )  # fmt: skip


def _group_table(c: ReportContent, j: JusticeOutcomes, last: int) -> Figure:
    label = names.groups(c.plan.meta)
    rows = j.indicators[j.indicators["zone"] == CITY_WIDE["zone"]]
    low = [g["id"] for g in c.plan.meta["city"].get("groups") or [] if g.get("low_income")]
    shown = []
    for group in [g for g in label if g in set(rows["group"])]:
        mine = rows[rows["group"] == group]
        burden = [_line(mine, "burden_ratio", p, y) for p, y in
                  ((BASE, c.plan.base_year), ("adopted", last), ("rules", last))]  # fmt: skip
        gap = [_line(mine, GAP, p, last) for p in ("adopted", "rules")]
        shown.append(
            {
                "income": say("{income} (low income)", income=label[group]) if group in low else label[group],
                say("share of income, {year}", year=c.plan.base_year): _cell(burden[0]),
                say("share of income, as adopted, {year}", year=last): _cell(burden[1]),
                say("share of income, plan, {year}", year=last): _cell(burden[2]),
                "range of the plan": "–" if burden[2] is None else span_text(burden[2]),
                say("missing to 6 %, as adopted, {year}", year=last): _cell(gap[0]),
                say("missing to 6 %, plan, {year}", year=last): _cell(gap[1]),
            }
        )
    return table("burdens", "Energy burden by income", pd.DataFrame(shown),
                 say("{money} a year; ratio of totals", money=c.money_unit),
                 (names.BOOK, "homes of the city's tables", RUN), "–: not estimated.")  # fmt: skip


def _years_table(c: ReportContent, city: pd.DataFrame) -> Figure:
    called = {"adopted": "as adopted", "least_cost": "least cost, no rules", "rules": "plan under the rules"}
    rows = []
    for code, what in ((HIGH, "homes above 6 % of income"), (GAP, "missing to 6 %, a year")):
        base = _line(city, code, BASE, c.plan.base_year)
        for plan, word in called.items():
            years = {str(y): _cell(_line(city, code, plan, y)) for y in c.plan.years[1:]}
            if set(years.values()) != {"–"}:
                rows.append({"what": what, "plan": word, str(c.plan.base_year): _cell(base)} | years)
    return table("poverty-years", "Two of the measures in every milestone", pd.DataFrame(rows), c.money_unit,
                 (names.BOOK, "homes of the city's tables"))  # fmt: skip


def _unknown(city: pd.DataFrame) -> list[Figure]:
    rows = city[(city["status"] != "") & ~city["indicator"].isin(BETWEEN_PLACES)].drop_duplicates("indicator")
    if rows.empty:
        return []
    frame = pd.DataFrame({"measure": rows["name"].to_numpy(), "why": [_why(str(s)) for s in rows["status"]]})
    return [table("not-estimated", "Not estimated", frame, "", ("homes of the city's tables",),
                  "Nothing is filled in: a measure whose figures the city does not know has no value.")]  # fmt: skip


def _why(status: str) -> str:
    """Why a measure is not estimated, as a sentence of its own."""
    why = status.removeprefix("not estimated: ")
    figures = why.removeprefix("not known: ")
    return sentence(why if figures == why else say("not known: {figures}", figures=figures))


# ---- five measures


def five_measures(c: ReportContent, j: JusticeOutcomes) -> Chapter:
    """Five measures in plain words, with ranges, and where one of them misleads; how sure the order of groups is."""
    shown = j.five.drop_duplicates("measure")
    words = [
        "No single figure says whether a plan is fair. These five are read side by side; none is a score, and none "
        "compares cities.",
        *(say("{name}: {meaning}", name=r["name"], meaning=r["words"]) for r in shown.to_dict("records")),
    ]
    told = dict.fromkeys(zip(j.five["measure"], j.five["name"], j.five["status"], strict=True))
    # A warning names the measure as code does; here its name stands before it.
    warned = [sentence(say("{name}: {meaning}", name=name, meaning=_without(str(why), str(key))))
              for key, name, why in told if why]  # fmt: skip
    misread = Section(
        "five-misread", "Where these measures mislead",
        (*warned, "An index of how unequal a burden is, such as a Gini, is not printed: it can rise while nobody's "
         "burden rises, and fall when all bear more.",
         "A share of the benefit counts whose money it is, not whether it is enough: homes that lose elsewhere raise "
         "it too."),
    )  # fmt: skip
    return Chapter(
        Section("five-measures", "Five measures of fairness", tuple(words), (_five_table(c, j),)),
        (misread, order_section(c, j)),
    )


@spoken
def _without(why: str, key: str) -> str:
    return why.replace(f" ({key})", "")


def _five_table(c: ReportContent, j: JusticeOutcomes) -> Figure:
    currency = c.plan.meta["city"]["currency"]
    later = c.plan.years[1:]
    kept = j.five[j.five["period"].isin([later[0], later[-1], WHOLE])]
    order = {m: i for i, m in enumerate(dict.fromkeys(j.five["measure"]))}
    rows = []
    for r in kept.sort_values("measure", key=lambda s: s.map(order), kind="stable").to_dict("records"):
        unit = str(r["unit"])
        rows.append(
            {
                "measure": str(r["name"]),
                "when": str(r["period"]),
                "as adopted": value_text(r["adopted"], unit, currency),
                "plan": value_text(r["plan"], unit, currency),
                "range of the plan": span_text(r, currency),
                "the plan changes it by": change_text(r, currency),
            }
        )
    who = [str(u).partition("to: ")[2] for u in kept["unit"] if "to: " in str(u)]
    note = say("Share of the benefit: to {who}.", who=who[0]) if who else ""
    return table("five", "Five measures, as adopted and under the plan", pd.DataFrame(rows), "as stated in each row",
                 (names.BOOK, RUN),
                 together(note, "Cannot tell: nine of ten draws hold both a rise and a fall."))  # fmt: skip


def order_section(c: ReportContent, j: JusticeOutcomes) -> Section:
    """Who gains most per home, step by step, and how sure each step is."""
    title = "How sure is the order of who gains?"
    label = names.groups(c.plan.meta)
    moved = j.ranking.groupby("year")["gain"].transform(lambda g: g.abs().max() >= NOTHING)
    rows = j.ranking[moved.astype(bool)] if len(j.ranking) else j.ranking
    if rows.empty or rows["group"].nunique() < 2:
        return Section("order-of-gains", title, ("There are no income groups whose gains could be put in order.",))
    last = int(rows["year"].max())
    at = rows[rows["year"] == last]
    sure = at[(at["next"] != "") & (at["words"] != CANNOT_TELL)]
    steps = int((at["next"] != "").sum())
    shown = pd.DataFrame(
        {
            "year": rows["year"],
            "place": [str(int(v)) for v in rows["place"]],
            "income of the home": [label.get(str(g), str(g)) for g in rows["group"]],
            "gain of a home": [_signed(float(v)) for v in rows["gain"]],
            "gains more than the next": [_sure(w, p) for w, p in zip(rows["words"], rows["probability"], strict=True)],
        }
    )
    words = (
        "Groups in order of what one home gains a year against business as adopted, all its payments counted. A step "
        "is called sure when it holds in 95 of 100 draws, likely in 80; otherwise the order of the two may be chance.",
        _told_apart(len(sure), steps, last),
    )
    return Section("order-of-gains", title, words, (
        table("order", "Order of income groups by what a home gains", shown,
              say("{money} per home and year; + gains, \u2212 pays more", money=c.money_unit), (names.BOOK, RUN)),
    ))  # fmt: skip


def _told_apart(some: int, every: int, year: int) -> str:
    if some == every:
        return say("In {year}, all steps of the order can be told apart.", year=year)
    if not some:
        return say("In {year}, no step of the order can be told apart.", year=year)
    return say("In {year}, {some} of {every} steps of the order can be told apart.", year=year, some=some, every=every)


def _sure(words: str, probability: float) -> str:
    return "" if not words else say("{sure} ({share} of draws)", sure=words, share=percent(probability))


# ---- figures as text


def value_text(value: float, unit: str, currency: str = "") -> str:
    """A figure in two digits with its unit: shares in per cent, money in words; a dash where it is not known."""
    if not math.isfinite(float(value)):
        return "–"
    if unit.startswith("share"):
        small = 0.0 < abs(float(value)) < TINY
        return say("below {amount}", amount=percent(TINY)) if small else percent(significant(float(value)))
    if unit.endswith("/year") or unit.startswith("million "):
        word = currency or unit.removeprefix("million ").partition("/")[0]
        return money(significant(float(value) * (1.0 if unit.startswith("million ") else 1e-6)), word)
    return number(float(value), 2)


def span_text(row: Row, currency: str = "") -> str:
    """Low and high of a row in words, or that the range is not known."""
    low, high = float(row["low"]), float(row["high"])
    if not (math.isfinite(low) and math.isfinite(high)):
        return NOT_KNOWN
    unit = str(row["unit"])
    return say("{low} to {high}", low=value_text(low, unit, currency), high=value_text(high, unit, currency))


def change_text(row: Row, currency: str = "") -> str:
    """What a plan changes a figure by; "cannot tell" when the range of the change holds zero."""
    change, low, high = (float(row[k]) for k in ("change", "change_low", "change_high"))
    if not math.isfinite(change):
        return "–"
    if not (math.isfinite(low) and math.isfinite(high)):
        return RANGE_NOT_KNOWN
    unit = str(row["unit"])
    least = TINY if unit.startswith("share") else 0.0
    if hidden_by_range(low - least, high + least):
        return CANNOT_TELL
    return _with_sign("+" if change > 0 else "\u2212", _size_text(abs(change), unit, currency))


@spoken
def _with_sign(sign: str, size: str) -> str:
    return sign + size


def _size_text(change: float, unit: str, currency: str) -> str:
    if unit.startswith("share"):
        return say("{amount} points", amount=number(100.0 * significant(change), 2))
    return value_text(significant(change), unit, currency)


def _with_span(row: Row) -> str:
    """A figure, its range in brackets where it is known."""
    value, span = value_text(row["value"], row["unit"]), span_text(row)
    return value if span == NOT_KNOWN else say("{value} ({span})", value=value, span=span)


def _cell(row: Row | None) -> str:
    return "–" if row is None else value_text(float(row["value"]), str(row["unit"]))


def _signed(value: float) -> str:
    v = significant(value)
    return "0" if abs(v) < NOTHING else digits(v, "+,.0f")
