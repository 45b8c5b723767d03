"""What a finished plan left to read: its page in a language, its books, kept in memory a few at a time.

A finished run never changes, so what was read once stays true.
"""

from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
from django.http import Http404
from django.utils.html import json_script

from mutirao.book.bundle import Plan as Bundle
from mutirao.book.bundle import load_plan
from mutirao.ground.speech import SOURCE
from mutirao.report.publicbook import public_book
from mutirao.report.whatif import FixedPlan, fixed_plan
from mutirao.web.plans.models import Plan
from mutirao.web.runs.models import Run
from mutirao.web.runs.results import read_json

#: Bundles and summed plans that one process keeps; a bundle of a large city takes some tens of megabytes.
BUNDLES, SUMMED = 8, 16
RULES, ADOPTED = "rules", "adopted"


class Drawings(dict[str, Any]):
    """Specifications of a page's charts; as the text of a page's script they are written out once."""

    @cached_property
    def script(self) -> str:
        """The element that hands them to the browser."""
        return json_script(dict(self), "charts")


def finished(plan: Plan) -> Path:
    """The folder of a plan's results. Raises Http404 while there are none."""
    if plan.run.state != Run.State.DONE or not plan.run.result.is_dir():
        raise Http404("the run of this plan has no results")
    return plan.run.result


def page_of(plan: Plan, language: str) -> tuple[dict[str, Any], str]:
    """The page of a finished plan and the language it is in: the reader's, or English where there is none."""
    finished(plan)
    for code in (language, SOURCE):
        found: dict[str, Any] | None = read_json(plan.run, f"pages/{code}.json")
        if found is not None:
            if not isinstance(found["charts"], Drawings):
                found["charts"] = Drawings(found["charts"])
            return found, code
    raise Http404("the run of this plan has no pages")


def has_book(plan: Plan) -> bool:
    """Whether a plan is done and has a book that can be asked."""
    return plan.run.state == Run.State.DONE and (plan.run.result / "plans" / RULES / "bundle.json").is_file()


def books(plan: Plan) -> list[str]:
    """The names of the bundles of a finished plan: no action, as adopted, least cost, under the rules."""
    folder = finished(plan) / "plans"
    order = ("no_action", ADOPTED, "least_cost", RULES)
    known = [p.name for p in folder.iterdir() if (p / "bundle.json").is_file()] if folder.is_dir() else []
    return sorted(known, key=lambda n: (order.index(n) if n in order else len(order), n))


def bundle_of(plan: Plan, name: str = RULES) -> Bundle:
    """One bundle of a finished plan by name. Raises Http404 where there is none of that name."""
    if name not in books(plan):
        raise Http404("the run of this plan has no book of that name")
    return bundle_at(finished(plan) / "plans" / name)


def fixed_of(plan: Plan) -> FixedPlan:
    """The plan under the rules with business as adopted beside it, summed for what-if."""
    names = books(plan)
    if RULES not in names or ADOPTED not in names:
        raise Http404("the run of this plan has no book")
    return _fixed(finished(plan) / "plans")


def public_book_of(plan: Plan, name: str = RULES) -> pd.DataFrame:
    """The book of a finished plan as it may be handed out: entries of few homes joined with others. Raises Http404."""
    if name not in books(plan):
        raise Http404("the run of this plan has no book of that name")
    return _public_book(finished(plan) / "plans" / name)


@lru_cache(BUNDLES)
def _public_book(folder: Path) -> pd.DataFrame:
    return public_book(bundle_at(folder))


@lru_cache(BUNDLES)
def bundle_at(folder: Path) -> Bundle:
    """The bundle in a folder of results."""
    return load_plan(folder)


@lru_cache(SUMMED)
def _fixed(folder: Path) -> FixedPlan:
    return fixed_plan(bundle_at(folder / RULES), bundle_at(folder / ADOPTED))
