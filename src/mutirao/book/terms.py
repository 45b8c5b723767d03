"""The entries of the book: terms, their labels and the parties they name."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import xarray as xr

ACCOUNTS = ("carbon", "money", "energy", "benefit", "welfare")
BOUNDARIES = ("basic", "basic+", "basic+s3", "territorial", "upstream", "biogenic", "removal")
BASES = ("running", "cash", "annuity")

HOUSEHOLDS, LANDLORDS, CITY, UTILITY = "households", "landlords", "city", "utility"
BUSINESS, VISITORS, STATE, FUND = "business", "visitors", "state", "fund"
LENDERS, SUPPLIERS = "lenders", "suppliers"
#: Parties whose payments to the outside are what a plan costs.
INSIDE = (HOUSEHOLDS, LANDLORDS, CITY, UTILITY, BUSINESS, VISITORS, STATE, FUND)
OUTSIDE = (LENDERS, SUPPLIERS)
#: Inside parties that belong to the city; the state and funds bring money from elsewhere.
CITY_PARTIES = (HOUSEHOLDS, LANDLORDS, CITY, UTILITY, BUSINESS, VISITORS)

PLACE_DIMS = ("period", "zone", "group", "tenure")
CITY_WIDE = {"zone": "CITY", "group": "ALL", "tenure": "ALL"}
LABELS = (
    "account", "system", "measure", "kind", "boundary", "gpc", "carrier", "payer", "receiver", "basis", "unit",
    "source",
)  # fmt: skip
MAX_DRIVERS = 3


@dataclass(frozen=True)
class Path:
    """A figure that is given for every period, such as the grid emission factor; dims (period)."""

    name: str
    values: xr.DataArray
    unit: str
    source: str


@dataclass(frozen=True)
class Term:
    """One entry: decision x coefficient x path x drivers, with its labels and its source.

    variable : name of the decision it is proportional to, or None for a given figure.
    select : the slice of that decision, such as ``{"technology": "heat_pump"}``.
    coefficient : array over the dims of the sliced decision, dims of place and time, or both.
    path : a figure given by period that the quantity is multiplied with, or None.
    drivers : uncertain parameters with power +1 or -1, at most three.
    quantity_unit : unit of decision x coefficient, before path and drivers.
    meaning : what the quantity is, in words for `explain`.
    shape : for energy, the profile over the year by which the quantity is used or supplied.

    Its three views: the linear expression (`PlanModel.linear`), the value (`Plan.cells`), and draws
    (`book.draws`), which are computed after aggregation to what was asked.
    """

    number: int
    account: str
    system: str
    unit: str
    quantity_unit: str
    meaning: str
    source: str
    coefficient: xr.DataArray
    variable: str | None = None
    select: Mapping[str, str] = field(default_factory=dict)
    drivers: Mapping[str, int] = field(default_factory=dict)
    path: Path | None = None
    measure: str = ""
    kind: str = ""
    boundary: str = ""
    gpc: str = ""
    carrier: str = ""
    payer: str = ""
    receiver: str = ""
    basis: str = ""
    shape: str = ""

    def __post_init__(self) -> None:
        problem = _problem(self)
        if problem:
            raise ValueError(f"term '{self.meaning}' of system '{self.system}': {problem}")

    @property
    def full_coefficient(self) -> xr.DataArray:
        """Coefficient with the path multiplied in."""
        return self.coefficient if self.path is None else self.coefficient * self.path.values

    def label(self, name: str) -> str:
        return str(getattr(self, name))


def _problem(t: Term) -> str:
    if t.account not in ACCOUNTS:
        return f"unknown account '{t.account}'"
    if len(t.drivers) > MAX_DRIVERS or any(p not in (1, -1) for p in t.drivers.values()):
        return "at most three drivers, each with power +1 or -1"
    if t.account == "carbon" and t.boundary not in BOUNDARIES:
        return f"carbon needs a boundary, not '{t.boundary}'"
    if t.account == "money":
        if t.basis not in BASES:
            return f"money needs a basis, not '{t.basis}'"
        for party in (t.payer, t.receiver):
            if party not in INSIDE + OUTSIDE:
                return f"unknown party '{party}'"
        if t.payer == t.receiver:
            return "payer and receiver are the same party"
    if not np.isfinite(t.coefficient.values).all():
        return "a coefficient is not a finite number"
    return ""


def crosses_border(term: Term) -> int:
    """+1 when money leaves the inside parties, -1 when it comes in from outside, else 0 (a transfer)."""
    return int(term.payer in INSIDE) - int(term.receiver in INSIDE)
