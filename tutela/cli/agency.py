"""`tutela agency`: the organisations that work with this installation."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from tutela.cli.django import with_django
from tutela.foundation import clock
from tutela.protocols import packs

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


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise click.UsageError(f"There is no time zone {name}. Write it like Africa/Nairobi.") from None
