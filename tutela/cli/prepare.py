"""`tutela prepare`: databases and static files as this version needs them."""

import os

import click


@click.command()
def prepare() -> None:
    """Bring both databases and the static files up to date. Nothing happens where they are."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tutela.site.settings")
    import django
    from django.core.management import call_command

    django.setup()
    # The keyring first, here as everywhere: no file without its keys.
    for database in ("keyring", "default"):
        call_command("migrate", database=database, interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
