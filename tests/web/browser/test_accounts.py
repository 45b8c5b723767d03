"""Second factors as people use them: an app's codes, and a passkey."""

import base64
import hashlib
import hmac
import struct
import time
from typing import Any

from tests.web.browser.conftest import PASSWORD, Site, confirm, sign_up

STEP = 30


def code_of(secret: str, at: float) -> str:
    """The six digits an authenticator app shows at a time (RFC 6238)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(at // STEP)), hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


def _settled() -> float:
    """Now, a few seconds before the code changes at the latest."""
    left = STEP - time.time() % STEP
    if left < 5:
        time.sleep(left + 0.2)
    return time.time()


def _prove(page: Any) -> None:
    """Say the password again: whoever changes how one signs in is asked for it."""
    page.wait_for_url("**/account/reauthenticate/**")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main form button[type=submit]").first.click()


def _sign_out(page: Any) -> None:
    page.get_by_role("button", name="Sign out").click()
    page.locator("header").get_by_role("link", name="Sign in").wait_for()


def test_codes_of_an_app_guard_an_account(page: Any, site: Site) -> None:
    email = sign_up(page, "Vera")
    confirm(page, site, email)
    page.goto("/people/me/")
    page.get_by_role("link", name="Second factor").click()
    page.locator("section.card", has=page.get_by_role("heading", name="Authenticator App")).get_by_role("link").click()
    _prove(page)
    secret = page.locator("#authenticator_secret").input_value()
    assert page.locator("main img").evaluate("image => image.naturalWidth") > 0, "the picture to scan is not shown"
    page.locator("input[name=code]").fill(code_of(secret, _settled()))
    page.locator("main form button[type=submit]").click()
    page.get_by_text("Recovery Codes").first.wait_for()
    _sign_out(page)
    page.goto("/account/login/")
    page.locator("input[name=login]").fill(email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    code = page.locator("input[name=code]")
    code.wait_for()
    now = _settled()
    near = {code_of(secret, now + step * STEP) for step in (-1, 0, 1)}
    wrong = next(c for c in ("000000", "111111", "222222", "333333") if c not in near)
    code.fill(wrong)
    page.locator("main form", has=code).locator("button[type=submit]").first.click()
    page.get_by_text("Incorrect code").wait_for()
    assert not page.get_by_role("button", name="Sign out").count(), "a wrong code let someone in"
    code.fill(code_of(secret, _settled()))
    page.locator("main form", has=code).locator("button[type=submit]").first.click()
    page.get_by_role("button", name="Sign out").wait_for()


def test_a_passkey_signs_in_without_a_password(page: Any, site: Site) -> None:
    email = sign_up(page, "Kofi")
    confirm(page, site, email)
    browser = page.context.new_cdp_session(page)
    browser.send("WebAuthn.enable")
    made = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
            "isUserVerified": True, "automaticPresenceSimulation": True}  # fmt: skip
    browser.send("WebAuthn.addVirtualAuthenticator", {"options": made})
    page.goto("/account/2fa/webauthn/add/")
    _prove(page)
    page.locator("input[name=name]").fill("my telephone")
    page.locator("input[name=passwordless]").check()
    page.get_by_role("button", name="Add", exact=True).click()
    page.wait_for_url(lambda url: "/webauthn/add/" not in url)
    page.goto("/account/2fa/webauthn/")
    assert page.get_by_text("my telephone").first.is_visible()
    _sign_out(page)
    page.goto("/account/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_role("button", name="Sign out").wait_for()
    assert page.get_by_role("link", name="Kofi").is_visible()
