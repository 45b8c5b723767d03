"""What lies beside a report for machines and spreadsheets: the book, the measures, the plans in short."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from mutirao.book.bundle import Plan
from mutirao.report import tables
from mutirao.report.content import ReportContent
from mutirao.report.publicbook import public_book

#: A spreadsheet takes a cell that begins with one of these for a formula.
FORMULA = ("=", "@", "+", "\t", "\r")


def write_exports(content: ReportContent, folder: Path) -> list[Path]:
    """Write book.parquet (every entry of every plan), book.csv (the plan under the rules, for spreadsheets),
    measures.csv, parameters.csv, checks.csv, carbon_by_zone.csv and plans.json into a folder. Cells of few homes are
    merged; where justice was read, groups.csv (homes by group) and energy_poverty.csv too. The bundles of plans, which
    this software itself reads, keep small cells."""
    books = {name: public_book(p) for name, p in content.plans.items()}
    book = pd.concat([b.assign(plan=name) for name, b in books.items()], ignore_index=True)
    book = book[["plan", *[c for c in book if c != "plan"]]]
    measures = pd.concat([p.measures.assign(plan=name) for name, p in content.plans.items()], ignore_index=True)
    measures = measures[["plan", *[c for c in measures if c != "plan"]]]
    paths = [
        folder / n for n in ("book.csv", "book.parquet", "measures.csv", "plans.json", "parameters.csv", "checks.csv")
    ]
    mine = books["rules"]
    write_csv(mine.assign(value=mine["value"].map("{:.6g}".format)), paths[0])
    book.to_parquet(paths[1], index=False)
    write_csv(measures, paths[2])
    summary = {name: in_short(p, content.adopted) for name, p in content.plans.items()}
    paths[3].write_text(json.dumps(summary, indent=1, default=str, ensure_ascii=False), encoding="utf-8")
    write_csv(content.plan.drivers, paths[4])
    zones = folder / "carbon_by_zone.csv"
    write_csv(tables.zone_emissions(content.plan), zones)
    paths.append(zones)
    columns = ["system", "what", "planned", "simulated", "unit", "tolerance", "gap", "holds"]
    checks = [[getattr(k, name) for name in columns] for k in content.checks or ()]
    write_csv(pd.DataFrame(checks, columns=columns), paths[5])
    if content.justice is not None:
        for name, table in (("groups.csv", content.justice.groups), ("energy_poverty.csv", content.justice.indicators)):
            write_csv(table, folder / name)
            paths.append(folder / name)
    return paths


def write_csv(table: pd.DataFrame, file: Path) -> None:
    """Write a table for spreadsheets: a text that one would read as a formula begins with an apostrophe."""
    texts = table.select_dtypes(include=["object", "str", "string"]).columns
    harmless = {c: table[c].map(lambda v: f"'{v}" if isinstance(v, str) and v[:1] in FORMULA else v) for c in texts}
    table.assign(**{str(c): v for c, v in harmless.items()}).to_csv(file, index=False)


def in_short(plan: Plan, reference: Plan) -> Mapping[str, Any]:
    """A plan in a few figures, each with its unit in the name."""
    paid, valued = tables.cost(plan)
    return {
        "title": plan.title,
        "id": plan.meta["id"],
        "city": plan.meta["city"]["name"],
        "demonstration": plan.meta["city"]["demonstration"],
        "currency": plan.meta["city"]["currency"],
        "price_year": plan.meta["city"]["price_year"],
        "years": plan.years,
        "emissions_kt_co2e": {int(str(y)): float(v) for y, v in tables.emissions(plan).items()},
        "payments_discounted_million": paid,
        "valued_effects_discounted_million": valued,
        "payments_beyond_business_as_adopted_million": paid - tables.cost(reference)[0],
        "limits_missed": {str(r["limit"]): float(r["missed"]) for r in tables.missed(plan).to_dict("records")},
        "solver": plan.meta["solve"],
        "versions": plan.meta["versions"],
    }
