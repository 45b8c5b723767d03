"""Carbon of unclaimed rows as products of factors: the row with its trend x what is still emitted."""

from mutirao.book.bundle import Plan
from mutirao.model.wedgeproducts import DEMAND, Product, by_period, share

WASTE_AND_OTHER, REMOVALS = "waste and other rows", "removals"


def products(plan: Plan) -> list[Product]:
    """One block for each boundary's rows, and removals."""
    rows = plan.select("carbon", system="other")
    out = []
    for (boundary, gpc, carrier), part in rows[rows["kind"] != "removal"].groupby(["boundary", "gpc", "carrier"]):
        gross = by_period(plan, part[part["kind"] == "row"].groupby("period")["value"].sum().to_dict())
        net = by_period(plan, part.groupby("period")["value"].sum().to_dict())
        factors = {DEMAND: gross, WASTE_AND_OTHER: share(net, gross)}
        out.append(Product(f"row {gpc} {carrier}".strip(), str(boundary), factors))
    removed = rows[rows["kind"] == "removal"].groupby("period")["value"].sum()
    out.append(Product("removals", "removal", {REMOVALS: by_period(plan, removed.to_dict())}))
    return out
