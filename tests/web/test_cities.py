"""Pages of cities and versions: what they say, who sees them, findings beside cells, editing, differences."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test import Client

from mutirao.city.content import content_hash
from mutirao.ground.speech import in_language
from mutirao.web.cities.checking import ask_check, check_of
from mutirao.web.cities.differences import differences
from mutirao.web.cities.keeping import archive, bring_file
from mutirao.web.cities.models import City, CityVersion
from mutirao.web.departments.models import Assignment, Progress
from mutirao.web.people.may import may_dispute, may_edit_city, may_follow_up, may_make_public, may_plan
from mutirao.web.people.models import Organisation, User
from mutirao.web.plans.models import Objection, Plan
from tests.cities import small_city

FINDINGS = {
    "errors": [
        {"file": "people.csv", "row": 3, "column": "value", "what": "'x' is not a number.", "mend": "Write a number."},
        {"file": "city.toml", "row": 5, "column": "city.country", "what": "no country.", "mend": "Write two letters."},
    ],
    "notes": [
        {"file": "people.csv", "row": 60, "column": "year", "what": "the figure is old.", "mend": "Add newer ones."},
        {"file": "actions.csv", "row": None, "column": "", "what": "few actions.", "mend": "Add what is adopted."},
    ],
    "coverage": {"heat": {"city": "B", "Z1": "A", "Z2": "C"}, "power": {"city": "-", "Z1": "B", "Z2": "B"}},
    "not_given": ["tree_canopy"],
}


def people(role: str, person: Callable[..., User], city: City, kind: str = "city") -> User:
    body = Organisation.objects.filter(city=city, kind=kind).first()
    body = body or Organisation.objects.create(kind=kind, name=f"{kind} of {city}", city=city)
    return person(f"{role}{kind}", body, role)


def put_files(version: CityVersion, settings: Any, **how: Any) -> Path:
    """Files for a version that the fixtures made without any."""
    small_city(Path(settings.KEPT) / version.folder, **how)
    return version.path


def counted(folder: Path) -> None:
    """Let each zone's inhabitants be its own count, not an assumption."""
    rows = (folder / "people.csv").read_text(encoding="utf-8").split("\n")
    rows = [row.replace(",assumed,", ",census,") if ",population," in row else row for row in rows]
    (folder / "people.csv").write_text("\n".join(rows), encoding="utf-8")


def checked(version: CityVersion, record: dict[str, Any] = FINDINGS) -> Any:
    """As if the worker had done the check of a version."""
    run = ask_check(version, None)
    type(run).objects.filter(pk=run.pk).update(state="done")
    folder = version.path.parent / "runs" / str(run.pk) / "result"
    folder.mkdir(parents=True)
    said = {"en": record, "es": record | {"errors": [{**record["errors"][0], "what": "«x» no es un número."}]}}
    (folder / "check.json").write_text(json.dumps({"good": False, "languages": said}), encoding="utf-8")
    return run


def test_the_first_page_says_what_this_is_and_shows_public_cities_only(
    client: Client, town: City, village: City
) -> None:
    said = client.get("/").content.decode()
    assert "<h1>" in said
    assert "Town" in said
    assert "Village" not in said
    assert client.get("/cities/").status_code == 200


def test_a_city_stands_with_the_numbers_of_its_leading_plan(client: Client, town: City, settings: Any) -> None:
    version = town.versions.get()
    run = version.runs.create(kind="plan", inputs_hash="p" * 64, state="done")
    Plan.objects.create(city=town, run=run, title="The plan", made_by_name="Town", public=True, leading=True)
    pages = Path(settings.KEPT) / "runs" / str(run.pk) / "result" / "pages"
    pages.mkdir(parents=True)
    numbers = [{"label": f"number {n}", "value": str(n), "words": "<b>"} for n in range(5)]
    (pages / "en.json").write_text(json.dumps({"numbers": numbers}), encoding="utf-8")
    for address in ("/", "/cities/town/"):
        said = client.get(address).content.decode()
        assert "number 2" in said
        assert "number 3" not in said
        assert "&lt;b&gt;" in said
        assert f"/plans/{run.plans.get().pk}/" in said


def test_a_city_is_told_in_words_and_numbers(client: Client, town: City, settings: Any) -> None:
    version = town.versions.get()
    counted(put_files(version, settings))
    checked(version)
    City.objects.update(demonstration=True)
    answer = client.get("/cities/town/")
    said = answer.content.decode()
    assert "Demonstration on public data" in said
    assert "kt CO2e" in said or "kt CO₂e" in said
    assert "Stationary energy" in said
    assert "Carbon neutrality by 2050." in said
    assert "By 2035: 50 % less than in 2020." in said
    assert "Income group 1" in said
    assert "A: Z1; C: Z2" in said
    assert "zones-w" in answer.context["charts"]
    assert 'data-chart="zones-w"' in said
    for code in ("es", "pt-br"):
        with in_language(code):
            other = client.get("/cities/town/", headers={"accept-language": code}).content.decode()
        assert "Income groups" not in other
        assert "2050" in other


def test_outlines_are_drawn_in_one_colour_from_shapes_alone(client: Client, town: City, settings: Any) -> None:
    folder = put_files(town.versions.get(), settings, geojson=True)
    shapes = json.loads((folder / "zones.geojson").read_text(encoding="utf-8"))
    shapes["features"][0]["properties"]["colour"] = "</script><script>"
    (folder / "zones.geojson").write_text(json.dumps(shapes), encoding="utf-8")
    charts = client.get("/cities/town/").context["charts"]
    spec = charts["zones-w"]
    assert spec["mark"]["type"] == "geoshape"
    assert "encoding" not in spec
    assert "</script>" not in json.dumps(charts)
    assert len(spec["data"]["values"]) == len(shapes["features"])


def test_no_map_is_drawn_where_zones_share_one_figure(client: Client, town: City, settings: Any) -> None:
    put_files(town.versions.get(), settings)
    assert client.get("/cities/town/").context["map"] is None


def test_a_city_without_files_still_has_its_page(client: Client, town: City) -> None:
    for address in ("/cities/town/", "/cities/town/versions/", "/cities/town/versions/1/"):
        assert client.get(address).status_code == 200


def test_a_broken_cell_has_its_mend_beside_it(client: Client, town: City, settings: Any) -> None:
    version = town.versions.get()
    put_files(version, settings, zones=4, groups=3)
    checked(version)
    said = client.get("/cities/town/versions/1/").content.decode()
    assert "Errors: 2. Notes: 2." in said
    assert said.index("Write a number.") < said.index("Add newer ones.")
    assert "/file/people.csv/?only=findings#people.csv-3-value" in said
    page = client.get("/cities/town/versions/1/file/people.csv/").content.decode()
    cell = page[page.index('<td id="people.csv-3-value"') :].split("</td>")[0]
    assert 'class="wrong"' in cell
    assert "Write a number." in cell
    assert "?page=2#people.csv-60-year" in page
    few = client.get("/cities/town/versions/1/file/people.csv/?only=findings").content.decode()
    assert few.count('<tr id="people.csv-') == 2
    toml = client.get("/cities/town/versions/1/file/city.toml/").content.decode()
    assert "Write two letters." in toml
    with in_language("es"):
        assert check_of(version).found[0].what == "«x» no es un número."


def test_a_check_that_goes_on_shows_how_far_it_is(client: Client, town: City, settings: Any) -> None:
    version = town.versions.get()
    put_files(version, settings)
    run = ask_check(version, None)
    assert ask_check(version, None) == run
    assert b'role="status"' in client.get("/cities/town/versions/1/").content
    type(run).objects.filter(pk=run.pk).update(state="failed")
    assert ask_check(version, None) != run


def test_who_sees_what(
    client: Client, town: City, village: City, person: Callable[..., User], signed_in: Callable[..., Client]
) -> None:
    stranger, reader = signed_in(person("eve")), signed_in(people("reader", person, village))
    places = (
        "", "versions/", "versions/1/", "versions/1/download/", "versions/1/since/1/", "versions/1/file/city.toml/",
        "versions/1/edit/city.toml/", "versions/new/",
    )  # fmt: skip
    for place in places:
        assert client.get(f"/cities/village/{place}").status_code == 404, place
        assert stranger.get(f"/cities/village/{place}").status_code == 404, place
    for place in places[:5]:
        assert reader.get(f"/cities/village/{place}").status_code == 200, place
    assert reader.get("/cities/village/versions/new/").status_code == 403
    CityVersion.objects.filter(city=town).update(public=False)
    assert client.get("/cities/town/versions/1/").status_code == 404
    assert client.get(f"/cities/town/versions/{10**30}/").status_code == 404
    assert client.get(f"/cities/town/versions/1/since/{10**30}/").status_code == 404


def test_who_may_change_what(
    client: Client, town: City, person: Callable[..., User], signed_in: Callable[..., Client], settings: Any
) -> None:
    put_files(town.versions.get(), settings)
    stranger, editor = person("eve"), people("editor", person, town)
    lead, mover = people("lead", person, town), people("lead", person, town, "department")
    login = client.get("/cities/town/versions/new/")
    assert login.status_code == 302
    assert "/account/login/?next=" in login.url
    refused = signed_in(stranger).get("/cities/town/versions/1/edit/people.csv/")
    assert refused.status_code == 403
    assert "Only people who edit for this city" in refused.content.decode()
    assert signed_in(editor).get("/cities/town/versions/1/edit/people.csv/").status_code == 200
    for user, allowed in ((stranger, False), (editor, False), (mover, False), (lead, True)):
        for place in ("", "versions/1/"):
            answer = signed_in(user).post(f"/cities/town/{place}public/", {"public": "no"})
            assert answer.status_code == (302 if allowed else 403)
            signed_in(lead).post(f"/cities/town/{place}public/", {"public": "yes"})
    assert [may_edit_city(u, town).allowed for u in (stranger, editor, mover, lead)] == [False, True, True, True]
    assert [may_follow_up(u, town).allowed for u in (stranger, editor, mover, lead)] == [False, True, True, True]
    assert [may_make_public(u, town).allowed for u in (stranger, editor, mover, lead)] == [False, False, False, True]
    assert may_plan(stranger, town)


def test_a_verdict_says_why(town: City, village: City, person: Callable[..., User]) -> None:
    eve = person("eve")
    assert not may_plan(eve, village)
    assert may_plan(eve, village).reason
    run = village.versions.get().runs.create(kind="plan", inputs_hash="q" * 64)
    plan = Plan.objects.create(city=village, run=run, title="hidden", made_by_name="x")
    assert not may_dispute(eve, plan)
    assert may_dispute(plan.made_by or people("editor", person, village), plan).reason
    for verdict in (may_edit_city(eve, town), may_make_public(eve, town), may_follow_up(eve, town)):
        assert verdict.reason.endswith("invitation.")


def edited(client: Client, change: dict[str, str], number: int = 1, name: str = "people.csv", query: str = "") -> Any:
    """Open a table for editing, change some cells as a person would, and save."""
    address = f"/cities/town/versions/{number}/edit/{name}/{query}"
    page = client.get(address)
    rows = page.context["rows"]
    typed = {f"c-{row.number}-{n}": cell.text for row in rows for n, cell in enumerate(row.cells)}
    return client.post(address, {**typed, **change, "note": "mended"})


def test_saving_a_table_makes_a_new_version(
    town: City, person: Callable[..., User], signed_in: Callable[..., Client], settings: Any
) -> None:
    folder = put_files(town.versions.get(), settings)
    before = (folder / "people.csv").read_text(encoding="utf-8").splitlines()
    editor = signed_in(people("editor", person, town))
    row = ["Z1", "", "over_65", "share", "2021", "0.5", "", "", "census", "made-up"]
    new = {f"n-0-{n}": text for n, text in enumerate(row)}
    answer = edited(editor, {"c-2-5": "12345", "d-3": "on", **new})
    assert answer.url == "/cities/town/versions/2/"
    second = town.versions.get(number=2)
    after = (second.path / "people.csv").read_text(encoding="utf-8").splitlines()
    assert len(after) == len(before)
    assert after[1].split(",")[5] == "12345"
    assert before[2] not in after
    assert after[-1] == "Z1,,over_65,share,2021,0.5,,,census,made-up"
    assert after[2:-1] == before[3:]
    assert (folder / "people.csv").read_text(encoding="utf-8").splitlines() == before
    assert (second.note, second.author.name, second.state) == ("mended", "Editorcity", "waiting")
    assert second.runs.get().kind == "check"
    said = editor.get("/cities/town/versions/2/since/1/").content.decode()
    assert "<ins>12345</ins>" in said
    assert edited(editor, {}, number=2).status_code == 422


def test_saving_text_makes_a_new_version(
    town: City, person: Callable[..., User], signed_in: Callable[..., Client], settings: Any
) -> None:
    folder = put_files(town.versions.get(), settings)
    editor = signed_in(people("editor", person, town))
    text = (folder / "city.toml").read_text(encoding="utf-8").replace("2050", "2045").replace("\n", "\r\n")
    answer = editor.post("/cities/town/versions/1/edit/city.toml/", {"text": text})
    assert answer.url == "/cities/town/versions/2/"
    second = town.versions.get(number=2)
    assert b"\r" not in (second.path / "city.toml").read_bytes()
    (change,) = differences(folder, second.path)
    assert [(r.about, r.kind, r.cells) for r in change.rows] == [
        ("pledge.neutrality_year", "changed", (("", "2050", "2045"),))
    ]
    assert editor.get("/cities/town/versions/1/edit/zones.geojson/").status_code == 404
    assert editor.get("/cities/town/versions/1/edit/..%2f..%2fsecret-key/").status_code == 404


def test_two_who_edit_at_once_lose_nothing(
    town: City, person: Callable[..., User], signed_in: Callable[..., Client], settings: Any
) -> None:
    put_files(town.versions.get(), settings)
    one = signed_in(people("editor", person, town))
    other = signed_in(people("lead", person, town))
    edited(one, {"c-2-5": "1"})
    # Another file: put on top of what came in between.
    edited(other, {"c-2-1": "Renamed"}, name="zones.csv")
    third = town.versions.get(number=3)
    assert b",1," in (third.path / "people.csv").read_bytes()
    assert b"Renamed" in (third.path / "zones.csv").read_bytes()
    # The same file: kept apart, and said.
    answer = other.post(
        "/cities/town/versions/1/edit/people.csv/?as=text", {"text": "zone,group\nZ1,G1\n"}, follow=True
    )
    assert "While you edited version 1, version 3 changed the same file" in answer.content.decode()
    assert town.versions.count() == 4


def test_differences_are_told_by_row_and_cell(tmp_path: Path) -> None:
    old, new = small_city(tmp_path / "old"), small_city(tmp_path / "new", actions=False)
    (new / "sources.csv").write_bytes((new / "sources.csv").read_bytes().replace(b"\n", b"\r\n"))
    lines = (new / "zones.csv").read_text(encoding="utf-8").splitlines()
    (new / "zones.csv").write_text("\n".join([lines[0], lines[1].replace("Zone 0", "North")]), encoding="utf-8")
    told = {change.name: change for change in differences(old, new)}
    assert told["actions.csv"].kind == "removed"
    assert told["sources.csv"].rows == ()
    kinds = [(row.kind, row.about) for row in told["zones.csv"].rows]
    assert ("removed", "Z2") in kinds
    assert differences(old, old) == []


def test_a_download_is_an_attachment_and_comes_back_as_it_was(
    client: Client, town: City, settings: Any, tmp_path: Path
) -> None:
    folder = put_files(town.versions.get(), settings)
    answer = client.get("/cities/town/versions/1/download/")
    assert answer["Content-Disposition"] == 'attachment; filename="town-1.zip"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as opened:
        opened.extractall(tmp_path / "again")
    assert content_hash(tmp_path / "again" / "town") == content_hash(folder)


def test_what_people_write_is_never_markup(
    town: City, person: Callable[..., User], signed_in: Callable[..., Client], settings: Any
) -> None:
    put_files(town.versions.get(), settings)
    editor = people("editor", person, town)
    wicked = "<script>alert(1)</script>"
    made, _said = bring_file(
        town.versions.get(), editor, wicked, "zones.csv", f"zone,name,longitude,latitude\nZ1,{wicked},0,0\n".encode()
    )
    CityVersion.objects.filter(pk=made.pk).update(state="good")
    browser = signed_in(editor)
    for place in ("", "versions/", "versions/2/", "versions/2/file/zones.csv/", "versions/2/edit/zones.csv/",
                  "versions/2/edit/zones.csv/?as=text", "versions/2/since/1/"):  # fmt: skip
        said = browser.get(f"/cities/town/{place}")
        assert said.status_code == 200
        assert wicked not in said.content.decode()


def refuses(change: Callable[[], object]) -> None:
    with pytest.raises(DatabaseError, match="kept as written"), transaction.atomic():
        change()


@pytest.mark.django_db
def test_the_database_keeps_versions_objections_and_progress_as_written(
    town: City, person: Callable[..., User]
) -> None:
    ana = person("ana")
    version = town.versions.get()
    mine = CityVersion.objects.create(city=town, number=2, author=ana, sha256="2" * 64, folder="x")
    for field, value in (("note", "other"), ("sha256", "3" * 64), ("folder", "y"), ("number", 9), ("author", None)):
        if field != "author":
            refuses(lambda f=field, v=value: CityVersion.objects.filter(pk=version.pk).update(**{f: v}))
    refuses(lambda: CityVersion.objects.filter(pk=version.pk)._raw_delete("default"))
    CityVersion.objects.filter(pk=version.pk).update(state="wrong", public=False)

    run = version.runs.create(kind="plan", inputs_hash="r" * 64)
    plan, answer = (Plan.objects.create(city=town, run=run, title=t, made_by_name="x") for t in ("a", "b"))
    objection = Objection.objects.create(plan=plan, reason="too dear", author=ana, author_name="Ana")
    of_it = Objection.objects.filter(pk=objection.pk)
    refuses(lambda: of_it.update(reason="fine"))
    refuses(lambda: of_it._raw_delete("default"))
    of_it.update(answer=answer)
    refuses(lambda: of_it.update(answer=None))

    owner = Organisation.objects.get(city=town)
    todo = Assignment.objects.create(city=town, measure="heat", owner=owner)
    step = Progress.objects.create(assignment=todo, status="underway", author=ana, author_name="Ana")
    refuses(lambda: Progress.objects.filter(pk=step.pk).update(status="done"))
    refuses(lambda: Progress.objects.filter(pk=step.pk)._raw_delete("default"))

    ana.delete()
    mine.refresh_from_db()
    step.refresh_from_db()
    assert (mine.author, step.author, step.author_name) == (None, None, "Ana")


@pytest.mark.django_db
def test_replacing_a_row_does_not_slip_past_the_rule(town: City) -> None:
    columns = "id, city_id, number, at, note, sha256, folder, state, public"
    rows = "SELECT id, city_id, number, at, 'other', sha256, folder, state, public FROM cities_cityversion WHERE true"
    if connection.vendor == "sqlite":
        statement = f"INSERT OR REPLACE INTO cities_cityversion ({columns}) {rows}"
    else:
        statement = f"INSERT INTO cities_cityversion ({columns}) {rows} ON CONFLICT (id) DO UPDATE SET note = 'other'"

    def replace() -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)

    refuses(replace)


def test_a_new_city_of_a_visitor_stays_theirs(
    client: Client, person: Callable[..., User], signed_in: Callable[..., Client], tmp_path: Path
) -> None:
    ana = person("ana")
    folder = small_city(tmp_path / "in")
    sent = [SimpleUploadedFile(p.name, p.read_bytes()) for p in folder.iterdir() if p.is_file()]
    browser = signed_in(ana)
    assert browser.post("/cities/new/", {"name": "Little Town", "upload": sent}).status_code == 302
    city = City.objects.get(slug="little-town")
    assert (city.public, city.demonstration, city.made_by) == (False, True, ana)
    assert browser.get("/cities/little-town/").status_code == 200
    assert client.get("/cities/little-town/").status_code == 404
    assert may_edit_city(ana, city)
    assert not may_make_public(ana, city)
    assert archive(city.versions.get())
