"""The report as a page: self-contained, readable by everyone, honest; its files; its look in a real browser."""

import html
import json
import re
import shutil
import subprocess
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest

from mutirao.model.check import Check
from mutirao.report.brief import brief_html, headwinds_html, write_brief, write_headwinds
from mutirao.report.content import NOT_COMPUTED, Assessment, Headwinds, ReportContent
from mutirao.report.page import DEMONSTRATION, report_html, write_report
from tests.small_plan import META, a_content, an_assessment, some_headwinds


@pytest.fixture(scope="module")
def content() -> ReportContent:
    return a_content()


@pytest.fixture(scope="module")
def assessment() -> Assessment:
    return an_assessment()


@pytest.fixture(scope="module")
def headwind() -> Headwinds:
    return some_headwinds()


@pytest.fixture(scope="module")
def page(content: ReportContent) -> str:
    return report_html(content)


# ---- the page as a page


def test_the_page_fetches_nothing_and_runs_nothing(page: str) -> None:
    assert not re.search(r"<(script|link|iframe|img|object|embed)\b|@import|url\((?!#)", page)
    assert not re.search(r'(src|href)="(?!#)', page)
    addresses = set(re.findall(r"https?://[^\s\"'<]+", page))
    assert addresses <= {"http://www.w3.org/2000/svg"}


def test_headings_language_and_links(page: str) -> None:
    assert page.strip().startswith("<!doctype html>")
    assert '<html lang="en">' in page
    levels = [int(n) for n in re.findall(r"<h(\d)", page)]
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    targets = set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', page))
    assert {a or b for a, b in targets} <= set(ids)


def test_every_drawing_has_a_spoken_name_and_a_table(page: str) -> None:
    drawings = re.findall(r"<svg [^>]*>", page)
    assert drawings
    assert all(re.search(r'role="img" aria-label="[^"]{8,}"', d) for d in drawings)
    for figure in re.findall(r"<figure.*?</figure>", page, re.S):
        assert ("<table>" in figure) or ("Nothing to show" in figure)
        assert "Source:" in figure or 'id="glossary-' in figure


def test_a_demonstration_says_so_and_a_city_s_own_plan_does_not(content: ReportContent, page: str) -> None:
    assert page.count(html.escape(DEMONSTRATION, quote=True).replace("&#x27;", "&#39;")) >= 2
    meta = META | {"city": META["city"] | {"demonstration": False}}
    own = replace(content, plans={k: replace(p, meta=meta) for k, p in content.plans.items()})
    assert "not the City" not in report_html(own)


def test_what_was_not_computed_is_said(page: str, content: ReportContent) -> None:
    for title in ("Headwinds, and what to start now", "What the figures rest on", "From 2019 to 2026"):
        part = page[page.index(f">{title}</h") :]
        assert NOT_COMPUTED in part[:400]
    without = report_html(replace(content, wedges=None, checks=None))
    assert NOT_COMPUTED in without[without.index(">What lowers emissions</h3>") :][:300]


def test_relative_language(page: str) -> None:
    text = re.sub(r"<[^>]+>", " ", page).lower()
    assert "the just plan" not in text
    assert "rank" not in text
    assert "the plan under the rules set by: the assembly (2026-01-02)" in text
    assert "rule &#39;benefit_share&#39; is off" in text


def test_full_page_with_every_part(content: ReportContent, assessment: Assessment, headwind: Headwinds) -> None:
    draws = pd.DataFrame([{"name": "cost", "low": -5.0, "mid": 1.0, "high": 5.0, "unit": "M"}])
    full = replace(
        content,
        assessment=assessment,
        headwinds=headwind,
        draws=draws,
        findings=["people.csv: something is missing"],
        checks=[Check("heat", "heat of homes", 100.0, 103.0, "GWh/a", 0.01)],
        collisions=["Not kept in 2030: x", "Enough alone: y"],
        coverage=pd.DataFrame({"city": ["A"], "Z1": ["B"]}, index=pd.Index(["heat"], name="system")),
        bridge=pd.DataFrame({"gpc": ["I.1.1"], "base": [70.0], "growth": [1.0], "grid": [0.0], "first_year": [71.0]}),
        sources={"law": "Climate law of Testville"},
    )
    text = report_html(full)
    assert "Climate law of Testville" in text
    assert "1 of 1 checks do not hold" in text
    assert "between EUR 5 million less and EUR 5 million more" in text
    assert "Not every promise can be kept" in text
    assert text.index("Not kept in 2030: x") < text.index("What would make room") < text.index("Enough alone: y")


# ---- files


def test_files_beside_the_report(content: ReportContent, tmp_path: Path) -> None:
    path = write_report(content, tmp_path / "out")
    names = {p.name for p in path.parent.iterdir()}
    assert names == {
        "report.html",
        "book.csv",
        "book.parquet",
        "measures.csv",
        "parameters.csv",
        "carbon_by_zone.csv",
        "checks.csv",
        "plans.json",
    }
    assert path.stat().st_size < 3e6
    book = pd.read_parquet(path.parent / "book.parquet")
    assert set(book["plan"]) == set(content.plans)
    csv = pd.read_csv(path.parent / "book.csv")
    carbon = csv[(csv["account"] == "carbon") & (csv["period"] == 2030)]["value"].sum()
    assert carbon == pytest.approx(60.0)
    short = json.loads((path.parent / "plans.json").read_text(encoding="utf-8"))
    assert short["rules"]["emissions_kt_co2e"]["2050"] == pytest.approx(0.0)
    assert short["rules"]["id"] == "abc123"


def test_brief_and_headwinds(assessment: Assessment, headwind: Headwinds, tmp_path: Path) -> None:
    brief = brief_html(assessment, META)
    assert "above the pledge" in brief
    assert "Questions for the council" in brief
    # Action 2 cannot be modelled: it is named among those not counted, and has no row of tonnes.
    assert "Not counted, for nothing in them can be modelled yet: Action 2." in brief
    assert re.findall(r"<tr><td>(Action \d)</td>", brief) == ["Action 4", "Action 3", "Action 1"]
    page = headwinds_html(headwind, META)
    assert "missed by 12 kt" in page
    assert "Better buses." in page
    assert write_brief(assessment, META, tmp_path).name == "brief.html"
    assert write_headwinds(headwind, META, tmp_path).name == "headwinds.html"
    assert {p.name for p in tmp_path.iterdir()} == {"brief.html", "headwinds.html"}


# ---- a real browser


BROWSER = next((b for b in ("chromium", "chromium-browser", "google-chrome") if shutil.which(b)), None)
browser = pytest.mark.skipif(BROWSER is None, reason="no Chromium here: pages are not opened in a browser")


def run_browser(tmp_path: Path, *arguments: str) -> str:
    command = [
        str(BROWSER),
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        f"--user-data-dir={tmp_path / 'profile'}",
        *arguments,
    ]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout


def pages_of(page: str, tmp_path: Path) -> int:
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    run_browser(
        tmp_path,
        "--no-pdf-header-footer",
        f"--print-to-pdf={tmp_path / 'page.pdf'}",
        f"file://{tmp_path / 'page.html'}",
    )
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", (tmp_path / "page.pdf").read_bytes()))


@browser
def test_the_brief_prints_on_two_pages_and_the_headwinds_on_one(
    assessment: Assessment, headwind: Headwinds, tmp_path: Path
) -> None:
    many = pd.concat([assessment.actions.assign(action=[f"Action {i}-{k}" for i in range(4)]) for k in range(10)])
    assert pages_of(brief_html(replace(assessment, actions=many), META), tmp_path) == 2
    cases = pd.concat([headwind.cases] * 3, ignore_index=True)
    steps = pd.concat([headwind.steps] * 14, ignore_index=True)
    full = replace(headwind, cases=cases, steps=steps, start_now=["mobility.transit"] * 10)
    assert pages_of(headwinds_html(full, META), tmp_path) == 1


@browser
@pytest.mark.parametrize("width", [320, 1280])
def test_nothing_sticks_out_at_the_side(
    content: ReportContent, assessment: Assessment, tmp_path: Path, width: int
) -> None:
    page = report_html(replace(content, assessment=assessment))
    frame = f'<iframe id="f" style="width:{width}px;height:900px;border:0" srcdoc="{html.escape(page)}"></iframe>'
    script = (
        "<script>document.getElementById('f').onload=e=>{document.title='';const "
        "d=e.target.contentDocument.documentElement;"
        "document.body.dataset.wide=d.scrollWidth}</script>"
    )
    (tmp_path / "frame.html").write_text(f"<!doctype html><body>{frame}{script}</body>", encoding="utf-8")
    dom = run_browser(tmp_path, "--virtual-time-budget=8000", "--dump-dom", f"file://{tmp_path / 'frame.html'}")
    found = re.search(r'data-wide="(\d+)"', dom)
    assert found is not None
    assert int(found.group(1)) <= width
