"""Every main page: no breach of WCAG 2.2 A and AA that axe can find, and none scrolls sideways on a narrow screen."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.web.browser.conftest import NARROW, PHONE, PLAN, breaches, too_wide

ASKED = "explain/?plan=rules&account=carbon&period=2030"
OPEN_PAGES = [
    "/", "/cities/boston/", "/cities/boston/versions/", "/cities/boston/versions/1/",
    "/cities/boston/versions/1/file/people.csv/", "/plans/?city=boston", PLAN, f"{PLAN}explain/", f"{PLAN}{ASKED}",
    f"{PLAN}assumptions/", f"{PLAN}what-if/", "/plans/compare/?a=1&b=1", "/departments/boston/",
    "/people/organisations/", "/account/login/", "/account/signup/", "/account/password/reset/", "/no-such-page/",
]  # fmt: skip
MEMBERS_PAGES = [
    "/plans/new/?city=boston", "/plans/new/?from=1", f"{PLAN}dispute/?parameter=heat_pump_cost", f"{PLAN}dispute/",
    "/plans/frontier/?city=boston", f"{PLAN}table/", "/cities/new/", "/plans/mine/", "/runs/", "/people/me/",
    "/people/organisations/new/", "/account/2fa/", "/account/email/", "/account/password/change/",
    "/account/sessions/", "/cities/boston/versions/new/", "/cities/boston/versions/1/edit/people.csv/",
]  # fmt: skip


def _look_at(page: Any, path: str) -> list[str]:
    """What is wrong with a page at its width: breaches with all folds open, and what sticks out."""
    page.goto(path)
    page.evaluate("() => { for (const fold of document.querySelectorAll('details')) fold.open = true; }")
    page.evaluate("() => new Promise(done => setTimeout(done, 300))")  # charts at the top are drawn
    return [f"{path}: {fault}" for fault in breaches(page)]


def _none(faults: list[str]) -> None:
    assert not faults, "\n".join(faults)


def test_pages_for_everyone_are_accessible(window: Callable[..., Any]) -> None:
    page = window()
    _none([fault for path in OPEN_PAGES for fault in _look_at(page, path)])


def test_pages_of_members_are_accessible(window: Callable[..., Any], member: Any) -> None:
    page = window(storage_state=member)
    _none([fault for path in MEMBERS_PAGES for fault in _look_at(page, path)])


def test_pages_are_accessible_on_a_telephone(window: Callable[..., Any], member: Any) -> None:
    page = window(storage_state=member, viewport=PHONE)
    paths = ["/", PLAN, f"{PLAN}{ASKED}", "/plans/new/?from=1", f"{PLAN}what-if/", "/cities/boston/"]
    _none([fault for path in paths for fault in _look_at(page, path)])


@pytest.mark.parametrize("locale", ["es-ES", "pt-BR"])
def test_pages_are_accessible_in_other_languages(window: Callable[..., Any], locale: str) -> None:
    page = window(locale=locale)
    _none([fault for path in ("/", PLAN, f"{PLAN}{ASKED}") for fault in _look_at(page, path)])
    assert page.locator("html").get_attribute("lang") == {"es-ES": "es", "pt-BR": "pt-br"}[locale]


def test_no_page_scrolls_sideways_on_a_narrow_screen(window: Callable[..., Any], member: Any) -> None:
    faults = []
    for paths, options in ((OPEN_PAGES, {}), (MEMBERS_PAGES, {"storage_state": member})):
        page = window(viewport=NARROW, **options)
        for path in paths:
            page.goto(path)
            faults += [f"{path}: {fault}" for fault in too_wide(page)]
            page.evaluate("() => { for (const fold of document.querySelectorAll('details')) fold.open = true; }")
            faults += [f"{path}, all unfolded: {fault}" for fault in too_wide(page)]
    _none(faults)
