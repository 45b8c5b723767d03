"""Counts of the same homes against each other: zones against income groups, tenures, buildings and heating."""

from collections.abc import Sequence

import pandas as pd

from mutirao.city.columns import listed
from mutirao.city.facts import ALL, CITY, GRADES, Facts
from mutirao.ground.findings import Finding, Phrase, told
from mutirao.ground.speech import word

PEOPLE = "people.csv"
APART = 0.05
"""How far two counts of the same homes may differ, as a share of the zone's homes."""

KINDS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("group", word("income groups"), ("households",)),
    ("variable", word("owners and renters"), ("households_owner", "households_renter")),
    ("variable", word("kinds of building"), ("homes_house", "homes_small_building", "homes_large_building")),
    (
        "variable",
        word("kinds of heating"),
        ("homes_gas", "homes_oil", "homes_electric", "homes_district", "homes_other_heating"),
    ),
)
"""Column of the finding, words and variables of each way to divide a zone's homes."""


def check_margins(facts: Facts, base_year: int) -> list[Finding]:
    """Compare a zone's homes with the sums of each way to divide them, as a plan uses them.

    Plans scale each margin to the zone's homes. More than 5 % apart is an error where both are measured or census
    counts of one source and year, for then they count the same homes and one is wrong; a note by zone where one source
    and year estimates both; and one note for all zones where source or year differ, as with a census and a survey.
    """
    total = _used(facts, "households", ("zone",), base_year)
    if total is None:
        return []
    findings = []
    for column, words, names in KINDS:
        dims = ("zone", "group") if column == "group" else ("zone",)
        parts = [_used(facts, name, dims, base_year) for name in names]
        given = [part for part in parts if part is not None]
        if len(given) < len(parts) or (column == "group" and facts.group_ids == (ALL,)):
            continue
        rows = pd.concat(given)
        sums = rows.groupby(level="zone")["value"].sum()
        homes = total["value"]
        apart = [z for z in facts.zone_ids if abs(sums[z] - homes[z]) > APART * homes[z]]
        same = set(rows["year"]) == set(total["year"]) and set(rows["source"]) == set(total["source"])
        if apart and same:
            counted = {GRADES.get(str(method)) for method in [*rows["method"], *total["method"]]} == {"A"}
            level = "error" if counted else "note"
            findings += [_zone(column, words, z, float(sums[z]), total, level) for z in apart]
        elif apart:
            findings.append(_survey(column, words, apart, sums, total, rows))
    return listed(findings)


def check_groups(facts: Facts, base_year: int) -> list[Finding]:
    """Note income groups without any home, and groups with homes whose income is zero."""
    if facts.group_ids == (ALL,):
        return []
    findings = []
    dims = next((d for d in (("zone", "group"), ("group",)) if facts.has("households", d)), None)
    if dims:
        homes = facts.array("households", dims, year=base_year)
        by_group = homes.sum("zone") if "zone" in dims else homes
        for group in (str(g) for g in by_group["group"].values if float(by_group.sel(group=g)) == 0.0):
            what = told(
                "no home anywhere is in the income group '{group}', so that nothing can be said about it.", group=group
            )
            mend = "Give its homes, or delete the group in city.toml and widen its neighbour."
            findings.append(Finding(PEOPLE, None, "group", what, mend, "note"))
    incomes = facts.frame[(facts.frame["variable"] == "household_income") & (facts.frame["value"] == 0.0)]
    for record in incomes.to_dict("records"):
        where = " ".join(str(record[c]) for c in ("zone", "group") if record[c] not in (CITY, ALL))
        what = told(
            "the income of {homes} is zero, so that no share of income can be stated.",
            homes=where or Phrase(word("all homes")),
        )
        mend = "Write what these homes live on, benefits included, or delete the row where it is not known."
        findings.append(Finding(str(record["file"]), int(record["row"]), "value", what, mend, "note"))
    return listed(findings)


def _used(facts: Facts, name: str, dims: tuple[str, ...], year: int) -> pd.DataFrame | None:
    """The rows that a plan takes for a variable, indexed by its labels; None where a label has no figure."""
    if not facts.has(name, dims):
        return None
    array = facts.array(name, dims, year=year)
    frame = facts.frame[facts.frame["variable"] == name]
    blank = frame[frame["group"] == ALL] if "group" not in dims else frame[frame["group"] != ALL]
    near = blank.assign(_gap=(blank["year"] - year).abs())
    near = near[near["year"].isin(array.attrs["years"])].sort_values(["_gap", "year"])
    rows = near.drop_duplicates(list(dims)).set_index(list(dims))
    return rows[rows.index.get_level_values("zone").isin(list(facts.zone_ids))]


def _zone(column: str, words: str, zone: str, parts: float, total: pd.DataFrame, level: str) -> Finding:
    what = told(
        "the {kinds} of zone {zone} sum to {sum:,.6g} households, the zone has {homes:,.6g}.",
        kinds=Phrase(words),
        zone=zone,
        sum=parts,
        homes=total["value"][zone],
    )
    mend = (
        "Correct one of the counts. Counts of another kind, such as all dwellings, get a source of their own in "
        "sources.csv: then only their shares are used."
    )
    return Finding(PEOPLE, int(total["row"][zone]), column, what, mend, level)


def _survey(
    column: str, words: str, apart: Sequence[str], sums: pd.Series, total: pd.DataFrame, rows: pd.DataFrame
) -> Finding:
    homes = total["value"]
    worst = max(apart, key=lambda zone: abs(sums[zone] - homes[zone]) / max(homes[zone], 1e-9))
    what = told(
        "the {kinds} ({origin}) and the households ({other}) are two counts: in {apart} of {zones} zones they are more "
        "than {percent:g} % apart, most in {worst} ({sum:,.6g} against {homes:,.6g}).",
        kinds=Phrase(words),
        origin=_origin(rows),
        other=_origin(total),
        apart=len(apart),
        zones=len(homes),
        percent=100 * APART,
        worst=worst,
        sum=sums[worst],
        homes=homes[worst],
    )
    mend = "Plans take the shares of the first and the level of the second; give both of one source where you can."
    return Finding(PEOPLE, int(total["row"][worst]), column, what, mend, "note")


def _origin(rows: pd.DataFrame) -> Phrase:
    years = ", ".join(str(year) for year in sorted(set(rows["year"])))
    return Phrase(told("{sources} of {years}", sources=", ".join(sorted(set(rows["source"]))), years=years))
