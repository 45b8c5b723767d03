"""Pictures of the web application for its manual, taken by hand of a running server.

``python -m tests.web.browser.pictures http://localhost:8000 docs/pictures``; it opens an account there, makes a plan
with another rule and brings a city with one broken cell.
"""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.web.browser.conftest import BROWSERS, DESK, PHONE, PLAN, QUIET, ROOT, sign_up, wait_for_run
from tests.web.browser.test_bringing_a_city import broken

MOST_BYTES = 200_000


def front(page: Any) -> None:
    page.goto("/")


def plan(page: Any) -> None:
    page.goto(PLAN)


def explain(page: Any) -> None:
    page.goto(PLAN)
    page.locator("ul.numbers a.ask").first.click()
    page.locator("dialog#explain .total").wait_for()
    page.locator("dialog#explain summary").first.click()


def what_if(page: Any) -> None:
    page.goto(f"{PLAN}what-if/")
    page.locator("input[type=range]").first.focus()
    page.keyboard.press("End")
    page.get_by_role("button", name="Re-optimise with these values").wait_for()


def departments(page: Any) -> None:
    page.goto("/departments/boston/")


def new_plan(page: Any) -> None:
    page.goto("/plans/new/?from=1")
    page.get_by_label("Name of the plan").fill("Half of the gains")
    page.get_by_label("least share of the gains").fill("50")
    page.get_by_label("Who sets the rules").fill("Neighbourhood council of the harbour")
    page.get_by_label("How it was decided").fill("vote of the assembly")
    page.get_by_label("Try the plan in headwinds").uncheck()
    page.locator("#rules").scroll_into_view_if_needed()
    page.evaluate("() => document.querySelector('#rules').scrollIntoView()")


def compare(page: Any) -> None:
    new_plan(page)
    page.get_by_role("button", name="Make the plan").click()
    wait_for_run(page, "section.chapter")
    page.get_by_role("link", name="Set the two side by side").click()
    page.locator(".chart.wide svg").first.wait_for()


def city_check(page: Any) -> None:
    archive, _row, _right = broken(ROOT / "cities" / "boston")
    page.goto("/cities/new/")
    page.get_by_label("Name of the city").fill("Harbour Town")
    file = {"name": "harbour.zip", "mimeType": "application/zip", "buffer": archive}
    page.get_by_label("Your files").set_input_files(file)
    page.get_by_role("button", name="Bring and check").click()
    wait_for_run(page, "text=No plan can be made before the errors are mended.")
    page.get_by_role("link", name="people.csv, row").first.click()
    page.goto(page.url.split("?")[0])


#: Picture -> how its page is reached, its window, whether someone is signed in.
PICTURES: dict[str, tuple[Callable[[Any], None], dict[str, int], bool]] = {
    "web-front": (front, DESK, False),
    "web-plan": (plan, DESK, False),
    "web-explain": (explain, DESK, False),
    "web-what-if": (what_if, DESK, False),
    "web-departments": (departments, DESK, False),
    "web-phone": (plan, PHONE, False),
    "web-new-plan": (new_plan, DESK, True),
    "web-compare": (compare, DESK, True),
    "web-city-check": (city_check, DESK, True),
}


def take(address: str, folder: Path) -> list[str]:
    """Take every picture. Returns the names of those that are too heavy for a manual."""
    found = next(path for name in BROWSERS if (path := shutil.which(name)))
    heavy = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=QUIET)
        for name, (reach, size, signed_in) in PICTURES.items():
            page = browser.new_context(base_url=address, viewport=size, locale="en-US").new_page()
            if signed_in:
                sign_up(page, "Nia")
            reach(page)
            page.wait_for_timeout(700)  # charts in sight are drawn
            page.screenshot(path=folder / f"{name}.png")
            if (folder / f"{name}.png").stat().st_size > MOST_BYTES:
                heavy.append(name)
            page.context.close()
        browser.close()
    return heavy


if __name__ == "__main__":
    sys.exit(f"too heavy: {too_heavy}" if (too_heavy := take(sys.argv[1], Path(sys.argv[2]))) else 0)
