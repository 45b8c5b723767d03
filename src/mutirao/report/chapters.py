"""The chapters of the report, in their order."""

from mutirao.ground.speech import say, together
from mutirao.justice.incomegroups import short_group
from mutirao.model.figures import Section
from mutirao.report import names, tables
from mutirao.report.chapter import Chapter, KeyNumber
from mutirao.report.chapters_city import assessed, where_we_are
from mutirao.report.chapters_justice import justice_chapters
from mutirao.report.chapters_people import life, rules, who_gains
from mutirao.report.chapters_plan import the_plan
from mutirao.report.chapters_trust import assumptions, checks, glossary, headwinds, who_decides
from mutirao.report.content import NOT_COMPUTED, ReportContent
from mutirao.report.ranges import range_of
from mutirao.report.words import (
    CANNOT_TELL,
    apart,
    change,
    hidden_by_range,
    kilotonnes,
    less_or_more,
    listed,
    money,
    number,
    percent,
)


def chapters(c: ReportContent) -> list[Chapter]:
    """Every chapter of a report, from the summary to the glossary."""
    return [
        summary(c),
        where_we_are(c),
        assessed(c),
        the_plan(c),
        who_gains(c),
        rules(c),
        *justice_chapters(c, c.justice),
        life(c),
        systems(c),
        headwinds(c),
        who_decides(c),
        checks(c),
        assumptions(c),
        glossary(c),
    ]


def summary(c: ReportContent) -> Chapter:
    """Five numbers, and what must be known before reading on."""
    words = [
        "How to read: a difference is always against business as adopted, that is, laws and the city's own "
        "adopted actions and nothing "
        "else. Each drawing has its table beneath it, each figure its source. What is not known is said.",
    ]
    return Chapter(
        Section("summary", "In five numbers", tuple(words)),
        numbers=(_today(c), _gap(c), _cost(c), _households(c), _rules_price(c)),
    )


def setters(c: ReportContent) -> str:
    """Who set the rules that are on, with dates, each once."""
    return apart(list(dict.fromkeys(f"{r.set_by} ({r.date})" for r in c.rules if r.on)))


def _today(c: ReportContent) -> KeyNumber:
    total, people = float(tables.emissions(c.adopted)[c.plan.base_year]), tables.people(c.adopted)
    level = listed([names.BOUNDARIES.get(b, b) for b in c.plan.meta["city"]["pledge"]["boundaries"]])
    words = (
        say(
            "{each} t per inhabitant, as the GPC counts them ({boundaries}).",
            each=number(total * 1e3 / people, 2),
            boundaries=level,
        )
        if people
        else say("As the GPC counts them ({boundaries}).", boundaries=level)
    )
    return KeyNumber(say("Emissions in {year}", year=c.plan.base_year), kilotonnes(total), words)


def _gap(c: ReportContent) -> KeyNumber:
    path = tables.path(c.plan)
    if not len(path):
        return KeyNumber("Left open by what is adopted", "–", "The pledge names no level.")
    year = int(path["x"].iloc[0])
    gap = float(tables.emissions(c.adopted)[year]) - float(path["y"].iloc[0])
    end = int(path["x"].iloc[-1])
    late = float(tables.emissions(c.adopted)[end]) - float(path["y"].iloc[-1])
    return KeyNumber(
        say("Left open in {year} by what is adopted", year=year),
        kilotonnes(max(0.0, gap)),
        say("above the pledge that year; {late} in {end}.", late=kilotonnes(max(0.0, late)), end=end),
    )


def _cost(c: ReportContent) -> KeyNumber:
    currency = c.plan.meta["city"]["currency"]
    paid, base = tables.cost(c.plan)[0], tables.cost(c.adopted)[0]
    low, high = range_of(c.draws, "cost")
    amount = money(abs(paid - base), currency)
    return KeyNumber(
        "The plan, against business as adopted",
        say("{amount} more", amount=amount) if paid > base else say("{amount} less", amount=amount),
        together(
            say(
                "{share} of all payments for energy, heating and transport to {year}, discounted.",
                share=percent(abs(paid - base) / base) if base else "–",
                year=c.plan.years[-1],
            ),
            _in_draws(low, high, currency),
        ),
    )


def _in_draws(low: float | None, high: float | None, currency: str) -> str:
    """A range of a difference (million currency) as one sentence; empty where it is not known."""
    if low is None or high is None:
        return ""
    return say("In nine of ten draws {span}.", span=less_or_more(low, high, currency))


def _households(c: ReportContent) -> KeyNumber:
    groups = c.plan.meta["city"].get("groups") or [{"id": "ALL", "name": "all households"}]
    poorest, currency = groups[0], c.plan.meta["city"]["currency"]
    rows = tables.household_change(c.plan, c.adopted)
    years = [y for y in c.plan.years if y > c.plan.years[0]]
    year = years[0] if years else c.plan.years[0]
    found = rows[(rows["group"] == poorest["id"]) & (rows["year"] == year)]["value"]
    if not len(found):
        return KeyNumber("A household of the lowest income group", "–", NOT_COMPUTED)
    low, high = range_of(c.draws, f"household:{poorest['id']}:{year}")
    value = change(float(found.iloc[0]), currency) if not hidden_by_range(low, high) else CANNOT_TELL
    return KeyNumber(
        say("A household in the lowest income group in {year}", year=year),
        value,
        together(
            say(
                "Income {group}; what it pays for energy, heating, cars and fares.",
                group=short_group(poorest["name"]),
            ),
            _in_draws(low / 1e6, high / 1e6, currency) if low is not None and high is not None else "",
        ),
    )


def _rules_price(c: ReportContent) -> KeyNumber:
    if "least_cost" not in c.plans:
        return KeyNumber("What the rules cost", "–", NOT_COMPUTED)
    price = sum(tables.cost(c.plan)) - sum(tables.cost(c.plans["least_cost"]))
    base = sum(tables.cost(c.plans["least_cost"]))
    currency = c.plan.meta["city"]["currency"]
    return KeyNumber(
        "What the rules cost together",
        money(price, currency),
        say(
            "{share} of the least-cost plan, discounted. The price of each rule stands in its own chapter.",
            share=percent(price / base) if base else "–",
        ),
    )


def systems(c: ReportContent) -> Chapter:
    """The systems' own sections."""
    parts = tuple(s for s in c.sections if s.title)
    words = ("Each system of the city shows its own part of the plan.",) if parts else (NOT_COMPUTED,)
    return Chapter(Section("systems", "System by system", words), parts)
