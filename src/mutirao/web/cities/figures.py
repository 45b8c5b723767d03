"""What a version says about its city, read from its tables for the city's page; unreadable tables are left out."""

import json
import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import pandas as pd
from django.utils.translation import gettext as _
from shapely.errors import ShapelyError
from shapely.geometry import mapping, shape

from mutirao.city.check import GEOMETRY
from mutirao.city.facts import COLUMNS
from mutirao.city.folder import INVENTORY, ZONES, parse_facts
from mutirao.city.gpc import REFERENCES, SECTORS, Level
from mutirao.city.inventory import read_inventory
from mutirao.city.settings import FILE as SETTINGS
from mutirao.city.settings import Settings
from mutirao.city.settings_file import read_settings
from mutirao.city.sources import FILE as SOURCES
from mutirao.city.sources import Source, read_sources
from mutirao.ground.findings import InputError
from mutirao.ground.tables import read_table
from mutirao.model.figures import Figure
from mutirao.report import theme
from mutirao.report.html import Shown
from mutirao.report.pages import browser_figure
from mutirao.report.scales import NARROW, WIDE, Spec

PEOPLE = "people.csv"
OWN = ("measured", "census")
"""Methods by which a figure of a zone is the zone's own, not the city's shared out."""
LARGE = 20_000_000
"""Bytes of a table beyond which a page does without its figures."""
COORDINATES = 20_000
"""About so many numbers may make up the outlines of a map; finer ones are smoothed until they are no more."""


@dataclass(frozen=True)
class Emissions:
    """The inventory of one year in t CO2e: by sector, scope 1 to 3 (None where no figure), and the GPC total."""

    year: int
    level: str
    sectors: tuple[tuple[str, tuple[float | None, ...], float], ...]
    total: float


@dataclass(frozen=True)
class Figures:
    """What can be read of a version: each part None or empty where its table cannot be read."""

    settings: Settings | None
    emissions: Emissions | None
    people: float | None
    people_year: int | None
    zones: tuple[dict[str, Any], ...]
    sources: tuple[Source, ...]
    outlines: str

    @property
    def per_person(self) -> float | None:
        """t CO2e a year for each inhabitant."""
        return self.emissions.total / self.people if self.emissions and self.people else None

    @property
    def kilotonnes(self) -> float | None:
        return self.emissions.total / 1000 if self.emissions else None


@lru_cache(maxsize=32)
def figures_of(folder: Path) -> Figures:
    """Read a version's folder; it never changes, so it is read once."""
    settings = _settings(folder)
    people, year, own = _people(folder, settings)
    return Figures(
        settings, _emissions(folder, settings), people, year, _zones(folder, own), _sources(folder), _outlines(folder)
    )


def map_of(figures: Figures) -> tuple[Shown, dict[str, Spec]] | None:
    """Where the zones are: outlines if the city brings them, else circles by inhabitants counted zone by zone.

    One colour only: outlines show places, and no value is painted on what was merely shared out among them.
    """
    zones = pd.DataFrame(figures.zones)
    if figures.outlines:
        table = zones if len(zones) else pd.DataFrame({"zone": []})
        figure = Figure("zones", _("The zones"), "table", table, "zone", "", "", (ZONES, GEOMETRY))
        shown, specs = browser_figure(figure, {})
        return _with_outlines(shown, figures.outlines), specs | _outline_specs(figures.outlines)
    if len(zones) and "people" in zones and zones[["longitude", "latitude", "people"]].notna().to_numpy().all():
        table = zones.rename(columns={"people": "inhabitants"})
        note = _("Circles show where people live, in proportion; each is the zone's own count.")
        figure = Figure(
            "zones", _("Inhabitants by zone"), "circles", table, "longitude", "latitude", _("people"),
            (PEOPLE, ZONES), color="inhabitants", note=note,
        )  # fmt: skip
        return browser_figure(figure, {})
    return None


def _with_outlines(shown: Shown, outlines: str) -> Shown:
    places = [type(shown.wide)(f'<div class="chart {k}" data-chart="zones-{k[0]}"></div>') for k in ("wide", "narrow")]
    return Shown(**{**vars(shown), "wide": places[0], "narrow": places[1], "folded": True})


def _outline_specs(outlines: str) -> dict[str, Spec]:
    features = json.loads(outlines)
    return {
        f"zones-{kind}": {
            "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
            "width": width,
            "height": round(0.7 * width),
            "background": None,
            "projection": {"type": "mercator"},
            "data": {"values": features},
            "mark": {"type": "geoshape", "fill": theme.GRID, "stroke": theme.INK, "strokeWidth": 0.7},
            "config": {"view": {"stroke": None}},
        }
        for kind, width in (("w", WIDE), ("n", NARROW))
    }


def _settings(folder: Path) -> Settings | None:
    try:
        return read_settings(folder / SETTINGS)
    except (InputError, OSError):
        return None


def _emissions(folder: Path, settings: Settings | None) -> Emissions | None:
    if settings is None:
        return None
    try:
        if (folder / INVENTORY).stat().st_size > LARGE:
            return None
        inventory = read_inventory(folder / INVENTORY, settings.gwp)
        if not inventory.years:
            return None
        before = [year for year in inventory.years if year <= settings.base_year]
        year = max(before, default=inventory.years[0])
        cells = inventory.cells(year, settings.gwp or "AR5-100")
        total = inventory.total(year, cast(Level, settings.level), settings.gwp or "AR5-100")
    except (InputError, OSError):
        return None
    sums: dict[str, dict[int, float]] = {}
    for (gpc, _carrier), value in cells.items():
        if gpc in REFERENCES:
            scopes = sums.setdefault(gpc.partition(".")[0], {})
            scopes[REFERENCES[gpc].scope] = scopes.get(REFERENCES[gpc].scope, 0.0) + value
    rows = [(s, sums[s]) for s in SECTORS if s in sums]
    sectors = tuple((SECTORS[s], tuple(by.get(n) for n in (1, 2, 3)), math.fsum(by.values())) for s, by in rows)
    return Emissions(year, settings.level, sectors, total)


def _people(folder: Path, settings: Settings | None) -> tuple[float | None, int | None, dict[str, float]]:
    """Inhabitants nearest to the base year, and by zone where each zone was counted itself."""
    if settings is None:
        return None, None, {}
    try:
        if (folder / PEOPLE).stat().st_size > LARGE:
            return None, None, {}
        frame, _found = parse_facts(read_table(folder / PEOPLE, COLUMNS, COLUMNS), PEOPLE)
    except (InputError, OSError):
        return None, None, {}
    rows = frame[frame["variable"] == "population"]
    if not len(rows):
        return None, None, {}
    years = sorted(set(rows["year"]), key=lambda year: (abs(year - settings.base_year), year))
    rows = rows[rows["year"] == years[0]]
    of_zones = rows[rows["zone"] != "CITY"]
    whole = rows if not len(of_zones) else of_zones
    own = bool(len(of_zones)) and bool(of_zones["method"].isin(OWN).all())
    by_zone = {str(z): float(v) for z, v in of_zones.groupby("zone")["value"].sum().items()} if own else {}
    return float(whole["value"].sum()), int(years[0]), by_zone


def _zones(folder: Path, people: dict[str, float]) -> tuple[dict[str, Any], ...]:
    try:
        if (folder / ZONES).stat().st_size > LARGE:
            return ()
        rows = read_table(folder / ZONES, ("zone", "name", "longitude", "latitude")).to_dict("records")
    except (InputError, OSError):
        return ()
    out = []
    for row in rows:
        place = {c: pd.to_numeric(row[c], errors="coerce") for c in ("longitude", "latitude")}
        out.append({"name": str(row["name"] or row["zone"]), **{c: float(v) for c, v in place.items()}})
        if people:
            out[-1]["people"] = people.get(str(row["zone"]), math.nan)
    return tuple(out)


def _sources(folder: Path) -> tuple[Source, ...]:
    try:
        if (folder / SOURCES).stat().st_size > LARGE:
            return ()
        return tuple(read_sources(folder / SOURCES)[0].values())
    except (InputError, OSError):
        return ()


def _outlines(folder: Path) -> str:
    """The zones' outlines as our own GeoJSON: shapes and ids only, smoothed to a size a page can carry."""
    try:
        if (folder / GEOMETRY).stat().st_size > LARGE:
            return ""
        features = json.loads((folder / GEOMETRY).read_text(encoding="utf-8-sig"))["features"]
        shapes = [(str(f["properties"]["zone"])[:80], shape(f["geometry"])) for f in features]
        finest = max((max(s.bounds[2] - s.bounds[0], s.bounds[3] - s.bounds[1]) for _z, s in shapes), default=0.0) / 2e3
        while sum(len(str(mapping(s))) for _z, s in shapes) > 10 * COORDINATES and finest < 1:
            shapes = [(zone, s.simplify(finest)) for zone, s in shapes]
            finest *= 2
        drawn = [
            {"type": "Feature", "properties": {"zone": zone}, "geometry": _rounded(mapping(s))}
            for zone, s in shapes
            if not s.is_empty
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, ShapelyError):
        return ""
    return json.dumps(drawn) if drawn else ""


def _rounded(geometry: Any) -> Any:
    """A geometry with five decimals of a degree, about a metre."""
    if isinstance(geometry, dict):
        return {key: _rounded(value) for key, value in geometry.items()}
    if isinstance(geometry, list | tuple):
        return [_rounded(value) for value in geometry]
    return round(geometry, 5) if isinstance(geometry, float) else geometry
