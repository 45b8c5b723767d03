"""Carbon of mobility as products of factors: demand x driving less x electric share (x grid)."""

import xarray as xr

from mutirao.book.bundle import Plan
from mutirao.model.wedgeproducts import DEMAND, GRID, Product, driver, grid_factor, share

LESS, ELECTRIC = "driving less", "electric vehicles"
FLEETS = {"residents": "car", "visitors": "car", "heavy": "heavy"}
MODES = ("transit", "walking_cycling")


def products(plan: Plan) -> list[Product]:
    """Burnt fuel and charging of residents, visitors and heavy vehicles, kt CO2e."""
    out = []
    shift = plan.decisions["mobility-shift"]
    reach = xr.DataArray([driver(plan, f"{m}_reduction_max") for m in MODES], coords={"mode": list(MODES)}, dims="mode")
    taken = (shift * reach).sum("mode")
    for name, kind in FLEETS.items():
        km = plan.decisions[f"mobility-{name}"]
        km = km.sum([d for d in km.dims if d not in ("drive", "period")])
        driven = km.sum("drive")
        left = 1.0 - taken if kind == "car" else 0.0 * taken + 1.0
        demand = driven / left
        mix = share(km, driven)
        factor = driver(plan, "combustion_emission_factor" if kind == "car" else "heavy_emission_factor")
        use = driver(plan, "electric_car_use" if kind == "car" else "electric_heavy_use")
        common = {DEMAND: demand, LESS: left}
        burnt = common | {ELECTRIC: mix.sel(drive="combustion", drop=True) * factor}
        charged = common | {ELECTRIC: mix.sel(drive="electric", drop=True) * use, GRID: grid_factor(plan)}
        out += [Product(f"{name}, fuel", "basic", burnt), Product(f"{name}, charging", "basic", charged)]
    return out
