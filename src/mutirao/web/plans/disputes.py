"""Disputing a plan: an objection is printed on it, and where it names a number, answered by a plan with that number."""

from dataclasses import dataclass, replace

import pandas as pd
from django.db import transaction
from django.utils.translation import gettext as _

from mutirao.book.bundle import parse_drivers
from mutirao.city.asked import LONG
from mutirao.web.people.models import Organisation, Reader, User
from mutirao.web.plans.making import asked_of, make_plan, with_settings
from mutirao.web.plans.models import Objection, Plan
from mutirao.web.plans.results import bundle_of, has_book
from mutirao.web.plans.wording import assumption_words
from mutirao.web.runs.models import Run


@dataclass(frozen=True)
class Assumption:
    """One figure a plan rests on. terms : how many terms of the book multiply with it, by account in words."""

    name: str
    words: str
    value: float
    low: float
    high: float
    unit: str
    kind: str
    source: str
    note: str
    steps: str
    terms: int
    accounts: tuple[str, ...]
    divides: bool


def assumptions_of(plan: Plan, search: str = "") -> list[Assumption]:
    """The assumptions of a finished plan, those used most first; ``search`` keeps those that hold all its words."""
    bundle = bundle_of(plan)
    used = _uses(bundle.terms)
    wanted = search.casefold().split()
    out = []
    for row in bundle.drivers.to_dict("records"):
        name = str(row["name"])
        terms, accounts, divides = used.get(name, (0, (), False))
        texts = {k: str(row[k]) for k in ("unit", "kind", "source", "note", "steps")}
        words = assumption_words(name)
        if all(w in f"{words} {name} {texts['source']} {texts['note']}".casefold() for w in wanted):
            value, low, high = (float(row[k]) for k in ("value", "low", "high"))
            out.append(Assumption(name, words, value, low, high, **texts, terms=terms, accounts=accounts,
                                  divides=divides))  # fmt: skip
    return sorted(out, key=lambda a: (-a.terms, a.name))


def _uses(terms: pd.DataFrame) -> dict[str, tuple[int, tuple[str, ...], bool]]:
    """Driver -> terms that multiply with it, their accounts, and whether any divides by it."""
    out: dict[str, tuple[int, tuple[str, ...], bool]] = {}
    for account, drivers in zip(terms["account"].astype(str), terms["drivers"].astype(str), strict=True):
        for name, power in parse_drivers(drivers).items():
            count, accounts, divides = out.get(name, (0, (), False))
            out[name] = (count + 1, tuple(sorted({*accounts, account})), divides or power < 0)
    return out


def assumption(plan: Plan, name: str) -> Assumption | None:
    """One assumption of a plan by its name."""
    if not name or plan.run.kind != Run.Kind.PLAN or not has_book(plan):
        return None
    return next((a for a in assumptions_of(plan) if a.name == name), None)


def fault_of(a: Assumption, value: float) -> str:
    """Why a value cannot be put in place of an assumption's; empty where it can."""
    if abs(value - a.value) <= 1e-9 * max(abs(a.value), 1e-12):
        return _("This is the value that the plan uses. Write the value you hold to be right.")
    if value == 0 and a.divides:
        return _("The plan divides by this figure, so it cannot be zero.")
    if value < 0 <= a.low:
        return _("This figure cannot be less than zero.")
    return ""


@transaction.atomic
def dispute(
    plan: Plan,
    user: User,
    reason: str,
    about: Assumption | None,
    value: float | None,
    organisation: Organisation | None,
) -> Objection:
    """Print an objection on a plan; with a number, ask for the plan that follows from it.

    Raises queue.Refused where the person must wait for other runs; then nothing is kept.
    """
    answer = None
    if about is not None and value is not None:
        asked = with_settings(asked_of(plan), {about.name: value})
        # The value is printed beside who set it: no longer only whoever made the plan.
        setters = dict.fromkeys(filter(None, (asked.set_by, organisation.name if organisation else user.name)))
        asked = replace(asked, set_by=", ".join(setters)[:LONG])
        given = {"plan": plan.title, "name": about.words, "value": f"{value:.6g}", "unit": about.unit}
        title = _("%(plan)s, with %(name)s = %(value)s %(unit)s") % given
        answer = make_plan(
            plan.run.version, Plan.Kind.DISPUTE, asked, user, _short(title, user.name), reason, organisation, plan
        )
        # Whoever may read the objection may read what follows from it.
        Plan.objects.filter(pk=answer.pk).update(public=plan.public)
    return Objection.objects.create(
        plan=plan, parameter=about.name if about else "", value=value if about else None,
        unit=about.unit if about else "", before=about.value if about else None, reason=reason, author=user,
        author_name=user.name, organisation=organisation, answer=answer,
    )  # fmt: skip


def _short(title: str, who: str) -> str:
    end = " " + _("(disputed by %(who)s)") % {"who": who[:40]}
    most = 120 - len(end)
    return (title if len(title) <= most else title[: most - 1] + "…") + end


def objections_to(plan: Plan, user: Reader) -> list[tuple[Objection, Plan | None]]:
    """What is disputed on a plan, oldest first, each with the plan that answers it where one may see that."""
    found = Objection.objects.filter(plan=plan).select_related("organisation", "answer__run")
    seen = set(Plan.objects.visible_to(user).filter(beside=plan).values_list("pk", flat=True))
    return [(o, o.answer if o.answer_id in seen else None) for o in found]
