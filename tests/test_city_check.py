"""Every way in which a folder can be wrong is found, at its file, row and column, with how to mend it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mutirao.city.check import check
from mutirao.city.folder import read_city
from mutirao.ground.findings import Finding, InputError
from tests.cities import FACT_HEADER, MEASURES, VARIABLES, small_city

Change = Callable[[Path], object]


def line(name: str, row: int, old: str, new: str) -> Change:
    """Change text in one row of a table (the header is row 1)."""

    def change(path: Path) -> None:
        lines = (path / name).read_text(encoding="utf-8").split("\n")
        assert old in lines[row - 1], lines[row - 1]
        lines[row - 1] = lines[row - 1].replace(old, new, 1)
        (path / name).write_text("\n".join(lines), encoding="utf-8")

    return change


def add(name: str, *rows: str) -> Change:
    """Add rows at the end of a table."""

    def change(path: Path) -> None:
        with (path / name).open("a", encoding="utf-8") as stream:
            stream.writelines(row + "\n" for row in rows)

    return change


def swap(name: str, old: str, new: str) -> Change:
    """Change text anywhere in a file."""

    def change(path: Path) -> None:
        text = (path / name).read_text(encoding="utf-8")
        assert old in text
        (path / name).write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def drop(name: str) -> Callable[[Path], Path]:
    """Delete a file."""

    def change(path: Path) -> Path:
        (path / name).unlink()
        return path

    return change


def cut(name: str, row: int) -> Change:
    """Delete one row of a table."""

    def change(path: Path) -> None:
        lines = (path / name).read_text(encoding="utf-8").split("\n")
        (path / name).write_text("\n".join(lines[: row - 1] + lines[row:]), encoding="utf-8")

    return change


def parameter(row: str) -> Change:
    """Write parameters.csv with one row."""
    header = "name,value,low,high,unit,price_year,kind,source,note"
    return lambda path: (path / "parameters.csv").write_text(f"{header}\n{row}\n", encoding="utf-8")


def undesignated(path: Path) -> Path:
    """Delete the section [designation], the last one of the file."""
    text = (path / "city.toml").read_text(encoding="utf-8")
    (path / "city.toml").write_text(text[: text.index("[designation]")], encoding="utf-8")
    return path


def bytes_at(name: str, data: bytes) -> Change:
    def change(path: Path) -> None:
        with (path / name).open("ab") as stream:
            stream.write(data)

    return change


def assert_found(path: Path, case: tuple[Change, str, int | None, str, str, str, str]) -> None:
    """Change a good folder and find the fault at its place; an error refuses the folder, a note does not."""
    change, file, row, column, what, mend, level = case
    change(path)
    before = {f.name: f.read_bytes() for f in path.iterdir()}
    findings = check(path, VARIABLES, MEASURES)
    here = [f for f in findings if (f.file, f.row, f.column) == (file, row, column)]
    assert any(what in f.what and mend in f.mend and f.level == level for f in here), _show(findings)
    assert findings == sorted(findings, key=lambda f: (f.file, f.row or 0, f.column, f.level, f.what))
    if level == "error":
        with pytest.raises(InputError) as refused:
            read_city(path, VARIABLES)
        assert any(f in here for f in refused.value.findings)
        assert all(f.level == "error" for f in refused.value.findings)
    else:
        read_city(path, VARIABLES)
    assert {f.name: f.read_bytes() for f in path.iterdir()} == before


# In people.csv of the small city: 2 population Z1, 3 households Z1, 4 owners, 5 renters, 6 households Z1 G1,
# 7 income Z1 G1, 8 and 9 the same for G2, 10 to 18 what homes of Z1 live with; 19 to 35 for Z2.
CASES: dict[str, tuple[Change, str, int | None, str, str, str, str]] = {
    # name: change, file, row, column, words of what, words of mend, level
    "unknown variable": (
        line("people.csv", 2, "population", "popluation"),
        "people.csv", 2, "variable", "no variable is called 'popluation'", "Did you mean 'population'?", "error",
    ),
    "wrong unit": (
        line("land.csv", 2, "km2", "ha"),
        "land.csv", 2, "unit", "given in 'ha'", "write 'km2'", "error",
    ),
    "another currency": (
        line("energy.csv", 2, "USD/kWh", "EUR/kWh"),
        "energy.csv", 2, "unit", "given in 'EUR/kWh'", "write 'USD/kWh'", "error",
    ),
    "duplicate": (
        add("people.csv", "Z1,,population,people,2020,5,,,assumed,made-up"),
        "people.csv", 36, "variable", "already in people.csv row 2", "Keep one", "error",
    ),
    "not a number": (
        line("people.csv", 2, "20000.0", "NaN"),
        "people.csv", 2, "value", "'NaN' is not a figure", "Leave the cell blank", "error",
    ),
    "words for a number": (
        line("people.csv", 2, "20000.0", "many"),
        "people.csv", 2, "value", "'many' is not a number", "Write a number", "error",
    ),
    "decimal comma": (
        line("land.csv", 2, "4.0", '"4,5"'),
        "land.csv", 2, "value", "'4,5' has a decimal comma", "Write 4.5", "error",
    ),
    "thousands": (
        line("people.csv", 2, "20000.0", '"20,000"'),
        "people.csv", 2, "value", "thousands separator", "at most one decimal point", "error",
    ),
    "negative people": (
        line("people.csv", 2, "20000.0", "-20000"),
        "people.csv", 2, "value", "less than population can be (0)", "Correct the figure", "error",
    ),
    "too much": (
        line("energy.csv", 7, "250.0", "250000"),
        "energy.csv", 7, "value", "more than grid_emission_factor can be (2000)", "wrong unit", "error",
    ),
    "low above value": (
        line("people.csv", 2, "20000.0,,", "20000.0,21000,"),
        "people.csv", 2, "low", "low (21000) is above the value (20000)", "in order", "error",
    ),
    "high below value": (
        line("people.csv", 2, "20000.0,,", "20000.0,,19000"),
        "people.csv", 2, "high", "high (19000) is below the value (20000)", "in order", "error",
    ),
    "no source": (
        line("people.csv", 2, "made-up", ""),
        "people.csv", 2, "source", "population has no source", "sources.csv", "error",
    ),
    "source not listed": (
        line("people.csv", 2, "made-up", "made_up"),
        "people.csv", 2, "source", "'made_up' is not in sources.csv", "Did you mean 'made-up'?", "error",
    ),
    "unknown method": (
        line("people.csv", 2, "assumed", "guessed"),
        "people.csv", 2, "method", "'guessed' does not say", "measured", "error",
    ),
    "no year": (
        line("people.csv", 2, ",2020,", ",,"),
        "people.csv", 2, "year", "no year", "Write the year", "error",
    ),
    "not a year": (
        line("people.csv", 2, ",2020,", ",20,"),
        "people.csv", 2, "year", "'20' is not a year", "four digits", "error",
    ),
    "number beside NO": (
        add("inventory.csv", "2020,I.5.2,,,12.5,t CO2e,NO,,,,AR5-100,assumed,made-up,"),
        "inventory.csv", 16, "notation", "NO", "", "error",
    ),
    "inventory without base year": (
        swap("city.toml", "base_year = 2020", "base_year = 2018"),
        "inventory.csv", None, "year", "no figure for the base year 2018; it has 2020", "change base_year", "error",
    ),
    "inventory without source": (
        line("inventory.csv", 2, "made-up", ""),
        "inventory.csv", 2, "source", "2020 I.1.1 has no source", "sources.csv", "error",
    ),
    "inventory in kg": (
        line("inventory.csv", 2, "46200.0", "46200000"),
        "inventory.csv", None, "value", "t CO2e per person", "t, not kg", "note",
    ),
    "inventory too small": (
        lambda path: (path / "inventory.csv").write_text(
            (path / "inventory.csv").read_text().split("\n")[0]
            + "\n2020,I.1.1,,,46.2,t CO2e,,,,,AR5-100,assumed,made-up,\n"
        ),
        "inventory.csv", None, "value", "0.0011 t CO2e per person", "t, not kg", "note",
    ),
    "zone without place in zones.csv": (
        add("land.csv", "Z9,,land_area,km2,2020,5,,,assumed,made-up"),
        "land.csv", 6, "zone", "the zone 'Z9' has no row in zones.csv", "Add it to zones.csv", "error",
    ),
    "zone without longitude": (
        lambda path: (path / "zones.csv").write_text(
            "zone,name,longitude,latitude\nZ1,Zone 1,,42.3\nZ2,Zone 2,-71,42\n"
        ),
        "zones.csv", 2, "longitude", "no longitude", "degrees", "error",
    ),
    "latitude out of range": (
        lambda path: (path / "zones.csv").write_text(
            "zone,name,longitude,latitude\nZ1,Zone 1,-71,42.3\nZ2,Zone 2,-71,4230\n"
        ),
        "zones.csv", 3, "latitude", "4230 is not a latitude", "from -90 to 90", "error",
    ),
    "zone twice": (
        add("zones.csv", "Z1,Again,-71,42"),
        "zones.csv", 4, "zone", "'Z1' is used twice", "its own id", "error",
    ),
    "zones against city total": (
        add("people.csv", ",,population,people,2020,50000,,,assumed,made-up"),
        "people.csv", 36, "value", "zones' population of 2020 sum to 42,000", "wrong or missing", "note",
    ),
    "some zones only": (
        cut("land.csv", 3),
        "land.csv", None, "zone", "land_area is given for some zones only; missing: Z2", "all of them or none", "error",
    ),
    "some groups only": (
        cut("people.csv", 6),
        "people.csv", None, "zone", "missing: Z1 / G1", "all of them or none", "error",
    ),
    "unknown group": (
        add("people.csv", "Z1,G7,households,households,2020,5,,,assumed,made-up"),
        "people.csv", 36, "group", "the group 'G7' is not among", "leave the cell blank", "error",
    ),
    "zone on a city figure": (
        add("energy.csv", "Z1,,gas_price_commercial,USD/kWh,2020,0.1,,,assumed,made-up"),
        "energy.csv", 12, "zone", "not read by zone", "Leave the zone blank", "error",
    ),
    "households by group": (
        line("people.csv", 6, "3600.0", "4600"),
        "people.csv", 3, "group", "income groups of zone Z1 sum to 9,000 households", "Correct one", "note",
    ),
    "owners and renters": (
        line("people.csv", 4, "3200.0", "5200"),
        "people.csv", 3, "variable", "owners and renters of zone Z1 sum to 10,000", "Correct one", "note",
    ),
    "required variable": (
        lambda path: (path / "energy.csv").write_text(
            "\n".join((path / "energy.csv").read_text().split("\n")[:6]) + "\n"
        ),
        "energy.csv", None, "variable", "grid_emission_factor is missing", "kg CO2e/MWh", "error",
    ),
    "wrong table": (
        lambda path: (path / "land.csv").rename(path / "climate.csv"),
        "climate.csv", 2, "variable", "land_area stands in climate.csv", "land.csv", "note",
    ),
    "unknown measure": (
        line("actions.csv", 2, "mobility.electric_heavy_vehicles", "mobility.electric_busses"),
        "actions.csv", 2, "measure", "is listed, not modelled", "Did you mean", "note",
    ),
    "action without measure": (
        lambda path: None,
        "actions.csv", 3, "measure", "'Climate week' names no measure: it is listed, not modelled", "", "note",
    ),
    "action in another unit": (
        line("actions.csv", 2, "0.3,share", "200,buses"),
        "actions.csv", 2, "unit", "listed, not modelled", "share", "note",
    ),
    "action without source": (
        line("actions.csv", 2, "made-up", ""),
        "actions.csv", 2, "source", "'Buses go electric' has no source", "sources.csv", "error",
    ),
    "action by nobody": (
        line("actions.csv", 2, ",city,adopted", ",mayor,adopted"),
        "actions.csv", 2, "power", "'mayor' does not say who", "city, state", "error",
    ),
    "action in percent": (
        line("actions.csv", 2, "0.3,share", "30,share"),
        "actions.csv", 2, "amount", "30 is not a share", "0.25 for 25 %", "error",
    ),
    "action ends first": (
        line("actions.csv", 2, "2032", "2022"),
        "actions.csv", 2, "end", "ends in 2022, before", "in order", "error",
    ),
    "demonstration": (
        lambda path: None,
        "city.toml", None, "city.demonstration", "demonstration on public data, not the City's plan", "false", "note",
    ),
    "no designation": (
        lambda path: (undesignated(path), drop("designated.csv")(path)),
        "city.toml", None, "rules.benefit_share", "so it is off", "designated.csv", "note",
    ),
    "designated without author": (
        lambda path: undesignated(path),
        "city.toml", None, "designation", "nobody is named as the author", "Add [designation]", "error",
    ),
    "designated unknown": (
        add("designated.csv", "Z1,,tenant,1"),
        "designated.csv", 3, "tenure", "no tenure is called 'tenant'", "owner, renter", "error",
    ),
    "missing table": (
        drop("people.csv"),
        "people.csv", None, "", "it must hold population, households", "Add people.csv", "error",
    ),
    "missing inventory": (
        drop("inventory.csv"), "inventory.csv", None, "", "the file is missing", "Add inventory.csv", "error",
    ),
    "missing settings": (
        drop("city.toml"), "city.toml", None, "", "the file is missing", "Add city.toml", "error",
    ),
    "missing sources": (
        drop("sources.csv"), "sources.csv", None, "", "the file is missing", "Add sources.csv", "error",
    ),
    "missing actions": (
        drop("actions.csv"), "actions.csv", None, "", "already adopted is unknown", "one action per row", "note",
    ),
    "strange file": (
        lambda path: (path / "peoples.csv").write_text("a\n"),
        "peoples.csv", None, "", "not read", "Did you mean 'people.csv'?", "note",
    ),
    "wrong encoding": (
        bytes_at("people.csv", "Z1,,população,people,2020,5,,,assumed,made-up\n".encode("latin-1")),
        "people.csv", 36, "", "not UTF-8", "CSV UTF-8", "error",
    ),
    "semicolons": (
        lambda path: (path / "land.csv").write_text((path / "land.csv").read_text().replace(",", ";")),
        "land.csv", 1, "", "semicolons", "comma delimited", "error",
    ),
    "missing column": (
        line("land.csv", 1, "method", "mehtod"),
        "land.csv", 1, "method", "missing", "Add it", "error",
    ),
    "source without grade": (
        line("sources.csv", 2, ",C,", ",Z,"),
        "sources.csv", 2, "grade", "'Z' is not a grade", "A (official copy)", "error",
    ),
    "retrieved on no day": (
        line("sources.csv", 2, "2026-01-31", "31.01.2026"),
        "sources.csv", 2, "retrieved", "'31.01.2026' is not a date", "2026-01-31", "error",
    ),
    "old figures": (
        lambda path: (path / "land.csv").write_text((path / "land.csv").read_text().replace("2020", "2001")),
        "land.csv", 2, "year", "are of 2001", "newer", "note",
    ),
    "rule set on no day": (
        swap("city.toml", "date = 2026-01-31", 'date = "last May"'),
        "city.toml", 52, "rules.no_low_income_worse_off.date", "'last May' is not a date", "2026-01-31", "error",
    ),
    "unknown key": (
        swap("city.toml", "currency =", "curency ="),
        "city.toml", 7, "city.curency", "'curency' is not known", "Did you mean 'currency'?", "error",
    ),
    "missing key": (
        swap("city.toml", 'currency = "USD"\n', ""),
        "city.toml", 3, "city.currency", "'currency' is missing", "Add `currency", "error",
    ),
    "wrong type": (
        swap("city.toml", "neutrality_year = 2050", 'neutrality_year = "2050"'),
        "city.toml", 25, "pledge.neutrality_year", "'2050' is not a whole number", "Write a whole number", "error",
    ),
    "cut in percent": (
        swap("city.toml", "cut = 0.5", "cut = 50"),
        "city.toml", 31, "pledge.target.cut", "50 is out of range", "from 0 to 1", "error",
    ),
    "groups out of order": (
        swap("city.toml", "income_max = 50000\n", ""),
        "city.toml", 38, "groups.income_max", "not in order of income", "low to high", "error",
    ),
    "neutral before the start": (
        swap("city.toml", "neutrality_year = 2050", "neutrality_year = 2020"),
        "city.toml", 25, "pledge.neutrality_year", "2020 is not after the plan's start 2026", "after", "error",
    ),
    "unreadable settings": (
        swap("city.toml", "base_year = 2020", "base_year = "),
        "city.toml", 8, "", "cannot be read", "key = value", "error",
    ),
    "unknown GWP": (
        swap("city.toml", "AR5-100", "AR9-100"),
        "city.toml", None, "inventory.gwp", "'AR9-100' is not a GWP set", "AR5-100", "error",
    ),
    "target without source row": (
        swap("city.toml", 'source = "made-up"', 'source = "a promise"'),
        "city.toml", None, "pledge.source", "'a promise' is not the id of a source", "sources.csv", "note",
    ),
    "parameter without source": (
        parameter("cop,3,,,1,,fact,,"),
        "parameters.csv", 2, "source", "cop has no source", "sources.csv", "error",
    ),
    "parameter without value": (
        parameter("cop,,,,1,,fact,made-up,"),
        "parameters.csv", 2, "value", "cop has no value", "keep the default", "error",
    ),
    "parameter out of its range": (
        parameter("cop,3,4,5,1,,fact,made-up,"),
        "parameters.csv", 2, "low", "low <= value <= high does not hold", "in order", "error",
    ),
    "parameter with a comma": (
        parameter('cop,"3,5",,,1,,fact,made-up,'),
        "parameters.csv", 2, "value", "decimal comma", "3.5", "error",
    ),
    "target of a year that is not reported": (
        swap("city.toml", "of_year = 2020", "of_year = 2005"),
        "inventory.csv", None, "year", "no figure for 2005, against which the target of 2035", "Add that year", "error",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_fault_is_found_at_its_place(tmp_path: Path, case: str) -> None:
    assert_found(small_city(tmp_path / "a"), CASES[case])


@pytest.mark.parametrize(("zones", "groups"), [(2, 2), (0, 0), (22, 5)])
def test_a_good_folder_has_no_errors_and_few_notes(tmp_path: Path, zones: int, groups: int) -> None:
    findings = check(small_city(tmp_path / "a", zones, groups, geojson=zones > 0), VARIABLES, MEASURES)
    wanted = ["actions.csv", "city.toml"]
    # Without income groups the rule for low incomes cannot bind, and the designation names every home alike.
    wanted += [] if groups else ["city.toml", "designated.csv"]
    assert [f.file for f in findings] == wanted, _show(findings)
    assert {f.level for f in findings} == {"note"}


def test_all_errors_are_told_at_once(tmp_path: Path) -> None:
    path = small_city(tmp_path / "a")
    for name in ("wrong unit", "no source", "action without source", "retrieved on no day", "unknown key"):
        CASES[name][0](path)
    swap("city.toml", "curency", "currency")(path)
    with pytest.raises(InputError) as refused:
        read_city(path, VARIABLES)
    files = [f.file for f in refused.value.findings]
    assert files == ["actions.csv", "land.csv", "people.csv", "sources.csv"]


def test_a_file_of_the_wrong_kind_is_counted_not_listed(tmp_path: Path) -> None:
    path = small_city(tmp_path / "a")
    add("land.csv", *(f"Z{n},,land_area,km2,2020,5,,,assumed,made-up" for n in range(100, 200)))(path)
    found = [f for f in check(path, VARIABLES, MEASURES) if f.file == "land.csv"]
    assert len(found) < 30
    assert any("80 more rows" in f.what for f in found), _show(found)


def test_over_a_million_rows_is_refused(tmp_path: Path) -> None:
    path = small_city(tmp_path / "a")
    with (path / "land.csv").open("w", encoding="utf-8") as stream:
        stream.write(",".join(FACT_HEADER) + "\n")
        stream.write(",,,,,,,,,\n" * 1_000_001)
    found = [f for f in check(path, VARIABLES, MEASURES) if f.file == "land.csv"]
    assert any("more than 1,000,000 rows" in f.what and "right file" in f.mend for f in found), _show(found)


def test_polygons_are_held_against_the_zones(tmp_path: Path) -> None:
    path = small_city(tmp_path / "a", geojson=True)
    file = path / "zones.geojson"
    good = file.read_text()
    for old, new, what in (
        ('"Z2"', '"Z7"', "no polygon for Z2"),
        ('"Z2"', '"Z7"', "the polygon 'Z7' has no row"),
        ("", "", "not valid"),
        ('"Polygon"', '"Polygoon"', "cannot be read as zones"),
        ('"zone": "Z1"', '"name": "Z1"', "cannot be read as zones"),
    ):
        text = good.replace(old, new, 1)
        if what == "not valid":
            ring = "[[-71.11, 42.29], [-71.09, 42.31], [-71.09, 42.29], [-71.11, 42.31], [-71.11, 42.29]]"
            text = good[: good.index("[[[")] + f"[{ring}]" + good[good.index("]]]") + 3 :]
        file.write_text(text)
        found = [f for f in check(path, VARIABLES, MEASURES) if f.file == "zones.geojson"]
        assert any(what in f.what and f.level == "note" and f.mend for f in found), (what, _show(found))


def _show(findings: list[Finding]) -> str:
    return "\n".join(f"{f.level}: {f}" for f in findings)
