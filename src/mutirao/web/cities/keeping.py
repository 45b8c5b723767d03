"""Keeping versions: files lie under the hash of their content, outside what is served; rows are numbered by city."""

import os
import shutil
import tempfile
import time
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from io import BytesIO
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from mutirao.city.content import content_hash
from mutirao.city.settings import FILE as SETTINGS
from mutirao.city.settings_file import read_settings
from mutirao.ground.findings import InputError
from mutirao.web.cities.arriving import Refused, lay_out_upload
from mutirao.web.cities.checking import ask_check
from mutirao.web.cities.models import City, CityVersion
from mutirao.web.people.models import User

CITIES_EACH, VERSIONS_A_DAY = 20, 200
"""Cities that one person may bring, and versions in one day."""
STALE = 86_400
"""Seconds after which what a killed process left behind is swept away."""
RESERVED = ("new", "all")


def bring_city(user: User, name: str, note: str, files: Sequence[UploadedFile]) -> CityVersion:
    """Put a new city with its first version on this site, seen by its bringer only. Raises Refused."""
    if City.objects.filter(made_by=user).count() >= CITIES_EACH and not user.is_superuser:
        raise Refused(_("You have brought %(most)s cities already; edit one of them instead.") % {"most": CITIES_EACH})
    with workplace() as folder:
        lay_out_upload(files, folder)
        with transaction.atomic():
            city = City.objects.create(
                slug=free_slug(name), name=name, made_by=user, demonstration=_is_demonstration(folder)
            )
            return _new_version(city, folder, user, note)


def bring_version(city: City, user: User, note: str, files: Sequence[UploadedFile]) -> CityVersion:
    """A new version from an upload: a whole city, or single tables put on top of the newest version."""
    with workplace() as folder:
        newest = city.versions.first()
        if newest is not None:
            copy_files(newest, folder)
        lay_out_upload(files, folder)
        with transaction.atomic():
            return _new_version(city, folder, user, note)


def bring_file(base: CityVersion, user: User, note: str, name: str, content: bytes) -> tuple[CityVersion, str]:
    """A new version in which one file of ``base`` reads otherwise, and a sentence where others changed it meanwhile.

    Where a newer version left the file as it was, the change is put on top of that one; where it changed the file too,
    both are kept and nothing is mixed.
    """
    with workplace() as folder, transaction.atomic():
        _locked(base.city)
        newest = base.city.versions.first() or base
        under, said = base, ""
        if newest.pk != base.pk:
            if file_bytes(newest, name) == file_bytes(base, name):
                under = newest
            else:
                said = _(
                    "While you edited version %(yours)s, version %(theirs)s changed the same file: both are kept, and "
                    "yours does not hold that change. Compare them and put together what belongs together."
                ) % {"yours": base.number, "theirs": newest.number}
        copy_files(under, folder)
        target = folder / name
        target.unlink(missing_ok=True)
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(content)
        return _new_version(base.city, folder, user, note), said


def _new_version(city: City, folder: Path, user: User, note: str) -> CityVersion:
    _locked(city)
    since = timezone.now() - timedelta(days=1)
    if CityVersion.objects.filter(author=user, at__gt=since).count() >= VERSIONS_A_DAY:
        raise Refused(_("You have brought very many versions today. Go on tomorrow."), status=429)
    sha = content_hash(folder)
    newest = city.versions.first()
    if newest is not None and newest.sha256 == sha:
        raise Refused(_("Nothing differs from version %(number)s, so it stays the newest.") % {"number": newest.number})
    version = CityVersion.objects.create(
        city=city,
        number=newest.number + 1 if newest else 1,
        author=user,
        note=note,
        sha256=sha,
        folder=f"cities/{sha}",
    )
    ask_check(version, user)
    _put(folder, sha)
    return version


def _locked(city: City) -> None:
    """One after the other: numbers of versions are given out under the city's own lock."""
    City.objects.select_for_update().get(pk=city.pk)


@contextmanager
def workplace() -> Iterator[Path]:
    """An empty folder with a random name that is gone afterwards, whatever happens."""
    arriving = settings.KEPT / "arriving"
    arriving.mkdir(mode=0o700, parents=True, exist_ok=True)
    for old in arriving.iterdir():
        # Suppressed: another request ends at this very moment and takes its folder away.
        with suppress(FileNotFoundError):
            if old.stat().st_mtime < time.time() - STALE:
                shutil.rmtree(old, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(dir=arriving))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def names_in(folder: Path) -> list[str]:
    """The files of a city's folder by their names within it, in order."""
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()) if folder.is_dir() else []


def copy_files(version: CityVersion, folder: Path) -> None:
    """Copy a version's files into an empty folder, readable by the owner only."""
    for name in names_in(version.path):
        (folder / name).parent.mkdir(mode=0o700, exist_ok=True)
        shutil.copyfile(version.path / name, folder / name)
        (folder / name).chmod(0o600)


def file_bytes(version: CityVersion, name: str) -> bytes | None:
    """What a file of a version holds; None where there is no such file."""
    return (version.path / name).read_bytes() if name in names_in(version.path) else None


def archive(version: CityVersion) -> bytes:
    """A version's files as a zip archive under the city's name."""
    whole = BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as opened:
        for name in names_in(version.path):
            opened.write(version.path / name, f"{version.city.slug}/{name}")
    return whole.getvalue()


def free_slug(name: str) -> str:
    """An address made of a name that no city has yet."""
    stem = slugify(name)[:50].strip("-") or "city"
    slug, n = stem, 1
    while slug in RESERVED or City.objects.filter(slug=slug).exists():
        n += 1
        slug = f"{stem}-{n}"
    return slug


def _put(folder: Path, sha: str) -> None:
    """Move a finished folder to its place; equal content lies there once."""
    target = settings.KEPT / "cities" / sha
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not target.exists():
        try:
            os.rename(folder, target)
        except OSError:
            if not target.exists():
                raise


def _is_demonstration(folder: Path) -> bool:
    try:
        return bool(read_settings(folder / SETTINGS).demonstration)
    except (InputError, OSError):
        return False
