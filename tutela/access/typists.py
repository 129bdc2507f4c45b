"""Forms that somebody types for a colleague: given, ended, typed once, looked at (requirements §20, Data entry).

Called inside `commands.act` and `commands.submit`; who may is decided before.
"""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from tutela.access.models import Role, TypingTask, User
from tutela.access.office import those_who_are
from tutela.access.queries import closed_files
from tutela.access.rules import last_day
from tutela.foundation.ids import derived_id
from tutela.foundation.refusals import Conflict, NotFound, Refused, Unmet
from tutela.foundation.words import say
from tutela.protocols.packs import Pack


def give(
    sheet_id: UUID, file_id: UUID, forms: Iterable[str], *, typist: User, worker: User, until: date, by: User, day: date,
    pack: Pack,
) -> None:  # fmt: skip
    """Let `typist` type each of these forms once for `worker`, until a day. The same again changes nothing.

    Raises Refused for too long.
    """
    latest = last_day("typing", day, pack=pack)
    if not day <= until <= latest:
        words = say("Choose a day from today to {latest}.", latest=latest)
        raise Refused(Unmet("too_long", words, "requirements §20", "until"))
    for form in forms:
        TypingTask.objects.get_or_create(
            id=derived_id(sheet_id, f"typing {form}"),
            defaults={
                "file_id": file_id, "form_code": form, "typist": typist, "worker": worker, "since": day, "until": until,
                "by": by,
            },
        )  # fmt: skip


def typists_of(agency_id: UUID, *, file_id: UUID, day: date) -> list[User]:
    """Who can type in an agency on `day`, by name, but for those to whom the file is closed (R121)."""
    there = those_who_are(Role.DATA_ENTRY, agency_id=agency_id, day=day)
    return [one for one in there if not closed_files(one, day).filter(file_id=file_id).exists()]


def task_called(task_id: UUID) -> TypingTask:
    """Raises NotFound."""
    task = TypingTask.objects.filter(id=task_id).select_related("typist", "worker").first()
    if task is None:
        raise NotFound
    return task


def end(task_id: UUID, file_id: UUID, *, by: User, day: date) -> TypingTask:
    """What is not typed yet is not to be typed any more. Raises NotFound."""
    task = TypingTask.objects.select_for_update().filter(
        id=task_id, file_id=file_id, entry_id__isnull=True, ended_on__isnull=True
    ).first()  # fmt: skip
    if task is None:
        raise NotFound
    task.ended_on, task.ended_by = day, by
    task.save(update_fields=["ended_on", "ended_by"])
    return task


def typed(task_id: UUID, entry_id: UUID) -> None:
    """It is typed, once. Raises Conflict where it was ended or typed in the meantime."""
    open_one = TypingTask.objects.filter(id=task_id, entry_id__isnull=True, ended_on__isnull=True)
    if not open_one.update(entry_id=entry_id):
        words = say("This is not to be typed any more. Ask the colleague for whom you type.")
        raise Conflict(Unmet("typed_or_ended", words, "requirements §20"))


def confirm(entry_id: UUID, *, day: date) -> bool:
    """The colleague has looked at what was typed, and it is right or was corrected. Whether it waited for that."""
    return bool(
        TypingTask.objects.filter(entry_id=entry_id, confirmed_on__isnull=True).update(confirmed_on=day)
    )


def typed_by(entry_id: UUID) -> TypingTask | None:
    """Who typed an entry for whom, where somebody did."""
    return TypingTask.objects.filter(entry_id=entry_id).select_related("typist", "worker").first()


def to_be_typed(file_id: UUID, day: date) -> list[TypingTask]:
    """What is to be typed on a file and is not yet, the first to end first."""
    asked = TypingTask.objects.filter(
        file_id=file_id, since__lte=day, until__gte=day, ended_on__isnull=True, entry_id__isnull=True
    )
    return list(asked.select_related("typist", "worker", "by").order_by("until", "id"))


def to_be_looked_at(files: Iterable[UUID], *, worker: User) -> list[TypingTask]:
    """What was typed for `worker` on these files, and waits for them to look at it."""
    waiting = TypingTask.objects.filter(
        file_id__in=list(files), worker=worker, entry_id__isnull=False, confirmed_on__isnull=True
    )
    return list(waiting.select_related("typist").order_by("id"))
