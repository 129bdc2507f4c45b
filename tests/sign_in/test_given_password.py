"""A password that somebody else gave lets its owner in once: to choose one that nobody else knows."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pytest_django.fixtures import Settings

from tests.cast import START, Cast, a_case
from tests.sign_in.someone import FACTOR, PASSWORD, Someone
from tutela import commands
from tutela.access.models import User
from tutela.access.staffing import Post
from tutela.audit.models import AuditRow
from tutela.foundation.clock import now
from tutela.foundation.ids import new_id
from tutela.web.second_factor import must_have_one

pytestmark = pytest.mark.django_db
At = Callable[..., Someone]

CHANGE = "/accounts/password/change/"
OWN = "nine slow barges upstream"


def given(cast: Cast, someone: At) -> tuple[Someone, str]:
    """A caseworker who forgot their password, at a browser, and the one that an administrator told them."""
    words = commands.give_password(cast.caseworker.id, by=cast.administrator, at=now())
    return someone(User.objects.get(id=cast.caseworker.id)), words


def change(amara: Someone, old: str, new: str) -> str:
    told = {"oldpassword": old, "password1": new, "password2": new}
    response = amara.browser.post(CHANGE, told)
    return response.headers.get("Location", "") or " ".join(response.content.decode().split())


def test_nothing_opens_before_they_chose_their_own(cast: Cast, someone: At) -> None:
    file = a_case(cast)
    amara, words = given(cast, someone)
    assert amara.sign_in(words).url == "/"
    for page in ("/", "/cases", f"/files/{file}/", "/accounts/sessions/", FACTOR, "/incidents/new"):
        assert amara.browser.get(page).headers["Location"] == CHANGE, page
    drafted = amara.browser.post("/forms/intake.identification/draft", {"name": "Zwjeruba"})
    assert drafted.headers["Location"] == CHANGE
    page = amara.browser.get(CHANGE).content.decode()
    assert "Whoever gave you this password knows it." in page and "Leave it as it is" not in page
    assert change(amara, words, OWN) == "/"
    assert amara.reaches("/") and amara.reaches(f"/files/{file}/")
    assert User.objects.get(id=cast.caseworker.id).password_given_at is None
    assert AuditRow.objects.get(act="password.changed").by == cast.caseworker.id


def test_the_given_one_is_no_password_of_their_own(cast: Cast, someone: At) -> None:
    amara, words = given(cast, someone)
    amara.sign_in(words)
    assert "This is the password that you have. Choose another one." in change(amara, words, words)
    assert amara.browser.get("/").headers["Location"] == CHANGE


def test_another_password_is_another_one_for_everybody(cast: Cast, someone: At) -> None:
    amara = someone(cast.caseworker)
    amara.sign_in()
    assert "Choose another one." in change(amara, PASSWORD, PASSWORD)
    assert "Leave it as it is" in amara.browser.get(CHANGE).content.decode()


def test_signing_out_and_the_health_of_the_house_need_no_password_of_ones_own(
    cast: Cast, someone: At
) -> None:
    amara, words = given(cast, someone)
    amara.sign_in(words)
    for page in ("/accounts/logout/", "/accounts/still-here/", "/healthz"):
        assert amara.browser.get(page).status_code == 200, page


def test_first_the_password_then_the_second_factor(cast: Cast, someone: At, settings: Settings) -> None:
    settings.SECOND_FACTOR = True
    amara, words = given(cast, someone)
    amara.sign_in(words)
    assert amara.browser.get(FACTOR).headers["Location"] == CHANGE
    assert amara.browser.get(CHANGE).status_code == 200
    change(amara, words, OWN)
    assert amara.browser.get("/").headers["Location"] == FACTOR
    assert amara.browser.get(CHANGE).headers["Location"] == FACTOR  # from now on as every other page
    amara.set_up_codes()
    assert amara.reaches("/")


def test_whoever_was_admitted_with_a_role_that_waits_chooses_a_password_and_finds_nothing(
    cast: Cast, someone: At
) -> None:
    post = Post(role="supervisor", team="River", since=START.date())
    done = commands.admit_person(
        new_id(), post, username="amina", name="Amina Noor", by=cast.administrator, at=now()
    )
    amina = someone(User.objects.get(id=done.user_id))
    amina.sign_in(done.password)
    change(amina, done.password, OWN)
    assert "Your role opens no case files" in amina.browser.get("/").content.decode()
    assert amina.browser.get("/team").status_code == 404


@pytest.mark.usefixtures("demanded")
def test_whoever_says_who_comes_in_must_have_a_second_factor(cast: Cast, someone: At) -> None:
    assert must_have_one(cast.administrator)
    ruth = someone(cast.administrator)
    ruth.sign_in()
    assert ruth.browser.get("/people").headers["Location"] == FACTOR
    ruth.set_up_codes()
    assert ruth.reaches("/people")
