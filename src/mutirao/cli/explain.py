"""`mutirao explain`: where a number comes from."""

from pathlib import Path
from typing import Annotated

import typer

from mutirao.book.bundle import Plan, load_plan
from mutirao.book.explain import FILTERS, as_text
from mutirao.book.explain import explain as explain_figure
from mutirao.ground.findings import Finding, InputError


def explain(
    folder: Annotated[Path, typer.Argument(help="What `mutirao plan` wrote, such as out/boston.")],
    account: Annotated[str, typer.Argument(help="carbon, money, energy, benefit or welfare.")],
    plan: Annotated[str, typer.Option(help="no_action, adopted, least_cost or rules.")] = "rules",
    period: Annotated[int | None, typer.Option(help="A milestone year; the last one if left out.")] = None,
    zone: Annotated[str | None, typer.Option(help="Only this zone.")] = None,
    group: Annotated[str | None, typer.Option(help="Only this income group.")] = None,
    tenure: Annotated[str | None, typer.Option(help="owner or renter.")] = None,
    where: Annotated[list[str] | None, typer.Option(help="A label, as name=value; repeatable.")] = None,
    digits: Annotated[int, typer.Option(help="Significant digits; 17 shows numbers exactly.")] = 6,
    most: Annotated[int, typer.Option(help="Show only the largest terms; 0 shows all.")] = 0,
) -> None:
    """Explain a figure: its terms with formula, inputs and sources; they sum to the figure in the report.

    Examples:

      mutirao explain out/boston carbon --plan rules --period 2030 --zone BOS-ROXBURY

      mutirao explain out/boston money --where payer=city --where basis=cash --period 2035
    """
    solved = _open(folder, plan)
    places = {k: v for k, v in (("zone", zone), ("group", group), ("tenure", tenure)) if v}
    filters = dict(_pair(text) for text in where or [])
    found = explain_figure(solved, account, period or solved.years[-1], places, filters)
    typer.echo(as_text(found, digits, most))


def _open(folder: Path, plan: str) -> Plan:
    plans = folder / "plans"
    known = sorted(p.name for p in plans.iterdir() if not p.name.startswith(".")) if plans.is_dir() else []
    if known and plan not in known:
        raise InputError(
            Finding(str(plans), None, "--plan", f"there is no plan '{plan}'.", f"There is: {', '.join(known)}.")
        )
    return load_plan(plans / plan if known else folder)


def _pair(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    if name not in FILTERS:
        raise InputError(
            Finding("--where", None, name, "is not a label of the book.", f"Use one of: {', '.join(FILTERS)}.")
        )
    return name, value
