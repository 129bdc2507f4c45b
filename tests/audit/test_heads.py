"""Heads leave the machine, in a form that proves later what was in the log; where they cannot, work goes on."""

import os
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from pytest_django import Settings

from tests.audit.receiving import mail_server
from tests.audit.test_sealing import write
from tests.audit.unlocked import unlocked_log
from tests.cast import START, Cast, later
from tutela.audit import heads, sending
from tutela.audit.heads import Head, NotAHead
from tutela.audit.models import AuditRow, AuditSeal, HeadSent, SealedRow
from tutela.audit.sealing import seal_batch
from tutela.audit.sending import FILE, send_heads
from tutela.audit.verifying import verify
from tutela.cli.main import main

pytestmark = pytest.mark.django_db


@pytest.fixture
def last(cast: Cast) -> Head:
    return seal(3)


def seal(rows: int) -> Head:
    write(rows)
    assert seal_batch(at=START) == rows
    last = heads.head()
    assert last is not None
    return last


def cut_off() -> None:
    with unlocked_log():
        gone = AuditSeal.objects.latest("number")
        SealedRow.objects.filter(seal_number=gone.number).delete()
        AuditRow.objects.filter(id__in=gone.rows).delete()
        gone.delete()


# --- What a head is ------------------------------------------------------------------------------------------


def test_a_head_says_what_it_is_and_nothing_about_anybody(last: Head) -> None:
    assert last.line.startswith(
        f"tutela-audit-head 1 seal=1 mark={last.mark} at=2026-03-02T06:00:00+00:00 rows=3 "
    )
    assert "tested" not in last.line


@pytest.mark.parametrize("form", ["line", "mark", "code"])
def test_each_form_of_a_head_vouches_for_the_log_and_misses_what_was_cut_off(last: Head, form: str) -> None:
    kept = heads.read(getattr(last, form))
    found = verify(heads=[kept])
    assert (found.findings, found.heads, found.newest_head) == ((), 1, 1)
    cut_off()
    assert verify().findings == ()  # nobody could know
    assert verify(heads=[kept]).findings != ()


def test_the_code_for_paper_is_short_and_read_as_people_write_it(last: Head) -> None:
    assert len(last.code) <= 24
    assert heads.read(f" {last.code.lower().replace('-', ' ')} ") == heads.read(last.code)


def test_a_slip_of_the_pen_accuses_nobody(last: Head) -> None:
    letter = last.code[3]
    slip = last.code[:3] + ("A" if letter != "A" else "B") + last.code[4:]
    with pytest.raises(NotAHead, match="slip of the pen"):
        heads.read(slip)


@pytest.mark.parametrize("change", [("rows=3", "rows=4"), ("seal=1", "seal=2"), ("T06:00", "T07:00")])
def test_a_line_that_somebody_changed_is_no_head_of_this_keeper(last: Head, change: tuple[str, str]) -> None:
    kept = heads.read(last.line.replace(*change))
    assert "was not signed by this keeper" in verify(heads=[kept]).findings[0]


def test_what_was_sealed_since_the_newest_head_is_said(last: Head) -> None:
    seal(4)
    write(2)
    found = verify(heads=[heads.read(last.line)])
    assert (found.newest_head, found.rows_after_head, found.unsealed_rows) == (1, 4, 2)


# --- Where they go -------------------------------------------------------------------------------------------


def test_each_new_head_becomes_a_line_in_the_folder(last: Head, settings: Settings, tmp_path: Path) -> None:
    settings.AUDIT_HEADS = [str(tmp_path)]
    for number in range(3):
        send_heads(at=later(number))
        send_heads(at=later(number, hours=1))  # nothing new: nothing is sent
        seal(1)
    lines = (tmp_path / FILE).read_text().splitlines()
    assert [heads.read(line).number for line in lines] == [1, 2, 3]
    assert verify(heads=heads.read_lines(lines)).findings == ()
    assert HeadSent.objects.get().seal_number == 3


def test_two_workers_send_a_head_once(last: Head, settings: Settings, tmp_path: Path) -> None:
    settings.AUDIT_HEADS = [str(tmp_path)]
    send_heads(at=START)
    seal(1)
    send_heads(at=START)  # the other one is at it, or was a moment ago
    assert len((tmp_path / FILE).read_text().splitlines()) == 1


def test_a_line_that_lost_power_cut_short_spoils_no_other(
    last: Head, settings: Settings, tmp_path: Path
) -> None:
    settings.AUDIT_HEADS = [str(tmp_path)]
    (tmp_path / FILE).write_text(last.line[:50])
    send_heads(at=START)
    lines = (tmp_path / FILE).read_text().splitlines()
    assert lines[1] == last.line
    assert verify(heads=heads.read_lines(lines)).heads == 1


def test_a_mount_that_is_gone_is_written_down_tried_again_and_never_made(
    last: Head, settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "mount"
    settings.AUDIT_HEADS = [str(folder)]
    send_heads(at=START)
    assert not folder.exists() and "FileNotFoundError" in caplog.text
    said = CliRunner().invoke(main, ["check"])
    assert said.exit_code == 1
    assert f"No head of the log has reached {folder} yet: FileNotFoundError." in said.stdout
    folder.mkdir()
    send_heads(at=START + timedelta(minutes=2))
    assert (folder / FILE).exists()
    assert CliRunner().invoke(main, ["check"]).exit_code == 0


def test_a_mount_that_hangs_holds_nobody_up(
    last: Head, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a file on a server that is gone: the line is never said to be on its disk."""
    monkeypatch.setattr(sending, "_LONGEST_WRITE", 0.2)
    gone_on, before = threading.Event(), threading.active_count()
    monkeypatch.setattr(os, "fsync", lambda _: gone_on.wait(10))
    settings.AUDIT_HEADS = [str(tmp_path)]
    send_heads(at=START)
    assert HeadSent.objects.get().problem == "TimeoutError"
    send_heads(at=later(1))
    assert HeadSent.objects.get().problem == "TimeoutError"
    assert threading.active_count() <= before + 1  # one waits, and the next attempt adds none
    gone_on.set()


def test_a_head_arrives_by_mail(last: Head, settings: Settings) -> None:
    with mail_server() as (port, letters):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        settings.AUDIT_HEADS = ["auditor@example.org"]
        send_heads(at=START)
        seal(1)
        send_heads(at=later(minutes=5))  # once an hour is enough
        send_heads(at=later(hours=2))
    assert len(letters) == 2
    assert "To: auditor@example.org" in letters[0] and last.code in letters[0]
    assert list(heads.read_lines(letters[0].replace("=\n", "").replace("=3D", "=").splitlines())) == [
        heads.read(last.line)
    ]


def test_a_mail_server_that_does_not_answer_stops_nothing(
    last: Head, settings: Settings, tmp_path: Path
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    settings.AUDIT_HEADS = ["auditor@example.org", str(tmp_path)]
    send_heads(at=START)
    assert HeadSent.objects.get(place="auditor@example.org").problem == "ConnectionRefusedError"
    assert (tmp_path / FILE).exists()
