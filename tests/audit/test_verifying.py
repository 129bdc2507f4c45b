"""`tutela audit verify`: what it says, how it ends, and that a long log needs no more memory than a short one."""

import os
import sqlite3
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.conf import settings
from django.db import connection

from tests.audit.test_heads import cut_off, last, seal
from tests.audit.test_sealing import write
from tests.audit.unlocked import unlocked_log
from tests.cast import START, Cast
from tutela.audit import sealing, verifying
from tutela.audit.heads import Head
from tutela.audit.models import AuditRow, AuditSeal, SealedRow
from tutela.audit.sealing import seal_batch, seal_log
from tutela.audit.verifying import verify
from tutela.cli.main import main
from tutela.foundation.refusals import Unavailable
from tutela.vault.keeper import keeper

__all__ = ["last"]

pytestmark = pytest.mark.django_db


def said(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["audit", *words])
    return done.exit_code, done.output


# --- How it ends ---------------------------------------------------------------------------------------------


def test_a_whole_log_ends_with_nought_and_says_what_is_proven(last: Head, tmp_path: Path) -> None:
    write(2)
    assert said("verify") == (0, (
        "3 rows in 1 seals, and every one is as it was sealed.\n"
        "No head was given, so this does not show whether the end of the log was cut off. "
        "Give what left this machine: tutela audit verify --head FILE\n"
        "2 rows not sealed yet, the oldest of 2026-03-02 06:00:00 UTC; until the next seal nothing vouches for them.\n"
    ))  # fmt: skip
    file = tmp_path / "heads.txt"
    file.write_text(f"{last.line}\n")
    code, words = said("verify", "--head", str(file))
    assert code == 0
    assert "Up to seal 1 nothing was cut off or written anew (heads compared: 1)." in words


@pytest.mark.parametrize("form", ["line", "mark", "code"])
def test_what_was_found_ends_with_one(last: Head, form: str) -> None:
    assert said("verify", "--head", getattr(last, form))[0] == 0
    cut_off()
    code, words = said("verify", "--head", getattr(last, form))
    assert code == 1 and "cut off" in words


@pytest.mark.parametrize("given", ["nonsense", "1-AAAA-AAAA-AAAA-AAAA-A", "/nowhere/heads.txt"])
def test_what_is_no_head_ends_with_two_and_accuses_nobody(last: Head, given: str) -> None:
    assert said("verify", "--head", given)[0] == 2


def test_a_file_without_a_head_ends_with_two(last: Head, tmp_path: Path) -> None:
    (tmp_path / "heads.txt").write_text("half a line that lost its")
    assert said("verify", "--head", str(tmp_path / "heads.txt"))[0] == 2


def test_a_locked_keeper_ends_with_two(last: Head, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*_: object) -> bytes:
        raise Unavailable

    monkeypatch.setattr(type(keeper()), "mac", locked)
    assert said("verify")[0] == 2
    assert said("head")[0] == 2


def test_the_command_prints_the_head_that_proves_it(last: Head) -> None:
    assert said("head") == (0, f"{last.line}\n")
    assert said("head", "--paper") == (0, f"{last.code}\n")


# --- A copy --------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_copy_of_the_database_can_be_verified_elsewhere(last: Head, tmp_path: Path) -> None:
    """The copy says the same under the same keeper, and accuses whoever changes it."""
    if connection.vendor != "sqlite":
        pytest.skip("what a copy of PostgreSQL is, PostgreSQL says")
    copy = tmp_path / "copy.sqlite3"
    with sqlite3.connect(connection.settings_dict["NAME"]) as here, sqlite3.connect(copy) as there:
        here.backup(there)
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("TUTELA_DATABASE")
    } | {"TUTELA_DATABASE_URL": f"sqlite:///{copy}", "TUTELA_KEEPER_SOCKET": str(settings.KEEPER_SOCKET)}
    ask = [str(Path(sys.executable).with_name("tutela")), "audit", "verify", "--head", last.line]
    first = subprocess.run(ask, env=environment, capture_output=True, text=True, timeout=120)
    assert (first.returncode, first.stderr) == (0, "")
    with sqlite3.connect(copy) as there:
        there.execute("DROP TRIGGER audit_auditrow_no_delete")
        there.execute("DELETE FROM audit_auditrow WHERE id = (SELECT MIN(id) FROM audit_auditrow)")
    then = subprocess.run(ask, env=environment, capture_output=True, text=True, timeout=120)
    assert then.returncode == 1 and "rows are gone" in then.stdout


# --- A long log ----------------------------------------------------------------------------------------------


def test_a_sealer_that_was_away_catches_up_in_batches(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "_MOST_ROWS", 7)
    write(30)
    assert seal_log(at=START) == 30
    assert AuditSeal.objects.count() == 5 and verify().findings == ()


def test_rows_far_behind_wait_for_the_look_through_the_whole_log(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "_LOOK_BACK", 5)
    ids = write(20)
    with unlocked_log():
        late = AuditRow.objects.get(id=ids[0])
        AuditRow.objects.filter(id=late.id).delete()
    seal_log(at=START)
    late.save(force_insert=True)
    assert seal_log(at=START) == 0 and verify().unsealed_rows == 1
    assert seal_log(at=START, whole=True) == 1
    assert verify().findings == ()


def memory_of_verifying() -> int:
    """The most bytes that were held at once."""
    tracemalloc.start()
    try:
        assert verify().findings == ()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_long_log_needs_no_more_memory_than_a_short_one(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "_MOST_ROWS", 20)
    monkeypatch.setattr(verifying, "_ROWS_AT_ONCE", 40)
    monkeypatch.setattr(verifying, "_SEALS_AT_ONCE", 4)
    for rows in (200, 1_800):
        AuditRow.objects.bulk_create(
            AuditRow(at=START, act="tested", detail={"of": rows}) for _ in range(rows)
        )
        seal_log(at=START)
        if rows == 200:
            memory_of_verifying()
            short = memory_of_verifying()
    assert SealedRow.objects.count() == 2_000
    assert memory_of_verifying() < 1.5 * short


def test_of_a_log_written_anew_only_the_first_places_are_told(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verifying, "_MOST_FINDINGS", 3)
    for _ in range(6):
        seal(1)
    with unlocked_log():
        AuditSeal.objects.update(mark="a" * 64)
    assert verify().findings[3:] == ("These are the first 3 places; there may be more.",)


# --- Columns that come later ---------------------------------------------------------------------------------


def test_the_newest_seals_cover_every_column_of_a_row() -> None:
    """A new column takes a new line in `sealing.COVERED`, and every line before it stays as it is."""
    columns = {field.name for field in AuditRow._meta.concrete_fields}
    assert set(sealing.COVERED[max(sealing.COVERED)]) == columns
    assert sealing.COVERED[1] == ("id", "at", "by", "act", "file_id", "entry_id", "allowed", "detail")


def test_seals_of_before_a_new_column_stay_valid_and_its_value_in_their_rows_is_its_default(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if `allowed` were new: the first seal covers everything but it."""
    monkeypatch.setattr(sealing, "COVERED", {1: tuple(one for one in sealing.COVERED[1] if one != "allowed")})
    write(3)
    seal_batch(at=START)
    monkeypatch.setattr(sealing, "COVERED", {**sealing.COVERED, 2: (*sealing.COVERED[1], "allowed")})
    seal(3)
    assert [one.leaf for one in AuditSeal.objects.order_by("number")] == [1, 2] and verify().findings == ()
    for number in (1, 2):
        row = AuditSeal.objects.get(number=number).rows[0]
        with unlocked_log():
            AuditRow.objects.filter(id=row).update(allowed=False)
        assert verify().findings != ()
        with unlocked_log():
            AuditRow.objects.filter(id=row).update(allowed=True)
    with unlocked_log():
        AuditSeal.objects.filter(number=2).update(leaf=1)
    assert any("was not made by this keeper" in one for one in verify().findings)
