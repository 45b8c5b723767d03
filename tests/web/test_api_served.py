"""The interface as programs meet it, served by processes: its description kept, the example client, kills."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mutirao.book.bundle import save_plan
from mutirao.web.people.models import hashed
from tests.web.places import ROOT, Place, absent, answers, copied, free_port, migrated, opened, until
from tests.web.test_api import a_solved_plan

TOKEN = "mu_test.just-for-tests"
NOW, LATER = "2030-01-01 00:00:00+00:00", "2999-01-01 00:00:00+00:00"


def serve(place: Place, port: int) -> "subprocess.Popen[bytes]":
    words = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--no-ws", "--log-level", "error"]
    process = place.begin("-m", "granian", *words, "mutirao.site.wsgi:application")
    until(lambda: answers(port), "the server answers")
    return process


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A place with a good public version of a town, a finished public plan and a person with a token."""
    model = migrated(tmp_path_factory.mktemp("model"))
    with opened(copied(model, tmp_path_factory.mktemp("served") / "data")) as made:
        made.sql("UPDATE cities_cityversion SET state = 'good'")
        made.sql("INSERT INTO people_user (id, password, is_superuser, email, is_staff, is_active, date_joined, name,"
                 " language) VALUES (1, '', 0, 'ana@example.org', 0, 1, ?, 'Ana', '')", NOW)  # fmt: skip
        made.sql("INSERT INTO people_apitoken (name, prefix, token_hash, scope, made_at, expires, user_id) VALUES"
                 " ('test', 'mu_test', ?, 'write', ?, ?, 1)", hashed(TOKEN), NOW, LATER)  # fmt: skip
        run = made.queue()
        made.sql("UPDATE runs_run SET state = 'done'")
        made.sql("INSERT INTO plans_plan (kind, title, reason, made_by_name, made_at, public, leading, city_id, run_id)"
                 " VALUES ('plan', 'The plan', '', 'Cyd', ?, 1, 1, 1, ?)", NOW, run)  # fmt: skip
        save_plan(a_solved_plan(), made.folder / "kept" / "runs" / str(run) / "result" / "plans" / "rules")
        yield made


@pytest.fixture(scope="module")
def address(place: Place) -> str:
    port = free_port()
    serve(place, port)
    return f"http://127.0.0.1:{port}"


def example(place: Place, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, str(ROOT / "examples" / "api_client.py"), *words],
        env={**os.environ, "MUTIRAO_TOKEN": TOKEN}, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def test_the_interface_keeps_its_own_description(address: str, place: Place, tmp_path: Path) -> None:
    """Every check of schemathesis, on every address, with and without a token."""
    tool = Path(sys.executable).with_name("schemathesis")
    if not tool.exists():
        absent("schemathesis")
    # A question may be well formed and still be none that a city can be planned by: then 409 or 422 with the reason.
    settings = "[checks]\npositive_data_acceptance.expected-statuses = ['2xx', 401, 403, 404, 409, 422]\n"
    (tmp_path / "schemathesis.toml").write_text(settings, encoding="ascii")
    words = ["--checks", "all", "--max-examples", "4", "--header", f"Authorization: Bearer {TOKEN}", "--no-color"]
    told = subprocess.run(
        [str(tool), "--config-file", str(tmp_path / "schemathesis.toml"), "run", f"{address}/api/openapi.json", *words],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=400,
    )  # fmt: skip
    place.sql("UPDATE runs_run SET state = 'cancelled' WHERE state = 'queued'")
    assert told.returncode == 0, told.stdout[-6_000:]


def test_the_example_client_reads(address: str, place: Place) -> None:
    told = example(place, address, "town")
    assert told.returncode == 0, told.stderr
    assert "The plan, by Cyd (done)" in told.stdout
    assert "kt/a" in told.stdout


def test_the_example_client_plans_and_says_why_not(address: str, place: Place) -> None:
    worker = place.worker()
    told = example(place, address, "town", "--neutral-by", "2045")
    assert (told.returncode, "done" in told.stdout) == (0, True), told.stderr
    refused = example(place, address, "nowhere", "--neutral-by", "2045")
    assert refused.returncode == 1
    assert "Refused: There is no such thing" in refused.stderr
    worker.terminate()
    assert worker.wait(30) == 0


def test_a_server_that_is_killed_loses_no_run(place: Place) -> None:
    """The worker goes on without the server, and a new server shows what became of the run."""
    port = free_port()
    server = serve(place, port)
    number = place.queue("long at first")
    worker = place.worker()
    until(lambda: any(line[0] == str(number) for line in place.lines("began.txt")), "the run begins")
    os.killpg(server.pid, 9)
    server.wait()
    worker.kill()
    worker.wait()
    place.worker()
    serve(place, port)
    until(lambda: place.run(number)["state"] == "done", "the run is done")
    assert place.run(number)["attempt"] == 2
    shutil.rmtree(place.folder / "kept" / "runs" / str(number))
