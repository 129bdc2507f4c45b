"""How the house says no: with a list of what is missing, in words that a caseworker can act on."""

from collections.abc import Sequence
from dataclasses import dataclass

from tutela.foundation.words import Words, say


@dataclass(frozen=True)
class Unmet:
    """One thing that is missing: a code for machines, words for people, where it is written, and the question it is about."""

    code: str
    words: Words
    citation: str = ""
    question: str = ""


class Refused(Exception):
    """An act that was not done. Nothing was stored. `status` is what an HTTP caller is told."""

    status = 422

    def __init__(self, *unmet: Unmet) -> None:
        super().__init__("; ".join(one.code for one in unmet))
        self.unmet: Sequence[Unmet] = unmet


class NotFound(Refused):
    """There is nothing here that this person may know of."""

    status = 404

    def __init__(self) -> None:
        super().__init__(Unmet("not_found", say("There is no such page, or it is not yours to open.")))


class Forbidden(Refused):
    """The person may know of it, but not do this."""

    status = 403


class Conflict(Refused):
    """The same identifier with something different, or a base that is no longer the newest."""

    status = 409


class Unavailable(Refused):
    """The keeper is stopped or locked: files cannot be opened just now."""

    status = 503
