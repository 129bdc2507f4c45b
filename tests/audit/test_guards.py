"""The log can only grow: the databases themselves refuse to change or remove what stands in it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Model

from tests.audit.unlocked import TABLES, unlocked_log
from tests.cast import START, Cast, a_file
from tutela.audit.models import AuditRow, AuditSeal, SealedRow
from tutela.audit.sealing import seal_batch

pytestmark = pytest.mark.django_db

MODELS: list[tuple[type[Model], str, Any]] = [
    (AuditRow, "act", "nothing"), (AuditSeal, "root", "0" * 64), (SealedRow, "seal_number", 99),
]  # fmt: skip


@pytest.fixture
def sealed_log(cast: Cast) -> None:
    a_file(cast)
    seal_batch(at=START)


def refused(change: Callable[[], object]) -> None:
    with pytest.raises(DatabaseError, match="insert-only"), transaction.atomic():
        change()


@pytest.mark.parametrize(("model", "field", "value"), MODELS, ids=["row", "seal", "sealed row"])
def test_nothing_in_the_log_is_changed_or_removed_through_models(
    sealed_log: None, model: Any, field: str, value: Any
) -> None:
    before = list(model.objects.values())
    row = model.objects.first()
    refused(lambda: model.objects.update(**{field: value}))
    refused(lambda: model.objects.filter(pk=row.pk).update(**{field: value}))
    refused(lambda: model.objects.all().delete())
    refused(lambda: row.delete())
    setattr(row, field, value)
    refused(lambda: row.save())
    assert list(model.objects.values()) == before


@pytest.mark.parametrize("table", TABLES)
def test_nothing_in_the_log_is_changed_or_removed_by_hand(sealed_log: None, table: str) -> None:
    key = "row_id" if table == "audit_sealedrow" else "number" if table == "audit_auditseal" else "id"
    statements = [
        f"UPDATE {table} SET {key} = {key} + 1",
        f"DELETE FROM {table}",
        f"DELETE FROM {table} WHERE {key} = (SELECT MAX({key}) FROM {table})",
    ]
    if connection.vendor == "sqlite":
        statements.append(f"REPLACE INTO {table} SELECT * FROM {table}")
    else:
        statements += [
            f"TRUNCATE {table}",
            f"INSERT INTO {table} SELECT * FROM {table} ON CONFLICT ({key}) DO UPDATE SET {key} = 0",
        ]
    for statement in statements:
        refused(lambda statement=statement: run(statement))  # type: ignore[misc]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {table}")
        assert cursor.fetchone()[0] > 0


def test_a_row_in_place_of_another_is_refused(sealed_log: None) -> None:
    row = AuditRow.objects.first()
    assert row is not None
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditRow(id=row.id, at=START, act="another").save(force_insert=True)


def test_the_guards_can_be_taken_off_only_by_whoever_holds_the_database(sealed_log: None) -> None:
    with unlocked_log():
        AuditRow.objects.update(act="nothing")
    refused(lambda: AuditRow.objects.update(act="something"))


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
