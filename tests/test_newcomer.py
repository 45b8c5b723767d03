"""A newcomer fills the template by what its own words say, and gets a plan and a report."""

import csv
import re
from pathlib import Path

from mutirao.cli.main import run

TEMPERATURE = [3, 4, 7, 9, 13, 16, 18, 18, 15, 10, 6, 3]
SUN = [28, 48, 92, 130, 172, 180, 190, 160, 115, 65, 33, 23]
VALUES = {
    "population": 650_000, "households": 300_000, "households_owner": 140_000, "households_renter": 160_000,
    "grid_emission_factor": 120,
    **{f"temperature_m{m:02d}": t for m, t in enumerate(TEMPERATURE, 1)},
    **{f"irradiation_m{m:02d}": s for m, s in enumerate(SUN, 1)},
}  # fmt: skip
INVENTORY = {"I.1.1": 800_000, "I.1.2": 60_000, "I.2.1": 500_000, "I.2.2": 70_000, "II.1.1": 900_000, "III.1.2": 90_000}


def fill(folder: Path) -> None:
    """Take the '#' away from the example lines of city.toml, write the figures, name one source."""
    text = (folder / "city.toml").read_text(encoding="utf-8")
    optional = ("target", "budgets", "groups", "rules", "designation", "note", "locode")
    out, section = [], ""
    for line in text.splitlines():
        head = re.match(r"#? ?(\[\[?)([a-z_.]+)\]", line)
        section = head[2] if head else section
        if line.startswith("# ") and "=" in line and not any(w in section for w in optional):
            line = line[2:]
        out.append(line)
    (folder / "city.toml").write_text("\n".join(out) + "\n", encoding="utf-8")
    for table in folder.glob("*.csv"):
        with table.open(encoding="utf-8", newline="") as stream:
            reader = csv.DictReader(stream)
            header, rows = list(reader.fieldnames or ()), list(reader)
        for row in rows:
            if row.get("variable") in VALUES:
                row |= {"value": str(VALUES[row["variable"]]), "year": "2020", "method": "measured", "source": "own"}
        if table.name == "inventory.csv":
            blank = dict.fromkeys(header, "")
            rows = [
                blank | {"year": "2020", "gpc": gpc, "value": str(t), "unit": "t CO2e", "gwp": "AR5-100",
                         "method": "measured", "source": "own"}
                for gpc, t in INVENTORY.items()
            ]  # fmt: skip
        if table.name == "sources.csv":
            row = dict.fromkeys(header, "") | {"source": "own", "publisher": "the city", "title": "own figures",
                                               "year": "2021", "licence": "own", "address": "city hall",
                                               "retrieved": "2026-01-01", "grade": "A"}  # fmt: skip
            rows = [row, row | {"source": "pledge", "title": "climate pledge"}]
        with table.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, header, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def test_from_template_to_report(tmp_path: Path) -> None:
    folder, out = tmp_path / "my_city", tmp_path / "out"
    assert run(["template", str(folder)]) == 0
    assert run(["check", str(folder)]) == 2
    fill(folder)
    assert run(["check", str(folder)]) == 0
    assert run(["plan", str(folder), "--out", str(out), "--skip-headwinds"]) == 0
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "Springfield" in page
    assert "no map" in page or "whole city" in page
    assert run(["explain", str(out), "carbon", "--period", "2030"]) == 0
