"""First contact in one sitting: told, asked, made safe, registered, assessed and acted on, in the order of the day (R111)."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Arrive
from tests.journeys.looking import DESK, PHONE
from tests.journeys.people import Person

pytestmark = [pytest.mark.browser, pytest.mark.covers("R111")]

CHILD, GRANDMOTHER, PHONE_NUMBER = "Nkatha", "Kanini", "+254 700 000 333"
PURPOSES = [
    "Taking part in case management",
    "Writing down and keeping information",
    "Sharing information to get services",
]


def test_she_is_told_asked_made_safe_registered_and_assessed_and_then_something_is_done(
    arrive: Arrive,
) -> None:
    """At the office: there is time to explain first, and what could not wait was done before she left."""
    amara = arrive(size=DESK)
    _hear_of_her(amara)
    _explain(amara)
    _ask_the_child(amara)
    _add_the_grandmother(amara)
    _ask_the_grandmother(amara)
    _how_to_reach_the_child(amara)
    _register(amara)
    _due_now(amara, {"Finish the initial assessment": "S1 3.2"})
    _assess(amara)
    _act(amara)
    _all_of_it_stands(amara)


def test_what_cannot_wait_is_done_first_and_nothing_of_the_rest_is_lost(arrive: Arrive) -> None:
    """At the bus station: she bleeds. Papers come afterwards, in whatever order, and they come out the same."""
    amara = arrive(size=PHONE)
    _hear_of_her(amara)
    _due_now(amara, {"Register the child": "S2 §2.1.1.d"})
    _act(amara)
    _register(amara)
    _assess(amara)
    _explain(amara)
    _add_the_grandmother(amara)
    _how_to_reach_the_child(amara)
    _ask_the_grandmother(amara)
    _ask_the_child(amara)
    _all_of_it_stands(amara)


def _hear_of_her(amara: Person) -> None:
    amara.open()
    amara.sign_in("amara")
    amara.follow("Record an identification")
    amara.fill_in({
        "Name or nickname": CHILD, "Girl or boy": "Girl", "Age in years": "11", "Who told us": "A school",
        "Priority until the child is seen": "High",
    })  # fmt: skip
    amara.press("Save")
    expect(amara.heading("Girl, 11 years")).to_be_visible()


def _explain(amara: Person) -> None:
    amara.follow("Start: Explain the work and its limits")
    amara.sees("when we must act or report without agreement")
    amara.fill_in({
        "Language": "Kimeru", "Who interpreted": "Nobody; we share a language", "What helped": ["Stories"],
        "Whom not to tell": "Her uncle",
        "Everything above was explained in a way the child could follow": "Yes",
    })  # fmt: skip
    amara.press("Save")
    expect(amara.page.get_by_role("link", name="Start: Explain the work and its limits")).to_have_count(0)


def _ask_the_child(amara: Person) -> None:
    amara.follow("Start: Ask the child")
    amara.fill_in({"Agrees to": PURPOSES, "Given": "In words"})
    amara.press("Save")
    expect(amara.page.get_by_role("link", name="Start: Ask the child")).to_have_count(0)


def _add_the_grandmother(amara: Person) -> None:
    amara.follow("People")
    amara.follow("Add a person")
    amara.fill_in({
        "Name": GRANDMOTHER, "Who they say they are to the child": "Grandparent", "Looks after the child now": "Yes",
        "Phone": PHONE_NUMBER, "Whose phone it is": "Shared, others may answer or read it",
        "What is safe": ["May be called", "Never send a message"], "What to say": "Say it is about the choir.",
    })  # fmt: skip
    amara.press("Save")


def _ask_the_grandmother(amara: Person) -> None:
    """Whoever looks after her is asked by herself, and becomes a task as soon as she is written down."""
    amara.follow("Start: Ask the caregiver")
    amara.sees(f"{GRANDMOTHER} · Grandparent")
    amara.fill_in({"Agrees to": PURPOSES, "Given": "Signed"})
    amara.press("Save")


def _how_to_reach_the_child(amara: Person) -> None:
    amara.unfold("Write something else")
    amara.follow("Reaching the child safely")
    amara.fill_in({
        "Phone": "0700 000 444", "What is safe": ["Never call"], "When": "After school, at the gate",
        "Who may answer": "Nobody else",
    })  # fmt: skip
    amara.press("Save")


def _register(amara: Person) -> None:
    amara.follow("Start: Register the child")
    amara.fill_in({
        "Name": CHILD, "Girl or boy": "Girl", "Age in years, if the date is not known": "11", "Area": "River district",
        "First risks and needs": "Sleeps at the station.",
    })  # fmt: skip
    amara.press("Save")
    amara.sees("Saved: Registration.")


def _assess(amara: Person) -> None:
    amara.follow("Start: Finish the initial assessment")
    amara.fill_in({
        "The child was": "Seen", "What I saw and heard": "She held her arm.", "Safety threats": ["Physical violence"],
        "What protects the child": ["Friends or peers"], "Urgent needs": ["Health"], "Risk level": "High",
        "Why this level": "She goes back to where it happened.", "This assessment is finished": "Yes",
    })  # fmt: skip
    amara.press("Save")
    amara.sees("High risk")


def _act(amara: Person) -> None:
    """One button, on every page of the file, whatever else is missing."""
    amara.follow("Write down an urgent action")
    amara.fill_in({
        "What was done": "Took her to the clinic.", "For which need": ["Health"],
        "On which basis": "Life or health is in danger", "Why it could not wait": "Her arm was bleeding.",
        "The child was told": "Yes",
    })  # fmt: skip
    amara.press("Save")


def _due_now(amara: Person, asked: dict[str, str]) -> None:
    """What is next says until when, and behind a word by which rule and where that is written."""
    for task, source in asked.items():
        item = amara.section("What is next").get_by_role("listitem").filter(has_text=task)
        expect(item.locator(".late, .tag, time").first).to_be_visible()
        item.get_by_text("Why").first.click()
        amara.sees(source, within=item)


def _all_of_it_stands(amara: Person) -> None:
    """Eight entries of one day, each by itself; the deadlines that follow; and how to reach people where they stand."""
    _due_now(amara, {"Make the plan with the child": "S2 §2.1.1.d", "Answer the urgent action": "S2 §3.3.2"})
    expect(amara.page.get_by_role("link", name="Start: Act on the urgent need")).to_have_count(0)
    story = amara.section("The story so far").get_by_role("article")
    kinds = [
        "Identification", "What was explained", "Consent or assent", "Person around the child",
        "Reaching the child safely", "Registration", "Initial assessment", "Urgent action",
    ]  # fmt: skip
    for kind in kinds:
        written = story.filter(has=amara.heading(kind))
        expect(written).to_have_count(2 if kind == "Consent or assent" else 1)
    days = {when.partition(",")[0] for when in story.locator(".entry-when time").all_inner_texts()}
    assert len(days) == 1, days
    amara.follow("People")
    amara.sees(
        "Never send a message", "Say it is about the choir.", "Never call", "After school, at the gate"
    )
    amara.follow("Consent")
    amara.sees("The child", GRANDMOTHER, PURPOSES[2])
    code = amara.page.locator("header.who .code").inner_text().removeprefix("Case code").strip()
    amara.follow("Cases")
    case = amara.page.get_by_role("listitem").filter(has_text=code)
    amara.sees("High risk", "Girl, 11 years", within=case)
    amara.watch.never_told(CHILD, GRANDMOTHER, code)
