"""The secret that signs sessions: made once, readable by its owner only."""

import os
import secrets
import time
from pathlib import Path

#: Looks, a twentieth of a second apart, at a key that another process is writing.
LOOKS = 100


def secret_key(file: Path) -> str:
    """The key in a file; made there if there is none. Two processes that begin at once agree on one key.

    Raises RuntimeError where the file stays empty.
    """
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _written(file)
    with os.fdopen(handle, "w", encoding="ascii") as opened:
        key = secrets.token_urlsafe(60)
        opened.write(key)
    return key


def _written(file: Path) -> str:
    for _look in range(LOOKS):
        if key := file.read_text(encoding="ascii"):
            return key
        time.sleep(0.05)
    raise RuntimeError(f"The secret key in {file} is empty. Delete the file, so that a new one is made.")
