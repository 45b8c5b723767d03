"""The page of a frontier: what carbon and a fairness rule cost together, and what homes pay along the way."""

import math
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
import vl_convert
from markupsafe import Markup

from mutirao.model.figures import Figure
from mutirao.plan.frontier import FOUND, Frontier
from mutirao.report import names, theme
from mutirao.report.carbonlines import Line, along_carbon, side_by_side
from mutirao.report.chapter import table
from mutirao.report.draw import _tidy
from mutirao.report.html import Shown, cells, environment
from mutirao.report.page import ShownSection, head
from mutirao.report.scales import NARROW, WIDE, Spec
from mutirao.report.words import chemical, listed, money, number, sentence, significant

#: Lines of which no point lies further than this part of the picture's height from another are called one.
APART = 0.012
#: Million currency below which a rule is said to cost nothing.
COSTLESS = 0.05
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


def frontier_html(f: Frontier) -> str:
    """The frontier as one self-contained page."""
    city = f.meta["city"]
    title = f"{city['name']}: carbon, cost and the rule '{rule_words(f.rule)}'"
    return environment().get_template("frontier.html").render(**head(f.meta, title), sections=sections(f))


def rule_words(rule: str) -> str:
    """A rule's name in words."""
    return {"cvar": "burden of the worst-off homes"}.get(rule, rule.replace("_", " "))


def sections(f: Frontier) -> list[ShownSection]:
    """The parts of the page, drawn."""
    return [
        ShownSection("cost", "What carbon and the rule cost together", tuple(_cost_words(f)), _cost_figures(f)),
        ShownSection("homes", "What homes pay along the way", tuple(_home_words(f)), (_homes_figure(f),)),
        ShownSection("points", "Every point", tuple(_point_words(f)), (_points_table(f),)),
    ]


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
    kept = [f"'{rule_words(r.name)}'" for r in f.kept]
    out.append(
        f"Kept at every point: {'the rule' if len(kept) == 1 else 'the rules'} {listed(kept)}, as set in city.toml."
        if kept
        else "No other fairness rule is on in these plans."
    )
    out.append(
        "Prices and costs stand at their middle values here. Ranges were not computed for these points, so small "
        "differences between them may not be real. A frontier shows what is given up for what; which point is right "
        "is for people to say."
    )
    return [w for w in out if w]


def _rule_at(f: Frontier) -> str:
    """What the varied rule asks for at the level that is set, else at its strongest."""
    level = f.own or list(f.words)[-1]
    return f"The rule{'' if level == 'on' else ' at ' + level}: {f.words[level]}"


def _at_plan(f: Frontier, currency: str) -> str:
    """What each level costs more than no rule, at the carbon of the plan under the rules."""
    tight = f.points["carbon_kt"].min()
    rows = f.points[(f.points["carbon_kt"] == tight) & (f.points["level"] != "off")]
    said = []
    for r in rows.to_dict("records"):
        name = level_words(f, r["level"])
        if r["status"] != FOUND or not math.isfinite(r["extra_cost"]):
            said.append(f"{name}: no plan")
        elif r["extra_cost"] < COSTLESS:
            said.append(f"{name}: nothing")
        else:
            said.append(f"{name}: {money(significant(r['extra_cost']), currency)}")
    return sentence(
        f"at {number(tight)} kt CO2e in all, what the plan under the rules emits, the rule costs beyond no rule – "
        + "; ".join(said)
    )


def _timing(f: Frontier, currency: str) -> str:
    """What the plan under the rules costs more than the point at its own carbon and level."""
    level = f.own or "off"
    rows = f.points[(f.points["level"] == level) & (f.points["carbon_kt"] == f.points["carbon_kt"].min())]
    if rows.empty or not math.isfinite(float(rows["cost"].iloc[0])):
        return ""
    more = f.plan_cost - float(rows["cost"].iloc[0])
    which = "the plan under the rules" + ("" if f.plan_keeps_pledge else ", which is the closest to its pledge,")
    if more < COSTLESS:
        return sentence(f"{which} costs no more than the point at its own carbon")
    return sentence(
        f"{which} costs {money(significant(more), currency)} more than the point at its own carbon and its own level "
        "of the rule: that is the price of the pledge's single years and of neutrality"
    )


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
            said.append(f"with {level_words(f, level)}, homes of {listed(hit)}")
    if not said:
        return []
    return [sentence(f"some pay more than as adopted at one carbon or more: {'; '.join(said)}")]


def _point_words(f: Frontier) -> list[str]:
    missing = f.points[f.points["status"] != FOUND]
    slack = f.points[(f.points["status"] == FOUND) & (f.points["reached_kt"] < f.points["carbon_kt"] * (1 - 1e-4))]
    out = []
    if len(slack):
        loose = slack["carbon_kt"].min()
        out.append(
            f"From {number(loose)} kt upwards the cheapest plan emits less than the limit at one level or more: more "
            "carbon saves nothing there, and the last tonne costs nothing."
        )
    for why, part in missing.groupby("why", sort=False):
        at = listed([f"{level_words(f, r['level'])} at {number(r['carbon_kt'])} kt" for r in part.to_dict("records")])
        out.append(sentence(f"no point for {at}. {why}"))
    return out or ["Every point could be met."]


def level_words(f: Frontier, level: str) -> str:
    """A level with what it is a share of, and whether it is the one set."""
    if level == "off":
        return "rule off"
    if level == "on":
        return "rule on"
    return f"{level} {f.unit}" + (" (as set)" if level == f.own else "")


def _short_level(f: Frontier, level: str) -> str:
    """A level without what it is a share of."""
    return level_words(f, level).replace(f" {f.unit}", "") if f.unit else level_words(f, level)


# ---- figures


def _cost_figures(f: Frontier) -> tuple[Shown, ...]:
    unit = f"million {f.meta['city']['currency']} of {f.meta['city']['price_year']}, discounted"
    cost = _lines(f, "cost")
    wide = f.points.pivot_table(index="carbon_kt", columns="level", values="cost", sort=False, dropna=False)
    first = Figure("frontier", "Cost at each cumulative carbon, one line per level of the rule", "table",
                   _by_carbon(f, wide), "", "", f"{unit}, against business as adopted; across: {CARBON}", (SOLVED,),
                   note=_frontier_note(f))  # fmt: skip
    shown = [_shown(first, cost, _plan_mark(f))]
    extra = [line for line in _lines(f, "extra_cost") if line.name != "rule off"]
    if any(v > COSTLESS for line in extra for _, v in line.points):
        wide = f.points[f.points["level"] != "off"].pivot_table(
            index="carbon_kt", columns="level", values="extra_cost", sort=False, dropna=False
        )
        second = Figure("price", "What the rule itself costs", "table", _by_carbon(f, wide), "", "",
                        f"{unit}, against the same carbon without the rule; across: {CARBON}", (SOLVED,))  # fmt: skip
        shown.append(_shown(second, extra))
    return tuple(shown)


def _frontier_note(f: Frontier) -> str:
    parts = ["Left: business as adopted; right: the carbon of the plan under the rules."]
    cost = f.points.pivot_table(index="carbon_kt", columns="level", values="cost", sort=False, dropna=False)
    span = float((cost.max().max() - cost.min().min()) or 1.0)
    gap = float((cost.max(axis=1) - cost.min(axis=1)).max())
    if gap < APART * span:
        parts.append("All lines lie on each other: at this scale no level of the rule costs anything that can be seen.")
    parts.append("The diamond is the plan under the rules, which also keeps to single years as far as it can.")
    return " ".join(parts)


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


def _plan_mark(f: Frontier) -> list[tuple[float, float]]:
    return [(f.plan_kt, f.plan_cost)]


def _shown(figure: Figure, lines: Sequence[Line], marks: Sequence[tuple[float, float]] = ()) -> Shown:
    legend = [(chemical(line.name), line.colour, line.dashed) for line in lines]
    return _picture(figure, lambda width: along_carbon(lines, marks, width), legend, True)


def _picture(
    figure: Figure, spec: Callable[[int], Spec], legend: list[tuple[str, str, bool]], named_at_end: bool
) -> Shown:
    head_, rows = cells(figure)
    spoken = chemical(f"{figure.title}, {figure.unit}")
    svg = {w: str(vl_convert.vegalite_to_svg(spec(w))) for w in (WIDE, NARROW)}
    wide, narrow = (Markup(_tidy(svg[w], f"{k}-{figure.name}", spoken)) for w, k in ((WIDE, "w"), (NARROW, "n")))
    return Shown(figure.name, figure.title, figure.unit, figure.note, figure.sources, wide, narrow, legend,
                 named_at_end, head_, rows, True)  # fmt: skip


def _homes_figure(f: Frontier) -> Shown:
    """Small pictures beside each other: rule off, the city's own level (else the middle one), the strongest."""
    label = names.groups(f.meta)
    groups = [g for g in label if f"change_{g}" in f.points]
    levels = shown_levels(f)
    colours = dict(zip(groups, reversed(theme.ordered(len(groups))), strict=True))
    currency = f"{f.meta['city']['currency']} of {f.meta['city']['price_year']}"
    panels: dict[str, list[Line]] = {}
    for level in levels:
        rows = f.points[(f.points["level"] == level) & (f.points["status"] == FOUND)]
        rows = rows.sort_values("carbon_kt", ascending=False)
        panels[_short_level(f, level)] = [
            Line(label.get(g, g), list(zip(rows["carbon_kt"], rows[f"change_{g}"], strict=True)), colours[g])
            for g in groups
        ]
    shown = f.points[f.points["level"].isin(levels) & (f.points["status"] == FOUND)]
    frame = pd.DataFrame({"level": [level_words(f, lv) for lv in shown["level"]],
                          "kt CO2e at most": [number(v, 4) for v in shown["carbon_kt"]]})  # fmt: skip
    for g in groups:
        frame[label.get(g, g)] = [_signed(v) for v in shown[f"change_{g}"]]
    figure = table("homes-lines", "Change for a home by income group", frame,
                   f"{currency} per home and year, against business as adopted; below zero: pays less; "
                   f"across: {CARBON}", (SOLVED,))  # fmt: skip
    legend = [(label.get(g, g), colours[g], False) for g in groups]
    return _picture(figure, lambda width: side_by_side(panels, width), legend, False)


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
    return "0" if abs(v) < 0.5 else f"{v:+,.0f}".replace("-", "\u2212")


def _points_table(f: Frontier) -> Shown:
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
    figure = table("points-table", "All points", frame,
                   f"cost and what the rule adds: million {city['currency']} of {city['price_year']}, discounted, cost "
                   f"against business as adopted; last tonne: {city['currency']} per t CO2e", (SOLVED,),
                   "The rule adds: against the same carbon without it. The whole table is frontier.csv.")  # fmt: skip
    head_, body = cells(figure)
    return Shown(figure.name, figure.title, figure.unit, figure.note, figure.sources, Markup(), Markup(), [], False,
                 head_, body, len(body) > 30)  # fmt: skip


def _added(value: float) -> str:
    if not math.isfinite(value):
        return "–"
    return "0" if abs(value) < COSTLESS else number(value)
