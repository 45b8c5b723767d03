"""Fairness rules that people set, as rows of a plan, and the support that a plan may pay to households."""

from dataclasses import dataclass

import linopy
import pandas as pd
import xarray as xr

from mutirao.book import terms as book
from mutirao.book.bundle import Plan
from mutirao.city.folder import City
from mutirao.justice.households import low_income
from mutirao.model.planmodel import PlanModel, add_up
from mutirao.model.stock import frozen_zero

NO_WORSE, SHARE = "no_low_income_worse_off", "benefit_share"
WORDS = {
    NO_WORSE: "no low-income group in any zone pays more in any milestone year than under business as adopted",
    SHARE: "designated homes get at least their share of what households gain over the whole plan",
}


@dataclass(frozen=True)
class Rule:
    """A rule that is on, with who set it."""

    name: str
    words: str
    set_by: str
    date: str
    how: str
    share: float | None = None


def rules_in_force(city: City, without: tuple[str, ...] = ()) -> tuple[list[Rule], list[str]]:
    """Rules that are on, and one sentence for each that is off and why."""
    found, off = [], []
    for name in (NO_WORSE, SHARE):
        setting = city.settings.rules.get(name)
        if setting is None or not setting.on or name in without:
            off.append(
                f"Rule '{name}' is off: " + ("left out of this run." if name in without else "city.toml sets it so.")
            )
        elif name == NO_WORSE and not low_income(city):
            off.append(f"Rule '{name}' is off: no income group is marked as low in city.toml.")
        elif name == SHARE and (city.settings.designation is None or city.designated is None):
            off.append(
                f"Rule '{name}' is off: nobody has designated homes (designated.csv with its author in city.toml)."
            )
        else:
            found.append(Rule(name, WORDS[name], setting.set_by, str(setting.date), setting.how, setting.share))
    return found, off


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
        "system": "plan", "unit": "M/a", "quantity_unit": "M/a", "measure": "plan.support", "kind": "support",
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
        return designated_share(model)
    low = low_income(model.city)
    share = [1.0 if g in low or not low else 0.0 for g in model.groups]
    by_group = xr.DataArray(share, coords={"group": list(model.groups)}, dims="group")
    return by_group * xr.ones_like(model.base.homes.sum("tenure"))


def household_cost(model: PlanModel) -> tuple[linopy.LinearExpression, xr.DataArray]:
    """What households pay less what they receive, on the annuity view, by zone, group and period."""
    keep = ("zone", "group", "period")
    views = ("running", "annuity")
    paid = model.linear(model.select_terms("money", payer=book.HOUSEHOLDS, basis=views), keep)
    got = model.linear(model.select_terms("money", receiver=book.HOUSEHOLDS, basis=views), keep, sign=-1.0)
    assert paid.expression is not None
    assert got.expression is not None
    return add_up([paid.expression, got.expression]), paid.given + got.given


def household_cost_of(plan: Plan) -> pd.Series:
    """The same figure of a solved plan, million CUR a year by zone, group and period."""
    return plan.net_payments((book.HOUSEHOLDS,), ("zone", "group", "period"))


def reference_cost(model: PlanModel, reference: Plan) -> xr.DataArray:
    """Household cost of the reference plan on the model's zones, groups and periods."""
    series = household_cost_of(reference)
    full = pd.MultiIndex.from_product([model.zones, model.groups, model.periods], names=["zone", "group", "period"])
    values = series.reindex(full).fillna(0.0).to_numpy().reshape(len(model.zones), len(model.groups), -1)
    coords = {"zone": list(model.zones), "group": list(model.groups), "period": list(model.periods)}
    return xr.DataArray(values, coords=coords, dims=("zone", "group", "period"))


def designated_share(model: PlanModel) -> xr.DataArray:
    """Share of homes that are designated, by zone and group: the highest matching row, weighted by tenure."""
    homes = model.base.homes
    share = xr.zeros_like(homes)
    assert model.city.designated is not None
    for row in model.city.designated.to_dict("records"):
        here = xr.ones_like(homes, dtype=bool)
        for dim in ("zone", "group", "tenure"):
            word = str(row.get(dim) or "").strip()
            if word:
                here = here & (homes[dim] == word)
        share = share.where(~here, share.clip(min=float(row["share"])))
    total = homes.sum("tenure")
    return (share * homes).sum("tenure") / total.where(total > 0, 1.0)


def add_rules(model: PlanModel, rules: list[Rule], reference: Plan) -> None:
    """Add the rules as limits against the reference plan (business as adopted)."""
    cost, given = household_cost(model)
    before = reference_cost(model, reference)
    later = list(model.horizon.decisions)
    for rule in rules:
        if rule.name == NO_WORSE:
            low = low_income(model.city)
            allowed = (before - given).sel(group=low, period=later)
            model.limit(
                f"rule-{NO_WORSE}", "fairness", cost.sel(group=low, period=later), "<=", allowed,
                unit="M/a", meaning=rule.words,
            )  # fmt: skip
        else:
            _benefit_share(model, rule, cost, before - given)


def _benefit_share(model: PlanModel, rule: Rule, cost: linopy.LinearExpression, before: xr.DataArray) -> None:
    """Designated homes' gain >= share x everyone's gain, and never below zero when all together lose.

    gain = household cost of the reference less that of the plan, discounted over the horizon. A share of a
    negative total would misread as fair, so the total enters through ``plan-gain`` >= max(total, 0).
    """
    weight = model.horizon.discount_weight
    part = designated_share(model)
    dims = ["zone", "group", "period"]
    gain = model.variable("plan-gain", [pd.Index(["all"], name="who")], "M", "what all households gain, if they gain")
    total = float((before * weight).sum())
    everyone = (cost * weight).sum(dims)
    model.rule("plan-gain-row", gain.sum("who") + everyone, ">=", total, unit="M")
    theirs = (cost * (weight * part)).sum(dims)
    share = rule.share if rule.share is not None else 0.4
    model.limit(
        f"rule-{SHARE}", "fairness", -1.0 * theirs - gain.sum("who") * share, ">=",
        -float((before * weight * part).sum()), unit="M", meaning=rule.words,
    )  # fmt: skip
