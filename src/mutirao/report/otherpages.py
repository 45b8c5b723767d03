"""Pages for a browser beside those of a plan: a frontier, and what the answers of a group around a table led to."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from markupsafe import Markup

from mutirao.ground.speech import LANGUAGES, SOURCE, again, in_language, say
from mutirao.plan.frontier import Frontier
from mutirao.report.content import money_unit
from mutirao.report.frontier import Picture, rule_words, sections
from mutirao.report.html import Shown, environment
from mutirao.report.pages import compact, place, without_styles
from mutirao.report.scales import NARROW, WIDE, Spec
from mutirao.report.tablekit.entered import Entered
from mutirao.report.tablekit.language import languages, words_of
from mutirao.report.tablekit.result import result_html
from mutirao.report.words import chemical


def frontier_record(f: Frontier, code: str = SOURCE) -> dict[str, Any]:
    """The page of a frontier in a language: as that of a plan, with a chapter for each part."""
    specs: dict[str, Spec] = {}

    def put(p: Picture, drawn: Shown) -> Shown:
        places = []
        for kind, width in (("wide", WIDE), ("narrow", NARROW)):
            key = f"{drawn.id}-{kind[0]}"
            specs[key] = compact(p.spec(width))
            places.append(place(kind, key))
        return replace(drawn, wide=places[0], narrow=places[1])

    with in_language(SOURCE):
        title = say("{city}: carbon, cost and the rule '{rule}'", city=f.meta["city"]["name"], rule=rule_words(f.rule))
    with in_language(code):
        template = environment().get_template("chapter.html")
        chapters = [
            {"id": s.id, "title": chemical(s.title), "parts": [],
             "html": without_styles(template.render(numbers=[], main=s, inner=[], notice=False))}
            for s in sections(f, put)
        ]  # fmt: skip
        return _page(again(title), f.meta, chapters, specs)


def table_record(e: Entered, code: str = SOURCE) -> dict[str, Any]:
    """The page of a group's answers in a language; in English where the table kit has no words of it."""
    t = words_of(code if code in languages() else SOURCE)
    whole = result_html(e, t, "answers.toml", "plans")
    found = re.search(r'<main class="flow">(.*)</main>', whole, re.S)
    html = re.sub(r"^.*?</h1>", "", found[1] if found else "", count=1, flags=re.S)
    html = re.sub(r' style="[^"]*"', "", html)
    title = t("result.title", group=e.answers.group)
    around = Markup('<div class="scroll" role="region" tabindex="0" aria-label="{}"><table').format(title)
    html = html.replace("<table", around).replace("</table>", "</table></div>")
    meta = e.columns["rules"].plan.meta
    chapter = {"id": "table", "title": title, "parts": [], "html": f'<section id="table">{html}</section>'}
    with in_language(code if code in LANGUAGES else SOURCE):
        return _page(title, meta, [chapter], {})


def _page(
    title: str, meta: Mapping[str, Any], chapters: list[dict[str, Any]], specs: dict[str, Spec]
) -> dict[str, Any]:
    money = money_unit(meta["city"])
    return {
        "title": title, "lead": "", "setters": "", "note": again(str(meta["city"].get("note") or "")),
        "money_unit": money, "stamp": say("money in {unit}", unit=money), "numbers_title": "", "numbers": [],
        "read": [], "notice": {"missed": [], "levers": [], "closest": ""}, "chapters": chapters, "charts": specs,
    }  # fmt: skip
