"""`tutela agency`: the organisations that work with this installation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from tutela.cli.django import with_django
from tutela.foundation import clock
from tutela.foundation.refusals import Refused
from tutela.protocols import packs

if TYPE_CHECKING:
    from tutela.access.models import Agency

DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def agency() -> None:
    """The organisations that work here, with their teams and the protocol they work by."""


@agency.command()
@click.argument("name")
@click.option("--time-zone", required=True, help="Where they work, such as Africa/Nairobi.")
@click.option("--pack", required=True, help="The protocol they work by; `tutela protocol list` shows them.")
@click.option("--team", "teams", multiple=True, help="A team; once for each.")
@click.option("--since", type=DAY, help="From which day they work by it; today, where left out.")
@with_django
def found(name: str, time_zone: str, pack: str, teams: tuple[str, ...], since: datetime | None) -> None:
    """Make an agency with its teams and keys. Where it is there already, only what is new is added."""
    from functools import partial

    from tutela import commands
    from tutela.access.actions import found_agency

    zone = _zone(time_zone)
    if pack not in packs.available():
        raise click.UsageError(f"There is no pack {pack}. There are: {', '.join(packs.available())}.")
    if not name.strip() or len(name) > 120:
        raise click.UsageError("Give the agency a name of 1 to 120 characters.")
    if any(not team.strip() or len(team) > 120 for team in teams):
        raise click.UsageError("Give each team a name of 1 to 120 characters.")
    at = clock.now()
    day = since.date() if since else clock.local_day(at, zone)
    run = partial(
        found_agency, name=name.strip(), time_zone=time_zone, pack=pack, teams=teams, since=day, at=at
    )
    made = commands.act("agency.founded", run, by=None, at=at, teams=len(teams), pack=pack)
    click.echo(f"{made.name} works by {pack} from {day} on.")


@agency.command()
@click.argument("barred")
@click.option("--from", "name", required=True, help="The agency of which nothing may reach it.")
@click.option(
    "--reason", required=True, help="Where it is written, such as an agreement and its date. About no child."
)
@click.option("--since", type=DAY, help="The first day; today, where left out.")
@with_django
def bar(barred: str, name: str, reason: str, since: datetime | None) -> None:
    """Let nothing of one agency reach another: an information barrier (R105)."""
    from functools import partial

    from tutela import commands
    from tutela.access import barriers

    theirs, other, at = agency_called(name), agency_called(barred), clock.now()
    if not reason.strip() or len(reason) > 200:
        raise click.UsageError("Give a reason of 1 to 200 characters.")
    day = since.date() if since else clock.local_day(at, ZoneInfo(theirs.time_zone))
    run = partial(barriers.bar, theirs, other, reason=reason.strip(), since=day)
    _kept_apart("agency.barred", partial(commands.act, by=None, at=at), run, theirs, other)
    click.echo(f"Nothing of {theirs.name} reaches {other.name} from {day} on.")
    for who in barriers.people_of_both(theirs, other, day):
        click.echo(f"{who.name} works for both, and finds nothing of {theirs.name} from that day on.")


@agency.command()
@click.argument("barred")
@click.option("--from", "name", required=True, help="The agency of which nothing may reach it.")
@with_django
def unbar(barred: str, name: str) -> None:
    """End an information barrier. Today is the first day without it."""
    from functools import partial

    from tutela import commands
    from tutela.access import barriers

    theirs, other, at = agency_called(name), agency_called(barred), clock.now()
    run = partial(barriers.unbar, theirs, other, day=clock.local_day(at, ZoneInfo(theirs.time_zone)))
    _kept_apart("agency.unbarred", partial(commands.act, by=None, at=at), run, theirs, other)
    click.echo(f"{other.name} is no longer barred from {theirs.name}.")


@agency.command()
@with_django
def barriers() -> None:
    """The information barriers in force, with their reasons."""
    from tutela.access.barriers import standing

    for one in (found := standing(clock.now())):
        click.echo(f"Nothing of {one.agency.name} reaches {one.barred.name} since {one.since}: {one.reason}")
    if not found:
        click.echo("There is no barrier between agencies.")


def agency_called(name: str) -> Agency:
    """The agency with this name, or a sentence that says which there are."""
    from tutela.access.office import agencies

    there = {one.name: one for one in agencies()}
    if name not in there:
        raise click.UsageError(f"There is no agency {name}. There are: {', '.join(there) or 'none yet'}.")
    return there[name]


def _kept_apart(
    verb: str, act: Callable[..., Any], run: Callable[[], None], theirs: Agency, other: Agency
) -> None:
    try:
        act(verb, run, agency=str(theirs.id), barred=str(other.id))
    except Refused as refused:
        raise click.UsageError(" ".join(str(one.words) for one in refused.unmet)) from None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise click.UsageError(f"There is no time zone {name}. Write it like Africa/Nairobi.") from None
