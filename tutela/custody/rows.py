"""Every row of a database in one spelling, whichever database it is: what bundles carry and what is compared.

A row is a line of JSON with the values of its columns in the order of the model. So a bundle needs no program of a
database, leaves nothing in the clear on disk while it is made, and says the same on SQLite and PostgreSQL.
"""

import base64
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from itertools import islice
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.management.color import no_style
from django.db import connections, router
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import CharField, Field, Model
from django.db.models.functions import Cast

DATABASES = ("default", "keyring")
# Sessions end with the house they were begun in.
LEFT_BEHIND = frozenset({"sessions.Session", "access.Session"})

_ROWS_AT_ONCE = 2_000

Columns = Sequence["Field[Any, Any]"]


def tables(using: str) -> dict[str, type[Model]]:
    """The tables of a database by the label of their model, in the order of these."""
    models = apps.get_models(include_auto_created=True)
    here = {model._meta.label: model for model in models if router.db_for_write(model) == using}
    return {
        label: model
        for label, model in sorted(here.items())
        if model._meta.managed and label not in LEFT_BEHIND
    }


def columns(model: type[Model]) -> Columns:
    """The columns of a table, in the order in which a row tells them."""
    return model._meta.local_concrete_fields


def rows(using: str) -> Iterator[tuple[str, bytes]]:
    """Every row of a database with the label of its table, table by table."""
    for label, model in tables(using).items():
        asked = [_asked(field, using) for field in columns(model)]
        told = model._base_manager.using(using).order_by("pk").values_list(*asked)
        for row in told.iterator(chunk_size=_ROWS_AT_ONCE):
            yield label, _told(row).encode()


def _asked(field: "Field[Any, Any]", using: str) -> str | Cast:
    """SQLite keeps an id as the 32 letters in which a row tells it. To make a UUID of each is a third of the whole work."""
    name = field.attname
    return Cast(name, CharField()) if field.db_type(connections[using]) == "char(32)" else name


@contextmanager
def one_moment(using: str) -> Iterator[None]:
    """Whatever is read in the block is as it was at its beginning. Nobody else waits for it."""
    with connections[using].cursor() as cursor:
        sqlite = connections[using].vendor == "sqlite"
        cursor.execute("BEGIN" if sqlite else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:  # the moment begins with the first question
            cursor.execute("SELECT count(*) FROM sqlite_master" if sqlite else "SELECT 1")
            yield
        finally:
            cursor.execute("ROLLBACK")


def migrations_of(using: str) -> list[str]:
    """The migrations that made the tables of a database."""
    return sorted(f"{app}.{name}" for app, name in MigrationRecorder(connections[using]).applied_migrations())


def put(using: str, told: Iterable[tuple[str, bytes]]) -> None:
    """Write rows as they were told, within a transaction of the caller. Nothing works them over on the way."""
    known = tables(using)
    for label, lines in _by_table(told):
        model = known[label]
        fields = columns(model)
        _insert(using, model, [_values(json.loads(line), fields, using) for line in lines])


def number_on(using: str) -> None:
    """Let the tables that number their rows go on after the highest number they hold."""
    statements = connections[using].ops.sequence_reset_sql(no_style(), list(tables(using).values()))
    with connections[using].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def empty(using: str) -> None:
    """Take out what making the tables put into them, such as the names of permissions."""
    for model in tables(using).values():
        if model._base_manager.using(using).exists():
            model._base_manager.using(using).all()._raw_delete(using)


def _by_table(told: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, list[bytes]]]:
    current, lines = "", list[bytes]()
    for label, line in told:
        if lines and (label != current or len(lines) >= _ROWS_AT_ONCE):
            yield current, lines
            lines = []
        current = label
        lines.append(line)
    if lines:
        yield current, lines


def _values(row: list[Any], fields: Columns, using: str) -> list[Any]:
    connection = connections[using]
    return [
        field.get_db_prep_save(field.to_python(value), connection)
        for field, value in zip(fields, row, strict=True)
    ]


def _insert(using: str, model: type[Model], values: Iterable[list[Any]]) -> None:
    quote = connections[using].ops.quote_name
    names = ", ".join(quote(str(field.column)) for field in columns(model))
    places = ", ".join(["%s"] * len(columns(model)))
    statement = f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES ({places})"  # noqa: S608 names of models
    rest = iter(values)
    with connections[using].cursor() as cursor:
        while some := list(islice(rest, _ROWS_AT_ONCE)):
            cursor.executemany(statement, some)


def _plain(value: object) -> object:
    """What JSON has no word for, in the one spelling that every field reads back."""
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode()
    return str(value)  # a decimal number


_told = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain).encode
