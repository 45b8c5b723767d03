"""What the figures of a city must satisfy, in one table and between tables."""

from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from mutirao.city.columns import MOST, integers, listed, mapped, numbers
from mutirao.city.facts import ALL, CITY, METHODS, Facts
from mutirao.city.gwp import SETS
from mutirao.city.inventory_row import Row
from mutirao.city.settings import FILE as SETTINGS
from mutirao.city.settings import Settings
from mutirao.city.variables import Variable
from mutirao.ground.findings import Finding
from mutirao.ground.tables import ROW

INVENTORY = "inventory.csv"


def check_required(
    path: Path, variables: Sequence[Variable], fact_files: Sequence[str], always: Sequence[str]
) -> list[Finding]:
    """Find the files that a plan needs and the folder lacks, and tables whose name is not known."""
    findings = [
        Finding(name, None, "", "the file is missing.", f"Add {name} to the folder.")
        for name in always
        if not (path / name).is_file()
    ]
    for name in fact_files:
        needed = ", ".join(v.name for v in variables if v.file == name and v.required)
        if needed and not (path / name).is_file():
            what = f"the file is missing; it must hold {needed}."
            findings.append(Finding(name, None, "", what, f"Add {name} to the folder."))
    return findings


def check_facts(
    facts: Facts, settings: Settings, variables: Sequence[Variable], sources: Collection[str] | None
) -> list[Finding]:
    """Find every error of the figures; ``sources`` is None when they could not be read.

    Rules: known variable in its unit, detail, range and table; known zone, group, method, source;
    low <= value <= high; no figure twice; all zones (and groups) or none; required variables present.
    """
    by_name = {v.name: v for v in variables}
    frame = facts.frame
    findings = _unknown_words(frame, "variable", by_name, "no variable is called '{}'.")
    known = frame[frame["variable"].isin(list(by_name))]
    findings += _labels(frame, known, facts, by_name)
    findings += _units_and_ranges(known, by_name, settings.currency)
    findings += _origins(frame, sources)
    findings += _duplicates(frame)
    findings += _partial(known, facts, by_name)
    findings += check_present(frame, variables)
    return findings


def check_gwp(name: str) -> list[Finding]:
    """Find that the GWP set named in city.toml is not known."""
    if name in SETS:
        return []
    what = f"'{name}' is not a GWP set."
    mend = f"{mapped(name, SETS)}Write one of {', '.join(SETS)}."
    return [Finding(SETTINGS, None, "inventory.gwp", what, mend)]


def check_inventory_sources(rows: Sequence[Row], sources: Collection[str]) -> list[Finding]:
    """Find inventory figures without a source, and rows whose source is not in sources.csv."""
    findings = []
    for row in rows:
        if row.value is not None and not row.source:
            what = f"{row.year} {row.gpc} has no source."
            findings.append(Finding(INVENTORY, row.row, "source", what, "Write the id of its row in sources.csv."))
        elif row.source and row.source not in sources:
            what = f"'{row.source}' is not in sources.csv."
            mend = f"{mapped(row.source, sources)}Add a row with this id to sources.csv."
            findings.append(Finding(INVENTORY, row.row, "source", what, mend))
    return listed(findings)


def check_links(
    settings: Settings,
    years: Sequence[int] | None,
    designated: bool,
    parameters: pd.DataFrame | None,
    sources: Collection[str],
) -> list[Finding]:
    """Find what does not fit between tables: base year, designation, the city's own parameters.

    designated : whether ``designated.csv`` has rows.
    """
    findings = []
    if years is not None and settings.base_year not in years:
        have = f"it has {', '.join(str(y) for y in years)}" if years else "it has no year with a figure"
        what = f"there is no figure for the base year {settings.base_year}; {have}."
        findings.append(Finding(INVENTORY, None, "year", what, "Add the year or change base_year in city.toml."))
    for target in settings.pledge.targets:
        if years and target.of_year not in years:
            what = f"there is no figure for {target.of_year}, against which the target of {target.year} is set."
            mend = "Add that year, or state the target against a year that is reported."
            findings.append(Finding(INVENTORY, None, "year", what, mend))
    if settings.designation is not None and not designated:
        what = "city.toml has a [designation] but the file is missing."
        findings.append(Finding("designated.csv", None, "", what, "Add the rows or delete the section."))
    if parameters is not None:
        findings += _parameters(parameters, sources)
    return findings


def found(
    rows: pd.DataFrame,
    column: str,
    what: Callable[[dict[str, object]], str],
    mend: Callable[[dict[str, object]], str],
    level: str = "error",
) -> list[Finding]:
    """Make one finding per row of a frame with columns ``file``, ``row``; beyond ``MOST`` they are counted."""
    findings: list[Finding] = []
    for file, part in rows.groupby("file", sort=False):
        for record in part.head(MOST).to_dict("records"):
            values = {str(key): value for key, value in record.items()}
            findings.append(Finding(str(file), int(values["row"]), column, what(values), mend(values), level))
        if len(part) > MOST:
            more = f"{len(part) - MOST} more rows like these."
            findings.append(Finding(str(file), None, column, more, "Mend the first ones, then check again.", level))
    return findings


def _unknown_words(frame: pd.DataFrame, column: str, known: Collection[str], what: str) -> list[Finding]:
    rows = frame[~frame[column].isin(list(known))]
    shown = ", ".join(list(known)[:12])
    return found(
        rows,
        column,
        lambda r: what.format(r[column]),
        lambda r: mapped(str(r[column]), known) or f"Known: {shown}{' ...' if len(known) > 12 else ''}.",
    )


def _labels(frame: pd.DataFrame, known: pd.DataFrame, facts: Facts, by_name: dict[str, Variable]) -> list[Finding]:
    zones, groups = {CITY, *facts.zone_ids}, {ALL, *facts.group_ids}
    findings = found(
        frame[~frame["zone"].isin(list(zones))],
        "zone",
        lambda r: f"the zone '{r['zone']}' has no row in zones.csv, so it has no place.",
        lambda r: f"{mapped(str(r['zone']), zones)}Add it to zones.csv, or leave the cell blank for the whole city.",
    )
    findings += found(
        frame[~frame["group"].isin(list(groups))],
        "group",
        lambda r: f"the group '{r['group']}' is not among the [[groups]] of city.toml.",
        lambda r: f"{mapped(str(r['group']), groups)}Add it there, or leave the cell blank for all groups.",
    )
    detail = known["variable"].map({name: v.by for name, v in by_name.items()})
    for column, blank in (("zone", CITY), ("group", ALL)):
        # A city without zones.csv is its own single zone, so that CITY is no finer than the city.
        wrong = known[(known[column] != blank) & ~detail.str.contains(column).astype(bool)]
        findings += found(
            wrong,
            column,
            lambda r, column=column: f"{r['variable']} is not read by {column}.",  # type: ignore[misc]
            lambda r, column=column: f"Leave the {column} blank and give one figure.",  # type: ignore[misc]
        )
    files = known["variable"].map({name: v.file for name, v in by_name.items()})
    findings += found(
        known.assign(_home=files)[known["file"] != files],
        "variable",
        lambda r: f"{r['variable']} stands in {r['file']}.",
        lambda r: f"It is read, but its place is {r['_home']}.",
        "note",
    )
    return findings


def _units_and_ranges(known: pd.DataFrame, by_name: dict[str, Variable], currency: str) -> list[Finding]:
    unit = known["variable"].map({name: v.unit.replace("CUR", currency) for name, v in by_name.items()})
    findings = found(
        known.assign(_unit=unit)[known["unit"] != unit],
        "unit",
        lambda r: f"{r['variable']} is given in '{r['unit']}'.",
        lambda r: f"Convert the figure and write '{r['_unit']}'.",
    )
    least = known["variable"].map({name: v.minimum for name, v in by_name.items()})
    most = known["variable"].map({name: v.maximum for name, v in by_name.items()})
    limits = known.assign(_least=least, _most=most)
    findings += found(
        limits[limits["value"] < limits["_least"]],
        "value",
        lambda r: f"{r['value']:g} {r['unit']} is less than {r['variable']} can be ({r['_least']:g}).",
        lambda r: "Correct the figure; leave the cell blank where nothing is known.",
    )
    findings += found(
        limits[limits["value"] > limits["_most"]],
        "value",
        lambda r: f"{r['value']:g} {r['unit']} is more than {r['variable']} can be ({r['_most']:g}).",
        lambda r: "Correct the figure; look for a wrong unit or a slipped decimal point.",
    )
    for column, sign, wrong in (
        ("low", "above", known["low"] > known["value"]),
        ("high", "below", known["high"] < known["value"]),
    ):
        findings += found(
            known[wrong],
            column,
            lambda r, c=column, s=sign: f"{c} ({r[c]:g}) is {s} the value ({r['value']:g}).",  # type: ignore[misc]
            lambda r: "Put low, value and high in order, or leave low and high blank.",
        )
    return findings


def _origins(frame: pd.DataFrame, sources: Collection[str] | None) -> list[Finding]:
    findings = _unknown_words(frame, "method", METHODS, "'{}' does not say how the figure came about.")
    findings += found(
        frame[frame["source"] == ""],
        "source",
        lambda r: f"{r['variable']} has no source.",
        lambda r: "Write the id of its row in sources.csv; for an estimate of your own, add a row that says so.",
    )
    if sources is not None:
        findings += found(
            frame[(frame["source"] != "") & ~frame["source"].isin(list(sources))],
            "source",
            lambda r: f"'{r['source']}' is not in sources.csv.",
            lambda r: f"{mapped(str(r['source']), sources)}Add a row with this id to sources.csv.",
        )
    return findings


def _duplicates(frame: pd.DataFrame) -> list[Finding]:
    key = ["variable", "zone", "group", "year"]
    places = frame["file"] + " row " + frame["row"].astype(str)
    first = places.groupby([frame[k] for k in key]).transform("first")
    return found(
        frame.assign(_first=first)[frame.duplicated(key).to_numpy()],
        "variable",
        lambda r: f"{r['variable']} of {r['year']} for {_place(r)} is already in {r['_first']}.",
        lambda r: "Keep one of the two.",
    )


def _partial(known: pd.DataFrame, facts: Facts, by_name: dict[str, Variable]) -> list[Finding]:
    """A variable comes for all zones or none: a missing zone would be taken for an empty one."""
    findings: list[Finding] = []
    zoned = facts.zone_ids != (CITY,)
    kinds = (
        (zoned, known[(known["zone"] != CITY) & (known["group"] == ALL)], ["zone"]),
        (True, known[(known["zone"] == CITY) & (known["group"] != ALL)], ["group"]),
        (zoned, known[(known["zone"] != CITY) & (known["group"] != ALL)], ["zone", "group"]),
    )
    labels = {"zone": facts.zone_ids, "group": facts.group_ids}
    for applies, rows, dims in kinds:
        if not applies or rows.empty:
            continue
        wanted = pd.MultiIndex.from_product([labels[d] for d in dims])
        for name, part in rows.groupby("variable", sort=False):
            have = pd.MultiIndex.from_frame(part[dims])
            missing = wanted[~wanted.isin(have)]
            if len(missing):
                shown = ", ".join(" / ".join(label) for label in list(missing)[:5])
                more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
                what = f"{name} is given for some {'s and '.join(dims)}s only; missing: {shown}{more}."
                mend = "Give all of them or none; write 0 where there is none, an estimate where it is unknown."
                findings.append(Finding(by_name[str(name)].file, None, dims[0], what, mend))
    return findings


def check_present(frame: pd.DataFrame, variables: Sequence[Variable]) -> list[Finding]:
    """Find the required variables that have no figure at all."""
    have = set(frame["variable"])
    return [
        Finding(v.file, None, "variable", f"{v.name} is missing: {v.meaning}", f"Add rows in {v.unit}.")
        for v in variables
        if v.required and v.name not in have
    ]


def _parameters(parameters: pd.DataFrame, sources: Collection[str]) -> list[Finding]:
    file = "parameters.csv"
    rows = parameters.assign(file=file, row=_row_numbers(parameters))
    findings: list[Finding] = []
    table = rows.rename(columns={"row": ROW}) if ROW not in rows else rows
    value, low, high = (numbers(table, column, file, findings) for column in ("value", "low", "high"))
    integers(table, "price_year", file, findings)
    findings += found(
        rows[(rows["value"] == "").to_numpy()],
        "value",
        lambda r: f"{r['name']} has no value.",
        lambda r: "Write the value, or delete the row to keep the default.",
    )
    findings += found(
        rows[(low > value) | (high < value)],
        "low",
        lambda r: f"{r['name']}: low <= value <= high does not hold.",
        lambda r: "Put the three in order, or leave low and high blank.",
    )
    findings += found(
        rows[rows["source"] == ""],
        "source",
        lambda r: f"{r['name']} has no source.",
        lambda r: "Write the id of its row in sources.csv.",
    )
    findings += found(
        rows[(rows["source"] != "") & ~rows["source"].isin(list(sources))],
        "source",
        lambda r: f"'{r['source']}' is not in sources.csv.",
        lambda r: f"{mapped(str(r['source']), sources)}Add a row with this id to sources.csv.",
    )
    findings += found(
        rows[rows["name"].duplicated().to_numpy()],
        "name",
        lambda r: f"'{r['name']}' is given twice.",
        lambda r: "Keep one of the rows.",
    )
    return findings


def _row_numbers(frame: pd.DataFrame) -> "pd.Series[int]":
    if ROW in frame:
        return frame[ROW].astype("int64")
    return pd.Series(np.arange(2, len(frame) + 2), index=frame.index)


def _place(record: dict[str, object]) -> str:
    zone = "the whole city" if record["zone"] == CITY else f"zone {record['zone']}"
    return zone if record["group"] == ALL else f"{zone}, group {record['group']}"


def sorted_findings(findings: Iterable[Finding]) -> list[Finding]:
    """Sort findings by file, row and column, errors first within a place; each is listed once."""
    return sorted(set(findings), key=lambda f: (f.file, f.row or 0, f.column, f.level, f.what))
