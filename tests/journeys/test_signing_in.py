"""Signing in with something one has, on a phone; and a page that locks itself with a half-written form on it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import tutela
from tests.journeys.looking import PHONE, Watch
from tests.journeys.people import PASSWORD, Person
from tests.server import Server, running_server
from tests.sign_in.codes import code_now

pytestmark = pytest.mark.browser
DEMANDED = {"TUTELA_SECOND_FACTOR": "1"}
IDLE = 15 * 60 * 1_000  # milliseconds until a page that nobody uses locks itself
SOON = 30.0  # seconds, on a busy machine
A_KEY = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that demands a second factor, as everywhere but in a demonstration."""
    with running_server(
        tmp_path_factory.mktemp("door"), environment=DEMANDED, arguments=("--no-stories",)
    ) as running:
        tutela(running, "story", "play", "tomas")
        yield running


@pytest.fixture
def amara(browser: Browser, house: Server) -> Iterator[Person]:
    """At a phone on which she never was, without any second factor."""
    tutela(house, "user", "reset-second-factor", "amara")
    origin = house.url.replace("127.0.0.1", "localhost")  # where browsers know passkeys without HTTPS
    with browser.new_context(viewport=PHONE, timezone_id="Africa/Nairobi") as context:
        watch = Watch(origin)
        watch.over(context)
        yield Person(context.new_page(), watch)


def with_a_key(page: Page) -> None:
    """A phone with a finger sensor. The browser forgets it once a page is looked at: that comes last."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": A_KEY})


def set_up_codes(amara: Person) -> str:
    """Returns what an app would have photographed."""
    amara.follow("Set up one-time codes")
    secret = amara.page.locator("p.code").inner_text()
    amara.fill_in({"Authenticator code": code_now(secret)})
    amara.press("Go on")
    return secret


def press_and_show(amara: Person, button: str, *, comes_to: str) -> None:
    """A button on which the browser asks for the key before anything is sent."""
    amara.page.get_by_role("button", name=button, exact=True).click()
    expect(amara.page).to_have_url(re.compile(comes_to), timeout=SOON * 1_000)


def test_a_passkey_is_set_up_and_signs_in_alone(amara: Person) -> None:
    looking, amara = amara, Person(amara.page, amara.watch, looks=False)
    with_a_key(amara.page)
    amara.open()
    amara.sign_in("amara")
    amara.sees("Set one up now; it takes two minutes.")
    amara.open("/cases")  # nothing else is reached
    amara.sees("Set one up now")
    amara.follow("Add a passkey or security key")
    press_and_show(amara, "Add it", comes_to="/recovery/$")
    expect(amara.page.locator(".code")).to_have_count(10)
    amara.follow("I have written them down")
    amara.open("/accounts/second-factor/")
    amara.sees("signs you in alone", "10 codes are left")
    amara.follow("Sign out")
    amara.press("Sign out")
    press_and_show(amara, "Sign in with a passkey", comes_to=f"{amara.watch.origin}/$")
    looking.open("/accounts/sessions/")
    looking.sees("The one you are using now.")
    looking.open("/accounts/second-factor/")
    looking.follow("Add a passkey or security key")
    looking.open("/accounts/second-factor/")
    looking.follow("Rename: My phone")
    style = amara.page.locator("link[rel=stylesheet]").first.get_attribute("href")
    headers = amara.page.request.get(f"{amara.watch.origin}{style}").headers
    assert "require-trusted-types-for 'script'" in headers["content-security-policy"]
    assert (
        "immutable" in headers["cache-control"] and headers["cross-origin-resource-policy"] == "same-origin"
    )


def test_codes_and_a_recovery_code_sign_in_after_the_password(amara: Person) -> None:
    amara.open()
    amara.sign_in("amara")
    secret = set_up_codes(amara)
    recovery = amara.page.locator(".code").first.inner_text()
    for code in (code_now(secret, steps=1), recovery):
        amara.open("/accounts/logout/")
        amara.press("Sign out")
        amara.sign_in("amara")
        amara.fill_in({"Code": "000000"})
        amara.press("Go on")
        amara.sees("That did not work.")
        amara.fill_in({"Code": code})
        amara.press("Go on")
        expect(amara.page).to_have_url(f"{amara.watch.origin}/")
    amara.sees("You used a recovery code. There are 9 left")


def test_a_page_locks_itself_and_the_half_written_form_is_there_when_one_signs_in_again(
    amara: Person,
) -> None:
    amara.page.clock.install()
    amara.open()
    amara.sign_in("amara")
    secret = set_up_codes(amara)
    amara.follow("I have written them down")
    amara.follow("Record an identification")
    written = "He waits behind the school, and was not seen since"
    amara.fill_in({"Name or nickname": "Zoé", "What they told us": written})
    amara.page.clock.fast_forward(IDLE + 1_000)
    amara.sees("This page is locked")
    expect(amara.page.get_by_role("main")).to_be_hidden()
    expect(amara.field("Name or nickname")).to_be_hidden()
    here = f"{amara.watch.origin}/accounts/still-here/"
    end = time.monotonic() + SOON
    while amara.page.request.get(here).status != 401:
        assert time.monotonic() < end, "the server still takes the session"
    amara.page.get_by_role("button", name="I have signed in: go on").click()  # not yet
    amara.sees("This page is locked")
    with amara.page.context.expect_page() as opened:
        amara.page.get_by_role("link", name="Sign in again, in a new tab").click()
    other = amara.in_tab(opened.value)
    other.fill_in({"Username": "amara", "Password": PASSWORD})
    other.press("Sign in")
    other.fill_in({"Code": code_now(secret, steps=1)})
    other.press("Go on")
    other.sees("You are signed in again")
    other.page.close()
    amara.page.get_by_role("button", name="I have signed in: go on").click()
    expect(amara.field("What they told us")).to_have_value(written)
    with amara.page.expect_response(lambda one: one.url.endswith("/draft") and one.ok):
        amara.fill_in({"What they told us": f"{written}."})
    amara.page.reload()
    expect(amara.field("What they told us")).to_have_value(f"{written}.")
