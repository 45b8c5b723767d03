"""A chapter of the report: words and figures, then its parts."""

from dataclasses import dataclass, field

import pandas as pd

from mutirao.model.figures import Figure, Section


@dataclass(frozen=True)
class KeyNumber:
    """A number that sums something up: what it counts, the number, a sentence on it, the question that explains it."""

    label: str
    value: str
    words: str
    ask: str = ""


@dataclass(frozen=True)
class Chapter:
    """A section of its own (heading of the second level) and the parts under it (third level)."""

    section: Section
    parts: tuple[Section, ...] = field(default=())
    numbers: tuple[KeyNumber, ...] = field(default=())


def table(name: str, title: str, frame: pd.DataFrame, unit: str, sources: tuple[str, ...], note: str = "") -> Figure:
    """A figure that is only its table."""
    return Figure(name, title, "table", frame, "", "", unit, sources, note=note)
