"""Custodians come, two of three, from one place or two, and the files open (R120)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from tutela.vault.keeper import keeper
from tutela.vault.root_generation import keep_up

Purpose = Literal["open", "rotate", "replace"]


@dataclass(frozen=True)
class Door:
    """How the door stands: nothing that a stranger must not know."""

    open: bool
    here: int  # custodians who have come to open it
    has_custodians: bool
    rehearsed: bool


def door() -> Door:
    """How the door stands. Raises Unavailable where the keeper is stopped."""
    status = keeper().status()
    return Door(
        open=status["state"] == "open",
        here=status["here"],
        has_custodians=status["driver"] == "sealed",
        rehearsed=status["rehearsed"],
    )


def come(file: bytes, passphrase: str, *, purpose: Purpose, place: str, at: datetime) -> Door:
    """A custodian comes with their file. The second who comes to open it opens it.

    Raises Refused where the two do not go together or somebody tried too often; Unavailable where the keeper is stopped, or
    has another root key than the keyring, and is locked again.
    """
    keeper().custodian(file, passphrase, purpose=purpose, place=place)
    keep_up(at=at)
    return door()
