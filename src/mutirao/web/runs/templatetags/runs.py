"""`{% run_progress run %}`: how far a run is, kept up to date while it goes on."""

from typing import Any

from django import template

from mutirao.web.runs.models import Run
from mutirao.web.runs.progress import told

register = template.Library()


@register.inclusion_tag("runs/_run.html", takes_context=True)
def run_progress(context: template.Context, run: Run) -> dict[str, Any]:
    """The progress of a run with its cancel button; needs the request in the context."""
    request = context["request"]
    return {"t": told(run, request.user), "request": request, "csrf_token": context.get("csrf_token")}
