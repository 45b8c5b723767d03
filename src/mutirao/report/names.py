"""What parties, plans, powers and boundaries are called on a page."""

from collections.abc import Mapping
from typing import Any

from mutirao.book.bundle import Plan
from mutirao.city.gpc import REFERENCES
from mutirao.ground.speech import say
from mutirao.justice.incomegroups import short_group

#: How a figure names the entries it is summed from; book.csv beside the report holds them.
BOOK = "the plan's book of entries (book.csv)"
SOLVED_AGAIN = "solved again for each case"

PARTIES = {
    "households": "households",
    "landlords": "landlords",
    "city": "the City's budget",
    "utility": "energy utility",
    "business": "businesses",
    "visitors": "visitors and commuters",
    "state": "state and nation",
    "fund": "climate fund",
    "lenders": "lenders",
    "suppliers": "suppliers",
}
PLANS = {
    "no_action": "no action",
    "adopted": "business as adopted",
    "least_cost": "least cost, no rules",
    "rules": "plan under the rules",
}
POWERS = {
    "city": "the City",
    "state": "state or region",
    "federal": "the nation",
    "utility": "the energy utility",
    "owners": "owners of homes, buildings and vehicles",
}
#: Systems by their own names, but for one that also means whose power a measure is in.
SYSTEMS = {"power": "power supply"}
BOUNDARIES = {
    "basic": "BASIC",
    "basic+": "BASIC+",
    "basic+s3": "BASIC+ and other scope 3",
    "territorial": "territorial, memo",
    "upstream": "upstream (embodied), memo",
    "biogenic": "biogenic store, memo",
    "removal": "removals",
}
TENURES = {"owner": "homes lived in by their owner", "renter": "rented homes", "ALL": "all homes"}
KINDS = {
    "equipment": "heating and other equipment",
    "works": "building works",
    "vehicle": "vehicles",
    "plant": "power and heat plants",
    "network": "networks of heat and power",
    "energy": "energy bills",
    "upkeep": "upkeep",
    "service": "services",
    "fare": "fares",
    "rent": "rent for works",
    "grant": "grants",
    "support": "support to households",
    "jobs": "jobs",
    "warmth": "warmth",
    "cooling": "homes that gain cooling",
    "standing_charge": "standing charges",
    "rent_relief": "rent relief",
    "credit": "paid for own sun",
}
FAMILIES = {
    "demand": "growth or decline of demand",
    "grid": "cleaner grid",
    "retrofit": "retrofit of buildings",
    "heating": "heat pumps, district heat",
    "driving less": "driving less",
    "electric vehicles": "electric vehicles",
    "waste and other rows": "waste, gas pipes and other",
    "removals": "removals",
    "solar": "rooftop solar",
}


def party(name: str) -> str:
    """Words for a party of the book."""
    return PARTIES.get(name, name.replace("_", " "))


def kind(name: str) -> str:
    """Words for a kind of entry."""
    return KINDS.get(name, name.replace("_", " "))


def family(name: str) -> str:
    """Words for a measure family of the wedges."""
    return FAMILIES.get(name, name.replace("_", " "))


def system(name: str) -> str:
    """Words for a system of the city."""
    return SYSTEMS.get(name, name)


def power(name: str) -> str:
    """Words for whose power a measure is in."""
    return POWERS.get(name, name)


def gpc(ref: str) -> str:
    """A GPC reference with what it covers, such as "I.1.1 Residential buildings, fuel"."""
    found = REFERENCES.get(ref)
    if found is None:
        return ref
    scope = {1: "direct", 2: "grid energy", 3: "outside the city"}[found.scope]
    return say("{ref} {source}", ref=ref, source=say("{source}, {scope}", source=found.subsector, scope=scope))


def groups(meta: Mapping[str, Any]) -> dict[str, str]:
    """Income group id -> its words, from low to high income; ALL stands for every household."""
    rows = meta["city"].get("groups") or []
    return {g["id"]: short_group(g["name"]) for g in rows} | {"ALL": "all households"}


def measures(plan: Plan) -> dict[str, str]:
    """Measure -> what it does, in words."""
    table = plan.measures.drop_duplicates("measure")
    return dict(zip(table["measure"], table["meaning"].astype(str), strict=True))
