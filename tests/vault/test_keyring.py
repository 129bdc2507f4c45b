import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connections, transaction

from tests.vault.files import a_file, a_user
from tutela.foundation.ids import new_id
from tutela.vault import keyring
from tutela.vault.errors import NoKeys
from tutela.vault.models import SEAL_CLASSES, AgencyKey, FileKey, UserKey
from tutela.vault.sealing import open_sealed, seal

BOTH = ["default", "keyring"]
PLACE: dict[str, Any] = {"row": new_id(), "label": "test"}


@pytest.mark.django_db(databases=BOTH)
def test_a_file_has_a_key_for_each_privacy_class() -> None:
    file = a_file()
    assert {key.seal_class for key in FileKey.objects.filter(file_id=file)} == set(SEAL_CLASSES)
    assert len({bytes(key.wrapped) for key in FileKey.objects.filter(file_id=file)}) == 3


@pytest.mark.django_db(databases=BOTH)
def test_minting_again_changes_nothing() -> None:
    agency, user = new_id(), a_user()
    file = a_file(agency=agency)
    before = everything()
    keyring.mint_agency_key(agency)
    keyring.mint_file_keys(file_id=file, agency_id=agency)
    keyring.mint_user_key(user)
    keyring.mint_file_keys(file_id=file, agency_id=new_id())  # somebody else's try on the same file
    assert everything() == before


@pytest.mark.django_db(databases=BOTH)
def test_minting_again_adds_what_is_lacking_and_keeps_the_rest() -> None:
    agency = new_id()
    file = a_file(agency=agency)
    sealed = seal("kept", file=file, seal_class="case", **PLACE)
    FileKey.objects.filter(file_id=file, seal_class="identity").delete()
    assert keyring.has_keys([file]) == set()
    keyring.mint_file_keys(file_id=file, agency_id=agency)
    assert keyring.has_keys([file]) == {file}
    assert open_sealed(sealed, file=file, seal_class="case", **PLACE) == "kept"


@pytest.mark.django_db(databases=BOTH, transaction=True)
def test_minting_at_the_same_time_makes_one_set_of_keys() -> None:
    agency, file, user = new_id(), new_id(), new_id()
    ready = threading.Barrier(8)

    def mint(number: int) -> bytes:
        ready.wait()
        keyring.mint_agency_key(agency)
        keyring.mint_user_key(user)
        keyring.mint_file_keys(file_id=file, agency_id=agency)
        return seal(number, file=file, seal_class="case", **PLACE)

    sealed = in_threads(mint, 8)
    assert AgencyKey.objects.filter(agency_id=agency).count() == 1
    assert UserKey.objects.filter(user_id=user).count() == 1
    assert FileKey.objects.filter(file_id=file).count() == 3
    opened = [open_sealed(one, file=file, seal_class="case", **PLACE) for one in sealed]
    assert opened == list(range(8))


@pytest.mark.django_db(databases=BOTH)
def test_an_agency_without_a_key_can_have_no_files() -> None:
    file = new_id()
    with pytest.raises(NoKeys):
        keyring.mint_file_keys(file_id=file, agency_id=new_id())
    assert not FileKey.objects.filter(file_id=file).exists()


@pytest.mark.django_db(databases=BOTH, transaction=True)
def test_keys_stay_when_the_main_transaction_is_undone() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        file, user = a_file(), a_user()
        raise ZeroDivisionError
    assert keyring.has_keys([file]) == {file}
    assert UserKey.objects.filter(user_id=user).exists()


@pytest.mark.django_db(databases=BOTH, transaction=True)
def test_keys_are_never_made_inside_a_transaction_of_the_keyring() -> None:
    with transaction.atomic(using="keyring"), pytest.raises(RuntimeError, match="durable"):
        keyring.mint_user_key(new_id())


@pytest.mark.django_db(databases=BOTH)
def test_it_says_which_files_have_keys() -> None:
    agency = new_id()
    files = {a_file(agency=agency) for _ in range(3)}
    assert keyring.has_keys([*files, new_id()]) == files
    assert keyring.has_keys([]) == set()


@pytest.mark.django_db(databases=BOTH)
def test_without_its_keys_a_file_stays_closed_and_others_open() -> None:
    agency = new_id()
    file, other = a_file(agency=agency), a_file(agency=agency)
    sealed, kept = (seal("a story", file=one, seal_class="case", **PLACE) for one in (file, other))
    keyring.destroy_file_keys(file)
    keyring.destroy_file_keys(file)  # again does no harm
    assert keyring.has_keys([file, other]) == {other}
    with pytest.raises(NoKeys):
        open_sealed(sealed, file=file, seal_class="case", **PLACE)
    assert open_sealed(kept, file=other, seal_class="case", **PLACE) == "a story"

    keyring.mint_file_keys(file_id=file, agency_id=agency)  # new keys do not open what the old ones closed
    with pytest.raises(Exception, match="does not fit"):
        open_sealed(sealed, file=file, seal_class="case", **PLACE)


@pytest.mark.django_db(databases=BOTH, transaction=True)
def test_a_destroyed_key_leaves_no_bytes_in_the_database_file() -> None:
    connection = connections["keyring"]
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL writes over it when it vacuums")
    file = a_file()
    wrapped = [bytes(key.wrapped) for key in FileKey.objects.filter(file_id=file)]
    assert all(key in the_file_of(connection.settings_dict["NAME"]) for key in wrapped)
    keyring.destroy_file_keys(file)
    assert not any(key in the_file_of(connection.settings_dict["NAME"]) for key in wrapped)


@pytest.mark.django_db(databases=BOTH)
def test_the_database_itself_knows_the_privacy_classes() -> None:
    with pytest.raises(IntegrityError), transaction.atomic(using="keyring"):
        FileKey.objects.create(file_id=new_id(), seal_class="clear", agency_id=new_id(), wrapped=b"")


def everything() -> list[object]:
    return [
        sorted((key.agency_id, bytes(key.wrapped), key.made_at) for key in AgencyKey.objects.all()),
        sorted((key.file_id, key.seal_class, bytes(key.wrapped)) for key in FileKey.objects.all()),
        sorted((key.user_id, bytes(key.wrapped)) for key in UserKey.objects.all()),
    ]


def in_threads(work: Callable[[int], bytes], number: int) -> list[bytes]:
    """What `work` returns in each of `number` threads, whose database connections are closed at the end."""

    def closing(one: int) -> bytes:
        try:
            return work(one)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(closing, range(number)))


def the_file_of(database: str) -> bytes:
    """The bytes of an SQLite database, its write-ahead log written back first."""
    connection = sqlite3.connect(database)
    try:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()
    return Path(database).read_bytes()
