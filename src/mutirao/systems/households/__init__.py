"""Households: what a home pays for energy by tariff and tenure, and what protects tenants when rents rise."""

from mutirao.systems.households.system import Households

__all__ = ["Households"]
