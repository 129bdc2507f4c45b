"""The sealed root key: a keeper that starts locked, custodians who come one by one, and a change that survives any crash."""

import os
from collections.abc import Callable, Iterator
from functools import cache
from itertools import combinations
from pathlib import Path

import pyrage
import pytest

from tests.keeper.people import PASSPHRASE, Person, person, sealed_in, three
from tests.keeper.process import running_keeper
from tutela.keeper import door as doors
from tutela.keeper.client import KeeperClient
from tutela.keeper.custodians import NotTheirs, Opened, open_identity
from tutela.keeper.door import Door
from tutela.keeper.envelope import Key
from tutela.keeper.errors import CannotStart, KeeperLocked, NotEnough, NotRehearsed, TooSoon
from tutela.keeper.keys import first_root_keys
from tutela.keeper.messages import Purpose, Status, Wrapped
from tutela.keeper.operations import Keeper
from tutela.keeper.sealed import SealedKey


@pytest.fixture
def key_folder(folder: Path) -> Path:
    sealed_in(folder / "root-key")
    return folder / "root-key"


@pytest.fixture
def sealed_keeper(folder: Path, key_folder: Path) -> Iterator[KeeperClient]:
    with running_keeper(folder, sealed=key_folder) as client:
        yield client


def comes(client: KeeperClient, who: Person, *, purpose: Purpose = "open", place: str = "") -> Status:
    return client.custodian(who.file, PASSPHRASE, purpose=purpose, place=place)


def test_it_starts_locked_and_opens_with_any_two_one_after_the_other(sealed_keeper: KeeperClient) -> None:
    amina, joseph, rosa = three()
    for one, other in ((amina, joseph), (rosa, amina), (joseph, rosa)):
        assert sealed_keeper.lock()["state"] == "locked"
        with pytest.raises(KeeperLocked):
            sealed_keeper.unlock()
        waiting = comes(sealed_keeper, one)
        assert (waiting["state"], waiting["here"]) == ("locked", 1)
        assert comes(sealed_keeper, one)["here"] == 1  # the same one twice is one
        opened = comes(sealed_keeper, other)
        assert (opened["state"], opened["here"]) == ("open", 0)


def test_a_stranger_and_a_wrong_passphrase_are_refused_and_no_name_is_logged(
    folder: Path, sealed_keeper: KeeperClient
) -> None:
    with pytest.raises(NotTheirs):
        comes(sealed_keeper, person("stranger"), place="10.0.0.1")
    with pytest.raises(NotTheirs):
        sealed_keeper.custodian(three()[0].file, "wrong", purpose="open", place="10.0.0.2")
    assert sealed_keeper.status()["here"] == 0
    log = (folder / "keeper.log").read_text()
    assert "were refused" in log
    assert not any(word in log for word in ("amina", "joseph", "10.0.0", "wrong", PASSPHRASE))


def test_before_the_rehearsal_no_file_gets_keys(sealed_keeper: KeeperClient, key_folder: Path) -> None:
    amina, joseph, _ = three()
    for one in (amina, joseph):
        comes(sealed_keeper, one)
    agency = Wrapped(sealed_keeper.new_agency_key("agency a"), "agency a")
    assert not sealed_keeper.status()["rehearsed"]
    with pytest.raises(NotRehearsed):
        sealed_keeper.new_file_keys(agency, ["file a case"])
    sealed_keeper.lock()
    for one in (amina, joseph):
        comes(sealed_keeper, one)
    assert sealed_keeper.status()["rehearsed"] and SealedKey(key_folder).rehearsed
    assert sealed_keeper.new_file_keys(agency, ["file a case"])


def test_a_new_root_key_opens_what_the_old_one_wrapped_and_verifies_its_marks(
    folder: Path, key_folder: Path
) -> None:
    SealedKey(key_folder).note_rehearsed()
    amina, joseph, rosa = three()
    with running_keeper(folder, sealed=key_folder) as client:
        comes(client, amina), comes(client, joseph)
        agency = Wrapped(client.new_agency_key("agency a"), "agency a")
        (file,) = client.new_file_keys(agency, ["file a case"])
        opened, mark = client.unwrap([(agency, Wrapped(file, "file a case"))]), client.mac("audit", b"seal")
        with pytest.raises(NotEnough):
            client.rotate()
        comes(client, amina, purpose="rotate")
        before = client.status()
        with pytest.raises(NotEnough):
            client.rotate()
        comes(client, rosa, purpose="rotate")
        after = client.rotate()
        assert (before["generation"], after["generation"]) == (1, 2) and before["root"] != after["root"]
        assert after["epoch"] == before["epoch"]  # nobody who works notices
        (renewed,) = client.renew("agency", [agency])
        assert (
            renewed
            and renewed != agency.key
            and client.renew("agency", [Wrapped(renewed, "agency a")]) == [renewed]
        )
    with running_keeper(folder, sealed=key_folder) as client:  # after a restart
        comes(client, joseph), comes(client, rosa)
        assert client.status()["generation"] == 2
        for key in (agency.key, renewed):
            assert client.unwrap([(Wrapped(key, "agency a"), Wrapped(file, "file a case"))]) == opened
        assert client.mac("audit", b"seal") == mark


def test_who_came_for_one_thing_is_not_here_for_another(sealed_keeper: KeeperClient) -> None:
    amina, joseph, rosa = three()
    comes(sealed_keeper, amina), comes(sealed_keeper, joseph)
    comes(sealed_keeper, amina, purpose="replace"), comes(sealed_keeper, rosa, purpose="replace")
    with pytest.raises(NotEnough):
        sealed_keeper.rotate()


def test_a_lost_custodian_is_replaced_and_opens_nothing_any_more(sealed_keeper: KeeperClient) -> None:
    amina, joseph, rosa = three()
    comes(sealed_keeper, amina, purpose="replace"), comes(sealed_keeper, joseph, purpose="replace")
    new = person("samir")
    sealed_keeper.replace("rosa", new.custodian)
    assert [one.name for one in sealed_keeper.custodians()] == ["amina", "joseph", "samir"]
    comes(sealed_keeper, amina)
    with pytest.raises(NotTheirs):
        comes(sealed_keeper, rosa, place="elsewhere")
    assert comes(sealed_keeper, new)["state"] == "open"


def test_without_a_sealed_key_it_says_how_one_is_made(folder: Path) -> None:
    with pytest.raises(CannotStart, match="tutela init"):
        Keeper(SealedKey(folder)).unlock()


def test_any_age_program_opens_it_without_tutela(key_folder: Path) -> None:
    closed = (key_folder / "amina+joseph.1.age").read_bytes()
    for who in three()[:2]:
        identity = pyrage.passphrase.decrypt(who.file, PASSPHRASE).decode()
        closed = pyrage.decrypt(closed, [pyrage.x25519.Identity.from_str(identity)])
    assert b'"root"' in closed


class Cut(Exception):
    """The power fails."""


@pytest.mark.parametrize("step", range(32))
def test_wherever_sealing_anew_is_cut_off_the_folder_opens(
    key_folder: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    sealed, here = SealedKey(key_folder), _opened(three()[:2])
    old = sealed.open_with(here)
    new = old.next()
    _cut_off_at(step, monkeypatch)
    try:
        sealed.seal(new, sealed.custodians)
        finished = True
    except (Cut, CannotStart):
        finished = False
    monkeypatch.undo()
    pairs = combinations(_opened(three()), 2)
    found, *others = [SealedKey(key_folder).open_with(pair) for pair in pairs]
    assert others == [found, found] and found in ((new,) if finished else (old, new))
    again = found.next()
    sealed.seal(again, sealed.custodians)  # and whatever was left unfinished does not matter
    assert SealedKey(key_folder).open_with(here) == again
    assert len(list(key_folder.glob("*.age"))) == 3


def _cut_off_at(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `step` calls that write to the disk through, and fail in the next one."""
    remaining = iter(range(step))

    def cut(real: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **named: object) -> object:
            if next(remaining, None) is None:
                raise Cut
            return real(*arguments, **named)

        return call

    monkeypatch.setattr(os, "open", cut(os.open))
    monkeypatch.setattr(os, "fsync", cut(os.fsync))
    monkeypatch.setattr(Path, "replace", cut(Path.replace))
    monkeypatch.setattr(Path, "unlink", cut(Path.unlink))


@cache
def _opened_once(who: Person) -> Opened:
    return open_identity(who.file, PASSPHRASE)


def _opened(people: list[Person]) -> list[Opened]:
    return [_opened_once(who) for who in people]


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def door(key_folder: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Door:
    """A door at which nothing takes a second: the passphrase alone is looked at."""

    def quickly(file: bytes, passphrase: str) -> Opened:
        if passphrase != PASSPHRASE:
            raise NotTheirs
        who = next(one for one in three() if one.file == file)
        return Opened(who.custodian.recipient, "")

    monkeypatch.setattr(doors, "open_identity", quickly)
    return Door(SealedKey(key_folder), clock=clock)


def test_whoever_guesses_waits_longer_each_time_and_others_hardly(door: Door, clock: Clock) -> None:
    waited = []
    for _ in range(10):
        with pytest.raises(NotTheirs):
            door.come(three()[0].file, "a guess", purpose="open", place="10.0.0.9")
        with pytest.raises(TooSoon) as soon:
            door.come(three()[0].file, PASSPHRASE, purpose="open", place="10.0.0.9")
        waited.append(soon.value.seconds)
        clock.now += soon.value.seconds
    assert waited == sorted(waited) and waited[0] == 2 and waited[-1] == 300
    with pytest.raises(NotTheirs):
        door.come(three()[0].file, "a guess", purpose="open", place="10.0.0.9")
    with pytest.raises(TooSoon) as elsewhere:
        door.come(three()[1].file, PASSPHRASE, purpose="open", place="10.0.0.1")
    assert elsewhere.value.seconds <= 60
    clock.now += elsewhere.value.seconds
    door.come(three()[1].file, PASSPHRASE, purpose="open", place="10.0.0.1")


def test_without_a_custodians_file_nobody_makes_custodians_wait(door: Door, clock: Clock) -> None:
    for number in range(50):
        with pytest.raises(NotTheirs):
            door.come(b"no file of theirs", "a guess", purpose="open", place=f"10.0.0.{number}")
    assert not door.come(three()[0].file, PASSPHRASE, purpose="open", place="10.1.0.1")


def test_whoever_has_come_is_forgotten_after_some_minutes(door: Door, clock: Clock) -> None:
    amina, joseph, _ = three()
    door.come(amina.file, PASSPHRASE, purpose="open", place="")
    clock.now += doors.STAYS - 1
    assert door.count("open") == 1
    clock.now += 1
    assert door.count("open") == 0
    assert not door.come(joseph.file, PASSPHRASE, purpose="open", place="")
    with pytest.raises(NotEnough):
        door.take("open")


def test_failures_are_forgotten_when_the_right_people_were_here(door: Door) -> None:
    with pytest.raises(NotTheirs):
        door.come(three()[0].file, "a slip", purpose="open", place="10.0.0.1")
    door.clear()
    door.come(three()[0].file, PASSPHRASE, purpose="open", place="10.0.0.1")


def test_root_keys_are_the_same_after_packing() -> None:
    for keys in (first_root_keys(), first_root_keys().next()):
        assert type(keys).unpacked(keys.packed()) == keys
        assert Key(keys.marks).id not in {Key(keys.root).id}


def test_a_sealed_key_that_was_changed_stays_closed_and_says_what_to_copy(
    folder: Path, key_folder: Path
) -> None:
    for path in key_folder.glob("*.age"):
        sealed = bytearray(path.read_bytes())
        sealed[-1] ^= 1
        path.write_bytes(sealed)
    amina, joseph, _ = three()
    with running_keeper(folder, sealed=key_folder) as client:
        comes(client, amina)
        with pytest.raises(KeeperLocked):
            comes(client, joseph)
    assert "is not what was sealed. Copy it anew" in (folder / "keeper.log").read_text()
