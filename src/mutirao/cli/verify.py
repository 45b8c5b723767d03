"""`mutirao verify`: re-simulate a stored plan in full detail."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from mutirao.book.bundle import load_plan
from mutirao.cli.reading import given_city
from mutirao.model.system import installed_systems


def verify(
    folder: Annotated[Path, typer.Argument(help="What `mutirao plan` wrote, such as out/boston.")],
    city: Annotated[Path, typer.Argument(help="The city's folder it was planned from.")],
    plan: Annotated[str, typer.Option(help="no_action, adopted, least_cost or rules.")] = "rules",
) -> None:
    """Re-simulate a plan independently of the optimiser and print every gap.

    Example:  mutirao verify out/boston cities/boston
    """
    console = Console()
    systems = installed_systems()
    solved = load_plan(folder / "plans" / plan)
    source = given_city(city, systems)
    table = Table(title=f"Independent re-simulation of plan '{plan}'")
    for column in ("system", "what", "planned", "simulated", "unit", "gap", "tolerated", ""):
        table.add_column(column)
    broken = 0
    for system in systems:
        for c in system.verify(solved, source):
            broken += not c.holds
            table.add_row(c.system, c.what, f"{c.planned:.5g}", f"{c.simulated:.5g}", c.unit, f"{c.gap:.1e}",
                          f"{c.tolerance:.1e}", "holds" if c.holds else "does not hold")  # fmt: skip
    console.print(table)
    raise typer.Exit(1 if broken else 0)
