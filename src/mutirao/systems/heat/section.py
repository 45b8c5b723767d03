"""What heat shows: who is heated by what over time and by income, and where heat networks open."""

import pandas as pd

from mutirao.book.bundle import Plan
from mutirao.ground.speech import say, together, word
from mutirao.justice.incomegroups import group_name
from mutirao.model.figures import Figure, Section, sources_of, two_digits

WORDS = {
    "gas_boiler": "gas boilers",
    "oil_boiler": "oil boilers",
    "resistance": "electric heaters",
    "heat_pump": "heat pumps",
    "district": "district heat",
}
MODEL = "Mutirão heat model"
FOSSIL = ["gas_boiler", "oil_boiler"]


def section(plan: Plan, reference: Plan) -> Section:
    """Words and figures on the heat of homes and commerce of a plan, beside a reference plan on the same city."""
    figures = [_homes(plan), _groups(plan), _carbon(plan, reference)]
    opened = _zones(plan)
    if len(opened.table):
        figures.append(opened)
    return Section(
        "heat",
        "Heat: from boilers to heat pumps and district heat",
        (_finding(plan, reference), _network(plan), _assumed(plan)),
        tuple(figures),
    )


def _finding(plan: Plan, reference: Plan) -> str:
    first, last = plan.base_year, plan.years[-1]
    now, then, other = _share(plan, first), _share(plan, last), _share(reference, last)
    shops = plan.decisions["heat-commerce"].sel(period=last).to_series()
    return together(
        say(
            "Heat pumps give {pumps} % and district heat {district} % of the heat of homes in {year}; gas and oil "
            "boilers give {boilers} %, down from {before} % in {first}.",
            pumps=two_digits(then["heat_pump"]),
            district=two_digits(then["district"]),
            year=last,
            boilers=two_digits(sum(then[t] for t in FOSSIL)),
            before=two_digits(sum(now[t] for t in FOSSIL)),
            first=first,
        ),
        say(
            "In the plan '{plan}' boilers still give {boilers} % in {year}.",
            plan=reference.title,
            boilers=two_digits(sum(other[t] for t in FOSSIL)),
            year=last,
        ),
        say(
            "Of the heat of commerce, {pumps} % comes from heat pumps by then.",
            pumps=two_digits(100.0 * shops["heat_pump"] / shops.sum()),
        ),
    )


def _network(plan: Plan) -> str:
    last = plan.years[-1]
    sold = float(plan.decisions["network-heat"].sel(period=last))
    if sold < 0.5:
        return word("No heat network opens in this plan.")
    plants = plan.decisions["network-plant"].sel(period=last).to_series() * 1000.0
    store = float(plan.decisions["network-store"].sel(period=last)) * 1000.0
    count = int((_opened(plan) > 0.01).any(axis=0).sum())
    return say(
        "Heat networks sell {sold} GWh in {year} in {count} of {zones} zones, from {pumps} MW of large heat pumps, "
        "{boilers} MW of electric boilers and a store of {store} MWh.",
        sold=two_digits(sold),
        year=last,
        count=count,
        zones=len(plan.meta["city"]["zones"]),
        pumps=two_digits(plants["large_heat_pump"]),
        boilers=two_digits(plants["electric_boiler"]),
        store=two_digits(store),
    )


def _assumed(plan: Plan) -> str:
    v = dict(zip(plan.drivers["name"], plan.drivers["value"], strict=True))
    return together(
        say(
            "Assumed: a heat pump of a home gives {cop} kWh of heat for one of electricity over the year, a large one "
            "{large}; a heat pump costs {cost} {currency} a home before grants of {grants} %; equipment is replaced "
            "when it is worn out, and installers can move {pace} % of the heat of homes a year.",
            cop=two_digits(v["heat_pump_cop"]),
            large=two_digits(v["large_heat_pump_cop"]),
            cost=two_digits(v["heat_pump_cost"]),
            currency=plan.meta["city"]["currency"],
            grants=two_digits(100 * v["heat_pump_subsidy_share"]),
            pace=two_digits(100 * v["heat_installation_rate_max"]),
        ),
        word(
            "In the first year every group heats as the whole city does: who burns gas and who burns oil is not known "
            "by income or zone."
        ),
    )


def _share(plan: Plan, year: int) -> pd.Series:
    heat = plan.decisions["heat-homes"].sel(period=year).sum(["zone", "group", "tenure"]).to_series()
    return 100.0 * heat / heat.sum()


def _homes(plan: Plan) -> Figure:
    heat = plan.decisions["heat-homes"].sum(["zone", "group", "tenure"])
    rows = [
        {"year": year, "technology": words, "heat": float(heat.sel(technology=tech, period=year))}
        for tech, words in WORDS.items()
        for year in (plan.base_year, *plan.years)
    ]
    return Figure(
        "heat-homes",
        "Heat of homes by technology",
        "area",
        pd.DataFrame(rows),
        "year",
        "heat",
        "GWh a year",
        (
            say("Inventory of {year}", year=plan.base_year),
            MODEL,
            *sources_of(plan, "heat_installation_rate_max", "heat_pump_cop"),
        ),
        color="technology",
        order=tuple(WORDS.values()),
        note="Straight lines between the years that the plan decides on.",
    )


def _groups(plan: Plan) -> Figure:
    """Share of homes' heat by technology: all homes in the base year, then each income group in the last year."""
    first, last = plan.base_year, plan.years[-1]
    names = {str(g["id"]): group_name(str(g["name"])) for g in plan.meta["city"]["groups"]}
    heat = plan.decisions["heat-homes"].sum(["zone", "tenure"])
    columns = {say("all homes, {year}", year=first): heat.sel(period=first).sum("group").to_series()}
    for group in heat["group"].values:
        label = say("{group}, {year}", group=names.get(str(group), "all homes"), year=last)
        columns[label] = heat.sel(period=last, group=group).to_series()
    rows = [
        {"who": who, "technology": words, "share": 100.0 * float(part[tech]) / float(part.sum())}
        for who, part in columns.items()
        if part.sum() > 0
        for tech, words in WORDS.items()
    ]
    return Figure(
        "heat-groups",
        say("What heats homes, {first} and {last} by household income", first=first, last=last),
        "stacked_bar",
        pd.DataFrame(rows),
        "who",
        "share",
        "% of the heat",
        (say("Inventory of {year}", year=first), MODEL),
        color="technology",
        order=tuple(WORDS.values()),
        note="Where two groups cost the same to serve, the plan without rules may choose either.",
    )


def _carbon(plan: Plan, reference: Plan) -> Figure:
    """Carbon of fuel burned in homes and commerce, this plan and the reference."""
    rows = []
    named = say("'{plan}'", plan=reference.title)
    for case, one in (("this plan", plan), (named, reference)):
        for gpc, who in (("I.1.1", "homes"), ("I.2.1", "commerce")):
            series = one.total("carbon", boundary="basic", gpc=gpc)
            rows += [
                {"year": y, "case": say("{who}, {case}", who=who, case=case), "carbon": float(series.get(y, 0.0))}
                for y in (one.base_year, *one.years)
            ]
    return Figure(
        "heat-carbon",
        "Emissions of fuel burned for heat",
        "line",
        pd.DataFrame(rows),
        "year",
        "carbon",
        "kt CO2e a year",
        (say("Inventory of {year}", year=plan.base_year), MODEL),
        color="case",
        note="Fuel only: the electricity of heat pumps is counted with the grid.",
    )


def _opened(plan: Plan) -> pd.DataFrame:
    """Heat sold by the network, years x zones, GWh a year."""
    sold = plan.decisions["heat-homes"].sel(technology="district", period=plan.years).sum(["group", "tenure"])
    return sold.to_series().unstack("zone").reindex(index=plan.years)


def _zones(plan: Plan) -> Figure:
    """Zones with an open heat network, in the order of the city's table."""
    opened, last = _opened(plan), plan.years[-1]
    need = plan.decisions["heat-homes"].sel(period=last).sum(["technology", "group", "tenure"]).to_series()
    rows = []
    for zone in plan.meta["city"]["zones"]:
        sold = opened.get(str(zone["zone"]))
        if sold is None or not (sold > 0.01).any():
            continue
        heat = float(sold[last])
        rows.append(
            {
                "zone": zone["name"],
                "open by": int(sold.index[sold > 0.01][0]),
                "heat sold": round(heat, 1),
                "share of the zone's home heat, %": round(100.0 * heat / float(need[zone["zone"]])),
            }
        )
    columns = ["zone", "open by", "heat sold", "share of the zone's home heat, %"]
    return Figure(
        "heat-networks",
        say("Zones with a heat network, {year}", year=last),
        "table",
        pd.DataFrame(rows, columns=columns),
        "zone",
        "heat sold",
        "GWh a year",
        ("Land area and homes of the city's tables", "Persson et al. 2019: cost of trenches"),
        note="Zones differ by homes per km2 of land, which decides the length of trench; the heat of a home is "
        "shared out from the city's figure. In the order of the city's table, not a ranking.",
    )
