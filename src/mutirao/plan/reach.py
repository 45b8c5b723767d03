"""Where a measure reaches: homes by zone, group and tenure, beside what it could reach there."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from mutirao.model.planmodel import PlanModel

PLACES = ("zone", "group", "tenure")
COLUMNS = ("measure", "part", "zone", "group", "tenure", "period", "amount", "potential", "unit")


def reach_table(model: PlanModel, decisions: Mapping[str, xr.DataArray]) -> pd.DataFrame:
    """Amount and potential of every part of a measure that has places; a dim that it lacks reads CITY or ALL."""
    found = []
    for measure in model.measures.values():
        for number, part in enumerate(measure.parts):
            stock = decisions[part.variable]
            stock = stock.sel(dict(part.select), drop=True) if part.select else stock
            if "zone" not in stock.dims:
                continue
            both = xr.Dataset({"amount": stock, "potential": part.potential}).to_dataframe().reset_index()
            for dim, word in zip(PLACES, ("CITY", "ALL", "ALL"), strict=True):
                if dim not in both:
                    both[dim] = word
            found.append(both.assign(measure=measure.name, part=number, unit=measure.unit))
    if not found:
        return pd.DataFrame(columns=list(COLUMNS))
    table = pd.concat(found, ignore_index=True)[list(COLUMNS)]
    there = np.isfinite(table["potential"].to_numpy()) & (table["potential"].to_numpy() > 0)
    return pd.DataFrame(table[there]).reset_index(drop=True)
