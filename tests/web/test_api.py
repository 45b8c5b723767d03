"""The interface for programs: who sees what, tokens, figures that add up, limits, and whatever a machine thinks of."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import xarray as xr
from django.core.cache import caches
from django.test import Client
from django.utils import timezone

from mutirao.book.bundle import Plan as Solved
from mutirao.book.bundle import save_plan
from mutirao.web.cities.models import City
from mutirao.web.departments.models import Assignment, Progress
from mutirao.web.people.models import ApiToken, Organisation, User
from mutirao.web.plans.models import Objection, Plan
from mutirao.web.runs.models import Run
from tests.small_plan import YEARS, a_plan

People = Callable[..., User]


def a_solved_plan() -> Solved:
    """A made-up plan whose terms are given, not decided."""
    plan = a_plan("rules", (100.0, 90.0, 60.0, 5.0))
    given = dict.fromkeys(("variable", "select", "path", "path_unit", "path_source"), "")
    decided = xr.DataArray([1.0], coords={"period": [2030]}, dims="period")
    return replace(plan, terms=plan.terms.assign(**given, coefficient=1.0), decisions={"a decision": decided})


@pytest.fixture(scope="session")
def solved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("solved")
    save_plan(a_solved_plan(), folder / "plans" / "rules")
    (folder / "summary.json").write_text('{"title": "Town"}', encoding="ascii")
    return folder


@pytest.fixture
def plan(town: City, person: People, settings: Any, solved: Path) -> Plan:
    """A finished public plan of the town, with an objection and a measure that is being carried out."""
    run = Run.objects.create(kind="plan", version=town.versions.get(), inputs_hash="made", state="done")
    shutil.copytree(solved, Path(settings.KEPT) / "runs" / str(run.pk) / "result")
    cyd = person("cyd")
    made = Plan.objects.create(
        city=town, run=run, title="The plan", made_by=cyd, made_by_name="Cyd", public=True, leading=True
    )
    Objection.objects.create(plan=made, parameter="heat.cop", value=2.0, reason="ours are old", author_name="Cyd")
    owner = Organisation.objects.create(kind="department", name="Housing", city=town)
    work = Assignment.objects.create(city=town, measure="buildings.light_retrofit", owner=owner)
    Progress.objects.create(assignment=work, status="underway", note="begun", author=cyd, author_name="Cyd")
    return made


def token_of(user: User, scope: str = "read") -> dict[str, str]:
    return {"Authorization": f"Bearer {ApiToken.make(user, 'test', scope)[1]}"}


def get(address: str, headers: dict[str, str] | None = None, status: int = 200) -> Any:
    response = Client().get(f"/api{address}", headers=headers or {})
    assert response.status_code == status, response.content
    return response.json()


def post(address: str, given: Any, headers: dict[str, str], status: int) -> Any:
    response = Client().post(f"/api{address}", json.dumps(given), "application/json", headers=headers)
    assert response.status_code == status, response.content
    return response.json()


def test_anyone_sees_what_is_public(plan: Plan, village: City) -> None:
    assert [c["slug"] for c in get("/cities")["items"]] == ["town"]
    assert get("/cities/town")["version"] == 1
    assert [v["number"] for v in get("/cities/town/versions")["items"]] == [1]
    assert [p["title"] for p in get("/plans?city=town")["items"]] == ["The plan"]
    assert get(f"/plans/{plan.pk}/summary") == {"title": "Town"}
    assert get(f"/plans/{plan.pk}/objections")["items"][0]["reason"] == "ours are old"
    assert get("/cities/town/progress")["items"][0]["status"] == "underway"
    assert {o["name"] for o in get("/organisations")["items"]} >= {"Housing", "City of Town"}
    assert get(f"/runs/{plan.run_id}")["plans"] == [plan.pk]


def test_what_is_not_public_is_not_there(plan: Plan, village: City, person: People) -> None:
    hidden = Run.objects.create(kind="plan", version=village.versions.get(), inputs_hash="x", state="done")
    draft = Plan.objects.create(city=village, run=hidden, title="Draft", made_by_name="Dee")
    addresses = ["/cities/village", "/cities/village/versions", "/cities/village/progress", f"/runs/{hidden.pk}"]
    addresses += [f"/plans/{draft.pk}{part}" for part in ("", "/summary", "/book", "/measures", "/objections")]
    stranger, insider = person("stranger"), person("dee", Organisation.objects.get(name="City of Village"), "reader")
    for headers in ({}, token_of(stranger)):
        for address in addresses:
            assert get(address, headers, 404)["reason"]
        assert "village" not in json.dumps([get(a, headers) for a in ("/cities", "/plans", "/organisations")])
    assert get("/cities/village", token_of(insider))["name"] == "Village"


def test_the_book_adds_up(plan: Plan) -> None:
    asked = "account=money&period=2030&payer=households"
    book = a_solved_plan().select("money", period=2030, payer="households")
    assert len(book) == 8
    rows: list[dict[str, Any]] = []
    while len(rows) < (part := get(f"/plans/{plan.pk}/book?{asked}&limit=3&offset={len(rows)}"))["count"]:
        assert part["items"]
        rows += part["items"]
    assert sum(row["value"] for row in rows) == pytest.approx(book["value"].sum())
    told = get(f"/plans/{plan.pk}/explain?{asked}&limit=500")
    assert told["total"] == pytest.approx(book["value"].sum())
    assert sum(line["value"] for line in told["lines"]) == pytest.approx(told["total"])
    measures = get(f"/plans/{plan.pk}/measures?period=2050")
    assert {m["measure"]: m["share"] for m in measures["items"]} == {"heat.heat_pumps": 0.6, "mobility.transit": 1.0}


def test_a_label_that_the_book_lacks_is_said(plan: Plan) -> None:
    told = get(f"/plans/{plan.pk}/explain?period={YEARS[-1]}&zone=nowhere", status=404)
    assert "nowhere" in told["where"][0]
    assert get(f"/plans/{plan.pk}/book?zone=nowhere") == {"count": 0, "items": []}
    assert get(f"/plans/{plan.pk}/book?plan=adopted", status=404)


@pytest.mark.parametrize("header", ["Bearer wrong", "Bearer mu_12345678.wrong", "Basic abc", "Bearer", "Bearer a b"])
def test_a_wrong_token_is_never_taken_for_none(town: City, header: str) -> None:
    assert get("/cities", {"Authorization": header}, 401)["reason"]


def test_a_token_ends(town: City, person: People) -> None:
    ana = person("ana")
    token, text = ApiToken.make(ana, "test", "read")
    headers = {"Authorization": f"Bearer {text}"}
    get("/runs", headers)
    token.refresh_from_db()
    first = token.last_used
    assert first is not None
    get("/runs", headers)
    token.refresh_from_db()
    assert token.last_used == first, "written down once a minute"
    ApiToken.objects.update(last_used=first - timedelta(minutes=2))
    get("/runs", headers)
    token.refresh_from_db()
    assert token.last_used is not None
    assert token.last_used >= first
    ApiToken.objects.update(expires=timezone.now())
    get("/runs", headers, 401)
    ApiToken.objects.update(expires=timezone.now() + timedelta(days=1))
    User.objects.update(is_active=False)
    get("/runs", headers, 401)


def test_a_session_is_no_token(town: City, person: People, signed_in: Callable[[User], Client]) -> None:
    """Cookies go along with requests that other sites make; the interface does not look at them."""
    assert signed_in(person("ana")).get("/api/runs").status_code == 401


def test_a_run_by_token(plan: Plan, town: City, person: People) -> None:
    ana, ben = token_of(person("ana"), "write"), token_of(person("ben"), "write")
    asked = {"city": "town", "title": "Mine", "asked": {"neutrality_year": 2045}}
    made = post("/runs", asked, ana, 201)
    assert (made["state"], made["ahead"]) == ("queued", 0)
    assert get(f"/runs/{made['id']}", ana)["plans"] == made["plans"]
    get(f"/runs/{made['id']}", ben, 404)
    again = post("/runs", {**asked, "title": "Ben's"}, ben, 201)
    assert again["id"] == made["id"]
    assert again["plans"] != made["plans"]
    assert [run["id"] for run in get("/runs", ana)["items"]] == [made["id"]]
    assert post(f"/runs/{made['id']}/cancel", {}, ben, 403)["reason"]
    assert post(f"/runs/{made['id']}/cancel", {}, ana, 409)["reason"], "Ben waits for it, too"
    alone = post("/runs", {**asked, "asked": {"neutrality_year": 2044}}, ana, 201)
    assert post(f"/runs/{alone['id']}/cancel", {}, ana, 200)["state"] == "cancelled"
    assert post(f"/runs/{alone['id']}/cancel", {}, ana, 409)["reason"]


def test_what_cannot_be_asked_is_said(plan: Plan, village: City, person: People, settings: Any) -> None:
    settings.RUNS_EACH = 1
    ana = person("ana")
    write = token_of(ana, "write")
    asked = {"city": "town", "title": "Mine"}
    assert "only read" in post("/runs", asked, token_of(ana), 403)["reason"]
    assert post("/runs", asked, {}, 401)["reason"]
    assert post("/runs", {**asked, "city": "village"}, write, 404)["reason"]
    assert post("/runs", {**asked, "version": 9}, write, 404)["where"]
    assert "nosuchthing" in post("/runs", {**asked, "asked": {"nosuchthing": 1}}, write, 422)["where"][0]
    assert post("/runs", {**asked, "more": 1}, write, 422)["where"]
    post("/runs", asked, write, 201)
    assert "at once" in post("/runs", {**asked, "asked": {"neutrality_year": 2044}}, write, 429)["reason"]


def test_too_many_requests_wait(town: City, person: People, settings: Any) -> None:
    settings.API_OPEN, settings.API_KNOWN = 3, 4
    caches["near"].clear()
    # So many that they are too many even where a new minute begins in between.
    answers = [Client().get("/api/cities") for _ in range(8)]
    assert [a.status_code for a in answers[:3]] == [200] * 3
    refused = next(a for a in answers if a.status_code == 429)
    assert 0 <= int(refused["Retry-After"]) <= 60
    assert refused.json()["reason"]
    get("/cities", token_of(person("ana")))
    assert Client(REMOTE_ADDR="10.0.0.9").get("/api/cities").status_code == 200


@pytest.mark.parametrize("number", ["0", "-1", str(2**63), str(10**30), "x"])
def test_numbers_are_bounded(plan: Plan, number: str) -> None:
    for address in (f"/plans/{number}", f"/runs/{number}", f"/plans/{plan.pk}/book?offset={number}9999999999999999999"):
        get(address, status=422)


def test_answers_are_not_kept_by_others(town: City, person: People) -> None:
    response = Client().get("/api/cities", headers=token_of(person("ana")))
    assert response["Cache-Control"] == "no-store, private"
    assert "Authorization" in response["Vary"]
