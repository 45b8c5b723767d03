"""LEAD files of both vintages, made up: layouts, totals, lost zeros and every way in which a file can be wrong."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mutirao.city.seed import check_seed, read_seed
from mutirao.ground.findings import InputError
from mutirao.ground.tables import write_table
from mutirao.justice.lead import LABEL, lead_cells, margins, official_burden, read_lead, read_tracts
from mutirao.justice.poverty import indicators

Row = dict[str, object]

#: tract, band, tenure, homes, income, electricity, gas, other (USD per home and year; None: not known).
HOMES: list[tuple[str, str, str, float, float | None, float | None, float | None, float | None]] = [
    ("01001020100", "0-100%", "OWNER", 40.5, 9_000.0, 1_500.0, 600.0, None),
    ("01001020100", "0-100%", "RENTER", 60.0, 8_000.0, 1_200.0, 500.0, 50.0),
    ("01001020100", "400%+", "OWNER", 200.0, 150_000.0, 1_900.0, 800.0, 100.0),
    ("01001020200", "100-150%", "RENTER", 80.0, 25_000.0, 1_400.0, 0.0, 0.0),
    ("01001020200", "0-100%", "OWNER", 20.0, 7_000.0, 1_600.0, 300.0, 10.0),
    ("01003010100", "400%+", "RENTER", 5.0, 120_000.0, 1_000.0, 0.0, 0.0),
]
TOTALS = {name: sum(r[3] * (r[n] or 0.0) for r in HOMES) for n, name in ((4, "income"), (5, "e"), (6, "g"), (7, "o"))}
BURDEN = (TOTALS["e"] + TOTALS["g"] + TOTALS["o"]) / TOTALS["income"]


def rows_2018(band: str = "FPL15") -> list[Row]:
    """The layout of 2018: figures per home, sums and counts; FIP whole, blanks as NA."""
    out = []
    for tract, group, tenure, homes, *money in HOMES:
        row: Row = {"FIP": int(tract), "ABV": "AL", band: group, "TEN": tenure, "YBL6": "1980-99",
                    "BLD": "1 DETACHED", "HFL": "UTILITY GAS", "UNITS": f" {homes}"}  # fmt: skip
        for code, value in zip(("HINCP", "ELEP", "GASP", "FULP"), money, strict=True):
            row[code] = "NA" if value is None else value
            row[f"{code}*UNITS"] = "NA" if value is None else value * homes
            row[f"{code} UNITS"] = 0 if value is None else homes
        out.append(row)
    return out


def rows_2022(band: str = "FPL150") -> list[Row]:
    """The layout of 2022: tenure joined with dwelling, sums and counts only, more rows than one for a cell."""
    out = []
    for tract, group, tenure, homes, *money in HOMES:
        for part, age in ((0.25, "2020+"), (0.75, "BEFORE 1940")):
            row: Row = {"FIP": int(tract), band: group, "TEN": tenure[:3], "TEN-YBL6": f"{tenure[:3]} {age}",
                        "TEN-BLD": f"{tenure[:3]} 1 DETACHED", "TEN-HFL": f"{tenure[:3]} ELECTRICITY",
                        "UNITS": homes * part}  # fmt: skip
            for code, value in zip(("HINCP", "ELEP", "GASP", "FULP"), money, strict=True):
                row[f"{code}*UNITS"] = "" if value is None else value * homes * part
                row[f"{code} UNITS"] = 0 if value is None else homes * part
            out.append(row | {"WHITE ALONE": 1})
    return out


def write(path: Path, rows: list[Row]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


LAYOUTS = [(2018, rows_2018), (2022, rows_2022)]


@pytest.mark.parametrize(("vintage", "layout"), LAYOUTS)
def test_both_layouts_give_the_official_totals(vintage: int, layout: Callable[[], list[Row]], tmp_path: Path) -> None:
    lead = read_lead(write(tmp_path / "AL FPL Census Tracts.csv", layout()))
    assert lead.attrs["vintage"] == vintage
    assert lead.attrs["bands"] == "FPL"
    assert lead.attrs["label"] == LABEL == "modelled by DOE (raked census microdata calibrated to utility totals), " \
                                           "not observed bills"  # fmt: skip
    assert len(lead) == len(HOMES)
    assert lead["homes"].sum() == pytest.approx(405.5)
    assert lead["income"].sum() == pytest.approx(TOTALS["income"])
    assert official_burden(lead) == pytest.approx(BURDEN)
    assert set(lead["tract"].str.len()) == {11}
    assert lead.loc[0, "tract"] == "01001020100", "the leading zero is back"
    assert lead["tenure"].tolist().count("renter") == 3
    first = lead[lead["tract"] == "01001020100"]
    assert first["band"].tolist() == ["0-100%", "0-100%", "400%+"]
    unknown = first[(first["band"] == "0-100%") & (first["tenure"] == "owner")].iloc[0]
    assert (unknown["other_fuel"], unknown["other_fuel_homes"]) == (0.0, 0.0)


@pytest.mark.parametrize(("layout", "band", "kind"), [(rows_2018, "AMI68", "AMI"), (rows_2022, "AMI150", "AMI"),
                                                      (rows_2018, "SMI", "SMI")])  # fmt: skip
def test_bands_are_told_by_column(layout: Callable[[str], list[Row]], band: str, kind: str, tmp_path: Path) -> None:
    assert read_lead(write(tmp_path / "x.csv", layout(band))).attrs["bands"] == kind


def test_figures_per_home_alone_are_enough_in_2018(tmp_path: Path) -> None:
    rows = [{k: v for k, v in r.items() if not k.endswith("*UNITS") and not k.endswith(" UNITS")} for r in rows_2018()]
    assert official_burden(read_lead(write(tmp_path / "x.csv", rows), 2018)) == pytest.approx(BURDEN)


def test_tenure_is_read_from_a_joined_column(tmp_path: Path) -> None:
    rows = [{k: v for k, v in r.items() if k != "TEN"} for r in rows_2022()]
    lead = read_lead(write(tmp_path / "x.csv", rows))
    assert lead.groupby("tenure")["homes"].sum().to_dict() == pytest.approx({"owner": 260.5, "renter": 145.0})


def test_cells_keep_doe_burden_and_spend_adds_up(tmp_path: Path) -> None:
    lead = read_lead(write(tmp_path / "x.csv", rows_2022()))
    cells = lead_cells(lead, {"01001020100": "A", "01001020200": "A", "01003010100": "B"})
    assert set(cells["zone"]) == {"A", "B"}
    assert cells["energy"].to_numpy() == pytest.approx(cells[["electricity", "gas", "other_fuel"]].sum(axis=1))
    city = indicators(cells, 0.5).set_index("indicator")
    assert city.loc["burden_ratio", "value"] == pytest.approx(BURDEN)
    assert city.loc["TPR", "status"].startswith("not estimated")
    assert "HINCP" in city.loc["EB6", "income_basis"]
    by = indicators(cells, 0.0, by=("group",))
    assert list(dict.fromkeys(by["group"])) == ["0-100%", "100-150%", "400%+"]
    low = by[(by["group"] == "0-100%") & (by["indicator"] == "burden_ratio")]["value"].iloc[0]
    spend = 40.5 * 2100 + 60 * 1750 + 20 * 1910
    assert low == pytest.approx(spend / (40.5 * 9000 + 60 * 8000 + 20 * 7000))
    assert LABEL[1:] in cells.attrs["notes"][0]


def test_counties_and_tracts_outside_are_left_out(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", rows_2018())
    assert set(read_lead(path, county="01003")["tract"]) == {"01003010100"}
    with pytest.raises(InputError, match="no tract begins with 99999; the file has counties 01001, 01003"):
        read_lead(path, county="99999")
    lead = read_lead(path)
    assert set(lead_cells(lead, {"01003010100": "B"})["zone"]) == {"B"}
    with pytest.raises(InputError, match="none of its tracts"):
        lead_cells(lead, {"99999999999": "B"})


def test_negative_incomes_count_as_none_and_stay_in_the_official_ratio(tmp_path: Path) -> None:
    rows = rows_2022()
    for row in rows[:2]:
        row["HINCP*UNITS"] = -100.0
    lead = read_lead(write(tmp_path / "x.csv", rows))
    cells = lead_cells(lead)
    assert (cells["income"] >= 0).all()
    assert any("negative mean income" in note for note in cells.attrs["notes"])
    kept = TOTALS["income"] - 40.5 * 9000 - 200.0
    assert official_burden(lead) == pytest.approx(BURDEN * TOTALS["income"] / kept)


def test_homes_without_known_income_are_left_out_and_said(tmp_path: Path) -> None:
    rows = rows_2018()
    rows[0] |= {"HINCP": "NA", "HINCP*UNITS": "NA", "HINCP UNITS": 0}
    cells = lead_cells(read_lead(write(tmp_path / "x.csv", rows)))
    assert cells["homes"].sum() == pytest.approx(405.5 - 40.5)
    assert "40 homes are left out" in " ".join(cells.attrs["notes"])


def test_margins_are_rows_of_a_city_folder(tmp_path: Path) -> None:
    lead = read_lead(write(tmp_path / "x.csv", rows_2022()))
    mapping = {"01001020100": "A", "01001020200": "A", "01003010100": "B"}
    tables = margins(lead, mapping)
    people = tables["people.csv"]
    homes = people[(people["variable"] == "households")].set_index(["zone", "group"])["value"]
    assert homes["A", "fpl_0_100"] == pytest.approx(120.5)
    assert homes["A", "fpl_400_up"] == pytest.approx(200.0)
    assert homes.sum() == pytest.approx(405.5)
    tenure = people[people["variable"] == "households_renter"].set_index("zone")["value"]
    assert tenure.to_dict() == pytest.approx({"A": 140.0, "B": 5.0})
    income = people[people["variable"] == "household_income"].set_index(["zone", "group"])["value"]
    assert income["A", "fpl_100_150"] == pytest.approx(25_000.0)
    spend = tables["energy.csv"].set_index(["zone", "group"])["value"]
    assert spend["A", "fpl_100_150"] == pytest.approx(1400.0)
    assert (homes * spend).sum() == pytest.approx(BURDEN * TOTALS["income"])
    assert set(people["method"]) == {"derived"}
    assert tables["sources.csv"].loc[0, "note"] == LABEL
    write_table(tables["seed.csv"], tmp_path / "seed.csv")
    seed, wrong = read_seed(tmp_path / "seed.csv")
    assert wrong == []
    assert check_seed(seed, list(dict.fromkeys(tables["seed.csv"]["group"])), ["lead2022"]) == []
    with pytest.raises(InputError, match="belongs to no income group"):
        margins(lead, mapping, {"0-100%": "low"})
    merged = margins(lead, mapping, {"0-100%": "low", "100-150%": "low", "400%+": "high"}, "doe")["people.csv"]
    low = merged[(merged["variable"] == "households") & (merged["group"] == "low") & (merged["zone"] == "A")]
    assert low["value"].tolist() == pytest.approx([200.5])
    assert set(merged["source"]) == {"doe"}


def change(rows: list[Row], **cells: object) -> list[Row]:
    return [rows[0] | cells, *rows[1:]]


BAD: list[tuple[str, Callable[[], list[Row]], str]] = [
    ("text in a number", lambda: change(rows_2018(), **{"ELEP*UNITS": "many"}),
     r"row 2, column 'ELEP\*UNITS': 'many' is not a number"),
    ("negative homes", lambda: change(rows_2018(), UNITS=-1), "row 2, column 'UNITS': '-1' cannot be"),
    ("blank homes", lambda: change(rows_2018(), UNITS=""), "row 2, column 'UNITS': 'blank' cannot be"),
    ("negative spend", lambda: change(rows_2022(), **{"GASP*UNITS": -3}), r"column 'GASP\*UNITS': '-3' cannot be"),
    ("a county", lambda: change(rows_2022(), FIP="1001"), "row 2, column 'FIP': '1001' is no census tract"),
    ("no tenure", lambda: change(rows_2022(), TEN="BOTH"), "'BOTH' says neither owner nor renter"),
    ("no band", lambda: [{k: v for k, v in r.items() if k != "FPL150"} for r in rows_2022()],
     "the column of income bands is missing"),
    ("no spend", lambda: [{k: v for k, v in r.items() if not k.startswith("GASP")} for r in rows_2022()],
     "column 'GASP': the column is missing"),
    ("no tract", lambda: [{k: v for k, v in r.items() if k != "FIP"} for r in rows_2022()],
     "column 'FIP': the column is missing"),
    ("two vintages", lambda: rows_2018("FPL150"), "is of vintage 2022, while vintage 2018"),
    ("rewritten by R", lambda: [{k.replace("*", ".").replace(" ", "."): v for k, v in r.items()} for r in rows_2022()],
     "R has rewritten it"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "rows", "sentence"), BAD, ids=[b[0] for b in BAD])
def test_bad_files_are_one_sentence(why: str, rows: Callable[[], list[Row]], sentence: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=sentence):
        read_lead(write(tmp_path / "x.csv", rows()))


def test_asking_for_another_vintage_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", rows_2022())
    with pytest.raises(InputError, match="is of vintage 2022, while vintage 2018"):
        read_lead(path, 2018)
    with pytest.raises(InputError, match="vintage 2016 is not known"):
        read_lead(path, 2016)


def test_missing_empty_and_zipped_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_lead(tmp_path / "none.csv")
    (tmp_path / "empty.csv").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be read as a table"):
        read_lead(tmp_path / "empty.csv")
    (tmp_path / "x.csv").write_bytes(b"PK\x03\x04zip")
    with pytest.raises(InputError, match="zip archive"):
        read_lead(tmp_path / "x.csv")


def test_rows_count_as_a_spreadsheet_shows_them_after_blank_lines(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", rows_2018())
    lines = path.read_text(encoding="utf-8").splitlines()
    broken = lines[3].replace("OWNER", "WHO")
    path.write_text("\n".join([*lines[:2], "", lines[2], broken, *lines[4:], ""]), encoding="utf-8")
    with pytest.raises(InputError, match="row 5, column 'TEN'"):
        read_lead(path)


def test_tracts_and_zones(tmp_path: Path) -> None:
    path = tmp_path / "tracts.csv"
    pd.DataFrame({"tract": [1001020100, 1003010100], "zone": ["A", "B"]}).to_csv(path, index=False)
    assert read_tracts(path) == {"01001020100": "A", "01003010100": "B"}
    pd.DataFrame({"tract": [1001020100, 1001020100], "zone": ["A", "B"]}).to_csv(path, index=False)
    with pytest.raises(InputError, match="row 3, column 'tract': tract 01001020100 is given twice"):
        read_tracts(path)
    pd.DataFrame({"tract": [1001020100]}).to_csv(path, index=False)
    with pytest.raises(InputError, match="column 'zone': the column is missing"):
        read_tracts(path)


def test_a_states_file_is_read_whole(tmp_path: Path) -> None:
    """Fifty thousand rows with the same sums as a few: nothing is lost on the way."""
    rows = pd.DataFrame(rows_2022())
    many = pd.concat([rows] * 4000, ignore_index=True)
    many.to_csv(tmp_path / "x.csv", index=False)
    lead = read_lead(tmp_path / "x.csv")
    assert len(lead) == len(HOMES)
    assert np.isclose(lead["homes"].sum(), 4000 * 405.5)
    assert official_burden(lead) == pytest.approx(BURDEN)
