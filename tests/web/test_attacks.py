"""What somebody with bad intent, bad luck or a second window would try."""

import json
import threading
import time
import zipfile
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd
import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mutirao.city.asked import Asked
from mutirao.city.check import GEOMETRY
from mutirao.ground.findings import InputError
from mutirao.model.figures import Figure, Section
from mutirao.report.chapter import Chapter, KeyNumber
from mutirao.report.pages import chapter_record
from mutirao.site.keeping import secret_key
from mutirao.web.cities import keeping
from mutirao.web.cities.figures import LARGE, figures_of
from mutirao.web.cities.models import City, CityVersion
from mutirao.web.people.models import ApiToken, Invitation, Mandate, Organisation, User, hashed
from mutirao.web.people.organisations import INVITATIONS_A_DAY
from mutirao.web.people.reminders import remind, send_due
from mutirao.web.plans import explaining, results
from mutirao.web.plans.disputes import assumptions_of, dispute
from mutirao.web.plans.making import make_plan
from mutirao.web.plans.models import Objection, Plan
from mutirao.web.plans.publishing import make_leading, make_public
from mutirao.web.runs.models import Run
from mutirao.worker import work
from tests.web.finished_plans import finished_plan, planned_city, rules_bundle

People = Callable[..., User]
SignedIn = Callable[[User], Client]


def plan_of(city: City, maker: User | None = None, **given: Any) -> Plan:
    key = f"h{Run.objects.count()}"
    run = Run.objects.create(kind="plan", version=city.versions.get(), inputs_hash=key, state="done")
    more = {"title": "A plan", "made_by": maker, "made_by_name": str(maker or "Mutirão"), **given}
    return Plan.objects.create(city=city, run=run, **more)


# ---- one person's things and another's -----------------------------------------------------------------------


def test_equal_files_of_two_cities_are_two_questions(
    town: City, village: City, person: People, signed_in: SignedIn
) -> None:
    """Else whoever owns a copy of a city would be told of the other city, and plan in it."""
    copy = CityVersion.objects.create(city=village, number=2, sha256="0" * 64, folder="none", state="good")
    ana, ben = person("ana", Organisation.objects.get(city=village)), person("ben")
    secret = make_plan(copy, Plan.Kind.PLAN, Asked(), ana, "Ours")
    mine = make_plan(town.versions.get(), Plan.Kind.PLAN, Asked(), ben, "Mine")
    assert mine.run != secret.run
    assert mine.run.version.city == town
    page = signed_in(ben).get(reverse("run", args=[mine.run.pk]), follow=True).content.decode()
    assert "Village" not in page


def test_who_only_reads_for_an_organisation_does_not_speak_for_it(
    town: City, person: People, signed_in: SignedIn
) -> None:
    body = Organisation.objects.create(kind="community", name="Tenants", city=town)
    plan = plan_of(town, public=True)
    reader, editor = signed_in(person("rita", body, "reader")), signed_in(person("eva", body, "editor"))
    given = {"reason": "Too dear.", "organisation": body.pk}
    assert reader.post(reverse("dispute", args=[plan.pk]), given).status_code == 422
    assert not Objection.objects.exists()
    assert editor.post(reverse("dispute", args=[plan.pk]), given).status_code == 302
    assert Objection.objects.get().organisation == body


def test_a_list_of_organisations_does_not_name_private_cities(
    village: City, person: People, signed_in: SignedIn
) -> None:
    City.objects.filter(pk=village.pk).update(name="Quiet Harbour")
    Organisation.objects.create(kind="community", name="Friends of something", city=village)
    page = reverse("organisations")
    assert "Quiet Harbour" not in Client().get(page).content.decode()
    insider = signed_in(person("ida", Organisation.objects.get(city=village, kind="city")))
    assert "Quiet Harbour" in insider.get(page).content.decode()


def test_a_run_cannot_be_taken_back_from_under_someone_who_joins(
    town: City, person: People, signed_in: SignedIn
) -> None:
    ana, ben = person("ana"), person("ben")
    first = make_plan(town.versions.get(), Plan.Kind.PLAN, Asked(), ana, "Ana's")
    second = make_plan(town.versions.get(), Plan.Kind.PLAN, Asked(), ben, "Ben's")
    assert first.run == second.run
    signed_in(ana).post(reverse("run_cancel", args=[first.run.pk]))
    first.run.refresh_from_db()
    assert first.run.state == "queued"


def test_disputes_do_not_push_plans_off_a_citys_page(town: City, person: People) -> None:
    ana = person("ana")
    plan_of(town, ana, public=True, title="The only plan")
    for n in range(8):
        plan_of(town, ana, public=True, kind="dispute", title=f"Noise {n}")
    page = Client().get(reverse("city", args=["town"])).content.decode()
    assert "The only plan" in page
    assert "Noise" not in page


def test_a_disputed_value_stands_under_the_disputers_name(person: People) -> None:
    city = planned_city()
    plan = finished_plan(city, asked={"set_by": "The assembly", "rules": ["benefit_share share=0.5"]})
    about = assumptions_of(plan)[0]
    made = dispute(plan, person("ana"), "No.", about, about.value * 2 + 1, None)
    assert made.answer is not None
    assert made.answer.run.asked["set_by"] == "The assembly, Ana"


def test_programs_get_no_more_of_few_homes_than_pages_and_files_do(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = finished_plan(planned_city())
    book = rules_bundle().book
    zone, period = str(book["zone"].iloc[-1]), int(book["period"].max())
    path = f"/api/plans/{plan.pk}/explain?account=money&period={period}"
    assert Client().get(f"{path}&zone={zone}").status_code == 200
    monkeypatch.setattr(explaining, "LEAST", 1e12)
    monkeypatch.setattr(results, "public_book", lambda bundle: bundle.book.head(3))
    assert Client().get(f"/api/plans/{plan.pk}/book").json()["count"] == 3
    answer = Client().get(f"{path}&zone={zone}")
    assert answer.status_code == 404
    assert "so few homes" in answer.json()["where"][0]
    assert Client().get(path).status_code == 200


# ---- publishing ----------------------------------------------------------------------------------------------


def test_an_answer_that_leads_stays_public_when_the_disputed_plan_is_taken_back(town: City, person: People) -> None:
    plan = plan_of(town, public=True)
    answer = plan_of(town, person("ana"), public=True, kind="dispute", beside=plan)
    make_leading(answer)
    make_public(plan, False)
    plan.refresh_from_db()
    answer.refresh_from_db()
    assert (plan.public, answer.public, answer.leading) == (False, True, True)


def test_a_plan_read_before_another_took_the_lead_does_not_claim_it_back(town: City) -> None:
    stale, other = plan_of(town, public=True), plan_of(town, public=True)
    make_leading(stale)
    stale.refresh_from_db()
    make_leading(other)
    make_public(stale, True)
    assert Plan.objects.get(leading=True) == other


# ---- invitations and letters ---------------------------------------------------------------------------------


def invited(body: Organisation, by: User, **given: Any) -> str:
    Invitation.objects.create(organisation=body, email="x@example.org", token_hash=hashed("t"), by=by, **given)
    return reverse("invitation", args=["t"])


def test_who_no_longer_leads_has_no_open_invitations(town: City, person: People, signed_in: SignedIn) -> None:
    body = Organisation.objects.get(city=town)
    person("lena", body, "lead")
    path = invited(body, person("otto", body, "lead"), role="lead")
    friend = signed_in(person("fritz"))
    assert friend.get(path).status_code == 200
    Mandate.objects.filter(user=person("otto")).update(withdrawn_at=timezone.now())
    assert friend.post(path).status_code == 404
    assert not Mandate.objects.filter(user=person("fritz")).exists()


def test_a_mandate_that_ends_before_it_begins_is_refused_in_words(
    town: City, person: People, signed_in: SignedIn
) -> None:
    body = Organisation.objects.get(city=town)
    lead = person("lena", body, "lead")
    given = {"email": "x@example.org", "role": "editor", "ends": "2001-01-01"}
    assert signed_in(lead).post(reverse("invite", args=[body.pk]), given).status_code == 422
    path = invited(body, lead, role="editor", ends=timezone.now() - timedelta(hours=1))
    assert signed_in(person("fritz")).post(path).status_code == 403


def test_letters_to_strangers_are_counted(person: People, signed_in: SignedIn) -> None:
    body = Organisation.objects.create(kind="community", name="Prize\nBcc: all@example.org")
    lead = person("lena", body, "lead")
    browser, given = signed_in(lead), {"email": "x@example.org", "role": "reader"}
    assert browser.post(reverse("invite", args=[body.pk]), given).status_code == 200
    assert mail.outbox[0].subject.count("\n") == 0
    assert mail.outbox[0].recipients() == ["x@example.org"]
    for n in range(INVITATIONS_A_DAY):
        Invitation.objects.create(organisation=body, email="y@example.org", role="reader", token_hash=str(n), by=lead)
    assert browser.post(reverse("invite", args=[body.pk]), given).status_code == 403
    assert len(mail.outbox) == 1


def test_a_used_invitation_opens_no_further_accounts(
    town: City, person: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MUTIRAO_SIGNUP", "invited")
    body = Organisation.objects.get(city=town)
    path, browser = invited(body, person("lena", body, "lead"), role="reader"), Client()
    browser.get(path)
    assert b'name="password1"' in browser.get(reverse("account_signup")).content
    Invitation.objects.update(used_at=timezone.now())
    assert b'name="password1"' not in browser.get(reverse("account_signup")).content


def test_reminders_are_sent_by_the_worker_whatever_names_hold(person: People, monkeypatch: pytest.MonkeyPatch) -> None:
    remind(person("ana"), "Look at {name}", {"name": "a\nBcc: all@example.org"}, "/runs/1/")
    stop = threading.Event()
    monkeypatch.setattr(work, "work_once", lambda _stop: False)
    monkeypatch.setattr(stop, "wait", lambda _seconds: stop.set())
    monkeypatch.setattr(work, "close_old_connections", lambda: None)
    work.work(stop)
    assert [m.subject for m in mail.outbox] == ["Mutirão: Look at a Bcc: all@example.org"]
    assert send_due() == 0


# ---- strange signs, large and deep files ---------------------------------------------------------------------


@pytest.mark.parametrize("page", ["/plans/?city=%00", "/plans/new/?city=a%00", "/departments/town/measures/%00/"])
def test_zero_bytes_name_nothing(town: City, person: People, signed_in: SignedIn, page: str) -> None:
    assert signed_in(person("ana")).get(page).status_code == 404


@pytest.mark.parametrize("page", ["/api/plans?city=a%00", "/api/cities?name=%00", "/api/cities/a%00"])
def test_programs_are_told_of_zero_bytes_in_their_own_way(db: None, page: str) -> None:
    answer = Client().get(page)
    assert answer.status_code == 422
    assert answer.json()["reason"]


def test_zero_bytes_in_a_note_are_left_out(person: People, signed_in: SignedIn) -> None:
    city = planned_city()
    ana = person("ana", Organisation.objects.get(city=city))
    path = reverse("edit_file", args=[city.slug, 1, "city.toml"])
    text = (city.versions.get().path / "city.toml").read_text(encoding="utf-8") + "# more\n"
    assert signed_in(ana).post(path + "?as=text", {"text": text, "note": "a\0b"}).status_code == 302
    assert city.versions.first().note == "ab"


@pytest.mark.parametrize(
    "asked",
    [{"set_by": "\ud800", "rules": ["benefit_share share=0.5"]}, {"budgets": {"a\0": 1}}, {"budgets": {"\udfff": 1}}],
)
def test_signs_that_no_database_takes_are_refused(town: City, person: People, asked: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        Asked.from_dict(asked)
    _token, text = ApiToken.make(person("ana"), "t", "write")
    body = json.dumps({"city": "town", "title": "T", "asked": asked})
    headers = {"Authorization": f"Bearer {text}"}
    answer = Client().post("/api/runs", body, content_type="application/json", headers=headers)
    assert answer.status_code == 422
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    "body",
    ['{"city": "town", "title": "\\ud800"}', '{"city": "town", "title": "T", "asked": {"budget_kt": NaN}}',
     '{"city": "town", "title": "T", "asked": {"budget_kt": 1e999}}', '{"city": "town", "title": "T", "version": 1e30}',
     '{"city": "town", "title": "T", "asked": {"budget_kt": ' + "9" * 5000 + "}}", "[" * 100_000, "\xff"],
)  # fmt: skip
def test_bodies_that_are_no_request_are_refused(town: City, person: People, body: str) -> None:
    _token, text = ApiToken.make(person("ana"), "t", "write")
    answer = Client().post("/api/runs", body.encode("latin-1"), content_type="application/json",
                           headers={"Authorization": f"Bearer {text}"})  # fmt: skip
    assert answer.status_code in (400, 422), answer.content[:300]


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e308", "1e999", "0x10", "1_0", "١", "9" * 400, "\0"])
def test_strange_numbers_in_forms_end_no_page(person: People, signed_in: SignedIn, value: str) -> None:
    plan = finished_plan(planned_city())
    ana, name = signed_in(person("ana")), assumptions_of(plan)[0].name
    frontier = {"rule": "benefit_share", "levels": value, "carbon": 3}
    doubt = {"doubt-1": name, "doubt-value-1": value}
    for page, given in (
        (f"{reverse('dispute', args=[plan.pk])}?parameter={name}", {"value": value, "reason": "x"}),
        (f"{reverse('new_plan')}?from={plan.pk}", {"title": "x", "budget_kt": value, "year-1": value, "cut-1": value}),
        (reverse("reoptimise", args=[plan.pk]), {name: value}),
        (f"{reverse('new_frontier')}?from={plan.pk}", {"title": "x", **frontier}),
        (reverse("table", args=[plan.pk]), {"group_name": "x", "present": value, **doubt}),
    ):
        answer = ana.post(page, given)
        assert answer.status_code < 500, page
        if answer.status_code == 302 and "/frontier/" in page:
            assert value in ("1_0", "١", "1e308"), "only a number is a level"
    for query in ({"account": "carbon", "period": value}, {"account": "money", "period": "2030", "zone": value}):
        assert Client().get(reverse("explain", args=[plan.pk]), query).status_code < 500
    assert Client().get(reverse("what_if", args=[plan.pk]), {name: value}).status_code < 500
    for name in ("plans", "my_runs", "my_plans"):
        assert ana.get(reverse(name), {"page": value}).status_code in (200, 404)


def archive(**files: bytes) -> SimpleUploadedFile:
    whole = BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in files.items():
            opened.writestr(name.replace("__", "."), content)
    return SimpleUploadedFile("city.zip", whole.getvalue())


def test_deep_settings_are_a_finding_not_a_crash(person: People, signed_in: SignedIn) -> None:
    ana = signed_in(person("ana"))
    given = {"name": "Deep", "upload": archive(city__toml=b"a = " + b"[" * 50_000)}
    assert ana.post(reverse("new_city"), given).status_code == 302
    assert ana.get(reverse("city", args=["deep"])).status_code == 200
    given = {"upload": archive(city__toml=b"a = " + b"[" * 60_000)}
    assert ana.post(reverse("new_version", args=["deep"]), given).status_code == 302
    assert ana.get(reverse("version_since", args=["deep", 2, 1])).status_code == 200


def test_settings_of_a_megabyte_are_refused(person: People, signed_in: SignedIn) -> None:
    given = {"name": "Long", "upload": archive(city__toml=b"# long\n" * 200_000)}
    assert signed_in(person("ana")).post(reverse("new_city"), given).status_code == 413
    assert not City.objects.exists()


def test_pages_do_without_figures_that_are_too_large(tmp_path: Path) -> None:
    square = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}
    text = json.dumps({"features": [{"properties": {"zone": "a"}, "geometry": square}]})
    for name, long in (("small", 0), ("large", LARGE)):
        (tmp_path / name).mkdir()
        (tmp_path / name / GEOMETRY).write_text(text + " " * long, encoding="utf-8")
    assert figures_of(tmp_path / "small").outlines
    assert not figures_of(tmp_path / "large").outlines


def test_files_sent_to_any_form_are_read_up_to_the_limit_only(town: City, settings: Any) -> None:
    settings.UPLOAD_BYTES = 100_000
    browser = Client()
    browser.get("/")
    large = SimpleUploadedFile("x.bin", b"x" * 1_000_000)
    answer = browser.post(reverse("set_language"), {"file": large, "language": "es", "next": "/"})
    assert answer.wsgi_request.FILES == {}


def test_a_place_for_files_may_go_while_another_is_made(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with keeping.workplace() as first:
        real = Path.stat

        def gone(path: Path, **given: Any) -> Any:
            if path == first:
                raise FileNotFoundError(path)
            return real(path, **given)

        monkeypatch.setattr(Path, "stat", gone)
        with keeping.workplace() as second:
            assert second.is_dir()


def test_two_processes_that_begin_at_once_read_one_key(tmp_path: Path) -> None:
    file, found = tmp_path / "key", []
    file.touch()
    waiting = threading.Thread(target=lambda: found.append(secret_key(file)))
    waiting.start()
    time.sleep(0.2)
    file.write_text("whole", encoding="ascii")
    waiting.join(10)
    assert found == ["whole"]


# ---- numbers past a thousand -----------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "es", "pt-br"])
def test_rows_past_a_thousand_keep_plain_numbers(
    town: City, person: People, signed_in: SignedIn, language: str
) -> None:
    ana = person("ana")
    run = Run.objects.create(pk=1_234_567, kind="plan", version=town.versions.get(), inputs_hash="x", asked_by=ana)
    plan = Plan.objects.create(pk=7_654_321, city=town, run=run, title="P", made_by=ana, made_by_name="Ana")
    browser = signed_in(ana)
    browser.cookies["language"] = language
    for page in (reverse("run", args=[run.pk]), reverse("run_progress", args=[run.pk]), reverse("my_runs"),
                 reverse("plan", args=[plan.pk]), reverse("my_plans")):  # fmt: skip
        text = browser.get(page).content.decode()
        for wrong in ("1,234", "1.234", "1\xa0234", "7,654", "7.654", "7\xa0654"):
            assert wrong not in text, page
    assert 'id="run-1234567"' in browser.get(reverse("run_progress", args=[run.pk])).content.decode()


def test_pages_past_a_thousand_keep_plain_numbers(person: People, signed_in: SignedIn) -> None:
    city = planned_city()
    rows = "".join(f"z{n},1\n" for n in range(60_000))
    (city.versions.get().path / "other.csv").write_text("zone,value\n" + rows, encoding="utf-8")
    page = reverse("version_file", args=[city.slug, 1, "other.csv"])
    text = Client().get(page, {"page": "1100"}).content.decode()
    assert "page=1101" in text
    assert "page=1,101" not in text


# ---- what a city writes is never code ------------------------------------------------------------------------------

EVIL = '"><script>alert(1)</script><img src=x onerror=alert(1)> style="--c:url(x)"'


def harmless(text: str) -> None:
    assert "<script>alert" not in text
    assert "<img src=x" not in text
    assert 'style="--c:url' not in text


def test_a_chapter_holds_no_code_of_a_citys_tables() -> None:
    rows = pd.DataFrame({"zone": [EVIL, "b"], EVIL: [1.0, 2.0]})
    figure = Figure("f", EVIL, "bar", rows, "zone", EVIL, EVIL, (EVIL,), note=EVIL)
    bare = Figure("t", EVIL, "table", rows, "zone", "", EVIL, (EVIL,), note=EVIL)
    section = Section("s", EVIL, (EVIL,), (figure, bare))
    chapter = Chapter(section, (section,), (KeyNumber(EVIL, EVIL, EVIL, EVIL),))
    record, _specs = chapter_record(chapter, {EVIL: EVIL})
    harmless(record["html"])
    assert "&lt;script&gt;" in record["html"]


def test_pages_of_a_city_hold_no_code_of_its_tables(person: People, signed_in: SignedIn) -> None:
    city = planned_city()
    City.objects.update(name=EVIL[:100])
    folder = city.versions.get().path
    cell = '"' + EVIL.replace('"', '""') + '"'
    zones = (folder / "zones.csv").read_text(encoding="utf-8").splitlines()
    (folder / "zones.csv").write_text("\n".join([zones[0], *(f"{z.split(',')[0]},{cell},{','.join(z.split(',')[2:])}"
                                                            for z in zones[1:])]), encoding="utf-8")  # fmt: skip
    (folder / "<b>bold.csv").write_text(f"zone,{cell}\na,{cell}\n", encoding="utf-8")
    plan = finished_plan(city, title=EVIL[:100], reason=EVIL)
    Plan.objects.update(made_by_name=EVIL)
    Objection.objects.create(plan=plan, reason=EVIL, author_name=EVIL, parameter=EVIL)
    browser = signed_in(person("ana", Organisation.objects.get(city=city), "lead"))
    for page in (
        reverse("front"), reverse("city", args=[city.slug]), reverse("city_versions", args=[city.slug]),
        reverse("city_version", args=[city.slug, 1]), reverse("version_file", args=[city.slug, 1, "zones.csv"]),
        reverse("version_file", args=[city.slug, 1, "<b>bold.csv"]),
        reverse("edit_file", args=[city.slug, 1, "<b>bold.csv"]), reverse("plan", args=[plan.pk]),
        reverse("assumptions", args=[plan.pk]) + "?search=" + quote(EVIL), reverse("what_if", args=[plan.pk]),
        reverse("explain", args=[plan.pk]) + "?account=carbon&period=2030&zone=" + quote(EVIL),
        reverse("compare_plans") + f"?a={plan.pk}&b={plan.pk}", reverse("table", args=[plan.pk]),
        reverse("new_plan") + f"?from={plan.pk}", reverse("dispute", args=[plan.pk]) + "?parameter=" + quote(EVIL),
    ):  # fmt: skip
        answer = browser.get(page)
        assert answer.status_code in (200, 422), page
        harmless(answer.content.decode())
        assert "<b>bold" not in answer.content.decode()
