"""Template filters of plans: chapters as the library wrote them, specifications of charts inside a fragment."""

import json
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
_MARKS = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


@register.filter
def library_html(text: str) -> SafeString:
    """A chapter that the library set when the plan was made; it escaped whatever a city had written in its tables."""
    return mark_safe(text)


@register.filter
def json_inside(value: Any) -> SafeString:
    """Plain data for a script element of type application/json, so written that no text can end the element."""
    return mark_safe(json.dumps(value).translate(_MARKS))


@register.filter
def key(number: int) -> str:
    """The number of a row for an address: digits alone, without marks for thousands."""
    return str(int(number))
