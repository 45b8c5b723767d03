"""A backup: the database as it was at one moment, and every kept file, in one archive."""

import os
import sqlite3
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path

from django.conf import settings

import mutirao.site.awake  # noqa: F401 - before settings are read
from mutirao.ground.findings import Finding, InputError

#: Made anew by the application, so not worth keeping; attempts are work that has not ended.
MADE_ANEW = ("static", "wording")


def back_up(file: Path) -> str:
    """Write an archive of all that the application keeps, readable by its owner only, whole or not at all.

    The database is copied first: what it speaks of is on disk by then, so that a restored one misses nothing.
    Returns a sentence about what the archive does not hold. Raises InputError where the file exists.
    """
    if file.exists():
        raise InputError(Finding(str(file), None, "", "exists already.", "Name a new file."))
    data, database = Path(settings.DATA), settings.DATABASES["default"]
    own = database["ENGINE"].endswith("sqlite3")
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, fresh = tempfile.mkstemp(prefix=f".{file.name}-", dir=file.parent)
    os.close(handle)
    try:
        with tempfile.TemporaryDirectory() as scratch, tarfile.open(fresh, "w") as archive:
            if own:
                copy = Path(scratch) / "mutirao.sqlite3"
                _copied(Path(database["NAME"]), copy)
                archive.add(copy, "mutirao.sqlite3")
            for path in sorted(data.iterdir()):
                if path.name not in MADE_ANEW and not (own and path.name.startswith(Path(database["NAME"]).name)):
                    archive.add(path, path.name, filter=_without_attempts)
        os.replace(fresh, file)
    except BaseException:
        Path(fresh).unlink(missing_ok=True)
        raise
    if own:
        return "To restore it, unpack it into an empty folder and name that folder in MUTIRAO_DATA."
    return "The PostgreSQL database is not in it: copy that with pg_dump, before this archive."


def _copied(database: Path, copy: Path) -> None:
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)


def _without_attempts(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if "/attempt-" in member.name else member
