"""Bars: upright over years, lying beside names, stacked or side by side."""

from collections.abc import Iterable
from textwrap import wrap
from typing import Any

from mutirao.model.figures import Figure
from mutirao.report import theme
from mutirao.report.scales import WIDE, Spec, is_year, nice_scale, number_format, order_of, palette, reach, records
from mutirao.report.words import chemical


def bars(figure: Figure, width: int) -> Spec:
    """Bars: upright over years, lying beside names; stacked or side by side where there is a second name."""
    upright = is_year(figure.table[figure.x])
    names = order_of(figure, figure.color) if figure.color else []
    shown = [chemical(n) for n in names]
    # The order of a figure belongs to its colours where it has any that the order names, else to its places.
    ordered_names = bool(set(map(str, figure.order)) & set(names))
    places = [str(v) for v in dict.fromkeys(figure.table[figure.x])] if ordered_names else order_of(figure, figure.x)
    low, high, ticks = nice_scale(*reach(figure), steps=5 if width >= WIDE else 3)
    rows = records(figure, [c for c in (figure.x, figure.color) if c])
    above = not upright and width < WIDE
    wrapped = {chemical(p): "\n".join(wrap(chemical(p), 46 if above else 36)) if not upright else p for p in places}
    deep = max((w.count("\n") for w in wrapped.values()), default=0) + 1
    for row in rows:
        row["_at"] = wrapped[str(row[figure.x])]
    value: Spec = {
        "field": figure.y,
        "type": "quantitative",
        "title": None,
        "stack": "zero" if figure.kind == "stacked_bar" else None,
        "scale": {"domain": [low, high], "nice": False},
        "axis": {"values": ticks, "format": number_format(figure, low, high), "domain": False},
    }
    side_by_side = figure.kind == "grouped_bar" and bool(names)
    bar = max(18.0, 10.0 * len(names)) if side_by_side else 18.0
    step = (bar + 15.0 * deep + 12.0) if above else max(bar + 10.0, 14.0 * deep + 10.0)
    place: Spec = {
        "field": "_at",
        "type": "nominal",
        "title": None,
        "axis": None if above else _place_axis(low),
        "sort": list(wrapped.values()),
        "scale": {"paddingInner": 1.0 - bar / step if not upright else 0.28, "paddingOuter": 0.12},
    }
    along, across = ("y", "x") if upright else ("x", "y")
    encoding: Spec = {along: value, across: place}
    if names:
        encoding["color"] = {
            "field": figure.color,
            "type": "nominal",
            "sort": shown,
            "legend": None,
            "scale": {"domain": shown, "range": palette(figure, names)},
        }
        order = {n: i for i, n in enumerate(shown)}
        for row in rows:
            row["_place"] = order[str(row[figure.color])]
        if figure.kind == "stacked_bar":
            encoding["order"] = {"field": "_place", "type": "quantitative"}
    if side_by_side:
        encoding["yOffset" if not upright else "xOffset"] = {"field": figure.color, "type": "nominal", "sort": shown}
    mark: Spec = {"type": "bar"} if names else {"type": "bar", "color": theme.CATEGORIES[2]}
    layers: list[Spec] = [{"mark": mark, "encoding": encoding}]
    if figure.low and figure.high:
        layers.append(_whiskers(figure, encoding, along, bar / len(names) / 2.0 if side_by_side else 0.0))
    if low < 0:
        layers.append(
            {
                "data": {"values": [{"zero": 0}]},
                "mark": {"type": "rule", "color": theme.MUTED, "strokeWidth": 1},
                "encoding": {along: {"field": "zero", "type": "quantitative"}},
            }
        )
    if not upright and not names:
        layers.append(_values(figure, encoding, low, high))
    if above:
        layers.append(_names_above(wrapped.values(), place, bar, deep))
    height: Any = (280 if width >= WIDE else 240) if upright else {"step": step, "for": "position"}
    return {"height": height, "data": {"values": rows}, "layer": layers}


def _place_axis(low: float) -> Spec:
    """Names beside bars, in as many lines as they need, centred on the bar."""
    lines = "length(split(datum.label, '\\n'))"
    return {
        "labelAngle": 0,
        "ticks": False,
        "labelLimit": 0,
        "domain": low >= 0,
        "labelPadding": 8,
        "labelBaseline": "middle",
        "labelLineHeight": 14,
        "labelExpr": "split(datum.label, '\\n')",
        "labelOffset": {
            "condition": [{"test": f"{lines} == 2", "value": -7}, {"test": f"{lines} == 3", "value": -14}],
            "value": 0,
        },
    }


def _names_above(texts: Iterable[str], place: Spec, bar: float, deep: int) -> Spec:
    """Names above bars, for narrow pages: the bars then have the whole width."""
    rows = [{"_at": t, "text": "\n" * (deep - 1 - t.count("\n")) + t} for t in texts]
    return {
        "data": {"values": rows},
        "mark": {
            "type": "text",
            "align": "left",
            "baseline": "top",
            "fontSize": 12,
            "color": theme.INK,
            "lineBreak": "\n",
            "lineHeight": 14,
            "dy": -bar / 2 - 14.5 * deep - 1,
        },
        "encoding": {"y": place, "x": {"value": 0}, "text": {"field": "text"}},
    }


def _whiskers(figure: Figure, encoding: Spec, along: str, half: float) -> Spec:
    """Lines of range; ``half`` a bar's breadth brings them from its edge, where rules are drawn, to its middle."""
    at = {k: v for k, v in encoding.items() if k not in ("color", "order")}
    at[along] = encoding[along] | {"field": figure.low, "stack": None}
    at[f"{along}2"] = {"field": figure.high}
    beside = "xOffset" if along == "y" else "yOffset"
    return {"mark": {"type": "rule", "color": theme.INK, "strokeWidth": 1.4, beside: half}, "encoding": at}


def _values(figure: Figure, encoding: Spec, low: float, high: float) -> Spec:
    """The number at the end of a lying bar."""
    form = ".0%" if figure.unit.startswith("share") else ",.0f" if max(abs(low), abs(high)) >= 10 else ",.2~f"
    below = f"datum[{figure.y!r}] < 0"
    return {
        "mark": {
            "type": "text",
            "align": {"expr": f"{below} ? 'right' : 'left'"},
            "dx": {"expr": f"{below} ? -4 : 4"},
            "fontSize": 11,
            "color": theme.MUTED,
        },
        "encoding": encoding | {"text": {"field": figure.y, "type": "quantitative", "format": form}},
    }
