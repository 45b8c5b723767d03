"""A newcomer reads a plan, asks where a number comes from, changes a rule, compares, and moves a price."""

import math
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.web.browser.conftest import PLAN, RUN, join, wait_for_run

SETTER = "Neighbourhood council of the harbour"
NAME = "Half of the gains"


@pytest.mark.timeout(2 * RUN)
def test_a_newcomer_reads_questions_and_changes_the_plan(page: Any) -> None:
    _reads_without_signing_in(page)
    _asks_where_a_number_comes_from(page)
    _asks_for_another_rule(page)
    _sees_the_new_rule_and_who_set_it(page)
    _compares(page)


def _reads_without_signing_in(page: Any) -> None:
    page.goto("/")
    page.get_by_role("link", name="Open the plan of Boston").click()
    page.wait_for_url(f"**{PLAN}")
    assert page.get_by_role("link", name="Sign in").is_visible()
    assert page.get_by_text("Demonstration on public data; not the City's plan").first.is_visible()
    assert page.locator("ul.numbers > li").count() == 5
    assert page.locator("main section.chapter").count() > 10


def _asks_where_a_number_comes_from(page: Any) -> None:
    page.locator("ul.numbers a.ask").first.click()
    dialog = page.locator("dialog#explain")
    dialog.locator(".total").wait_for()
    assert dialog.locator(".total").inner_text().startswith("6,19"), "not the number that was asked for"
    first = dialog.locator("ol.terms > li").first
    said = float(re.sub(r".*: ([\d,.]+) .*", r"\1", first.locator("h3").inner_text()).replace(",", ""))
    formula = first.locator("code").first.inner_text()
    assert math.isclose(_by_hand(formula), said, rel_tol=1e-4), f"{formula} is not {said}"
    assert "Source:" in first.inner_text()
    first.locator("summary").click()
    dispute = first.locator("tbody").get_by_role("link", name="Dispute this").first
    assert dispute.is_visible(), "an input cannot be disputed where it is shown"
    dialog.get_by_role("button", name="Close").click()
    assert not dialog.is_visible()


def _by_hand(formula: str) -> float:
    """A product and quotient of named figures, as one types it into a calculator."""
    value = 1.0
    for sign, part in re.findall(r"(^| x | / )(.*?)(?= x | / |$)", formula):
        figure = float(re.findall(r"(?<![\w.])-?\d+\.?\d*(?:e-?\d+)?", part)[0])
        value = value / figure if sign == " / " else value * figure
    return value


def _asks_for_another_rule(page: Any) -> None:
    page.get_by_role("link", name="Try another rule").click()
    page.wait_for_url("**/account/login/**")
    page.locator("header").get_by_role("link", name="Open an account").click()
    join(page, "Nia")
    page.wait_for_url("**/plans/new/?from=1")
    page.get_by_label("Name of the plan").fill(NAME)
    page.get_by_label("least share of the gains").fill("50")
    page.get_by_label("Who sets the rules").fill(SETTER)
    page.get_by_label("How it was decided").fill("vote of the assembly")
    page.get_by_label("Try the plan in headwinds").uncheck()
    page.get_by_label("Judge what the city").check()
    page.get_by_role("button", name="Make the plan").click()
    page.wait_for_url(re.compile(r"/plans/\d+/$"))
    assert page.locator("main [role=status]").first.is_visible()


def _sees_the_new_rule_and_who_set_it(page: Any) -> None:
    page.wait_for_function(
        "() => document.querySelector('#assessed') || (document.querySelector('main progress')?.value ?? 0) > 5",
        timeout=1000 * RUN,
    )
    wait_for_run(page, "section#assessed")
    main = page.locator("main").inner_text()
    assert "at least 50 % of what all households gain" in main
    assert SETTER in main
    assert SETTER in page.locator(".opening").inner_text(), "the page does not begin with who set the rules"
    assert page.locator("#assessed h2").is_visible()


def _compares(page: Any) -> None:
    page.get_by_role("link", name="Set the two side by side").click()
    page.get_by_role("heading", name="Two plans side by side").wait_for()
    rules = page.locator("section", has=page.get_by_role("heading", name="Rules", exact=True)).inner_text()
    assert "at least 40 %" in rules
    assert "at least 50 %" in rules
    assert SETTER in rules
    assert page.locator(".chart.wide svg").first.is_visible()


def test_a_slider_moves_the_figures_and_says_that_decisions_stay(window: Callable[..., Any]) -> None:
    page = window()
    page.goto(f"{PLAN}what-if/")
    assert page.get_by_text("Decisions stay as planned; only prices and factors change.").is_visible()
    outcome = page.locator("#outcome")
    planned, before = outcome.locator("section p").nth(0).inner_text(), outcome.locator("section p").nth(1).inner_text()
    slider = page.locator("input[type=range]").first
    slider.focus()
    with page.expect_response(lambda answer: "/what-if/?" in answer.url):
        slider.press("End")
    outcome.get_by_role("button", name="Re-optimise with these values").wait_for()
    assert slider.input_value() == page.locator("input[type=number]").first.input_value(), "two values for one figure"
    assert outcome.locator("section p").nth(0).inner_text() == planned
    assert outcome.locator("section p").nth(1).inner_text() != before, "the outcome did not move"
    outcome.locator(".chart.wide svg").wait_for()
