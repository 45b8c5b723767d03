"""Pages of plans that one reads: lists, a plan, where a number comes from, assumptions, comparison, what-if, files."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from mutirao.ground.findings import InputError
from mutirao.ground.speech import again
from mutirao.web.cities.models import City
from mutirao.web.people.accounts import person_of
from mutirao.web.people.may import may_dispute, may_make_public, may_plan
from mutirao.web.plans import reading
from mutirao.web.plans.disputes import assumptions_of, objections_to
from mutirao.web.plans.downloads import files_of, handed_out
from mutirao.web.plans.explaining import ACCOUNTS, answer, asked_of, choices, question_text
from mutirao.web.plans.forms import sentence_of
from mutirao.web.plans.models import Plan
from mutirao.web.plans.results import has_book, page_of
from mutirao.web.runs.models import Run

EACH_PAGE = 30


def seen_plan(request: HttpRequest, pk: int) -> Plan:
    """A plan that the reader sees. Raises Http404 for every other."""
    found: Plan = get_object_or_404(reading.visible_plans(request.user), pk=pk)
    return found


def around(plan: Plan, here: str = "") -> dict[str, Any]:
    """What every page of a plan shows around it: where one is, and the banner of a demonstration."""
    crumbs = [(reverse("front"), _("Cities")), (reverse("city", args=[plan.city.slug]), plan.city.name)]
    crumbs.append((reverse("plan", args=[plan.pk]) if here else "", plan.title))
    crumbs += [("", here)] if here else []
    return {"plan": plan, "crumbs": crumbs, "demonstration": plan.city.demonstration}


def wants_part(request: HttpRequest) -> bool:
    """Whether only the part of a page that changes is asked for; going back in the browser asks for the whole page."""
    asked: Any = getattr(request, "htmx", None)
    return bool(asked) and not asked.history_restore_request


def part_of(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """A part of a page; no cache gives it out in place of the page."""
    response = render(request, template, {**context, "part": True})
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_safe
def plans(request: HttpRequest) -> HttpResponse:
    """The plans of a city, or of all cities that one sees."""
    slug = request.GET.get("city", "")
    city = get_object_or_404(City.objects.visible_to(request.user), slug=slug) if slug else None
    found = reading.visible_plans(request.user, city).exclude(kind=Plan.Kind.DISPUTE)
    page = Paginator(found, EACH_PAGE).get_page(request.GET.get("page"))
    context = {
        "city": city,
        "page": page,
        "cards": reading.cards(page),
        "may_plan": may_plan(request.user, city) if city else None,
        "demonstration": bool(city and city.demonstration),
    }
    return render(request, "plans/plans.html", context)


@require_safe
def my_plans(request: HttpRequest) -> HttpResponse:
    """The plans that one made, and those of one's organisations."""
    if not request.user.is_authenticated:
        return redirect(f"{reverse('account_login')}?next={request.path}")
    found = reading.plans_of(person_of(request))
    page = Paginator(found, EACH_PAGE).get_page(request.GET.get("page"))
    return render(request, "plans/plans.html", {"mine": True, "page": page, "cards": reading.cards(page)})


@require_safe
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole plan: its report with objections printed on it; while it is being made, how far that is."""
    found = seen_plan(request, pk)
    tag = None if request.user.is_authenticated or "messages" in request.COOKIES else f'"{reading.etag(found)}"'
    if tag and found.run.ended:
        unchanged = get_conditional_response(request, etag=tag)
        if isinstance(unchanged, HttpResponseNotModified):
            return unchanged
    response = render(request, "plans/plan.html", _plan_context(request, found))
    if tag and found.run.ended:
        response["ETag"] = tag
        response["Cache-Control"] = "private, no-cache"
    return response


def _plan_context(request: HttpRequest, found: Plan) -> dict[str, Any]:
    before = reading.visible_plans(request.user).filter(pk=found.beside_id or 0).first()
    context = around(found) | {
        "before": before,
        "objections": objections_to(found, request.user),
        "may_dispute": may_dispute(request.user, found),
        "may_make_public": may_make_public(request.user, found.city),
        "mine": found.made_by_id == request.user.pk,
        "whole": reading.is_plan(found),
    }
    if found.run.state != Run.State.DONE:
        return context
    page, code = page_of(found, get_language() or "")
    return context | {
        "page": page,
        "charts": page["charts"],
        "other_language": code != get_language(),
        "page_language": code,
        "files": files_of(found),
        "has_book": has_book(found),
        "assessed": any(c["id"] == "assessed" for c in page["chapters"]),
    }


@require_safe
def explain(request: HttpRequest, pk: int) -> HttpResponse:
    """Where a number comes from: the terms behind it, each with formula, inputs and sources; and a form to ask by."""
    found = seen_plan(request, pk)
    given = {k: str(v)[:200] for k, v in request.GET.items()}
    query = question_text(given)
    context = around(found, _("Where a number comes from")) | {"query": query}
    status = 200
    if "account" in given:
        try:
            context["answer"] = answer(found, query)
        except InputError as error:
            context["fault"] = " ".join(sentence_of(f) for f in error.findings)
            status = 422
    if "account" in given and wants_part(request):
        return part_of(request, "plans/_answer.html", context)
    context |= {"choices": choices(found, asked_of(query) or given)}
    return render(request, "plans/explain.html", context, status=status)


@require_safe
def assumptions(request: HttpRequest, pk: int) -> HttpResponse:
    """What a plan rests on: every assumption with range, unit, source and what it is used for."""
    found = seen_plan(request, pk)
    search = request.GET.get("search", "")[:100]
    rows = [(a, ", ".join(again(ACCOUNTS.get(x, x)) for x in a.accounts)) for a in assumptions_of(found, search)]
    context = around(found, _("Assumptions")) | {
        "rows": rows,
        "search": search,
        "may_dispute": may_dispute(request.user, found),
    }
    if wants_part(request):
        return part_of(request, "plans/_assumptions.html", context)
    return render(request, "plans/assumptions.html", context)


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """Two plans of a city side by side; where none are named, a form to choose them."""
    a, b = (_named(request, key) for key in ("a", "b"))
    first = a or b
    context: dict[str, Any] = {"a": a, "b": b, "demonstration": bool(first and first.city.demonstration)}
    done = reading.visible_plans(request.user, first.city if first else None)
    context["options"] = done.filter(run__state=Run.State.DONE, run__kind=Run.Kind.PLAN)[:200]
    if a is None or b is None:
        return render(request, "plans/compare.html", context)
    if not (has_book(a) and has_book(b)):
        context["fault"] = _("Only two finished plans can be compared. Wait until both are done.")
        return render(request, "plans/compare.html", context, status=422)
    try:
        words, parts, specs = reading.comparison(a, b)
    except InputError as error:
        context["fault"] = " ".join(sentence_of(f) for f in error.findings)
        return render(request, "plans/compare.html", context, status=422)
    return render(request, "plans/compare.html", context | {"words": words, "parts": parts, "charts": specs})


def _named(request: HttpRequest, key: str) -> Plan | None:
    text = request.GET.get(key, "")
    if not text:
        return None
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
    return seen_plan(request, number)


@require_safe
def what_if(request: HttpRequest, pk: int) -> HttpResponse:
    """A fixed plan with other prices and factors: decisions stay, figures move."""
    found = seen_plan(request, pk)
    sliders = reading.sliders(found, {k: str(v) for k, v in request.GET.items()})
    values = reading.moved(sliders)
    parts, specs = reading.what_if(found, values)
    context = around(found, _("What if")) | {
        "sliders": sliders,
        "values": [(name, f"{value:.12g}") for name, value in values.items()],
        "parts": parts,
        "charts": specs,
        "may_plan": may_plan(request.user, found.city),
    }
    if wants_part(request):
        return part_of(request, "plans/_whatif.html", context)
    return render(request, "plans/whatif.html", context)


@require_safe
def download(request: HttpRequest, pk: int, name: str) -> Any:
    """A file of a plan, to take along."""
    return handed_out(seen_plan(request, pk), name)
