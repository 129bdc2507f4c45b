"""Whoever comes in, tries to, or leaves, stands in the log; what they typed does not (issue 4)."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.apps import apps
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.db import connection
from django.test import Client
from pytest_django import Settings

from tests.cast import Cast
from tests.web.conftest import static_files_by_their_own_names
from tutela.access.models import User
from tutela.audit.models import AuditRow
from tutela.web import sign_ins

__all__ = ["static_files_by_their_own_names"]

pytestmark = pytest.mark.django_db

PASSWORD = "Seventeen-quiet-herons"  # of somebody invented
TYPED = "Zwjeruba-into-the-wrong-field"


@pytest.fixture
def amina(cast: Cast) -> User:
    cache.clear()  # what allauth counts
    cast.caseworker.password = make_password(PASSWORD)
    cast.caseworker.save()
    return cast.caseworker


def come_in(client: Client, name: str, password: str) -> int:
    return client.post("/accounts/login/", {"login": name, "password": password}).status_code


def told() -> list[tuple[str, object, dict[str, str]]]:
    return [(row.act, row.by, row.detail) for row in AuditRow.objects.order_by("id")]


def test_coming_in_and_leaving_leave_a_row_each(amina: User) -> None:
    client = Client()
    come_in(client, "caseworker", PASSWORD)
    client.post("/accounts/logout/")
    assert [one for one in told() if one[0].startswith("signed")] == [
        ("signed_in", amina.id, {}),
        ("signed_out", amina.id, {}),
    ]


def test_an_attempt_that_fails_says_whose_name_it_was_and_nothing_that_was_typed(amina: User) -> None:
    client = Client()
    come_in(client, "caseworker", TYPED)
    come_in(client, TYPED, PASSWORD)
    assert told() == [("sign_in.failed", None, {"user": str(amina.id)}), ("sign_in.failed", None, {})]
    assert TYPED not in json.dumps(list(AuditRow.objects.values()), default=str)


def test_nothing_that_was_typed_stands_anywhere_in_the_database(amina: User) -> None:
    """Neither where axes counts who tries, nor where allauth does: people type their password into the wrong field."""
    client = Client()
    for name, password in (("caseworker", TYPED), (TYPED, PASSWORD), ("caseworker", PASSWORD)):
        come_in(client, name, password)
    rows = json.dumps(
        [list(model._default_manager.values()) for model in apps.get_models()] + [_counted_for_a_while()],
        default=str,
    )
    assert AccessAttempt.objects.exists()
    assert TYPED not in rows and PASSWORD not in rows


def _counted_for_a_while() -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM counted_for_a_while")
        return list(cursor.fetchall())


@pytest.mark.parametrize(
    "most", [{"AXES_FAILURE_LIMIT": 2}, {"ACCOUNT_RATE_LIMITS": {"login_failed": "2/m/key"}}]
)
def test_being_locked_out_leaves_a_row_whoever_does_it(
    amina: User, settings: Settings, most: dict[str, Any]
) -> None:
    """axes after some failures, allauth after some in a short time."""
    for name, value in most.items():
        setattr(settings, name, value)
    client = Client()
    for _ in range(3):
        come_in(client, "caseworker", TYPED)
    come_in(client, "caseworker", PASSWORD)
    assert ("sign_in.locked_out", None, {"user": str(amina.id)}) in told()
    assert not any(act == "signed_in" for act, _, _ in told())


def test_another_password_and_signing_in_once_more_leave_a_row(amina: User) -> None:
    client = Client()
    come_in(client, "caseworker", PASSWORD)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert ("signed_in.again", amina.id, {"method": "password"}) in told()
    new = "Nine-slow-barges-upstream"
    client.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert ("password.changed", amina.id, {}) in told()


def test_where_the_log_fails_nobody_is_signed_in(amina: User, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(raise_request_exception=False)

    def refuse(**_: object) -> None:
        raise OSError

    monkeypatch.setattr("tutela.audit.actions.record", refuse)
    assert come_in(client, "caseworker", PASSWORD) == 500
    monkeypatch.undo()
    assert client.get("/").headers["Location"].startswith("/accounts/login/")


def test_a_second_factor_that_is_set_up_leaves_a_row(amina: User) -> None:
    sign_ins.second_factor_row("second_factor.added")(user=amina, authenticator=SimpleNamespace(type="totp"))
    assert told() == [("second_factor.added", amina.id, {"kind": "totp"})]
