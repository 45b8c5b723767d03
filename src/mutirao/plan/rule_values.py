"""Does a solved plan keep its rules? Each rule measured anew from the plan's book and facts, not from its rows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mutirao.book.bundle import Plan
from mutirao.city.folder import City
from mutirao.city.settings import RuleSetting
from mutirao.ground.findings import Finding, InputError
from mutirao.ground.speech import say, word
from mutirao.justice.designation import designated_homes
from mutirao.justice.distribution import cvar as mean_of_worst
from mutirao.justice.households import low_income
from mutirao.justice.outcomes import cells_of
from mutirao.justice.withincell import strata
from mutirao.plan.homecost import household_cost_of
from mutirao.plan.rules import CAP, CVAR, GAP, NO_GROUP, NO_WORSE, PRIORITY, SHARE, WARM_RENT, Rule

CELL = ["zone", "group", "tenure"]
TOLERANCE = 1e-6


@dataclass(frozen=True)
class RuleValue:
    """What a rule asks for and what the plan does, where it is nearest to breaking it.

    got and asked in ``unit``; ``at_most`` says on which side the rule stands. ``where`` : labels of the place and
    year, as in the book. ``warning`` where the figure misleads.
    """

    name: str
    got: float
    asked: float
    at_most: bool
    unit: str
    where: tuple[str, ...]
    warning: str = ""

    @property
    def holds(self) -> bool:
        over = self.got - self.asked if self.at_most else self.asked - self.got
        return over <= TOLERANCE * max(1.0, abs(self.asked))


def rule_value(rule: Rule, plan: Plan, reference: Plan, city: City) -> RuleValue:
    """Measure a rule on a solved plan; of all cells and years, the one where least room is left."""
    return _MEASURE[rule.name](rule.setting, plan, reference, city)


def _later(plan: Plan, from_year: int | None = None) -> list[int]:
    return [y for y in plan.years[1:] if from_year is None or y >= from_year]


def _nearest(name: str, got: pd.Series, asked: pd.Series, unit: str, at_most: bool = True) -> RuleValue:
    """The row where the least room is left, relative to what is asked."""
    room = (asked - got if at_most else got - asked) / asked.abs().clip(lower=1.0)
    row = int(np.argmin(room.to_numpy()))
    at = room.index[row]
    where = tuple(str(x) for x in at) if isinstance(at, tuple) else (str(at),)
    return RuleValue(name, float(got.iloc[row]), float(asked.loc[room.index].iloc[row]), at_most, unit, where)


def _no_worse(s: RuleSetting, plan: Plan, reference: Plan, city: City) -> RuleValue:
    groups = low_income(city) if s.name == NO_WORSE else list(city.group_ids)
    after, before = (household_cost_of(p) for p in (plan, reference))
    both = pd.DataFrame({"after": after, "before": before}).fillna(0.0)
    index = both.index
    both = both[index.get_level_values("group").isin(groups) & index.get_level_values("period").isin(_later(plan))]
    return _nearest(s.name, both["after"], both["before"], "million CUR a year")


def _benefit_share(s: RuleSetting, plan: Plan, reference: Plan, city: City) -> RuleValue:
    gain = household_cost_of(reference).sub(household_cost_of(plan), fill_value=0.0)
    weight = plan.weight("discount_weight").reindex(gain.index.get_level_values("period")).to_numpy()
    gain = (gain * weight).groupby(["zone", "group"]).sum()
    part = _designated(plan, city)
    homes = cells_of(plan, plan.base_year).set_index(CELL)["homes"]
    share = (part * homes).groupby(["zone", "group"]).sum() / homes.groupby(["zone", "group"]).sum().clip(lower=1e-12)
    theirs, everyone = float((gain * share.reindex(gain.index).fillna(0.0)).sum()), float(gain.sum())
    asked = max(everyone, 0.0) * float(s.share or 0.0)
    warning = "" if everyone > 0 else word(
        "Households together do not gain, so a share of what they gain would mislead: the rule asks only that "
        "designated homes do not lose."
    )  # fmt: skip
    return RuleValue(s.name, theirs, asked, False, "million CUR over the plan", ("the whole plan",), warning)


def _designated(plan: Plan, city: City) -> pd.Series:
    assert city.designated is not None
    homes = cells_of(plan, plan.base_year).set_index(CELL)["homes"].to_xarray().fillna(0.0)
    return designated_homes(city.designated, homes).to_series()


def _burden_cap(s: RuleSetting, plan: Plan, reference: Plan, city: City) -> RuleValue:
    got = {}
    for year in _later(plan, s.from_year):
        cells = _lived_in(plan, year)
        if s.who == "designated":
            cells = cells[_designated(plan, city).reindex(cells.index).fillna(0.0) > 0]
        elif s.who != "all":
            cells = cells[cells.index.get_level_values("group").isin(low_income(city))]
        got[year] = cells["energy"] / cells["income"]
    burden = pd.concat(got, names=["period"])
    return _nearest(s.name, burden, pd.Series(float(s.level or 0.0), index=burden.index), "share of income")


def _lived_in(plan: Plan, year: int) -> pd.DataFrame:
    cells = cells_of(plan, year).set_index(CELL)
    return cells[(cells["homes"] > 1e-6) & (cells["income"] > 0)]


def _gap(plan: Plan, year: int, threshold: float) -> float:
    """Spend above the threshold in strata of each cell, million CUR a year."""
    cells = _lived_in(plan, year)
    q = strata(_spread(plan))
    over = np.clip(np.outer(cells["energy"], q) - threshold * cells["income"].to_numpy()[:, None], 0.0, None)
    return float((over.mean(axis=1) * cells["homes"]).sum() * 1e-6)


def _spread(plan: Plan) -> float:
    return float(plan.drivers.set_index("name")["value"]["within_cell_spread"])


def _poverty_gap(s: RuleSetting, plan: Plan, reference: Plan, city: City) -> RuleValue:
    threshold, cut = float(s.threshold or 0.0), float(s.cut or 0.0)
    asked = (1.0 - cut) * _gap(plan, plan.base_year, threshold)
    got = pd.Series({y: _gap(plan, y, threshold) for y in _later(plan, s.from_year)})
    return _nearest(s.name, got, pd.Series(asked, index=got.index), "million CUR a year")


def _cvar(s: RuleSetting, plan: Plan, reference: Plan, city: City) -> RuleValue:
    worst, level, q = float(s.worst or 0.0), float(s.level or 0.0), strata(_spread(plan))
    got: dict[int, float] = {}
    before: dict[int, float] = {}
    for year in _later(plan, s.from_year):
        for out, one in ((got, plan), (before, reference)):
            cells = _lived_in(one, year)
            burden = np.outer(cells["energy"] / cells["income"], q).ravel()
            out[year] = mean_of_worst(burden, worst, np.repeat(cells["homes"].to_numpy(), len(q)))
    asked = {year: level * value for year, value in before.items()}
    return _nearest(s.name, pd.Series(got), pd.Series(asked), "share of income")


def _priority(s: RuleSetting, plan: Plan, reference: Plan, city: City) -> RuleValue:
    """Share of designated homes reached against level x the share of all homes."""
    rows = plan.reach[plan.reach["measure"].isin(s.measures) & plan.reach["period"].isin(_later(plan))]
    if rows.empty:
        named = ", ".join(s.measures) or word("none is named")
        what = say("no measure of the rule reaches homes zone by zone: {measures}.", measures=named)
        mend = say("Write some of {names}.", names=", ".join(sorted(set(plan.reach["measure"]))))
        raise InputError(Finding("city.toml", None, "rules.priority.measures", what, mend))
    part = _designated(plan, city).rename("designated").reset_index()
    homes = cells_of(plan, plan.base_year)[[*CELL, "homes"]]
    part = part.merge(homes, on=CELL)
    on = [c for c in CELL if not rows[c].isin(["CITY", "ALL"]).all()]
    each = part.assign(theirs=part["designated"] * part["homes"]).groupby(on)[["theirs", "homes"]].sum()
    rows = rows.merge((each["theirs"] / each["homes"]).rename("designated").reset_index(), on=on)
    at = [rows["measure"], rows["part"], rows["period"]]

    def share(weight: "pd.Series[float] | float") -> pd.Series:
        return (rows["amount"] * weight).groupby(at).sum() / (rows["potential"] * weight).groupby(at).sum()

    level = 1.0 if s.level is None else float(s.level)
    return _nearest(s.name, share(rows["designated"]), level * share(1.0), "share of homes", at_most=False)


def _warm_rent(s: RuleSetting, plan: Plan, reference: Plan, city: City) -> RuleValue:
    got: dict[int, pd.Series] = {}
    asked: dict[int, pd.Series] = {}
    for year in _later(plan, s.from_year):
        for out, one in ((got, plan), (asked, reference)):
            cells = _lived_in(one, year)
            index = cells.index
            theirs = index.get_level_values("group").isin(low_income(city))
            theirs &= index.get_level_values("tenure") == "renter"
            out[year] = cells["energy"][theirs]
    return _nearest(s.name, pd.concat(got), pd.concat(asked), "CUR per home and year")


_MEASURE: Mapping[str, Callable[[RuleSetting, Plan, Plan, City], RuleValue]] = {
    NO_WORSE: _no_worse, NO_GROUP: _no_worse, SHARE: _benefit_share, CAP: _burden_cap, GAP: _poverty_gap,
    CVAR: _cvar, PRIORITY: _priority, WARM_RENT: _warm_rent,
}  # fmt: skip
