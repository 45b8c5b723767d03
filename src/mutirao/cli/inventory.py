"""Bring in, hand out, add up and check the inventory of a city, in the formats cities use.

`mutirao inventory COMMAND --help` explains each. FILE may be a table of this software, an eCRF workbook,
a CityCatalyst or C40 table, or a table of a city portal; its format is told from its columns.
"""

import difflib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal, get_args

import typer
from rich.table import Table

from mutirao.city.exchange import (
    FORMATS,
    Format,
    Imported,
    citycatalyst_losses,
    ecrf3_losses,
    read_any,
    write_citycatalyst,
    write_ecrf3,
    write_tidy_csv,
    write_tidy_xlsx,
)
from mutirao.city.folder import INVENTORY
from mutirao.city.gpc import LEVELS
from mutirao.city.gwp import SETS
from mutirao.city.inventory import Inventory, PublishedTotal, read_inventory, write_inventory
from mutirao.city.settings import FILE as SETTINGS
from mutirao.city.settings_file import read_settings
from mutirao.cli.console import complain, counted, output, say, show_findings
from mutirao.cli.reading import existing, new_file
from mutirao.ground.findings import Finding, InputError

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode="rich", help=__doc__)

Target = Literal["ecrf3", "citycatalyst", "csv", "xlsx"]
ENDINGS: dict[str, tuple[str, ...]] = {
    "ecrf3": (".xlsx",),
    "citycatalyst": (".csv",),
    "csv": (".csv",),
    "xlsx": (".xlsx",),
}
GAP = 1.0
"""A published total further than this (t CO2e) from the sum of its parts does not add up."""

Given = Annotated[Path, typer.Argument(metavar="CITY_OR_FILE", help="A city's folder or workbook, or a file.")]
CityName = Annotated[str, typer.Option("--city", help="Which city, where the file holds several.")]
Year = Annotated[int | None, typer.Option(help="The year, where the file does not say it or holds several.")]
FormatName = Annotated[
    str | None, typer.Option("--format", help=f"Format, if it is not told rightly: {', '.join(FORMATS)}.")
]
Unit = Annotated[str, typer.Option(help="Unit of the figures, where the header leaves a doubt: t, kt, kg.")]
Gwp = Annotated[str, typer.Option(help=f"GWP set of CO2e figures that name none: {', '.join(SETS)}.")]
Sectors = Annotated[
    list[str] | None,
    typer.Option("--sector", help='What a label of a portal table is: "Cars=II.1.1", "Total=BASIC"; repeatable.'),
]


@app.command("import")
def import_inventory(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to read.")],
    city: CityName = "",
    year: Year = None,
    format: FormatName = None,
    unit: Unit = "",
    gwp: Gwp = "",
    sector: Sectors = None,
    source: Annotated[str, typer.Option(help="Id in sources.csv for figures that name no source.")] = "",
    out: Annotated[Path, typer.Option(help="Where to write the inventory.")] = Path(INVENTORY),
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file that is already there.")] = False,
    despite_errors: Annotated[
        bool, typer.Option("--despite-errors", help="Write although the file contradicts itself.")
    ] = False,
) -> None:
    """Read an inventory in any known format and write it as inventory.csv.

    Nothing is written when published totals are not the sum of their parts, unless you say --despite-errors.

    Examples:

      mutirao inventory import ecrf.xlsx --out cities/aldeia/inventory.csv --source crf

      mutirao inventory import c40.csv --city Aldeia --year 2019

      mutirao inventory import portal.csv --unit t --sector "Cars=II.1.1" --sector "Total=BASIC"
    """
    target = new_file(out, (".csv",), overwrite)
    found = read_given(existing(file), year, format, unit, gwp, sector)
    inventory = of_year(chosen(found, city, file.name), year)
    mine = concerned(found, city)
    show_findings(mine)
    if any(f.level == "error" for f in mine) and not despite_errors:
        complain("Nothing was written: mend the file, or add --despite-errors to take the figures as they are.")
        raise typer.Exit(2)
    if source:
        rows = tuple(r if r.source or r.value is None else replace(r, source=source) for r in inventory.rows)
        inventory = replace(inventory, rows=rows)
    write_inventory(inventory.stated(), target)
    years = ", ".join(map(str, inventory.years))
    say(f"Written: {target} ({len(inventory.rows)} rows, {years})")
    named = list(dict.fromkeys(r.source for r in inventory.rows if r.source))
    if named:
        say(f"Each of these needs a row in sources.csv: {', '.join(named[:5])}{' ...' if len(named) > 5 else ''}")
    unnamed = sum(1 for r in inventory.rows if r.value is not None and not r.source)
    if unnamed:
        say(f"{unnamed} figures name no source; a city needs one for each: add --source ID (a row of sources.csv).")


@app.command("export")
def export_inventory(
    given: Given,
    to: Annotated[str, typer.Option(help=f"Format: {', '.join(get_args(Target))}.")],
    out: Annotated[Path, typer.Option(help="The file to write.")],
    year: Year = None,
    city: CityName = "",
    gwp: Gwp = "",
    allow_loss: Annotated[bool, typer.Option("--allow-loss", help="Write although something is lost.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file that is already there.")] = False,
) -> None:
    """Write an inventory in a format that others read; what the format would lose is listed first.

    Examples:

      mutirao inventory export cities/boston --to ecrf3 --out boston_crf.xlsx --allow-loss

      mutirao inventory export cities/boston --to csv --out boston.csv
    """
    if to not in ENDINGS:
        near = difflib.get_close_matches(to, ENDINGS, 1)
        mend = f"Did you mean {near[0]}?" if near else f"Choose one of: {', '.join(ENDINGS)}."
        raise InputError(Finding("--to", None, "", f"there is no format '{to}' to write.", mend))
    target = new_file(out, ENDINGS[to], overwrite)
    found = read_given(existing(given), year, gwp=gwp)
    inventory = chosen(found, city, given.name)
    if to != "citycatalyst":
        inventory = of_year(inventory, year)
    lost = losses_of(inventory, to, year)
    if lost and not allow_loss:
        mend = "Choose another format, or add --allow-loss."
        raise InputError(Finding(out.name, None, "", f"the format {to} cannot hold {loss}.", mend) for loss in lost)
    match to:
        case "ecrf3":
            write_ecrf3(inventory, target, city or place_name(given), allow_loss)
        case "citycatalyst":
            write_citycatalyst(inventory, target, year, allow_loss)
        case "csv":
            write_tidy_csv(inventory, target)
        case _:
            write_tidy_xlsx(inventory, target, set_of(inventory, gwp))
    for loss in lost:
        complain(f"note: {out.name}: lost: {loss}")
    say(f"Written: {target}")


@app.command("totals")
def totals(
    given: Given,
    year: Year = None,
    city: CityName = "",
    format: FormatName = None,
    unit: Unit = "",
    gwp: Gwp = "",
    sector: Sectors = None,
) -> None:
    """Add up the GPC totals by year and say how complete they are; published totals stand beside ours.

    Examples:

      mutirao inventory totals cities/boston

      mutirao inventory totals c40.csv --city Aldeia
    """
    found = read_given(existing(given), year, format, unit, gwp, sector)
    inventory = of_year(chosen(found, city, given.name), year)
    basis = set_of(inventory, gwp)
    published = [p for p in found.published if _mine(p.city, city, found) and p.year in inventory.years]
    output.print(totals_table(inventory, basis))
    wrong = False
    for total in sorted(published, key=lambda p: (p.year, LEVELS.index(p.level))):
        holds, words = compared(inventory, total, basis)
        wrong = wrong or not holds
        say(words)
    if not published and len(found.published):
        say("The source publishes totals, but none of these years.")
    for one in inventory.years:
        for sentence in gaps(inventory, one):
            say(sentence)
    if wrong:
        raise typer.Exit(2)


@app.command("check")
def check_inventory(
    given: Given,
    year: Year = None,
    city: CityName = "",
    format: FormatName = None,
    unit: Unit = "",
    gwp: Gwp = "",
    sector: Sectors = None,
) -> None:
    """Check an inventory: notation keys, double counting, unit slips, published totals against their parts.

    Ends with 0 without errors, with 2 otherwise.

    Examples:

      mutirao inventory check cities/boston

      mutirao inventory check c40.csv --city Aldeia
    """
    found = read_given(existing(given), year, format, unit, gwp, sector)
    findings = concerned(found, city)
    show_findings(findings, console=output)
    errors = sum(f.level == "error" for f in findings)
    say(f"{counted(errors, 'error')}, {counted(len(findings) - errors, 'note')}.")
    if errors:
        raise typer.Exit(2)


def losses_of(inventory: Inventory, to: str, year: int | None) -> list[str]:
    """What a format cannot hold of an inventory; our own tables hold everything."""
    if to == "ecrf3":
        return ecrf3_losses(inventory)
    return citycatalyst_losses(inventory, year) if to == "citycatalyst" else []


def read_given(
    path: Path,
    year: int | None = None,
    format: str | None = None,
    unit: str = "",
    gwp: str = "",
    sector: Sequence[str] | None = None,
) -> Imported:
    """Read the inventory of a city's folder, or of a file in any known format. Raises InputError."""
    if gwp and gwp not in SETS:
        raise InputError(Finding("--gwp", None, "", f"'{gwp}' is no GWP set.", f"Choose one of: {', '.join(SETS)}."))
    if path.is_dir():
        settings = read_settings(existing(path / SETTINGS))
        inventory = read_inventory(existing(path / INVENTORY), settings.gwp)
        return Imported({settings.name: inventory}, (), tuple(inventory.check()))
    kind: Format | None = None
    if format is not None:
        kind = next((known for known in FORMATS if known == format), None)
        if kind is None:
            mend = f"Choose one of: {', '.join(FORMATS)}."
            raise InputError(Finding("--format", None, "", f"there is no format '{format}'.", mend))
    return read_any(path, kind, year=year, gwp=gwp, unit=unit, sectors=_sectors(sector or ()))


def _sectors(pairs: Sequence[str]) -> dict[str, str]:
    out = {}
    for pair in pairs:
        label, sign, ref = pair.rpartition("=")
        if not sign:
            raise InputError(Finding("--sector", None, "", f"'{pair}' has no '='.", 'Write --sector "Cars=II.1.1".'))
        out[label.strip()] = ref.strip()
    return out


def chosen(found: Imported, city: str, file: str) -> Inventory:
    """The inventory of the city asked for (case does not matter), or the only one. Raises InputError."""
    name = _name(found, city)
    if name is not None:
        return found.inventories[name]
    names = list(found.inventories)
    near = difflib.get_close_matches(city, names, 3)
    some = ", ".join(near or names[:10]) + (" ..." if not near and len(names) > 10 else "")
    what = f"the file has no city '{city}'." if city else f"the file holds {len(names)} cities."
    raise InputError(Finding(file, None, "", what, f"Choose with --city: {some or 'it holds none'}."))


def _name(found: Imported, city: str) -> str | None:
    names = list(found.inventories)
    same = [name for name in names if name.casefold() == city.strip().casefold()]
    if same:
        return same[0]
    # A file of one nameless city is whatever city the user says it is.
    return names[0] if len(names) == 1 and (not city or not names[0]) else None


def _mine(name: str, city: str, found: Imported) -> bool:
    return name == _name(found, city)


def concerned(found: Imported, city: str) -> list[Finding]:
    """The findings on the city asked for; findings carry their city only as the start of their words."""
    if len(found.inventories) < 2 or not city:
        return list(found.findings)
    name = _name(found, city)
    rows = {row.row for row in found.inventories[name].rows} if name is not None else set()
    return [f for f in found.findings if f.row in rows or (f.row is None and f.what.startswith(f"{name} "))]


def of_year(inventory: Inventory, year: int | None) -> Inventory:
    """The rows of one year, or all. Raises InputError for a year that is not reported."""
    return inventory if year is None else replace(inventory, rows=inventory.in_year(year))


def set_of(inventory: Inventory, asked: str = "") -> str:
    """The GWP set to add up in: the one asked for, else the one stated, else AR5-100 (the GPC's usual one)."""
    if asked or inventory.gwp:
        return asked or inventory.gwp
    stated = {row.gwp for row in inventory.rows if row.gwp}
    return next(iter(stated)) if len(stated) == 1 else "AR5-100"


def totals_table(inventory: Inventory, gwp: str) -> Table:
    """Totals (t CO2e) and completeness of BASIC and BASIC+ by year."""
    table = Table(title=f"t CO2e a year ({gwp})", title_justify="left")
    table.add_column("year")
    for level in LEVELS:
        table.add_column(level, justify="right")
    for level in LEVELS[:2]:
        table.add_column(f"{level} answered", justify="right")
    for year in inventory.years:
        sums = inventory.totals(year, gwp)
        shares = [inventory.completeness(year, level) for level in LEVELS[:2]]
        parts = [f"{len(d.numbers) + len(d.keys)} of {d.required}" for d in shares]
        table.add_row(str(year), *(f"{sums[level]:,.0f}" for level in LEVELS), *parts)
    return table


def gaps(inventory: Inventory, year: int) -> list[str]:
    """What BASIC, and beyond it BASIC+, ask for in a year and the inventory does not answer."""
    basic, plus = (inventory.completeness(year, level) for level in LEVELS[:2])
    further = [ref for ref in plus.missing if ref not in basic.missing]
    words = []
    for title, refs in (("missing for BASIC", basic.missing), ("missing for BASIC+ besides", further)):
        words += [f"{year}, {title}: {', '.join(refs)}."] if refs else []
    refs = plus.unexplained
    return [*words, *([f"{year}, NE without a reason: {', '.join(refs)}."] if refs else [])]


def compared(inventory: Inventory, total: PublishedTotal, gwp: str) -> tuple[bool, str]:
    """Whether a published total is the sum of its parts (to ``GAP``), and the sentence that says so."""
    ours = inventory.total(total.year, total.level, gwp)
    gap = total.value - ours
    holds = abs(gap) <= GAP
    words = "equals the sum of its parts" if holds else f"differs from its parts ({ours:,.0f}) by {gap:+,.0f} t CO2e"
    return holds, f"{total.year} {total.level}: published {total.value:,.0f} t CO2e {words}."


def place_name(given: Path) -> str:
    """The name of the city whose folder is given; "" for a file, which carries its own or none."""
    return read_settings(given / SETTINGS).name if given.is_dir() else ""
