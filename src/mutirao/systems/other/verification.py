"""Independent re-simulation of unclaimed rows, removals, and of the claims that share out the inventory."""

import math

import numpy as np
import xarray as xr

from mutirao.book.bundle import Plan
from mutirao.city.folder import City
from mutirao.city.gpc import LEVELS, boundary, members
from mutirao.ground.speech import say
from mutirao.model.check import Check
from mutirao.model.replay import by_periods

#: The same sums taken in another order: only the solver's own feasibility tolerance may part them.
SAME = 1e-6
#: The calibration of the base year is algebra, not search.
EXACT = 1e-9
#: Measure families of this system, by how a GPC reference begins; the first that fits counts.
FAMILIES = (
    ("III.4", "wastewater"),
    ("III.", "waste"),
    ("I.7.1", "fugitive"),
    ("I.8.1", "fugitive"),
    ("II.", "other_transport"),
    ("V.", "land"),
    ("IV.", "industry"),
    ("I.", "industry"),
)
BOUNDARY_OF = {"BASIC": ("basic",), "BASIC+": ("basic", "basic+"), "BASIC+S3": ("basic", "basic+", "basic+s3")}


def verify(plan: Plan, city: City) -> list[Check]:
    """Re-simulate the rows that no other system works on, and check that claims share out the whole inventory.

    Returns one check per quantity, at the place and year where plan and simulation are furthest apart.
    """
    value = {str(n): float(v) for n, v in zip(plan.drivers["name"], plan.drivers["value"], strict=True)}
    cells = {k: v / 1000.0 for k, v in city.inventory.cells(plan.base_year, city.settings.gwp).items()}
    return [*_rows(plan, cells, value), *_removals(plan, city, value), *_partition(plan, city, cells)]


def _rows(plan: Plan, cells: dict[tuple[str, str], float], value: dict[str, float]) -> list[Check]:
    """Each row: figure of the base year x trend, less what its measure avoids."""
    book = plan.total("carbon", ("gpc", "carrier", "period"), system="other", kind=["row", "avoided"])
    pairs = list(dict.fromkeys(zip(book.index.get_level_values(0), book.index.get_level_values(1), strict=True)))
    years = [plan.base_year, *plan.years]
    planned, simulated, over, cost = [], [], 0.0, np.zeros(len(years))
    for gpc, carrier in pairs:
        kind = _family(str(gpc))
        trend = np.array([(1.0 + (value[f"{kind}_trend"] if kind else 0.0)) ** (y - plan.base_year) for y in years])
        emitted = cells.get((str(gpc), str(carrier)), 0.0) * trend
        name = f"{gpc} {carrier}".strip()
        acted = "other-avoided" in plan.decisions and name in plan.decisions["other-avoided"]["row"].values
        avoided = plan.decisions["other-avoided"].sel(row=name, period=years).values if acted else np.zeros(len(years))
        planned.append(book.loc[gpc, carrier].reindex(years).fillna(0.0).to_numpy())
        simulated.append(emitted - avoided)
        if kind:
            over = max(over, float((avoided - np.abs(emitted) * value[f"{kind}_reduction_max"]).max()))
            cost += avoided * value[f"{kind}_reduction_cost"] * 1e-3
    coords = {"row": [f"{g} {c}".strip() for g, c in pairs], "period": years}
    paid = plan.total("money", system="other", basis="running")
    paid = paid.sub(plan.total("money", system="other", measure="other.removals"), fill_value=0.0)
    if not pairs:
        return []
    return [
        _worst(
            "unclaimed rows with trend and measure, row by row",
            xr.DataArray(planned, coords, ("row", "period")),
            xr.DataArray(simulated, coords, ("row", "period")),
            "kt CO2e/a",
            SAME,
        ),
        Check("other", "avoided beyond what measures can reach, any row", 0.0, max(over, 0.0), "kt CO2e/a", SAME),
        _worst(
            "cost of measures on unclaimed rows",
            by_periods(plan, paid),
            xr.DataArray(cost, {"period": years}, "period"),
            "M/a",
            SAME,
        ),
    ]


def _family(gpc: str) -> str:
    """Measure family of a reference; none for scope 3 of energy and transport and for other scope 3."""
    if gpc.startswith(("I.", "II.")) and gpc.endswith(".3"):
        return ""
    return next((kind for start, kind in FAMILIES if gpc.startswith(start)), "")


def _removals(plan: Plan, city: City, value: dict[str, float]) -> list[Check]:
    """Removals: none before the year of neutrality, never above the cap of the pledge, paid for in full."""
    pledge = city.settings.pledge
    total = city.inventory.total(plan.base_year, "BASIC", city.settings.gwp) / 1000.0
    bought = plan.decisions["other-removals"]
    early = bought.sel(period=[y for y in bought["period"].values if y < pledge.neutrality_year])
    over = float((bought - pledge.max_residual_removals * total).clip(min=0.0).max())
    booked = -by_periods(plan, plan.carbon(["removal"]))
    paid = by_periods(plan, plan.total("money", system="other", measure="other.removals"))
    out = [
        _worst("removals bought", booked, bought, "kt CO2e/a", SAME),
        _worst("cost of removals", paid, bought * (value["removals_cost"] * 1e-3), "M/a", SAME),
        Check("other", "removals before the year of neutrality", 0.0, float(early.sum()), "kt CO2e/a", SAME),
    ]
    if "slack-removals-cap" not in plan.decisions:
        out.append(
            Check("other", "removals beyond the cap of the pledge", 0.0, over, "kt CO2e/a", SAME * max(total, 1.0))
        )
    return out


def _partition(plan: Plan, city: City, cells: dict[tuple[str, str], float]) -> list[Check]:
    """The base year of the whole book against the inventory: every row once, none twice, totals to the last digit."""
    per_row: dict[str, float] = {}
    for (gpc, _), figure in cells.items():
        per_row[gpc] = per_row.get(gpc, 0.0) + figure
    book = plan.select("carbon", period=plan.base_year)
    booked = book[book["gpc"] != ""].groupby("gpc")["value"].sum()
    refs = sorted({*per_row, *(str(g) for g in booked.index)})
    out = [
        _worst(
            "base year, book and inventory, reference by reference",
            xr.DataArray([float(booked.get(r, 0.0)) for r in refs], {"gpc": refs}, "gpc"),
            xr.DataArray([per_row.get(r, 0.0) for r in refs], {"gpc": refs}, "gpc"),
            "kt CO2e/a",
            EXACT,
        ),
    ]
    for level in LEVELS:
        if level not in BOUNDARY_OF:
            continue
        inventory = math.fsum(v for (g, _), v in cells.items() if g in members(level))
        within = plan.carbon(list(BOUNDARY_OF[level]))
        out.append(
            Check(
                "other",
                say("base year, total {level} of book and inventory", level=level),
                float(within.get(plan.base_year, 0.0)),
                inventory,
                "kt CO2e/a",
                EXACT,
            )
        )
    wrong = [r for r in booked.index if set(book.loc[book["gpc"] == r, "boundary"]) != {boundary(str(r))}]
    out.append(
        Check("other", "references booked at another boundary than the GPC's", 0.0, float(len(wrong)), "rows", 0.0)
    )
    return out


def _worst(what: str, planned: xr.DataArray, simulated: xr.DataArray, unit: str, tolerance: float) -> Check:
    """The check at the place and year where the two are furthest apart; the largest figure where none differ."""
    a, b = xr.broadcast(planned, simulated)
    gap = np.abs(a.values - b.values).round(12).ravel()
    place = np.unravel_index(int(np.lexsort((np.abs(a.values).ravel(), gap))[-1]), a.shape)
    return Check("other", what, float(a.values[place]), float(b.values[place]), unit, tolerance)
