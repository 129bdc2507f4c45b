"""The shapes in which the keeper and those who ask it speak."""

from typing import Literal, NamedTuple, TypedDict


class Wrapped(NamedTuple):
    """A key closed with another, and the words that say what it is for."""

    key: bytes
    context: str


class Status(TypedDict):
    """Whether the root key is in memory, since which unlocking, and where it comes from."""

    state: Literal["open", "locked"]
    epoch: str
    driver: str


class Found(NamedTuple):
    """Who was found, best first, and whose names (in that version) the keeper has yet to be given."""

    hits: list[str]
    missing: list[str]
