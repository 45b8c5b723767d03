"""Short pages for a table of people: the council brief (two pages) and the headwinds (one page)."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from mutirao.ground.speech import SOURCE, in_language, say, together
from mutirao.model.figures import Figure, Section
from mutirao.report import names
from mutirao.report.chapter import KeyNumber, table
from mutirao.report.chapters_city import gap_figure, gap_words, payers_part, tonnes_columns, tonnes_head
from mutirao.report.chapters_trust import headwinds_chapter
from mutirao.report.content import Assessment, Headwinds, money_unit
from mutirao.report.html import environment
from mutirao.report.page import head, show_chapter, show_section
from mutirao.report.scales import ShareTable
from mutirao.report.translated import translated_number
from mutirao.report.words import kilotonnes, listed, number, percent

#: What fits on two sheets; the rest stands in the report.
MOST_ACTIONS, MOST_MEASURES = 9, 6


def write_brief(assessment: Assessment, plan_meta: Mapping[str, Any], folder: Path) -> Path:
    """Write brief.html, two printed pages, whole or not at all. Returns its path."""
    return _write(brief_html(assessment, plan_meta), folder / "brief.html")


def write_headwinds(headwinds: Headwinds, plan_meta: Mapping[str, Any], folder: Path) -> Path:
    """Write headwinds.html, one printed page, whole or not at all. Returns its path."""
    return _write(headwinds_html(headwinds, plan_meta), folder / "headwinds.html")


def _write(page: str, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, fresh = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as f:
        f.write(page)
    Path(fresh).chmod(0o644)
    os.replace(fresh, path)
    return path


def headwinds_html(h: Headwinds, meta: Mapping[str, Any]) -> str:
    """The headwinds as one page, in the current language."""
    city = meta["city"]
    with in_language(SOURCE):
        chapter = headwinds_chapter(h, city["currency"], money_unit(city), "What happens when the wind turns")
    return (
        environment()
        .get_template("brief.html")
        .render(
            **head(meta, say("{city}: headwinds and first steps", city=city["name"])),
            city_title=city["name"],
            numbers=[],
            sections=show_chapter(chapter, {}),
            kind="headwinds",
            break_before="",
        )
    )


def brief_html(a: Assessment, meta: Mapping[str, Any]) -> str:
    """The city's own plan on two pages for a council, in the current language: gap, money, actions, what to add."""
    city = meta["city"]
    with in_language(SOURCE):
        sections = [_gap(a), payers_part(a, meta), _actions(a), _add(a), _ask(a)]
        numbers = _numbers(a)
    return (
        environment()
        .get_template("brief.html")
        .render(
            **head(meta, say("{city}: the city's own plan, assessed", city=city["name"])),
            city_title=city["name"],
            numbers=[translated_number(n) for n in numbers],
            sections=[show_section(s, {}) for s in sections if s.words or s.figures],
            kind="brief",
            break_before="actions",
        )
    )


def _numbers(a: Assessment) -> list[KeyNumber]:
    known = a.gap.dropna(subset=["pledge"])
    out = []
    if len(known):
        first, last = known.iloc[0], known.iloc[-1]
        out.append(
            KeyNumber(
                say("Above the pledge in {year}", year=int(first["year"])),
                kilotonnes(float(first["gap"])),
                say("and {amount} in {year}", amount=kilotonnes(float(last["gap"])), year=int(last["year"])),
            )
        )
    out.append(
        KeyNumber(
            say("Not funded in {year}", year=a.at_year) if a.at_year else "Not funded",
            kilotonnes(a.unfunded_kt),
            say("funding unknown: {amount}", amount=kilotonnes(a.unknown_funding_kt))
            if a.unknown_funding_kt is not None
            else "of what the actions avoid a year",
        )
    )
    out.append(
        KeyNumber(
            say("Outside the City's power in {year}", year=a.at_year) if a.at_year else "Outside the City's power",
            kilotonnes(a.outside_city_kt),
            "of what the actions avoid a year",
        )
    )
    return out


def _gap(a: Assessment) -> Section:
    return Section(
        "gap",
        "Does the city's own plan reach its pledge?",
        (
            together(
                gap_words(a.gap),
                "Nothing is optimised here: laws and the city's own actions are taken as they are written.",
            ),
        ),
        (gap_figure(a.gap, "pledge of the city"),),
    )


def _actions(a: Assessment) -> Section:
    columns = tonnes_columns(a.actions)
    last = columns[-1] if columns else ""
    rows = a.actions.sort_values(last, ascending=False, na_position="last") if last else a.actions
    counted = rows[rows["modelled"].astype(bool)]
    left_out = rows[~rows["modelled"].astype(bool)]
    shown = counted.head(MOST_ACTIONS)
    table_ = pd.DataFrame(
        {
            "action": [str(x) for x in shown["action"]],
            "power": [names.power(str(p)) for p in shown["power"]],
            "funded": [percent(float(f)) if pd.notna(f) else "not stated" for f in shown["funded_share"]],
            tonnes_head(last): [number(float(v)) for v in shown[last]] if last else "–",
        }
    )
    words = [
        say(
            "The {count} largest of {all} actions, each counted on top of those before it in the city's list.",
            count=len(shown),
            all=len(rows),
        )
    ]
    if len(left_out):
        some = [str(x) for x in left_out["action"]][:6]
        words.append(
            say(
                "Not counted, for nothing in them can be modelled yet: {actions} and {count} more.",
                actions=listed(some),
                count=len(left_out) - 6,
            )
            if len(left_out) > 6
            else say("Not counted, for nothing in them can be modelled yet: {actions}.", actions=listed(some))
        )
    return Section(
        "actions",
        "What the actions bring",
        tuple(words),
        (table("actions", "The largest actions", table_, "kt CO2e avoided a year", ("actions.csv of the city",)),),
    )


def _add(a: Assessment) -> Section:
    t = a.add_or_drop
    if not len(t):
        return Section("add", "", ())
    pick = (
        t[t["difference"].abs() > 0.005]
        .reindex(t["difference"].abs().sort_values(ascending=False).index)
        .dropna(subset=["measure"])
    )
    shown = pick.head(MOST_MEASURES)[["meaning", "adopted_share", "plan_share", "words"]].rename(
        columns={"meaning": "measure", "adopted_share": "as adopted", "plan_share": "in the plan", "words": "verdict"}
    )
    figure: Figure = ShareTable(
        "add",
        "The largest differences",
        "table",
        shown,
        "",
        "",
        "share of what is possible at the end of the plan",
        (names.BOOK,),
        shares=("as adopted", "in the plan"),
    )
    return Section("add", "What a least-cost plan under the city's rules would change", (), (figure,))


def _ask(a: Assessment) -> Section:
    t = a.actions
    unfunded = t[t["modelled"].astype(bool) & (t["funded_share"].astype(float) < 1.0)]
    unknown = t[t["modelled"].astype(bool) & t["funded_share"].isna()]
    others = t[t["modelled"].astype(bool) & (t["power"] != "city")]
    words = [
        say(
            "Which of the {count} actions without full funding is paid for next, and by whom?", count=len(unfunded)
        )
        if len(unfunded)
        else "",
        say("Who can say how the {count} actions are funded whose funding nobody has stated?", count=len(unknown))
        if len(unknown)
        else "",
        say(
            "{count} actions rest on others ({others}): what does the City ask of them?",
            count=len(others),
            others=listed(sorted({names.power(str(p)) for p in others["power"]})),
        )
        if len(others)
        else "",
    ]
    return Section("ask", "Questions for the council", tuple(w for w in words if w))
