"""Disputing an assumption: the objection is printed at once, and the plan that follows from it stands beside."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.web.browser.conftest import PLAN, RUN, sign_up, wait_for_run

REASON = "The last three tenders of our school district came in far lower."


@pytest.mark.timeout(2 * RUN)
def test_a_disputed_assumption_is_printed_and_answered(page: Any, window: Callable[..., Any]) -> None:
    sign_up(page, "Amaro")
    page.goto(f"{PLAN}assumptions/")
    page.get_by_label("Search").fill("heat pump cost")
    page.locator("#rows tr", has=page.get_by_text("heat_pump_cost", exact=True)).get_by_role("link").click()
    page.get_by_label("The value you hold to be right").fill("9000")
    page.get_by_label("Why").fill(REASON)
    about = page.get_by_role("heading", level=1).inner_text().removeprefix("Dispute: ")
    page.get_by_role("button", name="Print my objection").click()
    page.get_by_text("Your objection is printed on the plan.").wait_for()
    answer = page.url
    _is_printed_for_everyone(window(), about)
    wait_for_run(page, "section.chapter")
    title = page.get_by_role("heading", level=1).inner_text()
    assert about in title
    assert "(disputed by Amaro)" in title
    page.goto(answer)
    page.get_by_role("link", name="Set the two side by side").click()
    rests = page.locator("section", has=page.get_by_role("heading", name="Assumptions", exact=True)).inner_text()
    assert "9,000" in rests, "the comparison does not name the disputed value: " + rests


def _is_printed_for_everyone(page: Any, about: str) -> None:
    page.goto(PLAN)
    objection = page.locator("#objections article", has=page.get_by_text(REASON))
    assert objection.is_visible()
    assert about in objection.inner_text()
    assert "Amaro" in objection.inner_text()
    assert objection.get_by_role("link", name="The plan that follows from it").is_visible()
