"""What every address tells the browser, for whoever asks and whatever it answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from tests.access.test_reach import REACH, House
from tests.cast import Cast, gather_around
from tutela.access.models import User

pytestmark = pytest.mark.django_db
POLICY = {
    "default-src": "'none'", "style-src": "'self'", "img-src": "'self' data:", "font-src": "'none'",
    "connect-src": "'self'", "form-action": "'self'", "frame-ancestors": "'none'", "base-uri": "'none'",
    "require-trusted-types-for": "'script'", "trusted-types": "'none'",
}  # fmt: skip
ELSEWHERE = re.compile(rb"""(?:src|href|action)\s*=\s*["']?(?:https?:)?//""")


def faults(response: Any) -> Iterator[str]:
    """What is wrong with an answer."""
    told = {
        "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }  # fmt: skip
    for name, value in told.items():
        if response.headers.get(name) != value:
            yield f"{name}: {response.headers.get(name)}"
    policy = dict(
        one.strip().partition(" ")[::2]
        for one in response.headers.get("Content-Security-Policy", "").split(";")
    )
    if "sandbox" in policy and policy["default-src"] == "'none'":
        policy |= POLICY | {"script-src": "'self'"}  # what somebody sent: stricter than any page
    for name, value in POLICY.items():
        if policy.get(name) != value:
            yield f"{name}: {policy.get(name)}"
    if not re.fullmatch(r"'self'( 'nonce-[\w+/=-]+')?", policy.get("script-src", "")):
        yield f"script-src: {policy.get('script-src')}"
    if "camera=(self)" not in response.headers.get("Permissions-Policy", ""):
        yield "Permissions-Policy"
    yield from cookie_faults(response)
    if ELSEWHERE.search(response.content):
        yield "something from elsewhere"


def cookie_faults(response: Any) -> Iterator[str]:
    kept = {
        name: cookie for name, cookie in response.cookies.items() if cookie.value
    }  # the others are taken away
    for name, cookie in kept.items():
        if not (
            cookie["httponly"]
            and cookie["samesite"] == "Lax"
            and cookie["path"] == "/"
            and not cookie["domain"]
        ):
            yield f"cookie {name}"


@pytest.fixture
def over_https(settings: Settings) -> None:
    """As in production: the names of cookies hold them to this host, over HTTPS."""
    settings.HTTPS = settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    settings.KNOWN_DEVICE_COOKIE_NAME = "__Host-known"


def asked(client: Client, house: House, line: dict[str, Any]) -> Any:
    address = house.address(line["address"])
    if line["asked"] == "POST":
        return client.post(address, house.posted(line["address"]))
    return client.get(address)


def test_every_answer_of_every_address_is_told_to_be_kept_nowhere_and_to_run_nothing_from_elsewhere(
    cast: Cast, browse: Callable[[User | None], Client]
) -> None:
    house = House(cast, gather_around(cast))
    clients = {"caseworker": browse(cast.caseworker), "supervisor": browse(cast.supervisor)}
    clients |= {"outsider": browse(cast.outsider), "stranger": browse(None)}
    wrong, statuses = [], set()
    for line in REACH:
        for who, client in clients.items():
            response = asked(client, house, line)
            statuses.add(response.status_code)
            wrong += [
                f"{who} {line['asked']} /{line['address']} ({response.status_code}): {one}"
                for one in faults(response)
            ]
    assert wrong == []
    assert statuses >= {
        200,
        204,
        302,
        401,
        403,
        404,
        422,
    }  # pages, redirects, refusals, fetches: each was among them


def test_so_are_errors_and_what_no_address_answers_to(cast: Cast) -> None:
    browser = Client(raise_request_exception=False, enforce_csrf_checks=True)
    browser.force_login(cast.caseworker, backend="allauth.account.auth_backends.AuthenticationBackend")
    for response, status in (
        (browser.get("/nothing-there"), 404), (browser.post("/find", {"q": "x"}), 403),
        (browser.get("/", headers={"Host": "elsewhere.example"}), 400), (browser.put("/accounts/lock/"), 403),
    ):  # fmt: skip
        assert (response.status_code, list(faults(response))) == (status, []), response.request["PATH_INFO"]


def test_a_page_that_breaks_tells_the_same(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tutela.web.sessions.sessions.sessions_of", lambda *_, **__: 1 / 0)
    browser = Client(raise_request_exception=False)
    browser.force_login(cast.caseworker, backend="allauth.account.auth_backends.AuthenticationBackend")
    response = browser.get("/accounts/sessions/")
    assert (response.status_code, list(faults(response))) == (500, [])


def test_sent_to_https_it_tells_the_same(settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    response = Client().get("/")
    assert response.headers["Location"] == "https://testserver/" and list(faults(response)) == []


@pytest.mark.usefixtures("over_https")
def test_over_https_cookies_belong_to_this_host_alone(cast: Cast) -> None:
    from tests.sign_in.someone import PASSWORD

    cast.outsider.set_password(PASSWORD)
    cast.outsider.save()
    browser = Client()
    browser.get("/accounts/login/", secure=True)
    done = browser.post("/accounts/login/", {"login": "outsider", "password": PASSWORD}, secure=True)
    assert done.status_code == 302
    assert set(browser.cookies) == {"__Host-session", "__Host-csrf", "__Host-known"}
    for name, cookie in browser.cookies.items():
        assert cookie["secure"] and cookie["httponly"] and cookie["path"] == "/" and not cookie["domain"], (
            name
        )


def test_every_cookie_that_can_be_named_is_of_this_host_in_production() -> None:
    """Read from the settings of an installation with HTTPS, since cookies of other features are not seen every day."""
    import json
    import os
    import subprocess
    import sys
    import tempfile

    show = (
        "import json; from tutela.site import settings as s;"
        "print(json.dumps({n: getattr(s, n) for n in dir(s) if n.endswith('COOKIE_NAME')}))"
    )
    with tempfile.TemporaryDirectory() as var:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("TUTELA_")}
        done = subprocess.run(
            [sys.executable, "-c", show], capture_output=True, text=True, check=True,
            env=clean | {"TUTELA_VAR": var, "TUTELA_SECRET_KEY": "x" * 60},
        )  # fmt: skip
    names = json.loads(done.stdout)
    assert set(names) == {
        "SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "LANGUAGE_COOKIE_NAME", "KNOWN_DEVICE_COOKIE_NAME",
    }  # fmt: skip
    assert all(name.startswith("__Host-") for name in names.values())


@pytest.mark.parametrize("path", ["/accounts/login/", "/healthz"])
def test_no_trace_is_answered(path: str) -> None:
    answer = Client().generic("TRACE", path, data=b"crane", headers={"X-Mark": "heron"})
    assert answer.status_code == 405
    assert b"heron" not in answer.content and b"crane" not in answer.content
