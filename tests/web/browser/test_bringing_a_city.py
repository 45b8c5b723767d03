"""A broken folder of a city is mended cell by cell in the browser."""

import csv
import io
import zipfile
from pathlib import Path
from typing import Any

from tests.web.browser.conftest import ROOT, sign_up, wait_for_run

BAD = "27 thousand"


def broken(folder: Path) -> tuple[bytes, int, str]:
    """An archive of a city with one cell that is no number; the row as a spreadsheet counts, and the right text."""
    rows = list(csv.reader((folder / "people.csv").read_text(encoding="utf-8").splitlines()))
    column = rows[0].index("value")
    right, rows[1][column] = rows[1][column], BAD
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(rows)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.iterdir()):
            archive.writestr(file.name, written.getvalue() if file.name == "people.csv" else file.read_bytes())
    return packed.getvalue(), 2, right


def test_a_broken_city_is_mended_beside_its_cell(page: Any) -> None:
    archive, row, right = broken(ROOT / "cities" / "boston")
    sign_up(page, "Lena")
    page.goto("/cities/new/")
    page.get_by_label("Name of the city").fill("Harbour Town")
    page.get_by_label("Your files").set_input_files(
        {"name": "harbour.zip", "mimeType": "application/zip", "buffer": archive}
    )
    page.get_by_role("button", name="Bring and check").click()
    wait_for_run(page, "text=No plan can be made before the errors are mended.")
    page.get_by_role("link", name=f"people.csv, row {row}").first.click()
    cell = page.locator("td.wrong", has_text=BAD)
    assert cell.is_visible()
    mend = cell.locator(".mend")
    assert mend.is_visible()
    assert "number" in mend.inner_text(), "the sentence does not say what is wrong: " + mend.inner_text()
    page.get_by_role("link", name="Edit").click()
    field = page.locator(f"input[value='{BAD}']")
    assert field.get_attribute("aria-invalid") == "true"
    field.fill(right)
    page.get_by_label("What is new in it").fill("The population of Allston is a number again")
    page.get_by_role("button", name="Save as a new version").first.click()
    page.get_by_text("Kept as version 2; nothing was overwritten.").wait_for()
    wait_for_run(page, "text=A plan can be made from these figures.")
    page.get_by_role("link", name="Since version 1").click()
    page.get_by_text(BAD).first.wait_for()
