"""A supervisor's morning: an urgent action answered, a new case given to somebody, cover put in for leave."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Arrive
from tests.journeys.looking import DESK
from tests.journeys.people import Person

pytestmark = pytest.mark.browser

CHILD = "Lokiru"
CODE = re.compile(r"^[0-9A-Z]{3}-[0-9A-Z]{4}-[0-9A-Z]$")
HERE = ZoneInfo("Africa/Nairobi")


@pytest.mark.covers("R104")
def test_a_supervisor_answers_allocates_and_puts_in_cover(arrive: Arrive) -> None:
    amara, samira, daniel = arrive(looks=False), arrive(size=DESK), arrive(looks=False)
    code = _a_child_in_danger(amara)
    samira.open()
    samira.sign_in("samira")
    _answer(samira, code)
    _allocate(samira, code)
    _take_over(daniel, code)
    _cover(samira)
    _stand_in(amara, code)
    _end_the_cover(samira)
    amara.open("/cases")
    expect(amara.page.get_by_text(code)).to_have_count(0)
    for somebody in (amara, samira, daniel):
        somebody.watch.never_told(CHILD, code)


def _a_child_in_danger(amara: Person) -> str:
    amara.open()
    amara.sign_in("amara")
    amara.follow("Record an identification")
    amara.fill_in({
        "Name or nickname": CHILD, "Girl or boy": "Boy", "Age in years": "9", "Who told us": "A school",
        "Priority until the child is seen": "High",
    })  # fmt: skip
    amara.press("Save")
    amara.follow("Start: Register the child")
    amara.fill_in({"Name": CHILD, "Girl or boy": "Boy", "Area": "River district"})
    amara.press("Save")
    amara.follow("Write down an urgent action")
    amara.fill_in({
        "What was done": "Brought him to his grandmother for the night.", "For which need": ["Safety"],
        "On which basis": "Waiting would harm the child", "Why it could not wait": "He was locked out.",
    })  # fmt: skip
    amara.press("Save")
    code = amara.page.locator("header.who .code").inner_text().removeprefix("Case code").strip()
    assert CODE.match(code), code
    return code


def _answer(samira: Person, code: str) -> None:
    card = samira.section("Urgent: answer these first").locator("article").filter(has_text=code)
    samira.sees("Brought him to his grandmother for the night.", within=card)
    samira.follow("Answer: Boy, 9 years", within=card)
    samira.fill_in({"Your answer": "I agree, and advise this", "Advice": "See him again tomorrow."})
    samira.press("Save")


def _allocate(samira: Person, code: str) -> None:
    """From the file on which she just was; who carries how much stands in the list she chooses from."""
    expect(samira.page.locator("header.who .code")).to_contain_text(code)
    samira.unfold("Write something else")
    samira.follow("Giving the file to a caseworker")
    offered = samira.field("To whom").locator("option").all_inner_texts()
    assert not [one for one in offered if one.startswith("Amara")], "she has it already"
    (daniel,) = [one for one in offered if one.startswith("Daniel Mwangi · ")]
    assert "open case" in daniel
    samira.fill_in({
        "To whom": daniel, "Why this caseworker": "Nearer to the child",
        "The child was told who comes from now on": "Not yet", "What is urgent": "He sleeps at his grandmother’s.",
    })  # fmt: skip
    samira.press("Save")
    samira.sees("Saved: Giving the file to a caseworker.", "Daniel Mwangi")
    samira.follow("Team")
    changing = samira.section("Changing hands").get_by_role("listitem").filter(has_text=code)
    samira.sees("Daniel Mwangi has not confirmed it yet", within=changing)


def _take_over(daniel: Person, code: str) -> None:
    daniel.open()
    daniel.sign_in("daniel")
    daniel.follow("Cases")
    daniel.page.get_by_role("listitem").filter(has_text=code).get_by_role("link").click()
    daniel.sees("He sleeps at his grandmother’s.")
    daniel.follow("Start: Read the hand-over, and see that the child is told")
    daniel.fill_in({
        "I have read the hand-over, or there is none": "Yes",
        "The child was told who comes from now on": "The child was told",
    })  # fmt: skip
    daniel.press("Save")


def _cover(samira: Person) -> None:
    today = datetime.now(tz=HERE).date()
    samira.follow("Daniel Mwangi")
    samira.sees("Nobody’s consent is written down. Ask before the file changes hands.")
    samira.follow("Put in a stand-in for all of them")
    amara = next(
        one
        for one in samira.field("Who stands in").locator("option").all_inner_texts()
        if one.startswith("Amara")
    )
    samira.fill_in({
        "Who stands in": amara, "Why": "Leave", "First day": today.isoformat(),
        "Last day": (today - timedelta(days=1)).isoformat(),
    })  # fmt: skip
    samira.press("Save", status=422)
    samira.sees("This day has passed. Enter today or a day to come.")
    samira.fill_in({"Last day": (today + timedelta(days=6)).isoformat()})
    samira.press("Save")
    samira.sees("Somebody stands in. See that each child is told who comes.", "Amara Okello stands in until")


def _stand_in(amara: Person, code: str) -> None:
    amara.open("/cases")
    case = amara.page.get_by_role("listitem").filter(has_text=code)
    amara.sees("Covered for Daniel Mwangi until", within=case)
    case.get_by_role("link").click()
    amara.follow("Start: Tell the child who stands in")
    amara.fill_in({"The child was told who stands in": "The child was told"})
    amara.press("Save")


def _end_the_cover(samira: Person) -> None:
    samira.press("End now: Amara Okello")
    expect(samira.heading("Standing in")).to_have_count(0)
