"""What somebody does who has the database in their own hands: takes the guards off the log."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from tutela.audit import guards

TABLES = ("audit_sealedrow", "audit_auditseal", "audit_auditrow")


@contextmanager
def unlocked_log() -> Iterator[None]:
    """The log without its triggers, which are put back at the end."""
    guards.take_down()
    try:
        yield
    finally:
        guards.put_up()


def empty_log() -> None:
    """Remove everything from the log: after a test whose rows are committed."""
    with unlocked_log(), connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"DELETE FROM {table}")
