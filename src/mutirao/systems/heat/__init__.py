"""Heat: boilers, heat pumps and district heat for homes; boilers and heat pumps for commerce."""

from mutirao.systems.heat.system import Heat

__all__ = ["Heat"]
