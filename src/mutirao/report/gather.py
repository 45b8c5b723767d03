"""From solved plans to what a report is made of."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from mutirao.book.bundle import Plan
from mutirao.city.coverage import coverage
from mutirao.city.folder import City
from mutirao.ground.speech import digits, joined, say, together, word
from mutirao.model.system import System
from mutirao.plan.assess import Assessment
from mutirao.plan.bridge import bridge
from mutirao.plan.headwinds import Headwinds
from mutirao.plan.inputs import declared_variables
from mutirao.plan.outcomes import justice_outcomes
from mutirao.plan.pipeline import Plans, RulePrice
from mutirao.plan.ranges import difference_ranges
from mutirao.plan.rule_values import RuleValue, rule_value
from mutirao.plan.rules import Rule, lacking, off_sentence
from mutirao.report.content import Assessment as AssessmentContent
from mutirao.report.content import Headwinds as HeadwindsContent
from mutirao.report.content import ReportContent, RuleResult
from mutirao.report.names import TENURES

#: Amounts of a rule's units in money, in words; the others are shares.
AMOUNTS = {
    "million CUR a year": word("{amount} million {currency} a year"),
    "million CUR over the plan": word("{amount} million {currency} over the plan"),
    "CUR per home and year": word("{amount} {currency} per home and year"),
}


def gather(
    plans: Plans, assessment: Assessment | None, headwinds: Headwinds | None, findings: Sequence[str]
) -> ReportContent:
    """Fill the content of a report from one run."""
    inputs = plans.inputs
    justice = justice_outcomes(plans.all, inputs.city)
    changed = [difference_ranges(plans.rules, p.without, p.rule.name) for p in plans.prices]
    return ReportContent(
        city_title=inputs.city.settings.name,
        plans=plans.all,
        date=date.today().isoformat(),
        sections=[s.section(plans.rules, plans.adopted) for s in inputs.systems],
        rules=[*(_priced(p, plans) for p in plans.prices), *_off(plans)],
        wedges=plans.wedges,
        assessment=assessment_content(assessment) if assessment else None,
        headwinds=headwinds_content(headwinds) if headwinds else None,
        checks=list(plans.checks),
        findings=[*findings, *plans.rules.meta["base_notes"]],
        coverage=_coverage(inputs.city, inputs.systems),
        bridge=bridge(plans.rules),
        collisions=[*plans.collisions, *(lever.sentence for lever in plans.levers)],
        draws=pd.concat([justice.ranges, *changed], ignore_index=True),
        sources=_sources(inputs.city),
        justice=justice,
    )


def _priced(price: RulePrice, plans: Plans) -> RuleResult:
    rule = price.rule
    value = rule_value(rule, plans.rules, plans.adopted, plans.inputs.city)
    words = [_price_words(plans.rules, rule.name), *_missed_more(price, plans)]
    return RuleResult(
        rule.name, rule.words, rule.set_by, rule.date, rule.how, True, "", price.cost, price.share,
        together(*words), price.households, _kept(value, plans.inputs.city), value.warning,
    )  # fmt: skip


def _kept(value: RuleValue, city: City) -> str:
    """The rule measured on the plan, where least room is left."""
    got, asked = (_amount(x, value.unit, city.settings.currency) for x in (value.got, value.asked))
    called = {str(z["zone"]): str(z["name"]) for z in city.zones.to_dict("records")}
    called |= {g.id: g.name for g in city.settings.groups} | TENURES
    given = {"got": got, "asked": asked, "where": joined(", ", *(called.get(x, x) for x in value.where))}
    if value.holds and value.at_most:
        return say(
            "The plan keeps it: measured on its book, {got} against at most {asked}, where least room is left "
            "({where}).",
            **given,
        )
    if value.holds:
        return say(
            "The plan keeps it: measured on its book, {got} against at least {asked}, where least room is left "
            "({where}).",
            **given,
        )
    if value.at_most:
        return say(
            "The plan does not keep it: measured on its book, {got} against at most {asked}, where least room is left "
            "({where}).",
            **given,
        )
    return say(
        "The plan does not keep it: measured on its book, {got} against at least {asked}, where least room is left "
        "({where}).",
        **given,
    )


def _amount(value: float, unit: str, currency: str) -> str:
    if unit.startswith("share"):
        return say("{amount} %", amount=digits(100 * value, ".3g"))
    return say(AMOUNTS[unit], amount=digits(value, ",.4g"), currency=currency)


def _missed_more(price: RulePrice, plans: Plans) -> list[str]:
    """What part of a price is no payment but a promise missed by more, where promises are missed."""
    paid = float(plans.rules.meta["cost"]) - float(price.without.meta["cost"])
    beside = price.cost - paid
    if abs(beside) <= 0.01 * abs(price.cost) + 0.5:
        return []
    currency = plans.inputs.city.settings.currency
    given = {"paid": digits(abs(paid), ",.0f"), "currency": currency, "beside": digits(abs(beside), ",.0f")}
    if paid > 0 and beside > 0:
        return [
            say(
                "Payments are {paid} million {currency} higher; promises that cannot be kept here in any case are "
                "missed by a little more, which counts {beside} million more at the shortfall price.",
                **given,
            )
        ]
    if paid > 0:
        return [
            say(
                "Payments are {paid} million {currency} higher; promises that cannot be kept here in any case are "
                "missed by a little less, which counts {beside} million less at the shortfall price.",
                **given,
            )
        ]
    if beside > 0:
        return [
            say(
                "Payments are {paid} million {currency} lower; promises that cannot be kept here in any case are "
                "missed by a little more, which counts {beside} million more at the shortfall price.",
                **given,
            )
        ]
    return [
        say(
            "Payments are {paid} million {currency} lower; promises that cannot be kept here in any case are missed "
            "by a little less, which counts {beside} million less at the shortfall price.",
            **given,
        )
    ]


def _price_words(plan: Plan, name: str) -> str:
    """What the rule's price on its own rows says, in one sentence."""
    rows = plan.duals[plan.duals["limit"].eq(f"rule-{name}") | plan.duals["limit"].str.startswith(f"rule-{name}-")]
    binding = rows[rows["dual"].abs() > 1e-9]
    if binding.empty:
        return word("The rule does not bind: the plan would keep it anyway.")
    row = binding.iloc[int(binding["price"].abs().to_numpy().argmax())]
    currency, price = plan.meta["city"]["currency"], float(row["price"])
    binds = say("It binds in {count} of {all} places and years.", count=len(binding), all=len(rows))
    if row["unit"] == "share":
        more = say(
            "Asking for one percentage point more through this rule where it binds hardest would cost {cost} million "
            "{currency} more in all, at the margin.",
            cost=digits(price * 0.01, ".2g"),
            currency=currency,
        )
    else:
        more = say(
            "Asking for 1 million {currency} more through this rule where it binds hardest would cost {cost} million "
            "{currency} more in all, at the margin.",
            cost=digits(price, ".2g"),
            currency=currency,
        )
    return together(binds, more)


def _off(plans: Plans) -> list[RuleResult]:
    """Rules that are off: what they would ask, and whether the plan keeps them all the same."""
    out, city = [], plans.inputs.city
    for name, why in plans.off.items():
        words = off_sentence(name, why)
        setting = city.settings.rules.get(name)
        if setting is None or lacking(setting, city):
            out.append(RuleResult(name, "", "", "", "", False, words))
            continue
        rule = Rule(setting, city.settings.currency)
        kept = _kept(rule_value(rule, plans.rules, plans.adopted, city), city)
        out.append(RuleResult(name, rule.words, "", "", "", False, words, kept_words=kept))
    return out


def assessment_content(a: Assessment) -> AssessmentContent:
    """The assessment as the report's own data."""
    return AssessmentContent(
        a.gap, a.payers, a.actions, a.unfunded_kt, a.outside_city_kt, a.add_or_drop, a.groups, a.unknown_funding_kt,
        a.at_year,
    )  # fmt: skip


def headwinds_content(h: Headwinds) -> HeadwindsContent:
    """The headwinds as the report's own data."""
    return HeadwindsContent(h.cases, h.steps, h.start_now, h.first)


def _coverage(city: City, systems: Sequence[System]) -> pd.DataFrame:
    return coverage(city, declared_variables(systems))


def _sources(city: City) -> dict[str, str]:
    return {k: f"{s.publisher}: {s.title}" + (f" ({s.year})" if s.year else "") for k, s in city.sources.items()}
