"""Pages of runs: how far one is, what it leads to, who may take it back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from mutirao.ground.speech import LANGUAGES
from mutirao.web.cities.models import City
from mutirao.web.people.models import User
from mutirao.web.plans.models import Plan
from mutirao.web.runs.models import Run
from mutirao.web.runs.progress import told
from mutirao.web.runs.queue import ask, claim, renew

People = Callable[..., User]
Browser = Callable[[User], Client]


@pytest.fixture
def run(town: City, person: People) -> Run:
    return ask(town.versions.get(), "plan", {}, person("ana"))


def test_a_run_is_followed_while_it_goes_on(run: Run, town: City, person: People, signed_in: Browser) -> None:
    ana = signed_in(person("ana"))
    page = ana.get(f"/runs/{run.pk}/").content.decode()
    assert 'role="status">Begins in a moment.' in page
    assert 'hx-trigger="every 1s"' in page
    held = claim()
    assert held is not None
    steps = {"en": "Searching for the plan", "es": "Buscando el plan", "pt-br": "Procurando o plano"}
    renew(run.pk, held.token, 0.42, steps)
    part = ana.get(f"/runs/{run.pk}/progress/").content.decode()
    assert 'value="42"' in part
    assert "Searching for the plan" in part
    assert "42 %" in part
    seen = told(Run.objects.get(pk=run.pk), person("ana")).seen
    again = ana.get(f"/runs/{run.pk}/progress/?seen={seen}").content.decode()
    assert "hx-swap-oob" not in again, "a reader is told news, not the same each second"
    spanish = ana.get(f"/runs/{run.pk}/", headers={"Accept-Language": "es"}).content.decode()
    assert "Buscando el plan" in spanish


def test_the_place_in_the_queue_is_said(town: City, person: People) -> None:
    runs = [ask(town.versions.get(), "plan", {"neutrality_year": 2040 + n}, None) for n in range(3)]
    assert [told(r, person("ana")).ahead for r in runs] == [0, 1, 2]
    assert "2" in told(runs[2], person("ana")).said


def test_a_finished_run_leads_to_its_plan(run: Run, town: City, person: People, signed_in: Browser) -> None:
    ana = person("ana")
    plan = Plan.objects.create(city=town, run=run, title="Mine", made_by=ana, made_by_name="Ana")
    Run.objects.filter(pk=run.pk).update(state="done", share=1.0)
    part = signed_in(ana).get(f"/runs/{run.pk}/progress/")
    assert part["HX-Redirect"] == f"/plans/{plan.pk}/"
    assert signed_in(ana).get(f"/runs/{run.pk}/")["Location"] == f"/plans/{plan.pk}/"


def test_a_finished_check_leads_to_its_version(town: City, person: People, signed_in: Browser) -> None:
    check = ask(town.versions.get(), "check", {}, person("ana"))
    Run.objects.filter(pk=check.pk).update(state="done")
    assert "/cities/town/" in signed_in(person("ana")).get(f"/runs/{check.pk}/")["Location"]


def test_a_failed_run_says_why(run: Run, person: People, signed_in: Browser) -> None:
    began = timezone.now()
    Run.objects.filter(pk=run.pk).update(
        state="failed", why={"en": ["No <plan> exists."], "es": ["No hay plan."]}, began_at=began,
        ended_at=began + timedelta(seconds=75),
    )  # fmt: skip
    ana = signed_in(person("ana"))
    page = ana.get(f"/runs/{run.pk}/").content.decode()
    assert "No &lt;plan&gt; exists." in page
    assert "1 min 15 s" in page
    assert "hx-trigger" not in page
    assert "No hay plan." in ana.get(f"/runs/{run.pk}/", headers={"Accept-Language": "es"}).content.decode()
    assert ana.get(f"/runs/{run.pk}/progress/")["HX-Refresh"] == "true"


def test_a_run_is_seen_by_those_it_concerns(run: Run, person: People, signed_in: Browser) -> None:
    for path in ("", "progress/"):
        assert Client().get(f"/runs/{run.pk}/{path}").status_code == 404
        assert signed_in(person("ben")).get(f"/runs/{run.pk}/{path}").status_code == 404
    for number in ("0", str(2**63), str(10**40)):
        assert Client().get(f"/runs/{number}/").status_code == 404


def test_whoever_asked_may_cancel(run: Run, town: City, person: People, signed_in: Browser) -> None:
    ben = person("ben")
    Plan.objects.create(city=town, run=run, title="Ben's", made_by=ben, made_by_name="Ben", public=True)
    refused = signed_in(ben).post(f"/runs/{run.pk}/cancel/")
    assert (refused.status_code, b"Only whoever asked" in refused.content) == (403, True)
    assert "/account/login/" in Client().post(f"/runs/{run.pk}/cancel/")["Location"]
    ana = signed_in(person("ana"))
    assert ana.get(f"/runs/{run.pk}/cancel/").status_code == 405
    kept = ana.post(f"/runs/{run.pk}/cancel/", follow=True)
    assert b"Other people wait" in kept.content
    Plan.objects.all().delete()
    gone = ana.post(f"/runs/{run.pk}/cancel/", follow=True)
    assert b"The run is cancelled." in gone.content
    assert Run.objects.get(pk=run.pk).state == "cancelled"


def test_a_form_from_elsewhere_cancels_nothing(run: Run, person: People) -> None:
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(person("ana"), backend="django.contrib.auth.backends.ModelBackend")
    assert careful.post(f"/runs/{run.pk}/cancel/").status_code == 403
    assert Run.objects.get(pk=run.pk).state == "queued"


def test_ones_own_runs_are_listed(run: Run, person: People, signed_in: Browser) -> None:
    assert f"/runs/{run.pk}/" in signed_in(person("ana")).get(reverse("my_runs")).content.decode()
    assert f"/runs/{run.pk}/" not in signed_in(person("ben")).get(reverse("my_runs")).content.decode()
    assert "/account/login/" in Client().get(reverse("my_runs"))["Location"]


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
def test_states_are_said_in_every_language(run: Run, person: People, code: str, settings: Any) -> None:
    """A finished run's words are none of English's."""
    for state in Run.State.values:
        Run.objects.filter(pk=run.pk).update(state=state, token="t", lease_until=timezone.now())
        now = Run.objects.get(pk=run.pk)
        english = told(now, person("ana")).said
        with override(code):
            assert told(now, person("ana")).said != english
            assert now.get_kind_display() != "alternative of a group around one table"
