"""A row in the log about what cannot wait for the log: closing the house, and leaving it."""

from typing import Any

import click

from tutela.foundation import clock


def leave_row(verb: str, **detail: Any) -> None:
    """Leave the row of what was done at this machine, nobody knows by whom. Says so where the log does not take it."""
    from django.db import Error

    from tutela import commands

    try:
        commands.act(verb, lambda: None, by=None, at=clock.now(), **detail)
    except Error:
        click.echo("The log could not be written: no row tells of this.")
