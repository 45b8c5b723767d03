"""People, organisations and a city for tests of the web application."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client, TransactionTestCase

from mutirao.web.cities.models import City, CityVersion
from mutirao.web.people.models import Mandate, Organisation, User

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _light(settings: Any, tmp_path: Any) -> None:
    """Fast hashes, plain static files, letters kept in memory, a folder of its own for kept files."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    local = "django.core.cache.backends.locmem.LocMemCache"
    settings.CACHES = {name: {"BACKEND": local, "LOCATION": name} for name in ("default", "near")}
    settings.KEPT = tmp_path / "kept"


@pytest.fixture(autouse=True, scope="session")
def _flushed_past_the_rules() -> Iterator[None]:
    """Tables are emptied after a test with real transactions; on SQLite that means past the rules of `web.rules`."""
    flush = TransactionTestCase._fixture_teardown

    def past(case: TransactionTestCase) -> None:
        if connection.vendor != "sqlite":
            return flush(case)
        with connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'kept_%'")
            rules = cursor.fetchall()
            for name, _sql in rules:
                cursor.execute(f'DROP TRIGGER "{name}"')
        flush(case)
        with connection.cursor() as cursor:
            for _name, sql in rules:
                cursor.execute(sql)
        return None

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", past)
        yield


@pytest.fixture
def person(db: None) -> Callable[..., User]:
    """Make a person: ``person("ana")``; ``person("ana", organisation, "editor")`` with a mandate."""

    def make(name: str, organisation: Organisation | None = None, role: str = "editor") -> User:
        user = User.objects.filter(email=f"{name}@example.org").first()
        user = user or User.objects.create_user(f"{name}@example.org", PASSWORD, name=name.title())
        if organisation is not None:
            Mandate.objects.create(user=user, organisation=organisation, role=role)
        return user

    return make


@pytest.fixture
def signed_in() -> Callable[[User], Client]:
    """A browser in which a person is signed in."""

    def make(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return make


@pytest.fixture
def town(db: None) -> City:
    """A public city with its own body and one good public version (without files)."""
    city = City.objects.create(slug="town", name="Town", public=True)
    Organisation.objects.create(kind="city", name="City of Town", city=city)
    CityVersion.objects.create(
        city=city, number=1, note="first", sha256="0" * 64, folder="none", state="good", public=True
    )
    return city


@pytest.fixture
def village(db: None) -> City:
    """A city that is not public, with its own body."""
    city = City.objects.create(slug="village", name="Village", public=False)
    Organisation.objects.create(kind="city", name="City of Village", city=city)
    CityVersion.objects.create(city=city, number=1, note="first", sha256="1" * 64, folder="none", state="good")
    return city
