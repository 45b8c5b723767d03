"""The first city, the empty city, the workbook, the coverage and the dictionary."""

import csv
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import get_args

import pandas as pd
import pytest
from openpyxl import load_workbook

from mutirao.city.check import check
from mutirao.city.coverage import coverage, grades, share_by_grade
from mutirao.city.dictionary import data_dictionary
from mutirao.city.draft import Climate, Grid, default_share, draft_city
from mutirao.city.folder import City, read_city, write_city
from mutirao.city.gpc import members
from mutirao.city.template import write_template
from mutirao.city.variables import Variable
from mutirao.city.workbook import read_workbook, write_workbook
from mutirao.ground.findings import InputError
from tests.cities import MEASURES, VARIABLES, small_city
from tests.test_city_folder import same

ROOT = Path(__file__).resolve().parents[1]
ALLIANCE = ROOT.parent / "shared" / "data" / "alliance"
BOSTON = ROOT / "cities" / "boston"


# --- draft


@pytest.mark.parametrize("climate", get_args(Climate))
@pytest.mark.parametrize("grid", get_args(Grid))
def test_a_draft_is_complete_readable_and_all_default(tmp_path: Path, climate: Climate, grid: Grid) -> None:
    draft = draft_city("Newtown", 120_000, climate, grid, 2022)
    assert default_share(draft) == 1.0
    assert set(draft.facts.frame["method"]) == {"default"}
    write_city(draft, tmp_path / "a")
    city = read_city(tmp_path / "a", VARIABLES)
    assert same(city, draft)
    assert [f.level for f in check(tmp_path / "a", VARIABLES, MEASURES)] == ["note", "note"]
    assert city.inventory.completeness(2022).share == 1.0
    assert 0.5 < city.inventory.total(2022, "BASIC") / 120_000 < 40
    months = [city.array(f"temperature_m{m:02d}", ()).item() for m in range(1, 13)]
    assert max(months[5:8]) > min(months[0], months[11])
    assert set(city.sources) >= set(city.facts.frame["source"])


def test_the_share_of_defaults_falls_with_the_city_s_own_figures() -> None:
    draft = draft_city("Newtown", 100_000, "cold", "mixed", 2020)
    rows = tuple(replace(r, method="measured") if r.gpc == "II.1.1" else r for r in draft.inventory.rows)
    own = replace(draft, inventory=replace(draft.inventory, rows=rows))
    road = draft.inventory.cells(2020)["II.1.1", ""]
    assert default_share(own) == pytest.approx(1 - road / draft.inventory.total(2020, "BASIC"))


def test_emissions_of_a_draft_follow_population_and_grid() -> None:
    small = draft_city("A", 1e5, "warm", "clean", 2020).inventory.cells(2020)
    large = draft_city("A", 2e5, "warm", "clean", 2020).inventory.cells(2020)
    dirty = draft_city("A", 1e5, "warm", "fossil", 2020).inventory.cells(2020)
    assert large["I.1.1", ""] == pytest.approx(2 * small["I.1.1", ""], rel=0.01)
    assert dirty["I.1.2", ""] == pytest.approx(14 * small["I.1.2", ""], rel=0.01)
    assert dirty["I.1.1", ""] == small["I.1.1", ""]


def test_south_of_the_equator_the_seasons_are_turned() -> None:
    north = draft_city("N", 1e5, "temperate", "mixed", 2020, latitude=47)
    south = draft_city("S", 1e5, "temperate", "mixed", 2020, "AU", "AUD", latitude=-38, longitude=145)
    assert south.array("temperature_m01", ()).item() == north.array("temperature_m07", ()).item()
    assert south.array("irradiation_m07", ()).item() == north.array("irradiation_m01", ()).item()
    assert "not given" not in south.settings.note
    assert set(south.facts.frame.loc[south.facts.frame["variable"] == "household_income", "unit"]) == {"AUD/year"}


def test_a_draft_refuses_what_it_does_not_understand() -> None:
    with pytest.raises(InputError) as refused:
        draft_city("a/b", -1, "tropical", "green", 20)  # type: ignore[arg-type]
    assert {f.column for f in refused.value.findings} == {"name", "population", "climate", "grid", "base_year"}
    assert all(f.mend for f in refused.value.findings)


@pytest.mark.skipif(not ALLIANCE.is_dir(), reason="the public inventories of ../shared are not there")
def test_emissions_per_person_are_the_medians_they_claim_to_be() -> None:
    inventories = pd.read_csv(ALLIANCE / "gpc_inventories.csv").dropna(subset="t_co2e")
    people = pd.read_csv(ALLIANCE / "city_totals.csv")[["city", "year", "population"]]
    both = inventories.merge(people, on=["city", "year"])
    both = both[both["year"] == both.groupby("city")["year"].transform("max")]
    per_person = (both["t_co2e"] / both["population"]).groupby(both["gpc_ref"])
    text = files("mutirao.city").joinpath("draft_inventory.csv").read_text(encoding="utf-8")
    table = {row["gpc"]: row for row in csv.DictReader(text.splitlines())}
    counts = per_person.count()
    assert set(table) == {gpc for gpc in counts[counts >= 7].index if gpc in members("BASIC")}
    for gpc, row in table.items():
        assert float(row["value"]) == float(f"{per_person.median()[gpc]:.2g}")
        assert int(row["cities"]) == counts[gpc]


# --- template


def test_a_template_says_what_is_still_missing(tmp_path: Path) -> None:
    write_template(tmp_path / "new", VARIABLES, MEASURES)
    found = check(tmp_path / "new", VARIABLES, MEASURES)
    assert {f.file for f in found if f.level == "error"} == {"city.toml", "people.csv", "energy.csv"}
    assert any(f.column == "city.base_year" and f.row for f in found)
    readme = (tmp_path / "new" / "README.txt").read_text(encoding="utf-8")
    for name in [v.name for v in VARIABLES] + list(MEASURES) + ["designated.csv", "inventory.csv", "allocated"]:
        assert name.lower() in readme.lower()
    with pytest.raises(InputError, match="not empty"):
        write_template(tmp_path / "new", VARIABLES, MEASURES)


def test_a_filled_template_is_a_city(tmp_path: Path) -> None:
    path = tmp_path / "new"
    write_template(path, VARIABLES, list(MEASURES))
    keep = ("[[", "[budgets", "[groups", "[rules", "[designation")
    lines = []
    for text in (path / "city.toml").read_text().split("\n"):
        bare = text.removeprefix("# ")
        if bare.startswith(keep):
            break
        lines.append(bare if " = " in bare and text.startswith("# ") else text)
    (path / "city.toml").write_text("\n".join(lines))
    for name, figures in (
        ("people.csv", {"population": 9, "households": 4}),
        ("energy.csv", {"grid_emission_factor": 1}),
    ):
        table = pd.read_csv(path / name, dtype=str, keep_default_na=False)
        for variable, value in figures.items():
            here = table["variable"] == variable
            table.loc[here, ["year", "value", "method", "source"]] = ["2020", str(value), "census", "census-2020"]
        table.to_csv(path / name, index=False)
    with (path / "inventory.csv").open("a") as stream:
        stream.write("2020,I.1.1,,,30,t CO2e,,,,,AR5-100,measured,census-2020,\n")
    city = read_city(path, VARIABLES)
    assert city.array("population").item() == 9
    assert not city.has("vehicles")


# --- workbook


@pytest.mark.parametrize(("zones", "groups"), [(2, 2), (0, 0), (3, 5)])
def test_a_workbook_reads_back_the_same(tmp_path: Path, zones: int, groups: int) -> None:
    city = read_city(small_city(tmp_path / "a", zones, groups), VARIABLES)
    write_workbook(city, tmp_path / "a.xlsx")
    assert same(city, read_workbook(tmp_path / "a.xlsx", VARIABLES))
    assert [file.name for file in tmp_path.iterdir() if file.suffix != ".xlsx"] == ["a"]


def test_a_workbook_keeps_odd_text_and_every_digit(tmp_path: Path) -> None:
    city = read_city(small_city(tmp_path / "a"), VARIABLES)
    frame = city.facts.frame.copy()
    frame.loc[0, "value"] = 0.1 + 0.2
    frame.loc[1, "low"] = 1e-17
    odd = replace(city.actions[0], action="=SUM(A1)", note='a "quoted", line', owner="#N/A")
    settings = replace(city.settings, name="São Paulo = x", budget_notes={"city": "=1"})
    changed = replace(city, facts=replace(city.facts, frame=frame), actions=(odd, *city.actions[1:]), settings=settings)
    write_workbook(changed, tmp_path / "a.xlsx")
    assert same(changed, read_workbook(tmp_path / "a.xlsx", VARIABLES))


def test_faults_in_a_workbook_name_sheet_row_and_key(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_workbook(read_city(small_city(tmp_path / "a"), VARIABLES), path)
    book = load_workbook(path)
    book["people"]["D3"] = "person"
    book.save(path)
    with pytest.raises(InputError, match=r"people.csv, row 3, column 'unit'"):
        read_workbook(path, VARIABLES)
    book["city"]["C5"] = 17
    key = f"{book['city']['A5'].value}.{book['city']['B5'].value}"
    book.save(path)
    with pytest.raises(InputError, match=rf"city.toml, row 5, column '{key}'"):
        read_workbook(path, VARIABLES)
    book.create_sheet("Sheet7")
    book.save(path)
    with pytest.raises(InputError):
        read_workbook(path, VARIABLES)
    (tmp_path / "b.xlsx").write_text("not a workbook")
    with pytest.raises(InputError, match="cannot be read"):
        read_workbook(tmp_path / "b.xlsx", VARIABLES)


def test_a_workbook_edited_in_a_spreadsheet_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_workbook(read_city(small_city(tmp_path / "a"), VARIABLES), path)
    book = load_workbook(path)
    people = book["people"]
    people["F2"] = 12_345.0
    people["Z1"] = None
    people.append([None] * 10)
    book["sources"]["D2"] = 2024
    book.save(path)
    city = read_workbook(path, VARIABLES)
    assert city.array("population").values[0] == 12_345
    assert city.sources["made-up"].year == "2024"


@pytest.fixture(scope="module")
def boston() -> City:
    if not BOSTON.is_dir():
        pytest.skip("the demonstration city cities/boston is not there")
    with (BOSTON / "city.toml").open(encoding="utf-8") as stream:
        currency = next(line.split('"')[1] for line in stream if line.startswith("currency"))
    return read_city(BOSTON, [*VARIABLES, *_others(BOSTON, currency)])


def test_boston_survives_folder_and_workbook(boston: City, tmp_path: Path) -> None:
    variables = [*VARIABLES, *_others(BOSTON, boston.settings.currency)]
    write_city(boston, tmp_path / "b")
    assert same(boston, read_city(tmp_path / "b", variables))
    write_workbook(boston, tmp_path / "b.xlsx")
    assert same(boston, read_workbook(tmp_path / "b.xlsx", variables))


def _others(path: Path, currency: str) -> list[Variable]:
    """Declare what the folder has beyond the variables of these tests, so that it can be read on its own."""
    known = {v.name for v in VARIABLES}
    out = {}
    for file in ("people.csv", "buildings.csv", "energy.csv", "transport.csv", "land.csv", "climate.csv"):
        if (path / file).is_file():
            for row in csv.DictReader((path / file).open(encoding="utf-8")):
                if row["variable"] not in known:
                    unit = row["unit"].replace(currency, "CUR")
                    name = row["variable"]
                    out[name] = Variable(name, file, unit, name, by="zone group", minimum=float("-inf"))
    return list(out.values())


# --- coverage and dictionary


def test_coverage_shows_the_worst_grade_and_what_is_absent(tmp_path: Path) -> None:
    path = small_city(tmp_path / "a")
    text = (path / "land.csv").read_text()
    rows = [row.replace("assumed", "measured") if row.startswith("Z1") else row for row in text.split("\n")]
    (path / "land.csv").write_text("\n".join(rows))
    (path / "transport.csv").write_text(text.split("\n")[0] + "\n")
    table = coverage(read_city(path, VARIABLES), VARIABLES)
    assert list(table.columns) == ["city", "Z1", "Z2"]
    assert list(table.loc["land"]) == ["C", "A", "C"]
    assert list(table.loc["transport"]) == ["-", "-", "-"]
    assert table.loc["energy", "city"] == "C"
    detail = grades(read_city(path, VARIABLES), VARIABLES).set_index("variable")
    assert list(detail.loc["land_area", ["Z1", "Z2"]]) == ["A", "C"]
    assert detail.loc["temperature_m01", "Z1"] == ""


def test_coverage_goes_by_the_system_that_reads_a_variable(tmp_path: Path) -> None:
    city = read_city(small_city(tmp_path / "a"), VARIABLES)
    variables = [replace(VARIABLES[0], system="households"), replace(VARIABLES[-1], system="power")]
    assert list(coverage(city, variables).index) == ["households", "power"]
    assert share_by_grade(city) == {"A": 0.0, "B": 0.0, "C": 1.0}


def test_the_dictionary_holds_every_word() -> None:
    text = data_dictionary(VARIABLES, MEASURES)
    for v in VARIABLES:
        assert f"| `{v.name}` | {v.unit} |" in text
    for name, meaning in MEASURES.items():
        assert f"| {name} | {meaning} |" in text
    odd = Variable("x", "land.csv", "1", "a | b")
    row = next(line for line in data_dictionary([odd], {}).split("\n") if "`x`" in line)
    assert row.endswith(r"a \| b |")
