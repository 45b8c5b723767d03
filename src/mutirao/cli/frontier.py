"""`mutirao frontier`: what carbon and one fairness rule cost together, drawn."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from mutirao.cli.language import Language, known_language
from mutirao.cli.run import inputs_of, progress_of, workers
from mutirao.ground.speech import SOURCE, in_language
from mutirao.model.system import installed_systems
from mutirao.plan.frontier import FOUND, Frontier
from mutirao.plan.frontier import frontier as draw_out
from mutirao.report.frontier import rule_words, write_frontier
from mutirao.report.words import number


def frontier(
    city: Annotated[Path, typer.Argument(help="The city's folder, such as cities/boston, or a workbook.")],
    rule: Annotated[
        str | None, typer.Option(help="The rule to vary, by name or whole, such as 'cvar worst=0.2 level=0.9'.")
    ] = None,
    levels: Annotated[
        str, typer.Option(help="Levels of the rule's number, such as 'off, 0.3, 0.5'; a few around the city's own.")
    ] = "",
    carbon: Annotated[
        int, typer.Option(help="How many levels of cumulative carbon, from as adopted to the plan under the rules.")
    ] = 6,
    out: Annotated[Path | None, typer.Option(help="Where to write; out/<folder name> if left out.")] = None,
    resolution: Annotated[str, typer.Option(help="quick, standard or final.")] = "quick",
    settings: Annotated[list[str] | None, typer.Option("--set", help="A parameter, as name=value; repeatable.")] = None,
    language: Language = SOURCE,
) -> None:
    """Draw what carbon and one fairness rule cost together, and what homes of each income group pay along the way.

    Example:  mutirao frontier cities/boston --rule benefit_share --levels "off, 0.4, 0.6"

    Example:  mutirao frontier cities/boston --rule "poverty_gap threshold=0.06 cut=0.5"

    Example:  mutirao frontier cities/boston --rule burden_cap --language es
    """
    reader = known_language(language)
    console = Console()
    systems = tuple(installed_systems())
    inputs = inputs_of(city, systems, resolution, settings or [])
    asked = [part for part in levels.split(",") if part.strip()]
    with progress_of(console) as say, workers() as pool:
        found = draw_out(inputs, rule, asked, carbon, say, pool)
    with in_language(reader):
        page = write_frontier(found, out or Path("out") / city.stem)
    _show(console, found, inputs.city.settings.currency)
    console.print(f"\nPage: [bold]{page}[/bold]\nTable: {page.with_suffix('.csv')}", soft_wrap=True)


def _show(console: Console, f: Frontier, currency: str) -> None:
    table = Table(title=f"Cost against business as adopted, million {currency}, discounted; rule: {rule_words(f.rule)}")
    table.add_column("emissions in all, kt CO2e at most")
    wide = f.points.pivot_table(index="carbon_kt", columns="level", values="cost", sort=False, dropna=False)
    for level in wide.columns:
        table.add_column(str(level), justify="right")
    for carbon_kt, row in wide.iterrows():
        table.add_row(number(float(str(carbon_kt)), 4), *(number(float(v), 3) for v in row))
    console.print(table)
    for missing in f.points[f.points["status"] != FOUND].to_dict("records"):
        at = f"{missing['level']}, {missing['carbon_kt']:,.0f} kt"
        console.print(f"{at}: {missing['status']}. {missing['why']}", highlight=False)
