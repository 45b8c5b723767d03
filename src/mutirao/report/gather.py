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
from mutirao.plan.pipeline import Plans, RulePrice
from mutirao.plan.ranges import change_ranges
from mutirao.report.content import Assessment as AssessmentContent
from mutirao.report.content import Headwinds as HeadwindsContent
from mutirao.report.content import ReportContent, RuleResult


def gather(
    plans: Plans, assessment: Assessment | None, headwinds: Headwinds | None, findings: Sequence[str]
) -> ReportContent:
    """Fill the content of a report from one run."""
    inputs = plans.inputs
    return ReportContent(
        city_title=inputs.city.settings.name,
        plans=plans.all,
        date=date.today().isoformat(),
        sections=[s.section(plans.rules, plans.adopted) for s in inputs.systems],
        rules=[*(_priced(p, plans) for p in plans.prices), *_off(plans.off)],
        wedges=plans.wedges,
        assessment=assessment_content(assessment) if assessment else None,
        headwinds=headwinds_content(headwinds) if headwinds else None,
        checks=list(plans.checks),
        findings=[*findings, *plans.rules.meta["base_notes"]],
        coverage=_coverage(inputs.city, inputs.systems),
        bridge=bridge(plans.rules),
        collisions=[*plans.collisions, *(lever.sentence for lever in plans.levers)],
        draws=change_ranges(plans.rules, plans.adopted),
        sources=_sources(inputs.city),
    )


def _priced(price: RulePrice, plans: Plans) -> RuleResult:
    rule = price.rule
    return RuleResult(
        rule.name, rule.words, rule.set_by, rule.date, rule.how, True, "", price.cost, price.share,
        _price_words(plans.rules, rule.name), price.households,
    )  # fmt: skip


def _price_words(plan: Plan, name: str) -> str:
    """What the rule's price on its own row says, in one sentence."""
    rows = plan.duals[plan.duals["limit"] == f"rule-{name}"]
    binding = rows[rows["dual"].abs() > 1e-9]
    if binding.empty:
        return "The rule does not bind: the plan would keep it anyway."
    currency = plan.meta["city"]["currency"]
    price = float(binding["price"].to_numpy()[binding["dual"].abs().to_numpy().argmax()])
    return (
        f"Asking for 1 million {currency} more through this rule would cost {abs(price):.2g} million "
        f"{currency} more in all, at the margin."
    )


def _off(sentences: Sequence[str]) -> list[RuleResult]:
    out = []
    for words in sentences:
        name = words.split("'")[1]
        out.append(RuleResult(name, "", "", "", "", False, words))
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
