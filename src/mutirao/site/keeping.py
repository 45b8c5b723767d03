"""The secret that signs sessions: made once, readable by its owner only."""

import os
import secrets
from pathlib import Path


def secret_key(file: Path) -> str:
    """The key in a file; made there if there is none. Two processes that begin at once agree on one key."""
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text(encoding="ascii")
    with os.fdopen(handle, "w", encoding="ascii") as opened:
        key = secrets.token_urlsafe(60)
        opened.write(key)
    return key
