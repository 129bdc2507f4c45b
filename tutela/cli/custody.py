"""`tutela backup`, `restore`, `evacuate`, `checksum`: copying the house, leaving it and coming back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tutela.cli.django import with_django
from tutela.cli.proving import Came, log_is_whole
from tutela.cli.rows import leave_row
from tutela.foundation import clock

if TYPE_CHECKING:
    from tutela.custody.restoring import Restored

FOLDER = click.Path(path_type=Path)
FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
WORD = "EVACUATE"


@click.command()
@click.option(
    "--to", "places", type=FOLDER, multiple=True, help="Where to; TUTELA_BACKUP_TO, where left out."
)
@click.option(
    "--recipients", type=FILE, help="Other custodians than those of this house, as `tutela init` writes them."
)
@click.option(
    "--delta", is_flag=True, help="Of the attachments only those that the last full bundle there has not."
)
@with_django
def backup(places: tuple[Path, ...], recipients: Path | None, delta: bool) -> None:
    """Write a bundle of the data and one of the keyring. Two custodians open them; this machine cannot."""
    from tutela import commands
    from tutela.custody.backing_up import back_up
    from tutela.custody.places import backup_places, custodians

    to = list(places) or backup_places()
    if not to:
        raise click.UsageError("Say where to: --to FOLDER, or set TUTELA_BACKUP_TO.")
    people = custodians(recipients)
    for place in to:
        commands.act("custody.backing_up", lambda: None, by=None, at=clock.now(), delta=delta)
        for path in back_up(place, custodians=people, delta=delta):
            click.echo(f"{path}  {path.stat().st_size / 1_000_000:.1f} MB")


@click.command()
@with_django
def checksum() -> None:
    """One number for each database: equal where everything in it is equal, on SQLite and PostgreSQL alike."""
    from tutela.custody.checksum import checksum as checksum_of

    for using, name in (("default", "main"), ("keyring", "keyring")):
        found = checksum_of(using)
        click.echo(f"{name:8} {found}  {sum(found.counts.values())} rows")


@click.command()
@click.argument("bundles", type=FILE, nargs=-1, required=True)
@click.option(
    "--custodian", "files", type=FILE, multiple=True, required=True, help="A custodian's file; two of them."
)
@click.option(
    "--destructions",
    type=FILE,
    help="The list of destroyed keys; the one beside the bundles, where left out.",
)
@click.option("--although-expired", is_flag=True, help="Take a keyring that should have been deleted by now.")
@with_django
def restore(
    bundles: tuple[Path, ...], files: tuple[Path, ...], destructions: Path | None, although_expired: bool
) -> None:
    """Bring a house back into this empty one: the bundle of the data, that of the keyring, and two custodians."""
    from django.conf import settings
    from django.core.management import call_command

    from tutela import commands
    from tutela.cli.serve import alone_in
    from tutela.custody import restoring

    with alone_in(settings.VAR):
        found = restoring.belonging(bundles, today=clock.now().date())
        if found.kept_after and not although_expired:
            raise click.ClickException(
                f"This keyring should have been deleted on {found.kept_after}. Keys that were destroyed since come back with "
                "it, but for those on the list of destructions. Say --although-expired where there is no newer one."
            )
        restoring.check_empty()
        listed = _list_beside(bundles) if destructions is None else destructions
        destroyed = restoring.read_destructions(listed) if listed else []
        came = [_comes(file) for file in files]
        here = [restoring.open_custodian(one.file, one.passphrase) for one in came]
        restored = restoring.restore(found, here=here, destroyed=destroyed)
        commands.act("custody.restored", lambda: None, by=None, at=clock.now(), destroyed=len(destroyed))
        call_command("collectstatic", interactive=False, verbosity=0)
        _say_restored(restored, destroyed=len(destroyed) if listed else None)
        if not log_is_whole(came):
            raise click.ClickException(
                "Everything is back, and the log was not found whole. Nobody works with it before somebody knows why. "
                "Unlock it, then run: tutela audit verify"
            )
    click.echo("Start the server, and let two custodians unlock it.")


@click.command()
@click.option("--without-copy", is_flag=True, help="Write no last bundle.")
@click.option("--finish", is_flag=True, help="Go on with an evacuation that was cut off.")
@with_django
def evacuate(without_copy: bool, finish: bool) -> None:
    """Lock, write a last bundle, then destroy everything this machine holds. Nothing brings it back but bundles."""
    from tutela.custody import evacuating

    if finish:
        if not evacuating.is_begun():
            raise click.ClickException("No evacuation was begun here.")
    else:
        _decide(without_copy=without_copy)
    failed = evacuating.finish(note=lambda name: click.echo(f"Destroyed: {name}."))
    if failed:
        raise click.ClickException(f"Not yet: {', '.join(failed)}. Run tutela evacuate --finish.")
    click.echo(
        "This house is empty. Disks keep remnants, and bundles, phones and paper are elsewhere: see docs/operate.md."
    )


def _say_restored(restored: Restored, *, destroyed: int | None) -> None:
    click.echo("Everything in the bundles is back, row by row.")
    if destroyed is None:
        click.echo(
            "No list of destructions was found: keys that were destroyed after the keyring was taken are back."
        )
    else:
        click.echo(f"Keys destroyed again, by the list: {destroyed}.")
    for kind, found in restored.checksums.items():
        click.echo(f"Checksum of the {kind}, as it was taken and came back: {found}")
    for name, value in restored.settings.items():
        click.echo(f"It had {name} = {value!r}")


def _decide(*, without_copy: bool) -> None:
    """Ask, lock, copy, and ask again where what is lost is more than was said."""
    from tutela.custody import evacuating, places
    from tutela.custody.owning import log_stays

    click.echo("This closes every file, writes a last bundle, and destroys everything here within a minute.")
    to = [] if without_copy else places.backup_places()
    for place in to:
        click.echo(f"Last bundle to {place}: {evacuating.problem_of(place) or 'can be written'}")
    if log_stays():
        click.echo(
            "The tables of the main database belong to another role of PostgreSQL. Without it, everything in them is taken out "
            "but the log of who read or wrote what, which stays. Set TUTELA_DATABASE_OWNER_URL to that role first, and it "
            "goes as well."
        )
    _confirm(WORD, f"Type {WORD} to go on")
    _confirm(WORD, "Type it once more")
    leave_row("custody.evacuating", without_copy=not to)  # it travels with the last bundle
    copied = evacuating.copy_everywhere(to)
    for one in copied:
        click.echo(f"{one.place}: {one.problem or 'the last bundle lies there'}")
    whole = [one.place for one in copied if not one.problem]
    if not whole:
        lost = _lost(evacuating.unsaved_minutes(at=clock.now()))
        _confirm("LOSE IT", f"There is no last bundle. Lost is {lost}. Type LOSE IT to go on")
        _confirm("LOSE IT", "Type it once more")
    evacuating.begin(copied_to=whole, without_copy=not whole)


def _confirm(word: str, question: str) -> None:
    if click.prompt(question).strip() != word:
        raise click.ClickException(
            "Nothing was destroyed. Files that were closed stay closed until they are unlocked."
        )


def _lost(unsaved: int | None) -> str:
    if unsaved is None:
        return "everything, since no bundle was ever written"
    return f"what was written in the last {'minute' if unsaved == 1 else f'{unsaved} minutes'}"


def _comes(file: Path) -> Came:
    return Came(file, click.prompt(f"Passphrase of {file.name}", hide_input=True, err=True))


def _list_beside(bundles: Sequence[Path]) -> Path | None:
    from tutela.custody.places import DESTRUCTIONS

    return next((path for one in bundles if (path := one.parent / DESTRUCTIONS).is_file()), None)
