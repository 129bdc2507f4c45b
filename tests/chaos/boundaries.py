"""Inside the processes that are killed: every statement and COMMIT of both databases is a place where to strike."""

import os
import signal
import threading
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from tests.chaos import orders
from tests.chaos.orders import Moment, Order


class _Here(threading.local):
    """What the open transactions of this thread have run so far, by database."""

    def __init__(self) -> None:
        self.statements: defaultdict[str, list[str]] = defaultdict(list)


_here = _Here()


def watch() -> None:
    """Strike from now on wherever an order says so."""
    commit, rollback = BaseDatabaseWrapper._commit, BaseDatabaseWrapper._rollback  # type: ignore[attr-defined]

    def watched_commit(connection: BaseDatabaseWrapper) -> None:
        come_to("before", connection)
        commit(connection)
        come_to("after", connection)
        _here.statements.pop(connection.alias, None)

    def watched_rollback(connection: BaseDatabaseWrapper) -> None:
        _here.statements.pop(connection.alias, None)
        rollback(connection)

    BaseDatabaseWrapper._commit = watched_commit  # type: ignore[attr-defined]
    BaseDatabaseWrapper._rollback = watched_rollback  # type: ignore[attr-defined]
    connection_created.connect(_watch_statements)


def come_to(moment: Moment, connection: BaseDatabaseWrapper) -> None:
    """Strike where an order waits for this moment of this transaction."""
    folder = Path(os.environ[orders.FOLDER])
    order, statements = orders.standing(folder), _here.statements[connection.alias]
    if order and _is_meant(order, moment, connection.alias, statements) and orders.claim(folder):
        orders.report(folder, statements=len(statements))
        _strike(order, connection)


def _watch_statements(connection: BaseDatabaseWrapper, **_: Any) -> None:
    if _note not in connection.execute_wrappers:  # a new connection of the same wrapper
        connection.execute_wrappers.append(_note)


def _note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    connection = context["connection"]
    result = execute(sql, params, many, context)
    if connection.in_atomic_block:
        _here.statements[connection.alias].append(sql)
        come_to("within", connection)
    return result


def _is_meant(order: Order, moment: Moment, database: str, statements: list[str]) -> bool:
    if order.database != database or not any(order.containing in sql for sql in statements):
        return False
    if order.moment == "within":
        return moment == "before" or (moment == "within" and len(statements) >= order.statements)
    return moment == order.moment


def _strike(order: Order, connection: BaseDatabaseWrapper) -> None:
    number = signal.SIGTERM if order.victim == "connection" else signal.SIGKILL
    os.kill(_process_of(order, connection), number)


def _process_of(order: Order, connection: BaseDatabaseWrapper) -> int:
    if order.victim == "self":
        return os.getpid()
    if order.victim == "keeper":
        return order.keeper
    serving: int = connection.connection.info.backend_pid
    return serving
