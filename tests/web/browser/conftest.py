"""A browser, and the web application as a newcomer starts it: server, worker and Boston in it."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

REQUIRED = os.environ.get("MUTIRAO_REQUIRE_ALL") == "1"
"""Set where a skipped test must count as a failure."""

ROOT = Path(__file__).resolve().parents[3]
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
MUTIRAO = [sys.executable, "-c", "from mutirao.cli.main import run; raise SystemExit(run())"]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
#: Without these the browser asks the outside world for things at its start.
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--no-first-run", "--disable-quic"]  # fmt: skip
DESK, PHONE, NARROW = {"width": 1280, "height": 900}, {"width": 360, "height": 780}, {"width": 320, "height": 700}
PASSWORD = "a rather long word 7"
#: Seconds in which a run of Boston ends even where other work goes on beside it.
RUN = 900
#: The demonstration's plan, the first on a fresh site.
PLAN = "/plans/1/"


@dataclass(frozen=True)
class Site:
    """A running server: where it is, and what it writes down, letters included."""

    address: str
    log: Path

    def letter_to(self, email: str) -> str:
        """The newest letter to someone; letters go to the log where no mail server is named."""
        end = time.monotonic() + 20
        while time.monotonic() < end:
            letters = self.log.read_text(encoding="utf-8", errors="replace").split("Content-Type: text/plain")
            found = [letter for letter in letters if f"To: {email}" in letter]
            if found:
                return found[-1]
            time.sleep(0.2)
        raise AssertionError(f"no letter was sent to {email}")


def _absent(why: str) -> None:
    if REQUIRED:
        pytest.fail(why)
    pytest.skip(why)


@pytest.fixture(scope="session")
def boston_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output of ``mutirao plan cities/boston``, without headwinds; MUTIRAO_DEMO_OUT names one made before."""
    if os.environ.get("MUTIRAO_DEMO_OUT"):
        return Path(os.environ["MUTIRAO_DEMO_OUT"])
    folder = tmp_path_factory.mktemp("made") / "boston"
    command = [*MUTIRAO, "plan", "cities/boston", "--skip-headwinds", "--out", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def free_port() -> int:
    """A port on which nothing listens now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture(scope="session")
def site(browser: Any, boston_made: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A running server with a worker and the demonstration in it."""
    if not AXE.is_file():
        _absent("the browser bundle is not built: run frontend/build.py")
    data, port = tmp_path_factory.mktemp("data"), free_port()
    environment = {
        **os.environ,
        "MUTIRAO_DATA": str(data),
        "MUTIRAO_DEMO_OUT": str(boston_made),
        "MUTIRAO_ADDRESS": f"http://localhost:{port}",
    }
    environment.pop("MUTIRAO_DATABASE", None)
    command = [*MUTIRAO, "serve", "--port", str(port), "--workers", "1"]
    log = (data / "log.txt").open("w", encoding="utf-8")
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        _wait(f"http://localhost:{port}/alive/", process, data / "log.txt")
        yield Site(f"http://localhost:{port}", data / "log.txt")
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
        log.close()


def _wait(url: str, process: "subprocess.Popen[Any]", log: Path) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    raise AssertionError("the server did not start:\n" + log.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Debian's Chromium, driven by Playwright."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where a browser is to be had

    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        _absent("no Chromium is installed (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=QUIET)
        yield opened
        opened.close()


class Watch:
    """What a browser said and asked for that it should not have."""

    def __init__(self, address: str) -> None:
        self.address, self.errors, self.foreign = address, list[str](), list[str]()

    def over(self, context: Any) -> None:
        """Watch all pages of a browser from now on."""
        context.on("console", self._said)
        context.on("weberror", lambda told: self.errors.append(f"{told.page.url if told.page else ''}: {told.error}"))
        context.on("request", self._asked)

    def _said(self, message: Any) -> None:
        # An answer 4xx is told in the console, and is no fault of the page.
        if message.type == "error" and "status of 4" not in message.text:
            self.errors.append(f"{message.location.get('url', '')}: {message.text}")

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.address + "/", "data:", "blob:", "about:")):
            self.foreign.append(request.url)

    def settle(self) -> None:
        """Fail on anything that was noticed."""
        assert not self.errors, "the browser's console has errors:\n" + "\n".join(self.errors)
        assert not self.foreign, f"asked of another place: {self.foreign}"


@pytest.fixture
def window(browser: Any, site: Site) -> Iterator[Callable[..., Any]]:
    """Open a fresh browser: ``window()``, ``window(locale="es-ES", viewport=PHONE)``.

    Any error in its console and any request to another place fail the test.
    """
    contexts, watch = [], Watch(site.address)

    def open_window(**options: Any) -> Any:
        context = browser.new_context(**{"base_url": site.address, "viewport": DESK, "locale": "en-US", **options})
        contexts.append(context)
        watch.over(context)
        context.set_default_timeout(20_000)
        return context.new_page()

    yield open_window
    for context in contexts:
        context.close()
    watch.settle()


@pytest.fixture
def page(window: Callable[..., Any]) -> Any:
    """A fresh browser at a desk, in English."""
    return window()


def join(page: Any, name: str) -> str:
    """Open an account under a name on the form to do so, as a newcomer would. Returns its e-mail address."""
    email = f"{name.lower()}-{time.time_ns()}@example.org"
    page.get_by_label("Your name").fill(name)
    page.locator("input[name=email]").fill(email)
    page.locator("input[name=password1]").fill(PASSWORD)
    page.locator("input[name=password2]").fill(PASSWORD)
    page.locator("main button[type=submit]").first.click()
    page.get_by_role("button", name="Sign out").wait_for()
    return email


def sign_up(page: Any, name: str) -> str:
    """Go to the form for new accounts and open one. Returns its e-mail address."""
    page.goto("/account/signup/")
    return join(page, name)


def confirm(page: Any, site: Site, email: str) -> None:
    """Follow the link of the letter that confirms an e-mail address."""
    found = re.search(r"https?://\S+/account/confirm-email/\S+", site.letter_to(email))
    assert found, "the letter holds no link to confirm the address"
    page.goto(found[0])
    button = page.locator("main form button")
    if button.count():
        button.first.click()
    page.wait_for_load_state()


@pytest.fixture(scope="session")
def member(browser: Any, site: Site) -> Any:
    """The signed-in state of someone, for windows that begin signed in."""
    context = browser.new_context(base_url=site.address, locale="en-US")
    page = context.new_page()
    sign_up(page, "Member")
    state = context.storage_state()
    context.close()
    return state


def wait_for_run(page: Any, selector: str) -> None:
    """Wait until a page that shows how far a run is has become the page of its result."""
    end = time.monotonic() + RUN
    while time.monotonic() < end:
        if page.locator(selector).count():
            return
        failed = page.locator("main .notice.warn")
        stopped = page.get_by_text("The run failed.")
        assert not stopped.count(), "the run failed: " + " ".join(failed.all_inner_texts())
        page.wait_for_timeout(300)
    raise AssertionError(f"the run did not end in {RUN} s: " + page.locator("main").inner_text()[:500])


@cache
def _axe() -> str:
    return AXE.read_text(encoding="utf-8")


def breaches(page: Any) -> list[str]:
    """What axe finds against WCAG 2.2 A and AA on the page as it stands."""
    page.evaluate(_axe())
    found = page.evaluate(
        """async () => (await axe.run(document, {runOnly: ["wcag2a","wcag2aa","wcag21a","wcag21aa","wcag22aa"]}))
        .violations.map(v => v.id + ": " + v.help + " -- " + v.nodes.slice(0, 4).map(n => n.target.join(" ")
        + " " + (n.failureSummary || "").slice(0, 200)).join(" | "))"""
    )
    return [str(f) for f in found]


def too_wide(page: Any) -> list[str]:
    """Elements that make a page scroll sideways; none where it does not."""
    found = page.evaluate(
        """() => { const most = document.documentElement.clientWidth;
        if (document.documentElement.scrollWidth <= most) return [];
        const held = e => { for (let p = e.parentElement; p; p = p.parentElement)
            if (getComputedStyle(p).overflowX !== "visible") return true; return false; };
        const out = [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > most + 1
            && !held(e)).slice(0, 5).map(e => e.outerHTML.slice(0, 120));
        return out.length ? out : ["the page is " + document.documentElement.scrollWidth + " px wide"]; }"""
    )
    return [str(f) for f in found]
