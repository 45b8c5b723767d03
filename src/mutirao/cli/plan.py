"""`mutirao plan`: from a city folder to its plans and their report."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from mutirao import __version__
from mutirao.city.asked import Asked
from mutirao.city.content import write_inputs
from mutirao.cli.language import Language, known_language
from mutirao.cli.run import inputs_of, progress_of, summary
from mutirao.ground.speech import SOURCE
from mutirao.model.system import installed_systems
from mutirao.worker.planning import Wanted, made, notes_on


def plan(
    city: Annotated[Path, typer.Argument(help="The city's folder, such as cities/boston, or a workbook.")],
    out: Annotated[Path | None, typer.Option(help="Where to write; out/<folder name> if left out.")] = None,
    resolution: Annotated[str, typer.Option(help="quick, standard or final.")] = "quick",
    settings: Annotated[list[str] | None, typer.Option("--set", help="A parameter, as name=value; repeatable.")] = None,
    rule: Annotated[
        list[str] | None, typer.Option(help="A fairness rule for this run, such as 'benefit_share=0.45'; repeatable.")
    ] = None,
    set_by: Annotated[str, typer.Option(help="Who sets the rules given by --rule; printed wherever they are.")] = "",
    set_how: Annotated[str, typer.Option(help="How they were decided, such as 'vote of the assembly'.")] = "",
    no_rule: Annotated[list[str] | None, typer.Option(help="Leave out a fairness rule by name; repeatable.")] = None,
    skip_headwinds: Annotated[bool, typer.Option("--skip-headwinds", help="Leave out the headwinds.")] = False,
    skip_assessment: Annotated[bool, typer.Option("--skip-assessment", help="Leave out the city's actions.")] = False,
    language: Language = SOURCE,
) -> None:
    """Plan a city: business as adopted, least cost, the plan under the rules, and a report that explains them.

    Examples:

      mutirao plan cities/boston

      mutirao plan cities/boston --set heat_pump_cost=14000 --no-rule benefit_share --out out/cheap

      mutirao plan cities/boston --rule "burden_cap level=0.06 who=low_income" --set-by "Tenants' assembly"

      mutirao plan my_city --resolution standard --skip-headwinds --language es
    """
    reader = known_language(language)
    console = Console()
    systems = tuple(installed_systems())
    inputs = inputs_of(city, systems, resolution, settings or [], rule or [], set_by, set_how)
    folder = out or Path("out") / city.stem
    wanted = Wanted(
        tuple(no_rule or ()), headwinds=not skip_headwinds, assessment=not skip_assessment, reader=reader
    )  # fmt: skip
    with progress_of(console) as say:
        run = made(inputs, folder, resolution, wanted, notes_on(inputs.city, systems), say)
    asked = Asked(
        resolution=resolution, rules=tuple(rule or ()), rules_off=tuple(no_rule or ()), settings=tuple(settings or ()),
        set_by=set_by, how=set_how, headwinds=not skip_headwinds, assessment=not skip_assessment,
    )  # fmt: skip
    write_inputs(city, asked.to_dict(), __version__, folder)
    summary(console, run.plans, run.judged, run.storms)
    console.print(f"\nReport: [bold]{run.page}[/bold]", soft_wrap=True)
