"""The tables of both databases, made and taken away as whoever owns them (TUTELA_DATABASE_OWNER_URL).

On PostgreSQL the main database may belong to another role than the application's, which then can only add to the log.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import Error, connection

from tutela.audit import guards, rights
from tutela.custody.bundles import refused

_NO_TABLES = (
    "The main database belongs to another role of PostgreSQL, and no table can be made in it. Nothing was done. Set "
    "TUTELA_DATABASE_OWNER_URL to that role, and run this again."
)


@contextmanager
def as_owner(using: str = "default") -> Iterator[None]:
    """Work in a database as whoever owns its tables: as another role only where one is set, and only in the main one."""
    owner: dict[str, Any] = getattr(settings, "DATABASE_OWNER", {}) if using == "default" else {}
    if not owner:
        yield
        return
    own = {name: connection.settings_dict[name] for name in owner}
    connection.close()
    connection.settings_dict.update(owner)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(own)


def make_tables(using: str) -> None:
    """Bring the tables of a database to this version; the log has its guards, and the application its rights."""
    if using == "keyring":
        call_command("migrate", "vault", database=using, interactive=False, verbosity=0)
        return
    application = rights.role_of_the_application() if getattr(settings, "DATABASE_OWNER", {}) else ""
    with as_owner():
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        # Only the owner may put them up: a server that starts without being told who that is finds them there.
        if rights.state() in ("sqlite", "owned") or guards.missing():
            guards.put_up()
        if application:
            rights.grant(application)


def check_may_make() -> None:
    """Raises Refused where no table could be made in the main database, since it belongs to somebody else."""
    if connection.vendor == "sqlite":
        return
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT has_schema_privilege('public', 'CREATE')")
        if not cursor.fetchone()[0]:
            raise refused("not_ours", _NO_TABLES)


def log_stays() -> bool:
    """Whether the log could not be destroyed from here, since its tables belong to somebody else, and all else could."""
    try:
        with as_owner():
            return rights.state() not in ("sqlite", "owned")
    except Error:  # no tables, or no answer: destroying says so itself
        return False
