"""Figures and sentences of the report: numbers by hand, honest words, clean drawings."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mutirao.justice.outcomes import zones_differ
from mutirao.model.figures import Figure
from mutirao.report import tables, theme, words
from mutirao.report.content import ReportContent
from mutirao.report.draw import drawable, drawing
from mutirao.report.page import report_html
from mutirao.report.scales import NARROW, WIDE, LinedFigure, nice_scale
from tests.small_plan import META, a_content, a_plan


@pytest.fixture(scope="module")
def content() -> ReportContent:
    return a_content()


@pytest.fixture(scope="module")
def page(content: ReportContent) -> str:
    return report_html(content)


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
    assert not zones_differ(content.adopted)
    assert "zones-zones" not in page
    assert "A coloured map would show differences that nobody measured" in page
    apart = {k: a_plan(k, (100.0, 100.0, 60.0, 0.0), 1.0, 1.05) for k in content.plans}
    assert zones_differ(apart["adopted"])
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
