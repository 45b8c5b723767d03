"""Where does this number come from: the terms behind a figure, each with its formula, inputs and sources."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mutirao.book.bundle import Plan, parse_drivers
from mutirao.book.terms import CITY_WIDE, INSIDE
from mutirao.ground.findings import Finding, InputError

FILTERS = ("system", "measure", "kind", "boundary", "gpc", "carrier", "payer", "receiver", "basis")
PLACES = ("zone", "group", "tenure")
#: Ways to sum payments that are no labels: what a party pays less what it receives, in the view "annuity" or "cash";
#: per "home", a mean home of the group, tenure or zone that is asked for; over "discounted", the sum over all years of
#: the plan in place of one. The party "inside" is everyone in the city together: what they pay to the outside.
VIEWS = ("party", "view", "per", "over")
TOGETHER, DISCOUNTED = "inside", "discounted"
YEARS_OF = "discounted_years_"


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
    "energy", "benefit" or "welfare". places : zone, group, tenure to keep. filters : labels to keep, and ``VIEWS``.
    Raises InputError naming what is not in the book.
    """
    places, filters = dict(places or {}), dict(filters or {})
    rows = _rows(plan, account, period, places, filters)
    apart = ["term", "homes", *(["period"] if "over" in filters else [])]
    lines = [_line(plan, int(part["term"].iloc[0]), part) for _, part in rows.groupby(apart, sort=False)]
    lines.sort(key=lambda line: -abs(line.value))
    total = sum(line.value for line in lines)
    where = ", ".join([*places.values(), *(f"{k} {v}" for k, v in filters.items())])
    when = f"from {plan.years[0]} to {plan.years[-1]}" if "over" in filters else f"in {period}"
    title = f"{account} {where + ' ' if where else ''}{when}, plan '{plan.name}'"
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
    one = rows[rows["period"] == period].assign(weight=0.0)
    rows = _over(plan, rows, filters["over"]) if "over" in filters else one
    for column, wanted in {**places, **filters}.items():
        if column in VIEWS:
            continue
        if wanted not in set(book[column]):
            raise _absent(column, wanted, book[column])
        kept = rows[column] == wanted
        # A home of a group also bears its part of what is booked to homes of all groups.
        shared = column == "group" and "per" in filters and set(places) == {"group"}
        rows = rows[kept | (rows[column] == CITY_WIDE["group"])] if shared else rows[kept]
    return _per_home(plan, _net(rows, filters), places, filters)


def _over(plan: Plan, rows: pd.DataFrame, over: str) -> pd.DataFrame:
    """Rows of all years of the plan with the ``weight`` that each has in the sum asked for."""
    if over != DISCOUNTED:
        raise _absent("over", over, pd.Series([DISCOUNTED]))
    weight = rows["period"].map(plan.weight("discount_weight")).fillna(0.0)  # the base year is before the plan
    return rows.assign(weight=weight)[weight > 0.0]


def _net(rows: pd.DataFrame, filters: Mapping[str, str]) -> pd.DataFrame:
    """Rows with a ``sign``: payments of the party asked for, what it receives taken off; every other row as it is."""
    view = filters.get("view", "annuity" if "party" in filters else "")
    if view:
        if view not in ("annuity", "cash"):
            raise _absent("view", view, pd.Series(["annuity", "cash"]))
        rows = rows[rows["basis"].isin(["running", view])]
    party = filters.get("party")
    if party is None:
        return rows.assign(sign=1.0)
    if party not in (*INSIDE, TOGETHER):
        raise _absent("party", party, pd.Series([*INSIDE, TOGETHER]))
    who = INSIDE if party == TOGETHER else (party,)
    pays = rows["payer"].isin(who)
    kept = pays ^ rows["receiver"].isin(who)
    return rows[kept].assign(sign=np.where(pays[kept], 1.0, -1.0))


def _per_home(
    plan: Plan, rows: pd.DataFrame, places: Mapping[str, str], filters: Mapping[str, str]
) -> pd.DataFrame:
    """Rows with the ``homes`` that bear them; 0 where a figure is not asked per home."""
    if "per" not in filters:
        return rows.assign(homes=0.0)
    if filters["per"] != "home" or "party" not in filters:
        raise _absent("per", filters["per"], pd.Series(["home, of the payments of a party"]))
    known = plan.facts[plan.facts["name"] == "households"]
    every = float(known["value"].sum())
    for column, wanted in places.items():
        known = known[known[column] == wanted]
    mine = float(known["value"].sum())
    if mine <= 0.0:
        raise _absent("per", "home", pd.Series(["places where somebody lives"]))
    wide = (rows["group"] == CITY_WIDE["group"]) & (places.get("group", CITY_WIDE["group"]) != CITY_WIDE["group"])
    return rows.assign(homes=np.where(wide, every, mine))


def _absent(column: str, wanted: str, known: "pd.Series[str]") -> InputError:
    names = ", ".join(sorted({str(k) for k in known if str(k)})[:40])
    return InputError(Finding("book", None, column, f"nothing is posted under '{wanted}'.", f"There is: {names}."))


def _line(plan: Plan, number: int, part: pd.DataFrame) -> Line:
    term = plan.terms.loc[[number]].to_dict("records")[0]
    factor = float(plan.factors[number])
    sign, homes = float(part["sign"].iloc[0]), float(part["homes"].iloc[0])
    cells = plan.cells.loc[part.index]
    quantity = sign * float(cells["quantity"].sum())
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
    unit, share = str(term["unit"]), 1.0
    if homes:
        currency = str(plan.meta["city"]["currency"])
        inputs += (
            Input("million", 1e6, 1, "", "a million", ""),
            Input("homes", homes, -1, "homes", "households of the city's tables", ""),
        )
        unit, share = f"{currency} per home and year", 1e6 / homes
    weight = float(part["weight"].iloc[0])
    if weight:
        years = "years that the milestone stands for, on straight lines, each discounted"
        inputs += (Input(f"{YEARS_OF}{int(part['period'].iloc[0])}", weight, 1, "a", years, ""),)
        unit, share = unit.removesuffix("/a"), share * weight
    labels = [str(term[k]) for k in ("gpc", "carrier", "payer", "receiver", "basis", "boundary") if term[k]]
    return Line(
        str(term["meaning"]), ", ".join(labels), quantity, str(term["quantity_unit"]), _decision(term, cells), inputs,
        sign * float((cells["quantity"] * cells["path"]).sum()) * factor * share, unit, str(term["source"]),
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
        unit = "" if i.unit == "1" else i.unit
        text += f" {'x' if i.power > 0 else '/'} {i.name} {i.value:.{digits}g} {unit}".rstrip()
    return text
