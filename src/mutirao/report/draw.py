"""From a figure to an inline drawing: Vega-Lite specification, light theme, scalable vector graphic."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

import pandas as pd
import vl_convert

from mutirao.model.figures import Figure
from mutirao.report import theme
from mutirao.report.words import chemical

WIDE, NARROW = 800, 300
Spec = dict[str, Any]
END_LABEL = 24  # characters of a name at the right end before it goes on in a second line
DRAWN = ("bar", "stacked_bar", "line", "area", "grouped_bar", "circles")


@dataclass(frozen=True)
class LinedFigure(Figure):
    """A figure with one more line over it, such as a pledge: columns ``x`` and ``y`` of ``line``, drawn in steps."""

    line: pd.DataFrame | None = None
    line_name: str = ""


@dataclass(frozen=True)
class ShareTable(Figure):
    """A table whose columns ``shares`` hold shares 0..1, shown as per cent with a bar in the cell."""

    shares: tuple[str, ...] = ()


def drawable(figure: Figure) -> bool:
    """True when the figure has a picture besides its table."""
    return figure.kind in DRAWN and len(figure.table) > 0


def specification(figure: Figure, width: int = WIDE) -> Spec:
    """The Vega-Lite specification of a figure, ``width`` pixels wide. Raises ValueError for a kind without picture."""
    if not drawable(figure):
        raise ValueError(f"figure '{figure.name}' of kind '{figure.kind}' has no picture")
    build = {"line": _over_years, "area": _over_years, "bar": _bars, "stacked_bar": _bars, "grouped_bar": _bars,
             "circles": _circles}[figure.kind]  # fmt: skip
    body = build(figure, width)
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": width,
        "autosize": {"type": "fit-x" if "step" in str(body.get("height")) else "fit", "contains": "padding"},
        "padding": {"left": 2, "top": 4, "right": 8, "bottom": 4},
        "config": theme.config(),
    } | body


def drawing(figure: Figure, width: int = WIDE, prefix: str = "") -> str:
    """An inline SVG. ``prefix`` keeps the ids of several drawings on one page apart."""
    svg = str(vl_convert.vegalite_to_svg(specification(figure, width)))
    return _tidy(svg, prefix or figure.name, chemical(f"{figure.title}, {figure.unit}"))


def _tidy(svg: str, prefix: str, title: str) -> str:
    """Drop what only an interactive page needs, make ids unique and sizes fluid, give it a spoken name."""
    svg = re.sub(r' (aria-[a-z]+|role|pointer-events|class|aria-hidden|xmlns:xlink|version)="[^"]*"', "", svg)
    mark = re.sub(r"[^A-Za-z0-9_-]", "-", prefix)
    svg = re.sub(r'id="(\w+)"', rf'id="{mark}-\1"', svg)
    svg = re.sub(r'url\((&quot;|")?#(\w+)(&quot;|")?\)', rf"url(#{mark}-\2)", svg)
    svg = re.sub(r"(\d+\.\d{2})\d+", r"\1", svg)
    words = title.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    size = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    width = size.group(1) if size else str(WIDE)
    return re.sub(
        r"<svg [^>]*?(viewBox=\"[^\"]*\")[^>]*>",
        rf'<svg xmlns="http://www.w3.org/2000/svg" \1 role="img" aria-label="{words}" style="max-width:{width}px">',
        svg,
        count=1,
    )


def _order(figure: Figure, column: str) -> list[str]:
    """Names of a column in the order to draw them."""
    seen = [str(v) for v in dict.fromkeys(figure.table[column])]
    wanted = [str(v) for v in figure.order if str(v) in seen]
    return wanted + [s for s in seen if s not in wanted] if wanted else seen


def _is_year(values: "pd.Series[Any]") -> bool:
    numbers = pd.to_numeric(values, errors="coerce")
    return bool(numbers.notna().all() and ((numbers >= 1900) & (numbers <= 2200)).all())


def _palette(names: Sequence[str]) -> list[str]:
    return theme.ordered(len(names)) if _is_year(pd.Series(list(names))) else theme.categorical(len(names))


def _records(figure: Figure, as_text: Sequence[str] = ()) -> list[dict[str, Any]]:
    keep = [c for c in dict.fromkeys((figure.x, figure.y, figure.color, figure.low, figure.high)) if c]
    table = figure.table[[c for c in keep if c in figure.table]].copy()
    for c in as_text:
        table[c] = table[c].astype(str).map(chemical)
    return [{str(k): v for k, v in row.items()} for row in table.to_dict("records")]


def nice_scale(low: float, high: float, steps: int = 5) -> tuple[float, float, list[float]]:
    """Ends and ticks of an axis that holds both values and zero."""
    low, high = min(0.0, low), max(0.0, high)
    span = (high - low) or 1.0
    raw = span / steps
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m for m in (1.0, 2.0, 2.5, 5.0, 10.0) if m * power >= raw * 0.999) * power
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return first * step, last * step, [i * step for i in range(first, last + 1)]


def number_format(figure: Figure, low: float, high: float) -> str:
    """d3 number format of an axis."""
    if figure.unit.startswith("share"):
        return ".0%"
    return ",.0f" if max(abs(low), abs(high)) >= 10 else ",~g"


def legend(figure: Figure) -> list[tuple[str, str, bool]]:
    """What colours mean: name, colour, and whether it is a broken line. The page sets it above the drawing."""
    if not drawable(figure):
        return []
    if figure.kind == "circles":
        values = figure.table[_size_column(figure)]
        return [(word, colour, False) for word, colour, there in
                (("more", theme.MORE, bool((values > 0).any())), ("less", theme.LESS, bool((values < 0).any()))) if there]  # fmt: skip
    names = _order(figure, figure.color) if figure.color else []
    out = [(chemical(n), colour, False) for n, colour in zip(names, _palette(names), strict=True)]
    if isinstance(figure, LinedFigure) and figure.line is not None:
        out.append((chemical(figure.line_name), theme.INK, True))
    return out if len(out) > 1 else []


def named_at_end(figure: Figure) -> bool:
    """True when the wide drawing writes the names at the right end and needs no legend."""
    return figure.kind in ("line", "area")


def _size_column(figure: Figure) -> str:
    return figure.color if figure.y == "latitude" else figure.y


def _over_years(figure: Figure, width: int) -> Spec:
    """Lines or stacked areas over years; names stand at the right end when there is room, above when not."""
    names = _order(figure, figure.color) if figure.color else []
    shown = [chemical(n) for n in names]
    table = figure.table
    height = 320 if width >= WIDE else 240
    line = figure.line if isinstance(figure, LinedFigure) else None
    low, high = _reach(figure)
    if line is not None:
        high, low = max(high, float(line["y"].max())), min(low, float(line["y"].min()))
    low, high, ticks = nice_scale(low, high)
    years = sorted({int(v) for v in table[figure.x]}) if _is_year(table[figure.x]) else []
    marks = years if len(years) <= 9 else [y for y in years if y % 5 == 0]
    x: Spec = {"field": figure.x, "type": "quantitative", "title": None,
               "scale": {"nice": False, "zero": False},
               "axis": {"format": "d", "grid": False, "values": marks, "labelOverlap": True}}  # fmt: skip
    y: Spec = {"field": figure.y, "type": "quantitative", "title": None,
               "scale": {"domain": [low, high], "nice": False},
               "axis": {"values": ticks, "format": number_format(figure, low, high), "domain": False}}  # fmt: skip
    beside = width >= WIDE and (bool(names) or line is not None)
    encoding: Spec = {"x": x, "y": y}
    if names:
        encoding["color"] = {"field": figure.color, "type": "nominal", "sort": shown,
                             "scale": {"domain": shown, "range": _palette(names)}, "legend": None}  # fmt: skip
    if figure.kind == "area":
        encoding["y"] = y | {"stack": "zero"}
        encoding["order"] = {"field": "_place", "type": "quantitative"}
        mark: Spec = {"type": "area", "line": False, "interpolate": "linear"}
    else:
        mark = {"type": "line", "interpolate": "linear", "color": theme.CATEGORIES[0]}
        if len(names) > 1:
            encoding["strokeDash"] = {"field": figure.color, "type": "nominal", "sort": shown, "legend": None,
                                      "scale": {"domain": shown, "range": [theme.DASHES[i % len(theme.DASHES)] for i in range(len(names))]}}  # fmt: skip
    rows = _records(figure, [figure.color] if figure.color else [])
    place = {n: i for i, n in enumerate(shown)}
    for row in rows:
        row["_place"] = place.get(str(row.get(figure.color)), 0)
    layers: list[Spec] = [{"data": {"values": rows}, "mark": mark, "encoding": encoding}]
    if figure.low and figure.high and figure.kind == "line":
        band = encoding | {"y": y | {"field": figure.low}, "y2": {"field": figure.high}}
        band.pop("strokeDash", None)
        layers.insert(0, {"data": {"values": rows}, "mark": {"type": "area", "opacity": 0.18}, "encoding": band})
    if line is not None:
        layers.append(_stepped(line, x, y))
    if beside:
        spots = [("\n".join(wrap(chemical(n), END_LABEL)), n, v) for n, v in _ends(figure, names, line)]
        labels = _apart([(text, v) for text, _, v in spots], (high - low) * 14.5 / (height - 40), high)
        of = {text: n for text, n, _ in spots}
        layers += _end_labels([(text, of[text], v) for text, v in labels], names, float(table[figure.x].max()))
    return {"height": height, "layer": layers}


def _stepped(line: pd.DataFrame, x: Spec, y: Spec) -> Spec:
    """A broken staircase on a light edge, so that it is seen on dark bands too."""
    mark: Spec = {"type": "line", "interpolate": "step-after", "strokeCap": "butt"}
    values = [{"x": float(r["x"]), "y": float(r["y"])} for r in line.to_dict("records")]
    return {"data": {"values": values},
            "encoding": {"x": x | {"field": "x"}, "y": y | {"field": "y"}},
            "layer": [{"mark": mark | {"color": theme.PAPER, "strokeWidth": 4.5}},
                      {"mark": mark | {"color": theme.INK, "strokeWidth": 1.8, "strokeDash": [5, 3]}}]}  # fmt: skip


def _reach(figure: Figure) -> tuple[float, float]:
    """Least and greatest value that the picture must hold."""
    table = figure.table
    if figure.kind in ("area", "stacked_bar"):
        up = table[figure.y].clip(lower=0).groupby(table[figure.x]).sum()
        down = table[figure.y].clip(upper=0).groupby(table[figure.x]).sum()
        return float(down.min()), float(up.max())
    columns = [c for c in (figure.y, figure.low, figure.high) if c]
    return float(table[columns].min().min()), float(table[columns].max().max())


def _ends(figure: Figure, names: Sequence[str], line: pd.DataFrame | None) -> list[tuple[str, float]]:
    """Where each name ends at the right: its line, or the middle of its band."""
    table = figure.table
    last = table[table[figure.x] == table[figure.x].max()].groupby(figure.color)[figure.y].sum()
    last.index = last.index.map(str)
    spots, up, down = [], 0.0, 0.0
    for name in names:
        value = float(last.get(name, 0.0))
        if figure.kind == "line":
            spots.append((name, value))
        elif value >= 0:
            spots.append((name, up + value / 2))
            up += value
        else:
            spots.append((name, down + value / 2))
            down += value
    if line is not None and isinstance(figure, LinedFigure):
        spots.append((figure.line_name, float(line["y"].iloc[-1])))
    return spots


def _apart(spots: list[tuple[str, float]], line: float, high: float) -> list[tuple[str, float]]:
    """Push labels apart so that none covers another; keeps their order, stays on the axis.

    ``line`` is the height of a line of text in units of the axis; a label takes as many as it has lines.
    """
    order = sorted(range(len(spots)), key=lambda i: spots[i][1])
    tall = [line * (spots[i][0].count("\n") + 1.1) for i in order]
    at = [spots[i][1] for i in order]
    for k in range(1, len(at)):
        at[k] = max(at[k], at[k - 1] + (tall[k - 1] + tall[k]) / 2)
    if at and at[-1] > high:
        at[-1] = high
        for k in range(len(at) - 2, -1, -1):
            at[k] = min(at[k], at[k + 1] - (tall[k + 1] + tall[k]) / 2)
    return [(spots[i][0], y) for i, y in zip(order, at, strict=True)]


def _end_labels(labels: list[tuple[str, str, float]], names: Sequence[str], last: float) -> list[Spec]:
    colour = dict(zip(names, _palette(names), strict=True))
    values = [
        {"x": last, "y": y, "text": text, "colour": colour.get(n, theme.INK), "lines": text.count("\n")}
        for text, n, y in labels
    ]
    at: Spec = {"x": {"field": "x", "type": "quantitative"}, "y": {"field": "y", "type": "quantitative"}}
    dot: Spec = {"type": "square", "size": 90, "opacity": 1, "xOffset": 11, "clip": False}
    text_mark: Spec = {"type": "text", "align": "left", "dx": 19, "fontSize": 12, "color": theme.INK, "clip": False,
                       "baseline": "middle", "lineBreak": "\n", "lineHeight": 14,
                       "dy": {"expr": "-7 * datum.lines"}}  # fmt: skip
    data = {"values": values}
    return [
        {"data": data, "mark": dot, "encoding": at | {"color": {"field": "colour", "type": "nominal", "scale": None}}},
        {"data": data, "mark": text_mark, "encoding": at | {"text": {"field": "text"}}},
    ]


def _bars(figure: Figure, width: int) -> Spec:
    """Bars: upright over years, lying beside names; stacked or side by side where there is a second name."""
    upright = _is_year(figure.table[figure.x])
    names = _order(figure, figure.color) if figure.color else []
    shown = [chemical(n) for n in names]
    # The order of a figure belongs to its colours where it has any that the order names, else to its places.
    ordered_names = bool(set(map(str, figure.order)) & set(names))
    places = [str(v) for v in dict.fromkeys(figure.table[figure.x])] if ordered_names else _order(figure, figure.x)
    low, high, ticks = nice_scale(*_reach(figure), steps=5 if width >= WIDE else 3)
    rows = _records(figure, [c for c in (figure.x, figure.color) if c])
    above = not upright and width < WIDE
    wrapped = {chemical(p): "\n".join(wrap(chemical(p), 46 if above else 36)) if not upright else p for p in places}
    deep = max((w.count("\n") for w in wrapped.values()), default=0) + 1
    for row in rows:
        row["_at"] = wrapped[str(row[figure.x])]
    value: Spec = {"field": figure.y, "type": "quantitative", "title": None,
                   "stack": "zero" if figure.kind == "stacked_bar" else None,
                   "scale": {"domain": [low, high], "nice": False},
                   "axis": {"values": ticks, "format": number_format(figure, low, high), "domain": False}}  # fmt: skip
    side_by_side = figure.kind == "grouped_bar" and bool(names)
    bar = max(18.0, 10.0 * len(names)) if side_by_side else 18.0
    step = (bar + 15.0 * deep + 12.0) if above else max(bar + 10.0, 14.0 * deep + 10.0)
    place: Spec = {"field": "_at", "type": "nominal", "title": None, "axis": None if above else _place_axis(low),
                   "sort": list(wrapped.values()),
                   "scale": {"paddingInner": 1.0 - bar / step if not upright else 0.28, "paddingOuter": 0.12}}  # fmt: skip
    along, across = ("y", "x") if upright else ("x", "y")
    encoding: Spec = {along: value, across: place}
    if names:
        encoding["color"] = {"field": figure.color, "type": "nominal", "sort": shown, "legend": None,
                             "scale": {"domain": shown, "range": _palette(names)}}  # fmt: skip
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
        layers.append(_whiskers(figure, encoding, along))
    if low < 0:
        layers.append({"data": {"values": [{"zero": 0}]}, "mark": {"type": "rule", "color": theme.MUTED, "strokeWidth": 1},
                       "encoding": {along: {"field": "zero", "type": "quantitative"}}})  # fmt: skip
    if not upright and not names:
        layers.append(_values(figure, encoding, low, high))
    if above:
        layers.append(_names_above(wrapped.values(), place, bar, deep))
    height: Any = (280 if width >= WIDE else 240) if upright else {"step": step, "for": "position"}
    return {"height": height, "data": {"values": rows}, "layer": layers}


def _place_axis(low: float) -> Spec:
    """Names beside bars, in as many lines as they need, centred on the bar."""
    lines = "length(split(datum.label, '\\n'))"
    return {"labelAngle": 0, "ticks": False, "labelLimit": 0, "domain": low >= 0, "labelPadding": 8, "labelBaseline": "middle",
            "labelLineHeight": 14, "labelExpr": "split(datum.label, '\\n')",
            "labelOffset": {"condition": [{"test": f"{lines} == 2", "value": -7}, {"test": f"{lines} == 3", "value": -14}],
                            "value": 0}}  # fmt: skip


def _names_above(texts: Iterable[str], place: Spec, bar: float, deep: int) -> Spec:
    """Names above bars, for narrow pages: the bars then have the whole width."""
    rows = [{"_at": t, "text": "\n" * (deep - 1 - t.count("\n")) + t} for t in texts]
    return {"data": {"values": rows},
            "mark": {"type": "text", "align": "left", "baseline": "top", "fontSize": 12, "color": theme.INK, "lineBreak": "\n",
                     "lineHeight": 14, "dy": -bar / 2 - 14.5 * deep - 1},
            "encoding": {"y": place, "x": {"value": 0}, "text": {"field": "text"}}}  # fmt: skip


def _whiskers(figure: Figure, encoding: Spec, along: str) -> Spec:
    at = {k: v for k, v in encoding.items() if k not in ("color", "order")}
    at[along] = encoding[along] | {"field": figure.low, "stack": None}
    at[f"{along}2"] = {"field": figure.high}
    return {"mark": {"type": "rule", "color": theme.INK, "strokeWidth": 1.4}, "encoding": at}


def _values(figure: Figure, encoding: Spec, low: float, high: float) -> Spec:
    """The number at the end of a lying bar."""
    form = ".0%" if figure.unit.startswith("share") else ",.0f" if max(abs(low), abs(high)) >= 10 else ",.2~f"
    below = f"datum[{figure.y!r}] < 0"
    return {"mark": {"type": "text", "align": {"expr": f"{below} ? 'right' : 'left'"}, "dx": {"expr": f"{below} ? -4 : 4"},
                     "fontSize": 11, "color": theme.MUTED},
            "encoding": encoding | {"text": {"field": figure.y, "type": "quantitative", "format": form}}}  # fmt: skip


def _circles(figure: Figure, width: int) -> Spec:
    """Circles in proportion at longitude and latitude: where, not how large a place is."""
    table = figure.table
    size = _size_column(figure)
    label = figure.x if figure.x not in ("longitude", "latitude") else next(
        (c for c in ("name", "zone") if c in table), ""
    )  # fmt: skip
    squeeze = math.cos(math.radians(float(table["latitude"].mean())))
    rows = []
    for r in table.to_dict("records"):
        value = float(r[size])
        rows.append({"east": float(r["longitude"]) * squeeze, "north": float(r["latitude"]), "size": abs(value),
                     "side": "more" if value > 0 else "less", "label": str(r[label]) if label else ""})  # fmt: skip
    ends = {c: (min(r[c] for r in rows), max(r[c] for r in rows)) for c in ("east", "north")}
    spans = {c: (b - a) or 0.01 for c, (a, b) in ends.items()}
    room = {c: [ends[c][0] - 0.1 * spans[c], ends[c][1] + 0.1 * spans[c]] for c in ends}
    height = min(620, int(width * spans["north"] / spans["east"]))
    at: Spec = {
        c: {"field": f, "type": "quantitative", "axis": None, "scale": {"domain": room[f], "nice": False, "zero": False}}
        for c, f in (("x", "east"), ("y", "north"))
    }
    sides = [s for s in ("more", "less") if any(r["side"] == s for r in rows)]
    colour = {"field": "side", "type": "nominal", "legend": None,
              "scale": {"domain": sides, "range": [theme.MORE if s == "more" else theme.LESS for s in sides]}}  # fmt: skip
    area = {"field": "size", "type": "quantitative", "legend": {"symbolType": "circle", "values": _legend_sizes(rows)},
            "scale": {"domain": [0, max(r["size"] for r in rows) or 1.0], "range": [0, 900 if width >= WIDE else 380]}}  # fmt: skip
    layers: list[Spec] = [{"mark": {"type": "circle", "opacity": 0.8, "stroke": theme.PAPER},
                           "encoding": at | {"size": area, "color": colour}}]  # fmt: skip
    if width >= WIDE and label:
        layers.append({"mark": {"type": "text", "dy": 20, "fontSize": 10, "color": theme.MUTED},
                       "encoding": at | {"text": {"field": "label"}}})  # fmt: skip
    return {"height": height, "data": {"values": rows}, "layer": layers}


def _legend_sizes(rows: list[dict[str, Any]]) -> list[float]:
    most = max(r["size"] for r in rows)
    ticks = [t for t in nice_scale(0.0, most, 4)[2] if 0 < t <= most]
    return ticks[:: max(1, len(ticks) // 2)] or [most]
