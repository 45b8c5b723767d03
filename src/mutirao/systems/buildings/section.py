"""What this system shows."""

from mutirao.book.bundle import Plan
from mutirao.model.figures import Section


def section(plan: Plan, reference: Plan) -> Section:
    """Not yet."""
    return Section("", "", ())
