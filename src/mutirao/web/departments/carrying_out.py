"""Who owns which measure of a city's leading plan, how far it is against the plan, and what it waits for."""

from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd
from django.db import transaction
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from mutirao.ground.findings import InputError
from mutirao.ground.speech import word
from mutirao.report.carryingout import Work, tight, works, yearly_costs
from mutirao.web.cities.models import City
from mutirao.web.departments.models import Assignment, Dependency, Progress
from mutirao.web.people.models import Mandate, Organisation, Reader, User
from mutirao.web.people.reminders import remind
from mutirao.web.plans.models import Plan
from mutirao.web.plans.results import bundle_of
from mutirao.web.runs.models import Run

#: Measured and planned shares closer than this are "as planned".
NEAR = 0.02


@dataclass(frozen=True)
class Line:
    """A measure as people carry it out: the plan's side, its owner, the latest word on it and latest measurement."""

    work: Work
    assignment: Assignment | None
    latest: Progress | None
    measured: Progress | None
    start_now: bool

    @property
    def gap(self) -> float | None:
        """Measured less planned share in the year it was measured for."""
        if self.measured is None or self.measured.share is None or self.measured.year is None:
            return None
        return self.measured.share - self.work.planned(self.measured.year)

    @property
    def planned_then(self) -> float | None:
        """Share planned for the year of the latest measurement."""
        return None if self.measured is None or self.measured.year is None else self.work.planned(self.measured.year)

    @property
    def verdict(self) -> str:
        """The measurement against the plan in words."""
        if self.gap is None:
            return str(_("not measured yet"))
        if abs(self.gap) <= NEAR:
            return str(_("as planned"))
        return str(_("ahead of the plan")) if self.gap > 0 else str(_("behind the plan"))


def leading_plan(city: City, user: Reader) -> Plan | None:
    """The city's plan, once it is made."""
    return Plan.objects.visible_to(user).filter(city=city, leading=True, run__state=Run.State.DONE).first()


def lines(plan: Plan, start_now: list[str], owner: Organisation | None = None) -> list[Line]:
    """The measures the plan uses, or those of one owner, each with how far it is."""
    owned = {a.measure: a for a in Assignment.objects.filter(city=plan.city).select_related("owner")}
    latest: dict[int, Progress] = {}
    measured: dict[int, Progress] = {}
    for entry in Progress.objects.filter(assignment__city=plan.city):  # newest first
        latest.setdefault(entry.assignment_id, entry)
        if entry.share is not None:
            measured.setdefault(entry.assignment_id, entry)
    out = []
    for work in works(bundle_of(plan)):
        given = owned.get(work.measure)
        if (owner is not None and (given is None or given.owner_id != owner.pk)) or (not work.used and given is None):
            continue
        key = given.pk if given else -1
        out.append(Line(work, given, latest.get(key), measured.get(key), work.measure in start_now))
    return out


def carried_out(city: City, user: Reader) -> dict[str, int] | None:
    """How far the leading plan is: measures it uses, owned, begun, done, stuck; None where there is no plan yet."""
    plan = leading_plan(city, user)
    if plan is None:
        return None
    try:
        shown = lines(plan, [])
    except (InputError, Http404):
        return None
    status = [line.latest.status for line in shown if line.latest]
    return {
        "measures": len(shown),
        "owned": sum(line.assignment is not None for line in shown),
        "begun": sum(s in ("preparing", "underway", "done") for s in status),
        "done": status.count("done"),
        "stuck": status.count("stuck"),
        "behind": sum(line.gap is not None and line.gap < -NEAR for line in shown),
    }


def costs(plan: Plan, measures: list[str]) -> pd.DataFrame:
    """Cash by year and payer of some measures, million currency."""
    return yearly_costs(bundle_of(plan), measures)


def held_back(plan: Plan) -> list[dict[str, object]]:
    """What the plan as a whole waits for: limits of trades and supply that bind."""
    return tight(bundle_of(plan)).to_dict("records")  # type: ignore[return-value]


def assign(city: City, measure: str, owner: Organisation, note: str, plan: Plan) -> Assignment:
    """Give a measure of the plan to an organisation; what was reported before stays with the measure."""
    if measure not in {w.measure for w in works(bundle_of(plan))}:
        raise ValueError(_("The plan knows no such measure."))
    with transaction.atomic():
        made, new = Assignment.objects.get_or_create(
            city=city, measure=measure, defaults={"owner": owner, "note": note}
        )
        changed = new or made.owner_id != owner.pk
        if not new:
            made.owner, made.note = owner, note
            made.save(update_fields=["owner", "note"])
        if changed:
            _remind(made, plan)
    return made


def _remind(given: Assignment, plan: Plan) -> None:
    """Tell the owner's people at once, and again in a year, when what was done should be measured."""
    meaning = next((w.meaning for w in works(bundle_of(plan)) if w.measure == given.measure), given.measure)
    places = {"measure": meaning, "city": given.city.name}
    path = reverse("measure", args=[given.city.slug, given.measure])
    for mandate in Mandate.objects.live().filter(organisation=given.owner).select_related("user"):
        remind(mandate.user, word("Your organisation now carries out “{measure}” in {city}."), places, path)
        question = word("How far is “{measure}” in {city}? Please measure and report.")
        remind(mandate.user, question, places, path, timezone.now() + timedelta(days=365))


def report(entry: Progress, author: User) -> Progress:
    """Add a word on how far a measure is. Nothing said before is changed."""
    if entry.year is not None and entry.year > date.today().year:
        raise ValueError(_("What was measured lies in the past: choose this year or an earlier one."))
    if (entry.share is None) != (entry.year is None):
        raise ValueError(_("A measured share and the year it was measured for go together."))
    if entry.share is not None and not entry.source.strip():
        raise ValueError(_("Say where the measured share is from."))
    entry.author, entry.author_name = author, author.name
    entry.save()
    return entry


def depend(city: City, measure: str, needs: str, reason: str, author: User, plan: Plan) -> Dependency:
    """Say that a measure waits for another. Raises ValueError where that would close a circle."""
    known = {w.measure for w in works(bundle_of(plan))}
    if measure not in known or needs not in known or measure == needs:
        raise ValueError(_("Choose two different measures of the plan."))
    with transaction.atomic():
        edges = dict[str, set[str]]()
        for a, b in Dependency.objects.filter(city=city).values_list("measure", "needs"):
            edges.setdefault(a, set()).add(b)
        seen, front = {needs}, [needs]
        while front:
            for after in edges.get(front.pop(), ()):
                if after == measure:
                    raise ValueError(_("That measure already waits for this one, so neither could begin."))
                if after not in seen:
                    seen.add(after)
                    front.append(after)
        made, _new = Dependency.objects.update_or_create(
            city=city, measure=measure, needs=needs, defaults={"reason": reason, "author_name": author.name}
        )
    return made
