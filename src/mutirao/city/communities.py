"""Areas that communities have drawn, and the homes that are designated by zone or by such an area."""

from collections.abc import Collection, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from mutirao.city.columns import known_names, mapped, numbers
from mutirao.city.settings import CRITERIA, Settings
from mutirao.city.settings import FILE as SETTINGS
from mutirao.ground.findings import Finding, told
from mutirao.ground.speech import together
from mutirao.ground.tables import ROW, read_table

COMMUNITIES, DESIGNATED = "communities.csv", "designated.csv"
COMMUNITY_COLUMNS = ("community", "name", "zone", "share", "author", "date", "how", "reason", "source")
DESIGNATED_COLUMNS = ("zone", "group", "tenure", "share", "community", "criterion")
_NEEDED = DESIGNATED_COLUMNS[:4]
STATED = "stated_share"
"""Column of the share as written in a row that names a community (``share`` is then of the zone's homes)."""

TENURES = ("owner", "renter")


def read_communities(path: Path) -> tuple[pd.DataFrame, list[Finding]]:
    """Read ``communities.csv``: one row per community and zone, text but for ``share``, with the row number.

    Findings: a share that is none, a row without an id, an author or a date.
    """
    frame = read_table(path, COMMUNITY_COLUMNS[:1] + COMMUNITY_COLUMNS[2:6], COMMUNITY_COLUMNS)
    for column in COMMUNITY_COLUMNS:
        if column not in frame:
            frame[column] = ""
    findings: list[Finding] = []
    frame = frame.assign(share=_shares(frame, COMMUNITIES, findings))
    for record in frame.to_dict("records"):
        findings += _origin({str(key): value for key, value in record.items()})
    return frame, findings


def read_designated(path: Path) -> tuple[pd.DataFrame, list[Finding]]:
    """Read ``designated.csv``: text but for ``share``, with the row number; blank where a column is left out."""
    frame = read_table(path, _NEEDED, DESIGNATED_COLUMNS)
    for column in DESIGNATED_COLUMNS:
        if column not in frame:
            frame[column] = ""
    findings: list[Finding] = []
    return frame.assign(share=_shares(frame, DESIGNATED, findings)), findings


def designated_homes(rows: pd.DataFrame, communities: pd.DataFrame | None) -> pd.DataFrame:
    """Designated homes by zone: a row that names a community becomes one row for each of its zones.

    share : of the homes of that zone (group, tenure); where a community is named, its share of the zone's homes times
    the row's own share. Columns zone, group, tenure, share, and where any is used community, criterion and
    ``stated_share`` (the row's own). Two communities that share a zone may overlap; who reads the rows decides.
    """
    by_zone = pd.DataFrame({"community": [], "zone": [], "share": []}) if communities is None else communities
    areas = by_zone[["community", "zone", "share"]].rename(columns={"zone": "_zone", "share": "_part"})
    wide = rows[list(DESIGNATED_COLUMNS)].assign(**{STATED: rows["share"]}).reset_index(drop=True)
    wide = wide.reset_index(names="_order").merge(areas[areas["community"] != ""], on="community", how="left")
    wide = wide.sort_values("_order", kind="stable")
    named = (wide["community"] != "") & wide["_part"].notna()
    wide["zone"] = wide["zone"].where(~named, wide["_zone"]).astype(object)
    wide["share"] = wide["share"].where(~named, wide["share"] * wide["_part"].astype(float))
    used = [c for c in ("community", "criterion") if (wide[c] != "").any()]
    kept = [*_NEEDED, *used, *([STATED] if "community" in used else [])]
    return wide[kept].reset_index(drop=True)


def designated_table(designated: pd.DataFrame) -> pd.DataFrame:
    """The rows of ``designated.csv`` again, one for each community: the inverse of :func:`designated_homes`."""
    if "community" not in designated:
        return designated
    named = designated["community"] != ""
    stated = designated.get(STATED, designated["share"])
    rows = designated.assign(
        zone=designated["zone"].where(~named, ""), share=designated["share"].where(~named, stated)
    )
    columns = [column for column in DESIGNATED_COLUMNS if column in rows]
    return rows[columns].drop_duplicates().reset_index(drop=True)


def check_communities(
    communities: pd.DataFrame | None, zones: Collection[str], sources: Collection[str]
) -> list[Finding]:
    """Find communities that name no zone or an unknown one, a zone twice, or an unknown source."""
    findings = []
    seen: dict[tuple[str, str], int] = {}
    for record in communities.to_dict("records") if communities is not None else ():
        row, community, zone = int(record[ROW]), str(record["community"]), str(record["zone"])
        if not zone:
            what = told(
                "the community '{community}' names no zone here, so no homes can be counted.", community=community
            )
            findings.append(Finding(COMMUNITIES, row, "zone", what, "Write the id of a zone of zones.csv."))
        elif zone not in zones:
            what = told("no zone is called '{zone}'.", zone=zone)
            findings.append(Finding(COMMUNITIES, row, "zone", what, mapped(zone, zones) or known_names(zones)))
        elif (community, zone) in seen:
            what = told(
                "zone {zone} of the community '{community}' is already in row {row}.",
                zone=zone,
                community=community,
                row=seen[community, zone],
            )
            findings.append(Finding(COMMUNITIES, row, "zone", what, "Keep one of the two, with the whole share."))
        seen.setdefault((community, zone), row)
        source = str(record["source"])
        if source and source not in sources:
            what = told("'{source}' is not in sources.csv.", source=source)
            mend = together(
                mapped(source, sources), "Add a row with this id to sources.csv, or leave the cell blank."
            )
            findings.append(Finding(COMMUNITIES, row, "source", what, mend))
    return findings


def check_designated(
    rows: pd.DataFrame,
    communities: pd.DataFrame | None,
    settings: Settings,
    zones: Collection[str],
    groups: Collection[str],
) -> list[Finding]:
    """Find what does not fit in the rows of ``designated.csv`` as they were read."""
    findings = []
    if settings.designation is None:
        what = "nobody is named as the author of this list."
        mend = "Add [designation] with name, author, date and source to city.toml."
        findings.append(Finding(SETTINGS, None, "designation", what, mend))
    drawn = list(dict.fromkeys(communities["community"])) if communities is not None else []
    known: dict[str, Collection[str]] = {"zone": zones, "group": groups, "tenure": TENURES, "criterion": CRITERIA}
    seen: set[tuple[str, ...]] = set()
    for record in rows.to_dict("records"):
        row = int(record[ROW])
        label = {column: str(record[column]) for column in DESIGNATED_COLUMNS if column != "share"}
        for column, names in known.items():
            word = label[column]
            if word and word not in names:
                what = told("no {column} is called '{cell}'.", column=column, cell=word)
                findings.append(Finding(DESIGNATED, row, column, what, mapped(word, names) or known_names(names)))
        findings += [_finding(row, *fault) for fault in _community_faults(label, drawn)]
        key = (label["zone"], label["group"], label["tenure"], label["community"])
        if key in seen:
            findings.append(_finding(row, "zone", "the same homes are listed twice.", "Keep one of the rows."))
        seen.add(key)
    return findings


def note_designated(rows: pd.DataFrame | None, settings: Settings) -> list[Finding]:
    """Say what a planner should know about a designation that can be used; all are notes."""
    designation = settings.designation
    if rows is None or designation is None:
        return []
    findings = []
    named = {str(word) for word in rows["criterion"] if word} if "criterion" in rows else set()
    if "race_ethnicity" in named | set(designation.criteria):
        what = "homes are designated by race or ethnicity."
        mend = "Use it only where that is lawful, and name the legal basis in `how` of [designation]."
        findings.append(Finding(SETTINGS, None, "designation.criteria", what, mend, "note"))
    strange = sorted(named - set(designation.criteria))
    if strange:
        what = told(
            "designated.csv uses the criterion {criteria}, which [designation] does not list.",
            criteria=", ".join(strange),
        )
        mend = "Add it to `criteria`, so that readers see what the list rests on."
        findings.append(Finding(SETTINGS, None, "designation.criteria", what, mend, "note"))
    labels = [column for column in ("zone", "group", "tenure") if column in rows]
    if (rows[labels] == "").all(axis=1).any():
        what = "a row names no zone, group, tenure or community, so that it designates homes everywhere alike."
        findings.append(Finding(DESIGNATED, None, "zone", what, "Name the homes meant.", "note"))
    return findings


def _community_faults(label: dict[str, str], drawn: Sequence[str]) -> list[tuple[str, str, str]]:
    if not label["community"]:
        return []
    faults = []
    if label["zone"]:
        what = told(
            "the row names the zone {zone} and the community '{community}'.",
            zone=label["zone"],
            community=label["community"],
        )
        faults.append(("zone", what, "Leave the zone blank: the community's zones in communities.csv count."))
    if label["community"] not in drawn:
        what = told("no community is called '{community}'.", community=label["community"])
        mend = together(mapped(label["community"], drawn), "Add its rows to communities.csv.")
        faults.append(("community", what, mend))
    return faults


def _finding(row: int, column: str, what: str, mend: str) -> Finding:
    return Finding(DESIGNATED, row, column, what, mend)


def _origin(record: dict[str, object]) -> list[Finding]:
    """Who drew the area and when: without both nobody can be asked, and nobody is credited."""
    row = int(str(record[ROW]))
    community = str(record["community"])
    findings = []
    if not community:
        what = "the row has no community."
        findings.append(Finding(COMMUNITIES, row, "community", what, "Give the community a short id of its own."))
    if not record["author"]:
        what = told("the area of '{community}' has no author.", community=community)
        findings.append(Finding(COMMUNITIES, row, "author", what, "Write who drew it: a person, a group, an assembly."))
    try:
        date.fromisoformat(str(record["date"]))
    except ValueError:
        day = record["date"]
        what = (
            told("'{cell}' is not a date.", cell=day)
            if day
            else told("the area of '{community}' has no date.", community=community)
        )
        findings.append(Finding(COMMUNITIES, row, "date", what, "Write the day it was drawn as 2026-01-31."))
    return findings


def _shares(frame: pd.DataFrame, file: str, findings: list[Finding]) -> npt.NDArray[np.float64]:
    shares = numbers(frame, "share", file, findings)
    for row, cell, value in zip(frame[ROW], frame["share"], shares, strict=True):
        if cell == "" or not 0 <= value <= 1:
            what = told("'{cell}' is not a share.", cell=cell)
            findings.append(Finding(file, int(row), "share", what, "Write a value from 0 to 1."))
    return shares
