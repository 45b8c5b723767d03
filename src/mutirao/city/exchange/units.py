"""The unit of an emissions column, where it can be told, and a question where it cannot."""

import re
from decimal import Decimal

from mutirao.ground.findings import Finding, InputError

TO_TONNES = {
    "kg": Decimal("0.001"),
    "t": Decimal(1),
    "kt": Decimal(1000),
    "Mt": Decimal(1_000_000),
    "short ton": Decimal("0.90718474"),
}
"""Tonnes in one of the unit (short ton: 2000 lb of exactly 0.45359237 kg)."""

_CLEAR = (
    ("Mt", r"mmt|mmtco2e?q?|million (?:metric )?ton(?:ne)?s?|megatonnes?"),
    ("kt", r"kt|ktco2e?q?|thousand (?:metric )?ton(?:ne)?s|kilotonnes?"),
    ("kg", r"kg|kgco2e?q?|kilograms?"),
    ("t", r"t|tco2e?q?|tonnes?|metric tons?"),
)
_UNCLEAR = re.compile(r"\b(?:mt|mtco2e?q?|mtons?|tons?|lbs?)\b")


def read_unit(text: str) -> str | None:
    """Return the unit a header or cell states without doubt ("Emissions (t CO2e)" -> "t"), else None.

    "mt", "Mt" and "tons" are in doubt: portals write them for metric tonnes, megatonnes and short tons.
    """
    words = re.sub(r"[_()\[\],;:/-]", " ", text).lower()
    for unit, pattern in _CLEAR:
        if re.search(rf"\b(?:{pattern})\b", words):
            return unit
    return None


def tonnes_per_unit(text: str, confirmed: str, file: str, row: int | None) -> Decimal:
    """Return tonnes in one unit of a column, from the caller's word or else from its header.

    Raises InputError asking for confirmation where the header states no unit or one of two meanings,
    and where the confirmed unit is unknown.
    """
    if confirmed:
        if confirmed in TO_TONNES:
            return TO_TONNES[confirmed]
        what = f"the unit '{confirmed}' is not known."
        raise InputError(Finding(file, row, text, what, f"Confirm one of {', '.join(TO_TONNES)}."))
    unit = read_unit(text)
    if unit is not None:
        return TO_TONNES[unit]
    doubt = _UNCLEAR.search(re.sub(r"[_()\[\],;:/-]", " ", text).lower())
    what = f"'{doubt[0]}' may mean more than one unit." if doubt else "the unit of the figures is not stated."
    mend = f"Look it up and confirm it with --unit (in Python unit=): one of {', '.join(TO_TONNES)}."
    raise InputError(Finding(file, row, text, what, mend))


def to_tonnes(digits: str, factor: Decimal) -> float:
    """Convert a plain number, in decimal digits so that no binary rounding is added."""
    return float(Decimal(digits) * factor)
