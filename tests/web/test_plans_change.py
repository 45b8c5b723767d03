"""Pages of plans that change something: who may, what is kept, what is asked of a run, what is said of faults."""

import datetime
import tomllib
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest
from django.test import Client

from mutirao.city.asked import Asked
from mutirao.city.settings_file import read_settings
from mutirao.report.tablekit.answers import parse_answers
from mutirao.web.cities.models import City
from mutirao.web.people.models import Organisation, User
from mutirao.web.plans.groups import answers_text
from mutirao.web.plans.models import Objection, Plan
from mutirao.web.runs.models import Run
from tests.web.finished_plans import city_folder, finished_plan, planned_city

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan() -> Plan:
    return finished_plan(planned_city(), asked={"settings": ["petrol_price=0.2"]})


@pytest.fixture
def ana(person: Callable[..., User], signed_in: Callable[[User], Client]) -> Client:
    return signed_in(person("ana"))


def text(response: Any) -> str:
    return str(response.content.decode())


def filled(client: Client, path: str, **changes: Any) -> dict[str, Any]:
    """What a browser sends when the form of a page is sent as it came, with some fields changed."""
    form = client.get(path).context["form"]
    values = {name: form[name].value() for name in form.fields}
    values |= changes
    return {k: ("on" if v is True else v) for k, v in values.items() if v not in (None, False, "")}


def asked_of(plan: Plan) -> dict[str, Any]:
    return dict(plan.run.asked)


@pytest.mark.parametrize("path", ["/plans/new/?city=littleton", "/plans/frontier/?city=littleton"])
def test_who_is_not_signed_in_is_led_there_and_back(client: Client, plan: Plan, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 302
    assert unquote(response["Location"]).endswith(f"?next={path}")
    assert client.post(f"/plans/{plan.pk}/dispute/", {"reason": "No."}).status_code == 302
    assert client.post(f"/plans/{plan.pk}/what-if/plan/").status_code == 302
    assert Objection.objects.count() == 0
    assert Plan.objects.count() == 1


def test_a_form_sent_as_it_came_asks_for_the_city_as_it_is(ana: Client, plan: Plan) -> None:
    path = "/plans/new/?city=littleton"
    response = ana.post(path, filled(ana, path, title="As it is"))
    made = Plan.objects.get(title="As it is")
    assert response["Location"] == f"/plans/{made.pk}/"
    assert asked_of(made) == Asked().to_dict()
    assert (made.made_by_name, made.public, made.run.state) == ("Ana", False, "queued")


def test_a_rule_that_is_changed_is_asked_for_with_the_name_of_who_asked(ana: Client, plan: Plan) -> None:
    path = "/plans/new/?city=littleton"
    card = {"benefit_share-on": "on", "benefit_share-share": "55", "no_low_income_worse_off-on": ""}
    ana.post(path, filled(ana, path, title="Changed", **card))
    asked = asked_of(Plan.objects.get(title="Changed"))
    assert asked == {"rules": ["benefit_share share=0.55"], "rules_off": ["no_low_income_worse_off"], "set_by": "Ana"}


def test_targets_budgets_measures_and_assumptions_are_asked_for_where_they_differ(ana: Client, plan: Plan) -> None:
    path = "/plans/new/?city=littleton"
    s = read_settings(city_folder() / "city.toml")
    assert s.start < 2031 < s.pledge.neutrality_year
    form = ana.get(path).context["form"]
    measure = next(iter(form.measures))
    changes = {"year-1": "2031", "cut-1": "33", "budget-city": "17.5", f"least-{measure}": "20",
               f"least-year-{measure}": "2035", f"most-{measure}": "50", "settings": "petrol_price = 0.31\n",
               "resolution": "standard", "headwinds": ""}  # fmt: skip
    ana.post(path, filled(ana, path, title="Much", set_by="The assembly", how="vote", **changes))
    asked = asked_of(Plan.objects.get(title="Much"))
    assert asked["targets"] == [[2031, 0.33]]
    assert asked["budgets"] == {"city": 17.5}
    assert asked["floors"] == [[measure, 0.2, 2035]]
    assert asked["ceilings"] == [[measure, 0.5, s.start + 1]]
    assert asked["settings"] == ["petrol_price=0.31"]
    assert asked["resolution"] == "standard"
    assert (asked["set_by"], asked["how"], asked["headwinds"]) == ("The assembly", "vote", False)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("neutrality_year", "2020", "choose a later year"),
        ("year-1", "2199", "at the latest"),
        ("cut-1", "", "both its year and its cut"),
        ("settings", "petrol_price = cheap", "petrol_price"),
        ("burden_cap-on", "on", "level"),
        ("title", "", "required"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(
    ana: Client, plan: Plan, field: str, value: str, said: str
) -> None:
    path = "/plans/new/?city=littleton"
    sent = filled(ana, path, title="Wrong", reason="Because of the winter") | {field: value}
    response = ana.post(path, sent)
    form = response.context["form"]
    assert response.status_code == 422
    assert said in str(form.errors.get(field, "")), form.errors
    assert "Because of the winter" in text(response)
    assert not Plan.objects.filter(title="Wrong").exists()


def test_the_same_plan_with_one_rule_changed_keeps_the_rest(ana: Client, plan: Plan) -> None:
    path = f"/plans/new/?from={plan.pk}"
    ana.post(path, filled(ana, path, **{"warm_rent-on": "on", "title": "With warm rent"}))
    made = Plan.objects.get(title="With warm rent")
    assert asked_of(made) == {"rules": ["warm_rent"], "settings": ["petrol_price=0.2"], "set_by": "Ana"}
    assert made.beside == plan


def test_equal_questions_share_a_run(ana: Client, plan: Plan) -> None:
    path = "/plans/new/?city=littleton"
    for title in ("One", "Two"):
        ana.post(path, filled(ana, path, title=title))
    assert Plan.objects.get(title="One").run == Plan.objects.get(title="Two").run


def test_on_behalf_of_needs_a_mandate(ana: Client, plan: Plan, person: Callable[..., User]) -> None:
    theirs = Organisation.objects.create(kind="community", name="Others")
    path = "/plans/new/?city=littleton"
    response = ana.post(path, filled(ana, path, title="Not mine", organisation=theirs.pk))
    assert response.status_code == 422
    assert "organisation" in response.context["form"].errors
    mine = Organisation.objects.create(kind="community", name="Ours")
    person("ana", mine)
    ana.post(path, filled(ana, path, title="Ours", organisation=mine.pk))
    assert Plan.objects.get(title="Ours").organisation == mine


def test_an_objection_with_a_number_makes_the_plan_again_with_it(ana: Client, plan: Plan, client: Client) -> None:
    path = f"/plans/{plan.pk}/dispute/?parameter=removals_cost"
    assert "removals_cost" in text(ana.get(path))
    response = ana.post(path, {"value": "999", "reason": "Too cheap by far"})
    objection = Objection.objects.get()
    assert response["Location"] == f"/plans/{objection.answer_id}/"
    assert (objection.parameter, objection.value, objection.author_name) == ("removals_cost", 999.0, "Ana")
    assert objection.answer.kind == "dispute"
    assert objection.answer.beside == plan
    assert "Cost to take CO₂ out of the air = 999" in objection.answer.title
    assert "disputed by Ana" in objection.answer.title
    assert asked_of(objection.answer) == {"settings": ["petrol_price=0.2", "removals_cost=999"], "set_by": "Ana"}
    public = text(client.get(f"/plans/{plan.pk}/"))
    assert "Too cheap by far" in public
    assert f'href="/plans/{objection.answer_id}/"' in public


def test_an_objection_may_be_words_alone(ana: Client, plan: Plan) -> None:
    ana.post(f"/plans/{plan.pk}/dispute/", {"reason": "Nobody asked us"})
    objection = Objection.objects.get()
    assert (objection.parameter, objection.value, objection.answer) == ("", None, None)
    assert ana.post(f"/plans/{plan.pk}/dispute/", {"reason": ""}).status_code == 422


def test_a_number_that_changes_nothing_or_divides_by_zero_is_refused(ana: Client, plan: Plan) -> None:
    from_page = ana.get(f"/plans/{plan.pk}/dispute/?parameter=removals_cost").context["about"]
    path = f"/plans/{plan.pk}/dispute/?parameter=removals_cost"
    assert ana.post(path, {"value": repr(from_page.value), "reason": "x"}).status_code == 422
    assert ana.post(path, {"value": "nan", "reason": "x"}).status_code == 422
    rows = ana.get(f"/plans/{plan.pk}/assumptions/").context["rows"]
    divisor = next(a.name for a, _used in rows if a.divides)
    response = ana.post(f"/plans/{plan.pk}/dispute/?parameter={divisor}", {"value": "0", "reason": "x"})
    assert "divides" in str(response.context["form"].errors)
    assert not Objection.objects.exists()


def test_where_too_many_runs_wait_nothing_of_an_objection_is_kept(ana: Client, plan: Plan, settings: Any) -> None:
    settings.RUNS_EACH = 0
    path = f"/plans/{plan.pk}/dispute/?parameter=removals_cost"
    response = ana.post(path, {"value": "999", "reason": "Too cheap"})
    assert response.status_code == 422
    assert "Too cheap" in text(response)
    assert not Objection.objects.exists()
    assert Plan.objects.count() == 1


def test_a_what_if_becomes_a_new_plan_with_its_values(ana: Client, plan: Plan) -> None:
    lever = ana.get(f"/plans/{plan.pk}/what-if/").context["sliders"][0].lever
    ana.post(f"/plans/{plan.pk}/what-if/plan/", {lever.name: f"{lever.high:.6g}"})
    made = Plan.objects.exclude(pk=plan.pk).get()
    settings = dict(s.split("=") for s in asked_of(made)["settings"])
    assert float(settings[lever.name]) == pytest.approx(lever.high, rel=1e-5)
    assert made.beside == plan
    assert "A new plan" in text(ana.get(f"/plans/{made.pk}/"))
    ana.post(f"/plans/{plan.pk}/what-if/plan/", {})
    assert Plan.objects.count() == 2


def test_judging_the_citys_actions_asks_for_the_same_plan_with_the_judgement(ana: Client, plan: Plan) -> None:
    Run.objects.filter(pk=plan.run_id).update(asked={"assessment": False})
    assert "without judging" in text(ana.get(f"/plans/{plan.pk}/"))
    ana.post(f"/plans/{plan.pk}/judge/")
    assert asked_of(Plan.objects.exclude(pk=plan.pk).get()) == {}


def test_a_frontier_is_asked_for_by_rule_levels_and_steps(ana: Client, plan: Plan) -> None:
    path = "/plans/frontier/?city=littleton"
    sent = {"title": "Frontier", "rule": "benefit_share", "levels": "off, 0.4", "carbon": "3"}
    ana.post(path, sent)
    made = Plan.objects.get(title="Frontier")
    assert (made.kind, made.run.kind) == ("frontier", "frontier")
    assert asked_of(made)["frontier"] == {"rule": "benefit_share", "levels": ["off", "0.4"], "carbon": 3}
    assert ana.post(path, sent | {"levels": "much"}).status_code == 422
    assert ana.post(path, sent | {"carbon": "500"}).status_code == 422


def test_a_groups_answers_are_those_of_its_file(ana: Client, plan: Plan) -> None:
    path = f"/plans/{plan.pk}/table/"
    form = ana.get(path).context["form"]
    measure, zone = next(iter(form.measures)), form.fields["zone"].choices[0][0]
    given = {"group_name": 'The "block" of us', "date": "2026-11-20", "present": "12", "zone": zone,
             "doubt-1": "removals_cost", "doubt-value-1": "700", "doubt-why-1": "dear", "wish-1": measure,
             "wish-end-1": "at_most", "wish-share-1": "20", "wish-year-1": "2035", "agree-rules": "7",
             "object-rules": "3", "reasons-rules": "one\ntwo", "burden_cap-on": "on",
             "burden_cap-level": "6"}  # fmt: skip
    assert ana.post(path, filled(ana, path, **given)).status_code == 302
    made = Plan.objects.get(kind="table")
    answers = parse_answers(tomllib.loads(asked_of(made)["answers_text"]))
    assert (answers.group, answers.zone, answers.present) == ('The "block" of us', zone, 12)
    assert (answers.disputes[0].parameter, answers.disputes[0].value) == ("removals_cost", 700.0)
    assert answers.wishes[0].bound.share == 0.2
    assert not answers.wishes[0].floor
    assert answers.votes[0].why == ("one", "two")
    assert {r.name: r.level for r in answers.rules}["burden_cap"] == 0.06
    assert ana.post(path, filled(ana, path, **given | {"agree-rules": "70"})).status_code == 422


@pytest.mark.parametrize("name", ['"', "\\", "a\nb", "\x7f", "]] [group", "São Tomé ☀"])
def test_whatever_a_group_writes_comes_back_from_its_file(name: str) -> None:
    given = {"group_name": name + "a", "zone": "Z1", "date": datetime.date(2026, 1, 2), "present": 3}
    read = tomllib.loads(answers_text(given, ["warm_rent"], ["benefit_share"]))
    assert read["group"]["name"] == name + "a"
    assert read["rule"] == [{"name": "warm_rent"}, {"name": "benefit_share", "on": False}]


def test_only_who_leads_for_the_city_makes_a_plan_public_or_its_own(
    ana: Client, plan: Plan, person: Callable[..., User], signed_in: Callable[[User], Client], client: Client
) -> None:
    assert ana.post(f"/plans/{plan.pk}/publish/", {"what": "leading"}).status_code == 403
    before = finished_plan(plan.city, "Before", leading=True)
    lead = signed_in(person("lea", Organisation.objects.get(city=plan.city), "lead"))
    lead.post(f"/plans/{plan.pk}/publish/", {"what": "leading"})
    assert list(Plan.objects.filter(leading=True)) == [plan]
    lead.post(f"/plans/{before.pk}/publish/", {"what": "private"})
    assert client.get(f"/plans/{before.pk}/").status_code == 404
    lead.post(f"/plans/{plan.pk}/publish/", {"what": "private"})
    assert Plan.objects.get(pk=plan.pk).leading is False
    assert client.get(f"/plans/{plan.pk}/").status_code == 404


def test_a_plan_for_a_city_that_one_does_not_see_cannot_be_asked_for(ana: Client) -> None:
    planned_city("hidden", public=False)
    assert ana.get("/plans/new/?city=hidden").status_code == 404
    assert ana.post("/plans/new/?city=hidden", {"title": "x"}).status_code == 404


def test_before_a_city_has_any_good_version_there_is_nothing_to_plan(ana: Client) -> None:
    City.objects.create(slug="bare", name="Bare", public=True)
    assert ana.get("/plans/new/?city=bare").status_code == 404
