"""A run in short, as plain data: what lists, forms and other pages need without opening a bundle.

Texts are in English, as the catalogue has them; a sentence that was composed stands once more by language (``said``).
"""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from mutirao.book import terms as book
from mutirao.book.bundle import Plan
from mutirao.ground.speech import LANGUAGES, SOURCE, again, in_language
from mutirao.ground.writing import write_text
from mutirao.report import names, tables
from mutirao.report.content import Assessment, Headwinds, ReportContent
from mutirao.report.ranges import range_of

FILE = "summary.json"
PARAMETER = ("name", "value", "low", "high", "unit", "source", "kind", "system", "note")
#: A limit of which one unit more would save less than this (million currency, discounted) does not bind.
BINDS = 1e-9


def write_summary(content: ReportContent, folder: Path, languages: Sequence[str] = tuple(LANGUAGES)) -> Path:
    """Write ``summary.json`` into a folder, whole or not at all."""
    path = folder / FILE
    write_text(json.dumps(plain(summary_of(content, languages)), ensure_ascii=False, separators=(",", ":")), path)
    return path


def plain(value: Any) -> Any:
    """Data as JSON has it: keys are texts, what is not a finite number is nothing."""
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return float(f"{value:.9g}") if math.isfinite(value) else None
    return None if value is pd.NA or value is pd.NaT else value


def summary_of(c: ReportContent, languages: Sequence[str] = tuple(LANGUAGES)) -> dict[str, Any]:
    """The summary of a run. Money in million currency of the price year unless the key says otherwise.

    ``emissions``: plan -> year -> kt CO2e; ``costs``: measure, payer, receiver, kind, year, value (cash view, million a
    year); ``limits``: limits that bind, with the price of one unit in each year.
    """
    plan, city = c.plan, c.plan.meta["city"]
    paid, base = tables.cost(plan)[0], tables.cost(c.adopted)[0]
    low, high = range_of(c.draws, "cost")
    return {
        "title": c.city_title,
        "id": plan.meta.get("id", ""),
        "date": c.date,
        "demonstration": bool(city.get("demonstration")),
        "currency": city["currency"],
        "price_year": city["price_year"],
        "base_year": plan.base_year,
        "years": plan.years,
        "neutrality_year": city["pledge"].get("neutrality_year"),
        "targets": city["pledge"].get("targets") or [],
        "path": {int(y): float(v) for y, v in plan.meta["path"].items() if math.isfinite(float(v))},
        "emissions": {n: {int(str(y)): float(v) for y, v in tables.emissions(p).items()} for n, p in c.plans.items()},
        "payments": {n: tables.cost(p)[0] for n, p in c.plans.items()},
        "extra_cost": paid - base,
        "extra_cost_range": [low, high],
        "closest": bool(plan.meta.get("closest")),
        "promises_missed": [_said(w, languages) for w in c.collisions],
        "rules": [_rule(r, languages) for r in c.rules],
        "households": _households(c),
        "groups": [{"group": g, "name": words} for g, words in names.groups(plan.meta).items()],
        "measures": _measures(c),
        "costs": _costs(plan),
        "limits": _limits(plan),
        "wedges": _wedges(c),
        "parameters": _records(plan.drivers, *PARAMETER),
        "start_now": list(c.headwinds.start_now) if c.headwinds else [],
        "headwinds": _headwinds(c.headwinds, languages) if c.headwinds else None,
        "assessment": _assessment(c.assessment) if c.assessment else None,
        "checks": [
            {"system": k.system, "what": k.what, "holds": k.holds, "planned": k.planned, "simulated": k.simulated,
             "unit": k.unit}
            for k in c.checks or ()
        ],
    }  # fmt: skip


def _said(text: str, languages: Sequence[str]) -> dict[str, str]:
    """A text by language."""
    out = {}
    for code in dict.fromkeys((SOURCE, *languages)):
        with in_language(code):
            out[code] = again(text)
    return out


def _records(table: pd.DataFrame, *columns: str) -> list[dict[str, Any]]:
    shown = table[[c for c in columns if c in table]]
    return [{str(k): v for k, v in row.items()} for row in shown.to_dict("records")]


def _rule(r: Any, languages: Sequence[str]) -> dict[str, Any]:
    return {
        "name": r.name, "words": r.words, "said": _said(r.words, languages), "on": r.on,
        "why_off": _said(r.why_off, languages), "set_by": r.set_by, "date": r.date, "how": r.how,
        "cost_total": r.cost_total, "cost_share": r.cost_share,
    }  # fmt: skip


def _households(c: ReportContent) -> list[dict[str, Any]]:
    """What changes for a home of each income group against business as adopted, currency a year."""
    out = []
    for r in tables.household_change(c.plan, c.adopted).to_dict("records"):
        low, high = range_of(c.draws, f"household:{r['group']}:{r['year']}")
        out.append({"group": r["group"], "year": int(r["year"]), "change": r["value"], "low": low, "high": high})
    return out


def _measures(c: ReportContent) -> list[dict[str, Any]]:
    """Every measure with its share of what is possible and its amount by year, in the plan and as adopted."""
    as_adopted = c.adopted.measures.set_index(["measure", "period"])["share"].to_dict()
    out = []
    for name, rows in c.plan.measures.groupby("measure", sort=False):
        first = rows.iloc[0]
        years = [int(y) for y in rows["period"]]
        out.append(
            {
                "measure": str(name),
                "meaning": first["meaning"],
                "system": str(name).partition(".")[0],
                "power": first["power"],
                "unit": first["unit"],
                "share": dict(zip(years, rows["share"].astype(float), strict=True)),
                "amount": dict(zip(years, rows["amount"].astype(float), strict=True)),
                "potential": dict(zip(years, rows["potential"].astype(float), strict=True)),
                "adopted_share": {y: float(as_adopted.get((name, y), 0.0)) for y in years},
            }
        )
    return out


def _costs(plan: Plan) -> list[dict[str, Any]]:
    """What each measure costs whom in which year: cash view, million currency a year."""
    money = plan.select("money", basis=["running", "cash"])
    money = money[(money["measure"] != "") & money["period"].isin(plan.years) & money["payer"].isin(book.INSIDE)]
    by = ["measure", "payer", "receiver", "kind", "period"]
    table = money.groupby(by, sort=False)["value"].sum().reset_index().rename(columns={"period": "year"})
    table = table[table["value"].abs() > 1e-6]
    return _records(table, "measure", "payer", "receiver", "kind", "year", "value")


def _limits(plan: Plan) -> list[dict[str, Any]]:
    """Limits that bind, strongest first: what one unit more would save, million currency of the paying year."""
    known = plan.limits.drop_duplicates("limit").set_index("limit")
    out = []
    for name, rows in plan.duals[plan.duals["dual"].abs() > BINDS].groupby("limit", sort=False):
        prices = rows.groupby("period")["price"].apply(lambda p: float(p.abs().max()))
        kept: dict[Any, Any] = dict(known.loc[str(name)]) if name in known.index else {}
        out.append(
            {
                "limit": str(name),
                "family": str(rows["family"].iloc[0]),
                "meaning": str(kept.get("meaning", name)),
                "unit": str(rows["unit"].iloc[0]),
                "price": {int(str(y)): float(v) for y, v in prices.items()},
                "missed": float(kept.get("missed", 0.0)),
            }
        )
    return sorted(out, key=lambda r: -max(r["price"].values()))


def _wedges(c: ReportContent) -> list[dict[str, Any]]:
    """kt CO2e a year that each family of measures avoids, by year."""
    if c.wedges is None or not len(c.wedges):
        return []
    rows = c.wedges[c.wedges["period"].isin(c.plan.years)]
    return [
        {"family": str(f), "name": names.family(str(f)), "year": int(y), "value": float(v)}
        for f, y, v in zip(rows["family"], rows["period"], rows["value"], strict=True)
    ]


def _headwinds(h: Headwinds, languages: Sequence[str]) -> dict[str, Any]:
    cases = [
        r | {"said": _said(str(r["words"]), languages)}
        for r in _records(h.cases, *[str(c) for c in h.cases.columns])
    ]  # fmt: skip
    return {"first": h.first, "cases": cases, "steps": _records(h.steps, *[str(c) for c in h.steps.columns])}


def _assessment(a: Assessment) -> dict[str, Any]:
    return {
        "at_year": a.at_year,
        "unfunded_kt": a.unfunded_kt,
        "unknown_funding_kt": a.unknown_funding_kt,
        "outside_city_kt": a.outside_city_kt,
        "gap": _records(a.gap, "year", "pledge", "adopted", "gap"),
        "payers": _records(a.payers, *[str(c) for c in a.payers.columns]),
        "actions": _records(a.actions, *[str(c) for c in a.actions.columns]),
        "add_or_drop": _records(a.add_or_drop, *[str(c) for c in a.add_or_drop.columns]),
    }
