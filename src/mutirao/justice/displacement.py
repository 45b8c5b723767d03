"""Who can stay: where works may drive out tenants, and how much of what homes gain reaches those who live there now.

What a home or a block may become worth is nobody's benefit here: to a tenant it is a higher rent, to an owner it is
money only on leaving. It is in no account of the book, and nothing below reads it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mutirao.book import terms as book
from mutirao.book.bundle import Plan
from mutirao.book.draws import evaluate
from mutirao.ground.speech import digits, joined, listed, say, together, word
from mutirao.justice.homecosts import RELIEF, RENT
from mutirao.justice.incomegroups import group_name
from mutirao.justice.outcomes import cell_aggregate, fact, homes_of, household_rows, warm_rent

#: Value, low, high where a plan's drivers do not bring them. Turnover: US Census Bureau, Geographical Mobility 2013 to
#: 2014 (24.5 % of people in rented, 5.0 % in owned homes lived elsewhere a year before; 30 % and 7 % in 2006).
#: Effect of rent: an assumption. Rent control lowers renters' mobility by about 20 % (Diamond, McQuade, Qian 2019,
#: AER 109(9)), which with rents held 20 to 40 % lower would be 0.001 to 0.0025 for each 1 %.
DEFAULTS = {
    "renter_turnover": (0.245, 0.20, 0.30),
    "owner_turnover": (0.05, 0.04, 0.07),
    "rent_turnover_effect": (0.005, 0.0, 0.02),
}
EFFECT = "rent_turnover_effect"
QUANTILES = (0.05, 0.95)
#: Less than this, in currency per home over the whole plan or in share of homes, is nothing that can be told.
NOTHING, FEW = 0.5, 0.005
#: A place is treated more than the city when the mean share of its works is higher by this; less
#: may be nothing but which of like homes the search took first.
MORE_WORKS = 0.05
#: Rent rises for works less what bills fall count from this share of income on.
DEARER = 0.001


@dataclass(frozen=True)
class Turnover:
    """The turnover run of a plan against a reference.

    table : a row per group and tenure with homes; in million of the first plan year, discounted over the plan: gain
    (low, high), kept by those who live there today (kept_low, kept_high), kept_without_relief; kept_per_home in
    CUR; share_kept (NaN where there is no gain to keep); dear_years (milestones in which all of the range of the
    yearly gain lies below zero); moved_by_rent, the most in any milestone year that today's
    tenants are fewer for rent rises, as share of today's homes, and moved_by_rent_without_relief.
    stays : group, tenure, period: share of today's residents still there with the rent rises (with), with them but
    no relief (without_relief), without any (without), and as in the reference.
    parameters : name, value, low, high, given (by the plan, else assumed here). notes : what could not be reckoned.
    """

    table: pd.DataFrame
    stays: pd.DataFrame
    parameters: pd.DataFrame
    notes: tuple[str, ...]
    names: Mapping[str, str]
    reference: str


def survival(turnover: np.ndarray, effect: np.ndarray, rise: np.ndarray) -> np.ndarray:
    """Share of today's residents still there in each year; the first year 1.

    Of those there, turnover + effect x rise leave in a year; rise in % of rent that is asked more for works in that
    year than without them (what is below zero keeps nobody). Shapes broadcast with ``rise``, years on the last axis.
    Everybody is taken to be equally likely to leave: who has lived somewhere long in truth stays longer.
    """
    stay = np.clip(1.0 - turnover - effect * np.clip(rise[..., 1:], 0.0, None), 0.0, 1.0)
    first = np.ones((*stay.shape[:-1], 1))
    return np.concatenate([first, np.cumprod(stay, axis=-1)], axis=-1)


def kept(gain: np.ndarray, stay: np.ndarray, discount: np.ndarray) -> np.ndarray:
    """Discounted sum over years (last axis) of a yearly gain times the share of residents still there to have it."""
    return np.asarray((gain * stay * discount).sum(axis=-1))


def turnover_run(plan: Plan, reference: Plan, values: Mapping[str, np.ndarray] | None = None) -> Turnover:
    """Follow those who live there today through the plan, by group and tenure; see `Turnover`.

    values : draws of the drivers, row 0 central (`plan.ranges.common_draws`); without them low and high are NaN.
    Gains are those of `outcomes.gains`, straight lines between milestones; rents rise by what the book says less
    relief. Where the rent is not known, no tenant is driven out in the run, and a note says so.
    """
    drawn = dict(values) if values is not None else _central(plan) | _central(reference)
    given = {name: name in drawn for name in DEFAULTS}
    drawn |= _assumed(drawn, [n for n in DEFAULTS if not given[n]])
    cells, gain, rise, relief, before = _yearly(plan, reference, drawn)
    homes = homes_of(plan).groupby(["group", "tenure"]).sum().reindex(pd.MultiIndex.from_frame(cells)).to_numpy()
    years = np.arange(plan.years[0], plan.years[-1] + 1)
    discount = (1.0 + float(plan.meta["discount_rate"])) ** -(years - float(years[0]))
    rents = (cells["tenure"] == "renter").to_numpy()
    turnover = np.where(rents, drawn["renter_turnover"][:, None], drawn["owner_turnover"][:, None])[..., None]
    effect = np.where(rents, drawn[EFFECT][:, None], 0.0)[..., None]
    rent = _yearly_rent(plan, cells)[:, None]
    percent = {
        name: np.nan_to_num(100.0 * money / rent) * rents[:, None]
        for name, money in (("with", rise - relief), ("without_relief", rise), ("without", 0.0 * rise),
                            ("reference", before))
    }  # fmt: skip
    stay = {name: survival(turnover, effect, p) for name, p in percent.items()}
    whole, held = kept(gain, np.ones(1), discount), kept(gain, stay["with"], discount)
    bare = kept(gain - relief, stay["without_relief"], discount)
    table = cells.assign(homes=homes, gain=whole[0], low=_edge(whole, 0), high=_edge(whole, 1), kept=held[0],
                         kept_low=_edge(held, 0), kept_high=_edge(held, 1), kept_without_relief=bare[0],
                         kept_per_home=held[0] * 1e6 / np.where(homes > 0, homes, np.nan))  # fmt: skip
    table["share_kept"] = np.where(whole[0] > 0, held[0] / np.where(whole[0] > 0, whole[0], 1.0), np.nan)
    at = np.searchsorted(years, plan.years)
    table["moved_by_rent"] = (stay["without"] - stay["with"])[0][:, at].max(axis=-1)
    table["moved_by_rent_without_relief"] = (stay["without"] - stay["without_relief"])[0][:, at].max(axis=-1)
    table["dear_years"] = _dear_years(gain[..., at], homes, plan.years)
    notes = []
    unknown = np.isnan(rent[rents])
    if unknown.all() and rents.any():
        notes.append(word("Rents are not known, so that nobody is driven out by rent in this run: many may be."))
    elif unknown.any():
        said = word("Rents are not known for every group, so that tenants of the others are not driven out in it.")
        notes.append(said)
    lived = table["homes"] > 0
    stays = _stays(cells[lived], {n: s[0][lived.to_numpy()][:, at] for n, s in stay.items()}, plan.years)
    rows = [
        {"name": n, "value": float(drawn[n][0]), "low": _bound(plan, n, 1), "high": _bound(plan, n, 2),
         "given": given[n]}
        for n in DEFAULTS
    ]  # fmt: skip
    named = {str(g["id"]): group_name(str(g["name"])) for g in plan.meta["city"].get("groups") or []}
    return Turnover(
        table[lived].reset_index(drop=True), stays, pd.DataFrame(rows), tuple(notes), named, reference.name
    )


def _dear_years(gain: np.ndarray, homes: np.ndarray, years: list[int]) -> list[str]:
    """Milestones in which a group surely pays more than in the reference, in words such as "2040, 2050"."""
    worse = _edge(gain, 1) * 1e6 < -NOTHING * homes[:, None]
    return [", ".join(str(y) for y, w in zip(years, row, strict=True) if w) for row in worse]


def _central(plan: Plan) -> dict[str, np.ndarray]:
    return {str(n): np.array([float(v)]) for n, v in zip(plan.drivers["name"], plan.drivers["value"], strict=True)}


def _assumed(drawn: Mapping[str, np.ndarray], missing: list[str]) -> dict[str, np.ndarray]:
    """Parameters that the plan does not bring, drawn from a triangle like every other driver; row 0 central."""
    rows = len(next(iter(drawn.values()), np.zeros(1)))
    rng = np.random.default_rng(7)
    return {
        n: np.concatenate([[DEFAULTS[n][0]], rng.triangular(DEFAULTS[n][1], DEFAULTS[n][0], DEFAULTS[n][2], rows - 1)])
        for n in missing
    }


def _bound(plan: Plan, name: str, which: int) -> float:
    row = plan.drivers[plan.drivers["name"] == name]
    return float(row[("value", "low", "high")[which]].iloc[0]) if len(row) else DEFAULTS[name][which]


def _edge(drawn: np.ndarray, which: int) -> np.ndarray:
    """Low or high end of nine in ten draws, widened to hold the plan's own figure; NaN when nothing was drawn."""
    if len(drawn) < 2:
        return np.full(drawn.shape[1:], np.nan)
    edge = np.quantile(drawn[1:], QUANTILES[which], axis=0)
    return np.asarray((np.minimum, np.maximum)[which](edge, drawn[0]))


def _yearly(
    plan: Plan, reference: Plan, values: dict[str, np.ndarray]
) -> tuple[pd.DataFrame, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Groups and tenures, and for each calendar year in every draw, in million CUR: the gain, the rent for works, what
    is paid back of it, and the rent less relief in the reference; draws x (group, tenure) x years."""
    after, before = household_rows(plan), household_rows(reference)
    cells, paid = _drawn(plan, after, values)
    _, paid_before = _drawn(reference, before, values)
    _, rise = _drawn(plan, _works_rent(after), values)
    _, relief = _drawn(plan, after[after["kind"] == RELIEF], values)
    _, rise_before = _drawn(reference, _works_rent(before), values)
    _, relief_before = _drawn(reference, before[before["kind"] == RELIEF], values)
    return cells, paid_before - paid, rise, -relief, rise_before + relief_before


def _works_rent(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[(rows["kind"] == RENT) & (rows["measure"] != "")]


def _drawn(plan: Plan, rows: pd.DataFrame, values: dict[str, np.ndarray]) -> tuple[pd.DataFrame, np.ndarray]:
    a = cell_aggregate(plan, rows, ("group", "tenure", "period"))
    keys = a.keys.to_frame(index=False)
    cells = keys[["group", "tenure"]].drop_duplicates(ignore_index=True)
    cube = evaluate(a, values).reshape(-1, len(cells), keys["period"].nunique())
    periods = np.sort(keys["period"].unique()).astype(int)
    cube = cube[..., np.searchsorted(periods, plan.years)]
    calendar = np.arange(plan.years[0], plan.years[-1] + 1)
    hats = np.stack([np.interp(calendar, plan.years, row) for row in np.eye(len(plan.years))])
    return cells, cube @ hats


def _yearly_rent(plan: Plan, cells: pd.DataFrame) -> np.ndarray:
    """Rent that all homes of a group and tenure pay together, million CUR a year; NaN where it is not known.

    Where it is known for some zones only, the others are taken to pay their mean.
    """
    homes = homes_of(plan)
    rent = pd.Series(fact(plan, "rent"), index=homes.index)
    labels = ["group", "tenure"]
    paid = (rent * homes).groupby(labels).sum(min_count=1) / homes.where(rent.notna()).groupby(labels).sum()
    total = (paid * homes.groupby(labels).sum() * 1e-6).reindex(pd.MultiIndex.from_frame(cells)).to_numpy()
    return np.where(total > 0, total, np.nan)


def _stays(cells: pd.DataFrame, shares: Mapping[str, np.ndarray], years: list[int]) -> pd.DataFrame:
    frame = cells.loc[cells.index.repeat(len(years))].reset_index(drop=True).assign(period=np.tile(years, len(cells)))
    return frame.assign(**{name: share.ravel() for name, share in shares.items()})


def no_group_loses(run: Turnover) -> str:
    """What the turnover run allows to say of who loses; no page may say "no group loses" from anything else.

    A group loses when all of the range of what its present residents keep lies below zero.
    """
    against = (
        word("business as adopted") if run.reference == "adopted" else say("the plan '{plan}'", plan=run.reference)
    )
    t = run.table
    if t[["kept_low", "kept_high"]].isna().any(axis=None):
        return word("Whether any group loses cannot be told: the turnover run was made without ranges.")
    least = NOTHING * 1e-6 * t["homes"]
    loses, even = t["kept_high"] < -least, t["kept_low"] >= -least
    unsure = ~loses & ~even
    words = []
    if loses.any():
        words.append(
            say(
                "Some lose, over the whole plan, following those who live there today, against {against}: {who}.",
                against=against,
                who=_who(run, loses),
            )
        )
        if unsure.any():
            words.append(say("This run cannot tell for {who}.", who=_who(run, unsure)))
    elif unsure.all():
        words.append(
            say(
                "This run cannot tell whether any group loses, over the whole plan, following those who live there "
                "today, against {against}.",
                against=against,
            )
        )
    elif unsure.any():
        words.append(
            say(
                "No group loses by more than its range, over the whole plan, following those who live there today, "
                "against {against}; this run cannot tell for {who}.",
                against=against,
                who=_who(run, unsure),
            )
        )
    else:
        words.append(
            say(
                "No group loses, over the whole plan, following those who live there today, against {against}.",
                against=against,
            )
        )
    dear = t["dear_years"] != ""
    if dear.any():
        years = sorted({y for text in t.loc[dear, "dear_years"] for y in text.split(", ")})
        words.append(
            say("In single years ({years}) homes pay more: {who}.", years=", ".join(years), who=_who(run, dear))
        )
    moved = t["moved_by_rent"] >= FEW
    if moved.any():
        words.append(
            say(
                "But higher rents for works move people out: up to {most} of 100 present homes of {who}; what those "
                "who leave lose is not counted.",
                most=digits(100.0 * float(t.loc[moved, "moved_by_rent"].max()), ".0f"),
                who=_who(run, moved),
            )
        )
    return together(*run.notes, *words)


def _who(run: Turnover, which: pd.Series) -> str:
    """Groups and tenures in words: "owners with ..." and "tenants with ...", or all of a tenure."""
    said = []
    for tenure, whole, some in (
        ("owner", word("all owners"), word("owners ({groups})")),
        ("renter", word("all tenants"), word("tenants ({groups})")),
    ):
        mine = run.table["tenure"] == tenure
        groups = [str(g) for g in run.table.loc[mine & which, "group"]]
        if groups and len(groups) == mine.sum():
            said.append(whole)
        elif groups:
            said.append(say(some, groups=joined(", ", *(run.names.get(g, g) for g in groups))))
    return listed(said)


def displacement_flags(plan: Plan, reference: Plan, zones: bool) -> pd.DataFrame:
    """Where works may drive out tenants, by zone, or by group where zones differ by allocation alone.

    Columns place, name, period, homes, low_income_tenants (share of the homes there), city_share, rent_rise (for
    works, less relief) and bills of low-income tenants and net, all against ``reference``, in CUR per home and year;
    rent_percent (net, in % of rent), works (mean share by which measures reach further there than in the
    reference), city_works, flagged, words, why (what makes the flag; "" where there is none). NaN is not known. A
    place is flagged where low-income tenants are more than in the city as a whole and either the rent rises by more
    than bills fall (by a thousandth of their income, so that a few coins raise no flag) or works reach further than
    in the city.
    """
    label = "zone" if zones else "group"
    low = [str(g["id"]) for g in plan.meta["city"].get("groups") or [] if g.get("low_income")]
    homes = homes_of(plan).rename("homes").reset_index()
    homes["theirs"] = homes["homes"] * (homes["group"].isin(low) & (homes["tenure"] == "renter"))
    place = homes.groupby(label, sort=False)[["homes", "theirs"]].sum()
    for name in ("rent", "income"):
        money = (fact(plan, name) * homes["theirs"]).where(homes["theirs"] > 0)
        place[name] = money.groupby(homes[label], sort=False).sum(min_count=1) / place["theirs"]
    tenants = warm_rent(plan, reference, ("zone", "group", "period"))
    tenants = tenants[tenants["group"].isin(low) & (tenants["homes"] > 0)]
    money = tenants[["rent_rise", "relief", "bills", "net"]].mul(tenants["homes"], axis=0)
    money = money.assign(homes=tenants["homes"]).groupby([tenants[label], tenants["period"]]).sum()
    money = money.div(money.pop("homes"), axis=0)
    city = float(place["theirs"].sum() / place["homes"].sum())
    works, city_works = _works(plan, reference, label)
    years = plan.years[1:]
    index = pd.MultiIndex.from_product([place.index, years], names=["place", "period"])
    out = pd.DataFrame(index=index).reset_index()
    out["homes"] = out["place"].map(place["homes"])
    out["low_income_tenants"] = out["place"].map(place["theirs"] / place["homes"])
    out["city_share"] = city
    here = money.reindex(index)
    out["rent_rise"] = (here["rent_rise"] - here["relief"]).to_numpy()
    out["bills"], out["net"] = here["bills"].to_numpy(), here["net"].to_numpy()
    out["rent_percent"] = 100.0 * out["net"] / out["place"].map(place["rent"])
    out["works"] = works.reindex(index).to_numpy() if len(works) else np.nan
    out["city_works"] = out["period"].map(city_works) if len(city_works) else np.nan
    many = out["low_income_tenants"] > city + 1e-9
    least = (DEARER * out["place"].map(place["income"])).fillna(NOTHING)
    dearer, nicer = out["net"] > least, out["works"] > out["city_works"] + MORE_WORKS
    out["flagged"] = many & (dearer | nicer)
    listed = plan.meta["city"]["zones"] if zones else plan.meta["city"].get("groups") or []
    named = {str(p["zone" if zones else "id"]): str(p["name"]) if zones else group_name(str(p["name"])) for p in listed}
    out.insert(1, "name", [named.get(str(p), str(p)) for p in out["place"]])
    out["words"] = [_flag_words(*row) for row in zip(out["flagged"], many, dearer, nicer, strict=True)]
    out["why"] = [_why(d, n) if f else "" for f, d, n in zip(out["flagged"], dearer, nicer, strict=True)]
    return out


def _flag_words(flagged: bool, many: bool, dearer: bool, nicer: bool) -> str:
    if not flagged and many:
        return word("not flagged: rent rises by no more than bills fall")
    if not flagged:
        return word("not flagged: fewer low-income tenants")
    if dearer and nicer:
        return word(
            "flagged: more low-income tenants than in the city as a whole, and rent rises by more than bills fall and "
            "more is done here than elsewhere"
        )
    if dearer:
        return word(
            "flagged: more low-income tenants than in the city as a whole, and rent rises by more than bills fall"
        )
    return word("flagged: more low-income tenants than in the city as a whole, and more is done here than elsewhere")


def _why(dearer: bool, nicer: bool) -> str:
    if dearer and nicer:
        return word("rent rises by more than bills fall and more is done here than elsewhere")
    return word("rent rises by more than bills fall") if dearer else word("more is done here than elsewhere")


def _works(plan: Plan, reference: Plan, label: str) -> tuple[pd.Series, pd.Series]:
    """Mean over measures of the share that is reached in a place, more than in the reference: by place and period,
    and in the city by period. Empty when the plan keeps no such table."""
    if plan.reach.empty or reference.reach.empty:
        return pd.Series(dtype=float), pd.Series(dtype=float)
    sides = []
    for by in ((label, "period"), ("period",)):
        shares = []
        for one in (plan, reference):
            rows = one.reach[one.reach[label] != book.CITY_WIDE[label]]
            total = rows.groupby(["measure", *by])[["amount", "potential"]].sum()
            shares.append((total["amount"] / total["potential"]).groupby(list(by)).mean())
        sides.append(shares[0].sub(shares[1], fill_value=0.0))
    return sides[0], sides[1]
