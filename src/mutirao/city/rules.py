"""What the figures of a city must satisfy, in one table and between tables."""

from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from mutirao.city.columns import MOST, first_of, integers, known_names, listed, mapped, numbers
from mutirao.city.facts import ALL, CITY, METHODS, Facts
from mutirao.city.gwp import SETS
from mutirao.city.inventory_row import Row
from mutirao.city.settings import FILE as SETTINGS
from mutirao.city.settings import Settings
from mutirao.city.variables import Variable
from mutirao.ground.findings import Finding, Phrase, told
from mutirao.ground.speech import together, word
from mutirao.ground.tables import ROW

INVENTORY = "inventory.csv"
_SOME_ONLY = {
    ("zone",): word("{variable} is given for some zones only; missing: {missing}."),
    ("group",): word("{variable} is given for some groups only; missing: {missing}."),
    ("zone", "group"): word("{variable} is given for some zones and groups only; missing: {missing}."),
}


def check_required(
    path: Path, variables: Sequence[Variable], fact_files: Sequence[str], always: Sequence[str]
) -> list[Finding]:
    """Find the files that a plan needs and the folder lacks, and tables whose name is not known."""
    findings = [
        Finding(name, None, "", "the file is missing.", told("Add {file} to the folder.", file=name))
        for name in always
        if not (path / name).is_file()
    ]
    for name in fact_files:
        needed = ", ".join(v.name for v in variables if v.file == name and v.required)
        if needed and not (path / name).is_file():
            what = told("the file is missing; it must hold {variables}.", variables=needed)
            findings.append(Finding(name, None, "", what, told("Add {file} to the folder.", file=name)))
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
    findings = _unknown_words(frame, "variable", by_name, word("no variable is called '{cell}'."))
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
    what = told("'{cell}' is not a GWP set.", cell=name)
    mend = together(mapped(name, SETS), told("Write one of {names}.", names=", ".join(SETS)))
    return [Finding(SETTINGS, None, "inventory.gwp", what, mend)]


def check_inventory_sources(rows: Sequence[Row], sources: Collection[str]) -> list[Finding]:
    """Find inventory figures without a source, and rows whose source is not in sources.csv."""
    findings = []
    for row in rows:
        if row.value is not None and not row.source:
            what = told("{year} {reference} has no source.", year=row.year, reference=row.gpc)
            findings.append(Finding(INVENTORY, row.row, "source", what, "Write the id of its row in sources.csv."))
        elif row.source and row.source not in sources:
            findings.append(Finding(INVENTORY, row.row, "source", *_unknown_source(row.source, sources)))
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
        base, have = settings.base_year, ", ".join(str(year) for year in years)
        what = told("there is no figure for the base year {year}; it has {years}.", year=base, years=have)
        if not years:
            what = told("there is no figure for the base year {year}; it has no year with a figure.", year=base)
        findings.append(Finding(INVENTORY, None, "year", what, "Add the year or change base_year in city.toml."))
    for target in settings.pledge.targets:
        if years and target.of_year not in years:
            what = told(
                "there is no figure for {of_year}, against which the target of {year} is set.",
                of_year=target.of_year,
                year=target.year,
            )
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
            more = told("{count} more rows like these.", count=len(part) - MOST)
            findings.append(Finding(str(file), None, column, more, "Mend the first ones, then check again.", level))
    return findings


def _unknown_words(frame: pd.DataFrame, column: str, known: Collection[str], what: str) -> list[Finding]:
    rows = frame[~frame[column].isin(list(known))]
    return found(
        rows,
        column,
        lambda r: told(what, cell=r[column]),
        lambda r: mapped(str(r[column]), known) or known_names(known),
    )


def _unknown_source(source: str, sources: Collection[str]) -> tuple[str, str]:
    what = told("'{source}' is not in sources.csv.", source=source)
    return what, together(mapped(source, sources), "Add a row with this id to sources.csv.")


def _labels(frame: pd.DataFrame, known: pd.DataFrame, facts: Facts, by_name: dict[str, Variable]) -> list[Finding]:
    zones, groups = {CITY, *facts.zone_ids}, {ALL, *facts.group_ids}
    findings = found(
        frame[~frame["zone"].isin(list(zones))],
        "zone",
        lambda r: told("the zone '{zone}' has no row in zones.csv, so it has no place.", zone=r["zone"]),
        lambda r: together(
            mapped(str(r["zone"]), zones), "Add it to zones.csv, or leave the cell blank for the whole city."
        ),
    )
    findings += found(
        frame[~frame["group"].isin(list(groups))],
        "group",
        lambda r: told("the group '{group}' is not among the [[groups]] of city.toml.", group=r["group"]),
        lambda r: together(mapped(str(r["group"]), groups), "Add it there, or leave the cell blank for all groups."),
    )
    detail = known["variable"].map({name: v.by for name, v in by_name.items()})
    for column, blank in (("zone", CITY), ("group", ALL)):
        # A city without zones.csv is its own single zone, so that CITY is no finer than the city.
        wrong = known[(known[column] != blank) & ~detail.str.contains(column).astype(bool)]
        findings += found(
            wrong,
            column,
            lambda r, column=column: told(  # type: ignore[misc]
                "{variable} is not read by {column}.", variable=r["variable"], column=column
            ),
            lambda r, column=column: told(  # type: ignore[misc]
                "Leave the {column} blank and give one figure.", column=column
            ),
        )
    files = known["variable"].map({name: v.file for name, v in by_name.items()})
    findings += found(
        known.assign(_home=files)[known["file"] != files],
        "variable",
        lambda r: told("{variable} stands in {file}.", variable=r["variable"], file=r["file"]),
        lambda r: told("It is read, but its place is {file}.", file=r["_home"]),
        "note",
    )
    return findings


def _units_and_ranges(known: pd.DataFrame, by_name: dict[str, Variable], currency: str) -> list[Finding]:
    unit = known["variable"].map({name: v.unit.replace("CUR", currency) for name, v in by_name.items()})
    findings = found(
        known.assign(_unit=unit)[known["unit"] != unit],
        "unit",
        lambda r: told("{variable} is given in '{unit}'.", variable=r["variable"], unit=r["unit"]),
        lambda r: told("Convert the figure and write '{unit}'.", unit=r["_unit"]),
    )
    least = known["variable"].map({name: v.minimum for name, v in by_name.items()})
    most = known["variable"].map({name: v.maximum for name, v in by_name.items()})
    limits = known.assign(_least=least, _most=most)
    findings += found(
        limits[limits["value"] < limits["_least"]],
        "value",
        lambda r: told(
            "{value:g} {unit} is less than {variable} can be ({least:g}).",
            value=r["value"],
            unit=r["unit"],
            variable=r["variable"],
            least=r["_least"],
        ),
        lambda r: "Correct the figure; leave the cell blank where nothing is known.",
    )
    findings += found(
        limits[limits["value"] > limits["_most"]],
        "value",
        lambda r: told(
            "{value:g} {unit} is more than {variable} can be ({most:g}).",
            value=r["value"],
            unit=r["unit"],
            variable=r["variable"],
            most=r["_most"],
        ),
        lambda r: "Correct the figure; look for a wrong unit or a slipped decimal point.",
    )
    for column, message, wrong in (
        ("low", word("low ({end:g}) is above the value ({value:g})."), known["low"] > known["value"]),
        ("high", word("high ({end:g}) is below the value ({value:g})."), known["high"] < known["value"]),
    ):
        findings += found(
            known[wrong],
            column,
            lambda r, c=column, m=message: told(m, end=r[c], value=r["value"]),  # type: ignore[misc]
            lambda r: "Put low, value and high in order, or leave low and high blank.",
        )
    return findings


def _origins(frame: pd.DataFrame, sources: Collection[str] | None) -> list[Finding]:
    findings = _unknown_words(frame, "method", METHODS, word("'{cell}' does not say how the figure came about."))
    findings += found(
        frame[frame["source"] == ""],
        "source",
        lambda r: told("{name} has no source.", name=r["variable"]),
        lambda r: "Write the id of its row in sources.csv; for an estimate of your own, add a row that says so.",
    )
    if sources is not None:
        findings += found(
            frame[(frame["source"] != "") & ~frame["source"].isin(list(sources))],
            "source",
            lambda r: _unknown_source(str(r["source"]), sources)[0],
            lambda r: _unknown_source(str(r["source"]), sources)[1],
        )
    return findings


def _duplicates(frame: pd.DataFrame) -> list[Finding]:
    key = ["variable", "zone", "group", "year"]
    by = frame.groupby(key)
    first = {"_file": by["file"].transform("first"), "_row": by["row"].transform("first")}
    return found(
        frame.assign(**first)[frame.duplicated(key).to_numpy()],
        "variable",
        lambda r: told(
            "{variable} of {year} for {homes} is already in {file} row {row}.",
            variable=r["variable"],
            year=r["year"],
            homes=_place(r),
            file=r["_file"],
            row=r["_row"],
        ),
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
                shown = first_of([" / ".join(label) for label in missing], 5)
                what = told(_SOME_ONLY[tuple(dims)], variable=name, missing=shown)
                mend = "Give all of them or none; write 0 where there is none, an estimate where it is unknown."
                findings.append(Finding(by_name[str(name)].file, None, dims[0], what, mend))
    return findings


def check_present(frame: pd.DataFrame, variables: Sequence[Variable]) -> list[Finding]:
    """Find the required variables that have no figure at all."""
    have = set(frame["variable"])
    return [
        Finding(
            v.file,
            None,
            "variable",
            told("{variable} is missing: {meaning}", variable=v.name, meaning=Phrase(v.meaning)),
            told("Add rows in {unit}.", unit=v.unit),
        )
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
        lambda r: told("{name} has no value.", name=r["name"]),
        lambda r: "Write the value, or delete the row to keep the default.",
    )
    findings += found(
        rows[(low > value) | (high < value)],
        "low",
        lambda r: told("{name}: low <= value <= high does not hold.", name=r["name"]),
        lambda r: "Put the three in order, or leave low and high blank.",
    )
    findings += found(
        rows[rows["source"] == ""],
        "source",
        lambda r: told("{name} has no source.", name=r["name"]),
        lambda r: "Write the id of its row in sources.csv.",
    )
    findings += found(
        rows[(rows["source"] != "") & ~rows["source"].isin(list(sources))],
        "source",
        lambda r: _unknown_source(str(r["source"]), sources)[0],
        lambda r: _unknown_source(str(r["source"]), sources)[1],
    )
    findings += found(
        rows[rows["name"].duplicated().to_numpy()],
        "name",
        lambda r: told("'{name}' is given twice.", name=r["name"]),
        lambda r: "Keep one of the rows.",
    )
    return findings


def _row_numbers(frame: pd.DataFrame) -> "pd.Series[int]":
    if ROW in frame:
        return frame[ROW].astype("int64")
    return pd.Series(np.arange(2, len(frame) + 2), index=frame.index)


def _place(record: dict[str, object]) -> Phrase:
    zone, group = record["zone"], record["group"]
    if zone == CITY:
        whole = group == ALL
        return Phrase(word("the whole city") if whole else told("the whole city, group {group}", group=group))
    if group == ALL:
        return Phrase(told("zone {zone}", zone=zone))
    return Phrase(told("zone {zone}, group {group}", zone=zone, group=group))


def sorted_findings(findings: Iterable[Finding]) -> list[Finding]:
    """Sort findings by file, row and column, errors first within a place; each is listed once."""
    return sorted(set(findings), key=lambda f: (f.file, f.row or 0, f.column, f.level, f.what))
