"""Variables, rules and terms of the unclaimed rows and of removals."""

import numpy as np
import xarray as xr

from mutirao.book import terms as book
from mutirao.city.gpc import boundary
from mutirao.model.baseyear import growth
from mutirao.model.planmodel import PlanModel
from mutirao.model.stock import frozen_zero

FAMILY_WORDS = {
    "waste": "less waste, and waste treated without methane",
    "wastewater": "wastewater treated with less methane and nitrous oxide",
    "fugitive": "gas pipes mended or closed",
    "other_transport": "rail, ships and machines on clean energy",
    "industry": "industry and power plants on clean energy",
    "land": "land, livestock and soils that emit less",
}
PAYER = {"waste": book.CITY, "wastewater": book.CITY, "fugitive": book.UTILITY, "other_transport": book.BUSINESS,
         "industry": book.BUSINESS, "land": book.CITY}  # fmt: skip
POWER = {"waste": "city", "wastewater": "city", "fugitive": "utility", "other_transport": "state",
         "industry": "owners", "land": "city"}  # fmt: skip
SOURCE = "Mutirão model of unclaimed rows"


def family(gpc: str) -> str:
    """Measure family of a reference; "" when no measure of this version acts on it (scope 3 rows)."""
    if gpc.startswith("III.4"):
        return "wastewater"
    if gpc.startswith("III."):
        return "waste"
    if gpc in ("I.7.1", "I.8.1"):
        return "fugitive"
    if gpc.startswith("II.") and not gpc.endswith(".3"):
        return "other_transport"
    if gpc.startswith("V."):
        return "land"
    if gpc.startswith("IV.") or (gpc.startswith("I.") and not gpc.endswith(".3")):
        return "industry"
    return ""


def rows(model: PlanModel) -> dict[tuple[str, str], float]:
    """Cells of the base-year inventory that no system claims, kt CO2e."""
    city = model.city
    cells = city.inventory.cells(city.settings.base_year, city.settings.gwp)
    return {k: v / 1000.0 for k, v in cells.items() if k not in model.claims and v != 0.0}


def add(model: PlanModel) -> None:
    """Post every unclaimed row with its trend, the measure that lowers it, and removals."""
    p, h = model.given, model.horizon
    for (gpc, carrier), value in rows(model).items():
        kind = family(gpc)
        trend = growth(p(f"{kind}_trend"), h) if kind else h.array([1.0] * len(model.periods))
        emitted = value * trend
        label = {"system": "other", "boundary": boundary(gpc), "gpc": gpc, "carrier": carrier, "unit": "kt/a",
                 "quantity_unit": "kt/a"}  # fmt: skip
        model.post("carbon", **label, kind="row", coefficient=emitted, meaning=f"inventory row {gpc} with its trend",
                   source="inventory of the base year")  # fmt: skip
        if kind and value > 0:
            _measure(model, kind, gpc, carrier, emitted, label)
    _removals(model)


def _measure(
    model: PlanModel, kind: str, gpc: str, carrier: str, emitted: xr.DataArray, label: dict[str, str]
) -> None:
    p, h = model.given, model.horizon
    name, measure = f"other-{gpc}{'-' + carrier if carrier else ''}", f"other.{kind}"
    potential = emitted * p(f"{kind}_reduction_max")
    less = model.variable(name, [model.periods], "kt/a", f"{FAMILY_WORDS[kind]} ({gpc})", upper=frozen_zero(model))
    model.rule(f"{name}-reach", less, "<=", potential, unit="kt/a")
    later = list(h.periods[1:])
    before = (1.0 * less.isel(period=slice(None, -1))).assign_coords(period=later)
    model.limit(f"{name}-pace", "supply", less.isel(period=slice(1, None)) - before, "<=",
                (emitted * p(f"{kind}_reduction_rate_max") * h.interval).isel(period=slice(1, None)), unit="kt/a",
                meaning=f"how fast {FAMILY_WORDS[kind]} can grow ({gpc})")  # fmt: skip
    # What is set up is kept: its share of what can be avoided does not fall again.
    grown = ((potential / potential.shift(period=1)).fillna(1.0)).isel(period=slice(1, None))
    model.rule(f"{name}-kept", less.isel(period=slice(1, None)) - before * grown, ">=", 0.0, unit="kt/a")
    model.measure(measure, name, potential, "kt/a", FAMILY_WORDS[kind], POWER[kind])
    model.post("carbon", **label, kind="avoided", measure=measure, variable=name, coefficient=-1.0,
               meaning=f"{FAMILY_WORDS[kind]} ({gpc})", source=SOURCE)  # fmt: skip
    model.post("money", system="other", unit="M/a", quantity_unit="million t/a", kind="service", measure=measure,
               gpc=gpc, payer=PAYER[kind], receiver=book.SUPPLIERS, basis="running", variable=name, coefficient=1e-3,
               drivers={f"{kind}_reduction_cost": 1}, meaning=f"{FAMILY_WORDS[kind]} ({gpc})", source=SOURCE)  # fmt: skip


def _removals(model: PlanModel) -> None:
    """Bought removals: counted at their own boundary, capped by the pledge, and only for what is left at neutrality.

    Targets before the year of neutrality are cuts in what is emitted; removals do not stand in for them.
    """
    city, h = model.city, model.horizon
    late = h.array([np.inf if y >= city.settings.pledge.neutrality_year else 0.0 for y in h.periods])
    total = city.inventory.total(city.settings.base_year, "BASIC") / 1000.0
    cap = h.array([city.settings.pledge.max_residual_removals * total] * len(model.periods))
    removed = model.variable("other-removals", [model.periods], "kt/a", "removals bought", upper=late)
    model.limit("removals-cap", "removals", removed, "<=", cap, unit="kt/a",
                meaning="removals that may make up for what is still emitted")  # fmt: skip
    model.measure("other.removals", "other-removals", cap, "kt/a", "removals bought", "city")
    model.post("carbon", system="other", boundary="removal", kind="removal", measure="other.removals", unit="kt/a",
               quantity_unit="kt/a", variable="other-removals", coefficient=-1.0, meaning="removals bought",
               source=SOURCE)  # fmt: skip
    model.post("money", system="other", unit="M/a", quantity_unit="million t/a", kind="service",
               measure="other.removals", payer=book.CITY, receiver=book.SUPPLIERS, basis="running",
               variable="other-removals", coefficient=1e-3, drivers={"removals_cost": 1}, meaning="removals bought",
               source=SOURCE)  # fmt: skip
