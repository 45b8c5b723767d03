"""What every page knows: languages, their number marks, unread reminders, whether a page was asked for by htmx."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from mutirao import __version__
from mutirao.ground.speech import LANGUAGES, SOURCE, language, number_marks
from mutirao.web.people.models import Reminder


def everywhere(request: HttpRequest) -> dict[str, Any]:
    """Context of every template."""
    user = getattr(request, "user", None)
    decimal, thousands = number_marks(language() if language() in LANGUAGES else SOURCE)
    return {
        "languages": settings.LANGUAGES,
        "software_version": __version__,
        "number_marks": {"decimal": decimal, "thousands": thousands},
        "reminders_unread": Reminder.objects.visible_to(user).filter(read_at=None).count()
        if user is not None and user.is_authenticated
        else 0,
    }
