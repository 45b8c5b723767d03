"""Addresses of the interface that start runs, follow them and take them back."""

from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Query, Router, Status
from ninja.errors import AuthorizationError

from mutirao.city.asked import Asked
from mutirao.site.api_access import STARTING, Caller, Token, caller_of
from mutirao.site.api_shapes import Number, Part, RunIn, RunOut, answers, many, part_of
from mutirao.web.cities.models import City, CityVersion
from mutirao.web.people.may import may_plan
from mutirao.web.people.models import ApiToken, Reader, User
from mutirao.web.plans.making import make_plan
from mutirao.web.plans.models import Plan
from mutirao.web.runs.may import may_cancel
from mutirao.web.runs.models import Run
from mutirao.web.runs.progress import told
from mutirao.web.runs.queue import cancel

router = Router()


@router.get("/runs", response=answers(many(RunOut)), summary="Your runs", auth=Token())
def runs(request: HttpRequest, asked: Query[Part]) -> Any:
    """Runs that one asked for, newest first."""
    user = caller_of(request).user
    found = Run.objects.visible_to(user).filter(asked_by=user).select_related("version__city")
    return part_of(found, asked, lambda run: _run(run, user))


@router.post(
    "/runs", response=answers(RunOut, 400, 403, 404, 409, status=201), summary="Start a run", auth=Token(),
    throttle=STARTING,
)  # fmt: skip
def start(request: HttpRequest, given: RunIn) -> Any:
    """Ask for a plan or a frontier, under a name that only you see. An equal question that was answered before shares
    its run, and is done at once.
    """
    caller = caller_of(request)
    _writes(caller)
    found = get_object_or_404(City.objects.visible_to(caller.user), slug=given.city)
    verdict = may_plan(caller.user, found)
    if not verdict:
        raise AuthorizationError(403, verdict.reason)
    asked = Asked.from_dict(given.asked)
    made = make_plan(_version(found, given.version, caller.user), given.kind, asked, _person(caller), given.title,
                     given.reason)  # fmt: skip
    return Status(201, _run(made.run, caller.user))


@router.get("/runs/{number}", response=answers(RunOut, 404), summary="One run")
def run(request: HttpRequest, number: Number) -> Any:
    """How far a run is."""
    user = caller_of(request).user
    return _run(_seen(number, user), user)


@router.post(
    "/runs/{number}/cancel", response=answers(RunOut, 403, 404, 409), summary="Cancel a run", auth=Token()
)
def take_back(request: HttpRequest, number: Number) -> Any:
    """Cancel a run that one asked for, and that nobody else waits for."""
    caller = caller_of(request)
    _writes(caller)
    found = _seen(number, caller.user)
    verdict = may_cancel(caller.user, found)
    if not verdict and not found.ended:
        raise AuthorizationError(403, verdict.reason)
    cancel(found, caller.user)
    return _run(_seen(number, caller.user), caller.user)


def _writes(caller: Caller) -> None:
    if caller.token is None or caller.token.scope != ApiToken.Scope.WRITE:
        raise AuthorizationError(403, _("This token may only read. Make one that may also start runs."))


def _person(caller: Caller) -> User:
    assert isinstance(caller.user, User), "a token belongs to a person"
    return caller.user


def _version(city: City, number: int | None, user: Reader) -> CityVersion:
    good = CityVersion.objects.visible_to(user).filter(city=city, state=CityVersion.State.GOOD)
    found: CityVersion | None = (good if number is None else good.filter(number=number)).first()
    if found is None:
        raise Http404(_("The city has no such version that can be planned with."))
    return found


def _seen(number: int, user: Reader) -> Run:
    found: Run = get_object_or_404(Run.objects.visible_to(user).select_related("version__city"), pk=number)
    return found


def _run(run: Run, user: Reader) -> RunOut:
    t = told(run, user)
    plans = Plan.objects.visible_to(user).filter(run=run).order_by("pk")
    return RunOut(
        id=run.pk, kind=run.kind, city=run.version.city.slug, version=run.version.number, state=run.state,
        share=run.share, step=run.step, ahead=t.ahead, why=run.reasons, plans=list(plans.values_list("pk", flat=True)),
        asked_at=run.asked_at, began_at=run.began_at, ended_at=run.ended_at,
    )  # fmt: skip
