"""`mutirao assess`: the city's own plan judged, not optimised."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from mutirao.cli.language import Language, known_language
from mutirao.cli.run import inputs_of, progress_of
from mutirao.ground.speech import SOURCE, in_language
from mutirao.model.system import installed_systems
from mutirao.plan.assess import Assessment
from mutirao.plan.assess import assess as judge
from mutirao.plan.pipeline import given_plans, pledged_plan
from mutirao.plan.rules import rules_in_force
from mutirao.report.brief import write_brief
from mutirao.report.gather import assessment_content


def assess(
    city: Annotated[Path, typer.Argument(help="The city's folder, such as cities/boston, or a workbook.")],
    out: Annotated[Path | None, typer.Option(help="Where to write; out/<folder name> if left out.")] = None,
    resolution: Annotated[str, typer.Option(help="quick, standard or final.")] = "quick",
    settings: Annotated[list[str] | None, typer.Option("--set", help="A parameter, as name=value; repeatable.")] = None,
    language: Language = SOURCE,
) -> None:
    """Judge the city's own actions: the gap to the pledge, who pays, what is unfunded or out of the city's hands.

    Fixes what actions.csv holds as adopted and optimises nothing; then says what the optimiser would add or drop.
    Writes a two-page brief for a council.

    Example:  mutirao assess cities/boston
    """
    reader = known_language(language)
    console = Console()
    systems = tuple(installed_systems())
    inputs = inputs_of(city, systems, resolution, settings or [])
    folder = out or Path("out") / city.stem
    with progress_of(console) as say:
        none, adopted = given_plans(inputs, say)
        say("the plan under the rules, to compare with")
        rules, _ = rules_in_force(inputs.city)
        best = pledged_plan(inputs, "rules", rules, adopted)
        say("one action after the other")
        found = judge(inputs, none, adopted, best)
        content = assessment_content(found)
        with in_language(reader):
            page = write_brief(content, adopted.meta, folder)
    _show(console, found, inputs.city.settings.currency)
    console.print(f"\nBrief: [bold]{page}[/bold]", soft_wrap=True)


def _show(console: Console, a: Assessment, currency: str) -> None:
    gap = Table(title="Gap to the pledge, kt CO2e a year")
    for column in ("year", "pledge", "as adopted", "gap"):
        gap.add_column(column, justify="right")
    for row in a.gap.dropna().to_dict("records"):
        if row["year"] % 5 == 0 or row["gap"] == 0:
            gap.add_row(f"{row['year']:.0f}", *(f"{row[k]:,.0f}" for k in ("pledge", "adopted", "gap")))
    console.print(gap)
    paid = Table(title=f"Who pays (+) and gains (-) by the actions, million {currency}, discounted")
    paid.add_column("party")
    paid.add_column("difference to no action", justify="right")
    for row in a.payers.to_dict("records"):
        paid.add_row(row["party"], f"{row['difference']:+,.0f}")
    console.print(paid)
    year = a.at_year
    done = Table(title="The city's actions")
    for column in ("action", "measure", "in whose power", "funded", f"kt CO2e in {year}"):
        done.add_column(column)
    for row in a.actions.to_dict("records"):
        funded = (
            "unknown"
            if row["funded_share"] != row["funded_share"] or row["funded_share"] is None
            else f"{row['funded_share']:.0%}"
        )
        tonnes = f"{row[f'kt_{year}']:,.0f}" if row["modelled"] else f"not counted: {row['why']}"
        done.add_row(
            row["action"] + (" (proposed)" if row["status"] != "adopted" else ""),
            row["measure"],
            row["power"],
            funded,
            tonnes,
        )
    console.print(done)
    console.print(f"Without funding: {a.unfunded_kt:,.0f} kt; funding unknown: {a.unknown_funding_kt:,.0f} kt; "
                  f"outside the city's power: {a.outside_city_kt:,.0f} kt CO2e a year in {year}.",
                  highlight=False)  # fmt: skip
    change = Table(title=f"What the optimiser would add or drop, share of each measure in {year}")
    for column in ("measure", "as adopted", "plan", ""):
        change.add_column(column)
    for row in a.add_or_drop.to_dict("records"):
        change.add_row(row["meaning"], f"{row['adopted_share']:.0%}", f"{row['plan_share']:.0%}", row["words"])
    console.print(change)
