"""What is handed out beside a report names no cell of few homes, and adds up to the same."""

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mutirao.book.bundle import Plan
from mutirao.justice.outcomes import CELL, homes_of
from mutirao.report.exports import write_csv
from mutirao.report.publicbook import public_book
from tests.solved import small_plans


@pytest.fixture(scope="module")
def sparse() -> Plan:
    """The small city's plan, told that three of its cells hold a few homes only."""
    plan = small_plans().rules
    facts = plan.facts.copy()
    rows = facts.index[facts["name"] == "households"]
    facts.loc[rows[:2], "value"] = 4.0
    facts.loc[rows[5], "value"] = 7.0
    return dataclasses.replace(plan, facts=facts)


def test_no_entry_names_a_cell_of_few_homes(sparse: Plan) -> None:
    few = {k for k, v in homes_of(sparse).items() if 0 < v < 10}
    assert few
    book = public_book(sparse)
    assert not few & set(map(tuple, book[list(CELL)].to_numpy()))
    assert few & set(map(tuple, sparse.book[list(CELL)].to_numpy()))


def test_sums_stay_what_they_are(sparse: Plan) -> None:
    before, after = sparse.book, public_book(sparse)
    for by in (["account"], ["account", "kind", "period"], ["account", "payer", "receiver", "basis"]):
        a, b = (x.groupby(by)["value"].sum().sort_index() for x in (before, after))
        assert a.index.equals(b.index)
        assert np.allclose(a, b, rtol=1e-9, atol=1e-12)
    assert list(before) == list(after)


def test_a_city_without_small_cells_is_left_alone() -> None:
    plan = small_plans().rules
    assert homes_of(plan).min() >= 10
    assert public_book(plan).equals(plan.book)


def test_a_text_that_a_spreadsheet_would_work_out_is_made_harmless(tmp_path: Path) -> None:
    table = pd.DataFrame({"name": ["=HYPERLINK(1)", "@SUM(A1)", "plain", None], "value": [1.0, -2.0, 3.0, 4.0]})
    write_csv(table, tmp_path / "table.csv")
    read = pd.read_csv(tmp_path / "table.csv", keep_default_na=False)
    assert list(read["name"]) == ["'=HYPERLINK(1)", "'@SUM(A1)", "plain", ""]
    assert list(read["value"]) == [1.0, -2.0, 3.0, 4.0]
