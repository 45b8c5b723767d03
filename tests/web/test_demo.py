"""The demonstration on a fresh site: once, from what was made before where that is of the same figures."""

import json
from pathlib import Path
from typing import Any

import pytest

from mutirao import __version__
from mutirao.city.content import content_hash, write_inputs
from mutirao.site.demo import NEEDED, bring_demonstration
from mutirao.web.cities.models import City
from mutirao.web.plans.models import Plan
from mutirao.web.runs.models import Run
from tests.cities import small_city


@pytest.fixture
def demo(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = small_city(tmp_path / "demo")
    monkeypatch.setenv("MUTIRAO_DEMO", str(folder))
    monkeypatch.setenv("MUTIRAO_DEMO_OUT", str(tmp_path / "out"))
    return folder


def made(demo: Path, out: Path, asked: dict[str, Any], version: str = __version__) -> None:
    """What a finished ``mutirao plan`` has left, as far as the site looks at it."""
    for name in NEEDED:
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_text("{}", encoding="utf-8")
    (out / "book.csv").write_text("a\n", encoding="utf-8")
    (out / "table-kit").mkdir()
    write_inputs(demo, asked, version, out)


def test_without_a_result_the_plan_is_asked_for(demo: Path) -> None:
    bring_demonstration()
    bring_demonstration()
    city = City.objects.get()
    assert (city.slug, city.public, city.demonstration) == ("boston", True, True)
    version = city.versions.get()
    assert (version.number, version.state, version.public) == (1, "good", True)
    assert content_hash(version.path) == version.sha256 == content_hash(demo)
    plan = Plan.objects.get()
    assert (plan.leading, plan.public, plan.run.state, plan.run.asked) == (True, True, "queued", {})
    assert sorted(Run.objects.values_list("kind", flat=True)) == ["check", "plan"]


def test_a_finished_result_of_the_same_figures_is_shown_at_once(demo: Path, tmp_path: Path) -> None:
    made(demo, tmp_path / "out", {"headwinds": False})
    bring_demonstration()
    run = Plan.objects.get().run
    assert (run.state, run.asked) == ("done", {"headwinds": False})
    assert (run.result / "summary.json").is_file()
    assert (run.result / "book.csv").is_file()
    assert not (run.result / "table-kit").exists()
    assert Plan.objects.visible_to(AnonymousReader()).count() == 1


class AnonymousReader:
    """Somebody who is not signed in."""

    is_authenticated, is_superuser, pk = False, False, None


@pytest.mark.parametrize("fault", ["figures", "asked", "version", "broken"])
def test_a_result_of_something_else_is_left_alone(demo: Path, tmp_path: Path, fault: str) -> None:
    out = tmp_path / "out"
    made(demo, out, {"rules": ["warm_rent"]} if fault == "asked" else {}, "0" if fault == "version" else __version__)
    if fault == "figures":
        (demo / "README.txt").write_text("changed", encoding="utf-8")
    if fault == "broken":
        (out / "inputs.json").write_text(json.dumps({"asked": []}), encoding="utf-8")
    bring_demonstration()
    assert Plan.objects.get().run.state == "queued"


def test_changed_figures_are_a_new_version(demo: Path) -> None:
    bring_demonstration()
    (demo / "README.txt").write_text("changed", encoding="utf-8")
    bring_demonstration()
    assert [v.number for v in City.objects.get().versions.all()] == [2, 1]
    assert Plan.objects.count() == 1


def test_without_a_demonstration_the_site_begins_empty(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUTIRAO_DEMO", str(demo / "nothing"))
    bring_demonstration()
    assert not City.objects.exists()
