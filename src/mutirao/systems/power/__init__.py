"""Power: the grid path, rooftop sun, a battery; every use of electricity is billed and counted here."""

from mutirao.systems.power.system import Power

__all__ = ["Power"]
