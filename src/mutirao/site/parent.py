"""Processes of one site end together: each notices when the one that began them has gone, also by kill."""

import os
import threading
import time
from collections.abc import Callable

#: Names the process that serves, for those that it begins.
SERVED_BY = "MUTIRAO_SERVED_BY"
EVERY = 0.5


def when_parent_ends(then: Callable[[], None]) -> None:
    """Call ``then`` once the process that serves has gone; does nothing where this one was begun by itself."""
    parent = os.environ.get(SERVED_BY, "")
    if parent.isdecimal():
        threading.Thread(target=_watch, args=(int(parent), then), daemon=True).start()


def _watch(parent: int, then: Callable[[], None]) -> None:
    # A pipe would be quicker, but processes that fork hold each other's ends of it open.
    while os.getppid() == parent:
        time.sleep(EVERY)
    then()
