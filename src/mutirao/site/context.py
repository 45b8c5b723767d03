"""What every page knows: languages and their number marks, the reader's unread reminders, whether a page was asked for by htmx."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from mutirao import __version__
from mutirao.ground.speech import LANGUAGES, SOURCE, language, number_marks
from mutirao.web.people.models import Reminder


def everywhere(request: HttpRequest) -> dict[str, Any]:
    """Context of every template."""
    user = getattr(request, "user", None)
    return {
        "languages": settings.LANGUAGES,
        "version": __version__,
        "number_marks": dict(zip(("decimal", "thousands"), number_marks(language() if language() in LANGUAGES else SOURCE), strict=True)),
        "reminders_unread": Reminder.objects.visible_to(user).filter(read_at=None).count()
        if user is not None and user.is_authenticated
        else 0,
    }
