"""The language of a request for library and pages alike, and headers that every answer carries."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language

from mutirao.ground.speech import LANGUAGES, SOURCE, in_language

Answer = Callable[[HttpRequest], HttpResponse]


def speak(answer: Answer) -> Answer:
    """Let the library say its sentences in the language that Django chose for the reader."""

    def speaking(request: HttpRequest) -> HttpResponse:
        code = get_language() or SOURCE
        with in_language(code if code in LANGUAGES else SOURCE):
            return answer(request)

    return speaking


def guarded(answer: Answer) -> Answer:
    """Keep pages of people who are signed in out of shared caches; switch off what no page needs."""

    def guarding(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        response.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()")
        if request.user.is_authenticated:
            response.setdefault("Cache-Control", "no-store, private")
        return response

    return guarding
