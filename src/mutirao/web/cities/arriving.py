"""What people send: an archive of a city folder, a workbook or single tables, laid out as a folder or refused.

Nothing here trusts a name, a size or a type that the sender states: names are checked letter by letter, bytes are
counted as they come out of the archive, and a file is what its first bytes say it is.
"""

import os
import re
import stat
import struct
import unicodedata
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO
from xml.parsers.expat import ExpatError
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from mutirao.city.folder import BESIDE, TABLES
from mutirao.city.settings import FILE as SETTINGS
from mutirao.city.workbook import lay_out
from mutirao.ground.findings import InputError

CHUNK = 65_536
DIRECTORY_BYTES = 1_000_000
"""Most bytes of an archive's list of contents: it is read whole."""
SHEET_CELLS, SHEET_AREA = 300_000, 5_000_000
"""Most filled cells of a workbook, and most cells that its outermost filled cells span."""
SETTINGS_BYTES = 1_000_000
"""Most bytes of a settings file: it is read whole wherever a city is shown."""
SUFFIXES = (".csv", ".toml", ".geojson", ".epw")
NAME = re.compile(r"[\w][\w .()+-]{0,79}")
BROKEN = (
    BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError, KeyError, TypeError, IndexError,
    AttributeError, zlib.error, struct.error, ExpatError, SyntaxError,
)  # fmt: skip
"""What readers of archives and workbooks raise when the bytes are not what they should be."""
FOREIGN = {
    b"PK\x03\x04": "zip", b"PK\x05\x06": "zip", b"\x1f\x8b": "gzip", b"7z\xbc\xaf": "7z", b"Rar!": "rar",
    b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"%PDF": "pdf", b"\x7fELF": "program", b"MZ": "program",
    b"\xd0\xcf\x11\xe0": "xls", b"\x89PNG": "picture", b"GIF8": "picture", b"\xff\xd8\xff": "picture",
}  # fmt: skip
_REFERENCE = re.compile(rb'(?:\sr|\sref)="(?:[A-Z]{1,4}[0-9]{1,9}:)?([A-Z]{0,4})([0-9]{1,9})"')
_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")


class Refused(Exception):
    """An upload that is not taken: sentences for whoever sent it, and the status of the answer (413 or 422)."""

    def __init__(self, *sentences: str, status: int = 422):
        super().__init__(*sentences)
        self.sentences, self.status = sentences, status


def lay_out_upload(files: Sequence[UploadedFile], folder: Path) -> None:
    """Lay out what was sent in an empty or prepared folder. Raises Refused; the folder may then hold anything.

    An archive or a workbook stands for the whole city: it comes alone and replaces the tables that lie there. Single
    files replace those of their name.
    """
    if not files:
        raise Refused(_("No file arrived. Choose an archive, a workbook or single tables."))
    if sum(file.size or 0 for file in files) > settings.UPLOAD_BYTES:
        raise Refused(too_large(), status=413)
    kinds = [_kind(file) for file in files]
    if set(kinds) & {"archive", "workbook"} and len(files) > 1:
        raise Refused(_("Send an archive or a workbook alone, or else single tables."))
    if kinds[0] == "archive":
        _clear(folder, every=True)
        _unpack(files[0], folder)
    elif kinds[0] == "workbook":
        _clear(folder, every=False)
        _take_workbook(files[0], folder)
    else:
        _take_files(files, folder)


def too_large() -> str:
    """The sentence for an upload beyond the limit."""
    most = settings.UPLOAD_BYTES // 1_000_000
    return _("The upload is larger than %(most)s MB. Send tables and outlines only, without drawings.") % {"most": most}


def _kind(file: UploadedFile) -> str:
    file.seek(0)
    start = file.read(4)
    file.seek(0)
    if start not in (b"PK\x03\x04", b"PK\x05\x06"):
        return "file"
    with _opened(file) as archive:
        names = set(archive.namelist())
    file.seek(0)
    return "workbook" if "[Content_Types].xml" in names else "archive"


def _opened(file: UploadedFile) -> ZipFile:
    """Open an archive whose list of contents is small enough to be read."""
    file.seek(0, os.SEEK_END)
    size = file.tell()
    file.seek(max(0, size - 66_000))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    # The size of the list of contents stands 12 bytes into the closing record; all ones point to a larger record.
    stated = int.from_bytes(tail[at + 12 : at + 16], "little") if at >= 0 else 0
    if stated > DIRECTORY_BYTES:
        raise Refused(_("The archive lists too many files."))
    try:
        return ZipFile(file.file or file)
    except (*BROKEN, OSError) as error:
        raise Refused(_("The archive is damaged and cannot be read. Make it again.")) from error


def _unpack(file: UploadedFile, folder: Path) -> None:
    with _opened(file) as archive:
        members = _members(archive.infolist())
        left = settings.UNPACKED_BYTES
        for info, name in members:
            try:
                with archive.open(info) as content:
                    left -= _write(content, folder, name, left)
            except BROKEN as error:
                said = _("'%(name)s' in the archive is damaged. Make the archive again.") % {"name": name}
                raise Refused(said) from error


def _members(infos: Sequence[ZipInfo]) -> list[tuple[ZipInfo, str]]:
    """The files of an archive with the names they get, or one sentence on what is wrong."""
    if len(infos) > settings.UNPACKED_FILES:
        most = settings.UNPACKED_FILES
        raise Refused(_("The archive holds more than %(most)s files; a city has about twenty.") % {"most": most})
    parted: list[tuple[ZipInfo, tuple[str, ...]]] = []
    for info in infos:
        parts = _parts(info.orig_filename)
        mode = stat.S_IFMT(info.external_attr >> 16)
        if mode not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise Refused(_("'%(name)s' is a link, not a file. Put the file itself there.") % {"name": parts[-1]})
        if info.flag_bits & 0x1:
            raise Refused(_("The archive is protected by a password. Make it again without one."))
        if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise Refused(_("The archive is packed in an unusual way. Make it again as an ordinary zip file."))
        if not info.is_dir() and not _left_by_a_desktop(parts):
            parted.append((info, parts))
    if not parted:
        raise Refused(_("The archive is empty."))
    roots = {parts[0] for _info, parts in parted}
    inside = len(roots) == 1 and "network" not in roots and all(len(parts) > 1 for _info, parts in parted)
    named = [(info, allowed_name(parts[1:] if inside else parts)) for info, parts in parted]
    _refuse_twins(name for _info, name in named)
    return named


def _parts(raw: str) -> tuple[str, ...]:
    """The parts of a name in an archive. Raises Refused for whatever could lead out of its folder."""
    shown = "".join(c if c.isprintable() else "?" for c in raw[:80])
    parts = tuple(raw.removesuffix("/").split("/"))
    wrong = (
        len(raw) > 200
        or not all(c.isprintable() for c in raw)
        or "\\" in raw
        or re.match(r"[A-Za-z]:", raw)
        or any(part in ("", ".", "..") for part in parts)
    )
    if wrong:
        raise Refused(_("The archive names a file '%(name)s' that could lie outside its folder.") % {"name": shown})
    return parts


def _left_by_a_desktop(parts: Sequence[str]) -> bool:
    return parts[0] == "__MACOSX" or parts[-1].startswith(".") or parts[-1].lower() in ("thumbs.db", "desktop.ini")


def allowed_name(parts: Sequence[str]) -> str:
    """The name of a file of a city, ``network/...`` included. Raises Refused for any other."""
    known = (SETTINGS, *TABLES, *BESIDE)
    name = "/".join(parts)
    alone = len(parts) == 1 or (len(parts) == 2 and parts[0] == "network")
    good = all(NAME.fullmatch(part) and part == unicodedata.normalize("NFC", part) for part in parts)
    if alone and good and name != "network" and (name in known or name.endswith(SUFFIXES)):
        return name
    raise Refused(
        _("'%(name)s' is not a file of a city. Allowed are tables (.csv), city.toml, .geojson, .epw and README.txt.")
        % {"name": name[:80]}
    )


def _refuse_twins(names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name.casefold() in seen:
            raise Refused(_("'%(name)s' is there twice. Keep one of them.") % {"name": name})
        seen.add(name.casefold())


def _take_files(files: Sequence[UploadedFile], folder: Path) -> None:
    names = [allowed_name((file.name or "",)) for file in files]
    _refuse_twins(names)
    left = settings.UNPACKED_BYTES
    for file, name in zip(files, names, strict=True):
        (folder / name).unlink(missing_ok=True)
        left -= _write(file, folder, name, left)


def _write(content: IO[bytes] | UploadedFile, folder: Path, name: str, left: int) -> int:
    """Write one file, counting what really comes; the number of bytes. Raises Refused at the limit, or for no text."""
    target = folder / name
    target.parent.mkdir(mode=0o700, exist_ok=True)
    count = 0
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        while chunk := content.read(CHUNK):
            count += len(chunk)
            if count > left:
                most = settings.UNPACKED_BYTES // 1_000_000
                raise Refused(_("Unpacked, the files are larger than %(most)s MB.") % {"most": most}, status=413)
            if name.endswith(".toml") and count > SETTINGS_BYTES:
                said = _("'%(name)s' is larger than %(most)s MB. Settings fill a page or two; send tables as .csv.")
                raise Refused(said % {"name": name, "most": SETTINGS_BYTES // 1_000_000}, status=413)
            _refuse_foreign(chunk, name, first=count == len(chunk))
            out.write(chunk)
    return count


def _refuse_foreign(chunk: bytes, name: str, first: bool) -> None:
    """What is inside decides, not the ending of the name."""
    if first:
        for mark, kind in FOREIGN.items():
            if chunk.startswith(mark):
                if kind in ("zip", "gzip", "7z", "rar", "bzip2", "xz"):
                    raise Refused(_("'%(name)s' is an archive inside the upload. Unpack it first.") % {"name": name})
                raise Refused(_("'%(name)s' is not a text table, whatever its name says.") % {"name": name})
        if name.endswith(".geojson") and not chunk.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{":
            raise Refused(_("'%(name)s' does not hold outlines in GeoJSON.") % {"name": name})
    if b"\0" in chunk:
        raise Refused(_("'%(name)s' is not plain text in UTF-8. Save it again as 'CSV UTF-8'.") % {"name": name})


def _take_workbook(file: UploadedFile, folder: Path) -> None:
    """Lay a workbook out as tables, after counting what it would unfold to."""
    with _opened(file) as archive:
        _measure_workbook(archive)
    file.seek(0)
    target = folder / ".workbook.xlsx"
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        for chunk in file.chunks(CHUNK):
            out.write(chunk)
    try:
        lay_out(target, folder, file.name or "city.xlsx")
    except InputError as error:
        raise Refused(*(str(finding) for finding in error.findings)) from error
    except BROKEN as error:
        raise Refused(_("The workbook cannot be read. Save it again as an Excel workbook (.xlsx).")) from error
    finally:
        target.unlink(missing_ok=True)
    for table in folder.iterdir():
        table.chmod(0o600 if table.is_file() else 0o700)


def _measure_workbook(archive: ZipFile) -> None:
    infos = archive.infolist()
    if len(infos) > settings.UNPACKED_FILES:
        raise Refused(_("The workbook holds too many parts. Keep the sheets of the city only."))
    count = cells = 0
    for info in infos:
        if info.flag_bits & 0x1:
            raise Refused(_("The workbook is protected by a password. Save it without one."))
        row = column = 0
        try:
            for window, fresh in _windows(archive, info):
                count += fresh
                if count > settings.UNPACKED_BYTES:
                    raise Refused(_("Unpacked, the workbook is far too large."), status=413)
                if b"<!DOCTYPE" in window or b"<!ENTITY" in window:
                    raise Refused(_("The workbook cannot be read. Save it again as an Excel workbook (.xlsx)."))
                if info.filename.startswith("xl/worksheets/"):
                    cells += sum(1 for _c in _CELL.finditer(window))
                    for letters, digits in _REFERENCE.findall(window):
                        row, column = max(row, int(digits)), max(column, _column(letters))
        except BROKEN as error:
            raise Refused(_("The workbook cannot be read. Save it again as an Excel workbook (.xlsx).")) from error
        if row * column > SHEET_AREA or cells > SHEET_CELLS:
            raise Refused(
                _("A sheet has cells far away from its table, or far too many. Delete the empty rows and columns.")
            )


def _windows(archive: ZipFile, info: ZipInfo) -> Iterator[tuple[bytes, int]]:
    """A member in pieces that overlap a little, so that no mark is cut in two, each with the bytes new in it."""
    kept = b""
    with archive.open(info) as content:
        while chunk := content.read(CHUNK):
            yield kept + chunk, len(chunk)
            kept = chunk[-64:]


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _clear(folder: Path, every: bool) -> None:
    """Make room for a whole city; a workbook leaves what it cannot hold (outlines, weather, network)."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if every or path.name in TABLES or path.name == SETTINGS:
            path.rmdir() if path.is_dir() else path.unlink()
