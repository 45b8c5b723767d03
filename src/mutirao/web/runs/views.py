"""Pages of runs: how far one is, one's own runs, taking one back."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from mutirao.web.runs.may import may_cancel
from mutirao.web.runs.models import Run
from mutirao.web.runs.progress import told
from mutirao.web.runs.queue import Refused, cancel

EACH_PAGE = 30


def _visible(request: HttpRequest, pk: int) -> Run:
    seen = Run.objects.visible_to(request.user).select_related("version__city", "asked_by")
    found: Run = get_object_or_404(seen, pk=pk)
    return found


@require_safe
@login_required
def mine(request: HttpRequest) -> HttpResponse:
    """The runs that one asked for, newest first."""
    runs = Run.objects.filter(asked_by=request.user.pk).select_related("version__city")
    page = Paginator(runs, EACH_PAGE).get_page(request.GET.get("page"))
    return render(request, "runs/mine.html", {"page": page, "told": [told(run, request.user) for run in page]})


@require_safe
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a run is; once it is done, what it made."""
    t = told(_visible(request, pk), request.user)
    if t.result:
        return redirect(t.result)
    demonstration = t.run.version.city.demonstration
    return render(request, "runs/run.html", {"t": t, "run": t.run, "demonstration": demonstration})


@require_safe
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The part of a page that changes while a run goes on; leads on to the result when it is there."""
    t = told(_visible(request, pk), request.user)
    seen = request.GET.get("seen", "")
    response = render(request, "runs/progress.html", {"t": t, "news": seen != t.seen, "again": True})
    response["Cache-Control"] = "no-store"
    if t.run.ended:
        # Whatever page this part is in is loaded anew or left: it has more to show now.
        if t.result:
            response["HX-Redirect"] = t.result
        else:
            response["HX-Refresh"] = "true"
    return response


@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel a run."""
    found = _visible(request, pk)
    verdict = may_cancel(request.user, found)
    if not request.user.is_authenticated:
        return redirect_to_login(reverse("run", args=[pk]))
    if not verdict:
        return render(request, "refused.html", {"reason": verdict.reason}, status=403)
    try:
        cancel(found, request.user)
    except Refused as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, _("The run is cancelled."))
    return redirect("run", pk=pk)
