"""The same line with script switched off: everything shows, and what does not fit comes back with a sentence."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Arrive
from tests.journeys.looking import look
from tests.journeys.people import Person

pytestmark = pytest.mark.browser

CHILD = "Ekiru"


def test_one_child_with_script_switched_off(arrive: Arrive) -> None:
    amara = arrive(script=False)
    amara.open()
    amara.sign_in("amara")
    _hear_of_the_child(amara)
    _ask(amara)
    _register(amara)
    _assess(amara)
    _plan(amara)
    _contact(amara)
    amara.watch.never_told(CHILD)


def test_forms_whose_script_never_came_are_sound(arrive: Arrive) -> None:
    """On a weak line: every question shows, and nothing is offered that needs the script."""
    amara = arrive(looks=False)
    amara.page.route("**/*.js", lambda route: route.abort())
    amara.open()
    amara.sign_in("amara")
    for form in ("Consent or assent", "Case plan", "Asking to close the case"):
        amara.follow("Cases")
        amara.follow("Boy, 12 years")
        amara.unfold("Write something else")
        amara.follow(form)
        look(amara.page, amara.watch)
        expect(amara.page.get_by_role("link", name="Save and come back")).to_have_count(0)


def _hear_of_the_child(amara: Person) -> None:
    amara.follow("Record an identification")
    amara.fill_in(
        {"Name or nickname": CHILD, "Girl or boy": "Boy", "Age in years": "ten", "Who told us": "A school"}
    )
    expect(amara.page.get_by_role("link", name="Save and come back")).to_have_count(
        0
    )  # nothing would be saved
    amara.press("Save", status=422)
    amara.sees("2 things to mend before this can be saved")
    expect(amara.field("Name or nickname")).to_have_value(CHILD)
    expect(amara.field("Age in years")).to_have_value("ten")
    amara.fill_in({"Age in years": "10", "Priority until the child is seen": "Medium"})
    amara.press("Save")


def _ask(amara: Person) -> None:
    """Consent: a reason for a no although nothing was refused is shown again, never dropped."""
    amara.follow("Start: Ask the child")
    amara.fill_in({
        "Agrees to": ["Taking part in case management"], "Reason for a no": "He fears the chief", "Given": "In words",
    })  # fmt: skip
    amara.press("Save", status=422)
    expect(amara.field("Reason for a no")).to_have_value("He fears the chief")
    expect(amara.page.get_by_role("checkbox", name="Taking part in case management").first).to_be_checked()
    amara.sees("Reason for a no", within=amara.page.get_by_role("alert"))
    amara.fill_in({"Says no to": ["Sharing information to get services"]})
    amara.press("Save")


def _register(amara: Person) -> None:
    """A date of birth and an age as well: one of them is enough, and both stay on the page until somebody chooses."""
    amara.follow("Start: Register the child")
    amara.fill_in({
        "Name": CHILD, "Girl or boy": "Boy", "Date of birth": "2016-05-01", "Area": "Hill district",
        "Age in years, if the date is not known": "10", "First risks and needs": "Herds goats all day.",
    })  # fmt: skip
    amara.press("Save", status=422)
    expect(amara.field("Age in years, if the date is not known")).to_have_value("10")
    expect(amara.field("First risks and needs")).to_have_value("Herds goats all day.")
    amara.fill_in({"Age in years, if the date is not known": ""})
    amara.press("Save")
    amara.sees("Case code")


def _assess(amara: Person) -> None:
    amara.follow("Start: Finish the initial assessment")
    amara.fill_in({
        "The child was": "Spoken with", "Safety threats": ["Exploitation"], "Risk level": "Medium",
        "When it happened, as far as the child wishes to say": "Not asked", "Why this level": "Safe at night.",
        "This assessment is finished": "Yes",
    })  # fmt: skip
    amara.press("Save", status=422)
    boxes = amara.page.get_by_role("group", name="Safety threats")
    expect(boxes.get_by_role("checkbox", name="Exploitation")).to_be_checked()
    expect(amara.field("Why this level")).to_have_value("Safe at night.")
    boxes.get_by_role("checkbox", name="Sexual or gender-based violence").check()
    amara.press("Save")
    amara.sees("Medium risk")


def _plan(amara: Person) -> None:
    """Two spare rows stand there, and one of them may stay empty."""
    amara.follow("Start: Make the plan with the child")
    objectives = amara.page.get_by_role("group", name="Objective").first.get_by_role("group")
    actions = amara.page.get_by_role("group", name="Action").first.get_by_role("group")
    amara.fill_in({"How will we see it": "The register"}, within=objectives.nth(1))
    amara.fill_in({"What": "Talk with his father", "Who": "The caseworker"}, within=actions.nth(0))
    amara.press("Save", status=422)
    objective = objectives.nth(0)  # the empty row before it is gone
    expect(amara.field("How will we see it", within=objective)).to_have_value("The register")
    expect(amara.field("What", within=actions.nth(0))).to_have_value("Talk with his father")
    amara.fill_in({"What should change": "He goes to school"}, within=objective)
    amara.press("Save")
    amara.follow("Plan")
    amara.sees("He goes to school", "Talk with his father")
    amara.follow("Story")


def _contact(amara: Person) -> None:
    """The child was reached, and yet it says what was tried in vain: that does not go together."""
    amara.follow("Note a contact")
    amara.fill_in({
        "How": "Phone call", "Whom you reached": "The child, alone", "What was tried": ["Phone"],
        "How the child is": "The phone was off.",
    })  # fmt: skip
    amara.press("Save", status=422)
    tried = amara.page.get_by_role("group", name="What was tried")
    expect(tried.get_by_role("checkbox", name="Phone", exact=True)).to_be_checked()
    expect(amara.field("How the child is")).to_have_value("The phone was off.")
    amara.fill_in({"Whom you reached": "Nobody: it was an attempt"})
    amara.press("Save")
    amara.sees("The phone was off.")
