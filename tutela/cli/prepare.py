"""`tutela prepare`: databases and static files as this version needs them."""

from __future__ import annotations

import click

from tutela.cli.django import with_django


@click.command()
@with_django
def prepare() -> None:
    """Bring both databases and the static files up to date. Nothing happens where they are.

    Refuses where a published form or pack is no longer what was published: entries would change their meaning.
    """
    from django.core.management import call_command

    from tutela.custody.owning import make_tables
    from tutela.published.queries import changed_versions

    for using in ("keyring", "default"):  # the keyring first, here as everywhere: no file without its keys
        make_tables(using)
    if changed := changed_versions():
        raise click.ClickException(
            f"The published version {changed[0]} is not what was published. Restore the database from a backup."
        )
    call_command("collectstatic", interactive=False, verbosity=0)
