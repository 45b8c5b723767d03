"""One job: ``python -m mutirao.worker.job FOLDER``. Reads FOLDER/job.json, leaves FOLDER/result whole or not at all.

job.json : kind (check, plan, frontier or table), city (a folder or workbook), asked (`city.asked.Asked`), languages.
Steps are printed as lines of JSON. Exit codes: 0 done; 3 there is no answer, and why.json says why by language;
anything else is a fault. With MUTIRAO_PARENT=1 the end of the input ends the job: it never outlives who began it.
"""

import json
import os
import shutil
import sys
import threading
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing import active_children
from pathlib import Path
from typing import Any, TextIO

from mutirao import __version__
from mutirao.book.bundle import save_plan
from mutirao.city.asked import Asked
from mutirao.city.content import write_inputs
from mutirao.ground.findings import Finding, InputError, Stop
from mutirao.ground.speech import LANGUAGES, SOURCE, again, in_language, say, word
from mutirao.ground.writing import write_text
from mutirao.model.system import System, installed_systems
from mutirao.plan.examine import examine_given
from mutirao.plan.frontier import chosen_rule, levels_of, with_rule
from mutirao.plan.frontier import frontier as draw_out
from mutirao.plan.rules import rules_in_force
from mutirao.report.frontier import write_frontier
from mutirao.report.otherpages import frontier_record, table_record
from mutirao.report.planpages import PAGES, put_page
from mutirao.report.summary import FILE as SUMMARY
from mutirao.report.summary import plain
from mutirao.report.tablekit.answers import parse_answers
from mutirao.report.tablekit.entered import enter
from mutirao.report.tables import emissions
from mutirao.worker.checking import checked, inventory_record, settings_record
from mutirao.worker.course import BEFORE_RULES, Course, plan_steps
from mutirao.worker.planning import city_at, given_path, inputs_asked, made, notes_on, wanted_of, workers

NO_ANSWER = 3
READING = word("reading the city")
ANSWERS = "answers.toml"
#: Solves of a frontier before its points: as adopted, the plan under the rules, no limit on carbon.
BEFORE_POINTS = 3


@dataclass(frozen=True)
class Job:
    """What is to be done, where, and who is told."""

    city: Path
    asked: Asked
    languages: tuple[str, ...]
    result: Path
    out: TextIO

    @property
    def systems(self) -> tuple[System, ...]:
        return tuple(installed_systems())


def main(arguments: Sequence[str] | None = None) -> int:
    """Do the job of a folder; the exit code."""
    folder = Path((arguments if arguments is not None else sys.argv[1:])[0])
    if os.environ.get("MUTIRAO_PARENT") == "1":
        threading.Thread(target=_end_with_input, daemon=True).start()
    # Lines of JSON alone go to the output; whatever a solver prints goes where faults go.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return do(folder, out)


def do(folder: Path, out: TextIO) -> int:
    """Do the job of a folder, its steps to ``out``; the exit code."""
    given = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    languages = tuple(c for c in given.get("languages") or [SOURCE] if c in LANGUAGES) or (SOURCE,)
    fresh = folder / ".result"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    try:
        asked = Asked.from_dict(given.get("asked") or {})
        KINDS[given["kind"]](Job(Path(given["city"]), asked, languages, fresh, out))
    except Stop as stop:
        shutil.rmtree(fresh, ignore_errors=True)
        write_text(json.dumps(why(stop, languages), ensure_ascii=False), folder / "why.json")
        return NO_ANSWER
    fresh.replace(folder / "result")
    return 0


def why(stop: Stop, languages: Sequence[str]) -> dict[str, list[str]]:
    """Why there is no answer, in sentences by language."""
    out = {}
    for code in dict.fromkeys((SOURCE, *languages)):
        with in_language(code):
            findings = stop.findings if isinstance(stop, InputError) else ()
            out[code] = [str(f) for f in findings] or [again(str(stop.args[0]) if stop.args else str(stop))]
    return out


def _end_with_input() -> None:
    while os.read(0, 4096):
        pass
    for child in active_children():
        child.kill()
    os._exit(1)


def check(job: Job) -> None:
    """The check of a city, and its figures where it can be read."""
    course = Course([(READING, 1), ("writing the findings", 2)], job.languages, job.out)
    course(READING)
    city, findings = examine_given(given_path(job.city), job.systems)
    course(word("writing the findings"))
    _json(checked(city, findings, job.systems, job.languages), job.result / "check.json")
    if city is not None:
        _json(inventory_record(city), job.result / "inventory.json")
        _json(settings_record(city), job.result / "settings.json")


def plan(job: Job) -> None:
    """Every plan of a city under what is asked, with its report, pages, exports and summary."""
    asked, systems = job.asked, job.systems
    city = city_at(job.city, systems)
    inputs = inputs_asked(city, systems, asked)
    rules, _ = rules_in_force(inputs.city, asked.rules_off)
    course = Course(plan_steps(len(rules), asked.headwinds, len(job.languages)), job.languages, job.out)
    course(READING)
    made(inputs, job.result, asked.resolution, wanted_of(asked, job.languages), notes_on(city, systems), course)
    write_inputs(job.city, asked.to_dict(), __version__, job.result)


def frontier(job: Job) -> None:
    """What carbon and one rule cost together, and its page."""
    asked, systems = job.asked, job.systems
    inputs = inputs_asked(city_at(job.city, systems), systems, asked)
    rule, levels = asked.frontier.get("rule") or None, asked.frontier.get("levels") or ()
    carbon = int(asked.frontier.get("carbon") or 6)
    varied, name = with_rule(inputs, rule)
    name = chosen_rule(varied.city, name)
    every = BEFORE_POINTS + carbon * len(levels_of(varied.city, name, levels))
    course, done = Course((), job.languages, job.out), [0]

    def told(step: str) -> None:
        course.part(step, done[0], every + 1)
        done[0] += 1

    with workers() as pool:
        found = draw_out(inputs, rule, levels, carbon, told, pool)
    write_frontier(found, job.result)
    _pages(job, [(code, frontier_record(found, code)) for code in job.languages])
    _json(
        {
            "title": inputs.city.settings.name, "rule": found.rule, "unit": found.unit,
            "currency": inputs.city.settings.currency, "price_year": inputs.city.settings.price_year,
            "adopted_kt": found.adopted_kt, "plan_kt": found.plan_kt, "plan_cost": found.plan_cost,
            "points": found.points.to_dict("records"),
        },
        job.result / SUMMARY,
    )  # fmt: skip


def table(job: Job) -> None:
    """The alternative of a group around a table, beside the plan of the city."""
    asked, systems = job.asked, job.systems
    course = Course(TABLE_STEPS, job.languages, job.out)
    course(READING)
    try:
        answers = parse_answers(tomllib.loads(asked.answers_text), ANSWERS)
    except tomllib.TOMLDecodeError as error:
        what = say("is not a readable answers file: {fault}.", fault=str(error))
        raise InputError(Finding(ANSWERS, None, "", what, word("Compare it with the printed example."))) from None
    inputs = inputs_asked(city_at(job.city, systems), systems, asked)
    done = enter(inputs, answers, {}, course, ANSWERS)
    course(word("writing the report"))
    for name, one in done.plans.items():
        save_plan(one, job.result / "plans" / name)
    write_text(asked.answers_text, job.result / ANSWERS)
    _pages(job, [(code, table_record(done, code)) for code in job.languages])
    _json(
        {
            "title": inputs.city.settings.name, "group": answers.group, "zone": done.zone, "date": answers.date,
            "currency": inputs.city.settings.currency, "price_year": inputs.city.settings.price_year,
            "emissions": {n: emissions(p).to_dict() for n, p in done.plans.items()},
        },
        job.result / SUMMARY,
    )  # fmt: skip


TABLE_STEPS = (
    *BEFORE_RULES[:1],
    ("business as adopted", 4), ("the plan of the city under its rules", 8), ("the alternative of", 8),
    ("writing the report", 3),
)  # fmt: skip
KINDS = {"check": check, "plan": plan, "frontier": frontier, "table": table}


def _pages(job: Job, records: Sequence[tuple[str, dict[str, Any]]]) -> None:
    target = job.result / PAGES
    target.mkdir(parents=True, exist_ok=True)
    for code, record in records:
        put_page(record, target, code)


def _json(record: Any, path: Path) -> None:
    write_text(json.dumps(plain(record), ensure_ascii=False, allow_nan=False), path)


if __name__ == "__main__":
    sys.exit(main())
