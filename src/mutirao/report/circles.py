"""Circles in proportion at longitude and latitude."""

import math
from typing import Any

import pandas as pd

from mutirao.model.figures import Figure
from mutirao.report import theme
from mutirao.report.scales import WIDE, Spec, nice_scale

MOST_HEIGHT = 520


def size_column(figure: Figure) -> str:
    return figure.color if figure.y == "latitude" else figure.y


def circles(figure: Figure, width: int) -> Spec:
    """Circles in proportion at longitude and latitude: where, not how large a place is."""
    table = figure.table
    size = size_column(figure)
    label = (
        figure.x if figure.x not in ("longitude", "latitude") else next((c for c in ("name", "zone") if c in table), "")
    )
    squeeze = math.cos(math.radians(float(table["latitude"].mean())))
    rows = [
        {
            "east": float(r["longitude"]) * squeeze,
            "north": float(r["latitude"]),
            "size": abs(float(r[size])),
            "side": "more" if float(r[size]) > 0 else "less",
            "label": str(r[label]) if label else "",
        }
        for r in table.to_dict("records")
    ]
    place = pd.DataFrame(rows)[["east", "north"]]
    half = {c: max(0.6 * float(place[c].max() - place[c].min()), 0.005) for c in place}
    height = min(MOST_HEIGHT, int(width * half["north"] / half["east"]))
    # One scale for both directions: a map that is stretched shows no distances.
    half["east"] = max(half["east"], half["north"] * width / height)
    middle = {c: float(place[c].max() + place[c].min()) / 2 for c in place}
    room = {c: [middle[c] - half[c], middle[c] + half[c]] for c in place}
    at: Spec = {
        c: {
            "field": f,
            "type": "quantitative",
            "axis": None,
            "scale": {"domain": room[f], "nice": False, "zero": False},
        }
        for c, f in (("x", "east"), ("y", "north"))
    }
    sides = [s for s in ("more", "less") if any(r["side"] == s for r in rows)]
    colour = {
        "field": "side",
        "type": "nominal",
        "legend": None,
        "scale": {"domain": sides, "range": [theme.MORE if s == "more" else theme.LESS for s in sides]},
    }
    area = {
        "field": "size",
        "type": "quantitative",
        "legend": {"symbolType": "circle", "values": _legend_sizes(rows)},
        "scale": {"domain": [0, max(r["size"] for r in rows) or 1.0], "range": [0, 900 if width >= WIDE else 380]},
    }
    layers: list[Spec] = [
        {
            "mark": {"type": "circle", "opacity": 0.8, "stroke": theme.PAPER},
            "encoding": at | {"size": area, "color": colour},
        }
    ]
    if width >= WIDE and label:
        layers.append(
            {
                "mark": {"type": "text", "dy": 20, "fontSize": 10, "color": theme.MUTED},
                "encoding": at | {"text": {"field": "label"}},
            }
        )
    return {"height": height, "data": {"values": rows}, "layer": layers}


def _legend_sizes(rows: list[dict[str, Any]]) -> list[float]:
    most = max(r["size"] for r in rows)
    ticks = [t for t in nice_scale(0.0, most, 4)[2] if 0 < t <= most]
    return ticks[:: max(1, len(ticks) // 2)] or [most]
