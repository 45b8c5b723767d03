"""Chapters on those who live there today: could works push them out, who pays in rented homes, which homes."""

import math

import pandas as pd

from mutirao.book.terms import CITY_WIDE
from mutirao.ground.speech import digits, say, spoken
from mutirao.justice.disclosure import LEAST
from mutirao.justice.displacement import FEW
from mutirao.justice.poverty import WORDS
from mutirao.model.figures import Figure, Section
from mutirao.plan.outcomes import JusticeOutcomes
from mutirao.report import names, tables
from mutirao.report.chapter import Chapter, table
from mutirao.report.content import ReportContent
from mutirao.report.words import (
    CANNOT_TELL,
    apart,
    change_digits,
    listed,
    money,
    number,
    percent,
    sentence,
    significant,
)

PARAMETERS = {
    "renter_turnover": "tenants who move within a year, whatever the plan",
    "owner_turnover": "owners who move within a year, whatever the plan",
    "rent_turnover_effect": "further tenants who move for each 1 % of rent asked more",
}
TENURES = {"owner": "owner", "renter": "tenant", "ALL": "both"}
#: Columns of the homes table in words, in the order in which they are shown; money per home and year.
HOME = {
    "people_per_home": "people", "income": "income", "energy": "spends on energy", "required": "would need",
    "housing_cost": "housing", "rent": "rent", "cooling_access": "can cool", "over_65": "people over 65",
    "homes_inefficient": "inefficient", "arrears": "behind with bills", "cannot_keep_warm": "cannot keep warm",
    "cannot_keep_cool": "cannot keep cool", "damp_or_rot": "damp or rot", "heat_island": "hotter by, °C",
    "tree_canopy": "tree canopy",
}  # fmt: skip
SHARES = ("cooling_access", "over_65", "homes_inefficient", "arrears", "cannot_keep_warm", "cannot_keep_cool",
          "damp_or_rot", "tree_canopy")  # fmt: skip
DASH = "–"


# ---- could people be pushed out


def pushed_out(c: ReportContent, j: JusticeOutcomes) -> Chapter:
    """Flags where works may drive out tenants, what reaches those who live there today, rent relief, warm rent."""
    words = (
        "Works make homes better and sometimes dearer. To a tenant a better home can mean a higher rent, and a move. "
        "What a home or a block may become worth is counted as nobody's benefit here.",
        # The one sentence on who loses that the turnover run allows; nothing else here says that nobody does.
        sentence(j.displacement.sentence),
    )
    return Chapter(
        Section("pushed-out", "Could people be pushed out?", words, (_turnover_table(c, j),)),
        (_flags(c, j), _run(c, j), warm_rent(c, j)),
    )


def _turnover_table(c: ReportContent, j: JusticeOutcomes) -> Figure:
    label = names.groups(c.plan.meta)
    currency = c.plan.meta["city"]["currency"]
    order = {g: i for i, g in enumerate(label)}
    run = j.displacement.turnover.table.sort_values(["tenure", "group"], key=lambda s: s.map(order).fillna(0)
                                                    if s.name == "group" else s)  # fmt: skip
    rows = []
    for r in run.to_dict("records"):
        unsure = r["kept_low"] <= 0 <= r["kept_high"] or not math.isfinite(r["kept_low"])
        rows.append(
            {
                "income": label.get(r["group"], r["group"]),
                "lives as": TENURES.get(r["tenure"], r["tenure"]),
                "all such homes gain": _money(r["gain"], currency),
                "reaches those there today": CANNOT_TELL if unsure else _money(r["kept"], currency),
                "range": say("{low} to {high}", low=_money(r["kept_low"], currency),
                             high=_money(r["kept_high"], currency))
                if math.isfinite(r["kept_low"])
                else "not known",
                "share that reaches them": DASH if unsure else percent(significant(r["share_kept"])),
                "moved by rent": "fewer than 1 of 200" if r["moved_by_rent"] < FEW else percent(r["moved_by_rent"]),
            }
        )
    return table(
        "turnover", "What homes gain, and what of it reaches those who live there today", pd.DataFrame(rows),
        say("{money}, whole plan, discounted, against business as adopted", money=c.money_unit),
        (names.BOOK, "the turnover run"),
        "A gain that comes after somebody has moved away reaches whoever moves in. Moved by rent: share of today's "
        "homes that are left because rents rise for works, at the most in any milestone year.",
    )  # fmt: skip


@spoken
def _money(millions: float, currency: str) -> str:
    if not math.isfinite(millions):
        return DASH
    text = money(significant(abs(millions)), currency)
    return f"\u2212{text}" if millions < 0 and significant(millions) else text


def _flags(c: ReportContent, j: JusticeOutcomes) -> Section:
    flags = j.displacement.flags
    hit = flags[flags["flagged"]]
    count = flags["place"].nunique()
    words = [
        "A flag is a question, not a forecast: it marks zones where low-income tenants are more than in the city as "
        "a whole, and either rent rises for works by more than bills fall, or more is done than elsewhere, both "
        "against no action."
        if j.zones_differ
        else "A flag is a question, not a forecast: it marks income groups where low-income tenants are more than in "
        "the city as a whole, and either rent rises for works by more than bills fall, or more is done than "
        "elsewhere, both against no action.",
        _flagged(int(hit["place"].nunique()), int(count), j.zones_differ),
        *(() if j.zones_differ else j.notes),
    ]
    if hit.empty:
        return Section("flags", "Where to look first", tuple(words))
    rows = []
    for _, part in hit.groupby("place", sort=False):
        r = part.sort_values("period").iloc[-1]
        rows.append(
            {
                "where": str(r["name"]),
                "flagged in": listed([str(int(y)) for y in sorted(part["period"])]),
                "low-income tenants": percent(significant(float(r["low_income_tenants"]))),
                "rent for works": change_digits(float(r["rent_rise"])),
                "bills": change_digits(float(r["bills"])),
                "both": change_digits(float(r["net"])),
                "why": str(r["why"]),
            }
        )
    rest = table(
        "flags", "Flagged places", pd.DataFrame(rows),
        say("{money} per home of low-income tenants and year, against no action, in the last flagged year",
            money=c.money_unit),
        (names.BOOK, "homes of the city's tables"),
        say("Low-income tenants: share of the homes there; {share} in the city.",
            share=percent(float(flags["city_share"].iloc[0]))),
    )  # fmt: skip
    return Section("flags", "Where to look first", tuple(words), (rest,))


def _flagged(some: int, every: int, zones: bool) -> str:
    if zones:
        return (
            say("{some} of {every} zones are flagged in one year or more.", some=some, every=every)
            if some
            else say("None of {every} zones is flagged. That does not say that nobody will have to move.", every=every)
        )
    return (
        say("{some} of {every} income groups are flagged in one year or more.", some=some, every=every)
        if some
        else say("None of {every} income groups is flagged. That does not say that nobody will have to move.",
                 every=every)
    )  # fmt: skip


def _run(c: ReportContent, j: JusticeOutcomes) -> Section:
    """How the turnover run is made, what it assumes, and what rent relief does in it."""
    run, currency = j.displacement.turnover, c.plan.meta["city"]["currency"]
    relief = float((run.table["kept"] - run.table["kept_without_relief"]).sum())
    words = [
        "The turnover run follows those who live in a home today: some move away each year whatever happens, and "
        "tenants more of them where rents rise for works. Those who moved away gain nothing from then on.",
        say("Rent relief keeps {amount} more with those who live there today.",
            amount=money(significant(relief), currency))
        if relief > 0.05
        else "No rent relief is paid in this plan, or it changes nothing in this run.",
        *run.notes,
    ]
    drivers = c.plan.drivers
    known = dict(zip(drivers["name"].astype(str), drivers["source"].astype(str), strict=True)) if len(drivers) else {}
    rows = [
        {
            "what": PARAMETERS.get(str(r["name"]), str(r["name"]).replace("_", " ")),
            "share": percent(float(r["value"]), 3),
            "low": percent(float(r["low"]), 3),
            "high": percent(float(r["high"]), 3),
            "source": known.get(str(r["name"]), "assumed for this run"),
        }
        for r in run.parameters.to_dict("records")
    ]
    figure = table("turnover-parameters", "What the run rests on", pd.DataFrame(rows), "share of homes",
                   ("parameters of the run",))  # fmt: skip
    return Section("turnover-run", "How those who live there today are followed", tuple(words), (figure,))


# ---- works in rented homes


def warm_rent(c: ReportContent, j: JusticeOutcomes) -> Section:
    """Who pays for works in rented homes: tenants by income, and what landlords pay."""
    title = "Works in rented homes: who pays, who saves"
    label = names.groups(c.plan.meta)
    t = j.warm_rent
    if t.empty or not (t["homes"] > 0).any():
        return Section("warm-rent", title, ("No home is known to be rented, so nothing can be said of tenants.",))
    later = c.plan.years[1:]
    order = {g: i for i, g in enumerate(label)}
    kept = t[t["period"].isin([later[0], later[-1]])].sort_values(
        ["period", "group"], key=lambda s: s.map(order) if s.name == "group" else s
    )
    rows = [
        {
            "year": int(r["period"]),
            "income of the tenant": label.get(r["group"], r["group"]),
            "rent for works": change_digits(r["rent_rise"]),
            "paid back": change_digits(r["relief"]),
            "bills": change_digits(r["bills"]),
            "all together": change_digits(r["net"], *_ends(r["low"], r["high"])),
            "range": "not known" if not math.isfinite(r["low"])
            else say("{low} to {high}", low=_digits(r["low"]), high=_digits(r["high"])),
        }
        for r in kept.to_dict("records")
    ]
    words = [_tenants(t[t["period"] == later[-1]], label, later[-1]), *_landlords(c, later[-1])]
    figure = table(
        "warm-rent", "What changes for a tenant because of works", pd.DataFrame(rows),
        say("{money} per home and year, against business as adopted; \u2212 pays less, + pays more",
            money=c.money_unit), (names.BOOK,),
        "All together: rent for works less what is paid back, and bills. Cars, fares and support are not in it. "
        "Cannot tell: nine of ten draws hold both.",
    )  # fmt: skip
    return Section("warm-rent", title, tuple(words), (figure,))


def _tenants(rows: pd.DataFrame, label: dict[str, str], year: int) -> str:
    sides: dict[str, list[str]] = {"pay more": [], "pay less": [], CANNOT_TELL: []}
    for r in rows.to_dict("records"):
        unsure = not math.isfinite(r["low"]) or r["low"] <= 0 <= r["high"]
        sides[CANNOT_TELL if unsure else "pay more" if r["net"] > 0 else "pay less"].append(str(r["group"]))
    said = [_side(side, _named(groups, label), len(groups) == len(rows)) for side, groups in sides.items() if groups]
    return say("Rent for works, less what is paid back, and bills together in {year}: {sides}.", year=year,
               sides=apart(said))  # fmt: skip


def _side(side: str, incomes: str, every: bool) -> str:
    """Which tenants stand on a side, as a part of a sentence."""
    if every:
        return {
            "pay more": "tenants of all incomes pay more",
            "pay less": "tenants of all incomes pay less",
            CANNOT_TELL: "for tenants of all incomes this run cannot tell",
        }[side]
    if side == "pay more":
        return say("tenants with {incomes} pay more", incomes=incomes)
    if side == "pay less":
        return say("tenants with {incomes} pay less", incomes=incomes)
    return say("for tenants with {incomes} this run cannot tell", incomes=incomes)


def _named(groups: list[str], label: dict[str, str]) -> str:
    return listed([label[g] for g in label if g in groups] or groups)


def _landlords(c: ReportContent, year: int) -> list[str]:
    rows = tables.payers_change(c.plan, c.adopted)
    mine = rows[(rows["party"] == names.party("landlords")) & (rows["year"] == year)]
    if mine.empty:
        return ["Landlords pay nothing in this plan that they would not pay under business as adopted."]
    change = float(mine["change"].iloc[0])
    amount = money(significant(abs(change)), c.plan.meta["city"]["currency"])
    return [
        say("Landlords together pay {amount} a year more in {year} than as adopted: loans and upkeep of works, less "
            "grants and the rent that they ask for them. The range of this was not computed.", amount=amount, year=year)
        if change > 0
        else say("Landlords together pay {amount} a year less in {year} than as adopted: loans and upkeep of works, "
                 "less grants and the rent that they ask for them. The range of this was not computed.",
                 amount=amount, year=year)
    ]  # fmt: skip


def _ends(low: float, high: float) -> tuple[float | None, float | None]:
    return (low, high) if math.isfinite(low) and math.isfinite(high) else (None, None)


def _digits(value: float) -> str:
    v = significant(value)
    return "0" if abs(v) < 0.5 else digits(v, "+,.0f")


# ---- the homes themselves


def homes_table(c: ReportContent, j: JusticeOutcomes) -> Chapter:
    """Homes of the base year by zone, income and tenure, as all figures here take them; small cells merged."""
    label = names.groups(c.plan.meta)
    zones = {str(z["zone"]): str(z["name"]) for z in c.plan.meta["city"].get("zones") or []}
    g = j.groups
    frame = pd.DataFrame()
    if "zone" in g:
        frame["zone"] = [zones.get(str(z), "elsewhere" if z == CITY_WIDE["zone"] else str(z)) for z in g["zone"]]
    frame["income group"] = ["several" if v == CITY_WIDE["group"] and len(label) > 2 else label.get(str(v), str(v))
                             for v in g["group"]]  # fmt: skip
    frame["lives as"] = [TENURES.get(str(v), str(v)) for v in g["tenure"]]
    frame["homes"] = [number(float(v), 3) for v in g["homes"]]
    for column, word in HOME.items():
        if column in g:
            frame[word] = [_home(column, v) for v in g[column]]
    missing = [WORDS[k] for k in HOME if k not in g and k != "rent"]
    merged = int((g["merged"] > 1).sum()) if "merged" in g else 0
    notes = [str(n) for n in c.plan.meta.get("base_notes") or [] if _about_homes(str(n))]
    words = [
        say(
            "Every figure on people rests on this table: homes of {year}, spread over zones, incomes and tenures so "
            "that they add up to the city's known totals. They are modelled counts, not anybody's address.",
            year=c.plan.base_year,
        ),
        *notes,
        say("Fewer than {least} homes are never printed alone: rows that stand for several kinds of homes: {merged}.",
            least=round(LEAST), merged=merged)
        if merged
        else say("Fewer than {least} homes are never printed alone; no row had to be merged.", least=round(LEAST)),
        say("Not known for this city, and so in no figure: {list}.", list=listed(missing)) if missing else "",
        *(() if j.zones_differ or "zone" in g else j.notes),
    ]  # fmt: skip
    figure = table("homes-table", "Homes by kind", frame,
                   say("income, spend, need, housing and rent: {money} per home and year; shares of homes",
                       money=c.money_unit), ("people.csv and buildings.csv of the city, raked",),
                   "Would need: modelled, not measured. –: not known.")  # fmt: skip
    return Chapter(Section("homes-behind", "The homes behind the figures", tuple(w for w in words if w), (figure,)))


def _about_homes(note: str) -> bool:
    return any(word in note.lower() for word in ("home", "household", "tenure", "income"))


def _home(column: str, value: float) -> str:
    if not math.isfinite(value):
        return DASH
    if column in SHARES:
        return percent(significant(value))
    return number(value, 2)
