"""Reading what stories wrote."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from tests.cast import START as NOW
from tutela.access.models import User
from tutela.access.queries import find_user, zone_of
from tutela.cases.entries import OpenEntry
from tutela.cases.models import Person
from tutela.cases.queries import entries_of, people_around
from tutela.foundation.clock import local_day

__all__ = [
    "NOW",
    "TODAY",
    "Played",
    "entries",
    "every_file",
    "marked",
    "one_entry",
    "person",
    "texts",
    "user",
]

Played = Mapping[str, Mapping[str, UUID]]  # story → child → file

TODAY = local_day(NOW, zone_of(None))  # the same at the place of work: it is morning in both


def every_file(played: Played) -> set[UUID]:
    """The files of all stories."""
    return {file for files in played.values() for file in files.values()}


def entries(file: UUID, form: str) -> list[OpenEntry]:
    """The entries of one form on a file, in their order."""
    return [entry for entry in entries_of(file) if entry.form.code == form]


def one_entry(file: UUID, form: str) -> OpenEntry:
    """The only entry of a form on a file."""
    (entry,) = entries(file, form)
    return entry


def texts(entry: OpenEntry, *, but: str = "") -> Iterator[str]:
    """Every text of an entry, leaving out questions that are sealed as `but`."""
    for question in entry.form.questions:
        if question.seal != but:
            yield from _texts(entry.answers.get(question.name, ""))


def person(file: UUID, relationship: str) -> Person:
    """The only person on a file who says they are this to the child."""
    (found,) = [one for one in people_around(file) if one.contents.get("relationship") == relationship]
    return found


def marked(file: UUID, mark: str) -> list[Person]:
    """Everybody on a file with this safety mark."""
    return [one for one in people_around(file) if mark in one.contents.get("safety_mark", [])]


def user(username: str) -> User:
    """Somebody of the cast."""
    from_cast = find_user(username)
    assert from_cast is not None
    return from_cast


def _texts(answer: Any) -> Iterator[str]:
    if isinstance(answer, str):
        yield answer
    for part in answer.values() if isinstance(answer, dict) else answer if isinstance(answer, list) else ():
        yield from _texts(part)
