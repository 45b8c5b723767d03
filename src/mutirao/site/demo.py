"""The demonstration on a fresh site: a city, and its plan where one was made before, else a run that makes it."""

import json
import logging
import os
import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from mutirao import __version__
from mutirao.city.asked import Asked
from mutirao.city.content import INPUTS, content_hash
from mutirao.city.settings_file import read_settings
from mutirao.ground.findings import InputError
from mutirao.web.cities.checking import ask_check
from mutirao.web.cities.models import City, CityVersion
from mutirao.web.plans.models import Plan
from mutirao.web.runs.inputs import inputs_hash
from mutirao.web.runs.models import Run
from mutirao.web.runs.queue import COUNTED, ask

log = logging.getLogger("mutirao.demo")

SLUG = "boston"
ROOT = Path(__file__).resolve().parents[3]
#: What a finished result must hold to be shown as a plan, and what else of it is taken along.
NEEDED = ("summary.json", "pages/en.json", "plans/rules/bundle.json", "plans/adopted/bundle.json", INPUTS)
FOLDERS = ("plans", "pages")
#: Parts that may be left out of a plan and it is still the city's own, under the city's own settings.
PARTS = ("headwinds", "assessment", "resolution")
BY = "Mutirão"


def bring_demonstration() -> None:
    """Put the demonstration city and its plan on this site, once; what is there already stays as it is.

    MUTIRAO_DEMO names its folder and MUTIRAO_DEMO_OUT what ``mutirao plan`` has made of it; without them the
    repository's ``cities/boston`` and ``out/boston``.
    """
    folder = Path(os.environ.get("MUTIRAO_DEMO") or ROOT / "cities" / SLUG)
    if not (folder / "city.toml").is_file():
        log.info("There is no demonstration city at hand; the site begins empty.")
        return
    try:
        with transaction.atomic():
            version = _version(folder)
            if not version.city.plans.filter(leading=True).exists():
                _plan(version, Path(os.environ.get("MUTIRAO_DEMO_OUT") or ROOT / "out" / SLUG))
    except IntegrityError:
        log.info("Another process is bringing the demonstration city.")
    except (InputError, OSError) as error:
        log.warning("The demonstration city could not be brought: %s", error)


def _version(folder: Path) -> CityVersion:
    """The newest version of the demonstration; a new one where the folder has changed."""
    name = read_settings(folder / "city.toml").name
    city, _ = City.objects.get_or_create(slug=SLUG, defaults={"name": name, "public": True, "demonstration": True})
    sha = content_hash(folder)
    known: CityVersion | None = city.versions.filter(sha256=sha).first()
    if known is not None:
        return known
    target = Path(settings.KEPT) / "cities" / sha
    if not target.exists():
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = target.with_name(f".{sha}.part")
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(folder, fresh)
        fresh.replace(target)
    newest = city.versions.first()
    version = CityVersion.objects.create(
        city=city, number=newest.number + 1 if newest else 1, sha256=sha, folder=f"cities/{sha}",
        state=CityVersion.State.GOOD, public=True,
    )  # fmt: skip
    ask_check(version, None)
    log.info("The demonstration city is here.")
    return version


def _plan(version: CityVersion, made: Path) -> None:
    """The city's own plan: from what was made before of the same figures, else a run that makes it."""
    asked = _asked_there(version, made)
    run = _brought(version, made, asked) if asked is not None else ask(version, Run.Kind.PLAN, {}, None)
    Plan.objects.create(
        city=version.city, run=run, title=f"{version.city.name}: the plan under the city's own settings",
        made_by_name=BY, public=True, leading=True,
    )  # fmt: skip


def _asked_there(version: CityVersion, made: Path) -> dict[str, Any] | None:
    """What was asked of a finished result; None where it is none, of other figures, or not the city's own plan."""
    if not all((made / name).is_file() for name in NEEDED):
        return None
    try:
        inputs = json.loads((made / INPUTS).read_text(encoding="utf-8"))
        asked = Asked.from_dict(inputs["asked"]).to_dict()
    except (ValueError, KeyError, InputError):
        return None
    same = inputs.get("city_sha256") == version.sha256 and inputs.get("version") == __version__
    return asked if same and set(asked) <= set(PARTS) else None


def _brought(version: CityVersion, made: Path, asked: dict[str, Any]) -> Run:
    """A finished run with a copy of a result in its place."""
    key = inputs_hash(version, Run.Kind.PLAN, asked)
    known: Run | None = Run.objects.filter(inputs_hash=key, state__in=COUNTED).first()
    if known is not None:
        return known
    now = timezone.now()
    run = Run.objects.create(
        kind=Run.Kind.PLAN, version=version, asked=asked, inputs_hash=key, state=Run.State.DONE, share=1.0,
        began_at=now, ended_at=now,
    )  # fmt: skip
    fresh = run.place / ".result"
    shutil.rmtree(run.place, ignore_errors=True)
    fresh.mkdir(parents=True)
    for entry in made.iterdir():
        if entry.is_file() and not entry.name.startswith("."):
            shutil.copyfile(entry, fresh / entry.name)
        elif entry.name in FOLDERS:
            shutil.copytree(entry, fresh / entry.name)
    fresh.replace(run.result)
    log.info("The demonstration plan is here.")
    return run
