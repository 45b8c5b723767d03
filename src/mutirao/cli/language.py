"""The option ``--language`` of commands that write a page; the sheets of a table call it ``--lang``."""

from collections.abc import Collection
from typing import Annotated

import typer

from mutirao.ground.findings import Finding, InputError
from mutirao.ground.speech import LANGUAGES

Language = Annotated[str, typer.Option(help=f"Language of the page: {', '.join(LANGUAGES)}.")]


def known_language(code: str, option: str = "--language", known: Collection[str] = tuple(LANGUAGES)) -> str:
    """The code of a language with a catalogue, in small letters. Raises InputError for any other, naming the option."""
    written = code.strip().lower().replace("_", "-")
    if written not in known:
        what = f"there is no language '{code}'."
        raise InputError(Finding(option, None, "", what, f"Use one of {', '.join(known)}."))
    return written
