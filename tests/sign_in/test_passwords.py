"""A password is whatever its owner likes, as long as it is long and not common; another one asks for the old one."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.cast import Cast
from tests.sign_in.someone import PASSWORD, Someone

pytestmark = pytest.mark.django_db
At = Callable[..., Someone]
CHANGE = "/accounts/password/change/"


def change(one: Someone, new: str, *, old: str = PASSWORD) -> None:
    one.sign_in()
    one.browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    one.browser.post(CHANGE, {"oldpassword": old, "password1": new, "password2": new})


@pytest.mark.parametrize(
    "password",
    [
        "ስድስት ቀስ ያሉ ዓሣ ነባሪዎች",
        "🐋🐋 two whales, one 'quote' & <angle>",
        "  spaces before and after  ",
        "only small letters here",
        "a long one " * 11,
    ],
)
def test_any_characters_will_do_and_each_of_them_counts(password: str, cast: Cast, someone: At) -> None:
    one = someone(cast.caseworker)
    change(one, password)
    again = someone(cast.caseworker)
    for nearly in (password[:-1], password.swapcase() if password.swapcase() != password else PASSWORD):
        again.sign_in(nearly)
        assert not again.is_in()
    again.sign_in(password)
    assert again.is_in()


@pytest.mark.parametrize("password", ["short one", "password1234", "caseworker-12", "Lantern-River-27"])
def test_one_that_would_be_guessed_is_refused_and_the_old_one_stays(
    password: str, cast: Cast, someone: At
) -> None:
    change(someone(cast.caseworker), password)
    again = someone(cast.caseworker)
    again.sign_in(password)
    assert not again.is_in()
    again.sign_in()
    assert again.is_in()


def test_words_of_the_place_are_no_harm_among_others(cast: Cast, someone: At) -> None:
    change(someone(cast.caseworker), "nine slow barges upriver, one lantern")
    again = someone(cast.caseworker)
    again.sign_in("nine slow barges upriver, one lantern")
    assert again.is_in()


def test_without_the_old_one_nobody_sets_another(cast: Cast, someone: At) -> None:
    change(someone(cast.caseworker), "nine slow barges upstream", old="nine slow barges")
    again = someone(cast.caseworker)
    again.sign_in("nine slow barges upstream")
    assert not again.is_in()
    again.sign_in()
    assert again.is_in()


def test_fields_hide_what_is_typed_and_let_password_managers_fill_them(cast: Cast, someone: At) -> None:
    one = someone(cast.caseworker)
    fields = _password_fields(one.browser.get("/accounts/login/").content.decode())
    one.sign_in()
    one.browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    fields |= _password_fields(one.browser.get(CHANGE).content.decode())
    assert set(fields) == {"password", "oldpassword", "password1", "password2"}
    for tag in fields.values():
        assert re.search(r'autocomplete="(?:current|new)-password"', tag), tag
        assert "maxlength" not in tag and "onpaste" not in tag


def _password_fields(page: str) -> dict[str, str]:
    """The fields that hide what is typed, by name."""
    tags = re.findall(r"<input[^>]*type=\"password\"[^>]*>", page)
    return {name[1]: tag for tag in tags if (name := re.search(r'name="(\w+)"', tag))}
