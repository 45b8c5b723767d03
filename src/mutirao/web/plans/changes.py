"""Pages of plans that change something: new plans, disputes, frontiers, groups around a table, making public."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from mutirao.city.asked import Asked
from mutirao.ground.findings import InputError
from mutirao.ground.speech import again
from mutirao.report import words
from mutirao.web.cities.models import City, CityVersion
from mutirao.web.people.accounts import person_of
from mutirao.web.people.may import Verdict, may_dispute, may_make_public, may_plan
from mutirao.web.plans import making, publishing, reading
from mutirao.web.plans.disputes import assumption, assumptions_of, dispute, fault_of
from mutirao.web.plans.forms import DisputeForm, PlanForm, sentence_of
from mutirao.web.plans.groups import FrontierForm, GroupForm
from mutirao.web.plans.models import Plan
from mutirao.web.plans.results import bundle_of, has_book
from mutirao.web.plans.views import around, seen_plan
from mutirao.web.plans.wording import assumption_words
from mutirao.web.runs.models import Run
from mutirao.web.runs.queue import Refused


def refusal(request: HttpRequest, verdict: Verdict, back: str = "") -> HttpResponse | None:
    """The page that says why not, or the way to sign in and then ``back`` (here if empty); None where it is allowed."""
    if verdict.allowed:
        return None
    if not request.user.is_authenticated:
        return redirect(f"{reverse('account_login')}?{urlencode({'next': back or request.get_full_path()})}")
    return render(request, "refused.html", {"reason": verdict.reason}, status=403)


def _begun(request: HttpRequest) -> tuple[City, CityVersion, Plan | None]:
    """The city and its version that a new plan is for, and the plan it begins from."""
    text = request.GET.get("from", "")
    first = None
    if text:
        first = seen_plan(request, int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0)
    slug = request.GET.get("city", "") or (first.city.slug if first else "")
    city = get_object_or_404(City.objects.visible_to(request.user), slug=slug)
    if first is not None and first.city_id != city.pk:
        raise Http404("the plan is of another city")
    version = making.newest_version(city, request.user) or (first.run.version if first else None)
    if version is None:
        raise Http404("the city has no version that can be planned with")
    return city, version, first


def _asked_before(first: Plan | None) -> Asked:
    try:
        return making.asked_of(first) if first is not None and reading.is_plan(first) else Asked()
    except InputError:
        return Asked()


@require_http_methods(["GET", "HEAD", "POST"])
def new_plan(request: HttpRequest) -> HttpResponse:
    """Ask for a plan: targets, budgets, rules, measures, assumptions; begun from the city or from another plan."""
    city, version, first = _begun(request)
    refused = refusal(request, may_plan(request.user, city))
    if refused:
        return refused
    before = _asked_before(first)
    form = PlanForm(
        request.POST or None,
        user=request.user,
        s=making.settings_of(version),
        begun=making.settings_of(version, before),
        measures=making.known_measures(city, request.user, first),
        asked=before,
        title=_("%(plan)s, changed") % {"plan": first.title[:100]} if first else "",
    )
    made = _made(request, form, version, Plan.Kind.PLAN, first) if form.is_bound else None
    if made is not None:
        return made
    context = {"form": form, "city": city, "first": first, "demonstration": city.demonstration}
    return render(request, "plans/new.html", context, status=422 if form.is_bound else 200)


def _made(
    request: HttpRequest, form: forms.Form, version: CityVersion, kind: str, beside: Plan | None
) -> HttpResponse | None:
    """The way to the plan that a good form made; None where something is wrong, which the form then says."""
    if not form.is_valid():
        return None
    given = form.cleaned_data
    title = given.get("title") or given.get("group_name", "")
    more = (given.get("reason", ""), given.get("organisation"), beside)
    return _asked_for(
        lambda problem: form.add_error(None, problem),
        lambda: making.make_plan(version, kind, _by(given["asked"], request), person_of(request), title, *more),
    )


def _by(asked: Asked, request: HttpRequest) -> Asked:
    """The question with the name of whoever asks, where it sets something and nobody is named."""
    sets = asked.rules or asked.targets or asked.budgets or asked.neutrality_year or asked.budget_kt is not None
    named = {**asked.to_dict(), "set_by": person_of(request).name}
    return Asked.from_dict(named) if sets and not asked.set_by else asked


def _asked_for(problem: Callable[[str], Any], make: Callable[[], Plan]) -> HttpResponse | None:
    try:
        plan = make()
    except Refused as refused:
        problem(str(refused))
    except InputError as error:
        problem(" ".join(sentence_of(f) for f in error.findings))
    else:
        return redirect("plan", pk=plan.pk)
    return None


@require_http_methods(["GET", "HEAD", "POST"])
def dispute_plan(request: HttpRequest, pk: int) -> HttpResponse:
    """Object to a plan: in words, or with the number one holds to be right, which makes the plan again."""
    plan = seen_plan(request, pk)
    refused = refusal(request, may_dispute(request.user, plan))
    if refused:
        return refused
    about = assumption(plan, request.GET.get("parameter", "")[:120])
    form = DisputeForm(request.POST or None, user=request.user, numbered=about is not None)
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        value = given.get("value")
        fault = fault_of(about, value) if about is not None and value is not None else ""
        if fault:
            form.add_error("value", fault)
        else:
            try:
                made = dispute(plan, person_of(request), given["reason"], about, value, given.get("organisation"))
            except Refused as problem:
                form.add_error(None, str(problem))
            else:
                messages.success(request, _("Your objection is printed on the plan."))
                return redirect("plan", pk=made.answer_id or plan.pk)
    context = around(plan, _("Dispute")) | {"form": form, "about": about}
    return render(request, "plans/dispute.html", context, status=422 if form.is_bound else 200)


@require_POST
def reoptimise(request: HttpRequest, pk: int) -> HttpResponse:
    """A new plan with the values of a what-if: now decisions change too."""
    plan = seen_plan(request, pk)
    refused = refusal(request, may_plan(request.user, plan.city), reverse("what_if", args=[pk]))
    if refused:
        return refused
    values = reading.moved(reading.sliders(plan, {k: str(v) for k, v in request.POST.items()}))
    if not values:
        messages.warning(request, _("Move a value first; as planned, the plan is what it is."))
        return redirect("what_if", pk=plan.pk)
    asked = making.with_settings(making.asked_of(plan), values)
    said = ", ".join(f"{assumption_words(name)} = {value:.4g}" for name, value in values.items())
    title = (_("%(plan)s, re-optimised") % {"plan": plan.title})[:120]
    reason = _("A new plan with the values: %(values)s") % {"values": said}
    return _again(request, plan, asked, title, reason)


@require_POST
def judge(request: HttpRequest, pk: int) -> HttpResponse:
    """Judge the city's own actions: the same plan with the assessment, opened at that chapter."""
    plan = seen_plan(request, pk)
    refused = refusal(request, may_plan(request.user, plan.city), reverse("plan", args=[pk]))
    if refused:
        return refused
    if not reading.is_plan(plan):
        raise Http404("only a plan is judged against the city's own actions")
    asked = Asked.from_dict({**making.asked_of(plan).to_dict(), "assessment": True})
    title = (_("%(plan)s, with the city's own actions judged") % {"plan": plan.title})[:120]
    return _again(request, plan, asked, title, "")


def _again(request: HttpRequest, plan: Plan, asked: Asked, title: str, reason: str) -> HttpResponse:
    made = _asked_for(
        lambda problem: messages.warning(request, problem),
        lambda: making.make_plan(
            plan.run.version, Plan.Kind.PLAN, asked, person_of(request), title, reason, None, plan
        ),
    )  # fmt: skip
    return made or redirect("plan", pk=plan.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def new_frontier(request: HttpRequest) -> HttpResponse:
    """Ask what carbon and one rule cost together."""
    city, version, first = _begun(request)
    refused = refusal(request, may_plan(request.user, city))
    if refused:
        return refused
    form = FrontierForm(request.POST or None, user=request.user, city=city.name)
    made = _made(request, form, version, Plan.Kind.FRONTIER, first) if form.is_bound else None
    if made is not None:
        return made
    context = {"form": form, "city": city, "first": first, "demonstration": city.demonstration}
    return render(request, "plans/frontier.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def table(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter what a group around one table decided; its alternative is planned and set beside the city's."""
    plan = seen_plan(request, pk)
    refused = refusal(request, may_plan(request.user, plan.city))
    if refused:
        return refused
    if not has_book(plan):
        raise Http404("the plan is not finished")
    bundle = bundle_of(plan)
    rows = sorted(assumptions_of(plan), key=lambda a: a.name)
    form = GroupForm(
        request.POST or None,
        user=request.user,
        s=making.settings_of(plan.run.version),
        zones=[(str(z["zone"]), str(z["name"])) for z in bundle.meta["city"]["zones"]],
        measures=making.known_measures(plan.city, request.user, plan),
        assumptions=[(a.name, f"{a.words}: {words.number(a.value, 4)} {again(a.unit)}") for a in rows],
    )
    made = _made(request, form, plan.run.version, Plan.Kind.TABLE, plan) if form.is_bound else None
    if made is not None:
        return made
    context = around(plan, _("A group around one table")) | {"form": form}
    return render(request, "plans/table.html", context, status=422 if form.is_bound else 200)


@require_POST
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a plan public, take it back, or make it the city's own."""
    plan = seen_plan(request, pk)
    refused = refusal(request, may_make_public(request.user, plan.city), reverse("plan", args=[pk]))
    if refused:
        return refused
    what = request.POST.get("what")
    if what == "leading" and plan.run.state == Run.State.DONE and reading.is_plan(plan):
        publishing.make_leading(plan)
        messages.success(request, _("This is now the city's plan."))
    elif what in ("public", "private"):
        publishing.make_public(plan, what == "public")
        messages.success(request, _("Everyone can see this plan now.") if what == "public" else _("Taken back."))
    else:
        messages.warning(request, _("Only a finished plan can be made the city's plan."))
    return redirect("plan", pk=plan.pk)
