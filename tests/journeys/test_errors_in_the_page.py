"""When something goes wrong while somebody writes: it is said where it is, and what was typed stays in the page."""

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Locator, expect

from tests.journeys.conftest import Arrive, tutela
from tests.journeys.looking import DESK, look
from tests.journeys.people import TOMAS, Person
from tests.server import Server, running_server

pytestmark = pytest.mark.browser

SOON = 5.0  # seconds in which every page answers, whatever is locked or stopped
A_WHILE = 30_000  # milliseconds: a draft is kept three seconds after the last letter, and then the server must answer
SAVED_AS_DRAFT = "Saved as a draft."
SIGNED_OUT = "You have been signed out. What you wrote stays on this page."


class House:
    """A server that can be stopped and started again, at the same address and on the same data."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._port = folder, None
        self._running = ExitStack()
        self.start()
        tutela(self.server, "story", "play", "tomas")

    def start(self) -> None:
        running = running_server(self._folder, port=self._port, arguments=("--no-stories",))
        self.server = self._running.enter_context(running)
        self._port = int(self.server.url.rpartition(":")[2])

    def stop(self) -> None:
        self._running.close()

    @contextmanager
    def stopped(self) -> Iterator[None]:
        self.stop()
        try:
            yield
        finally:
            self.start()

    @contextmanager
    def locked(self) -> Iterator[None]:
        tutela(self.server, "lock")
        try:
            yield
        finally:
            tutela(self.server, "unlock")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("frail"))
    yield house
    house.stop()


@pytest.fixture
def server(house: House) -> Server:
    """Everybody here comes to the house that can be locked and stopped."""
    return house.server


@pytest.fixture
def amara(arrive: Arrive) -> Person:
    return _amara(arrive)


def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(amara: Person) -> None:
    amara.follow("Record an identification")
    amara.fill_in({
        "When did this happen?": "2999-01-01T10:00", "Name or nickname": 'Zoé "<b>" & co', "Age in years": "ninety",
        "What they told us": "One line\n\nand another",
    })  # fmt: skip
    amara.press("Save", status=422)
    said = amara.page.get_by_role("alert")
    amara.sees("4 things to mend before this can be saved", within=said)
    labels = said.get_by_role("link").all_inner_texts()
    assert labels == [
        "When did this happen?",
        "Age in years",
        "Who told us",
        "Priority until the child is seen",
    ]
    for label in labels:
        said.get_by_role("link", name=label).click()
        expect(amara.page.locator(":focus")).to_be_in_viewport()
        expect(amara.question(label).locator(":focus")).to_have_count(1)
    expect(amara.field("Name or nickname")).to_have_value('Zoé "<b>" & co')
    expect(amara.field("Age in years")).to_have_value("ninety")
    expect(amara.field("What they told us")).to_have_value("One line\n\nand another")


def test_a_wrong_password_is_said_without_blame_and_the_name_stays(arrive: Arrive) -> None:
    amara = arrive()
    amara.open()
    amara.fill_in({"Username": "amara", "Password": "not this one"})
    amara.press("Sign in")
    amara.sees("The name and the password do not go together.", within=amara.page.get_by_role("alert"))
    expect(amara.field("Username")).to_have_value("amara")


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_double_click_writes_one_entry(
    arrive: Arrive, script: bool, request: pytest.FixtureRequest
) -> None:
    amara = _amara(arrive, script=script)
    written = f"Pressed twice {request.node.callspec.id}."
    _contact_with_tomas(amara, written)
    amara.page.get_by_role("button", name="Save").dblclick()
    # Where the second press sends the form anew, the browser gives up on the first answer: what counts is where one ends.
    expect(amara.page).to_have_url(re.compile("/files/[^/]+/$"))
    amara.page.wait_for_load_state()
    expect(amara.page.get_by_text(written)).to_have_count(1)
    amara.page.reload()
    expect(amara.page.get_by_text(written)).to_have_count(1)


def test_what_was_left_half_written_is_there_when_one_comes_back(amara: Person) -> None:
    _contact_with_tomas(amara, "Half of a sentence")
    expect(_status(amara)).to_have_text(SAVED_AS_DRAFT, timeout=A_WHILE)
    amara.follow("Today")
    _open_tomas(amara)
    amara.follow("Note a contact")
    amara.sees("You began this earlier")
    expect(amara.field("How the child is")).to_have_value("Half of a sentence")
    expect(amara.page.get_by_role("radio", name="Phone call")).to_be_checked()
    amara.fill_in({"How the child is": "Half of a sentence, and the other half."})
    amara.follow("Save and come back")  # kept at once, without waiting for the next saving
    amara.follow("Note a contact")
    expect(amara.field("How the child is")).to_have_value("Half of a sentence, and the other half.")
    amara.press("Save")
    amara.sees("Half of a sentence, and the other half.")
    amara.follow("Note a contact")
    expect(amara.page.get_by_text("You began this earlier")).to_have_count(0)
    expect(amara.field("How the child is")).to_have_value("")


def test_a_decision_on_a_file_that_changed_shows_what_is_new_and_keeps_the_answers(
    amara: Person, arrive: Arrive
) -> None:
    _open_tomas(amara)
    amara.unfold("Write something else")
    amara.follow("Asking to close the case")
    amara.fill_in({"Reason": "Another reason", "What in the file shows it": "He moved to his uncle."})
    amara.press("Save")
    samira = arrive(size=DESK, looks=False)
    samira.open()
    samira.sign_in("samira")
    samira.follow(f"Read and decide: {TOMAS}")
    samira.fill_in({
        "I agree that this case may be closed": "Yes", "What to do first, or what you saw in the file": "All is there.",
    })  # fmt: skip
    _contact_with_tomas(amara, "He is back from his uncle.")
    amara.press("Save")

    samira.press("Save", status=409)
    said = samira.page.get_by_role("alert")
    samira.sees(
        "This file changed after you opened it", "New since then: Contact, by Amara Okello", within=said
    )
    expect(samira.page.get_by_role("radio", name="Yes")).to_be_checked()
    expect(samira.field("What to do first, or what you saw in the file")).to_have_value("All is there.")
    samira.press("Save")
    samira.sees("Saved: Answer to a request to close.", "He is back from his uncle.")


@pytest.mark.parametrize("lost", ["session", re.compile(".")], ids=["the session", "every cookie"])
def test_a_session_that_ends_while_somebody_writes_costs_nothing(
    amara: Person, lost: str | re.Pattern[str], request: pytest.FixtureRequest
) -> None:
    written = f"Written when {request.node.callspec.id} had gone."
    _contact_with_tomas(amara, "Written before")
    expect(_status(amara)).to_have_text(SAVED_AS_DRAFT, timeout=A_WHILE)
    amara.page.context.clear_cookies(name=lost)
    amara.fill_in({"How the child is": written})
    expect(_status(amara)).to_have_text(SIGNED_OUT, timeout=A_WHILE)
    amara.page.get_by_role("button", name="Save").click()
    expect(amara.field("How the child is")).to_have_value(written)
    look(amara.page, amara.watch)
    with amara.page.context.expect_page() as opened:
        amara.page.get_by_role("link", name="Sign in again, in a new tab").click()
    other = amara.in_tab(opened.value)
    other.sign_in("amara")
    other.page.close()
    amara.press("Save")
    amara.sees(written)


def test_nothing_is_saved_under_the_name_of_whoever_signs_in_instead(amara: Person) -> None:
    _contact_with_tomas(amara, "Only Amara wrote this.")
    other = amara.in_tab(amara.page.context.new_page())
    amara.page.context.clear_cookies()
    other.open()
    other.sign_in("samira")
    amara.page.get_by_role("button", name="Save").click()
    expect(_status(amara)).to_have_text(SIGNED_OUT, timeout=A_WHILE)
    expect(amara.field("How the child is")).to_have_value("Only Amara wrote this.")
    amara.page.context.clear_cookies()
    other.open()
    other.sign_in("amara")
    amara.press("Save")
    amara.sees("Only Amara wrote this.")


def test_locked_files_say_so_at_once_and_what_was_open_can_be_saved_afterwards(
    amara: Person, house: House, arrive: Arrive
) -> None:
    _contact_with_tomas(amara, "Written before the lock.")
    expect(_status(amara)).to_have_text(SAVED_AS_DRAFT, timeout=A_WHILE)
    file = amara.page.url.partition("/forms/")[0].removeprefix(house.server.url) + "/"
    other = amara.in_tab(amara.page.context.new_page())
    with house.locked():
        assert other.page.request.get(house.server.url + file, timeout=SOON * 1000).status == 503
        other.open(file, status=503)
        other.sees("The files are locked", "A child in danger does not wait for this")
        assert json.load(urlopen(f"{house.server.url}/healthz", timeout=SOON)) == {
            "status": "alive",
            "vault": "locked",
        }
        stranger = arrive()
        stranger.open("/accounts/login/")
        amara.fill_in({"How the child is": "Written during the lock."})
        amara.press("Save", status=503)
        expect(amara.field("How the child is")).to_have_value("Written during the lock.")
        amara.sees("The files are locked just now. Nothing was saved.")
    other.follow("Try again")
    other.sees("The story so far")
    amara.press("Save")
    amara.sees("Written during the lock.")


def test_a_server_that_goes_away_leaves_the_page_as_it_is(amara: Person, house: House) -> None:
    _contact_with_tomas(amara, "Before it went.")
    expect(_status(amara)).to_have_text(SAVED_AS_DRAFT, timeout=A_WHILE)
    with house.stopped():
        amara.fill_in({"How the child is": "While it was gone."})
        expect(_status(amara)).to_have_text(
            "No connection. What you wrote stays on this page; keep it open.", timeout=A_WHILE
        )
        amara.page.get_by_role("button", name="Save").click()
        expect(amara.field("How the child is")).to_have_value("While it was gone.")
        expect(amara.page.get_by_role("button", name="Save")).to_be_enabled()
    amara.watch.faults.clear()  # what the browser said of the missing server
    amara.press("Save")
    amara.sees("While it was gone.")


def _amara(arrive: Arrive, *, script: bool = True) -> Person:
    person = arrive(script=script, looks=False)
    person.open()
    person.sign_in("amara")
    return person


def _open_tomas(amara: Person) -> None:
    amara.follow("Cases")
    amara.follow(TOMAS)


def _contact_with_tomas(amara: Person, words: str) -> None:
    """A contact, written and not sent."""
    _open_tomas(amara)
    amara.follow("Note a contact")
    amara.fill_in({"How": "Phone call", "Whom you reached": "The child, alone", "How the child is": words})


def _status(amara: Person) -> Locator:
    return amara.page.get_by_role("status")
