"""Carbon of buildings as products of factors: none of its own, for heat and power count what buildings use."""

from mutirao.book.bundle import Plan
from mutirao.model.wedgeproducts import Product


def products(plan: Plan) -> list[Product]:
    """Buildings burn nothing themselves: their demand enters the blocks of heat and power."""
    return []
