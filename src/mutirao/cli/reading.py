"""The city that a command is given: a folder of tables or a workbook, read by the declarations of the systems."""

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from mutirao.city.folder import City, read_city
from mutirao.city.workbook import is_workbook, read_workbook
from mutirao.ground.findings import Finding, InputError
from mutirao.model.system import System
from mutirao.plan.inputs import declared_variables

CityPath = Annotated[
    Path,
    typer.Argument(
        metavar="CITY",
        help="Folder of a city (cities/boston) or a workbook written by `mutirao export`.",
        show_default=False,
    ),
]
"""The argument CITY of every command."""


def existing(path: Path) -> Path:
    """The path itself where something is there. Raises InputError that names the nearest existing name."""
    if path.exists():
        return path
    parent = path.parent
    known = sorted(p.name for p in parent.iterdir() if not p.name.startswith(".")) if parent.is_dir() else []
    near = difflib.get_close_matches(path.name, known, 1, cutoff=0.5)
    what = "there is no such folder or file."
    if near:
        mend = f"Did you mean {parent / near[0]}?"
    elif not parent.is_dir():
        mend = f"The folder {parent} does not exist either; the path starts from {Path.cwd()}."
    else:
        mend = "Give a city folder (with city.toml) or a workbook; `mutirao template FOLDER` begins one."
    raise InputError(Finding(str(path), None, "", what, mend))


def given_city(path: Path, systems: Sequence[System]) -> City:
    """Read the city at a path. Raises InputError with every error, also where nothing is at the path."""
    existing(path)
    variables = declared_variables(systems)
    return read_workbook(path, variables) if is_workbook(path) else read_city(path, variables)


def new_file(path: Path, endings: Sequence[str] = (), overwrite: bool = False) -> Path:
    """The path itself where a file may be written to. Raises InputError for what stands in the way.

    ``endings`` are those the format goes with (".xlsx"); none given: any will do.
    """
    what, mend = "", ""
    if endings and path.suffix.lower() not in endings:
        what, mend = f"the file does not end in {' or '.join(endings)}.", f"Name it {path.with_suffix(endings[0])}."
    elif path.is_dir():
        what, mend = "this is a folder, not a file.", "Give the name of a file."
    elif not path.absolute().parent.is_dir():
        what, mend = f"the folder {path.parent} does not exist.", "Make it first or choose another place."
    elif path.exists() and not overwrite:
        what, mend = "the file is already there.", "Choose another name, or add --overwrite to replace it."
    if what:
        raise InputError(Finding(str(path), None, "", what, mend))
    return path
