"""What buildings show: homes retrofitted, the heat they need before and after, and who is reached."""

import pandas as pd

from mutirao.book.bundle import Plan
from mutirao.ground.speech import say, together, word
from mutirao.justice.incomegroups import group_name
from mutirao.model.figures import Figure, Section, sources_of, two_digits

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
    need = _need_after(plan)
    saved = float(plan.total("energy", carrier="home_heat", kind="saved").get(last, 0.0))
    return together(
        say(
            "By {year}, {done} of {homes} homes have been retrofitted: {light} lightly and {deep} deeply; in the plan "
            "'{plan}' it is {other}.",
            year=last,
            done=two_digits(sum(count.values())),
            homes=two_digits(_facts_homes(plan).sum()),
            light=two_digits(count["light_retrofit"]),
            deep=two_digits(count["deep_retrofit"]),
            plan=reference.title,
            other=two_digits(other),
        ),
        say(
            "All homes together need {then} GWh of heat in {year} against {now} GWh in {first}; retrofits bring "
            "{saved} GWh of that difference.",
            then=two_digits(need[last]),
            year=last,
            now=two_digits(need[plan.base_year]),
            first=plan.base_year,
            saved=two_digits(saved),
        ),
    )


def _commerce(plan: Plan) -> str:
    last = plan.years[-1]
    treated = float(plan.decisions["buildings-commercial_retrofit"].sel(period=last))
    need = -plan.total("energy", carrier="commercial_heat", kind="need")[last]
    saved = float(plan.total("energy", carrier="commercial_heat", kind="saved").get(last, 0.0))
    if treated < 0.005 * need:
        return word("In this plan practically no commercial building is treated.")
    return say(
        "Commercial buildings behind {share} % of the heat need of commerce are treated by {year}, which saves "
        "{saved} GWh a year.",
        share=two_digits(100.0 * treated / need),
        year=last,
        saved=two_digits(saved),
    )


def _cost(plan: Plan) -> str:
    money = plan.select("money", system="buildings", basis="cash")
    weight = plan.weight("interval")
    paid = (money["value"] * money["period"].map(weight)).groupby(money["kind"]).sum()
    works, grants = float(paid.get("works", 0.0)), float(paid.get("grant", 0.0))
    if works < 0.5:
        return word("Next to nothing is spent on works.")
    return say(
        "All works until {year} cost {works} million {currency} of {price_year}; state programmes pay {grants} "
        "million of it.",
        year=plan.years[-1],
        works=two_digits(works),
        currency=plan.meta["city"]["currency"],
        price_year=plan.meta["city"]["price_year"],
        grants=two_digits(grants),
    )


def _assumed(plan: Plan) -> str:
    v = dict(zip(plan.drivers["name"], plan.drivers["value"], strict=True))
    return together(
        say(
            "Assumed: a light retrofit lowers the heat a home needs by {light} %, a deep one by {deep} %; people take "
            "{warmth} % of that as a warmer home.",
            light=two_digits(100 * v["light_retrofit_saving"]),
            deep=two_digits(100 * v["deep_retrofit_saving"]),
            warmth=two_digits(100 * v["warmth_takeback"]),
        ),
        say("Without works the need changes by {trend} % a year.", trend=two_digits(100 * v["heat_demand_trend"])),
        word(
            "Heat is known for the whole city only and shared out by floor area and income, so no map of zones is "
            "drawn."
        ),
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
        (MODEL, *sources_of(plan, "retrofit_rate_max", "retrofit_eligible_share")),
        color="level",
        order=tuple(LEVELS.values()),
        note="Straight lines between the years that the plan decides on.",
    )


def _need(plan: Plan, reference: Plan) -> Figure:
    before = -plan.total("energy", carrier="home_heat", kind="need")
    parts = {
        "without works": before,
        "with this plan": pd.Series(_need_after(plan)),
        say("with '{plan}'", plan=reference.title): pd.Series(_need_after(reference)),
    }
    table = pd.concat(
        [pd.DataFrame({"year": s.index, "case": case, "heat": s.to_numpy()}) for case, s in parts.items()]
    )
    sources = (
        say("Inventory of {year}", year=plan.base_year),
        MODEL,
        *sources_of(plan, "light_retrofit_saving", "deep_retrofit_saving"),
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
    names = {str(g["id"]): group_name(str(g["name"])) for g in plan.meta["city"]["groups"]}
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
        say("Share of homes retrofitted by {year}, by household income", year=last),
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
