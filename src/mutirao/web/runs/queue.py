"""The queue of runs: asking, claiming, signs of life, ends. Each change is one UPDATE that names what must still hold.

So two workers, or a worker and someone who cancels, never both succeed, on SQLite and PostgreSQL alike. A worker says
its token with every sign of life; once the run was cancelled or claimed anew the token is void and `Lost` is raised.
"""

import secrets
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from mutirao.city.asked import Asked
from mutirao.ground.speech import word
from mutirao.web.cities.models import CityVersion
from mutirao.web.people.models import Reader, Reminder, User
from mutirao.web.runs.inputs import inputs_hash
from mutirao.web.runs.models import Run
from mutirao.web.runs.sentences import Sentences, in_every_language

ACTIVE = (Run.State.QUEUED, Run.State.RUNNING)
COUNTED = (*ACTIVE, Run.State.DONE)
ANY = Q()


class Refused(Exception):
    """What was asked of the queue cannot be done; the text says why and what one can do."""


class TooMany(Refused):
    """One person has as many runs waiting or going on as they may."""


class Lost(Exception):
    """The run is no longer held with this token: it was cancelled, or another worker has it."""


@transaction.atomic
def ask(version: CityVersion, kind: str, asked: Mapping[str, Any], user: Reader | None) -> Run:
    """The run that answers a question about a version of a city: an equal one if there is one, else a new one.

    Part of the caller's transaction: where that is undone, nothing was asked. ``user`` None is the software itself.
    Raises InputError where ``asked`` cannot be read, TooMany where the person must wait for other runs to end.
    """
    question = Asked.from_dict(asked).to_dict()
    key = inputs_hash(version, kind, question)
    for _attempt in range(3):
        # Locked, so that whoever asked first cannot take it back while someone joins them.
        known: Run | None = Run.objects.select_for_update().filter(inputs_hash=key, state__in=COUNTED).first()
        if known is not None:
            return known
        person = _may_ask(user)
        try:
            with transaction.atomic():
                return Run.objects.create(
                    kind=kind, version=version, asked=question, inputs_hash=key, asked_by=person
                )
        except IntegrityError:
            # Someone asked the same at the same moment; the database let one of us through.
            continue
    raise Refused(_("The same question was asked and taken back several times just now. Please ask again."))


def _may_ask(user: Reader | None) -> User | None:
    if not isinstance(user, User):
        return None
    # The row is locked so that two requests of one person are counted one after the other.
    person = User.objects.select_for_update().get(pk=user.pk)
    if Run.objects.filter(asked_by=person, state__in=ACTIVE).count() >= settings.RUNS_EACH:
        most = settings.RUNS_EACH
        raise TooMany(
            _("You may have %(most)s runs waiting or going on at once. Wait for one to end, or cancel one.")
            % {"most": most}
        )
    return person


def claim(now: datetime | None = None) -> Run | None:
    """Take the run that has waited longest, or one whose worker gave no sign of life; None where nothing waits."""
    now = now or timezone.now()
    given_up = Q(state=Run.State.RUNNING, lease_until__lt=now, attempt__lt=settings.RUN_TRIES)
    free = Q(state=Run.State.QUEUED) | given_up
    for pk in list(Run.objects.filter(free).order_by("asked_at", "pk").values_list("pk", flat=True)[:10]):
        token = secrets.token_hex(16)
        taken = Run.objects.filter(free, pk=pk).update(
            state=Run.State.RUNNING,
            token=token,
            attempt=F("attempt") + 1,
            lease_until=now + timedelta(seconds=settings.RUN_LEASE),
            share=0.0,
            steps={},
            began_at=now,
        )
        if taken:
            # By its token, for the lease could in theory end before this line.
            return Run.objects.select_related("version", "asked_by").filter(pk=pk, token=token).first()
    return None


def _held(pk: int, token: str) -> Any:
    return Run.objects.filter(pk=pk, token=token, state=Run.State.RUNNING)


def is_held(pk: int, token: str) -> bool:
    """Whether a token still holds a run; reads only."""
    return bool(token) and bool(_held(pk, token).exists())


def renew(pk: int, token: str, share: float | None = None, steps: Mapping[str, str] | None = None) -> None:
    """A sign of life: the lease begins anew, with how far the run is if that is known. Raises Lost."""
    changed: dict[str, Any] = {"lease_until": timezone.now() + timedelta(seconds=settings.RUN_LEASE)}
    if share is not None:
        changed["share"] = min(max(float(share), 0.0), 1.0)
    if steps:
        changed["steps"] = {str(k): str(v)[:300] for k, v in steps.items()}
    if not token or not _held(pk, token).update(**changed):
        raise Lost


def finish(pk: int, token: str) -> Run:
    """The run is done. Called in the transaction that also puts its results in place. Raises Lost."""
    return _end(pk, token, Run.State.DONE, share=1.0)


def fail(pk: int, token: str, why: Sentences) -> Run:
    """The run has failed, for reasons said in every language. Raises Lost."""
    return _end(pk, token, Run.State.FAILED, why=why)


def release(pk: int, token: str, counts: bool) -> None:
    """Give a run back so that another worker takes it at once; ``counts``: it was a try. Raises Lost."""
    attempt = F("attempt") if counts else F("attempt") - 1
    freed = {"state": Run.State.QUEUED, "token": "", "lease_until": None, "attempt": attempt}
    if not token or not _held(pk, token).update(share=0.0, steps={}, **freed):
        raise Lost


@transaction.atomic
def _end(pk: int, token: str, state: str, only: Q = ANY, **more: Any) -> Run:
    ended = {"state": state, "token": "", "lease_until": None, "ended_at": timezone.now()}
    if not token or not _held(pk, token).filter(only).update(**ended, **more):
        raise Lost
    run: Run = Run.objects.select_related("version__city").get(pk=pk)
    _checked(run)
    _remind(run)
    return run


def _checked(run: Run) -> None:
    """A check that could not be made leaves the version as one that cannot be planned with."""
    if run.kind == Run.Kind.CHECK and run.state == Run.State.FAILED:
        CityVersion.objects.filter(pk=run.version_id).update(state=CityVersion.State.WRONG)


_READY = {
    Run.Kind.PLAN: word("Your plan is ready"),
    Run.Kind.FRONTIER: word("Your frontier is ready"),
    Run.Kind.TABLE: word("Your group's alternative is ready"),
}
_FAILED = {
    Run.Kind.PLAN: word("Your plan could not be made"),
    Run.Kind.FRONTIER: word("Your frontier could not be made"),
    Run.Kind.TABLE: word("Your group's alternative could not be made"),
}


def _remind(run: Run) -> None:
    """Tell whoever asked, and whoever made a plan of an equal question; a check ends while one looks at it."""
    messages = _READY if run.state == Run.State.DONE else _FAILED
    if run.kind not in messages:
        return
    asked = Q(pk=run.asked_by_id or 0) | Q(plans__run=run)
    for person in User.objects.filter(asked, is_active=True).distinct():
        Reminder.objects.create(user=person, message=messages[Run.Kind(run.kind)], path=f"/runs/{run.pk}/")


@transaction.atomic
def cancel(run: Run, user: Reader) -> None:
    """Take a run back. The worker that has it notices by its void token. Raises Refused."""
    Run.objects.select_for_update().filter(pk=run.pk).first()
    if user.is_authenticated and not user.is_superuser and run.plans.exclude(made_by=user).exists():
        raise Refused(_("Other people wait for the same run, so it goes on."))
    ended = Run.objects.filter(pk=run.pk, state__in=ACTIVE).update(
        state=Run.State.CANCELLED, token="", lease_until=None, ended_at=timezone.now()
    )
    if not ended:
        raise Refused(_("The run has already ended."))


def reap(now: datetime | None = None) -> int:
    """Fail the runs whose worker vanished on the last try; `claim` takes the others again. Returns how many."""
    now = now or timezone.now()
    vanished = Q(state=Run.State.RUNNING, lease_until__lt=now, attempt__gte=settings.RUN_TRIES)
    why = word(
        "The work stopped without a word {tries} times, most likely for lack of memory. Ask for a coarser resolution, "
        "or have this computer looked at."
    )
    reaped = 0
    for pk, token in list(Run.objects.filter(vanished).values_list("pk", "token")):
        # Suppressed: a worker that came back this very moment keeps its run.
        with suppress(Lost):
            _end(pk, token, Run.State.FAILED, vanished, why=in_every_language(why, tries=settings.RUN_TRIES))
            reaped += 1
    return reaped
