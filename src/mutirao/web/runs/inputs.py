"""What makes two runs equal: the same version of a city, the same question, the same software."""

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from mutirao import __version__
from mutirao.web.cities.models import CityVersion

#: Who asks and how it was decided. Printed only beside what was set: a target, a budget, a rule, a figure.
WHO = ("set_by", "how", "date")
SETS = ("neutrality_year", "targets", "budget_kt", "budgets", "rules", "settings")
#: Rooms that a solved plan passes through; a change to a web page makes no plan a different one.
SOLVING = ("ground", "city", "book", "justice", "model", "systems", "plan", "report", "worker")
CODE = (".py", ".csv", ".toml", ".html", ".po")


def inputs_hash(version: CityVersion, kind: str, asked: Mapping[str, Any]) -> str:
    """SHA-256 of all that a run's answer depends on: equal hash means equal answer.

    Who asks is left out unless the question sets something, for then the answer says who set it. The version counts,
    not its files alone: cities with equal files may belong to people who must not learn of each other.
    """
    sets_something = any(asked.get(name) for name in SETS)
    question = {k: v for k, v in asked.items() if k not in WHO or sets_something}
    figures = f"{version.pk} {version.sha256}"
    parts = (kind, figures, json.dumps(question, sort_keys=True, ensure_ascii=True), __version__, code_hash())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@cache
def code_hash() -> str:
    """SHA-256 of the installed library's code and parameter tables, read once per process."""
    digest = hashlib.sha256()
    for room in SOLVING:
        for name, content in _contents(files("mutirao").joinpath(room), room):
            digest.update(f"{name} {len(content)}\n".encode())
            digest.update(content)
    return digest.hexdigest()


def _contents(folder: Traversable, name: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for entry in sorted(folder.iterdir(), key=lambda e: e.name) if folder.is_dir() else []:
        if entry.is_dir():
            found += _contents(entry, f"{name}/{entry.name}")
        elif entry.name.endswith(CODE):
            found.append((f"{name}/{entry.name}", entry.read_bytes()))
    return found
