"""Carbon of heat as products of factors: need x retrofit x who heats with what (x grid)."""

import xarray as xr

from mutirao.book.bundle import Plan
from mutirao.model.wedgeproducts import DEMAND, GRID, Product, by_period, driver, grid_factor, share

RETROFIT, HEATING = "retrofit", "heating"
SECTORS = {
    "home_heat": ("heat-homes", "heat_pump_cop"),
    "commercial_heat": ("heat-commerce", "commercial_heat_pump_cop"),
}


def products(plan: Plan) -> list[Product]:
    """Fuel and electricity of homes and of commerce, kt CO2e."""
    out = []
    for carrier, (variable, cop) in SECTORS.items():
        heat = plan.decisions[variable]
        heat = heat.sum([d for d in heat.dims if d not in ("technology", "period")])
        total = heat.sum("technology")
        need = -by_period(plan, plan.total("energy", carrier=carrier, kind="need").to_dict())
        common = {DEMAND: need, RETROFIT: share(total, need)}
        mix = share(heat, total)
        fuel, electric = _intensity(plan, mix, cop)
        out.append(Product(f"{carrier}, fuel", "basic", common | {HEATING: mix * fuel}))
        out.append(
            Product(f"{carrier}, electricity", "basic", common | {HEATING: mix * electric, GRID: grid_factor(plan)})
        )
    return out


def _intensity(plan: Plan, mix: xr.DataArray, cop: str) -> tuple[xr.DataArray, xr.DataArray]:
    """t CO2e of fuel and MWh of electricity per MWh of heat, by technology and period."""
    d = {n: driver(plan, n) for n in ("gas_emission_factor", "gas_boiler_efficiency", "oil_emission_factor",
                                      "oil_boiler_efficiency", "resistance_efficiency", cop)}  # fmt: skip
    fuel = xr.zeros_like(mix)
    electric = xr.zeros_like(mix)
    fuel.loc[{"technology": "gas_boiler"}] = d["gas_emission_factor"] / d["gas_boiler_efficiency"]
    fuel.loc[{"technology": "oil_boiler"}] = d["oil_emission_factor"] / d["oil_boiler_efficiency"]
    electric.loc[{"technology": "resistance"}] = 1.0 / d["resistance_efficiency"]
    electric.loc[{"technology": "heat_pump"}] = 1.0 / d[cop]
    if "district" in mix["technology"].values:
        used = plan.total("energy", carrier="electricity", system="heat", payer="utility")
        sold = plan.total("energy", carrier="network_heat", kind="supply")
        electric.loc[{"technology": "district"}] = share(
            -by_period(plan, used.to_dict()), by_period(plan, sold.to_dict())
        )
    return fuel, electric
