"""Carrying a plan out: owners, progress against the plan, dependencies, who may say so."""

import json
from collections.abc import Callable
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.test import Client

from mutirao.book.bundle import save_plan
from mutirao.book.terms import INSIDE
from mutirao.report.carryingout import tight, works, yearly_costs
from mutirao.web.cities.models import City
from mutirao.web.departments.carrying_out import carried_out
from mutirao.web.departments.models import Assignment, Dependency, Progress
from mutirao.web.people.models import Organisation, User
from mutirao.web.plans.models import Plan
from mutirao.web.runs.models import Run
from tests.solved import small_plans

Person = Callable[..., User]
SignedIn = Callable[[User], Client]


@pytest.fixture
def led(town: City, settings: Any) -> Plan:
    """The town with a leading plan that is done."""
    run = Run.objects.create(kind="plan", version=town.versions.get(), state="done", inputs_hash="a" * 64)
    for name in ("rules", "adopted"):
        save_plan(small_plans().all[name], run.result / "plans" / name)
    start = works(small_plans().rules)[0].measure
    Path(run.result / "summary.json").write_text(json.dumps({"start_now": [start]}), encoding="utf-8")
    return Plan.objects.create(city=town, run=run, title="Town's plan", made_by_name="x", public=True, leading=True)


@pytest.fixture
def transport(town: City) -> Organisation:
    return Organisation.objects.create(kind="department", name="Transport", city=town)


def _used() -> list[str]:
    return [w.measure for w in works(small_plans().rules) if w.used]


def test_what_measures_ask_in_cash_adds_up_to_the_book() -> None:
    plan = small_plans().rules
    measures = [w.measure for w in works(plan)]
    rows = plan.select("money", basis="cash", measure=measures)
    rows = rows[rows["payer"].isin(INSIDE)]
    years = plan.years
    gaps = {y: y - before for before, y in pairwise(years)} | {years[0]: 1}
    whole = sum(float(v) * gaps[int(y)] for y, v in rows.groupby("period")["value"].sum().items())
    assert yearly_costs(plan, measures)["value"].sum() == pytest.approx(whole, rel=1e-9)


def test_a_share_between_milestones_is_on_the_straight_line() -> None:
    plan = small_plans().rules
    work = next(w for w in works(plan) if w.used)
    first, second = sorted(work.shares)[-2:]
    middle = (first + second) / 2
    assert work.planned(int(middle)) == pytest.approx(
        work.shares[first] + (int(middle) - first) / (second - first) * (work.shares[second] - work.shares[first])
    )


def test_limits_that_bind_are_named_in_words() -> None:
    assert set(tight(small_plans().rules).columns) == {"limit", "meaning", "unit", "years"}


def test_the_page_shows_the_plans_measures_and_who_owns_them(led: Plan, transport: Organisation) -> None:
    Assignment.objects.create(city=led.city, measure=_used()[0], owner=transport)
    page = Client().get("/departments/town/").content.decode()
    assert "Transport" in page
    assert "start now" in page
    page = Client().get(f"/departments/town/{transport.pk}/").content.decode()
    assert "Costs by year" in page


def test_a_city_without_a_plan_says_so(town: City) -> None:
    assert "no plan of its own yet" in Client().get("/departments/town/").content.decode()
    assert carried_out(town, AnonymousUser()) is None


def test_only_the_citys_people_give_measures_away(
    led: Plan, transport: Organisation, person: Person, signed_in: SignedIn
) -> None:
    given = {"assign-measure": _used()[0], "assign-owner": transport.pk, "assign-note": ""}
    assert Client().post("/departments/town/assign/", given).status_code == 302  # to sign in
    assert signed_in(person("eve")).post("/departments/town/assign/", given).status_code == 403
    editor = signed_in(person("ana", Organisation.objects.get(kind="city", city=led.city)))
    assert editor.post("/departments/town/assign/", given).status_code == 302
    assert Assignment.objects.get().owner == transport
    assert editor.post("/departments/town/assign/", given | {"assign-measure": "no.such"}).status_code == 422


def test_progress_is_measured_against_the_plan(
    led: Plan, transport: Organisation, person: Person, signed_in: SignedIn
) -> None:
    measure = _used()[0]
    Assignment.objects.create(city=led.city, measure=measure, owner=transport)
    worker = signed_in(person("tom", transport))
    page = f"/departments/town/measures/{measure}/"
    this_year = date.today().year
    assert worker.post(page, {"status": "underway", "percent": "50", "note": "half"}).status_code == 422
    wrong = worker.post(page, {"status": "underway", "percent": "50", "year": this_year, "note": ""})
    assert "Say where the measured share is from" in wrong.content.decode()
    late = {"status": "underway", "percent": "50", "year": this_year + 3, "source": "count"}
    assert worker.post(page, late).status_code == 422
    good = {"status": "underway", "percent": "50", "year": this_year, "source": "count of permits", "note": "half"}
    assert worker.post(page, good).status_code == 302
    entry = Progress.objects.get()
    assert (entry.share, entry.author_name) == (0.5, "Tom")
    text = Client().get(page).content.decode()
    assert "count of permits" in text
    assert "the plan" in text
    total = carried_out(led.city, AnonymousUser())
    assert total is not None
    assert total["begun"] == 1
    assert signed_in(person("eve")).post(page, good).status_code == 403


def test_what_waits_for_what_never_goes_round(
    led: Plan, person: Person, signed_in: SignedIn, transport: Organisation
) -> None:
    a, b, c = _used()[:3]
    worker = signed_in(person("tom", transport))

    def say(measure: str, needs: str) -> int:
        given = {"depend-measure": measure, "depend-needs": needs, "depend-reason": "cables first"}
        return int(worker.post("/departments/town/depend/", given).status_code)

    assert [say(a, b), say(b, c)] == [302, 302]
    assert [say(c, a), say(a, a)] == [422, 422]
    assert Dependency.objects.count() == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        Dependency.objects.create(city=led.city, measure=a, needs=a, reason="", author_name="")


def test_who_is_given_a_measure_hears_of_it_and_is_asked_in_a_year(
    led: Plan, transport: Organisation, person: Person, signed_in: SignedIn
) -> None:
    worker = person("tom", transport)
    editor = signed_in(person("ana", Organisation.objects.get(kind="city", city=led.city)))
    given = {"assign-measure": _used()[0], "assign-owner": transport.pk, "assign-note": ""}
    editor.post("/departments/town/assign/", given)
    editor.post("/departments/town/assign/", given)  # again: nothing new to tell
    assert worker.reminders.count() == 2
    page = signed_in(worker).get("/people/me/").content.decode()
    assert "Your organisation now carries out" in page
    assert "Please measure and report" not in page  # due in a year


def test_a_city_that_is_not_public_shows_nothing(village: City) -> None:
    assert Client().get("/departments/village/").status_code == 404
