"""`tutela keys`: another root key, another key of an agency, while people work."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from tutela.cli.coming import both_come
from tutela.cli.django import with_django
from tutela.foundation import clock


@click.group()
def keys() -> None:
    """Change keys while people work. What is cut off is finished by the worker, or by the same command again."""


@keys.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_django
def rotate(files: tuple[Path, ...]) -> None:
    """Make a new root key, with the FILES of two custodians, and wrap every agency's and user's key with it."""
    from tutela import commands
    from tutela.custody.rotating import rotate_root_key
    from tutela.custody.unlocking import door

    stands = door()
    if not stands.has_custodians:
        raise click.ClickException(
            "A demonstration keeps its root key in a plain file, which is not changed."
        )
    if not stands.open:
        raise click.ClickException("The files are locked. Unlock them first: tutela unlock")
    _finish("")
    both_come("rotate", files)
    at = clock.now()
    commands.act("keys.root_rotated", partial(rotate_root_key, at=at), by=None, at=at)
    _finish("There is a new root key")
    click.echo("Copy the folder of the sealed root key to your other machines and to its backup today.")


@keys.command("rotate-agency")
@click.argument("name")
@with_django
def rotate_agency(name: str) -> None:
    """Make a new key for the agency NAME, and wrap the keys of all its files with it."""
    from tutela import commands
    from tutela.access.queries import agencies_by_name
    from tutela.custody.rotating import rotate_agency_key

    there = agencies_by_name()
    if name not in there:
        raise click.UsageError(
            f"There is no agency {name}. There are: {', '.join(sorted(there)) or 'none yet'}."
        )
    at = clock.now()
    run = partial(rotate_agency_key, there[name].id, at=at)
    commands.act("keys.agency_rotated", run, by=None, at=at)
    _finish(f"{name} has a new key")


def _finish(done: str) -> None:
    from tutela.custody.rotating import go_on

    if damaged := go_on(at=clock.now()):
        raise click.ClickException(
            f"{damaged} keys do not open, so the old key is kept. Restore the keyring from a backup, then try again."
        )
    if done:
        click.echo(f"{done}, and everything is wrapped with it.")
