"""Everything a report is made of, as plain data; whoever solved the plans fills it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from mutirao.book.bundle import Plan
from mutirao.ground.speech import say, word
from mutirao.model.check import Check
from mutirao.model.figures import Section
from mutirao.plan.outcomes import JusticeOutcomes


def money_unit(city: Mapping[str, Any]) -> str:
    """Currency of a city with its price year, such as "USD of 2024"."""
    return say("{currency} of {year}", currency=city["currency"], year=int(city["price_year"]))


@dataclass(frozen=True)
class RuleResult:
    """A fairness rule, who set it, and what it costs beside what households would pay without it.

    cost_total : million currency, discounted; None when it was not re-solved. cost_share : of the plan without it.
    household_table : group, with_rule, without_rule and, where there is more than one milestone year, period;
    currency per household and year. kept_words : the rule measured on the plan. warning : where the rule misleads.
    """

    name: str
    words: str
    set_by: str
    date: str
    how: str
    on: bool
    why_off: str = ""
    cost_total: float | None = None
    cost_share: float | None = None
    price_words: str = ""
    household_table: pd.DataFrame | None = None
    kept_words: str = ""
    warning: str = ""


@dataclass(frozen=True)
class Assessment:
    """The city's own plan judged.

    gap : year, pledge, adopted, gap (kt CO2e a year). payers : party, no_action, adopted, difference (million
    currency, discounted). groups : group, period, difference (currency per household and year). actions : action,
    measure, owner, power, status, funding, funded_share, modelled, why and one column of kt CO2e a year for each
    year named ``kt_<year>`` or ``tonnes_<year>``. unfunded_kt, unknown_funding_kt, outside_city_kt : kt CO2e a year
    at ``at_year``. add_or_drop : measure, meaning, adopted_share, plan_share, difference, words.
    """

    gap: pd.DataFrame
    payers: pd.DataFrame
    actions: pd.DataFrame
    unfunded_kt: float
    outside_city_kt: float
    add_or_drop: pd.DataFrame
    groups: pd.DataFrame | None = None
    unknown_funding_kt: float | None = None
    at_year: int | None = None


@dataclass(frozen=True)
class Headwinds:
    """The plan against the wind.

    cases : case, words, kept, missed_kt, cost_change (million currency, discounted), who_pays, and what the city's
    own power still reaches as ``city_power_kt`` or in words as ``city_measures``. steps : measure, meaning, one
    column of shares for each case at the milestone ``first``, start_now. start_now : measures right in every case.
    """

    cases: pd.DataFrame
    steps: pd.DataFrame
    start_now: list[str]
    first: int | None = None


@dataclass(frozen=True)
class ReportContent:
    """One run, ready to be written down.

    plans : no_action, adopted, least_cost, rules. sections : one from each system. wedges : period, family, value
    (kt CO2e, business as adopted less the plan). coverage : letters of grade, index system, one column a zone.
    bridge : gpc, base, growth, grid, first_year (kt CO2e). collisions : sentences on promises that cannot be kept.
    draws : name, low, mid, high, unit; a name ``household:<group>:<year>`` or ``tenure:<tenure>:<year>`` gives the
    range of a change per household, ``cost`` that of the plan's extra cost, ``rule:<rule>`` that of a rule and
    ``rule:<rule>:<group>:<year>`` what it changes for a household. justice : what plans mean for people.
    sources : source id -> words that name it. Whatever is None is said to be "not computed in this run".
    """

    city_title: str
    plans: Mapping[str, Plan]
    date: str = ""
    sections: list[Section] = field(default_factory=list)
    rules: list[RuleResult] = field(default_factory=list)
    wedges: pd.DataFrame | None = None
    assessment: Assessment | None = None
    headwinds: Headwinds | None = None
    checks: list[Check] | None = None
    findings: list[str] = field(default_factory=list)
    coverage: pd.DataFrame | None = None
    bridge: pd.DataFrame | None = None
    collisions: list[str] = field(default_factory=list)
    draws: pd.DataFrame | None = None
    sources: Mapping[str, str] = field(default_factory=dict)
    justice: JusticeOutcomes | None = None

    @property
    def plan(self) -> Plan:
        """The plan under the rules."""
        return self.plans["rules"]

    @property
    def adopted(self) -> Plan:
        """Business as adopted: what every difference is measured against."""
        return self.plans["adopted"]

    @property
    def money_unit(self) -> str:
        """Currency with its price year, such as "USD of 2024"."""
        city = self.plan.meta["city"]
        return money_unit(city)


#: Said wherever a part of the content is None.
NOT_COMPUTED = word("Not computed in this run.")
