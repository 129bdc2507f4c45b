"""Seals over the log: whoever changes what was sealed, even with the database in their hands, is found out."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, connections

from tests.audit.unlocked import unlocked_log
from tests.cast import START, Cast, later, submit
from tutela.audit import heads, sealing
from tutela.audit.actions import record
from tutela.audit.heads import Kept
from tutela.audit.models import AuditRow, AuditSeal, SealedRow
from tutela.audit.sealing import seal_batch
from tutela.audit.verifying import Verified, verify
from tutela.foundation.ids import new_id
from tutela.foundation.refusals import Unavailable
from tutela.vault.keeper import keeper

pytestmark = pytest.mark.django_db

BATCHES = (5, 1, 8)  # odd and even, one and many: every shape of tree


@pytest.fixture
def head(cast: Cast) -> Kept:
    """A log of several batches; its head, as it was sent elsewhere."""
    for number, rows in enumerate(BATCHES):
        write(rows)
        assert seal_batch(at=later(number)) == rows
    found = verify()
    assert found.findings == () and (found.seals, found.sealed_rows, found.unsealed_rows) == (3, 14, 0)
    last = heads.head()
    assert last is not None
    return heads.read(last.line)


def write(rows: int) -> list[int]:
    before = AuditRow.objects.count()
    for number in range(rows):
        record(act=f"tested.{number}", by=new_id(), at=later(hours=number), file_id=new_id(), revision=number)
    return list(AuditRow.objects.order_by("id").values_list("id", flat=True)[before:])


# --- A log as it should be -----------------------------------------------------------------------------------


def test_nothing_is_nothing(cast: Cast) -> None:
    assert seal_batch(at=START) == 0
    assert verify() == Verified(0, 0, 0, None, ())


def test_it_says_what_is_not_sealed_yet(cast: Cast) -> None:
    write(3)
    found = verify()
    assert (found.unsealed_rows, found.oldest_unsealed, found.findings) == (3, START, ())


def test_what_people_do_is_sealed(cast: Cast) -> None:
    file = submit("intake.identification", by=cast.caseworker).file_id
    submit("follow_up.contact", by=cast.caseworker, file=file)
    assert seal_batch(at=START) == 2
    assert verify().findings == ()


def test_a_row_that_commits_late_is_sealed_late(head: Kept) -> None:
    """Its number is lower than that of rows that were sealed before it."""
    (last,) = write(1)
    with unlocked_log():
        AuditRow.objects.filter(id=last).delete()
    write(1)
    seal_batch(at=later(5))
    AuditRow(id=last, at=later(4), act="late").save(force_insert=True)
    assert verify().unsealed_rows == 1
    assert seal_batch(at=later(6)) == 1
    assert SealedRow.objects.get(row_id=last).seal_number == 5
    assert verify(heads=[head]).findings == ()


def test_a_batch_has_a_bound_and_the_rest_follows(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "_MOST_ROWS", 4)
    write(10)
    assert [seal_batch(at=START) for _ in range(4)] == [4, 4, 2, 0]
    assert verify().findings == ()


def test_any_time_zone_makes_the_same_seal(cast: Cast) -> None:
    from zoneinfo import ZoneInfo

    write(2)
    seal_batch(at=datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=ZoneInfo("Africa/Nairobi")))
    assert verify().findings == ()


def test_details_of_every_kind_are_sealed_as_they_come_back(cast: Cast) -> None:
    told: dict[str, Any] = {"zebra": 1, "ant": None, "text": 'é ✓ \\u0000 "', "yes": True, "big": 2**53}
    record(act="tested", by=None, at=datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=UTC), **told)
    seal_batch(at=START)
    assert verify().findings == ()


def test_an_earlier_head_is_still_there(head: Kept) -> None:
    write(1)
    seal_batch(at=later(9))
    assert verify(heads=[head]).findings == ()
    assert verify(heads=[heads.read("0" * 64)]).findings != ()


@pytest.mark.django_db(transaction=True)
def test_any_number_of_workers_seal_each_row_once(cast: Cast) -> None:
    write(30)
    ready = threading.Barrier(4)

    def work(number: int) -> int:
        try:
            ready.wait(10)
            return sum(seal_batch(at=START) for _ in range(5))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(work, range(4))) == 30
    assert SealedRow.objects.count() == 30
    assert verify().findings == ()


# --- A log that somebody laid hands on -----------------------------------------------------------------------


def first_row() -> AuditRow:
    row = AuditRow.objects.order_by("id").first()
    assert row is not None
    return row


def edit_who() -> None:
    AuditRow.objects.filter(id=first_row().id).update(by=new_id())


def edit_what() -> None:
    AuditRow.objects.filter(id=first_row().id).update(act="file.read")


def edit_which_file() -> None:
    AuditRow.objects.filter(id=first_row().id).update(file_id=None)


def edit_when() -> None:
    AuditRow.objects.filter(id=first_row().id).update(at=later(400))


def edit_whether_allowed() -> None:
    AuditRow.objects.filter(id=first_row().id).update(allowed=False)


def edit_detail() -> None:
    AuditRow.objects.filter(id=first_row().id).update(detail={})


def delete_a_row() -> None:
    first_row().delete()


def delete_a_row_and_every_trace() -> None:
    row = first_row()
    SealedRow.objects.filter(row_id=row.id).delete()
    seal = AuditSeal.objects.get(number=1)
    seal.rows = [one for one in seal.rows if one != row.id]
    seal.save()
    row.delete()


def exchange_two_rows() -> None:
    one, two = AuditRow.objects.order_by("id")[:2]
    one.id, two.id = two.id, one.id
    one.save()
    two.save()


def reorder_a_seal() -> None:
    seal = AuditSeal.objects.get(number=1)
    seal.rows = list(reversed(seal.rows))
    seal.save()


def slip_in_a_row() -> None:
    AuditRow(id=10_000, at=START, act="file.read").save(force_insert=True)
    SealedRow.objects.create(row_id=10_000, seal_number=1)


def slip_in_a_row_into_its_seal() -> None:
    slip_in_a_row()
    seal = AuditSeal.objects.get(number=1)
    seal.rows = [*seal.rows, 10_000]
    seal.save()


def unmark_a_row() -> None:
    SealedRow.objects.filter(row_id=first_row().id).delete()


def unmark_a_row_and_seal_it_again() -> None:
    unmark_a_row()
    seal_batch(at=later(30))


def remove_a_seal_in_the_middle() -> None:
    AuditSeal.objects.filter(number=2).delete()


def remove_a_seal_with_its_rows() -> None:
    rows = AuditSeal.objects.get(number=2).rows
    AuditRow.objects.filter(id__in=rows).delete()
    SealedRow.objects.filter(row_id__in=rows).delete()
    AuditSeal.objects.filter(number=2).delete()


def close_the_gap_after_removing_a_seal() -> None:
    remove_a_seal_with_its_rows()
    AuditSeal.objects.filter(number=3).delete()
    third = AuditSeal(
        number=2, at=later(2), rows=list(AuditRow.objects.order_by("id").values_list("id", flat=True)[5:])
    )
    third.previous = AuditSeal.objects.get(number=1).mark
    third.root = sealing.root(
        [sealing.leaf_of(row, 1) for row in AuditRow.objects.filter(id__in=third.rows).order_by("id")]
    )
    third.mark = "5" * 64
    third.save()


def exchange_two_seals() -> None:
    one, two = AuditSeal.objects.order_by("number")[:2]
    one.number, two.number = two.number, one.number
    one.save()
    two.save()


def date_a_seal_back() -> None:
    AuditSeal.objects.filter(number=1).update(at=later(-30))


def recompute_without_the_key(forge: Callable[[AuditSeal], None] = lambda seal: None) -> None:
    """Everything that can be had from the database is made right again; only the keeper's key is missing."""
    edit_what()
    previous = sealing.FIRST
    for seal in AuditSeal.objects.order_by("number"):
        seal.root = sealing.root([sealing.leaf_of(AuditRow.objects.get(id=one), 1) for one in seal.rows])
        seal.previous = previous
        seal.mark = "a" * 64
        forge(seal)
        seal.save()
        previous = seal.mark


def recompute_with_a_key_of_ones_own() -> None:
    import hashlib
    import hmac

    def forge(seal: AuditSeal) -> None:
        told = f"{seal.number}{seal.root}{seal.previous}".encode()
        seal.mark = hmac.digest(b"guess", told, hashlib.sha256).hex()

    recompute_without_the_key(forge)


TAMPERING = [
    edit_who, edit_what, edit_which_file, edit_when, edit_whether_allowed, edit_detail, delete_a_row,
    delete_a_row_and_every_trace, exchange_two_rows, reorder_a_seal, slip_in_a_row, slip_in_a_row_into_its_seal,
    unmark_a_row, unmark_a_row_and_seal_it_again, remove_a_seal_in_the_middle, remove_a_seal_with_its_rows,
    close_the_gap_after_removing_a_seal, exchange_two_seals, date_a_seal_back, recompute_without_the_key,
    recompute_with_a_key_of_ones_own,
]  # fmt: skip


@pytest.mark.parametrize("tamper", TAMPERING, ids=lambda tamper: tamper.__name__)
def test_tampering_is_found(head: Kept, tamper: Callable[[], None]) -> None:
    with unlocked_log():
        tamper()
    findings = verify().findings
    assert findings
    assert not any("tested" in finding for finding in findings)


def cut_off_the_last_seal() -> None:
    seal = AuditSeal.objects.get(number=3)
    AuditRow.objects.filter(id__in=seal.rows).delete()
    SealedRow.objects.filter(seal_number=3).delete()
    seal.delete()


def cut_off_and_seal_anew() -> None:
    SealedRow.objects.filter(seal_number=3).delete()
    AuditSeal.objects.filter(number=3).delete()
    AuditRow.objects.order_by("id").last().delete()  # type: ignore[union-attr]
    seal_batch(at=later(2))


def empty_everything() -> None:
    for model in (SealedRow, AuditSeal, AuditRow):
        model.objects.all().delete()


@pytest.mark.parametrize(
    "cut", [cut_off_the_last_seal, cut_off_and_seal_anew, empty_everything], ids=lambda cut: cut.__name__
)
def test_an_end_that_was_cut_off_is_found_by_the_head_that_was_kept_elsewhere(
    head: Kept, cut: Callable[[], None]
) -> None:
    with unlocked_log():
        cut()
    assert verify(heads=[head]).findings


def test_a_seal_says_nothing_of_what_was_done(head: Kept) -> None:
    told = str(list(AuditSeal.objects.values()))
    assert "tested" not in told


def test_without_the_keeper_nothing_is_sealed_or_vouched_for(
    head: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(1)
    keeper()

    def gone(*_: object) -> bytes:
        raise Unavailable

    monkeypatch.setattr(type(keeper()), "mac", gone)
    with pytest.raises(Unavailable):
        seal_batch(at=later(5))
    with pytest.raises(Unavailable):
        verify()
    assert AuditSeal.objects.count() == 3
    assert connection.is_usable()
