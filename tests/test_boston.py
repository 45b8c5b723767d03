"""The demonstration city: its check-sums, its sources, and what it may not claim."""

import re
import tomllib
from pathlib import Path

import pandas as pd
import pytest

from mutirao.city.actions import POWERS, STATUSES
from mutirao.city.check import check
from mutirao.city.facts import METHODS
from mutirao.city.folder import load_city
from mutirao.city.settings import Settings
from mutirao.city.variables import Variable
from tests.cities import HOUSEHOLDS

ROOT = Path(__file__).resolve().parents[1]
BOSTON = ROOT / "cities" / "boston"
SHARED = ROOT.parent / "shared" / "data" / "boston"
FACT_FILES = ("people.csv", "buildings.csv", "energy.csv", "transport.csv", "land.csv", "climate.csv")
FACT_COLUMNS = ["zone", "group", "variable", "unit", "year", "value", "low", "high", "method", "source"]
GROUPS = {
    "lt25k": ["lt15k", "15_25k"],
    "25_50k": ["25_35k", "35_50k"],
    "50_100k": ["50_75k", "75_100k"],
    "100_150k": ["100_150k"],
    "ge150k": ["ge150k"],
}
# The variables that the folder is written for; systems declare them too. With them the folder is checked alone.
VARIABLES = [
    Variable("population", "people.csv", "people", "People.", required=True),
    Variable("households", "people.csv", "households", "Households.", by="zone group", required=True),
    Variable("households_owner", "people.csv", "households", "Households that own."),
    Variable("households_renter", "people.csv", "households", "Households that rent."),
    Variable("household_income", "people.csv", "CUR/year", "Income before tax.", by="zone group"),
    Variable("dwelling_floor_area", "buildings.csv", "m2", "Floor area of a home."),
    *(
        Variable(name, "energy.csv", "CUR/kWh", "A price.", by="", yearly=True)
        for name in (
            "electricity_price_residential",
            "electricity_price_commercial",
            "gas_price_residential",
            "gas_price_commercial",
            "oil_price_residential",
        )
    ),
    Variable("grid_emission_factor", "energy.csv", "kg CO2e/MWh", "Grid.", by="", required=True, yearly=True),
    Variable("vehicles", "transport.csv", "vehicles", "Cars of households."),
    Variable("land_area", "land.csv", "km2", "Land."),
    *HOUSEHOLDS,
    *(
        Variable(f"{name}_m{month:02d}", "climate.csv", unit, "Of a month.", by="", minimum=-60.0)
        for name, unit in (("temperature", "degC"), ("irradiation", "kWh/m2"))
        for month in range(1, 13)
    ),
]
MEASURES = {
    "buildings.light_retrofit",
    "buildings.deep_retrofit",
    "buildings.commercial_retrofit",
    "heat.heat_pumps",
    "heat.district_heat",
    "heat.commercial_heat_pumps",
    "mobility.electric_cars",
    "mobility.electric_heavy_vehicles",
    "mobility.transit",
    "mobility.walking_cycling",
    "other.waste",
}
# Stated by the inventory beside BASIC: energy made for the grid, and waste that comes from elsewhere.
BESIDE_BASIC = ["I.4.4", "III.1.3", "III.2.3", "III.3.3", "III.4.3"]
BASIC = {2005: 7_819_794, 2019: 6_192_460, 2020: 5_298_687}

needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the full public tables are not beside the project (../shared)"
)


@pytest.fixture(scope="module")
def settings() -> Settings:
    city, _ = load_city(BOSTON, VARIABLES)
    assert city is not None
    return city.settings


def table(name: str) -> pd.DataFrame:
    return pd.read_csv(BOSTON / name, keep_default_na=False, dtype=str)


def facts(name: str) -> pd.DataFrame:
    frame = table(name)
    return frame.assign(
        year=frame["year"].astype(int),
        value=frame["value"].astype(float),
        low=pd.to_numeric(frame["low"]),
        high=pd.to_numeric(frame["high"]),
    )


def picked(name: str, variable: str) -> pd.DataFrame:
    frame = facts(name)
    return frame[frame["variable"] == variable]


def inventory() -> pd.DataFrame:
    frame = table("inventory.csv")
    return frame.assign(year=frame["year"].astype(int), value=pd.to_numeric(frame["value"]))


def test_there_are_22_zones_with_a_place_in_boston() -> None:
    zones = table("zones.csv")
    assert len(zones) == 22
    assert zones["zone"].is_unique
    assert zones["name"].is_unique
    assert zones["zone"].str.match(r"BOS-[A-Z-]+$").all()
    assert zones["longitude"].astype(float).between(-71.2, -71.0).all()
    assert zones["latitude"].astype(float).between(42.2, 42.4).all()


def test_people_and_households_add_up_to_the_published_counts() -> None:
    assert picked("people.csv", "population")["value"].sum() == 681_937
    households = picked("people.csv", "households")
    assert households.loc[households["group"] == "", "value"].sum() == 279_495
    assert households.loc[households["group"] != "", "value"].sum() == 269_510
    owners = picked("people.csv", "households_owner")["value"].sum()
    assert owners + picked("people.csv", "households_renter")["value"].sum() == 273_188


def test_income_groups_have_the_published_shares() -> None:
    households = picked("people.csv", "households")
    by_group = households[households["group"] != ""].groupby("group")["value"].sum() / 269_510 * 100
    expected = {"lt25k": 24.2, "25_50k": 14.7, "50_100k": 23.3, "100_150k": 15.7, "ge150k": 22.2}
    assert by_group.round(1).to_dict() == expected


def test_group_incomes_lie_in_their_group_and_add_up_to_the_aggregate(settings: Settings) -> None:
    income = picked("people.csv", "household_income").set_index("group")
    households = picked("people.csv", "households")
    counts = households[households["group"] != ""].groupby("group")["value"].sum()
    assert (income["value"] * counts).sum() == pytest.approx(30_579_843_400, rel=1e-5)
    floor = 0.0
    for group in settings.groups:
        row = income.loc[group.id]
        top = group.income_max or float("inf")
        assert floor <= row["low"] <= row["value"] <= row["high"] <= top
        floor = top


@pytest.mark.parametrize("year", BASIC)
def test_the_inventory_adds_up_to_the_published_basic_total(year: int) -> None:
    rows = inventory()
    rows = rows[rows["year"] == year]
    assert len(rows) == 54
    assert rows["gpc"].is_unique
    assert round(rows.loc[~rows["gpc"].isin(BESIDE_BASIC), "value"].sum()) == BASIC[year]


def test_the_base_year_has_the_published_main_rows() -> None:
    rows = inventory()
    rows = rows[rows["year"] == 2019].set_index("gpc")["value"].round()
    expected = {
        "I.1.1": 770_260,
        "I.1.2": 376_913,
        "I.2.1": 1_484_276,
        "I.2.2": 1_665_655,
        "II.1.1": 1_757_810,
    }
    assert rows[list(expected)].to_dict() == expected


def test_an_inventory_row_has_either_a_figure_or_a_key() -> None:
    rows = inventory()
    keyed = rows["notation"] != ""
    assert (keyed == rows["value"].isna()).all()
    assert set(rows.loc[keyed, "notation"]) == {"NO", "NE", "IE"}
    included = rows[rows["notation"] == "IE"]
    assert ((included["pointer"] != "") | (included["explanation"] != "")).all()
    # A zero is a figure of the source and must survive beside the keys.
    assert (rows["value"] == 0).sum() == 3


def test_climate_agrees_with_the_published_sums_of_the_typical_year() -> None:
    climate = facts("climate.csv").set_index("variable")["value"]
    months = [f"{month:02d}" for month in range(1, 13)]
    assert climate[[f"irradiation_m{m}" for m in months]].sum() == pytest.approx(1408, abs=1)
    assert climate["temperature_m01"] < 0
    assert climate["temperature_m07"] > 20
    assert len(climate.drop("heat_island")) == 24


def test_energy_figures_agree_with_the_published_ones() -> None:
    grid = picked("energy.csv", "grid_emission_factor").set_index("year")
    assert grid.loc[[2018, 2019, 2020, 2021], "value"].tolist() == pytest.approx([239.3, 224.0, 241.8, 246.7], abs=0.06)
    price = picked("energy.csv", "electricity_price_residential").set_index("year")["value"]
    assert price[[2015, 2020, 2023]].round(3).tolist() == [0.198, 0.220, 0.296]
    assert list(price.index) == list(range(2015, 2025))
    gas = picked("energy.csv", "gas_price_commercial")["value"].iloc[0]
    assert gas == pytest.approx(0.015 / 0.293071, abs=5e-5)


def test_the_grid_after_the_last_measured_year_is_called_an_assumption_with_a_range() -> None:
    grid = picked("energy.csv", "grid_emission_factor")
    future = grid[grid["year"] > 2023]
    assert future["year"].max() == 2050
    assert (future["method"] == "assumed").all()
    assert (future["low"] < future["value"]).all()
    assert (future["value"] < future["high"]).all()
    assert (grid.loc[grid["year"] <= 2023, "method"] != "assumed").all()


def test_the_grid_path_is_the_arithmetic_that_the_documentation_states() -> None:
    grid = picked("energy.csv", "grid_emission_factor").set_index("year")
    weight = (1 - 1.03**-15) / (1 - 1.03**-30)
    scenarios = {"value": (215.586, 158.359), "low": (105.216, 64.083), "high": (247.239, 224.091)}
    for column, (first, whole) in scenarios.items():
        second = (whole - weight * first) / (1 - weight)
        slope = (second - first) / 15
        start = grid.loc[2023, "value"]
        path = {2025: start + (first - start) * 2 / 7}
        path |= {year: max(0.0, first + slope * (year - 2030)) for year in range(2030, 2051, 5)}
        assert grid.loc[list(path), column].tolist() == pytest.approx(list(path.values()), abs=0.051)


@pytest.mark.parametrize("name", FACT_FILES)
def test_every_figure_has_a_method_a_source_and_an_ordered_range(name: str) -> None:
    raw, frame = table(name), facts(name)
    assert list(raw.columns) == FACT_COLUMNS
    assert set(raw["method"]) <= set(METHODS)
    assert set(raw["source"]) <= set(table("sources.csv")["source"])
    assert set(raw["zone"]) <= {"", *table("zones.csv")["zone"]}
    assert set(raw["group"]) <= {"", *GROUPS}
    assert not frame.duplicated(["zone", "group", "variable", "year"]).any()
    assert not (frame["low"] > frame["value"]).any()
    assert not (frame["high"] < frame["value"]).any()


def test_sources_are_complete_and_used() -> None:
    sources = table("sources.csv")
    assert sources["source"].is_unique
    assert (sources[["publisher", "title", "licence", "address", "retrieved", "grade"]] != "").all(axis=None)
    assert set(sources["grade"]) <= {"A", "B", "C"}
    local = sources["address"].str.startswith("docs/")
    assert all((ROOT / address).is_file() for address in sources.loc[local, "address"])
    assert sources.loc[~local, "address"].str.match(r"https?://").all()
    used = {cell for name in (*FACT_FILES, "inventory.csv", "actions.csv") for cell in table(name)["source"]}
    used |= set(re.findall(r'source = "([^"]+)"', (BOSTON / "city.toml").read_text(encoding="utf-8")))
    words = " ".join(table("actions.csv")["note"]) + (ROOT / "docs" / "boston.md").read_text(encoding="utf-8")
    idle = {one for one in set(sources["source"]) - used if one not in words}
    assert not idle, "a source that nothing cites should be deleted"


def test_the_settings_resolve_their_sources_and_say_that_this_is_a_demonstration(settings: Settings) -> None:
    known = set(table("sources.csv")["source"])
    assert settings.demonstration
    assert "not the City's plan" in settings.note
    assert {settings.pledge.source, *(t.source for t in settings.pledge.targets)} <= known
    assert settings.designation is not None
    assert settings.designation.source in known
    assert [(t.year, t.cut, t.of_year) for t in settings.pledge.targets] == [(2030, 0.5, 2005)]
    assert settings.pledge.neutrality_year == 2050
    assert [g.id for g in settings.groups] == list(GROUPS)
    assert [g.id for g in settings.groups if g.low_income] == ["lt25k", "25_50k"]


def test_no_rule_pretends_to_come_from_boston(settings: Settings) -> None:
    on = {name for name, rule in settings.rules.items() if rule.on}
    assert on == {"no_low_income_worse_off", "benefit_share"}
    assert set(settings.rules) == on | {"poverty_gap", "warm_rent"}
    for rule in settings.rules.values():
        assert "no resident or body of Boston has set it" in rule.set_by
    assert settings.designation is not None
    assert "not drawn up by any community" in settings.designation.author


def test_designated_homes_are_the_low_income_groups() -> None:
    rows = table("designated.csv")
    with (BOSTON / "city.toml").open("rb") as file:
        low = [g["id"] for g in tomllib.load(file)["groups"] if g["low_income"]]
    assert rows["group"].tolist() == low
    assert rows["share"].astype(float).eq(1.0).all()


def test_every_action_is_sourced_and_every_amount_is_explained() -> None:
    actions = table("actions.csv")
    assert actions["action"].is_unique
    assert (actions["note"] != "").all()
    assert set(actions["source"]) <= set(table("sources.csv")["source"])
    assert set(actions["power"]) <= set(POWERS)
    assert set(actions["status"]) <= set(STATUSES)
    counted = actions[actions["amount"] != ""]
    assert len(counted) >= 1
    assert (counted["unit"] == "share").all()
    assert counted["amount"].astype(float).between(0, 1).all()
    assert (counted[["measure", "start", "end"]] != "").all(axis=None)
    assert counted["note"].str.contains("Amount").all()
    idle = actions[(actions["amount"] == "") & (actions["measure"] != "")]
    assert idle["note"].str.startswith("Not counted").all()


def test_sources_named_in_the_notes_of_actions_exist() -> None:
    known = set(table("sources.csv")["source"])
    named = {name for note in table("actions.csv")["note"] for name in re.findall(r"\(([a-z]+_[a-z0-9_]+)\)", note)}
    assert named
    assert named <= known


def test_the_documentation_says_what_this_is_and_agrees_with_the_tables() -> None:
    text = (ROOT / "docs" / "boston.md").read_text(encoding="utf-8")
    assert "Demonstration on public data; not the City's plan" in text
    assert f"{len(table('actions.csv'))} actions" in text
    for figure in ("681,937", "279,495", "269,510", "6,192,460", "7,819,794", "5,298,687"):
        assert figure in text
    assert f"{picked('transport.csv', 'vehicles')['value'].sum():,.0f}" in text
    assert f"{picked('land.csv', 'land_area')['value'].sum():.1f} km2" in text


def test_check_finds_no_error_and_knows_every_measure() -> None:
    findings = check(BOSTON, VARIABLES, MEASURES)
    errors = [str(finding) for finding in findings if finding.level == "error"]
    assert not errors, "\n".join(errors)
    assert not [f for f in findings if f.file == "actions.csv" and "no measure is called" in f.what]


def test_systems_can_take_the_figures_as_arrays() -> None:
    city, _ = load_city(BOSTON, VARIABLES)
    assert city is not None
    assert city.array("households", ("zone", "group")).sum() == 269_510
    assert city.array("households", ("zone",)).sum() == 279_495
    assert city.array("household_income", ("group",)).sel(group="ge150k") == 308_391


@needs_shared
def test_people_equal_the_full_tables() -> None:
    zones = pd.read_csv(SHARED / "zones.csv").set_index("zone_id")
    bins = pd.read_csv(SHARED / "household_income.csv").set_index("zone_id")
    households = picked("people.csv", "households")
    for variable, column in (
        ("population", "population_2020"),
        ("households_owner", "owner_2020"),
        ("households_renter", "renter_2020"),
    ):
        assert picked("people.csv", variable).set_index("zone")["value"].eq(zones[column]).all()
    whole = households[households["group"] == ""].set_index("zone")["value"]
    assert whole.eq(zones["households_2020"]).all()
    for group, names in GROUPS.items():
        rows = households[households["group"] == group].set_index("zone")["value"]
        assert rows.eq(bins[names].sum(axis=1)).all()


@needs_shared
def test_places_and_vehicles_equal_the_full_tables() -> None:
    zones = pd.read_csv(SHARED / "zones.csv").set_index("zone_id")
    places = table("zones.csv").set_index("zone")
    assert places["name"].eq(zones["zone_name"]).all()
    assert places["longitude"].astype(float).eq(zones["lon"]).all()
    assert places["latitude"].astype(float).eq(zones["lat"]).all()
    vehicles = zones["acs1620_veh1"] + 2 * zones["acs1620_veh2"] + 3 * zones["acs1620_veh3plus"]
    assert picked("transport.csv", "vehicles").set_index("zone")["value"].eq(vehicles).all()
    assert picked("land.csv", "land_area").set_index("zone")["value"].eq(zones["land_area_km2"]).all()


@needs_shared
def test_the_inventory_equals_the_full_table() -> None:
    full = pd.read_csv(SHARED / "inventory_gpc.csv", keep_default_na=False, dtype=str)
    full = full[full["year"].isin([str(y) for y in BASIC])].set_index(["year", "gpc_ref"])
    ours = table("inventory.csv").set_index(["year", "gpc"])
    assert len(ours) == len(full)
    full = full.loc[list(ours.index)]
    assert ours["notation"].tolist() == full["notation_key"].tolist()
    left, right = pd.to_numeric(ours["value"]), pd.to_numeric(full["t_co2e"])
    assert left.fillna(-1).tolist() == right.fillna(-1).tolist()


@needs_shared
def test_prices_grid_and_climate_equal_the_full_tables() -> None:
    prices = pd.read_csv(SHARED / "prices.csv")
    for sector in ("residential", "commercial"):
        full = prices[(prices["carrier"] == "electricity") & (prices["sector"] == sector)].set_index("year")["price"]
        ours = picked("energy.csv", f"electricity_price_{sector}").set_index("year")["value"]
        assert ours.to_dict() == full.to_dict()
    grid = pd.read_csv(SHARED / "grid_factors.csv")
    full = grid[grid["region"] == "NEWE"].astype({"year": int}).set_index("year")["kg_co2e_per_mwh"]
    ours = picked("energy.csv", "grid_emission_factor").set_index("year")["value"]
    assert ours[list(full.index)].to_dict() == full.to_dict()
    climate = facts("climate.csv").set_index("variable")["value"]
    for month in pd.read_csv(SHARED / "climate_monthly.csv").itertuples():
        assert climate[f"temperature_m{month.month:02d}"] == month.mean_temp_c
        assert climate[f"irradiation_m{month.month:02d}"] == month.ghi_kwh_m2
