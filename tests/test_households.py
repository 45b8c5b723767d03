"""The table of homes of a city: closed forms without a joint table, a seed's odds with one, and what is said."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mutirao.city.facts import ALL, CITY, frame_of
from mutirao.city.folder import City, read_city
from mutirao.city.seed import LABELS
from mutirao.ground.findings import InputError
from mutirao.justice.households import KINDS, TENURES, draws, groups_table, households
from tests.cities import VARIABLES, small_city

GAS, OIL, ELECTRIC, DISTRICT, OTHER = KINDS["heating"]


def city_of(path: Path, zones: int = 2, groups: int = 2) -> City:
    """A small city that counts its homes by income and tenure, and not by dwelling or heating."""
    city = read_city(small_city(path / "c", zones=zones, groups=groups), VARIABLES)
    frame = city.facts.frame
    kinds = [name for names in KINDS.values() for name in names]
    frame = frame[~frame["variable"].isin(kinds)]
    counted = frame["method"].where(~frame["variable"].str.startswith("households"), "census")
    return replace(city, facts=replace(city.facts, frame=frame.assign(method=counted)))


def with_rows(city: City, *rows: tuple[str, str, str, float]) -> City:
    """The city with further figures: variable, zone, group, value."""
    like = city.facts.rows("households")[0]
    new = [
        replace(like, variable=name, zone=zone or CITY, group=group or ALL, value=value)
        for name, zone, group, value in rows
    ]
    frame = pd.concat([city.facts.frame, frame_of(new)], ignore_index=True)
    return replace(city, facts=replace(city.facts, frame=frame))


def homes_of(city: City) -> np.ndarray:
    return np.asarray(city.array("households", ("zone",)).values, float)


def in_shares(city: City, shares: dict[str, float]) -> list[tuple[str, str, str, float]]:
    """Homes by kind in every zone: the same shares, leaning a little more to the first kind in each further zone."""
    rows = []
    for n, (zone, homes) in enumerate(zip(city.zone_ids, homes_of(city), strict=True)):
        tilt = {name: share * (1.5**n if name == next(iter(shares)) else 1.0) for name, share in shares.items()}
        rows += [(name, zone, "", homes * share / sum(tilt.values())) for name, share in tilt.items()]
    return rows


def seed_of(city: City, dims: tuple[str, ...], homes: np.ndarray) -> pd.DataFrame:
    words = {**LABELS, "group": city.group_ids}
    index = pd.MultiIndex.from_product([words[d] for d in dims], names=dims)
    return pd.Series(homes.ravel(), index, name="homes").reset_index().assign(source="made-up")


# ---- without a joint table --------------------------------------------------------------------------------------
@pytest.mark.parametrize(("zones", "groups"), [(2, 2), (3, 5), (0, 3), (4, 0), (0, 0)])
def test_a_flat_seed_is_the_product_of_shares(tmp_path: Path, zones: int, groups: int) -> None:
    city = city_of(tmp_path, zones, groups)
    h = households(city)
    homes = homes_of(city)
    owner = np.asarray(city.array("households_owner", ("zone",)).values)
    renter = np.asarray(city.array("households_renter", ("zone",)).values)
    income = np.ones((len(homes), 1))
    if groups:
        income = np.asarray(city.array("households", ("zone", "group")).values)
    income = income / income.sum(axis=1, keepdims=True)
    tenure = np.stack([owner, renter], axis=1) / (owner + renter)[:, None]
    expected = homes[:, None, None] * income[:, :, None] * tenure[:, None, :]
    assert h.count.dims == ("zone", "group", "tenure")
    assert np.allclose(h.count.values, expected, rtol=1e-12)
    assert h.joint.dims == h.count.dims
    assert h.seed == "flat"
    assert h.residual < 1e-6
    assert float(h.apart.max()) < 1e-9
    assert any("No joint table was given" in note for note in h.notes) == bool(groups)


def test_the_flat_seed_is_flagged_with_what_it_costs(tmp_path: Path) -> None:
    (note,) = households(city_of(tmp_path)).notes
    assert note.startswith("No joint table was given: group and tenure are taken as independent")
    assert "misplaces about a fifth of homes" in note
    assert "22.5 % against 5.4 %" in note


def test_coarser_figures_are_used_alike_in_every_zone_and_said(tmp_path: Path) -> None:
    city = city_of(tmp_path)
    frame = city.facts.frame
    fine = frame["variable"].isin(["households", "households_owner", "households_renter"])
    bare = replace(city, facts=replace(city.facts, frame=frame[~fine]))
    like = city.facts.rows("households")[0]
    rows = [("households", "", "", 10_000.0), ("households", "", "G1", 6_000.0), ("households", "", "G2", 4_000.0),
            ("households_owner", "", "", 3_000.0), ("households_renter", "", "", 7_000.0)]  # fmt: skip
    new = [replace(like, variable=v, zone=z or CITY, group=g or ALL, value=x) for v, z, g, x in rows]
    city = replace(bare, facts=replace(bare.facts, frame=pd.concat([bare.facts.frame, frame_of(new)])))
    h = households(city)
    people = np.asarray(city.array("population", ("zone",)).values)
    zones = 10_000.0 * people / people.sum()
    assert h.count.sum(["group", "tenure"]).values == pytest.approx(zones)
    assert h.count.values == pytest.approx(np.einsum("z,g,t->zgt", zones, [0.6, 0.4], [0.3, 0.7]))
    said = " ".join(h.notes)
    for words in ("shared out by population", "Income groups by zone are unknown", "Tenure by zone is unknown"):
        assert words in said


def test_unknown_tenure_and_income_are_said(tmp_path: Path) -> None:
    city = city_of(tmp_path)
    frame = city.facts.frame
    kept = (frame["variable"] != "households_owner") & ~((frame["variable"] == "households") & (frame["group"] != ALL))
    h = households(replace(city, facts=replace(city.facts, frame=frame[kept])))
    assert h.count.sel(tenure="renter").values == pytest.approx(np.zeros((2, 2)))
    assert np.allclose(h.count.sel(group="G1"), h.count.sel(group="G2"))
    said = " ".join(h.notes)
    assert "Tenure is unknown" in said
    assert "equal shares are assumed" in said
    assert "No zone has a home with tenure renter" in said


def test_an_empty_zone_stays_empty(tmp_path: Path) -> None:
    city = city_of(tmp_path, zones=3)
    frame = city.facts.frame.copy()
    homes = frame["variable"].str.startswith("households") & (frame["zone"] == "Z2")
    frame.loc[homes, "value"] = 0.0
    h = households(replace(city, facts=replace(city.facts, frame=frame)))
    assert (h.count.sel(zone="Z2") == 0).all()
    assert np.isfinite(h.count.values).all()
    assert any("Z2: no homes" in note for note in h.notes)


# ---- dwelling and heating ---------------------------------------------------------------------------------------
def test_dwelling_and_heating_join_the_table_and_leave_the_count_alone(tmp_path: Path) -> None:
    city = city_of(tmp_path)
    plain = households(city)
    dwelling = in_shares(city, dict(zip(KINDS["dwelling"], (0.3, 0.3, 0.4), strict=True)))
    heating = in_shares(city, {GAS: 0.6, OIL: 0.1, ELECTRIC: 0.2, DISTRICT: 0.05, OTHER: 0.05})
    more = with_rows(city, *dwelling, *heating)
    h = households(more)
    assert h.joint.dims == ("zone", "group", "tenure", "dwelling", "heating")
    assert tuple(h.joint["heating"].values) == LABELS["heating"]
    assert np.allclose(h.count.values, plain.count.values, rtol=1e-12)
    for dim, names in KINDS.items():
        for label, name in zip(LABELS[dim], names, strict=True):
            have = h.joint.sel({dim: label}).sum([d for d in h.joint.dims if d not in ("zone", dim)])
            assert have.values == pytest.approx(more.array(name, ("zone",)).values, rel=1e-9)
    assert any("group, tenure, dwelling and heating are taken as independent" in note for note in h.notes)


def test_heating_by_income_group_is_met(tmp_path: Path) -> None:
    city = city_of(tmp_path)
    income = city.array("households", ("zone", "group"))
    share = {"G1": 0.8, "G2": 0.3}
    rows = [(name, z, g, float(income.sel(zone=z, group=g)) * (share[g] if name == GAS else 1 - share[g]))
            for z in city.zone_ids for g in city.group_ids for name in (GAS, ELECTRIC)]  # fmt: skip
    h = households(with_rows(city, *rows))
    assert list(h.joint["heating"].values) == ["gas", "electric"]
    gas = h.joint.sel(heating="gas").sum("tenure") / h.joint.sum(["tenure", "heating"])
    assert gas.values == pytest.approx(np.array([[0.8, 0.3]] * 2))
    assert h.count.sum("tenure").values == pytest.approx(income.values)
    assert any("homes_oil, homes_district and homes_other_heating" in note for note in h.notes)


def test_owners_and_renters_by_income_group_are_met(tmp_path: Path) -> None:
    city = city_of(tmp_path)
    income = city.array("households", ("zone", "group"))
    own = {"G1": 0.1, "G2": 0.8}
    rows = [(f"households_{t}", z, g, float(income.sel(zone=z, group=g)) * (own[g] if t == "owner" else 1 - own[g]))
            for z in city.zone_ids for g in city.group_ids for t in TENURES]  # fmt: skip
    h = households(with_rows(city, *rows))
    owners = h.count.sel(tenure="owner") / h.count.sum("tenure")
    assert owners.values == pytest.approx(np.array([[0.1, 0.8]] * 2))


def test_heating_of_the_city_is_used_in_every_zone(tmp_path: Path) -> None:
    city = with_rows(city_of(tmp_path), (GAS, "", "", 12_600.0), (OIL, "", "", 4_200.0))
    h = households(city)
    shares = h.joint.sum(["group", "tenure"]) / h.joint.sum(["group", "tenure", "heating"])
    assert shares.values == pytest.approx(np.array([[0.75, 0.25]] * 2))
    assert any("Homes by heating are unknown by zone" in note for note in h.notes)


def test_a_kind_left_out_is_not_zero(tmp_path: Path) -> None:
    city = city_of(tmp_path)
    homes = homes_of(city)
    rows = [(GAS, z, "", 0.7 * n) for z, n in zip(city.zone_ids, homes, strict=True)]
    with pytest.raises(InputError, match=r"homes_gas sum to 11,760 of the city's 16,800 homes\. Add homes_oil"):
        households(with_rows(city, *rows))


def test_kinds_given_at_different_detail_are_refused(tmp_path: Path) -> None:
    city = city_of(tmp_path)
    rows = [(GAS, z, "", 0.7 * n) for z, n in zip(city.zone_ids, homes_of(city), strict=True)]
    with pytest.raises(InputError, match="homes_gas and homes_oil are not given for the same zones and groups"):
        households(with_rows(city, *rows, (OIL, "", "", 5_000.0)))


# ---- margins apart ----------------------------------------------------------------------------------------------
def test_counts_of_one_source_that_are_apart_are_refused(tmp_path: Path) -> None:
    city = city_of(tmp_path)
    frame = city.facts.frame.copy()
    frame.loc[(frame["variable"] == "households_renter") & (frame["zone"] == "Z2"), "value"] *= 1.2
    with pytest.raises(InputError, match=r"Z2: households sum to 8,800 and households by tenure to 9,856, 12% of its"):
        households(replace(city, facts=replace(city.facts, frame=frame)))


@pytest.mark.parametrize("change", [{"source": "another"}, {"year": 2019}, {"method": "scaled"}])
def test_estimates_and_counts_of_another_source_or_year_are_shares(tmp_path: Path, change: dict) -> None:
    city = city_of(tmp_path)
    plain = households(city)
    frame = city.facts.frame.copy()
    tenure = frame["variable"].isin(["households_renter", "households_owner"])
    frame.loc[tenure & (frame["zone"] == "Z2"), "value"] *= 0.8
    frame.loc[tenure, list(change)] = list(change.values())
    h = households(replace(city, facts=replace(city.facts, frame=frame)))
    assert np.allclose(h.count.values, plain.count.values, rtol=1e-12)
    assert float(h.apart.sel(zone="Z2")) == pytest.approx(0.2)
    assert any("Z2: households sum to 8,800 and households by tenure to 7,040, 20%" in note for note in h.notes)


# ---- with a joint table -----------------------------------------------------------------------------------------
def test_a_seed_brings_its_odds(tmp_path: Path) -> None:
    city = city_of(tmp_path)
    seed = np.array([[100.0, 900.0], [700.0, 300.0]])
    h = households(replace(city, seed=seed_of(city, ("group", "tenure"), seed)))
    assert h.seed == "made-up"
    assert h.notes == ()
    c = h.count.values
    assert c[:, 0, 0] * c[:, 1, 1] / (c[:, 0, 1] * c[:, 1, 0]) == pytest.approx(np.full(2, 30_000 / 630_000))
    plain = households(city).count
    assert h.count.sum("tenure").values == pytest.approx(plain.sum("tenure").values, rel=1e-9)
    assert h.count.sum("group").values == pytest.approx(plain.sum("group").values, rel=1e-9)


def test_a_seed_may_know_less_or_more_than_the_table(tmp_path: Path) -> None:
    city = city_of(tmp_path)
    heating = in_shares(city, {GAS: 0.6, ELECTRIC: 0.4})
    seed = np.arange(1.0, 1 + 2 * 2 * 3).reshape(2, 2, 3)  # group x tenure x dwelling, and no heating
    h = households(replace(with_rows(city, *heating), seed=seed_of(city, ("group", "tenure", "dwelling"), seed)))
    assert h.joint.dims == ("zone", "group", "tenure", "heating")
    known = seed.sum(axis=2)
    odds = known[0, 0] * known[1, 1] / (known[0, 1] * known[1, 0])
    c = h.count.values
    assert c[:, 0, 0] * c[:, 1, 1] / (c[:, 0, 1] * c[:, 1, 0]) == pytest.approx(np.full(2, odds))
    gas = h.joint.sel(heating="gas") / h.joint.sum("heating")
    assert np.allclose(gas, gas[:, :1, :1])
    assert any("says nothing on heating" in note for note in h.notes)


def test_a_seed_that_says_nothing_in_use_is_flat(tmp_path: Path) -> None:
    city = city_of(tmp_path)
    seed = seed_of(city, ("dwelling", "heating"), np.ones((3, 5)))
    assert households(replace(city, seed=seed)).seed == "flat"


# ---- as rows, and drawn -----------------------------------------------------------------------------------------
def test_the_table_as_rows(tmp_path: Path) -> None:
    city = city_of(tmp_path)
    h = households(with_rows(city, *in_shares(city, {GAS: 0.6, ELECTRIC: 0.4})))
    table = groups_table(h)
    assert list(table) == ["zone", "group", "tenure", "heating", "homes"]
    assert len(table) == 2 * 2 * 2 * 2
    assert table["homes"].sum() == pytest.approx(homes_of(city).sum())
    assert table.set_index(["zone", "group", "tenure", "heating"])["homes"]["Z2", "G1", "renter", "gas"] == (
        h.joint.sel(zone="Z2", group="G1", tenure="renter", heating="gas")
    )


def test_draws_keep_homes_and_lie_around_the_table(tmp_path: Path) -> None:
    city = city_of(tmp_path)
    seed = 100 * np.array([[100.0, 900.0], [700.0, 300.0]])
    city = replace(
        with_rows(city, *in_shares(city, {GAS: 0.6, ELECTRIC: 0.4})), seed=seed_of(city, ("group", "tenure"), seed)
    )
    count = households(city).count.values
    drawn = draws(city, 600, seed=4)
    assert drawn.shape == (600, *count.shape)
    assert np.allclose(drawn.sum(axis=(2, 3)), homes_of(city))
    assert drawn.mean(axis=0) == pytest.approx(count, rel=0.02)
    assert (drawn == draws(city, 600, seed=4)).all()
    assert np.allclose(draws(city, 2, 1, moe=0.0, sampled=1e9), count, rtol=1e-3)
    wide = draws(city, 600, seed=4, sampled=0.0005).std(axis=0)
    assert (wide > draws(city, 600, seed=4, sampled=0.1).std(axis=0)).all()
