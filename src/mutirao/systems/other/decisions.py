"""Variables, rules and terms of the unclaimed rows and of removals."""

import numpy as np
import xarray as xr

from mutirao.book import terms as book
from mutirao.city.gpc import boundary
from mutirao.model.baseyear import growth
from mutirao.model.planmodel import PlanModel
from mutirao.model.stock import frozen_zero, labels

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
    """Post every unclaimed row with its trend, the measures that lower them, and removals."""
    found = rows(model)
    emitted = {cell: value * _trend(model, family(cell[0])) for cell, value in found.items()}
    for (gpc, carrier), path in emitted.items():
        model.post("carbon", **_label(gpc, carrier), kind="row", coefficient=path,
                   meaning=f"inventory row {gpc} with its trend", source="inventory of the base year")  # fmt: skip
    open_rows = {cell: path for cell, path in emitted.items() if family(cell[0]) and found[cell] > 0}
    if open_rows:
        _measures(model, open_rows)
    _removals(model)


def _trend(model: PlanModel, kind: str) -> xr.DataArray:
    rate = model.given(f"{kind}_trend") if kind else 0.0
    return growth(rate, model.horizon)


def _label(gpc: str, carrier: str) -> dict[str, str]:
    return {"system": "other", "boundary": boundary(gpc), "gpc": gpc, "carrier": carrier, "unit": "kt/a",
            "quantity_unit": "kt/a"}  # fmt: skip


def _measures(model: PlanModel, emitted: dict[tuple[str, str], xr.DataArray]) -> None:
    """What can be avoided of each row: how much, how fast, at what price; what is set up is kept."""
    p, h = model.given, model.horizon
    names = {cell: " ".join(cell).strip() for cell in emitted}
    row = labels("row", tuple(names.values()))
    gross = xr.concat([path.assign_coords(row=names[cell]) for cell, path in emitted.items()], "row")

    def each(suffix: str) -> xr.DataArray:
        values = [p(f"{family(gpc)}_{suffix}") for gpc, _ in emitted]
        return xr.DataArray(values, coords={"row": list(row)}, dims="row")

    potential = gross * each("reduction_max")
    less = model.variable("other-avoided", [row, model.periods], "kt/a", "emissions of unclaimed rows avoided",
                          upper=frozen_zero(model))  # fmt: skip
    model.rule("other-reach", less, "<=", potential, unit="kt/a")
    later = list(h.periods[1:])
    before = (1.0 * less.isel(period=slice(None, -1))).assign_coords(period=later)
    now = less.isel(period=slice(1, None))
    model.limit("other-pace", "supply", now - before, "<=",
                (gross * each("reduction_rate_max") * h.interval).sel(period=later), unit="kt/a",
                meaning="how fast unclaimed rows can be avoided")  # fmt: skip
    grown = (potential / potential.shift(period=1)).fillna(1.0).sel(period=later)
    model.rule("other-kept", now - before * grown, ">=", 0.0, unit="kt/a")
    for (gpc, carrier), name in names.items():
        kind = family(gpc)
        words, pick = f"{FAMILY_WORDS[kind]} ({gpc})", {"variable": "other-avoided", "select": {"row": name}}
        measure = f"other.{kind}"
        model.measure(measure, "other-avoided", potential.sel(row=name, drop=True), "kt/a", FAMILY_WORDS[kind],
                      POWER[kind], {"row": name})  # fmt: skip
        model.post("carbon", **_label(gpc, carrier), **pick, kind="avoided", measure=measure, coefficient=-1.0,
                   meaning=words, source=SOURCE)  # fmt: skip
        model.post("money", **pick, system="other", unit="M/a", quantity_unit="million t/a", kind="service",
                   measure=measure, gpc=gpc, payer=PAYER[kind], receiver=book.SUPPLIERS, basis="running",
                   coefficient=1e-3, drivers={f"{kind}_reduction_cost": 1}, meaning=words, source=SOURCE)  # fmt: skip


def _removals(model: PlanModel) -> None:
    """Bought removals: counted at their own boundary, capped by the pledge, and only for what is left at neutrality.

    Targets before the year of neutrality are cuts in what is emitted; removals do not stand in for them.
    """
    city, h = model.city, model.horizon
    late = h.array([np.inf if y >= city.settings.pledge.neutrality_year else 0.0 for y in h.periods])
    cells = city.inventory.cells(city.settings.base_year, city.settings.gwp)
    bound = city.settings.pledge.boundaries
    total = sum(v for (gpc, _), v in cells.items() if boundary(gpc) in bound) / 1000.0
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
