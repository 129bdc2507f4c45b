"""Reading the log. Of the safeguarding stream only `search` gives rows, and only to who is apart from the team (R121).

Rows about safeguarding reports are in none of these: `rows_about_report` has them, for those who were told (R122).
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Max, Q, QuerySet

from tutela.audit.models import AuditRow, Stream

# How every act on a safeguarding report begins. That there is one is for nobody to find who was not told of it.
_ON_REPORTS = "safeguarding.report"
# Answering for an opening is no look at the file.
_NO_LOOK = ("emergency.read", "emergency.reviewed")

Ids = Collection[UUID] | QuerySet[Any, Any]


@dataclass(frozen=True)
class Asked:
    """What somebody looks for in the log: of the files and people of one agency, a file, a person, a time."""

    files: Ids
    people: Ids
    file_id: UUID | None = None
    by: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


class OnFile(NamedTuple):
    """That somebody did something with a file, or tried."""

    by: UUID
    file_id: UUID
    at: datetime
    allowed: bool


def rows_on_file(file_id: UUID) -> QuerySet[AuditRow]:
    """Everything ordinary that was done with a file or tried, the newest first."""
    return AuditRow.objects.filter(file_id=file_id, stream=Stream.ORDINARY).order_by("-at", "-id")


def rows_of_person(by: UUID, *, file_id: UUID, since: datetime, until: datetime) -> QuerySet[AuditRow]:
    """What ordinary things one person did with one file in a time, in their order."""
    found = AuditRow.objects.filter(by=by, file_id=file_id, at__gte=since, at__lte=until)
    return found.filter(stream=Stream.ORDINARY).order_by("at", "id")


def last_reads(
    file_id: UUID, *, by: Collection[UUID], since: datetime, acts: Collection[str]
) -> dict[UUID, datetime]:
    """When each of these people last did one of `acts` with a file, those who did since a moment."""
    found = AuditRow.objects.filter(
        file_id=file_id, by__in=by, at__gte=since, act__in=acts, allowed=True, stream=Stream.ORDINARY
    )
    return {row["by"]: row["last"] for row in found.values("by").annotate(last=Max("at")) if row["by"]}


def rows_between(since: datetime, until: datetime, *, files: Collection[UUID]) -> Iterator[OnFile]:
    """The ordinary rows about these files in a time, in their order."""
    found = (
        AuditRow.objects.filter(
            at__gt=since, at__lte=until, file_id__isnull=False, by__isnull=False, stream=Stream.ORDINARY
        )
        .exclude(act__in=_NO_LOOK)
        .order_by("at", "id")
    )
    for by, file_id, at, allowed in found.values_list("by", "file_id", "at", "allowed").iterator():
        if by and file_id and file_id in files:
            yield OnFile(by, file_id, at, allowed)


def search(asked: Asked, *, own_team: Ids) -> QuerySet[AuditRow]:
    """The rows that were asked for, of one agency's files and people only, the newest first; none about a report.

    `own_team`: files of a team in which whoever asks works: of these nobody sees the safeguarding stream (R121).
    """
    theirs = Q(file_id__in=asked.files) | Q(file_id__isnull=True, by__in=asked.people)
    found = AuditRow.objects.filter(theirs).exclude(act__startswith=_ON_REPORTS)
    found = found.filter(Q(stream=Stream.ORDINARY) | ~Q(file_id__in=own_team))
    if asked.file_id:
        found = found.filter(file_id=asked.file_id)
    if asked.by:
        found = found.filter(by=asked.by)
    if asked.since and asked.until:
        found = found.filter(at__gt=asked.since, at__lte=asked.until)
    return found.order_by("-at", "-id")


def about_people(people: Collection[UUID], *, acts: Collection[str], since: datetime) -> QuerySet[AuditRow]:
    """What was done, or tried, about these people since a moment, the newest first."""
    about = AuditRow.objects.filter(at__gt=since, act__in=acts, detail__user__in=[str(one) for one in people])
    return about.filter(stream=Stream.ORDINARY).order_by("-at", "-id")


def rows_about_report(report_id: UUID) -> QuerySet[AuditRow]:
    """What was done with a safeguarding report or tried, the newest first: for those who were told of it (R122)."""
    found = AuditRow.objects.filter(act__startswith=_ON_REPORTS, detail__report=str(report_id))
    return found.order_by("-at", "-id")


def first_row_at(people: Collection[UUID]) -> datetime | None:
    """When one of these people first did anything."""
    return AuditRow.objects.filter(by__in=people).order_by("at").values_list("at", flat=True).first()
