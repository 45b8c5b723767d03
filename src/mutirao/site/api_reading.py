"""Addresses of the interface that only read: cities, plans, their books, organisations, what was carried out."""

from dataclasses import asdict
from typing import Any

from django.db.models import Prefetch
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router

from mutirao.book.explain import FILTERS, PLACES
from mutirao.book.explain import explain as explain_figure
from mutirao.ground.findings import InputError
from mutirao.site.api_access import caller_of
from mutirao.site.api_shapes import (
    Account,
    BookRow,
    Bundle,
    CityOut,
    ExplanationOut,
    Label,
    MeasureRow,
    Number,
    ObjectionOut,
    OrganisationOut,
    Part,
    PlanOut,
    ProgressOut,
    Slug,
    VersionOut,
    Year,
    answers,
    many,
    part_of,
    rows_of,
)  # fmt: skip
from mutirao.web.cities.models import City, CityVersion
from mutirao.web.departments.models import Assignment, Progress
from mutirao.web.people.models import Organisation, Reader
from mutirao.web.plans.explaining import refuse_few_homes
from mutirao.web.plans.models import Objection, Plan
from mutirao.web.plans.results import bundle_of, public_book_of
from mutirao.web.runs.results import summary_of

router = Router()


class Cities(Part):
    name: Label | None = None


class Plans(Part):
    city: Label | None = None


class Rows(Part):
    """Labels that rows of the book carry; those left out say nothing."""

    plan: Bundle = "rules"
    account: Account | None = None
    period: Year | None = None
    zone: Label | None = None
    group: Label | None = None
    tenure: Label | None = None
    system: Label | None = None
    measure: Label | None = None
    kind: Label | None = None
    boundary: Label | None = None
    gpc: Label | None = None
    carrier: Label | None = None
    payer: Label | None = None
    receiver: Label | None = None
    basis: Label | None = None

    def labels(self) -> dict[str, Any]:
        """The labels that were given, by name."""
        given = self.dict(exclude_none=True, exclude={"plan", "limit", "offset"})
        return dict(given)


class Measures(Part):
    plan: Bundle = "rules"
    measure: Label | None = None
    period: Year | None = None


class Asked(Rows):
    account: Account = "carbon"
    period: Year



@router.get("/cities", response=answers(many(CityOut)), summary="Cities")
def cities(request: HttpRequest, asked: Query[Cities]) -> Any:
    """Cities that one sees, by name."""
    user = caller_of(request).user
    found = City.objects.visible_to(user)
    if asked.name:
        found = found.filter(name__icontains=asked.name)
    return part_of(found, asked, lambda row: _city(row, user))


@router.get("/cities/{slug}", response=answers(CityOut, 404), summary="One city")
def city(request: HttpRequest, slug: Slug) -> Any:
    """One city that one sees."""
    user = caller_of(request).user
    return _city(_city_of(user, slug), user)


@router.get("/cities/{slug}/versions", response=answers(many(VersionOut), 404), summary="Versions")
def versions(request: HttpRequest, slug: Slug, asked: Query[Part]) -> Any:
    """Versions of a city's figures that one sees, newest first."""
    user = caller_of(request).user
    found = CityVersion.objects.visible_to(user).filter(city=_city_of(user, slug))
    return part_of(found, asked, lambda v: VersionOut(
        number=v.number, at=v.at, note=v.note, sha256=v.sha256, state=v.state, public=v.public
    ))  # fmt: skip


@router.get("/cities/{slug}/progress", response=answers(many(ProgressOut), 404), summary="Progress")
def progress(request: HttpRequest, slug: Slug, asked: Query[Part]) -> Any:
    """Who carries out which measure of the city's plan, and how far it is: the last report of each."""
    user = caller_of(request).user
    newest = Prefetch("progress", Progress.objects.visible_to(user).order_by("-at", "-pk"), to_attr="reports")
    found = Assignment.objects.visible_to(user).filter(city=_city_of(user, slug))
    return part_of(found.select_related("owner").prefetch_related(newest), asked, _progress)


@router.get("/plans", response=answers(many(PlanOut)), summary="Plans")
def plans(request: HttpRequest, asked: Query[Plans]) -> Any:
    """Plans that one sees; those that lead first."""
    found = _plans(caller_of(request).user)
    return part_of(found.filter(city__slug=asked.city) if asked.city else found, asked, plan_out)


@router.get("/plans/{number}", response=answers(PlanOut, 404), summary="One plan")
def plan(request: HttpRequest, number: Number) -> Any:
    """One plan that one sees."""
    return plan_out(_plan(request, number))


@router.get("/plans/{number}/summary", response=answers(dict[str, Any], 404), summary="Summary of a plan")
def summary(request: HttpRequest, number: Number) -> Any:
    """What the plan comes to: emissions, costs, rules, measures, assumptions; the same as summary.json."""
    found = summary_of(_plan(request, number).run)
    if not found:
        raise Http404("the plan has no results yet")
    return found


@router.get("/plans/{number}/book", response=answers(many(BookRow), 404), summary="Book of a plan")
def book(request: HttpRequest, number: Number, asked: Query[Rows]) -> Any:
    """Rows of a solved plan's book: every tonne and every unit of money on someone's account. Entries of fewer than
    ten homes are joined with those of others, as in the files of a plan.
    """
    rows = public_book_of(_plan(request, number), asked.plan)
    for name, wanted in asked.labels().items():
        rows = rows[rows[name] == wanted]
    some = rows.iloc[asked.offset : asked.offset + asked.limit]
    return {"count": len(rows), "items": list(rows_of(some.drop(columns="term")))}


@router.get("/plans/{number}/explain", response=answers(ExplanationOut, 404), summary="Where a figure comes from")
def explain(request: HttpRequest, number: Number, asked: Query[Asked]) -> Any:
    """The terms behind a figure, each with its formula, inputs and sources; `limit` and `offset` choose the lines."""
    labels = asked.labels()
    places, filters = ({k: labels[k] for k in names if k in labels} for names in (PLACES, FILTERS))
    solved = bundle_of(_plan(request, number), asked.plan)
    try:
        refuse_few_homes(solved, places)
        found = explain_figure(solved, asked.account, asked.period, places, filters)
    except InputError as error:
        # The question is well put; the book has nothing under one of its labels, or too few homes to tell of.
        raise Http404(str(error)) from error
    lines = found.lines[asked.offset : asked.offset + asked.limit]
    return {"title": found.title, "total": found.total, "unit": found.unit, "lines": [asdict(line) for line in lines]}


@router.get(
    "/plans/{number}/measures", response=answers(many(MeasureRow), 404), summary="Measures of a plan"
)
def measures(request: HttpRequest, number: Number, asked: Query[Measures]) -> Any:
    """What each measure amounts to in each period, in its unit and as a share of what is possible."""
    rows = bundle_of(_plan(request, number), asked.plan).measures.reset_index(drop=True)
    for name in ("measure", "period"):
        wanted = getattr(asked, name)
        rows = rows if wanted is None else rows[rows[name] == wanted]
    return {"count": len(rows), "items": list(rows_of(rows.iloc[asked.offset : asked.offset + asked.limit]))}


@router.get(
    "/plans/{number}/objections", response=answers(many(ObjectionOut), 404), summary="Objections"
)
def objections(request: HttpRequest, number: Number, asked: Query[Part]) -> Any:
    """Objections to a plan, in the order in which they were made."""
    user = caller_of(request).user
    found = Objection.objects.visible_to(user).filter(plan=_plan(request, number)).select_related("organisation")
    seen = set(Plan.objects.visible_to(user).filter(objection__in=found).values_list("pk", flat=True))
    return part_of(found, asked, lambda o: ObjectionOut(
        id=o.pk, parameter=o.parameter, value=o.value, before=o.before, unit=o.unit, reason=o.reason,
        author=o.author_name, organisation=o.organisation and o.organisation.name,
        answer=o.answer_id if o.answer_id in seen else None, at=o.at,
    ))  # fmt: skip


@router.get("/organisations", response=answers(many(OrganisationOut)), summary="Organisations")
def organisations(request: HttpRequest, asked: Query[Part]) -> Any:
    """Organisations, with whom they speak for and how they decide."""
    user = caller_of(request).user
    seen = set(City.objects.visible_to(user).values_list("pk", flat=True))
    found = Organisation.objects.visible_to(user).select_related("city")
    return part_of(found, asked, lambda o: OrganisationOut(
        id=o.pk, kind=o.kind, name=o.name, city=o.city.slug if o.city_id in seen else None, speaks_for=o.speaks_for,
        decides_how=o.decides_how, fictional=o.fictional,
    ))  # fmt: skip


def _city_of(user: Reader, slug: str) -> City:
    found: City = get_object_or_404(City.objects.visible_to(user), slug=slug)
    return found


def _city(row: City, user: Reader) -> CityOut:
    good = CityVersion.objects.visible_to(user).filter(city=row, state=CityVersion.State.GOOD).first()
    return CityOut(
        slug=row.slug, name=row.name, public=row.public, demonstration=row.demonstration,
        version=good.number if good else None,
    )  # fmt: skip


def _plans(user: Reader) -> Any:
    return Plan.objects.visible_to(user).select_related("city", "run__version", "organisation").distinct()


def _plan(request: HttpRequest, number: int) -> Plan:
    found: Plan = get_object_or_404(_plans(caller_of(request).user), pk=number)
    return found


def plan_out(p: Plan) -> PlanOut:
    """A plan in its shape."""
    return PlanOut(
        id=p.pk, city=p.city.slug, version=p.run.version.number, kind=p.kind, title=p.title, reason=p.reason,
        made_by=p.made_by_name, organisation=p.organisation.name if p.organisation else None, made_at=p.made_at,
        public=p.public, leading=p.leading, run=p.run_id, state=p.run.state,
    )  # fmt: skip


def _progress(a: Any) -> ProgressOut:
    last = a.reports[0] if a.reports else None
    return ProgressOut(
        measure=a.measure, owner=a.owner.name, status=last and last.status, year=last and last.year,
        share=last and last.share, source=last.source if last else "", note=last.note if last else "",
        by=last.author_name if last else "", at=last and last.at,
    )  # fmt: skip
