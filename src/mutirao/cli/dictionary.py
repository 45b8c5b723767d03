"""The command `mutirao dictionary`: every table, variable, measure and parameter, from the declarations."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from mutirao.city.dictionary import data_dictionary
from mutirao.cli.console import say
from mutirao.cli.reading import new_file
from mutirao.ground.parameters import Parameter
from mutirao.ground.writing import write_text
from mutirao.model.system import System, installed_systems
from mutirao.plan.inputs import declared_measures, declared_variables, default_parameters

_HEADER = ("parameter", "value", "range", "unit", "prices of", "kind", "source", "note")


def dictionary(
    out: Annotated[Path | None, typer.Option(help="Markdown file to write; printed if left out.")] = None,
) -> None:
    """List every table, variable, measure and parameter, with unit, range and source, as Markdown.

    Examples:

      mutirao dictionary

      mutirao dictionary --out docs/data-dictionary.md
    """
    text = dictionary_text(installed_systems())
    if out is None:
        print(text, end="")
        return
    write_text(text, new_file(out, overwrite=True))
    say(f"Written: {out}")


def dictionary_text(systems: Sequence[System]) -> str:
    """The data dictionary as Markdown: tables and variables, measures, then parameters by system as shipped."""
    parts = [data_dictionary(declared_variables(systems), declared_measures(systems)).rstrip("\n"), ""]
    parts += [
        "## Parameters",
        "",
        "Default figures as shipped. A city overrides any of them in its own `parameters.csv`, a run with",
        "`--set name=value`. Money is in US dollars of the stated year and is restated in the city's currency.",
        "",
    ]
    known = list(default_parameters(systems).values())
    for system in dict.fromkeys(p.system for p in known):
        parts += [f"### {system}", "", *parameter_table([p for p in known if p.system == system]), ""]
    return "\n".join(parts)


def parameter_table(parameters: Sequence[Parameter]) -> list[str]:
    """Lines of a Markdown table with value, range, unit, price year, kind, source and note of each parameter."""
    lines = ["| " + " | ".join(_HEADER) + " |", "|" + "---|" * len(_HEADER)]
    for p in parameters:
        span = f"{p.low:.6g} to {p.high:.6g}" if p.uncertain else "certain"
        year = str(p.price_year or "")
        cells = (f"`{p.name}`", f"{p.value:.6g}", span, p.unit, year, p.kind, p.source, p.note)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return lines
