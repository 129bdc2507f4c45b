"""The same line with script switched off: everything shows, and what does not fit comes back with a sentence."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Arrive
from tests.journeys.looking import look
from tests.journeys.people import TOMAS, Person

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
        amara.follow(TOMAS)
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


def test_screening_a_group_a_quick_note_a_family_visit_and_a_service_with_script_switched_off(
    arrive: Arrive,
) -> None:
    amara = arrive(script=False)
    amara.open()
    amara.sign_in("amara")
    _several_at_once(amara)
    files = [_screened_and_registered(amara, name) for name in ("Akiru", "Lomuria")]
    _visit_both(amara, files)
    _note_quickly(amara)
    _ask_a_service(amara, files[0])
    amara.watch.never_told("Akiru", "Lomuria", "Nawoi")


def _several_at_once(amara: Person) -> None:
    """Ten lines stand there and two to spare. Two are used, apart from each other; a bad one comes back as it was typed."""
    amara.follow("Intake")
    amara.follow("Write down several children at once")
    lines = amara.page.get_by_role("group", name="Child").first.get_by_role("group", name="Child")
    expect(lines).to_have_count(12)
    expect(amara.page.get_by_role("button", name="Add another")).to_have_count(0)
    amara.fill_in({"Who told us": "A school"})
    amara.fill_in({"Name or description": "Nawoi", "Age in years": "five"}, within=lines.nth(0))
    amara.fill_in(
        {"Name or description": "Girl with a drum", "Age in years": "7", "Mark": ["Urgent"]},
        within=lines.nth(4),
    )
    amara.press("Write them down", status=422)
    expect(amara.field("Age in years", within=lines.nth(0))).to_have_value("five")
    amara.fill_in({"Age in years": "5"}, within=lines.nth(0))
    amara.press("Write them down")
    expect(amara.heading("They are written down")).to_be_visible()
    expect(amara.page.get_by_role("link", name="Register")).to_have_count(2)


def _screened_and_registered(amara: Person, name: str) -> str:
    """What the criteria say is asked for with a button of its own, which sends nothing; then the child is registered."""
    amara.follow("Intake")
    amara.follow("Record an identification")
    amara.fill_in({
        "Name or nickname": name, "Girl or boy": "Boy", "Age in years": "16", "Who told us": "A school",
        "Priority until the child is seen": "Medium",
    })  # fmt: skip
    amara.press("Save")
    file = amara.page.url.partition("#")[0].removeprefix(amara.watch.origin)
    amara.follow("Start: Screen the child")
    amara.fill_in({"Is the child harmed, or at risk of harm?": "Yes", "Why you think so": "He said so.",
                   "Safety threats": ["Neglect"]})  # fmt: skip
    amara.press("What do our criteria say?")
    amara.sees("What applies, side by side. Nothing is added up: you decide.")
    expect(amara.field("Why you think so")).to_have_value("He said so.")
    amara.page.get_by_role("radiogroup", name="You decide").get_by_role("radio").first.check()
    amara.press("Save")
    amara.sees("Saved: Screening.")
    amara.follow("Start: Register the child")
    amara.fill_in({"Name": name, "Girl or boy": "Boy", "Area": "Hill district"})
    amara.press("Save")
    return file


def _visit_both(amara: Person, files: list[str]) -> None:
    code = amara.page.locator("header.who .code").inner_text().removeprefix("Case code").strip()
    amara.open(f"{files[0]}people")
    amara.follow("Link the file of a brother or sister")
    question = amara.question("Which file")
    if question.locator("select").count():
        question.locator("select").select_option(label=question.locator("option", has_text=code).inner_text())
    else:
        question.get_by_label(code).check()
    amara.press("Save")
    amara.follow("Write one visit for the family")
    amara.fill_in({"How": "Home visit, arranged", "The household": "A new roof."})
    amara.press("Go on to each child")
    parts = amara.page.locator("section").filter(has=amara.page.get_by_role("heading", name="Boy, 16 years"))
    expect(parts).to_have_count(2)
    for part, said in zip((parts.nth(0), parts.nth(1)), ("He sings.", "He fishes."), strict=True):
        amara.fill_in({"Whom you reached": "The child, alone", "How this child is": said}, within=part)
    amara.press("Save for each child")
    amara.sees("Saved on 2 children’s files.")


def _note_quickly(amara: Person) -> None:
    amara.follow("Today")
    amara.follow("Quick note")
    amara.fill_in({"In a few words": "Waved from the boat."})
    amara.press("Save", status=422)
    expect(amara.field("In a few words")).to_have_value("Waved from the boat.")
    question = amara.question("Which child")
    if question.locator("select").count():
        question.locator("select").select_option(index=1)
    else:
        question.get_by_role("radio").first.check()
    amara.fill_in({"Whom you saw or spoke with": "The child, alone"})
    amara.press("Save")
    amara.sees("Saved. Complete it when there is time.", "To complete")
    amara.follow("Start: Complete the quick note", within=amara.section("To complete"))
    expect(amara.field("How the child is")).to_have_value("Waved from the boat.")
    amara.fill_in({"How": "Meeting somewhere else"})
    amara.press("Save")


def _ask_a_service(amara: Person, file: str) -> None:
    """Without consent it comes back, with the reason and with what was typed; with consent it is asked."""
    asked = {
        "Service": "The clinic at the lake",
        "What kind of organisation": "Other organisations",
        "What you ask for": "A dressing",
    }
    amara.open(f"{file}services")
    amara.follow("Ask a service")
    amara.follow("Ask a service that is not in the directory")
    amara.fill_in(asked)
    amara.press("Save", status=422)
    amara.sees("Nobody has agreed yet to share with: Other organisations")
    expect(amara.field("What you ask for")).to_have_value("A dressing")
    amara.open(file)
    amara.follow("Start: Ask the child")
    amara.fill_in({"Agrees to": ["Sharing information to get services"], "Given": "In words"})
    amara.press("Save")
    amara.open(f"{file}forms/referral.referral")
    amara.fill_in(asked)
    amara.press("Save")
    amara.open(f"{file}services")
    amara.sees("The clinic at the lake", "Asked, no answer yet")
