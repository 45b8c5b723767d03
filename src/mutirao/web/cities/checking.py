"""Checks of versions: asked for when a version arrives, done by the worker, read from what it left.

A run belongs to the app of runs, which knows cities, not the other way round; so runs are reached through a version.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from mutirao.ground.speech import SOURCE, language
from mutirao.web.cities.models import CityVersion
from mutirao.web.people.models import User

SYSTEMS = {"power": "electricity"}
"""Systems whose name has another meaning in plain words."""
WHOLE = "city"
"""The column of the coverage that stands for the city as a whole."""


@dataclass(frozen=True, order=True)
class Found:
    """One finding as it is shown: errors sort before notes, then by place."""

    rank: int
    file: str
    row: int
    column: str
    what: str
    mend: str

    @property
    def error(self) -> bool:
        return self.rank == 0

    @property
    def anchor(self) -> str:
        """The id of the cell it is about."""
        return anchor(self.file, self.row, self.column)


@dataclass(frozen=True)
class Graded:
    """What the figures that one system reads rest on: the grade of the whole, and zones by their grade."""

    system: str
    whole: str
    zones: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Check:
    """The newest check of a version, None where none was asked for, and what it found."""

    run: Any = None
    found: tuple[Found, ...] = ()
    coverage: tuple[Graded, ...] = ()
    not_given: tuple[str, ...] = ()

    @property
    def done(self) -> bool:
        return self.run is not None and self.run.state == "done"

    @property
    def failed(self) -> bool:
        return self.run is not None and self.run.state in ("failed", "cancelled")

    @property
    def errors(self) -> int:
        return sum(1 for one in self.found if one.error)

    @property
    def notes(self) -> int:
        return len(self.found) - self.errors

    def of(self, file: str) -> list[Found]:
        return [one for one in self.found if one.file == file]


def anchor(file: str, row: int, column: str) -> str:
    """The id of a cell on its page, such as ``people.csv-12-value``."""
    return f"{file}-{row}-{column}" if column else f"{file}-{row}"


def ask_check(version: CityVersion, user: User | None) -> Any:
    """Ask for the check of a version, once as long as one is waiting, going on or done; the run."""
    key = hashlib.sha256(f"check {version.pk} {version.sha256}".encode()).hexdigest()
    counted = version.runs.filter(inputs_hash=key).exclude(state__in=("failed", "cancelled"))
    if (known := counted.first()) is not None:
        return known
    try:
        with transaction.atomic():
            return version.runs.create(kind="check", asked={}, inputs_hash=key, asked_by=user)
    except IntegrityError:
        # Someone asked at the same moment; the database let one of us through.
        return counted.get()


def check_of(version: CityVersion) -> Check:
    """The newest check of a version in the reader's language; an empty one where none was asked for."""
    run = version.runs.filter(kind="check").order_by("-asked_at", "-pk").first()
    if run is None:
        return Check()
    record = result_of(run, "check.json") if run.state == "done" else {}
    said = spoken_part(record.get("languages", {}))
    found = [_found(one, rank) for rank, level in enumerate(("errors", "notes")) for one in said.get(level, ())]
    matrix = said.get("coverage") or {}
    return Check(
        run=run,
        found=tuple(sorted(found)),
        coverage=tuple(_graded(str(system), row) for system, row in matrix.items()),
        not_given=tuple(str(name) for name in said.get("not_given") or ()),
    )


def result_of(run: Any, name: str = "summary.json") -> dict[str, Any]:
    """What a finished run left under a name; empty where it left nothing readable."""
    file = Path(settings.KEPT) / "runs" / str(run.pk) / "result" / name
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def spoken_part(languages: Any) -> dict[str, Any]:
    """The part of a record in the reader's language, else in English."""
    if not isinstance(languages, Mapping):
        return {}
    part = languages.get(language()) or languages.get(SOURCE) or {}
    return dict(part) if isinstance(part, Mapping) else {}


def _letter(letter: str | None) -> str:
    return "–" if letter in (None, "-") else str(letter)


def _graded(system: str, letters: Mapping[str, str]) -> Graded:
    by_letter: dict[str, list[str]] = {}
    for zone, letter in letters.items():
        if zone != WHOLE:
            by_letter.setdefault(_letter(letter), []).append(zone)
    zones = tuple((letter, tuple(names)) for letter, names in sorted(by_letter.items()))
    return Graded(SYSTEMS.get(system, system), _letter(letters.get(WHOLE)), zones)


def _found(one: Mapping[str, Any], rank: int) -> Found:
    # A finding on a whole file has row 0, so that it stands before those on rows.
    return Found(
        rank, str(one.get("file", "")), int(one.get("row") or 0), str(one.get("column", "")), str(one.get("what", "")),
        str(one.get("mend", "")),
    )  # fmt: skip
