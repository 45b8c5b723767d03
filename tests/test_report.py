"""The report: figures, sentences and pages of a small made-up plan whose numbers are known by hand."""

import html
import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mutirao.book.bundle import Plan
from mutirao.model.check import Check
from mutirao.model.figures import Figure, Section
from mutirao.report import tables, theme, words
from mutirao.report.brief import brief_html, headwinds_html, write_brief, write_headwinds
from mutirao.report.content import NOT_COMPUTED, Assessment, Headwinds, ReportContent, RuleResult
from mutirao.report.draw import drawable, drawing
from mutirao.report.page import DEMONSTRATION, report_html, write_report
from mutirao.report.scales import NARROW, WIDE, LinedFigure, nice_scale

BASE, YEARS = 2019, (2026, 2030, 2050)
PERIODS = (BASE, *YEARS)
ZONES, GROUPS, TENURES = ("Z1", "Z2"), ("low", "high"), ("owner", "renter")
HOMES = {("Z1", "low"): 100.0, ("Z1", "high"): 300.0, ("Z2", "low"): 200.0, ("Z2", "high"): 200.0}
META: dict[str, Any] = {
    "city": {
        "name": "Testville",
        "id": "TST",
        "country": "XX",
        "currency": "EUR",
        "price_year": 2024,
        "boundary": "the town",
        "demonstration": True,
        "note": "",
        "zones": [
            {"zone": "Z1", "name": "North", "longitude": 1.0, "latitude": 50.0},
            {"zone": "Z2", "name": "South", "longitude": 1.02, "latitude": 49.98},
        ],
        "groups": [
            {"id": "low", "name": "below 30,000 EUR a year", "low_income": True},
            {"id": "high", "name": "30,000 EUR a year and more", "low_income": False},
        ],
        "pledge": {"boundaries": ["basic"], "source": "law"},
        "designation": None,
    },
    "base_year": BASE,
    "years": list(YEARS),
    "discount_rate": 0.03,
    "id": "abc123",
    "versions": {"mutirao": "0"},
    "year_weight": {"2019": 0, "2026": 2, "2030": 12, "2050": 10},
    "discount_weight": {"2019": 0, "2026": 2, "2030": 9, "2050": 5},
    "path": {"2030": 60.0, "2050": 0.0},
    "grid_factor": {str(y): 0.2 for y in PERIODS},
    "solve": {"status": "optimal", "residual": 1e-9, "gap": 0.0},
    "closest": False,
}


def a_plan(
    name: str,
    carbon: tuple[float, ...],
    bill: float = 1.0,
    dear_zone: float = 1.0,
    extra: dict[str, float] | None = None,
) -> Plan:
    """A plan: one bill per home (thousand EUR a year), one plant paid by the utility with a grant, one benefit."""
    terms, cells = [], []

    def post(labels: dict[str, str], rows: list[dict[str, Any]]) -> None:
        blank = dict.fromkeys(
            (
                "account",
                "system",
                "measure",
                "kind",
                "boundary",
                "gpc",
                "carrier",
                "payer",
                "receiver",
                "basis",
                "unit",
                "source",
            ),
            "",
        )
        terms.append(blank | labels | {"drivers": "", "quantity_unit": "M/a", "meaning": "test"})
        place = {"zone": "CITY", "group": "ALL", "tenure": "ALL", "path": 1.0}
        cells.extend({"term": len(terms), "decision": np.nan} | place | row for row in rows)

    for gpc, share in (("I.1.1", 0.7), ("II.1.1", 0.3)):
        post(
            {"account": "carbon", "boundary": "basic", "gpc": gpc, "unit": "kt/a", "kind": "combustion"},
            [{"period": y, "quantity": share * v} for y, v in zip(PERIODS, carbon, strict=True)],
        )
    bills = [
        {
            "period": y,
            "zone": z,
            "group": g,
            "tenure": t,
            "quantity": HOMES[z, g] / 2 * (bill if y > 2026 else 1.0) * (dear_zone if z == "Z2" else 1.0) / 1e3
            + ((extra or {}).get(g, 0.0) / 2 * HOMES[z, g] / 1e6 if y > 2026 else 0.0),
        }
        for y in PERIODS
        for z in ZONES
        for g in GROUPS
        for t in TENURES
    ]
    money = {"account": "money", "unit": "M/a", "system": "heat"}
    post(money | {"payer": "households", "receiver": "utility", "basis": "running", "kind": "energy"}, bills)
    post(
        money | {"payer": "utility", "receiver": "suppliers", "basis": "cash", "kind": "plant"},
        [{"period": 2030, "quantity": 8.0}],
    )
    post(
        money | {"payer": "state", "receiver": "utility", "basis": "cash", "kind": "grant"},
        [{"period": 2030, "quantity": 3.0}],
    )
    post(
        {"account": "benefit", "kind": "jobs", "unit": "jobs", "receiver": "households"},
        [{"period": 2030, "quantity": 12.0}],
    )
    homes = [
        {
            "name": "households",
            "zone": z,
            "group": g,
            "tenure": t,
            "value": n / 2,
            "unit": "households",
            "source": "test",
        }
        for (z, g), n in HOMES.items()
        for t in TENURES
    ]
    people = [
        {
            "name": "population",
            "zone": z,
            "group": "ALL",
            "tenure": "ALL",
            "value": 1000.0,
            "unit": "people",
            "source": "test",
        }
        for z in ZONES
    ]
    shares = [
        {
            "measure": m,
            "period": y,
            "amount": s * (y > 2026),
            "potential": 1.0,
            "share": s * (y > 2026),
            "unit": "share",
            "meaning": w,
            "power": p,
        }
        for m, w, p, s in (
            ("heat.heat_pumps", "homes with heat pumps", "owners", 0.6),
            ("mobility.transit", "better buses", "city", 1.0),
        )
        for y in PERIODS
    ]
    drivers = pd.DataFrame(
        [
            {
                "name": "shortfall_price",
                "value": 1000.0,
                "low": 1000.0,
                "high": 1000.0,
                "unit": "EUR/t",
                "kind": "assumption",
                "source": "test",
                "note": "",
                "system": "plan",
                "steps": "default: 1000 (test)",
            }
        ]
    )
    duals = pd.DataFrame(
        [
            {"limit": "pledge-path", "family": "path", "period": y, "at": "", "dual": -0.1, "price": 0.12, "unit": "kt"}
            for y in (2030, 2050)
        ]
    )
    limits = pd.DataFrame(
        [{"limit": "pledge-path", "family": "path", "unit": "kt", "meaning": "pledge", "missed": 0.0}]
    )
    return Plan(
        name,
        name,
        pd.DataFrame(terms, index=pd.Index(range(1, len(terms) + 1), name="term")),
        pd.DataFrame(cells),
        drivers,
        pd.DataFrame(shares),
        duals,
        limits,
        pd.DataFrame(homes + people),
        {},
        META,
    )


@pytest.fixture(scope="module")
def content() -> ReportContent:
    plans = {
        "no_action": a_plan("no_action", (100.0, 100.0, 95.0, 90.0)),
        "adopted": a_plan("adopted", (100.0, 100.0, 90.0, 80.0)),
        "least_cost": a_plan("least_cost", (100.0, 100.0, 60.0, 0.0), 1.1),
        "rules": a_plan("rules", (100.0, 100.0, 60.0, 0.0), 1.1, extra={"low": -200.0}),
    }
    rules = [
        RuleResult(
            "no_low_income_worse_off",
            "no low-income group pays more",
            "the assembly",
            "2026-01-02",
            "by vote",
            True,
            "",
            2.5,
            0.01,
            "",
            pd.DataFrame({"group": ["low", "high"], "with_rule": [900.0, 1100.0], "without_rule": [1100.0, 1100.0]}),
        ),
        RuleResult(
            "benefit_share", "a share", "", "", "", False, "Rule 'benefit_share' is off: nobody designated homes."
        ),
    ]
    wedge = pd.DataFrame(
        [
            {"period": y, "family": f, "value": v}
            for y, f, v in (
                (2026, "heating", 0.0),
                (2030, "heating", 20.0),
                (2050, "heating", 50.0),
                (2026, "electric vehicles", 0.0),
                (2030, "electric vehicles", 10.0),
                (2050, "electric vehicles", 30.0),
            )
        ]
    )
    return ReportContent("Testville", plans, "2026-02-03", [Section("s", "Heat", ("Words.",))], rules, wedge)


@pytest.fixture(scope="module")
def assessment() -> Assessment:
    gap = pd.DataFrame({"year": range(2026, 2051)})
    gap["adopted"] = np.linspace(100, 80, 25)
    gap["pledge"] = np.where(gap["year"] < 2030, np.nan, np.where(gap["year"] < 2050, 60.0, 0.0))
    gap["gap"] = (gap["adopted"] - gap["pledge"]).clip(lower=0)
    actions = pd.DataFrame(
        [
            {
                "action": f"Action {i}",
                "measure": "heat.heat_pumps",
                "owner": "City",
                "power": p,
                "status": "adopted",
                "funding": "",
                "funded_share": f,
                "modelled": i != 2,
                "why": "" if i != 2 else "no amount is stated",
                "kt_2030": 1.0 * i,
                "kt_2050": 2.0 * i,
            }
            for i, p, f in ((1, "city", 1.0), (2, "state", np.nan), (3, "state", 0.5), (4, "city", np.nan))
        ]
    )
    actions.loc[1, ["kt_2030", "kt_2050"]] = np.nan
    payers = pd.DataFrame(
        {"party": ["households", "city"], "no_action": [10.0, 1.0], "adopted": [9.0, 4.0], "difference": [-1.0, 3.0]}
    )
    more = pd.DataFrame(
        {
            "measure": ["mobility.transit"],
            "meaning": ["better buses"],
            "adopted_share": [0.1],
            "plan_share": [1.0],
            "difference": [0.9],
            "words": ["add"],
        }
    )
    return Assessment(gap, payers, actions, 3.0, 6.0, more, None, 8.0, 2050)


@pytest.fixture(scope="module")
def headwind() -> Headwinds:
    cases = pd.DataFrame(
        [
            {
                "case": "calm weather",
                "words": "nothing goes wrong",
                "kept": True,
                "missed_kt": 0.0,
                "cost_change": 0.0,
                "who_pays": "",
            },
            {
                "case": "costs + 30 %",
                "words": "dearer",
                "kept": False,
                "missed_kt": 12.0,
                "cost_change": 40.0,
                "who_pays": "households",
            },
        ]
    )
    steps = pd.DataFrame(
        {
            "measure": ["mobility.transit"],
            "meaning": ["better buses"],
            "power": ["city"],
            "calm weather": [0.5],
            "costs + 30 %": [0.4],
            "start_now": [True],
        }
    )
    return Headwinds(cases, steps, ["mobility.transit"], 2030)


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


# ---- numbers


def test_emissions_gap_and_cost_by_hand(content: ReportContent, page: str) -> None:
    assert tables.emissions(content.adopted).tolist() == pytest.approx([100, 100, 90, 80])
    assert "30 kt CO₂e" in page  # 90 as adopted less 60 pledged in 2030
    paid, valued = tables.cost(content.plan)
    assert valued == 0.0
    # Cash is not in the annuity view; households to the utility is a transfer: nothing leaves the city.
    assert paid == pytest.approx(0.0)
    assert tables.cumulative(content.plan, tables.emissions(content.plan)) == pytest.approx(2 * 100 + 12 * 60)


def test_sources_and_uses_of_funds_add_up(content: ReportContent) -> None:
    sources, uses = tables.both_sides(content.plan, content.adopted)
    assert sources["total"].sum() == pytest.approx(uses["total"].sum()) == pytest.approx(8.0 * 12)
    by = sources.set_index("name")["total"]
    assert by["state and nation"] == pytest.approx(36.0)
    assert by["energy utility"] == pytest.approx(60.0)


def test_change_of_a_household_by_hand(content: ReportContent) -> None:
    change = tables.household_change(content.plan, content.adopted).set_index(["group", "year"])["value"]
    assert change["high", 2030] == pytest.approx(100.0)
    assert change["low", 2030] == pytest.approx(100.0 - 200.0)
    assert change["low", 2026] == pytest.approx(0.0)
    tenure = tables.household_change(content.plan, content.adopted, "tenure").set_index(["tenure", "year"])["value"]
    assert tenure["owner", 2050] == pytest.approx(100.0 - 200.0 * 300 / 800)


def test_cells_lose_no_money_however_it_is_booked(content: ReportContent) -> None:
    plan = content.plan
    rows = plan.select("money", payer="households").assign(paid=1.0).head(1)
    for zone, group, tenure in (
        ("Z1", "low", "owner"),
        ("Z1", "low", "ALL"),
        ("CITY", "low", "ALL"),
        ("CITY", "ALL", "ALL"),
    ):
        one = rows.assign(zone=zone, group=group, tenure=tenure, period=2030)
        spread = tables.cells(plan, one)[2030]
        assert spread.sum() == pytest.approx(1.0)
        covered = spread[spread > 0].reset_index()
        assert (covered["zone"].nunique() == 1) == (zone != "CITY")
        assert (covered["group"].nunique() == 1) == (group != "ALL")


def test_a_map_only_where_zones_truly_differ(content: ReportContent, page: str) -> None:
    assert not tables.zones_differ(content.adopted)
    assert "zones-zones" not in page
    assert "A coloured map would show differences that nobody measured" in page
    apart = {k: a_plan(k, (100.0, 100.0, 60.0, 0.0), 1.0, 1.05) for k in content.plans}
    assert tables.zones_differ(apart["adopted"])
    assert 'id="zones-zones"' in report_html(replace(content, plans=apart))


def test_ties_between_like_homes_do_not_reach_the_map(content: ReportContent) -> None:
    """A plan that lowers bills in one zone only, though zones are alike, shows the same change in both."""
    cells = content.adopted.cells.copy()
    here = (cells["zone"] == "Z1") & (cells["period"] == 2030)
    cells.loc[here, "quantity"] *= 0.5
    change = tables.zone_change(replace(content.adopted, cells=cells), content.adopted, 2030).set_index("name")["value"]
    assert change["North"] < 0
    low, high = change["North"], change["South"]
    # Zones differ in how many low-income homes they have, so only the change of like homes is equal.
    assert abs(low - high) < 0.35 * abs(low)


def test_penalty_is_not_called_a_price(content: ReportContent) -> None:
    price = tables.carbon_price(content.plan)
    assert price["price"].tolist() == pytest.approx([120.0, 120.0])
    assert not price["penalty"].any()
    plan = replace(
        content.plan,
        duals=content.plan.duals.assign(price=1.0),
        limits=content.plan.limits.assign(missed=4.0),
        meta=META | {"closest": True},
    )
    assert tables.carbon_price(plan)["penalty"].all()
    text = report_html(replace(content, plans=dict(content.plans) | {"rules": plan}))
    assert "this is the penalty set for missing it" in text
    assert "It is highest in" not in text


def test_cannot_tell_when_the_range_includes_zero(content: ReportContent) -> None:
    rows = [
        {"name": f"household:{g}:{y}", "low": low, "mid": 0.0, "high": high, "unit": ""}
        for g, low, high in (("low", -300.0, 50.0), ("high", 40.0, 160.0))
        for y in (2030, 2050)
    ]
    text = report_html(replace(content, draws=pd.DataFrame(rows)))
    table = text[text.index('id="who-gains-changes"') :]
    table = table[: table.index("</figure>")]
    cells = [re.findall(r"<td[^>]*>([^<]*)</td>", r) for r in re.findall(r"<tr>.*?</tr>", table, re.S)]
    by_group = {c[0]: c[1:] for c in cells if c}
    assert by_group["below 30,000 EUR (low income)"] == ["cannot tell", "cannot tell"]
    assert by_group["30,000 EUR and more"] == ["+100", "+100"]


def test_wedges_stand_on_the_plan_and_reach_business_as_adopted(content: ReportContent) -> None:
    from_plan = tables.emissions(content.plan)[[2030, 2050]]
    assert content.wedges is not None
    top = from_plan + content.wedges.groupby("period")["value"].sum()[[2030, 2050]]
    assert top.tolist() == pytest.approx(tables.emissions(content.adopted)[[2030, 2050]].tolist())


# ---- words


@given(st.floats(min_value=-1e9, max_value=1e9, allow_nan=False))
def test_two_significant_digits_at_most(value: float) -> None:
    text = words.change_digits(value)
    digits = re.sub(r"[^\d]", "", text).strip("0")
    assert len(digits) <= 2


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (1.0, "1"), (0.0123, "0.0123"), (1234.0, "1,230"), (-12.34, "−12.3"), (float("nan"), "–")],
)
def test_numbers(value: float, text: str) -> None:
    assert words.number(value) == text


def test_money_and_ranges_in_words() -> None:
    assert words.money(1234.0, "EUR") == "EUR 1.23 billion"
    assert words.money(0.0004, "EUR") == "EUR 400"
    assert words.less_or_more(-9.0, -2.0, "EUR") == "between EUR 2 million and EUR 9 million less"
    assert words.change(-830.4, "EUR") == "EUR 830 less a year"
    assert words.change(10.0, "EUR", -5.0, 20.0).startswith(words.CANNOT_TELL)
    assert words.listed(["a", "b", "c"]) == "a, b and c"


# ---- drawings


FRAME = pd.DataFrame(
    {
        "year": [2026, 2026, 2030, 2030],
        "name": ["a CO2 name that is rather long for one line", "b"] * 2,
        "value": [1.0, -2.0, 3.0, 4.0],
        "low": [0.5, -3.0, 2.0, 3.0],
        "high": [1.5, -1.0, 4.0, 5.0],
        "longitude": [1.0, 1.1, 1.0, 1.2],
        "latitude": [50.0, 50.1, 50.2, 50.0],
        "zone": list("pqrs"),
    }
)


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize(
    ("kind", "x", "color", "ranged"),
    [
        ("bar", "zone", "", False),
        ("bar", "zone", "", True),
        ("stacked_bar", "year", "name", False),
        ("stacked_bar", "name", "zone", False),
        ("line", "year", "name", True),
        ("line", "year", "", False),
        ("area", "year", "name", False),
        ("grouped_bar", "name", "year", True),
        ("grouped_bar", "year", "name", False),
        ("circles", "zone", "", False),
    ],
)
def test_every_kind_draws_clean_graphics(kind: str, x: str, color: str, ranged: bool, width: int) -> None:
    table = FRAME if color else FRAME.drop_duplicates(x)
    ends = {"low": "low", "high": "high"} if ranged else {}
    figure = Figure("f", "A & B", kind, table, x, "value", "kt CO2e", ("s",), color=color, **ends)
    svg = drawing(figure, width, "p")
    root = ET.fromstring(svg)
    assert root.attrib["aria-label"] == "A & B, kt CO₂e"
    assert "NaN" not in svg
    assert "undefined" not in svg
    assert abs(float(root.attrib["viewBox"].split()[2]) - width) < 2
    marks = [e for e in root.iter() if e.tag.endswith("path") and e.attrib.get("fill", "none") != "none"]
    assert marks or kind == "line"


def test_a_line_over_an_area_and_what_has_no_picture() -> None:
    line = pd.DataFrame({"x": [2026, 2030], "y": [5.0, 2.0]})
    figure = LinedFigure(
        "f", "T", "area", FRAME, "year", "value", "kt", (), color="name", line=line, line_name="pledge"
    )
    assert "pledge" in drawing(figure)
    assert not drawable(Figure("f", "T", "table", FRAME, "", "", "", ()))
    assert not drawable(Figure("f", "T", "bar", FRAME.head(0), "year", "value", "", ()))


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_axes_hold_their_values_and_zero(a: float, b: float) -> None:
    low, high, ticks = nice_scale(min(a, b), max(a, b))
    slack = 1e-6 * max(1.0, abs(a), abs(b))
    assert low <= min(a, b, 0.0) + slack
    assert high >= max(a, b, 0.0) - slack
    assert 2 <= len(ticks) <= 13


def _seen(colour: str, matrix: np.ndarray) -> np.ndarray:
    rgb = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ np.clip(
        matrix @ linear, 0, 1
    )
    f = np.cbrt(np.maximum(xyz / np.array([0.9505, 1.0, 1.089]), 0.008856))
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def test_colours_survive_a_grey_printer_and_colour_blindness() -> None:
    """Neighbours in a stack differ in lightness; any two differ for a deuteranope (Machado et al. 2009)."""
    light = [theme.lightness(c) for c in theme.CATEGORIES]
    assert min(abs(a - b) for a, b in pairwise(light)) >= 15
    deuteranope = np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]]
    )
    pairs = combinations([_seen(c, deuteranope) for c in theme.CATEGORIES], 2)
    assert min(float(np.linalg.norm(a - b)) for a, b in pairs) >= 9
    ramp = [theme.lightness(c) for c in theme.ordered(4)]
    assert all(a - b >= 12 for a, b in pairwise(ramp))


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
