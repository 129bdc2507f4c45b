"""Custodians on the command line: `tutela init`, `tutela rehearse`, `tutela custodians`.

Passphrases are asked for and never taken from the command line, where other users of the machine and the history of the
shell would see them.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tutela.cli.coming import both_come
from tutela.cli.django import with_django
from tutela.foundation import clock
from tutela.foundation.refusals import Refused

if TYPE_CHECKING:
    from tutela.vault.custodians import Custodian


@click.command()
@click.option(
    "--custodian",
    "given",
    multiple=True,
    metavar="NAME=FOLDER",
    help="Who they are, and where each file goes; three times.",
)
@with_django
def init(given: tuple[str, ...]) -> None:
    """Set up an installation for real children: three custodians, any two of whom open it."""
    from django.conf import settings

    from tutela import commands
    from tutela.custody.owning import check_may_make, make_tables
    from tutela.vault.custodians import refuse_existing_keys, seal_root_key, sealed_key

    if settings.DEMONSTRATION:
        raise click.ClickException(
            "A demonstration keeps its root key in a plain file. Set TUTELA_DEMONSTRATION=0 for an installation."
        )
    check_may_make()
    for using in ("keyring", "default"):
        make_tables(using)
    refuse_existing_keys()
    people = _three(given)
    passphrases = {name: _passphrase(name) for name in people}
    written: list[Path] = []
    try:
        custodians = [_made(name, passphrases[name], path, written) for name, path in people.items()]
        at = clock.now()
        commands.act(
            "custody.set_up", partial(seal_root_key, custodians), by=None, at=at, custodians=len(people)
        )
    except BaseException:  # nothing is left half done
        for path in [] if sealed_key().exists else written:
            path.unlink(missing_ok=True)
        raise
    click.echo(f"The root key lies sealed in {settings.ROOT_KEY}. Any two of {', '.join(people)} open it.")
    for name, path in people.items():
        click.echo(f"  {name} keeps {path}")
    click.echo("Start the server, then show that it can be locked and opened again: tutela rehearse")


@click.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_django
def rehearse(files: tuple[Path, ...]) -> None:
    """Lock, and have two custodians open it again. No child can be entered before this was done once."""
    from tutela import commands
    from tutela.custody.unlocking import door
    from tutela.vault.keeper import keeper

    if not door().has_custodians:
        raise click.ClickException("A demonstration has no custodians. Try tutela lock and tutela unlock.")
    at = clock.now()
    commands.act("custody.rehearsal_begun", keeper().lock, by=None, at=at)
    click.echo("Locked: nothing can be opened now. Two custodians open it again.")
    if not both_come("open", files).open:
        raise click.ClickException("It is still locked. Rehearse again.")
    click.echo("Opened. This installation can be locked and opened again; children may be entered.")


@click.group()
def custodians() -> None:
    """The three people, two of whom open the files together."""


@custodians.command("list")
@with_django
def list_() -> None:
    """Say who they are."""
    from tutela.vault.custodians import sealed_key

    there = sealed_key()
    if not there.exists:
        raise click.ClickException("There is no sealed root key here. tutela init makes one.")
    for one in there.custodians:
        click.echo(one.name)


@custodians.command()
@click.argument("lost")
@click.option(
    "--by", "new", required=True, metavar="NAME=FOLDER", help="The new custodian, and where their file goes."
)
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_django
def replace(lost: str, new: str, files: tuple[Path, ...]) -> None:
    """Seal the root key anew with another custodian in the place of LOST, whose file opens nothing any more.

    Two of the custodians that there are have to come, with their FILES. The server must be running.
    """
    from tutela import commands
    from tutela.custody.rotating import replace_custodian
    from tutela.vault.custodians import new_custodian, sealed_key
    from tutela.vault.keeper import keeper

    names = [one.name for one in keeper().custodians()]
    if lost not in names:
        raise click.UsageError(f"There is no custodian {lost}. There are: {', '.join(names) or 'none'}.")
    name, path = _placed(new)
    if name in names and name != lost:
        raise click.UsageError(f"{name} is a custodian already.")
    both_come("replace", files)
    custodian = new_custodian(name, _passphrase(name), path)
    try:
        run = partial(replace_custodian, lost, custodian)
        commands.act("custody.custodian_replaced", run, by=None, at=clock.now())
    except Refused:
        if custodian not in sealed_key().custodians:
            path.unlink(missing_ok=True)
        raise
    click.echo(f"{name} keeps {path}. The file of {lost} opens nothing here any more.")
    click.echo("Copy the folder of the root key to your other machines and backups.")
    click.echo(
        f"If somebody else may have the file of {lost}, change the root key as well: tutela keys rotate"
    )


def _made(name: str, passphrase: str, path: Path, written: list[Path]) -> Custodian:
    from tutela.vault.custodians import new_custodian

    made = new_custodian(name, passphrase, path)
    written.append(path)
    return made


def _three(given: tuple[str, ...]) -> dict[str, Path]:
    """Each custodian with the place of their file; asked for where they were not given."""
    from tutela.vault.custodians import CUSTODIANS

    if given and len(given) != CUSTODIANS:
        raise click.UsageError(f"There are {CUSTODIANS} custodians: give --custodian {CUSTODIANS} times.")
    placed = [_placed(one) for one in given] or [_asked(number) for number in range(1, CUSTODIANS + 1)]
    people = dict(placed)
    if len(people) < CUSTODIANS:
        raise click.UsageError("Each custodian has a name of their own.")
    if len({path.parent.resolve() for path in people.values()}) < CUSTODIANS:
        raise click.UsageError(
            "Each custodian takes their file away in a folder of their own, such as a stick: two files together are halfway in."
        )
    return people


def _asked(number: int) -> tuple[str, Path]:
    name = click.prompt(f"Name of custodian {number}, in small letters")
    return _placed(f"{name}={click.prompt('Folder for their file, such as their stick')}")


def _placed(given: str) -> tuple[str, Path]:
    """The name and the path of the file from NAME=FOLDER."""
    from tutela.vault.custodians import is_name

    name, _, folder = given.partition("=")
    if not is_name(name):
        raise click.UsageError(
            f"{name or given} cannot be a custodian's name. Write it in small letters, like amina."
        )
    path = Path(folder) / f"{name}.age"
    if not folder or not path.parent.is_dir():
        raise click.UsageError(f"There is no folder {folder or 'named'}. Write it like {name}=/media/{name}")
    if path.exists():
        raise click.UsageError(f"{path} is there already. Nothing was changed.")
    return name, path.absolute()


def _passphrase(name: str) -> str:
    """Asked for twice and never shown, and asked for again where it would be guessed."""
    click.echo(
        f"{name}: take six words or more that do not belong together, and keep them apart from the file."
    )
    while True:
        given: str = click.prompt(
            f"Passphrase of {name}", hide_input=True, confirmation_prompt="The same again"
        )
        with suppress(Refused):
            _check(given)
            return given
        click.echo(
            "This passphrase would be guessed. Take six words or more that do not belong together.", err=True
        )


def _check(passphrase: str) -> None:
    from tutela.vault.custodians import check_passphrase

    check_passphrase(passphrase)
