"""What pages of plans tell: lists, a comparison, a what-if. Nothing is changed here."""

import hashlib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from django.db.models import Q, QuerySet
from django.templatetags.static import static
from django.utils.translation import get_language, gettext_lazy

from mutirao import __version__
from mutirao.ground.speech import say, word
from mutirao.model.figures import Figure, Section
from mutirao.report import names
from mutirao.report.chapter import table
from mutirao.report.compare import Side, compared
from mutirao.report.html import Shown
from mutirao.report.pages import browser_figure
from mutirao.report.scales import Spec
from mutirao.report.whatif import Answer, FixedPlan, Lever, answer, levers
from mutirao.report.words import change_digits, kilotonnes, money
from mutirao.web.cities.models import City
from mutirao.web.people.models import Organisation, Reader, User
from mutirao.web.plans.making import started_of
from mutirao.web.plans.models import Objection, Plan
from mutirao.web.plans.results import ADOPTED, RULES, bundle_of, fixed_of
from mutirao.web.plans.wording import assumption_words
from mutirao.web.runs.models import Run
from mutirao.web.runs.results import summary_of

BEFORE, AFTER = word("as planned"), word("with your values")


@dataclass(frozen=True)
class Part:
    """A part of a page: title, words, figures ready for the template."""

    id: str
    title: str
    words: tuple[str, ...]
    figures: tuple[Shown, ...]


@dataclass(frozen=True)
class Card:
    """A plan in a list: with three numbers once it is done."""

    plan: Plan
    numbers: tuple[tuple[Any, str], ...]


@dataclass(frozen=True)
class Slider:
    """A lever for the page: where it stands, and whether what was typed is no number of its range."""

    lever: Lever
    words: str
    at: float
    wrong: bool

    @property
    def texts(self) -> dict[str, str]:
        """Numbers as a form's fields take them, without marks of any language."""
        return {k: f"{v:.6g}" for k, v in (("low", self.lever.low), ("high", self.lever.high), ("at", self.at))}


def visible_plans(user: Reader, city: City | None = None) -> QuerySet[Any]:
    """Plans one sees, of one city if it is given; those that answer objections stand with the plan disputed."""
    found = Plan.objects.visible_to(user).select_related("city", "run", "organisation")
    return found.filter(city=city) if city is not None else found


def cards(plans: Iterable[Plan]) -> list[Card]:
    """Plans with what their summaries say in short."""
    return [Card(p, _in_short(summary_of(p.run))) for p in plans]


def _in_short(summary: Mapping[str, Any]) -> tuple[tuple[Any, str], ...]:
    emitted = (summary.get("emissions") or {}).get(RULES) or {}
    if not emitted:
        return ()
    last = max(emitted, key=int)
    said = say("{amount} in {year}", amount=kilotonnes(emitted[last]), year=int(last))
    out = [(gettext_lazy("Emissions in the last year"), said)]
    cost = summary.get("extra_cost")
    if isinstance(cost, int | float) and math.isfinite(cost):
        out.append((gettext_lazy("Cost against business as adopted"), _more_or_less(cost, str(summary["currency"]))))
    rules = [r for r in summary.get("rules") or [] if r.get("on")]
    return (*out, (gettext_lazy("Fairness rules in force"), str(len(rules))))


def _more_or_less(cost: float, currency: str) -> str:
    amount = money(abs(cost), currency)
    return say("{amount} more", amount=amount) if cost > 0 else say("{amount} less", amount=amount)


def plans_of(user: User) -> QuerySet[Any]:
    """The plans that a person made, and those of the organisations for which the person acts."""
    mine = Q(made_by=user) | Q(organisation__in=Organisation.objects.of(user))
    return visible_plans(user).filter(mine)


def etag(plan: Plan) -> str:
    """What tells one state of a public plan's page from another: the run, the words on it, language and software."""
    objections = Objection.objects.filter(plan=plan)
    answers = list(objections.values_list("pk", "answer__public", "answer__run__state"))
    parts = (plan.pk, plan.title, plan.reason, plan.public, plan.leading, plan.run_id, plan.run.state, answers)
    site = (get_language(), __version__, static("built/shell.css"), plan.city.name, plan.city.demonstration)
    return hashlib.sha256(repr((parts, site)).encode()).hexdigest()[:32]


def start_of(plan: Plan) -> list[str]:
    """Measures to start now, in words."""
    summary = summary_of(plan.run)
    meaning = {str(r["measure"]): str(r["meaning"]) for r in summary.get("measures") or []}
    return [meaning.get(m, m) for m in started_of(summary.get("start_now"))]


def comparison(a: Plan, b: Plan) -> tuple[tuple[str, ...], list[Part], dict[str, Spec]]:
    """Two plans side by side for a page: words, parts, specifications of charts. Raises InputError for strangers."""
    sides = [
        Side(
            p.title,
            bundle_of(p, RULES),
            bundle_of(p, ADOPTED),
            started_of(summary_of(p.run).get("start_now")),
            fixed_of(p),
        )
        for p in (a, b)
    ]
    found = compared(*sides)
    parts, specs = parts_of(found.sections)
    return found.words, parts, specs


def parts_of(sections: Iterable[Section]) -> tuple[list[Part], dict[str, Spec]]:
    """Sections as parts of a page, and the specifications of their charts."""
    parts: list[Part] = []
    specs: dict[str, Spec] = {}
    for section in sections:
        shown = []
        for figure in section.figures:
            one, drawn = browser_figure(figure, {})
            shown.append(one)
            specs |= drawn
        parts.append(Part(section.name, section.title, section.words, tuple(shown)))
    return parts, specs


def sliders(plan: Plan, given: Mapping[str, str]) -> list[Slider]:
    """The strongest levers of a plan, each where it was put; what is no number in its range leaves it as planned."""
    out = []
    for lever in levers(fixed_of(plan), bundle_of(plan)):
        text = given.get(lever.name, "").strip().replace(",", ".")
        at, wrong = lever.value, False
        if text:
            try:
                typed = float(text)
            except ValueError:
                typed = math.nan
            slack = 1e-6 * (lever.high - lever.low)
            wrong = not lever.low - slack <= typed <= lever.high + slack
            at = lever.value if wrong else min(max(typed, lever.low), lever.high)
        out.append(Slider(lever, assumption_words(lever.name), at, wrong))
    return out


def moved(found: Iterable[Slider]) -> dict[str, float]:
    """Levers that do not stand where the plan has them."""
    return {s.lever.name: s.at for s in found if abs(s.at - s.lever.value) > 1e-4 * (s.lever.high - s.lever.low)}


def what_if(plan: Plan, values: Mapping[str, float]) -> tuple[list[Part], dict[str, Spec]]:
    """What a fixed plan comes to with other values: emissions, cost, homes, before and after."""
    fixed = fixed_of(plan)
    return parts_of(_what_if(fixed, answer(fixed, {}), answer(fixed, values), plan))


def _what_if(fixed: FixedPlan, before: Answer, after: Answer, plan: Plan) -> list[Section]:
    both = ((BEFORE, before), (AFTER, after))
    emitted = pd.concat(
        [
            pd.DataFrame({"year": list(fixed.years), "value": a.emissions.to_numpy().round(6), "figures": name})
            for name, a in both
        ],
        ignore_index=True,
    )
    carbon = Figure(
        "whatif_emissions", word("Emissions that the pledge binds"), "line", emitted, "year", "value",
        "kt CO2e a year", (names.BOOK,), color="figures",
    )  # fmt: skip
    cost = tuple(_cost_words(name, a.extra_cost, fixed.currency) for name, a in both)
    groups = names.groups(bundle_of(plan).meta)
    rows = [
        {
            "income group": groups.get(str(g), str(g)),
            BEFORE: change_digits(float(before.homes["more"][g])),
            AFTER: change_digits(float(after.homes["more"][g])),
            "change": change_digits(float(after.homes["more"][g] - before.homes["more"][g])),
        }
        for g in [*(g for g in groups if g in before.homes.index), *before.homes.index.difference(list(groups))]
    ]
    unit = say(
        "{currency} per household and mean year of the plan, against business as adopted", currency=fixed.currency
    )
    title = word("What a home pays more or less, by income group")
    note = word("Two significant digits. Business as adopted is read at the same values.")
    homes = table("whatif_homes", title, pd.DataFrame(rows), unit, (names.BOOK,), note)
    return [
        Section("cost", word("Cost"), cost),
        Section("emissions", word("Emissions"), (), (carbon,)),
        Section("homes", word("Households"), (), (homes,)),
    ]


def _cost_words(name: str, cost: float, currency: str) -> str:
    amount = money(abs(cost), currency)
    if name == BEFORE:
        more, less = (
            word("As planned, the plan costs {amount} more than business as adopted."),
            word("As planned, the plan costs {amount} less than business as adopted."),
        )
    else:
        more, less = (
            word("With your values, it costs {amount} more than business as adopted."),
            word("With your values, it costs {amount} less than business as adopted."),
        )
    return say(more if cost > 0 else less, amount=amount)


def is_plan(plan: Plan) -> bool:
    """Whether a plan has the pages of a plan: book, explanations, what-if; a frontier and a table have none."""
    return bool(plan.run.kind == Run.Kind.PLAN)
