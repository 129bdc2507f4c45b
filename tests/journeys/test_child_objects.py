"""Closing where the child objects: the case stays open, and the second time the child agrees. Phone and desk, by clicking."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Arrive
from tests.journeys.looking import DESK
from tests.journeys.people import Person

pytestmark = pytest.mark.browser

CHILD = "Lekishon"
GOALS = "Objectives met, the child is safe and supported, no further risks"
TALK = "Start: Talk over closing with the child, then close"


@pytest.mark.covers("R52")
def test_a_child_who_objects_keeps_the_case_open_until_it_is_settled(arrive: Arrive) -> None:
    amara, samira = arrive(), arrive(size=DESK)
    amara.open()
    amara.sign_in("amara")
    samira.open()
    samira.sign_in("samira")
    code = _a_child_in_a_case(amara)
    _ask(amara)
    _agree(samira, code)
    _the_child_objects(amara)
    _ask(amara)
    _agree(samira, code)
    _the_child_agrees(amara)
    _ask_what_it_was_like(samira, code)
    for person in (amara, samira):
        person.watch.never_told(CHILD, code)


def _a_child_in_a_case(amara: Person) -> str:
    amara.follow("Record an identification")
    amara.fill_in({"Name or nickname": CHILD, "Girl or boy": "Boy", "Age in years": "11", "Who told us": "A school",
                   "Priority until the child is seen": "Low"})  # fmt: skip
    amara.press("Save")
    amara.follow("Start: Register the child")
    amara.fill_in({"Name": CHILD, "Girl or boy": "Boy", "Area": "Hill district"})
    amara.press("Save")
    amara.follow("Start: Finish the initial assessment")
    amara.fill_in({"The child was": "Seen", "Risk level": "Low", "Why this level": "Back at school, fed at home.",
                   "This assessment is finished": "Yes"})  # fmt: skip
    amara.press("Save")
    return amara.page.locator("header.who .code").inner_text().removeprefix("Case code").strip()


def _ask(amara: Person) -> None:
    """What the file lacks is said first, and stops nobody."""
    amara.unfold("Write something else")
    amara.follow("Asking to close the case")
    amara.sees(
        "Is the file complete?",
        "This advises; it stops nobody. A part that this child did not need may stay empty.",
    )
    amara.fill_in({"Reason": GOALS})
    amara.fill_in({
        "The objectives of the plan are met": "Yes", "The child is safe and supported": "Yes",
        "There is no further risk": "Yes", "Several contacts show that the child stays well": "Yes",
        "What in the file shows it": "He goes to school and eats at home.",
    })  # fmt: skip
    amara.press("Save")
    amara.sees("Saved: Asking to close the case.")


def _agree(samira: Person, code: str) -> None:
    samira.open("/team")
    card = samira.section("Waiting for your agreement").locator("article").filter(has_text=code)
    samira.sees("Not yet there", "A review of the plan", within=card)
    samira.follow("Read and decide: Boy, 11 years", within=card)
    samira.fill_in(
        {
            "I agree that this case may be closed": "Yes",
            "What to do first, or what you saw in the file": "Seen.",
        }
    )
    samira.press("Save")


def _the_child_objects(amara: Person) -> None:
    amara.page.reload()
    amara.follow(TALK)
    amara.fill_in({
        "Talked over with the child on": _today(), "The child's view, in the child's words": "Please come until the rains.",
        "Does anybody object": "The child", "They know how to come back and how to complain": "Yes",
        "A visit in the next months is safe and welcome": "Yes",
    })  # fmt: skip
    amara.fill_in({"In which way, as the child agreed": "A visit at home"})
    amara.press("Save")
    amara.sees("Open", "Please come until the rains.")
    expect(amara.page.get_by_role("link", name=TALK)).to_have_count(0)


def _the_child_agrees(amara: Person) -> None:
    """Where a way is missing, the page says so beside the question, and nothing that was typed is lost."""
    amara.page.reload()
    amara.follow(TALK)
    amara.fill_in({
        "Talked over with the child on": _today(), "The child's view, in the child's words": "Now it is good.",
        "Does anybody object": "Nobody", "They know how to come back and how to complain": "Yes",
        "A visit in the next months is safe and welcome": "Yes",
    })  # fmt: skip
    amara.press("Save", status=422)
    amara.sees("Say in which way, as the child agreed; or that the child does not wish it.")
    expect(amara.field("The child's view, in the child's words")).to_have_value("Now it is good.")
    amara.fill_in({"In which way, as the child agreed": "A meeting somewhere else"})
    amara.press("Save")
    amara.sees("Closed", "Visit after closing")


def _ask_what_it_was_like(samira: Person, code: str) -> None:
    """The supervisor asks, not the caseworker."""
    samira.open("/cases?show=closed")
    samira.follow("Boy, 11 years", within=samira.page.locator("li.case").filter(has_text=code))
    samira.follow("Start: Ask what the work was like")
    samira.fill_in({"Child or family were": "Asked"})
    samira.press("Save")
    expect(samira.page.get_by_role("link", name="Start: Ask what the work was like")).to_have_count(0)


def _today() -> str:
    return datetime.now(tz=ZoneInfo("Africa/Nairobi")).date().isoformat()
