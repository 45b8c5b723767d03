"""What is wrong with an input, said so that a planner can mend it."""

from collections.abc import Iterable
from dataclasses import dataclass

from mutirao.ground.speech import SOURCE, again, language, localised, say


@dataclass(frozen=True, order=True)
class Finding:
    """One thing found in an input: where it is, what is wrong and how to mend it.

    ``row`` counts as a spreadsheet does (the header is row 1); ``None`` means the whole file.
    ``level`` is "error" (the folder cannot be planned) or "note" (it can, but someone should know).
    """

    file: str
    row: int | None
    column: str
    what: str
    mend: str
    level: str = "error"

    def __str__(self) -> str:
        return f"{self.place()}: {again(self.what)} {again(self.mend)}".strip()

    def place(self) -> str:
        """Where it is: file, row and column as far as they are known, in the current language."""
        if self.row is None:
            return told("{file}, column '{column}'", file=self.file, column=self.column) if self.column else self.file
        if self.column:
            return told("{file}, row {row}, column '{column}'", file=self.file, row=self.row, column=self.column)
        return told("{file}, row {row}", file=self.file, row=self.row)


@dataclass(frozen=True)
class Phrase:
    """Words of ours in a place of a sentence: said in the language of the sentence, unlike words of a file."""

    text: str


@dataclass(frozen=True)
class _Place:
    """What stands in a place of a sentence; written by the format of the place whenever the sentence is said."""

    value: object

    def __format__(self, form: str) -> str:
        if isinstance(self.value, Phrase):
            return again(self.value.text)
        text = format(self.value, form)
        return localised(text) if "," in form and language() != SOURCE else text


def told(message: str, **given: object) -> str:
    """Say a sentence about an input: ``told("'{cell}' is not a year.", cell="20x0")``.

    Words and numbers of the file stay as they are written there, for they must be found again; a :class:`Phrase` and a
    number in a format with thousands (``{sum:,.0f}``) are said in the reader's language.
    """
    return say(message, **{name: _Place(value) for name, value in given.items()})


class Stop(Exception):
    """An end that is the user's to mend: its text is all that the command line prints, then it exits.

    ``exit_code`` is what the command line returns: 2 for input, 3 where no plan exists.
    """

    exit_code = 1


class InputError(Stop):
    """Input that cannot be used; carries the findings, each one clear sentence with place and mend."""

    exit_code = 2

    def __init__(self, findings: Iterable[Finding] | Finding):
        self.findings: tuple[Finding, ...] = (findings,) if isinstance(findings, Finding) else tuple(findings)
        super().__init__(self.findings)

    def __str__(self) -> str:
        return "\n".join(str(f) for f in self.findings)
