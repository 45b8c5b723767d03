"""The plan that a city leads with, as far as a card shows it: its first numbers, read from what its run left."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from mutirao.ground.speech import SOURCE, language
from mutirao.web.cities.models import City
from mutirao.web.people.models import Reader

NUMBERS = 3
"""Numbers of a plan on a card."""


@dataclass(frozen=True)
class Card:
    """A city with its leading plan, None where it has none, and the plan's first numbers."""

    city: City
    plan: Any
    numbers: tuple[dict[str, str], ...]


def cards(cities: Sequence[City], user: Reader) -> list[Card]:
    """Cities as the first page shows them, those with a plan first."""
    out = [Card(city, plan, numbers_of(plan)) for city in cities for plan in (leading_plan(city, user),)]
    return sorted(out, key=lambda card: (not card.numbers, card.plan is None))


def leading_plan(city: City, user: Reader) -> Any:
    """The plan that a city leads with, if the reader may see it."""
    plans: Any = city.plans
    return plans.visible_to(user).filter(leading=True).select_related("run").first()


def numbers_of(plan: Any) -> tuple[dict[str, str], ...]:
    """The first numbers of a finished plan in the reader's language: label, value, words."""
    if plan is None or plan.run.state != "done":
        return ()
    pages = Path(settings.KEPT) / "runs" / str(plan.run_id) / "result" / "pages"
    for code in (language(), SOURCE):
        if (pages / f"{code}.json").is_file():
            return _numbers(pages / f"{code}.json")
    return ()


@lru_cache(maxsize=256)
def _numbers(file: Path) -> tuple[dict[str, str], ...]:
    """Results never change, so a page of a plan is read once for its numbers."""
    record = json.loads(file.read_text(encoding="utf-8"))
    return tuple(dict(one) for one in record.get("numbers", ())[:NUMBERS])
