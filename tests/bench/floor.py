"""The least that a page could take: a bare WSGI handler that sends the same SQL to the same tables, and nothing else.

It opens, decides, checks and draws nothing. What it writes it commits as Tutela does, on a copy of the database.
"""

import base64
import json
import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

Statement = tuple[str, str, list[Any]]  # database, SQL with ? for each parameter, parameters

NEW, REVISION = "new ", "the next revision"  # what a submission makes anew each time

_revisions = count(1_000_000)
_local = threading.local()


def write_down(pages: Sequence[Sequence[Statement]], path: Path) -> None:
    """Keep what each page asked of the databases, for the handler in its own process."""
    path.write_text(
        json.dumps(pages, default=lambda value: {"bytes": base64.b64encode(bytes(value)).decode()})
    )


def copied(database: Path, folder: Path) -> None:
    """A copy of a database for the handler."""
    with (
        closing(sqlite3.connect(database)) as source,
        closing(sqlite3.connect(folder / database.name)) as copy,
    ):
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=WAL")


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Send the SQL of the page whose number is asked for."""
    names: dict[str, str] = {}
    for database, sql, parameters in _pages()[int(environ["PATH_INFO"].strip("/"))]:
        cursor = _connection(database).execute(sql, [_renamed(one, names) for one in parameters])
        cursor.fetchall()
    for connection in _local.connections.values():
        if connection.in_transaction:
            connection.commit()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"done"]


def _pages() -> list[list[Statement]]:
    if not hasattr(_local, "pages"):
        _local.pages = json.loads(Path(os.environ["FLOOR_STATEMENTS"]).read_text(), object_hook=_bytes)
        _local.connections = {}
    pages: list[list[Statement]] = _local.pages
    return pages


def _connection(database: str) -> sqlite3.Connection:
    if database not in _local.connections:
        path = Path(os.environ["FLOOR_FOLDER"]) / f"{database}.sqlite3"
        connection = sqlite3.connect(path, isolation_level=None, timeout=20, check_same_thread=False)
        connection.execute("PRAGMA synchronous=FULL")
        _local.connections[database] = connection
    found: sqlite3.Connection = _local.connections[database]
    return found


def _renamed(value: Any, names: dict[str, str]) -> Any:
    if value == REVISION:
        return next(_revisions)
    if isinstance(value, str) and value.startswith(NEW):
        return names.setdefault(value, uuid4().hex)
    return value


def _bytes(read: dict[str, Any]) -> Any:
    return base64.b64decode(read["bytes"]) if set(read) == {"bytes"} else read
