"""`mutirao table-kit`: sheets for a meeting of residents, and what the group's answers change."""

import shutil
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from mutirao.book.bundle import Plan, load_plan, save_plan
from mutirao.city.settings import RULES
from mutirao.cli.language import known_language
from mutirao.cli.run import inputs_of, progress_of
from mutirao.ground.findings import Finding, InputError
from mutirao.ground.speech import SOURCE
from mutirao.ground.writing import write_text
from mutirao.model.baseyear import base_year
from mutirao.model.system import installed_systems
from mutirao.plan.build import Inputs
from mutirao.plan.pipeline import make_plans
from mutirao.report.tablekit.alternatives import shown_years
from mutirao.report.tablekit.answers import read_answers, slug
from mutirao.report.tablekit.content import COLUMNS, kit_of
from mutirao.report.tablekit.entered import OURS, Entered, enter
from mutirao.report.tablekit.language import Words, languages, words_of
from mutirao.report.tablekit.meant import example_answers, zone_named
from mutirao.report.tablekit.page import sheets_html
from mutirao.report.tablekit.result import result_html

ANSWERS, SHEETS, PAGE = "answers.toml", "sheets-{}.html", "comparison-{}.html"
Say = Callable[[str], None]


def table_kit(
    city: Annotated[Path, typer.Argument(help="The city's folder, such as cities/boston, or a workbook.")],
    zone: Annotated[str | None, typer.Option(help="The zone of the meeting, by id or name.")] = None,
    lang: Annotated[str, typer.Option(help=f"Language of the sheets: {', '.join(languages())}.")] = SOURCE,
    enter_file: Annotated[Path | None, typer.Option("--enter", help="Answers of a group, to be entered.")] = None,
    plans: Annotated[Path | None, typer.Option(help="Where the plans are; out/<folder name>/plans if there.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where to write; out/<folder name> if left out.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace what a group has saved before.")] = False,
    resolution: Annotated[str, typer.Option(help="quick, standard or final, where plans are made.")] = "quick",
) -> None:
    """Print sheets for a meeting of residents around one table; or enter the answers of a group.

    Examples:

      mutirao table-kit cities/boston --zone Roxbury

      mutirao table-kit cities/boston --zone Roxbury --lang es

      mutirao table-kit cities/boston --enter out/boston/table-kit/roxbury/answers.toml
    """
    console = Console()
    t = words_of(known_language(lang, "--lang", languages()))
    answers = read_answers(enter_file) if enter_file else None
    inputs = inputs_of(city, tuple(installed_systems()), resolution, [])
    folder = out or Path("out") / city.stem
    where = plans or folder / "plans"
    if answers is not None and enter_file is not None:
        with progress_of(console) as say:
            saved = {n: load_plan(where / n) for n in ("adopted", "rules") if _bundle(where / n)}
            target = _free(folder / "tables" / answers.slug, overwrite)
            done = enter(inputs, answers, saved, say, enter_file.name)
            _keep(done, enter_file, target, t)
        console.print(f"\nPage: [bold]{target / PAGE.format(t.language)}[/bold]", soft_wrap=True)
        return
    place = zone_named(inputs.city.zones.to_dict("records"), zone)
    with progress_of(console) as say:
        found = _plans(inputs, where, plans is not None, say)
        say("writing the sheets")
        written = _write(inputs, found, place, folder / "table-kit", city, t)
    for path in written:
        console.print(f"[bold]{path}[/bold]", soft_wrap=True)


def _bundle(folder: Path) -> bool:
    return (folder / "bundle.json").is_file()


def _plans(inputs: Inputs, where: Path, named: bool, say: Say) -> dict[str, Plan]:
    """The three plans of the sheets: read where they are saved, else made first and saved there."""
    if all(_bundle(where / n) for n in COLUMNS):
        say("reading the plans")
        found = {n: load_plan(where / n) for n in COLUMNS}
        _same_city(inputs, found["rules"], where)
        return found
    if named:
        missing = ", ".join(n for n in COLUMNS if not _bundle(where / n))
        mend = "Name the folder `plans` that `mutirao plan` wrote, or leave --plans out."
        raise InputError(Finding(str(where), None, "--plans", f"holds no plan called {missing}.", mend))
    say("no plans are saved: they are made first")
    made = make_plans(inputs, progress=say, price_rules=False).all
    for one in made.values():
        save_plan(one, where / one.name)
    return {n: made[n] for n in COLUMNS}


def _same_city(inputs: Inputs, plan: Plan, where: Path) -> None:
    theirs = [str(z["zone"]) for z in plan.meta["city"]["zones"]]
    if theirs != list(inputs.city.zone_ids):
        what = f"the plans there are of {plan.meta['city']['name']} with other zones."
        raise InputError(Finding(str(where), None, "--plans", what, "Run `mutirao plan` again, or name its folder."))


def _write(inputs: Inputs, plans: dict[str, Plan], zone: str, folder: Path, city: Path, t: Words) -> list[Path]:
    """The sheets and the file for answers. A file that somebody has filled in is left as it is."""
    base = base_year(inputs.city, inputs.parameters)
    kit = kit_of(plans, zone, base, {k: f"{s.publisher}: {s.title}" for k, s in inputs.city.sources.items()})
    place = folder / (slug(kit.zone_name) or slug(zone) or "zone")
    place.mkdir(parents=True, exist_ok=True)
    measures = sorted(set(plans["rules"].measures["measure"].astype(str)))
    year = shown_years(plans["rules"])[0]
    example = example_answers(t, kit.zone_name, date.today().isoformat(), kit.assumptions, measures, year)
    file, sheets = place / ANSWERS, place / SHEETS.format(t.language)
    command = f"mutirao table-kit {city} --enter {file} --lang {t.language}"
    write_text(sheets_html(kit, t, example, command, RULES), sheets)
    if not file.exists():
        write_text(example, file)
    return [sheets, file]


def _free(folder: Path, overwrite: bool) -> Path:
    """The folder of a group, where nothing is saved yet or it may be replaced."""
    if folder.exists() and not overwrite:
        mend = "Write another group name, or add --overwrite to replace what is there."
        raise InputError(Finding(str(folder), None, "", "a group of this name has saved its answers.", mend))
    return folder


def _keep(done: Entered, file: Path, target: Path, t: Words) -> None:
    """Save the group's plan under its name, the plans it is compared with, its answers and the page; whole or not."""
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        for name, plan in done.plans.items():
            save_plan(plan, fresh / "plans" / (target.name if name == OURS else f"{name}-compared"))
        shutil.copyfile(file, fresh / ANSWERS)
        write_text(result_html(done, t, ANSWERS, str(Path("plans") / target.name)), fresh / PAGE.format(t.language))
        if target.exists():
            shutil.rmtree(target)
        fresh.chmod(0o755)
        fresh.replace(target)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
