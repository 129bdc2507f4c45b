"""The page on which custodians open the files, before anybody has signed in."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.test import Client
from pytest_django import Settings

from tests.cast import Cast, a_file
from tests.keeper.people import PASSPHRASE, Person, person, sealed_in, three
from tests.keeper.process import running_keeper
from tutela.audit.models import AuditRow
from tutela.keeper.client import KeeperClient
from tutela.vault import opened_keys

if TYPE_CHECKING:
    from tutela.access.models import User

pytestmark = pytest.mark.django_db


@contextmanager
def an_installation(settings: Settings) -> Iterator[KeeperClient]:
    """The keeper of an installation with custodians, which has just started."""
    folder = Path(tempfile.mkdtemp(prefix="unlock-", dir="/tmp"))
    settings.KEEPER_SOCKET = folder / "keeper.sock"
    sealed_in(folder / "root-key")
    with running_keeper(folder, sealed=folder / "root-key") as client:
        yield client
    shutil.rmtree(folder)


@pytest.fixture
def own_keeper(settings: Settings) -> Iterator[KeeperClient]:
    with an_installation(settings) as client:
        yield client


def sent(client: Client, who: Person | bytes, passphrase: str = PASSPHRASE, **headers: str) -> Any:
    content = who.file if isinstance(who, Person) else who
    file = SimpleUploadedFile("custodian.age", content)
    return client.post("/unlock", {"file": file, "passphrase": passphrase}, **headers)  # type: ignore[arg-type]


def attempts() -> list[tuple[bool, dict[str, Any]]]:
    return list(AuditRow.objects.order_by("id").values_list("allowed", "detail"))


def test_two_custodians_open_the_files_from_two_places(own_keeper: KeeperClient, client: Client) -> None:
    amina, joseph, _ = three()
    first = client.get("/unlock").content.decode()
    assert "The files are locked" in first and "is here" not in first
    assert client.get("/readyz").status_code == 503
    assert sent(client, amina, REMOTE_ADDR="10.0.0.1").headers["Location"] == "/unlock"
    waiting = client.get("/unlock").content.decode()
    assert "One custodian is here, one more is needed" in waiting
    assert not any(one.custodian.name in waiting for one in three())
    assert sent(Client(), joseph, REMOTE_ADDR="192.168.7.7").headers["Location"] == "/unlock"
    opened = client.get("/unlock").content.decode()
    assert "The files are open" in opened and "<input" not in opened
    assert client.get("/readyz").status_code == 200
    assert attempts() == [
        (True, {"purpose": "open", "way": "page", "opened": False}),
        (True, {"purpose": "open", "way": "page", "opened": True}),
    ]


def test_whoever_fails_gets_one_sentence_and_leaves_a_row_and_has_to_wait(
    own_keeper: KeeperClient, client: Client
) -> None:
    wrong = sent(client, three()[0], "not hers")
    assert wrong.status_code == 422
    assert "do not go together" in wrong.content.decode() and "not hers" not in wrong.content.decode()
    soon = sent(client, three()[0])
    assert soon.status_code == 429 and "then try again" in soon.content.decode()
    assert sent(client, person("stranger"), REMOTE_ADDR="10.0.0.2").status_code == 422
    assert attempts() == [
        (False, {"purpose": "open", "way": "page", "why": why})
        for why in ("not_theirs", "too_soon", "not_theirs")
    ]


def test_what_is_missing_is_said_beside_its_field(own_keeper: KeeperClient, client: Client) -> None:
    said = client.post("/unlock", {}).content.decode()
    assert "Choose your file." in said and "Enter the passphrase." in said
    assert attempts() == []


@pytest.mark.parametrize("size", [20_000, 5_000_000])
def test_nothing_that_is_sent_is_written_to_the_disk(
    own_keeper: KeeperClient, client: Client, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    def written(*_: object) -> None:
        raise AssertionError("a file was made")

    monkeypatch.setattr(TemporaryUploadedFile, "__init__", written)
    assert sent(client, bytes(size)).status_code == 422


@pytest.mark.parametrize("address", ["203.0.113.9", "2001:db8::1", "", "nowhere"])
def test_outside_the_networks_there_is_no_such_page(client: Client, address: str) -> None:
    assert client.get("/unlock", REMOTE_ADDR=address).status_code == 404
    assert sent(client, three()[0], REMOTE_ADDR=address).status_code == 404
    assert attempts() == []


def test_the_networks_can_be_chosen(client: Client, settings: Settings) -> None:
    settings.UNLOCK_NETWORKS = [ip_network("203.0.113.0/24")]
    assert client.get("/unlock", REMOTE_ADDR="203.0.113.9").status_code == 200
    assert client.get("/unlock", REMOTE_ADDR="::ffff:203.0.113.9").status_code == 200
    assert client.get("/unlock", REMOTE_ADDR="127.0.0.1").status_code == 404


@pytest.mark.parametrize(
    ("forwarded", "status"),
    [
        ("10.0.0.1", 200),
        ("203.0.113.9, 10.0.0.1", 200),
        ("10.0.0.1, 203.0.113.9", 404),  # what a client claims stands before what the proxy writes down
        ("10.0.0.1,", 404),
        ("", 404),
    ],
)
def test_behind_a_proxy_only_what_the_proxy_wrote_down_counts(
    client: Client, settings: Settings, forwarded: str, status: int
) -> None:
    settings.BEHIND_PROXY = True
    assert client.get("/unlock", HTTP_X_FORWARDED_FOR=forwarded).status_code == status


def test_without_a_proxy_nobody_is_believed(client: Client) -> None:
    got = client.get("/unlock", REMOTE_ADDR="203.0.113.9", HTTP_X_FORWARDED_FOR="10.0.0.1")
    assert got.status_code == 404


def test_a_form_from_elsewhere_is_not_taken(own_keeper: KeeperClient) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert sent(strict, three()[0]).status_code in (401, 403)
    assert own_keeper.status()["here"] == 0 and attempts() == []


def test_a_page_that_waits_for_custodians_says_who_can_open_it(
    cast: Cast, settings: Settings, browse: Callable[[User], Client]
) -> None:
    file = a_file(cast)
    with an_installation(settings):
        opened_keys.forget_all()
        locked = browse(cast.caseworker).get(f"/files/{file}/")
    assert locked.status_code == 503
    said = locked.content.decode()
    assert "two of three custodians" in said and "A child in danger does not wait" in said


def test_a_stopped_keeper_is_said(client: Client, settings: Settings, tmp_path: Path) -> None:
    settings.KEEPER_SOCKET = tmp_path / "nobody.sock"
    assert "does not answer" in client.get("/unlock").content.decode()


def test_a_demonstration_says_how_it_is_opened(client: Client) -> None:
    assert "The files are open" in client.get("/unlock").content.decode()
