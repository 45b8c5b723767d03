"""Who calls the interface for programs, how often, and how it refuses."""

import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.cache import caches
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Schema
from ninja.errors import AuthenticationError
from ninja.security import HttpBearer
from ninja.throttling import BaseThrottle

from mutirao.web.people.models import ApiToken, Reader, hashed

#: Longer words cannot be a token; they are not even hashed.
LONGEST = 200
#: The last use of a token is written down at most so often.
NOTED = timedelta(minutes=1)


class Refusal(Schema):
    """Why a request was refused, and what one can do about it."""

    reason: str
    where: list[str] = Field(default_factory=list)


@dataclass(frozen=True)
class Caller:
    """Who calls: a person by their token, or anyone."""

    user: Reader
    token: ApiToken | None = None


class Token(HttpBearer):
    """``Authorization: Bearer mu_....`` as it was shown when the token was made."""

    def __call__(self, request: HttpRequest) -> Caller:
        words = request.headers.get("Authorization", "").split()
        if len(words) != 2 or words[0].lower() != "bearer":
            raise AuthenticationError(401, _("Send a token: Authorization: Bearer mu_..."))
        return self.authenticate(request, words[1])

    def authenticate(self, request: HttpRequest, token: str) -> Caller:
        known = known_token(token)
        if known is None:
            raise AuthenticationError(401, _("The token is unknown or no longer valid. Make a new one on your page."))
        return Caller(known.user, known)


class TokenIfAny(Token):
    """Whoever sends no token is anyone and sees what is public; a wrong token is never taken for none."""

    def __call__(self, request: HttpRequest) -> Caller:
        return super().__call__(request) if "Authorization" in request.headers else Caller(AnonymousUser())


def known_token(text: str) -> ApiToken | None:
    """The live token of an active person, by its text; compared in constant time."""
    if len(text) > LONGEST or not text.isascii():
        return None
    now = timezone.now()
    live = ApiToken.objects.filter(prefix=text.partition(".")[0][:12], expires__gt=now, user__is_active=True)
    found: ApiToken | None = live.select_related("user").first()
    if not hmac.compare_digest(found.token_hash if found else hashed(""), hashed(text)) or found is None:
        return None
    ApiToken.objects.filter(Q(last_used=None) | Q(last_used__lt=now - NOTED), pk=found.pk).update(last_used=now)
    return found


def caller_of(request: HttpRequest) -> Caller:
    """Who calls, once the request has been let in."""
    caller: Caller = request.auth  # type: ignore[attr-defined]
    return caller


class EachMinute(BaseThrottle):
    """So many requests a minute for a token, or for an address that sends none.

    Starting runs is counted in the cache that all processes share; reading in each process's own, because counting
    it in the database would cost more than what it guards.
    """

    def __init__(self, name: str, known: str, unknown: str, counted: str):
        self.name, self.known, self.unknown, self.counted = name, known, unknown, counted

    def allow_request(self, request: HttpRequest) -> bool:
        caller: Any = getattr(request, "auth", None)
        token = caller.token if isinstance(caller, Caller) else None
        who = f"token-{token.pk}" if token else f"address-{address_of(request)}"
        minute = int(timezone.now().timestamp()) // 60
        key = f"{self.name}:{who}:{minute}"
        most: int = getattr(settings, self.known if token else self.unknown)
        cache = caches[self.counted]
        cache.add(key, 0, 120)
        try:
            return int(cache.incr(key)) <= most
        except ValueError:
            return True  # the cache was emptied between the two lines

    def wait(self) -> float | None:
        return 60 - timezone.now().timestamp() % 60


def address_of(request: HttpRequest) -> str:
    """The address of the caller: what the proxy in front of a public site says, else who is connected."""
    if settings.HTTPS:
        passed_on: str = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        if passed_on:
            return passed_on[:60]
    return str(request.META.get("REMOTE_ADDR", ""))


READING = EachMinute("api", "API_KNOWN", "API_OPEN", "near")
STARTING = EachMinute("api-runs", "API_RUNS", "API_RUNS", "default")
