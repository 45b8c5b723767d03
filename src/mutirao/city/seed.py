"""A joint table of homes (``seed.csv``): how income, tenure, dwelling and heating go together in a sample."""

from collections.abc import Collection
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from mutirao.city.columns import mapped, numbers
from mutirao.ground.findings import Finding
from mutirao.ground.tables import ROW, read_table

SEED = "seed.csv"
LABELS: dict[str, tuple[str, ...]] = {
    "group": (),
    "tenure": ("owner", "renter"),
    "dwelling": ("house", "small_building", "large_building"),
    "heating": ("gas", "oil", "electric", "district", "other"),
}
"""Columns of a seed and the words each may hold; ``group`` holds the ids of the city's income groups."""

SEED_COLUMNS = (*LABELS, "homes", "source")


def read_seed(path: Path) -> tuple[pd.DataFrame, list[Finding]]:
    """Read ``seed.csv``: the label columns it has (two at least), ``homes`` as a number, source, row number.

    Findings: fewer than two label columns, a blank or negative number of homes.
    """
    frame = read_table(path, ("homes", "source"), SEED_COLUMNS)
    findings: list[Finding] = []
    dims = seed_dims(frame)
    if len(dims) < 2:
        have = f"only {dims[0]}" if dims else "none of them"
        what = f"a seed says how labels go together, and there is {have} of {', '.join(LABELS)}."
        findings.append(Finding(SEED, None, "", what, "Add at least two of these columns, or delete the file."))
    homes = numbers(frame, "homes", SEED, findings)
    for row, cell, value in zip(frame[ROW], frame["homes"], homes, strict=True):
        if cell == "":
            what = "the row has no number of homes."
            findings.append(Finding(SEED, int(row), "homes", what, "Write 0 where there is none."))
        elif value < 0:
            what = f"{value:g} homes is less than none."
            findings.append(Finding(SEED, int(row), "homes", what, "Write a number of homes, 0 or more."))
    return frame.assign(homes=homes), findings


def seed_dims(seed: pd.DataFrame) -> tuple[str, ...]:
    """The label columns that a seed has, in the order group, tenure, dwelling, heating."""
    return tuple(column for column in LABELS if column in seed)


def check_seed(seed: pd.DataFrame | None, groups: Collection[str], sources: Collection[str]) -> list[Finding]:
    """Find unknown words, combinations that are missing or given twice, and labels without any home.

    A missing combination would be taken for an impossible one, because raking never fills a zero.
    """
    if seed is None:
        return []
    words = {**LABELS, "group": tuple(groups)}
    dims = seed_dims(seed)
    findings = []
    seen: set[tuple[str, ...]] = set()
    for record in seed.to_dict("records"):
        row = int(record[ROW]) if ROW in seed else None
        cells = tuple(str(record[dim]) for dim in dims)
        for dim, word in zip(dims, cells, strict=True):
            if word not in words[dim]:
                what = f"no {dim} is called '{word}'." if word else f"the {dim} is blank."
                findings.append(
                    Finding(SEED, row, dim, what, mapped(word, words[dim]) or f"Known: {', '.join(words[dim])}.")
                )
        if cells in seen:
            what = f"{' / '.join(cells)} is given twice."
            findings.append(Finding(SEED, row, dims[0], what, "Keep one of the rows, with all its homes."))
        seen.add(cells)
        source = str(record["source"])
        if source not in sources:
            what = f"'{source}' is not in sources.csv." if source else "the row has no source."
            findings.append(Finding(SEED, row, "source", what, f"{mapped(source, sources)}Write the id of a source."))
    if findings:
        return findings
    missing = [" / ".join(cells) for cells in product(*(words[dim] for dim in dims)) if cells not in seen]
    if missing:
        shown = ", ".join(missing[:5]) + (f" and {len(missing) - 5} more" if len(missing) > 5 else "")
        what = f"combinations are missing: {shown}."
        findings.append(Finding(SEED, None, dims[0], what, "Give every combination; write 0 where there is none."))
    for dim in dims:
        homes = seed.groupby(dim)["homes"].sum()
        empty = [word for word in words[dim] if float(np.nan_to_num(homes.get(word, 0.0))) <= 0]
        if empty and not missing:
            what = f"the seed has no home with the {dim} {', '.join(empty)}, so that none could be placed."
            findings.append(Finding(SEED, None, dim, what, f"Give at least one home of each {dim}."))
    return findings
