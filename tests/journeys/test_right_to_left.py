"""In a language that runs from right to left: the layout is mirrored, nothing runs over, axe finds nothing."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Arrive, tutela
from tests.journeys.looking import DESK, PHONE
from tests.journeys.people import TOMAS, Person
from tests.server import CHECKOUT, Server, running_server

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    settings = {"DJANGO_SETTINGS_MODULE": "tests.journeys.right_to_left", "PYTHONPATH": str(CHECKOUT)}
    folder = tmp_path_factory.mktemp("rtl")
    with running_server(folder, arguments=("--no-stories",), environment=settings) as running:
        for story in ("tomas", "zuri"):
            tutela(running, "story", "play", story)
        yield running


def test_today_the_file_and_a_form_stand_from_right_to_left(arrive: Arrive) -> None:
    amara = arrive(size=DESK)
    _sign_in(amara, "amara")
    expect(amara.page.locator("html")).to_have_attribute("dir", "rtl")
    brand, menu = amara.page.locator(".brand").bounding_box(), amara.page.locator(".menu").bounding_box()
    assert brand and menu and brand["x"] > menu["x"], "the name of the house stands at the right"
    amara.follow("Cases")
    amara.follow(TOMAS)
    code = amara.page.locator("header.who .code")
    expect(code).to_have_css("direction", "ltr")
    amara.follow("People")
    expect(amara.page.get_by_role("link", name="+254 700 000 111")).to_have_css("direction", "ltr")
    amara.follow("Consent")
    amara.follow("Plan")
    amara.follow("Change the plan")
    expect(amara.page.locator("[data-form]")).to_have_attribute("dir", "rtl")


def test_what_a_caseworker_goes_through_in_a_day_stands_from_right_to_left(arrive: Arrive) -> None:
    """Every page is looked at as it comes: nothing runs over at 320 px, and axe finds nothing."""
    amara = arrive(size=PHONE)
    _sign_in(amara, "amara")
    for page in (
        "/",
        "/intake",
        "/intake/group",
        "/quick-note",
        "/services",
        "/services/new",
        "/day-plan",
        "/day-plan/run-sheet",
    ):
        _comes_mirrored(amara, page)
    amara.follow("Cases")
    amara.follow(TOMAS)
    file = amara.page.url.partition("#")[0].removeprefix(amara.watch.origin)
    for page in (
        "assessment",
        "services",
        "services/find",
        "plan/print",
        "forms/referral.done",
        "forms/assessment.initial",
    ):
        _comes_mirrored(amara, f"{file}{page}")
    _comes_mirrored(amara, f"{file}plan/copy")
    _choose_and_save(amara)
    expect(amara.page).to_have_url(re.compile("plan/copy/paper"))
    expect(amara.page.locator("html")).to_have_attribute("dir", "rtl")
    _comes_mirrored(amara, f"{file}family")
    _choose_and_save(amara)
    _comes_mirrored(amara, f"{file}family-visit")


def test_what_a_supervisor_goes_through_stands_from_right_to_left(arrive: Arrive) -> None:
    samira = arrive(size=PHONE)
    _sign_in(samira, "samira")
    for page in ("/team", "/team/meeting", "/team/meeting/notes", "/services/gaps"):
        _comes_mirrored(samira, page)
    samira.open("/team")
    samira.follow("Amara Okello")
    code = samira.page.locator(".code").first
    expect(code).to_have_css("direction", "ltr")


def _sign_in(somebody: Person, username: str) -> None:
    somebody.open()
    somebody.page.locator("#id_login").fill(username)
    somebody.page.locator("#id_password").fill("demonstration only")
    somebody.press("Sign in")


def _comes_mirrored(somebody: Person, address: str) -> None:
    somebody.open(address)
    heading = somebody.page.locator("h1").first
    expect(heading).to_have_css("direction", "rtl")
    box = heading.bounding_box()
    assert box and box["x"] + box["width"] > PHONE["width"] / 2, "the heading begins at the right"


def _choose_and_save(somebody: Person) -> None:
    """By place, for Django has its own translation of the words on some buttons."""
    somebody.page.get_by_role("radio").first.check()
    with somebody.page.expect_navigation():
        somebody.page.locator(".button-row button").first.click()
