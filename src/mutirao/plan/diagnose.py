"""Why no plan exists, in words: which promises collide and by how much, one lever at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import linopy
import numpy as np
import xarray as xr

from mutirao.book.bundle import Plan
from mutirao.ground.speech import digits, joined, say, word
from mutirao.model.planmodel import FAMILIES, PlanModel
from mutirao.plan.build import Inputs, pledged_model
from mutirao.plan.rules import Rule
from mutirao.plan.solve import NoPlan, run

LEVERS = {
    "path": "weaker targets on the way",
    "neutrality": "a later year of neutrality",
    "carbon_budget": "a larger carbon budget",
    "removals": "more removals",
    "cash_budget": "more money in the yearly budgets",
    "workforce": "faster installation",
    "supply": "faster supply of vehicles and services",
    "fairness": "weaker fairness rules",
}


@dataclass(frozen=True)
class Lever:
    """What one family of limits alone would have to give so that a plan exists; ``enough`` False: it cannot."""

    family: str
    enough: bool
    sentence: str


def levers(inputs: Inputs, rules: Sequence[Rule] = (), reference: Plan | None = None) -> list[Lever]:
    """Relax one family of limits at a time and find the least it must give. One model, one solve per family."""
    model = pledged_model(inputs, rules=rules, reference=reference, relax=FAMILIES)
    present = [f for f in FAMILIES if any(limit.family == f for limit in model.limits.values())]
    return [_try(model, family) for family in present]


def _try(model: PlanModel, family: str) -> Lever:
    total: linopy.LinearExpression | None = None
    for name, slack in model.slacks.items():
        mine = model.limits[name].family == family
        slack.upper = xr.full_like(slack.upper, np.inf if mine else 0.0)
        if mine:
            size = _size(model, name)
            total = (slack * (1.0 / size)).sum() if total is None else total + (slack * (1.0 / size)).sum()
    assert total is not None  # every family that is tried has a limit, hence a slack
    model.lp.add_objective(total, overwrite=True)
    try:
        found = run(model).decisions
    except NoPlan:
        return Lever(family, False, say("Not enough on its own: {lever}.", lever=LEVERS[family]))
    amounts = _amounts(model, family, found)
    said = say("Enough on its own: {lever}, namely {amounts}.", lever=LEVERS[family], amounts=amounts)
    return Lever(family, True, said)


def _size(model: PlanModel, name: str) -> float:
    """Typical size of a limit's right-hand side, so that relative slack is what is minimised."""
    rhs = np.abs(model.lp.constraints[name].rhs.values)
    return float(max(rhs.max(initial=0.0), 1e-3))


def _amounts(model: PlanModel, family: str, found: Mapping[str, xr.DataArray]) -> str:
    """The largest slack of each limit of the family, in words."""
    parts = []
    for name in model.slacks:
        limit = model.limits[name]
        if limit.family != family:
            continue
        value = found[f"slack-{name}"]
        most = float(value.max())
        if most <= 1e-6 * _size(model, name):
            continue
        share = most / _size(model, name)
        given = {
            "amount": digits(most, ",.0f"), "unit": limit.unit, "limit": limit.meaning, "share": digits(share, ".0%"),
        }  # fmt: skip
        if "period" in value.dims:
            others = [d for d in value.dims if d != "period"]
            along = value.max(others) if others else value
            year = int(along.idxmax("period"))
            words = say("{amount} {unit} more by {year} for {limit} (+{share})", year=year, **given)
        else:
            words = say("{amount} {unit} more for {limit} (+{share})", **given)
        parts.append((share, words))
    parts.sort(reverse=True)
    return joined("; ", *(w for _, w in parts[:3])) if parts else word("next to nothing")


def missed(plan: Plan) -> list[str]:
    """Sentences on what a plan with relaxed limits does not keep."""
    out = []
    for row in plan.limits.to_dict("records"):
        if row["missed"] <= 1e-6:
            continue
        slack = plan.decisions[f"slack-{row['limit']}"]
        for year in slack["period"].values if "period" in slack.dims else [None]:
            amount = float(slack.max() if year is None else slack.sel(period=year).max())
            if amount > 1e-6:
                given = {"promise": str(row["meaning"]), "amount": digits(amount, ",.0f"), "unit": str(row["unit"])}
                out.append(
                    say("Not kept: {promise}, missed by {amount} {unit}.", **given)
                    if year is None
                    else say("Not kept in {year}: {promise}, missed by {amount} {unit}.", year=int(year), **given)
                )
    return out
