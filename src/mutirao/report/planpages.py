"""The pages of a plan for a browser: one file for each language, made once when the plan is made."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from mutirao.ground.speech import LANGUAGES, SOURCE, again, in_language, say
from mutirao.ground.writing import write_text
from mutirao.report.asks import with_asks
from mutirao.report.chapter import Chapter
from mutirao.report.chapters import chapters, setters
from mutirao.report.chapters_plan import charge
from mutirao.report.content import ReportContent, money_unit
from mutirao.report.page import LEVERS
from mutirao.report.pages import chapter_record, number_record, said_all
from mutirao.report.scales import Spec
from mutirao.report.words import chemical

#: Where the pages of a result lie, by language.
PAGES = "pages"


def write_pages(
    content: ReportContent, folder: Path, languages: Sequence[str] = tuple(LANGUAGES),
    progress: Callable[[str], None] | None = None,
) -> list[Path]:
    """Write ``pages/<language>.json`` into a folder, each whole or not at all. Returns their paths."""
    with in_language(SOURCE):
        composed = with_asks(chapters(content), content)
    target = folder / PAGES
    target.mkdir(parents=True, exist_ok=True)
    paths = []
    for code in languages:
        if progress is not None:
            progress(say("writing the pages in {language}", language=LANGUAGES[code]))
        with in_language(code):
            record = page_record(content, composed)
        paths.append(put_page(record, target, code))
    return paths


def put_page(record: dict[str, Any], target: Path, code: str) -> Path:
    """Write one page as JSON in as few letters as it takes."""
    path = target / f"{code}.json"
    write_text(json.dumps(record, ensure_ascii=False, separators=(",", ":"), allow_nan=False), path)
    return path


def page_record(content: ReportContent, composed: Sequence[Chapter]) -> dict[str, Any]:
    """The page in the current language.

    title, lead, setters, stamp, money_unit; numbers_title and numbers (label, value, words, ask) with ``read`` (how to
    read them) and notice (missed, levers: sentences; closest: a sentence), which the first chapter holds in print;
    chapters (id, title, html, parts) after it; charts: id -> Vega-Lite specification of the places in html.
    """
    first, meta = composed[0], content.plan.meta
    specs: dict[str, Spec] = {}
    records = []
    for chapter in composed[1:]:
        record, drawn = chapter_record(chapter, content.sources)
        records.append(record)
        specs |= drawn
    who = setters(content)
    money = money_unit(meta["city"])
    return {
        "title": say("{city}: the plan under the rules", city=content.city_title),
        "lead": say("The plan under the rules set by: {setters}", setters=who)
        if who
        else say("The plan under the rules: no fairness rule is on"),
        "setters": who,
        "note": again(str(meta["city"].get("note") or "")),
        "money_unit": money,
        "stamp": say(
            "{date}, plan {id}, money in {unit}, Mutirão {version}", date=content.date, id=str(meta.get("id", "")),
            unit=money, version=str((meta.get("versions") or {}).get("mutirao", "")),
        ),
        "numbers_title": chemical(again(first.section.title)),
        "numbers": [number_record(n) for n in first.numbers],
        "read": said_all(first.section.words),
        "notice": {
            "missed": said_all([w for w in content.collisions if not w.startswith(LEVERS)]),
            "levers": said_all([w for w in content.collisions if w.startswith(LEVERS)]),
            "closest": chemical(
                say(
                    "In the plan shown each tonne above the pledge is charged {price} (an assumption); whatever costs "
                    "less is done.",
                    price=charge(content.plan),
                )
            )
            if meta.get("closest")
            else "",
        },
        "chapters": records,
        "charts": specs,
    }  # fmt: skip
