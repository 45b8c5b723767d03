"""The report as one page: everything inside, nothing fetched, no script."""

import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

from markupsafe import Markup

from mutirao.ground.speech import SOURCE, again, in_language, language, say, word
from mutirao.model.figures import Section
from mutirao.report.chapter import Chapter
from mutirao.report.chapters import chapters, setters
from mutirao.report.chapters_plan import charge
from mutirao.report.content import ReportContent, money_unit
from mutirao.report.exports import write_exports
from mutirao.report.html import Shown, environment, shown
from mutirao.report.translated import translated_number, translated_section

DEMONSTRATION = word("Demonstration on public data; not the City's plan")

#: How a sentence begins that says what one lever alone would do.
LEVERS = ("Enough", "Not enough")


@dataclass(frozen=True)
class ShownSection:
    """A section whose figures are drawn."""

    id: str
    title: str
    words: tuple[str, ...]
    figures: tuple[Shown, ...]


def write_report(content: ReportContent, folder: Path) -> Path:
    """Write report.html and the exports beside it into ``folder``, each file whole or not at all.

    Returns the path of report.html.
    """
    folder.mkdir(parents=True, exist_ok=True)
    page = report_html(content)
    fresh = Path(tempfile.mkdtemp(prefix=".report-", dir=folder))
    try:
        written = write_exports(content, fresh)
        (fresh / "report.html").write_text(page, encoding="utf-8")
        for path in [*written, fresh / "report.html"]:
            os.replace(path, folder / path.name)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return folder / "report.html"


def report_html(content: ReportContent) -> str:
    """The report as one self-contained page, in the current language."""
    with in_language(SOURCE):
        composed = chapters(content)
    drawn = [
        (
            [translated_number(n) for n in chapter.numbers],
            show_section(chapter.section, content.sources),
            [show_section(s, content.sources) for s in chapter.parts],
        )
        for chapter in composed
    ]
    return (
        environment()
        .get_template("report.html")
        .render(
            **head(content.plan.meta, say("{city}: the plan under the rules", city=content.city_title), content.date),
            city_title=content.city_title,
            drawn=drawn,
            missed=[again(w) for w in content.collisions if not w.startswith(LEVERS)],
            levers=[again(w) for w in content.collisions if w.startswith(LEVERS)],
            setters=setters(content),
            closest=say(
                "In the plan shown each tonne above the pledge is charged {price} (an assumption); whatever costs less "
                "is done.",
                price=charge(content.plan),
            )
            if content.plan.meta.get("closest")
            else "",
        )
    )


def show_section(section: Section, sources: Mapping[str, str]) -> ShownSection:
    """Say a section, as it was composed, in the current language and draw every figure of it."""
    said = translated_section(section)
    return ShownSection(
        said.name,
        said.title,
        said.words,
        tuple(shown(f, sources, f"{section.name}-") for f in section.figures),
    )


def show_chapter(chapter: Chapter, sources: Mapping[str, str]) -> list[ShownSection]:
    """A chapter and its parts, drawn, in order."""
    return [show_section(s, sources) for s in (chapter.section, *chapter.parts)]


def head(meta: Mapping[str, Any], title: str, when: str = "") -> dict[str, Any]:
    """What every page carries: language, title, style, notice of a demonstration, id, date, money."""
    city = meta["city"]
    style = files("mutirao.report").joinpath("style.css").read_text(encoding="utf-8")
    return {
        "language": language(),
        "title": title,
        "style": Markup(style),
        "demonstration": again(DEMONSTRATION) if city.get("demonstration") else "",
        "note": city.get("note") or "",
        "id": meta.get("id", ""),
        "date": when or date.today().isoformat(),
        "boundary": city.get("boundary", ""),
        "money_unit": money_unit(city),
        "currency": city["currency"],
        "price_year": city["price_year"],
        "version": (meta.get("versions") or {}).get("mutirao", ""),
    }
