"""Raking against closed forms: margins met, odds ratios kept, zeros and empty zones said, draws that mean something."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mutirao.ground.findings import InputError
from mutirao.justice.margins import Margin, reconcile
from mutirao.justice.raking import bootstrap, rake

MANY = settings(max_examples=25, deadline=None)
CELLS = {"group": ("low", "middle", "high"), "tenure": ("owner", "renter"), "heating": ("gas", "oil", "electric")}
SHAPE = tuple(len(labels) for labels in CELLS.values())
ZONES = ("Z1", "Z2", "Z3", "Z4")


def totals(table: np.ndarray, *axes: int) -> np.ndarray:
    """Sums of (zones, *cells) over what is not kept."""
    return np.asarray(table.sum(axis=tuple(i + 1 for i in range(table.ndim - 1) if i not in axes)))


def margin(table: np.ndarray, *axes: int, name: str = "") -> Margin:
    return Margin(axes, totals(table, *axes), name)


@st.composite
def joints(draw: st.DrawFn, zeros: bool = False, shape: tuple[int, ...] = SHAPE) -> np.ndarray:
    """Homes of four zones by cell, some of them none."""
    size = int(np.prod((len(ZONES), *shape)))
    cell = st.one_of(st.just(0.0), st.floats(1.0, 1e4)) if zeros else st.floats(1.0, 1e4)
    return np.array(draw(st.lists(cell, min_size=size, max_size=size))).reshape(len(ZONES), *shape)


def three(table: np.ndarray) -> list[Margin]:
    return [margin(table, 0, name="income"), margin(table, 1, name="tenure"), margin(table, 2, name="heating")]


# ---- margins and odds -------------------------------------------------------------------------------------------
@MANY
@given(joints(), joints(), st.booleans())
def test_margins_are_met(truth: np.ndarray, seed: np.ndarray, two_way: bool) -> None:
    margins = [*three(truth), margin(truth, 0, 1)] if two_way else three(truth)
    raked = rake(seed[0], margins)
    for m in margins:
        assert np.allclose(totals(raked.table, *m.axes), m.totals, rtol=1e-9, atol=0)
    assert raked.residual < 1e-9
    farthest = max(np.abs(totals(raked.table, *m.axes) - m.totals).max() for m in margins)
    assert raked.off.max() == pytest.approx(farthest, abs=1e-9)
    assert (raked.table > 0).all()
    assert raked.notes == ()
    assert raked.apart.max() < 1e-9


@MANY
@given(joints(), joints())
def test_margins_that_do_not_agree_are_met_after_reconciling(truth: np.ndarray, seed: np.ndarray) -> None:
    rows = [m._replace(totals=m.totals * f) for m, f in zip(three(truth), (1.0, 0.98, 1.02), strict=True)]
    agreed = reconcile(rows)
    assert agreed.apart == pytest.approx(np.full(len(ZONES), 0.04))
    assert np.allclose(agreed.homes, truth.sum(axis=(1, 2, 3)))
    raked = rake(seed[0], rows)
    for m, before in zip(agreed.margins, three(truth), strict=True):
        assert np.allclose(m.totals, before.totals)
        assert np.allclose(totals(raked.table, *m.axes), m.totals, rtol=1e-9)


@MANY
@given(joints())
def test_a_flat_seed_gives_the_product_of_shares(truth: np.ndarray) -> None:
    raked = rake(np.ones(SHAPE), three(truth))
    homes = truth.sum(axis=(1, 2, 3))
    parts = [totals(truth, k) / homes[:, None] for k in range(3)]
    assert np.allclose(raked.table, np.einsum("z,zi,zj,zk->zijk", homes, *parts), rtol=1e-9)
    assert raked.rounds <= 2


@MANY
@given(joints(), joints())
def test_odds_ratios_are_those_of_the_seed(truth: np.ndarray, seed: np.ndarray) -> None:
    table = rake(seed[0], three(truth)).table

    def odds(x: np.ndarray) -> np.ndarray:
        return np.asarray(np.log(x[..., 0, 0, 0] * x[..., 1, 1, 0] / (x[..., 0, 1, 0] * x[..., 1, 0, 0])))

    assert np.allclose(odds(table), odds(seed[0]), atol=1e-8)


@MANY
@given(joints(), st.lists(st.floats(0.1, 10.0), min_size=8, max_size=8))
def test_a_region_whose_odds_zones_share_gives_the_zones_back(truth: np.ndarray, tilt: list[float]) -> None:
    region = truth[0]
    factors = [np.array(tilt[i : i + n]) for i, n in ((0, 3), (3, 2), (5, 3))]
    zones = np.stack([region, region * np.einsum("i,j,k->ijk", *factors)])
    raked = rake(region, three(zones))
    assert np.allclose(raked.table, zones, rtol=1e-7)
    flat = rake(np.ones(SHAPE), three(zones)).table
    assert np.abs(flat - zones).sum() >= np.abs(raked.table - zones).sum()


@MANY
@given(joints(), joints(), st.permutations([0, 1, 2]), st.permutations([0, 1, 2, 3]))
def test_the_order_of_margins_and_of_zones_does_not_count(
    truth: np.ndarray, seed: np.ndarray, margins: list[int], zones: list[int]
) -> None:
    first = rake(seed, three(truth), per_zone=True).table
    again = rake(seed, [three(truth)[i] for i in margins], per_zone=True).table
    moved = rake(seed[zones], three(truth[zones]), per_zone=True).table
    alone = rake(seed[2], three(truth[2:3])).table
    assert np.allclose(again, first, rtol=1e-7)
    assert np.allclose(moved, first[zones], rtol=1e-7)
    assert np.allclose(alone, first[2:3], rtol=1e-7)


def test_the_sizes_of_seeds_do_not_count_and_the_seed_is_left_alone() -> None:
    rng = np.random.default_rng(1)
    truth, seed = rng.gamma(1, 100, (4, *SHAPE)), rng.gamma(1, 1, SHAPE)
    kept = seed.copy()
    assert np.allclose(rake(seed, three(truth)).table, rake(1e-6 * seed, three(truth)).table, rtol=1e-9)
    assert (seed == kept).all()


def test_homes_of_a_zone_alone_are_a_margin() -> None:
    seed = np.array([[1.0, 3.0], [2.0, 2.0]])
    raked = rake(seed, [Margin((), np.array([80.0, 0.0]))])
    assert raked.table == pytest.approx(np.stack([seed * 10, np.zeros((2, 2))]))


# ---- zeros and empty zones --------------------------------------------------------------------------------------
@MANY
@given(joints(zeros=True), st.data())
def test_zeros_stay_and_nothing_becomes_unknown(truth: np.ndarray, data: st.DataObject) -> None:
    raked = rake(truth, three(truth), per_zone=True, zones=ZONES, cells=CELLS)
    assert np.isfinite(raked.table).all()
    assert (raked.table >= 0).all()
    assert np.allclose(raked.table, truth, rtol=1e-8, atol=1e-9), "the seed meets the margins as it stands"
    for zone, rows in zip(ZONES, truth, strict=True):
        if rows.sum() == 0:
            assert any(zone in note for note in raked.notes)


def test_an_empty_zone_stays_empty_and_is_said() -> None:
    truth = np.random.default_rng(2).gamma(1, 100, (4, *SHAPE))
    truth[1] = 0.0
    raked = rake(np.ones(SHAPE), three(truth), zones=ZONES, cells=CELLS)
    assert (raked.table[1] == 0).all()
    assert raked.table[[0, 2, 3]].min() > 0
    assert raked.notes == ("Z2: no homes; it stays empty.",)
    assert raked.residual < 1e-9


def test_an_empty_band_stays_empty_and_is_said() -> None:
    truth = np.random.default_rng(2).gamma(1, 100, (4, *SHAPE))
    truth[..., 1] = 0.0
    raked = rake(np.ones(SHAPE), three(truth), zones=ZONES, cells=CELLS)
    assert (raked.table[..., 1] == 0).all()
    assert raked.notes == ("No zone has a home with heating oil in heating: it stays empty.",)


def test_a_seed_without_the_homes_a_margin_needs_is_lifted_and_said() -> None:
    truth = np.random.default_rng(2).gamma(1, 100, (4, *SHAPE))
    truth[:2, :, :, 2] = 0.0
    seed = np.ones(SHAPE)
    seed[..., 2] = 0.0
    seed[0, 0, 0] = 0.0
    raked = rake(seed, three(truth), zones=ZONES, cells=CELLS)
    assert raked.residual < 1e-9
    assert (raked.table[:, 0, 0, 0] == 0).all(), "other zeros of the seed stay"
    assert (raked.table[2:, ..., 2] > 0).all()
    (note,) = raked.notes
    assert note == (
        "The seed has no home with heating electric, and heating of Z3, Z4 has: 1e-06 of the region's share was put "
        "there."
    )


def test_a_lift_follows_the_region_where_other_zones_know_the_cell() -> None:
    truth = np.random.default_rng(2).gamma(1, 100, (4, *SHAPE))
    seed = np.ones((4, *SHAPE))
    seed[1:, :, 0, 2], seed[1:, :, 1, 2] = 3.0, 6.0
    seed[0, ..., 2] = 0.0
    table = rake(seed, three(truth), per_zone=True).table
    odds = table[0, :, 1, 2] / table[0, :, 0, 2] / (table[0, :, 1, 0] / table[0, :, 0, 0])
    assert odds == pytest.approx(np.full(3, 2.0), rel=1e-6)


def test_zeros_that_contradict_the_margins_are_opened_in_those_zones_only() -> None:
    seed = np.eye(2)
    rows = np.array([[3.0, 7.0], [5.0, 5.0]])
    margins = [Margin((0,), rows, "income"), Margin((1,), np.full((2, 2), 5.0), "tenure")]
    raked = rake(seed, margins, zones=("A", "B"))
    assert raked.residual < 1e-9
    assert raked.table[1] == pytest.approx(5 * seed)
    assert raked.table[0] == pytest.approx(np.array([[3.0, 0.0], [2.0, 5.0]]), abs=1e-4)
    assert any("contradict the margins of A" in note for note in raked.notes)
    kept = rake(seed, margins, zones=("A", "B"), little=0.0, rounds=50)
    assert kept.residual > 0.1
    assert any("of A are not met after 50 rounds" in note for note in kept.notes)


# ---- margins that share axes ------------------------------------------------------------------------------------
def test_an_earlier_margin_rules_on_the_axes_two_share() -> None:
    rng = np.random.default_rng(5)
    truth = rng.gamma(2, 100, (4, *SHAPE))
    wrong = totals(truth, 0, 1) * rng.uniform(0.99, 1.01, (4, 3, 2))
    margins = [margin(truth, 0), margin(truth, 1), Margin((0, 1), wrong, "both")]
    agreed = reconcile(margins)
    both = agreed.margins[2].totals
    assert np.allclose(both.sum(axis=2), totals(truth, 0), rtol=1e-9)
    assert np.allclose(both.sum(axis=1), totals(truth, 1), rtol=1e-9)
    assert 0 < agreed.apart.max() < 0.02
    assert rake(np.ones(SHAPE), margins).residual < 1e-9


def test_margins_apart_on_shared_axes_are_refused() -> None:
    truth = np.full((2, 2, 2), 25.0)
    wrong = np.array([[[25.0, 25], [25, 25]], [[40, 40], [10, 10]]])
    with pytest.raises(InputError, match=r"both and income of Z2 are 30% of its homes apart for group low"):
        rake(
            np.ones((2, 2)), [Margin((0,), totals(truth, 0), "income"), Margin((0, 1), wrong, "both")],
            zones=("Z1", "Z2"), cells={"group": ("low", "high"), "tenure": ("owner", "renter")},
        )  # fmt: skip


# ---- bad input --------------------------------------------------------------------------------------------------
def test_margins_too_far_apart_are_refused_by_zone_and_name() -> None:
    truth = np.full((3, 2, 2), 25.0)
    rows = totals(truth, 1) * [[1], [1.06], [1.04]]
    margins = [Margin((0,), totals(truth, 0), "income"), Margin((1,), rows, "tenure")]
    with pytest.raises(InputError) as caught:
        rake(np.ones((2, 2)), margins, zones=("A", "B", "C"))
    (finding,) = caught.value.findings
    assert str(finding) == (
        "people.csv, column 'value': B: income sum to 100 and tenure to 106, 6% of its homes apart. "
        "Correct one of them, or say in the sources that they are counts of their own."
    )


def test_margins_of_another_source_are_shares_and_their_distance_is_said() -> None:
    truth = np.full((3, 2, 2), 25.0)
    rows = totals(truth, 1) * [[1], [1.06], [0.8]]
    margins = [Margin((0,), totals(truth, 0), "income", origin="2020"), Margin((1,), rows, "tenure", origin="2019")]
    raked = rake(np.ones((2, 2)), margins, zones=("A", "B", "C"))
    assert raked.table == pytest.approx(truth)
    assert raked.apart == pytest.approx([0.0, 0.06, 0.2])
    (note,) = raked.notes
    assert note.startswith("C: income sum to 100 and tenure to 80, 20% of its homes apart (1 more zones by over 5%)")
    assert note.endswith("tenure are taken as shares.")


@pytest.mark.parametrize(
    ("bad", "words"),
    [(-1.0, "tenure of B holds -1, which is no number of homes"), (np.nan, "tenure of B holds nan"),
     (np.inf, "tenure of B holds inf")],
)  # fmt: skip
def test_totals_that_are_no_homes_are_refused(bad: float, words: str) -> None:
    truth = np.full((2, 2, 2), 25.0)
    rows = totals(truth, 1)
    rows[1, 0] = bad
    with pytest.raises(InputError, match=words):
        rake(np.ones((2, 2)), [margin(truth, 0), Margin((1,), rows, "tenure")], zones=("A", "B"))


def test_a_zone_with_homes_and_none_in_a_margin_is_refused() -> None:
    truth = np.full((2, 2, 2), 25.0)
    rows = totals(truth, 1)
    rows[1] = 0.0
    margins = [margin(truth, 0), Margin((1,), rows, "tenure", origin="other")]
    with pytest.raises(InputError, match="B: there are homes, and none of them in tenure"):
        rake(np.ones((2, 2)), margins, zones=("A", "B"))


def test_a_seed_that_is_no_homes_is_refused() -> None:
    truth = np.full((2, 2, 2), 25.0)
    with pytest.raises(InputError, match="negative or not known"):
        rake(np.array([[1.0, -1.0], [1.0, 1.0]]), [margin(truth, 0)])


def test_shapes_that_do_not_fit_are_refused() -> None:
    truth = np.full((2, 2, 2), 25.0)
    for seed, margins, per_zone in (
        (np.ones((3, 2)), [margin(truth, 0)], False),
        (np.ones((3, 2, 2)), [margin(truth, 0)], True),
        (np.ones((2, 2)), [Margin((0, 1), totals(truth, 0))], False),
        (np.ones((2, 2)), [Margin((1, 0), truth)], False),
        (np.ones((2, 2)), [margin(truth, 0), Margin((1,), np.ones((3, 2)))], False),
        (np.ones((2, 2)), [], False),
    ):
        with pytest.raises(ValueError, match=r"fit|needs|zones"):
            rake(seed, margins, per_zone=per_zone)


# ---- draws ------------------------------------------------------------------------------------------------------
def test_draws_meet_the_homes_of_zones_and_spread_as_the_margin_of_error_says() -> None:
    truth = np.full((3, 4, 2), 100.0)
    truth[2] = 0.0
    margins = [margin(truth, 0), margin(truth, 1)]
    tables = bootstrap(np.ones((4, 2)), margins, 4000, np.random.default_rng(0), moe=0.08)
    assert tables.shape == (4000, 3, 4, 2)
    assert np.allclose(tables.sum(axis=(2, 3)), truth.sum(axis=(1, 2)))
    for kept in (3, 2):
        shares = tables[:, :2].sum(axis=kept)
        error = 1.645 * shares.std(axis=0) / shares.mean(axis=0)
        assert error == pytest.approx(np.full(error.shape, 0.08), rel=0.06)
        assert shares.mean(axis=0) == pytest.approx(np.full(error.shape, shares[0, 0].sum() / error.shape[1]), rel=0.01)
    assert (tables[:, 2] == 0).all()


def test_draws_of_a_seed_spread_its_odds_as_its_sample_says() -> None:
    seed = np.array([[40.0, 10.0], [20.0, 30.0]])
    margins = [Margin((0,), np.full((2, 2), 50.0)), Margin((1,), np.full((2, 2), 50.0))]
    tables = bootstrap(seed, margins, 4000, np.random.default_rng(0), moe=0.0, sample=1000.0)
    assert np.allclose(tables[:, 0], tables[:, 1]), "zones that share a seed share what is not known of it"
    log = np.log(tables[:, 0, 0, 0] * tables[:, 0, 1, 1] / (tables[:, 0, 0, 1] * tables[:, 0, 1, 0]))
    # Woolf: the variance of a log odds ratio is the sum of one over the counts.
    assert log.std() == pytest.approx(np.sqrt((1.0 / (10 * seed)).sum()), rel=0.05)
    assert log.mean() == pytest.approx(np.log(6.0), abs=0.02)
    own = bootstrap(np.stack([seed, seed]), margins, 10, np.random.default_rng(0), moe=0.0, sample=100.0, per_zone=True)
    assert np.abs(own[:, 0] - own[:, 1]).max() > 0.1


def test_without_error_every_draw_is_the_table_and_a_seed_repeats_draws() -> None:
    truth = np.random.default_rng(3).gamma(2, 100, (4, *SHAPE))
    seed = np.random.default_rng(4).gamma(2, 1, SHAPE)
    sure = bootstrap(seed, three(truth), 3, np.random.default_rng(0), moe=0.0)
    assert np.allclose(sure, rake(seed, three(truth)).table, rtol=1e-8)
    one, two = (bootstrap(seed, three(truth), 3, np.random.default_rng(9), sample=100.0) for _ in range(2))
    assert (one == two).all()


def test_draws_of_margins_that_share_axes_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    truth = np.random.default_rng(3).gamma(2, 100, (4, *SHAPE))
    margins = [margin(truth, 0), margin(truth, 0, 1), margin(truth, 2)]
    tables = bootstrap(np.ones(SHAPE), margins, 40, np.random.default_rng(0), moe=[0.1, 0.1, 0.0])
    assert np.allclose(tables.sum(axis=(2, 3)), totals(truth, 2))
    # In small batches too, and with each zone's homes as they are.
    monkeypatch.setattr("mutirao.justice.raking.BATCH", 200)
    few = bootstrap(np.ones(SHAPE), margins, 40, np.random.default_rng(0), moe=[0.1, 0.1, 0.0])
    assert few.shape == tables.shape
    assert np.allclose(few.sum(axis=(2, 3, 4)), truth.sum(axis=(1, 2, 3)))
    assert (few.std(axis=0).sum(axis=-1) > 0).all()


def test_margins_of_error_must_fit() -> None:
    truth = np.full((2, 2, 2), 25.0)
    for moe in (-0.1, [0.1, 0.1]):
        with pytest.raises(ValueError, match="margin of error"):
            bootstrap(np.ones((2, 2)), [margin(truth, 0)], 2, np.random.default_rng(0), moe=moe)
