"""What differs between two versions, as a reader follows it: rows by what identifies them, cells before and after."""

import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mutirao.city.folder import FACT_FILES
from mutirao.city.settings import FILE as SETTINGS
from mutirao.ground.findings import InputError
from mutirao.ground.tables import read_rows
from mutirao.web.cities.keeping import names_in

MOST = 200
"""Most differences of one file that are listed; the rest is counted."""
LARGE = 10_000_000
"""Bytes beyond which two files are only said to differ."""
KEYS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(FACT_FILES, ("zone", "group", "variable", "year")),
    "inventory.csv": ("year", "gpc", "carrier", "gas"),
    "actions.csv": ("action", "measure"),
    "zones.csv": ("zone",),
    "sources.csv": ("source",),
    "parameters.csv": ("name",),
    "designated.csv": ("zone", "group", "tenure"),
    "communities.csv": ("community", "zone"),
    "seed.csv": ("group", "tenure", "dwelling", "heating"),
}
"""Columns that say what a row is about."""

Row = dict[str, str]


@dataclass(frozen=True)
class RowChange:
    """A row or setting that was "added", "removed" or "changed"; cells as (column, before, after)."""

    kind: str
    about: str
    cells: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class FileChange:
    """A file that was "added", "removed" or "changed"; ``more`` counts what is not listed."""

    name: str
    kind: str
    rows: tuple[RowChange, ...] = ()
    more: int = 0


def differences(old: Path, new: Path) -> list[FileChange]:
    """The files that differ between two folders, with their rows or settings where they can be told apart."""
    before, after = set(names_in(old)), set(names_in(new))
    out = []
    for name in sorted(before | after):
        if name not in before or name not in after:
            kind = "added" if name in after else "removed"
            out.append(FileChange(name, kind, *_listed(_changes(name, old if name in before else None, new))))
        elif (old / name).read_bytes() != (new / name).read_bytes():
            out.append(FileChange(name, "changed", *_listed(_changes(name, old, new))))
    return out


def _listed(changes: Sequence[RowChange]) -> tuple[tuple[RowChange, ...], int]:
    return tuple(changes[:MOST]), max(0, len(changes) - MOST)


def _changes(name: str, old: Path | None, new: Path) -> list[RowChange]:
    """Differences by row or setting; none where a file is neither table nor settings, or cannot be read."""
    before = _rows(old / name) if old is not None and (old / name).is_file() else {}
    after = _rows(new / name) if (new / name).is_file() else {}
    if before is None or after is None:
        return []
    out = []
    for key in [*after, *(k for k in before if k not in after)]:
        was, now = before.get(key), after.get(key)
        if was == now:
            continue
        columns = dict.fromkeys([*(was or {}), *(now or {})])
        cells = [(c, (was or {}).get(c, ""), (now or {}).get(c, "")) for c in columns]
        kind = "added" if was is None else "removed" if now is None else "changed"
        out.append(RowChange(kind, key, tuple(cell for cell in cells if cell[1] != cell[2])))
    return out


def _rows(file: Path) -> dict[str, Row] | None:
    """Rows by what they are about; None where they cannot be read as such."""
    try:
        if file.stat().st_size > LARGE:
            return None
        if file.name == SETTINGS:
            return {key: {"": text} for key, text in _flat(tomllib.loads(file.read_text(encoding="utf-8-sig"))).items()}
        if file.suffix == ".csv":
            return _keyed(file.name, read_rows(file))
    except (InputError, OSError, ValueError, RecursionError):
        pass
    return None


def _keyed(name: str, records: list[list[str]]) -> dict[str, Row]:
    records = [cells for cells in records if any(cells)]
    header, seen = records[0], Counter[str]()
    keys = KEYS.get(name, ())
    out: dict[str, Row] = {}
    for cells in records[1:]:
        row = dict(zip(header, cells, strict=False))
        about = ", ".join(row.get(k, "") for k in keys if row.get(k)) or ", ".join(filter(None, cells))[:120]
        seen[about] += 1
        out[about if seen[about] == 1 else f"{about} ({seen[about]})"] = row
    return out


def _flat(table: Mapping[str, Any], section: str = "") -> dict[str, str]:
    """Settings by their full key, such as ``pledge.neutrality_year``; members of lists are counted from 1."""
    out: dict[str, str] = {}
    for key, value in table.items():
        name = f"{section}.{key}" if section else key
        if isinstance(value, Mapping):
            out |= _flat(value, name)
        elif isinstance(value, list) and value and all(isinstance(one, Mapping) for one in value):
            for n, one in enumerate(value, start=1):
                out |= _flat(one, f"{name} {n}")
        elif isinstance(value, list):
            out[name] = ", ".join(map(str, value))
        else:
            out[name] = str(value).lower() if isinstance(value, bool) else str(value)
    return out
