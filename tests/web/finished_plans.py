"""A small city with its plans, solved once, as the results that a run leaves behind."""

import json
import shutil
import tempfile
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings

from mutirao.book.bundle import Plan as Bundle
from mutirao.book.bundle import load_plan, save_plan
from mutirao.plan.pipeline import given_plans, pledged_plan
from mutirao.plan.rules import rules_in_force
from mutirao.web.cities.models import City, CityVersion
from mutirao.web.people.models import Organisation
from mutirao.web.plans.models import Plan
from mutirao.web.runs.models import Run
from tests.planned_cities import inputs_of, two_zones

CHAPTER = '<section id="plan" class="chapter"><h2>The plan</h2><p>Words of <a class="ask" href="explain/?x">42</a></p>'


@cache
def city_folder() -> Path:
    """The city's own files."""
    return two_zones(Path(tempfile.mkdtemp()) / "littleton")


@cache
def result() -> Path:
    """Bundles of business as adopted and of the plan under the rules; a page; a summary; files to take along."""
    inputs = inputs_of(city_folder())
    folder = Path(tempfile.mkdtemp()) / "result"
    none, adopted = given_plans(inputs)
    in_force, _off = rules_in_force(inputs.city)
    for bundle in (none, adopted, pledged_plan(inputs, "rules", in_force, adopted)):
        save_plan(bundle, folder / "plans" / bundle.name)
    rules = load_plan(folder / "plans" / "rules")
    (folder / "pages").mkdir()
    (folder / "pages" / "en.json").write_text(json.dumps(_page()), encoding="utf-8")
    (folder / "summary.json").write_text(json.dumps(_summary(rules)), encoding="utf-8")
    (folder / "book.csv").write_text("account,value\ncarbon,1\n", encoding="utf-8")
    (folder / "report.html").write_text("<!doctype html><title>report</title>", encoding="utf-8")
    return folder


def rules_bundle() -> Bundle:
    """The plan under the rules."""
    return load_plan(result() / "plans" / "rules")


def _page() -> dict[str, Any]:
    number = {"label": "Emissions", "value": "12 kt CO2e", "words": "in the last year",
              "ask": "plan=rules&account=carbon&period=2030"}  # fmt: skip
    return {
        "title": "Littleton: the plan under the rules", "lead": "The plan under the rules set by: nobody",
        "setters": "nobody", "note": "", "money_unit": "USD of 2024", "stamp": "plan 123", "numbers_title": "In short",
        "numbers": [number], "read": ["How to read them."],
        "notice": {"missed": ["The pledge of 2030 is missed."], "levers": [], "closest": ""},
        "chapters": [{"id": "plan", "title": "The plan", "html": CHAPTER + "</section>", "parts": []}],
        "charts": {"c": {"mark": "bar"}},
    }  # fmt: skip


def _summary(bundle: Bundle) -> dict[str, Any]:
    rows = bundle.measures.drop_duplicates("measure")[["measure", "meaning"]].to_dict("records")
    out = {"currency": "USD", "emissions": {"rules": {"2030": 12.0, "2050": 3.0}}, "extra_cost": -5.0}
    rules = [{"name": "benefit_share", "on": True}]
    return out | {"rules": rules, "measures": rows, "start_now": [rows[0]["measure"]]}


def planned_city(slug: str = "littleton", public: bool = True) -> City:
    """A city with one good version that has files."""
    city = City.objects.create(slug=slug, name=slug.title(), public=public)
    Organisation.objects.create(kind="city", name=f"City of {city.name}", city=city)
    target = settings.KEPT / "cities" / slug
    shutil.copytree(city_folder(), target)
    CityVersion.objects.create(
        city=city, number=1, sha256=slug.ljust(64, "0"), folder=f"cities/{slug}", state="good", public=public
    )
    return city


def finished_plan(city: City, title: str = "The plan", **given: Any) -> Plan:
    """A plan whose run is done."""
    asked = given.pop("asked", {})
    run = Run.objects.create(
        kind=given.pop("run_kind", "plan"), version=city.version, asked=asked, state="done",
        inputs_hash=sha256(f"{title}-{Run.objects.count()}".encode()).hexdigest(),
    )  # fmt: skip
    run.result.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(result(), run.result)
    return Plan.objects.create(city=city, run=run, title=title, made_by_name="Ana", **{"public": True, **given})
