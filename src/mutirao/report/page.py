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

from mutirao.model.figures import Section
from mutirao.report.chapter import Chapter
from mutirao.report.chapters import chapters, setters
from mutirao.report.chapters_plan import charged
from mutirao.report.content import ReportContent
from mutirao.report.exports import write_exports
from mutirao.report.html import Shown, environment, shown

DEMONSTRATION = "Demonstration on public data; not the City's plan"

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
    """The report as one self-contained page."""
    drawn = [
        (
            chapter,
            show_section(chapter.section, content.sources),
            [show_section(s, content.sources) for s in chapter.parts],
        )
        for chapter in chapters(content)
    ]
    return (
        environment()
        .get_template("report.html")
        .render(
            **head(content.plan.meta, f"{content.city_title}: the plan under the rules", content.date),
            city_title=content.city_title,
            drawn=drawn,
            missed=[w for w in content.collisions if not w.startswith(LEVERS)],
            levers=[w for w in content.collisions if w.startswith(LEVERS)],
            setters=setters(content),
            closest=f"In the plan shown {charged(content)}; whatever costs less is done."
            if content.plan.meta.get("closest")
            else "",
            money_unit=content.money_unit,
        )
    )


def show_section(section: Section, sources: Mapping[str, str]) -> ShownSection:
    """Draw every figure of a section."""
    return ShownSection(
        section.name,
        section.title,
        section.words,
        tuple(shown(f, sources, f"{section.name}-") for f in section.figures),
    )


def show_chapter(chapter: Chapter, sources: Mapping[str, str]) -> list[ShownSection]:
    """A chapter and its parts, drawn, in order."""
    return [show_section(s, sources) for s in (chapter.section, *chapter.parts)]


def head(meta: Mapping[str, Any], title: str, when: str = "") -> dict[str, Any]:
    """What every page carries: title, style, notice of a demonstration, id, date, currency."""
    city = meta["city"]
    style = files("mutirao.report").joinpath("style.css").read_text(encoding="utf-8")
    return {
        "title": title,
        "style": Markup(style),
        "demonstration": DEMONSTRATION if city.get("demonstration") else "",
        "note": city.get("note") or "",
        "id": meta.get("id", ""),
        "date": when or date.today().isoformat(),
        "boundary": city.get("boundary", ""),
        "currency": city["currency"],
        "price_year": city["price_year"],
        "version": (meta.get("versions") or {}).get("mutirao", ""),
    }
