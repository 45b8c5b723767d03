"""`mutirao plan`: from a city folder to its plans and their report."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from mutirao.book.bundle import save_plan
from mutirao.city.check import check_city
from mutirao.cli.run import inputs_of, progress_of, summary, workers
from mutirao.model.system import installed_systems
from mutirao.plan.assess import assess
from mutirao.plan.build import Inputs
from mutirao.plan.headwinds import Headwinds, headwinds
from mutirao.plan.inputs import declared_measures, declared_variables
from mutirao.plan.pipeline import Progress, make_plans
from mutirao.report.gather import gather
from mutirao.report.page import write_report


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
) -> None:
    """Plan a city: business as adopted, least cost, the plan under the rules, and a report that explains them.

    Examples:

      mutirao plan cities/boston

      mutirao plan cities/boston --set heat_pump_cost=14000 --no-rule benefit_share --out out/cheap

      mutirao plan cities/boston --rule "burden_cap level=0.06 who=low_income" --set-by "Tenants' assembly"

      mutirao plan my_city --resolution standard --skip-headwinds
    """
    console = Console()
    systems = tuple(installed_systems())
    inputs = inputs_of(city, systems, resolution, settings or [], rule or [], set_by, set_how)
    folder = out or Path("out") / city.stem
    notes = check_city(inputs.city, declared_variables(systems), declared_measures(systems))
    with progress_of(console) as say:
        plans = make_plans(inputs, tuple(no_rule or ()), say)
        say("the city's own actions")
        judged = None if skip_assessment else assess(inputs, plans.no_action, plans.adopted, plans.rules)
        storms = None if skip_headwinds else _storms(inputs, resolution, say)
        say("writing the report")
        for one in plans.all.values():
            save_plan(one, folder / "plans" / one.name)
        content = gather(plans, judged, storms, [str(n) for n in notes])
        page = write_report(content, folder)
    summary(console, plans, judged, storms)
    console.print(f"\nReport: [bold]{page}[/bold]", soft_wrap=True)


def _storms(inputs: Inputs, resolution: str, say: Progress) -> Headwinds:
    with workers() as pool:
        return headwinds(inputs, resolution, progress=say, executor=pool)
