"""From a figure to an inline drawing: Vega-Lite specification, light theme, scalable vector graphic."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

import pandas as pd
import vl_convert

from mutirao.model.figures import Figure
from mutirao.report import theme
from mutirao.report.words import chemical

WIDE, NARROW = 720, 300
Spec = dict[str, Any]
CHARACTER = 6.6  # pixels of a character at 12 px, rounded up
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


def _unit_title(figure: Figure, width: int) -> Spec:
    return {"text": wrap(chemical(figure.unit), int(width / CHARACTER))}


def _legend(names: Sequence[str], width: int) -> Spec:
    longest = max((len(n) for n in names), default=1) * CHARACTER + 34
    return {"columns": max(1, min(len(names), int((width - 10) / longest)))}


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
    beside = width >= WIDE and bool(names)
    encoding: Spec = {"x": x, "y": y}
    if names:
        encoding["color"] = {"field": figure.color, "type": "nominal", "sort": shown,
                             "scale": {"domain": shown, "range": _palette(names)},
                             "legend": None if beside else _legend(shown, width)}  # fmt: skip
    if figure.kind == "area":
        encoding["y"] = y | {"stack": "zero"}
        encoding["order"] = {"field": "_place", "type": "quantitative"}
        mark: Spec = {"type": "area", "line": False, "interpolate": "linear"}
    else:
        mark = {"type": "line", "interpolate": "linear", "point": {"filled": True, "size": 26} if len(years) < 12 else False}
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
    right = 8
    if beside:
        spots = _ends(figure, names, line)
        labels = _apart(spots, (high - low) * 16.5 / (height - 60), low, high)
        right = int(max(len(chemical(n)) for n, _ in spots) * CHARACTER) + 26
        layers += _end_labels(labels, names, float(table[figure.x].max()), right)
    elif line is not None and isinstance(figure, LinedFigure):
        top = line.iloc[[len(line) // 2]]
        layers.append({"data": {"values": [{"x": float(top["x"].iloc[0]), "y": float(top["y"].iloc[0])}]},
                       "mark": {"type": "text", "text": chemical(figure.line_name), "dy": -7, "fontSize": 12, "color": theme.INK},
                       "encoding": {"x": x | {"field": "x"}, "y": y | {"field": "y"}}})  # fmt: skip
    return {"height": height, "layer": layers, "title": _unit_title(figure, width),
            "padding": {"left": 2, "top": 4, "right": right, "bottom": 4}}  # fmt: skip


def _stepped(line: pd.DataFrame, x: Spec, y: Spec) -> Spec:
    values = [{"x": float(r["x"]), "y": float(r["y"])} for r in line.to_dict("records")]
    return {"data": {"values": values},
            "mark": {"type": "line", "interpolate": "step-after", "color": theme.INK, "strokeWidth": 1.8,
                     "strokeDash": [5, 3]},
            "encoding": {"x": x | {"field": "x"}, "y": y | {"field": "y"}}}  # fmt: skip


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


def _apart(spots: list[tuple[str, float]], gap: float, low: float, high: float) -> list[tuple[str, float]]:
    """Push labels apart so that none covers another; keeps their order, stays on the axis."""
    order = sorted(range(len(spots)), key=lambda i: spots[i][1])
    at = [spots[i][1] for i in order]
    for k in range(1, len(at)):
        at[k] = max(at[k], at[k - 1] + gap)
    over = max(0.0, at[-1] - high) if at else 0.0
    if over:
        at[-1] -= over
        for k in range(len(at) - 2, -1, -1):
            at[k] = min(at[k], at[k + 1] - gap)
    return [(spots[i][0], y) for i, y in zip(order, at, strict=True)]


def _end_labels(labels: list[tuple[str, float]], names: Sequence[str], last: float, right: int) -> list[Spec]:
    colour = dict(zip(names, _palette(names), strict=True))
    values = [{"x": last, "y": y, "text": chemical(n), "colour": colour.get(n, theme.INK)} for n, y in labels]
    at: Spec = {"x": {"field": "x", "type": "quantitative"}, "y": {"field": "y", "type": "quantitative"}}
    dot: Spec = {"type": "square", "size": 90, "opacity": 1, "xOffset": 11, "clip": False}
    text: Spec = {"type": "text", "align": "left", "dx": 19, "fontSize": 12, "color": theme.INK, "clip": False}
    data = {"values": values}
    return [
        {"data": data, "mark": dot, "encoding": at | {"color": {"field": "colour", "type": "nominal", "scale": None}}},
        {"data": data, "mark": text, "encoding": at | {"text": {"field": "text"}}},
    ]


def _bars(figure: Figure, width: int) -> Spec:
    """Bars: upright over years, lying beside names; stacked or side by side where there is a second name."""
    upright = _is_year(figure.table[figure.x])
    names = _order(figure, figure.color) if figure.color else []
    shown = [chemical(n) for n in names]
    places = _order(figure, figure.x) if upright or not names or figure.kind != "grouped_bar" else [
        str(v) for v in dict.fromkeys(figure.table[figure.x])
    ]  # fmt: skip
    if not names and figure.order:
        places = _order(figure, figure.x)
    low, high, ticks = nice_scale(*_reach(figure), steps=5 if width >= WIDE else 3)
    rows = _records(figure, [c for c in (figure.x, figure.color) if c])
    room = 34 if width >= WIDE else 17
    wrapped = {p: wrap(chemical(p), room) for p in places}
    value: Spec = {"field": figure.y, "type": "quantitative", "title": None,
                   "stack": "zero" if figure.kind == "stacked_bar" else None,
                   "scale": {"domain": [low, high], "nice": False},
                   "axis": {"values": ticks, "format": number_format(figure, low, high), "domain": False}}  # fmt: skip
    axis: Spec = {"labelAngle": 0, "ticks": False, "labelLimit": 0, "domain": low >= 0, "labelPadding": 6}
    if not upright:
        for row in rows:
            row[figure.x] = "\n".join(wrapped[str(row[figure.x])] if str(row[figure.x]) in wrapped else wrap(str(row[figure.x]), room))
        axis["labelExpr"] = "split(datum.label, '\\n')"
        lines = max(len(w) for w in wrapped.values())
        axis["labelBaseline"] = "middle"
        axis["labelLineHeight"] = 14
        axis["labelOffset"] = {"expr": "0"} if lines == 1 else 0
    place: Spec = {"field": figure.x, "type": "nominal", "title": None, "axis": axis,
                   "sort": ["\n".join(wrapped[p]) if not upright else p for p in places],
                   "scale": {"paddingInner": 0.28, "paddingOuter": 0.12}}  # fmt: skip
    along, across = ("y", "x") if upright else ("x", "y")
    encoding: Spec = {along: value, across: place}
    side_by_side = figure.kind == "grouped_bar" and names
    if names:
        encoding["color"] = {"field": figure.color, "type": "nominal", "sort": shown,
                             "scale": {"domain": shown, "range": _palette(names)}, "legend": _legend(shown, width)}  # fmt: skip
        if figure.kind == "stacked_bar":
            order = {n: i for i, n in enumerate(shown)}
            for row in rows:
                row["_place"] = order[str(row[figure.color])]
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
    deep = max((len(w) for w in wrapped.values()), default=1)
    step = max(24, 14 * deep + 8, (len(names) * 11 + 10) if side_by_side else 0)
    height: Any = (280 if width >= WIDE else 240) if upright else {"step": step}
    if side_by_side and not upright:
        height = {"step": step, "for": "position"}
    return {"height": height, "data": {"values": rows}, "layer": layers, "title": _unit_title(figure, width)}


def _whiskers(figure: Figure, encoding: Spec, along: str) -> Spec:
    at = {k: v for k, v in encoding.items() if k not in ("color", "order")}
    at[along] = encoding[along] | {"field": figure.low, "stack": None}
    at[f"{along}2"] = {"field": figure.high}
    return {"mark": {"type": "rule", "color": theme.INK, "strokeWidth": 1.4}, "encoding": at}


def _values(figure: Figure, encoding: Spec, low: float, high: float) -> Spec:
    """The number at the end of a lying bar."""
    form = ".0%" if figure.unit.startswith("share") else ",.0f" if max(abs(low), abs(high)) >= 10 else ",.2~f"
    return {"mark": {"type": "text", "align": "left", "dx": 4, "fontSize": 11, "color": theme.MUTED},
            "encoding": encoding | {"text": {"field": figure.y, "type": "quantitative", "format": form}}}  # fmt: skip


def _circles(figure: Figure, width: int) -> Spec:
    """Circles in proportion at longitude and latitude: where, not how large a place is."""
    table = figure.table
    size = figure.color if figure.y == "latitude" else figure.y
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
    colour = {"field": "side", "type": "nominal", "legend": {} if len(sides) > 1 else None,
              "scale": {"domain": sides, "range": [theme.MORE if s == "more" else theme.LESS for s in sides]}}  # fmt: skip
    area = {"field": "size", "type": "quantitative", "legend": {"symbolType": "circle", "values": _legend_sizes(rows)},
            "scale": {"domain": [0, max(r["size"] for r in rows) or 1.0], "range": [0, 900 if width >= WIDE else 380]}}  # fmt: skip
    layers: list[Spec] = [{"mark": {"type": "circle", "opacity": 0.8, "stroke": theme.PAPER},
                           "encoding": at | {"size": area, "color": colour}}]  # fmt: skip
    if width >= WIDE and label:
        layers.append({"mark": {"type": "text", "dy": 20, "fontSize": 10, "color": theme.MUTED},
                       "encoding": at | {"text": {"field": "label"}}})  # fmt: skip
    return {"height": height, "data": {"values": rows}, "layer": layers, "title": _unit_title(figure, width)}


def _legend_sizes(rows: list[dict[str, Any]]) -> list[float]:
    _, high, _ = nice_scale(0.0, max(r["size"] for r in rows))
    return [high / 4, high / 2, high]
