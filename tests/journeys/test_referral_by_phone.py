"""A service was asked by phone before anything was written: whom, what was told, on which basis, and what came of it (R41)."""

import pytest
from playwright.sync_api import Locator, expect

from tests.journeys.conftest import Arrive
from tests.journeys.looking import DESK, PHONE
from tests.journeys.people import Person

pytestmark = [pytest.mark.browser, pytest.mark.covers("R41", "R42")]

CHILD, CLINIC, SCHOOL = "Letaya", "The clinic at the market", "Mill school"
TOLD = "A girl who coughs since the flood; her age; that she comes alone."


def test_what_was_arranged_by_phone_is_written_down_afterwards(arrive: Arrive) -> None:
    amara, samira = arrive(size=PHONE), arrive(size=DESK)
    file = _a_child(amara)
    _told_without_a_basis(amara)
    _the_supervisor_gives_her_word(samira, file)
    _she_and_her_aunt_agree(amara, file)
    _told_with_consent(amara)
    _they_answer(amara)
    _it_begins_and_is_completed(amara)
    _the_other_one_said_no(amara)
    for person in (amara, samira):
        person.watch.never_told(CHILD, CLINIC, SCHOOL)


def _a_child(amara: Person) -> str:
    amara.open()
    amara.sign_in("amara")
    amara.follow("Record an identification")
    amara.fill_in({
        "Name or nickname": CHILD, "Girl or boy": "Girl", "Age in years": "14", "Who told us": "A school",
        "Priority until the child is seen": "Medium",
    })  # fmt: skip
    amara.press("Save")
    amara.follow("Start: Register the child")
    amara.fill_in({"Name": CHILD, "Girl or boy": "Girl", "Area": "River district"})
    amara.press("Save")
    return amara.page.url.partition("#")[0].removeprefix(amara.watch.origin)


def _told_without_a_basis(amara: Person) -> None:
    """It happened, so it is written down as it was; and it says plainly that there was no basis."""
    _services(amara)
    amara.sees("No service is asked yet")
    amara.follow("Already asked by phone or in person")
    amara.fill_in(
        {
            "Service": SCHOOL,
            "What you asked for": "A seat in class",
            "What you told them about the child": "Her age.",
        }
    )
    amara.press("Save", status=422)
    amara.sees("This service is not in the directory. Choose what kind of organisation it is.")
    expect(amara.field("What you told them about the child")).to_have_value("Her age.")
    amara.fill_in({
        "What kind of organisation": "Other organisations", "Sector": "Education",
        "Where there was no consent, why it was told": "School closed its lists that day.",
    })  # fmt: skip
    amara.press("Save")
    _services(amara)
    amara.sees("No basis on file: the supervisor is told", within=_card(amara, SCHOOL))


def _the_supervisor_gives_her_word(samira: Person, file: str) -> None:
    samira.open()
    samira.sign_in("samira")
    samira.open(f"{file}services")
    samira.sees("Something was told to a service, and no consent stood on the file.")
    samira.follow("Give your word")
    samira.fill_in(
        {"Your word": "It was right; ask for consent now", "Advice": "Ask her first, another time."}
    )
    samira.press("Save")
    _services(samira)
    expect(samira.page.get_by_role("link", name="Give your word")).to_have_count(0)


def _she_and_her_aunt_agree(amara: Person, file: str) -> None:
    """At her age both are asked; one of them alone would be no basis yet."""
    amara.open(f"{file}people")
    amara.follow("Add a person")
    amara.fill_in({
        "Name": "Noomirisho", "Who they say they are to the child": "Another relative", "Looks after the child now": "Yes",
    })  # fmt: skip
    amara.press("Save")
    for whom in ("Start: Ask the child", "Start: Ask the caregiver"):
        amara.follow(whom)
        amara.fill_in({"Agrees to": ["Sharing information to get services"], "Given": "In words"})
        amara.press("Save")


def _told_with_consent(amara: Person) -> None:
    _services(amara)
    amara.follow("Already asked by phone or in person")
    amara.fill_in({
        "Service": CLINIC, "Sector": "Health and nutrition", "What kind of organisation": "Other organisations",
        "What you asked for": "That somebody looks at her chest", "What you told them about the child": TOLD,
    })  # fmt: skip
    amara.press("Save")
    amara.sees("Ask whether the service will help")
    _services(amara)
    card = _card(amara, CLINIC)
    amara.sees("Asked, no answer yet", "That somebody looks at her chest", within=card)
    expect(card.get_by_text("No basis on file")).to_have_count(0)
    amara.sees("Ask whether the service will help", within=card)
    amara.follow(f"What they were told: {CLINIC}", within=card)
    amara.sees(TOLD)
    amara.follow("Back to the services of this file")


def _they_answer(amara: Person) -> None:
    """Which of two services answered is known from the card on which one pressed."""
    amara.follow(f"Their answer: {CLINIC}", within=_card(amara, CLINIC))
    expect(amara.field("Which service").locator("option:checked")).to_contain_text(CLINIC)
    amara.fill_in({"The answer": "They accept", "What else they said": "Ask for the nurse."})
    amara.press("Save")
    amara.sees("Confirm that the service has begun")
    _services(amara)
    amara.sees("They accepted", "Nobody has gone along yet.", within=_card(amara, CLINIC))
    amara.sees("Asked, no answer yet", within=_card(amara, SCHOOL))


def _it_begins_and_is_completed(amara: Person) -> None:
    for stage, words, more in (
        ("It has begun", "It has begun", {"Going along": "One of us goes along"}),
        ("It is completed", "Completed and closed", {"It helped, the child or caregiver says": "Yes"}),
    ):
        amara.follow(f"How it goes: {CLINIC}", within=_card(amara, CLINIC))
        amara.fill_in({"Where it stands": stage, **more})
        amara.press("Save")
        _services(amara)
        amara.sees(words, "Somebody went along", within=_card(amara, CLINIC))
    expect(_card(amara, CLINIC).get_by_role("link", name="Their answer")).to_have_count(0)


def _the_other_one_said_no(amara: Person) -> None:
    amara.follow(f"Their answer: {SCHOOL}", within=_card(amara, SCHOOL))
    amara.fill_in({"The answer": "They say no"})
    amara.press("Save", status=422)
    amara.fill_in({"Why not": "No room"})
    amara.press("Save")
    _services(amara)
    amara.sees("They said no", "No room", within=_card(amara, SCHOOL))
    expect(amara.page.get_by_text("Ask whether the service will help")).to_have_count(0)


def _card(amara: Person, service: str) -> Locator:
    return amara.page.get_by_role("article").filter(has=amara.page.get_by_role("heading", name=service))


def _services(somebody: Person) -> None:
    """The tab of the file: the menu has the directory under the same word."""
    somebody.follow("Services", within=somebody.page.get_by_role("navigation", name="Parts of the file"))
