"""Web server and worker together: prepared, begun, kept alive, ended as one."""

import logging
import os
import subprocess
import sys
import threading
from pathlib import Path

from django.conf import settings
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

import mutirao.site.awake  # noqa: F401 - before any model
from mutirao.site.demo import bring_demonstration
from mutirao.site.manage import prepare
from mutirao.site.parent import SERVED_BY
from mutirao.site.statics import gather_statics

log = logging.getLogger("mutirao.worker")

#: Threads of each server process: database and files are waited for, so more than one; few, for memory.
THREADS = 4
#: Seconds until a worker that has died is begun again, and until one that shall end is killed.
AGAIN, PATIENCE = 2.0, 10.0


class Worker:
    """The worker as a process of its own, begun again where it dies. It ends when this process does, also by kill."""

    def __init__(self) -> None:
        self._ending = threading.Event()
        self._keeper = threading.Thread(target=self._keep, daemon=True)

    def begin(self) -> None:
        """Begin the worker and watch it."""
        self._keeper.start()

    def end(self) -> None:
        """End the worker; the run that it holds goes back to the queue."""
        self._ending.set()
        self._keeper.join(PATIENCE + 2)

    def _keep(self) -> None:
        command = [sys.executable, "-m", "mutirao.worker.work"]
        while not self._ending.is_set():
            # In a session of its own, so that Ctrl-C reaches it once, through us.
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
            while process.poll() is None and not self._ending.wait(0.2):
                pass
            if self._ending.is_set():
                _end(process)
            else:
                log.error("The worker ended with code %s and is begun again.", process.returncode)
                self._ending.wait(AGAIN)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def serve(host: str, port: int, workers: int, with_worker: bool) -> None:
    """Serve until Ctrl-C or a signal to end. ``workers`` counts server processes.

    Migrates the database, gathers files for browsers and brings the demonstration first.
    """
    os.environ[SERVED_BY] = str(os.getpid())
    prepare()
    gather_statics()
    bring_demonstration()
    worker = Worker() if with_worker else None
    server = Granian(
        "mutirao.site.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        websockets=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=int(PATIENCE),
    )
    place = f"[{host}]" if ":" in host else host
    shown = place if host not in ("0.0.0.0", "::") else "localhost"
    # In one line, so that it can be clicked; data are named because they are what one backs up.
    print(f"Mutirão is at http://{shown}:{port}/ (its data are in {Path(settings.DATA)}; Ctrl-C ends it)", flush=True)
    if worker is not None:
        worker.begin()
    try:
        server.serve()
    finally:
        if worker is not None:
            worker.end()
