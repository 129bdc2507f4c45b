"""A password opens no child's file: who must show something that only they have, and what happens until they do."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from click.testing import CliRunner
from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.test import Client

from tests.cast import Cast, a_case
from tests.sign_in.codes import code_now
from tests.sign_in.someone import FACTOR, PASSWORD, Someone
from tutela.access.models import Role, Session, User
from tutela.audit.models import AuditRow
from tutela.cli.main import main
from tutela.foundation.clock import now
from tutela.web.second_factor import must_have_one

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demanded")]
At = Callable[..., Someone]


def in_with_codes(at: At, user: User) -> Someone:
    """Signed in, with one-time codes set up; a new minute begins, so that a code is new too."""
    one = at(user)
    one.sign_in()
    one.set_up_codes()
    return one


def test_whoever_can_see_a_child_is_led_to_setting_one_up_and_reaches_nothing_else(
    cast: Cast, someone: At
) -> None:
    file = a_case(cast)
    amara = someone(cast.caseworker)
    assert amara.sign_in().url == "/"
    for page in (
        "/",
        "/cases",
        f"/files/{file}/",
        "/accounts/sessions/",
        "/accounts/password/change/",
        "/styleguide",
    ):
        assert amara.browser.get(page).headers["Location"] == FACTOR, page
    drafted = amara.browser.post("/forms/intake.identification/draft", {"name": "Zwjeruba"})
    assert drafted.headers["Location"] == FACTOR
    assert "Set one up now" in amara.browser.get(FACTOR).content.decode()
    amara.set_up_codes()
    assert amara.reaches("/") and amara.reaches(f"/files/{file}/")


def test_whoever_sees_no_child_needs_none(cast: Cast, someone: At) -> None:
    outsider = someone(cast.outsider)
    outsider.sign_in()
    assert outsider.reaches("/")
    assert not must_have_one(cast.outsider)


def test_the_table_of_rights_says_who_must_have_one(cast: Cast) -> None:
    from tutela.access.deciding import TABLE, sees_who_a_child_is

    seeing = {row.role for row in TABLE if row.classes & {"identity", "case", "confidential"}}
    assert (
        {role for role in Role.values if sees_who_a_child_is({role})}
        == seeing
        >= {"caseworker", "supervisor"}
    )


def test_it_is_not_demanded_where_the_demonstration_says_so(
    cast: Cast, someone: At, settings: object
) -> None:
    settings.SECOND_FACTOR = False  # type: ignore[attr-defined]
    amara = someone(cast.caseworker)
    amara.sign_in()
    assert amara.reaches("/")


def test_a_password_alone_lets_nobody_in_who_has_one(cast: Cast, someone: At) -> None:
    secret = in_with_codes(someone, cast.caseworker).secret
    amara = someone(cast.caseworker)
    assert amara.sign_in().url == f"{FACTOR}show/"
    assert not amara.is_in() and amara.browser.get("/").headers["Location"].startswith("/accounts/login/")
    assert amara.show_code("000000").status_code == 200 and not amara.is_in()
    assert amara.show_code(code_now(secret)).url == "/" and amara.reaches("/")


def test_a_code_is_taken_once_even_in_the_next_half_minute(cast: Cast, someone: At) -> None:
    secret = in_with_codes(someone, cast.caseworker).secret
    amara, thief = someone(cast.caseworker), someone(cast.caseworker, address="10.9.9.9")
    for one in (amara, thief):
        one.sign_in()
    code = code_now(secret)
    assert amara.show_code(code).url == "/"
    with time_machine.travel(now().timestamp() + 31, tick=True):
        assert thief.show_code(code).status_code == 200
        assert not thief.is_in()


def test_a_recovery_code_lets_in_once_and_says_how_many_are_left(cast: Cast, someone: At) -> None:
    recovery = in_with_codes(someone, cast.caseworker).recovery
    assert len(set(recovery)) == 10
    amara = someone(cast.caseworker)
    amara.sign_in()
    amara.show_code(recovery[0])
    assert "There are 9 left" in amara.browser.get("/").content.decode()
    again = someone(cast.caseworker)
    again.sign_in()
    assert again.show_code(recovery[0]).status_code == 200 and not again.is_in()


def test_recovery_codes_are_shown_once(cast: Cast, someone: At) -> None:
    amara = in_with_codes(someone, cast.caseworker)
    assert len(amara.recovery) == 10
    with time_machine.travel(now().timestamp() + 60, tick=True):
        amara.browser.post(f"{FACTOR}show-again/", {"code": code_now(amara.secret)})
        page = amara.browser.get(f"{FACTOR}recovery/").content.decode()
    assert "10 codes are left" in page and not [one for one in amara.recovery if one in page]


def test_second_factors_cannot_be_guessed(cast: Cast, someone: At) -> None:
    secret = in_with_codes(someone, cast.caseworker).secret
    thief = someone(cast.caseworker, address="10.9.9.9")
    thief.sign_in()
    counted = {code_now(secret, steps=steps) for steps in (-1, 0, 1, 2)}
    for guess in [one for one in map("{:06}".format, range(9)) if one not in counted][:5]:
        thief.show_code(guess)
    refused = thief.show_code(code_now(secret))
    assert "too many attempts" in refused.content.decode() and not thief.is_in()


def test_nothing_that_would_let_a_thief_of_the_database_in_lies_there_in_the_clear(
    cast: Cast, someone: At
) -> None:
    amara = someone(cast.caseworker)
    amara.sign_in()
    amara.browser.get(f"{FACTOR}codes/", follow=True)  # the secret waits in the session
    amara.set_up_codes()
    kept = " ".join(str(one.data) for one in Authenticator.objects.all())
    kept += " ".join(Session.objects.values_list("session_data", flat=True))
    for secret in (amara.secret, *amara.recovery, str(cast.caseworker.id)):
        assert secret and secret not in kept


def test_after_the_key_of_the_server_changed_no_code_is_right(
    cast: Cast, someone: At, settings: object
) -> None:
    secret = in_with_codes(someone, cast.caseworker).secret
    settings.SECRET_KEY = "another one, with fifty characters or more, as it is told"  # type: ignore[attr-defined]
    amara = someone(cast.caseworker)
    amara.sign_in()
    assert amara.show_code(code_now(secret)).status_code == 200 and not amara.is_in()


# --- Shown once more -----------------------------------------------------------------------------------------


def test_whoever_has_one_shows_it_again_before_changing_anything_and_no_password_will_do(
    cast: Cast, someone: At
) -> None:
    amara = in_with_codes(someone, cast.caseworker)
    with time_machine.travel(now().timestamp() + 400, tick=True):
        amara.browser.get("/")
        for page in (f"{FACTOR}keys/add/", f"{FACTOR}codes/remove/", f"{FACTOR}recovery/new/"):
            assert amara.browser.get(page).headers["Location"].startswith(f"{FACTOR}show-again/"), page
        by_password = amara.browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
        assert by_password.headers["Location"].startswith(f"{FACTOR}show-again/")
        amara.browser.post(f"{FACTOR}show-again/", {"code": code_now(amara.secret)})
        assert amara.reaches(f"{FACTOR}keys/add/")


def test_the_last_factor_of_somebody_who_must_have_one_cannot_be_taken_away(cast: Cast, someone: At) -> None:
    amara = in_with_codes(someone, cast.caseworker)
    amara.browser.post(f"{FACTOR}show-again/", {"code": code_now(amara.secret, steps=1)})
    said = amara.browser.post(f"{FACTOR}codes/remove/").content.decode()
    assert "your only second factor" in said
    assert Authenticator.objects.filter(user=cast.caseworker, type="totp").exists()


def harmful(request: HttpRequest, *reader: object) -> HttpResponse:
    return HttpResponse("done")


def asked(client: Client, method: str = "GET") -> HttpResponse:
    """What a guarded page answers to a browser in the session of `client`."""
    from django.contrib.messages.storage.session import SessionStorage
    from django.test import RequestFactory

    from tutela.web.frame import signed_in
    from tutela.web.second_factor import fresh_second_factor

    request = RequestFactory().generic(method, "/harmful?a=b")
    request.session = client.session
    request.user = User.objects.get(id=client.session["_auth_user_id"])
    request._messages = SessionStorage(request)  # type: ignore[attr-defined]
    response: HttpResponse = fresh_second_factor(signed_in(harmful))(request)
    response.said = [str(one) for one in get_messages(request)]  # type: ignore[attr-defined]
    return response


def test_a_page_that_can_do_harm_opens_for_five_minutes_after_the_factor_was_shown(
    cast: Cast, someone: At
) -> None:
    secret = in_with_codes(someone, cast.caseworker).secret
    amara = someone(cast.caseworker)
    amara.sign_in()
    amara.show_code(code_now(secret))
    began = now().timestamp()
    with time_machine.travel(began + 290, tick=True):
        assert asked(amara.browser).content == b"done"
    with time_machine.travel(began + 301, tick=True):
        first = asked(amara.browser)
        assert first.headers["Location"] == f"{FACTOR}show-again/?next=/harmful%3Fa%3Db"
        sent = asked(amara.browser, "POST")
        assert sent.headers["Location"] == first.headers["Location"]
        assert sent.said == ["It was not sent yet: first we asked who you are. Send it again."]  # type: ignore[attr-defined]
        amara.browser.post(f"{FACTOR}show-again/", {"code": code_now(secret)})
        assert asked(amara.browser).content == b"done"


def test_a_password_is_enough_only_for_whoever_has_and_needs_no_factor(cast: Cast, someone: At) -> None:
    outsider, amara = someone(cast.outsider), someone(cast.caseworker)
    for one in (outsider, amara):
        one.sign_in()
    assert asked(outsider.browser).content == b"done"
    assert asked(amara.browser).headers["Location"].startswith(FACTOR)
    with time_machine.travel(now().timestamp() + 301, tick=True):
        assert asked(outsider.browser).headers["Location"].startswith("/accounts/reauthenticate/")


# --- Lost phones ---------------------------------------------------------------------------------------------


def test_an_administrator_takes_lost_factors_away_and_every_session_ends(cast: Cast, someone: At) -> None:
    amara = in_with_codes(someone, cast.caseworker)
    done = CliRunner().invoke(main, ["user", "reset-second-factor", cast.caseworker.username])
    assert done.exit_code == 0 and "taken away: 1" in done.output, done.output
    assert not amara.is_in() and not Authenticator.objects.filter(user=cast.caseworker).exists()
    assert AuditRow.objects.latest("id").act == "user.second_factor_reset"
    again = someone(cast.caseworker)
    again.sign_in()
    assert again.browser.get("/").headers["Location"] == FACTOR
