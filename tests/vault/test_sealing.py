import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connections
from pytest_django import Settings

from tests.keeper.process import TO_STOP, start_keeper, wait_for
from tests.vault.files import a_file, a_user
from tutela.foundation.ids import new_id
from tutela.foundation.refusals import Unavailable
from tutela.keeper.client import KeeperClient
from tutela.vault import opened_keys
from tutela.vault.errors import NoKeys, Tampered
from tutela.vault.keeper import keeper
from tutela.vault.keyring import mint_file_keys
from tutela.vault.models import AgencyKey, FileKey, SealClass, UserKey
from tutela.vault.sealing import (
    fetch_keys,
    keyed_hash,
    open_bytes,
    open_bytes_for_user,
    open_for_user,
    open_sealed,
    seal,
    seal_bytes,
    seal_bytes_for_user,
    seal_for_user,
)

pytestmark = pytest.mark.django_db(databases=["default", "keyring"])

ROW = new_id()
STORY: dict[str, Any] = {
    "what happened": "Amina was not at school",
    "who said so": ["her aunt", "أمينة"],
    "age": 13,
}


def sealed_in(file: UUID, value: Any = STORY, seal_class: SealClass = "case") -> bytes:
    return seal(value, file=file, seal_class=seal_class, row=ROW, label="entry")


def opened_from(blob: bytes, file: UUID, seal_class: SealClass = "case") -> Any:
    return open_sealed(blob, file=file, seal_class=seal_class, row=ROW, label="entry")


# --- Places ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [STORY, {}, [], "", None, 0, True, "🙂\0", {"ب": {"a": [1.5, None]}}, "x" * 64 * 1024],
    ids=type,
)
def test_what_was_sealed_opens_in_its_place(value: Any) -> None:
    file = a_file()
    blob = sealed_in(file, value)
    assert opened_from(blob, file) == value
    assert b"school" not in blob
    assert blob != sealed_in(file, value)


def test_sealing_costs_only_a_few_bytes_and_hides_no_length() -> None:
    file = a_file()
    assert len(sealed_in(file, "x" * 1000)) - len(sealed_in(file, "")) == 1000


def test_a_change_of_any_byte_is_refused() -> None:
    file = a_file()
    blob = sealed_in(file)
    for at in range(len(blob)):
        with pytest.raises(Tampered) as refused:
            opened_from(changed(blob, at), file)
        assert "Amina" not in str(refused.value) and str(file) not in str(refused.value)
    for length in range(len(blob)):
        with pytest.raises(Tampered):
            opened_from(blob[:length], file)


def test_a_value_moved_to_another_place_is_refused() -> None:
    agency = new_id()
    file, other = a_file(agency=agency), a_file(agency=agency)
    here: dict[str, Any] = {"file": file, "seal_class": "case", "row": ROW, "label": "entry"}
    blob = seal(STORY, **here)
    elsewhere: list[dict[str, Any]] = [
        {"file": other},
        {"seal_class": "identity"},
        {"seal_class": "confidential"},
        {"row": new_id()},
        {"label": "note"},
        {"label": "entry "},
        {"label": ""},
    ]
    for change in elsewhere:
        with pytest.raises(Tampered):
            open_sealed(blob, **{**here, **change})
    assert open_sealed(blob, **here) == STORY


def test_two_values_that_changed_places_are_both_refused() -> None:
    file = a_file()
    rows = [new_id(), new_id()]
    blobs = [
        seal(number, file=file, seal_class="case", row=row, label="entry") for number, row in enumerate(rows)
    ]
    for blob, row in zip(reversed(blobs), rows, strict=True):
        with pytest.raises(Tampered):
            open_sealed(blob, file=file, seal_class="case", row=row, label="entry")


@pytest.mark.parametrize("value", [{"a", "b"}, float("nan"), object(), b"bytes", "\ud800"], ids=type)
def test_what_json_cannot_say_is_refused(value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        sealed_in(a_file(), value)


def test_a_users_own_work_opens_for_nobody_else() -> None:
    user, other = a_user(), a_user()
    blob = seal_for_user(STORY, user=user, row=ROW, label="draft")
    assert open_for_user(blob, user=user, row=ROW, label="draft") == STORY
    here: dict[str, Any] = {"user": user, "row": ROW, "label": "draft"}
    for change in ({"user": other}, {"row": new_id()}, {"label": "entry"}):
        with pytest.raises(Tampered):
            open_for_user(blob, **{**here, **change})
    for at in range(len(blob)):
        with pytest.raises(Tampered):
            open_for_user(changed(blob, at), user=user, row=ROW, label="draft")


def test_a_hash_is_the_same_for_the_same_data_of_the_same_file_only() -> None:
    file, other = a_file(), a_file()
    assert len(keyed_hash(b"answers", file=file)) == 32
    assert keyed_hash(b"answers", file=file) == keyed_hash(b"answers", file=file)
    hashes = [
        keyed_hash(b"answers", file=file),
        keyed_hash(b"other", file=file),
        keyed_hash(b"answers", file=other),
    ]
    assert len(set(hashes)) == 3


# --- Keys -----------------------------------------------------------------------------------------------


def test_without_keys_nothing_is_sealed_or_opened() -> None:
    blob = sealed_in(a_file())
    with pytest.raises(NoKeys):
        sealed_in(new_id())
    with pytest.raises(NoKeys):
        opened_from(blob, new_id())
    with pytest.raises(NoKeys):
        seal_for_user(STORY, user=new_id(), row=ROW, label="draft")


def test_a_change_of_any_byte_of_a_files_or_agencys_wrapped_key_is_refused() -> None:
    file = a_file()
    blob = sealed_in(file)
    key = FileKey.objects.get(file_id=file, seal_class="case")
    agency = AgencyKey.objects.get(agency_id=key.agency_id)
    for row in (key, agency):
        wrapped = bytes(row.wrapped)
        for at in range(len(wrapped)):
            row.wrapped = changed(wrapped, at)
            row.save()
            opened_keys.forget_all()
            with pytest.raises(Tampered):
                opened_from(blob, file)
        row.wrapped = wrapped
        row.save()
    assert opened_from(blob, file) == STORY


def test_a_change_of_any_byte_of_a_users_wrapped_key_is_refused() -> None:
    row = UserKey.objects.get(user_id=a_user())
    wrapped = bytes(row.wrapped)
    for at in range(len(wrapped)):
        row.wrapped = changed(wrapped, at)
        row.save()
        with pytest.raises(Tampered):
            seal_for_user(STORY, user=row.user_id, row=ROW, label="draft")


def test_no_file_is_made_under_a_changed_agency_key() -> None:
    agency = new_id()
    a_file(agency=agency)
    row = AgencyKey.objects.get(agency_id=agency)
    AgencyKey.objects.filter(agency_id=agency).update(wrapped=changed(bytes(row.wrapped), 30))
    with pytest.raises(Tampered):
        mint_file_keys(file_id=new_id(), agency_id=agency)


def test_wrapped_keys_that_changed_places_are_refused() -> None:
    agency = new_id()
    file, other = a_file(agency=agency), a_file(agency=agency)
    keys = [FileKey.objects.get(file_id=one, seal_class="case") for one in (file, other)]
    keys.append(FileKey.objects.get(file_id=file, seal_class="identity"))
    for key, from_other in zip(keys, [keys[1], keys[2], keys[0]], strict=True):
        FileKey.objects.filter(pk=key.pk).update(wrapped=bytes(from_other.wrapped))
    for one, seal_class in ((file, "case"), (other, "case"), (file, "identity")):
        with pytest.raises(Tampered):
            sealed_in(one, seal_class=seal_class)  # type: ignore[arg-type]


def test_one_damaged_file_does_not_close_the_others() -> None:
    agency = new_id()
    files = [a_file(agency=agency) for _ in range(5)]
    blobs = [sealed_in(file) for file in files]
    FileKey.objects.filter(file_id=files[2]).update(wrapped=b"damaged")
    opened_keys.forget_all()
    fetch_keys([*files, new_id()])
    for number, (blob, file) in enumerate(zip(blobs, files, strict=True)):
        if number == 2:
            with pytest.raises(Tampered):
                opened_from(blob, file)
        else:
            assert opened_from(blob, file) == STORY


def test_many_files_are_opened_with_one_question(monkeypatch: pytest.MonkeyPatch) -> None:
    agency = new_id()
    files = [a_file(agency=agency) for _ in range(50)]
    blobs = [sealed_in(file) for file in files]
    opened_keys.forget_all()
    asked = count_questions(monkeypatch)
    fetch_keys(files)
    assert asked == ["unwrap"]
    assert [opened_from(blob, file) for blob, file in zip(blobs, files, strict=True)] == [STORY] * 50
    assert asked == ["unwrap"]


def test_only_the_privacy_class_that_is_opened_is_unwrapped() -> None:
    file = a_file()
    sealed_in(file, seal_class="identity")
    assert list(opened_keys._opened.held) == [(file, "identity")]


# --- Lock, and when things break ------------------------------------------------------------------------


def test_lock_reaches_a_process_that_asks_nothing(
    own_keeper: KeeperClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opened_keys, "SECONDS", 3.0)
    file = a_file()
    blob = sealed_in(file)
    own_keeper.lock()
    assert opened_from(blob, file) == STORY  # for some seconds more
    gives_up = time.monotonic() + 60
    while opened_keys._opened.held and time.monotonic() < gives_up:
        time.sleep(0.1)
    assert not opened_keys._opened.held  # dropped though nobody asked
    with pytest.raises(Unavailable) as refused:
        opened_from(blob, file)
    assert refused.value.status == 503
    (unmet,) = refused.value.unmet
    assert unmet.code == "keeper_locked" and str(unmet.words).startswith("The files are locked just now.")

    own_keeper.unlock()
    assert opened_from(blob, file) == STORY


def test_keys_of_an_earlier_epoch_are_of_no_use(own_keeper: KeeperClient) -> None:
    file = a_file()
    blob = sealed_in(file)
    own_keeper.lock()
    assert keeper().status()["state"] == "locked"
    with pytest.raises(Unavailable):
        opened_from(blob, file)
    with pytest.raises(Unavailable):
        sealed_in(file)
    with pytest.raises(Unavailable):
        a_file()


def test_keys_that_a_lock_overtook_are_not_taken_for_new_ones(own_keeper: KeeperClient) -> None:
    file = a_file()
    blob = sealed_in(file)
    opened_keys.forget_all()
    unwrap = keeper().unwrap

    def overtaken(items: Any) -> list[bytes | None]:
        found = unwrap(items)
        own_keeper.lock()
        keeper().status()  # another thread hears of the lock first
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keeper(), "unwrap", overtaken)
        assert opened_from(blob, file) == STORY
    with pytest.raises(Unavailable):
        opened_from(blob, file)


def test_a_killed_keeper_is_unavailable_until_it_is_back(folder: Path, settings: Settings) -> None:
    settings.KEEPER_SOCKET = folder / "keeper.sock"
    watcher = KeeperClient(settings.KEEPER_SOCKET)
    process = start_keeper(folder)
    wait_for(watcher, process)
    file = a_file()
    blob = sealed_in(file)
    for _ in range(3):
        process.kill()
        process.wait(TO_STOP)
        opened_keys.forget_all()
        with pytest.raises(Unavailable) as refused:
            opened_from(blob, file)
        assert [unmet.code for unmet in refused.value.unmet] == ["keeper_stopped"]
        process = start_keeper(folder)
        wait_for(watcher, process)
        assert opened_from(blob, file) == STORY
    process.terminate()
    process.wait(TO_STOP)


def test_no_more_keys_are_held_than_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opened_keys, "MOST", 4)
    agency = new_id()
    files = [a_file(agency=agency) for _ in range(5)]
    fetch_keys(files)
    assert len(opened_keys._opened.held) == 4
    assert [opened_from(sealed_in(file), file) for file in files] == [STORY] * 5


def test_a_fork_has_none_of_its_parents_keys() -> None:
    sealed_in(a_file())
    child = os.fork()
    if child == 0:
        os._exit(len(opened_keys._opened.held))
    assert os.waitpid(child, 0)[1] == 0
    assert len(opened_keys._opened.held) == 1


@pytest.mark.django_db(databases=["default", "keyring"], transaction=True)
def test_many_threads_seal_and_open_at_once() -> None:
    agency = new_id()
    files = [a_file(agency=agency) for _ in range(4)]
    stop = threading.Event()

    def forgetful() -> None:
        while not stop.is_set():
            opened_keys.forget_all()

    def work(number: int) -> bool:
        file = files[number % 4]
        try:
            values = [[number, turn] for turn in range(25)]
            return all(opened_from(sealed_in(file, value), file) == value for value in values)
        finally:
            connections.close_all()

    disturber = threading.Thread(target=forgetful)
    disturber.start()
    try:
        with ThreadPoolExecutor(16) as pool:
            assert all(pool.map(work, range(32)))
    finally:
        stop.set()
        disturber.join()


def changed(value: bytes, at: int) -> bytes:
    """`value` with the byte at this place changed."""
    return value[:at] + bytes([value[at] ^ 0x55]) + value[at + 1 :]


def count_questions(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the operations that the keeper is asked for from now on."""
    asked: list[str] = []
    ask = KeeperClient._ask

    def counted(self: KeeperClient, operation: str, **arguments: Any) -> Any:
        asked.append(operation)
        return ask(self, operation, **arguments)

    monkeypatch.setattr(KeeperClient, "_ask", counted)
    return asked


# --- In chunks ------------------------------------------------------------------------------------------


CHUNK, COSTS = 262_144, 38  # bytes: what a chunk holds, and what sealing adds to it


def sealed_in_chunks(file: UUID, content: bytes, row: UUID = ROW) -> bytes:
    return seal_bytes(content, file=file, seal_class="case", row=row, label="photo")


def opened_from_chunks(blob: bytes, file: UUID, row: UUID = ROW, label: str = "photo") -> bytes:
    return open_bytes(blob, file=file, seal_class="case", row=row, label=label)


@pytest.mark.parametrize("length", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_bytes_of_any_length_are_sealed_and_opened(length: int) -> None:
    file, user = a_file(), a_user()
    content = os.urandom(length)
    blob = sealed_in_chunks(file, content)
    assert opened_from_chunks(blob, file) == content
    assert len(blob) == length + COSTS * max(1, -(-length // CHUNK))
    own = seal_bytes_for_user(content, user=user, row=ROW, label="photo")
    assert open_bytes_for_user(own, user=user, row=ROW, label="photo") == content
    with pytest.raises(Tampered):
        open_bytes_for_user(own, user=a_user(), row=ROW, label="photo")


def test_chunks_cannot_be_dropped_doubled_swapped_cut_short_or_moved() -> None:
    file, other = a_file(), a_file()
    blob, another = (sealed_in_chunks(file, os.urandom(3 * CHUNK)) for _ in range(2))
    one, two, three = (blob[start : start + CHUNK + COSTS] for start in range(0, len(blob), CHUNK + COSTS))
    strange = another[: CHUNK + COSTS]
    alone = sealed_in_chunks(file, os.urandom(CHUNK))
    for changed in (
        b"", one, one + two, two + three, two + one + three, one + one + two + three, blob + three, blob[:-1], blob + b"\0",
        strange + two + three[:-1], alone + two + three,
    ):  # fmt: skip
        with pytest.raises(Tampered):
            opened_from_chunks(changed, file)
    for elsewhere in ({"file": other}, {"row": new_id()}, {"label": "paper"}):
        with pytest.raises(Tampered):
            opened_from_chunks(blob, **{"file": file, **elsewhere})  # type: ignore[arg-type]


def test_the_chunk_of_another_of_the_same_shape_does_not_fit() -> None:
    """Two photos of one file and question: a chunk of one in the place of the same chunk of the other."""
    file, row = a_file(), new_id()
    blob, another = (
        sealed_in_chunks(file, os.urandom(2 * CHUNK)),
        sealed_in_chunks(file, os.urandom(2 * CHUNK), row),
    )
    with pytest.raises(Tampered):
        opened_from_chunks(another[: CHUNK + COSTS] + blob[CHUNK + COSTS :], file)


def test_no_byte_of_what_is_sealed_in_chunks_can_be_changed() -> None:
    file = a_file()
    blob = sealed_in_chunks(file, b"what a photo shows")
    for place in range(len(blob)):
        changed = bytearray(blob)
        changed[place] ^= 1
        with pytest.raises(Tampered):
            opened_from_chunks(bytes(changed), file)
