"""A thousand attacks on a sealed log, all found; and a hundred logs that nobody touched, none accused."""

import secrets
from collections import Counter
from random import Random
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction

from tests.audit.attacks import attacks
from tests.audit.unlocked import unlocked_log
from tests.cast import Cast, later
from tutela.audit import heads
from tutela.audit.actions import record
from tutela.audit.heads import Kept
from tutela.audit.models import AuditRow, AuditSeal, SealedRow
from tutela.audit.sealing import seal_batch
from tutela.audit.verifying import verify

pytestmark = pytest.mark.django_db

ATTACKS = 1_000
UNTOUCHED = 100


def write(rows: int, random: Random) -> None:
    people = [UUID(int=random.getrandbits(128)) for _ in range(5)]
    files = [UUID(int=random.getrandbits(128)) for _ in range(9)]
    for number in range(rows):
        told: dict[str, Any] = random.choice([
            {"revision": number}, {"files": 3, "shown": [files[0].hex]}, {"reason": "é “no”"}, {},
        ])  # fmt: skip
        record(
            act=random.choice(["file.read", "today.read", "find", "intake.screening"]), by=random.choice([*people, None]),
            at=later(hours=number, minutes=random.random()), file_id=random.choice([*files, None]),
            entry_id=random.choice([None, files[1]]), allowed=random.random() < 0.9, **told,
        )  # fmt: skip


def exported() -> Kept:
    last = heads.head()
    assert last is not None
    return heads.read(last.line)


def everything() -> list[list[Any]]:
    """The log as the database has it."""
    told = []
    with connection.cursor() as cursor:
        for model in (AuditRow, AuditSeal, SealedRow):
            cursor.execute(f"SELECT * FROM {model._meta.db_table} ORDER BY 1")
            try:
                told.append(cursor.fetchall())
            except ValueError:  # what cannot even be read was changed
                told.append([])
    return told


def test_a_thousand_attacks_are_found_given_the_last_head(cast: Cast) -> None:
    seed = secrets.randbits(32)
    random = Random(seed)
    for batch in (9, 1, 22, 2, 17, 8, 30, 5, 12, 4):
        write(batch, random)
        assert seal_batch(at=later(30)) == batch
    kept, before = exported(), everything()
    assert verify(heads=[kept]).findings == ()
    made: Counter[str] = Counter()
    missed: list[str] = []
    kinds = attacks()
    with unlocked_log():
        for number in range(ATTACKS):
            attack, own = kinds[number % len(kinds)], random.getrandbits(32)
            with transaction.atomic():
                attack(Random(own))
                if everything() == before:
                    missed.append(f"{attack.__name__} with {own} changed nothing")
                elif not verify(heads=[kept]).findings:
                    missed.append(f"{attack.__name__} with {own}")
                transaction.set_rollback(True)
            made[attack.__name__] += 1
    print(f"seed {seed}: {sum(made.values())} attacks of {len(made)} kinds, {len(missed)} missed")
    assert missed == [], f"seed {seed}"
    assert sum(made.values()) == ATTACKS and verify(heads=[kept]).findings == ()


def test_no_log_that_nobody_touched_is_accused(cast: Cast) -> None:
    seed = secrets.randbits(32)
    random = Random(seed)
    accused = []
    for number in range(UNTOUCHED):
        with transaction.atomic():
            kept: list[Kept] = []
            for _ in range(random.randrange(1, 6)):
                write(random.randrange(1, 12), random)
                if random.random() < 0.8:
                    seal_batch(at=later(random.randrange(40)))
                    kept.append(exported())
            if findings := verify(heads=kept).findings:
                accused.append((number, findings))
            transaction.set_rollback(True)
    print(f"seed {seed}: {UNTOUCHED} logs that nobody touched, {len(accused)} accused")
    assert accused == [], f"seed {seed}"
