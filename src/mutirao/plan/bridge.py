"""From the inventory's year to the first plan year: what moved each reference, stated and printed."""

import pandas as pd

from mutirao.book.bundle import Plan


def bridge(plan: Plan) -> pd.DataFrame:
    """Base year -> first plan year by GPC reference: gpc, base, growth, grid, first_year (kt CO2e a year).

    growth : demand and trend at the base year's grid factor. grid : the change of the grid factor at the first
    year's demand. No measure is taken between the two: nothing was observed, so nothing is assumed.
    """
    first = plan.years[0]
    factor = {int(y): float(v) for y, v in plan.meta["grid_factor"].items()}
    rows = plan.select("carbon", boundary=["basic", "basic+", "basic+s3", "territorial"])
    by_gpc = rows.groupby(["gpc", "period"])["value"].sum().unstack(fill_value=0)
    electric = rows[rows["carrier"] == "electricity"].groupby(["gpc", "period"])["value"].sum().unstack(fill_value=0)
    out = pd.DataFrame({"base": by_gpc[plan.base_year], "first_year": by_gpc[first]})
    moved = (
        electric[first] * (1.0 - factor[plan.base_year] / factor[first]) if factor[first] else -electric[plan.base_year]
    )
    out["grid"] = moved.reindex(out.index).fillna(0.0)
    out["growth"] = out["first_year"] - out["base"] - out["grid"]
    return out.reset_index()[["gpc", "base", "growth", "grid", "first_year"]]
