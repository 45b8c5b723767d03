"""Small cells: nothing printed stands for fewer than ten homes, and no single subtraction brings a small cell back."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mutirao.justice.disclosure import LEAST, MERGED, merged, publish

DIMS = ["zone", "group", "tenure"]
CELL = st.one_of(st.just(0.0), st.floats(0.1, 9.9), st.floats(10.0, 400.0))


def table(counts: np.ndarray) -> pd.Series:
    """Homes over (zone, group, tenure)."""
    zones, groups, _ = counts.shape
    labels = [[f"Z{i}" for i in range(zones)], [f"G{i}" for i in range(groups)], ["owner", "renter"]]
    return pd.Series(counts.ravel(), pd.MultiIndex.from_product(labels, names=DIMS), name="homes")


@st.composite
def tables(draw: st.DrawFn) -> pd.Series:
    zones, groups = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    cells = draw(st.lists(CELL, min_size=zones * groups * 2, max_size=zones * groups * 2))
    return table(np.array(cells).reshape(zones, groups, 2))


def one(value: float, z: int = 0, g: int = 0, t: int = 0, shape: tuple[int, ...] = (4, 3, 2)) -> pd.Series:
    """A table of 100 homes in each cell but one."""
    counts = np.full(shape, 100.0)
    counts[z, g, t] = value
    return table(counts)


def recoverable(homes: pd.Series, labels: pd.DataFrame, least: float = LEAST) -> list[tuple[object, float]]:
    """What one subtraction leaves of too few homes: a printed total less the cells inside, a cell less the totals."""
    frame = homes.reset_index(name="homes")
    frame["pool"] = list(labels.itertuples(index=False, name=None))
    frame = frame[frame["homes"] > 0]
    found = []
    for kept in [k for size in (1, 2) for k in combinations(DIMS, size) if k != ("zone", "group")]:
        total = homes.groupby(list(kept)).sum()
        total.index.names = list(kept)
        own = merged(total, least)
        alone = (own.to_numpy() == total.index.to_frame().to_numpy()).all(axis=1)
        frame["total"] = pd.MultiIndex.from_frame(frame[list(kept)]) if len(kept) > 1 else frame[kept[0]]
        printed = set(total.index[alone])
        pairs = frame.groupby("total")["pool"].unique(), frame.groupby("pool")["total"].unique()
        for key, rows in frame.groupby("total"):
            whole = [p for p in pairs[0][key] if len(pairs[1][p]) == 1]
            found.append((key, rows.loc[~rows["pool"].isin(whole), "homes"].sum() if key in printed else 0.0))
        for pool, rows in frame.groupby("pool"):
            inside = [t for t in pairs[1][pool] if t in printed and len(pairs[0][t]) == 1]
            rest = rows.loc[~rows["total"].isin(inside), "homes"].sum()
            found.append((pool, rest if len(rows) < len(frame) else 0.0))
    return [(key, rest) for key, rest in found if 1e-6 < rest < least - 1e-6]


@settings(max_examples=80, deadline=None)
@given(tables(), st.sampled_from([5.0, 10.0, 25.0]))
def test_no_printed_cell_is_small_and_no_subtraction_recovers_one(homes: pd.Series, least: float) -> None:
    labels = merged(homes, least)
    assert labels.index.equals(homes.index)
    printed = homes.groupby([labels[d] for d in DIMS]).sum()
    small = printed[(printed > 0) & (printed < least - 1e-9)]
    assert small.empty or homes.sum() < least
    assert recoverable(homes, labels, least) == []
    # Labels are given up from the last: who gives up the group has given up the tenure.
    given_up = np.column_stack([labels[d].to_numpy() != homes.index.get_level_values(d) for d in DIMS])
    assert (given_up[:, 0] <= given_up[:, 1]).all()
    assert (given_up[:, 1] <= given_up[:, 2]).all()


def test_the_check_finds_what_merging_of_small_cells_alone_would_give_away() -> None:
    homes = one(3.0)
    naive = homes.index.to_frame(index=False)
    naive.loc[(naive["zone"] == "Z0") & (naive["group"] == "G0"), "tenure"] = "ALL"
    found = recoverable(homes, naive, LEAST)
    assert (("Z0", "owner"), 3.0) in found


def test_in_full_tables_no_small_cell_follows_from_all_printed_tables_together() -> None:
    rng = np.random.default_rng(0)
    small = 0
    for _ in range(20):
        homes = table(rng.lognormal(4.0, 1.5, (rng.integers(2, 8), rng.integers(2, 6), 2)))
        keys = homes.index.to_frame(index=False)
        rows = []
        for kept in [k for size in (1, 2, 3) for k in combinations(DIMS, size) if k != ("zone", "group")]:
            cells = homes.groupby(list(kept)).sum()
            cells.index.names = list(kept)
            key = pd.MultiIndex.from_frame(keys[list(kept)]) if len(kept) > 1 else pd.Index(keys[kept[0]])
            pools = merged(cells).reindex(key).agg("/".join, axis=1).to_numpy()
            rows += [pools == pool for pool in np.unique(pools)]
        known = np.array(rows, float)
        # A cell is known when its own row lies in the space of the printed sums.
        solved = np.isclose(np.diag(np.linalg.pinv(known) @ known), 1.0, atol=1e-6)
        small += int((homes < LEAST).sum())
        assert not (solved & (homes.to_numpy() < LEAST)).any()
    assert small > 50


def test_a_table_without_small_cells_is_printed_as_it_is() -> None:
    homes = one(10.0)
    assert (merged(homes).to_numpy() == homes.index.to_frame().to_numpy()).all()


def test_a_small_cell_gives_up_its_tenure_and_a_second_one_covers_it() -> None:
    labels = merged(one(3.0))
    assert tuple(labels.loc[("Z0", "G0", "owner")]) == ("Z0", "G0", "ALL")
    assert tuple(labels.loc[("Z0", "G0", "renter")]) == ("Z0", "G0", "ALL")
    assert (labels["zone"] != "CITY").all()
    assert (labels["group"] != "ALL").all()
    covered = labels[labels["tenure"] == "ALL"].index
    assert len({key[0] for key in covered}) > 1, "the owners of the group could be had from the city's total"
    assert len({key[1] for key in covered if key[0] == "Z0"}) > 1, "the owners of the zone could be had"


def test_a_small_group_is_merged_with_others_of_its_zone() -> None:
    counts = np.full((3, 4, 2), 100.0)
    counts[1, 0], counts[1, 1] = (2.0, 3.0), (1.0, 6.0)
    labels = merged(table(counts))
    assert tuple(labels.loc[("Z1", "G0", "owner")]) == ("Z1", "ALL", "ALL")
    assert tuple(labels.loc[("Z1", "G1", "renter")]) == ("Z1", "ALL", "ALL")
    assert tuple(labels.loc[("Z1", "G3", "renter")])[:2] == ("Z1", "G3")


def test_a_zone_of_few_homes_is_printed_with_the_city() -> None:
    counts = np.full((3, 2, 2), 100.0)
    counts[1] = 1.0
    counts[2] = 50.0
    labels = merged(table(counts))
    assert set(labels.loc["Z1", "zone"]) == {"CITY"}
    assert set(labels.loc["Z2", "zone"]) == {"CITY"}, "alone it would still be four homes"
    assert set(labels.loc["Z0", "zone"]) == {"Z0"}


def test_a_city_of_few_homes_is_one_cell() -> None:
    labels = merged(table(np.full((2, 2, 2), 0.5)))
    assert (labels.to_numpy() == ["CITY", "ALL", "ALL"]).all()


def test_columns_are_merged_alike_so_that_each_is_fit_to_print() -> None:
    now = one(100.0)
    later = now.copy()
    later.iloc[5] = 2.0
    wide = pd.DataFrame({2025: now, 2040: later})
    labels = merged(wide)
    for year in wide:
        printed = wide[year].groupby([labels[d] for d in DIMS]).sum()
        assert (printed >= LEAST).all()
        assert recoverable(wide[year], labels, LEAST) == []
    assert merged(now).ne(labels).to_numpy().any()


@pytest.mark.parametrize("by", [DIMS, DIMS[:2], ["zone"], ["group"], ["tenure"], ["zone", "tenure"], []])
def test_published_totals_stay_and_means_are_weighted(by: list[str]) -> None:
    rng = np.random.default_rng(3)
    homes = table(rng.lognormal(3.5, 1.5, (6, 4, 2)))
    frame = homes.reset_index()
    frame["money"] = rng.normal(0, 1e6, len(frame))
    frame["bill"] = rng.uniform(500, 3000, len(frame))
    out = publish(frame, "homes", {"money": "sum", "bill": "mean"}, by)
    assert list(out) == [*by, "homes", "money", "bill", MERGED]
    assert out["homes"].sum() == pytest.approx(frame["homes"].sum(), rel=1e-12)
    assert out["money"].sum() == pytest.approx(frame["money"].sum(), rel=1e-9)
    assert (out["bill"] * out["homes"]).sum() == pytest.approx((frame["bill"] * frame["homes"]).sum(), rel=1e-9)
    assert (out["homes"] >= LEAST).all()
    assert out[MERGED].sum() == len(frame)
    assert not out[by].duplicated().any() if by else len(out) == 1


def test_zones_and_groups_are_merged_as_they_are_with_tenure() -> None:
    counts = np.full((3, 4, 2), 100.0)
    counts[0, 0] = (2.0, 3.0)
    frame = table(counts).reset_index()
    fine = publish(frame, "homes", {}, DIMS)
    coarse = publish(frame, "homes", {}, DIMS[:2])
    summed = fine.groupby(DIMS[:2], as_index=False)["homes"].sum()
    pd.testing.assert_frame_equal(
        coarse[[*DIMS[:2], "homes"]].sort_values(DIMS[:2], ignore_index=True),
        summed.sort_values(DIMS[:2], ignore_index=True),
    )


def test_years_are_published_side_by_side_with_the_same_cells() -> None:
    now, later = one(100.0).reset_index(), one(4.0).reset_index()
    out = publish(pd.concat([now.assign(year=2025), later.assign(year=2040)]), "homes", {}, ["year", *DIMS])
    cells = {year: set(map(tuple, rows[DIMS].to_numpy())) for year, rows in out.groupby("year")}
    assert cells[2025] == cells[2040]
    assert ("Z0", "G0", "ALL") in cells[2025]
    assert out.groupby("year")["homes"].sum().to_dict() == {2025: 2400.0, 2040: 2304.0}


def test_what_is_not_known_of_a_cell_is_not_known_of_its_row() -> None:
    frame = one(3.0).reset_index().assign(bill=1000.0, money=1.0)
    frame.loc[0, "bill"] = np.nan
    frame.loc[10, "money"] = np.nan
    out = publish(frame, "homes", {"money": "sum", "bill": "mean"}, DIMS).set_index(DIMS)
    assert np.isnan(out.loc[("Z0", "G0", "ALL"), "bill"])
    assert out["bill"].isna().sum() == 1
    assert out["money"].isna().sum() == 1
    assert out["homes"].notna().all()


def test_a_figure_of_no_homes_does_not_spoil_a_row() -> None:
    frame = one(0.0).reset_index().assign(bill=1000.0)
    frame.loc[0, "bill"] = np.nan
    out = publish(frame, "homes", {"bill": "mean"}, ["zone"])
    assert out["bill"].tolist() == pytest.approx([1000.0] * 4)


def test_wrong_input_is_refused_with_a_sentence() -> None:
    homes = one(3.0)
    with pytest.raises(ValueError, match="each cell once"):
        merged(homes.reorder_levels(["tenure", "zone", "group"]))
    with pytest.raises(ValueError, match="each cell once"):
        merged(pd.concat([homes, homes]))
    with pytest.raises(ValueError, match="0 or more"):
        merged(homes - 50.0)
    with pytest.raises(ValueError, match="no column"):
        publish(homes.reset_index(), "homes", {"bill": "mean"}, DIMS)
    with pytest.raises(ValueError, match="neither"):
        publish(homes.reset_index().assign(bill=1.0), "homes", {"bill": "median"}, DIMS)
    with pytest.raises(ValueError, match="0 or more"):
        publish(homes.where(homes > 50).reset_index(), "homes", {}, DIMS)
