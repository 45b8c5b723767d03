"""Ranges of figures, where a run drew them; without draws every range is unknown and said to be."""

import pandas as pd

Range = tuple[float | None, float | None]


def range_of(draws: pd.DataFrame | None, name: str) -> Range:
    """Low and high of a named figure, or (None, None) when no draw was made of it."""
    if draws is None:
        return None, None
    rows = draws[draws["name"] == name]
    if not len(rows):
        return None, None
    return float(rows["low"].iloc[0]), float(rows["high"].iloc[0])


def with_ranges(table: pd.DataFrame, draws: pd.DataFrame | None, prefix: str, by: str) -> pd.DataFrame:
    """Add columns low and high to a table of changes per household; unchanged when any range is missing."""
    if draws is None:
        return table
    pairs = [range_of(draws, f"{prefix}:{r[by]}:{r['year']}") for r in table.to_dict("records")]
    if any(low is None or high is None for low, high in pairs):
        return table
    low, high = ([float(p[end] or 0.0) for p in pairs] for end in (0, 1))
    return table.assign(low=low, high=high)
