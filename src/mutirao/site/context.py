"""What every page knows: languages, the reader's unread reminders, whether a page was asked for by htmx."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from mutirao import __version__
from mutirao.web.people.models import Reminder


def everywhere(request: HttpRequest) -> dict[str, Any]:
    """Context of every template."""
    user = getattr(request, "user", None)
    return {
        "languages": settings.LANGUAGES,
        "version": __version__,
        "reminders_unread": Reminder.objects.visible_to(user).filter(read_at=None).count()
        if user is not None and user.is_authenticated
        else 0,
    }
