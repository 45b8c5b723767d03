"""Input that cannot be used ends in one clear sentence with place and mend, and nothing half written.

All cases go through the command line's own entry, some through a real process.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import mutirao.city.folder
import mutirao.city.workbook
import mutirao.cli.dictionary
import mutirao.ground.writing
from mutirao.cli.main import run
from tests.cities import small_city

FILES = Path(__file__).parent / "files" / "inventory"
MUTIRAO = [sys.executable, "-c", "import sys; from mutirao.cli.main import run; sys.exit(run())"]
Change = Callable[[Path], object]


def line(name: str, row: int, old: str, new: str) -> Change:
    """Change text in one row of a table (the header is row 1)."""

    def change(path: Path) -> None:
        lines = (path / name).read_text(encoding="utf-8").split("\n")
        assert old in lines[row - 1], lines[row - 1]
        lines[row - 1] = lines[row - 1].replace(old, new, 1)
        (path / name).write_text("\n".join(lines), encoding="utf-8")

    return change


def add(name: str, data: bytes) -> Change:
    """Add bytes at the end of a file."""

    def change(path: Path) -> None:
        with (path / name).open("ab") as stream:
            stream.write(data)

    return change


def million(path: Path) -> None:
    """Write a table of more than a million rows."""
    (path / "land.csv").write_text("zone,group\n" + "x\n" * 1_000_001, encoding="utf-8")


# In people.csv of the small city row 2 is the population of Z1, in land.csv the area of Z1.
CASES: dict[str, tuple[Change, str]] = {
    "unknown variable": (
        line("people.csv", 2, "population", "popluation"),
        "people.csv, row 2, column 'variable': no variable is called 'popluation'. Did you mean 'population'?",
    ),
    "wrong unit": (
        line("land.csv", 2, "km2", "ha"),
        "land.csv, row 2, column 'unit': land_area is given in 'ha'. Convert the figure and write 'km2'.",
    ),
    "duplicate key": (
        add("people.csv", b"Z1,,population,people,2020,5,,,assumed,made-up\n"),
        "people.csv, row 36, column 'variable': population of 2020 for zone Z1 is already in people.csv row 2."
        " Keep one of the two.",
    ),
    "not a number": (
        line("people.csv", 2, "20000.0", "NaN"),
        "people.csv, row 2, column 'value': 'NaN' is not a figure. Leave the cell blank where nothing is known.",
    ),
    "negative people": (
        line("people.csv", 2, "20000.0", "-5"),
        "people.csv, row 2, column 'value': -5 people is less than population can be (0)."
        " Correct the figure; leave the cell blank where nothing is known.",
    ),
    "missing source": (
        line("people.csv", 2, "made-up", ""),
        "people.csv, row 2, column 'source': population has no source."
        " Write the id of its row in sources.csv; for an estimate of your own, add a row that says so.",
    ),
    "number beside NO": (
        line("inventory.csv", 2, ",t CO2e,,", ",t CO2e,NO,"),
        "inventory.csv, row 2, column 'notation': 2020 I.1.1: the figure 46200.0 stands beside the key NO"
        " (not occurring). Remove one of the two; only zero agrees with NO.",
    ),
    "zone without place": (
        line("zones.csv", 2, "-71.1", ""),
        "zones.csv, row 2, column 'longitude': the zone has no longitude, so it has no place on a map."
        " Write it in degrees (WGS 84).",
    ),
    "zone not listed": (
        line("people.csv", 2, "Z1", "Z9"),
        "people.csv, row 2, column 'zone': the zone 'Z9' has no row in zones.csv, so it has no place."
        " Add it to zones.csv, or leave the cell blank for the whole city.",
    ),
    "more than a million rows": (
        million,
        "land.csv: the table has more than 1,000,000 rows."
        " Check that it is the right file, or sum it to fewer rows before reading it.",
    ),
    "wrong encoding": (
        add("people.csv", "Z1,,population,people,2019,5,,,assumed,São Paulo\n".encode("latin-1")),
        "people.csv, row 36: byte 1985 (0xE3) is not UTF-8 text. Save the file again as 'CSV UTF-8 (comma delimited)'.",
    ),
    "decimal comma": (
        line("land.csv", 2, "4.0", '"4,5"'),
        "land.csv, row 2, column 'value': '4,5' has a decimal comma. Write 4.5.",
    ),
    "unknown parameter": (
        add(
            "parameters.csv",
            b"name,value,low,high,unit,price_year,kind,source,note\nheat_pump_cst,1,,,1,,fact,made-up,\n",
        ),
        "parameters.csv, row 2, column 'name': no parameter is called 'heat_pump_cst'."
        " Correct the name; `mutirao dictionary` lists all.",
    ),
}
FOLLOWERS = ("is given for some zones only",)
"""A row that cannot be read also leaves its zone without that figure; both are said, the row first."""


def errors_of(text: str) -> list[str]:
    """The sentences of the errors printed."""
    return [row.removeprefix("error: ") for row in text.splitlines() if row.startswith("error: ")]


@pytest.mark.parametrize("case", CASES)
def test_check_says_place_and_mend(case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change, sentence = CASES[case]
    city = small_city(tmp_path / "city")
    change(city)
    assert run(["check", str(city), "--no-notes"]) == 2
    said = capsys.readouterr()
    found = errors_of(said.out)
    assert found[0] == sentence
    assert all(any(words in row for words in FOLLOWERS) for row in found[1:]), found
    assert "Traceback" not in said.out + said.err


def test_the_untouched_city_has_no_errors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(small_city(tmp_path / "city"))]) == 0
    assert errors_of(capsys.readouterr().out) == []


# Unknown parameters only show when a plan is put together; an export keeps the table as it is.
@pytest.mark.parametrize(
    "case", [name for name in CASES if name not in ("unknown parameter", "more than a million rows")]
)
def test_other_commands_refuse_it_too_and_write_nothing(
    case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change, sentence = CASES[case]
    city = small_city(tmp_path / "city")
    change(city)
    out = tmp_path / "out"
    out.mkdir()
    assert run(["export", str(city), "--xlsx", str(out / "city.xlsx"), "--folder", str(out / "copy")]) == 2
    said = capsys.readouterr()
    assert errors_of(said.err)[0] == sentence
    assert said.out == ""
    assert list(out.iterdir()) == []
    assert sorted(p.name for p in tmp_path.iterdir()) == ["city", "out"]


def test_one_bad_input_through_a_real_process(tmp_path: Path) -> None:
    change, sentence = CASES["unknown variable"]
    city = small_city(tmp_path / "city")
    change(city)
    done = subprocess.run([*MUTIRAO, "check", str(city)], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert sentence in errors_of(done.stdout)
    assert done.stderr == ""


def test_a_bad_workbook_is_named_by_table_and_writes_no_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = tmp_path / "city.xlsx"
    book.write_bytes(b"not a workbook")
    assert run(["import", str(book), str(tmp_path / "city")]) == 2
    (sentence,) = errors_of(capsys.readouterr().err)
    assert sentence.startswith("city.xlsx: the workbook cannot be read")
    assert sentence.endswith("Save it as an Excel workbook (.xlsx).")
    assert [p.name for p in tmp_path.iterdir()] == ["city.xlsx"]


def test_an_inventory_that_does_not_add_up_is_not_imported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "inventory.csv"
    call = ["inventory", "import", str(FILES / "c40_wide.csv"), "--city", "Vila", "--out", str(out)]
    assert run(call) == 2
    assert errors_of(capsys.readouterr().err) == [
        "c40_wide.csv, column 'BASIC': Vila 2020 publishes BASIC 9,000 t CO2e, its parts sum to 8,200:"
        " a gap of 800 t. Find the missing or doubled parts, or say which of the two figures holds."
    ]
    assert list(tmp_path.iterdir()) == []
    assert run([*call, "--despite-errors"]) == 0
    assert out.is_file()
    other = ["inventory", "import", str(FILES / "c40_wide.csv"), "--city", "Aldeia", "--out", str(tmp_path / "a.csv")]
    assert run(other) == 0, "the gap of one city is not that of another"


def test_a_doubtful_unit_is_asked_for_by_its_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["inventory", "totals", str(FILES / "portal_long.csv")]) == 2
    (sentence,) = errors_of(capsys.readouterr().err)
    assert "'mt' may mean more than one unit" in sentence
    assert "--unit" in sentence


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["check"], "Missing argument"),
        (["check", "x", "--nonsense"], "No such option"),
        (["draft", "X", "--population", "many"], "Invalid value"),
    ],
)
def test_a_wrong_call_ends_with_2(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 2
    said = capsys.readouterr().err
    assert words in said
    assert "Traceback" not in said


def test_a_class_that_is_none_is_refused_with_those_there_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call = ["draft", "X", "--population", "5e4", "--climate", "mild", "--grid", "clean", "--base-year", "2020"]
    assert run([*call, "--out", str(tmp_path / "x")]) == 2
    sentence = "draft, column 'climate': 'mild' is not a class. Write one of: cold, temperate, warm, hot."
    assert errors_of(capsys.readouterr().err) == [sentence]
    assert list(tmp_path.iterdir()) == []


def interrupt(*_: object, **__: object) -> None:
    """What Ctrl-C does."""
    raise KeyboardInterrupt


STOPPED = "stopped; nothing was left half written\n"


def test_ctrl_c_at_the_last_step_of_a_workbook_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    city = small_city(tmp_path / "city")
    out = tmp_path / "out"
    out.mkdir()
    monkeypatch.setattr(mutirao.city.workbook.os, "replace", interrupt)
    assert run(["export", str(city), "--xlsx", str(out / "city.xlsx")]) == 130
    assert capsys.readouterr().err == STOPPED
    assert list(out.iterdir()) == []


def test_ctrl_c_within_a_folder_keeps_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    city = small_city(tmp_path / "city")
    book = tmp_path / "city.xlsx"
    assert run(["export", str(city), "--xlsx", str(book)]) == 0
    before = {p.name: p.read_bytes() for p in city.iterdir()}
    monkeypatch.setattr(mutirao.city.folder, "write_inventory", interrupt)
    assert run(["import", str(book), str(city), "--overwrite"]) == 130
    assert run(["import", str(book), str(tmp_path / "new")]) == 130
    assert capsys.readouterr().err == STOPPED * 2
    assert {p.name: p.read_bytes() for p in city.iterdir()} == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["city", "city.xlsx"]


@pytest.mark.skipif(os.name == "nt", reason="signals are sent otherwise on Windows")
def test_ctrl_c_in_a_real_export_leaves_nothing(tmp_path: Path) -> None:
    city = small_city(tmp_path / "city")
    rows = "".join(f"2020,II.1.1,fuel {n},,{n}.5,t CO2e,,,M,M,AR5-100,assumed,made-up,\n" for n in range(20_000))
    inventory = city / "inventory.csv"
    kept = [row for row in inventory.read_text(encoding="utf-8").splitlines() if ",II.1.1," not in row]
    inventory.write_text("\n".join(kept) + "\n" + rows, encoding="utf-8")
    out = tmp_path / "out"
    out.mkdir()
    running = subprocess.Popen(
        [*MUTIRAO, "export", str(city), "--xlsx", str(out / "city.xlsx")],
        stderr=subprocess.PIPE,
        text=True,
        # A test run started in the background ignores Ctrl-C, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    while running.poll() is None and not list(out.iterdir()):
        time.sleep(0.01)
    assert running.poll() is None, "the export ended before it could be interrupted"
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=120)
    assert (running.returncode, said) == (130, STOPPED)
    assert list(out.iterdir()) == []


def test_an_unforeseen_error_is_one_sentence_and_its_traceback_only_on_demand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> str:
        raise KeyError("something")

    monkeypatch.setattr(mutirao.cli.dictionary, "dictionary_text", fail)
    monkeypatch.delenv("MUTIRAO_DEBUG", raising=False)
    assert run(["dictionary"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("This is a fault of the software, not of your input (KeyError: 'something').")
    assert said.count("\n") == 1
    monkeypatch.setenv("MUTIRAO_DEBUG", "1")
    assert run(["dictionary"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_a_full_disk_is_said_and_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device", str(target))

    monkeypatch.setattr(Path, "replace", full)
    out = tmp_path / "dictionary.md"
    assert run(["dictionary", "--out", str(out)]) == 2
    said = capsys.readouterr().err
    assert f"{out}: No space left on device." in said
    assert list(tmp_path.iterdir()) == []
