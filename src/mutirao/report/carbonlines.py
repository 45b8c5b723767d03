"""Lines over cumulative carbon, falling to the right: one picture, or small ones beside each other."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mutirao.ground.speech import again, say, word
from mutirao.report import theme
from mutirao.report.scales import WIDE, Spec
from mutirao.report.words import chemical

#: What the diamond stands for.
PLAN = word("the plan under the rules")
#: An axis begins at zero when its values are nearer to zero than this part of their span.
NEAR_ZERO = 0.3


@dataclass(frozen=True)
class Line:
    """One line of a picture: its name, its points (carbon, value), its colour.

    ends : it ends before the others, for there is no point beyond. dashed : a thin broken line over all others.
    """

    name: str
    points: list[tuple[float, float]]
    colour: str
    ends: bool = False
    dashed: bool = False


def _frame(width: int, body: Spec) -> Spec:
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": width,
        "autosize": {"type": "fit", "contains": "padding"},
        "padding": {"left": 2, "top": 4, "right": 8, "bottom": 4},
        "config": theme.config(),
    } | body


def _axes(lines: Sequence[Line], marks: Sequence[tuple[float, float]], few: bool) -> tuple[Spec, Spec, float, float]:
    """Axes that hold every point: carbon falls to the right. Returns x, y and the ends of y."""
    points = [p for line in lines for p in line.points] + list(marks)
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    left, right = max(xs), min(xs)
    if left == right:
        left, right = left + 1.0, right - 1.0
    ticks = round_ticks(right, left, 4 if few else 6)
    low, high, marks_y = round_scale(min(ys), max(ys), 4 if few else 6)
    x: Spec = {
        "field": "x", "type": "quantitative", "title": None,
        "scale": {"domain": [left, right], "nice": False, "zero": False},
        "axis": {"format": _format(right, left), "grid": False, "values": ticks, "labelFlush": True},
    }  # fmt: skip
    y: Spec = {
        "field": "y", "type": "quantitative", "title": None,
        "scale": {"domain": [low, high], "nice": False, "zero": False},
        "axis": {"values": marks_y, "format": _format(low, high), "domain": False},
    }  # fmt: skip
    return x, y, low, high


def round_ticks(low: float, high: float, steps: int) -> list[float]:
    """Round values between two ends, about ``steps`` of them."""
    raw = (high - low) / steps
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m for m in (1.0, 2.0, 2.5, 5.0, 10.0) if m * power >= raw * 0.999) * power
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [i * step for i in range(first, last + 1)]


def round_scale(low: float, high: float, steps: int) -> tuple[float, float, list[float]]:
    """Ends and ticks of an axis that holds both values; zero only where it is near."""
    near = NEAR_ZERO * (high - low)
    if 0.0 < low < near:
        low = 0.0
    if -near < high < 0.0:
        high = 0.0
    if high - low < 1e-9 * max(1.0, abs(high)):
        low, high = low - 0.5, high + 0.5
    inner = round_ticks(low, high, steps)
    step = inner[1] - inner[0] if len(inner) > 1 else high - low
    low, high = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
    return low, high, [low + i * step for i in range(round((high - low) / step) + 1)]


def along_carbon(lines: Sequence[Line], marks: Sequence[tuple[float, float]], width: int) -> Spec:
    """Lines over cumulative carbon, each point a dot, each name at the right end of its line where there is room."""
    wide = width >= WIDE
    height = 340 if wide else 250
    x, y, low, high = _axes(lines, marks, not wide)
    layers: list[Spec] = []
    if low < 0 < high:
        zero = {"mark": {"type": "rule", "color": theme.MUTED, "strokeWidth": 1}, "data": {"values": [{"y": 0}]}}
        layers.append(zero | {"encoding": {"y": y}})
    for i, line in enumerate(sorted(lines, key=lambda line: line.dashed)):
        values = [{"x": a, "y": b} for a, b in line.points]
        # A line that another lies upon is broad, so that both are seen.
        broad = 1.4 if line.dashed else max(5.6 - 1.3 * i, 1.8)
        dot = {"color": line.colour, "size": 14 if line.dashed else max(84 - 16 * i, 34), "filled": True}
        mark: Spec = {"type": "line", "color": line.colour, "strokeWidth": broad, "point": dot}
        mark |= {"strokeDash": [5, 4]} if line.dashed else {}
        layers.append({"data": {"values": values}, "mark": mark, "encoding": {"x": x, "y": y}})
    if marks:
        diamond = {"type": "point", "shape": "diamond", "size": 130, "color": theme.INK, "filled": False,
                   "strokeWidth": 2}  # fmt: skip
        values = [{"x": a, "y": b} for a, b in marks]
        layers.append({"data": {"values": values}, "mark": diamond, "encoding": {"x": x, "y": y}})
    if wide:
        said = {line.name: say("{line}: no plan beyond", line=line.name) for line in lines if line.ends}
        ends = [(line.name, *line.points[-1]) for line in lines] + [(PLAN, *m) for m in marks]
        colours = {line.name: line.colour for line in lines}
        for name, at in end_labels(ends, (high - low) * 15.0 / (height - 30), high):
            layers += _label(said.get(name, name), at, x, y, colours.get(name, ""))
    return _frame(width, {"height": height, "layer": layers})


def end_labels(
    ends: Sequence[tuple[str, float, float]], line: float, high: float
) -> list[tuple[str, tuple[float, float]]]:
    """Names at the ends of lines, pushed apart by ``line`` where they end at the same carbon."""
    out: list[tuple[str, tuple[float, float]]] = []
    for spot in dict.fromkeys(x for _, x, _ in ends):
        here = sorted(((y, text) for text, x, y in ends if x == spot), key=lambda e: e[0])
        at = [y for y, _ in here]
        for k in range(1, len(at)):
            at[k] = max(at[k], at[k - 1] + line)
        if at[-1] > high:
            at[-1] = high
            for k in range(len(at) - 2, -1, -1):
                at[k] = min(at[k], at[k + 1] - line)
        out += [(text, (spot, y)) for (_, text), y in zip(here, at, strict=True)]
    return out


def _label(text: str, at: tuple[float, float], x: Spec, y: Spec, colour: str) -> list[Spec]:
    """A name beside the end of its line, with a spot of the line's colour; a mark's name has none."""
    here = {"data": {"values": [{"x": at[0], "y": at[1], "text": chemical(again(text))}]}}
    words = {"type": "text", "align": "left", "dx": 24, "fontSize": 12, "color": theme.INK, "clip": False,
             "baseline": "middle"}  # fmt: skip
    spot = {"type": "square", "size": 80, "opacity": 1, "xOffset": 15, "clip": False, "color": colour or theme.INK}
    spot |= {} if colour else {"type": "point", "shape": "diamond", "filled": False, "strokeWidth": 1.5}
    return [
        here | {"mark": spot, "encoding": {"x": x, "y": y}},
        here | {"mark": words, "encoding": {"x": x, "y": y, "text": {"field": "text"}}},
    ]


def _format(low: float, high: float) -> str:
    """d3 number format of an axis: whole numbers, decimals only where the axis is short."""
    return ",.0f" if high - low >= 4 else ",.2~f"


def side_by_side(panels: Mapping[str, Sequence[Line]], width: int) -> Spec:
    """The same axes for every picture; beside each other where there is room, else one below the other."""
    wide = width >= WIDE
    every = [line for lines in panels.values() for line in lines]
    x, y, low, high = _axes(every, (), True)
    each = int((width - 70) / len(panels)) - 14 if wide else width - 60
    parts = []
    for i, (title, lines) in enumerate(panels.items()):
        axis = y | {"axis": y["axis"] | {"labels": i == 0 or not wide}}
        layers: list[Spec] = []
        if low < 0 < high:
            rule = {"type": "rule", "color": theme.MUTED, "strokeWidth": 1}
            layers.append({"data": {"values": [{"y": 0}]}, "mark": rule, "encoding": {"y": axis}})
        for line in lines:
            values = [{"x": a, "y": b} for a, b in line.points]
            dots = {"color": line.colour, "size": 26}
            mark = {"type": "line", "color": line.colour, "strokeWidth": 2.2, "point": dots}
            layers.append({"data": {"values": values}, "mark": mark, "encoding": {"x": x, "y": axis}})
        heading = {"text": again(title), "anchor": "start", "frame": "group", "fontSize": 12, "color": theme.INK}
        parts.append({"title": heading, "width": each, "height": 220, "layer": layers})
    frame = _frame(width, {"hconcat" if wide else "vconcat": parts, "spacing": 16 if wide else 44, "bounds": "flush"})
    frame.pop("width")
    frame["autosize"] = "pad"
    return frame
