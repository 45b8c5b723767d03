"""Chapters on justice: what they say of figures that are known, hidden by their range, or not known at all."""

import math
import re
from collections.abc import Iterator
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mutirao.justice.displacement import Turnover
from mutirao.model.figures import Section
from mutirao.plan.outcomes import Displacement, JusticeOutcomes
from mutirao.report.chapter import Chapter
from mutirao.report.chapters_justice import (
    change_text,
    energy_poverty,
    five_measures,
    justice_chapters,
    order_section,
    span_text,
    value_text,
)
from mutirao.report.chapters_staying import homes_table, pushed_out, warm_rent
from mutirao.report.content import NOT_COMPUTED, ReportContent
from mutirao.report.page import show_chapter
from mutirao.report.words import CANNOT_TELL
from tests.small_plan import BASE, YEARS, a_content

SENTENCE = "Whether any group loses cannot be told: made up for a test."
NAN = float("nan")


def an_indicator(code: str, name: str, unit: str, by: dict[tuple[str, int, str], tuple[float, float, float]],
                 threshold: str = "above 6 % of income", status: str = "") -> list[dict[str, object]]:  # fmt: skip
    return [
        {"plan": plan, "period": period, "zone": "CITY", "group": group, "tenure": "ALL", "indicator": code,
         "name": name, "threshold": threshold, "income_basis": "income of a home, before tax", "spend_basis": "E",
         "value": v, "low": low, "high": high, "unit": unit, "homes": 400.0, "status": status, "note": ""}
        for (plan, period, group), (v, low, high) in by.items()
    ]  # fmt: skip


LINES = [("base_year", BASE)] + [(p, y) for p in ("adopted", "least_cost", "rules") for y in YEARS[1:]]


def indicators() -> pd.DataFrame:
    """Shares that say which plan, year and group they are of: 0.40 in the base year, less in plans and if rich."""
    rows = []
    down = {"base_year": 0.0, "adopted": 0.05, "least_cost": 0.02, "rules": 0.1}
    rich = {"ALL": 0.0, "low": -0.2, "high": 0.2}
    share = {(p, y, g): (0.4 - down[p] - rich[g], 0.35 - down[p] - rich[g], 0.5 - down[p] - rich[g])
             for p, y in LINES for g in rich}  # fmt: skip
    rows += an_indicator("EB6", "Homes that spend more than 6 %", "share of homes", share)
    rows += an_indicator("burden_ratio", "Energy burden", "share of income", share, "none")
    gap = {k: (1e8 * v, 0.9e8 * v, 2e8 * v) for k, (v, _, _) in share.items()}
    rows += an_indicator("gap6", "What homes spend above 6 %", "EUR/year", gap)
    lost = dict.fromkeys(share, (NAN, NAN, NAN))
    rows += an_indicator("LIHC", "Low income and high cost", "share of homes", lost, "below a line",
                         "not estimated: not known: what homes pay for housing")  # fmt: skip
    rows += an_indicator("HVI", "Heat vulnerability", "sum of z-scores", dict.fromkeys(share, (0.0, NAN, NAN)))
    return pd.DataFrame(rows)


def five() -> pd.DataFrame:
    columns = ("measure", "name", "words", "period", "adopted", "plan", "low", "high", "change", "change_low",
               "change_high", "unit", "status")  # fmt: skip
    rows = [
        ("burden", "Energy burden", "So much goes to energy.", 2030, 0.05, 0.04, 0.03, 0.06, -0.01, -0.02, -0.005,
         "share of income", ""),
        ("losers_share", "Who loses", "Homes that pay more.", 2030, 0.0, 0.06, 0.00005, 0.4, 0.06, 0.00005, 0.4,
         "share of homes", ""),
        ("poverty_gap", "Poverty gap", "Money missing.", 2030, 100.0, 80.0, 60.0, 190.0, -20.0, -27.0, -16.0,
         "million EUR/a", ""),
        ("poverty_gap", "Poverty gap", "Money missing.", 2050, 90.0, 97.0, 60.0, 240.0, 7.0, -13.0, 47.0,
         "million EUR/a", ""),
        ("benefit_share", "Share of the benefit", "So much goes to those named.", "whole plan", NAN, 0.4, 0.36, 0.68,
         NAN, NAN, NAN, "share of what homes gain, to: the old town", "A share (benefit_share) can exceed 100 %."),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(columns))


def a_turnover() -> Turnover:
    rows = [
        {"group": g, "tenure": t, "homes": 200.0, "gain": 10.0, "low": 1.0, "high": 20.0, "kept": kept,
         "kept_low": low, "kept_high": 9.0, "kept_without_relief": kept - 0.5, "kept_per_home": 1.0,
         "share_kept": kept / 10.0, "moved_by_rent": moved, "moved_by_rent_without_relief": moved, "dear_years": ""}
        for g, t, kept, low, moved in (("low", "owner", 5.0, 2.0, 0.0), ("low", "renter", 2.0, -1.0, 0.03),
                                       ("high", "owner", 5.0, 1.0, 0.0), ("high", "renter", 2.0, 1.0, 0.0))
    ]  # fmt: skip
    parameters = pd.DataFrame([{"name": "renter_turnover", "value": 0.245, "low": 0.2, "high": 0.3, "given": False}])
    return Turnover(pd.DataFrame(rows), pd.DataFrame(), parameters, ("Rents are not known.",), {}, "adopted")


def flags(flagged: bool) -> pd.DataFrame:
    words = "flagged: more low-income tenants than in the city as a whole, and rent rises by more than bills fall"
    return pd.DataFrame(
        [
            {"place": z, "name": n, "period": y, "homes": 400.0, "low_income_tenants": 0.4, "city_share": 0.26,
             "rent_rise": 290.0, "bills": -35.0, "net": 255.0, "rent_percent": 1.2, "works": 0.3, "city_works": 0.2,
             "flagged": flagged and z == "Z1", "words": words if z == "Z1" else "not flagged: fewer",
             "why": "rent rises by more than bills fall" if flagged and z == "Z1" else ""}
            for z, n in (("Z1", "North"), ("Z2", "South")) for y in YEARS[1:]
        ]
    )  # fmt: skip


def rent() -> pd.DataFrame:
    rows = [("low", 2030, 30.0, 10.0, -84.0, -64.0, -90.0, 34.0),
            ("high", 2030, 99.0, 0.0, -170.0, -71.0, -90.0, -9.0), ("low", 2050, 240.0, 0.0, 22.0, 262.0, 73.0, 600.0),
            ("high", 2050, 99.0, 0.0, -9.0, 90.0, 3.0, 99.0)]  # fmt: skip
    return pd.DataFrame(
        [{"group": g, "period": y, "homes": 100.0, "rent_total": 300.0, "rent_rise": r, "relief": k, "bills": b,
          "net": n, "low": lo, "high": hi} for g, y, r, k, b, n, lo, hi in rows]
    )  # fmt: skip


def order() -> pd.DataFrame:
    columns = ["year", "place", "group", "gain", "next", "probability", "words"]
    rows = [(2026, 1, "low", -1e-9, "high", 0.01, CANNOT_TELL), (2026, 2, "high", -2e-9, "", NAN, ""),
            (2050, 1, "low", 910.0, "high", 0.97, "sure"), (2050, 2, "high", 120.0, "", NAN, "")]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def an_outcome(**changes: object) -> JusticeOutcomes:
    groups = pd.DataFrame(
        [{"zone": "Z1", "group": "low", "tenure": "owner", "homes": 50.0, "income": 14000.0, "energy": 2100.0,
          "required": 2900.0, "rent": NAN, "cooling_access": 0.88, "merged": 1},
         {"zone": "Z1", "group": "ALL", "tenure": "ALL", "homes": 12.0, "income": 44000.0, "energy": 2600.0,
          "required": 2900.0, "rent": NAN, "cooling_access": 0.88, "merged": 2}]
    )  # fmt: skip
    outcome = JusticeOutcomes(
        indicators(), five(), Displacement(flags(True), a_turnover(), SENTENCE), order(), rent(), groups,
        pd.DataFrame(), True, ("Homes differ (assumption).",), (),
    )  # fmt: skip
    return replace(outcome, **changes)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def content() -> ReportContent:
    return a_content()


def sections(chapter: Chapter) -> Iterator[Section]:
    yield from (chapter.section, *chapter.parts)


def text(*chapters: Chapter | Section) -> str:
    parts: list[str] = []
    for one in chapters:
        for section in sections(one) if isinstance(one, Chapter) else [one]:
            parts += [section.title, *section.words]
            for figure in section.figures:
                parts += [figure.title, figure.unit, figure.note, *map(str, figure.table.columns)]
                parts += [str(v) for v in figure.table.to_numpy().ravel()]
    return "\n".join(parts)


def table_of(chapter: Chapter | Section, name: str) -> pd.DataFrame:
    every = sections(chapter) if isinstance(chapter, Chapter) else [chapter]
    return next(f.table for s in every for f in s.figures if f.name == name)


# ---- all together


def test_nothing_computed_is_said(content: ReportContent) -> None:
    (only,) = justice_chapters(content, None)
    assert only.section.words == (NOT_COMPUTED,)


def test_chapters_have_names_of_their_own_and_can_be_drawn(content: ReportContent) -> None:
    found = justice_chapters(content, an_outcome())
    ids = [s.name for c in found for s in sections(c)]
    assert len(ids) == len(set(ids)) == 12
    figures = [f"{s.name}-{f.name}" for c in found for s in sections(c) for f in s.figures]
    assert len(figures) == len(set(figures))
    drawn = [shown for c in found for s in show_chapter(c, {}) for shown in s.figures]
    assert sum(d.drawn for d in drawn) == 1
    assert all(d.rows for d in drawn)


def test_nobody_losing_is_said_by_the_turnover_run_alone(content: ReportContent) -> None:
    said = text(*justice_chapters(content, an_outcome()))
    assert said.count(SENTENCE) == 1
    assert not re.search(r"(?i)\bno (group|one|home) (loses|pays more)|nobody loses", said.replace(SENTENCE, ""))
    assert not re.search(r"(?i)just plan|fair plan|fairest", said)


# ---- energy poverty


def test_the_chart_holds_three_plans_in_order_for_each_group(content: ReportContent) -> None:
    chart = table_of(energy_poverty(content, an_outcome()), "high-burden")
    assert list(chart["when"]) == ["base year 2019", "as adopted, 2050", "the plan, 2050"] * 2
    assert list(chart["share"]) == pytest.approx([0.6, 0.55, 0.5, 0.2, 0.15, 0.1])
    assert list(chart["high"]) == pytest.approx([0.7, 0.65, 0.6, 0.3, 0.25, 0.2])


def test_what_the_city_does_not_know_is_named_and_not_shown(content: ReportContent) -> None:
    chapter = energy_poverty(content, an_outcome())
    assert "Low income and high cost" not in text(Section("x", "", (), chapter.section.figures))
    missing = table_of(chapter, "not-estimated")
    assert missing.to_dict("records") == [
        {"measure": "Low income and high cost", "why": "Not known: what homes pay for housing."}
    ]
    assert "Heat vulnerability" not in text(chapter)  # an index of places against the city is none of the city


def test_basis_freeze_and_threshold_are_named(content: ReportContent) -> None:
    said = text(energy_poverty(content, an_outcome()))
    for words in ("income of a home, before tax", "frozen at 2019", "above 6 % of income", "Homes differ (assumption)"):
        assert words in said
    assert "40 % (35 % to 50 %) of homes in 2019" in said
    assert "30 % (25 % to 40 %) under the plan" in said


def test_a_gap_is_judged_by_the_range_of_its_change(content: ReportContent) -> None:
    words = " ".join(energy_poverty(content, an_outcome()).section.words)
    assert "EUR 80 million in 2030 under the plan (EUR 20 million less than as adopted)" in words
    told = f"whether that is more or less than as adopted, this run {CANNOT_TELL}"
    assert f"EUR 97 million in 2050 under the plan ({told})" in words


def test_without_incomes_the_share_is_not_estimated(content: ReportContent) -> None:
    blank = indicators().assign(value=NAN, low=NAN, high=NAN, status="not estimated: not known: income")
    chapter = energy_poverty(content, an_outcome(indicators=blank))
    assert "not estimated" in chapter.section.words[1]
    assert "high-burden" not in [f.name for f in chapter.section.figures]
    assert len(table_of(chapter, "not-estimated")) == 4


# ---- five measures and the order


def test_changes_that_may_be_nothing_cannot_be_told(content: ReportContent) -> None:
    t = table_of(five_measures(content, an_outcome()), "five").set_index(["measure", "when"])
    changed = t["the plan changes it by"]
    assert changed["Energy burden", "2030"] == "\u22121 points"
    assert changed["Who loses", "2030"] == CANNOT_TELL
    assert changed["Poverty gap", "2030"] == "\u2212EUR 20 million"
    assert changed["Poverty gap", "2050"] == CANNOT_TELL
    assert changed["Share of the benefit", "whole plan"] == "–"
    assert t["range of the plan"]["Who loses", "2030"] == "below 0.1 % to 40 %"


def test_a_measure_that_misleads_says_so_in_words(content: ReportContent) -> None:
    said = text(five_measures(content, an_outcome()))
    assert "Share of the benefit: A share can exceed 100 %." in said
    assert "benefit_share" not in said
    assert "to the old town" in said


def test_an_order_of_nothing_is_left_out(content: ReportContent) -> None:
    t = table_of(order_section(content, an_outcome()), "order")
    assert list(t["year"]) == [2050, 2050]
    assert list(t["gain of a home"]) == ["+910", "+120"]
    assert t["gains more than the next"].iloc[0] == "sure (97 % of draws)"
    assert "all steps" in order_section(content, an_outcome()).words[1]
    empty = order_section(content, an_outcome(ranking=order()[:2]))
    assert not empty.figures


# ---- staying


def test_a_gain_that_may_be_a_loss_cannot_be_told(content: ReportContent) -> None:
    t = table_of(pushed_out(content, an_outcome()), "turnover").set_index(["income", "lives as"])
    low = next(i for i in t.index.get_level_values(0) if "below" in i)
    assert t.loc[(low, "tenant"), "reaches those there today"] == CANNOT_TELL
    assert t.loc[(low, "tenant"), "moved by rent"] == "3 %"
    assert t.loc[(low, "owner"), "reaches those there today"] == "EUR 5 million"
    assert t.loc[(low, "owner"), "moved by rent"] == "fewer than 1 of 200"


def test_flags_are_questions(content: ReportContent) -> None:
    chapter = pushed_out(content, an_outcome())
    t = table_of(chapter, "flags")
    assert t.to_dict("records") == [
        {"where": "North", "flagged in": "2030 and 2050", "low-income tenants": "40 %", "rent for works": "+290",
         "bills": "\u221235", "both": "+260", "why": "rent rises by more than bills fall"}
    ]  # fmt: skip
    assert "1 of 2 zones are flagged" in text(chapter)
    none = an_outcome(displacement=Displacement(flags(False), a_turnover(), SENTENCE))
    assert "does not say that nobody will have to move" in text(pushed_out(content, none))


def test_relief_and_notes_of_the_run_are_told(content: ReportContent) -> None:
    said = text(pushed_out(content, an_outcome()))
    assert "Rent relief keeps EUR 2 million more" in said
    assert "Rents are not known." in said
    assert "24.5 %" in said


def test_tenants_are_judged_by_range(content: ReportContent) -> None:
    section = warm_rent(content, an_outcome())
    assert "tenants of all incomes pay more" in section.words[0]
    t = table_of(section, "warm-rent")
    assert list(t["all together"]) == [CANNOT_TELL, "\u221271", "+260", "+90"]
    assert list(t["range"])[:2] == ["\u221290 to +34", "\u221290 to \u22129"]
    unknown = rent().assign(low=NAN, high=NAN)
    assert f"this run {CANNOT_TELL}" in warm_rent(content, an_outcome(warm_rent=unknown)).words[0]
    assert not warm_rent(content, an_outcome(warm_rent=rent()[:0])).figures


def test_the_homes_table_says_what_is_merged_and_missing(content: ReportContent) -> None:
    chapter = homes_table(content, an_outcome())
    t = table_of(chapter, "homes-table")
    assert list(t["lives as"]) == ["owner", "both"]
    assert list(t["income group"])[1] == "several"
    assert list(t["rent"]) == ["–", "–"]
    said = text(chapter)
    assert "rows that stand for several kinds of homes: 1." in said
    assert "what homes pay for housing" in said
    assert "Fewer than 10 homes" in said


# ---- figures as text


@given(st.floats(-1e4, 1e4), st.floats(0.0, 1e4), st.floats(0.0, 1e4))
def test_a_change_is_told_only_when_its_range_has_one_side(change: float, below: float, above: float) -> None:
    row = {"change": change, "change_low": change - below, "change_high": change + above, "unit": "million EUR/a"}
    said = change_text(row)
    assert (said == CANNOT_TELL) == (change - below <= 0 <= change + above)
    if said != CANNOT_TELL:
        assert said.startswith("+" if change > 0 else "\u2212")


def test_unknown_is_a_dash_and_tiny_is_below() -> None:
    assert value_text(math.nan, "share of homes") == "–"
    assert value_text(0.0, "share of homes") == "0 %"
    assert value_text(0.00003, "share of homes") == "below 0.1 %"
    assert value_text(1.076e8, "USD/year") == "USD 110 million"
    assert value_text(97.2, "million USD/a") == "USD 97 million"
    assert value_text(0.3912, "index") == "0.39"
    assert span_text({"low": NAN, "high": 1.0, "unit": "index"}) == "not known"
