"""Where the file lies meanwhile, in what state, and when it is gone; workers that die or meet."""

import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from tests.cast import START, Cast, a_case
from tests.exports.asking import TOLD, asked, fetched, made, prepared
from tutela import commands
from tutela.audit.models import AuditRow
from tutela.exports import actions, kept, queries
from tutela.exports.models import Export
from tutela.exports.queries import stage_of
from tutela.foundation.ids import new_id
from tutela.foundation.refusals import NotFound

pytestmark = pytest.mark.django_db


def lying() -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in sorted(Path(settings.EXPORTS).iterdir())}


@pytest.fixture(autouse=True)
def nothing_from_before() -> Iterator[None]:
    yield
    for one in Path(settings.EXPORTS).iterdir():
        one.unlink()


_written: list[str] = []
_watching = False


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if not _watching:
        return
    if event == "open" and isinstance(arguments[0], str | bytes | Path) and isinstance(arguments[2], int):
        writes = arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        _written.extend([str(arguments[0])] if writes else [])
    elif event == "tempfile.mkstemp":
        _written.append(str(arguments[0]))


sys.addaudithook(_watch)


@pytest.mark.covers("R93")
def test_nothing_is_ever_written_in_the_clear(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of everything that is opened for writing, all lies in the folder of exports or is a database; and it is sealed."""
    global _watching
    a_case(cast)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # its own: others write to the one of the machine
    _written.clear()
    _watching = True
    try:
        export = made(cast.information_officer)
        on_disk = lying()
        passphrase, content = fetched(export)
    finally:
        _watching = False
    elsewhere = [
        one for one in _written if not one.startswith(str(settings.EXPORTS)) and "sqlite3" not in one
    ]
    assert _written and elsewhere == []
    assert list(tmp_path.iterdir()) == []
    for file in (*on_disk.values(), *lying().values()):
        for readable in (
            b"PK\x03\x04",
            b"<?xml",
            b"xl/worksheets",
            b"UEsD",
            TOLD.recipient.encode(),
            content[:16],
            passphrase.encode(),
        ):
            assert readable not in file


def test_only_its_user_can_read_the_file(cast: Cast) -> None:
    a_case(cast)
    made(cast.information_officer)
    (name,) = lying()
    file = Path(settings.EXPORTS) / name
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_once_it_is_locked_what_the_house_could_open_is_gone(cast: Cast) -> None:
    a_case(cast)
    export = made(cast.information_officer)
    assert set(lying()) == {f"{export.id.hex}.open"}
    fetched(export)
    assert set(lying()) == {f"{export.id.hex}.locked"}


def test_a_changed_file_does_not_come_out(cast: Cast) -> None:
    from tutela.vault.errors import Tampered

    a_case(cast)
    export = made(cast.information_officer)
    (name,) = lying()
    file = Path(settings.EXPORTS) / name
    sealed = bytearray(file.read_bytes())
    sealed[-1] ^= 1
    file.write_bytes(bytes(sealed))
    with pytest.raises(Tampered):
        commands.lock_export(export.id, by=cast.information_officer, at=START)


@pytest.mark.covers("R93")
def test_it_is_swept_after_twenty_four_hours_and_its_line_stays(cast: Cast) -> None:
    a_case(cast)
    export = made(cast.information_officer)
    fetched(export)
    almost, over = START + timedelta(hours=23, minutes=59), START + timedelta(hours=24)
    assert commands.sweep_exports(at=almost) == 0 and lying()
    commands.download_export(export.id, by=cast.information_officer, at=almost)
    with pytest.raises(NotFound):  # whether or not the worker has come by
        commands.download_export(export.id, by=cast.information_officer, at=over)
    assert commands.sweep_exports(at=over) == 1 and lying() == {}
    export.refresh_from_db()
    assert stage_of(export) == "swept" and export.swept_at == over
    assert commands.sweep_exports(at=over) == 0
    assert AuditRow.objects.filter(act="export.swept").count() == 1
    assert queries.register(agency_id=export.agency_id, start=0, most=9) == [export]


def test_what_nobody_agreed_to_lapses_and_what_nobody_asked_for_leaves_no_line(cast: Cast) -> None:
    a_case(cast)
    waiting = asked(cast.information_officer)
    Export.objects.filter(id=waiting.id).update(second_person=True)
    looked_at = prepared(cast.information_officer)
    assert commands.sweep_exports(at=START + timedelta(days=6)) == 0
    assert commands.sweep_exports(at=START + timedelta(days=9)) == 2
    waiting.refresh_from_db()
    assert stage_of(waiting) == "swept"
    assert not Export.objects.filter(id=looked_at.id).exists()
    assert commands.make_exports(now=lambda: START + timedelta(days=9)) == 0


def test_a_file_without_a_line_is_swept_too(cast: Cast) -> None:
    a_case(cast)
    export = made(cast.information_officer)
    stray = Path(settings.EXPORTS) / f"{new_id().hex}.open"
    stray.write_bytes(b"left behind")
    half = Path(settings.EXPORTS) / f"{new_id().hex}.open.{new_id().hex}"
    half.write_bytes(b"half")
    commands.sweep_exports(at=START)
    assert set(lying()) == {f"{export.id.hex}.open"}


# --- Workers -------------------------------------------------------------------------------------------------


def test_two_workers_make_it_once(cast: Cast) -> None:
    a_case(cast)
    export, before = asked(cast.information_officer), START - timedelta(minutes=10)
    first, second = new_id(), new_id()
    assert actions.claim(export.id, first, claimed_before=before, at=START)
    assert not actions.claim(export.id, second, claimed_before=before, at=START)
    assert commands.make_exports(now=lambda: START + timedelta(minutes=5)) == 0


def test_what_a_dead_worker_had_begun_is_taken_over_and_a_late_one_does_nothing(cast: Cast) -> None:
    a_case(cast)
    export, dead = asked(cast.information_officer), new_id()
    assert actions.claim(export.id, dead, claimed_before=START - timedelta(minutes=10), at=START)
    later = START + timedelta(minutes=11)
    assert commands.make_exports(now=lambda: later) == 1
    assert not actions.go_on(export.id, dead, done=1, at=later)
    assert not actions.made(export.id, dead, left_out=[], unreadable=0, kept_until=later, at=later)
    assert AuditRow.objects.filter(act="export.made").count() == 1


def test_a_worker_that_lost_its_claim_stops_and_says_nothing(cast: Cast) -> None:
    a_case(cast)
    export = asked(cast.information_officer)
    moments = iter([START, START])

    def now() -> object:
        moment = next(moments, None)
        if moment is None:  # while it works, another takes over
            Export.objects.filter(id=export.id).update(claim=new_id())
        return moment or START

    assert commands.make_exports(now=now) == 0  # type: ignore[arg-type]
    export.refresh_from_db()
    assert export.made_at is None and not AuditRow.objects.filter(act="export.made").exists()


def test_how_far_it_is_can_be_seen(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from tutela.exports import making

    for _ in range(3):
        a_case(cast)
    monkeypatch.setattr(making, "_AT_ONCE", 2)
    export, seen = asked(cast.information_officer), []
    real = actions.go_on

    def go_on(*args: object, done: int, **more: object) -> bool:
        seen.append(done)
        return real(*args, done=done, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(actions, "go_on", go_on)
    assert commands.make_exports(now=lambda: START) == 1
    assert seen == [2, 3]
    assert kept.kept(Export.objects.get(id=export.id), "open")[:2] == b"PK"
