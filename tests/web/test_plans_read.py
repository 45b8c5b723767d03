"""Pages of plans that one reads: what is shown, to whom, and that every number is the book's own."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from mutirao.book.explain import explain
from mutirao.web.people.models import Organisation, User
from mutirao.web.plans.models import Objection, Plan
from mutirao.web.runs.models import Run
from tests.web.finished_plans import finished_plan, planned_city, rules_bundle

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def plan() -> Plan:
    return finished_plan(planned_city())


def text(response: Any) -> str:
    return str(response.content.decode())


def test_a_public_plan_is_read_whole_by_anyone(client: Client, plan: Plan) -> None:
    page = text(client.get(f"/plans/{plan.pk}/"))
    assert "<h1>The plan</h1>" in page
    assert "Words of" in page
    assert 'href="explain/?plan=rules&amp;account=carbon&amp;period=2030"' in page
    assert "The pledge of 2030 is missed." in page
    assert json.loads(re.search(r'<script id="charts"[^>]*>(.*?)</script>', page).group(1)) == {"c": {"mark": "bar"}}  # type: ignore[union-attr]
    assert re.search(r"<(script|style)(?![^>]*(src|json))[^>]*>", page) is None, "nothing inline but data"
    assert " style=" not in page
    assert " onclick=" not in page


def test_a_plan_that_is_not_public_is_not_there_for_others(
    client: Client, person: Callable[..., User], signed_in: Callable[[User], Client]
) -> None:
    ana = person("ana")
    hidden = finished_plan(planned_city(), public=False, made_by=ana)
    for path in ("", "explain/", "assumptions/", "what-if/", "dispute/", "table/", "files/book.csv"):
        assert client.get(f"/plans/{hidden.pk}/{path}").status_code == 404
        assert signed_in(person("bo")).get(f"/plans/{hidden.pk}/{path}").status_code == 404
    assert client.get(f"/plans/compare/?a={hidden.pk}&b={hidden.pk}").status_code == 404
    assert signed_in(ana).get(f"/plans/{hidden.pk}/").status_code == 200
    assert "The plan" not in text(client.get("/plans/"))
    assert "The plan" in text(signed_in(ana).get("/plans/mine/"))


@pytest.mark.parametrize("number", ["0", "9223372036854775808", "999999999999999999999999999"])
def test_numbers_that_no_plan_has_lead_nowhere(client: Client, number: str) -> None:
    assert client.get(f"/plans/{number}/").status_code == 404
    assert client.get(f"/plans/compare/?a={number}&b=1").status_code == 404
    assert client.get(f"/plans/new/?from={number}").status_code == 404


def test_who_has_the_page_already_is_told_that_nothing_changed(
    client: Client, plan: Plan, person: Callable[..., User], signed_in: Callable[[User], Client]
) -> None:
    first = client.get(f"/plans/{plan.pk}/")
    known = {"HTTP_IF_NONE_MATCH": first["ETag"]}
    assert client.get(f"/plans/{plan.pk}/", **known).status_code == 304
    assert client.get(f"/plans/{plan.pk}/", HTTP_ACCEPT_LANGUAGE="es", **known).status_code == 200
    Objection.objects.create(plan=plan, reason="No.", author_name="Bo")
    assert client.get(f"/plans/{plan.pk}/", **known).status_code == 200
    mine = signed_in(person("ana")).get(f"/plans/{plan.pk}/")
    assert "ETag" not in mine
    assert "no-store" in mine["Cache-Control"]


def test_objections_stand_on_the_plan_escaped_and_with_who_wrote_them(client: Client, plan: Plan) -> None:
    group = Organisation.objects.create(kind="community", name="Tenants", speaks_for="us", decides_how="vote")
    Objection.objects.create(plan=plan, parameter="petrol_price", value=0.2, before=0.1, unit="USD/kWh",
                             reason="<b>Too low</b>", author_name="Bo", organisation=group)  # fmt: skip
    page = text(client.get(f"/plans/{plan.pk}/"))
    assert "&lt;b&gt;Too low" in page
    assert "<b>Too low" not in page
    assert "Bo" in page
    assert "on behalf of Tenants" in page
    assert "Price of petrol" in page


def test_in_a_language_without_its_page_the_plan_is_shown_in_english_and_says_so(client: Client, plan: Plan) -> None:
    page = text(client.get(f"/plans/{plan.pk}/", HTTP_ACCEPT_LANGUAGE="es"))
    assert '<html lang="es">' in page
    assert '<div lang="en">' in page
    assert "Words of" in page


@pytest.mark.parametrize("state", ["queued", "failed"])
def test_while_there_is_no_result_the_page_tells_how_far_the_run_is(client: Client, plan: Plan, state: str) -> None:
    Run.objects.filter(pk=plan.run_id).update(state=state)
    page = client.get(f"/plans/{plan.pk}/")
    assert page.status_code == 200
    assert f'id="run-{plan.run_id}"' in text(page)
    assert "Words of" not in text(page)
    assert client.get(f"/plans/{plan.pk}/what-if/").status_code == 404
    assert client.get(f"/plans/{plan.pk}/explain/").status_code == 404


def test_an_answer_is_the_books_own_with_formula_inputs_and_a_way_to_dispute(client: Client, plan: Plan) -> None:
    bundle = rules_bundle()
    year = bundle.years[-1]
    expected = explain(bundle, "money", year, {}, {"payer": "households"})
    response = client.get(f"/plans/{plan.pk}/explain/?plan=rules&account=money&period={year}&payer=households")
    answer = response.context["answer"]
    assert answer.total == pytest.approx(expected.total)
    assert sum(t.value for t in answer.terms) + answer.rest_value == pytest.approx(expected.total)
    page = text(response)
    assert "dispute/?parameter=" in page
    assert "<code>" in page
    assert 'name="zone"' in page
    part = text(client.get(response.request["PATH_INFO"] + "?" + response.request["QUERY_STRING"], **HTMX))
    assert "<html" not in part
    assert "<code>" in part


def test_a_difference_of_two_plans_is_explained_term_by_term(client: Client, plan: Plan) -> None:
    year = rules_bundle().years[-1]
    asked = f"/plans/{plan.pk}/explain/?plan=rules&account=carbon&period={year}&less=adopted"
    answer = client.get(asked).context["answer"]
    assert answer.total == pytest.approx(answer.of - answer.taken_off)
    assert sum(t.value for t in answer.terms) + answer.rest_value == pytest.approx(answer.total)


@pytest.mark.parametrize("query", ["plan=rules&account=carbon&period=1", "plan=nobody&account=carbon&period=2030",
                                   "plan=../rules&account=carbon&period=2030", "account=carbon",
                                   "plan=rules&account=love&period=2030"])  # fmt: skip
def test_what_the_book_cannot_answer_is_said_in_a_sentence(client: Client, plan: Plan, query: str) -> None:
    response = client.get(f"/plans/{plan.pk}/explain/?{query}")
    assert response.status_code == 422
    assert response.context["fault"] in text(response).replace("&#x27;", "'").replace("&quot;", '"')


def test_what_few_homes_pay_is_not_told(client: Client, plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = rules_bundle()
    zone = str(bundle.meta["city"]["zones"][0]["zone"])
    asked = f"/plans/{plan.pk}/explain/?plan=rules&account=money&period={bundle.years[-1]}&zone={zone}"
    assert client.get(asked).status_code == 200
    monkeypatch.setattr("mutirao.web.plans.explaining.LEAST", 1e9)
    assert client.get(asked).status_code == 422


def test_assumptions_are_listed_with_what_they_are_used_for_and_can_be_searched(client: Client, plan: Plan) -> None:
    whole = client.get(f"/plans/{plan.pk}/assumptions/")
    assert len(whole.context["rows"]) == len(rules_bundle().drivers)
    found = client.get(f"/plans/{plan.pk}/assumptions/?search=petrol+price", **HTMX)
    assert "petrol_price" in text(found)
    assert "<html" not in text(found)
    assert "removals_cost" not in text(found)


def test_two_plans_stand_side_by_side_and_no_one_is_called_better(client: Client, plan: Plan) -> None:
    other = finished_plan(plan.city, "Another")
    page = text(client.get(f"/plans/compare/?a={plan.pk}&b={other.pk}"))
    assert "compare_emissions" in page
    assert "Both rest on the same assumptions." in page
    assert not re.search(r"\b(better|worse)\b(?! off)", page)
    assert client.get(f"/plans/compare/?a={plan.pk}").status_code == 200


def test_a_plan_that_is_not_done_is_not_compared(client: Client, plan: Plan) -> None:
    other = finished_plan(plan.city, "Another")
    Run.objects.filter(pk=other.run_id).update(state="running", lease_until="2090-01-01T00:00Z", token="x")
    assert client.get(f"/plans/compare/?a={plan.pk}&b={other.pk}").status_code == 422


def test_a_what_if_moves_figures_and_says_that_decisions_stay(client: Client, plan: Plan) -> None:
    whole = client.get(f"/plans/{plan.pk}/what-if/")
    page = text(whole)
    assert "Decisions stay as planned" in page
    assert "Re-optimise" not in page
    lever = whole.context["sliders"][0].lever
    moved = text(client.get(f"/plans/{plan.pk}/what-if/?{lever.name}={lever.high}", **HTMX))
    assert "<html" not in moved
    assert "Re-optimise" in moved
    assert "data-charts" in moved
    wrong = client.get(f"/plans/{plan.pk}/what-if/?{lever.name}={lever.high * 1e6 + 1}")
    assert wrong.context["sliders"][0].wrong
    assert wrong.context["values"] == []


def test_files_are_handed_out_to_take_along_and_nothing_else_is(client: Client, plan: Plan) -> None:
    response = client.get(f"/plans/{plan.pk}/files/book.csv")
    assert response["Content-Disposition"] == 'attachment; filename="littleton-the-plan-book.csv"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert client.get(f"/plans/{plan.pk}/files/report.html")["Content-Disposition"].startswith("attachment")
    for name in ("summary.json", "book.xlsx", "..%2Fresult", "plans%2Frules%2Fbundle.json"):
        assert client.get(f"/plans/{plan.pk}/files/{name}").status_code == 404


def test_the_list_tells_each_plan_in_three_numbers(client: Client, plan: Plan) -> None:
    page = text(client.get("/plans/?city=littleton"))
    assert "3 kt CO₂e in 2050" in page
    assert "USD 5 million less" in page
    assert "Made by Ana" in page
    assert client.get("/plans/?city=nowhere").status_code == 404
