"""Tables that chapters show, each a plain function of solved plans."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from mutirao.book import terms as book
from mutirao.book.bundle import Plan
from mutirao.justice.outcomes import ZONES_DIFFER
from mutirao.report import names

#: Families of limits that hold the emissions of single years to the pledge, and all that hold emissions.
YEARLY_PLEDGE = ("path", "neutrality")
PLEDGE = (*YEARLY_PLEDGE, "carbon_budget")
CELL = ("zone", "group", "tenure")


def boundaries(plan: Plan) -> list[str]:
    """Boundaries that the pledge binds, with removals."""
    return [*plan.meta["city"]["pledge"]["boundaries"], "removal"]


def emissions(plan: Plan) -> pd.Series:
    """Net emissions under the pledge by period, kt CO2e a year."""
    periods = [plan.base_year, *plan.years]
    return plan.carbon(boundaries(plan)).reindex(periods).fillna(0.0)


def cumulative(plan: Plan, series: pd.Series) -> float:
    """Sum over the plan's years, straight lines between milestones."""
    return float((series * plan.weight("year_weight")).fillna(0.0).sum())


def discounted(plan: Plan, series: pd.Series) -> float:
    """Discounted sum over the plan's years."""
    return float((series * plan.weight("discount_weight")).fillna(0.0).sum())


def cost(plan: Plan) -> tuple[float, float]:
    """Discounted payments to the outside, and valued effects beside money (welfare), million currency."""
    return discounted(plan, plan.net_payments(book.INSIDE)), discounted(plan, plan.total("welfare"))


def path(plan: Plan) -> pd.DataFrame:
    """The pledge as a staircase: x (year), y (kt CO2e a year)."""
    steps = {int(y): float(v) for y, v in plan.meta["path"].items()}
    return pd.DataFrame({"x": list(steps), "y": list(steps.values())}).sort_values("x", ignore_index=True)


def missed(plan: Plan) -> pd.DataFrame:
    """Limits that the plan breaks: limit, family, meaning, unit, missed."""
    return plan.limits[plan.limits["missed"] > 1e-3]


def penalty(plan: Plan) -> float:
    """What a tonne above the pledge is charged where no plan keeps it, currency per t CO2e; infinite if unknown."""
    found = plan.drivers.loc[plan.drivers["name"] == "shortfall_price", "value"]
    return float(found.iloc[0]) if len(found) else float("inf")


def carbon_price(plan: Plan) -> pd.DataFrame:
    """Price of one more tonne under the pledge: year, price (currency per t CO2e), penalty (True where missed)."""
    rows = plan.duals[plan.duals["family"].isin(YEARLY_PLEDGE) & plan.duals["period"].isin(plan.years)]
    out = pd.DataFrame({"year": rows["period"].astype(int), "price": rows["price"] * 1e3})
    out["penalty"] = (out["price"] >= 0.995 * penalty(plan)) & rows["limit"].isin(missed(plan)["limit"])
    out = out.sort_values("year")
    return out.reset_index(drop=True)


def payers(plan: Plan, view: str = "annuity") -> pd.DataFrame:
    """Net payments by party and milestone: party, year, value (million currency a year)."""
    money = plan.select("money", basis=["running", view])
    paid = money.groupby(["payer", "period"])["value"].sum()
    got = money.groupby(["receiver", "period"])["value"].sum()
    net = paid.rename_axis(["party", "year"]).sub(got.rename_axis(["party", "year"]), fill_value=0.0)
    table = net.rename("value").reset_index()
    table = table[table["party"].isin(book.INSIDE) & table["year"].isin(plan.years)]
    table = table[table.groupby("party")["value"].transform(lambda v: v.abs().max()) > 0.0]
    order = {p: i for i, p in enumerate(book.INSIDE)}
    table = table.sort_values(["party", "year"], key=lambda s: s.map(order) if s.name == "party" else s)
    return table.assign(party=table["party"].map(names.party)).reset_index(drop=True)


def payers_change(plan: Plan, reference: Plan, view: str = "annuity") -> pd.DataFrame:
    """Total of the plan and what it adds to the reference: party, year, total, change (million currency a year)."""
    both = payers(plan, view).merge(payers(reference, view), on=["party", "year"], how="outer", suffixes=("", "_ref"))
    both = both.fillna({"value": 0.0, "value_ref": 0.0})
    both["change"] = both["value"] - both["value_ref"]
    order = {names.party(p): i for i, p in enumerate(book.INSIDE)}
    both = both.sort_values(["party", "year"], key=lambda s: s.map(order) if s.name == "party" else s)
    return both.rename(columns={"value": "total"})[["party", "year", "total", "change"]].reset_index(drop=True)


def uses(plan: Plan) -> pd.Series:
    """Investment by kind, summed over the plan's years, million currency (cash, before grants)."""
    rows = plan.select("money", basis="cash", receiver=list(book.OUTSIDE), payer=list(book.INSIDE))
    return _summed(plan, rows, "kind")


def funds(plan: Plan) -> pd.Series:
    """Who brings the money for the investment: own spending of each party, grants with whoever gives them."""
    rows = plan.select("money", basis="cash")
    out = _summed(plan, rows[rows["payer"].isin(book.INSIDE)], "payer")
    back = _summed(plan, rows[rows["receiver"].isin(book.INSIDE)], "receiver")
    return out.sub(back, fill_value=0.0)


def _summed(plan: Plan, rows: pd.DataFrame, label: str) -> pd.Series:
    weight = rows["period"].map(plan.weight("year_weight")).fillna(0.0)
    return (rows["value"] * weight).groupby(rows[label]).sum()


def both_sides(plan: Plan, reference: Plan) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Sources and uses of funds, each: name, total, reference, extra (million currency over the plan's years)."""
    out = []
    for take, word in ((funds, names.party), (uses, names.kind)):
        table = pd.DataFrame({"total": take(plan), "reference": take(reference)}).fillna(0.0)
        table["extra"] = table["total"] - table["reference"]
        table = table[table[["total", "reference"]].abs().max(axis=1) > 1e-6]
        table = table.sort_values("total", ascending=False)
        table.insert(0, "name", [word(str(i)) for i in table.index])
        out.append(table.reset_index(drop=True))
    return out[0], out[1]


def zone_emissions(plan: Plan) -> pd.DataFrame:
    """Emissions that the pledge binds by zone (rows) and milestone (columns), kt CO2e a year, removals included."""
    bound = [*plan.meta["city"]["pledge"]["boundaries"], "removal"]
    wide = plan.carbon(bound, ("zone", "period")).unstack().fillna(0.0)
    wide.columns = [str(y) for y in wide.columns]
    order = [str(z["zone"]) for z in plan.meta["city"]["zones"]]
    rest = [z for z in wide.index if z not in order]
    return wide.reindex([z for z in order if z in wide.index] + rest).reset_index()


def incomes(plan: Plan) -> pd.Series:
    """Mean income of a household by group, weighted by homes where zones state it; empty when it is unknown."""
    rows = plan.facts[plan.facts["name"] == "household_income"]
    weight = homes(plan).groupby(["zone", "group"]).sum()
    if rows.empty or (rows["zone"] == "CITY").all():
        return rows.set_index("group")["value"]
    value = rows.set_index(["zone", "group"])["value"]
    return (value * weight).groupby("group").sum() / weight.groupby("group").sum()


def homes(plan: Plan) -> pd.Series:
    """Households by zone, group and tenure."""
    rows = plan.facts[plan.facts["name"] == "households"]
    return rows.groupby(list(CELL))["value"].sum()


def people(plan: Plan) -> float:
    """Inhabitants of the city."""
    return float(plan.facts.loc[plan.facts["name"] == "population", "value"].sum())


def household_bill(plan: Plan, by: str = "group") -> pd.DataFrame:
    """Yearly net payments per household (currency), index ``by`` (group or tenure), one column a milestone.

    By tenure, what is booked without a tenure (cars, fares) is left out, for nobody knows whose it is.
    """
    count = homes(plan).groupby(by).sum()
    paid = plan.net_payments((book.HOUSEHOLDS,), (by, "period")).unstack("period").fillna(0.0)
    every = list(count.index)
    shared = paid.loc["ALL"] if by == "group" and "ALL" in paid.index and "ALL" not in every else None
    paid = paid.reindex(every)[[y for y in plan.years if y in paid]].fillna(0.0)
    if shared is not None:
        each = np.outer(count / count.sum(), shared[paid.columns].to_numpy(float))
        paid = paid + pd.DataFrame(each, paid.index, paid.columns)
    return paid.div(count, axis=0).mul(1e6)


def household_change(plan: Plan, reference: Plan, by: str = "group") -> pd.DataFrame:
    """Change of yearly net payments per household against a reference: columns ``by``, year, value."""
    table = household_bill(plan, by) - household_bill(reference, by)
    long = table.reset_index().melt(id_vars=by, var_name="year", value_name="value")
    return long.astype({"year": int})


def cells(plan: Plan, rows: pd.DataFrame | None = None) -> pd.DataFrame:
    """Net payments of households by zone, group and tenure, one column a milestone, million currency a year.

    What is booked to a group without tenure, or to the whole city, is shared out evenly over the homes it covers:
    a view for reading, never an input to a rule. ``rows`` of the book may be given; else the annuity view is used.
    """
    count = homes(plan)
    rows = _household_rows(plan) if rows is None else rows
    paid = rows.pivot_table(index=list(CELL), columns="period", values="paid", aggfunc="sum", fill_value=0.0)
    paid = paid.reindex(columns=plan.years).fillna(0.0)
    values = np.zeros((len(count), len(paid.columns)))
    homes_of = count.reset_index(name="homes")
    places = paid.reset_index()
    # Eight ways to be booked: with or without zone, group and tenure. Each is joined on what it names.
    whole = np.stack([places[label] == word for label, word in book.CITY_WIDE.items()], axis=1)
    for way in np.unique(whole, axis=0):
        named = [label for label, absent in zip(CELL, way, strict=True) if not absent]
        part = places[(whole == way).all(axis=1)].drop(columns=[x for x in CELL if x not in named])
        if named:
            covered = homes_of.groupby(named)["homes"].transform("sum")
            joined = homes_of[named].merge(part, on=named, how="left")[paid.columns].fillna(0.0)
        else:
            covered = pd.Series(float(count.sum()), index=homes_of.index)
            joined = part[paid.columns].sum().to_frame().T.loc[[0] * len(homes_of)]
        share = (homes_of["homes"] / covered.where(covered > 0, 1.0)).to_numpy()
        values += share[:, None] * joined.to_numpy()
    return pd.DataFrame(values, count.index, paid.columns)


def _household_rows(plan: Plan) -> pd.DataFrame:
    """Money rows that households pay (paid > 0) or receive (paid < 0), annuity view."""
    money = plan.select("money", basis=["running", "annuity"])
    paid = money[money["payer"] == book.HOUSEHOLDS]
    got = money[money["receiver"] == book.HOUSEHOLDS]
    return pd.concat([paid.assign(paid=paid["value"]), got.assign(paid=-got["value"])])


def spread(bill: pd.DataFrame, count: pd.Series) -> float:
    """Largest relative difference between zones of a bill per home, among homes of one group and tenure."""
    lived = count[count > 0.5]
    each = bill.reindex(lived.index).div(lived, axis=0).groupby(["group", "tenure"])
    mean = each.mean().abs()
    return float(((each.max() - each.min()) / mean.where(mean > 1e-12)).max().max())


def zone_change(plan: Plan, reference: Plan, year: int) -> pd.DataFrame:
    """Change per household by zone: name, longitude, latitude, value (currency a year).

    Kinds of payment that do not differ between zones in the reference are shared out evenly over like homes first.
    """
    count = homes(plan)
    after, before = _household_rows(plan), _household_rows(reference)
    change = pd.Series(0.0, index=count.index)
    for key in sorted(
        {*zip(after["system"], after["kind"], strict=True), *zip(before["system"], before["kind"], strict=True)}
    ):
        one = [
            cells(p, rows[(rows["system"] == key[0]) & (rows["kind"] == key[1])])
            for p, rows in ((plan, after), (reference, before))
        ]
        moved = one[0][year] - one[1][year]
        if not spread(one[1], count) > ZONES_DIFFER:
            like = ["group", "tenure"]
            moved = count * moved.groupby(like).transform("sum") / count.groupby(like).transform("sum")
        change = change + moved.fillna(0.0)
    by_zone = change.groupby("zone").sum() / count.groupby("zone").sum() * 1e6
    zones = pd.DataFrame(plan.meta["city"]["zones"])
    zones["value"] = zones["zone"].map(by_zone)
    return zones.dropna(subset=["value", "longitude", "latitude"])[["name", "longitude", "latitude", "value"]]


def inventory(plan: Plan) -> pd.DataFrame:
    """The book's base and first plan year by GPC reference: boundary, gpc, source, base, first (kt CO2e)."""
    first = plan.years[0]
    table = plan.total("carbon", ("boundary", "gpc", "period")).unstack("period").fillna(0.0)
    table = table.reindex(columns=[plan.base_year, first]).fillna(0.0)
    table = table[table.abs().max(axis=1) > 1e-9].reset_index()
    table.columns = pd.Index(["boundary", "gpc", "base", "first"])
    table = table[table["gpc"] != ""]
    table.insert(2, "source", [names.gpc(str(g)) for g in table["gpc"]])
    return table.sort_values("base", ascending=False, ignore_index=True)


def benefits(plans: Mapping[str, Plan]) -> pd.DataFrame:
    """Benefits of each plan by kind and milestone: plan, kind, unit, year, value."""
    rows = []
    for name, plan in plans.items():
        found = plan.total("benefit", ("kind", "unit", "period")).rename("value").reset_index()
        rows.append(found[found["period"].isin(plan.years)].rename(columns={"period": "year"}).assign(plan=name))
    return pd.concat(rows, ignore_index=True)[["plan", "kind", "unit", "year", "value"]]


def measure_shares(plan: Plan) -> pd.DataFrame:
    """Share of its potential that each measure reaches: measure, meaning, power, one column a decision year."""
    later = [y for y in plan.years if y > plan.years[0]]
    wide = plan.measures[plan.measures["period"].isin(later)].pivot_table(
        index="measure", columns="period", values="share", sort=False
    )
    info = plan.measures.drop_duplicates("measure").set_index("measure")[["meaning", "power"]]
    out = info.join(wide).reset_index()
    out.columns = pd.Index([str(c) for c in out.columns])
    return out
