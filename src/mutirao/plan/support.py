"""Support that a plan may pay to households, at the marginal cost of public funds."""

import pandas as pd
import xarray as xr

from mutirao.book import terms as book
from mutirao.justice.designation import designated_share
from mutirao.justice.homecosts import SUPPORT
from mutirao.justice.households import low_income
from mutirao.model.planmodel import PlanModel
from mutirao.model.stock import frozen_zero


def add_support(model: PlanModel) -> None:
    """Support from the city to households, at the marginal cost of public funds.

    One level a year for every home it is meant for, in all years alike; and on top, where a rule needs it, an extra
    for a zone and group in a year, which costs more to run. Without the first, it would not matter to the plan who is
    paid and when, and the answer would be an accident of the solver.
    """
    level, extra = "plan-support-level", "plan-support-extra"
    model.variable(level, [pd.Index(["home"], name="each")], "thousand/a", "support for each home it is meant for")
    model.variable(
        extra, [model.zones, model.groups, model.periods], "M/a", "extra support paid to a zone and group",
        upper=frozen_zero(model),
    )  # fmt: skip
    free = model.horizon.array([float(y in model.horizon.decisions) for y in model.horizon.periods])
    homes = meant_for(model) * model.base.homes.sum("tenure") * free
    lost = model.given("marginal_cost_of_public_funds") - 1.0
    what = {
        "system": "plan", "unit": "M/a", "quantity_unit": "M/a", "measure": "plan.support", "kind": SUPPORT,
        "source": "Mutirão plan",
    }  # fmt: skip
    paid = {"payer": book.CITY, "receiver": book.HOUSEHOLDS, "basis": "running"}
    loss = "loss to the economy from raising the money for"
    for name, size, more, words in (
        (level, homes, 0.0, "support at one level for each home"),
        (extra, 1.0, model.given("targeting_overhead"), "extra support where a rule needs it"),
    ):
        model.post("money", **what, **paid, variable=name, coefficient=size, meaning=words)
        model.post("welfare", **what, variable=name, coefficient=size * (lost + more), meaning=f"{loss} {words}")


def meant_for(model: PlanModel) -> xr.DataArray:
    """Share of homes in each zone and group that support is meant for: the designated, else the low-income groups."""
    if model.city.designated is not None:
        return designated_share(model.city.designated, model.base.homes)
    low = low_income(model.city)
    share = [1.0 if g in low or not low else 0.0 for g in model.groups]
    by_group = xr.DataArray(share, coords={"group": list(model.groups)}, dims="group")
    return by_group * xr.ones_like(model.base.homes.sum("tenure"))
