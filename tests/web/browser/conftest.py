"""A browser, and the web application as a newcomer starts it: server, worker and Boston in it."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
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


def _absent(why: str) -> None:
    if REQUIRED:
        pytest.fail(why)
    pytest.skip(why)


@pytest.fixture(scope="session")
def boston_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output of ``mutirao plan cities/boston``, without headwinds, which take minutes."""
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
def address(boston_made: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running server with a worker and the demonstration in it."""
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
        yield f"http://localhost:{port}"
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


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    """A fresh browser at the front page; any error in its console fails the test."""
    context = browser.new_context(base_url=address, viewport={"width": 1280, "height": 900}, locale="en-US")
    opened = context.new_page()
    said: list[str] = []
    opened.on("console", lambda m: said.append(m.text) if m.type == "error" else None)
    opened.on("pageerror", lambda e: said.append(str(e)))
    opened.set_default_timeout(20_000)
    yield opened
    context.close()
    said = [s for s in said if "status of 4" not in s]  # an answer 4xx is told in the console, and is no fault
    assert not said, said


@pytest.fixture
def account(page: Any) -> Callable[[str], None]:
    """Open an account under a name, as a newcomer would."""

    def open_account(name: str) -> None:
        page.goto("/account/signup/")
        page.get_by_label("Your name").fill(name.title())
        page.locator("input[name=email]").fill(f"{name}-{time.time_ns()}@example.org")
        page.locator("input[name=password1]").fill("a rather long word 7")
        page.locator("input[name=password2]").fill("a rather long word 7")
        page.locator("main button[type=submit]").first.click()
        page.get_by_role("button", name="Sign out").wait_for()

    return open_account


def breaches(page: Any) -> list[str]:
    """What axe finds against WCAG 2.2 A and AA on the page as it stands."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        """async () => (await axe.run(document, {runOnly: ["wcag2a","wcag2aa","wcag21a","wcag21aa","wcag22aa"]}))
        .violations.map(v => v.id + ": " + v.help + " -- " + v.nodes.slice(0, 4).map(n => n.target.join(" ")
        + " " + (n.failureSummary || "").slice(0, 200)).join(" | "))"""
    )
    return [str(f) for f in found]
