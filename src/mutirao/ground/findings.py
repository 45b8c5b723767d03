"""What is wrong with an input, said so that a planner can mend it."""

from collections.abc import Iterable
from dataclasses import dataclass


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
        place = self.file
        if self.row is not None:
            place += f", row {self.row}"
        if self.column:
            place += f", column '{self.column}'"
        return f"{place}: {self.what} {self.mend}".strip()


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
        super().__init__("\n".join(str(f) for f in self.findings))
