"""Jobs as the worker runs them: real processes that leave a whole result, or say why there is none."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mutirao.book.bundle import load_plan
from mutirao.city.folder import read_city
from mutirao.city.workbook import write_workbook
from mutirao.plan.inputs import declared_variables
from mutirao.worker.checking import inventory_record
from mutirao.worker.course import Course, plan_steps
from mutirao.worker.planning import city_at
from tests.cities import small_city
from tests.planned_cities import SYSTEMS, one_zone, two_zones

LANGUAGES = ["en", "es", "pt-br"]
COMMAND = [sys.executable, "-m", "mutirao.worker.job"]
ANSWERS = """
[group]
name = "Our table"
zone = "Zone 1"
date = "2026-01-02"
present = 4
[[rule]]
name = "benefit_share"
on = false
[[measure]]
measure = "mobility.transit"
at_least = 0.1
by = 2035
why = "buses <first>"
"""


def job(folder: Path, kind: str, city: Path, asked: dict[str, Any]) -> tuple[int, list[dict[str, Any]], str]:
    """Run a job to its end: exit code, lines said, what went to faults."""
    folder.mkdir()
    given = {"kind": kind, "city": str(city), "asked": asked, "languages": LANGUAGES}
    (folder / "job.json").write_text(json.dumps(given), encoding="utf-8")
    env = {k: v for k, v in os.environ.items() if k != "MUTIRAO_PARENT"}
    done = subprocess.run([*COMMAND, str(folder)], capture_output=True, text=True, env=env, check=False)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def forward(said: list[dict[str, Any]]) -> bool:
    shares = [line["share"] for line in said]
    return shares == sorted(shares) and shares[0] >= 0.0 and shares[-1] <= 1.0


def test_a_check_says_what_is_wrong_in_every_language(tmp_path: Path) -> None:
    city = small_city(tmp_path / "city")
    code, said, faults = job(tmp_path / "good", "check", city, {})
    assert code == 0, faults
    assert forward(said)
    assert said[0]["steps"]["es"] == "se leen los datos de la ciudad"
    result = tmp_path / "good" / "result"
    record = read(result / "check.json")
    assert record["good"]
    assert set(record["languages"]) == set(LANGUAGES)
    assert "coverage" in record["languages"]["es"]
    inventory = read(result / "inventory.json")
    assert inventory["total_kt"] == pytest.approx(sum(s["kt"] for s in inventory["sectors"]), rel=1e-6)
    assert inventory["per_person"] == pytest.approx(inventory["total_kt"] * 1e3 / inventory["population"])
    assert read(result / "settings.json")["name"] == "Littleton"

    people = (city / "people.csv").read_text(encoding="utf-8").replace("assumed", "guessed", 1)
    (city / "people.csv").write_text(people, encoding="utf-8")
    code, _, faults = job(tmp_path / "wrong", "check", city, {})
    assert code == 0, faults
    record = read(tmp_path / "wrong" / "result" / "check.json")
    assert not record["good"]
    errors = {lang: record["languages"][lang]["errors"] for lang in LANGUAGES}
    assert errors["en"][0]["row"] == errors["es"][0]["row"] == 2
    assert errors["en"][0]["what"] != errors["es"][0]["what"]


def test_a_plan_is_whole_and_honours_what_was_asked(tmp_path: Path) -> None:
    asked = {
        "headwinds": False, "assessment": False, "floors": [["mobility.transit", 0.15, 2035]], "set_by": "We",
        "settings": ["heat_pump_cost=12345"],
    }  # fmt: skip
    code, said, faults = job(tmp_path / "job", "plan", one_zone(tmp_path / "city"), asked)
    assert code == 0, faults
    assert forward(said)
    result = tmp_path / "job" / "result"
    assert not (tmp_path / "job" / ".result").exists()
    for name in ("report.html", "book.csv", "book.parquet", "book.xlsx", "summary.json", "inputs.json"):
        assert (result / name).is_file(), name
    for language in LANGUAGES:
        assert read(result / "pages" / f"{language}.json")["chapters"]
    plan = load_plan(result / "plans" / "rules")
    share = plan.measures.set_index(["measure", "period"])["share"]
    assert all(share["mobility.transit", y] >= 0.15 - 1e-6 for y in plan.years if y >= 2035)
    assert plan.meta["floors"] == [{"measure": "mobility.transit", "share": 0.15, "year": 2035}]
    row = plan.drivers.set_index("name").loc["heat_pump_cost"]
    assert (float(row["value"]), str(row["source"])) == (12345.0, "We")
    assert read(result / "summary.json")["measures"]
    assert read(result / "inputs.json")["asked"]["floors"] == [["mobility.transit", 0.15, 2035]]


def test_an_ask_that_does_not_fit_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    city = small_city(tmp_path / "city")
    code, _, _ = job(tmp_path / "job", "plan", city, {"floors": [["heat.magic", 0.1, 2030]]})
    assert code == 3
    why = read(tmp_path / "job" / "why.json")
    assert set(why) == set(LANGUAGES)
    assert "no measure is called 'heat.magic'" in why["en"][0]
    assert "ninguna medida se llama" in why["es"][0]
    assert sorted(p.name for p in (tmp_path / "job").iterdir()) == ["job.json", "why.json"]


def test_a_frontier_has_its_points_and_its_page(tmp_path: Path) -> None:
    asked = {"frontier": {"rule": "no_group_worse_off", "levels": ["off"], "carbon": 2}}
    code, said, faults = job(tmp_path / "job", "frontier", two_zones(tmp_path / "city"), asked)
    assert code == 0, faults
    assert forward(said)
    result = tmp_path / "job" / "result"
    assert len(read(result / "summary.json")["points"]) >= 2
    page = read(result / "pages" / "es.json")
    whole = "".join(c["html"] for c in page["chapters"])
    assert page["charts"]
    assert all(f'data-chart="{key}"' in whole for key in page["charts"])
    assert " style=" not in whole


def test_a_table_sets_the_groups_alternative_beside_the_citys_plan(tmp_path: Path) -> None:
    city = two_zones(tmp_path / "city")
    code, said, faults = job(tmp_path / "job", "table", city, {"answers_text": ANSWERS})
    assert code == 0, faults
    assert forward(said)
    result = tmp_path / "job" / "result"
    assert {p.name for p in (result / "plans").iterdir()} == {"adopted", "rules", "ours"}
    html = read(result / "pages" / "es.json")["chapters"][0]["html"]
    assert "buses &lt;first&gt;" in html
    assert " style=" not in html
    assert html.count("<table") == html.count('<div class="scroll"')

    code, _, _ = job(tmp_path / "bad", "table", city, {"answers_text": "name = "})
    assert code == 3
    assert "is not a readable answers file" in read(tmp_path / "bad" / "why.json")["en"][0]


def test_a_job_ends_when_whoever_began_it_goes(tmp_path: Path) -> None:
    (tmp_path / "job").mkdir()
    given = {"kind": "plan", "city": str(small_city(tmp_path / "city")), "asked": {}, "languages": ["en"]}
    (tmp_path / "job" / "job.json").write_text(json.dumps(given), encoding="utf-8")
    process = subprocess.Popen(
        [*COMMAND, str(tmp_path / "job")], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env={**os.environ, "MUTIRAO_PARENT": "1"},
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdin is not None
    assert json.loads(process.stdout.readline())["share"] == 0.0
    process.stdin.close()
    assert process.wait(60) == 1
    process.stdout.close()
    assert not (tmp_path / "job" / "result").exists()


def test_a_folder_with_a_workbook_alone_is_a_city(tmp_path: Path) -> None:
    city = read_city(small_city(tmp_path / "city"), declared_variables(SYSTEMS))
    (tmp_path / "sent").mkdir()
    write_workbook(city, tmp_path / "sent" / "city.xlsx")
    found = city_at(tmp_path / "sent", SYSTEMS)
    assert inventory_record(found)["total_kt"] == pytest.approx(inventory_record(city)["total_kt"])


def test_a_course_never_goes_back() -> None:
    out = io.StringIO()
    course = Course(plan_steps(1, False, 1), ["en", "es"], out)
    steps = ("no action", "least cost", "no action", "what the rule 'x' costs", "something else", "writing the report")
    for step in steps:
        course(step)
    said = [json.loads(line) for line in out.getvalue().splitlines()]
    assert forward(said)
    assert said[2]["share"] == said[1]["share"]
    assert said[-1]["share"] > said[-2]["share"]
    assert said[1]["steps"] == {"es": "mínimo costo"}
