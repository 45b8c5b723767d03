"""Which homes a city, or the people of a place, have designated: a named, dated list with an author."""

import pandas as pd
import xarray as xr


def designated_homes(designated: pd.DataFrame, homes: xr.DataArray) -> xr.DataArray:
    """Share of homes that are designated, by zone, group and tenure: the highest of the rows that match a cell.

    designated : rows zone, group, tenure (blank: any) and share. homes : dims zone, group, tenure.
    """
    share = xr.zeros_like(homes, dtype=float)
    for row in designated.to_dict("records"):
        here = xr.ones_like(homes, dtype=bool)
        for dim in ("zone", "group", "tenure"):
            word = str(row.get(dim) or "").strip()
            if word:
                here = here & (homes[dim] == word)
        share = share.where(~here, share.clip(min=float(row["share"])))
    return share


def designated_share(designated: pd.DataFrame, homes: xr.DataArray) -> xr.DataArray:
    """Share of homes that are designated, by zone and group: tenures weighted by their homes."""
    total = homes.sum("tenure")
    found = (designated_homes(designated, homes) * homes).sum("tenure")
    return found / total.where(total > 0, 1.0)
