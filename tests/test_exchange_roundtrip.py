"""What is written reads back the same, and what a format cannot hold is refused, not dropped."""

import string
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mutirao.city.exchange import (
    citycatalyst_losses,
    detect,
    ecrf3_losses,
    read_any,
    read_citycatalyst,
    read_ecrf3,
    read_tidy,
    write_citycatalyst,
    write_ecrf3,
    write_tidy_csv,
    write_tidy_xlsx,
)
from mutirao.city.exchange.sheets import read_sheets, write_workbook
from mutirao.city.gpc import REFERENCES
from mutirao.city.gwp import GASES
from mutirao.city.inventory import Inventory, Row
from mutirao.ground.findings import InputError

FILES = Path(__file__).parent / "files" / "inventory"

_words = st.text(string.ascii_letters + string.digits + " ,;\"'=+-()éã²", max_size=12).map(str.strip)
_figures = st.one_of(st.just(0.0), st.floats(-1e9, 1e9).filter(lambda v: v == 0 or abs(v) > 1e-6))
_refs = st.sampled_from(list(REFERENCES))
_pointer = st.lists(_refs, unique=True, max_size=2).map(
    lambda refs: "; ".join(ref for ref in REFERENCES if ref in refs)
)
_quality = st.sampled_from(["", "H", "M", "L"])


@st.composite
def _rows(draw: st.DrawFn, gases: tuple[str, ...], full: bool) -> tuple[Row, ...]:
    """Rows an inventory may hold: one per year, reference, carrier and gas, free of errors."""
    rows: list[Row] = []
    cells = draw(
        st.lists(
            st.tuples(st.sampled_from([2018, 2019]) if full else st.just(2019), _refs),
            unique=True,
            max_size=6,
        )
    )
    for year, ref in cells:
        held = draw(st.sampled_from(["figure", "gases", "key", "blank"]))
        chosen = draw(st.lists(st.sampled_from(gases), unique=True, min_size=1)) if held == "gases" else [""]
        keys = tuple(draw(st.lists(st.sampled_from(["IE", "NE", "C"]), unique=True))) if held != "blank" else ()
        pointer = draw(_pointer) if "IE" in keys else ""
        pointer = "; ".join(p for p in pointer.split("; ") if p != ref)
        carrier, source = draw(_words), draw(_words)
        qualities = (draw(_quality), draw(_quality)) if full else ("", "")
        activity, unit = draw(st.one_of(st.none(), _figures)), draw(_words)
        factor_unit, explanation = draw(_words), draw(_words) if full else ""
        for gas in chosen:
            value = draw(_figures) if held in ("figure", "gases") else None
            has_factor = value is not None and (full or gas in ("CO2", "CH4", "N2O"))
            rows.append(
                Row(
                    year=year,
                    gpc=ref,
                    carrier=carrier,
                    gas=gas,
                    value=value,
                    notation=keys,
                    pointer=pointer,
                    quality_activity=qualities[0],
                    quality_factor=qualities[1],
                    source=source,
                    explanation=explanation,
                    activity=activity,
                    activity_unit=unit,
                    factor=draw(st.one_of(st.none(), _figures)) if has_factor else None,
                    factor_unit=factor_unit,
                )
            )
    return tuple(rows)


def _sorted(inventory: Inventory) -> list[Row]:
    return sorted(inventory.rows, key=lambda row: row.key)


@settings(max_examples=60, deadline=None)
@given(_rows(("CO2", "CH4", "N2O"), full=True), st.sampled_from(["", "AR5-100", "AR6-20"]))
def test_ecrf3_reads_back(rows: tuple[Row, ...], gwp: str) -> None:
    inventory = Inventory(rows, gwp if any(row.value is not None for row in rows) else "")
    assert ecrf3_losses(inventory) == []
    with TemporaryDirectory() as folder:
        path = Path(folder) / "crf.xlsx"
        write_ecrf3(inventory, path, "São Paulo")
        if not rows:
            return
        done = read_ecrf3(path)
        assert list(done.inventories) == ["São Paulo"]
        assert _sorted(done.inventory) == _sorted(inventory)
        assert done.inventory.gwp == inventory.gwp


@settings(max_examples=60, deadline=None)
@given(_rows(("CO2", "CH4", "N2O"), full=False))
def test_citycatalyst_reads_back(rows: tuple[Row, ...]) -> None:
    inventory = Inventory(rows)
    assert citycatalyst_losses(inventory) == []
    if not rows:
        return
    with TemporaryDirectory() as folder:
        path = Path(folder) / "aldeia_2019.csv"
        write_citycatalyst(inventory, path)
        assert detect(path) == "citycatalyst"
        assert _sorted(read_citycatalyst(path, 2019).inventory) == _sorted(inventory)


@settings(max_examples=40, deadline=None)
@given(_rows((*GASES, "HFCs"), full=True), st.sampled_from([".csv", ".xlsx"]))
def test_our_own_table_loses_nothing(rows: tuple[Row, ...], kind: str) -> None:
    inventory = Inventory(rows)
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"inventory{kind}"
        write = write_tidy_csv if kind == ".csv" else write_tidy_xlsx
        write(inventory, path)
        assert detect(path) == "tidy"
        assert read_tidy(path).inventory == inventory


@pytest.mark.parametrize("name", ["ecrf3.csv", "ecrf2.csv", "citycatalyst_2021.csv"])
@pytest.mark.parametrize("kind", ["tidy.csv", "tidy.xlsx", "crf.xlsx"])
def test_import_export_import_is_the_identity(name: str, kind: str, tmp_path: Path) -> None:
    first = read_any(FILES / name, year=2019, gwp="AR5-100").inventory
    path = tmp_path / kind
    if kind == "tidy.csv":
        write_tidy_csv(first, path)
    elif kind == "tidy.xlsx":
        write_tidy_xlsx(first, path)
    else:
        write_ecrf3(first, path)
    again = read_any(path).inventory
    assert _sorted(again.stated()) == _sorted(first.stated())
    assert again.totals(2019) == first.totals(2019)


@pytest.mark.parametrize("city", ["Aldeia", "Vila"])
def test_c40_import_export_import(city: str, tmp_path: Path) -> None:
    first = read_any(FILES / "c40_wide.csv").of(city)
    write_ecrf3(first, tmp_path / "c.xlsx", city)
    assert _sorted(read_any(tmp_path / "c.xlsx").of(city)) == _sorted(first)
    write_tidy_csv(first, tmp_path / "c.csv")
    assert read_any(tmp_path / "c.csv").inventory == first


def _refused(row: Row, *more: Row) -> str:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "out.csv"
        with pytest.raises(InputError) as refused:
            write_citycatalyst(Inventory((row, *more)), path)
        assert not path.exists()
        write_citycatalyst(Inventory((row, *more)), path, allow_loss=True)
        assert path.exists()
    return str(refused.value)


def test_what_citycatalyst_cannot_hold_is_listed_before_anything_is_written() -> None:
    row = Row(2019, "I.1.1", value=1.0)
    assert "data quality: 1 of 1 rows" in _refused(Row(2019, "I.1.1", value=1.0, quality_factor="H"))
    assert "explanations" in _refused(Row(2019, "I.1.3", notation=("NE",), explanation="no data"))
    assert "GWP set" in _refused(Row(2019, "I.1.1", value=1.0, gwp="AR5-100"))
    assert "more than one year (left out: 2020)" in _refused(row, Row(2020, "I.1.1", value=1.0))
    assert "biogenic" in _refused(row, Row(2019, "I.1.1", "wood", "CO2 biogenic", 5.0))
    assert "name of the gas" in _refused(Row(2019, "IV.2", gas="SF6", value=5.0))
    assert "method" in _refused(Row(2019, "I.1.1", value=1.0, method="measured"))


def test_ecrf3_refuses_two_gwp_sets_and_says_when_tonnes_become_co2e(tmp_path: Path) -> None:
    mixed = Inventory((Row(2019, "I.1.1", value=1.0, gwp="AR4-100"), Row(2019, "I.2.1", value=1.0, gwp="AR5-100")))
    with pytest.raises(InputError, match="more than one GWP set"):
        write_ecrf3(mixed, tmp_path / "x.xlsx")
    methane = Inventory((Row(2019, "III.1.1", gas="CH4", value=10.0, unit="t"),), gwp="AR5-100")
    with pytest.raises(InputError, match="tonnes of a gas, written as t CO2e"):
        write_ecrf3(methane, tmp_path / "x.xlsx")
    write_ecrf3(methane, tmp_path / "x.xlsx", allow_loss=True)
    read = read_ecrf3(tmp_path / "x.xlsx").inventory
    assert (read.rows[0].value, read.rows[0].gas, read.total(2019, "BASIC")) == (280.0, "CH4", 280.0)
    with pytest.raises(InputError, match="State one GWP set"):
        write_ecrf3(Inventory(methane.rows), tmp_path / "y.xlsx", allow_loss=True)


def test_a_landfill_figure_is_in_the_exported_sheet(tmp_path: Path) -> None:
    """A template in use elsewhere drops III.1.1 and IV.1 and shows II.4.2 for II.5.2."""
    rows = tuple(Row(2019, ref, value=float(i) + 0.125) for i, ref in enumerate(REFERENCES, start=1))
    write_ecrf3(Inventory(rows), tmp_path / "all.xlsx")
    assert read_ecrf3(tmp_path / "all.xlsx").inventory.rows == rows


def test_workbooks_keep_every_digit_and_text_as_text(tmp_path: Path) -> None:
    figures = [0.1 + 0.2, 1 / 3, 123456789.12345678, 17499.157499999997, 5e-324]
    write_workbook(tmp_path / "w.xlsx", {"A": [figures, ["=1+1", "0012", "TRUE", None, "é"]]})
    rows = read_sheets(tmp_path / "w.xlsx")[0].rows
    assert [float(text) for text in rows[0]] == figures
    assert rows[1] == ["=1+1", "0012", "TRUE", "", "é"]


def test_the_workbook_shows_totals_or_why_there_are_none(tmp_path: Path) -> None:
    rows = (Row(2019, "I.1.1", value=5.0), Row(2020, "I.1.1", value=5.0, gwp="AR4-100"))
    write_tidy_xlsx(Inventory(rows), tmp_path / "t.xlsx")
    totals = next(s for s in read_sheets(tmp_path / "t.xlsx") if s.name == "Totals").rows
    assert totals[1][:2] == ["2019", "5"]
    assert totals[2][1] == ""
    assert "AR4-100" in totals[2][-1]


def test_a_broken_workbook_is_one_clear_sentence(tmp_path: Path) -> None:
    path = tmp_path / "b.xlsx"
    path.write_bytes(b"PK\x03\x04 not really")
    with pytest.raises(InputError, match=r"b\.xlsx: the workbook cannot be read"):
        detect(path)
