"""The worker: takes runs from the queue, one at a time, and does each as a process of its own.

While the process works, silent or not, the worker renews its lease, and ends the process where the run was cancelled
or taken over, where it needs too much memory or time, or where the worker itself shall stop.
"""

import json
import logging
import shutil
import signal
import threading
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep
from types import FrameType

from django.conf import settings
from django.db import close_old_connections, transaction
from django.db.utils import InterfaceError, OperationalError

import mutirao.site.awake  # noqa: F401 - before any model
from mutirao.ground.speech import LANGUAGES, word
from mutirao.site.parent import when_parent_ends
from mutirao.web.cities.models import CityVersion
from mutirao.web.people.reminders import send_due
from mutirao.web.runs.models import Run
from mutirao.web.runs.queue import Lost, claim, fail, finish, is_held, reap, release, renew
from mutirao.web.runs.sentences import Sentences, in_every_language
from mutirao.worker.processes import Process

log = logging.getLogger("mutirao.worker")

#: Seconds between looks at a job, between looks at the queue, and between looks at memory and lease.
LOOK, IDLE, EVERY = 0.2, 0.5, 0.5
#: Seconds between looks for reminders that are to be sent.
LETTERS = 10.0
#: What a job means by its exit code.
DONE, NO_ANSWER = 0, 3
AWAY = (OperationalError, InterfaceError)
#: Seconds to wait between tries to keep a result while the database is away.
PATIENCE = (1, 2, 4, 8, 16)


class Stopped(Exception):
    """The worker shall end; the run goes back to the queue."""


class Given(Exception):
    """The run cannot be done; carries why, in every language."""

    def __init__(self, why: Sentences):
        super().__init__(why)
        self.why = why


def main() -> None:
    """Work until a signal, or the end of the process that serves, where that one began this worker."""
    stop = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    when_parent_ends(stop.set)
    work(stop)


def work(stop: threading.Event) -> None:
    """Do runs until told to stop, and send the letters that are due. A database that is away is waited for."""
    looked = -LETTERS
    while not stop.is_set():
        try:
            worked = work_once(stop)
            if monotonic() - looked >= LETTERS:
                looked = monotonic()
                _letters()
        except AWAY as error:
            log.warning("The database does not answer (%s); trying again.", error)
            worked = False
        if not worked:
            close_old_connections()
            stop.wait(IDLE)


def _letters() -> None:
    """Reminders by e-mail. A mail server that does not take them holds no run up."""
    try:
        send_due()
    except OSError as error:
        log.warning("A reminder could not be sent: %s", error)


def work_once(stop: threading.Event) -> bool:
    """Do the run that has waited longest; False where none waits."""
    reap()
    run = claim()
    if run is None:
        return False
    log.info("Run %s (%s): attempt %s.", run.pk, run.kind, run.attempt)
    try:
        _do(run, stop)
    except Lost:
        log.info("Run %s is no longer ours: cancelled, or taken over.", run.pk)
    except Stopped:
        with suppress(Lost):
            release(run.pk, run.token, counts=False)
    finally:
        _tidy(run)
    return True


def _do(run: Run, stop: threading.Event) -> None:
    folder = run.place / f"attempt-{run.attempt}"
    try:
        _prepare(run, folder)
        code = _watched(run, Process(settings.RUN_JOB, folder), stop)
        if code == NO_ANSWER:
            raise Given(json.loads((folder / "why.json").read_text(encoding="utf-8")))
        if code != DONE or not (folder / "result").is_dir():
            _faulty(run, folder, code)
            return
        _keep_patiently(run, folder)
    except Given as given:
        fail(run.pk, run.token, given.why)
        # One line, whatever a city's files put into the sentences.
        log.info("Run %s failed: %s", run.pk, " ".join(" ".join(given.why.get("en", [])).split()))
    except (OSError, ValueError, KeyError) as error:
        log.exception("Run %s: its files cannot be used.", run.pk)
        why = word(
            "The files of this run could not be read or written ({fault}). Have the disk of this computer looked at."
        )
        fail(run.pk, run.token, in_every_language(why, fault=type(error).__name__))


def _prepare(run: Run, folder: Path) -> None:
    """A fresh folder with what the job is asked; what earlier attempts left goes."""
    for old in run.place.glob("attempt-*"):
        shutil.rmtree(old, ignore_errors=True)
    folder.mkdir(parents=True)
    city = Path(settings.KEPT) / run.version.folder
    asked = {"kind": run.kind, "city": str(city), "asked": run.asked, "languages": list(LANGUAGES)}
    (folder / "job.json").write_text(json.dumps(asked), encoding="utf-8")


def _watched(run: Run, process: Process, stop: threading.Event) -> int:
    """The exit code of a job that was let go on to its end. Raises Lost, Stopped or Given, the job ended."""
    began = looked = renewed = monotonic()
    said: dict[str, object] = {}
    try:
        while (code := process.wait(LOOK)) is None:
            now = monotonic()
            if stop.is_set():
                raise Stopped
            if now - looked < EVERY:
                continue
            looked = now
            _within_limits(process, now - began)
            news = process.said
            if news is not said or now - renewed > settings.RUN_LEASE / 3:
                _sign_of_life(run, news)
                said, renewed = news, now
            elif not _still_ours(run):
                raise Lost
    finally:
        process.kill()
    return code


def _within_limits(process: Process, seconds: float) -> None:
    if seconds > settings.RUN_SECONDS:
        why = word("The work took longer than the {minutes} minutes it may take. Ask for a coarser resolution.")
        raise Given(in_every_language(why, minutes=max(1, round(settings.RUN_SECONDS / 60))))
    if process.memory() > settings.RUN_MEMORY:
        why = word("The work needed more memory than the {gigabytes} GB it may take. Ask for a coarser resolution.")
        raise Given(in_every_language(why, gigabytes=f"{settings.RUN_MEMORY / 1e9:.3g}"))


def _sign_of_life(run: Run, said: dict[str, object]) -> None:
    share, steps, step = said.get("share"), said.get("steps"), said.get("step")
    words = {"en": str(step), **(steps if isinstance(steps, dict) else {})} if step else {}
    # Suppressed: the lease outlasts a short absence of the database, and if it does not, the token is void.
    with suppress(*AWAY):
        renew(run.pk, run.token, float(share) if isinstance(share, int | float) else None, words)


def _still_ours(run: Run) -> bool:
    with suppress(*AWAY):
        return is_held(run.pk, run.token)
    return True


def _faulty(run: Run, folder: Path, code: int) -> None:
    """A job that ended otherwise than agreed: tried again where the system killed it, else a fault of ours."""
    told = (folder / "faults.txt").read_text(encoding="utf-8", errors="replace")[-4_000:]
    log.error("Run %s ended with code %s:\n%s", run.pk, code, told)
    if code < 0 and run.attempt < settings.RUN_TRIES:
        release(run.pk, run.token, counts=True)
        return
    why = word(
        "The work stopped because of a fault of the software, not of your figures. "
        "Please tell whoever runs this site the number of the run: {number}."
    )
    raise Given(in_every_language(why, number=run.pk))


def _keep_patiently(run: Run, folder: Path) -> None:
    """An hour's work is not thrown away because the database was away for a moment."""
    for seconds in PATIENCE:
        try:
            _keep(run, folder)
            return
        except AWAY as error:
            log.warning("Run %s: the database does not answer (%s); trying again.", run.pk, error)
            close_old_connections()
            sleep(seconds)
    _keep(run, folder)


def _keep(run: Run, folder: Path) -> None:
    """Results in place and run done: both or neither. Raises Lost where someone else holds the run by now."""
    fresh, good = folder / "result", None
    # Already in place where the transaction of an earlier try was lost after the move.
    moved = not fresh.exists()
    if run.kind == Run.Kind.CHECK:
        told = json.loads(((run.result if moved else fresh) / "check.json").read_text(encoding="utf-8"))
        good = CityVersion.State.GOOD if told["good"] else CityVersion.State.WRONG
    with transaction.atomic():
        finish(run.pk, run.token)
        if good is not None:
            CityVersion.objects.filter(pk=run.version_id).update(state=good)
        if not moved:
            # What lies there was left by a worker that was killed between moving and saying so.
            shutil.rmtree(run.result, ignore_errors=True)
            fresh.rename(run.result)
    log.info("Run %s is done.", run.pk)


def _tidy(run: Run) -> None:
    """Remove the attempt's folder, and the run's own where nothing was kept."""
    shutil.rmtree(run.place / f"attempt-{run.attempt}", ignore_errors=True)
    with suppress(OSError):
        run.place.rmdir()


if __name__ == "__main__":
    main()
