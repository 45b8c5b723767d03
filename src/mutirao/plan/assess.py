"""The city's own plan judged: what its actions achieve, who pays, what is unfunded or out of its hands."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mutirao.book import terms as book
from mutirao.book.bundle import Plan
from mutirao.city.actions import Action
from mutirao.plan.actions import adopted, shares, why_not_modelled
from mutirao.plan.build import Inputs, give, given_model
from mutirao.plan.inputs import declared_measures
from mutirao.plan.solve import closest_plan


@dataclass(frozen=True)
class Assessment:
    """What `mutirao assess` says.

    gap : year, pledge, adopted, gap (kt CO2e a year). payers : party, no_action, adopted, difference (million CUR,
    discounted over the plan). groups : group, difference (CUR per household and year, by milestone).
    actions : every action with tonnes avoided a year (kt) at the first and last milestone, or why it is not
    modelled. add_or_drop : what the optimiser would add or drop.
    """

    gap: pd.DataFrame
    payers: pd.DataFrame
    groups: pd.DataFrame
    actions: pd.DataFrame
    unfunded_kt: float
    unknown_funding_kt: float
    outside_city_kt: float
    at_year: int
    add_or_drop: pd.DataFrame


def assess(inputs: Inputs, none: Plan, as_adopted: Plan, optimised: Plan | None) -> Assessment:
    """Fix the city's own actions, optimise nothing, and say what they do; compare with a plan if there is one."""
    table = action_tonnes(inputs, none)
    year = inputs.horizon.end
    modelled = table[table["modelled"]]
    tonnes = modelled[f"kt_{year}"].astype(float)
    funded = modelled["funded_share"].astype(float)
    return Assessment(
        gap_to_pledge(as_adopted, inputs.city.settings.pledge.boundaries),
        payers(none, as_adopted),
        household_change(none, as_adopted),
        table,
        float((tonnes * (1.0 - funded)).fillna(0.0).sum()),
        float(tonnes[funded.isna()].sum()),
        float(tonnes[modelled["power"] != "city"].sum()),
        year,
        add_or_drop(as_adopted, optimised) if optimised is not None else pd.DataFrame(),
    )


def gap_to_pledge(plan: Plan, boundaries: Sequence[str]) -> pd.DataFrame:
    """Pledged and reached emissions for each calendar year from the first plan year."""
    reached = plan.yearly(plan.carbon([*boundaries, "removal"]))
    caps = {int(y): v for y, v in plan.meta["path"].items()}
    pledge = [caps[max(k for k in caps if k <= y)] if min(caps) <= y else np.nan for y in reached.index]
    out = pd.DataFrame({"year": reached.index, "pledge": pledge, "adopted": reached.to_numpy()})
    out["gap"] = (out["adopted"] - out["pledge"]).clip(lower=0.0)
    return out


def payers(none: Plan, plan: Plan) -> pd.DataFrame:
    """Discounted net payments of each inside party in both plans, million CUR."""
    weight = plan.weight("discount_weight")
    rows = []
    for party in book.INSIDE:
        before, after = (float((p.net_payments((party,)) * weight).fillna(0.0).sum()) for p in (none, plan))
        if before or after:
            rows.append({"party": party, "no_action": before, "adopted": after, "difference": after - before})
    return pd.DataFrame(rows)


def household_change(before: Plan, after: Plan) -> pd.DataFrame:
    """Change of a household's yearly net payments by group and milestone, CUR a year."""
    homes = after.facts[after.facts["name"] == "households"].groupby("group")["value"].sum()
    by = ("group", "period")
    change = after.net_payments((book.HOUSEHOLDS,), by).sub(before.net_payments((book.HOUSEHOLDS,), by), fill_value=0)
    table = change.rename("difference").reset_index()
    table = table[table["period"].isin(after.years)]
    table["difference"] *= 1e6 / table["group"].map(homes)
    return table


def action_tonnes(inputs: Inputs, none: Plan) -> pd.DataFrame:
    """Every action of the city, in the order of its file, with what each adds to those before it, kt CO2e a year.

    Adopted actions are added one at a time, so the column sums to what they do together; proposals come after.
    """
    measures = declared_measures(inputs.systems)
    first, last = inputs.horizon.decisions[0], inputs.horizon.end
    boundaries = (*inputs.city.settings.pledge.boundaries, "removal")
    model = given_model(inputs, {})
    done: list[Action] = []
    before = none.carbon(boundaries)
    rows = []
    proposed = [a for a in inputs.city.actions if a.status != "adopted"]
    for action in [*adopted(inputs.city.actions), *proposed]:
        why = why_not_modelled(action, measures)
        row = {
            "action": action.action, "measure": action.measure, "owner": action.owner, "power": action.power,
            "status": action.status, "funding": action.funding, "funded_share": action.funded_share,
            "source": action.source, "modelled": not why, "why": why, f"kt_{first}": np.nan, f"kt_{last}": np.nan,
        }  # fmt: skip
        if not why:
            done.append(action)
            give(model, shares(done, measures, inputs.horizon))
            after = closest_plan(model, "adopted", "some of the city's actions").carbon(boundaries)
            row |= {f"kt_{y}": float(before[y] - after[y]) for y in (first, last)}
            before = after
        rows.append(row)
    columns = ["action", "measure", "owner", "power", "status", "funding", "funded_share", "source", "modelled", "why"]
    table = pd.DataFrame(rows, columns=[*columns, f"kt_{first}", f"kt_{last}"])
    return table.astype({"modelled": bool})


def add_or_drop(as_adopted: Plan, plan: Plan) -> pd.DataFrame:
    """What the optimiser would do beyond, or less than, what is adopted: share of each measure at the horizon's end."""
    end = plan.years[-1]
    pick = ["measure", "meaning", "share", "power"]
    mine = as_adopted.measures[as_adopted.measures["period"] == end][pick]
    best = plan.measures[plan.measures["period"] == end][["measure", "share"]]
    table = mine.merge(best, on="measure", suffixes=("_adopted", "_plan"))
    table = table.rename(columns={"share_adopted": "adopted_share", "share_plan": "plan_share"})
    table["difference"] = table["plan_share"] - table["adopted_share"]
    table["words"] = np.select(
        [table["difference"] > 0.005, table["difference"] < -0.005], ["add", "less is enough"], "as adopted"
    )
    return table.sort_values("difference", ascending=False, ignore_index=True)
