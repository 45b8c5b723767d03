"""`mutirao headwinds`: the plan when money ends, the grid stalls, a law fails, costs rise or years are lost."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from mutirao.cli.language import Language, known_language
from mutirao.cli.run import inputs_of, progress_of, workers
from mutirao.ground.speech import SOURCE, in_language
from mutirao.model.system import installed_systems
from mutirao.plan.headwinds import Headwinds, user_case
from mutirao.plan.headwinds import headwinds as blow
from mutirao.report.brief import write_headwinds
from mutirao.report.gather import headwinds_content


def headwinds(
    city: Annotated[Path, typer.Argument(help="The city's folder, such as cities/boston, or a workbook.")],
    case: Annotated[
        list[str] | None, typer.Option(help="A headwind of your own: 'name: parameter=value, ...'.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Where to write; out/<folder name> if left out.")] = None,
    resolution: Annotated[str, typer.Option(help="quick, standard or final.")] = "quick",
    settings: Annotated[list[str] | None, typer.Option("--set", help="A parameter, as name=value; repeatable.")] = None,
    language: Language = SOURCE,
) -> None:
    """Try the plan against five headwinds and one of your own; name the steps that are right in every case.

    Example:  mutirao headwinds cities/boston --case "dear power: electricity_price_residential=0.45"
    """
    reader = known_language(language)
    console = Console()
    systems = tuple(installed_systems())
    inputs = inputs_of(city, systems, resolution, settings or [])
    folder = out or Path("out") / city.stem
    extra = []
    for text in case or []:
        name, _, rest = text.partition(":")
        extra.append(user_case(name.strip(), [part.strip() for part in rest.split(",") if part.strip()]))
        extra[-1].change(inputs)  # an unknown parameter is said now, not after minutes of work
    with progress_of(console) as say:
        with workers() as pool:
            found = blow(inputs, resolution, extra, say, pool)
        meta = {**_meta(inputs.city.settings), "first": found.first}
        content = headwinds_content(found)
        with in_language(reader):
            page = write_headwinds(content, meta, folder)
    _show(console, found, inputs.city.settings.currency)
    console.print(f"\nPage: [bold]{page}[/bold]", soft_wrap=True)


def _meta(settings: object) -> dict[str, object]:
    """The part of a plan's meta that a page's head needs."""
    keys = ("name", "id", "country", "currency", "price_year", "boundary", "demonstration", "note")
    return {"city": {k: getattr(settings, k) for k in keys}}


def _show(console: Console, h: Headwinds, currency: str) -> None:
    table = Table(title="The plan under the rules in each headwind")
    for column in ("case", "every promise kept?", "neutral at the end?", f"cost, million {currency}", "at whose cost"):
        table.add_column(column)
    for row in h.cases.itertuples():
        kept = "yes" if row.kept else f"no: {row.missed_kt:,.0f} kt in {row.missed_year}"
        table.add_row(
            f"{row.case}: {row.words}",
            kept,
            "yes" if row.neutral else "no",
            f"{row.cost_change:+,.0f}",
            str(row.who_pays),
        )
    console.print(table)
    console.print("In the city's own power: " + str(h.cases["city_measures"].iloc[0]), highlight=False)
    console.print(
        f"Start now (right in every case by {h.first}): {', '.join(h.start_now) or 'nothing'}.", highlight=False
    )
