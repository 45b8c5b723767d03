"""A place where the application runs as processes of its own: data folder, database, workers. For tests that kill."""

import contextlib
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import psycopg
import pytest

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60
REQUIRED = os.environ.get("MUTIRAO_REQUIRE_ALL") == "1"
"""Set where a skipped test must count as a failure."""


def absent(what: str) -> NoReturn:
    """Skip a test whose tool is not installed; fail it where everything has to be there."""
    if REQUIRED:
        pytest.fail(f"{what} is not installed")
    pytest.skip(f"{what} is not installed")


class Place:
    """A data folder and a database with one city; processes begun here are killed at the end."""

    def __init__(self, folder: Path, address: str = ""):
        self.folder, self.address = folder, address
        self.notes = folder / "kept" / "city"
        self.began: list[subprocess.Popen[bytes]] = []

    def environment(self, **more: str) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("MUTIRAO_", "DJANGO_"))}
        return kept | {
            "MUTIRAO_DATA": str(self.folder),
            "MUTIRAO_DATABASE": self.address,
            "DJANGO_SETTINGS_MODULE": "tests.web.quick_settings",
            "PYTHONPATH": str(ROOT),
            **more,
        }

    def begin(self, *command: str, **environment: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=self.environment(**environment), start_new_session=True
        )
        self.began.append(process)
        return process

    def worker(self, **environment: str) -> subprocess.Popen[bytes]:
        return self.begin("-m", "mutirao.worker.work", **environment)

    def close(self) -> None:
        for process in self.began:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def sql(self, query: str, *given: Any) -> list[tuple[Any, ...]]:
        if self.address:
            with psycopg.connect(self.address) as other:
                found = other.execute(query.replace("?", "%s"), given or None)
                return found.fetchall() if found.description else []
        with contextlib.closing(sqlite3.connect(self.folder / "mutirao.sqlite3", timeout=20)) as own:
            rows = own.execute(query, given).fetchall()
            own.commit()
            return rows

    def with_city(self) -> "Place":
        self.notes.mkdir(parents=True, exist_ok=True)
        now = "2030-01-01 00:00:00+00:00"
        yes, no = (True, False) if self.address else (1, 0)
        self.sql("INSERT INTO cities_city (id, slug, name, public, demonstration, made_at) VALUES (1, 'town', 'Town',"
                 " ?, ?, ?)", yes, no, now)  # fmt: skip
        self.sql("INSERT INTO cities_cityversion (id, city_id, number, at, note, sha256, folder, state, public)"
                 " VALUES (1, 1, 1, ?, '', '0', 'city', 'waiting', ?)", now, yes)  # fmt: skip
        return self

    def queue(self, wish: str = "", kind: str = "plan") -> int:
        number = 1 + self.sql("SELECT count(*) FROM runs_run")[0][0]
        self.sql(
            "INSERT INTO runs_run (id, kind, version_id, asked, inputs_hash, state, attempt, token, share, steps, why,"
            " asked_at) VALUES (?, ?, 1, ?, ?, 'queued', 0, '', 0.0, '{}', '{}', ?)",
            number, kind, json.dumps({"set_by": wish}), f"hash {number}", f"2030-01-01 00:00:{number:02d}+00:00",
        )  # fmt: skip
        return number

    def run(self, number: int) -> dict[str, Any]:
        columns = ("state", "attempt", "token", "share", "steps", "why")
        row = self.sql(f"SELECT {', '.join(columns)} FROM runs_run WHERE id = ?", number)[0]
        return {name: json.loads(v) if name in ("steps", "why") and isinstance(v, str) else v
                for name, v in zip(columns, row, strict=True)}  # fmt: skip

    def lines(self, name: str) -> list[list[str]]:
        file = self.notes / name
        return [line.split() for line in file.read_text(encoding="ascii").splitlines()] if file.is_file() else []

    def kept(self, number: int) -> list[str]:
        folder = self.folder / "kept" / "runs" / str(number)
        return sorted(p.name for p in folder.iterdir()) if folder.is_dir() else []


def until(true: Callable[[], bool], what: str) -> None:
    """Wait for something to come about; a test fails where it never does."""
    end = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > end:
            pytest.fail(f"never came about: {what}")
        time.sleep(0.05)


def alive(pid: int) -> bool:
    """Whether a process goes on; one that ended and was not waited for does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def free_port() -> int:
    with contextlib.closing(socket.socket()) as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


def answers(port: int) -> bool:
    """Whether a site answers at a port of this computer."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/alive/", timeout=5) as answer:
            return bool(answer.read() == b"ok\n")
    except OSError:
        return False


@contextlib.contextmanager
def opened(place: Place) -> Iterator[Place]:
    try:
        yield place
    finally:
        place.close()


def migrated(folder: Path, address: str = "") -> Place:
    """A place whose database is up to date and empty; others are copied from it."""
    place = Place(folder, address)
    folder.mkdir(parents=True, exist_ok=True)
    done = [sys.executable, "-c", "import mutirao.site.awake; from mutirao.site.manage import prepare; prepare()"]
    subprocess.run(done, cwd=ROOT, env=place.environment(), check=True)
    return place


def copied(model: Place, folder: Path) -> Place:
    """A new place like a migrated one."""
    folder.mkdir(parents=True, exist_ok=True)
    if not model.address:
        shutil.copytree(model.folder, folder, dirs_exist_ok=True)
        return Place(folder).with_city()
    name = f"place_{time.time_ns()}"
    with psycopg.connect(model.address, autocommit=True, dbname="postgres") as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE model")
    return Place(folder, model.address.replace("dbname=model", f"dbname={name}")).with_city()
