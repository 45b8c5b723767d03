"""`mutirao poverty` through its own function: what it prints, writes, merges and refuses."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

from mutirao.city.folder import read_city
from mutirao.cli.poverty import MERGED, Homes, poverty, small_merged, tables_of, value_text, zones_differ
from mutirao.ground.findings import InputError
from mutirao.justice.lead import LABEL
from mutirao.justice.poverty import indicators
from mutirao.model.system import installed_systems
from mutirao.plan.inputs import declared_variables
from tests.cities import small_city
from tests.planned_cities import rewrite
from tests.test_lead import rows_2018, rows_2022, write
from tests.test_poverty import cells_of

Said = pytest.CaptureFixture[str]


def words(text: str) -> str:
    return " ".join(re.sub(r"[│┃]", " ", text).split())


def homes_of(cells: pd.DataFrame, differ: bool = True) -> Homes:
    return Homes(cells, "Energy poverty in Littleton", "", "USD", {"low": "low income"}, (), (differ, "Zones: why."))


def counted(folder: Path) -> Path:
    """The same city with figures that were counted, zone by zone."""
    rewrite(folder / "people.csv", lambda r: r | {"method": "census"})
    return folder


def test_help_explains_itself_with_examples() -> None:
    app = typer.Typer()
    app.command()(poverty)
    said = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "200", "TERM": "dumb"}).output
    assert "Examples:" in said
    for option in ("--lead", "--county", "--tracts", "--by", "--out", "--spread", "--csv"):
        assert option in said
    assert "mutirao poverty cities/boston" in said


def test_a_city_is_read_and_shown_with_what_is_assumed(tmp_path: Path, capsys: Said) -> None:
    poverty(counted(small_city(tmp_path / "littleton")), by=["group", "zone", "tenure"])
    said = words(capsys.readouterr().out)
    assert "Energy poverty in Littleton, 2020: 16,800 homes" in said
    assert "above 6 % of income" in said
    assert "household_income as the city states it" in said
    for title in ("By income group", "By zone", "By tenure"):
        assert title in said
    assert "Zones differ by what was counted there: homes by income group, incomes." in said
    assert said.index("Not estimated:") < said.index("What is assumed:")
    assert "LILEE" in said
    assert "spread of 0.5" in said
    assert "With a spread from 0.3 to 0.7" in said


def test_zones_that_differ_by_allocation_only_are_not_shown(tmp_path: Path, capsys: Said) -> None:
    poverty(small_city(tmp_path / "littleton"))
    said = words(capsys.readouterr().out)
    assert "By income group" in said
    assert "By zone" not in said
    assert "Zones differ only by how the city's figures were shared out" in said


def test_zones_differ_where_incomes_were_counted(tmp_path: Path) -> None:
    variables = declared_variables(tuple(installed_systems()))
    assert not zones_differ(read_city(small_city(tmp_path / "a"), variables))[0]
    differs, why = zones_differ(read_city(counted(small_city(tmp_path / "b")), variables))
    assert differs
    assert "Not counted by zone: energy spend" in why


def test_a_city_without_zones_and_groups_is_one_line(tmp_path: Path, capsys: Said) -> None:
    poverty(small_city(tmp_path / "onetown", zones=0, groups=0, designation=False))
    said = words(capsys.readouterr().out)
    assert "There is one income group only" in said
    assert "There is one zone only" in said
    assert "By income group" not in said


def test_csv_holds_every_line_once_and_notes_go_to_the_error_stream(tmp_path: Path, capsys: Said) -> None:
    poverty(counted(small_city(tmp_path / "littleton")), as_csv=True, spread=0.0)
    out, told = capsys.readouterr()
    (tmp_path / "said.csv").write_text(out, encoding="utf-8")
    table = pd.read_csv(tmp_path / "said.csv", dtype=str, keep_default_na=False)
    assert not table.duplicated(["table", "indicator", "zone", "group", "tenure"]).any()
    assert set(table["table"]) == {"city", "group", "zone"}
    assert (table.loc[table["table"] == "group", "group_name"] != "").all()
    assert "What homes spend is" in told
    unknown = table[table["status"] != ""]
    assert len(unknown) > 0
    assert set(unknown["value"]) == {""}


def test_files_hold_what_the_screen_says(tmp_path: Path, capsys: Said) -> None:
    out = tmp_path / "out"
    poverty(counted(small_city(tmp_path / "littleton")), out=out)
    assert "poverty.csv" in capsys.readouterr().out
    table = pd.read_csv(out / "poverty.csv")
    city = table[(table["table"] == "city") & (table["indicator"] == "gap6")]["value"].iloc[0]
    groups = table[(table["table"] == "group") & (table["indicator"] == "gap6")]["value"].sum()
    assert groups == pytest.approx(city)
    notes = (out / "poverty_notes.txt").read_text(encoding="utf-8")
    assert notes.startswith("Energy poverty in Littleton, 2020\nDemonstration on public data")
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="is a file, not a folder"):
        poverty(tmp_path / "littleton", out=tmp_path / "file")


@pytest.mark.parametrize("rows", [rows_2018, rows_2022], ids=["2018", "2022"])
def test_a_lead_file_needs_no_city(rows: object, tmp_path: Path, capsys: Said) -> None:
    path = write(tmp_path / "AL FPL Census Tracts.csv", rows())  # type: ignore[operator]
    poverty(None, lead=path, county="01001", out=tmp_path / "out")
    said = words(capsys.readouterr().out)
    assert f"Every figure here is {LABEL}." in said
    assert "400 homes" in said
    assert "bands of the federal poverty level" in said
    assert "DOE's own ratio for these homes" in said
    assert "TPR, Homes that would need more than 10 % of income to be warm and lit: not known" in said
    written = sorted(p.name for p in (tmp_path / "out" / "lead_rows").iterdir())
    assert written == ["energy.csv", "people.csv", "seed.csv", "sources.csv"]


def test_lead_tracts_become_zones(tmp_path: Path, capsys: Said) -> None:
    path = write(tmp_path / "x.csv", rows_2022())
    tracts = tmp_path / "tracts.csv"
    tracts.write_text("tract,zone\n1001020100,North\n1001020200,Centre\n1003010100,South\n", encoding="utf-8")
    poverty(None, lead=path, tracts=tracts, by=["zone"])
    said = words(capsys.readouterr().out)
    assert "406 homes" in said
    assert "North" in said
    assert "South" not in said, "five homes are too few to be printed on their own"
    assert f"{MERGED} " in said
    tracts.write_text("tract,zone\n1001020100,North\n1003010100,South\n", encoding="utf-8")
    poverty(None, lead=path, tracts=tracts, by=["zone"])
    said = words(capsys.readouterr().out)
    assert "By zone" not in said, "the city less North would be South"
    assert "Too few homes" in said


def test_small_lines_are_merged_and_sums_stay() -> None:
    cells = cells_of(8)
    few = pd.DataFrame([("Z3", "low", "owner", 4.0), ("Z4", "low", "renter", 3.0)], columns=cells.columns[:4])
    cells = pd.concat([cells, few.assign(income=20_000.0, energy=1500.0)], ignore_index=True)
    shown = small_merged(cells, "zone")
    count = shown.groupby("zone")["homes"].sum()
    assert (count >= 10).all()
    assert MERGED in count.index
    assert {"Z3", "Z4"}.isdisjoint(count.index)
    tables, said = tables_of(homes_of(cells), ("zone",), 0.5)
    gap = tables["zone"][tables["zone"]["indicator"] == "gap6"]["value"].sum()
    assert gap == pytest.approx(tables["city"].set_index("indicator")["value"]["gap6"])
    assert any(MERGED in line for line in said)
    with pytest.raises(InputError, match="fewer than 10 homes"):
        tables_of(homes_of(cells[cells["zone"].isin(["Z3", "Z4"])]), ("zone",), 0.5)


def test_breakdowns_count_against_the_citys_medians() -> None:
    cells = cells_of(8)
    tables, _ = tables_of(homes_of(cells), ("group",), 0.5)
    parts = tables["group"][tables["group"]["indicator"] == "2M"]
    assert np.average(parts["value"], weights=parts["homes"]) == pytest.approx(
        indicators(cells, 0.5).set_index("indicator")["value"]["2M"]
    )


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"city": None}, "no city is given"),
        ({"city": Path("cities/bostn")}, "no such folder or file"),
        ({"city": Path("."), "by": ["street"]}, "'street' is not known"),
        ({"city": Path("."), "spread": -1.0}, "is not between 0 and 3"),
        ({"city": Path("."), "county": "25025"}, "goes with --lead only"),
        ({"city": None, "lead": Path("none.csv")}, "no such file"),
    ],
)
def test_bad_calls_are_sentences(given: dict[str, object], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        poverty(**given)  # type: ignore[arg-type]


def test_a_city_without_incomes_says_what_to_add(tmp_path: Path) -> None:
    folder = small_city(tmp_path / "littleton")
    rewrite(folder / "people.csv", lambda r: r)
    rows = pd.read_csv(folder / "people.csv", dtype=str, keep_default_na=False)
    rows[rows["variable"] != "household_income"].to_csv(folder / "people.csv", index=False)
    with pytest.raises(InputError, match="no income of homes is known"):
        poverty(folder)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(0.30465, "share of homes", "30 %"), (0.0, "share of homes", "0 %"), (0.0004, "share of homes", "under 0.1 %"),
     (1.0756e8, "USD of 2024/year", "USD 108 million"), (4000.0, "USD/year", "USD 4,000"), (25.0, "K h/year", "25")],
)  # fmt: skip
def test_values_are_written_in_few_digits(value: float, unit: str, text: str) -> None:
    assert value_text(value, unit) == text
