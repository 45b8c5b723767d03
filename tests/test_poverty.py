"""Energy poverty: published numbers, closed forms, and what cannot be estimated."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from mutirao.ground.findings import InputError
from mutirao.justice import burdens as b
from mutirao.justice import deprivation as d
from mutirao.justice.poverty import COLUMNS, INDICATORS, check_cells, freeze, indicators
from mutirao.justice.withincell import strata

#: The example of the reference: three kinds of homes, spend, income, homes of each.
SPEND, INCOME, HOMES = (np.array(x, float) for x in ((3000, 3500, 4000), (30e3, 50e3, 100e3), (100, 150, 200)))

money = st.floats(1.0, 1e6, allow_nan=False)
many = st.lists(st.tuples(money, money, st.floats(0.01, 1e5)), min_size=1, max_size=30)


def cells_of(count: int = 6, seed: int = 3, **known: object) -> pd.DataFrame:
    """Home cells of two zones, groups and tenures with every column known."""
    draw = np.random.default_rng(seed)
    labels = list(itertools.islice(itertools.product(("Z1", "Z2"), ("low", "high"), ("owner", "renter")), count))
    frame = pd.DataFrame(labels, columns=["zone", "group", "tenure"])
    frame["homes"] = draw.uniform(50, 500, count)
    frame["income"] = np.where(frame["group"] == "low", 18_000.0, 90_000.0) * draw.uniform(0.8, 1.2, count)
    frame["energy"] = draw.uniform(900, 3000, count)
    frame["required"] = draw.uniform(1500, 3500, count)
    frame["housing_cost"] = draw.uniform(4000, 12_000, count)
    frame["people_per_home"] = draw.uniform(1.2, 3.5, count)
    for name in ("cooling_access", "over_65", "homes_inefficient", "tree_canopy", *d.DEPRIVATIONS):
        frame[name] = draw.uniform(0, 1, count)
    frame["heat_island"] = draw.normal(0, 1, count)
    frame["cooling_cost"], frame["degree_hours"] = draw.uniform(50, 400, count), draw.uniform(100, 900, count)
    frame["green_300m"] = draw.uniform(0, 1, count)
    return frame.assign(**known)


def values(table: pd.DataFrame, by: str = "indicator") -> pd.Series:
    return table.set_index(by)["value"]


def test_three_kinds_of_mean_burden_are_three_figures() -> None:
    harmonic = HOMES.sum() / (HOMES * INCOME / SPEND).sum()
    assert harmonic == pytest.approx(0.05526, abs=5e-6)
    assert b.burden_ratio(SPEND, INCOME, HOMES) == pytest.approx(0.05328, abs=5e-6)
    assert b.mean_burden(SPEND, INCOME, HOMES) == pytest.approx(0.06333, abs=5e-6)


@given(many)
def test_ratio_of_totals_is_the_mean_weighted_by_income(rows: list[tuple[float, ...]]) -> None:
    e, y, w = (np.array(column) for column in zip(*rows, strict=True))
    ratio = b.burden_ratio(e, y, w)
    assert np.average(e / y, weights=w * y) == pytest.approx(ratio, rel=1e-9)
    assert 1.0 / np.average(y / e, weights=w * e) == pytest.approx(ratio, rel=1e-9)


@given(many, st.floats(0.02, 1.5))
def test_strata_keep_the_mean_burden_below_all_income(rows: list[tuple[float, ...]], spread: float) -> None:
    e, y, w = (np.array(column) for column in zip(*rows, strict=True))
    y = np.maximum(y, e * strata(spread)[-1])
    assert b.mean_burden(e, y, w, spread) == pytest.approx(b.mean_burden(e, y, w), rel=1e-9)


def test_burdens_without_income_stay_raw_and_count_as_all_income() -> None:
    spend, income = np.array([100.0, 100.0, 0.0, 100.0, -5.0]), np.array([0.0, -50.0, 0.0, 50.0, 100.0])
    assert b.burden(spend, income).tolist() == [np.inf, -2.0, 0.0, 2.0, -0.05]
    assert b.burden(spend, income, b.WORST).tolist() == [1.0, 1.0, 0.0, 1.0, -0.05]
    assert b.share_above(spend, income, 0.06).tolist() == [1.0, 1.0, 0.0, 1.0, 0.0]
    assert np.isnan(b.burden(np.array([1.0]), np.array([np.nan]))).all()


@given(st.floats(0.002, 0.9), st.floats(0.01, 0.5), st.floats(0.05, 1.2))
def test_share_above_is_the_lognormal_closed_form(ratio: float, threshold: float, spread: float) -> None:
    z = (np.log(ratio) - spread**2 / 2 - np.log(threshold)) / spread
    share = b.share_above(np.array([ratio * 1e4]), np.array([1e4]), threshold, spread)
    assert share[0] == pytest.approx(norm.cdf(z), abs=1e-12)
    assert b.below(np.array([ratio]), threshold, spread)[0] == pytest.approx(1 - share[0], abs=1e-9)


@given(st.floats(-10, 10), st.floats(-10, 10))
def test_without_spread_homes_are_above_below_or_at_a_threshold(mean: float, threshold: float) -> None:
    one = np.array([mean])
    assert b.above(one, threshold)[0] == float(mean > threshold)
    assert b.below(one, threshold)[0] == float(mean < threshold)


@given(st.floats(0.01, 0.5), st.floats(0.02, 0.2), st.floats(0.1, 1.0))
def test_gap_by_strata_nears_the_lognormals_own_from_below(ratio: float, threshold: float, spread: float) -> None:
    exact = float(b.expected_excess(np.array([ratio]), threshold, spread)[0])
    few = b.gap(np.array([ratio]), np.array([1.0]), np.array([1.0]), threshold, spread)
    many_strata = float(np.maximum(ratio * strata(spread, 2000) - threshold, 0).mean())
    assert max(ratio - threshold, 0.0) - 1e-12 <= few <= exact + 1e-12
    assert few <= many_strata + 1e-12
    assert many_strata == pytest.approx(exact, abs=1e-3)


def test_gap_and_fgt_by_hand() -> None:
    assert b.gap(SPEND, INCOME, HOMES, 0.06) == pytest.approx(100 * 1200 + 150 * 500)
    share = b.weighted_mean(b.fgt(SPEND, INCOME, 0.06, 0), HOMES)
    assert share == pytest.approx(250 / 450)
    depth = (100 * (1200 / 1800) + 150 * (500 / 3000)) / 450
    assert b.weighted_mean(b.fgt(SPEND, INCOME, 0.06, 1), HOMES) == pytest.approx(depth)
    square = (100 * (1200 / 1800) ** 2 + 150 * (500 / 3000) ** 2) / 450
    assert b.weighted_mean(b.fgt(SPEND, INCOME, 0.06, 2), HOMES) == pytest.approx(square)
    with pytest.raises(ValueError, match="below zero"):
        b.fgt(SPEND, INCOME, 0.06, -1)


@given(st.lists(st.tuples(money, st.integers(1, 9)), min_size=1, max_size=12))
def test_weighted_median_of_repeated_homes_splits_them_in_half(rows: list[tuple[float, int]]) -> None:
    x, w = np.array([r[0] for r in rows]), np.array([r[1] for r in rows], float)
    found = b.weighted_median(x, w)
    assert x.min() <= found <= x.max()
    # Interpolation between neighbours stays within half a neighbour's homes of an exact half.
    assert w[x < found].sum() <= w.sum() / 2 + w.max() / 2 + 1e-9
    assert w[x > found].sum() <= w.sum() / 2 + w.max() / 2 + 1e-9
    assert b.weighted_median(x, np.ones(len(x))) == pytest.approx(float(np.median(x)))


@settings(max_examples=40)
@given(st.lists(st.tuples(st.floats(0.001, 2.0), st.floats(0.1, 10)), min_size=1, max_size=8), st.floats(0.05, 1.0))
def test_median_with_spread_halves_the_mixture(rows: list[tuple[float, float]], spread: float) -> None:
    x, w = (np.array(column) for column in zip(*rows, strict=True))
    found = b.weighted_median(x, w, spread)
    assert float((w * b.below(x, found, spread)).sum()) == pytest.approx(w.sum() / 2, rel=1e-6)


def test_median_is_unknown_where_a_home_is_and_ignores_cells_without_homes() -> None:
    assert np.isnan(b.weighted_median(np.array([1.0, np.nan]), np.array([1.0, 1.0])))
    assert b.weighted_median(np.array([1.0, np.nan]), np.array([1.0, 0.0])) == 1.0
    assert np.isnan(b.weighted_median(np.array([]), np.array([])))


def test_equivalence_scale_counts_others_as_adults() -> None:
    assert b.equivalence(np.array([1.0, 2.0, 4.0, 0.8])).tolist() == [1.0, 1.5, 2.5, 1.0]


@given(
    st.tuples(st.floats(500, 4000), st.floats(500, 4000), st.floats(5e3, 6e4), st.floats(0, 2e4), st.floats(1, 3)),
    st.floats(800, 2500), st.floats(3e3, 2e4), st.floats(0.1, 0.9),
)  # fmt: skip
@settings(max_examples=60)
def test_after_cost_indicators_agree_with_counting_homes(
    home: tuple[float, ...], median: float, line: float, spread: float
) -> None:
    """Count the homes of a cell one by one: a hundred thousand quantiles of the lognormal factor."""
    e, r, y, hc, adults = home
    q = np.exp(spread * norm.ppf((np.arange(100_000) + 0.5) / 100_000) - spread**2 / 2)
    one = [np.array([v]) for v in home]
    left = (y - hc - r * q) / adults
    lihc = ((r * q / adults > median) & (left < line)).mean()
    assert b.lihc(*one[1:4], one[4], median, line, spread)[0] == pytest.approx(lihc, abs=2e-5)
    lilee = 0.4 * (left < line).mean()
    assert b.lilee(np.array([0.4]), *one[1:4], one[4], line, spread)[0] == pytest.approx(lilee, abs=2e-5)
    hidden = ((e * q < 0.5 * r) & ((y - hc - r) / adults < line)).mean()
    assert b.hidden(one[0], one[1], one[2], one[3], one[4], line, spread)[0] == pytest.approx(hidden, abs=2e-5)
    half = (e * q / adults < 0.5 * median).mean()
    assert b.half_median(one[0], one[4], median, spread)[0] == pytest.approx(half, abs=2e-5)
    two = (e * q / y > 2 * 0.03).mean()
    assert b.two_median(one[0], one[2], 0.03, spread)[0] == pytest.approx(two, abs=2e-5)


def test_mepi_of_three_homes_by_hand() -> None:
    deprived = np.array([[1, 1, 0], [0, 0, 1], [1, 0, 0]])
    found = d.mepi(deprived, np.ones(3), (0.4, 0.3, 0.3), 0.5)
    assert (found.index, found.headcount, found.intensity) == pytest.approx((0.7 / 3, 1 / 3, 0.7))
    with pytest.raises(ValueError, match="0 or 1"):
        d.mepi(deprived * 0.5, np.ones(3))
    with pytest.raises(ValueError, match="weights"):
        d.mepi(deprived, np.ones(3), (1.0, 1.0))


@given(st.lists(st.lists(st.sampled_from([0.0, 1.0]), min_size=4, max_size=4), min_size=1, max_size=10))
def test_mepi_from_shares_of_single_homes_is_mepi(rows: list[list[float]]) -> None:
    table = np.array(rows)
    homes = np.arange(1.0, len(rows) + 1)
    sure, estimated = d.mepi(table, homes), d.mepi_from_shares(table, homes)
    assert estimated.index == pytest.approx(sure.index)
    assert estimated.headcount == pytest.approx(sure.headcount)


@given(st.lists(st.floats(0, 1), min_size=4, max_size=4))
def test_mepi_from_shares_is_the_binomial_where_all_shares_are_one(shares: list[float]) -> None:
    p = shares[0]
    found = d.mepi_from_shares(np.full((1, 4), p), np.ones(1), cutoff=0.5)
    none, single = (1 - p) ** 4, 4 * p * (1 - p) ** 3
    assert found.headcount == pytest.approx(1 - none - single, abs=1e-12)
    assert found.index == pytest.approx(p - single / 4, abs=1e-12)


def test_summer_poverty_multiplies_what_homes_lack() -> None:
    lacks = d.without_cooling(np.array([0.8]), np.array([700.0]), np.array([10_000.0]))
    assert lacks[0] == pytest.approx(1.0)
    assert d.without_cooling(np.array([0.8]))[0] == pytest.approx(0.2)
    assert d.summer_poverty(np.array([0.2]), np.array([500.0]), np.array([0.75]))[0] == pytest.approx(25.0)


def test_heat_vulnerability_is_zero_on_the_mean_and_names_what_is_missing() -> None:
    cells = cells_of(8)
    known = {name: cells[name].to_numpy() for name in d.HEAT_FACTORS}
    homes = cells["homes"].to_numpy()
    score, missing = d.heat_vulnerability(known, homes)
    assert missing == ()
    assert b.weighted_mean(score, homes) == pytest.approx(0.0, abs=1e-12)
    hotter, _ = d.heat_vulnerability(known | {"heat_island": known["heat_island"] + 5 * (np.arange(8) == 2)}, homes)
    assert hotter[2] > score[2]
    less, missing = d.heat_vulnerability({k: v for k, v in known.items() if k != "tree_canopy"}, homes)
    assert missing == ("tree_canopy",)
    z = (known["tree_canopy"] - b.weighted_mean(known["tree_canopy"], homes))
    z = z / np.sqrt(b.weighted_mean(z**2, homes))
    assert score == pytest.approx(less - z)


def test_every_indicator_agrees_with_counting_homes_one_by_one() -> None:
    """Cells as microdata, spread 0: loops over homes, written from the definitions."""
    cells = cells_of(8)
    found = values(indicators(cells, 0.0))
    rows = cells.to_dict("records")
    total = sum(r["homes"] for r in rows)

    def share(holds: object) -> float:
        return sum(r["homes"] for r in rows if holds(r)) / total  # type: ignore[operator]

    def median(value: object) -> float:
        pairs = sorted((value(r), r["homes"]) for r in rows)  # type: ignore[operator]
        x, w = np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs])
        return float(np.interp(w.sum() / 2, np.cumsum(w) - w / 2, x))

    def adults(r: dict[str, float]) -> float:
        return 1 + 0.5 * (r["people_per_home"] - 1)

    def left(r: dict[str, float]) -> float:
        return (r["income"] - r["housing_cost"] - r["required"]) / adults(r)

    mb = median(lambda r: r["energy"] / r["income"])
    ms, mr = median(lambda r: r["energy"] / adults(r)), median(lambda r: r["required"] / adults(r))
    line = 0.6 * median(lambda r: (r["income"] - r["housing_cost"]) / adults(r))
    assert found["EB6"] == pytest.approx(share(lambda r: r["energy"] / r["income"] > 0.06))
    assert found["EB10"] == pytest.approx(share(lambda r: r["energy"] / r["income"] > 0.10))
    assert found["TPR"] == pytest.approx(share(lambda r: r["required"] / r["income"] > 0.10))
    assert found["2M"] == pytest.approx(share(lambda r: r["energy"] / r["income"] > 2 * mb))
    assert found["M/2"] == pytest.approx(share(lambda r: r["energy"] / adults(r) < ms / 2))
    assert found["HEP"] == pytest.approx(share(lambda r: r["energy"] < r["required"] / 2 and left(r) < line))
    assert found["LIHC"] == pytest.approx(share(lambda r: r["required"] / adults(r) > mr and left(r) < line))
    poor = sum(r["homes"] * r["homes_inefficient"] for r in rows if left(r) < line) / total
    assert found["LILEE"] == pytest.approx(poor)
    gap = sum(r["homes"] * max(0.0, r["energy"] - 0.06 * r["income"]) for r in rows)
    assert found["gap6"] == pytest.approx(gap)
    for code in ("LIHC", "EB10"):
        assert 0 < found[code] < 1, "the example must tell homes apart"


@pytest.mark.parametrize("label", ["zone", "group", "tenure"])
@pytest.mark.parametrize("spread", [0.0, 0.5])
def test_lines_of_a_breakdown_add_up_to_the_city(label: str, spread: float) -> None:
    cells = cells_of(8)
    whole, parts = indicators(cells, spread), indicators(cells, spread, by=(label,))
    for code, city in values(whole).items():
        lines = parts[parts["indicator"] == code]
        weights = lines["homes"]
        if code == "burden_ratio":
            weights = lines[label].map((cells["homes"] * cells["income"]).groupby(cells[label]).sum())
        added = lines["value"].sum() if str(code).startswith("gap") else np.average(lines["value"], weights=weights)
        if code == "HVI":
            assert np.isnan(city)
            assert added == pytest.approx(0.0, abs=1e-12)
        else:
            assert added == pytest.approx(city), code


def test_frozen_medians_see_what_moving_ones_hide() -> None:
    base = cells_of(8)
    line = freeze(base, 0.5, 2019)
    dear = base.assign(energy=base["energy"] * 2.0)
    moving, frozen = values(indicators(dear, 0.5)), values(indicators(dear, 0.5, line))
    before = values(indicators(base, 0.5))
    assert moving["2M"] == pytest.approx(before["2M"], rel=1e-6)
    assert frozen["2M"] > before["2M"]
    assert frozen["M/2"] < before["M/2"]
    words = indicators(dear, 0.5, line).set_index("indicator")["threshold"]
    assert "frozen at 2019" in words["2M"]


def test_nothing_is_filled_in() -> None:
    cells = cells_of(8).drop(columns=["housing_cost", *d.DEPRIVATIONS, "cooling_cost", "degree_hours", "green_300m"])
    table = indicators(cells, 0.5).set_index("indicator")
    for code in ("HEP", "LIHC", "LILEE", "MEPI", "arrears", "summer", "HVI"):
        assert np.isnan(table.loc[code, "value"])
        assert str(table.loc[code, "status"]).startswith("not estimated: ")
    assert "what homes pay for housing" in table.loc["LIHC", "status"]
    assert table.loc["EB6", "status"] == ""
    assert table["value"].isna().equals(table["status"] != "")


def test_a_figure_unknown_in_one_zone_leaves_that_zone_without_a_value() -> None:
    cells = cells_of(8)
    cells.loc[cells["zone"] == "Z2", "required"] = np.nan
    table = indicators(cells, 0.5, by=("zone",))
    here = table[table["indicator"] == "TPR"].set_index("zone")
    assert here.loc["Z1", "status"] == ""
    assert here.loc["Z2", "status"] == "not estimated: not known: what homes would need to spend to be warm and lit"
    assert np.isnan(here.loc["Z2", "value"])
    lihc = table[table["indicator"] == "LIHC"].set_index("zone")
    assert "elsewhere in the city" in lihc.loc["Z1", "status"], "its median is over all homes"
    alone = indicators(cells[cells["zone"] == "Z1"], 0.5)
    assert here.loc["Z1", "value"] == pytest.approx(values(alone)["TPR"])


def test_heat_vulnerability_of_a_whole_city_is_asked_by_zone() -> None:
    whole = indicators(cells_of(8), 0.5).set_index("indicator").loc["HVI", "status"]
    assert whole == "not estimated: risk against the city's mean; ask by zone or group"
    lacking = indicators(cells_of(8, tree_canopy=np.nan), 0.5, by=("zone",)).set_index("indicator").loc["HVI", "status"]
    assert set(lacking) == {"not estimated: not known: tree canopy"}


def test_cells_of_no_income_are_said() -> None:
    table = indicators(cells_of(2, income=0.0), 0.5).set_index("indicator")
    assert table.loc["burden_ratio", "status"] == "not estimated: these homes have no income"
    assert table.loc["EB6", "value"] == 1.0
    assert table.loc["mean_burden", "value"] == 1.0


def test_bad_cells_are_sentences() -> None:
    cells = cells_of(4)
    cells.loc[1, "income"] = -5.0
    with pytest.raises(InputError, match="income of zone Z1, group low, renter is -5"):
        indicators(cells, 0.5)
    cells = cells_of(4)
    cells.loc[2, "homes"] = np.nan
    with pytest.raises(InputError, match="number of homes"):
        indicators(cells, 0.5)
    with pytest.raises(InputError, match="column 'energy'"):
        check_cells(cells_of(4).drop(columns="energy"))
    with pytest.raises(ValueError, match="by takes"):
        indicators(cells_of(4), 0.5, by=("street",))


def test_every_indicator_names_threshold_source_and_basis() -> None:
    table = indicators(cells_of(8), 0.5, by=("zone", "group"))
    assert tuple(table.columns) == COLUMNS
    for one in INDICATORS:
        assert one.definition
        assert one.source
        assert one.needs
    assert (table[["name", "threshold", "income_basis", "spend_basis", "unit"]] != "").all().all()
    assert len({one.code for one in INDICATORS}) == len(INDICATORS)
    assert set(table["tenure"]) == {"ALL"}
    assert "before tax" in table.loc[0, "income_basis"]


def test_spread_moves_homes_across_a_threshold_both_ways() -> None:
    under, over = np.array([500.0]), np.array([700.0])
    assert 0.0 < b.share_above(under, np.array([1e4]), 0.06, 0.5)[0] < 0.5
    assert 0.0 < b.share_above(over, np.array([1e4]), 0.06, 0.5)[0] < 1.0
