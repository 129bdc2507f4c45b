"""What was restored is looked at before anybody works with it: its log, its keys, its rules."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import click

from tutela.foundation import clock
from tutela.foundation.refusals import Refused
from tutela.site.supervisor import Supervisor, run_to_end

_TUTELA = str(Path(sys.executable).with_name("tutela"))


class Came(NamedTuple):
    """A custodian who is here: their file, and what they typed."""

    file: Path
    passphrase: str


def log_is_whole(custodians: Sequence[Came]) -> bool:
    """Check the installation and verify the log, with a keeper that stands for as long as this takes. Says what they find.

    What the check finds is to be mended, such as a scanner that does not answer. False where it is the log, or where the
    keeper could not be opened.
    """
    try:
        with _keeper():
            _open(custodians)
            if not _passes("check"):
                click.echo("Mend what this found before anybody works here.")
            return _passes("audit", "verify")
    except Refused as refused:
        click.echo(f"The log was not verified: {' '.join(str(one.words) for one in refused.unmet)}")
        return False


@contextmanager
def _keeper() -> Iterator[None]:
    """A keeper of this house for as long as the block lasts; where it does not start, whoever asks it is told."""
    from django.conf import settings

    from tutela.cli.serve import TO_START, keeper_command, listens

    with Supervisor(longest_pause=1.0, on_change=lambda _: None) as house:
        house.start("keeper", keeper_command(settings))
        house.until(lambda: listens(settings.KEEPER_SOCKET), seconds=TO_START)
        yield


def _open(custodians: Sequence[Came]) -> None:
    """Raises Refused where those who opened the bundles are not those of the root key; Unavailable without a keeper."""
    from tutela import commands
    from tutela.custody.unlocking import door

    if not door().has_custodians:  # a demonstration: it is open
        return
    for one in custodians:
        stands = commands.custodian_comes(
            one.file.read_bytes(), one.passphrase, purpose="open", way="command", place="", at=clock.now()
        )
        if stands.open:
            return


def _passes(*words: str) -> bool:
    click.echo(f"tutela {' '.join(words)}:")
    try:
        run_to_end([_TUTELA, *words])
    except subprocess.CalledProcessError:
        return False
    return True
