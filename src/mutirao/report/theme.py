"""Colours and type of every figure: one restrained palette that survives a grey printer and colour blindness."""

from typing import Any

INK, MUTED, GRID, PAPER, ACCENT = "#1c2430", "#5a6472", "#dfe3e6", "#ffffff", "#0f4c5c"
MORE, LESS, UNSURE, NEUTRAL = "#8c3b2e", "#3d7f8c", "#a9adb3", "#e3e6e8"
#: Neighbours differ in lightness first and in hue second, so that stacks stay legible without colour.
CATEGORIES = ("#12355b", "#e0a030", "#3d7f8c", "#c3d9de", "#8c3b2e", "#a3b86c", "#5e5873", "#dccfb8")
#: For lines, which need more ink than areas.
LINES = ("#12355b", "#e0a030", "#3d7f8c", "#8c3b2e", "#5e5873", "#8a9a4b")
#: Light to dark: an order such as years.
RAMP = ("#c3d6dc", "#8fb4be", "#5b8c9b", "#2f6273", "#12355b", "#081c33")
DASHES = ([1, 0], [6, 3], [2, 2.5], [3, 8], [12, 4], [9, 3, 2, 3])
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"


def categorical(n: int) -> list[str]:
    """``n`` colours for names without order; beyond the palette's length it starts again."""
    return [CATEGORIES[i % len(CATEGORIES)] for i in range(n)]


def lines(n: int) -> list[str]:
    """``n`` colours for lines."""
    return [LINES[i % len(LINES)] for i in range(n)]


def ordered(n: int) -> list[str]:
    """``n`` colours from light to dark for names in order."""
    if n == 1:
        return [RAMP[3]]
    return [RAMP[round(i * 4 / (n - 1))] if n <= 5 else RAMP[i % len(RAMP)] for i in range(n)]


def lightness(colour: str) -> float:
    """CIE L* (0..100) of a colour written as #rrggbb."""
    r, g, b = (_linear(int(colour[i : i + 2], 16) / 255.0) for i in (1, 3, 5))
    y = 0.2126 * r + 0.7152 * g + 0.0722 * b
    return float(116.0 * y ** (1.0 / 3.0) - 16.0 if y > 0.008856 else 903.3 * y)


def _linear(c: float) -> float:
    return float(c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4)


def config() -> dict[str, Any]:
    """The Vega-Lite configuration shared by all figures."""
    quiet = {
        "labelColor": MUTED,
        "labelFontSize": 12,
        "titleColor": MUTED,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "domainColor": MUTED,
        "tickColor": GRID,
        "gridColor": GRID,
    }
    return {
        "font": FONT,
        "background": None,
        "view": {"stroke": None},
        "axis": quiet,
        "legend": {
            "labelColor": INK,
            "labelFontSize": 12,
            "title": None,
            "labelLimit": 0,
            "orient": "top",
            "direction": "horizontal",
            "symbolFillColor": UNSURE,
            "symbolStrokeWidth": 0,
        },
        "bar": {"stroke": PAPER, "strokeWidth": 0.7},
        "area": {"stroke": PAPER, "strokeWidth": 0.9},
        "line": {"strokeWidth": 2.4, "strokeCap": "round"},
    }
