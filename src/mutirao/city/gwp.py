"""Global warming potentials: what a tonne of a gas counts for, by assessment report and horizon.

A set is named by report and years, "AR5-100". Values are facts of the IPCC reports: AR4 from Working
Group I (2007) Table 2.14; AR5 (without climate-carbon feedbacks) from Working Group I (2013) Table 8.A.1;
AR6 from Working Group I (2021) Table 7.SM.7, read from the compilation
openclimatedata/globalwarmingpotentials (CC0). The AR5 20-year values could not be confirmed from a source
at hand and are therefore absent: asking for one is an error, never a guess.
"""

from mutirao.ground.findings import Phrase, told
from mutirao.ground.speech import word

CO2E = "CO2e"
"""Name of a figure that is already in CO2 equivalents and cannot be taken apart into gases."""

BIOGENIC = "CO2 biogenic"
"""CO2 from biomass: a memo item of the GPC, in no total."""

GROUPS = ("HFCs", "PFCs")
"""Families reported as one CO2e figure; without their make-up they cannot be re-based."""

_GASES = ("CH4", "N2O", "SF6", "NF3", "HFC-23", "HFC-32", "HFC-125", "HFC-134a", "HFC-143a", "CF4", "C2F6")

_AR4_100 = (25, 298, 22800, 17200, 14800, 675, 3500, 1430, 4470, 7390, 12200)
_AR4_20 = (72, 289, 16300, 12300, 12000, 2330, 6350, 3830, 5890, 5210, 8630)
_AR5_100 = (28, 265, 23500, 16100, 12400, 677, 3170, 1300, 4800, 6630, 11100)
_AR6_100 = (27.9, 273, 25200, 17400, 14600, 771, 3740, 1530, 5810, 7380, 12400)
_AR6_20 = (81.2, 273, 18300, 13400, 12400, 2690, 6740, 4140, 7840, 5300, 8940)


def _table(values: tuple[float, ...]) -> dict[str, float]:
    return {"CO2": 1.0, **{gas: float(value) for gas, value in zip(_GASES, values, strict=True)}}


SETS: dict[str, dict[str, float]] = {
    "AR4-100": _table(_AR4_100),
    "AR4-20": _table(_AR4_20),
    "AR5-100": _table(_AR5_100),
    "AR5-20": {"CO2": 1.0},
    "AR6-100": _table(_AR6_100),
    "AR6-20": _table(_AR6_20),
}
"""t CO2e per t of gas, by set and gas."""

GASES: tuple[str, ...] = ("CO2", *_GASES)
"""Gases that can be taken from tonnes to CO2e."""


def gwp(gas: str, set_name: str) -> float:
    """Return t CO2e per t of a gas in a set such as "AR5-100"; CO2 is 1 in every set.

    Raises ValueError for an unknown set, and for a gas the set gives no value for.
    """
    if set_name not in SETS:
        raise ValueError(told("'{cell}' is not a GWP set; known: {names}", cell=set_name, names=", ".join(SETS)))
    values = SETS[set_name]
    if gas not in values:
        raise ValueError(told("the set {set} has no confirmed value for '{gas}'", set=set_name, gas=gas))
    return values[gas]


def set_words(name: str) -> str | Phrase:
    """The name of a GWP set for a place in a sentence, also of one that nobody has named."""
    return name or Phrase(word("an unnamed set"))


def co2e(tonnes: float, gas: str, set_name: str) -> float:
    """Turn tonnes of a gas into t CO2e. Raises ValueError as :func:`gwp` does."""
    return tonnes * gwp(gas, set_name)


def rebase(value: float, gas: str, stated: str, wanted: str) -> float:
    """Take a gas's figure from t CO2e in one set to t CO2e in another: times the ratio of the two values.

    CH4 from AR4-100 to AR5-100 becomes 28/25 of what it was; a figure already in the wanted set, and
    CO2, come back untouched. Raises ValueError for CO2e figures and families of gases, whose make-up
    is not known, and as :func:`gwp` does.
    """
    if stated == wanted or gas == "CO2":
        return value
    if gas in ("", CO2E, *GROUPS):
        raise ValueError(told("a figure in {set} cannot be turned into {wanted}", set=set_words(stated), wanted=wanted))
    return value * gwp(gas, wanted) / gwp(gas, stated)
