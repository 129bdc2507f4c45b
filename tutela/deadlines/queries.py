"""Questions about what is due."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from tutela.deadlines.models import Deadline
from tutela.vault import sealing


@dataclass(frozen=True)
class OpenDeadline:
    """A deadline that nobody has met, with its hours and its rule opened."""

    file_id: UUID
    step: str
    due_at: datetime
    overdue_after: datetime
    rule: str
    citation: str
    entry_id: UUID  # the entry from which it is counted
    set_aside: str = ""  # why it was set aside, a code of set_aside_reason (R114)


def open_deadlines(file_ids: Iterable[UUID]) -> list[OpenDeadline]:
    """What is still to be met on these files, the earliest first; their keys are fetched in one go."""
    ids = list(file_ids)
    sealing.fetch_keys(ids, seal_classes=["case"])
    rows = Deadline.objects.filter(file_id__in=ids, met_by__isnull=True, ended_by__isnull=True)
    return sorted((_opened(row) for row in rows), key=lambda one: one.due_at)


def overdue_files(file_ids: Iterable[UUID], *, day: date) -> set[UUID]:
    """Which of these files have something overdue at the beginning of `day`. Reads nothing sealed."""
    rows = Deadline.objects.filter(
        file_id__in=list(file_ids), met_by__isnull=True, ended_by__isnull=True, overdue_on__lt=day
    )
    return set(rows.values_list("file_id", flat=True))


def _opened(row: Deadline) -> OpenDeadline:
    sealed = row.contents
    return OpenDeadline(
        row.file_id, row.step, datetime.fromisoformat(sealed["due_at"]), datetime.fromisoformat(sealed["overdue_after"]),
        sealed["rule"], sealed["citation"], row.entry_id, sealed.get("aside", ""),
    )  # fmt: skip
