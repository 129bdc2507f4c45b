"""Questions about what is due."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from tutela.access.queries import zone_of
from tutela.cases.models import CaseFile, Entry
from tutela.deadlines.models import Deadline, Recount
from tutela.published.queries import Term, agencies_that_changed, terms
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
    """What is still to be met on these files, the earliest first; their keys are fetched in one go.

    An assessment that must begin at once still begins with the initial one, which stands before it.
    """
    ids = list(file_ids)
    sealing.fetch_keys(ids, seal_classes=["case"])
    rows = Deadline.objects.filter(file_id__in=ids, met_by__isnull=True, ended_by__isnull=True)
    found = [_opened(row) for row in rows]
    initial = {one.file_id: one.due_at for one in found if one.step == "initial_assessment"}

    def place(one: OpenDeadline) -> tuple[datetime, bool]:
        goes_on = one.step == "assessment.start" and one.file_id in initial
        return max(one.due_at, initial[one.file_id]) if goes_on else one.due_at, goes_on

    return sorted(found, key=place)


def overdue_files(file_ids: Iterable[UUID], *, day: date) -> set[UUID]:
    """Which of these files have something overdue at the beginning of `day`. Reads nothing sealed."""
    rows = Deadline.objects.filter(
        file_id__in=list(file_ids), met_by__isnull=True, ended_by__isnull=True, overdue_on__lt=day
    )
    return set(rows.values_list("file_id", flat=True))


def changes_to_count(file: CaseFile, *, at: datetime) -> list[Term]:
    """The changes of the pack that began by `at` and by which the deadlines of this file were not worked out yet, in order."""
    changes = [
        one for one in terms(file.agency_id, zone_of(file.agency)) if not one.is_first and one.began <= at
    ]
    if not changes:
        return []
    done = set(Recount.objects.filter(file=file).values_list("change_id", flat=True))
    first = Entry.objects.filter(file=file, revision=1).values_list("received_at", flat=True).first()
    return [one for one in changes if one.number not in done and first is not None and first < one.began]


def files_to_recount(*, at: datetime) -> list[UUID]:
    """Files on which a change of the pack that began by `at` is still to be taken up. Reads nothing sealed."""
    found: dict[UUID, None] = {}
    for agency in agencies_that_changed():
        files = CaseFile.objects.filter(agency_id=agency).select_related("agency")
        one_of_them = files.first()
        changes = terms(agency, zone_of(one_of_them.agency)) if one_of_them else []
        for change in (one for one in changes if not one.is_first and one.began <= at):
            opened = files.filter(entries__revision=1, entries__received_at__lt=change.began)
            counted = Recount.objects.filter(change_id=change.number).values("file_id")
            found |= dict.fromkeys(opened.exclude(id__in=counted).order_by("id").values_list("id", flat=True))
    return list(found)


def recounts_on(file: CaseFile) -> dict[int, list[Term]]:
    """After which revision of this file its deadlines were worked out by another pack, and by which."""
    by_number = {one.number: one for one in terms(file.agency_id, zone_of(file.agency))}
    found: dict[int, list[Term]] = defaultdict(list)
    for row in Recount.objects.filter(file=file).order_by("after_revision", "id"):
        found[row.after_revision].append(by_number[row.change_id])
    return found


def _opened(row: Deadline) -> OpenDeadline:
    sealed = row.contents
    return OpenDeadline(
        row.file_id, row.step, datetime.fromisoformat(sealed["due_at"]), datetime.fromisoformat(sealed["overdue_after"]),
        sealed["rule"], sealed["citation"], row.entry_id, sealed.get("aside", ""),
    )  # fmt: skip
