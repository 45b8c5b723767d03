"""Variables, rules and terms of households: the tariff of electricity, cooling, and relief of rents."""

import numpy as np
import pandas as pd

from mutirao.book import terms as book
from mutirao.justice.homecosts import RELIEF, RENT
from mutirao.model.baseyear import growth
from mutirao.model.homecells import cooling_access
from mutirao.model.planmodel import PlanModel
from mutirao.model.stock import frozen_zero

SOURCE = "Mutirão households model"
STANDING = "standing_charge"
RENT_RELIEF = "households-rent-relief"
TENANTS = pd.Index(["renter"], name="tenure")
#: Heat that also cools: a heat pump runs the other way in summer.
COOLS = "heat.heat_pumps"


def add(model: PlanModel) -> None:
    """Add the tariff of electricity and the relief of rents; call after every system that uses electricity."""
    _standing_charge(model)
    _cooling(model)
    _rent_relief(model)


def _standing_charge(model: PlanModel) -> None:
    """Each home pays a fixed charge, and each kWh costs so much less: the base year's bills stay what they are.

    What is known is the average price, at which every use is billed. The fixed charge is posted for every home and
    given back on every kWh at the base year's rate, so that both cancel over the city in the base year; electricity
    that is new (heat pumps, cars) then costs the price per kWh and no second fixed charge. Gas stays at its average
    price: heat is continuous here, and a gas connection ends only with the last appliance of a home.
    """
    homes = model.base.homes * 1e-3  # million
    used = model.base.electricity["I.1.2"]
    if not used:
        return
    charge = {"electricity_fixed_charge": 1}
    what = {"system": "households", "unit": "M/a", "kind": STANDING, "carrier": "electricity", "basis": "running",
            "gpc": "I.1.2"}  # fmt: skip
    model.post("money", **what, quantity_unit="million homes", payer=book.HOUSEHOLDS, receiver=book.UTILITY,
               coefficient=homes * model.horizon.array(np.ones(len(model.periods))), drivers=charge, source=SOURCE,
               meaning="fixed charge of homes for electricity")  # fmt: skip
    per_unit = float(homes.sum()) / used  # million homes for each GWh
    for t in model.select_terms("energy", carrier="electricity", payer=book.HOUSEHOLDS):
        model.post("money", **(what | {"gpc": t.gpc}), quantity_unit="million homes", payer=book.UTILITY,
                   receiver=book.HOUSEHOLDS, measure=t.measure, variable=t.variable, select=t.select,
                   coefficient=-per_unit * t.coefficient, drivers={**t.drivers, **charge}, source=t.source,
                   meaning=f"fixed charge that the average price holds, {t.meaning}")  # fmt: skip


def _cooling(model: PlanModel) -> None:
    """Homes without cooling that a heat pump reaches, counted by today's heat need of a home."""
    base, h = model.base, model.horizon
    need = sum(base.home_heat.values()) * base.home_weight * growth(model.given("heat_demand_trend"), h)
    today = need.sel(period=h.start, drop=True)
    without = 1.0 - cooling_access(model.city, model.parameters, base)
    homes = (base.homes / today.where(today > 0, 1.0)).where(today > 0, 0.0) * without
    for t in model.select_terms("energy", carrier="home_heat", kind="supply", measure=COOLS):
        model.post("benefit", system="households", kind="cooling", unit="thousand homes",
                   quantity_unit="thousand homes", measure=t.measure, variable=t.variable, select=t.select,
                   coefficient=homes * t.coefficient, drivers=t.drivers, source=SOURCE,
                   meaning="homes that can be cooled and could not before")  # fmt: skip


def _rent_relief(model: PlanModel) -> None:
    """Money of the city that keeps rents from rising for works; it costs more than it pays, so only a rule asks it."""
    rises = [t for t in model.select_terms("money", kind=RENT) if t.measure]
    relief = model.variable(
        RENT_RELIEF, [model.zones, model.groups, TENANTS, model.periods], "M/a",
        "rent for works that the city pays back to tenants", upper=frozen_zero(model),
    )  # fmt: skip
    later = list(model.horizon.decisions)
    rise = model.linear(rises, ("zone", "group", "period"))
    paid = relief.sum("tenure") if rise.expression is None else relief.sum("tenure") - rise.expression
    model.rule("rent-relief-rise", paid.sel(period=later), "<=", rise.given.sel(period=later), unit="M/a")
    what = {"system": "households", "unit": "M/a", "quantity_unit": "M/a", "variable": RENT_RELIEF, "kind": RELIEF,
            "measure": "households.rent_relief", "source": SOURCE}  # fmt: skip
    model.post("money", **what, payer=book.CITY, receiver=book.HOUSEHOLDS, basis="running",
               meaning="rent for works that the city pays back to tenants")  # fmt: skip
    lost = model.given("marginal_cost_of_public_funds") - 1.0 + model.given("rent_relief_overhead")
    model.post("welfare", **what, coefficient=lost,
               meaning="raising the money for rent relief, and handing it out")  # fmt: skip
