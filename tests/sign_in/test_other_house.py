"""Sign-in by another house (OpenID Connect), against a real provider: it opens the door of accounts that are here."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.test import Client

from tests.cast import Cast
from tests.sign_in.codes import code_now
from tests.sign_in.other_house import CLIENT, PASSWORD, SECRET
from tests.sign_in.someone import FACTOR, Someone
from tutela import commands
from tutela.access.models import User
from tutela.foundation.clock import now
from tutela.site.environment import issuer
from tutela.site.supervisor import die_with_parent

pytestmark = pytest.mark.django_db
HERE = "http://testserver/accounts/oidc/login/callback/"
TO_START = 120.0  # seconds on a busy machine


@pytest.fixture(scope="module")
def other_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("issuer")
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.sign_in.other_house", str(folder), str(port), HERE],
        cwd=Path(__file__).parents[2], preexec_fn=die_with_parent,
    )  # fmt: skip
    url, end = f"http://127.0.0.1:{port}", time.monotonic() + TO_START
    try:
        while not _answers(url):
            assert process.poll() is None and time.monotonic() < end
            time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(10)


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/.well-known/openid-configuration", trust_env=False).is_success
    except httpx.TransportError:
        return False


@pytest.fixture(autouse=True)
def told_of_it(settings: Any, other_house: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the settings of the environment tell it."""
    monkeypatch.setenv("TUTELA_OIDC_NAME", "Big House")
    monkeypatch.setenv("TUTELA_OIDC_CLIENT_ID", CLIENT)
    monkeypatch.setenv("TUTELA_OIDC_CLIENT_SECRET", SECRET)
    told = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": told | {"APPS": issuer(other_house)}}


def come(who: str, *, browser: Client | None = None, process: str = "login") -> tuple[Client, Any]:
    """Somebody signs in over there, and what the answer is when they come back."""
    browser = browser or Client()
    asked = browser.get("/accounts/oidc/login/", {"next": "/cases", "process": process}).headers["Location"]
    query = parse_qs(urlsplit(asked).query)
    assert query["code_challenge_method"] == ["S256"] and query["redirect_uri"] == [HERE]
    with httpx.Client(trust_env=False, follow_redirects=False) as there:
        door = there.get(asked).headers["Location"]
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(asked))
        back = there.post(f"{origin}{door}", data={"username": who, "password": PASSWORD}).headers["Location"]
        returned = there.get(f"{origin}{back}").headers["Location"]
    assert returned.startswith(HERE), returned
    return browser, browser.get(returned.removeprefix("http://testserver"))


def is_in(browser: Client) -> bool:
    return browser.get("/accounts/still-here/").status_code == 200


def test_somebody_who_has_an_account_here_comes_in_by_the_name_they_have_there(cast: Cast) -> None:
    assert "Sign in with Big House" in Client().get("/accounts/login/").content.decode()
    browser, answer = come("caseworker")
    assert answer.headers["Location"] == "/cases" and is_in(browser)
    assert browser.get("/accounts/still-here/").json()["reader"] == str(cast.caseworker.id)


def test_whoever_comes_in_that_way_is_not_asked_for_a_password_that_nobody_knows(cast: Cast) -> None:
    commands.give_password(cast.caseworker.id, by=cast.administrator, at=now())
    browser, _ = come("caseworker")
    assert browser.get("/").status_code == 200


def test_nobody_gets_an_account_that_way(cast: Cast) -> None:
    before = User.objects.count()
    browser, answer = come("stranger")
    assert answer.headers["Location"] == "/accounts/login/" and not is_in(browser)
    assert "Nobody here has the name you have there" in browser.get("/accounts/login/").content.decode()
    assert User.objects.count() == before and not SocialAccount.objects.exists()


def test_nothing_of_what_the_other_house_tells_is_kept(cast: Cast) -> None:
    for _ in range(2):
        come("caseworker")
    assert SocialAccount.objects.get().extra_data == {} and not SocialToken.objects.exists()
    assert not User.objects.filter(email="a@example.org").exists()


def test_whoever_gets_the_name_there_later_is_not_taken_for_them_here(cast: Cast) -> None:
    come("caseworker")
    browser, answer = come("stolen")
    assert answer.headers["Location"] == "/accounts/login/" and not is_in(browser)


def test_a_disabled_account_stays_shut(cast: Cast) -> None:
    User.objects.filter(id=cast.caseworker.id).update(is_active=False)
    browser, answer = come("caseworker")
    assert answer.headers["Location"] == "/accounts/inactive/" and not is_in(browser)


def test_the_second_factor_of_this_house_is_still_demanded(cast: Cast, demanded: None) -> None:
    browser, _ = come("caseworker")
    assert browser.get("/").headers["Location"] == FACTOR
    amara = Someone(cast.caseworker, browser)
    amara.set_up_codes()
    again, answer = come("caseworker")
    assert answer.headers["Location"] == f"{FACTOR}show/" and not is_in(again)
    again.post(f"{FACTOR}show/", {"code": code_now(amara.secret, steps=1)})
    assert is_in(again)


@pytest.mark.parametrize("trusted", [True, False], ids=["trusted", "not trusted"])
def test_theirs_counts_only_where_a_setting_says_so_and_they_say_it_was_shown(
    cast: Cast, demanded: None, settings: Any, trusted: bool
) -> None:
    settings.OIDC_TRUSTED_AMR = frozenset({"mfa"} if trusted else ())
    browser, _ = come("strong")
    assert (browser.get("/").status_code == 200) is trusted


def test_whose_word_is_trusted_is_still_asked_where_they_showed_none(
    cast: Cast, demanded: None, settings: Any
) -> None:
    settings.OIDC_TRUSTED_AMR = frozenset({"mfa"})
    browser, _ = come("caseworker")
    assert browser.get("/").headers["Location"] == FACTOR


def test_it_cannot_be_tied_to_an_account_from_inside(cast: Cast) -> None:
    browser = Client()
    browser.force_login(cast.colleague, backend="allauth.account.auth_backends.AuthenticationBackend")
    _, answer = come("caseworker", browser=browser, process="connect")
    assert answer.headers["Location"] == "/accounts/login/"
    assert not SocialAccount.objects.filter(user=cast.colleague).exists()


def test_an_answer_that_was_not_asked_for_opens_nothing(cast: Cast) -> None:
    browser = Client()
    answer = browser.get("/accounts/oidc/login/callback/", {"code": "made-up", "state": "made-up"})
    assert "That did not work" in answer.content.decode() and not is_in(browser)
