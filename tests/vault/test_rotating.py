"""Keys change while people work: wherever that is cut off, everything opens, and whoever comes next goes on (ADR 0029)."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest
from django.db import transaction
from pytest_django import Settings

from tests.keeper.people import PASSPHRASE, sealed_in, three
from tests.keeper.process import running_keeper
from tests.vault.files import a_file, a_user
from tutela.foundation.clock import now
from tutela.foundation.ids import new_id
from tutela.foundation.refusals import Refused, Unavailable
from tutela.keeper.client import KeeperClient
from tutela.keeper.messages import Purpose
from tutela.vault import keyring, opened_keys, rotating
from tutela.vault.errors import NoKeys, Tampered
from tutela.vault.keeper import keeper
from tutela.vault.models import AgencyKey, FileKey, RootGeneration, UserKey
from tutela.vault.root_generation import keep_up
from tutela.vault.sealing import open_for_user, open_sealed, seal, seal_for_user

pytestmark = pytest.mark.django_db(transaction=True)

ROW = new_id()


class Cut(BaseException):
    """The process is killed."""


class House:
    """Two agencies with files and people, and what was sealed for each."""

    def __init__(self) -> None:
        self.agencies = [new_id(), new_id()]
        self.files = {
            file: seal(str(file), file=file, seal_class="case", row=ROW, label="test")
            for agency in self.agencies
            for file in (a_file(agency=agency), a_file(agency=agency))
        }
        self.users = {
            user: seal_for_user(str(user), user=user, row=ROW, label="test")
            for user in (a_user(), a_user(), a_user())
        }

    def opens(self) -> bool:
        """Whether everything that was sealed opens, for a process that has no key in memory."""
        opened_keys.forget_all()
        files = (
            open_sealed(it, file=file, seal_class="case", row=ROW, label="test")
            for file, it in self.files.items()
        )
        users = (open_for_user(it, user=user, row=ROW, label="test") for user, it in self.users.items())
        return [*files, *users] == [str(one) for one in (*self.files, *self.users)]


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotating, "AT_ONCE", 2)


@pytest.fixture
def sealed_house(folder: Path, settings: Settings) -> Iterator[KeeperClient]:
    """An installation with custodians, rehearsed and open."""
    settings.KEEPER_SOCKET = folder / "keeper.sock"
    sealed_in(folder / "root-key").note_rehearsed()
    with running_keeper(folder, sealed=folder / "root-key") as client:
        two_come(client, "open")
        keep_up(at=now())
        yield client


def two_come(client: KeeperClient, purpose: Purpose) -> None:
    for who in three()[:2]:
        client.custodian(who.file, PASSPHRASE, purpose=purpose, place="")


@contextmanager
def cut_off_at(commit: int, *, before: bool) -> Iterator[None]:
    """Kill whoever comes to their commit number `commit`: just before it, or just after."""
    real, count = keyring.committed, iter(range(1_000))

    @contextmanager
    def committed() -> Iterator[None]:
        number = next(count)
        with real():
            yield
            if before and number == commit:
                raise Cut
        if number == commit:
            raise Cut

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rotating, "committed", committed)
        yield


def finished_in_spite_of(house: House) -> int:
    """Go on and be killed at the first commit, then the second, and so on. Returns how often it was killed."""
    for commit in range(100):
        for before in (True, False):
            try:
                with cut_off_at(commit, before=before):
                    rotating.go_on(at=now())
            except Cut:
                assert house.opens()
            else:
                return commit
    raise AssertionError("it never came to its end")


@pytest.mark.usefixtures("small_batches")
def test_a_new_root_key_is_taken_up_wherever_it_is_cut_off(sealed_house: KeeperClient) -> None:
    house = House()
    old, mark = _wrapped_by_root(), keeper().mac("audit-seal", b"a seal")
    two_come(sealed_house, "rotate")
    rotating.rotate_root(at=now())
    assert house.opens() and _wrapped_by_root() == old and rotating.unfinished() == 1
    mixed = a_file(agency=house.agencies[0])
    assert finished_in_spite_of(house) > 1
    assert not (_wrapped_by_root() & old) and rotating.unfinished() == 0
    assert house.opens() and keyring.has_keys([mixed]) == {mixed}
    assert keeper().mac("audit-seal", b"a seal") == mark
    assert set(RootGeneration.objects.values_list("generation", flat=True)) == {1, 2}


@pytest.mark.usefixtures("small_batches")
def test_a_kill_between_keeper_and_keyring_is_made_good_by_whoever_comes_next(
    sealed_house: KeeperClient, folder: Path
) -> None:
    house = House()
    old = _wrapped_by_root()
    two_come(sealed_house, "rotate")
    with pytest.raises(Cut), cut_off_at(5, before=True):  # five look for what is not wrapped by the old one
        rotating.rotate_root(at=now())
    assert RootGeneration.objects.count() == 1 and sealed_house.status()["generation"] == 2
    assert house.opens()
    assert rotating.go_on(at=now()) == 0
    assert not (_wrapped_by_root() & old) and house.opens()


def test_a_keyring_from_a_backup_of_before_is_taken_up_again(sealed_house: KeeperClient) -> None:
    house = House()
    backup = [*AgencyKey.objects.all(), *UserKey.objects.all()]
    two_come(sealed_house, "rotate")
    rotating.rotate_root(at=now())
    rotating.go_on(at=now())
    for row in backup:
        row.save()
    RootGeneration.objects.filter(generation=2).delete()
    old = _wrapped_by_root()
    assert house.opens()
    assert rotating.go_on(at=now()) == 0
    assert not (_wrapped_by_root() & old) and house.opens()


def test_without_two_custodians_nothing_changes(sealed_house: KeeperClient) -> None:
    before = _wrapped_by_root()
    with pytest.raises(Refused) as refused:
        rotating.rotate_root(at=now())
    assert refused.value.unmet[0].code == "not_enough_custodians"
    assert _wrapped_by_root() == before and RootGeneration.objects.count() == 1


def test_a_damaged_key_keeps_the_root_key_as_it_is(sealed_house: KeeperClient) -> None:
    House()
    _damage(UserKey.objects.all()[0])
    two_come(sealed_house, "rotate")
    with pytest.raises(Refused, match="damaged_keys"):
        rotating.rotate_root(at=now())
    assert sealed_house.status()["generation"] == 1


def test_another_host_notices_that_the_root_key_changed_and_locks_itself(
    sealed_house: KeeperClient, folder: Path, settings: Settings, tmp_path: Path
) -> None:
    house, here = House(), settings.KEEPER_SOCKET
    there = folder / "b"
    there.mkdir(mode=0o700)
    shutil.copytree(folder / "root-key", there / "root-key")
    with running_keeper(there, sealed=there / "root-key") as other:
        two_come(other, "open")
        settings.KEEPER_SOCKET = there / "keeper.sock"
        assert house.opens()
        settings.KEEPER_SOCKET = here
        two_come(sealed_house, "rotate")
        rotating.rotate_root(at=now())
        rotating.go_on(at=now())
        settings.KEEPER_SOCKET = there / "keeper.sock"
        with pytest.raises(Unavailable) as refused:
            house.opens()
        assert refused.value.unmet[0].code == "another_root_key"
        assert other.status()["state"] == "locked"
    shutil.copytree(folder / "root-key", there / "root-key", dirs_exist_ok=True)
    with running_keeper(there, sealed=there / "root-key") as other:
        two_come(other, "open")
        assert house.opens()


@pytest.mark.usefixtures("small_batches", "own_keeper")
def test_an_agencys_new_key_is_taken_up_wherever_it_is_cut_off() -> None:
    house = House()
    agency, other = house.agencies
    old = _file_keys(agency)
    others = _file_keys(other)
    rotating.begin_agency(agency, at=now())
    assert house.opens() and _file_keys(agency) == old
    rotating.begin_agency(agency, at=now())  # given twice, it is one change
    meanwhile = a_file(agency=agency)
    assert finished_in_spite_of(house) > 1
    assert not (_file_keys(agency) & old) and _file_keys(other) == others
    assert AgencyKey.objects.get(agency_id=agency).before is None and rotating.unfinished() == 0
    assert house.opens() and keyring.has_keys([meanwhile]) == {meanwhile}
    assert seal("new", file=meanwhile, seal_class="case", row=ROW, label="test")


@pytest.mark.usefixtures("own_keeper")
def test_a_damaged_key_of_a_file_keeps_the_old_key_of_its_agency() -> None:
    house = House()
    agency, file = house.agencies[0], next(iter(house.files))
    whole = FileKey.objects.get(file_id=file, seal_class="identity")
    _damage(FileKey.objects.get(id=whole.id))
    rotating.begin_agency(agency, at=now())
    assert rotating.go_on(at=now()) == 1
    assert AgencyKey.objects.get(agency_id=agency).before is not None and house.opens()
    whole.save()  # from a backup
    assert rotating.go_on(at=now()) == 0
    assert AgencyKey.objects.get(agency_id=agency).before is None and house.opens()


@pytest.mark.usefixtures("own_keeper", "small_batches")
def test_a_key_that_is_destroyed_meanwhile_stays_destroyed() -> None:
    house = House()
    gone = next(iter(house.files))
    rotating.begin_agency(house.agencies[0], at=now())
    with pytest.raises(Cut), cut_off_at(0, before=False):
        rotating.go_on(at=now())
    keyring.destroy_file_keys(gone)
    rotating.go_on(at=now())
    with pytest.raises(NoKeys):
        open_sealed(house.files[gone], file=gone, seal_class="case", row=ROW, label="test")


@pytest.mark.usefixtures("own_keeper")
def test_whoever_reads_while_an_agencys_key_is_let_go_of_reads_once_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    house = House()
    real, agency = keyring.wrapped_file_keys, house.agencies[0]
    overtaken: list[UUID] = []

    def overtaken_once(*asked: object) -> object:
        found = real(*asked)  # type: ignore[arg-type]
        if not overtaken:
            overtaken.append(agency)
            rotating.begin_agency(agency, at=now())
            rotating.go_on(at=now())
            new = keyring.wrapped_agency_key(AgencyKey.objects.get(agency_id=agency))
            found = {name: item._replace(agency=new, before=None) for name, item in found.items()}
        return found

    opened_keys.forget_all()
    monkeypatch.setattr(keyring, "wrapped_file_keys", overtaken_once)
    file = next(iter(house.files))
    assert open_sealed(house.files[file], file=file, seal_class="case", row=ROW, label="test") == str(file)


@pytest.mark.usefixtures("own_keeper")
def test_a_changed_key_is_still_found_out() -> None:
    house = House()
    file = next(iter(house.files))
    _damage(FileKey.objects.get(file_id=file, seal_class="case"))
    with pytest.raises(Tampered):
        house.opens()


def _damage(row: FileKey | UserKey) -> None:
    wrapped = bytearray(row.wrapped)
    wrapped[-1] ^= 1
    row.wrapped = bytes(wrapped)
    with transaction.atomic(using="keyring"):
        row.save()


def _wrapped_by_root() -> set[bytes]:
    agencies = AgencyKey.objects.values_list("wrapped", flat=True)
    return {bytes(one) for one in (*agencies, *UserKey.objects.values_list("wrapped", flat=True))}


def _file_keys(agency: UUID) -> set[bytes]:
    return {bytes(one) for one in FileKey.objects.filter(agency_id=agency).values_list("wrapped", flat=True)}
