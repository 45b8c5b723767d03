"""Reading the formats cities use, from small files typed by hand after the published layouts."""

from pathlib import Path

import pytest
from openpyxl import Workbook

from mutirao.city.exchange import (
    detect,
    read_any,
    read_c40,
    read_citycatalyst,
    read_ecrf2,
    read_ecrf3,
    read_long,
    read_wide_years,
)
from mutirao.city.exchange.headers import match
from mutirao.city.exchange.sheets import read_sheets
from mutirao.city.exchange.units import read_unit
from mutirao.city.inventory import Inventory, Row
from mutirao.ground.findings import InputError

FILES = Path(__file__).parent / "files" / "inventory"
SECTORS = {"Homes > Gas": "I.1.1", "Homes > Power": "I.1.2", "Cars": "II.1.1"}
BUILDINGS = {
    "Buildings > Homes > Gas": "I.1.1",
    "Buildings > Homes > Power": "I.1.2",
    "Transport > Cars": "II.1.1",
}


def _row(inventory: Inventory, gpc: str, carrier: str = "", gas: str = "", year: int | None = None) -> Row:
    found = [
        row
        for row in inventory.rows
        if (row.gpc, row.carrier, row.gas) == (gpc, carrier, gas) and year in (None, row.year)
    ]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("ecrf3.csv", "ecrf3"),
        ("ecrf2.csv", "ecrf2"),
        ("citycatalyst_2021.csv", "citycatalyst"),
        ("c40_wide.csv", "c40"),
        ("portal_long.csv", "long"),
        ("portal_wide.csv", "wide-years"),
    ],
)
def test_formats_are_told_apart_by_content(name: str, kind: str, tmp_path: Path) -> None:
    assert detect(FILES / name) == kind
    renamed = tmp_path / "download"
    renamed.write_bytes((FILES / name).read_bytes())
    assert detect(renamed) == kind


def test_what_is_no_inventory_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="none of the known formats"):
        detect(path)


def test_ecrf3_keeps_gases_keys_quality_and_what_figures_are_made_of() -> None:
    inventory = read_ecrf3(FILES / "ecrf3.csv", gwp="AR5-100").inventory
    gas = _row(inventory, "I.1.1", "Natural gas", "CH4")
    assert (gas.value, gas.unit, gas.factor, gas.factor_unit) == (140.0, "t CO2e", 0.14, "t/TJ")
    assert (gas.activity, gas.activity_unit, gas.quality_activity, gas.quality_factor) == (
        1000,
        "TJ",
        "H",
        "M",
    )
    assert _row(inventory, "I.1.2", "Electricity").factor == 210.5
    assert _row(inventory, "I.3.2").pointer == "I.2.2"
    assert _row(inventory, "II.1.3").explanation == "No data on trips abroad"
    assert _row(inventory, "III.1.2").value == 0.0
    assert _row(inventory, "V.2").value == -2612.0789999999997
    assert inventory.cells(2019)["I.1.1", "Wood"] == 473.0
    assert _row(inventory, "I.1.1", "Wood", "CO2 biogenic").value == 5600.0


def test_ecrf3_adds_up_lines_of_one_reference_and_says_so() -> None:
    done = read_ecrf3(FILES / "ecrf3.csv")
    offices = _row(done.inventory, "I.2.1", "Natural gas")
    assert (offices.value, offices.quality_activity) == (42000.75, "L")
    assert any("lines 6, 7 were added up" in f.what for f in done.findings)
    plants = _row(done.inventory, "I.4.4")
    assert (plants.value, plants.notation) == (9000.0, ())


def test_a_factor_is_never_taken_for_an_emission(tmp_path: Path) -> None:
    assert _row(read_ecrf3(FILES / "ecrf3.csv").inventory, "II.1.1", "Gasoline").value == 70000.125
    text = (FILES / "ecrf3.csv").read_text().replace("GHGs (metric tonnes CO2e) - Total CO2e", "Sum")
    path = tmp_path / "no_total.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=r"GHGs .metric tonnes CO2e. - Total CO2e': the column is missing"):
        read_ecrf3(path)
    confirmed = read_ecrf3(path, columns={"GHGs (metric tonnes CO2e) - Total CO2e": "Sum"})
    assert _row(confirmed.inventory, "II.1.1", "Gasoline").value == 70000.125
    assert match(["Emission factor - Total CO2e"], {"Total CO2e": ("GHGs - Total CO2e",)}) == {}


def test_a_header_is_matched_by_the_closest_rule_and_never_by_choice() -> None:
    wanted = {"GPC ref. no.": ("GPC reference",), "Scope": ()}
    assert match(["scope", "gpc REF no"], wanted) == {"Scope": 0, "GPC ref. no.": 1}
    assert match(["GPC reference", "GPC ref. no."], wanted) == {"GPC ref. no.": 1}
    assert match(["GPC ref no", "GPC-ref-no"], wanted) == {}


def test_ecrf3_total_that_its_gases_do_not_make_up_is_kept_whole(tmp_path: Path) -> None:
    path = tmp_path / "e.csv"
    path.write_text((FILES / "ecrf3.csv").read_text().replace("56266.5", "57000"))
    done = read_ecrf3(path)
    assert _row(done.inventory, "I.1.1", "Natural gas").value == 57000.0
    assert any("gases add up to 56,266.50" in f.what for f in done.findings)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("2019,I.1.2", "2019,I.12", r"row 5.*near: I\.1\.2"),
        ("2019,I.1.2", "20l9,I.1.2", "row 5.*not a year"),
        ("IE (I.2.2)", "ELSEWHERE", "row 8.*not a notation key"),
        ("84200", '"84.200,5"', "row 5.*decimal comma"),
        ("2019,III.1.2", "2019,", "row 13.*no GPC reference"),
        ("12000.5", "30000.25", None),
    ],
)
def test_ecrf3_names_the_line_it_cannot_read(tmp_path: Path, old: str, new: str, says: str | None) -> None:
    path = tmp_path / "e.csv"
    text = (FILES / "ecrf3.csv").read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    if says is None:  # equal figures of two kinds of building are two figures
        assert _row(read_ecrf3(path).inventory, "I.2.1", "Natural gas").value == 60000.5
        return
    with pytest.raises(InputError, match=says):
        read_ecrf3(path)


def test_a_line_repeated_in_every_cell_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "e.csv"
    lines = (FILES / "ecrf3.csv").read_text().splitlines()
    path.write_text("\n".join([*lines, lines[4]]) + "\n")
    with pytest.raises(InputError, match="repeats another one in every cell"):
        read_ecrf3(path)


def test_ecrf3_from_a_workbook_with_a_front_sheet(tmp_path: Path) -> None:
    book = Workbook()
    front = book.active
    assert front is not None
    front.title = "eCRF_1"
    front.append([None, "Name of city", "Aldeia"])
    front.append([None, "GWP", "IPCC Fifth Assessment Report"])
    page = book.create_sheet("eCRF_3")
    page.append(["A title above the header"])
    for cells in read_sheets(FILES / "ecrf3.csv")[0].rows:
        page.append(cells)
    book.save(tmp_path / "crf.xlsx")
    assert detect(tmp_path / "crf.xlsx") == "ecrf3"
    done = read_ecrf3(tmp_path / "crf.xlsx")
    assert list(done.inventories) == ["Aldeia"]
    assert done.inventory.gwp == "AR5-100"
    assert any("horizon of 100 years" in f.what for f in done.findings)
    assert done.inventory.rows == read_ecrf3(FILES / "ecrf3.csv").inventory.rows


def test_ecrf2_lines_become_references() -> None:
    inventory = read_ecrf2(FILES / "ecrf2.csv", 2019).inventory
    cells = inventory.cells(2019)
    assert cells["I.2.1", ""] == 350.25
    assert cells["I.2.2", ""] == 230.0
    assert cells["I.4.4", "electricity"] == 500.0
    assert cells["I.4.4", "CHP"] == 250.0
    assert cells["I.4.4", "local renewables"] == 0.0
    assert _row(inventory, "I.4.4", "heat/cold").notation == ("NO",)
    assert cells["III.1.2", ""] == 75.0
    assert cells["V.2", ""] == -8.5
    assert _row(inventory, "I.3.2").pointer == "I.2.2"
    coal = _row(inventory, "I.7.1")
    assert (coal.notation, coal.pointer) == (("IE",), "I.8.1")
    assert _row(inventory, "I.1.3").explanation == "No loss factors"
    # 1000.5+400 + 350.25+230 + 80 + 12 + 900 + 75 + 20
    assert inventory.total(2019, "BASIC") == 3067.75


def test_ecrf2_refuses_a_label_it_does_not_know_and_emissions_that_cannot_be(tmp_path: Path) -> None:
    path = tmp_path / "e.csv"
    text = (FILES / "ecrf2.csv").read_text()
    path.write_text(text.replace("Transportation > Aviation", "Transportation > Rockets"))
    with pytest.raises(InputError, match="'Transportation > Rockets' is not known"):
        read_ecrf2(path, 2019)
    path.write_text(text.replace("IPPU > Product use,40,,,", "IPPU > Product use,40,,5,"))
    with pytest.raises(InputError, match="no indirect emissions"):
        read_ecrf2(path, 2019)


def test_citycatalyst_units_and_keys() -> None:
    inventory = read_citycatalyst(FILES / "citycatalyst_2021.csv", 2021, "Aldeia").inventory
    assert _row(inventory, "I.1.1", "natural-gas", "CO2").value == 1000.0
    assert _row(inventory, "I.1.1", "natural-gas", "N2O").value == 0.3
    power = _row(inventory, "I.1.2", "electricity")
    assert (power.value, power.activity, power.activity_unit) == (2500.0, 10.0, "GWh")
    assert (power.source, _row(inventory, "I.1.1", "natural-gas", "CO2").source) == ("Grid operator", "src-1")
    assert _row(inventory, "I.3.1").notation == ("C",)
    assert _row(inventory, "II.2.1").notation == ("IE",)
    assert _row(inventory, "III.1.1", "", "CH4").value == 410.55


def test_citycatalyst_totals_in_another_unit_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text((FILES / "citycatalyst_2021.csv").read_text().replace('"t CO2e"', '"kg CO2e"', 1))
    with pytest.raises(InputError, match=r"row 2.*'kg CO2e' is not t CO2e"):
        read_citycatalyst(path, 2021)


def test_what_a_file_does_not_say_is_asked_for() -> None:
    for name in ("citycatalyst_2021.csv", "ecrf2.csv"):
        with pytest.raises(InputError, match="does not say its year"):
            read_any(FILES / name)
    assert read_any(FILES / "ecrf2.csv", year=2019).inventory.years == (2019,)


def test_c40_reads_cities_keys_and_holds_totals_against_parts() -> None:
    done = read_c40(FILES / "c40_wide.csv")
    assert list(done.inventories) == ["Aldeia", "Vila"]
    aldeia = done.of("Aldeia")
    assert aldeia.total(2018, "BASIC") == 822.875
    assert _row(aldeia, "II.1.2", year=2018).pointer == "II.1.1"
    assert _row(aldeia, "II.1.3", year=2019).notation == ("NE",)
    assert _row(aldeia, "III.1.1", year=2018).notation == ("NO", "IE")
    assert not [row for row in aldeia.rows if (row.year, row.gpc) in ((2019, "III.1.3"), (2019, "V.2"))]
    gaps = done.errors
    assert len(gaps) == 1
    assert all(text in gaps[0].what for text in ("Vila 2020", "9,000", "8,200", "a gap of 800 t"))
    with pytest.raises(InputError, match="Aldeia, Vila"):
        _ = done.inventory


def test_c40_refuses_a_repeated_city_year(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    text = (FILES / "c40_wide.csv").read_text()
    path.write_text(text.replace("City,2019,", "City,2018,"))
    with pytest.raises(InputError, match=r"row 3.*Aldeia 2018 is already in row 2"):
        read_c40(path)


def test_long_table_asks_what_mt_means_and_never_assumes() -> None:
    with pytest.raises(InputError, match="'mt' may mean more than one unit"):
        read_long(FILES / "portal_long.csv", sectors=BUILDINGS)
    sectors = {**BUILDINGS, "Total": "BASIC"}
    tonnes = read_long(FILES / "portal_long.csv", "t", sectors)
    assert tonnes.inventory.cells(2018)["I.1.1", ""] == 1200.5
    assert [t.value for t in tonnes.published] == [4000.5]
    assert not [f for f in tonnes.findings if f.level == "error"]
    mega = read_long(FILES / "portal_long.csv", "Mt", sectors)
    assert mega.inventory.cells(2018)["I.1.1", ""] == 1_200_500_000.0
    assert ("I.1.2", "") not in tonnes.inventory.cells(2019)


def test_long_table_names_labels_without_a_reference() -> None:
    with pytest.raises(InputError) as refused:
        read_long(FILES / "portal_long.csv", "t", {"Transport > Cars": "II.1.1", "Total": ""})
    assert {f.row for f in refused.value.findings} == {2, 3}


def test_wide_years_keep_blank_zero_and_key_apart() -> None:
    done = read_wide_years(FILES / "portal_wide.csv", sectors=SECTORS, city="Aldeia")
    inventory = done.of("Aldeia")
    assert inventory.cells(2018)["I.1.1", ""] == 1100.2505
    assert ("I.1.1", "") not in inventory.cells(2019)
    assert inventory.cells(2020)["I.1.1", ""] == 0.0
    assert _row(inventory, "II.1.1", year=2018).notation == ("NE",)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("Emissions (t CO2e)", "t"),
        ("t_co2e", "t"),
        ("GHG (metric tons CO2e)", "t"),
        ("kg", "kg"),
        ("ktCO2e", "kt"),
        ("MMTCO2e", "Mt"),
        ("Emissions (MT CO2e)", None),
        ("mtco2e", None),
        ("tons", None),
        ("Emissions", None),
    ],
)
def test_units_in_headers(text: str, unit: str | None) -> None:
    assert read_unit(text) == unit
