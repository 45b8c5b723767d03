"""Carbon of power as products of factors: uses that no other block counts, and rooftop sun."""

from mutirao.book.bundle import Plan
from mutirao.model.wedgeproducts import DEMAND, GRID, Product, by_period, grid_factor

SUN = "rooftop sun and batteries"


def products(plan: Plan) -> list[Product]:
    """Appliances and other grid rows x grid; own sun less exports and what batteries lose x grid."""
    grid = grid_factor(plan)
    energy = plan.select("energy", carrier="electricity")
    plain = energy[energy["kind"].isin(["appliances", "use"])].groupby("period")["value"].sum()
    made = energy[energy["kind"] == "sun"].groupby("period")["value"].sum()
    given = energy[energy["kind"] == "export"].groupby("period")["value"].sum()
    stored = energy[energy["kind"] == "battery"].groupby("period")["value"].sum()
    own = -by_period(plan, made.to_dict()) - by_period(plan, given.to_dict()) - by_period(plan, stored.to_dict())
    return [
        Product("light, appliances and machines", "basic", {DEMAND: -by_period(plan, plain.to_dict()), GRID: grid}),
        Product("rooftop sun and batteries", "basic", {SUN: own, GRID: grid}),
    ]
