"""Two plans of a city side by side: what differs, how sure it is, and who decided it. Never which one is better."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.stats import triang

from mutirao.book import terms as book
from mutirao.book.bundle import Plan
from mutirao.book.draws import evaluate
from mutirao.ground.findings import Finding, InputError, told
from mutirao.ground.speech import say, together, word
from mutirao.model.figures import Figure, Section
from mutirao.report import names, tables
from mutirao.report.chapter import table
from mutirao.report.scales import ShareTable
from mutirao.report.whatif import FixedPlan, Sums, fixed_plan
from mutirao.report.words import apart, between, change_digits, hidden_by_range, kilotonnes, money, number

DRAWS = 1000
QUANTILES = (0.05, 0.95)
#: Shares of a measure's potential that differ by less are the same.
SAME_SHARE = 0.005
#: Differences below this, in currency per home, are rounding.
NOTHING = 1e-6

Values = dict[str, np.ndarray]
Pair = tuple[FixedPlan, FixedPlan]


@dataclass(frozen=True)
class Side:
    """One of the two: what people call it, the plan, business as adopted beside it, measures to start now.

    fixed : the two books as `whatif.fixed_plan` sums them, where that is at hand already.
    """

    name: str
    plan: Plan
    adopted: Plan
    start_now: Sequence[str] = ()
    fixed: FixedPlan | None = None


@dataclass(frozen=True)
class Comparison:
    """What a page shows, in order."""

    words: tuple[str, ...]
    sections: tuple[Section, ...]


def compared(one: Side, other: Side) -> Comparison:
    """Set two plans of one city side by side.

    Differences are the second less the first. Where their range over prices and factors (the same draw for both)
    includes zero, the table says "cannot tell". Raises InputError for plans of different cities or currencies.
    """
    _refuse_strangers(one, other)
    a, b = _apart(one, other)
    fixed = _fixed(a), _fixed(b)
    values = _common_values(fixed)
    words = say(
        "Two plans, each under the rules and assumptions that its makers set: '{a}' and '{b}'. What differs is listed "
        "here; which of them is right for the city is for people to say.",
        a=a.name, b=b.name,
    )  # fmt: skip
    sections = (
        _emissions(a, b),
        _cost(a, b, fixed, values),
        _homes(a, b, fixed, values),
        _measures(a, b),
        _rules(a, b),
        _assumptions(a, b),
        _start_now(a, b),
    )
    return Comparison((words,), sections)


def _fixed(side: Side) -> FixedPlan:
    return side.fixed or fixed_plan(side.plan, side.adopted)


def _refuse_strangers(a: Side, b: Side) -> None:
    cities = [s.plan.meta["city"] for s in (a, b)]
    for key in ("name", "currency", "price_year"):
        if cities[0][key] != cities[1][key]:
            what = told("one plan has '{one}', the other '{other}'.", one=cities[0][key], other=cities[1][key])
            mend = word("Compare two plans of the same city, in money of the same year.")
            raise InputError(Finding("compare", None, key, what, mend))


def _apart(a: Side, b: Side) -> tuple[Side, Side]:
    """Two sides whose names differ, for columns and lines are told apart by them."""
    return (a, b) if a.name != b.name else (replace(a, name=f"{a.name} (1)"), replace(b, name=f"{b.name} (2)"))


def _common_values(fixed: Pair) -> tuple[Values, Values]:
    """Values of all drivers for both plans, row 0 central, then the same draws: a driver that both hold alike has the
    same value in every draw of both, one on which they differ lies at the same place of its own range."""
    rng = np.random.default_rng(1)
    known = sorted(set(fixed[0].drivers["name"]) | set(fixed[1].drivers["name"]))
    place = dict(zip(known, rng.random((len(known), DRAWS)), strict=True))
    return _values(fixed[0], place), _values(fixed[1], place)


def _values(fixed: FixedPlan, place: Mapping[str, np.ndarray]) -> Values:
    out = {}
    for d in fixed.drivers.to_dict("records"):
        low, value, high = float(d["low"]), float(d["value"]), float(d["high"])
        drawn = np.full(DRAWS, value)
        if low < high:
            top = min(max(value, low), high)
            drawn = triang.ppf(place[str(d["name"])], (top - low) / (high - low), loc=low, scale=high - low)
        out[str(d["name"])] = np.concatenate([[value], drawn])
    return out


def _emissions(a: Side, b: Side) -> Section:
    parts = [_by_year(s) for s in (a, b)]
    frame = pd.concat([p.assign(plan=s.name) for p, s in zip(parts, (a, b), strict=True)], ignore_index=True)
    totals = [tables.cumulative(s.plan, tables.emissions(s.plan)) for s in (a, b)]
    said = say(
        "Added up over the years of each plan, '{a}' emits {one} and '{b}' {other}.",
        a=a.name, b=b.name, one=kilotonnes(totals[0]), other=kilotonnes(totals[1]),
    )  # fmt: skip
    figure = Figure(
        "compare_emissions", word("Emissions that the pledge binds"), "line", frame, "year", "value", "kt CO2e a year",
        (names.BOOK,), color="plan",
    )  # fmt: skip
    return Section("emissions", word("Emissions"), (said,), (figure,))


def _by_year(side: Side) -> pd.DataFrame:
    series = tables.emissions(side.plan)
    return pd.DataFrame({"year": [int(str(y)) for y in series.index], "value": series.to_numpy(float).round(6)})


def _cost(a: Side, b: Side, fixed: Pair, values: tuple[Values, Values]) -> Section:
    currency = str(a.plan.meta["city"]["currency"])
    extra = [_extra(f, v) for f, v in zip(fixed, values, strict=True)]
    for_each = [
        say("'{plan}' costs {amount} more than business as adopted.", plan=s.name, amount=money(e[0], currency))
        if e[0] > 0
        else say("'{plan}' costs {amount} less than business as adopted.", plan=s.name, amount=money(-e[0], currency))
        for s, e in zip((a, b), extra, strict=True)
    ]
    said = together(*for_each, _difference_of_cost(a, b, extra[1] - extra[0], currency))
    frames = [tables.payers_change(s.plan, s.adopted) for s in (a, b)]
    means = [_mean_year(s.plan, f) for s, f in zip((a, b), frames, strict=True)]
    parties = [names.party(p) for p in book.INSIDE]
    wide = pd.DataFrame({a.name: means[0], b.name: means[1]}).fillna(0.0)
    wide = wide.reindex([p for p in parties if p in wide.index])
    wide = wide[wide.abs().max(axis=1) > 1e-6]
    unit = say("million {currency} a year, against business as adopted", currency=currency)
    long = wide.rename_axis("who pays").reset_index().melt(id_vars="who pays", var_name="plan", value_name="change")
    figure = Figure(
        "compare_payers", word("Who pays more or less, in a mean year of the plan"), "grouped_bar", long, "who pays",
        "change", unit, (names.BOOK,), color="plan", note=word("Yearly repayments of loans in place of the works."),
    )  # fmt: skip
    return Section("cost", word("Cost, by who pays"), (said,), (figure,))


def _extra(fixed: FixedPlan, values: Values) -> np.ndarray:
    return np.asarray((evaluate(fixed.plan.cost, values) - evaluate(fixed.reference.cost, values))[:, 0])


def _difference_of_cost(a: Side, b: Side, drawn: np.ndarray, currency: str) -> str:
    central, low, high = _span(drawn)
    given = {"a": a.name, "b": b.name, "low": money(abs(low), currency), "high": money(abs(high), currency)}
    if abs(central) < 0.5 and max(abs(low), abs(high)) < 0.5:
        return say("The two cost the same.")
    if hidden_by_range(low, high):
        return say(
            "Which of the two costs more cannot be told: over the ranges of prices and factors, '{b}' costs between "
            "{low} less and {high} more than '{a}'.",
            **given,
        )
    near, far = sorted((abs(low), abs(high)))
    ends = {"near": money(near, currency), "far": money(far, currency)}
    if central > 0:
        return say("'{b}' costs between {near} and {far} more than '{a}'.", a=a.name, b=b.name, **ends)
    return say("'{b}' costs between {near} and {far} less than '{a}'.", a=a.name, b=b.name, **ends)


def _span(drawn: np.ndarray) -> tuple[float, float, float]:
    """Central value (row 0), and the 5 % and 95 % of the draws, widened to hold it."""
    low, high = np.quantile(drawn[1:], QUANTILES)
    return float(drawn[0]), float(min(low, drawn[0])), float(max(high, drawn[0]))


def _mean_year(plan: Plan, frame: pd.DataFrame) -> pd.Series:
    weight = plan.weight("year_weight")
    part = frame["year"].map(weight / weight.sum()).fillna(0.0)
    return (frame["change"] * part).groupby(frame["party"], sort=False).sum()


def _homes(a: Side, b: Side, fixed: Pair, values: tuple[Values, Values]) -> Section:
    currency = str(a.plan.meta["city"]["currency"])
    pays = [_pays(f.plan, v) for f, v in zip(fixed, values, strict=True)]
    more = [p - _pays(f.reference, v) for p, f, v in zip(pays, fixed, values, strict=True)]
    said_of = names.groups(a.plan.meta)
    rows = []
    for group in [g for g in said_of if g in pays[0] and g in pays[1]] or list(pays[0].columns):
        central, low, high = _span((pays[1][group] - pays[0][group]).to_numpy())
        rows.append(
            {
                "income group": said_of.get(group, group),
                a.name: change_digits(*_span(more[0][group].to_numpy())),
                b.name: change_digits(*_span(more[1][group].to_numpy())),
                "difference": change_digits(central, low, high) if abs(central) > NOTHING else "0",
                "range of the difference": between(low, high) if abs(central) > NOTHING else "",
            }
        )
    unit = say("{currency} per household and mean year of the plan, against business as adopted", currency=currency)
    note = say(
        "The difference is '{b}' less '{a}'. Where its range over prices and factors includes zero it reads 'cannot "
        "tell'. Two significant digits.",
        a=a.name, b=b.name,
    )  # fmt: skip
    figure = table("compare_homes", word("What a home pays more or less, by income group"), pd.DataFrame(rows), unit,
                   (names.BOOK,), note)  # fmt: skip
    return Section("homes", word("Households"), (), (figure,))


def _pays(sums: Sums, values: Values) -> pd.DataFrame:
    return pd.DataFrame(evaluate(sums.homes, values), columns=sums.homes.keys)


def _measures(a: Side, b: Side) -> Section:
    shares = [tables.measure_shares(s.plan).set_index("measure") for s in (a, b)]
    columns = [[str(c) for c in s.columns] for s in shares]
    years = [c for c in columns[0] if c.isdecimal() and c in columns[1]]
    shown = [years[0], years[-1]] if len(years) > 1 else years
    rows = []
    known: dict[str, str] = {str(m): str(words) for s in reversed(shares) for m, words in s["meaning"].items()}
    for measure, meaning in known.items():
        cells = {
            (side.name, year): float(s[year].get(measure, 0.0))
            for side, s in zip((a, b), shares, strict=True)
            for year in shown
        }
        if any(abs(cells[a.name, y] - cells[b.name, y]) > SAME_SHARE for y in shown):
            rows.append({"measure": meaning, **{f"{plan}, {year}": value for (plan, year), value in cells.items()}})
    if not rows:
        return Section("measures", word("Measures"), (word("Both take the same measures as far."),))
    frame = pd.DataFrame(rows)
    figure = ShareTable(
        "compare_measures", word("Measures that the two take differently far"), "table", frame, "", "",
        word("share of what is possible"), (names.BOOK,), shares=tuple(str(c) for c in frame if c != "measure"),
    )  # fmt: skip
    return Section("measures", word("Measures"), (), (figure,))


def _rules(a: Side, b: Side) -> Section:
    rows = [
        {"plan": s.name, "rule": str(r["words"])}
        | {head: str(r.get(key) or "") for head, key in (("set by", "set_by"), ("when", "date"), ("how", "how"))}
        for s in (a, b)
        for r in s.plan.meta.get("rules") or []
    ]
    if not rows:
        return Section("rules", word("Rules"), (word("Neither plan has a fairness rule."),))
    figure = table("compare_rules", word("Fairness rules in force and who set them"), pd.DataFrame(rows), "", ())
    return Section("rules", word("Rules"), (), (figure,))


def _assumptions(a: Side, b: Side) -> Section:
    known = [s.plan.drivers.set_index("name") for s in (a, b)]
    rows = []
    for name in [n for n in known[0].index if n in known[1].index]:
        one, other = (float(k["value"][name]) for k in known)
        if abs(one - other) > 1e-9 * max(abs(one), abs(other)):
            source = known[1].at[name, "source"]
            rows.append({"assumption": str(name).replace("_", " "), a.name: number(one), b.name: number(other),
                         "unit": str(known[0].at[name, "unit"]), "source of the second": str(source)})  # fmt: skip
    if not rows:
        return Section("assumptions", word("Assumptions"), (word("Both rest on the same assumptions."),))
    title = word("Assumptions on which the two differ")
    figure = table("compare_assumptions", title, pd.DataFrame(rows), "", ())
    return Section("assumptions", word("Assumptions"), (), (figure,))


def _start_now(a: Side, b: Side) -> Section:
    if not a.start_now and not b.start_now:
        words = word("Headwinds were not tried for these plans, so nothing is said on what to start now.")
        return Section("start_now", word("What to start now"), (words,))
    meaning = {**names.measures(b.plan), **names.measures(a.plan)}
    said = [
        say("Right in every headwind under '{plan}': {names}.", plan=s.name,
            names=apart([meaning.get(m, m) for m in s.start_now]))
        if s.start_now
        else say("Under '{plan}' no measure is right in every headwind.", plan=s.name)
        for s in (a, b)
    ]  # fmt: skip
    return Section("start_now", word("What to start now"), tuple(said))
