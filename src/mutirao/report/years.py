"""Lines and stacked areas over years, their names at the right end when there is room."""

from collections.abc import Mapping, Sequence
from textwrap import wrap

import pandas as pd

from mutirao.model.figures import Figure
from mutirao.report import theme
from mutirao.report.scales import (
    WIDE,
    LinedFigure,
    Spec,
    is_year,
    nice_scale,
    number_format,
    order_of,
    palette,
    reach,
    records,
)
from mutirao.report.words import chemical

END_LABEL = 24  # characters of a name at the right end before it goes on in a second line


def over_years(figure: Figure, width: int) -> Spec:
    """Lines or stacked areas over years; names stand at the right end when there is room, above when not."""
    names = order_of(figure, figure.color) if figure.color else []
    shown = [chemical(n) for n in names]
    table = figure.table
    height = 320 if width >= WIDE else 240
    line = figure.line if isinstance(figure, LinedFigure) else None
    low, high = reach(figure)
    if line is not None:
        high, low = max(high, float(line["y"].max())), min(low, float(line["y"].min()))
    low, high, ticks = nice_scale(low, high)
    years = sorted({int(v) for v in table[figure.x]}) if is_year(table[figure.x]) else []
    marks = years if len(years) <= 9 else [y for y in years if y % 5 == 0]
    x: Spec = {
        "field": figure.x,
        "type": "quantitative",
        "title": None,
        "scale": {"nice": False, "zero": False},
        "axis": {"format": "d", "grid": False, "values": marks, "labelOverlap": True},
    }
    y: Spec = {
        "field": figure.y,
        "type": "quantitative",
        "title": None,
        "scale": {"domain": [low, high], "nice": False},
        "axis": {"values": ticks, "format": number_format(figure, low, high), "domain": False},
    }
    beside = width >= WIDE and (bool(names) or line is not None)
    encoding: Spec = {"x": x, "y": y}
    if names:
        encoding["color"] = {
            "field": figure.color,
            "type": "nominal",
            "sort": shown,
            "scale": {"domain": shown, "range": palette(figure, names)},
            "legend": None,
        }
    if figure.kind == "area":
        encoding["y"] = y | {"stack": "zero"}
        encoding["order"] = {"field": "_place", "type": "quantitative"}
        mark: Spec = {"type": "area", "line": False, "interpolate": "linear"}
    else:
        mark = {"type": "line", "interpolate": "linear", "color": theme.CATEGORIES[0]}
        if len(names) > 1:
            # The first line is broad, so that another on the same path is seen on top of it.
            encoding["strokeWidth"] = {
                "field": figure.color,
                "type": "nominal",
                "legend": None,
                "scale": {"domain": shown, "range": [3.6, *[1.9] * (len(names) - 1)]},
            }
            encoding["strokeDash"] = {
                "field": figure.color,
                "type": "nominal",
                "sort": shown,
                "legend": None,
                "scale": {"domain": shown, "range": [theme.DASHES[i % len(theme.DASHES)] for i in range(len(names))]},
            }
    rows = records(figure, [figure.color] if figure.color else [])
    place = {n: i for i, n in enumerate(shown)}
    for row in rows:
        row["_place"] = place.get(str(row.get(figure.color)), 0)
    layers: list[Spec] = [{"data": {"values": rows}, "mark": mark, "encoding": encoding}]
    if figure.low and figure.high and figure.kind == "line":
        band = encoding | {"y": y | {"field": figure.low}, "y2": {"field": figure.high}}
        band = {k: v for k, v in band.items() if not k.startswith("stroke")}
        layers.insert(0, {"data": {"values": rows}, "mark": {"type": "area", "opacity": 0.18}, "encoding": band})
    if line is not None:
        layers.append(_stepped(line, x, y))
    if beside:
        spots = [("\n".join(wrap(chemical(n), END_LABEL)), n, v) for n, v in _ends(figure, names, line)]
        labels = _apart([(text, v) for text, _, v in spots], (high - low) * 14.5 / (height - 40), high)
        of = {text: n for text, n, _ in spots}
        colours = dict(zip(names, palette(figure, names), strict=True))
        layers += _end_labels([(text, of[text], v) for text, v in labels], colours, float(table[figure.x].max()))
    return {"height": height, "layer": layers}


def _stepped(line: pd.DataFrame, x: Spec, y: Spec) -> Spec:
    """A broken staircase on a light edge, so that it is seen on dark bands too."""
    mark: Spec = {"type": "line", "interpolate": "step-after", "strokeCap": "butt"}
    values = [{"x": float(r["x"]), "y": float(r["y"])} for r in line.to_dict("records")]
    return {
        "data": {"values": values},
        "encoding": {"x": x | {"field": "x"}, "y": y | {"field": "y"}},
        "layer": [
            {"mark": mark | {"color": theme.PAPER, "strokeWidth": 4.5}},
            {"mark": mark | {"color": theme.INK, "strokeWidth": 1.8, "strokeDash": [5, 3]}},
        ],
    }


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


def _end_labels(labels: list[tuple[str, str, float]], colour: Mapping[str, str], last: float) -> list[Spec]:
    values = [
        {"x": last, "y": y, "text": text, "colour": colour.get(n, theme.INK), "lines": text.count("\n")}
        for text, n, y in labels
    ]
    at: Spec = {"x": {"field": "x", "type": "quantitative"}, "y": {"field": "y", "type": "quantitative"}}
    dot: Spec = {"type": "square", "size": 90, "opacity": 1, "xOffset": 11, "clip": False}
    text_mark: Spec = {
        "type": "text",
        "align": "left",
        "dx": 19,
        "fontSize": 12,
        "color": theme.INK,
        "clip": False,
        "baseline": "middle",
        "lineBreak": "\n",
        "lineHeight": 14,
        "dy": {"expr": "-7 * datum.lines"},
    }
    data = {"values": values}
    return [
        {"data": data, "mark": dot, "encoding": at | {"color": {"field": "colour", "type": "nominal", "scale": None}}},
        {"data": data, "mark": text_mark, "encoding": at | {"text": {"field": "text"}}},
    ]
