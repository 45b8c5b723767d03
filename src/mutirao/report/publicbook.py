"""The book as it may be handed out: entries of few homes are joined with those of others."""

import numpy as np
import pandas as pd

from mutirao.book.bundle import Plan
from mutirao.book.terms import CITY_WIDE
from mutirao.justice.disclosure import merged
from mutirao.justice.outcomes import CELL, homes_of


def public_book(plan: Plan) -> pd.DataFrame:
    """The book of a plan with cells of fewer than ten homes merged (`justice.disclosure`); sums stay what they are.

    Entries of a zone and group without tenure (cars) join the rest of their zone where any of their homes did.
    """
    book = plan.book
    homes = homes_of(plan)
    labels = merged(homes.sort_index())
    small = (labels.to_numpy() != labels.index.to_frame(index=False).to_numpy()).any(axis=1)
    if not small.any():
        return book
    out = book.copy()
    whole = np.stack([(book[dim] == word).to_numpy() for dim, word in CITY_WIDE.items()], axis=1)
    fine = np.asarray(~whole.any(axis=1))
    key = pd.MultiIndex.from_arrays([book[dim][fine] for dim in CELL])
    out.loc[fine, list(CELL)] = labels.reindex(key).to_numpy()
    lost = labels.reset_index(drop=True).set_axis(labels.index)
    gone = (lost["group"] == CITY_WIDE["group"]).groupby(level=["zone", "group"]).any()
    pairs = np.asarray(~whole[:, 0] & ~whole[:, 1] & whole[:, 2])
    which = pd.MultiIndex.from_arrays([book["zone"][pairs], book["group"][pairs]])
    hidden = np.zeros(len(book), dtype=bool)
    hidden[pairs] = gone.reindex(which).fillna(False).to_numpy(dtype=bool)
    out.loc[hidden, "group"] = CITY_WIDE["group"]
    columns = [str(c) for c in out]
    by = [c for c in columns if c != "value"]
    summed = out.groupby(by, sort=False, dropna=False)["value"].sum()
    return pd.DataFrame(summed.reset_index()[columns])
