"""What somebody does to the log who is superuser of its database: everything but asking the keeper for its key.

Each attack is made at random from what it is given, and changes something that was sealed. None of them can be seen by
the database: the guards are off, and hashes that need no key are made right again.
"""

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

from django.db import connection

from tests.cast import later
from tutela.audit import sealing
from tutela.audit.models import AuditRow, AuditSeal, SealedRow
from tutela.audit.sealing import seal_log

Attack = Callable[[Random], None]


def a_row(random: Random) -> AuditRow:
    return AuditRow.objects.get(
        id=random.choice(list(AuditRow.objects.order_by("id").values_list("id", flat=True)))
    )


def a_seal(random: Random, *, after: int = 0) -> AuditSeal:
    numbers = AuditSeal.objects.filter(number__gt=after).order_by("number").values_list("number", flat=True)
    return AuditSeal.objects.get(number=random.choice(list(numbers)))


def another_id(random: Random) -> UUID:
    return UUID(int=random.getrandbits(128))


# --- Rows ----------------------------------------------------------------------------------------------------


def edit_a_column(random: Random) -> None:
    row = a_row(random)
    column = random.choice(
        [field.attname for field in AuditRow._meta.concrete_fields if not field.primary_key]
    )
    value: Any = {
        "at": row.at + timedelta(microseconds=random.choice([1, -1, 10**6, -(10**12)])),
        "by": another_id(random),
        "file_id": random.choice([another_id(random), None if row.file_id else another_id(random)]),
        "entry_id": another_id(random),
        "act": random.choice(["label.set", row.act + " ", row.act.upper()]),
        "allowed": not row.allowed,
        "detail": {**row.detail, "revision": random.randrange(100, 999)},
    }.get(column, "another")
    AuditRow.objects.filter(id=row.id).update(**{column: value})


def edit_the_detail(random: Random) -> None:
    row = a_row(random)
    detail = dict(row.detail)
    if detail and random.random() < 0.5:
        detail.pop(random.choice(list(detail)))
    else:
        detail[random.choice(["reason", "files", "form"])] = random.choice([None, 0, "0", True, "", []])
    AuditRow.objects.filter(id=row.id).update(detail=detail)


def number_a_row_anew(random: Random) -> None:
    AuditRow.objects.filter(id=a_row(random).id).update(id=random.randrange(10**6, 10**9))


def exchange_two_rows(random: Random) -> None:
    one, two = random.sample(list(AuditRow.objects.order_by("id").values_list("id", flat=True)), 2)
    for old, new in ((one, -1), (two, one), (-1, two)):
        AuditRow.objects.filter(id=old).update(id=new)


def give_one_row_the_words_of_another(random: Random) -> None:
    one, two = (AuditRow.objects.get(id=number) for number in random.sample(
        list(AuditRow.objects.order_by("id").values_list("id", flat=True)), 2
    ))  # fmt: skip
    two.id = one.id
    two.save()


def shift_the_time(random: Random) -> None:
    shift = timedelta(minutes=random.randrange(1, 10_000))
    rows = list(AuditRow.objects.order_by("id"))
    begin = random.randrange(len(rows))
    for row in rows[begin : begin + random.randrange(1, 30)]:
        AuditRow.objects.filter(id=row.id).update(at=row.at + shift)


def delete_rows(random: Random) -> None:
    """With or without the word that they were sealed."""
    ids = list(AuditRow.objects.order_by("id").values_list("id", flat=True))
    begin = random.randrange(len(ids))
    gone = ids[begin : begin + random.randrange(1, 20)]
    AuditRow.objects.filter(id__in=gone).delete()
    if random.random() < 0.5:
        SealedRow.objects.filter(row_id__in=gone).delete()


def delete_rows_and_make_their_seal_right(random: Random) -> None:
    seal = a_seal(random)
    kept = random.sample(seal.rows, random.randrange(len(seal.rows)))
    AuditRow.objects.filter(id__in=set(seal.rows) - set(kept)).delete()
    SealedRow.objects.filter(seal_number=seal.number).exclude(row_id__in=kept).delete()
    seal.rows = sorted(kept)
    make_right_from(seal, random)


def slip_in_a_row(random: Random) -> None:
    """Into a seal, which is made right, and those after it with it."""
    seal, number = a_seal(random), random.randrange(10**6, 10**9)
    AuditRow(id=number, at=later(1), act="file.read", by=another_id(random)).save(force_insert=True)
    SealedRow.objects.create(row_id=number, seal_number=seal.number)
    place = random.randrange(len(seal.rows) + 1)
    seal.rows = [*seal.rows[:place], number, *seal.rows[place:]]
    make_right_from(seal, random)


def mark_a_row_as_sealed_that_is_not(random: Random) -> None:
    number = random.randrange(10**6, 10**9)
    AuditRow(id=number, at=later(1), act="file.read").save(force_insert=True)
    SealedRow.objects.create(row_id=number, seal_number=random.choice([a_seal(random).number, 10**6]))


def unmark_rows_and_have_them_sealed_again(random: Random) -> None:
    """Edited meanwhile; the house itself seals what it finds."""
    row = a_row(random)
    SealedRow.objects.filter(row_id=row.id).delete()
    AuditRow.objects.filter(id=row.id).update(act="file.read", by=another_id(random))
    if random.random() < 0.7:
        seal_log(at=later(50), whole=True)


def move_a_mark_to_another_seal(random: Random) -> None:
    row = SealedRow.objects.get(row_id=a_row(random).id)
    SealedRow.objects.filter(row_id=row.row_id).update(
        seal_number=a_seal(random, after=row.seal_number % 3).number + 1
    )
    if SealedRow.objects.get(row_id=row.row_id).seal_number == row.seal_number:
        SealedRow.objects.filter(row_id=row.row_id).delete()


# --- Seals ---------------------------------------------------------------------------------------------------


def edit_a_seal(random: Random) -> None:
    seal = a_seal(random)
    value: Any
    column, value = random.choice([
        ("at", seal.at + timedelta(days=random.choice([-40, 40]))), ("root", f"{random.getrandbits(256):064x}"),
        ("previous", f"{random.getrandbits(256):064x}"), ("mark", f"{random.getrandbits(256):064x}"),
        ("rows", [*seal.rows[:-1], 10**6]), ("rows", [*seal.rows, seal.rows[0]]), ("leaf", 3 - seal.leaf),
        ("rows", random.choice([[], {}, 0, "", [None], [10**30], [True]])),
    ])  # fmt: skip
    AuditSeal.objects.filter(number=seal.number).update(**{column: value})


def turn_the_order_in_a_seal(random: Random) -> None:
    seal = a_seal(random)
    while len(seal.rows) < 2:
        seal = a_seal(random)
    seal.rows = [*seal.rows[1:], seal.rows[0]]
    make_right_from(seal, random)


def drop_the_tail(random: Random) -> None:
    """Seals, rows and marks, as if they had never been; or rows are left for the house to seal anew."""
    seals = list(AuditSeal.objects.order_by("-number"))
    for seal in seals[: random.randrange(1, len(seals) + 1)]:
        AuditSeal.objects.filter(number=seal.number).delete()
        SealedRow.objects.filter(seal_number=seal.number).delete()
        AuditRow.objects.filter(id__in=seal.rows[random.randrange(2) :]).delete()
    if random.random() < 0.5:
        seal_log(at=later(60), whole=True)


def drop_a_seal(random: Random) -> None:
    """A whole one, with its rows or without; those after it close the gap or do not."""
    seal = a_seal(random)
    SealedRow.objects.filter(seal_number=seal.number).delete()
    if random.random() < 0.7:
        AuditRow.objects.filter(id__in=seal.rows).delete()
    seal.delete()
    if random.random() < 0.7:
        close_the_gap(random)


def close_the_gap(random: Random) -> None:
    for number, seal in enumerate(AuditSeal.objects.order_by("number"), start=1):
        if seal.number != number:
            SealedRow.objects.filter(seal_number=seal.number).update(seal_number=number)
            AuditSeal.objects.filter(number=seal.number).update(number=number)
    first = AuditSeal.objects.order_by("number").first()
    if first is not None:
        make_right_from(first, random, keep_marks=random.random() < 0.5)


def exchange_two_seals(random: Random) -> None:
    one, two = random.sample(list(AuditSeal.objects.order_by("number")), 2)
    one.number, two.number = two.number, one.number
    for seal in (one, two):
        seal.save()
        SealedRow.objects.filter(row_id__in=seal.rows).update(seal_number=seal.number)


def put_one_seal_twice(random: Random) -> None:
    one, two = random.sample(list(AuditSeal.objects.order_by("number")), 2)
    one.number = two.number
    one.save()


# --- The whole log -------------------------------------------------------------------------------------------


def write_it_anew_with_a_key_of_ones_own(random: Random) -> None:
    edit_a_column(random)
    first = AuditSeal.objects.order_by("number").first()
    assert first is not None
    make_right_from(first, random)


def begin_again(random: Random) -> None:
    """Everything is emptied, other rows are written, and the house itself seals them, with its real key."""
    for model in (SealedRow, AuditSeal, AuditRow):
        model.objects.all().delete()
    for number in range(random.randrange(40)):
        AuditRow(id=number + 1, at=later(number), act="file.read", by=another_id(random)).save(
            force_insert=True
        )
        if random.random() < 0.1:
            seal_log(at=later(number))
    seal_log(at=later(90))


# --- Spelling: SQLite alone keeps what it is given ------------------------------------------------------------


def spell_an_id_otherwise(random: Random) -> None:
    """The same id, which nobody finds any more who asks for the file."""
    row = a_row(random)
    while row.file_id is None:
        row = a_row(random)
    spelled: Any = random.choice([row.file_id.hex.upper(), str(row.file_id), row.file_id.hex.encode()])
    if spelled == row.file_id.hex:
        spelled = str(row.file_id)
    by_hand("UPDATE audit_auditrow SET file_id = %s WHERE id = %s", spelled, row.id)


def spell_the_detail_otherwise(random: Random) -> None:
    row = a_row(random)
    twice = json.dumps({"hidden": 1})[:-1] + (", " + json.dumps(row.detail)[1:] if row.detail else "}")
    spelled = random.choice([json.dumps(row.detail) + "\n", " " + json.dumps(row.detail), twice])
    by_hand("UPDATE audit_auditrow SET detail = %s WHERE id = %s", spelled, row.id)


def write_what_cannot_be_read(random: Random) -> None:
    table, key, column = random.choice([
        ("audit_auditrow", "id", "at"), ("audit_auditrow", "id", "by"), ("audit_auditrow", "id", "file_id"),
        ("audit_auditseal", "number", "at"), ("audit_auditseal", "number", "leaf"),
    ])  # fmt: skip
    number = a_row(random).id if key == "id" else a_seal(random).number
    garbage: Any = random.choice(["nothing", "2026-13-45 99:00:00", b"\xff\x00", "9" * 40])
    by_hand("PRAGMA ignore_check_constraints = 1")
    by_hand(f"UPDATE {table} SET {column} = %s WHERE {key} = %s", garbage, number)


# --- By hand -------------------------------------------------------------------------------------------------


def make_right_from(seal: AuditSeal, random: Random, *, keep_marks: bool = False) -> None:
    """Roots, links and marks of a seal and of all after it, as well as they can be made without the key."""
    key = random.randbytes(32)
    seal.save()
    before = AuditSeal.objects.filter(number__lt=seal.number).order_by("number").last()
    previous = before.mark if before else sealing.FIRST
    for one in AuditSeal.objects.filter(number__gte=seal.number).order_by("number"):
        rows = AuditRow.objects.in_bulk(one.rows)
        leaves = [sealing.leaf_of(rows[number], one.leaf) for number in one.rows if number in rows]
        one.root, one.previous = sealing.root(leaves) if leaves else "0" * 64, previous
        told = f"{one.number}{one.rows}{one.root}{one.previous}".encode()
        one.mark = one.mark if keep_marks else hmac.digest(key, told, hashlib.sha256).hex()
        one.save()
        previous = one.mark


def by_hand(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)


EVERYWHERE: tuple[Attack, ...] = (
    edit_a_column, edit_the_detail, number_a_row_anew, exchange_two_rows, give_one_row_the_words_of_another, shift_the_time,
    delete_rows, delete_rows_and_make_their_seal_right, slip_in_a_row, mark_a_row_as_sealed_that_is_not,
    unmark_rows_and_have_them_sealed_again, move_a_mark_to_another_seal, edit_a_seal, turn_the_order_in_a_seal, drop_the_tail,
    drop_a_seal, exchange_two_seals, put_one_seal_twice, write_it_anew_with_a_key_of_ones_own, begin_again,
)  # fmt: skip
ON_SQLITE: tuple[Attack, ...] = (
    spell_an_id_otherwise,
    spell_the_detail_otherwise,
    write_what_cannot_be_read,
)


def attacks() -> tuple[Attack, ...]:
    return (*EVERYWHERE, *ON_SQLITE) if connection.vendor == "sqlite" else EVERYWHERE
