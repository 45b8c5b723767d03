"""The check of a city as a job leaves it: findings in every language, and figures for the city's page."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from mutirao.city.folder import City
from mutirao.city.gpc import REFERENCES, SECTORS, boundary
from mutirao.ground.findings import Finding
from mutirao.ground.speech import in_language
from mutirao.model.system import System
from mutirao.plan.examine import check_record
from mutirao.plan.inputs import declared_variables

MEASURED = ("measured", "census")


def checked(
    city: City | None, findings: Sequence[Finding], systems: Sequence[System], languages: Sequence[str]
) -> dict[str, Any]:
    """Whether a plan can be made of it, and the record of the check in each language."""
    good = city is not None and not any(f.level == "error" for f in findings)
    variables = declared_variables(systems)
    records = {}
    for code in languages:
        with in_language(code):
            records[code] = check_record(city, findings, variables)
    return {"good": good, "languages": records}


def inventory_record(city: City) -> dict[str, Any]:
    """The inventory of the base year: rows by GPC reference (kt CO2e), sums by sector and scope, totals by year.

    ``bound`` is what the pledge binds. ``population`` and ``per_person`` (t CO2e) are None where nobody is counted.
    """
    s = city.settings
    bound = set(s.pledge.boundaries)
    rows = _rows(city, s.base_year)
    sectors = []
    for sector, name in SECTORS.items():
        mine = [r for r in rows if r["sector"] == sector]
        if mine:
            scopes = {str(k): sum(r["kt"] for r in mine if r["scope"] == k) for k in (1, 2, 3)}
            sectors.append({"sector": sector, "name": name, "scopes": scopes, "kt": sum(r["kt"] for r in mine)})
    total = sum(r["kt"] for r in rows if r["boundary"] in bound)
    people = float(city.array("population").sum()) if city.has("population") else 0.0
    return {
        "year": s.base_year,
        "gwp": s.gwp,
        "boundaries": sorted(bound),
        "total_kt": total,
        "population": people or None,
        "per_person": total * 1e3 / people if people else None,
        "sectors": sectors,
        "rows": rows,
        "keys": [
            {"gpc": r.gpc, "notation": r.notation, "why": r.explanation}
            for r in city.inventory.in_year(s.base_year)
            if r.notation
        ],
        "years": {
            str(y): sum(r["kt"] for r in _rows(city, y) if r["boundary"] in bound) for y in city.inventory.years
        },
    }


def _rows(city: City, year: int) -> list[dict[str, Any]]:
    sums: dict[str, float] = {}
    for (gpc, _), tonnes in city.inventory.cells(year, city.settings.gwp).items():
        sums[gpc] = sums.get(gpc, 0.0) + tonnes / 1e3
    return [
        {
            "gpc": gpc,
            "name": REFERENCES[gpc].subsector,
            "description": REFERENCES[gpc].description,
            "sector": gpc.partition(".")[0],
            "scope": REFERENCES[gpc].scope,
            "boundary": boundary(gpc),
            "kt": kt,
        }
        for gpc, kt in sorted(sums.items())
        if gpc in REFERENCES
    ]


def settings_record(city: City) -> dict[str, Any]:
    """What the city says of itself: settings, zones, actions, sources, and which variables zones measured apart."""
    frame = city.facts.frame
    own = frame[frame["method"].isin(MEASURED) & frame["zone"].isin(city.zone_ids)]
    zoned = sorted(set(own["variable"])) if len(city.zone_ids) > 1 else []
    return {
        **asdict(city.settings),
        "zones": [{str(k): v for k, v in z.items() if k != "_row"} for z in city.zones.to_dict("records")],
        "measured_by_zone": zoned,
        "actions": [asdict(a) for a in city.actions],
        "sources": {k: asdict(v) for k, v in city.sources.items()},
        "figures": len(frame),
    }
