"""The commands on a city's own figures, through the command line's own entry."""

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mutirao import __version__
from mutirao.city.exchange import read_any
from mutirao.city.inventory import read_inventory
from mutirao.cli.main import commands, purpose, run
from mutirao.ground.findings import InputError, Stop
from tests.cities import KINDS, small_city

ROOT = Path(__file__).parent.parent
BOSTON = ROOT / "cities" / "boston"
FILES = Path(__file__).parent / "files" / "inventory"
Said = pytest.CaptureFixture[str]


def words(text: str) -> str:
    """Text with every run of blanks and line ends as one blank, for text that a terminal folds."""
    return " ".join(text.split())


def test_help_names_every_command_with_one_line(capsys: Said) -> None:
    assert run(["--help"]) == 0
    said = words(capsys.readouterr().out)
    for name, entry in commands().items():
        assert purpose(entry), name
        assert f"{name} {words(purpose(entry))}" in said


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from mutirao.cli.main import run; run(['--help'])\n"
        "heavy = {'linopy', 'pandas', 'xarray', 'numpy', 'mutirao.plan'} & set(sys.modules)\n"
        "sys.exit(f'loaded {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", commands())
def test_every_command_explains_itself_with_examples(name: str, capsys: Said) -> None:
    assert run([name, "--help"]) == 0
    said = capsys.readouterr().out
    assert "Usage:" in said
    assert re.search("Examples?:", said) or name == "inventory"


@pytest.mark.parametrize("name", ["import", "export", "totals", "check"])
def test_every_inventory_command_explains_itself_with_examples(name: str, capsys: Said) -> None:
    assert run(["inventory", name, "--help"]) == 0
    assert f"mutirao inventory {name}" in capsys.readouterr().out.split("Examples:")[1]


def test_version_and_unknown_command(capsys: Said) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"mutirao {__version__}\n"
    assert run(["chek", "x"]) == 2
    assert "Did you mean `mutirao check`?" in capsys.readouterr().err
    assert run([]) == 2


def test_exit_codes_of_stops() -> None:
    assert issubclass(InputError, Stop)
    assert InputError(()).exit_code == 2


def test_a_folder_that_is_not_there_names_the_nearest(tmp_path: Path, capsys: Said) -> None:
    small_city(tmp_path / "littleton")
    wrong = tmp_path / "litleton"
    assert run(["check", str(wrong)]) == 2
    sentence = f"error: {wrong}: there is no such folder or file. Did you mean {tmp_path / 'littleton'}?\n"
    assert capsys.readouterr().err == sentence


def test_check_of_boston(capsys: Said) -> None:
    assert run(["check", str(BOSTON)]) == 0
    said = capsys.readouterr().out
    assert "0 errors" in said
    assert "each of its 22 zones" in said
    assert "Share of the" in said
    lines = said.splitlines()
    notes = sum(row.startswith("note: ") for row in lines)
    assert f"0 errors, {notes} notes." in lines
    assert run(["check", str(BOSTON), "--no-notes"]) == 0
    quiet = capsys.readouterr().out
    assert "note: " not in quiet
    assert f"{notes} notes (not shown)" in quiet


def test_errors_stand_before_notes(tmp_path: Path, capsys: Said) -> None:
    city = small_city(tmp_path / "city")
    (city / "actions.csv").unlink()
    text = (city / "transport.csv").read_text(encoding="utf-8")
    (city / "transport.csv").write_text(text.replace("vehicles,2020", "cars,2020"), encoding="utf-8")
    assert run(["check", str(city)]) == 2
    levels = [row.partition(":")[0] for row in capsys.readouterr().out.splitlines() if row[:5] in ("error", "note:")]
    assert levels == sorted(levels)
    assert set(levels) == {"error", "note"}


def test_json_has_findings_coverage_and_shares(tmp_path: Path, capsys: Said) -> None:
    city = small_city(tmp_path / "city")
    (city / "buildings.csv").unlink()
    assert run(["check", str(city), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["city"] == "Littleton"
    assert said["errors"] == []
    assert {"file", "row", "column", "what", "mend", "level"} == set(said["notes"][0])
    assert said["coverage"]["mobility"] == {"city": "C", "Z1": "C", "Z2": "C"}
    assert set(said["not_given"]) == {"dwelling_floor_area", "homes_inefficient", *KINDS}
    assert said["share_by_grade"] == {"A": 0.0, "B": 0.0, "C": 1.0}
    (city / "sources.csv").unlink()
    assert run(["check", str(city), "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["errors"]


def test_zones_of_unlike_grades_stand_on_lines_of_their_own(tmp_path: Path, capsys: Said) -> None:
    city = small_city(tmp_path / "city", zones=3)
    for name in ("people.csv", "buildings.csv", "transport.csv", "land.csv"):
        rows = (city / name).read_text(encoding="utf-8").splitlines()
        rows = [row.replace("assumed", "measured") if row.startswith("Z1,") else row for row in rows]
        (city / name).write_text("\n".join(rows) + "\n", encoding="utf-8")
    assert run(["check", str(city), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)["coverage"]["mobility"]
    assert record == {"city": "C", "Z1": "A", "Z2": "C", "Z3": "C"}
    assert run(["check", str(city)]) == 0
    table = capsys.readouterr().out
    cells = [row.split("│")[1].strip() for row in table.splitlines() if row.startswith("│")]
    assert cells == ["the city as a whole", "Z1", "Z2, Z3"]


def test_many_findings_are_counted_unless_all_are_asked_for(tmp_path: Path, capsys: Said) -> None:
    city = small_city(tmp_path / "city")
    with (city / "inventory.csv").open("a", encoding="utf-8") as stream:
        stream.writelines(f"2020,I.9.{n},,,1,t CO2e,,,,,,assumed,made-up,\n" for n in range(80))
    assert run(["check", str(city), "--no-notes"]) == 2
    said = capsys.readouterr().out
    assert said.count("error: ") == 50
    assert "30 more errors are not shown" in said
    assert run(["check", str(city), "--no-notes", "--all"]) == 2
    assert capsys.readouterr().out.count("error: ") == 80


def test_a_template_reads_but_is_not_yet_a_city(tmp_path: Path, capsys: Said) -> None:
    folder = tmp_path / "new"
    assert run(["template", str(folder)]) == 0
    assert (folder / "README.txt").is_file()
    assert run(["check", str(folder)]) == 2
    assert "'base_year' is missing" in capsys.readouterr().out
    assert run(["template", str(folder)]) == 2
    assert "the folder is not empty" in capsys.readouterr().err


def test_a_draft_is_a_city_and_says_what_share_is_default(tmp_path: Path, capsys: Said) -> None:
    folder = tmp_path / "aldeia"
    call = ["draft", "Aldeia", "--population", "120000", "--climate", "Warm", "--grid", "clean", "--base-year", "2022"]
    assert run([*call, "--out", str(folder)]) == 0
    said = words(capsys.readouterr().out)
    assert "100% of its 38 figures" in said
    assert "100% of its emissions" in said
    assert run(["check", str(folder)]) == 0
    assert run([*call, "--out", str(folder)]) == 2
    assert "overwrit" in capsys.readouterr().err
    assert run([*call, "--out", str(folder), "--overwrite"]) == 0


def test_a_city_travels_through_a_workbook(tmp_path: Path, capsys: Said) -> None:
    city, book, back = small_city(tmp_path / "city"), tmp_path / "city.xlsx", tmp_path / "back"
    assert run(["export", str(city), "--xlsx", str(book), "--folder", str(tmp_path / "copy")]) == 0
    assert run(["import", str(book), str(back)]) == 0
    for file in (tmp_path / "copy").iterdir():
        assert (back / file.name).read_bytes() == file.read_bytes(), file.name
    for one in (city, book, back):
        assert run(["check", str(one), "--json"]) == 0
    assert run(["export", str(city), "--xlsx", str(book)]) == 2
    assert "already there" in capsys.readouterr().err
    assert run(["export", str(city)]) == 2
    assert run(["export", str(city), "--xlsx", str(tmp_path / "none" / "x.xlsx")]) == 2
    assert "does not exist" in capsys.readouterr().err
    assert run(["export", str(city), "--xlsx", str(tmp_path / "x.csv")]) == 2
    assert "Name it" in capsys.readouterr().err


def test_the_data_dictionary_in_the_documents_is_up_to_date(tmp_path: Path, capsys: Said) -> None:
    assert run(["dictionary", "--out", str(tmp_path / "now.md")]) == 0
    now = (tmp_path / "now.md").read_text(encoding="utf-8")
    kept = (ROOT / "docs" / "data-dictionary.md").read_text(encoding="utf-8")
    assert kept == now, "run `mutirao dictionary --out docs/data-dictionary.md`"
    capsys.readouterr()
    assert run(["dictionary"]) == 0
    assert capsys.readouterr().out == now


def test_the_data_dictionary_lists_parameters_with_range_unit_and_source() -> None:
    text = (ROOT / "docs" / "data-dictionary.md").read_text(encoding="utf-8")
    with (ROOT / "src/mutirao/systems/heat/parameters.csv").open(encoding="utf-8", newline="") as stream:
        shipped = list(csv.DictReader(stream))
    lines = text[text.index("### heat") :].splitlines()
    for row in shipped:
        (found,) = [line for line in lines if line.startswith(f"| `{row['name']}` |")]
        for cell in (f"{float(row['value']):.6g}", row["unit"], row["source"].replace("|", "\\|")):
            assert cell in found


def test_totals_of_boston_are_those_of_its_table(capsys: Said) -> None:
    assert run(["inventory", "totals", str(BOSTON), "--year", "2019"]) == 0
    said = capsys.readouterr().out
    total = read_inventory(BOSTON / "inventory.csv", "AR5-100").total(2019, "BASIC")
    assert f"{total:,.0f}" in said
    assert "2005" not in said


def test_totals_stand_beside_published_ones(capsys: Said) -> None:
    file = str(FILES / "c40_wide.csv")
    assert run(["inventory", "totals", file, "--city", "aldeia"]) == 0
    assert "2018 BASIC: published 823 t CO2e equals the sum of its parts." in capsys.readouterr().out
    assert run(["inventory", "totals", file, "--city", "Vila"]) == 2
    said = capsys.readouterr().out
    assert "2020 BASIC: published 9,000 t CO2e differs from its parts (8,200) by +800 t CO2e." in said
    assert run(["inventory", "totals", file]) == 2
    assert "Choose with --city: Aldeia, Vila." in capsys.readouterr().err


def test_inventory_import_takes_year_city_and_source(tmp_path: Path, capsys: Said) -> None:
    out = tmp_path / "inventory.csv"
    call = ["inventory", "import", str(FILES / "c40_wide.csv"), "--city", "Aldeia", "--year", "2019"]
    assert run([*call, "--source", "c40", "--gwp", "AR5-100", "--out", str(out)]) == 0
    inventory = read_inventory(out)
    assert inventory.years == (2019,)
    assert {row.source for row in inventory.rows if row.value is not None} == {"c40"}
    assert inventory.total(2019, "BASIC") == pytest.approx(670)
    assert run([*call, "--out", str(out)]) == 2
    assert "already there" in capsys.readouterr().err
    assert run(["inventory", "import", str(FILES / "citycatalyst_2021.csv"), "--out", str(tmp_path / "c.csv")]) == 2
    assert "--year" in capsys.readouterr().err


def test_inventory_import_asks_for_unit_and_sectors_of_a_portal_table(tmp_path: Path, capsys: Said) -> None:
    out = tmp_path / "inventory.csv"
    call = ["inventory", "import", str(FILES / "portal_long.csv"), "--unit", "t", "--out", str(out)]
    assert run(call) == 2
    assert "--sector" in capsys.readouterr().err
    labels = {"Buildings > Homes > Gas": "I.1.1", "Buildings > Homes > Power": "I.1.2", "Transport > Cars": "II.1.1"}
    sectors = [word for label, ref in labels.items() for word in ("--sector", f"{label}={ref}")]
    assert run([*call, *sectors, "--sector", "Total=BASIC"]) == 0
    assert read_inventory(out).total(2018, "BASIC") == pytest.approx(4000.5)


@pytest.mark.parametrize(
    ("to", "ending"), [("ecrf3", "xlsx"), ("citycatalyst", "csv"), ("csv", "csv"), ("xlsx", "xlsx")]
)
def test_inventory_export_reads_back_with_the_same_total(to: str, ending: str, tmp_path: Path, capsys: Said) -> None:
    city, out = small_city(tmp_path / "city"), tmp_path / f"out.{ending}"
    call = ["inventory", "export", str(city), "--to", to, "--out", str(out), "--year", "2020"]
    if to in ("ecrf3", "citycatalyst"):
        assert run(call) == 2
        assert "add --allow-loss" in capsys.readouterr().err
        assert not out.exists()
        call.append("--allow-loss")
    assert run(call) == 0
    said = capsys.readouterr()
    assert ("lost: " in said.err) == (to in ("ecrf3", "citycatalyst"))
    ours = read_inventory(city / "inventory.csv", "AR5-100").total(2020, "BASIC")
    back = read_any(out, year=2020, gwp="" if to == "ecrf3" else "AR5-100").inventory
    assert back.total(2020, "BASIC") == pytest.approx(ours, rel=1e-12)


def test_inventory_check_of_folder_and_file(capsys: Said) -> None:
    assert run(["inventory", "check", str(BOSTON)]) == 0
    assert "0 errors" in capsys.readouterr().out
    assert run(["inventory", "check", str(FILES / "c40_wide.csv"), "--city", "Vila"]) == 2
    assert "1 error, 2 notes." in capsys.readouterr().out


@pytest.mark.skipif(os.name == "nt", reason="pipes end otherwise on Windows")
def test_a_reader_that_goes_away_is_no_fault() -> None:
    code = "import sys; from mutirao.cli.main import run; sys.exit(run())"
    running = subprocess.Popen(
        [sys.executable, "-c", code, "dictionary"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert running.stdout is not None
    assert running.stderr is not None
    running.stdout.readline()
    running.stdout.close()
    said = running.stderr.read()
    running.wait(timeout=60)
    assert said == ""
