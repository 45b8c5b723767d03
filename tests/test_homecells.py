"""Homes by zone, income group and tenure: calibrated to the inventory, in prices of one year, honest about gaps."""

import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from mutirao.ground.money import deflator
from mutirao.justice.gradient import by_group
from mutirao.justice.outcomes import cells_of
from mutirao.model.baseyear import BaseYear, base_year
from mutirao.model.homecells import COLUMNS, home_cells, home_facts
from mutirao.plan.build import Inputs, given_model
from mutirao.plan.solve import closest_plan
from tests.cities import KINDS, LIVING, small_city
from tests.planned_cities import inputs_of, shares

CELL = ["zone", "group", "tenure"]


@cache
def inputs() -> Inputs:
    return inputs_of(small_city(Path(tempfile.mkdtemp()) / "littleton"))


def based(case: Inputs) -> BaseYear:
    return base_year(case.city, case.parameters)


def cells(case: Inputs) -> pd.DataFrame:
    return home_cells(case.city, case.parameters, based(case))


def without(case: Inputs, *names: str) -> Inputs:
    """The same city with these variables left out."""
    frame = case.city.facts.frame
    facts = replace(case.city.facts, frame=frame[~frame["variable"].isin(names)].reset_index(drop=True))
    return replace(case, city=replace(case.city, facts=facts))


def test_columns_and_homes_are_the_whole_city() -> None:
    found = cells(inputs())
    assert list(found.columns) == list(COLUMNS)
    assert found["homes"].sum() == pytest.approx(16_800.0)
    assert not found.duplicated(CELL).any()


def test_energy_sums_to_the_inventory_at_the_plan_s_prices() -> None:
    case, base, p = inputs(), based(inputs()), inputs().parameters
    spent = (base.home_fuel["natural_gas"] * p("gas_price_residential")
             + base.home_fuel["heating_oil"] * p("oil_price_residential")
             + base.electricity["I.1.2"] * p("electricity_price_residential"))  # fmt: skip
    found = cells(case)
    for column in ("energy", "required"):
        assert float((found[column] * found["homes"]).sum()) * 1e-6 == pytest.approx(spent, rel=1e-9)


def test_energy_is_the_base_year_of_a_plan_s_book() -> None:
    """Cell by cell, fixed charge and price per kWh included; `cells_of` reads the same table from the plan."""
    case = inputs()
    plan = closest_plan(given_model(case, shares(case.horizon.years)), "adopted", "as adopted")
    read = cells_of(plan, plan.base_year).set_index(CELL)
    mine = cells(case).set_index(CELL)
    for column in (c for c in COLUMNS[3:] if c in read):
        there = read[column].reindex(mine.index).to_numpy(float)
        assert there == pytest.approx(mine[column].to_numpy(float), rel=1e-9, nan_ok=True), column


def test_required_does_not_follow_income_and_energy_does() -> None:
    per_group = cells(inputs()).query("zone == 'Z1' and tenure == 'renter'").set_index("group")
    assert per_group.loc["G1", "required"] == pytest.approx(per_group.loc["G2", "required"])
    assert per_group.loc["G1", "energy"] < per_group.loc["G2", "energy"]


def test_income_is_restated_to_the_price_year() -> None:
    real = deflator("USD", 2023).value / deflator("USD", 2020).value
    found = cells(inputs()).set_index(CELL)["income"]
    assert found["Z2", "G2", "owner"] == pytest.approx(30_000 * 2.5 * 1.05 * real)
    rows = home_facts(inputs().city, inputs().parameters, based(inputs()))
    kept = rows[rows["name"] == "household_income"].set_index(["zone", "group"])["value"]
    assert kept["Z2", "G2"] == pytest.approx(found["Z2", "G2", "owner"])


def test_figures_of_the_city_reach_their_cells() -> None:
    found = cells(inputs()).set_index(CELL)
    real = deflator("USD", 2023).value / deflator("USD", 2020).value
    for name, (unit, value) in LIVING.items():
        want = 0.9 * value * (real if "CUR" in unit else 1.0)
        assert found.loc[("Z2", "G1", "renter"), name] == pytest.approx(want), name
    assert found.xs("owner", level="tenure")["rent"].isna().all()


def test_what_is_not_known_stays_so() -> None:
    bare = without(inputs(), *LIVING, "homes_inefficient", "tree_canopy", "heat_island", "household_income", *KINDS)
    found = cells(bare)
    for name in ("arrears", "housing_cost", "rent", "over_65", "income", "homes_inefficient", "tree_canopy"):
        assert found[name].isna().all(), name
    assert (found["cooling_access"] == bare.parameters("cooling_access")).all()
    assert found["people_per_home"].to_numpy() == pytest.approx(2.5)
    rows = home_facts(bare.city, bare.parameters, based(bare))
    assert rows["value"].notna().all()
    assert not {"arrears", "rent", "household_income", "homes_gas"} & set(rows["name"])


def test_income_known_by_zone_alone_says_nothing_of_groups() -> None:
    frame = inputs().city.facts.frame
    zones = frame["variable"] == "household_income"
    coarse = frame.assign(group=frame["group"].where(~zones, "ALL"))
    coarse = coarse.drop_duplicates(["variable", "zone", "group", "year"])
    city = replace(inputs().city, facts=replace(inputs().city.facts, frame=coarse))
    assert cells(replace(inputs(), city=city))["income"].isna().all()


def test_homes_by_heating_and_building_add_up_to_all_homes() -> None:
    rows = home_facts(inputs().city, inputs().parameters, based(inputs()))
    kinds = rows[rows["name"].isin(list(KINDS))].groupby("name")["value"].sum()
    for name, share in KINDS.items():
        assert kinds[name] == pytest.approx(share * 16_800.0, rel=1e-6), name


def test_stated_spend_sets_the_pattern_and_the_inventory_the_total() -> None:
    """Zones spend 1 : 1.1 as the city states; the factor says how far its total is from the inventory's."""
    case = inputs()
    found = cells(case)
    use = found.assign(money=found["energy"] * found["homes"]).groupby("zone")[["money", "homes"]].sum()
    fixed = case.parameters("electricity_fixed_charge")
    per_home = use["money"] / use["homes"] - fixed
    assert per_home["Z2"] / per_home["Z1"] == pytest.approx(1.1)
    rows = home_facts(case.city, case.parameters, based(case)).set_index("name")["value"]
    real = deflator("USD", 2023).value / deflator("USD", 2020).value
    stated = (2_100 * 8_000 + 2_310 * 8_800) * real
    assert rows["home_energy_factor"] == pytest.approx(use["money"].sum() / stated)


def test_need_follows_floor_area_and_income_without_a_stated_spend() -> None:
    bare = without(inputs(), "home_energy_spend")
    base = based(bare)
    weight = base.home_weight / base.homes
    income = [float(bare.parameters(f"home_energy_quintile_{i}")) for i in range(1, 6)]
    first, second = np.interp([0.225, 0.725], [0.1, 0.3, 0.5, 0.7, 0.9], income)
    ratio = weight.sel(zone="Z2", group="G2", tenure="owner") / weight.sel(zone="Z1", group="G1", tenure="renter")
    assert float(ratio) == pytest.approx(95.0 / 90.0 * second / first)
    other = base.household_weight / base.homes
    assert float(other.sel(zone="Z2", group="G2", tenure="owner")) == pytest.approx(
        float(other.sel(zone="Z1", group="G1", tenure="renter")) * second / first
    )


def test_without_groups_every_home_of_a_size_needs_the_same() -> None:
    plain = without(inputs_of(small_city(Path(tempfile.mkdtemp()) / "onetown", groups=0)), "home_energy_spend")
    found = cells(plain)
    assert found["energy"].to_numpy() == pytest.approx(found["required"].to_numpy())


@settings(deadline=None)
@given(
    st.lists(st.floats(0.1, 10.0), min_size=2, max_size=7),
    st.lists(st.floats(0.5, 5.0), min_size=5, max_size=5),
)
def test_a_group_s_figure_lies_within_the_quintiles(homes: list[float], quintiles: list[float]) -> None:
    groups = [f"G{i}" for i in range(len(homes))]
    count = xr.DataArray([homes], coords={"zone": ["Z"], "group": groups}, dims=("zone", "group"))
    found = by_group(count, np.array(sorted(quintiles)))
    assert min(quintiles) - 1e-12 <= float(found.min()) <= float(found.max()) <= max(quintiles) + 1e-12
    assert (np.diff(found.values) >= -1e-12).all()


def test_five_equal_groups_are_the_quintiles() -> None:
    at = {"zone": ["A", "B"], "group": list("abcde")}
    count = xr.DataArray(np.full((2, 5), 3.0), coords=at, dims=("zone", "group"))
    assert by_group(count, np.array([1.0, 1.6, 1.9, 2.3, 2.8])).values == pytest.approx([1.0, 1.6, 1.9, 2.3, 2.8])


@pytest.mark.slow
def test_boston_s_burdens_are_like_the_literature_s() -> None:
    """LEAD, North Carolina 2022: 17.2 % of income in the poorest band, 1.3 % in the richest, 2.1 % over all.

    Spend is nearly flat there (1 604 to 2 053 USD): what differs is income.
    """
    boston = inputs_of(Path(__file__).parents[1] / "cities" / "boston")
    found = cells(boston)
    sums = found.assign(e=found["energy"] * found["homes"], y=found["income"] * found["homes"])
    per = sums.groupby("group", sort=False)[["e", "y", "homes"]].sum()
    burden, spend = per["e"] / per["y"], per["e"] / per["homes"]
    assert 0.10 < burden["lt25k"] < 0.20
    assert 0.008 < burden["ge150k"] < 0.02
    assert burden.is_monotonic_decreasing
    assert 1.2 < spend["ge150k"] / spend["lt25k"] < 2.1
