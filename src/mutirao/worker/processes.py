"""A job as a process of its own: begun, listened to, measured, ended with all that it began itself.

The job's input is a pipe that stays open as long as the worker lives. Its end is how a job learns that its worker was
killed, so that no job outlives the one that would keep its results.
"""

import json
import os
import signal
import subprocess
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

#: Settings of this place that a job has no business with.
OURS = ("MUTIRAO_", "DJANGO_")
#: Pages are served before a plan is solved where both want the processor.
NICER = 5


class Process:
    """One job at work. ``said`` is the last line that it printed as JSON."""

    def __init__(self, command: Sequence[str], folder: Path):
        env = {k: v for k, v in os.environ.items() if not k.startswith(OURS)}
        self.said: dict[str, Any] = {}
        with (folder / "faults.txt").open("wb") as faults:
            self._process = subprocess.Popen(
                [*command, str(folder)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=faults,
                env={**env, "MUTIRAO_PARENT": "1", "PYTHONUNBUFFERED": "1"},
                start_new_session=True,
            )
        if hasattr(os, "setpriority"):
            with suppress(OSError):
                os.setpriority(os.PRIO_PGRP, self._process.pid, NICER)
        self._listener = threading.Thread(target=self._listen, args=(self._process.stdout,), daemon=True)
        self._listener.start()

    def _listen(self, output: IO[bytes]) -> None:
        for line in output:
            with suppress(ValueError):
                said = json.loads(line)
                if isinstance(said, dict):
                    self.said = said

    def wait(self, seconds: float) -> int | None:
        """The job's exit code; None where it still goes on after so many seconds."""
        try:
            code = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        self.kill()  # what the job began itself and left behind
        self._listener.join(5)
        return code

    def memory(self) -> int:
        """Bytes held in memory by the job and all that it began; 0 where the system does not say."""
        return memory_of_group(self._process.pid)

    def kill(self) -> None:
        """End the job and all that it began, at once."""
        with suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()
        self._process.wait()
        if self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.close()


def memory_of_group(group: int) -> int:
    """Resident bytes of all processes of a group, by /proc (Linux); pages that they share count for each."""
    pages = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError, IndexError):
            # The name, in brackets, may hold anything; what follows it are numbers: state, parent, group, ...
            fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            if int(fields[2]) == group:
                pages += int(fields[21])
    return pages * os.sysconf("SC_PAGE_SIZE") if pages else 0
