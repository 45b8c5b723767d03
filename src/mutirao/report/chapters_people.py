"""Chapters on people: who gains and pays, what each rule costs, what life gains beside tonnes and money."""

import pandas as pd

from mutirao.ground.speech import digits, say, together
from mutirao.justice.outcomes import zones_differ
from mutirao.model.figures import Figure, Section
from mutirao.report import names, tables
from mutirao.report.chapter import Chapter, table
from mutirao.report.chapters_city import in_order
from mutirao.report.content import ReportContent, RuleResult
from mutirao.report.ranges import Range, range_of, with_ranges
from mutirao.report.words import (
    apart,
    between,
    change,
    change_digits,
    hidden_by_range,
    listed,
    money,
    number,
    percent,
    sentence,
    signed,
    significant,
)

#: Million currency over the whole plan; below it a rule is said to cost nothing.
COSTLESS = 0.05
NOT_MODELLED = ("health", "minutes of travel", "clean air", "dwellings built or lost", "cooling in heat waves")


def who_gains(c: ReportContent) -> Chapter:
    """Change of a household's yearly payments by income group, by tenure, and by zone where zones truly differ."""
    rows = tables.household_change(c.plan, c.adopted)
    label = names.groups(c.plan.meta)
    rows = in_order(rows[rows["year"] > c.plan.years[0]], "group", label)
    words = [
        "Every figure here compares the plan under the rules with business as adopted, per household and year: bills, "
        "fares, rent for works and loan payments, less grants and support. Two significant digits, no more.",
        _who_is_where(c, rows),
    ]
    if c.draws is None:
        words.append("Ranges were not computed in this run; small differences may not be real.")
    figure = _change_figure(c, rows, "group", label, "household", "households", "Change for a household by income")
    return Chapter(
        Section(
            "who-gains",
            "Who gains and who pays",
            tuple(words),
            (_change_table(c, rows, label), figure, _bill_table(c, label)),
        ),
        (_tenure(c), _zones(c)),
    )


def _who_is_where(c: ReportContent, rows: pd.DataFrame) -> str:
    """How many income groups pay less, pay more or cannot be told, milestone by milestone."""
    out = []
    for year, part in rows.groupby("year"):
        sides = {"pay less": 0, "pay more": 0, "unsure": 0}
        for r in part.to_dict("records"):
            span = range_of(c.draws, f"household:{r['group']}:{year}")
            unsure = hidden_by_range(*span) or abs(float(r["value"])) < 0.5
            sides["unsure" if unsure else "pay less" if r["value"] < 0 else "pay more"] += 1
        told = [_told(side, some, len(part)) for side, some in sides.items() if some]
        out.append(say("in {year} {told}", year=year, told=listed(told)))
    return sentence(apart(out))


def _told(side: str, some: int, every: int) -> str:
    """How many income groups stand on a side, as a part of a sentence."""
    if some == every:
        return {
            "pay less": "all income groups pay less",
            "pay more": "all income groups pay more",
            "unsure": "for all income groups this run cannot tell",
        }[side]
    if side == "pay less":
        return say("{some} of {every} income groups pay less", some=some, every=every)
    if side == "pay more":
        return say("{some} of {every} income groups pay more", some=some, every=every)
    return say("for {some} of {every} income groups this run cannot tell", some=some, every=every)


def _change_table(c: ReportContent, rows: pd.DataFrame, label: dict[str, str]) -> Figure:
    low = [g["id"] for g in c.plan.meta["city"].get("groups") or [] if g.get("low_income")]
    out: dict[str, dict[str, str]] = {}
    for r in rows.to_dict("records"):
        span = range_of(c.draws, f"household:{r['group']}:{r['year']}")
        name = label.get(r["group"], r["group"])
        name = say("{income} (low income)", income=name) if r["group"] in low else name
        out.setdefault(name, {"income of the household": name})[str(r["year"])] = change_digits(
            float(r["value"]), *span
        )
    return table(
        "changes",
        "What changes for a household",
        pd.DataFrame(list(out.values())),
        say("{money} per household and year, against business as adopted; \u2212 pays less, + pays more",
            money=c.money_unit),
        (names.BOOK,),
        "Cannot tell: nine of ten draws hold both gains and losses.",
    )


def _change_figure(
    c: ReportContent, rows: pd.DataFrame, by: str, label: dict[str, str], prefix: str, name: str, title: str
) -> Figure:
    ranged = with_ranges(rows, c.draws, prefix, by)
    shown = in_order(ranged, by, label)
    spans: list[Range] = [(r.get("low"), r.get("high")) for r in shown.to_dict("records")]
    shown = shown.assign(words=[change_digits(float(v), *s) for v, s in zip(shown["value"], spans, strict=True)])
    shown[by] = shown[by].map(lambda g: label.get(g, g))
    shown["value"] = [significant(float(v)) for v in shown["value"]]
    thin = "low" in shown
    return Figure(
        name,
        title,
        "grouped_bar",
        shown,
        by,
        "value",
        say("{money} per household and year, against business as adopted", money=c.money_unit),
        (names.BOOK, "households of the city's tables"),
        color="year",
        order=tuple(str(y) for y in c.plan.years),
        note=together(
            "Right of the line: pays more.",
            "Thin lines: nine of ten draws." if thin else "Range not computed in this run.",
        ),
        low="low" if thin else "",
        high="high" if thin else "",
    )


def _bill_table(c: ReportContent, label: dict[str, str]) -> Figure:
    after, before = tables.household_bill(c.plan), tables.household_bill(c.adopted)
    last = c.plan.years[-1]
    count = tables.homes(c.plan).groupby("group").sum()
    income = tables.incomes(c.plan)

    def burden(bill: pd.DataFrame, g: str) -> str:
        if g not in income.index:
            return "income unknown"
        return say("{amount} %", amount=digits(100 * float(bill[last].loc[g]) / float(income[g]), ".0f"))

    shown = pd.DataFrame(
        [
            {
                "income": label.get(g, g),
                "households": significant(float(count[g]), 3),
                say("as adopted, {year}", year=last): significant(float(before[last].loc[g]), 3),
                say("under the plan, {year}", year=last): significant(float(after[last].loc[g]), 3),
                "share of income, as adopted": burden(before, g),
                "share of income, plan": burden(after, g),
            }
            for g in label
            if g in after.index
        ]
    )
    return table(
        "bills",
        say("What a household pays for energy, heating, cars and fares in {year}", year=last),
        shown,
        say("{money} per household and year", money=c.money_unit),
        (names.BOOK,),
        "Total, so that a change can be read against it. Rent and mortgage for the home itself are not in it.",
    )


def _tenure(c: ReportContent) -> Section:
    rows = tables.household_change(c.plan, c.adopted, "tenure")
    rows = rows[rows["year"] > c.plan.years[0]]
    count = tables.homes(c.plan).groupby("tenure").sum()
    rows = rows[rows["tenure"].map(count) > 0.5]
    currency = c.plan.meta["city"]["currency"]
    last = int(rows["year"].max())
    parts = [
        say("{homes}: {change}", homes=names.TENURES.get(r["tenure"], r["tenure"]),
            change=change(float(r["value"]), currency, *range_of(c.draws, f"tenure:{r['tenure']}:{last}")))
        for r in rows[rows["year"] == last].to_dict("records")
    ]  # fmt: skip
    landlords = tables.payers_change(c.plan, c.adopted)
    mine = landlords[(landlords["party"] == names.party("landlords")) & (landlords["year"] == last)]
    words = [
        together(
            say("In {year} – {parts}.", year=last, parts=apart(parts)),
            "Cars and fares are known by income but not by tenure and are left out here.",
        )
    ]
    if len(mine):
        more = float(mine["change"].iloc[0])
        amount = money(abs(more), currency)
        words.append(
            say("Landlords together pay {amount} a year more than as adopted, after the rent they ask for works.",
                amount=amount)
            if more > 0
            else say("Landlords together pay {amount} a year less than as adopted, after the rent they ask for works.",
                     amount=amount)
        )  # fmt: skip
    figure = _change_figure(c, rows, "tenure", names.TENURES, "tenure", "tenures", "Change for a household by tenure")
    return Section("tenures", "Owners and renters", tuple(words), (figure,))


def _zones(c: ReportContent) -> Section:
    title, year = "From zone to zone", c.plan.years[1] if len(c.plan.years) > 1 else c.plan.years[0]
    zones = c.plan.meta["city"]["zones"]
    if len(zones) < 2:
        return Section("zones", title, ("The city is described as one zone, so nothing can be said of its parts.",))
    if not zones_differ(c.adopted):
        return Section(
            "zones",
            title,
            (
                "In these data zones differ only by how city-wide figures were allocated: like homes (same "
                "income group and tenure) pay "
                "within 1 % of each other everywhere as adopted. A coloured map would show differences that "
                "nobody measured, so there is none.",
            ),
        )
    frame = tables.zone_change(c.plan, c.adopted, year).sort_values("name")
    frame["value"] = [significant(float(v)) for v in frame["value"]]
    side = "Every circle: pays less." if (frame["value"] < 0).all() else ""
    side = "Every circle: pays more." if (frame["value"] > 0).all() else side
    figure = Figure(
        "zones",
        say("Change per household by zone in {year}", year=year),
        "circles",
        frame,
        "name",
        "value",
        say("{money} per household and year, against business as adopted", money=c.money_unit),
        (names.BOOK, "zones.csv of the city"),
        note=together("A circle stands at the middle of its zone; its area shows how much more or less is paid.", side),
    )
    return Section(
        "zones",
        title,
        (
            "Like homes truly differ between zones in what is known of them, mostly in cars per household, so a "
            "map is shown. Where homes are "
            "described alike, the order in which they are reached is a tie that the search breaks by chance: "
            "such payments are shared out "
            "evenly here. The map shows averages of zones, and no zone's plan.",
        ),
        (figure,),
    )


def rules(c: ReportContent) -> Chapter:
    """Each rule: who set it, what it costs, and beside it what households would pay without it."""
    on = [r for r in c.rules if r.on]
    words = [
        "A rule has a price because it forbids the cheapest way. The price is named beside what households pay "
        "without the rule; "
        "whether it is worth it is not for a model to say."
    ]
    words.append(
        say("{some} of {every} fairness rules are on.", some=len(on), every=len(c.rules))
        if c.rules
        else "Rules: not computed in this run."
    )
    designation = c.plan.meta["city"].get("designation")
    if designation:
        words.append(
            say("Designated homes: {name}; drawn up by: {author} ({date}).", name=designation["name"],
                author=designation["author"], date=designation["date"])
        )  # fmt: skip
    return Chapter(Section("rules", "What each rule costs", tuple(words)), tuple(_rule(c, r) for r in c.rules))


def rule_title(r: RuleResult) -> str:
    """A rule's name in words."""
    return sentence(r.name.replace("_", " ")).rstrip(".")


def _rule(c: ReportContent, r: RuleResult) -> Section:
    if not r.on:
        return Section(
            f"rule-{r.name}",
            rule_title(r),
            tuple(sentence(x) for x in (r.words, r.why_off or "Off.", r.kept_words) if x),
        )
    currency = c.plan.meta["city"]["currency"]
    words = [
        sentence(r.words),
        sentence(together(say("Set by: {who}, {date}.", who=r.set_by, date=r.date), r.how)),
    ]
    if r.cost_total is None:
        words.append("Its cost: not computed in this run.")
    else:
        low, high = range_of(c.draws, f"rule:{r.name}")
        if abs(r.cost_total) < COSTLESS:
            words.append("It costs nothing: the plan without it is as cheap.")
        elif low is not None and high is not None and low <= 0 <= high:
            words.append("Whether it costs anything, this run cannot tell: the range includes zero.")
        else:
            amount = money(r.cost_total, currency)
            words.append(
                say("It costs {amount} over the whole plan, discounted, found by solving again without it.",
                    amount=amount)
                if r.cost_share is None
                else say("It costs {amount} over the whole plan, discounted ({share} of all payments), found by "
                         "solving again without it.", amount=amount, share=percent(r.cost_share))
            )  # fmt: skip
    words += [sentence(w) for w in (r.price_words, r.kept_words, r.warning) if w]
    figures = (
        () if r.household_table is None or not len(r.household_table) else (_rule_figure(c, r, r.household_table),)
    )
    return Section(f"rule-{r.name}", rule_title(r), tuple(words), figures)


def _rule_figure(c: ReportContent, r: RuleResult, frame: pd.DataFrame) -> Figure:
    label = names.groups(c.plan.meta)
    currency, count = c.plan.meta["city"]["currency"], tables.homes(c.plan).groupby("group").sum()
    title, year = "What a household pays, with and without the rule", c.plan.years[-1]
    if "period" in frame:
        changed = (frame["with_rule"] - frame["without_rule"]).abs().groupby(frame["period"]).max()
        later = changed[changed.index > c.plan.years[0]]
        year = int(str(later.idxmax() if float(later.max()) > 1.0 else later.index[0]))
        frame = frame[frame["period"] == year]
        title = say("What a household pays in {year}, with and without the rule", year=year)
    all_homes = say("all its homes, million {currency} a year", currency=currency)
    order = {g: i for i, g in enumerate(label)}
    frame = frame.sort_values("group", key=lambda s: s.map(order))
    rows = []
    for g, a, b in zip(frame["group"], frame["with_rule"], frame["without_rule"], strict=True):
        less, span = float(a) - float(b), range_of(c.draws, f"rule:{r.name}:{g}:{year}")
        tiny = abs(less) < 5
        rows.append(
            {
                "income": label.get(g, g),
                "with the rule": significant(float(a), 3),
                "without the rule": significant(float(b), 3),
                "the rule changes": "below 5" if tiny else change_digits(less, *span),
                "nine of ten draws": "" if tiny else between(*span),
                all_homes: "0" if tiny else signed(less * float(count[g]) * 1e-6),
            }
        )
    note = (
        "The rule costs nothing: what differs here are ties between homes alike, which the search broke in another way."
        if (r.cost_total is not None and abs(r.cost_total) < COSTLESS)
        else ""
    )
    return table(
        f"rule-{r.name}-households",
        title,
        pd.DataFrame(rows),
        say("{money} per household and year", money=c.money_unit),
        (names.BOOK, "solved again without the rule"),
        note,
    )


def life(c: ReportContent) -> Chapter:
    """Benefits that are no money, beside tonnes and cost, for each plan."""
    chosen = {k: c.plans[k] for k in ("adopted", "least_cost", "rules") if k in c.plans}
    found = tables.benefits(chosen)
    rows = []
    base = tables.cost(c.adopted)[0]
    columns = {k: names.PLANS[k] for k in chosen}
    rows.append(
        {"what": "emissions over the whole plan", "unit": "kt CO2e"}
        | {columns[k]: tables.cumulative(p, tables.emissions(p)) for k, p in chosen.items()}
    )
    rows.append(
        {
            "what": "payments beyond business as adopted",
            "unit": say("million {money}, discounted", money=c.money_unit),
        }
        | {columns[k]: tables.cost(p)[0] - base for k, p in chosen.items()}
    )
    for (kind, unit), part in found.groupby(["kind", "unit"]):
        mean = {
            columns[k]: tables.cumulative(p, part[part["plan"] == k].groupby("year")["value"].sum())
            / (p.years[-1] - p.years[0] or 1)
            for k, p in chosen.items()
        }
        what = say("{benefit}, average of the years", benefit=names.kind(str(kind)))
        rows.append({"what": what, "unit": str(unit)} | mean)
    rows += [
        {"what": n, "unit": "not modelled yet"} | dict.fromkeys(columns.values(), float("nan")) for n in NOT_MODELLED
    ]
    words = [
        "A plan is more than tonnes and money. What is counted is posted to whoever receives it and is never "
        "turned into money here.",
        say("Not modelled yet, and so not in any figure: {list}.", list=listed(list(NOT_MODELLED))),
    ]
    rules_rows = found[found["plan"] == "rules"]
    for kind, part in rules_rows.groupby("kind"):
        top = part.groupby("year")["value"].sum()
        unit = str(part["unit"].iloc[0])
        if kind == "warmth":
            words.append(
                say("Warmth: homes that were kept cold take {amount} {unit} more heat at the most; it is counted as "
                    "a gain, not as waste.", amount=number(float(top.max()), 2), unit=unit)
            )  # fmt: skip
        elif kind == "jobs":
            words.append(
                say("Jobs: up to {amount} jobs in works and equipment in {year}; they follow the money spent and end "
                    "with it.", amount=number(float(top.max()), 2), year=int(str(top.idxmax())))
            )  # fmt: skip
    return Chapter(
        Section(
            "life",
            "Quality of life beside tonnes and money",
            tuple(words),
            (table("life", "Three plans side by side", pd.DataFrame(rows), "as stated in each row", (names.BOOK,)),),
        )
    )
