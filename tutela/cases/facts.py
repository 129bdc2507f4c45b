"""The facts of one file, kind by kind. While a page is read, a kind of which the file has none is not asked for."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from tutela.cases.models import Fact
from tutela.foundation.remembering import is_remembering, once

SomeFact = TypeVar("SomeFact", bound=Fact)


def every(kind: type[SomeFact], *file_ids: UUID, beside: Sequence[str] = ()) -> list[SomeFact]:
    """The facts of a kind on these files, those that ended included, in the order of the entries that made them.

    `beside`: what is fetched with them, as for `select_related`; their entries always are.
    """
    return _facts(kind, file_ids, beside)


def current(kind: type[SomeFact], *file_ids: UUID, beside: Sequence[str] = ()) -> list[SomeFact]:
    """The facts of a kind that hold on these files now, as above."""
    return _facts(kind, file_ids, beside, ended_by__isnull=True)


def first(facts: Sequence[SomeFact]) -> SomeFact | None:
    """The first of them, where there is one."""
    return facts[0] if facts else None


def last(facts: Sequence[SomeFact]) -> SomeFact | None:
    """The last of them, where there is one."""
    return facts[-1] if facts else None


def _facts(
    kind: type[SomeFact], file_ids: Sequence[UUID], beside: Sequence[str], **which: bool
) -> list[SomeFact]:
    if len(file_ids) == 1 and is_remembering() and kind not in _kinds_on(*file_ids):
        return []
    rows: QuerySet[SomeFact] = kind.objects.filter(file_id__in=file_ids, **which)  # type: ignore[attr-defined]
    # Ordered here: what the database would order costs Django more to put into words than to fetch.
    return sorted(rows.select_related("entry", *beside).order_by(), key=_place)


def _place(fact: Fact) -> tuple[int, UUID]:
    return fact.entry.revision, fact.id


@once
def _kinds_on(file_id: UUID) -> frozenset[type[Fact]]:
    """Of which kinds a file has a fact at all, in one question: most files have few of the many."""
    value = Fact._meta.get_field("file").get_db_prep_value(file_id, connection)
    with connection.cursor() as cursor:
        cursor.execute(_question(), [value] * len(Fact.__subclasses__()))
        return frozenset(Fact.__subclasses__()[number] for (number,) in cursor)


@cache
def _question() -> str:
    return " UNION ALL ".join(_parts())


def _parts() -> Iterator[str]:
    quote = connection.ops.quote_name
    for number, kind in enumerate(Fact.__subclasses__()):
        table, column = quote(kind._meta.db_table), quote(kind._meta.get_field("file").column)
        yield f"SELECT {number} WHERE EXISTS (SELECT 1 FROM {table} WHERE {column} = %s)"  # noqa: S608
