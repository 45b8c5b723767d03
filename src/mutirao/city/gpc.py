"""The reference numbers of the GPC and the totals they add up to.

GPC: Global Protocol for Community-Scale Greenhouse Gas Inventories, version 1.1 (WRI, C40, ICLEI 2021):
its reporting tables give every source a reference, a scope and a place in the BASIC and BASIC+ totals.
Descriptions here are in our own words.
"""

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal, get_args

from mutirao.ground.findings import told

Level = Literal["BASIC", "BASIC+", "BASIC+S3", "TERRITORIAL"]
Boundary = Literal["basic", "basic+", "basic+s3", "territorial"]
Channel = Literal["direct", "indirect", "outside"]

LEVELS: tuple[Level, ...] = get_args(Level)


@dataclass(frozen=True)
class Reference:
    """One source of the GPC: what it covers, in which scope and through which channel it is reported.

    ``channel`` is where reporting tables such as the CRF show it: direct (inside the city), indirect
    (grid-supplied energy used in the city) or outside (because of the city, beyond its boundary).
    """

    ref: str
    sector: str
    subsector: str
    description: str
    scope: Literal[1, 2, 3]
    channel: Channel


SECTORS = {
    "I": "Stationary energy",
    "II": "Transportation",
    "III": "Waste",
    "IV": "Industrial processes and product use",
    "V": "Agriculture, forestry and other land use",
    "VI": "Other scope 3",
}

_STATIONARY = {
    "I.1": "Residential buildings",
    "I.2": "Commercial and institutional buildings and facilities",
    "I.3": "Manufacturing industries and construction",
    "I.4": "Energy industries",
    "I.5": "Agriculture, forestry and fishing activities",
    "I.6": "Non-specified sources",
}
_TRANSPORT = {
    "II.1": "On-road transportation",
    "II.2": "Railways",
    "II.3": "Waterborne navigation",
    "II.4": "Aviation",
    "II.5": "Off-road transportation",
}
_WASTE = {
    "III.1": ("Solid waste disposal", "landfilled or dumped"),
    "III.2": ("Biological treatment of waste", "composted or digested"),
    "III.3": ("Incineration and open burning", "incinerated or burned in the open"),
    "III.4": ("Wastewater treatment and discharge", "treated or discharged as wastewater"),
}
_SINGLE = (
    ("I.7.1", "Fugitive emissions from coal", "Coal mining, processing, storage and transport in the city"),
    ("I.8.1", "Fugitive emissions from oil and natural gas systems", "Oil and gas leaks in the city"),
    ("IV.1", "Industrial processes", "Process emissions of industry in the city"),
    ("IV.2", "Product use", "Gases released by the use of products in the city"),
    ("V.1", "Livestock", "Digestion and manure of livestock in the city"),
    ("V.2", "Land", "Carbon gained or lost by land in the city; negative where land takes up carbon"),
    ("V.3", "Aggregate sources and non-CO2 emissions on land", "Soils, burning and liming in the city"),
)


def _references() -> dict[str, Reference]:
    rows: list[Reference] = []
    for stem, name in _STATIONARY.items():
        use = "Plant own use" if stem == "I.4" else "Use"
        rows += [
            Reference(f"{stem}.1", SECTORS["I"], name, "Fuel burned in the city", 1, "direct"),
            Reference(f"{stem}.2", SECTORS["I"], name, f"{use} of grid-supplied energy", 2, "indirect"),
            Reference(f"{stem}.3", SECTORS["I"], name, "Grid losses behind that energy", 3, "outside"),
        ]
        if stem == "I.4":
            what = "Fuel burned in the city to generate energy supplied to a grid"
            rows.append(Reference("I.4.4", SECTORS["I"], "Energy generation for the grid", what, 1, "direct"))
    rows += [Reference(r, SECTORS["I"], n, d, 1, "direct") for r, n, d in _SINGLE if r.startswith("I.")]
    for stem, name in _TRANSPORT.items():
        beyond = "Journeys beyond the boundary and grid losses"
        rows += [
            Reference(f"{stem}.1", SECTORS["II"], name, "Fuel burned by travel in the city", 1, "direct"),
            Reference(f"{stem}.2", SECTORS["II"], name, "Grid-supplied energy for travel", 2, "indirect"),
            Reference(f"{stem}.3", SECTORS["II"], name, beyond, 3, "outside"),
        ]
    for stem, (name, how) in _WASTE.items():
        kind = "Wastewater" if stem == "III.4" else "Waste"
        inside = f"{kind} of the city, {how} inside it"
        abroad = f"{kind} of the city, {how} outside it"
        brought = f"{kind} from elsewhere, {how} in the city"
        rows += [
            Reference(f"{stem}.1", SECTORS["III"], name, inside, 1, "direct"),
            Reference(f"{stem}.2", SECTORS["III"], name, abroad, 3, "outside"),
            Reference(f"{stem}.3", SECTORS["III"], name, brought, 1, "direct"),
        ]
    for number in ("IV", "V"):
        start = f"{number}."
        rows += [Reference(r, SECTORS[number], n, d, 1, "direct") for r, n, d in _SINGLE if r.startswith(start)]
    other = "Other emissions outside the boundary because of activities in the city"
    rows.append(Reference("VI.1", SECTORS["VI"], "Other scope 3", other, 3, "outside"))
    return {row.ref: row for row in rows}


REFERENCES: dict[str, Reference] = _references()
"""All 53 references and VI.1, in the order of the GPC."""

ORDER: dict[str, int] = {ref: place for place, ref in enumerate(REFERENCES)}
"""Place of each reference in the GPC's order, for sorting."""


def _memberships() -> dict[Level, frozenset[str]]:
    """Membership of the totals: rules checked against 329 published inventories (C40 dashboard, 2023)."""
    territorial_only = {ref for ref in REFERENCES if ref == "I.4.4" or _imported_waste(ref)}
    basic = {
        row.ref
        for row in REFERENCES.values()
        if row.ref not in territorial_only
        and (row.sector == SECTORS["III"] or (row.sector in (SECTORS["I"], SECTORS["II"]) and row.scope in (1, 2)))
    }
    plus = {ref for ref in REFERENCES if ref not in territorial_only and ref != "VI.1"}
    territorial = {row.ref for row in REFERENCES.values() if row.scope == 1}
    return {
        "BASIC": frozenset(basic),
        "BASIC+": frozenset(plus),
        "BASIC+S3": frozenset(plus | {"VI.1"}),
        "TERRITORIAL": frozenset(territorial),
    }


def _imported_waste(ref: str) -> bool:
    return ref.startswith("III.") and ref.endswith(".3")


_MEMBERS = _memberships()


def members(level: Level) -> frozenset[str]:
    """Return the references whose figures a total adds up.

    BASIC: scopes 1 and 2 of stationary energy and transportation, waste generated in the city wherever
    treated; without I.4.4. BASIC+: BASIC with scope 3 of energy and transport, IV and V. BASIC+S3: with
    VI.1. TERRITORIAL: every scope 1 reference, also I.4.4 and imported waste (III.x.3).
    """
    return _MEMBERS[level]


def boundary(ref: str) -> Boundary:
    """Return the smallest set that holds a reference: basic, basic+, basic+s3 or (only) territorial.

    Raises ValueError for an unknown reference.
    """
    reference(ref)
    if ref in _MEMBERS["BASIC"]:
        return "basic"
    if ref in _MEMBERS["BASIC+"]:
        return "basic+"
    return "basic+s3" if ref in _MEMBERS["BASIC+S3"] else "territorial"


def reference(text: str) -> Reference:
    """Look up a reference; case, spaces and a closing dot do not matter ("ii.1.1." is II.1.1).

    Raises ValueError, with the nearest references, for anything else: a reference is never guessed.
    """
    ref = "".join(text.split()).upper().rstrip(".")
    if ref in REFERENCES:
        return REFERENCES[ref]
    # a lost dot is the commonest slip in real files ("I.63" for I.6.3): say so, do not mend it
    undotted = [known for known in REFERENCES if known.replace(".", "") == ref.replace(".", "")]
    near = undotted or get_close_matches(ref, REFERENCES, n=3, cutoff=0.6)
    if near:
        raise ValueError(told("'{cell}' is not a GPC reference (near: {names})", cell=text, names=", ".join(near)))
    raise ValueError(told("'{cell}' is not a GPC reference", cell=text))


def level(text: str) -> Level:
    """Read the name of a total; case, spaces and a leading "GPC" or "total" do not matter.

    Raises ValueError for an unknown name.
    """
    name = text.upper().replace("GPC", "").replace("TOTAL", "").replace("EMISSIONS", "")
    name = "".join(name.split()).replace("BASICPLUS", "BASIC+").replace("BASIC+S.3", "BASIC+S3")
    for known in LEVELS:
        if name == known:
            return known
    raise ValueError(told("'{cell}' is not a GPC total; known: {names}", cell=text, names=", ".join(LEVELS)))
