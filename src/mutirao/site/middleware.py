"""The language of a request for library and pages alike, and headers that every answer carries."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
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
    """Keep pages of people who are signed in out of shared caches; switch off what no page needs.

    An address with a zero byte names nothing: PostgreSQL cannot even look for it.
    """

    def guarding(request: HttpRequest) -> HttpResponse:
        zero = "\0" in request.path or "%00" in request.META.get("QUERY_STRING", "")
        # The interface for programs refuses it itself, in the shape of its refusals.
        if zero and not request.path.startswith("/api/"):
            raise Http404("no address holds a zero byte")
        response = answer(request)
        response.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()")
        if request.user.is_authenticated:
            response.setdefault("Cache-Control", "no-store, private")
        return response

    return guarding
