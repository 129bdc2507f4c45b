"""An administrator admits somebody on a phone, tells them a password, and they choose their own; a manager agrees to a role."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Arrive
from tests.journeys.looking import DESK, PHONE
from tests.journeys.people import Person

pytestmark = pytest.mark.browser

OWN = "nine slow barges upstream"


def test_somebody_is_admitted_and_chooses_a_password_of_their_own(arrive: Arrive) -> None:
    ruth, amina, miriam = arrive(size=PHONE), arrive(size=PHONE), arrive(size=DESK)
    told = _admitted(ruth, name="Amina Noor", username="amina.noor", role="Caseworker", team="River team")
    _signs_in(amina, "amina.noor", told)
    amina.sees("Whoever gave you this password knows it.")
    amina.open("/cases")  # nothing else is reached
    amina.sees("Whoever gave you this password knows it.")
    amina.fill_in({"Current Password": told, "New Password": told, "New Password (again)": told})
    amina.press("Change password")
    amina.sees("This is the password that you have. Choose another one.")
    amina.fill_in({"Current Password": told, "New Password": OWN, "New Password (again)": OWN})
    amina.press("Change password")
    expect(amina.page).to_have_url(f"{amina.watch.origin}/")
    amina.follow("Record an identification")
    _one_more_role(ruth)
    _agrees(miriam)
    amina.open("/team")
    _shut_out(ruth)
    amina.open("/team")
    amina.sees("Sign in")
    for person in (ruth, amina, miriam):
        person.watch.never_told(told, OWN)


def _admitted(ruth: Person, *, name: str, username: str, role: str, team: str) -> str:
    ruth.open()
    ruth.sign_in("admin")
    ruth.follow("Admit somebody")
    expect(ruth.question("Team")).to_be_hidden()  # a script shows it for roles that have one
    ruth.fill_in({"Name": name, "Name to sign in with": username, "Role": role})
    ruth.fill_in({"Team": team})
    ruth.press("Admit them")
    ruth.sees(f"Tell {name} the password", username)
    told = ruth.page.locator(".contact-way").inner_text()
    ruth.follow("I have told them")
    ruth.sees("not changed yet", f"{role}, {team}")
    return told


def _signs_in(amina: Person, username: str, told: str) -> None:
    amina.open()
    amina.fill_in({"Username": username, "Password": told})
    amina.press("Sign in")


def _one_more_role(ruth: Person) -> None:
    ruth.page.reload()
    expect(ruth.page.get_by_text("not changed yet")).to_have_count(0)
    ruth.follow("Give a role")
    ruth.fill_in({"Role": "Supervisor"})
    ruth.fill_in({"Team": "River team"})
    ruth.press("Give the role")
    ruth.sees("The role waits for a second person.")
    ruth.follow("See what waits: Supervisor, River team")
    ruth.sees("You gave it. Somebody else agrees.")


def _agrees(miriam: Person) -> None:
    miriam.open()
    miriam.sign_in("miriam")
    miriam.sees("A role that reaches far was given")
    miriam.follow("Look at it")
    miriam.press("Agree: Amina Noor, Supervisor, River team")
    miriam.sees("The role is given.", "Agreed to a role that somebody else gave")


def _shut_out(ruth: Person) -> None:
    ruth.follow("People")
    ruth.follow("Amina Noor")
    ruth.sees("Supervisor, River team")
    ruth.follow("Shut them out")
    ruth.press("Shut them out")
    ruth.sees("Is shut out: nobody signs in as them.")
