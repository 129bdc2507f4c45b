"""Who may change the log in the database itself: on PostgreSQL, tables owned by somebody else than the application."""

from typing import Literal

from django.db import connection

from tutela.audit.guards import TABLES

State = Literal["added to", "changed", "owned", "sqlite"]

_OWNED = "bool_or(pg_has_role(current_user, relowner, 'MEMBER'))"
_CHANGED = "bool_or(has_table_privilege(oid, 'UPDATE, DELETE, TRUNCATE, TRIGGER'))"


def state() -> State:
    """What whoever is connected can do to the log: only add to it, change it, or as its owner take the guards off too."""
    if connection.vendor == "sqlite":
        return "sqlite"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_OWNED}, {_CHANGED} FROM pg_class WHERE oid IN (%s::regclass, %s::regclass, %s::regclass)",  # noqa: S608 our own words
            TABLES,
        )
        owned, changed = cursor.fetchone()
    return "owned" if owned else "changed" if changed else "added to"


def statements(role: str) -> list[str]:
    """What an owner grants to the role of the application: everything of everyday, and of the log only adding to it.

    May be given again after every migration.
    """
    who = connection.ops.quote_name(role)
    log = ", ".join(TABLES)
    return [
        f"GRANT USAGE ON SCHEMA public TO {who}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {who}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {who}",
        f"REVOKE ALL ON {log}, django_migrations FROM {who}",
        f"GRANT SELECT, INSERT ON {log} TO {who}",
        f"GRANT SELECT ON django_migrations TO {who}",
    ]


def grant(role: str) -> None:
    """Give the role of the application its rights. Only for the owner of the tables."""
    with connection.cursor() as cursor:
        for statement in statements(role):
            cursor.execute(statement)


def role_of_the_application() -> str:
    """The role under which whoever is connected works."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        return str(cursor.fetchone()[0])
