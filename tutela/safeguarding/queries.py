"""Questions about safeguarding reports. None is answered for anybody but whoever wrote one and those whom they told."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from tutela.access.models import ClosedTo, Role, User
from tutela.access.office import those_who_are
from tutela.access.queries import closed_files, roles_on, zone_of
from tutela.cases.models import Case
from tutela.foundation.clock import local_day
from tutela.foundation.refusals import NotFound
from tutela.safeguarding.models import Report, Step, Told
from tutela.safeguarding.register import REPORT, STEP, opened
from tutela.safeguarding.rules import ENDED, NAMED


@dataclass(frozen=True)
class KnownStep:
    """What was done about a report, on which day, and by whom."""

    by: str
    told: dict[str, Any]

    @property
    def done_on(self) -> date:
        return date.fromisoformat(str(self.told["done_on"]))


@dataclass(frozen=True)
class KnownReport:
    """A report with what was told, to whom, and what was done about it, the earliest first."""

    id: UUID
    reference: str
    file_id: UUID | None
    by_id: UUID
    by: str
    at: datetime
    told_on: date
    answer_by: datetime | None
    told: dict[str, Any]
    focal_points: list[User]
    steps: list[KnownStep]

    @property
    def ended(self) -> bool:
        """Whether nothing is left to do: what was done last ended it."""
        return bool(self.steps) and self.steps[-1].told["kind"] == ENDED

    @property
    def due(self) -> datetime | None:
        """Until when it is first answered; None once it was, or where the agency has set no time."""
        return None if self.steps else self.answer_by

    @property
    def code(self) -> str:
        """The case code, where the survivor wishes to be named; otherwise nothing leads to the file (R122)."""
        if self.file_id is None or self.told["wish"] != NAMED:
            return ""
        found = Case.objects.filter(file_id=self.file_id).values_list("code", flat=True).first()
        return found or ""


def whom_to_tell(*, agency_id: UUID, file_id: UUID | None, by: User, day: date) -> list[User]:
    """The safeguarding focal points whom `by` can tell, by name: nobody to whom the file is closed, and not themselves.

    Where somebody asked that it be closed to them, it counts as closed before that is decided.
    """
    here = those_who_are(Role.SAFEGUARDING_FOCAL_POINT, agency_id=agency_id, day=day)
    shut = ClosedTo.objects.filter(file_id=file_id, user__in=here, ended_on__isnull=True) if file_id else ()
    kept_out = {one.user_id for one in shut} | {by.id}
    return [one for one in here if one.id not in kept_out and _is_focal_point(one, agency_id, day)]


def reports_to(user: User, *, agency_id: UUID, day: date) -> list[KnownReport]:
    """What was told to a focal point, the newest first; but for what is about a file that is closed to them."""
    return _known(_to(user, agency_id, day))


def report_to(user: User, report_id: UUID, *, agency_id: UUID, day: date) -> KnownReport:
    """One report that was told to a focal point. Raises NotFound for every other, as if it were not there."""
    return _one(_to(user, agency_id, day).filter(id=report_id))


def reports_by(user: User, *, agency_id: UUID) -> list[KnownReport]:
    """What somebody told, the newest first."""
    return _known(Report.objects.filter(by=user, agency_id=agency_id))


def report_by(user: User, report_id: UUID, *, agency_id: UUID) -> KnownReport:
    """One report that somebody told. Raises NotFound for every other."""
    return _one(Report.objects.filter(id=report_id, by=user, agency_id=agency_id))


def told_of_file(user: User, file_id: UUID) -> bool:
    """Whether this very person told somebody something about a file already."""
    return Report.objects.filter(by=user, file_id=file_id).exists()


def still_there(report: KnownReport, *, agency_id: UUID, day: date) -> bool:
    """Whether any of those who were told is a safeguarding focal point on `day`."""
    return any(_is_focal_point(one, agency_id, day) for one in report.focal_points)


def to_be_noticed() -> list[Told]:
    """Those to whom something was told and no notice sent yet."""
    return list(Told.objects.filter(told_at__isnull=True).select_related("user", "report"))


def _is_focal_point(user: User, agency_id: UUID, day: date) -> bool:
    return Role.SAFEGUARDING_FOCAL_POINT in roles_on(user, day, agency_id=agency_id)


def _to(user: User, agency_id: UUID, day: date) -> QuerySet[Report]:
    if not _is_focal_point(user, agency_id, day):
        return Report.objects.none()
    told = Exists(Told.objects.filter(report=OuterRef("pk"), user=user))
    shut = Q(file_id__in=closed_files(user, day), file_id__isnull=False)
    return Report.objects.filter(told, agency_id=agency_id).exclude(shut)


def _one(found: QuerySet[Report]) -> KnownReport:
    known = _known(found)
    if not known:
        raise NotFound
    return known[0]


def _known(found: QuerySet[Report]) -> list[KnownReport]:
    rows = (
        found.select_related("by", "agency").prefetch_related("told__user", "steps__by").order_by("-at", "id")
    )
    return [_report(row) for row in rows]


def _report(row: Report) -> KnownReport:
    told = opened(row.sealed, agency_id=row.agency_id, row=row.id, label=REPORT)
    people = sorted((one.user for one in row.told.all()), key=lambda one: (one.name, one.id))
    return KnownReport(
        row.id, row.reference, row.file_id, row.by_id, row.by.name, row.at,
        local_day(row.at, zone_of(row.agency)), row.answer_by, told, people, _steps(row.steps.all(), row.agency_id),
    )  # fmt: skip


def _steps(rows: Iterable[Step], agency_id: UUID) -> list[KnownStep]:
    return [
        KnownStep(row.by.name, opened(row.sealed, agency_id=agency_id, row=row.id, label=STEP))
        for row in sorted(rows, key=lambda row: (row.at, row.id))
    ]
