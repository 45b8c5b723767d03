"""Files for browsers, gathered and compressed once; again only where one of them has changed."""

import hashlib
import os
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

STAMP = ".gathered-from"


def gather_statics() -> bool:
    """Gather files for browsers under STATIC_ROOT; False where they are there already."""
    stamp = Path(settings.STATIC_ROOT) / STAMP
    state = _state()
    if stamp.is_file() and stamp.read_text(encoding="ascii") == state:
        return False
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    stamp.write_text(state, encoding="ascii")
    return True


def _state() -> str:
    """A hash over names, sizes and times of all files that would be gathered."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in sorted(finder.list(None), key=lambda found: str(found[0])):
            told = os.stat(storage.path(name))
            digest.update(f"{name} {told.st_size} {told.st_mtime_ns}\n".encode())
    return digest.hexdigest()
