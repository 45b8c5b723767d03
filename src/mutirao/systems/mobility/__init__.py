"""Mobility: cars of residents and visitors, heavy vehicles, transit, walking and cycling."""

from mutirao.systems.mobility.system import Mobility

__all__ = ["Mobility"]
