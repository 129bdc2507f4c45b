"""Custodians at this machine: their files, and their passphrases, which are asked for and never shown."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tutela.foundation import clock

if TYPE_CHECKING:
    from tutela.custody.unlocking import Door, Purpose

_MOST_BYTES = 10_000  # a custodian's file has a few hundred


def both_come(purpose: Purpose, files: Sequence[Path]) -> Door:
    """Two custodians, one after the other. Raises Refused, Unavailable."""
    _no_more_than_two(files)
    _comes(purpose, files[0] if files else None, "the first custodian")
    return _comes(purpose, files[1] if len(files) > 1 else None, "the second custodian")


def they_come(files: Sequence[Path]) -> Door:
    """Those who are here come to open it: one of them, where the other comes over the page. Raises Refused, Unavailable."""
    _no_more_than_two(files)
    if not files:
        return both_come("open", ())
    doors = [_comes("open", file, "a custodian") for file in files]
    return doors[-1]


def _comes(purpose: Purpose, file: Path | None, who: str) -> Door:
    from tutela import commands

    asked: str = "" if file else click.prompt(f"File of {who}")
    path = file or Path(asked)
    try:
        content = path.read_bytes() if path.stat().st_size <= _MOST_BYTES else b""
    except OSError as error:
        raise click.ClickException(f"{path} cannot be read: {error.strerror}.") from error
    passphrase: str = click.prompt(f"Passphrase for {path.name}", hide_input=True)
    return commands.custodian_comes(
        content, passphrase, purpose=purpose, way="command", place="", at=clock.now()
    )


def _no_more_than_two(files: Sequence[Path]) -> None:
    if len(files) > 2:
        raise click.UsageError("Two custodians are enough.")
