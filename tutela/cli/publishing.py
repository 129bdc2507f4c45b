"""`tutela protocol publish`: put a pack in force for an agency, from a day on (ADR 0022)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial

import click

from tutela.cli.django import with_django
from tutela.foundation import clock
from tutela.protocols.checking import Check, check
from tutela.protocols.packs import NotInPack


def publishing(checks: Sequence[Check]) -> click.Command:
    """The command. A pack in which `checks` find anything to mend is not published."""

    @click.command("publish")
    @click.argument("pack")
    @click.option("--agency", required=True, help="The agency that is to work by it.")
    @click.option("--since", required=True, metavar="DATE", help="From which day on, such as 2027-01-01.")
    @with_django
    def publish_pack(pack: str, agency: str, since: str) -> None:
        """Put PACK in force for an agency, from a day on.

        What is due on its files is worked out anew on that day, by the worker; nothing that was due is forgotten.
        """
        _refuse_what_cannot_be_used(pack, checks)
        _put_in_force(pack, agency, _day(since))

    return publish_pack


def _refuse_what_cannot_be_used(pack: str, checks: Sequence[Check]) -> None:
    try:
        findings = check(pack, checks=checks)
    except NotInPack as error:
        raise click.UsageError(str(error)) from error
    if findings:
        more = f" There are {len(findings)} things to mend; see `tutela protocol check {pack}`."
        raise click.ClickException(f"{findings[0].sentence}{more}")


def _put_in_force(pack: str, agency: str, since: date) -> None:
    from tutela import commands
    from tutela.access.queries import agencies_by_name, zone_of
    from tutela.published.actions import publish_for

    known = agencies_by_name()
    found = known.get(agency)
    if found is None:
        raise click.UsageError(
            f"There is no agency “{agency}”; there are {', '.join(sorted(known)) or 'none yet'}."
        )
    now = clock.now()
    today = clock.local_day(now, zone_of(found))
    if since < today:
        raise click.UsageError(f"A pack never reaches back: choose {today.isoformat()} or a later day.")
    run = partial(publish_for, found.id, name=pack, since=since, at=now)
    changed = commands.act(
        "protocol.published", run, by=None, at=now, pack=pack, agency=str(found.id), since=since.isoformat()
    )
    click.echo(
        f"{agency} works by {pack} from {since.isoformat()}."
        if changed
        else f"{agency} works by this {pack} on {since.isoformat()} already. Nothing was changed."
    )


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise click.UsageError(f"--since: {written!r} is not a day. Write it as 2027-01-01.") from error
