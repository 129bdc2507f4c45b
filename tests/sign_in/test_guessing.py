"""Guessing is slow from anywhere, and nobody who guesses locks out the person whose name they guess at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher, identify_hasher
from django.test import Client

from tests.cast import Cast
from tests.sign_in.someone import PASSWORD, SIGN_IN, Someone
from tutela.access.models import User

pytestmark = pytest.mark.django_db
At = Callable[..., Someone]
SLOWED = "too many attempts"


def guess(username: str, *, address: str, times: int = 1, client: Client | None = None) -> str:
    """What the last of so many wrong passwords is told."""
    browser = client or Client()
    said: Any = None
    for number in range(times):
        said = browser.post(SIGN_IN, {"login": username, "password": f"wrong {number}"}, REMOTE_ADDR=address)
    return str(said.content.decode())


def known_device(at: At, cast: Cast) -> Someone:
    """Amara’s own phone: she has signed in on it and out again."""
    amara = at(cast.caseworker)
    amara.sign_in()
    amara.browser.post("/accounts/logout/")
    return amara


def test_one_name_is_guessed_slowly_from_however_many_addresses(cast: Cast, someone: At) -> None:
    someone(cast.caseworker)
    for host in range(5):
        assert SLOWED not in guess(cast.caseworker.username, address=f"10.1.0.{host}")
    assert SLOWED in guess(cast.caseworker.username, address="10.1.0.99")
    right = Client().post(
        SIGN_IN, {"login": cast.caseworker.username, "password": PASSWORD}, REMOTE_ADDR="10.1.0.98"
    )
    assert SLOWED in right.content.decode()  # even the right one, from a device that is not known


def test_a_stranger_who_guesses_does_not_lock_out_the_phone_of_the_person(cast: Cast, someone: At) -> None:
    amara = known_device(someone, cast)
    for host in range(8):
        guess(cast.caseworker.username, address=f"10.1.0.{host}")
    assert amara.sign_in().url == "/" and amara.is_in()


def test_nor_does_a_colleague_beside_them_at_the_same_address(cast: Cast, someone: At) -> None:
    amara = known_device(someone, cast)
    said = guess(cast.caseworker.username, address="10.0.0.7", times=12)
    assert SLOWED in said or "Too many attempts" in said
    assert amara.sign_in().url == "/" and amara.is_in()


def test_a_known_device_guesses_slowly_too(cast: Cast, someone: At) -> None:
    amara = known_device(someone, cast)
    assert SLOWED not in guess(cast.caseworker.username, address="10.0.0.7", times=5, client=amara.browser)
    assert SLOWED in guess(cast.caseworker.username, address="10.0.0.7", client=amara.browser)


def test_a_device_is_known_for_those_who_signed_in_on_it_only(cast: Cast, someone: At) -> None:
    amara = known_device(someone, cast)
    someone(cast.colleague)
    guess(cast.colleague.username, address="10.0.0.7", times=6, client=amara.browser)
    right = amara.browser.post(SIGN_IN, {"login": cast.colleague.username, "password": PASSWORD})
    assert right.status_code == 200 and SLOWED in right.content.decode()


def test_the_cookie_of_a_known_device_names_nobody_and_is_not_made_up(cast: Cast, someone: At) -> None:
    amara = known_device(someone, cast)
    cookie = amara.browser.cookies["known"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax"
    assert cast.caseworker.username not in cookie.value and str(cast.caseworker.id) not in cookie.value
    forged = Client()
    forged.cookies["known"] = cookie.value[:-2] + "xx"
    assert SLOWED in guess(cast.caseworker.username, address="10.0.0.9", times=6, client=forged)


@pytest.mark.parametrize(
    ("behind", "slowed"), [(True, False), (False, True)], ids=["behind a proxy", "without one"]
)
def test_behind_a_proxy_the_address_is_what_the_proxy_saw(
    cast: Cast, settings: Any, behind: bool, slowed: bool
) -> None:
    """Ten different people behind one proxy are not one; and whoever writes the header themselves gains nothing."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1 if behind else 0
    for number in range(10):
        came: Any = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": f"1.1.1.1, 10.2.0.{number}"}
        Client().post(SIGN_IN, {"login": f"nobody{number}", "password": "wrong"}, **came)
    came = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "1.1.1.1, 10.2.0.99"}
    last = Client().post(SIGN_IN, {"login": "nobody", "password": "wrong"}, **came)
    assert (SLOWED in last.content.decode()) is slowed


def test_a_forged_first_address_changes_nothing(cast: Cast, settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for number in range(11):
        came: Any = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": f"9.9.9.{number}, 10.2.0.5"}
        last = Client().post(SIGN_IN, {"login": f"nobody{number}", "password": "wrong"}, **came)
    assert SLOWED in last.content.decode()


def counting(original: Callable[..., Any], into: list[str]) -> Callable[..., Any]:
    """The same, noting each call."""

    def called(*arguments: Any) -> Any:
        into.append(original.__name__)
        return original(*arguments)

    return called


def test_a_name_that_nobody_has_costs_one_hash_as_well(
    cast: Cast, someone: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    someone(cast.caseworker)
    hashed: list[str] = []
    for verb in ("encode", "verify"):
        monkeypatch.setattr(Argon2PasswordHasher, verb, counting(getattr(Argon2PasswordHasher, verb), hashed))
    for name in (cast.caseworker.username, "nobody-at-all"):
        hashed.clear()
        said = guess(name, address="10.1.1.1")
        assert len(hashed) == 1 and "do not go together" in said, name


def test_passwords_are_kept_with_argon2id_at_the_cost_that_is_told(cast: Cast, someone: At) -> None:
    someone(cast.caseworker)
    kept = User.objects.get(id=cast.caseworker.id).password
    assert identify_hasher(kept).algorithm == "argon2"
    assert kept.startswith("argon2$argon2id$v=19$m=102400,t=2,p=8$")


NO_KEYS = (
    "", "null", "[]", "1", '"x"', "{}", '{"response": []}', '{"response": {"userHandle": "eA"}}',
    '{"id": "x", "rawId": "x", "type": "public-key", "response": {"clientDataJSON": "x", "authenticatorData": "x"}}',
    '{"id":"eA","rawId":"eA","type":"public-key","response":{"clientDataJSON":"e30","authenticatorData":"eA","signature":"eA",'
    '"userHandle":"eA"}}',
)  # fmt: skip


def test_a_passkey_that_is_none_is_answered_like_a_wrong_one(cast: Cast) -> None:
    browser = Client()
    for key in NO_KEYS:
        asked = browser.get("/accounts/passkey/", headers={"Accept": "application/json"})
        assert asked.json()["request_options"]["publicKey"]["userVerification"] == "required"
        answer = browser.post("/accounts/passkey/", {"credential": key})
        assert (answer.status_code, answer.headers["Location"]) == (302, SIGN_IN), key
    assert browser.get("/accounts/still-here/").status_code == 401
