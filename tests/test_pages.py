"""Pages for a browser: the report's words and tables, places for charts, questions that give the figures printed."""

import json
import re
from functools import cache
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from mutirao.book.explain import explain
from mutirao.book.question import read_question
from mutirao.ground.speech import SOURCE, in_language
from mutirao.model.figures import Figure
from mutirao.report import tables
from mutirao.report.asks import ASKS, with_asks
from mutirao.report.chapter import Chapter
from mutirao.report.chapters import chapters
from mutirao.report.content import ReportContent
from mutirao.report.gather import gather
from mutirao.report.pages import browser_figure, compact, link
from mutirao.report.planpages import write_pages
from mutirao.report.summary import write_summary
from mutirao.report.workbook import write_workbook
from tests.solved import small_plans, whole_city_plans


@cache
def content(which: str = "zones") -> ReportContent:
    return gather(small_plans() if which == "zones" else whole_city_plans(), None, None, ["one note"])


def asked(c: ReportContent) -> list[Chapter]:
    return with_asks(chapters(c), c)


def answer(c: ReportContent, ask: str) -> float:
    q = read_question(ask)
    total = explain(c.plans[q.plan], q.account, q.period, dict(q.places), dict(q.filters)).total
    if q.less:
        total -= explain(c.plans[q.less], q.account, q.period, dict(q.places), dict(q.filters)).total
    return abs(total) if q.account == "energy" else total


def printed(text: str) -> float:
    return float(text.replace(",", "").replace("\u2212", "-").replace("+", ""))


@pytest.mark.parametrize("which", ["zones", "whole"])
def test_every_question_gives_the_figure_it_stands_under(which: str) -> None:
    c, seen = content(which), set()
    for chapter in asked(c):
        for figure in [f for s in (chapter.section, *chapter.parts) for f in s.figures if f.asks is not None]:
            assert len(figure.asks) == len(figure.table), figure.name
            seen.add(figure.name)
            for column in figure.asks:
                for ask, value in zip(figure.asks[column], figure.table[column], strict=True):
                    if not ask:
                        continue
                    exact = answer(c, ask)
                    if isinstance(value, str):
                        assert printed(value) == pytest.approx(exact, rel=0.051, abs=0.5), (figure.name, ask)
                    elif figure.name in ("bills", "households", "tenures"):  # two or three significant digits
                        assert float(value) == pytest.approx(exact, rel=0.051, abs=0.5), (figure.name, ask)
                    else:
                        rounded = 0.051 if figure.name in ("zones-carbon", "power-own") else 1e-6
                        assert float(value) == pytest.approx(exact, rel=1e-6, abs=rounded), (figure.name, ask)
    needed = {"path", "inventory", "zones-carbon", "payers", "changes", "households", "bills", "power-uses"}
    assert needed <= seen <= set(ASKS)


def test_a_home_of_a_group_pays_what_the_book_says() -> None:
    c = content()
    bill = tables.household_bill(c.plan)
    for group in bill.index:
        for year in bill.columns:
            found = answer(c, f"plan=rules&account=money&period={year}&group={group}&party=households&per=home")
            assert found == pytest.approx(float(bill.loc[group, year]), rel=1e-9)


def test_key_numbers_that_are_sums_can_be_asked() -> None:
    c = content()
    numbers = asked(c)[0].numbers
    assert answer(c, numbers[0].ask) == pytest.approx(float(tables.emissions(c.adopted)[c.plan.base_year]))
    assert any(n.ask for n in numbers[1:]) or "cannot tell" in " ".join(n.value for n in numbers)


def test_pages_hold_the_whole_report_without_styles_or_drawings(tmp_path: Path) -> None:
    paths = write_pages(content(), tmp_path)
    assert [p.name for p in paths] == ["en.json", "es.json", "pt-br.json"]
    for path in paths:
        page = json.loads(path.read_text(encoding="utf-8"))
        whole = "".join(c["html"] for c in page["chapters"])
        places = re.findall(r'data-chart="([^"]+)"', whole)
        assert places
        assert sorted(places) == sorted(page["charts"])
        assert len(set(places)) == len(places)
        for forbidden in (" style=", "<svg", "<script", " onclick", "javascript:"):
            assert forbidden not in whole
        assert 'class="ask" href="explain/?plan=' in whole
        assert len(page["numbers"]) == 5
        assert page["read"]
        ids = re.findall(r' id="([^"]+)"', whole)
        assert len(set(ids)) == len(ids)
        for chapter in page["chapters"]:
            assert f'<section id="{chapter["id"]}"' in chapter["html"]
            for part in chapter["parts"]:
                assert f'id="{part["id"]}"' in chapter["html"]
        for spec in page["charts"].values():
            assert "$schema" not in spec
            assert "data" in json.dumps(spec)
    english, spanish = (json.loads(p.read_text(encoding="utf-8")) for p in paths[:2])
    assert [c["id"] for c in english["chapters"]] == [c["id"] for c in spanish["chapters"]]
    assert english["numbers"][0]["ask"] == spanish["numbers"][0]["ask"] != ""
    assert english["title"] != spanish["title"]


def test_a_figure_of_another_page_has_its_places_table_and_links() -> None:
    table = pd.DataFrame({"year": [2030, 2040], "value": [1.23456789, 2.0]})
    asks = pd.DataFrame({"value": ["plan=a&account=carbon&period=2030", ""]})
    figure = Figure("f", "A <b> title", "line", table, "year", "value", "kt CO2e", ("made up",), asks=asks)
    shown, specs = browser_figure(figure, {"made up": "Somebody"}, "p-")
    assert sorted(specs) == ["p-f-n", "p-f-w"]
    assert 'data-chart="p-f-w"' in shown.wide
    assert shown.sources == ("Somebody",)
    text = str(shown.rows[0][1].text)
    assert text.startswith('<a class="ask" href="explain/?plan=a&amp;account=carbon&amp;period=2030">')
    assert "<a" not in str(shown.rows[1][1].text)
    assert browser_figure(Figure("t", "T", "table", table, "", "", "", ()), {})[1] == {}
    assert link("<1>", 'x"y') == '<a class="ask" href="explain/?x&#34;y">&lt;1&gt;</a>'


def test_specifications_are_small_and_exact_enough() -> None:
    assert compact({"$schema": "x", "a": [1.23456789, 2.0, float("nan"), "t"]}) == {"a": [1.23457, 2, None, "t"]}


def test_the_summary_tells_what_lists_need(tmp_path: Path) -> None:
    c = content()
    s = json.loads(write_summary(c, tmp_path).read_text(encoding="utf-8"))
    last = str(c.plan.years[-1])
    assert s["emissions"]["rules"][last] == pytest.approx(float(tables.emissions(c.plan).iloc[-1]), rel=1e-6, abs=1e-6)
    assert s["extra_cost"] == pytest.approx(tables.cost(c.plan)[0] - tables.cost(c.adopted)[0], rel=1e-6)
    assert {r["name"] for r in s["rules"] if r["on"]} == {"no_low_income_worse_off", "benefit_share"}
    assert all(set(r["said"]) == {"en", "es", "pt-br"} for r in s["rules"])
    rule = next(r for r in s["rules"] if r["on"])
    assert rule["said"]["en"] == rule["words"] != rule["said"]["es"]
    assert {"measure", "meaning", "power", "unit", "share", "amount"} <= set(s["measures"][0])
    paid = c.plan.select("money", basis=["running", "cash"], measure="heat.heat_pumps", period=c.plan.years[1])
    paid = paid[paid["payer"] != "lenders"]["value"].sum()
    told = sum(r["value"] for r in s["costs"] if (r["measure"], r["year"]) == ("heat.heat_pumps", c.plan.years[1]))
    assert told == pytest.approx(paid, rel=1e-6, abs=1e-4)
    assert s["limits"]
    assert s["limits"][0]["price"]
    assert len(s["parameters"]) == len(c.plan.drivers)


def test_the_workbook_holds_the_plan_and_no_formula(tmp_path: Path) -> None:
    c = content()
    c.plan.meta["city"]["note"] = ""
    book = openpyxl.load_workbook(write_workbook(c, tmp_path))
    assert book.sheetnames[:6] == [
        "summary", "measures", "emissions", "emissions by source", "costs by payer", "households by group",
    ]  # fmt: skip
    sheet = book["emissions"]
    heads = [x.value for x in sheet[3]]
    row = next(r for r in sheet.iter_rows(min_row=4, values_only=True) if r[0] == c.plan.base_year)
    mine = row[heads.index("plan under the rules")]
    assert mine == pytest.approx(float(tables.emissions(c.plan).iloc[0]))
    assert not [x for s in book for r in s.iter_rows() for x in r if x.data_type == "f"]


def test_nothing_of_a_page_depends_on_the_language_before() -> None:
    with in_language("es"):
        shown, _ = browser_figure(Figure("x", "The plan", "table", pd.DataFrame({"a": [1]}), "", "", "", ()), {})
    assert shown.title == "El plan"
    with in_language(SOURCE):
        assert browser_figure(Figure("x", "The plan", "table", pd.DataFrame({"a": [1]}), "", "", "", ()), {})[
            0
        ].title == "The plan"
