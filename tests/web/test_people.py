"""Accounts, organisations, mandates, invitations, reminders and keys."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from mutirao.web.cities.models import City
from mutirao.web.people.models import ApiToken, Invitation, Mandate, Organisation, Reminder, User, hashed
from mutirao.web.people.reminders import remind, send_due

Person = Callable[..., User]
SignedIn = Callable[[User], Client]
LONG_WORD = "so long a word 1"


def test_opening_an_account_asks_name_address_and_password(db: None) -> None:
    client = Client()
    given = {"email": "ana@example.org", "name": "Ana", "password1": LONG_WORD, "password2": LONG_WORD}
    answer = client.post("/account/signup/", given)
    assert answer.status_code == 302
    assert User.objects.get(email="ana@example.org").name == "Ana"
    assert client.get("/people/me/").status_code == 200


def test_an_account_is_not_opened_where_only_invited_people_may(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUTIRAO_SIGNUP", "invited")
    given = {"email": "ana@example.org", "name": "Ana", "password1": LONG_WORD, "password2": LONG_WORD}
    Client().post("/account/signup/", given)
    assert not User.objects.exists()


def test_whoever_founds_an_organisation_leads_it(person: Person, signed_in: SignedIn) -> None:
    client = signed_in(person("ana"))
    given = {"name": "Neighbours", "kind": "community", "speaks_for": "40 homes", "decides_how": "by show of hands"}
    answer = client.post("/people/organisations/new/", given)
    made = Organisation.objects.get(name="Neighbours")
    assert answer["Location"] == f"/people/organisations/{made.pk}/"
    assert made.mandates.get().role == "lead"


@pytest.mark.parametrize("kind", ["city", "alliance", "department"])
def test_nobody_founds_a_city_or_department_for_themselves(
    person: Person, signed_in: SignedIn, town: City, kind: str
) -> None:
    given = {"name": "Us", "kind": kind, "city": town.pk, "speaks_for": "all", "decides_how": "alone"}
    answer = signed_in(person("ana")).post("/people/organisations/new/", given)
    assert answer.status_code == 422
    assert not Organisation.objects.filter(name="Us").exists()


def test_who_leads_the_city_adds_its_departments(person: Person, signed_in: SignedIn, town: City) -> None:
    lead = person("ana", Organisation.objects.get(city=town), "lead")
    given = {
        "name": "Transport", "kind": "department", "city": town.pk, "speaks_for": "roads", "decides_how": "director",
    }  # fmt: skip
    assert signed_in(lead).post("/people/organisations/new/", given).status_code == 302
    assert Organisation.objects.get(name="Transport").city == town


def test_an_invitation_is_accepted_once_and_gives_the_mandate(
    person: Person, signed_in: SignedIn, town: City
) -> None:
    body = Organisation.objects.get(city=town)
    lead = signed_in(person("ana", body, "lead"))
    answer = lead.post(f"/people/organisations/{body.pk}/invite/", {"email": "bea@example.org", "role": "editor"})
    path = re.search(r"/people/invitations/[\w-]+/", answer.content.decode())
    assert path is not None
    assert path[0] in mail.outbox[0].body
    assert path[0].split("/")[-2] not in str(Invitation.objects.values())  # only its hash is kept
    bea = person("bea")
    assert signed_in(bea).post(path[0]).status_code == 302
    assert Mandate.objects.live().get(user=bea).role == "editor"
    assert signed_in(person("carl")).post(path[0]).status_code == 404


def test_an_invitation_runs_out(person: Person, signed_in: SignedIn, town: City) -> None:
    body = Organisation.objects.get(city=town)
    late = timezone.now() - timedelta(minutes=1)
    Invitation.objects.create(
        organisation=body, email="b@example.org", role="lead", token_hash=hashed("x"), expires=late
    )
    assert signed_in(person("bea")).get("/people/invitations/x/").status_code == 404


def test_only_who_leads_invites_and_ends_mandates(person: Person, signed_in: SignedIn, town: City) -> None:
    body = Organisation.objects.get(city=town)
    lead, editor = person("ana", body, "lead"), person("bea", body, "editor")
    other = signed_in(person("eve"))
    address = f"/people/organisations/{body.pk}/invite/"
    assert signed_in(editor).post(address, {"email": "x@example.org", "role": "lead"}).status_code == 403
    assert other.post(address, {"email": "x@example.org", "role": "lead"}).status_code == 403
    assert other.post(f"/people/mandates/{lead.mandates.get().pk}/withdraw/").status_code == 404
    assert signed_in(editor).post(f"/people/mandates/{lead.mandates.get().pk}/withdraw/").status_code == 403
    assert signed_in(lead).post(f"/people/mandates/{editor.mandates.get().pk}/withdraw/").status_code == 302
    assert not Mandate.objects.live().filter(user=editor).exists()


def test_somebody_always_leads(person: Person, signed_in: SignedIn, town: City) -> None:
    lead = person("ana", Organisation.objects.get(city=town), "lead")
    answer = signed_in(lead).post(f"/people/mandates/{lead.mandates.get().pk}/withdraw/")
    assert answer.status_code == 403
    assert "another person the lead first" in answer.content.decode()


def test_a_mandate_ends_with_its_term(person: Person, town: City) -> None:
    body, now = Organisation.objects.get(city=town), timezone.now()
    user = person("ana")
    Mandate.objects.create(
        user=user, organisation=body, role="lead", begins=now - timedelta(days=2), ends=now - timedelta(days=1)
    )
    assert not Organisation.objects.of(user).exists()


def test_the_database_knows_what_a_mandate_is(person: Person, town: City) -> None:
    body, now = Organisation.objects.get(city=town), timezone.now()
    user = person("ana", body)
    with pytest.raises(IntegrityError), transaction.atomic():
        Mandate.objects.create(user=user, organisation=body, role="lead")
    with pytest.raises(IntegrityError), transaction.atomic():
        Mandate.objects.create(user=person("bea"), organisation=body, role="lead", begins=now, ends=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        Organisation.objects.create(kind="department", name="of nowhere")


def test_members_are_seen_by_members_only(person: Person, signed_in: SignedIn, town: City) -> None:
    body = Organisation.objects.get(city=town)
    member = person("ana", body, "reader")
    page = f"/people/organisations/{body.pk}/"
    assert "Ana" in signed_in(member).get(page).content.decode()
    assert "Ana" not in signed_in(person("eve")).get(page).content.decode()
    assert "Ana" not in Client().get(page).content.decode()


def test_a_reminder_is_said_and_sent_in_the_readers_language(
    person: Person, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = person("ana")
    user.language = "es"
    user.save()
    remind(user, "Your plan “{title}” is ready.", {"title": "Sol"}, "/plans/1/")
    assert send_due() == 1
    assert send_due() == 0
    assert "Sol" in mail.outbox[0].body
    assert "/plans/1/" in mail.outbox[0].body
    client = signed_in(user)
    assert "Sol" in client.get("/people/me/").content.decode()
    client.post("/people/me/reminders/")
    assert not Reminder.objects.filter(read_at=None).exists()


def test_a_reminder_is_not_sent_before_it_is_due(person: Person) -> None:
    remind(person("ana"), "Later", {}, "", timezone.now() + timedelta(days=1))
    assert send_due() == 0


def test_a_key_is_shown_once_and_kept_as_a_hash(person: Person, signed_in: SignedIn) -> None:
    client = signed_in(person("ana"))
    page = client.post("/people/me/keys/", {"name": "my script", "scope": "read"}).content.decode()
    text = re.search(r"mu_[0-9a-f]{8}\.[\w-]{43}", page)
    assert text is not None
    token = ApiToken.objects.get()
    assert token.token_hash == hashed(text[0])
    assert text[0].split(".")[1] not in client.get("/people/me/").content.decode()
    other = signed_in(person("eve"))
    assert other.post(f"/people/me/keys/{token.pk}/drop/").status_code == 404
    client.post(f"/people/me/keys/{token.pk}/drop/")
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize("page", ["me/", "organisations/new/", "organisations/99999999999999999999/"])
def test_pages_answer_strangers_without_falling(db: None, page: str) -> None:
    answer: Any = Client().get(f"/people/{page}")
    assert answer.status_code in (302, 404)
