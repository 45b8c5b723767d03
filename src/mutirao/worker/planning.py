"""One planning run, from inputs to files: what the command line and the jobs of the web application both do."""

import os
import threading
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import cpu_count, get_context, parent_process
from pathlib import Path

from mutirao.book import terms as book
from mutirao.book.bundle import save_plan
from mutirao.city.asked import Asked, applied
from mutirao.city.check import check_city
from mutirao.city.folder import City, read_city
from mutirao.city.workbook import is_workbook, read_workbook
from mutirao.ground.findings import Finding, InputError, told
from mutirao.ground.parameters import from_settings
from mutirao.ground.speech import LANGUAGES, SOURCE, in_language, spoken, word
from mutirao.model.system import System
from mutirao.plan.alternative import Bound, alternative, wishes
from mutirao.plan.assess import Assessment, assess
from mutirao.plan.build import Inputs
from mutirao.plan.headwinds import Headwinds, headwinds
from mutirao.plan.inputs import declared_measures, declared_variables, horizon_of, parameters_of, time_of
from mutirao.plan.pipeline import TITLES, Plans, Progress, given_plans, make_plans
from mutirao.plan.rules import rules_in_force
from mutirao.plan.solve import NoPlan
from mutirao.report.content import ReportContent
from mutirao.report.gather import gather
from mutirao.report.page import write_report
from mutirao.report.planpages import write_pages
from mutirao.report.summary import write_summary
from mutirao.report.workbook import write_workbook

#: Steps of a run that are said to whoever waits, beside those that the search itself says.
ACTIONS, WRITING = word("the city's own actions"), word("writing the report")
UNDER_WISHES = word(
    "Headwinds were searched without the floors and ceilings on measures that were asked for in this plan."
)


@dataclass(frozen=True)
class Wanted:
    """What a run shall hold and make: rules left out by name, bounds on measures, parts of the report."""

    without: tuple[str, ...] = ()
    floors: tuple[Bound, ...] = ()
    ceilings: tuple[Bound, ...] = ()
    headwinds: bool = True
    assessment: bool = True
    languages: tuple[str, ...] = tuple(LANGUAGES)
    reader: str = SOURCE


@dataclass(frozen=True)
class Made:
    """A finished run: its plans, what was judged, and its report."""

    plans: Plans
    judged: Assessment | None
    storms: Headwinds | None
    content: ReportContent
    page: Path


def workers() -> ProcessPoolExecutor:
    """As many processes as the machine has cores, at most four: each holds a plan of its own."""
    count = min(cpu_count() or 1, 4)
    return ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=_end_with_parent)


def _end_with_parent() -> None:
    """No process of a pool outlives the run it works for, however that run ended."""
    parent = parent_process()
    if parent is not None:

        def follow() -> None:
            parent.join()
            os._exit(1)

        threading.Thread(target=follow, daemon=True).start()


def city_at(path: Path, systems: Sequence[System]) -> City:
    """The city of a folder, of a workbook, or of a folder that holds nothing but its workbook.

    Raises InputError with every error of it.
    """
    path = given_path(path)
    variables = declared_variables(systems)
    return read_workbook(path, variables) if is_workbook(path) else read_city(path, variables)


def given_path(path: Path) -> Path:
    """Where a city is to be read from: the workbook ``city.xlsx`` where a folder holds it and no ``city.toml``."""
    inside = path / "city.xlsx"
    return inside if inside.is_file() and not (path / "city.toml").exists() else path


def inputs_asked(city: City, systems: tuple[System, ...], asked: Asked) -> Inputs:
    """The inputs of what is asked of a city. Raises InputError where the ask does not fit city or software."""
    changed = applied(city, asked)
    rules = {n: replace(r, on=r.on and n not in asked.rules_off) for n, r in changed.settings.rules.items()}
    changed = replace(changed, settings=replace(changed.settings, rules=rules))
    parameters = parameters_of(changed, systems)
    own = from_settings(asked.settings, parameters, asked.set_by or "--set")
    horizon = horizon_of(changed, asked.resolution)
    wrong = [
        Finding("budgets", None, payer, told("no payer is called '{name}'.", name=payer),
                told("There is: {names}.", names=", ".join(book.INSIDE)))
        for payer in asked.budgets
        if payer not in book.INSIDE
    ]  # fmt: skip
    measures = declared_measures(systems)
    for key, bounds in (("floors", asked.floors), ("ceilings", asked.ceilings)):
        for name, _, year in bounds:
            if name not in measures:
                what = told("no measure is called '{name}'.", name=name)
                wrong.append(Finding(key, None, name, what, told("There is: {names}.", names=", ".join(measures))))
            elif not horizon.start < year <= horizon.end:
                what = told("the plan decides nothing in {year}.", year=year)
                mend = told("Choose a year after {start}, up to {end}.", start=horizon.start, end=horizon.end)
                wrong.append(Finding(key, None, name, what, mend))
    if wrong:
        raise InputError(wrong)
    return Inputs(
        changed, systems, parameters.with_layer("set", own), horizon, time_of(changed, asked.resolution)
    )  # fmt: skip


def wanted_of(asked: Asked, languages: Sequence[str]) -> Wanted:
    """What a run shall make of an ask."""
    return Wanted(
        asked.rules_off, tuple(Bound(*b) for b in asked.floors), tuple(Bound(*b) for b in asked.ceilings),
        asked.headwinds, asked.assessment, tuple(languages),
    )  # fmt: skip


def notes_on(city: City, systems: Sequence[System]) -> list[str]:
    """What the check of a city has to say, a sentence each."""
    findings = check_city(city, declared_variables(systems), declared_measures(systems))
    return [finding_words(f.file, f.row, f.column, f.what, f.mend) for f in findings]


@spoken
def finding_words(file: str, row: int | None, column: str, what: str, mend: str) -> str:
    """A finding with its place as one text."""
    return str(Finding(file, row, column, what, mend))


def made(
    inputs: Inputs, folder: Path, resolution: str, wanted: Wanted, notes: Sequence[str], say: Progress
) -> Made:
    """Solve every plan of a run and write all of it into a folder: bundles, report, exports, workbook, pages, summary.

    Raises NoPlan with sentences on why where there is none.
    """
    plans = _plans(inputs, wanted, say)
    say(ACTIONS)
    judged = assess(inputs, plans.no_action, plans.adopted, plans.rules) if wanted.assessment else None
    storms = _storms(inputs, resolution, say) if wanted.headwinds else None
    say(WRITING)
    for one in plans.all.values():
        save_plan(one, folder / "plans" / one.name)
    bounded = [UNDER_WISHES] if storms is not None and (wanted.floors or wanted.ceilings) else []
    content = gather(plans, judged, storms, [*notes, *bounded])
    with in_language(wanted.reader):
        page = write_report(content, folder)
    write_workbook(content, folder)
    write_pages(content, folder, wanted.languages, say)
    write_summary(content, folder, wanted.languages)
    return Made(plans, judged, storms, content, page)


def _plans(inputs: Inputs, wanted: Wanted, say: Progress) -> Plans:
    if not (wanted.floors or wanted.ceilings):
        return make_plans(inputs, wanted.without, say)
    try:
        return make_plans(inputs, wanted.without, say, wishes=wishes(wanted.floors, wanted.ceilings))
    except NoPlan:
        # Solved once more on its own, which says of each floor and ceiling how near one can come.
        rules, _ = rules_in_force(inputs.city, wanted.without)
        alternative(inputs, rules, given_plans(inputs)[1], wanted.floors, wanted.ceilings, "rules", TITLES["rules"])
        raise


def _storms(inputs: Inputs, resolution: str, say: Progress) -> Headwinds:
    with workers() as pool:
        return headwinds(inputs, resolution, progress=say, executor=pool)
