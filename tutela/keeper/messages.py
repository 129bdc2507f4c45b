"""The shapes in which the keeper and those who ask it speak."""

from typing import Literal, NamedTuple, TypedDict


class Wrapped(NamedTuple):
    """A key closed with another, and the words that say what it is for."""

    key: bytes
    context: str


class Unwrappable(NamedTuple):
    """A wrapped key, the agency's that wraps it (a user's has none), and the agency's before, while it is changed."""

    agency: Wrapped | None
    wrapped: Wrapped
    before: Wrapped | None = None


class Status(TypedDict):
    """Whether the root key is in memory, since which unlocking, and where it comes from.

    Without custodians everything counts as rehearsed. `generation` counts the root keys of the installation from 1 (0 where
    it has no custodians), and `root` tells them apart; both are None while locked.
    """

    state: Literal["open", "locked"]
    epoch: str
    driver: str
    rehearsed: bool
    here: int  # custodians who have come to open it
    generation: int | None
    root: str | None


# What two custodians come together for.
Purpose = Literal["open", "rotate", "replace"]


class Found(NamedTuple):
    """Who was found, best first, and whose names (in that version) the keeper has yet to be given."""

    hits: list[str]
    missing: list[str]
