"""How far a run is, as a page tells it."""

import hashlib
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from mutirao.web.people.models import Reader
from mutirao.web.runs.may import may_cancel
from mutirao.web.runs.models import Run


@dataclass(frozen=True)
class Told:
    """One moment of a run. ``said`` changes only when there is news; ``result`` is the address of what it made."""

    run: Run
    percent: int
    said: str
    seen: str
    ahead: int
    elapsed: str
    cancellable: bool
    result: str


def told(run: Run, user: Reader) -> Told:
    """How far a run is, in the reader's language."""
    ahead = _ahead(run) if run.state == Run.State.QUEUED else 0
    said = _said(run, ahead)
    return Told(
        run=run,
        percent=100 if run.state == Run.State.DONE else round(100 * run.share),
        said=said,
        seen=hashlib.sha256(said.encode()).hexdigest()[:12],
        ahead=ahead,
        elapsed=_elapsed(run),
        cancellable=may_cancel(user, run).allowed,
        result=result_address(run, user),
    )


def _ahead(run: Run) -> int:
    """Runs that are done before this one: those going on, and those that have waited longer."""
    earlier = Q(asked_at__lt=run.asked_at) | Q(asked_at=run.asked_at, pk__lt=run.pk)
    waiting = Q(state=Run.State.QUEUED) & earlier
    return Run.objects.filter(waiting | Q(state=Run.State.RUNNING)).count()


def _said(run: Run, ahead: int) -> str:
    if run.state == Run.State.QUEUED:
        return _("Waiting. Runs before this one: %(ahead)s.") % {"ahead": ahead} if ahead else _("Begins in a moment.")
    if run.state == Run.State.RUNNING:
        return run.step or _("Has begun.")
    if run.state == Run.State.DONE:
        return _("Done.")
    if run.state == Run.State.CANCELLED:
        return _("Cancelled.")
    return _("The run failed.")


def _elapsed(run: Run) -> str:
    if run.began_at is None:
        return ""
    seconds = max(0, int(((run.ended_at or timezone.now()) - run.began_at).total_seconds()))
    if seconds < 60:
        return _("%(seconds)s s") % {"seconds": seconds}
    return _("%(minutes)s min %(seconds)s s") % {"minutes": seconds // 60, "seconds": seconds % 60}


def result_address(run: Run, user: Reader) -> str:
    """Where the reader finds what the run made: the plan, or the version that was checked; "" while there is none."""
    if run.state != Run.State.DONE:
        return ""
    plans: Any = run.plans
    plan = plans.model.objects.visible_to(user).filter(run=run).order_by("-made_at").first()
    if plan is not None:
        return _address("plan", pk=plan.pk)
    if run.kind == Run.Kind.CHECK:
        return _address("city_version", slug=run.version.city.slug, number=run.version.number)
    return ""


def _address(name: str, **given: object) -> str:
    try:
        return reverse(name, kwargs=given)
    except NoReverseMatch:
        return ""
