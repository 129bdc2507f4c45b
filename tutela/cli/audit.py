"""`tutela audit`: whether the log is whole."""

from __future__ import annotations

import click

from tutela.cli.django import with_django


@click.group()
def audit() -> None:
    """The log of who read or wrote what."""


@audit.command()
@click.option(
    "--head", default="", help="The mark of a seal that was kept elsewhere: it must still be in the log."
)
@with_django
def verify(head: str) -> None:
    """Find any edit, removal, addition or reordering of what was sealed."""
    from tutela.audit.sealing import verify

    found = verify(head=head)
    for finding in found.findings:
        click.echo(finding)
    oldest = f", the oldest of {found.oldest_unsealed:%Y-%m-%d %H:%M:%S} UTC" if found.oldest_unsealed else ""
    click.echo(
        f"{found.sealed_rows} rows in {found.seals} seals; {found.unsealed_rows} not sealed yet{oldest}."
    )
    click.echo(f"Head: {found.head or 'none yet'}")
    if found.findings:
        raise SystemExit(1)
