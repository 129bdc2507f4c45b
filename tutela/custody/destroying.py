"""Destroying everything the house holds: in the order of what it would tell, each step once more does no harm (R91).

The root key comes first: from then on nothing here opens, whatever else is left. Files are overwritten where that takes a
moment. What a disk keeps of overwritten places, and what lies elsewhere, no program reaches: docs/operate.md says so.
"""

import fcntl
import json
import logging
import os
import shutil
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from django.db import DatabaseError, connections, transaction

from tutela.custody.owning import as_owner
from tutela.custody.places import attached, keys, passing, var
from tutela.custody.rows import tables
from tutela.foundation.refusals import Unavailable
from tutela.vault.keeper import keeper

logger = logging.getLogger(__name__)

TO_STOP = 15.0  # seconds for the server to end by itself before it is killed
_PIECE = 1 << 20  # bytes
_BESIDE = ("", "-wal", "-shm", "-journal")  # the files of one SQLite database
_STAYS = frozenset({"evacuation.json", "evacuated.json", "server.lock"})


class Step(NamedTuple):
    """Something to destroy: its name, for the record of what was done, and how."""

    name: str
    destroy: Callable[[], None]


def _root_key() -> None:
    for place in keys().values():
        _shred(place)
    try:
        keeper().lock()
    except Unavailable:  # it is not running: it holds nothing
        return


def _server() -> None:
    """Stop web, worker and keeper, so that nobody writes anew what is being destroyed."""
    with (var() / "server.lock").open("a") as lock:
        if _is_free(lock.fileno()):
            return
        pids = json.loads((var() / "server.json").read_text())["pids"]
        os.kill(pids["server"], signal.SIGTERM)
        end = time.monotonic() + TO_STOP
        while not _is_free(lock.fileno()):
            if time.monotonic() > end:
                os.kill(pids["server"], signal.SIGKILL)  # its children die with it
            time.sleep(0.05)


def _is_free(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    fcntl.flock(descriptor, fcntl.LOCK_UN)
    return True


def _secret_key() -> None:
    _shred(var() / "secret_key")


def _files() -> None:
    """What was attached and exported: sealed, and the keys are gone; to overwrite it would take too long."""
    for folder in (*attached().values(), *passing().values()):
        if folder.exists():
            shutil.rmtree(folder)


def drop(using: str) -> None:
    """Destroy a database with all its tables, whatever uses it. Raises DatabaseError, OSError."""
    connection = connections[using]
    if connection.vendor == "sqlite":
        connection.close()
        for ending in _BESIDE:
            _shred(Path(f"{connection.settings_dict['NAME']}{ending}"))
        return
    _end_other_sessions(using)  # nobody else may hold a table while it goes
    with as_owner(using):
        _end_other_sessions(using)
        try:
            with connection.cursor() as cursor:
                cursor.execute("DROP SCHEMA public CASCADE")
                cursor.execute("CREATE SCHEMA public")
        except DatabaseError:
            _take_out(using)
            raise
    connection.close()


def _end_other_sessions(using: str) -> None:
    """Those of the role under which this process works just now: no other does it have a right to end."""
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
            "AND usename = current_user AND pid <> pg_backend_pid()"
        )


def _take_out(using: str) -> None:
    """Whoever does not own the tables takes out what they may: everything but the log."""
    with transaction.atomic(using=using):
        for model in tables(using).values():
            with suppress(DatabaseError), transaction.atomic(using=using):
                model._base_manager.using(using).all()._raw_delete(using)


def _keyring() -> None:
    drop("keyring")


def _main() -> None:
    drop("default")


def _rest() -> None:
    """Whatever else lies in the folder: static files, marks, things that were begun."""
    for path in var().iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        elif path.name not in _STAYS:
            path.unlink(missing_ok=True)


STEPS = (
    Step("root key", _root_key),
    Step("server stopped", _server),
    Step("keyring", _keyring),
    Step("key of sessions", _secret_key),
    Step("main database", _main),
    Step("attachments and exports", _files),
    Step("everything else in the folder", _rest),
)


def destroy(*, note: Callable[[str], None]) -> list[str]:
    """Take every step, and tell `note` of each. Returns the names of those that failed, which do not hold up the others."""
    failed = []
    for step in STEPS:
        try:
            step.destroy()
        except (OSError, DatabaseError, ValueError, KeyError) as error:
            logger.error("%s: %s", step.name, type(error).__name__)
            failed.append(step.name)
        else:
            note(step.name)
    return failed


def _shred(path: Path) -> None:
    """Overwrite and remove a file, or every file of a folder."""
    if path.is_dir() and not path.is_symlink():
        for inner in path.iterdir():
            _shred(inner)
        path.rmdir()
        return
    if path.is_file() and not path.is_symlink():
        with path.open("r+b") as file:
            for start in range(0, path.stat().st_size, _PIECE):
                file.seek(start)
                file.write(bytes(min(_PIECE, path.stat().st_size - start)))
            file.flush()
            os.fsync(file.fileno())
    path.unlink(missing_ok=True)
