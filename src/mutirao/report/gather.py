"""From solved plans to what a report is made of."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from mutirao.book.bundle import Plan
from mutirao.city.coverage import coverage
from mutirao.city.folder import City
from mutirao.model.system import System
from mutirao.plan.assess import Assessment
from mutirao.plan.bridge import bridge
from mutirao.plan.headwinds import Headwinds
from mutirao.plan.inputs import declared_variables
from mutirao.plan.outcomes import justice_outcomes
from mutirao.plan.pipeline import Plans, RulePrice
from mutirao.plan.ranges import difference_ranges
from mutirao.plan.rule_values import RuleValue, rule_value
from mutirao.plan.rules import Rule, lacking
from mutirao.report.content import Assessment as AssessmentContent
from mutirao.report.content import Headwinds as HeadwindsContent
from mutirao.report.content import ReportContent, RuleResult
from mutirao.report.names import TENURES


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
        " ".join(words), price.households, _kept(value, plans.inputs.city), value.warning,
    )  # fmt: skip


def _kept(value: RuleValue, city: City) -> str:
    """The rule measured on the plan, where least room is left."""
    side = "at most" if value.at_most else "at least"
    share, unit = value.unit.startswith("share"), value.unit.replace("CUR", city.settings.currency)
    got, asked = (f"{100 * x:.3g} %" if share else f"{x:,.4g} {unit}" for x in (value.got, value.asked))
    verdict = "The plan keeps it" if value.holds else "The plan does not keep it"
    called = {str(z["zone"]): str(z["name"]) for z in city.zones.to_dict("records")}
    called |= {g.id: g.name for g in city.settings.groups} | TENURES
    where = ", ".join(called.get(x, x) for x in value.where)
    return f"{verdict}: measured on its book, {got} against {side} {asked}, where least room is left ({where})."


def _missed_more(price: RulePrice, plans: Plans) -> list[str]:
    """What part of a price is no payment but a promise missed by more, where promises are missed."""
    paid = float(plans.rules.meta["cost"]) - float(price.without.meta["cost"])
    beside = price.cost - paid
    if abs(beside) <= 0.01 * abs(price.cost) + 0.5:
        return []
    currency = plans.inputs.city.settings.currency
    more = "more" if beside > 0 else "less"
    return [
        f"Payments are {abs(paid):,.0f} million {currency} {'higher' if paid > 0 else 'lower'}; promises that cannot "
        f"be kept here in any case are missed by a little {more}, which counts {abs(beside):,.0f} million {more} at "
        "the shortfall price."
    ]


def _price_words(plan: Plan, name: str) -> str:
    """What the rule's price on its own rows says, in one sentence."""
    rows = plan.duals[plan.duals["limit"].eq(f"rule-{name}") | plan.duals["limit"].str.startswith(f"rule-{name}-")]
    binding = rows[rows["dual"].abs() > 1e-9]
    if binding.empty:
        return "The rule does not bind: the plan would keep it anyway."
    row = binding.iloc[int(binding["price"].abs().to_numpy().argmax())]
    currency, price = plan.meta["city"]["currency"], float(row["price"])
    more, size = ("one percentage point", 0.01) if row["unit"] == "share" else (f"1 million {currency}", 1.0)
    return (
        f"It binds in {len(binding)} of {len(rows)} places and years. Asking for {more} more through this rule "
        f"where it binds hardest would cost {price * size:.2g} million {currency} more in all, at the margin."
    )


def _off(plans: Plans) -> list[RuleResult]:
    """Rules that are off: what they would ask, and whether the plan keeps them all the same."""
    out, city = [], plans.inputs.city
    for words in plans.off:
        name = words.split("'")[1]
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
