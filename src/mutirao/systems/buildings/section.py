"""What buildings show: homes retrofitted, the heat they need before and after, and who is reached."""

import pandas as pd

from mutirao.book.bundle import Plan
from mutirao.model.figures import Figure, Section

LEVELS = {"light_retrofit": "light retrofit", "deep_retrofit": "deep retrofit"}
MODEL = "Mutirão buildings model"


def section(plan: Plan, reference: Plan) -> Section:
    """Words and figures on retrofits and heat need of a plan, beside a reference plan on the same city."""
    return Section(
        "buildings",
        "Buildings: homes and shops that need less heat",
        (_homes(plan, reference), _commerce(plan), _cost(plan), _assumed(plan)),
        (_retrofits(plan), _need(plan, reference), _groups(plan)),
    )


def _homes(plan: Plan, reference: Plan) -> str:
    last = plan.years[-1]
    count = {level: float(_stock(plan, level).loc[last]) * 1000.0 for level in LEVELS}
    other = sum(float(_stock(reference, level).loc[last]) * 1000.0 for level in LEVELS)
    homes = _facts_homes(plan).sum()
    need = _need_after(plan)
    saved = float(plan.total("energy", carrier="home_heat", kind="saved").get(last, 0.0))
    return (
        f"By {last}, {_n(sum(count.values()))} of {_n(homes)} homes have been retrofitted: "
        f"{_n(count['light_retrofit'])} lightly "
        f"and {_n(count['deep_retrofit'])} deeply; in the plan '{reference.title}' it is {_n(other)}. "
        f"All homes together need {_n(need[last])} GWh of heat in {last} against {_n(need[plan.base_year])} GWh in "
        f"{plan.base_year}; retrofits bring {_n(saved)} GWh of that difference."
    )


def _commerce(plan: Plan) -> str:
    last = plan.years[-1]
    treated = float(plan.decisions["buildings-commercial_retrofit"].sel(period=last))
    need = -plan.total("energy", carrier="commercial_heat", kind="need")[last]
    saved = float(plan.total("energy", carrier="commercial_heat", kind="saved").get(last, 0.0))
    if treated < 0.005 * need:
        return "In this plan practically no commercial building is treated."
    return (
        f"Commercial buildings behind {_n(100.0 * treated / need)} % of the heat need of commerce are treated "
        f"by {last}, "
        f"which saves {_n(saved)} GWh a year."
    )


def _cost(plan: Plan) -> str:
    money = plan.select("money", system="buildings", basis="cash")
    weight = plan.weight("interval")
    paid = (money["value"] * money["period"].map(weight)).groupby(money["kind"]).sum()
    works, grants = float(paid.get("works", 0.0)), float(paid.get("grant", 0.0))
    currency = plan.meta["city"]["currency"]
    if works < 0.5:
        return "Next to nothing is spent on works."
    return (
        f"All works until {plan.years[-1]} cost {_n(works)} million {currency} of {plan.meta['city']['price_year']}; "
        f"state programmes pay {_n(grants)} million of it."
    )


def _assumed(plan: Plan) -> str:
    v = dict(zip(plan.drivers["name"], plan.drivers["value"], strict=True))
    return (
        f"Assumed: a light retrofit lowers the heat a home needs by {_n(100 * v['light_retrofit_saving'])} %, "
        "a deep one by "
        f"{_n(100 * v['deep_retrofit_saving'])} %; people take {_n(100 * v['warmth_takeback'])} % of that as a "
        "warmer home. "
        f"Without works the need changes by {_n(100 * v['heat_demand_trend'])} % a year. Heat is known for the "
        "whole city "
        "only and shared out by floor area and income, so no map of zones is drawn."
    )


def _retrofits(plan: Plan) -> Figure:
    rows = [
        {"year": year, "level": words, "homes": float(_stock(plan, level).loc[year])}
        for level, words in LEVELS.items()
        for year in (plan.base_year, *plan.years)
    ]
    return Figure(
        "buildings-retrofits",
        "Homes retrofitted by level",
        "area",
        pd.DataFrame(rows),
        "year",
        "homes",
        "thousand homes",
        (MODEL, *_sources(plan, "retrofit_rate_max", "retrofit_eligible_share")),
        color="level",
        order=tuple(LEVELS.values()),
        note="Straight lines between the years that the plan decides on.",
    )


def _need(plan: Plan, reference: Plan) -> Figure:
    before = -plan.total("energy", carrier="home_heat", kind="need")
    parts = {
        "without works": before,
        "with this plan": pd.Series(_need_after(plan)),
        f"with '{reference.title}'": pd.Series(_need_after(reference)),
    }
    table = pd.concat(
        [pd.DataFrame({"year": s.index, "case": case, "heat": s.to_numpy()}) for case, s in parts.items()]
    )
    sources = (
        f"Inventory of {plan.base_year}",
        MODEL,
        *_sources(plan, "light_retrofit_saving", "deep_retrofit_saving"),
    )
    return Figure(
        "buildings-need",
        "Heat that homes need",
        "line",
        table.reset_index(drop=True),
        "year",
        "heat",
        "GWh a year",
        sources,
        color="case",
    )


def _groups(plan: Plan) -> Figure:
    """Share of each income group's homes that is retrofitted in the last year, by level."""
    last, homes = plan.years[-1], _facts_homes(plan)
    names = {str(g["id"]): str(g["name"]) for g in plan.meta["city"]["groups"]}
    rows = []
    for level, words in LEVELS.items():
        done = plan.decisions[f"buildings-{level}"].sel(period=last).sum(["zone", "tenure"]).to_series() * 1000.0
        rows += [
            {"group": names.get(str(g), "all households"), "level": words, "share": 100.0 * done[g] / homes[g]}
            for g in done.index
            if homes[g] > 0
        ]
    return Figure(
        "buildings-groups",
        f"Share of homes retrofitted by {last}, by household income",
        "stacked_bar",
        pd.DataFrame(rows),
        "group",
        "share",
        "% of the group's homes",
        (MODEL, "Households of the city's tables"),
        color="level",
        order=tuple(names.values()),
    )


def _stock(plan: Plan, level: str) -> pd.Series:
    """Homes at a level by period, thousand."""
    return plan.decisions[f"buildings-{level}"].sum(["zone", "group", "tenure"]).to_series()


def _need_after(plan: Plan) -> dict[int, float]:
    after = -plan.total("energy", system="buildings", carrier="home_heat")
    return {int(str(y)): float(v) for y, v in after.items()}


def _facts_homes(plan: Plan) -> pd.Series:
    rows = plan.facts[plan.facts["name"] == "households"]
    return rows.groupby("group")["value"].sum()


def _sources(plan: Plan, *names: str) -> tuple[str, ...]:
    """Where figures of the model are from, one text each."""
    rows = plan.drivers.set_index("name")
    return tuple(n.replace("_", " ") + ": " + str(rows.loc[n, "source"]) for n in names)


def _n(value: float) -> str:
    """A figure with two significant digits, thousands set apart."""
    rounded = float(f"{value:.2g}")
    return f"{rounded:,.0f}".replace(",", " ") if abs(rounded) >= 10 or rounded == 0 else f"{rounded:g}"
