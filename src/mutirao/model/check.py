"""What an independent re-simulation found; knows nothing of how a plan is searched."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """Outcome of an independent re-simulation: the gap it found and how much is tolerable."""

    system: str
    what: str
    planned: float
    simulated: float
    unit: str
    tolerance: float

    @property
    def gap(self) -> float:
        """Relative gap; absolute when the planned figure is nothing but a rounding of zero."""
        scale = abs(self.planned) if abs(self.planned) > 1e-9 else 1.0
        return abs(self.simulated - self.planned) / scale

    @property
    def holds(self) -> bool:
        return self.gap <= self.tolerance
