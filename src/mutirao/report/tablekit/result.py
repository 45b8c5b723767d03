"""The page that sets a group's alternative beside the city's plan, votes and reasons word for word."""

from datetime import date
from typing import Any

from mutirao.report.html import environment
from mutirao.report.tablekit import shown
from mutirao.report.tablekit.alternatives import shown_years
from mutirao.report.tablekit.entered import OURS, Entered
from mutirao.report.tablekit.language import Words
from mutirao.report.tablekit.page import style
from mutirao.report.tablekit.shown import Cell

REFERENCE = "adopted"


def result_html(e: Entered, t: Words, file: str, folder: str, when: str = "") -> str:
    """The page of a group. ``file`` and ``folder`` say where the answers and the plans are kept."""
    a, base = e.answers, e.columns[REFERENCE]
    city = base.plan.meta["city"]
    currency = str(city["currency"])
    years = shown_years(base.plan)
    ends = [years[0], years[-1]] if len(years) > 1 else years
    parties, most = shown.payers(t, e.columns, REFERENCE)
    groups = shown.group_words(t, city.get("groups") or [], currency)
    top = max(s.high for c in e.columns.values() for s in c.tonnes.values())
    names = {REFERENCE: t("alternative.adopted"), "rules": t("result.city_rules"), OURS: a.group}
    columns = [
        {
            "name": names[n],
            "base": n == REFERENCE,
            "tonnes": shown.tonnes(t, c, [c.plan.years[0], *years], top),
            "pledge": shown.pledge_words(t, c),
            "cost": Cell(t("compare.cost_base")) if n == REFERENCE else shown.cost(t, c, currency),
            "payers": [shown.payer(t, c, p, most) for p in parties],
            "homes": {
                g.key: [
                    shown.amount(t, c.homes.span(g, y)) if n == REFERENCE else shown.change(t, c.home[g.key][y])
                    for y in ends
                ]
                for g in base.targets
            },
        }
        for n, c in e.columns.items()
    ]
    view: dict[str, Any] = {
        "t": t,
        "style": style(),
        "a": a,
        "city": str(city["name"]),
        "zone": e.zone_name,
        "currency": currency,
        "money": t("page.money", currency=currency, year=city["price_year"]),
        "date": when or date.today().isoformat(),
        "demonstration": bool(city.get("demonstration")),
        "columns": columns,
        "years": years,
        "ends": ends,
        "tonnes_years": [base.plan.years[0], *years],
        "payers": [t.named("payer", p) for p in parties],
        "targets": [(g.key, shown.target_words(t, g, groups)) for g in base.targets],
        "works": _works(e, t, years),
        "rules": _rules(e, t),
        "off": [t("result.rule_off", rule=shown.rule_words(t, {"name": n})) for n in e.left_out],
        "doubted": _doubted(e, t, currency),
        "together": "" if e.together is None else t("result.together", change=_signed(t, e.together, currency)),
        "votes": [(t(f"alternative.{v.alternative}"), v) for v in a.votes],
        "file": file,
        "folder": folder,
    }
    return environment().get_template("tablekit_result.html").render(**view)


def _works(e: Entered, t: Words, years: list[int]) -> list[dict[str, Any]]:
    """Every measure that some plan uses, as shares of what is possible, and what the group asked for."""
    tables = {n: c.plan.measures.set_index(["measure", "period"])["share"] for n, c in e.columns.items()}
    meaning = dict(zip(*(e.columns[OURS].plan.measures[c].astype(str) for c in ("measure", "meaning")), strict=True))
    out = []
    for m in dict.fromkeys(e.columns[OURS].plan.measures["measure"].astype(str)):
        asked = [
            t(f"result.at_{'least' if w.floor else 'most'}", share=t.percent(w.bound.share), year=w.bound.year)
            + (f" (“{w.why}”)" if w.why else "")
            for w in e.answers.wishes
            if w.bound.measure == m
        ]
        cells = {n: [float(s.get((m, y), 0.0)) for y in years] for n, s in tables.items()}
        if asked or any(v > 0.005 for row in cells.values() for v in row):
            said = {n: [t.percent(v) if v > 0.005 else "0 %" for v in row] for n, row in cells.items()}
            out.append({"name": t.named("measure", m, meaning[m]), "cells": list(said.values()), "asked": asked})
    return out


def _rules(e: Entered, t: Words) -> list[dict[str, str]]:
    return [
        {"words": shown.rule_words(t, r.note), "by": t("result.set_by", who=r.set_by, date=r.date, how=r.how)}
        for r in e.in_force
    ]


def _doubted(e: Entered, t: Words, currency: str) -> list[dict[str, str]]:
    return [
        {
            "words": t.named("parameter", d.parameter),
            "name": d.parameter,
            "was": shown.value_words(t, d.before, d.unit, currency),
            "now": shown.value_words(t, d.after, d.unit, currency),
            "why": d.why,
            "change": t("result.changes_none") if d.change is None else _signed(t, d.change, currency),
        }
        for d in e.doubted
    ]


def _signed(t: Words, change: float, currency: str) -> str:
    if abs(change) < 0.5:
        return t("number.same")
    return t("number.more" if change > 0 else "number.less", n=f"{t.number(abs(change))} {currency}")
