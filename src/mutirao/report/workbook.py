"""A run as a workbook for people who work in spreadsheets: a sheet for each thing they ask for."""

import math
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from mutirao.report import names, tables
from mutirao.report.content import ReportContent

FILE = "book.xlsx"
#: Letters that a column is wide at most; a spreadsheet holds no more than so many in a cell.
WIDEST, LONGEST = 60, 32_000


def write_workbook(content: ReportContent, folder: Path) -> Path:
    """Write ``book.xlsx`` into a folder, whole or not at all. Cells of few homes are merged, as in every export."""
    made = Workbook()
    first = made.active
    assert isinstance(first, Worksheet)
    made.remove(first)
    for title, note, frame in sheets(content):
        _fill(made.create_sheet(title), note, frame)
    handle, fresh = tempfile.mkstemp(prefix=f".{FILE}-", dir=folder)
    os.close(handle)
    try:
        made.save(fresh)
        Path(fresh).chmod(0o644)
        os.replace(fresh, folder / FILE)
    finally:
        Path(fresh).unlink(missing_ok=True)
    return folder / FILE


def sheets(c: ReportContent) -> list[tuple[str, str, pd.DataFrame]]:
    """Every sheet: its name, one line on it with the unit, its table."""
    money = c.money_unit
    each = f"{money} per household and year: bills, fares, rent for works and loans, less grants"
    out = [
        ("summary", f"{c.city_title}: plan {c.plan.meta.get('id', '')}, {c.date}", _summary(c)),
        ("measures", "share of what is possible in the city, and amounts in the unit stated", _measures(c)),
        ("emissions", "kt CO2e a year that the pledge binds, removals taken off", _emissions(c)),
        ("emissions by source", "kt CO2e a year by boundary and GPC reference", _sources(c)),
        ("costs by payer", f"million {money} a year: what each pays less what it receives", _payers(c)),
        ("households by group", each, _homes(c)),
        ("parameters", "every figure that the plan multiplies with, with its range and source", _parameters(c)),
        ("rules", "fairness rules, who set them and what they cost", _rules(c)),
    ]
    if c.justice is not None:
        out.append(("homes", "homes of the base year; cells of few homes are merged", c.justice.groups))
    return out


def _summary(c: ReportContent) -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    base = tables.cost(c.adopted)[0]
    for name, plan in c.plans.items():
        paid, valued = tables.cost(plan)
        rows.append(
            {"plan": names.PLANS.get(name, name), "title": plan.title}
            | {f"kt CO2e {y}": float(v) for y, v in tables.emissions(plan).items()}
            | {
                f"payments, million {c.money_unit}, discounted": paid,
                "more than as adopted": paid - base,
                "valued effects": valued,
                "keeps every promise": "no" if len(tables.missed(plan)) else "yes",
            }
        )
    return pd.DataFrame(rows)


def _measures(c: ReportContent) -> pd.DataFrame:
    rows = [p.measures.assign(plan=names.PLANS.get(n, n)) for n, p in c.plans.items()]
    columns = ["plan", "measure", "meaning", "power", "period", "share", "amount", "potential", "unit"]
    return pd.concat(rows, ignore_index=True)[columns].rename(columns={"period": "year"})


def _emissions(c: ReportContent) -> pd.DataFrame:
    table = pd.DataFrame({names.PLANS.get(n, n): tables.emissions(p) for n, p in c.plans.items()})
    pledge = tables.path(c.plan).set_index("x")["y"]
    return table.assign(pledge=pledge.reindex(table.index)).rename_axis("year").reset_index()


def _sources(c: ReportContent) -> pd.DataFrame:
    parts = []
    for name, plan in c.plans.items():
        wide = plan.total("carbon", ("boundary", "gpc", "period")).unstack("period").fillna(0.0).reset_index()
        wide.insert(0, "plan", names.PLANS.get(name, name))
        wide.insert(3, "source", [names.gpc(str(g)) if g else "" for g in wide["gpc"]])
        parts.append(wide)
    return pd.concat(parts, ignore_index=True)


def _payers(c: ReportContent) -> pd.DataFrame:
    parts = []
    for view, words in (("annuity", "yearly repayment of investments"), ("cash", "investments in the year made")):
        change = tables.payers_change(c.plan, c.adopted) if view == "annuity" else _cash(c)
        parts.append(change.assign(view=words))
    return pd.concat(parts, ignore_index=True)[["view", "party", "year", "total", "change"]]


def _cash(c: ReportContent) -> pd.DataFrame:
    return tables.payers_change(c.plan, c.adopted, "cash")


def _homes(c: ReportContent) -> pd.DataFrame:
    label = names.groups(c.plan.meta)
    adopted = tables.household_bill(c.adopted)
    parts = []
    for name, plan in c.plans.items():
        bill = tables.household_bill(plan)
        both = {"pays": bill, "more than as adopted": bill - adopted}
        long = pd.DataFrame({k: v.rename_axis(columns="year").stack() for k, v in both.items()}).reset_index()
        parts.append(long.assign(plan=names.PLANS.get(name, name)))
    out = pd.concat(parts, ignore_index=True)
    out["group"] = [label.get(str(g), str(g)) for g in out["group"]]
    return out[["plan", "group", "year", "pays", "more than as adopted"]]


def _parameters(c: ReportContent) -> pd.DataFrame:
    columns = ["name", "value", "low", "high", "unit", "kind", "source", "note", "system", "steps"]
    return c.plan.drivers[[k for k in columns if k in c.plan.drivers]]


def _rules(c: ReportContent) -> pd.DataFrame:
    columns = ["name", "on", "words", "why_off", "set_by", "date", "how", "cost_total", "kept_words"]
    return pd.DataFrame([{k: getattr(r, k) for k in columns} for r in c.rules], columns=columns)


def _fill(sheet: Worksheet, note: str, frame: pd.DataFrame) -> None:
    """A line on the sheet, a head that stays in sight, the rows."""
    _row(sheet, 1, [note])
    sheet["A1"].font = Font(italic=True)
    _row(sheet, 3, [str(c).replace("_", " ") for c in frame])
    for cell in sheet[3]:
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    for at, values in enumerate(frame.itertuples(index=False, name=None), start=4):
        _row(sheet, at, values)
    sheet.freeze_panes = "A4"
    if len(frame):
        sheet.auto_filter.ref = f"A3:{get_column_letter(len(frame.columns))}{3 + len(frame)}"
    for at, column in enumerate(frame, start=1):
        longest = max([len(str(column)), *(len(str(v)) for v in frame[column].head(200) if isinstance(v, str))])
        sheet.column_dimensions[get_column_letter(at)].width = min(WIDEST, max(10, longest + 1))


def _row(sheet: Worksheet, at: int, values: Sequence[Any]) -> None:
    for column, value in enumerate(values, start=1):
        plain = value.item() if hasattr(value, "item") else value
        if plain is None or plain is pd.NA or (isinstance(plain, float) and not math.isfinite(plain)):
            continue
        if isinstance(plain, int | float):
            sheet.cell(at, column, plain)
            continue
        cell = sheet.cell(at, column, ILLEGAL_CHARACTERS_RE.sub("", str(plain))[:LONGEST])
        cell.data_type = "s"  # text that begins with "=" is text, never a formula
