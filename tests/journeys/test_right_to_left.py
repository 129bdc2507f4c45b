"""In a language that runs from right to left: the layout is mirrored, nothing runs over, axe finds nothing."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Arrive, tutela
from tests.journeys.looking import DESK
from tests.server import CHECKOUT, Server, running_server

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    settings = {"DJANGO_SETTINGS_MODULE": "tests.journeys.right_to_left", "PYTHONPATH": str(CHECKOUT)}
    folder = tmp_path_factory.mktemp("rtl")
    with running_server(folder, arguments=("--no-stories",), environment=settings) as running:
        tutela(running, "story", "play", "tomas")
        yield running


def test_today_the_file_and_a_form_stand_from_right_to_left(arrive: Arrive) -> None:
    amara = arrive(size=DESK)
    amara.open()
    amara.page.locator("#id_login").fill("amara")
    amara.page.locator("#id_password").fill("demonstration only")
    amara.press("Sign in")
    expect(amara.page.locator("html")).to_have_attribute("dir", "rtl")
    brand, menu = amara.page.locator(".brand").bounding_box(), amara.page.locator(".menu").bounding_box()
    assert brand and menu and brand["x"] > menu["x"], "the name of the house stands at the right"
    amara.follow("Cases")
    amara.follow("Boy, 12 years")
    code = amara.page.locator("header.who .code")
    expect(code).to_have_css("direction", "ltr")
    amara.follow("People")
    expect(amara.page.get_by_role("link", name="+254 700 000 111")).to_have_css("direction", "ltr")
    amara.follow("Consent")
    amara.follow("Plan")
    amara.follow("Change the plan")
    expect(amara.page.locator("[data-form]")).to_have_attribute("dir", "rtl")
