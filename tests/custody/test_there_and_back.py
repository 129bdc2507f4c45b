"""Backed up here, restored on another machine by two custodians: everything is back, and what was destroyed stays so."""

import os
import shutil
from pathlib import Path

from tests.custody.house import House, make_custodians, on_both, passphrases
from tests.keeper.process import running_keeper

PAIR = ("Ada", "Cleo")


def keys(house: House, *names: str) -> list[object]:
    """The options that name custodians' files."""
    return [part for name in names for part in ("--custodian", house.var.parent / "keys" / f"{name}.age")]


def bundles(place: Path) -> list[Path]:
    return sorted(place.glob("*.bundle"))


def restore(
    elsewhere: House,
    *given: object,
    who: tuple[str, ...] = PAIR,
    wrong: bool = False,
    typed: str | None = None,
) -> str:
    typed = passphrases(*who) if typed is None else typed
    return elsewhere.tutela("restore", *given, *keys(elsewhere, *who), typed=typed, wrong=wrong)


def keep_keys_of_custodians(house: House) -> None:
    """Custodians keep their files with themselves, not on the server."""
    (house.var / "root-key").rename(house.var.parent / "keys")
    (house.var / "root-key").mkdir(mode=0o700)
    named = (house.var.parent / "keys" / "custodians.json").read_bytes()
    (house.var / "root-key" / "custodians.json").write_bytes(named)


def back_up(house: House, *more: str) -> list[Path]:
    before = set(bundles(Path(house.environment["TUTELA_BACKUP_TO"])))
    house.tutela("backup", *more)
    return [one for one in bundles(Path(house.environment["TUTELA_BACKUP_TO"])) if one not in before]


def sums(said: str) -> list[str]:
    return [word for line in said.splitlines() for word in line.split() if len(word) == 64]


def is_sound(house: House) -> None:
    """Every entry opens and makes the facts that are there, the log is whole, and nothing is to be mended."""
    with running_keeper(house.var):
        assert "0 differences" in house.tutela("facts", "rebuild", "--check")
        assert "Head: none" not in house.tutela("audit", "verify")
        house.tutela("check")


def files_of(house: House) -> list[str]:
    code = "from tutela.cases.models import CaseFile; print(*CaseFile.objects.values_list('id', flat=True))"
    return house.python(code).split()


@on_both
def test_everything_comes_back_on_another_machine(house: House, elsewhere: House) -> None:
    keep_keys_of_custodians(house)
    written = back_up(house)
    said = restore(elsewhere, *written)
    assert sorted(sums(said)) == sorted(sums(house.tutela("checksum")))
    assert (elsewhere.var / "attachments/photo").read_bytes() == (
        house.var / "attachments/photo"
    ).read_bytes()
    is_sound(elsewhere)
    assert files_of(elsewhere) == files_of(house) != []


@on_both
def test_a_house_that_was_evacuated_comes_back_with_an_equal_checksum(house: House, elsewhere: House) -> None:
    keep_keys_of_custodians(house)
    house.python(
        "from tutela.custody import evacuating\n"
        "(copied,) = evacuating.copy_everywhere()\n"
        "evacuating.begin(copied_to=[copied.place], without_copy=False)"
    )
    before = sums(house.tutela("checksum"))  # in the moment between the last bundle and the end
    house.tutela("evacuate", "--finish")
    assert house.left() == ["evacuated.json", "server.lock"]
    said = restore(elsewhere, *bundles(Path(house.environment["TUTELA_BACKUP_TO"])))
    assert sorted(sums(said)) == sorted(before) and len(set(before)) == 2
    assert "and every one is as it was sealed" in said  # what the log says at once
    assert sums(elsewhere.tutela("checksum"))[1] == before[1]
    is_sound(elsewhere)


def test_a_log_that_was_changed_in_the_bundle_is_noticed_by_restoring(house: House, elsewhere: House) -> None:
    keep_keys_of_custodians(house)
    house.python(
        "from django.db import connection\n"
        "from tutela.audit import guards\n"
        "guards.take_down()\n"
        "connection.cursor().execute('UPDATE audit_auditrow SET allowed = NOT allowed')"
    )
    said = restore(elsewhere, *back_up(house), wrong=True)
    assert "Everything is back, and the log was not found whole" in said


def test_the_server_that_made_them_cannot_open_them(house: House, elsewhere: House) -> None:
    keep_keys_of_custodians(house)
    written = back_up(house)
    for path in (*written, *(one for one in house.var.rglob("*") if one.is_file())):
        assert b"AGE-SECRET-KEY" not in path.read_bytes()
    assert "two of the three" in restore(elsewhere, *written, who=("Bo",), wrong=True)
    (elsewhere.var.parent / "others").mkdir()
    make_custodians(elsewhere.var.parent / "others")
    strangers = [
        part for one in PAIR for part in ("--custodian", elsewhere.var.parent / "others" / f"{one}.age")
    ]
    said = elsewhere.tutela("restore", *written, *strangers, typed=passphrases(*PAIR), wrong=True)
    assert "two of the three" in said
    assert "do not go together" in restore(
        elsewhere, *written, wrong=True, typed="wrong words\nwrong words\n"
    )
    assert files_in_database(elsewhere) == "nothing"


def files_in_database(house: House) -> str:
    return house.python(
        "from django.db import connection as c\n"
        "print('something' if 'access_agency' in c.introspection.table_names() else 'nothing')"
    ).strip()


def test_a_changed_byte_restores_nothing(house: House, elsewhere: House) -> None:
    keep_keys_of_custodians(house)
    data, keyring = back_up(house)
    whole = data.read_bytes()
    for place in (30, len(whole) // 2, len(whole) - 1):
        data.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        restore(elsewhere, data, keyring, wrong=True)
    assert files_in_database(elsewhere) == "nothing" and "restoring" not in str(elsewhere.left())
    data.write_bytes(whole)
    restore(elsewhere, data, keyring)


def test_what_does_not_belong_together_is_refused(house: House, elsewhere: House) -> None:
    keep_keys_of_custodians(house)
    data, keyring = back_up(house)
    later, _ = back_up(house)
    assert "takes two bundles" in restore(elsewhere, data, wrong=True)
    assert "older than that of the data" in restore(elsewhere, later, keyring, wrong=True)
    assert "no bundle" in restore(elsewhere, elsewhere.var.parent / "keys/Ada.age", keyring, wrong=True)
    restore(elsewhere, data, keyring)
    assert "a house here already" in restore(elsewhere, data, keyring, wrong=True)


def test_bundles_of_two_houses_are_refused(house: House, elsewhere: House, folder: Path) -> None:
    keep_keys_of_custodians(house)
    data, _ = back_up(house)
    shutil.copytree(house.var, folder / "var2")
    other = House(folder / "var2", house.environment)
    other.python("from tutela.vault.models import AgencyKey; AgencyKey.objects.all().delete()")
    _, keyring = back_up(other)
    assert "do not belong together" in restore(elsewhere, data, keyring, wrong=True)


def test_a_delta_brings_the_newer_attachments_and_needs_the_full_one(house: House, elsewhere: House) -> None:
    keep_keys_of_custodians(house)
    photo = house.var / "attachments/photo"
    os.utime(photo, (1_700_000_000, 1_700_000_000))
    full, _ = back_up(house)
    (house.var / "attachments/newer").write_bytes(b"another sealed one")
    data, keyring = back_up(house, "--delta")
    assert data.stat().st_size < full.stat().st_size
    assert "full bundle" in restore(elsewhere, data, keyring, wrong=True)
    restore(elsewhere, full, data, keyring)
    assert {path.name for path in (elsewhere.var / "attachments").iterdir()} == {"photo", "newer"}


def test_keys_destroyed_after_the_bundle_stay_destroyed(house: House, elsewhere: House, place: Path) -> None:
    keep_keys_of_custodians(house)
    written = back_up(house)
    file = files_of(house)[0]
    house.python(
        f"from uuid import UUID; from tutela.vault.keyring import destroy_file_keys; destroy_file_keys(UUID('{file}'))"
    )
    house.python(
        "from tutela.custody.places import send_destructions; send_destructions()"
    )  # as the worker does each minute
    assert "by the list: 1" in restore(elsewhere, *written)
    code = (
        f"from uuid import UUID; from tutela.vault.keyring import has_keys; print(has_keys([UUID('{file}')]))"
    )
    assert elsewhere.python(code).strip() == "set()"
    with running_keeper(elsewhere.var):
        elsewhere.tutela("check")  # which knows that these keys are missing on purpose


def test_a_list_that_is_none_is_refused_before_anything_is_opened(
    house: House, elsewhere: House, place: Path
) -> None:
    keep_keys_of_custodians(house)
    written = back_up(house)
    (place / "destructions").write_text("not an id\n")
    assert "no list of destructions" in restore(elsewhere, *written, wrong=True)


def test_a_restoration_that_was_cut_off_begins_anew(house: House, elsewhere: House) -> None:
    keep_keys_of_custodians(house)
    data, keyring = back_up(house)
    pieces = ", ".join(
        f"open_custodian(Path('{elsewhere.var.parent}/keys/{one}.age'), {passphrases(one).strip()!r})"
        for one in PAIR
    )
    elsewhere.python(
        "import os\nfrom pathlib import Path\nfrom tutela.custody import restoring\n"
        "from tutela.custody.restoring import *\n"
        "restoring._put_files = lambda stage: os._exit(9)\n"
        f"restore(Bundles(Path('{data}'), Path('{keyring}'), None, None), here=[{pieces}], destroyed=[])",
        code_returned=9,
    )
    restore(elsewhere, data, keyring)
    is_sound(elsewhere)


def test_an_old_keyring_goes_from_the_place_and_is_asked_about(house: House, elsewhere: House) -> None:
    keep_keys_of_custodians(house)
    yesterday = (
        "from tutela.custody import backing_up, rules; from tutela.foundation.clock import days_after\n"
    )
    house.python(
        yesterday + "backing_up.expires = lambda day: day\n"
        "from tutela.custody.places import backup_places, custodians\n"
        "print(*backing_up.back_up(backup_places()[0], custodians=custodians()))"
    )
    assert (
        len(bundles(Path(house.environment["TUTELA_BACKUP_TO"]))) == 1
    )  # the data; that keyring is gone at once


def test_it_is_said_in_a_sentence_where_there_is_no_place_or_no_custodian(house: House, folder: Path) -> None:
    assert "Is the disk mounted" in house.tutela("backup", "--to", folder / "gone", wrong=True)
    assert "among the data" in house.tutela("backup", "--to", house.var / "attachments", wrong=True)
    (house.var / "root-key" / "custodians.json").unlink()
    assert "There are no custodians" in house.tutela("backup", wrong=True)
