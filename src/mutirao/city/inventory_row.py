"""One line of an inventory: a figure, or the reason why there is none, for one reference of the GPC."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from mutirao.city.gpc import REFERENCES, reference
from mutirao.city.gwp import BIOGENIC, CO2E, GASES, GROUPS, SETS, co2e, rebase
from mutirao.city.notation import KEYS
from mutirao.ground.findings import Finding, Phrase, told

METHODS = ("measured", "census", "community", "scaled", "derived", "allocated", "default", "assumed")
QUALITIES = ("H", "M", "L")
TONNES = "t"
TONNES_CO2E = "t CO2e"


@dataclass(frozen=True, slots=True)
class Row:
    """A figure of one reference, carrier and gas in one year, in the columns of inventory.csv.

    ``value`` is None where the cell is blank: together with ``notation`` this keeps blank, zero and key
    three different things. ``unit`` is "t CO2e" or, for a named gas, "t". ``gas`` "" is a CO2e figure
    that cannot be taken apart; ``gwp`` names the set such figures were made with. ``carrier`` "" means
    all carriers of the reference. ``activity`` and ``factor`` keep what the figure was computed from.
    ``row`` is the line in the file it came from and no part of equality. Where two spellings mean one
    thing the row keeps one: the gas "CO2e" is "", and a blank figure has no unit.
    """

    year: int
    gpc: str
    carrier: str = ""
    gas: str = ""
    value: float | None = None
    unit: str = TONNES_CO2E
    notation: tuple[str, ...] = ()
    pointer: str = ""
    quality_activity: str = ""
    quality_factor: str = ""
    gwp: str = ""
    method: str = ""
    source: str = ""
    explanation: str = ""
    activity: float | None = None
    activity_unit: str = ""
    factor: float | None = None
    factor_unit: str = ""
    row: int | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if self.gas == CO2E:
            object.__setattr__(self, "gas", "")
        if self.value is None:
            object.__setattr__(self, "unit", "")

    @property
    def key(self) -> tuple[int, str, str, str]:
        """Year, reference, carrier and gas: what may occur once in an inventory."""
        return (self.year, self.gpc, self.carrier, self.gas)

    @property
    def is_memo(self) -> bool:
        """Whether the row is beside the totals: CO2 from biomass."""
        return self.gas == BIOGENIC

    @property
    def basis(self) -> Literal["mass", "gas", "fixed"]:
        """How a GWP set bears on the figure.

        "mass": tonnes of a gas, any set will do; "gas": t CO2e of one gas, can be re-based;
        "fixed": a CO2e figure or family of gases, only good in the set it was made with.
        """
        if self.gas == "CO2" or (self.gas in GASES and self.unit == TONNES):
            return "mass"
        return "gas" if self.gas in GASES else "fixed"

    def co2e(self, gwp_set: str, stated: str) -> float | None:
        """Return t CO2e in a GWP set, given the set this row's figure is stated in; None where blank.

        Raises ValueError where the figure cannot be turned into that set.
        """
        if self.value is None:
            return None
        if self.basis == "mass":
            return co2e(self.value, self.gas, gwp_set)
        return rebase(self.value, self.gas, stated, gwp_set)


def finding(row: Row, file: str, column: str, what: str, mend: str, level: str = "error") -> Finding:
    """Say what is wrong with a row, naming its year and reference besides its place in the file."""
    words = told("{year} {reference}: {what}", year=row.year, reference=row.gpc, what=Phrase(what))
    return Finding(file, row.row, column, words, mend, level)


def row_findings(row: Row, file: str) -> Iterator[Finding]:
    """Find what is wrong or worth knowing in one row on its own."""
    if not 1900 <= row.year <= 2200:
        yield finding(row, file, "year", "the year is out of range.", "Write four digits.")
    try:
        reference(row.gpc)
    except ValueError as error:
        what = told("{reason}.", reason=Phrase(str(error)))
        yield finding(row, file, "gpc", what, "Write the reference as the GPC does, I.1.1.")
    if row.gwp and row.gwp not in SETS:
        mend = told("Write one of {names}.", names=", ".join(SETS))
        yield finding(row, file, "gwp", told("'{cell}' is not a GWP set.", cell=row.gwp), mend)
    if row.method and row.method not in METHODS:
        mend = told("Write one of {names}.", names=", ".join(METHODS))
        yield finding(row, file, "method", told("'{cell}' is not a method.", cell=row.method), mend)
    for column in ("quality_activity", "quality_factor"):
        quality = getattr(row, column)
        if quality and quality not in QUALITIES:
            yield finding(row, file, column, told("'{cell}' is not a quality.", cell=quality), "Write H, M or L.")
    yield from _gas_findings(row, file)
    yield from _notation_findings(row, file)


def _gas_findings(row: Row, file: str) -> Iterator[Finding]:
    if row.gas not in ("", BIOGENIC, *GASES, *GROUPS):
        known = ", ".join((*GASES, *GROUPS, BIOGENIC))
        mend = told("Leave blank for a CO2e figure or write one of {names}.", names=known)
        yield finding(row, file, "gas", told("the gas '{cell}' is not known.", cell=row.gas), mend)
    if row.value is None:
        return
    if row.unit not in (TONNES, TONNES_CO2E):
        mend = told(
            "Convert the figure and write '{unit}', or '{mass}' for tonnes of a named gas.",
            unit=TONNES_CO2E,
            mass=TONNES,
        )
        yield finding(row, file, "unit", told("the unit '{cell}' is not read here.", cell=row.unit), mend)
    elif row.unit == TONNES and row.gas not in (*GASES, BIOGENIC):
        what = "tonnes without the name of a gas that has a GWP."
        yield finding(row, file, "unit", what, told("Name the gas, or write '{unit}'.", unit=TONNES_CO2E))


def _notation_findings(row: Row, file: str) -> Iterator[Finding]:
    for key in row.notation:
        if key not in KEYS:
            mend = told("Write one of {names}.", names=", ".join(KEYS))
            yield finding(row, file, "notation", told("'{cell}' is not a notation key.", cell=key), mend)
    if "NO" in row.notation and row.value:
        what = told("the figure {value} stands beside the key NO (not occurring).", value=row.value)
        yield finding(row, file, "notation", what, "Remove one of the two; only zero agrees with NO.")
    pointers = row.pointer.split("; ") if row.pointer else []
    for pointer in pointers:
        if pointer not in REFERENCES:
            mend = "Write references such as II.1.1; words belong in the explanation."
            yield finding(row, file, "pointer", told("'{cell}' is not a GPC reference.", cell=pointer), mend)
        elif pointer == row.gpc:
            mend = "Write the reference that includes it."
            yield finding(row, file, "pointer", "the reference points to itself.", mend)
    if pointers and "IE" not in row.notation:
        what = "a pointer without the key IE."
        yield finding(row, file, "pointer", what, "Add the key IE or remove the pointer.", "note")
    if "IE" in row.notation and not pointers and not row.explanation:
        what = "included elsewhere, but where is not said."
        yield finding(row, file, "pointer", what, "Name the reference or explain.", "note")
    if "NE" in row.notation and not row.explanation:
        what = "not estimated, without a reason."
        yield finding(row, file, "explanation", what, "Say why it was not estimated.", "note")
    if row.value is None and not row.notation:
        what = "neither a figure nor a notation key."
        yield finding(row, file, "value", what, "Write the figure or one of NO, IE, NE, C.", "note")
