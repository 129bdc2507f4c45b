"""How much a page costs on a weak line, as the browser counts it: compressed, and with headers."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.journeys.conftest import Arrive
from tests.journeys.people import TOMAS

pytestmark = pytest.mark.browser

FIRST_VISIT, LATER_PAGE = 100_000, 30_000  # bytes (design §6)


def test_the_first_visit_is_light(arrive: Arrive) -> None:
    amara = arrive(looks=False)
    with counted(amara.page) as weights:
        amara.open()
        amara.sign_in("amara")
        amara.follow("Record an identification")
    assert any("/static/" in address for address in weights), "nothing was fetched afresh"
    assert weights.total() < FIRST_VISIT, weights


def test_every_later_page_is_light(arrive: Arrive) -> None:
    amara = arrive(looks=False)
    amara.open()
    amara.sign_in("amara")
    amara.follow("Record an identification")
    amara.follow("Cases")
    amara.follow(TOMAS)
    amara.unfold("Write something else")
    forms = amara.page.locator(".starts a").all_inner_texts()
    assert len(forms) > 5
    too_heavy = {}
    for link in ("Today", "Cases", TOMAS, "People", "Plan", "Consent", "Story", *forms):
        if link in forms:
            amara.unfold("Write something else")
        with counted(amara.page) as weights:
            amara.follow(link)
        assert weights[amara.page.url.partition("#")[0]], f"{link} was not counted"
        if weights.total() >= LATER_PAGE:
            too_heavy[link] = weights
        if link in forms:
            amara.follow(TOMAS)
    assert too_heavy == {}


@contextmanager
def counted(page: Page) -> Iterator[Counter[str]]:
    """The bytes that come over the line meanwhile, by address."""
    weights: Counter[str] = Counter()
    addresses: dict[str, str] = {}
    session = page.context.new_cdp_session(page)

    def begun(said: dict[str, Any]) -> None:
        addresses[said["requestId"]] = said["request"]["url"]
        if "redirectResponse" in said:
            weights[said["redirectResponse"]["url"]] += said["redirectResponse"]["encodedDataLength"]

    def finished(said: dict[str, Any]) -> None:
        if said["requestId"] in addresses:  # else it began before the counting, on the page before
            weights[addresses[said["requestId"]]] += said["encodedDataLength"]

    session.on("Network.requestWillBeSent", begun)
    session.on("Network.loadingFinished", finished)
    session.send("Network.enable")
    yield weights
    session.detach()
