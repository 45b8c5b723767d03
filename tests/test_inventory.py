"""The inventory: keys, totals against published cases, GWP sets, checks, and its file."""

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mutirao.city.exchange import read_long
from mutirao.city.gpc import REFERENCES, Level
from mutirao.city.inventory import (
    Inventory,
    PublishedTotal,
    Row,
    compare,
    read_inventory,
    write_inventory,
)
from mutirao.city.notation import KEYS, Notation, format_notation, parse_notation
from mutirao.ground.findings import InputError
from mutirao.ground.tables import read_table

SHARED = Path(__file__).parents[1] / ".." / "shared" / "data" / "alliance"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared development data are not here")

# Copenhagen 2018, C40 dashboard data of 30.05.2023 (reported through the CDP-ICLEI system), t CO2e
COPENHAGEN = {
    "I.1.1": 20260.645,
    "I.1.2": 372522.57,
    "I.2.1": 2656,
    "I.2.2": 457487.945,
    "I.3.1": 8221.8,
    "I.3.2": 63885.378,
    "I.4.2": 20401.221,
    "I.4.4": 1561444.59,
    "I.5.2": 58.87,
    "II.1.1": 362410.48,
    "II.2.1": 3349.1,
    "II.2.2": 19109.179,
    "II.3.1": 71700,
    "II.4.3": 14700,
    "II.5.1": 76793,
    "III.1.2": 750,
    "III.4.1": 20351,
    "IV.1": 3439,
    "IV.2": 52398,
    "V.2": -2612.079,
    "V.3": 34,
}
PUBLISHED: dict[tuple[str, int], dict[Level, float]] = {
    ("Copenhagen", 2018): {"BASIC": 1499957.19, "BASIC+": 1567916.11, "TERRITORIAL": 2180445.54},
    ("Stockholm", 2020): {
        "BASIC": 1249423.58,
        "BASIC+": 1280609.48,
        "BASIC+S3": 1678405.88,
        "TERRITORIAL": 1002748.80,
    },
    ("Oslo", 2019): {"BASIC": 1407128, "BASIC+": 1430786, "TERRITORIAL": 1274127},
    ("London", 2018): {"BASIC": 33788904, "BASIC+": 37497128, "TERRITORIAL": 22446029},
    ("Paris", 2018): {"BASIC": 5550663.01, "BASIC+": 7139826.96, "TERRITORIAL": 3562044.32},
    ("Rio de Janeiro", 2017): {"BASIC": 14995980.80, "BASIC+": 20522819.76, "TERRITORIAL": 19148184.89},
    ("Portland", 2019): {"BASIC": 7350602, "BASIC+": 7518271, "TERRITORIAL": 5228981},
    ("Yokohama", 2019): {"BASIC": 15357996, "BASIC+": 19563706, "TERRITORIAL": 6835192},
}


def _copenhagen() -> Inventory:
    rows = [Row(2018, ref, value=float(value)) for ref, value in COPENHAGEN.items()]
    unknown = ["II.1.3", "II.2.3", "II.3.3", "II.5.3", "VI.1"]
    elsewhere = [f"I.{x}.3" for x in range(1, 7)] + ["I.6.2", "II.1.2", "II.3.2", "II.5.2"]
    elsewhere += ["III.3.1", "III.3.2", "III.3.3"]
    rows += [Row(2018, ref, notation=("NE",)) for ref in unknown]
    rows += [Row(2018, ref, notation=("IE",)) for ref in elsewhere]
    rest = set(REFERENCES) - {row.gpc for row in rows}
    rows += [Row(2018, ref, notation=("NO",)) for ref in sorted(rest)]
    return Inventory(tuple(rows))


def test_copenhagen_to_the_last_digit() -> None:
    inventory = _copenhagen()
    for level, value in PUBLISHED["Copenhagen", 2018].items():
        assert round(inventory.total(2018, level), 2) == value
    published = [PublishedTotal("Copenhagen", 2018, k, v) for k, v in PUBLISHED["Copenhagen", 2018].items()]
    assert compare(inventory, published, tolerance=0.01) == []
    assert not [f for f in inventory.check() if f.level == "error"]


def test_completeness_counts_figures_keys_and_gaps() -> None:
    inventory = _copenhagen()
    basic = inventory.completeness(2018)
    assert (basic.required, len(basic.numbers), basic.share) == (32, 15, 1.0)
    plus = inventory.completeness(2018, "BASIC+")
    assert plus.unexplained == ("II.1.3", "II.2.3", "II.3.3", "II.5.3")
    cut = Inventory(tuple(row for row in inventory.rows if row.gpc != "III.4.1"))
    assert cut.completeness(2018).missing == ("III.4.1",)
    assert cut.completeness(2018).share == 31 / 32


@needs_shared
@pytest.mark.parametrize(("city", "year"), list(PUBLISHED))
def test_published_totals_are_the_sums_of_their_parts(city: str, year: int) -> None:
    everything = read_long(SHARED / "gpc_inventories.csv").inventories
    if city not in everything or year not in everything[city].years:
        pytest.skip(f"the shared table has no parts for {city} {year}")
    totals = everything[city].totals(year)
    for level, value in PUBLISHED[city, year].items():
        assert totals[level] == pytest.approx(value, abs=0.51 if value == round(value) else 0.006)


@needs_shared
def test_every_gpc_total_of_the_alliance_is_the_sum_of_its_parts() -> None:
    everything = read_long(SHARED / "gpc_inventories.csv").inventories
    # BASIC is what the table of totals holds for every city, also for those that report BASIC+
    totals = read_table(SHARED / "city_totals.csv")
    checked = 0
    for line in totals[totals["scope"].str.startswith("GPC BASIC (scopes 1+2")].to_dict("records"):
        total = PublishedTotal(line["city"], int(line["year"]), "BASIC", float(line["total_t_co2e"]))
        assert compare(everything[total.city], [total], tolerance=0.51) == []
        checked += 1
    assert checked == 93


@needs_shared
def test_boston_2019() -> None:
    boston = read_long(SHARED / "gpc_inventories.csv").of("Boston")
    assert round(boston.total(2019, "BASIC")) == 6192460


def test_a_total_that_is_not_the_sum_of_its_parts_is_never_passed_over() -> None:
    # Houston 2020 publishes 39,841,930 t while its parts sum to 30,050,613 t (C40 dashboard, 2023)
    parts = Inventory((Row(2020, "I.1.1", value=30_000_000.0), Row(2020, "II.1.1", value=50_613.0)))
    found = compare(parts, [PublishedTotal("Houston", 2020, "BASIC", 39_841_930.0)])
    assert [f.level for f in found] == ["error"]
    assert all(text in str(found[0]) for text in ("Houston 2020", "39,841,930", "30,050,613", "9,791,317"))
    assert compare(parts, [PublishedTotal("Houston", 2020, "BASIC", 30_050_613.4)]) == []
    missing = compare(parts, [PublishedTotal("Houston", 2019, "BASIC", 1.0)])
    assert "no rows for 2019" in str(missing[0])


def test_blank_zero_and_key_are_three_states() -> None:
    rows = (
        Row(2020, "I.1.1"),
        Row(2020, "I.2.1", value=0.0),
        Row(2020, "I.3.1", notation=("NO",)),
        Row(2020, "I.5.1", value=0.0, notation=("NO",)),
    )
    inventory = Inventory(rows)
    assert inventory.cells(2020) == {("I.2.1", ""): 0.0, ("I.5.1", ""): 0.0}
    done = inventory.completeness(2020)
    assert done.numbers == ("I.2.1", "I.5.1")
    assert done.keys == ("I.3.1",)
    assert "I.1.1" in done.missing
    assert [f.what for f in inventory.check() if f.level == "error"] == []
    assert any("neither a figure nor a notation key" in f.what for f in inventory.check())


def test_a_year_that_is_not_reported_is_never_filled() -> None:
    inventory = Inventory((Row(2018, "I.1.1", value=1.0), Row(2020, "I.1.1", value=1.0)))
    with pytest.raises(InputError, match="no rows for 2019"):
        inventory.total(2019, "BASIC")


def test_cells_by_carrier_and_gas() -> None:
    inventory = Inventory(
        (
            Row(2020, "II.1.1", "diesel", "CO2", 100.0, "t"),
            Row(2020, "II.1.1", "diesel", "CH4", 2.0, "t"),
            Row(2020, "I.1.1", "gas", "CH4", 25.0, "t CO2e", gwp="AR4-100"),
            Row(2020, "I.1.1", "wood", "CO2 biogenic", 999.0, "t"),
        )
    )
    assert inventory.cells(2020) == {("I.1.1", "gas"): 28.0, ("II.1.1", "diesel"): 156.0}
    assert inventory.cells(2020, "AR4-100") == {("I.1.1", "gas"): 25.0, ("II.1.1", "diesel"): 150.0}
    with pytest.raises(InputError, match="no confirmed value"):
        inventory.cells(2020, "AR5-20")


def test_co2e_figures_are_never_rebased_nor_mixed() -> None:
    fixed = Row(2020, "I.1.2", value=10.0, gwp="AR4-100", row=2)
    other = Row(2020, "I.2.2", value=10.0, gwp="AR5-100", row=3)
    assert Inventory((fixed,)).cells(2020, "AR4-100") == {("I.1.2", ""): 10.0}
    with pytest.raises(InputError, match=r"row 2, column 'gwp': 2020 I\.1\.2"):
        Inventory((fixed,)).cells(2020, "AR5-100")
    for gwp in ("AR4-100", "AR5-100"):
        with pytest.raises(InputError):
            Inventory((fixed, other)).cells(2020, gwp)
    assert any(f.level == "error" and "among figures" in f.what for f in Inventory((fixed, other)).check())
    unnamed = Row(2020, "I.3.2", value=1.0)
    assert Inventory((unnamed,)).total(2020, "BASIC") == 1.0
    assert Inventory((unnamed, other), gwp="AR5-100").total(2020, "BASIC") == 11.0
    with pytest.raises(InputError, match="not stated"):
        Inventory((unnamed, other)).total(2020, "BASIC")
    with pytest.raises(InputError, match="not stated"):
        Inventory((unnamed, Row(2020, "I.1.1", "gas", "CH4", 1.0, "t"))).total(2020, "BASIC")


def test_a_conflict_outside_a_total_does_not_stop_it() -> None:
    rows = (Row(2020, "I.1.2", value=10.0, gwp="AR5-100"), Row(2020, "VI.1", value=1.0, gwp="AR4-100"))
    assert Inventory(rows).total(2020, "BASIC+") == 10.0
    with pytest.raises(InputError):
        Inventory(rows).total(2020, "BASIC+S3")


def test_a_grid_figure_is_not_split_into_gases_and_put_together_with_other_potentials() -> None:
    # splitting CO2e 80/15/5 with AR6 29.8/273 and adding up with AR5 28/265 loses 1.05 % of all scope 2
    recombined = 0.80 + 0.15 * 28 / 29.8 + 0.05 * 265 / 273
    assert recombined == pytest.approx(0.98947, abs=5e-6)
    grid = Row(2020, "I.1.2", "electricity", value=123456.789, gwp="AR6-100")
    assert Inventory((grid,)).total(2020, "BASIC", "AR6-100") == 123456.789
    with pytest.raises(InputError, match="cannot be turned into AR5-100"):
        Inventory((grid,)).total(2020, "BASIC", "AR5-100")


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (Row(2020, "I.1.1", value=5.0, notation=("NO",)), "beside the key NO"),
        (Row(2020, "I.63", value=5.0), "near: I.6.3"),
        (Row(2020, "I.1.1", gas="CH5", value=5.0), "gas 'CH5' is not known"),
        (Row(2020, "I.1.1", value=5.0, unit="kt"), "unit 'kt'"),
        (Row(2020, "I.1.1", value=5.0, unit="t"), "without the name of a gas"),
        (Row(2020, "I.1.1", notation=("IE",), pointer="I.1.1"), "points to itself"),
        (Row(2020, "I.1.1", value=5.0, gwp="AR5"), "not a GWP set"),
        (Row(2020, "I.1.1", value=5.0, quality_factor="A"), "not a quality"),
        (Row(2020, "I.1.1", value=5.0, method="guess"), "not a method"),
        (Row(20, "I.1.1", value=5.0), "out of range"),
    ],
)
def test_errors_of_a_row(row: Row, says: str) -> None:
    assert any(says in f.what for f in Inventory((row,)).check() if f.level == "error")


def _what(*rows: Row, level: str) -> str:
    return " | ".join(f.what for f in Inventory(rows, gwp="AR5-100").check() if f.level == level)


def test_double_counting_is_an_error() -> None:
    total, part = Row(2020, "I.1.1", value=10.0), Row(2020, "I.1.1", "gas", value=4.0)
    assert "stands beside figures for gas" in _what(total, part, level="error")
    assert "more than once" in _what(total, Row(2020, "I.1.1", value=11.0), level="error")
    gas = Row(2020, "I.1.1", gas="CH4", value=4.0)
    assert "CO2e figure stands beside figures for CH4" in _what(total, gas, level="error")
    assert _what(Row(2020, "IV.2", gas="HFCs", value=1.0), Row(2020, "IV.2", gas="SF6", value=2.0), level="error") == ""


def test_slips_that_can_be_seen_from_the_inventory_alone() -> None:
    assert "negative" in _what(Row(2020, "I.1.1", value=-4.0), level="note")
    assert "negative" not in _what(Row(2020, "V.2", value=-4.0), level="note")
    assert "equals the year" in _what(Row(2020, "I.1.1", value=2020.0), level="note")
    copied = (Row(2020, "I.1.1", value=12345.6), Row(2020, "I.2.1", value=12345.6))
    assert "is also that of I.1.1" in _what(*copied, level="note")
    kilos = (Row(2019, "I.1.1", value=345.6), Row(2020, "I.1.1", value=350000.1))
    assert "a factor of 1,013" in _what(*kilos, level="note")
    carried = (Row(2019, "I.1.1", value=345.67), Row(2020, "I.1.1", value=345.67))
    assert "exactly the figure of 2019" in _what(*carried, level="note")
    lost = Row(2020, "I.3.2", notation=("IE",), pointer="I.2.2")
    assert "which has no figure" in _what(lost, level="note")
    assert "where is not said" in _what(Row(2020, "I.3.2", notation=("IE",)), level="note")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Notation()),
        ("NO", Notation(("NO",))),
        ("no; ie", Notation(("NO", "IE"))),
        ("NE; NE", Notation(("NE",))),
        ("IE (II.1.1)", Notation(("IE",), "II.1.1")),
        ("IE (ii.1.1, I.2.1)", Notation(("IE",), "I.2.1; II.1.1")),
        ("Included elsewhere (see landfill)", Notation(("IE",), "", "see landfill")),
    ],
)
def test_notation_cells(text: str, expected: Notation) -> None:
    assert parse_notation(text) == expected


@pytest.mark.parametrize("text", ["NA", "N/A", "X", "NO NE", "12"])
def test_notation_is_asked_for_not_guessed(text: str) -> None:
    with pytest.raises(ValueError, match="notation key"):
        parse_notation(text)


keys = st.lists(st.sampled_from(sorted(KEYS)), unique=True, max_size=4).map(tuple)
pointers = st.lists(st.sampled_from(list(REFERENCES)), unique=True, max_size=3).map(
    lambda refs: "; ".join(ref for ref in REFERENCES if ref in refs)
)


@given(keys, pointers)
def test_notation_reads_back(given_keys: tuple[str, ...], pointer: str) -> None:
    assert parse_notation(format_notation(given_keys, pointer)) == Notation(given_keys, pointer)


@given(st.lists(st.floats(-1e9, 1e9), min_size=len(REFERENCES), max_size=len(REFERENCES)))
def test_totals_are_additive_and_nested(values: list[float]) -> None:
    inventory = Inventory(tuple(Row(2020, ref, value=value) for ref, value in zip(REFERENCES, values, strict=True)))
    totals = inventory.totals(2020)
    cells = inventory.cells(2020)
    assert totals["BASIC+S3"] == pytest.approx(totals["BASIC+"] + cells["VI.1", ""], abs=1e-3)
    beyond = math.fsum(cells[r, ""] for r in ("I.4.4", "III.1.3", "III.2.3", "III.3.3", "III.4.3"))
    assert math.fsum(cells.values()) == pytest.approx(totals["BASIC+S3"] + beyond, abs=1e-3)


HEADER = (
    "year,gpc,carrier,gas,value,unit,notation,pointer,quality_activity,quality_factor,gwp,method,source,explanation\n"
)


def test_the_file_is_read_as_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "inventory.csv"
    path.write_text(
        HEADER
        + "2019,I.1.1,natural gas,CO2,700000.5,t,,,H,M,AR5-100,measured,bos,\n"
        + "2019,I.1.3,,,,,NE,,,,,,,no loss factor\n"
        + "2019,II.1.2,,,0,t CO2e,NO; IE,II.1.1,,,,,,\n"
    )
    inventory = read_inventory(path)
    assert [row.notation for row in inventory.rows] == [(), ("NE",), ("NO", "IE")]
    assert inventory.rows[2].pointer == "II.1.1"
    assert [row.row for row in inventory.rows] == [2, 3, 4]
    again = tmp_path / "again.csv"
    write_inventory(inventory, again)
    assert read_inventory(again) == inventory


def test_every_error_of_a_file_comes_at_once_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "inventory.csv"
    path.write_text(
        HEADER
        + '2019,I.1.1,,,"1,5",t CO2e,,,,,,,,\n'
        + "2019,I.2.1,,,7,t CO2e,NO,,,,,,,\n"
        + "20x9,I.3.1,,,7,t CO2e,,,,,,,,\n"
        + "2019,I.5.1,,,,,XX,,,,,,,\n"
        + "2019,I.6.1,,,,,IE,II.9,,,,,,\n"
    )
    with pytest.raises(InputError) as refused:
        read_inventory(path)
    places = {(f.row, f.column) for f in refused.value.findings}
    assert places == {(2, "value"), (3, "notation"), (4, "year"), (5, "notation"), (6, "notation")}
