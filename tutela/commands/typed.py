"""A colleague types a paper form for somebody: given, typed once, looked at by whose paper it is (requirements §20).

Whoever types reads no entry and no file. The entry says both: who did it, and who typed it.
"""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from tutela.access import queries as access
from tutela.access import typists
from tutela.access.deciding import Action
from tutela.access.models import TypingTask, User
from tutela.audit import actions as audit
from tutela.cases.entries import OpenEntry
from tutela.cases.models import CaseFile, Draft, Entry
from tutela.cases.queries import case_of
from tutela.closure.queries import is_closed
from tutela.commands.acting import act
from tutela.commands.deciding import allow, readers_of
from tutela.forms.definition import ATTACHED, Question
from tutela.foundation import clock
from tutela.foundation.ids import derived_id
from tutela.foundation.refusals import NotFound, Refused, Unmet
from tutela.foundation.words import say
from tutela.published.queries import pack_in_force

# What can be typed from paper by somebody who knows nothing of the file, and corrected afterwards: no consent, no decision,
# nothing that goes on from what was written before.
TYPED = frozenset({
    "consent.explanation", "assessment.initial", "planning.meeting", "follow_up.contact", "follow_up.review",
    "follow_up.interpreter",
})  # fmt: skip
_WRITES = {"responsible", "cover"}


def whose_paper(file: CaseFile, *, day: date) -> list[User]:
    """For whom something can be typed on a file: whoever writes on it, the responsible caseworker first."""
    writing = [one for one in readers_of(file, day=day) if one.relations & _WRITES]
    return [one.user for one in sorted(writing, key=lambda one: "responsible" not in one.relations)]


def have_typed(
    sheet_id: UUID,
    file_id: UUID,
    *,
    forms: Collection[str],
    typist: str,
    worker: str,
    until: date,
    by: User,
    at: datetime,
) -> None:
    """Give forms to somebody of the agency to type, each once, until a day. The same again changes nothing.

    `typist` and `worker`: the names they sign in with. Raises NotFound, Forbidden, and Refused where the child has no
    code or the case is closed, and for whom and what cannot be chosen.
    """

    def give() -> None:
        file = CaseFile.objects.select_related("agency").get(id=file_id)
        day = clock.local_day(at, access.zone_of(file.agency))
        if case_of(file_id) is None or is_closed(file_id):
            words = say("Only a case that is registered and open has something typed. Write it yourself.")
            raise Refused(Unmet("no_open_case", words, "requirements §20"))
        if not set(forms) <= TYPED:
            words = say("Choose forms that can be typed from paper.")
            raise Refused(Unmet("not_typed", words, "requirements §20", "forms"))
        types = _called(typist, typists.typists_of(file.agency_id, file_id=file_id, day=day))
        if types is None:
            words = say("Choose somebody of your organisation who types.")
            raise Refused(Unmet("no_typist", words, "requirements §20", "to"))
        does = _called(worker, whose_paper(file, day=day))
        if does is None or does == types:
            words = say("Choose a caseworker who writes on this file.")
            raise Refused(Unmet("no_worker", words, "requirements §20", "worker"))
        typists.give(
            sheet_id, file_id, sorted(forms), typist=types, worker=does, until=until, by=by, day=day,
            pack=pack_in_force(file.agency_id, day),
        )  # fmt: skip

    act("typing.given", give, by=by, at=at, action="have_typed", file_id=file_id, typing=str(sheet_id))


def end_typing(task_id: UUID, file_id: UUID, *, by: User, at: datetime) -> None:
    """Something is not to be typed any more; what was begun is let go. Raises NotFound."""

    def end() -> None:
        task = typists.end(task_id, file_id, by=by, day=access.today_of(by, at=at))
        Draft.objects.filter(entry_id=entry_id_of(task.id), user=task.typist).delete()

    act("typing.ended", end, by=by, at=at, action="have_typed", file_id=file_id, typing=str(task_id))


def open_to_type(task_id: UUID, *, by: User, at: datetime, leaves_row: bool = True) -> TypingTask:
    """What `by` is to type, with the row in the log of the file that says that they opened the empty form.

    `leaves_row`: not where it is open already, and a draft of it is kept. Raises NotFound, which leaves a row always, for
    whatever is not theirs, was typed already or is over.
    """
    task = TypingTask.objects.filter(id=task_id).select_related("worker").first()
    if task is None:
        audit.record(act="typing.opened", by=by.id, at=at, allowed=False, reason="there is no such task")
        raise NotFound
    file = CaseFile.objects.select_related("agency").get(id=task.file_id)
    allowed = allow("type_form", file_id=file.id, agency=file.agency, by=by, at=at, act="typing.opened")
    day = clock.local_day(at, access.zone_of(file.agency))
    mine = access.typing_of(by, day).filter(id=task.id).exists()
    if leaves_row or not mine:
        audit.record(
            act="typing.opened", by=by.id, at=at, file_id=file.id, allowed=mine, stream=allowed.stream,
            form=task.form_code, typing=str(task.id),
        )  # fmt: skip
    if not mine:
        raise NotFound
    return task


def confirm_typed(file_id: UUID, entry_id: UUID, *, by: User, at: datetime) -> None:
    """Whoever writes on the file has looked at what was typed, and it is right. Raises NotFound where nothing waits."""

    def confirm() -> None:
        on_file = Entry.objects.filter(id=entry_id, file_id=file_id).exists()
        if not (on_file and typists.confirm(entry_id, day=access.today_of(by, at=at))):
            raise NotFound

    act("typing.confirmed", confirm, by=by, at=at, action="write", file_id=file_id, entry=str(entry_id))


def entry_id_of(task_id: UUID) -> UUID:
    """Under which id what is typed is written: whatever is sent twice, it is written once."""
    return derived_id(task_id, "typed")


# --- What the write path asks --------------------------------------------------------------------------------


def typed_actions(form: str, *, amends: UUID | None) -> list[Action]:
    """Another right on which a form may be written; never a correction."""
    return ["type_form"] if form in TYPED and not amends else []


def task_of(entry: OpenEntry, *, on: Action) -> UUID | None:
    """The task by which somebody types this very entry, for this very colleague.

    `on`: the right on which it is written. Where that is to type it, and there is no such task, raises NotFound, which
    leaves a row; whoever may write it anyway needs none.
    """
    if on != "type_form" and entry.by_id == entry.done_by_id:
        return None
    by = User.objects.get(id=entry.by_id)
    agency = CaseFile.objects.select_related("agency").get(id=entry.file_id).agency
    day = clock.local_day(entry.received_at, access.zone_of(agency))
    asked = access.typing_of(by, day).filter(
        file_id=entry.file_id, form_code=entry.form.code, worker_id=entry.done_by_id
    )
    for task in asked:
        if entry_id_of(task.id) == entry.id and entry.about is None and not _left_out(entry):
            return task.id
    if on != "type_form":
        return None
    audit.record(
        act=entry.form.code, by=entry.by_id, at=entry.received_at, file_id=entry.file_id, allowed=False,
        reason="not to be typed by them, or not in this way",
    )  # fmt: skip
    raise NotFound


def _left_out(entry: OpenEntry) -> list[str]:
    """What was answered and is not typed: the confidential part stays with the caseworker, and nothing is attached (R86)."""
    return [one.name for one in entry.form.questions if not is_typed(one) and entry.answers.get(one.name)]


def is_typed(question: Question) -> bool:
    """Whether a question stands on the form of somebody who types for a colleague."""
    return question.seal != "confidential" and question.type not in ATTACHED


def typed_before(entry_id: UUID, *, file_id: UUID | None, by: User) -> bool:
    """Whether `by` typed this very entry already, which ended the right to."""
    done = TypingTask.objects.filter(entry_id=entry_id, typist=by)
    return file_id is not None and done.filter(file_id=file_id).exists()


def look_after_typing(entry: OpenEntry, *, task: UUID | None) -> None:
    """What was typed is not to be typed again; what was typed and is corrected, somebody has looked at.

    Raises Conflict where it was ended meanwhile.
    """
    if task:
        typists.typed(task, entry.id)
    elif entry.amends:
        typists.confirm(entry.amends, day=entry.received_at.date())


def _called(username: str, people: Collection[User]) -> User | None:
    return next((one for one in people if one.username == username), None)
