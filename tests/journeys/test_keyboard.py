"""With the keyboard alone: every step can be reached, in the order of the page, and one always sees where one is."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.conftest import Arrive
from tests.journeys.people import PASSWORD

pytestmark = pytest.mark.browser

MOST_STEPS = 60  # from one place of a page to any other

_SEEN = """(focused) => {
  const { outlineStyle, outlineWidth } = getComputedStyle(focused);
  const { width, height, bottom, top } = focused.getBoundingClientRect();
  return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 && width > 0 && height > 0 && bottom > 0 && top < innerHeight;
}"""


def test_somebody_signs_in_and_records_an_identification_with_the_keyboard_alone(arrive: Arrive) -> None:
    amara = arrive()
    amara.open()
    page = amara.page
    _tab_to(page, amara.field("Username"))
    page.keyboard.type("amara")
    _tab_to(page, amara.field("Password"))
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(amara.heading("Today")).to_be_visible()

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()

    page.reload()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to what can be begun")).to_be_focused()
    page.keyboard.press("Enter")  # however much is due that day, one comes past it
    expect(page.locator("#begin")).to_be_focused()
    _tab_to(page, page.get_by_role("link", name="Record an identification"), at_most=10)
    page.keyboard.press("Enter")

    expect(amara.heading("Identification")).to_be_visible()
    _tab_to(page, amara.field("Name or nickname"))
    page.keyboard.type("Lokiru")
    _tab_to(page, page.get_by_role("radio", name="Girl"))
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")  # within a group of radio buttons
    expect(page.get_by_role("radio", name="Boy")).to_be_checked()
    _tab_to(page, amara.field("Who told us"))
    page.keyboard.type("A school")
    _tab_to(page, page.get_by_role("button", name="Save"))
    page.keyboard.press("Enter")

    said = page.get_by_role("alert")
    expect(said).to_be_visible()
    _tab_to(page, said.get_by_role("link", name="Priority until the child is seen"))
    page.keyboard.press("Enter")
    _tab_to(page, page.get_by_role("radio", name="High"), at_most=1)
    page.keyboard.press("Space")
    _tab_to(page, page.get_by_role("button", name="Save"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Saved: Identification.")).to_be_visible()

    _tab_to(page, page.locator(".why summary").first)
    page.keyboard.press("Enter")
    expect(page.locator(".why p").first).to_be_visible()


def _tab_to(page: Page, place: Locator, *, at_most: int = MOST_STEPS) -> None:
    """Tab until `place` has the focus, seeing at each step where one is."""
    expect(place).to_be_visible()
    for _ in range(at_most):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        if focused.count():
            assert focused.evaluate(_SEEN), (
                f"Nobody sees where the focus is: {focused.evaluate('(one) => one.outerHTML')}"
            )
            if place.evaluate("(one) => one === document.activeElement"):
                return
    raise AssertionError(f"No way to {place} with the Tab key.")
