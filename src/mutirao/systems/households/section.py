"""What households show: homes and their bills, the warm rent of tenants and landlords, and who can cool a home."""

import pandas as pd

from mutirao.book.bundle import Plan
from mutirao.ground.speech import say, together, word
from mutirao.justice.homebill import Tariff, bill_of_home
from mutirao.justice.incomegroups import group_name
from mutirao.model.figures import Figure, Section, sources_of, two_digits

MODEL = "Mutirão households model"
TENURES = {"owner": "lived in by their owner", "renter": "rented"}
#: Parts of a bill in the order shown: (carrier, kind) of the book.
CARRIERS = {"natural_gas": "gas", "heating_oil": "heating oil", "network_heat": "district heat"}
POWER, FIXED = "electricity, by the kWh", "electricity, fixed charge"
PARTS = (*CARRIERS.values(), POWER, FIXED)
CHANGES = ("tenants: energy bills", "tenants: rent for works", "tenants: relief of rents",
           "landlords: cost less rent")  # fmt: skip
#: Heatings of one home, as drivers name their efficiency.
HEATINGS = {"gas": "gas_boiler_efficiency", "oil": "oil_boiler_efficiency", "heat_pump": "heat_pump_cop"}


def section(plan: Plan, reference: Plan) -> Section:
    """Words and figures on homes, bills and rents of a plan, beside a reference plan on the same city."""
    return Section(
        "households",
        "Homes: bills, rents and who pays",
        (_bill_words(plan, reference), _one_home(plan), _rent_words(plan, reference), _assumed(plan)),
        (_homes_figure(plan), _bills(plan, reference), _rents(plan, reference), _cooling(plan)),
    )


def _bill_words(plan: Plan, reference: Plan) -> str:
    first, last = plan.base_year, plan.years[-1]
    homes, now = float(_homes(plan).sum()), bill_parts(plan)
    return together(
        say(
            "The mean home spends {now} {currency} a year on energy in {first} and {then} in {last}, at the same "
            "prices, without cars and before what works cost; in the plan '{plan}' it is {other}.",
            now=two_digits(now[first].sum() / homes),
            currency=_currency(plan),
            first=first,
            then=two_digits(now[last].sum() / homes),
            last=last,
            plan=reference.title,
            other=two_digits(bill_parts(reference)[last].sum() / homes),
        ),
        say(
            "{share} % of the {homes} homes are rented.",
            share=two_digits(100.0 * float(_tenure(plan)["renter"]) / homes),
            homes=two_digits(homes),
        ),
    )


def _one_home(plan: Plan) -> str:
    v = _drivers(plan)
    size = _mean(plan, "dwelling_floor_area")
    bills = {how: sum(_bill(plan, v, size, how).values()) for how in HEATINGS}
    return together(
        say(
            "One rented home of {size} m2 with the city's mean need pays {gas} {currency} a year for energy when it "
            "heats with gas, {oil} with oil and {pump} with a heat pump.",
            size=two_digits(size),
            gas=two_digits(bills["gas"]),
            currency=_currency(plan),
            oil=two_digits(bills["oil"]),
            pump=two_digits(bills["heat_pump"]),
        ),
        say(
            "Of this {fixed} is the fixed charge of electricity, which does not grow with a heat pump or a car; every "
            "kWh costs {cents} cents instead of {mean}.",
            fixed=two_digits(v["electricity_fixed_charge"]),
            cents=two_digits(100.0 * _per_kwh(plan, v)),
            mean=two_digits(100.0 * v["electricity_price_residential"]),
        ),
    )


def _rent_words(plan: Plan, reference: Plan) -> str:
    last, parts = plan.years[-1], _changes(plan, reference).sum()
    cooled = float(plan.total("benefit", kind="cooling").get(last, 0.0)) * 1e3
    relief = max(-float(parts[CHANGES[2]]), 0.0)
    tenants, landlords = float(parts[list(CHANGES[:3])].sum()), float(parts[CHANGES[3]])
    return together(
        say(
            "Beside '{plan}', tenants together pay {tenants} in {year} for energy and the rent that works add, "
            "{relief} million of relief taken off; landlords pay {landlords} once that rent is counted.",
            plan=reference.title,
            tenants=_more(tenants, plan),
            year=last,
            relief=two_digits(relief),
            landlords=_more(landlords, plan),
        ),
        say(
            "{homes} homes that could not be cooled in {first} have a heat pump by {last} and can be.",
            homes=two_digits(cooled),
            first=plan.base_year,
            last=last,
        ),
    )


def _assumed(plan: Plan) -> str:
    v = _drivers(plan)
    return together(
        say(
            "Assumed: electricity has a fixed charge of {fixed} {currency} a year for each home, and the rest of the "
            "average price is paid by the kWh; gas stays at its average price in the plan, though a home that gives "
            "up its last gas appliance saves the standing charge too.",
            fixed=two_digits(v["electricity_fixed_charge"]),
            currency=_currency(plan),
        ),
        word("Need by income follows the energy spend of US households by income."),
        say(
            "Landlords pass on {share} % of the yearly cost of works, after grants.",
            share=two_digits(100.0 * v["rent_pass_through"]),
        ),
    )


def bill_parts(plan: Plan) -> pd.DataFrame:
    """What all homes pay for energy at home by part (rows `PARTS`) and period, CUR a year."""
    rows = plan.select("money", kind=["energy", "standing_charge"])
    rows = rows[(rows["tenure"] != "ALL") & ((rows["payer"] == "households") | (rows["receiver"] == "households"))]
    signed = rows["value"].where(rows["payer"] == "households", -rows["value"]) * 1e6
    fixed = (rows["kind"] == "standing_charge") & (rows["payer"] == "households")
    part = rows["carrier"].map(CARRIERS).fillna(POWER).where(~fixed, FIXED)
    wide = signed.groupby([part.rename("part"), rows["period"]]).sum().unstack("period")
    return wide.reindex(index=list(PARTS), columns=[plan.base_year, *plan.years]).fillna(0.0)


def _changes(plan: Plan, reference: Plan) -> pd.DataFrame:
    """By group, what tenants and landlords pay more in the last year than in the reference, million CUR a year."""
    here, there = (_warm_rent(p) for p in (plan, reference))
    return here.sub(there, fill_value=0.0).reindex(columns=list(CHANGES)).fillna(0.0)


def _warm_rent(plan: Plan) -> pd.DataFrame:
    last = plan.years[-1]
    money = plan.select("money", period=last, tenure="renter", basis=["running", "annuity"])
    bills = money[money["kind"].isin(["energy", "standing_charge"])]
    rent = money[(money["kind"] == "rent") & (money["measure"] != "")]
    parts = {
        CHANGES[0]: _net(bills, "households"),
        CHANGES[1]: _net(rent, "households"),
        CHANGES[2]: _net(money[money["kind"] == "rent_relief"], "households"),
        CHANGES[3]: _net(money, "landlords"),
    }
    return pd.DataFrame(parts).reindex(list(_homes(plan).index)).fillna(0.0)


def _net(rows: pd.DataFrame, party: str) -> pd.Series:
    paid = rows[rows["payer"] == party].groupby("group")["value"].sum()
    return paid.sub(rows[rows["receiver"] == party].groupby("group")["value"].sum(), fill_value=0.0)


def _homes_figure(plan: Plan) -> Figure:
    rows = plan.facts[plan.facts["name"] == "households"]
    count = rows.groupby(["group", "tenure"])["value"].sum().reset_index(name="homes")
    names = _names(plan)
    table = count.assign(group=count["group"].map(names), tenure=count["tenure"].map(TENURES))
    return Figure("households-homes", "Homes by household income and tenure", "stacked_bar", table, "group", "homes",
                  "homes", ("Households of the city's tables",), color="tenure",
                  order=tuple(TENURES.values()))  # fmt: skip


def _bills(plan: Plan, reference: Plan) -> Figure:
    first, last, homes = plan.base_year, plan.years[-1], float(_homes(plan).sum())
    cases = {
        f"{first}": bill_parts(plan)[first],
        say("{year}, '{plan}'", year=last, plan=reference.title): bill_parts(reference)[last],
        say("{year}, this plan", year=last): bill_parts(plan)[last],
    }
    rows = [
        {"case": case, "part": part, "bill": float(parts[part]) / homes}
        for case, parts in cases.items()
        for part in PARTS
    ]
    return Figure(
        "households-bills",
        "What the mean home pays for energy",
        "stacked_bar",
        pd.DataFrame(rows),
        "case",
        "bill",
        say("{currency} a year for each home", currency=_currency(plan)),
        (say("Inventory of {year}", year=first), MODEL, *sources_of(plan, "electricity_fixed_charge")),
        color="part",
        order=PARTS,
        note=say("At prices of {year}; without cars, works and equipment.", year=plan.meta["city"]["price_year"]),
    )


def _rents(plan: Plan, reference: Plan) -> Figure:
    rented, names = _renters(plan), _names(plan)
    table = _changes(plan, reference).mul(1e6).div(rented.where(rented > 0), axis=0).fillna(0.0)
    long = table.rename_axis("group").reset_index().melt(id_vars="group", var_name="part", value_name="change")
    return Figure(
        "households-rents",
        say(
            "What changes for tenants and landlords by {year}, beside '{plan}'",
            year=plan.years[-1],
            plan=reference.title,
        ),
        "stacked_bar",
        long.assign(group=long["group"].map(names)),
        "group",
        "change",
        say("{currency} a year for each rented home", currency=_currency(plan)),
        (MODEL, *sources_of(plan, "rent_pass_through")),
        color="part",
        order=CHANGES,
        note="Below zero is less to pay. Rent is what works add to it.",
    )


def _cooling(plan: Plan) -> Figure:
    last, homes, names = plan.years[-1], _homes(plan), _names(plan)
    now = _mean_by_group(plan, "cooling_access")
    more = plan.total("benefit", ("group",), kind="cooling", period=last) * 1e3
    then = (now + more.reindex(homes.index).fillna(0.0) / homes).clip(upper=1.0)
    rows = [
        {"group": names[str(g)], "year": str(year), "share": 100.0 * float(share[g])}
        for year, share in ((plan.base_year, now), (last, then))
        for g in homes.index
    ]
    source = plan.facts.loc[plan.facts["name"] == "cooling_access", "source"].iloc[0]
    return Figure("households-cooling", "Homes that can be cooled", "grouped_bar", pd.DataFrame(rows), "group", "share",
                  "% of the group's homes", (MODEL, str(source)), color="year",
                  note="Only heat pumps add to it.")  # fmt: skip


def _bill(plan: Plan, v: dict[str, float], size: float, heating: str) -> dict[str, float]:
    first, homes = plan.base_year, float(_homes(plan).sum())
    need = -float(plan.total("energy", carrier="home_heat", kind="need")[first]) * 1e6
    power = -float(plan.total("energy", kind="appliances", payer="households").get(first, 0.0)) * 1e6
    tariff = Tariff(
        {"electricity": _per_kwh(plan, v), "gas": v["gas_price_residential"], "oil": v["oil_price_residential"]},
        {"electricity": v["electricity_fixed_charge"]},
    )
    return bill_of_home(
        size, heating, "renter", tariff,
        heat_per_m2=need / (homes * _mean(plan, "dwelling_floor_area")), power=power / homes,
        efficiency={how: v[name] for how, name in HEATINGS.items()}, upkeep={},
    )  # fmt: skip


def _per_kwh(plan: Plan, v: dict[str, float]) -> float:
    """Price of one more kWh: the average price less what the fixed charge stands for in the base year."""
    used = -plan.total("energy", carrier="electricity", payer="households").get(plan.base_year, 0.0) * 1e6
    fixed = v["electricity_fixed_charge"] * float(_homes(plan).sum())
    return v["electricity_price_residential"] - (fixed / float(used) if used else 0.0)


def _homes(plan: Plan) -> pd.Series:
    rows = plan.facts[plan.facts["name"] == "households"]
    return rows.groupby("group", sort=False)["value"].sum()


def _tenure(plan: Plan) -> pd.Series:
    return plan.facts[plan.facts["name"] == "households"].groupby("tenure")["value"].sum()


def _renters(plan: Plan) -> pd.Series:
    rows = plan.facts[(plan.facts["name"] == "households") & (plan.facts["tenure"] == "renter")]
    return rows.groupby("group", sort=False)["value"].sum()


def _mean(plan: Plan, name: str) -> float:
    """Mean of a figure known by zone, weighted by homes."""
    rows = plan.facts[plan.facts["name"] == name].set_index("zone")["value"]
    homes = plan.facts[plan.facts["name"] == "households"].groupby("zone")["value"].sum()
    return float((rows * homes).sum() / homes.sum())


def _mean_by_group(plan: Plan, name: str) -> pd.Series:
    keys = ["zone", "group", "tenure"]
    value, homes = (plan.facts[plan.facts["name"] == n].set_index(keys)["value"] for n in (name, "households"))
    return (value * homes).groupby("group").sum() / homes.groupby("group").sum()


def _names(plan: Plan) -> dict[str, str]:
    return {"ALL": "all households"} | {str(g["id"]): group_name(str(g["name"])) for g in plan.meta["city"]["groups"]}


def _drivers(plan: Plan) -> dict[str, float]:
    return {str(n): float(v) for n, v in zip(plan.drivers["name"], plan.drivers["value"], strict=True)}


def _currency(plan: Plan) -> str:
    return str(plan.meta["city"]["currency"])


def _more(value: float, plan: Plan) -> str:
    """A change in money in words, such as 3 million USD more."""
    if abs(value) < 5e-3:
        return word("as much")
    said = {"amount": two_digits(abs(value)), "currency": _currency(plan)}
    if value > 0:
        return say("{amount} million {currency} a year more", **said)
    return say("{amount} million {currency} a year less", **said)
