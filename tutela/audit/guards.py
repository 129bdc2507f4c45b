"""The guards of the log: triggers that refuse every change and every removal, whoever asks through the application.

SQLite loses the triggers of a table whenever a migration makes the table anew. A migration that touches one of these
tables therefore ends with `put_up`, `tutela prepare` puts them up again, and `tutela check` says which are missing.
"""

from collections.abc import Iterator, Sequence

from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

KEYS = {"audit_auditrow": "id", "audit_auditseal": "number", "audit_sealedrow": "row_id"}
TABLES = tuple(KEYS)

_VERBS = {"sqlite": ("update", "delete", "replace"), "postgresql": ("update", "delete", "truncate")}
_FUNCTIONS = (
    "CREATE OR REPLACE FUNCTION audit_insert_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'the audit log is insert-only'; END $$",
    # TRUNCATE asks no row. An empty table may be emptied, as tests do at their end.
    "CREATE OR REPLACE FUNCTION audit_never_emptied() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ DECLARE has_rows boolean; BEGIN "
    "EXECUTE 'SELECT EXISTS (SELECT 1 FROM ' || TG_RELID::regclass || ')' INTO has_rows; "
    "IF has_rows THEN RAISE EXCEPTION 'the audit log is insert-only'; END IF; RETURN NULL; END $$",
)


def put_up(on: BaseDatabaseWrapper = connection) -> None:
    """Put every guard up, in place of those that are there."""
    with transaction.atomic(using=on.alias):
        take_down(on)
        _run(on, [] if on.vendor == "sqlite" else _FUNCTIONS)
        for table in TABLES:
            _run(on, [_statement(table, verb, on.vendor) for verb in _VERBS[on.vendor]])


def take_down(on: BaseDatabaseWrapper = connection) -> None:
    """Take every guard away, as only whoever owns the tables can."""
    for table in TABLES:
        end = "" if on.vendor == "sqlite" else f" ON {table}"
        _run(on, [f"DROP TRIGGER IF EXISTS {table}_no_{verb}{end}" for verb in _VERBS[on.vendor]])


def missing() -> list[str]:
    """The guards that are not there, or do not act."""
    asked = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if connection.vendor == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A')"
    )
    with connection.cursor() as cursor:
        cursor.execute(asked)
        there = {name for (name,) in cursor.fetchall()}
    return [name for name in _names() if name not in there]


def _names() -> Iterator[str]:
    return (f"{table}_no_{verb}" for table in TABLES for verb in _VERBS[connection.vendor])


def _statement(table: str, verb: str, vendor: str) -> str:
    if vendor == "postgresql":
        each = ("STATEMENT", "audit_never_emptied") if verb == "truncate" else ("ROW", "audit_insert_only")
        return (
            f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
            f"FOR EACH {each[0]} EXECUTE FUNCTION {each[1]}()"
        )
    # REPLACE removes a row without asking the trigger that forbids removing.
    key = KEYS[table]
    on = f"INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key})"  # noqa: S608 our own names
    return (
        f"CREATE TRIGGER {table}_no_{verb} BEFORE {on if verb == 'replace' else f'{verb.upper()} ON {table}'} "
        "BEGIN SELECT RAISE(ABORT, 'the audit log is insert-only'); END"
    )


def _run(on: BaseDatabaseWrapper, statements: Sequence[str]) -> None:
    with on.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
