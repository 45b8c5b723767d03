"""The page of a frontier: what carbon and a fairness rule cost together, and what homes pay along the way."""

import math
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
import vl_convert
from markupsafe import Markup

from mutirao.ground.speech import SOURCE, again, digits, in_language, language, say, together
from mutirao.model.figures import Figure
from mutirao.plan.frontier import FOUND, Frontier
from mutirao.report import names, theme
from mutirao.report.carbonlines import Line, along_carbon, side_by_side
from mutirao.report.chapter import table
from mutirao.report.draw import _tidy
from mutirao.report.html import Shown, environment, shown
from mutirao.report.page import ShownSection, head
from mutirao.report.scales import NARROW, WIDE, Spec
from mutirao.report.translated import locale_of
from mutirao.report.words import apart, chemical, listed, money, number, sentence, significant

#: Lines of which no point lies further than this part of the picture's height from another are called one.
APART = 0.012
#: Million currency below which a rule is said to cost nothing.
COSTLESS = 0.05
#: The table of all points is folded from so many on.
LONG = 30
#: Currency per home and year below which nobody is said to pay more.
PAYS_MORE = 1.0
SOLVED = "a plan solved for each point"
CARBON = "kt CO2e that the pledge counts, all years together; less to the right"


def write_frontier(f: Frontier, folder: Path) -> Path:
    """Write frontier.html and frontier.csv into ``folder``, each whole or not at all. Returns the path of the page."""
    folder.mkdir(parents=True, exist_ok=True)
    _put(f.points.to_csv(index=False, lineterminator="\n"), folder / "frontier.csv")
    return _put(frontier_html(f), folder / "frontier.html")


def _put(text: str, path: Path) -> Path:
    handle, fresh = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
    Path(fresh).chmod(0o644)
    os.replace(fresh, path)
    return path


@dataclass(frozen=True)
class Picture:
    """A figure as it was composed, in English, with lines to draw: ``spec`` at a width, in the language of its call."""

    figure: Figure
    names: Sequence[Line]
    spec: Callable[[int], Spec]
    named_at_end: bool


def frontier_html(f: Frontier) -> str:
    """The frontier as one self-contained page, in the current language."""
    with in_language(SOURCE):
        title = say("{city}: carbon, cost and the rule '{rule}'", city=f.meta["city"]["name"], rule=rule_words(f.rule))
    return environment().get_template("frontier.html").render(**head(f.meta, again(title)), sections=sections(f))


def rule_words(rule: str) -> str:
    """A rule's name in words."""
    return {"cvar": "burden of the worst-off homes"}.get(rule, rule.replace("_", " "))


def sections(f: Frontier, put: Callable[[Picture, Shown], Shown] | None = None) -> list[ShownSection]:
    """The parts of the page: composed in English, then said and drawn in the current language.

    ``put`` may set something else in place of the drawings of a picture.
    """
    with in_language(SOURCE):
        words = _cost_words(f), _home_words(f), _point_words(f)
        cost, homes, points = _cost_pictures(f), _homes_picture(f), _points_table(f)
    listing = shown(points, {})
    return [
        _section("cost", "What carbon and the rule cost together", words[0], [_put_in(p, put) for p in cost]),
        _section("homes", "What homes pay along the way", words[1], [_put_in(homes, put)]),
        _section("points", "Every point", words[2], [replace(listing, folded=len(listing.rows) > LONG)]),
    ]


def _put_in(p: Picture, put: Callable[[Picture, Shown], Shown] | None) -> Shown:
    return _drawn(p) if put is None else put(p, _drawn(p))


def _section(name: str, title: str, words: Sequence[str], figures: Sequence[Shown]) -> ShownSection:
    return ShownSection(name, again(title), tuple(again(w) for w in words), tuple(figures))


# ---- words


def _cost_words(f: Frontier) -> list[str]:
    currency = f.meta["city"]["currency"]
    out = [
        "Every point is the cheapest plan found that emits at most so much in all and keeps the rule at that level. "
        "One limit on all years together stands in place of the pledge's single years and of its neutrality, so the "
        "points say how much is emitted, not when. Cost is what everybody in the city pays to the outside, with the "
        "loss from raising public money, discounted, less the same of business as adopted.",
        _rule_at(f),
        _at_plan(f, currency),
        _timing(f, currency),
    ]
    kept = listed([say("'{rule}'", rule=rule_words(r.name)) for r in f.kept])
    if len(f.kept) > 1:
        out.append(say("Kept at every point: the rules {rules}, as set in city.toml.", rules=kept))
    elif kept:
        out.append(say("Kept at every point: the rule {rule}, as set in city.toml.", rule=kept))
    else:
        out.append("No other fairness rule is on in these plans.")
    out.append(
        "Prices and costs stand at their middle values here. Ranges were not computed for these points, so small "
        "differences between them may not be real. A frontier shows what is given up for what; which point is right "
        "is for people to say."
    )
    return [w for w in out if w]


def _rule_at(f: Frontier) -> str:
    """What the varied rule asks for at the level that is set, else at its strongest."""
    level = f.own or list(f.words)[-1]
    if level == "on":
        return say("The rule: {words}", words=f.words[level])
    return say("The rule at {level}: {words}", level=level, words=f.words[level])


def _at_plan(f: Frontier, currency: str) -> str:
    """What each level costs more than no rule, at the carbon of the plan under the rules."""
    tight = f.points["carbon_kt"].min()
    rows = f.points[(f.points["carbon_kt"] == tight) & (f.points["level"] != "off")]
    said = []
    for r in rows.to_dict("records"):
        name = level_words(f, r["level"])
        if r["status"] != FOUND or not math.isfinite(r["extra_cost"]):
            said.append(say("{level}: no plan", level=name))
        elif r["extra_cost"] < COSTLESS:
            said.append(say("{level}: nothing", level=name))
        else:
            said.append(say("{level}: {amount}", level=name, amount=money(significant(r["extra_cost"]), currency)))
    return say(
        "At {amount} kt CO2e in all, what the plan under the rules emits, the rule costs beyond no rule – {levels}.",
        amount=number(tight),
        levels=apart(said),
    )


def _timing(f: Frontier, currency: str) -> str:
    """What the plan under the rules costs more than the point at its own carbon and level."""
    level = f.own or "off"
    rows = f.points[(f.points["level"] == level) & (f.points["carbon_kt"] == f.points["carbon_kt"].min())]
    if rows.empty or not math.isfinite(float(rows["cost"].iloc[0])):
        return ""
    more = f.plan_cost - float(rows["cost"].iloc[0])
    if more < COSTLESS:
        return (
            "The plan under the rules costs no more than the point at its own carbon."
            if f.plan_keeps_pledge
            else "The plan under the rules, which is the closest to its pledge, costs no more than the point at its "
            "own carbon."
        )
    amount = money(significant(more), currency)
    return (
        say("The plan under the rules costs {amount} more than the point at its own carbon and its own level of the "
            "rule: that is the price of the pledge's single years and of neutrality.", amount=amount)
        if f.plan_keeps_pledge
        else say("The plan under the rules, which is the closest to its pledge, costs {amount} more than the point at "
                 "its own carbon and its own level of the rule: that is the price of the pledge's single years and of "
                 "neutrality.", amount=amount)
    )  # fmt: skip


def _home_words(f: Frontier) -> list[str]:
    return [
        "Bills, fares, rent for works and loan payments of a home, less grants and support, against business as "
        "adopted: the mean of the plan's years. Where plans cost the same, it is chance who pays in them, and a line "
        "may jump without meaning.",
        *_losers(f),
    ]


def _losers(f: Frontier) -> list[str]:
    """Levels at which homes of a group pay more than as adopted at some carbon, in one sentence."""
    label = names.groups(f.meta)
    said = []
    for level in dict.fromkeys(f.points["level"]):
        rows = f.points[(f.points["level"] == level) & (f.points["status"] == FOUND)]
        hit = [label.get(g, g) for g in label if f"change_{g}" in rows and (rows[f"change_{g}"] > PAYS_MORE).any()]
        if hit:
            said.append(say("with {level}, homes of {incomes}", level=level_words(f, level), incomes=listed(hit)))
    if not said:
        return []
    return [say("Some pay more than as adopted at one carbon or more: {levels}.", levels=apart(said))]


def _point_words(f: Frontier) -> list[str]:
    missing = f.points[f.points["status"] != FOUND]
    slack = f.points[(f.points["status"] == FOUND) & (f.points["reached_kt"] < f.points["carbon_kt"] * (1 - 1e-4))]
    out = []
    if len(slack):
        loose = slack["carbon_kt"].min()
        out.append(
            say(
                "From {amount} kt upwards the cheapest plan emits less than the limit at one level or more: more "
                "carbon saves nothing there, and the last tonne costs nothing.",
                amount=number(loose),
            )
        )
    for why, part in missing.groupby("why", sort=False):
        at = [
            say("{level} at {amount} kt", level=level_words(f, r["level"]), amount=number(r["carbon_kt"]))
            for r in part.to_dict("records")
        ]
        out.append(together(say("No point for {points}.", points=listed(at)), sentence(str(why))))
    return out or ["Every point could be met."]


def level_words(f: Frontier, level: str) -> str:
    """A level with what it is a share of, and whether it is the one set."""
    if level == "off":
        return "rule off"
    if level == "on":
        return "rule on"
    if level == f.own:
        return say("{level} {share} (as set)", level=level, share=f.unit)
    return say("{level} {share}", level=level, share=f.unit)


def _short_level(f: Frontier, level: str) -> str:
    """A level without what it is a share of."""
    if level in ("off", "on"):
        return level_words(f, level)
    return say("{level} (as set)", level=level) if level == f.own else level


# ---- figures


def _cost_pictures(f: Frontier) -> list[Picture]:
    currency, year = f.meta["city"]["currency"], f.meta["city"]["price_year"]
    given = {"money": say("million {currency} of {year}", currency=currency, year=year), "across": CARBON}
    cost = _lines(f, "cost")
    wide = f.points.pivot_table(index="carbon_kt", columns="level", values="cost", sort=False, dropna=False)
    first = Figure("frontier", "Cost at each cumulative carbon, one line per level of the rule", "table",
                   _by_carbon(f, wide), "", "",
                   say("{money}, discounted, against business as adopted; across: {across}", **given),
                   (SOLVED,), note=_frontier_note(f))  # fmt: skip
    out = [_along(first, cost, [(f.plan_kt, f.plan_cost)])]
    extra = [line for line in _lines(f, "extra_cost") if line.name != "rule off"]
    if any(v > COSTLESS for line in extra for _, v in line.points):
        wide = f.points[f.points["level"] != "off"].pivot_table(
            index="carbon_kt", columns="level", values="extra_cost", sort=False, dropna=False
        )
        second = Figure("price", "What the rule itself costs", "table", _by_carbon(f, wide), "", "",
                        say("{money}, discounted, against the same carbon without the rule; across: {across}", **given),
                        (SOLVED,))  # fmt: skip
        out.append(_along(second, extra))
    return out


def _frontier_note(f: Frontier) -> str:
    parts = ["Left: business as adopted; right: the carbon of the plan under the rules."]
    cost = f.points.pivot_table(index="carbon_kt", columns="level", values="cost", sort=False, dropna=False)
    span = float((cost.max().max() - cost.min().min()) or 1.0)
    gap = float((cost.max(axis=1) - cost.min(axis=1)).max())
    if gap < APART * span:
        parts.append("All lines lie on each other: at this scale no level of the rule costs anything that can be seen.")
    parts.append("The diamond is the plan under the rules, which also keeps to single years as far as it can.")
    return together(*parts)


def _by_carbon(f: Frontier, wide: pd.DataFrame) -> pd.DataFrame:
    shown = wide.rename(columns={c: level_words(f, str(c)) for c in wide.columns}).reset_index()
    return shown.rename(columns={"carbon_kt": "kt CO2e at most"})


def _lines(f: Frontier, column: str) -> list[Line]:
    levels = list(dict.fromkeys(f.points["level"]))
    ramp = theme.ordered(max(len(levels) - 1, 1))
    colours = {lv: theme.INK if lv == "off" else ramp[i - 1] for i, lv in enumerate(levels)}
    out = []
    for level in levels:
        rows = f.points[f.points["level"] == level].sort_values("carbon_kt", ascending=False)
        pairs = [(float(r["carbon_kt"]), float(r[column])) for r in rows.to_dict("records")]
        known = [(x, y) for x, y in pairs if math.isfinite(y)]
        ends = len(known) < len(pairs)
        out.append(Line(level_words(f, level), known, colours[level], ends, dashed=level == "off"))
    return [line for line in out if line.points]


def _along(figure: Figure, lines: Sequence[Line], marks: Sequence[tuple[float, float]] = ()) -> Picture:
    return Picture(figure, lines, lambda width: along_carbon(_said(lines), marks, width), True)


def _said(lines: Sequence[Line]) -> list[Line]:
    return [replace(line, name=again(line.name)) for line in lines]


def _drawn(p: Picture) -> Shown:
    """A picture in the current language, its table folded beneath it."""
    base, marks = shown(p.figure, {}), locale_of(language())
    heard = chemical(f"{base.title}, {base.unit}")
    svg = {w: str(vl_convert.vegalite_to_svg(p.spec(w), format_locale=marks)) for w in (WIDE, NARROW)}
    wide, narrow = (Markup(_tidy(svg[w], f"{k}-{base.id}", heard)) for w, k in ((WIDE, "w"), (NARROW, "n")))
    legend = [(chemical(line.name), line.colour, line.dashed) for line in _said(p.names)]
    return replace(base, wide=wide, narrow=narrow, legend=legend, named_at_end=p.named_at_end, folded=True)


def _homes_picture(f: Frontier) -> Picture:
    """Small pictures beside each other: rule off, the city's own level (else the middle one), the strongest."""
    label = names.groups(f.meta)
    groups = [g for g in label if f"change_{g}" in f.points]
    levels = shown_levels(f)
    colours = dict(zip(groups, reversed(theme.ordered(len(groups))), strict=True))
    currency, year = f.meta["city"]["currency"], f.meta["city"]["price_year"]
    panels: dict[str, list[Line]] = {}
    for level in levels:
        rows = f.points[(f.points["level"] == level) & (f.points["status"] == FOUND)]
        rows = rows.sort_values("carbon_kt", ascending=False)
        panels[_short_level(f, level)] = [
            Line(label.get(g, g), list(zip(rows["carbon_kt"], rows[f"change_{g}"], strict=True)), colours[g])
            for g in groups
        ]
    rows = f.points[f.points["level"].isin(levels) & (f.points["status"] == FOUND)]
    frame = pd.DataFrame({"level": [level_words(f, lv) for lv in rows["level"]],
                          "kt CO2e at most": [number(v, 4) for v in rows["carbon_kt"]]})  # fmt: skip
    for g in groups:
        frame[label.get(g, g)] = [_signed(v) for v in rows[f"change_{g}"]]
    figure = table("homes-lines", "Change for a home by income group", frame,
                   say("{currency} of {year} per home and year, against business as adopted; below zero: pays less; "
                       "across: {across}", currency=currency, year=year, across=CARBON), (SOLVED,))  # fmt: skip
    legend = [Line(label.get(g, g), [], colours[g]) for g in groups]
    return Picture(
        figure, legend, lambda width: side_by_side({again(k): _said(v) for k, v in panels.items()}, width), False
    )


def shown_levels(f: Frontier) -> list[str]:
    """Levels that the small pictures show: off, the city's own or the middle one, the strongest that has points."""
    found = f.points[f.points["status"] == FOUND]
    levels = [lv for lv in dict.fromkeys(found["level"]) if lv != "off"]
    if not levels:
        return ["off"]
    middle = f.own if f.own in levels else levels[len(levels) // 2]
    return list(dict.fromkeys(["off", middle, levels[-1]]))


def _signed(value: float) -> str:
    v = significant(value)
    return "0" if abs(v) < 0.5 else digits(v, "+,.0f")


def _points_table(f: Frontier) -> Figure:
    rows = f.points
    frame = pd.DataFrame(
        {
            "rule": [level_words(f, lv) for lv in rows["level"]],
            "kt CO2e at most": [number(v, 4) for v in rows["carbon_kt"]],
            "kt CO2e reached": [number(v, 4) for v in rows["reached_kt"]],
            "cost": [number(v, 4) for v in rows["cost"]],
            "the rule adds": [_added(v) for v in rows["extra_cost"]],
            "last tonne": [number(significant(v), 2) for v in rows["tonne_price"]],
            "status": rows["status"],
        }
    )
    city = f.meta["city"]
    return table("points-table", "All points", frame,
                   say("cost and what the rule adds: million {currency} of {year}, discounted, cost against business "
                       "as adopted; last tonne: {currency} per t CO2e", currency=city["currency"],
                       year=city["price_year"]), (SOLVED,),
                   "The rule adds: against the same carbon without it. The whole table is frontier.csv.")  # fmt: skip


def _added(value: float) -> str:
    if not math.isfinite(value):
        return "–"
    return "0" if abs(value) < COSTLESS else number(value)
