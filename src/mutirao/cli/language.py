"""The option ``--language`` of commands that write a page."""

from typing import Annotated

import typer

from mutirao.ground.findings import Finding, InputError
from mutirao.ground.speech import LANGUAGES

Language = Annotated[str, typer.Option(help=f"Language of the page: {', '.join(LANGUAGES)}.")]


def known_language(code: str) -> str:
    """The code of a language with a catalogue, in small letters. Raises InputError for any other."""
    known = code.strip().lower().replace("_", "-")
    if known not in LANGUAGES:
        what = f"there is no language '{code}'."
        raise InputError(Finding("--language", None, "", what, f"Use one of {', '.join(LANGUAGES)}."))
    return known
