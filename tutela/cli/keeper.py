"""`tutela lock` and `tutela unlock`: close every file at once, and open them again."""

from __future__ import annotations

from pathlib import Path

import click

from tutela.cli.coming import they_come
from tutela.cli.django import with_django
from tutela.cli.rows import leave_row
from tutela.foundation import clock


@click.command()
@with_django
def lock() -> None:
    """Make the keeper forget every key and every name. Files close within seconds."""
    from tutela.custody import evacuating

    evacuating.lock()
    click.echo("Locked. No file can be opened until somebody unlocks.")
    leave_row("custody.locked", way="command")  # afterwards: a lock waits for no database


@click.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_django
def unlock(files: tuple[Path, ...]) -> None:
    """Open the files again, with the FILES of two custodians.

    With one file, that custodian comes, and the other may come over the page. Without any, both are asked for. In a
    demonstration nobody is asked.
    """
    from tutela import commands
    from tutela.custody.unlocking import door
    from tutela.vault.keeper import keeper

    stands = door()
    if not stands.has_custodians:
        commands.act("custody.unlocked", keeper().unlock, by=None, at=clock.now(), way="command")
    elif not stands.open:
        stands = they_come(files)
        if not stands.open:
            click.echo("One custodian is here, one more is needed within ten minutes.")
            return
    click.echo("Unlocked.")
    if not stands.rehearsed:
        click.echo("No child can be entered before locking was rehearsed: tutela rehearse")
