"""`tutela user`: who signs in and what they are, for an office outside the demonstration.

Passwords are asked for and never taken from the command line, where other users of the machine and the history of the
shell would see them. Every command leaves its row in the log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tutela.cli.agency import DAY, agency_called
from tutela.cli.django import with_django
from tutela.foundation import clock
from tutela.foundation.ids import new_id
from tutela.foundation.refusals import Refused

if TYPE_CHECKING:
    from tutela.access.models import Agency, User
    from tutela.access.staffing import Post

_Command = TypeVar("_Command", bound=Callable[..., Any])
_HOURS = click.IntRange(1, 80)


def _place(command: _Command) -> _Command:
    """The options that say what somebody is, where and from when."""
    for option in reversed((
        click.option("--agency", required=True, help="The agency, by its name."),
        click.option("--role", required=True, help="What they are, such as caseworker or supervisor."),
        click.option("--team", help="Their team; caseworkers, supervisors and coaches need one."),
        click.option("--since", type=DAY, help="The first day; today, where left out."),
        click.option("--hours", type=_HOURS, help="Working hours of a week, where agreed otherwise."),
    )):  # fmt: skip
        command = option(command)
    return command


@click.group()
def user() -> None:
    """Who signs in, and what they are."""


@user.command()
@click.argument("username")
@click.option("--name", required=True, help="How colleagues know them.")
@_place
@with_django
def admit(
    username: str, name: str, agency: str, role: str, team: str | None, since: datetime | None, hours: int | None
) -> None:  # fmt: skip
    """Give somebody a sign-in and a role. Asks for the password, which they change when they sign in."""
    from tutela import commands
    from tutela.access import staffing

    there, at = agency_called(agency), clock.now()
    post = _post(role, team, since, hours, there, at)
    with _in_one_sentence():
        staffing.check_post(post, there)
        staffing.check_admission(username=username, name=name)
        commands.admit_person(
            new_id(), post, username=username, name=name, password=_password(username, name), agency=there, by=None, at=at
        )  # fmt: skip
    click.echo(f"{name.strip()} signs in as {username}, and chooses another password then.")


@user.command()
@click.argument("username")
@_place
@with_django
def join(
    username: str, agency: str, role: str, team: str | None, since: datetime | None, hours: int | None
) -> None:
    """Give somebody one more role."""
    from tutela import commands

    who, there, at = _user(username), agency_called(agency), clock.now()
    with _in_one_sentence():
        post = _post(role, team, since, hours, there, at)
        commands.give_role(new_id(), who.id, post, agency=there, by=None, at=at)
    click.echo(f"{who.name} is {role} of {there.name}.")


@user.command()
@click.argument("username")
@click.option("--agency", required=True, help="The agency, by its name.")
@click.option("--last-day", type=DAY, help="Their last day; today, where left out.")
@with_django
def leave(username: str, agency: str, last_day: datetime | None) -> None:
    """End every role somebody has in an agency. They can still sign in, and find nothing there."""
    from tutela import commands

    who, there, at = _user(username), agency_called(agency), clock.now()
    day = _day(last_day, there, at)
    ended = commands.end_roles(who.id, last_day=day, agency=there, at=at)
    click.echo(f"{ended} roles of {who.name} end with {day}. {_files_wait(who)}")


@user.command()
@click.argument("username")
@with_django
def disable(username: str) -> None:
    """Shut somebody out: no sign-in from now on, and every session of theirs ends at once."""
    from tutela import commands

    who = _user(username)
    commands.shut_out(who.id, by=None, at=clock.now())
    click.echo(f"{who.name} is shut out. {_files_wait(who)}")


@user.command()
@click.argument("username")
@click.option("--enable", is_flag=True, help="Also for somebody who was shut out: they can sign in again.")
@with_django
def password(username: str, enable: bool) -> None:
    """Give somebody another password, such as when theirs is forgotten. Asks for it; every session of theirs ends.

    They choose another one when they sign in.
    """
    from tutela import commands

    who = _user(username)
    if not (who.is_active or enable):
        raise click.UsageError(f"{who.name} is shut out. Add --enable to let them in again.")
    given = _password(username, who.name)
    commands.give_password(who.id, password=given, enable=enable, by=None, at=clock.now())
    click.echo(f"{who.name} signs in with the new password, and chooses another one then.")


@user.command()
@click.argument("username")
@click.argument("address")
@with_django
def email(username: str, address: str) -> None:
    """Where notices for somebody go: neutral words and a reference. An empty ADDRESS ("") takes it away."""
    from tutela import commands

    who = _user(username)
    with _in_one_sentence():
        commands.give_address(who.id, address.strip(), by=None, at=clock.now())
    click.echo(f"Notices for {who.name} go to {address.strip() or 'nobody'}.")


@user.command("sign-out")
@click.argument("username")
@with_django
def sign_out(username: str) -> None:
    """End every session of somebody, such as when their phone was lost. They can sign in again elsewhere."""
    from tutela import commands

    who = _user(username)
    ended = commands.sign_out(who.id, by=None, at=clock.now())
    click.echo(f"Sessions of {who.name} that ended: {ended}.")


@user.command("reset-second-factor")
@click.argument("username")
@with_django
def reset_second_factor(username: str) -> None:
    """Take away the passkeys, keys and codes of somebody who has lost them. Every session of theirs ends.

    Be sure that it is them: meet them, or call a number you know. They set up a new one when they sign in.
    """
    from tutela import commands

    who = _user(username)
    gone = commands.reset_second_factor(who.id, by=None, at=clock.now())
    click.echo(
        f"Second factors of {who.name} that were taken away: {gone}. They set up a new one at the next sign-in."
    )


def _files_wait(who: User) -> str:
    from tutela.access.people import files_that_wait

    files = files_that_wait(who)
    return f"Files that their supervisor gives to somebody else, on the Team page: {files}." if files else ""


def _user(username: str) -> User:
    from tutela.access.queries import find_user

    if (found := find_user(username)) is None:
        raise click.UsageError(f"Nobody signs in as {username}.")
    return found


def _post(
    role: str, team: str | None, since: datetime | None, hours: int | None, there: Agency, at: datetime
) -> Post:
    from tutela.access.staffing import Post

    return Post(role=role, team=team, since=_day(since, there, at), weekly_hours=hours)


@contextmanager
def _in_one_sentence() -> Iterator[None]:
    """What is refused ends the command with the sentences that say why."""
    try:
        yield
    except Refused as refused:
        raise click.UsageError(" ".join(str(one.words) for one in refused.unmet)) from None


def _password(username: str, name: str) -> str:
    """Asked for twice and never shown. Refused with the sentences of the house’s rules for passwords."""
    from tutela.access.office import password_problems

    given: str = click.prompt("Password", hide_input=True, confirmation_prompt="The same again")
    if problems := password_problems(given, username=username, name=name):
        raise click.UsageError(" ".join(problems))
    return given


def _day(given: datetime | None, agency: Agency, at: datetime) -> date:
    from tutela.access.queries import zone_of

    return given.date() if given else clock.local_day(at, zone_of(agency))
