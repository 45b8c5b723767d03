"""Commands on a city's own figures: check, template, draft, export and import."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, cast

import pandas as pd
import typer
from rich.table import Table
from rich.text import Text

from mutirao.city.coverage import GRADE_WORDS, absent, coverage, share_by_grade
from mutirao.city.draft import Climate, Grid, default_share, draft_city
from mutirao.city.folder import City, write_city
from mutirao.city.template import write_template
from mutirao.city.variables import Variable
from mutirao.city.workbook import read_workbook, write_workbook
from mutirao.cli.console import counted, output, say, show_findings
from mutirao.cli.reading import CityPath, existing, given_city, new_file
from mutirao.ground.findings import Finding, InputError
from mutirao.model.system import installed_systems
from mutirao.plan.examine import check_record, examine_given
from mutirao.plan.inputs import declared_measures, declared_variables

NAMED = 4
"""Zones named in one line of the coverage table; the rest is counted."""


def check(
    city: CityPath,
    notes: Annotated[bool, typer.Option(help="Also list what does not hinder a plan but should be known.")] = True,
    everything: Annotated[bool, typer.Option("--all", help="List every finding, however many.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object for other programs.")] = False,
) -> None:
    """Check a city: every error and note with file, row, column and mend, and what its figures rest on.

    Ends with 0 when a plan can be made from it, with 2 when not.

    Examples:

      mutirao check cities/boston

      mutirao check my_city --no-notes

      mutirao check my_city.xlsx --json
    """
    systems = installed_systems()
    found, findings = examine_given(existing(city), systems)
    wrong = [finding for finding in findings if finding.level == "error"]
    variables = declared_variables(systems)
    if as_json:
        shown = findings if notes else wrong
        record = check_record(found, shown, variables)
        placed = {"city": record.pop("city"), "path": str(city), **record}
        print(json.dumps(placed, ensure_ascii=False, indent=2))
    else:
        show_findings(findings if notes else wrong, everything, output)
        if found is not None:
            _show_coverage(found, variables)
        hidden = len(findings) - len(wrong)
        say(f"{counted(len(wrong), 'error')}, {counted(hidden, 'note')}{'' if notes else ' (not shown)'}.")
        say("No plan can be made before the errors are mended." if wrong else f"Next: mutirao plan {city}")
    if wrong:
        raise typer.Exit(2)


def _show_coverage(city: City, variables: Sequence[Variable]) -> None:
    matrix = coverage(city, variables).T
    table = Table(title=f"What the figures of {city.settings.name} rest on (worst grade)", title_justify="left")
    table.add_column("zone", overflow="fold")
    for system in matrix.columns:
        table.add_column(str(system), justify="center")
    for zones, letters in _alike(matrix):
        table.add_row(Text(zones), *letters)
    output.print(table)
    say("; ".join(f"{letter} {words}" for letter, words in GRADE_WORDS.items()))
    shares = share_by_grade(city)
    parts = [f"{letter} {share:.0%}" for letter, share in shares.items()]
    say(f"Share of the {len(city.facts.frame):,} figures by grade: {', '.join(parts)}")
    for v in absent(city, variables):
        say(f"Not given: {v.name} ({v.unit}); instead: {v.default or 'nothing, it is left out'}")


def _alike(matrix: pd.DataFrame) -> list[tuple[str, list[str]]]:
    """One line for the city, then one line for all zones that have the same grades."""
    lines: dict[tuple[str, ...], list[str]] = {}
    for zone, row in matrix.drop(index="city").iterrows():
        lines.setdefault(tuple(str(letter) for letter in row), []).append(str(zone))
    out = [("the city as a whole", [str(letter) for letter in matrix.loc["city"]])]
    for letters, zones in lines.items():
        if len(lines) == 1:
            words = f"each of its {len(zones)} zones"
        else:
            rest = f" and {len(zones) - NAMED} more" if len(zones) > NAMED else ""
            words = ", ".join(zones[:NAMED]) + rest
        out.append((words, list(letters)))
    return out


def template(
    folder: Annotated[Path, typer.Argument(help="Where the new folder shall be; it must not hold anything yet.")],
) -> None:
    """Begin a city: an empty folder with every table, a README and an explained city.toml.

    Examples:

      mutirao template my_city
    """
    systems = installed_systems()
    write_template(folder, declared_variables(systems), declared_measures(systems))
    say(f"Written: {folder}. Begin with {folder / 'README.txt'}; then: mutirao check {folder}")


def draft(
    name: Annotated[str, typer.Argument(help="Name of the city.")],
    population: Annotated[float, typer.Option(help="People who live there.")],
    climate: Annotated[str, typer.Option(help="cold, temperate, warm or hot.")],
    grid: Annotated[str, typer.Option(help="Electricity of the grid: clean, mixed or fossil.")],
    base_year: Annotated[int, typer.Option(help="Year that the figures shall stand for.")],
    country: Annotated[str, typer.Option(help="Country, two letters (ISO 3166).")] = "US",
    currency: Annotated[str, typer.Option(help="Currency, three letters (ISO 4217).")] = "USD",
    latitude: Annotated[float | None, typer.Option(help="Degrees north; left out: that of the climate class.")] = None,
    longitude: Annotated[float, typer.Option(help="Degrees east.")] = 0.0,
    out: Annotated[Path | None, typer.Option(help="The new folder; the city's name if left out.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a city that is already there.")] = False,
) -> None:
    """Draft a first city from four inputs; every figure is a default and marked so.

    Examples:

      mutirao draft Aldeia --population 120000 --climate warm --grid clean --base-year 2022

      mutirao draft "New Town" --population 9e4 --climate cold --grid fossil --base-year 2021 --out my_city
    """
    # Words that are no class are refused by `draft_city`, which names those it knows.
    kind, power = cast(Climate, climate.strip().lower()), cast(Grid, grid.strip().lower())
    city = draft_city(name, population, kind, power, base_year, country, currency, latitude, longitude)
    folder = out or Path(name)
    write_city(city, folder, overwrite)
    frame = city.facts.frame
    default = frame["method"].isin(("default", "assumed")).mean()
    say(f"Written: {folder}. {default:.0%} of its {len(frame)} figures and {default_share(city):.0%} of its emissions")
    say(f"are defaults, not figures of {name}: replace them one by one; `mutirao check {folder}` shows what is left.")


def export(
    city: CityPath,
    xlsx: Annotated[Path | None, typer.Option(help="Write a workbook with one sheet per table.")] = None,
    folder: Annotated[Path | None, typer.Option(help="Write a folder of tables.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace what is already there.")] = False,
) -> None:
    """Write a city as one workbook or as a folder of tables; nothing is lost on the way.

    Examples:

      mutirao export cities/boston --xlsx boston.xlsx

      mutirao export boston.xlsx --folder boston_again
    """
    if xlsx is None and folder is None:
        what, mend = "nothing to write.", "Add --xlsx FILE.xlsx or --folder FOLDER."
        raise InputError(Finding("mutirao export", None, "", what, mend))
    target = None if xlsx is None else new_file(xlsx, (".xlsx",), overwrite)
    found = given_city(city, installed_systems())
    if target is not None:
        write_workbook(found, target)
        say(f"Written: {target}")
    if folder is not None:
        write_city(found, folder, overwrite)
        say(f"Written: {folder}")


def import_workbook(
    workbook: Annotated[Path, typer.Argument(metavar="FILE.xlsx", help="Workbook with one sheet per table.")],
    folder: Annotated[Path, typer.Argument(help="The city folder to write.")],
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a city that is already there.")] = False,
) -> None:
    """Read a city from a workbook and write it as a folder of tables.

    Nothing is written when the workbook has errors.

    Examples:

      mutirao import boston.xlsx cities/boston --overwrite
    """
    city = read_workbook(existing(workbook), declared_variables(installed_systems()))
    write_city(city, folder, overwrite)
    say(f"Written: {folder}; next: mutirao check {folder}")
