"""``{% carried_out city %}``: one line on how far a city's plan is carried out."""

from typing import Any

from django import template

from mutirao.web.departments import carrying_out as work

register = template.Library()


@register.inclusion_tag("departments/_line.html", takes_context=True)
def carried_out(context: Any, city: Any) -> dict[str, Any]:
    """The line, with a link to the page behind it; says so where there is no plan yet."""
    return {"city": city, "total": work.carried_out(city, context["request"].user)}
