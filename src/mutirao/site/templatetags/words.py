"""Template filters: texts of the library in the reader's language, chemical signs, numbers as people read them."""

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from mutirao.ground.speech import again
from mutirao.report import words

register = template.Library()


@register.filter
def said(text: object) -> str:
    """A text of the library in the reader's language, with its chemical signs."""
    return words.chemical(again(str(text)))


#: Units of the book that say less than a reader wants to know; a bare number has none to show.
UNITS = {"1": "", "kt/a": "kt CO2e a year"}


@register.filter
def unit(text: object) -> str:
    """A unit of the book in the reader's language."""
    return said(UNITS.get(str(text), text))


@register.filter
def plain_number(value: float | None, digits: int = 3) -> str:
    """A number in so many significant digits, with the language's own marks; a dash where there is none."""
    return words.number(float("nan") if value is None else float(value), digits)


@register.filter
def percent(value: float | None, digits: int = 2) -> str:
    """A share in per cent; a dash where there is none."""
    return words.percent(float("nan") if value is None else float(value), digits)


@register.filter(is_safe=True)
def paragraphs(text: str) -> SafeString:
    """Text that a person wrote: escaped, blank lines part paragraphs. Never HTML of its own."""
    parts = [p.strip() for p in str(text).replace("\r\n", "\n").split("\n\n") if p.strip()]
    return mark_safe("".join(f"<p>{conditional_escape(p)}</p>" for p in parts))  # each part is escaped
