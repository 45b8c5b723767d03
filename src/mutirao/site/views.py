"""Pages of the project itself."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form was sent that does not belong to this visit: say how to go on."""
    return render(request, "stale_form.html", status=403)


def alive(request: HttpRequest) -> HttpResponse:
    """For a watcher: the process answers. Touches nothing."""
    return HttpResponse("ok\n", content_type="text/plain")
