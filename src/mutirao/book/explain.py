"""Where does this number come from: the terms behind a figure, each with its formula, inputs and sources."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from mutirao.book.bundle import Plan, parse_drivers
from mutirao.ground.findings import Finding, InputError

FILTERS = ("system", "measure", "kind", "boundary", "gpc", "carrier", "payer", "receiver", "basis")
PLACES = ("zone", "group", "tenure")


@dataclass(frozen=True)
class Input:
    """One driver of a formula."""

    name: str
    value: float
    power: int
    unit: str
    source: str
    steps: str


@dataclass(frozen=True)
class Line:
    """One term of a figure: value = quantity x inputs with power +1 / inputs with power -1."""

    meaning: str
    labels: str
    quantity: float
    quantity_unit: str
    decision: str
    inputs: tuple[Input, ...]
    value: float
    unit: str
    source: str


@dataclass(frozen=True)
class Explanation:
    """A figure and the lines that sum to it, largest first."""

    title: str
    total: float
    unit: str
    lines: tuple[Line, ...]


def explain(
    plan: Plan, account: str, period: int, places: dict[str, str] | None = None, filters: dict[str, str] | None = None
) -> Explanation:
    """Explain a figure of a plan.

    account : "carbon" (what the pledge binds, removals included, unless a boundary is asked for), "money",
    "energy", "benefit" or "welfare". places : zone, group, tenure to keep. filters : labels to keep.
    Raises InputError naming what is not in the book.
    """
    places, filters = dict(places or {}), dict(filters or {})
    rows = _rows(plan, account, period, places, filters)
    lines = [_line(plan, int(part["term"].iloc[0]), part) for _, part in rows.groupby("term", sort=False)]
    lines.sort(key=lambda line: -abs(line.value))
    total = sum(line.value for line in lines)
    where = ", ".join([*places.values(), *(f"{k} {v}" for k, v in filters.items())])
    title = f"{account} {where + ' ' if where else ''}in {period}, plan '{plan.name}'"
    unit = lines[0].unit if lines else ""
    return Explanation(title, total, unit, tuple(lines))


def _rows(plan: Plan, account: str, period: int, places: dict[str, str], filters: dict[str, str]) -> pd.DataFrame:
    book = plan.book
    if account not in set(book["account"]):
        raise _absent("account", account, book["account"])
    rows = book[book["account"] == account]
    if account == "carbon" and "boundary" not in filters:
        bound = [*plan.meta["city"]["pledge"]["boundaries"], "removal"]
        rows = rows[rows["boundary"].isin(bound)]
    if period not in set(book["period"]):
        raise _absent("period", str(period), book["period"].astype(str))
    rows = rows[rows["period"] == period]
    for column, wanted in {**places, **filters}.items():
        if wanted not in set(book[column]):
            raise _absent(column, wanted, book[column])
        rows = rows[rows[column] == wanted]
    return rows


def _absent(column: str, wanted: str, known: "pd.Series[str]") -> InputError:
    names = ", ".join(sorted({str(k) for k in known if str(k)})[:40])
    return InputError(Finding("book", None, column, f"nothing is posted under '{wanted}'.", f"There is: {names}."))


def _line(plan: Plan, number: int, part: pd.DataFrame) -> Line:
    term = plan.terms.loc[[number]].to_dict("records")[0]
    factor = float(plan.factors[number])
    cells = plan.cells.loc[part.index]
    quantity = float(cells["quantity"].sum())
    known = plan.drivers.set_index("name")
    inputs = _path(term, cells) + tuple(
        Input(
            name,
            float(known["value"][name]),
            power,
            str(known.at[name, "unit"]),
            str(known.at[name, "source"]),
            str(known.at[name, "steps"]),
        )
        for name, power in parse_drivers(str(term["drivers"])).items()
    )
    labels = [str(term[k]) for k in ("gpc", "carrier", "payer", "receiver", "basis", "boundary") if term[k]]
    return Line(
        str(term["meaning"]), ", ".join(labels), quantity, str(term["quantity_unit"]), _decision(term, cells), inputs,
        float((cells["quantity"] * cells["path"]).sum()) * factor, str(term["unit"]), str(term["source"]),
    )  # fmt: skip


def _path(term: Mapping[Hashable, Any], cells: pd.DataFrame) -> tuple[Input, ...]:
    """The given figure of the period; one value, because a figure is explained for one period."""
    if not term["path"]:
        return ()
    value = float(cells["path"].iloc[0])
    return (Input(str(term["path"]), value, 1, str(term["path_unit"]), str(term["path_source"]), ""),)


def _decision(term: Mapping[Hashable, Any], cells: pd.DataFrame) -> str:
    if not term["variable"]:
        return "given"
    what = f"decision {term['variable']}" + (f" {term['select']}" if term["select"] else "")
    coefficient = float(str(term["coefficient"]))
    if coefficient == coefficient and coefficient != 1.0:
        what += f" {float(cells['decision'].sum()):.6g} x {coefficient:.6g}"
    return what + (f", {len(cells)} cells" if len(cells) > 1 else "")


def as_text(e: Explanation, digits: int = 6, most: int = 0) -> str:
    """The explanation for people: each line with a formula that can be typed into a calculator."""
    shown: Sequence[Line] = e.lines[:most] if most else e.lines
    out = [f"{e.title}: {e.total:.{digits}g} {e.unit}", ""]
    for n, line in enumerate(shown, start=1):
        out.append(f"{n}. {line.meaning} [{line.labels}]: {line.value:.{digits}g} {line.unit}")
        out.append(f"   = {formula(line, digits)}")
        out.append(f"     quantity: {line.decision}; source: {line.source}")
        out += [f"     {i.name}: {i.source}" + (f" [{i.steps}]" if ";" in i.steps else "") for i in line.inputs]
    rest = e.lines[len(shown) :]
    if rest:
        out.append(f"{len(rest)} smaller terms: {sum(line.value for line in rest):.{digits}g} {e.unit}")
    return "\n".join(out)


def formula(line: Line, digits: int = 6) -> str:
    """quantity unit x driver value unit / driver value unit, as plain text."""
    text = f"{line.quantity:.{digits}g} {line.quantity_unit}"
    for i in line.inputs:
        text += f" {'x' if i.power > 0 else '/'} {i.name} {i.value:.{digits}g} {i.unit}".rstrip()
    return text
