"""Rules, designations and counts of homes that cannot be used, or can and should be known, at their place."""

from pathlib import Path

import pytest

from mutirao.city.check import check
from tests.cities import MEASURES, VARIABLES, small_city
from tests.test_city_check import Change, add, assert_found, line, swap


def rule(name: str, lines: str) -> Change:
    """Add a rule at the end of city.toml: its header is row 68, its own lines begin at row 73."""

    def change(path: Path) -> None:
        with (path / "city.toml").open("a", encoding="utf-8") as stream:
            stream.write(f'\n[rules.{name}]\non = true\nset_by = "a"\ndate = 2026-01-31\nhow = "b"\n{lines}\n')

    return change


def measured(path: Path) -> None:
    """Say that every figure of people.csv is a count."""
    text = (path / "people.csv").read_text(encoding="utf-8")
    (path / "people.csv").write_text(text.replace(",assumed,", ",census,"), encoding="utf-8")


def years_of(*names: str) -> Change:
    """Put variables of people.csv a year later, and Z2's a tenth higher."""

    def change(path: Path) -> None:
        lines = (path / "people.csv").read_text(encoding="utf-8").split("\n")
        for n, text in enumerate(lines):
            cells = text.split(",")
            if len(cells) > 2 and cells[2] in names:
                cells[4] = "2021"
                cells[5] = str(float(cells[5]) * (1.1 if cells[0] == "Z2" else 1.0))
                lines[n] = ",".join(cells)
        (path / "people.csv").write_text("\n".join(lines), encoding="utf-8")

    return change


# Rows of people.csv in the small city: tests/test_city_check.py.
CASES: dict[str, tuple[Change, str, int | None, str, str, str, str]] = {
    # name: change, file, row, column, words of what, words of mend, level
    "rule without its number": (
        swap("city.toml", "share = 0.40\n", ""),
        "city.toml", 55, "rules.benefit_share.share", "'share' is missing", "Add `share = 0.40`", "error",
    ),
    "rule in percent": (
        swap("city.toml", "share = 0.40", "share = 40"),
        "city.toml", 57, "rules.benefit_share.share", "40 is out of range", "0.06 for 6 %", "error",
    ),
    "rule with the number of another": (
        swap("city.toml", "share = 0.40", "share = 0.40\nlevel = 0.1"),
        "city.toml", 58, "rules.benefit_share.level", "has no 'level'", "it takes share", "error",
    ),
    "unknown rule": (
        rule("benefit_shares", "share = 0.4"),
        "city.toml", 68, "rules.benefit_shares", "no rule is called", "Did you mean 'benefit_share'?", "error",
    ),
    "index as a rule": (
        rule("gini", "level = 0.3"),
        "city.toml", 68, "rules.gini", "no group's burden rose", "use poverty_gap, cvar or burden_cap", "error",
    ),
    "rule for nobody": (
        rule("burden_cap", 'level = 0.06\nwho = "poor"'),
        "city.toml", 74, "rules.burden_cap.who", "'poor' is not known", "low_income, designated, all", "error",
    ),
    "rule that never binds": (
        rule("warm_rent", "from_year = 2055"),
        "city.toml", 73, "rules.warm_rent.from_year", "after the neutrality year 2050", "earlier year", "error",
    ),
    "rule in words": (
        rule("cvar", 'worst = "a fifth"\nlevel = 0.9'),
        "city.toml", 73, "rules.cvar.worst", "'a fifth' is not a number", "such as 0.06", "error",
    ),
    "priority for no list": (
        rule("priority", 'measures = "heat.heat_pumps"'),
        "city.toml", 73, "rules.priority.measures", "is not a list of measures", "Write `measures = [", "error",
    ),
    "unknown criterion": (
        swap("city.toml", "[designation]", '[designation]\ncriteria = ["wealth"]'),
        "city.toml", 63, "designation.criteria", "'wealth' is not a criterion", "race_ethnicity", "error",
    ),
    "criterion of race": (
        swap("city.toml", "[designation]", '[designation]\ncriteria = ["race_ethnicity"]'),
        "city.toml", None, "designation.criteria", "by race or ethnicity", "name the legal basis in `how`", "note",
    ),
    "criterion not listed": (
        lambda path: (path / "designated.csv").write_text("zone,group,tenure,share,criterion\nZ1,,,1,age\n"),
        "city.toml", None, "designation.criteria", "the criterion age, which [designation] does not list", "Add it",
        "note",
    ),
    "unknown criterion of a row": (
        lambda path: (path / "designated.csv").write_text("zone,group,tenure,share,criterion\nZ1,,,1,old\n"),
        "designated.csv", 2, "criterion", "no criterion is called 'old'", "Known: income, tenure", "error",
    ),
    "designated everywhere": (
        lambda path: (path / "designated.csv").write_text("zone,group,tenure,share\n,,,1\n"),
        "designated.csv", None, "zone", "designates homes everywhere alike", "Name the homes meant", "note",
    ),
    "designated in an unknown zone": (
        add("designated.csv", "Z7,,,1"),
        "designated.csv", 3, "zone", "no zone is called 'Z7'", "Known: Z1, Z2", "error",
    ),
    "designated more than whole": (
        add("designated.csv", "Z1,,,1.5"),
        "designated.csv", 3, "share", "'1.5' is not a share", "from 0 to 1", "error",
    ),
    "designated twice": (
        add("designated.csv", ",G1,,0.5"),
        "designated.csv", 3, "zone", "the same homes are listed twice", "Keep one", "error",
    ),
    "negative income": (
        line("people.csv", 7, "30000.0", "-30000.0"),
        "people.csv", 7, "value", "less than household_income can be (0)", "leave the cell blank", "error",
    ),
    "no income": (
        line("people.csv", 7, "30000.0", "0"),
        "people.csv", 7, "value", "the income of Z1 G1 is zero", "what these homes live on", "note",
    ),
    "empty income group": (
        lambda path: (line("people.csv", 6, "3600.0", "0")(path), line("people.csv", 14, "3960.0", "0")(path)),
        "people.csv", None, "group", "no home anywhere is in the income group 'G1'", "delete the group", "note",
    ),
    "counts of one source apart": (
        lambda path: (measured(path), line("people.csv", 6, "3600.0", "1600.0")(path)),
        "people.csv", 3, "group", "income groups of zone Z1 sum to 6,000 households, the zone has 8,000",
        "Correct one", "error",
    ),
    "counts of two years apart": (
        lambda path: (measured(path), years_of("households_owner", "households_renter")(path)),
        "people.csv", 11, "variable", "two counts: in 1 of 2 zones they are more than 5 % apart, most in Z2 (9,680",
        "the shares of the first", "note",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_fault_is_found_at_its_place(tmp_path: Path, case: str) -> None:
    assert_found(small_city(tmp_path / "a"), CASES[case])


@pytest.mark.parametrize(
    ("homes", "apart"), [(3_600, False), (3_201, False), (3_199, True), (3_999, False), (4_001, True)]
)
def test_counts_of_the_same_homes_may_differ_by_a_twentieth(tmp_path: Path, homes: float, apart: bool) -> None:
    path = small_city(tmp_path / "a")
    measured(path)
    line("people.csv", 6, "3600.0", str(homes))(path)
    wrong = [f for f in check(path, VARIABLES, MEASURES) if f.level == "error"]
    assert bool(wrong) == apart
    assert all("income groups of zone Z1" in f.what for f in wrong)


def test_kinds_of_homes_are_compared_with_the_homes(tmp_path: Path) -> None:
    path = small_city(tmp_path / "a")
    text = (path / "buildings.csv").read_text(encoding="utf-8")
    assert "homes_gas,households,2019,4800.0" in text
    (path / "buildings.csv").write_text(text.replace("2019,4800.0", "2019,800.0"), encoding="utf-8")
    found = [f for f in check(path, VARIABLES, MEASURES) if "kinds of heating" in f.what]
    assert [(f.file, f.row, f.level) for f in found] == [("people.csv", 3, "note")]
    assert "Z1 (4,000 against 8,000)" in found[0].what


def test_a_priority_for_a_measure_that_nobody_has_is_an_error(tmp_path: Path) -> None:
    path = small_city(tmp_path / "a")
    rule("priority", 'measures = ["heat.heat_pumps", "heat.heat_pump"]')(path)
    found = [f for f in check(path, VARIABLES, MEASURES) if f.column == "rules.priority.measures"]
    assert [(f.level, f.what) for f in found] == [("error", "no measure is called 'heat.heat_pump'.")]
    assert found[0].mend == "Did you mean 'heat.heat_pumps'?"


@pytest.mark.parametrize(
    ("name", "lines", "notes"),
    [
        ("priority", 'measures = ["heat.heat_pumps"]', 1),
        ("burden_cap", 'level = 0.06\nwho = "designated"', 1),
        ("burden_cap", "level = 0.06", 0),
        ("poverty_gap", "threshold = 0.06\ncut = 0.5", 0),
    ],
)
def test_rules_for_designated_homes_say_when_there_are_none(
    tmp_path: Path, name: str, lines: str, notes: int
) -> None:
    path = small_city(tmp_path / "a", designation=False)
    rule(name, lines)(path)
    found = [f for f in check(path, VARIABLES, MEASURES) if f.column == f"rules.{name}"]
    assert ["no homes are designated" in f.what for f in found] == [True] * notes
