"""Other: inventory rows that no system claims, each with its own trend and a simple measure; and removals."""

from mutirao.systems.other.system import Other

__all__ = ["Other"]
