"""Pages on carrying a plan out: the whole city, and one department."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from mutirao.ground.speech import again, say
from mutirao.model.figures import Figure
from mutirao.report import names
from mutirao.report.pages import browser_figure
from mutirao.web.cities.models import City
from mutirao.web.departments import carrying_out
from mutirao.web.departments.forms import AssignForm, DependForm, ProgressForm
from mutirao.web.departments.models import Assignment, Dependency, Progress
from mutirao.web.people.accounts import person_of
from mutirao.web.people.may import may_edit_city, may_follow_up
from mutirao.web.people.models import Organisation
from mutirao.web.people.views import refused
from mutirao.web.plans.making import started_of
from mutirao.web.plans.models import Plan
from mutirao.web.plans.results import bundle_of
from mutirao.web.runs.results import summary_of


def _city(request: HttpRequest, slug: str) -> City:
    found: City = get_object_or_404(City.objects.visible_to(request.user), slug=slug)
    return found


def _start_now(plan: Plan) -> list[str]:
    return started_of(summary_of(plan.run).get("start_now"))


def whole_city(request: HttpRequest, slug: str) -> HttpResponse:
    """How far a city's plan is carried out, measure by measure."""
    city = _city(request, slug)
    plan = carrying_out.leading_plan(city, request.user)
    owners = Organisation.objects.visible_to(request.user).filter(city=city)
    context: dict[str, Any] = {"city": city, "plan": plan, "demonstration": city.demonstration, "owners": owners}
    context["crumbs"] = _crumbs(city)
    if plan is not None:
        shown = carrying_out.lines(plan, _start_now(plan))
        works = [line.work for line in shown]
        dependencies = list(Dependency.objects.visible_to(request.user).filter(city=city))
        meant = {w.measure: w.meaning for w in works}
        context |= {
            "lines": shown,
            "years": _milestones(works),
            "total": carrying_out.carried_out(city, request.user),
            "dependencies": [(d, meant.get(d.measure, d.measure), meant.get(d.needs, d.needs)) for d in dependencies],
            "held_back": carrying_out.held_back(plan),
            "may_assign": may_edit_city(request.user, city).allowed,
            "assign_form": AssignForm(works=works, owners=owners, prefix="assign"),
            "depend_form": DependForm(works=works, prefix="depend"),
        }
    return render(request, "departments/city.html", context)


def department(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One owner's part: measures, costs by year, what to start now, what waits for what, what was measured."""
    city = _city(request, slug)
    owner = get_object_or_404(Organisation.objects.visible_to(request.user), pk=pk)
    plan = carrying_out.leading_plan(city, request.user)
    context: dict[str, Any] = {"city": city, "owner": owner, "plan": plan, "demonstration": city.demonstration}
    context["crumbs"] = [*_crumbs(city, True), ("", owner.name)]
    if plan is not None:
        shown = carrying_out.lines(plan, _start_now(plan), owner)
        measures = [line.work.measure for line in shown]
        meant = {line.work.measure: line.work.meaning for line in carrying_out.lines(plan, [])}
        touching = Dependency.objects.visible_to(request.user).filter(city=city)
        context |= {
            "lines": shown,
            "years": _milestones([line.work for line in shown]),
            "start_now": [line for line in shown if line.start_now],
            "own_power": [line for line in shown if line.work.power == "city"],
            "dependencies": [
                (d, meant.get(d.measure, d.measure), meant.get(d.needs, d.needs))
                for d in touching
                if d.measure in measures or d.needs in measures
            ],
            "may_report": may_follow_up(request.user, city).allowed,
            "form": ProgressForm(),
        } | _costs(plan, measures)
    return render(request, "departments/department.html", context)


def _costs(plan: Plan, measures: list[str]) -> dict[str, Any]:
    """The figure of what the measures cost each payer by year."""
    table = carrying_out.costs(plan, measures)
    if table.empty:
        return {}
    paid = table.groupby(["year", "payer"])["value"].sum().reset_index()
    paid["payer"] = paid["payer"].map(lambda p: again(names.party(str(p))))
    city = bundle_of(plan).meta["city"]
    unit = say("million {currency} of {year} a year", currency=city["currency"], year=city["price_year"])
    figure = Figure(
        "costs", _("What these measures ask in cash, by who pays"), "stacked_bar", paid, "year", "value", unit,
        (names.BOOK,), color="payer",
    )  # fmt: skip
    shown, specs = browser_figure(figure, {}, "department-")
    return {"costs": shown, "charts": specs}


def _milestones(works: list[Any]) -> list[int]:
    return sorted({y for w in works for y in w.shares})[1:]


def _crumbs(city: City, linked: bool = False) -> list[tuple[str, str]]:
    here = (f"/departments/{city.slug}/" if linked else "", _("Carrying it out"))
    return [(f"/cities/{city.slug}/", city.name), here]


@login_required
@require_POST
def assign(request: HttpRequest, slug: str) -> HttpResponse:
    """Give a measure to an organisation."""
    city = _city(request, slug)
    verdict, plan = may_edit_city(request.user, city), carrying_out.leading_plan(city, request.user)
    if not verdict or plan is None:
        return refused(request, verdict.reason or _("The city has no plan of its own yet."))
    owners = Organisation.objects.visible_to(request.user).filter(city=city)
    works = [line.work for line in carrying_out.lines(plan, [])]
    form = AssignForm(request.POST, works=works, owners=owners, prefix="assign")
    if not form.is_valid():
        return render(request, "departments/form.html", {"city": city, "form": form}, status=422)
    given = form.cleaned_data
    carrying_out.assign(city, given["measure"], given["owner"], given["note"], plan)
    messages.success(request, _("Saved."))
    return redirect("carrying_out", slug=slug)


@login_required
@require_POST
def depend(request: HttpRequest, slug: str) -> HttpResponse:
    """Say that a measure waits for another."""
    city = _city(request, slug)
    verdict, plan = may_follow_up(request.user, city), carrying_out.leading_plan(city, request.user)
    if not verdict or plan is None:
        return refused(request, verdict.reason or _("The city has no plan of its own yet."))
    form = DependForm(request.POST, works=[line.work for line in carrying_out.lines(plan, [])], prefix="depend")
    if form.is_valid():
        given = form.cleaned_data
        try:
            carrying_out.depend(city, given["measure"], given["needs"], given["reason"], person_of(request), plan)
        except ValueError as reason:
            form.add_error(None, str(reason))
        else:
            messages.success(request, _("Saved."))
            return redirect("carrying_out", slug=slug)
    return render(request, "departments/form.html", {"city": city, "form": form}, status=422)


def measure(request: HttpRequest, slug: str, measure: str) -> HttpResponse:
    """One measure: everything said on how far it is, and the form to say more."""
    city = _city(request, slug)
    given = get_object_or_404(Assignment.objects.visible_to(request.user), city=city, measure=measure)
    plan = carrying_out.leading_plan(city, request.user)
    may = may_follow_up(request.user, city)
    form = ProgressForm(request.POST or None)
    if request.method == "POST":
        if not may:
            return refused(request, may.reason)
        if form.is_valid():
            entry = form.save(commit=False)
            entry.assignment = given
            try:
                carrying_out.report(entry, person_of(request))
            except ValueError as reason:
                form.add_error(None, str(reason))
            else:
                messages.success(request, _("Saved."))
                return redirect("measure", slug=slug, measure=measure)
    line = next((x for x in carrying_out.lines(plan, []) if x.work.measure == measure), None) if plan else None
    context = {
        "city": city,
        "demonstration": city.demonstration,
        "crumbs": [*_crumbs(city, True), ("", line.work.meaning if line else measure)],
        "assignment": given,
        "line": line,
        "entries": Progress.objects.visible_to(request.user).filter(assignment=given),
        "may_report": may.allowed,
        "form": form,
    }
    return render(request, "departments/measure.html", context, status=422 if form.errors else 200)
