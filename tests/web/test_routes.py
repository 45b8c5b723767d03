"""Every address, walked by a stranger, by people of another city and by another community: nothing private shows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from mutirao.web.cities.models import City, CityVersion
from mutirao.web.departments.models import Assignment
from mutirao.web.people.models import ApiToken, Invitation, Mandate, Organisation, User
from mutirao.web.plans.models import Objection, Plan
from mutirao.web.runs.models import Run

#: What lies in the secret things; none of it may reach anyone who does not belong to them.
SECRET = "Quiet Harbour"

#: Addresses of others' code (accounts) and of the project that name no object of ours.
FREE = {"front", "alive", "set_language"}
#: How each address is walked: which object of the secret city stands in it. An address that is not here fails.
WALKED: dict[str, Callable[["Secret"], list[Any]]] = {
    "me": lambda s: [],
    "read_reminders": lambda s: [],
    "make_token": lambda s: [],
    "drop_token": lambda s: [s.token.pk],
    "organisations": lambda s: [],
    "new_organisation": lambda s: [],
    "organisation": lambda s: [s.body.pk],
    "describe_organisation": lambda s: [s.body.pk],
    "invite": lambda s: [s.body.pk],
    "invitation": lambda s: ["no-such-token"],
    "withdraw_mandate": lambda s: [s.mandate.pk],
    "cities": lambda s: [],
    "new_city": lambda s: [],
    "city": lambda s: [s.city.slug],
    "publish_city": lambda s: [s.city.slug],
    "city_versions": lambda s: [s.city.slug],
    "new_version": lambda s: [s.city.slug],
    "city_version": lambda s: [s.city.slug, 1],
    "check_again": lambda s: [s.city.slug, 1],
    "publish_version": lambda s: [s.city.slug, 1],
    "download_version": lambda s: [s.city.slug, 1],
    "version_since": lambda s: [s.city.slug, 2, 1],
    "version_file": lambda s: [s.city.slug, 1, "people.csv"],
    "edit_file": lambda s: [s.city.slug, 1, "people.csv"],
    "my_runs": lambda s: [],
    "run": lambda s: [s.run.pk],
    "run_progress": lambda s: [s.run.pk],
    "run_cancel": lambda s: [s.run.pk],
    "plans": lambda s: [],
    "my_plans": lambda s: [],
    "new_plan": lambda s: [],
    "new_frontier": lambda s: [],
    "compare_plans": lambda s: [],
    "plan": lambda s: [s.plan.pk],
    "explain": lambda s: [s.plan.pk],
    "assumptions": lambda s: [s.plan.pk],
    "dispute": lambda s: [s.plan.pk],
    "what_if": lambda s: [s.plan.pk],
    "reoptimise": lambda s: [s.plan.pk],
    "judge_actions": lambda s: [s.plan.pk],
    "table": lambda s: [s.plan.pk],
    "publish_plan": lambda s: [s.plan.pk],
    "plan_file": lambda s: [s.plan.pk, "book.csv"],
    "carrying_out": lambda s: [s.city.slug],
    "assign": lambda s: [s.city.slug],
    "depend": lambda s: [s.city.slug],
    "department": lambda s: [s.city.slug, s.body.pk],
    "measure": lambda s: [s.city.slug, s.assignment.measure],
}
#: Pages of an organisation are public by intent (it speaks in public); its people and letters are not.
PUBLIC_BY_INTENT = {"organisation", "organisations", "describe_organisation", "invite"}


@dataclass(frozen=True)
class Secret:
    """A city that is not public, and one of everything in it."""

    city: City
    body: Organisation
    mandate: Mandate
    run: Run
    plan: Plan
    token: ApiToken
    assignment: Assignment


@pytest.fixture
def secret(village: City, person: Callable[..., User]) -> Secret:
    village.name = SECRET
    village.save()
    body = Organisation.objects.get(city=village)
    insider = person("ida", body, "lead")
    version = village.versions.get()
    CityVersion.objects.create(city=village, number=2, note=SECRET, sha256="2" * 64, folder="none", state="good")
    run = Run.objects.create(kind="plan", version=version, inputs_hash="b" * 64, state="done", asked_by=insider)
    plan = Plan.objects.create(city=village, run=run, title=SECRET, made_by=insider, made_by_name=SECRET)
    Objection.objects.create(plan=plan, reason=SECRET, author=insider, author_name=SECRET)
    token, _text = ApiToken.make(insider, SECRET, "write")
    Invitation.objects.create(organisation=body, email="quiet@example.org", role="lead", token_hash="c" * 64)
    assignment = Assignment.objects.create(city=village, measure="heat.heat_pumps", owner=body, note=SECRET)
    return Secret(village, body, insider.mandates.get(), run, plan, token, assignment)


@pytest.fixture
def outsiders(town: City, person: Callable[..., User], signed_in: Callable[[User], Client]) -> dict[str, Client]:
    neighbours = Organisation.objects.create(kind="community", name="Neighbours of Town", city=town)
    return {
        "stranger": Client(),
        "another city": signed_in(person("otto", Organisation.objects.get(city=town, kind="city"), "lead")),
        "another community": signed_in(person("nora", neighbours, "lead")),
        "nobody's": signed_in(person("noah")),
    }


def patterns(found: Any = None, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every named address of ours: its name and the pattern it stands for."""
    for one in (found or get_resolver()).url_patterns:
        whole = prefix + str(one.pattern)
        if isinstance(one, URLResolver):
            if one.namespace != "api" and not whole.startswith("account/"):
                yield from patterns(one, whole)
        elif isinstance(one, URLPattern) and one.name:
            yield one.name, whole


def test_every_address_is_walked() -> None:
    known = {name for name, _ in patterns()}
    assert known - FREE == set(WALKED), "say in WALKED how the walk shall visit a new address"


@pytest.mark.parametrize("method", ["get", "post"])
def test_outsiders_see_nothing_of_a_private_city(
    secret: Secret, outsiders: dict[str, Client], method: str
) -> None:
    for name, arguments in WALKED.items():
        address = reverse(name, args=arguments(secret))
        for who, client in outsiders.items():
            answer = getattr(client, method)(address)
            where = f"{method} {address} as {who}"
            assert answer.status_code < 500, where
            text = b"".join(answer.streaming_content) if answer.streaming else answer.content
            if arguments(secret) and name not in PUBLIC_BY_INTENT:
                assert answer.status_code in (302, 403, 404, 405), f"{where}: {answer.status_code}"
                assert SECRET.encode() not in text, where
            assert b"quiet@example.org" not in text, where
            if name not in PUBLIC_BY_INTENT | {"new_organisation"}:
                assert SECRET.encode() not in text, where
    assert Run.objects.get(pk=secret.run.pk).state == "done"
    assert ApiToken.objects.filter(pk=secret.token.pk).exists()
    assert secret.mandate in Mandate.objects.live()
    assert not Plan.objects.filter(pk=secret.plan.pk, public=True).exists()


@pytest.mark.parametrize("query", ["city=village", "from={plan}", "a={plan}&b={plan}", "plan={plan}"])
def test_a_private_plan_is_not_reached_by_a_query(secret: Secret, outsiders: dict[str, Client], query: str) -> None:
    for name in ("plans", "new_plan", "new_frontier", "compare_plans"):
        for client in outsiders.values():
            answer = client.get(reverse(name) + "?" + query.format(plan=secret.plan.pk))
            assert answer.status_code < 500
            assert SECRET.encode() not in answer.content


def test_the_interface_for_programs_keeps_it_too(secret: Secret, outsiders: dict[str, Client]) -> None:
    schema = Client().get("/api/openapi.json").json()
    assert schema["openapi"].startswith("3.1")
    numbers = {"pk": secret.plan.pk, "number": 1, "slug": secret.city.slug, "city": secret.city.slug}
    walked = 0
    for path, ways in schema["paths"].items():
        if "get" not in ways:
            continue
        address = path
        for parameter in ways["get"].get("parameters", []):
            if parameter["in"] == "path":
                value = numbers.get(parameter["name"], secret.plan.pk)
                address = address.replace("{" + parameter["name"] + "}", str(value))
        for who, client in outsiders.items():
            answer = client.get(address)
            assert answer.status_code < 500, address
            assert SECRET.encode() not in answer.content, f"{address} as {who}"
        walked += 1
    assert walked >= 8


def test_insiders_do_see_it(secret: Secret, person: Callable[..., User], signed_in: Callable[[User], Client]) -> None:
    inside = signed_in(person("ida"))
    for name in ("city", "city_versions", "carrying_out", "measure"):
        answer = inside.get(reverse(name, args=WALKED[name](secret)))
        assert answer.status_code == 200, name
        assert SECRET.encode() in answer.content, name
