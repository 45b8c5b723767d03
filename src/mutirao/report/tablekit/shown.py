"""Numbers as cells: what stands large, and its range, small, under it; in the words of the language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from mutirao.justice.disclosure import LEAST
from mutirao.report.tablekit.alternatives import Alternative, homes_with_works
from mutirao.report.tablekit.bars import change_bar, level_bar
from mutirao.report.tablekit.language import Words
from mutirao.report.tablekit.likehomes import Target
from mutirao.report.tablekit.spans import Span

#: A party whose payments change by less than this (million a year) is left out.
NOTHING = 0.05
SQUARE_FEET = 10.7639
NO_BAR = Markup()
#: Numbers of a rule that are shares, printed in per cent.
SHARES = ("share", "level", "threshold", "cut", "worst")


@dataclass(frozen=True)
class Cell:
    """A number in words, its range, and a small drawing."""

    big: str
    small: str = ""
    bar: Markup = NO_BAR


def amount(t: Words, s: Span) -> Cell:
    """A yearly amount with its range."""
    return Cell(t.cash(s.value), t.between(s.low, s.high))


def change(t: Words, s: Span, top: float = 0.0, least: float = 0.5) -> Cell:
    """A change with its range, "cannot tell" when the range holds both gains and losses; with a bar when asked."""
    big, small = t.change(s, least)
    return Cell(big, small, change_bar(s, top, f"{big} {small}".strip()) if top else NO_BAR)


def homes_of_100(t: Words, share: float) -> str:
    """A share as homes out of a hundred, whole."""
    return t.plain(round(100.0 * share)) if share <= 0.0 or share >= 0.005 else t("number.below", n=1)


def tonnes(t: Words, one: Alternative, years: Sequence[int], top: float) -> list[tuple[str, Cell]]:
    """Emissions today and in the years shown, with the pledge as a mark."""
    out = []
    for y in years:
        s = one.tonnes.get(y, Span(0.0, 0.0, 0.0))
        s = Span(max(s.value, 0.0), max(s.low, 0.0), max(s.high, 0.0))
        big = t.number(s.value, 3) if s.value >= 0.5 else "0"
        small = t.between(s.low, s.high)
        mark = pledged(one, y)
        words = f"{y}: {big}" + (f", {t('compare.pledge_short', n=t.number(mark))}" if mark is not None else "")
        out.append((str(y), Cell(big, small, level_bar(s, top, words, mark))))
    return out


def pledged(one: Alternative, year: int) -> float | None:
    """kt that the pledge allows in a year of decision; None before the first pledged year and for today."""
    return one.pledge.get(year) if year > one.plan.years[0] else None


def missed_years(one: Alternative) -> list[int]:
    """Milestones in which more is emitted than the pledge allows (central values)."""
    return [
        y
        for y in one.plan.years[1:]
        if y in one.tonnes and y in one.pledge and one.tonnes[y].value > one.pledge[y] + max(0.5, 1e-3 * one.pledge[y])
    ]


def pledge_words(t: Words, one: Alternative) -> str:
    late = missed_years(one)
    return t("compare.missed", years=", ".join(map(str, late))) if late else t("compare.kept")


def cost(t: Words, one: Alternative, currency: str) -> Cell:
    """Cost against the reference in words."""
    s = one.cost
    if s.unsure:
        ends = t.money(abs(s.low), currency), t.money(abs(s.high), currency)
        return Cell(t("number.cannot_tell"), t("number.unsure_range", low=ends[0], high=ends[1]))
    side = "less" if s.value < 0 else "more"
    near, far = sorted((abs(s.low), abs(s.high)))
    ends = t.money(near, currency), t.money(far, currency)
    small = ends[0] if ends[0] == ends[1] else t("number.range", low=ends[0], high=ends[1])
    return Cell(t(f"compare.cost_{side}", amount=t.money(abs(s.value), currency)), small)


def payers(t: Words, columns: Mapping[str, Alternative], reference: str) -> tuple[list[str], float]:
    """Parties whose payments change in some alternative, and the largest change with its range."""
    found, top = [], 0.0
    for p in dict.fromkeys(p for a in columns.values() for p in a.payers):
        spans = [a.payers[p] for n, a in columns.items() if n != reference and p in a.payers]
        if any(abs(s.value) > NOTHING for s in spans):
            found.append(p)
            top = max([top, *(abs(e) for s in spans for e in (s.low, s.high))])
    return found, top


def payer(t: Words, one: Alternative, party: str, top: float) -> Cell:
    return change(t, one.payers[party], top, NOTHING) if party in one.payers else Cell(t("number.same"))


def group_words(t: Words, groups: Sequence[Mapping[str, Any]], currency: str) -> dict[str, str]:
    """Income groups in words of the language, from their upper ends; a group's own name where there are none."""
    out, before = {}, None
    for i, g in enumerate(groups):
        high = g.get("income_max")
        last = i == len(groups) - 1
        if high is None and not (last and before is not None):
            words = str(g["name"])
        elif before is None:
            words = t("income.below", high=t.plain(float(high or 0.0)))
        elif high is None:
            words = t("income.above", low=t.plain(before))
        else:
            words = t("income.between", low=t.plain(before), high=t.plain(float(high)))
        before = float(high) if high is not None else before
        out[str(g["id"])] = words
    return out


def target_words(t: Words, target: Target, groups: Mapping[str, str]) -> str:
    if target.kind == "group":
        return groups.get(target.name, target.name)
    return t(f"compare.{target.name}") if target.kind == "tenure" else t("compare.all")


def works_on_homes(t: Words, one: Alternative, zone: str, years: Sequence[int]) -> list[tuple[str, list[str]]]:
    """Homes of the zone with each kind of works in the years shown."""
    out = []
    for measure, share in one.works.items():
        counts = [homes_with_works(one.plan, zone, share[y]) for y in years]
        texts = [t.number(n) if n >= LEAST else "0" if n < 0.5 else t("number.below", n=t.plain(LEAST)) for n in counts]
        out.append((t.named("measure", measure), texts))
    return out


def city_works(t: Words, one: Alternative, years: Sequence[int]) -> list[tuple[str, list[str]]]:
    """What is done for the whole city, out of a hundred of what is possible."""
    return [
        (t.named("measure", m), [homes_of_100(t, share[y]) for y in years]) for m, share in one.city_works.items()
    ]


def rule_words(t: Words, rule: Mapping[str, Any]) -> str:
    """A rule with its numbers in the words of the language; its own words where the catalogue has none."""
    name = str(rule["name"])
    if not t.has("rule", name):
        return str(rule.get("words") or name)
    filled = {k: t.percent(float(rule[k])) if rule.get(k) is not None else "…" for k in SHARES}
    works = [t.named("measure", str(m)) for m in rule.get("measures") or ()]
    who = t.named("who", str(rule.get("who") or "low_income"))
    since = " " + t("rule.since", year=rule["from_year"]) if rule.get("from_year") else ""
    return t(f"rule.{name}", **filled, measures=", ".join(works), who=who) + since


def value_words(t: Words, value: float, unit: str, currency: str, digits: int = 3) -> str:
    """A parameter's value with its unit in words."""
    if unit in ("share", "share/a", "1/a"):
        tail = t.named("unit", "1/a") if unit != "share" else ""
        return f"{t.percent(value, digits)} {tail}".strip()
    known = unit.replace(currency, "CUR") if currency else unit
    words = t.texts.get(f"unit.{known}", unit if unit != "1" else "").format(currency=currency)
    return f"{t.number(value, digits)} {words}".strip()


def size_words(t: Words, size: str, area: int, country: str) -> tuple[str, str]:
    """A size of home in square metres; and in square feet where people count in them."""
    feet = t("home.feet", feet=t.plain(round(area * SQUARE_FEET, -2))) if country == "US" else ""
    return t("home.heading_size", name=t(f"home.{size}"), m2=area), feet
