"""`tutela lock` and `tutela unlock`: close every file at once, and open them again."""

from __future__ import annotations

import click

from tutela.cli.django import with_django


@click.command()
@with_django
def lock() -> None:
    """Make the keeper forget every key and every name. Files close within seconds."""
    from tutela.vault.keeper import keeper

    keeper().lock()
    click.echo("Locked. No file can be opened until somebody unlocks.")


@click.command()
@with_django
def unlock() -> None:
    """Let the keeper open the root key again."""
    from tutela.vault.keeper import keeper

    keeper().unlock()
    click.echo("Unlocked.")
