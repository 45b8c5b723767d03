"""Uploads: what is taken, and each way of sending something harmful is refused in one sentence with nothing left."""

import io
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook

from mutirao.web.cities import arriving
from mutirao.web.cities.models import City, CityVersion

TOML = b'schema_version = 1\n[city]\nname = "Aldeia"\n'
PEOPLE = b"zone,group,variable,unit,year,value,low,high,method,source\n,,population,people,2020,1000,,,census,s1\n"
FILES = {"city.toml": TOML, "people.csv": PEOPLE}


def zipped(files: dict[str, bytes], **how: Any) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", how.get("method", zipfile.ZIP_DEFLATED)) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return whole.getvalue()


def workbook(change: Callable[[Workbook], None] | None = None) -> bytes:
    book = Workbook()
    first = book.active
    first.title = "city"
    for row in (
        ("section", "key", "value"), ("", "schema_version", 1), ("city", "name", "Aldeia"), ("city", "id", "ALD"),
        ("city", "demonstration", False), ("city", "country", "BR"), ("city", "currency", "BRL"),
        ("city", "base_year", 2020), ("city", "boundary", "Municipality"), ("city", "latitude", -15.0),
        ("city", "longitude", -47.0), ("plan", "start", 2026), ("plan", "discount_rate", 0.03),
        ("plan", "price_year", 2024), ("inventory", "gwp", "AR5-100"), ("inventory", "level", "BASIC"),
        ("pledge", "boundaries", "basic"), ("pledge", "neutrality_year", 2050),
        ("pledge", "max_residual_removals", 0.1), ("pledge", "source", "s1"),
    ):  # fmt: skip
        first.append(row)
    sheet = book.create_sheet("people")
    for line in PEOPLE.decode().splitlines():
        sheet.append(line.split(","))
    if change:
        change(book)
    whole = io.BytesIO()
    book.save(whole)
    return whole.getvalue()


def send(client: Client, content: bytes, name: str = "city.zip", **more: Any) -> Any:
    file = SimpleUploadedFile(name, content)
    return client.post("/cities/new/", {"name": "Aldeia", "note": "first", "upload": file, **more})


@pytest.fixture
def ana(person: Callable[..., Any], signed_in: Callable[..., Client]) -> Client:
    return signed_in(person("ana"))


def nothing_left(settings: Any) -> None:
    assert not City.objects.filter(name="Aldeia").exists()
    kept = Path(settings.KEPT)
    assert [path for path in kept.rglob("*") if path.is_file()] == []
    assert list(kept.glob("arriving/*")) == []


def test_an_archive_becomes_a_version_that_only_its_bringer_sees(ana: Client, settings: Any, client: Client) -> None:
    answer = send(ana, zipped({f"aldeia/{name}": content for name, content in FILES.items()}))
    assert answer.status_code == 302
    assert answer.url == "/cities/aldeia/versions/1/"
    version = CityVersion.objects.get(city__slug="aldeia")
    assert {p.name: p.read_bytes() for p in version.path.iterdir()} == FILES
    assert all(stat.S_IMODE(p.stat().st_mode) == 0o600 for p in version.path.iterdir())
    run = version.runs.get()
    assert (run.kind, run.state) == ("check", "queued")
    page = ana.get(answer.url)
    assert page.status_code == 200
    assert b"people.csv" in page.content
    assert client.get(answer.url).status_code == 404
    assert not any((Path(settings.KEPT) / "arriving").iterdir())


def test_a_workbook_becomes_the_same_tables(ana: Client) -> None:
    answer = send(ana, workbook(), "city.xlsx")
    assert answer.status_code == 302, answer.content.decode()
    version = CityVersion.objects.get(city__slug="aldeia")
    assert sorted(p.name for p in version.path.iterdir()) == ["city.toml", "people.csv"]
    assert (version.path / "people.csv").read_bytes().replace(b"\r\n", b"\n") == PEOPLE


def test_single_tables_are_taken_together_and_replace_their_namesakes_later(ana: Client) -> None:
    both = [SimpleUploadedFile(name, content) for name, content in FILES.items()]
    assert ana.post("/cities/new/", {"name": "Aldeia", "upload": both}).status_code == 302
    more = SimpleUploadedFile("people.csv", PEOPLE.replace(b"1000", b"1100"))
    answer = ana.post("/cities/aldeia/versions/new/", {"upload": more, "note": "counted anew"})
    assert answer.url == "/cities/aldeia/versions/2/"
    second = CityVersion.objects.get(city__slug="aldeia", number=2)
    assert b"1100" in (second.path / "people.csv").read_bytes()
    assert (second.path / "city.toml").read_bytes() == TOML
    again = ana.post("/cities/aldeia/versions/new/", {"upload": SimpleUploadedFile("city.toml", TOML)})
    assert again.status_code == 422
    assert b"Nothing differs from version 2" in again.content


def traversal(name: str) -> bytes:
    return zipped({"city.toml": TOML, name: PEOPLE})


def lying_header() -> bytes:
    """A member whose stated size is far smaller than what it unfolds to."""
    whole = bytearray(zipped({"people.csv": b"a" * 2_000_000}))
    at = whole.find(b"PK\x01\x02")
    whole[at + 24 : at + 28] = struct.pack("<I", 10)
    return bytes(whole)


def encrypted() -> bytes:
    whole = bytearray(zipped({"people.csv": PEOPLE}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        whole[whole.find(mark) + offset] |= 1
    return bytes(whole)


def link() -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        info = zipfile.ZipInfo("people.csv")
        info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    return whole.getvalue()


def twice() -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("people.csv", PEOPLE)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("people.csv", PEOPLE)
    return whole.getvalue()


def with_nul_in_name() -> bytes:
    return zipped({"people.csvXtoml": PEOPLE}).replace(b"people.csvXtoml", b"people.csv\0toml")


def truncated() -> bytes:
    return zipped(FILES)[:-30]


OUTSIDE = "could lie outside its folder"
ATTACKS: dict[str, tuple[Callable[[], bytes], str]] = {
    "up": (lambda: traversal("../people.csv"), OUTSIDE),
    "up inside": (lambda: traversal("network/../../people.csv"), OUTSIDE),
    "absolute": (lambda: traversal("/people.csv"), OUTSIDE),
    "drive": (lambda: traversal("C:people.csv"), OUTSIDE),
    "backslash": (lambda: traversal("..\\people.csv"), OUTSIDE),
    "nul": (with_nul_in_name, OUTSIDE),
    "long name": (lambda: traversal("a" * 300 + ".csv"), OUTSIDE),
    "line in name": (lambda: traversal("people\n.csv"), OUTSIDE),
    "link": (link, "is a link"),
    "same name": (twice, "is there twice"),
    "same name but for case": (lambda: zipped({"people.csv": PEOPLE, "PEOPLE.csv": PEOPLE}), "is there twice"),
    "encrypted": (encrypted, "protected by a password"),
    "odd packing": (lambda: zipped(FILES, method=zipfile.ZIP_LZMA), "packed in an unusual way"),
    "bytes that lie": (lying_header, "is damaged"),
    "cut short": (truncated, "damaged and cannot be read"),
    "archive in it": (lambda: zipped({"people.csv": zipped(FILES)}), "archive inside the upload"),
    "program": (lambda: zipped({"people.csv": b"\x7fELF" + b"x" * 20}), "not a text table"),
    "picture": (lambda: zipped({"people.csv": b"\x89PNG\r\n"}), "not a text table"),
    "binary": (lambda: zipped({"people.csv": b"zone\0group"}), "not plain text"),
    "page": (lambda: zipped({"index.html": b"<script>"}), "is not a file of a city"),
    "script": (lambda: zipped({"people.csv.py": b"import os"}), "is not a file of a city"),
    "no outlines": (lambda: zipped({"zones.geojson": b"<svg onload=x>"}), "does not hold outlines"),
    "deep": (lambda: zipped({"city.toml": TOML, "a/b/c/people.csv": PEOPLE}), "is not a file of a city"),
    "empty": (lambda: zipped({}), "The archive is empty"),
    "many": (lambda: zipped({f"t{n}.csv": b"a\n" for n in range(201)}), "more than 200 files"),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_harmful_archive_is_refused_with_nothing_left(attack: str, ana: Client, settings: Any) -> None:
    made, sentence = ATTACKS[attack]
    answer = send(ana, made())
    assert answer.status_code == 422
    assert sentence in answer.content.decode().replace("&#x27;", "'")
    nothing_left(settings)


def test_a_bomb_is_stopped_while_it_unfolds(ana: Client, settings: Any) -> None:
    settings.UNPACKED_BYTES = 300_000
    answer = send(ana, zipped({"people.csv": b"0," * 4_000_000}))
    assert answer.status_code == 413
    assert "Unpacked, the files are larger" in answer.content.decode()
    nothing_left(settings)


def test_a_long_list_of_contents_is_not_even_read(ana: Client, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arriving, "DIRECTORY_BYTES", 500)
    answer = send(ana, zipped({f"t{n}.csv": b"a\n" for n in range(100)}))
    assert answer.status_code == 422
    assert "lists too many files" in answer.content.decode()
    nothing_left(settings)


def far_cell(book: Workbook) -> None:
    book["people"].cell(1_048_000, 16_000, "x")


def many_cells(book: Workbook) -> None:
    for _row in range(3000):
        book["people"].append(["1"] * 101)


def strange_sheet(book: Workbook) -> None:
    book.create_sheet("Tabelle1")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [(far_cell, "far away"), (many_cells, "far too many"), (strange_sheet, "the sheet 'Tabelle1' is not known")],
)
def test_a_strange_workbook_is_refused(change: Any, sentence: str, ana: Client, settings: Any) -> None:
    answer = send(ana, workbook(change), "city.xlsx")
    assert answer.status_code == 422
    assert sentence in answer.content.decode().replace("&#x27;", "'")
    nothing_left(settings)


def test_a_workbook_with_entities_or_without_sense_is_refused(ana: Client, settings: Any) -> None:
    good = zipfile.ZipFile(io.BytesIO(workbook()))
    parts = {name: good.read(name) for name in good.namelist()}
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'
    for wrong in (parts | {"xl/workbook.xml": bomb}, parts | {"xl/workbook.xml": b"<"}, {"[Content_Types].xml": b"<"}):
        answer = send(ana, zipped(wrong), "city.xlsx")
        assert answer.status_code == 422
        assert "The workbook cannot be read" in answer.content.decode() or "cannot be read" in answer.content.decode()
    nothing_left(settings)


def test_single_files_are_looked_into_as_well(ana: Client, settings: Any) -> None:
    for name, content, sentence in (
        ("people.csv", b"%PDF-1.7", "not a text table"),
        ("x.exe", b"abc", "is not a file of a city"),
        ("people.csv", b"\x1f\x8b\x08", "archive inside the upload"),
    ):
        answer = send(ana, content, name)
        assert answer.status_code == 422
        assert sentence in answer.content.decode()
    nothing_left(settings)


def test_a_body_that_says_it_is_too_large_is_not_read(ana: Client, settings: Any) -> None:
    settings.UPLOAD_BYTES = 1000

    class Untouched(io.BytesIO):
        def read(self, *_args: Any) -> bytes:
            raise AssertionError("the body was read")

    answer = ana.generic(
        "POST", "/cities/new/", b"", "multipart/form-data; boundary=x", CONTENT_LENGTH=str(200_000_000),
        **{"wsgi.input": Untouched()},
    )  # fmt: skip
    assert answer.status_code == 413
    assert "larger than" in answer.content.decode()
    nothing_left(settings)


def test_a_body_that_grows_past_the_limit_is_cut_off(ana: Client, settings: Any) -> None:
    settings.UPLOAD_BYTES = 200_000
    answer = send(ana, b"x" * 900_000)
    assert answer.status_code == 413
    nothing_left(settings)


def test_nobody_uploads_unseen_or_by_a_forged_form(ana: Client, client: Client, person: Callable[..., Any]) -> None:
    assert send(client, zipped(FILES)).status_code == 302
    assert not City.objects.filter(name="Aldeia").exists()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(person("ana"), backend="django.contrib.auth.backends.ModelBackend")
    assert send(strict, zipped(FILES)).status_code == 403
    assert not City.objects.filter(name="Aldeia").exists()


def test_nothing_is_left_where_the_database_refuses(
    ana: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: Any) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("mutirao.web.cities.keeping.ask_check", broken)
    with pytest.raises(RuntimeError):
        send(ana, zipped(FILES))
    nothing_left(settings)


def test_equal_content_lies_on_disk_once(ana: Client, settings: Any) -> None:
    for _time in range(2):
        ana.post("/cities/new/", {"name": "Aldeia", "upload": SimpleUploadedFile("a.zip", zipped(FILES))})
    assert set(City.objects.values_list("slug", flat=True)) >= {"aldeia", "aldeia-2"}
    assert len(list((Path(settings.KEPT) / "cities").iterdir())) == 1
    assert CityVersion.objects.values("runs").distinct().count() == 2
