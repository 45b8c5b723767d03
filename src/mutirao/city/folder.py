"""The folder of plain tables that is a city: reading it whole, and writing it whole or not at all."""

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

import pandas as pd
import xarray as xr

from mutirao.city.actions import FILE as ACTIONS
from mutirao.city.actions import Action, actions_frame, check_actions, read_actions
from mutirao.city.columns import integers, numbers
from mutirao.city.communities import (
    COMMUNITIES,
    COMMUNITY_COLUMNS,
    DESIGNATED,
    check_communities,
    check_designated,
    designated_homes,
    designated_table,
    read_communities,
    read_designated,
)
from mutirao.city.facts import ALL, CITY, COLUMNS, FRAME, Facts, empty_frame
from mutirao.city.inventory import Inventory, read_inventory, write_inventory
from mutirao.city.margins import check_groups, check_margins
from mutirao.city.rules import (
    check_facts,
    check_gwp,
    check_inventory_sources,
    check_links,
    check_present,
    check_required,
)
from mutirao.city.seed import SEED, check_seed, read_seed
from mutirao.city.settings import FILE as SETTINGS
from mutirao.city.settings import Settings, settings_text
from mutirao.city.settings_file import read_settings
from mutirao.city.sources import FILE as SOURCES
from mutirao.city.sources import Source, read_sources, sources_frame
from mutirao.city.variables import Variable
from mutirao.ground.findings import Finding, InputError, told
from mutirao.ground.tables import ROW, read_table, write_table

FACT_FILES = ("people.csv", "buildings.csv", "energy.csv", "transport.csv", "land.csv", "climate.csv")
INVENTORY, ZONES, PARAMETERS = "inventory.csv", "zones.csv", "parameters.csv"
TABLES = (ZONES, *FACT_FILES, SEED, INVENTORY, ACTIONS, COMMUNITIES, DESIGNATED, PARAMETERS, SOURCES)
BESIDE = ("zones.geojson", "weather.epw", "network", "README.txt")
"""What a folder may hold besides the tables; carried along when a city is written elsewhere."""

ZONE_COLUMNS = ("zone", "name", "longitude", "latitude")
_T = TypeVar("_T")
PARAMETER_COLUMNS = ("name", "value", "low", "high", "unit", "price_year", "kind", "source", "note")


@dataclass(frozen=True)
class City:
    """A city as read from its folder.

    zones : columns zone, name, longitude, latitude; the one row ``CITY`` when there is no ``zones.csv``.
    designated : columns zone, group, tenure ("" = all), share (0..1); None without ``designated.csv``. Rows that
        name a community are laid out by its zones (:func:`mutirao.city.communities.designated_homes`).
    parameters : the rows of ``parameters.csv`` as text with their row number; None when there are none.
    seed : the joint table of homes: two or more of group, tenure, dwelling, heating; homes, source; or None.
    communities : areas that communities have drawn: ``COMMUNITY_COLUMNS``, a row per community and zone; or None.
    """

    path: Path
    settings: Settings
    zones: pd.DataFrame
    facts: Facts
    inventory: Inventory
    actions: tuple[Action, ...]
    designated: pd.DataFrame | None
    sources: dict[str, Source]
    parameters: pd.DataFrame | None
    seed: pd.DataFrame | None = None
    communities: pd.DataFrame | None = None

    @property
    def zone_ids(self) -> tuple[str, ...]:
        """Ids of the zones in the order of ``zones.csv``; ("CITY",) when the city has none."""
        return tuple(self.zones["zone"])

    @property
    def group_ids(self) -> tuple[str, ...]:
        """Ids of the income groups from low to high; ("ALL",) when the city has none."""
        return tuple(group.id for group in self.settings.groups) or (ALL,)

    def array(self, variable: str, dims: Sequence[str] = ("zone",), year: int | None = None) -> xr.DataArray:
        """Take a variable over ``dims`` at ``year`` (the base year unless given); see :meth:`Facts.array`."""
        return self.facts.array(
            variable, dims, self.zone_ids, self.group_ids, self.settings.base_year if year is None else year
        )

    def has(self, variable: str, by: Sequence[str] = ("zone",)) -> bool:
        """Tell whether every zone (x group) named by ``by`` has a value of the variable."""
        return self.facts.has(variable, by)


def read_city(path: Path | str, variables: Sequence[Variable]) -> City:
    """Read a city folder. Raises InputError with every finding of level error."""
    city, findings = load_city(path, variables)
    errors = [finding for finding in findings if finding.level == "error"]
    if city is None or errors:
        raise InputError(sorted(errors, key=_order))
    return city


def load_city(path: Path | str, variables: Sequence[Variable]) -> tuple[City | None, list[Finding]]:
    """Read what can be read: the city (None when a table is unreadable) and all findings so far."""
    path = Path(path)
    if not path.is_dir():
        return None, [Finding(path.name, None, "", "there is no such folder.", "Give the folder with city.toml.")]
    findings = check_required(path, variables, FACT_FILES, (SETTINGS, INVENTORY, SOURCES))
    reader = _Reader(path, findings)
    settings = reader.take(SETTINGS, read_settings)
    zones = reader.take(ZONES, _read_zones)
    tables = [reader.take(name, _read_facts(name)) for name in FACT_FILES]
    gwp = settings.gwp if settings is not None else ""
    inventory = reader.take(INVENTORY, lambda file: read_inventory(file, gwp))
    actions = reader.take(ACTIONS, read_actions) or ((), [])
    designated = reader.take(DESIGNATED, read_designated)
    communities, seed = reader.take(COMMUNITIES, read_communities), reader.take(SEED, read_seed)
    parameters = reader.take(PARAMETERS, _read_parameters)
    sources = reader.take(SOURCES, read_sources)
    for found in (zones, designated, communities, seed, actions, sources, *tables):
        findings.extend(found[1] if found else ())
    findings.extend(inventory.check() if inventory is not None else ())
    findings.extend(check_gwp(gwp) if settings is not None else ())
    if settings is None or ZONES in reader.broken:
        # Zones, groups and currency are not known, so that only the presence of figures can be told.
        return None, findings + check_present(_facts_frame(tables), variables)
    place = {
        "zone": CITY,
        "name": settings.name,
        "longitude": settings.longitude,
        "latitude": settings.latitude,
    }
    zone_frame = zones[0] if zones and len(zones[0]) else pd.DataFrame([place])
    groups = tuple(group.id for group in settings.groups) or (ALL,)
    facts = Facts(_facts_frame(tables), tuple(zone_frame["zone"]), groups)
    known = sources[0] if sources else None
    if not reader.broken.intersection(FACT_FILES):
        wrong = check_facts(facts, settings, variables, known)
        findings.extend(wrong)
        if not any(finding.level == "error" for finding in wrong):
            findings.extend(check_margins(facts, settings.base_year) + check_groups(facts, settings.base_year))
    # A table with nothing below its header says nothing, as if it were not there.
    flags, areas, joint = (read[0] if read and len(read[0]) else None for read in (designated, communities, seed))
    parameters = parameters if parameters is not None and len(parameters) else None
    if known is not None:
        findings.extend(check_actions(actions[0], known))
        findings.extend(check_inventory_sources(inventory.rows, known) if inventory is not None else ())
        years = inventory.years if inventory is not None else None
        findings.extend(check_links(settings, years, flags is not None, parameters, known))
        findings.extend(check_communities(areas, facts.zone_ids, known))
        findings.extend(check_seed(joint, groups, known))
        if flags is not None and COMMUNITIES not in reader.broken:
            findings.extend(check_designated(flags, areas, settings, facts.zone_ids, groups))
    if inventory is None or known is None or reader.broken:
        return None, findings
    city = City(
        path=path,
        settings=settings,
        zones=zone_frame,
        facts=facts,
        inventory=inventory,
        actions=actions[0],
        designated=None if flags is None else designated_homes(flags, areas),
        sources=known,
        parameters=parameters,
        seed=None if joint is None else joint.drop(columns=ROW),
        communities=None if areas is None else areas[list(COMMUNITY_COLUMNS)],
    )
    return city, findings


def write_city(city: City, path: Path | str, overwrite: bool = False) -> None:
    """Write a city as a folder; the folder appears only when complete.

    What is no table (geometry, weather, network) is carried along. With ``overwrite`` an existing city
    folder is
    replaced and its other files are kept. Raises InputError for a folder that is not empty, or not a city.
    """
    path = Path(path).absolute()
    _refuse_folder(path, overwrite)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{uuid4().hex}.part")
    old = path.with_name(f".{path.name}.{uuid4().hex}.old")
    try:
        if path.is_dir():
            shutil.copytree(path, draft)
        else:
            draft.mkdir()
            _carry(Path(city.path), draft)
        for name in TABLES:
            (draft / name).unlink(missing_ok=True)
        _write_tables(city, draft)
        if path.is_dir():
            os.replace(path, old)
        try:
            os.replace(draft, path)
        except OSError:
            if old.is_dir():
                os.replace(old, path)
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def fact_table(facts: Facts, file: str) -> pd.DataFrame:
    """The rows of one topical table as in the folder: blank for the whole city and for all groups."""
    frame = facts.frame[facts.frame["file"] == file].sort_values("row", kind="stable")
    frame = frame[list(COLUMNS)].reset_index(drop=True)
    return frame.assign(
        zone=frame["zone"].where(frame["zone"] != CITY, ""),
        group=frame["group"].where(frame["group"] != ALL, ""),
    )


class _Reader:
    """Reads the tables that exist, turns refusals into findings and remembers that something is broken."""

    def __init__(self, path: Path, findings: list[Finding]):
        self.path, self.findings = path, findings
        self.broken: set[str] = set()

    def take(self, name: str, read: Callable[[Path], _T]) -> _T | None:
        file = self.path / name
        if not file.exists():
            return None
        try:
            return read(file)
        except InputError as error:
            self.findings.extend(error.findings)
            self.broken.add(name)
            return None


def _read_facts(name: str) -> Callable[[Path], tuple[pd.DataFrame, list[Finding]]]:
    def read(path: Path) -> tuple[pd.DataFrame, list[Finding]]:
        return parse_facts(read_table(path, COLUMNS, COLUMNS), name)

    return read


def parse_facts(table: pd.DataFrame, file: str) -> tuple[pd.DataFrame, list[Finding]]:
    """Turn a table of text into rows of :class:`Facts`; rows with a blank value are left out."""
    findings: list[Finding] = []
    table = table[table["value"] != ""].reset_index(drop=True)
    figures = {name: numbers(table, name, file, findings) for name in ("value", "low", "high")}
    figures["year"] = integers(table, "year", file, findings)
    blank = table["year"] == ""
    findings.extend(
        Finding(file, int(row), "year", "the figure has no year.", "Write the year it describes.")
        for row in table.loc[blank, ROW].head(20)
    )
    frame = table.rename(columns={ROW: "row"}).assign(**figures, file=file)
    frame = frame.assign(
        zone=frame["zone"].where(frame["zone"] != "", CITY),
        group=frame["group"].where(frame["group"] != "", ALL),
    )
    frame = frame[frame["value"].notna() & frame["year"].notna()].astype({"year": "int64"})
    return frame[list(FRAME)].reset_index(drop=True), findings


def _facts_frame(tables: list[tuple[pd.DataFrame, list[Finding]] | None]) -> pd.DataFrame:
    frames = [table[0] for table in tables if table is not None and len(table[0])]
    return pd.concat(frames, ignore_index=True) if frames else empty_frame()


def _read_zones(path: Path) -> tuple[pd.DataFrame, list[Finding]]:
    frame = read_table(path, ZONE_COLUMNS, ZONE_COLUMNS)
    findings: list[Finding] = []
    for column, most in (("longitude", 180.0), ("latitude", 90.0)):
        text = frame[column]
        values = numbers(frame, column, ZONES, findings)
        for row, cell, value in zip(frame[ROW], text, values, strict=True):
            if cell == "":
                what = told("the zone has no {column}, so it has no place on a map.", column=column)
                findings.append(Finding(ZONES, int(row), column, what, "Write it in degrees (WGS 84)."))
            elif abs(value) > most:
                what = told("{value:g} is not a {column}.", value=value, column=column)
                mend = told("Write degrees from {low:g} to {high:g}.", low=-most, high=most)
                findings.append(Finding(ZONES, int(row), column, what, mend))
        frame[column] = values
    for row, zone in zip(frame[ROW], frame["zone"], strict=True):
        if zone in ("", CITY):
            mend = "Give the zone a short id of its own; CITY is reserved."
            findings.append(Finding(ZONES, int(row), "zone", told("'{zone}' cannot be a zone's id.", zone=zone), mend))
    for row, zone in zip(frame[ROW], frame["zone"].where(frame["zone"].duplicated(), ""), strict=True):
        if zone:
            what = told("'{id}' is used twice.", id=zone)
            findings.append(Finding(ZONES, int(row), "zone", what, "Give each its own id."))
    return frame[list(ZONE_COLUMNS)], findings


def _read_parameters(path: Path) -> pd.DataFrame:
    return read_table(path, PARAMETER_COLUMNS, PARAMETER_COLUMNS)


def _refuse_folder(path: Path, overwrite: bool) -> None:
    if path.is_file():
        raise InputError(Finding(path.name, None, "", "this is a file, not a folder.", "Choose another name."))
    if not path.is_dir() or not any(path.iterdir()):
        return
    if not overwrite:
        mend = "Choose an empty folder, or say that it may be overwritten."
        raise InputError(Finding(path.name, None, "", "the folder is not empty.", mend))
    if not (path / SETTINGS).is_file():
        what = "the folder holds something other than a city (no city.toml), so it is not overwritten."
        raise InputError(Finding(path.name, None, "", what, "Choose another folder."))


def _carry(old: Path, new: Path) -> None:
    for name in BESIDE:
        if (old / name).is_dir():
            shutil.copytree(old / name, new / name)
        elif (old / name).is_file():
            shutil.copy2(old / name, new / name)


def _write_tables(city: City, folder: Path) -> None:
    (folder / SETTINGS).write_text(settings_text(city.settings), encoding="utf-8")
    if city.zone_ids != (CITY,):
        write_table(city.zones, folder / ZONES)
    for name in FACT_FILES:
        table = fact_table(city.facts, name)
        if len(table):
            write_table(table, folder / name)
    write_inventory(city.inventory, folder / INVENTORY)
    if city.actions:
        write_table(actions_frame(city.actions), folder / ACTIONS)
    if city.seed is not None:
        write_table(city.seed, folder / SEED)
    if city.communities is not None:
        write_table(city.communities, folder / COMMUNITIES)
    if city.designated is not None:
        write_table(designated_table(city.designated), folder / DESIGNATED)
    if city.parameters is not None:
        write_table(city.parameters, folder / PARAMETERS)
    write_table(sources_frame(city.sources), folder / SOURCES)


def _order(finding: Finding) -> tuple[str, int, str, str]:
    return finding.file, finding.row or 0, finding.column, finding.what
