"""Settings and headers: what must hold before anyone is let in from outside."""

import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from mutirao.site.database import database_of
from mutirao.site.keeping import secret_key
from mutirao.web.cities.models import City


def test_the_deployment_check_has_nothing_to_say(tmp_path: Path) -> None:
    environment = {**os.environ, "MUTIRAO_HTTPS": "1", "MUTIRAO_DATA": str(tmp_path), "MUTIRAO_HOSTS": "example.org"}
    command = [sys.executable, "-m", "django", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_models_and_migrations_agree(db: None) -> None:
    said = StringIO()
    call_command("makemigrations", "--check", "--dry-run", stdout=said)
    assert "No changes" in said.getvalue()


def test_every_page_forbids_foreign_and_inline_code(town: City) -> None:
    policy = Client().get("/").headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy


def test_pages_carry_the_usual_guards(town: City) -> None:
    headers = Client().get("/").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"


def test_no_template_carries_inline_code_or_style() -> None:
    root = Path(settings.BASE).parent
    templates = [*root.glob("site/templates/**/*.html"), *root.glob("web/**/templates/**/*.html")]
    assert len(templates) > 20
    for file in templates:
        text = file.read_text(encoding="utf-8")
        assert ' style="' not in text, file
        assert "javascript:" not in text, file
        assert not [w for w in ("onclick=", "onload=", "onchange=", "onsubmit=", "hx-on") if w in text], file
        for script in text.split("<script")[1:]:
            assert "src=" in script.split(">")[0] or "application/json" in script.split(">")[0], file


def test_the_secret_is_made_once_and_is_for_its_owner_only(tmp_path: Path) -> None:
    key = secret_key(tmp_path / "key")
    assert secret_key(tmp_path / "key") == key
    assert len(key) >= 50
    assert (tmp_path / "key").stat().st_mode & 0o077 == 0


def test_one_variable_chooses_postgresql(tmp_path: Path) -> None:
    chosen = database_of("postgresql://ana:word@example.org:5433/cities?sslmode=require", tmp_path / "x")
    assert chosen["ENGINE"].endswith("postgresql")
    assert (chosen["NAME"], chosen["USER"], chosen["PORT"]) == ("cities", "ana", "5433")
    assert chosen["OPTIONS"] == {"sslmode": "require"}
    assert database_of("", tmp_path / "x")["NAME"] == tmp_path / "x"


@pytest.mark.parametrize("page", ["/cities/%00/", "/plans/0/", "/plans/99999999999999999999999/", "/no/such/", "/%ff"])
def test_strange_addresses_are_not_found(db: None, page: str) -> None:
    assert Client().get(page).status_code == 404


def test_a_form_from_elsewhere_is_refused_in_words(town: City) -> None:
    answer = Client(enforce_csrf_checks=True).post("/account/login/", {"login": "a", "password": "b"})
    assert answer.status_code == 403
    assert "send the form again" in answer.content.decode()
