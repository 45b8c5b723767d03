"""What a city's figures rest on: system by zone, each with the grade of its worst figure."""

from collections.abc import Sequence

import pandas as pd

from mutirao.city.facts import CITY, GRADES
from mutirao.city.folder import City
from mutirao.city.variables import Variable
from mutirao.ground.speech import word

ABSENT = "-"
GRADE_WORDS = {
    "A": word("measured or census"),
    "B": word("scaled, derived, allocated or counted by residents"),
    "C": word("default or assumed"),
    ABSENT: word("not given in this detail"),
}


def coverage(city: City, variables: Sequence[Variable]) -> pd.DataFrame:
    """Grade each system in each zone by its worst figure.

    Returns a frame of letters, index ``system`` and columns ``city`` and the zone ids: A measured or census,
    B scaled, derived, allocated or counted by residents, C default or assumed, "-" where a figure is absent
    that the system reads at that detail. A zone's column judges what may be given by zone; a figure for the
    whole
    city says nothing about a zone. The column ``city`` judges everything: its own row, or all zones together.
    """
    cells = grades(city, variables)
    systems = list(dict.fromkeys(v.system or v.file.removesuffix(".csv") for v in variables))
    columns = ["city", *[zone for zone in city.zone_ids if zone != CITY]]
    out = pd.DataFrame(ABSENT, index=pd.Index(systems, name="system"), columns=columns)
    for system in systems:
        part = cells[cells["system"] == system]
        for column in columns:
            letters = part.loc[part[column] != "", column]
            # A letter later in the alphabet is worse, and "-" is worse than all.
            if len(letters):
                out.loc[system, column] = ABSENT if (letters == ABSENT).any() else max(letters)
    return out


def grades(city: City, variables: Sequence[Variable]) -> pd.DataFrame:
    """Grade each variable: columns system, variable, city, zone ids; "" where a variable has no zones."""
    frame = city.facts.frame.assign(_grade=city.facts.frame["method"].map(GRADES).fillna("C"))
    worst = frame.groupby(["variable", "zone"])["_grade"].max()
    zones = [zone for zone in city.zone_ids if zone != CITY]
    rows = []
    for v in variables:
        of_zones = worst[v.name] if v.name in worst.index.get_level_values(0) else pd.Series(dtype=str)
        row = {"system": v.system or v.file.removesuffix(".csv"), "variable": v.name}
        for zone in zones:
            row[zone] = str(of_zones.get(zone, ABSENT)) if "zone" in v.by else ""
        at_zones = [row[zone] for zone in zones if row[zone]]
        row["city"] = str(of_zones.get(CITY, "")) or (max(at_zones) if at_zones and ABSENT not in at_zones else ABSENT)
        rows.append(row)
    return pd.DataFrame(rows, columns=["system", "variable", "city", *zones])


def share_by_grade(city: City) -> dict[str, float]:
    """Share of the city's figures of each grade A, B, C (by number of rows; 0..1), all groups and zones."""
    letters = city.facts.frame["method"].map(GRADES).fillna("C")
    counts = letters.value_counts()
    return {letter: float(counts.get(letter, 0)) / max(len(letters), 1) for letter in ("A", "B", "C")}


def absent(city: City, variables: Sequence[Variable]) -> list[Variable]:
    """Variables that the city does not bring, neither for the whole nor for all zones."""
    cells = grades(city, variables)
    names = set(cells.loc[cells["city"] == ABSENT, "variable"])
    return [v for v in variables if v.name in names]
