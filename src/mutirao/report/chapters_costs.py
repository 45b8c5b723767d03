"""What the plan costs: the last tonne, all payments, who pays, who brings the money."""

import pandas as pd

from mutirao.ground.speech import say, together
from mutirao.model.figures import Figure, Section
from mutirao.report import names, tables
from mutirao.report.chapter import table
from mutirao.report.content import ReportContent
from mutirao.report.ranges import range_of
from mutirao.report.words import less_or_more, listed, money, percent, price, with_amount


def price_part(c: ReportContent) -> Section:
    """What the last tonne costs, year by year."""
    prices = tables.carbon_price(c.plan)
    currency = c.plan.meta["city"]["currency"]
    if not len(prices):
        return Section(
            "carbon-price", "The price of carbon", ("The pledge binds in no year, so the last tonne costs nothing.",)
        )
    shown = prices.assign(
        remark=[
            "the pledge is missed: this is the penalty set for missing it, not a price"
            if p
            else ""
            if v > 0.5
            else "the pledge does not bind"
            for v, p in zip(prices["price"], prices["penalty"], strict=True)
        ]
    )
    real = prices[~prices["penalty"] & (prices["price"] > 0.5)]
    words = [
        "The price of carbon is what the last tonne costs that the pledge still asks for, with all measures "
        "acting together."
    ]
    if len(real):
        top = real.sort_values("price").iloc[-1]
        words.append(
            say(
                "It is highest in {year}: {price} per t CO2e.",
                year=int(top["year"]),
                price=price(float(top["price"]), currency),
            )
        )
    figure = table(
        "carbon-price",
        "Price of the last tonne by year",
        shown.drop(columns="penalty"),
        say("{money} per t CO2e, in the year it is paid", money=c.money_unit),
        ("price of the pledge's limit",),
    )
    return Section("carbon-price", "The price of carbon", tuple(words), (figure,))


def cost_part(c: ReportContent) -> Section:
    """All payments of each plan, and what the plan adds to business as adopted."""
    currency = c.plan.meta["city"]["currency"]
    rows: list[dict[str, str | float]] = []
    base_paid, base_valued = tables.cost(c.adopted)
    for key in ("no_action", "adopted", "least_cost", "rules"):
        if key in c.plans:
            paid, valued = tables.cost(c.plans[key])
            rows.append(
                {
                    "plan": names.PLANS[key],
                    "payments": paid,
                    "payments and valued effects": paid + valued,
                    "more than adopted: payments": paid - base_paid,
                    "more than adopted: with valued effects": paid + valued - base_paid - base_valued,
                }
            )
    paid = tables.cost(c.plan)[0]
    extra = paid - base_paid
    share = extra / base_paid if base_paid else 0.0
    given = {"amount": money(abs(extra), currency), "share": percent(abs(share))}
    words = [
        together(
            say(
                "All payments that leave the city's parties, discounted at {rate} a year: {total} under the plan.",
                rate=percent(c.plan.meta["discount_rate"]),
                total=money(paid, currency),
            ),
            "That is the total.",
            say(
                "What counts for a decision is the difference to business as adopted: {amount} more ({share}).", **given
            )
            if extra > 0
            else say(
                "What counts for a decision is the difference to business as adopted: {amount} less ({share}).", **given
            ),
        )
    ]
    low, high = range_of(c.draws, "cost")
    if low is not None and high is not None:
        words.append(
            together(
                say(
                    "Prices and factors are uncertain: in nine of ten draws the plan costs {span}.",
                    span=less_or_more(low, high, currency),
                ),
                "Whether the plan costs more or less than business as adopted, this run cannot tell."
                if low < 0 < high
                else "",
            )
        )
    kinds = c.plan.total("welfare", ("kind",))
    words.append(
        say(
            "Valued effects beside payments in this run: {kinds}. Cost is printed with and without them. No other "
            "benefit is put into money.",
            kinds=listed([_valued(str(k)) for k in kinds.index]),
        )
        if len(kinds)
        else "No benefit is put into money in this run; cost with and without valued benefits is the same."
    )
    figure = table(
        "cost",
        "What each plan costs",
        pd.DataFrame(rows),
        say("million {money}, discounted", money=c.money_unit),
        (names.BOOK,),
        "Transfers between parties of the city cancel out.",
    )
    return Section("cost", "What it costs, in total and in addition", tuple(words), (figure,))


def _valued(kind: str) -> str:
    if kind == "support":
        return say("{kind} (loss from raising public money)", kind=names.kind(kind))
    return names.kind(kind)


def payers_part(c: ReportContent) -> Section:
    """Who pays more and who pays less, year by year."""
    change = tables.payers_change(c.plan, c.adopted)
    first = c.plan.years[0]
    later = change[change["year"] > first]
    last = later[later["year"] == c.plan.years[-1]]
    up, down = last[last["change"] > 0.5], last[last["change"] < -0.5]
    currency = c.plan.meta["city"]["currency"]

    def who(rows: pd.DataFrame) -> str:
        paid = [(str(r["party"]), money(abs(float(r["change"])), currency)) for r in rows.to_dict("records")]
        return listed([with_amount(party, amount) for party, amount in paid]) or "nobody"

    words = [
        say(
            "In {year}, against business as adopted, more is paid by: {more}; less by: {less}.",
            year=c.plan.years[-1],
            more=who(up),
            less=who(down),
        ),
        "Investments are counted as yearly payments over the life of what is bought, at each payer's own interest.",
    ]
    shown = later[later.groupby("party")["change"].transform(lambda v: v.abs().max()) > 0.5]
    figure = Figure(
        "payers",
        "Change in yearly payments by payer",
        "stacked_bar",
        shown[["party", "year", "change", "total"]],
        "year",
        "change",
        say("million {money} a year, against business as adopted", money=c.money_unit),
        (names.BOOK,),
        color="party",
        order=tuple(dict.fromkeys(shown["party"])),
        note="Above the line: pays more. The table also holds the total that each pays.",
    )
    return Section("payers", "Cost per year, by who pays", tuple(words), (figure,))


def funds_part(c: ReportContent) -> Section:
    """Who brings the money that is invested, and what it is spent on."""
    sources, used = tables.both_sides(c.plan, c.adopted)
    currency, years = c.plan.meta["city"]["currency"], {"first": c.plan.years[0], "last": c.plan.years[-1]}
    total, extra = float(used["total"].sum()), float(used["extra"].sum())
    grants = sources.loc[sources["name"] == names.party("state"), "total"]
    city = sources.loc[sources["name"] == names.party("city"), "total"]
    words = [
        say(
            "From {first} to {last}, {total} are invested, {extra} of it beyond business as adopted (not discounted, "
            "in the year it is spent).",
            **years,
            total=money(total, currency),
            extra=money(extra, currency),
        ),
        say(
            "Grants of state and nation bring {grants}; the City's own budget {city}. Grants stand with whoever gives "
            "them, so nothing is counted twice: both tables add up to the same sum.",
            grants=money(float(grants.sum()), currency),
            city=money(float(city.sum()), currency),
        ),
    ]
    rename = {"total": "in the plan", "reference": "as adopted", "extra": "in addition"}
    unit = say("million {money}, {first} to {last}", money=c.money_unit, **years)
    figures = (
        table(
            "sources-of-funds",
            "Sources: who brings the money",
            _summed(sources.rename(columns={"name": "source"} | rename)),
            unit,
            (names.BOOK,),
        ),
        table(
            "uses-of-funds",
            "Uses: what it is spent on",
            _summed(used.rename(columns={"name": "use"} | rename)),
            unit,
            (names.BOOK,),
        ),
    )
    return Section("funds", "Sources and uses of funds", tuple(words), figures)


def _summed(frame: pd.DataFrame) -> pd.DataFrame:
    numbers = frame.select_dtypes("number").sum()
    return pd.concat([frame, pd.DataFrame([{frame.columns[0]: "sum"} | numbers.to_dict()])], ignore_index=True)
