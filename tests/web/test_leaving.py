"""Locking and evacuating in the interface: who may, what is said, whose word it takes."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from tests.cast import Cast, join, person
from tests.vault.conftest import folder, own_keeper
from tutela.access.models import Membership, User
from tutela.audit import rights
from tutela.audit.models import AuditRow
from tutela.custody import evacuating
from tutela.custody.models import Evacuation
from tutela.custody.places import LAST
from tutela.keeper.client import KeeperClient
from tutela.web import leaving

__all__ = ["folder", "own_keeper"]

pytestmark = pytest.mark.django_db

Browse = Callable[[User], Client]
GO = {"destroy": "yes"}


@pytest.fixture
def manager(cast: Cast) -> User:
    """Somebody who manages the agency and reads no file."""
    user, agency = person("manager"), Membership.objects.filter(user=cast.caseworker)[0].agency
    join(user, agency, role="manager")
    return user


@pytest.fixture
def destroyed(
    monkeypatch: pytest.MonkeyPatch, own_keeper: KeeperClient, folder: Path, settings: Settings
) -> list[str]:
    """What was begun to be destroyed, in a folder of this test; the process that would do it is not started."""
    settings.VAR = folder
    begun: list[str] = []
    monkeypatch.setattr(leaving, "finish_elsewhere", lambda: begun.append("now"))
    return begun


def confirmed(browse: Browse, user: User) -> Client:
    """The browser of somebody who has just shown again who they are."""
    client, at = browse(user), timezone.now().timestamp()
    session = client.session
    session["account_authentication_methods"] = [
        {"method": method, "type": "totp", "at": at, "reauthenticated": True}
        for method in ("password", "mfa")
    ]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return client


def ask(client: Client, **more: str) -> str:
    response = client.post("/evacuate", {"reason": "threat"} | more)
    assert response.status_code == 302
    return response.headers["Location"]


def acts() -> list[tuple[str, str]]:
    rows = AuditRow.objects.filter(act__startswith="custody", allowed=True).order_by("id")
    names = {user.id: user.username for user in User.objects.all()}
    return [(row.act, names[row.by] if row.by else "") for row in rows]


def test_a_supervisor_locks_with_a_reason_and_every_file_is_closed(
    cast: Cast, browse: Browse, own_keeper: KeeperClient
) -> None:
    client = browse(cast.supervisor)
    assert client.post("/lock-the-house", {}).status_code == 422
    assert own_keeper.status()["state"] == "open"
    assert client.post("/lock-the-house", {"reason": "threat"}).status_code == 302
    assert own_keeper.status()["state"] == "locked"
    assert "The files are locked" in client.get("/lock-the-house").content.decode()
    row = AuditRow.objects.get(act="custody.locked", allowed=True)
    assert (row.by, row.detail) == (cast.supervisor.id, {"reason": "threat"})


def test_the_way_to_the_lock_is_shown_to_whoever_may(cast: Cast, browse: Browse, manager: User) -> None:
    for user in (cast.supervisor, cast.administrator, manager):
        assert "Lock the house" in browse(user).get("/accounts/password/change/").content.decode() or (
            "Lock the house" in browse(user).get("/cases").content.decode()
        )
    assert "Lock the house" not in browse(cast.caseworker).get("/cases").content.decode()


def test_a_caseworker_locks_nothing_and_the_attempt_is_kept(
    cast: Cast, browse: Browse, own_keeper: KeeperClient
) -> None:
    assert browse(cast.caseworker).post("/lock-the-house", {"reason": "threat"}).status_code == 403
    assert own_keeper.status()["state"] == "open"
    assert AuditRow.objects.filter(act="custody.locked", by=cast.caseworker.id, allowed=False).exists()


def test_whoever_evacuates_shows_first_once_more_who_they_are(browse: Browse, manager: User) -> None:
    for address in ("/evacuate", "/evacuate/018f0000-0000-7000-8000-000000000000"):
        assert browse(manager).get(address).headers["Location"].startswith("/accounts/reauthenticate/")


def test_what_could_not_be_destroyed_from_here_is_said_on_both_pages(
    browse: Browse, manager: User, destroyed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = confirmed(browse, manager)
    assert "The log of who read or wrote what stays" not in client.get("/evacuate").content.decode()
    monkeypatch.setattr(rights, "state", lambda: "added to")
    one = ask(client, alone="yes")
    for address in ("/evacuate", one):
        assert (
            "The log of who read or wrote what stays in the database" in client.get(address).content.decode()
        )
    assert destroyed == []


def test_a_manager_asks_and_a_second_person_agrees(
    cast: Cast, browse: Browse, manager: User, destroyed: list[str], own_keeper: KeeperClient
) -> None:
    mine, second = confirmed(browse, manager), confirmed(browse, cast.administrator)
    page = ask(mine)
    assert "Nothing is destroyed yet" in mine.get(page).content.decode()
    assert mine.post(page, GO).status_code == 422 and own_keeper.status()["state"] == "open"
    assert page in second.get("/evacuate").content.decode()
    assert second.post(page, {}).status_code == 422 and not Evacuation.objects.get().agreed_at
    refused = second.post(page, GO)  # there is no place for a last bundle
    assert (
        refused.status_code == 409
        and "everything, since no bundle was ever written" in refused.content.decode()
    )
    assert own_keeper.status()["state"] == "locked" and destroyed == []
    assert second.post(page, GO | {"lose": "yes"}).status_code == 200
    assert destroyed == ["now"] and evacuating.is_begun()
    assert ("custody.evacuation_asked", "manager") in acts() and (
        "custody.evacuation_agreed",
        "administrator",
    ) in acts()


def test_whoever_is_alone_decides_alone_and_it_is_recorded(
    browse: Browse, manager: User, destroyed: list[str]
) -> None:
    client = confirmed(browse, manager)
    page = ask(client, alone="yes")
    assert client.post(page, GO | {"lose": "yes"}).status_code == 200
    assert destroyed == ["now"]
    assert AuditRow.objects.get(act="custody.evacuation_asked").detail == {"reason": "threat", "alone": True}


def test_the_minutes_that_would_be_lost_are_said(
    cast: Cast, browse: Browse, manager: User, destroyed: list[str], folder: Path
) -> None:
    at = timezone.now() - timedelta(minutes=47)
    (folder / LAST).write_text(f'{{"at": "{at.isoformat()}"}}')
    body = confirmed(browse, manager).get("/evacuate").content.decode()
    assert "what was written in the last 47 minutes" in body


def test_an_hour_later_it_is_asked_anew(
    cast: Cast, browse: Browse, manager: User, destroyed: list[str]
) -> None:
    page = ask(confirmed(browse, manager))
    Evacuation.objects.update(asked_at=timezone.now() - timedelta(hours=1))
    second = confirmed(browse, cast.administrator)
    assert second.post(page, GO | {"lose": "yes"}).status_code == 409
    assert "asked too long ago" in second.get(page).content.decode() and destroyed == []


def test_a_supervisor_agrees_and_does_not_ask(
    cast: Cast, browse: Browse, manager: User, destroyed: list[str]
) -> None:
    client = confirmed(browse, cast.supervisor)
    assert client.post("/evacuate", {"reason": "threat", "alone": "yes"}).status_code == 403
    assert confirmed(browse, cast.caseworker).get("/evacuate").status_code == 403
    third, page = confirmed(browse, cast.other_supervisor), ask(confirmed(browse, manager))
    client.post(page, GO)
    assert (
        third.post(page, GO | {"lose": "yes"}).status_code == 404
    )  # two have decided: nobody else goes on with it
    assert destroyed == []
