"""Reminders: on the page at once, and by e-mail in the reader's language."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.utils import timezone, translation

from mutirao.ground.speech import LANGUAGES, SOURCE, in_language, say
from mutirao.web.people.models import Reminder, User


def remind(user: User, message: str, given: dict[str, Any], path: str, due: datetime | None = None) -> Reminder:
    """Leave a reminder: a message of the catalogue with places ``{name}``, what fills them, and where to go."""
    return Reminder.objects.create(user=user, message=message, given=given, path=path, due=due or timezone.now())


def worded(reminder: Reminder, language: str = "") -> str:
    """A reminder in words, in the language at hand or the one given."""
    if language:
        with in_language(language):
            return worded(reminder)
    try:
        return say(reminder.message, **reminder.given)
    except (KeyError, IndexError, ValueError):
        return reminder.message


def one_line(text: str) -> str:
    """A text as the subject of a letter: names that people chose may hold line ends, which no header takes."""
    return " ".join(text.split())


def send_due() -> int:
    """Send the reminders that are due and were not sent; returns how many. Each is sent at most once."""
    sent = 0
    for reminder in Reminder.objects.filter(mailed_at=None, due__lte=timezone.now()).select_related("user")[:200]:
        if not Reminder.objects.filter(pk=reminder.pk, mailed_at=None).update(mailed_at=timezone.now()):
            continue
        language = reminder.user.language if reminder.user.language in LANGUAGES else SOURCE
        with translation.override(language):
            words = worded(reminder, language)
        where = f"\n\n{settings.ADDRESS}{reminder.path}" if reminder.path else ""
        subject = one_line(f"Mutirão: {words[:80]}")
        send_mail(subject, words + where + "\n", None, [reminder.user.email], fail_silently=True)
        sent += 1
    return sent
