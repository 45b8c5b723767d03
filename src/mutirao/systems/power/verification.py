"""Independent re-simulation."""

from mutirao.book.bundle import Plan
from mutirao.city.folder import City
from mutirao.model.check import Check


def verify(plan: Plan, city: City) -> list[Check]:
    """Not yet."""
    return []
