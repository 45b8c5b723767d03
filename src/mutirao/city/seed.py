"""A joint table of homes (``seed.csv``): how income, tenure, dwelling and heating go together in a sample."""

from collections.abc import Collection
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from mutirao.city.columns import first_of, known_names, mapped, numbers
from mutirao.ground.findings import Finding, Phrase, told
from mutirao.ground.speech import together, word
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
        have = told("only {column}", column=dims[0]) if dims else word("none of them")
        what = told(
            "a seed says how labels go together, and there is {have} of {columns}.",
            have=Phrase(have),
            columns=", ".join(LABELS),
        )
        findings.append(Finding(SEED, None, "", what, "Add at least two of these columns, or delete the file."))
    homes = numbers(frame, "homes", SEED, findings)
    for row, cell, value in zip(frame[ROW], frame["homes"], homes, strict=True):
        if cell == "":
            what = "the row has no number of homes."
            findings.append(Finding(SEED, int(row), "homes", what, "Write 0 where there is none."))
        elif value < 0:
            what = told("{value:g} homes is less than none.", value=value)
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
        for dim, cell in zip(dims, cells, strict=True):
            if cell not in words[dim]:
                blank = told("the {column} is blank.", column=dim)
                what = told("no {column} is called '{cell}'.", column=dim, cell=cell) if cell else blank
                findings.append(Finding(SEED, row, dim, what, mapped(cell, words[dim]) or known_names(words[dim])))
        if cells in seen:
            what = told("{name} is given twice.", name=" / ".join(cells))
            findings.append(Finding(SEED, row, dims[0], what, "Keep one of the rows, with all its homes."))
        seen.add(cells)
        source = str(record["source"])
        if source not in sources:
            what = told("'{source}' is not in sources.csv.", source=source) if source else "the row has no source."
            mend = together(mapped(source, sources), "Write the id of a source.")
            findings.append(Finding(SEED, row, "source", what, mend))
    if findings:
        return findings
    missing = [" / ".join(cells) for cells in product(*(words[dim] for dim in dims)) if cells not in seen]
    if missing:
        what = told("combinations are missing: {missing}.", missing=first_of(missing, 5))
        findings.append(Finding(SEED, None, dims[0], what, "Give every combination; write 0 where there is none."))
    for dim in dims:
        homes = seed.groupby(dim)["homes"].sum()
        empty = [label for label in words[dim] if float(np.nan_to_num(homes.get(label, 0.0))) <= 0]
        if empty and not missing:
            what = told(
                "the seed has no home with the {column} {labels}, so that none could be placed.",
                column=dim,
                labels=", ".join(empty),
            )
            mend = told("Give at least one home of each {column}.", column=dim)
            findings.append(Finding(SEED, None, dim, what, mend))
    return findings
