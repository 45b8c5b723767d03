"""Households add no carbon of their own: what they burn and use is with the systems that serve them."""

from mutirao.book.bundle import Plan
from mutirao.model.wedgeproducts import Product


def products(plan: Plan) -> list[Product]:
    """No products."""
    return []
