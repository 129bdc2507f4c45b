"""`tutela audit`: whether the log is whole, its head, and who may change it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tutela.cli.django import with_django

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tutela.audit.heads import Kept
    from tutela.audit.verifying import Verified


class CannotTell(click.ClickException):
    """Neither whole nor changed: something that is needed is not there."""

    exit_code = 2


def _or_cannot_tell(command: Callable[..., Any]) -> Callable[..., Any]:
    """A locked keeper, a database that does not answer, a missing setting: the exit code 2, which accuses nobody."""

    @wraps(command)
    def run(*arguments: Any, **named: Any) -> Any:
        try:
            return command(*arguments, **named)
        except click.UsageError:
            raise
        except click.ClickException as error:
            raise CannotTell(error.format_message()) from error

    return run


@click.group()
def audit() -> None:
    """The log of who read or wrote what."""


@audit.command()
@click.option(
    "--head", "given", metavar="FILE", default="",
    help="What left the machine earlier: a file with a head in each line, or one mark, or the code from a book.",
)  # fmt: skip
@_or_cannot_tell
@with_django
def verify(given: str) -> None:
    """Find any edit, removal, addition or reordering of what was sealed.

    Ends with 0 where the log is whole, 1 where something was found, 2 where nothing can be told.
    """
    from django.db import DatabaseError

    from tutela.audit.verifying import verify

    try:
        with _heads(given) as heads:
            found = verify(heads=heads)
    except DatabaseError as error:
        raise CannotTell(
            "The log cannot be read: the database does not answer, or is of another version of Tutela."
        ) from error
    if given and not found.heads:
        raise CannotTell(f"There is no head of the log in {given}.")
    for finding in found.findings:
        click.echo(finding)
    for sentence in _proven(found):
        click.echo(sentence)
    if found.findings:
        raise SystemExit(1)


@contextmanager
def _heads(given: str) -> Iterator[Iterable[Kept]]:
    from tutela.audit import heads

    if given and Path(given).is_file():
        with Path(given).open(encoding="utf-8", errors="replace") as file:
            yield heads.read_lines(file)
        return
    try:
        yield [heads.read(given)] if given else []
    except heads.NotAHead as error:
        raise click.UsageError(f"--head: {error}") from error


def _proven(found: Verified) -> Iterator[str]:
    """What was looked at, what it shows, and what it does not show."""
    whole = "" if found.findings else ", and every one is as it was sealed"
    yield f"{found.sealed_rows} rows in {found.seals} seals{whole}."
    if not found.heads:
        yield (
            "No head was given, so this does not show whether the end of the log was cut off. "
            "Give what left this machine: tutela audit verify --head FILE"
        )
    elif not found.findings:
        yield (
            f"Up to seal {found.newest_head} nothing was cut off or written anew (heads compared: {found.heads}). "
            f"Sealed since, and known to nobody outside: {found.rows_after_head} rows."
        )
    oldest = f", the oldest of {found.oldest_unsealed:%Y-%m-%d %H:%M:%S} UTC" if found.oldest_unsealed else ""
    yield f"{found.unsealed_rows} rows not sealed yet{oldest}; until the next seal nothing vouches for them."


@audit.command()
@click.option("--paper", is_flag=True, help="A short code, to be written into a book.")
@_or_cannot_tell
@with_django
def head(paper: bool) -> None:
    """Print the head of the log: keep it anywhere but on this machine."""
    from tutela.audit.heads import head

    last = head()
    if last is None:
        raise click.ClickException("Nothing is sealed yet. The worker seals every few seconds; ask again.")
    click.echo(last.code if paper else last.line)


@audit.command()
@with_django
def rights() -> None:
    """Print what the owner of the tables grants to the application, on PostgreSQL; `tutela prepare` does it too."""
    from django.db import connection

    from tutela.audit.rights import role_of_the_application, statements

    if connection.vendor != "postgresql":
        raise click.ClickException("SQLite knows no rights: whoever can write the file can change the log.")
    for statement in statements(role_of_the_application()):
        click.echo(f"{statement};")
