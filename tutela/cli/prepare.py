"""`tutela prepare`: databases and static files as this version needs them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from tutela.cli.django import with_django


@click.command()
@with_django
def prepare() -> None:
    """Bring both databases and the static files up to date. Nothing happens where they are.

    Refuses where a published form or pack is no longer what was published: entries would change their meaning.
    """
    from django.core.management import call_command

    from tutela.published.queries import changed_versions

    # The keyring first, here as everywhere: no file without its keys.
    call_command("migrate", "vault", database="keyring", interactive=False, verbosity=0)
    _migrate()
    call_command("createcachetable", verbosity=0)
    if changed := changed_versions():
        raise click.ClickException(
            f"The published version {changed[0]} is not what was published. Restore the database from a backup."
        )
    call_command("collectstatic", interactive=False, verbosity=0)


def _migrate() -> None:
    """The main database, as its owner where that is somebody else; the guards of the log are put up again."""
    from django.conf import settings
    from django.core.management import call_command

    from tutela.audit import guards, rights

    application = rights.role_of_the_application() if settings.DATABASE_OWNER else ""
    with _as_owner():
        call_command("migrate", interactive=False, verbosity=0)
        guards.put_up()
        if application:
            rights.grant(application)


@contextmanager
def _as_owner() -> Iterator[None]:
    from django.conf import settings
    from django.db import connection

    own = {name: connection.settings_dict[name] for name in settings.DATABASE_OWNER}
    connection.close()
    connection.settings_dict.update(settings.DATABASE_OWNER)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(own)
