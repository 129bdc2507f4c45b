"""Sessions are on the server: seen by whose they are, ended at once, and never longer than they are used."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import time_machine
from click.testing import CliRunner

from tests.cast import Cast
from tests.sign_in.someone import PASSWORD, Someone
from tutela.access.models import Session
from tutela.audit.models import AuditRow
from tutela.cli.main import main
from tutela.foundation.clock import now

pytestmark = pytest.mark.django_db
At = Callable[..., Someone]
PAGE = "/accounts/sessions/"
MINUTE, HOUR = 60, 3_600
ANDROID = (
    "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Mobile Safari/537.36"
)
WINDOWS = "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/120.0"


def signed_in(at: At, cast: Cast, agent: str = ANDROID) -> Someone:
    one = at(cast.caseworker)
    one.browser.defaults["HTTP_USER_AGENT"] = agent
    one.sign_in()
    assert one.is_in()
    return one


def tutela(*words: str) -> str:
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    return done.output


def test_they_are_listed_with_browser_and_without_any_address(cast: Cast, someone: At) -> None:
    phone, desk = signed_in(someone, cast), signed_in(someone, cast, WINDOWS)
    page = phone.browser.get(PAGE).content.decode()
    assert "Chrome / Android" in page and "Firefox / Windows" in page
    assert "The one you are using now" in page and "10.0.0.7" not in page
    for one in Session.objects.all():
        assert one.session_key not in page and one.session_key not in desk.browser.get(PAGE).content.decode()
    fields = {field.name for field in Session._meta.fields}
    assert not {name for name in fields if "ip" in name or "address" in name}


def test_one_is_ended_from_another_and_the_rest_go_on(cast: Cast, someone: At) -> None:
    phone, desk, third = (signed_in(someone, cast, agent) for agent in (ANDROID, WINDOWS, WINDOWS))
    handles = {one.session_key: one.handle for one in Session.objects.all()}
    lost = handles[phone.browser.cookies["session"].value]
    desk.browser.post(PAGE, {"which": lost})
    assert (phone.is_in(), desk.is_in(), third.is_in()) == (False, True, True)
    assert AuditRow.objects.filter(act="session.ended", by=cast.caseworker.id).count() == 1
    desk.browser.post(PAGE)
    assert (desk.is_in(), third.is_in()) == (True, False)


def test_nobody_ends_somebody_elses(cast: Cast, someone: At) -> None:
    amara = signed_in(someone, cast)
    (handle,) = [one.handle for one in Session.objects.filter(user=cast.caseworker)]
    stranger = someone(cast.colleague)
    stranger.sign_in()
    stranger.browser.post(PAGE, {"which": handle})
    assert amara.is_in()


def test_an_administrator_ends_them_all_for_a_lost_phone(cast: Cast, someone: At) -> None:
    phone, desk = signed_in(someone, cast), signed_in(someone, cast, WINDOWS)
    said = tutela("user", "sign-out", cast.caseworker.username)
    assert said.strip().endswith("ended: 2.") and not phone.is_in() and not desk.is_in()
    assert AuditRow.objects.latest("id").act == "user.signed_out"
    assert signed_in(someone, cast).is_in()


def test_disabling_ends_them_and_lets_nobody_in_again(cast: Cast, someone: At) -> None:
    phone = signed_in(someone, cast)
    tutela("user", "disable", cast.caseworker.username)
    assert not phone.is_in() and not Session.objects.filter(user=cast.caseworker).exists()
    phone.sign_in()
    assert not phone.is_in()


def test_one_that_nobody_uses_ends(cast: Cast, someone: At) -> None:
    amara, began = signed_in(someone, cast), now().timestamp()
    for minutes in (14, 28):  # used in time, twice
        with time_machine.travel(began + minutes * MINUTE, tick=True):
            assert amara.is_in()
    with time_machine.travel(began + 44 * MINUTE, tick=True):
        drafted = amara.browser.post("/forms/intake.identification/draft", {"name": "Zwjeruba"})
        assert drafted.headers["Location"].startswith("/accounts/login/")
        assert not amara.is_in() and not Session.objects.filter(user=cast.caseworker).exists()


def test_one_that_is_used_all_day_ends_too(cast: Cast, someone: At, settings: object) -> None:
    amara, began = signed_in(someone, cast), now().timestamp()
    settings.SESSION_IDLE = 13 * HOUR  # type: ignore[attr-defined]
    with time_machine.travel(began + 11.9 * HOUR, tick=True):
        assert amara.is_in()
    with time_machine.travel(began + 12.1 * HOUR, tick=True):
        assert not amara.is_in()


def test_a_page_that_covers_itself_ends_the_session_behind_it(cast: Cast, someone: At) -> None:
    amara = signed_in(someone, cast)
    assert amara.browser.post("/accounts/lock/").status_code == 204
    assert not amara.is_in()


def test_an_open_page_learns_who_is_signed_in_and_the_token_of_now(cast: Cast, someone: At) -> None:
    amara = signed_in(someone, cast)
    told = amara.browser.get("/accounts/still-here/")
    assert told.json() == {"reader": str(cast.caseworker.id)} and len(told["X-CSRFToken"]) == 64


def test_being_in_use_is_written_down_once_a_minute_and_not_more(cast: Cast, someone: At) -> None:
    amara, began = signed_in(someone, cast), now().timestamp()

    def seen() -> object:
        return Session.objects.get(user=cast.caseworker).seen

    first = seen()
    with time_machine.travel(began + 30, tick=True):
        assert amara.is_in() and seen() == first
    with time_machine.travel(began + 70, tick=True):
        assert amara.is_in() and seen() != first


def test_signing_out_clears_what_the_browser_kept(cast: Cast, someone: At) -> None:
    amara = signed_in(someone, cast)
    gone = amara.browser.post("/accounts/logout/", secure=True)
    assert gone.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert not amara.is_in()


def test_the_pages_of_signing_in_say_nothing_of_how(cast: Cast, someone: At) -> None:
    """Nothing of a password or a code in a page or an address that follows."""
    amara = someone(cast.caseworker)
    wrong = amara.browser.post("/accounts/login/", {"login": "caseworker", "password": f"{PASSWORD}!"})
    assert PASSWORD not in wrong.content.decode() and re.search('value="caseworker"', wrong.content.decode())


def test_signing_in_begins_a_session_that_nobody_could_know_before(cast: Cast, someone: At) -> None:
    one = someone(cast.caseworker)
    one.browser.get("/accounts/login/")
    planted = one.browser.session.session_key
    if planted:
        one.browser.cookies["sessionid"] = planted
    one.sign_in()
    first = one.browser.session.session_key
    assert first and first != planted
    one.browser.post("/accounts/logout/")
    one.sign_in()
    assert one.browser.session.session_key not in (planted, first)
