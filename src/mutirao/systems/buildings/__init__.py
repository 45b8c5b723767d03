"""Buildings: heat and power demand of homes and commerce, retrofit levels, embodied carbon at its own boundary."""

from mutirao.systems.buildings.system import Buildings

__all__ = ["Buildings"]
