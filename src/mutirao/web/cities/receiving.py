"""Taking in the body of an upload: what is too large is refused before it is read, or where it passes the limit."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt, csrf_protect

SPARE = 1_000_000
"""Bytes of a form besides its files."""

View = Callable[..., HttpResponse]


class Limit(FileUploadHandler):
    """Counts the bytes of all files of a request and ends the reading at the limit."""

    def __init__(self, request: HttpRequest | None = None):
        super().__init__(request)
        self.count, self.passed = 0, False

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self.count += len(raw_data)
        if self.count > settings.UPLOAD_BYTES:
            self.passed = True
            raise StopUpload(connection_reset=True)
        return raw_data

    def file_complete(self, file_size: int) -> Any:
        return None


def limited(refuse: View) -> Callable[[View], View]:
    """Let a view take uploads up to the limit; beyond it, or unless signed in, ``refuse`` answers and nothing is kept.

    The check against forged forms reads the form, so it comes after the limit is in place, not before.
    """

    def around(view: View) -> View:
        guarded = csrf_protect(view)

        @csrf_exempt
        @wraps(view)
        def within(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method != "POST" or not request.user.is_authenticated:
                return guarded(request, *args, **kwargs)
            if _stated(request) > settings.UPLOAD_BYTES + SPARE:
                return refuse(request, *args, **kwargs)
            limit = Limit(request)
            request.upload_handlers.insert(0, limit)
            _ = request.POST  # reads the body now
            return refuse(request, *args, **kwargs) if limit.passed else guarded(request, *args, **kwargs)

        return within

    return around


def _stated(request: HttpRequest) -> int:
    text = str(request.META.get("CONTENT_LENGTH") or "0")
    return int(text) if text.isdecimal() and len(text) < 19 else 0
