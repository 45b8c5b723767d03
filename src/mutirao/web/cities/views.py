"""Pages of cities: the first page, a city, and bringing a new one."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from mutirao.city.rulewords import rule_sentence
from mutirao.web.cities.arriving import Refused, too_large
from mutirao.web.cities.checking import check_of
from mutirao.web.cities.figures import figures_of, map_of
from mutirao.web.cities.forms import CityForm
from mutirao.web.cities.keeping import bring_city
from mutirao.web.cities.leading import cards, leading_plan, numbers_of
from mutirao.web.cities.models import City, CityVersion
from mutirao.web.cities.receiving import limited
from mutirao.web.people.accounts import person_of
from mutirao.web.people.may import Verdict, may_bring_city, may_edit_city, may_make_public, may_plan
from mutirao.web.people.views import refused

Crumbs = list[tuple[str, str]]
PLANS = 6
"""Plans listed on a city's page; the rest is one click away."""


def front(request: HttpRequest) -> HttpResponse:
    """The first page: what this is, and the cities one may see."""
    return render(
        request, "cities/front.html", {"cards": cards(list(City.objects.visible_to(request.user)), request.user)}
    )


def city(request: HttpRequest, slug: str) -> HttpResponse:
    """A city: its figures in words, its plans, how far the leading one is carried out."""
    one = seen_city(request, slug)
    version = shown_version(request, one)
    figures = figures_of(version.path) if version else None
    drawn = map_of(figures) if figures else None
    plan = leading_plan(one, request.user)
    plans: Any = one.plans
    settings = figures.settings if figures else None
    context = about(request, one) | {
        "brought": version, "figures": figures, "settings": settings,
        "check": check_of(version) if version else None, "map": drawn[0] if drawn else None,
        "charts": drawn[1] if drawn else None, "plan": plan, "numbers": numbers_of(plan),
        "plans": plans.visible_to(request.user).exclude(kind="dispute")[:PLANS],
        "rules": [rule_sentence(r, settings.currency) for r in settings.rules.values() if r.on] if settings else [],
        "plan_verdict": may_plan(request.user, one),
    }  # fmt: skip
    return render(request, "cities/city.html", context)


def _too_large_city(request: HttpRequest) -> HttpResponse:
    return _city_form(request, CityForm(), Refused(too_large(), status=413))


@limited(_too_large_city)
def new_city(request: HttpRequest) -> HttpResponse:
    """Bring a new city: an archive, a workbook or tables."""
    if (answer := unless(may_bring_city(request.user), request)) is not None:
        return answer
    if request.method != "POST":
        return _city_form(request, CityForm())
    form = CityForm(request.POST, request.FILES)
    if not form.is_valid():
        return _city_form(request, form, status=422)
    given = form.cleaned_data
    try:
        version = bring_city(person_of(request), given["name"], given["note"], given["upload"])
    except Refused as refusal:
        return _city_form(request, form, refusal)
    return redirect("city_version", slug=version.city.slug, number=version.number)


@require_POST
def publish_city(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a city to everyone, or to its own people only."""
    one = seen_city(request, slug)
    if (answer := unless(may_make_public(request.user, one), request)) is not None:
        return answer
    City.objects.filter(pk=one.pk).update(public=request.POST.get("public") == "yes")
    messages.success(request, _("Saved."))
    return redirect("city", slug=slug)


def seen_city(request: HttpRequest, slug: str) -> City:
    """The city at an address, if the reader may see it. Raises Http404."""
    found: City = get_object_or_404(City.objects.visible_to(request.user), slug=slug)
    return found


def shown_version(request: HttpRequest, one: City) -> CityVersion | None:
    """The version a reader is shown: the newest good one of those they see, else the newest."""
    seen = CityVersion.objects.visible_to(request.user).filter(city=one)
    return seen.filter(state=CityVersion.State.GOOD).first() or seen.first()


def unless(verdict: Verdict, request: HttpRequest) -> HttpResponse | None:
    """The answer where something is not allowed: to sign in, or why it is not; None where it is."""
    if verdict.allowed:
        return None
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path(), reverse("account_login"))
    return refused(request, verdict.reason)


def about(request: HttpRequest, one: City, *crumbs: tuple[str, str]) -> dict[str, Any]:
    """What every page of a city knows: where it stands, whether it is a demonstration, what the reader may do."""
    whole = [(reverse("city", args=[one.slug]), one.name), *crumbs]
    return {
        "city": one,
        "demonstration": one.demonstration,
        "crumbs": [*whole[:-1], ("", whole[-1][1])] if crumbs else [],
        "may_edit": may_edit_city(request.user, one).allowed,
        "may_publish": may_make_public(request.user, one).allowed,
    }


def _city_form(
    request: HttpRequest, form: CityForm, refusal: Refused | None = None, status: int = 200
) -> HttpResponse:
    context = {"form": form, "refusal": refusal}
    return render(request, "cities/new_city.html", context, status=refusal.status if refusal else status)
