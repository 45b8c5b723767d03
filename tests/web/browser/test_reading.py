"""Reading a plan by keyboard, in other languages, without scripts and on paper."""

import re
from collections.abc import Callable
from typing import Any

from tests.web.browser.conftest import PLAN, sign_up

#: Where a heading is once the page no longer moves: it scrolls gently, and what is near is drawn meanwhile.
AT_REST = """heading => new Promise(done => {
    let last = NaN, still = 0;
    const look = () => {
        const top = heading.getBoundingClientRect().top;
        still = top === last ? still + 1 : 0;
        last = top;
        if (still > 5) done(top); else setTimeout(look, 100);
    };
    setTimeout(look, 300);
})"""


def _focused(page: Any) -> str:
    return str(page.evaluate("() => document.activeElement.outerHTML"))


def test_the_keyboard_skips_to_the_content_and_back_from_an_explanation(page: Any) -> None:
    page.goto(PLAN)
    page.keyboard.press("Tab")
    assert 'class="skip"' in _focused(page), "the first stop is not the way to the content: " + _focused(page)[:200]
    shown = page.locator("a.skip").evaluate("link => link.getBoundingClientRect().left >= 0")
    assert shown, "the focused link is hidden"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.querySelector('#main').contains(document.activeElement)"), _focused(page)[:200]
    link = page.locator("ul.numbers a.ask").first
    link.focus()
    page.keyboard.press("Enter")
    dialog = page.locator("dialog#explain")
    dialog.locator(".total").wait_for()
    assert page.evaluate("() => document.querySelector('dialog#explain').contains(document.activeElement)")
    page.keyboard.press("Escape")
    assert not dialog.is_visible()
    assert link.evaluate("link => document.activeElement === link"), "focus is lost: " + _focused(page)[:200]


def test_the_contents_lead_to_their_chapters_and_stay_there(page: Any) -> None:
    page.goto(PLAN)
    for chapter in ("plan", "energy-poverty", "who-decides"):
        page.locator(f"nav.contents a[href='#{chapter}']").click()
        top = page.locator(f"#{chapter} h2").evaluate(AT_REST)
        assert 0 <= top < 300, f"the heading of {chapter} is at {top} px: charts that were drawn pushed it away"


def test_the_language_of_the_page_can_be_chosen(page: Any) -> None:
    page.goto(PLAN)
    assert "6,190 kt CO₂e" in page.locator("ul.numbers").inner_text()
    for code, name, sentence, chapter in (
        ("es", "Español", "9,1 t por habitante", "Quién gana y quién paga"),
        ("pt-br", "Português", "9,1 t por habitante", "Quem ganha e quem paga"),
    ):
        with page.expect_navigation():
            page.locator("#language").select_option(code)
        assert page.locator("html").get_attribute("lang") == code
        assert page.locator(f"#language option[value={code}]").inner_text().startswith(name)
        numbers = page.locator("ul.numbers").inner_text()
        assert "6.190 kt CO₂e" in numbers, numbers
        assert sentence in numbers, numbers
        assert page.locator("#who-gains h2").inner_text() == chapter
        assert page.url.endswith(PLAN), "choosing a language left the page"
        page.locator("#plan .chart.wide").first.scroll_into_view_if_needed()
        page.locator("#plan .chart.wide svg", has_text=".000").first.wait_for()
    with page.expect_navigation():
        page.locator("#language").select_option("en")
    assert "6,190 kt CO₂e" in page.locator("ul.numbers").inner_text()


def test_without_scripts_tables_stand_in_for_charts_and_forms_work(window: Callable[..., Any]) -> None:
    page = window(java_script_enabled=False)
    page.goto(PLAN)
    assert not page.locator(".chart:visible").count(), "room is kept for charts that nothing draws"
    assert page.locator("main .chart").count() > 10
    fold = page.locator("figure details", has=page.locator("table")).first
    fold.locator("summary").click()
    assert fold.locator("tbody tr").first.is_visible()
    page.locator("ul.numbers a.ask").first.click()
    page.get_by_role("heading", name="Where a number comes from").wait_for()
    assert page.locator("ol.terms > li").count() > 3
    page.goto(f"{PLAN}what-if/")
    number = page.locator("input[type=number]").first
    number.fill(str(number.get_attribute("max")))
    page.get_by_role("button", name="Work it out").click()
    page.get_by_role("button", name="Re-optimise with these values").wait_for()
    page.goto(PLAN)
    page.locator("#language").select_option("es")
    page.locator("form.language button").click()
    page.get_by_role("heading", name="Quién gana y quién paga").wait_for()


def test_paper_holds_all_chapters_and_objections_and_no_navigation(page: Any) -> None:
    sign_up(page, "Rosa")
    page.goto(f"{PLAN}dispute/")
    reason = "Nobody asked the tenants of Mattapan."
    page.get_by_label("Why").fill(reason)
    page.get_by_role("button", name="Print my objection").click()
    page.wait_for_url(f"**{PLAN}")
    page.evaluate("() => { window.print = () => window.dispatchEvent(new Event('beforeprint')); }")
    page.get_by_role("button", name="Print", exact=True).click()
    page.emulate_media(media="print")
    for gone in ("header.top", "nav.contents", ".crumbs", "#files", "main button", "a.skip"):
        assert not page.locator(f"{gone}:visible").count(), f"{gone} is on paper"
    assert page.get_by_text(reason).is_visible()
    hidden = page.locator("section.chapter > h2:not(:visible)")
    assert not hidden.count(), hidden.all_inner_texts()
    undrawn = page.locator(".chart.wide:not(:has(svg))")
    assert not undrawn.count(), f"{undrawn.count()} charts are not on paper"
    unread = page.locator("details.long:not([open])")
    assert not unread.count(), "tables that nothing else shows are folded on paper"
    assert page.get_by_text("Demonstration on public data; not the City's plan").first.is_visible()


def test_a_plan_can_be_printed_to_a_file(page: Any) -> None:
    page.goto(PLAN)
    made = page.pdf(format="A4")
    undrawn = page.locator(".chart.wide:not(:has(svg))")
    assert not undrawn.count(), f"{undrawn.count()} charts are not on paper"
    pages = len(re.findall(rb"/Type\s*/Page\b", made))
    assert pages > 10, f"the report has {pages} pages on paper"
