"""The interface for programs: read what one may see, start runs, follow them. docs/api.md tells how to use it."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError
from ninja.openapi.schema import OpenAPISchema

from mutirao.ground.findings import InputError
from mutirao.site.api_access import READING, Token, TokenIfAny
from mutirao.site.api_reading import router as reading
from mutirao.site.api_running import router as running
from mutirao.web.runs.queue import Refused, TooMany

ABOUT = """Cities, plans, where each figure comes from, and runs. What is public is read without a token. A token, made
on your page and sent as `Authorization: Bearer mu_...`, shows what you may see; with the scope *write* it starts runs.
A refusal says why in `reason`."""


class Interface(NinjaAPI):
    """One interface; what may also be read without a token is declared so."""

    def get_openapi_schema(self, **given: Any) -> OpenAPISchema:
        found = super().get_openapi_schema(**given)
        for operations in found["paths"].values():
            for operation in operations.values():
                if operation.get("security") == [{TokenIfAny.__name__: []}]:
                    operation["security"] = [{}, {Token.__name__: []}]
        schemes = found["components"].get("securitySchemes", {})
        schemes.pop(TokenIfAny.__name__, None)
        return found

    def create_response(self, request: HttpRequest, data: Any, *args: Any, **given: Any) -> HttpResponse:
        response: HttpResponse = super().create_response(request, data, *args, **given)
        # What a token shows is nobody else's; what anyone sees is made anew all the time.
        response["Cache-Control"] = "no-store, private" if "Authorization" in request.headers else "no-cache"
        response["Vary"] = "Authorization, Accept-Language"
        return response


# No page of documentation is served: its scripts would need a looser content security policy.
api = Interface(
    title="Mutirão", version="1", description=ABOUT, urls_namespace="api", docs_url=None, auth=TokenIfAny(),
    throttle=READING,
)  # fmt: skip
api.add_router("", reading)
api.add_router("", running)


def refusal(request: HttpRequest, status: int, reason: str, where: Sequence[str] = ()) -> HttpResponse:
    """A refusal in the shape that all have."""
    response = api.create_response(request, {"reason": reason, "where": list(where)}, status=status)
    if status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="Mutirao"'
    return response


@api.exception_handler(ValidationError)
def _unreadable(request: HttpRequest, error: ValidationError) -> HttpResponse:
    where = [f"{'.'.join(str(part) for part in e['loc'])}: {e['msg']}" for e in error.errors]
    return refusal(request, 422, _("The request cannot be read as it stands."), where)


@api.exception_handler(InputError)
def _wrong(request: HttpRequest, error: InputError) -> HttpResponse:
    return refusal(request, 422, _("What is asked cannot be planned."), [str(f) for f in error.findings])


@api.exception_handler(Http404)
def _absent(request: HttpRequest, error: Http404) -> HttpResponse:
    return refusal(request, 404, _("There is no such thing, or you may not see it."), [str(error)])


@api.exception_handler(TooMany)
def _too_many(request: HttpRequest, error: TooMany) -> HttpResponse:
    return refusal(request, 429, str(error))


@api.exception_handler(Refused)
def _refused(request: HttpRequest, error: Refused) -> HttpResponse:
    return refusal(request, 409, str(error))


@api.exception_handler(Throttled)
def _throttled(request: HttpRequest, error: Throttled) -> HttpResponse:
    return refusal(request, 429, _("Too many requests in this minute. Wait for the next one."))


@api.exception_handler(HttpError)
def _other(request: HttpRequest, error: HttpError) -> HttpResponse:
    return refusal(request, error.status_code, str(error))


@api.exception_handler(AuthenticationError)
def _unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return refusal(request, 401, str(error))
