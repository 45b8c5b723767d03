"""The commands of the web application: what they say without it, and looking after it."""

import contextlib
import signal
import sqlite3
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.web.places import ROOT, Place, alive, answers, copied, free_port, migrated, opened, until


def mutirao(place: Place, *words: str, before: str = "pass") -> "subprocess.CompletedProcess[str]":
    code = f"import sys; {before}; from mutirao.cli.main import run; sys.exit(run(sys.argv[1:]))"
    return subprocess.run(
        [sys.executable, "-c", code, *words], cwd=ROOT, env=place.environment(), capture_output=True, text=True,
        check=False, timeout=120,
    )  # fmt: skip


@pytest.mark.parametrize("command", ["serve", "worker", "admin"])
def test_without_the_web_application_one_sentence_says_what_to_install(command: str, tmp_path: Path) -> None:
    told = mutirao(Place(tmp_path), command, before="sys.modules['django'] = None")
    assert told.returncode == 2
    assert told.stderr.strip() == (
        f"`mutirao {command}` needs 'django', which is not installed: pip install 'mutirao[web]'"
    )


def test_a_backup_is_whole_and_is_never_written_over(tmp_path: Path) -> None:
    with opened(copied(migrated(tmp_path / "model"), tmp_path / "data")) as place:
        number = place.queue()
        (place.folder / "kept" / "runs" / "1" / "result").mkdir(parents=True)
        (place.folder / "kept" / "runs" / "1" / "result" / "summary.json").write_text("{}", encoding="ascii")
        (place.folder / "kept" / "runs" / "2" / "attempt-1").mkdir(parents=True)
        file = tmp_path / "backup.tar"
        told = mutirao(place, "admin", "backup", str(file))
        assert told.returncode == 0, told.stderr
        assert file.stat().st_mode & 0o077 == 0, "whoever reads it reads everything"
        assert mutirao(place, "admin", "backup", str(file)).returncode == 2
        with tarfile.open(file) as archive:
            archive.extractall(tmp_path / "restored", filter="data")
        restored = Place(tmp_path / "restored")
        assert restored.run(number)["state"] == "queued"
        assert restored.kept(1) == ["result"]
        assert restored.kept(2) == []
        assert (restored.folder / "secret-key").is_file()
        with closing(sqlite3.connect(restored.folder / "mutirao.sqlite3")) as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_django_commands_are_passed_on(tmp_path: Path) -> None:
    with opened(migrated(tmp_path / "data")) as place:
        told = mutirao(place, "admin", "showmigrations", "runs")
        assert "[X] 0001_initial" in told.stdout, told.stderr
        assert "--database" in mutirao(place, "admin", "migrate", "--help").stdout


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Place]:
    """A site without a demonstration, served by the command."""
    with opened(copied(migrated(tmp_path / "model"), tmp_path / "data")) as place:
        yield place


def begin_serving(place: Place, port: int) -> "subprocess.Popen[bytes]":
    code = "import sys; from mutirao.cli.main import run; sys.exit(run(sys.argv[1:]))"
    nowhere = str(place.folder / "nowhere")
    process = place.begin("-c", code, "serve", "--port", str(port), "--workers", "1", MUTIRAO_DEMO=nowhere)
    until(lambda: answers(port), "the site answers")
    return process


def children(pid: int) -> set[int]:
    """Processes that a process has begun, and theirs."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(stat.parent.name)] = int(stat.read_text(encoding="utf-8").rpartition(")")[2].split()[1])
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs Linux")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_all_of_a_site_ends_with_it(served: Place, how: signal.Signals) -> None:
    number, port = served.queue("long at first"), free_port()
    process = begin_serving(served, port)
    until(lambda: bool(served.lines("began.txt")), "the run begins")
    begun = children(process.pid)
    assert len(begun) >= 3, "a server process, the worker and its job"
    process.send_signal(how)
    process.wait(60)
    until(lambda: not any(alive(child) for child in begun), "nothing lingers")
    assert not answers(port)
    run = served.run(number)
    assert (run["state"], run["attempt"]) == ("queued", 0), "given back for the next worker"
    begin_serving(served, port)
    until(lambda: served.run(number)["state"] != "queued", "the next one takes it")
