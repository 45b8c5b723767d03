"""Reading a city whole, writing it whole or not at all, and the arrays that systems take from it."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mutirao.city import folder
from mutirao.city.facts import ALL, CITY, Fact, Facts, frame_of
from mutirao.city.folder import City, read_city, write_city
from mutirao.city.settings import Settings, settings_text
from mutirao.city.settings_file import parse_settings
from mutirao.ground.findings import InputError
from tests.cities import VARIABLES, small_city

SHAPES = [(2, 2), (0, 0), (0, 2), (3, 0), (22, 5)]


def same(one: City, other: City) -> bool:
    """Compare all that a city is, apart from where it lies."""

    def equal(a: pd.DataFrame | None, b: pd.DataFrame | None) -> bool:
        return a is b if a is None or b is None else a.equals(b)

    return (
        one.settings == other.settings
        and one.zones.equals(other.zones)
        and one.facts.frame.equals(other.facts.frame)
        and one.inventory == other.inventory
        and one.actions == other.actions
        and equal(one.designated, other.designated)
        and one.sources == other.sources
        and equal(one.parameters, other.parameters)
    )


@pytest.fixture
def city(tmp_path: Path) -> City:
    return read_city(small_city(tmp_path / "small"), VARIABLES)


@pytest.mark.parametrize(("zones", "groups"), SHAPES)
def test_a_written_city_reads_back_the_same(tmp_path: Path, zones: int, groups: int) -> None:
    city = read_city(small_city(tmp_path / "a", zones, groups), VARIABLES)
    write_city(city, tmp_path / "b")
    assert same(city, read_city(tmp_path / "b", VARIABLES))
    changed = replace(city, settings=replace(city.settings, base_year=2019))
    assert not same(city, changed)


@pytest.mark.parametrize(("zones", "groups"), SHAPES)
def test_arrays_have_zones_and_groups_in_the_city_s_order(tmp_path: Path, zones: int, groups: int) -> None:
    city = read_city(small_city(tmp_path / "a", zones, groups), VARIABLES)
    assert len(city.zone_ids) == max(zones, 1)
    assert len(city.group_ids) == max(groups, 1)
    households = city.array("households", ("zone", "group"))
    assert households.dims == ("zone", "group")
    assert tuple(households["zone"].values) == city.zone_ids
    assert tuple(households["group"].values) == city.group_ids
    np.testing.assert_allclose(households.sum("group"), city.array("households"), rtol=1e-6)


def test_a_city_without_zones_is_one_zone_at_its_own_place(tmp_path: Path) -> None:
    city = read_city(small_city(tmp_path / "a", zones=0, groups=0), VARIABLES)
    assert city.zone_ids == (CITY,)
    assert city.group_ids == (ALL,)
    assert city.zones.loc[0, "latitude"] == city.settings.latitude
    assert city.array("population").item() == 20_000
    assert city.array("population", ()).item() == 20_000


def test_a_table_with_only_its_header_says_nothing(tmp_path: Path) -> None:
    path = small_city(tmp_path / "a", zones=0, groups=2, designation=False)
    (path / "zones.csv").write_text("zone,name,longitude,latitude\n")
    (path / "designated.csv").write_text("zone,group,tenure,share\n")
    city = read_city(path, VARIABLES)
    assert city.zone_ids == (CITY,)
    assert city.designated is None


def test_nothing_is_summed_shared_out_or_filled(city: City) -> None:
    assert not city.has("population", ())
    assert not city.has("household_income", ("zone",))
    assert city.has("household_income", ("zone", "group"))
    with pytest.raises(InputError, match=r"population has no value for the city"):
        city.array("population", ())
    with pytest.raises(InputError, match=r"no_such_thing has no value for zone Z1"):
        city.array("no_such_thing")


def test_a_blank_value_is_not_a_figure_and_a_zero_is(tmp_path: Path) -> None:
    path = small_city(tmp_path / "a", zones=0, groups=0)
    file = path / "transport.csv"
    header = file.read_text().splitlines()[0]
    file.write_text(header + "\n,,vehicles,vehicles,2020,0,,,assumed,made-up\n,,land_area,km2,,,,,,\n")
    (path / "land.csv").write_text(header + "\n")
    city = read_city(path, VARIABLES)
    assert city.array("vehicles").item() == 0.0
    assert not city.has("land_area")


def test_the_year_that_was_used_is_recorded(city: City) -> None:
    exact = city.array("grid_emission_factor", ())
    assert exact.attrs["exact"]
    assert exact.attrs["year"] == 2020
    later = city.array("grid_emission_factor", (), year=2036)
    assert later.item() == 130.0
    assert later.attrs["year"] == 2035
    assert not later.attrs["exact"]
    assert later.attrs["unit"] == "kg CO2e/MWh"


def test_a_year_that_all_zones_share_is_preferred() -> None:
    facts = [_fact("A", 2018, 1.0), _fact("B", 2018, 2.0), _fact("A", 2020, 10.0)]
    array = Facts(frame_of(facts), ("A", "B")).array("population", ("zone",), year=2020)
    assert array.values.tolist() == [1.0, 2.0]
    assert array.attrs["years"] == (2018,)


def test_each_zone_s_nearest_year_is_used_where_none_is_shared() -> None:
    facts = [_fact("A", 2010, 1.0), _fact("A", 2019, 2.0), _fact("B", 2016, 3.0)]
    array = Facts(frame_of(facts), ("A", "B")).array("population", ("zone",), year=2020)
    assert array.values.tolist() == [2.0, 3.0]
    assert array.attrs["years"] == (2016, 2019)
    assert array.attrs["year"] == 2016


def test_several_years_are_never_chosen_from_silently() -> None:
    facts = Facts(frame_of([_fact("A", 2010, 1.0), _fact("A", 2019, 2.0)]), ("A",))
    with pytest.raises(InputError, match="several years"):
        facts.array("population", ("zone",))


def test_series_and_grades(city: City) -> None:
    series = city.facts.series("grid_emission_factor")
    assert [fact.year for fact in series] == [2020, 2035, 2050]
    assert series[0].low is None
    assert city.facts.grade("population") == ("assumed", "assumed")
    assert city.facts.grade("nothing") == ("", "")


def test_a_full_folder_is_not_overwritten_unless_told(city: City, tmp_path: Path) -> None:
    target = tmp_path / "b"
    write_city(city, target)
    (target / "weather.epw").write_text("weather")
    (target / "notes.txt").write_text("ours")
    with pytest.raises(InputError, match="not empty"):
        write_city(city, target)
    write_city(replace(city, actions=()), target, overwrite=True)
    assert not (target / "actions.csv").exists()
    assert (target / "notes.txt").read_text() == "ours"
    copy = tmp_path / "c"
    write_city(read_city(target, VARIABLES), copy)
    assert (copy / "weather.epw").read_text() == "weather"


def test_a_folder_that_is_no_city_is_never_overwritten(city: City, tmp_path: Path) -> None:
    target = tmp_path / "home"
    target.mkdir()
    (target / "letter.txt").write_text("dear")
    with pytest.raises(InputError, match="other than a city"):
        write_city(city, target, overwrite=True)
    assert [file.name for file in target.iterdir()] == ["letter.txt"]


@pytest.mark.parametrize("overwrite", [False, True])
def test_nothing_is_half_written(city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, overwrite: bool) -> None:
    target = tmp_path / "out" / "b"
    if overwrite:
        write_city(city, target)
        before = {file.name: file.read_bytes() for file in target.iterdir()}

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(folder, "write_inventory", fail)
    with pytest.raises(OSError, match="disk full"):
        write_city(replace(city, actions=()), target, overwrite=overwrite)
    left = list((tmp_path / "out").iterdir())
    assert left == ([target] if overwrite else [])
    if overwrite:
        assert {file.name: file.read_bytes() for file in target.iterdir()} == before


def test_reading_changes_nothing_in_the_folder(tmp_path: Path) -> None:
    path = small_city(tmp_path / "a")
    before = {file.name: file.read_bytes() for file in path.iterdir()}
    read_city(path, VARIABLES)
    assert {file.name: file.read_bytes() for file in path.iterdir()} == before
    shutil.rmtree(path)
    with pytest.raises(InputError, match="no such folder"):
        read_city(path, VARIABLES)


TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30).filter(lambda t: t.strip() != "")


@given(name=TEXT, note=TEXT, budget=st.floats(0, 1e9), party=TEXT.filter(lambda t: t != "note"))
def test_settings_survive_their_own_text(name: str, note: str, budget: float, party: str) -> None:
    settings = parse_settings(_SETTINGS)
    changed = replace(settings, name=name, note=note, budgets={party: budget}, budget_notes={party: note})
    assert parse_settings(settings_text(changed)) == changed


def test_settings_of_the_small_city(city: City) -> None:
    settings: Settings = city.settings
    assert settings.pledge.targets[0].cut == 0.5
    assert settings.groups[-1].income_max is None
    assert settings.rules["benefit_share"].share == 0.4
    assert settings.rules["benefit_share"].date == "2026-01-31"
    assert settings.designation is not None


def _fact(zone: str, year: int, value: float) -> Fact:
    return Fact(
        "population", zone, ALL, "people", year, value, None, None, "census", "s", "people.csv", int(10 * value + year)
    )


_SETTINGS = """
schema_version = 1
[city]
name = "A"
id = "A"
country = "US"
currency = "USD"
base_year = 2020
boundary = "b"
latitude = 1
longitude = 2.5
demonstration = false
[plan]
start = 2026
discount_rate = 0.03
price_year = 2023
[inventory]
gwp = "AR5-100"
level = "BASIC"
[pledge]
boundaries = ["basic", "territorial"]
neutrality_year = 2050
max_residual_removals = 0.1
budget_kt = 12
source = "s"
"""
