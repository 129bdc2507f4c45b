"""The one write path (design §2): decide → validate → unmet? → write the entry → apply facts → refresh deadlines → audit row.

One transaction, and where its audit row cannot be written, nothing was done.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from tutela.access import queries as access
from tutela.access.actions import assign, forget_moves, moves_on
from tutela.access.models import Agency, User
from tutela.audit import actions as audit
from tutela.audit.models import Stream
from tutela.cases.actions import end_facts_of, facts_on, forget_facts
from tutela.cases.entries import Kind, OpenEntry, Precision, seal_entry, with_given
from tutela.cases.models import CaseFile, Draft, Entry
from tutela.cases.queries import confidential_entry, entries_of
from tutela.commands.attaching import problems_of_attached, send_attached
from tutela.commands.deciding import Allowed, allow, place_of_work, was_answered
from tutela.commands.guarding import guard, is_gone, not_urgent, problems_of_time
from tutela.commands.kinds import KINDS, action_of, kind_of, or_actions
from tutela.commands.reading import form_in_version
from tutela.commands.receiving import end_what_is_over
from tutela.commands.recounting import take_up_changes
from tutela.commands.typed import look_after_typing, task_of, typed_actions, typed_before
from tutela.deadlines.actions import refresh, replay_recount
from tutela.deadlines.queries import recounts_on
from tutela.forms.answers import check
from tutela.foundation import clock
from tutela.foundation.ids import derived_id
from tutela.foundation.refusals import Conflict, Forbidden, NotFound, Refused, Unmet
from tutela.foundation.words import Words, say
from tutela.published.queries import form_in_force
from tutela.vault import keyring, sealing


@dataclass(frozen=True)
class Submission:
    """What somebody sends: answers to one form, on one file, with an id made beforehand."""

    form: str
    file: UUID | None  # None: this opens a new file
    answers: Mapping[str, Any]
    entry_id: UUID
    version: str | None = None  # the form version it was written with; the one in force where None
    base: int | None = None  # the revision of the file that the person was looking at
    happened_at: datetime | None = None  # when it happened; when it was received, where None
    precision: Precision = "minute"
    written_at: datetime | None = None  # by the clock of the device
    done_by: User | None = None  # who did it, where somebody else typed it
    about: UUID | None = None
    amends: UUID | None = None


@dataclass(frozen=True)
class Submitted:
    """What became of it. `repeated`: it was here already, and nothing was written again."""

    file_id: UUID
    entry_id: UUID
    revision: int
    repeated: bool = False
    warnings: tuple[Words, ...] = ()  # what whoever wrote it is told beside: never a refusal


def submit(submission: Submission, *, by: User, at: datetime) -> Submitted:
    """Write one entry on a file.

    Raises NotFound for what `by` may not know of, Forbidden for what they may not do, Conflict for a stale base or an id
    that was used for something else, Refused with everything that is missing or wrong, Unavailable while files are locked.
    A refusal stores nothing and frees the id.
    """
    ready = _ready(submission, by=by, at=at)
    with transaction.atomic():
        return _written(ready, base=submission.base)


def submit_together(submissions: Sequence[Submission], *, by: User, at: datetime) -> list[Submitted]:
    """Write several entries that belong together, such as one visit to three children (R115): all of them, or none.

    Raises as `submit` does; a problem at a question says which submission it is about: `2.situation`.
    """
    ready: list[tuple[int, _Ready]] = []
    problems: list[Unmet] = []
    for number, submission in enumerate(submissions):
        try:
            ready.append((number, _ready(submission, by=by, at=at)))
        except Refused as refused:
            problems += _of_number(number, refused)
    if sum(one.kind.action == "agree" for _, one in ready) > 1:
        words = say("Agreement is given to one child at a time. Read each file, then answer it.")
        raise Refused(Unmet("one_at_a_time", words, "R52"))
    if problems:
        raise Refused(*problems)
    done: dict[int, Submitted] = {}
    with transaction.atomic():
        before: Counter[UUID] = Counter()
        # In the order of the files, so that two people who write on the same ones never wait in a circle.
        for number, one in sorted(ready, key=lambda pair: pair[1].entry.file_id):
            file_id, base = one.entry.file_id, one.submission.base
            try:
                done[number] = _written(one, base=None if base is None else base + before[file_id])
            except Refused as refused:
                raise type(refused)(*_of_number(number, refused)) from refused
            before[file_id] += 1
    return [done[number] for number in range(len(submissions))]


def rebuild(file_id: UUID, *, keep: bool) -> list[str]:
    """Make every fact of a file again from its entries, and say what came out different. `keep`: leave it so.

    A file that is gone has none, and nothing to make them of.
    """
    if is_gone(file_id):
        return []
    with transaction.atomic():
        file = CaseFile.objects.select_for_update().get(id=file_id)
        before = facts_on(file_id) | moves_on(file_id)
        with transaction.atomic():
            forget_facts(file_id)
            recounts = recounts_on(file)
            forget_moves(file_id)
            for entry in entries_of(file_id):
                apply(entry)
                for term in recounts.get(entry.revision, ()):
                    replay_recount(file, term, after_revision=entry.revision)
            after = facts_on(file_id) | moves_on(file_id)
            transaction.set_rollback(not keep)
        different = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
        audit.record(
            act="facts.rebuilt", by=None, at=clock.now(), file_id=file_id, different=len(different), kept=keep
        )
    return [f"{name} is different." for name in different]


def apply(entry: OpenEntry) -> None:
    """Turn an entry into facts, and see what is due next. Replaying every entry in order gives the same facts again."""
    if entry.amends:
        end_facts_of(entry.amends, entry)
    KINDS[entry.form.code].apply(entry)
    refresh(entry)


@dataclass(frozen=True)
class _Ready:
    """A submission that was decided on and checked, and waits for its transaction."""

    submission: Submission
    kind: Kind
    agency: Agency
    entry: OpenEntry
    mark: bytes
    stream: Stream
    typing: UUID | None = None  # the task, where somebody types it for a colleague


def _ready(submission: Submission, *, by: User, at: datetime) -> _Ready:
    kind = kind_of(submission.form, file_id=submission.file)
    if kind.opens_file and (submission.file is None) == (submission.amends is not None):
        raise NotFound  # an identification opens a file, or corrects the one that opened it
    agency, zone = place_of_work(submission.file, by=by, at=at, act=submission.form)
    action = action_of(kind, file_id=submission.file)
    was_typed = partial(typed_before, submission.entry_id, file_id=submission.file, by=by)
    answered = partial(
        was_answered, action, submission.entry_id, form=submission.form, file_id=submission.file, by=by
    )

    def sent() -> bool:
        return answered() or was_typed()

    allowed = Allowed(action, Stream.ORDINARY)
    if not sent():
        try:
            allowed = _allow(submission, kind, agency, by=by, at=at)
        except (NotFound, Forbidden):
            if not sent():  # twice at once: meanwhile the other one was taken
                raise
    file_id = submission.file or derived_id(submission.entry_id, "file")
    if submission.file is None and is_gone(file_id):  # no new keys for what was ended
        raise NotFound
    entry = _checked(submission, file_id, agency, zone, by, at)
    if allowed.action == "write_urgent" and (waits := not_urgent(entry)):
        raise Refused(waits)
    task = None if submission.file is None else task_of(entry, on=allowed.action)
    if submission.file is None:
        keyring.mint_file_keys(file_id=file_id, agency_id=agency.id)  # the keyring commits first (design §5)
    return _Ready(submission, kind, agency, entry, mark_of(submission, entry), allowed.stream, task)


def _allow(submission: Submission, kind: Kind, agency: Agency, *, by: User, at: datetime) -> Allowed:
    """Decide; what corrects a confidential part is for those to whom that part is open."""
    amends, file = submission.amends, submission.file
    action = action_of(kind, file_id=file)
    corrects_confidential = amends and file and confidential_entry(amends, file_id=file)
    return allow(
        action, file_id=file, agency=agency, by=by, at=at, act=submission.form,
        field_class="confidential" if corrects_confidential else "case",
        or_actions=[*or_actions(kind, amends=amends), *typed_actions(kind.form, amends=amends)],
    )  # fmt: skip


def _written(ready: _Ready, *, base: int | None) -> Submitted:
    file = _locked(ready)
    if (earlier := Entry.objects.filter(id=ready.entry.id).first()) is not None:
        return _same_again(earlier, ready.entry, ready.mark)
    guard(file, ready.kind, ready.entry, base=base)
    return _write(file, ready)


def _of_number(number: int, refused: Refused) -> list[Unmet]:
    """What was refused of one submission among several. What is no list of things to mend goes on as it is."""
    if type(refused) not in (Refused, Conflict):
        raise refused
    return [replace(one, question=f"{number}.{one.question}") for one in refused.unmet]


def _checked(
    submission: Submission, file_id: UUID, agency: Agency, zone: ZoneInfo, by: User, at: datetime
) -> OpenEntry:
    """The submission as an entry, its answers in their one spelling. Raises Refused with every problem at its question."""
    today = clock.local_day(_first_received(submission.entry_id) or at, zone)
    if submission.version:
        form = form_in_version(submission.version, code=submission.form)
    else:
        form = form_in_force(submission.form, agency_id=agency.id, day=today)
    checked = check(form, submission.answers, today=today)
    happened_at, done_by = submission.happened_at or at, submission.done_by or by
    problems = [
        *problems_of_time(happened_at, at),
        *checked.problems,
        *problems_of_attached(form, checked.answers, file_id=file_id, by=by),
    ]
    if done_by != by and not access.memberships_on(done_by, today).filter(agency=agency).exists():
        problems.append(Unmet("not_here", say("Choose somebody who works here."), "R112", "done_by"))
    if problems:
        raise Refused(*problems)
    return OpenEntry(
        id=submission.entry_id, file_id=file_id, revision=0, form=form, answers=checked.answers,
        by_id=by.id, done_by_id=done_by.id, happened_at=happened_at,
        happened_on=clock.local_day(happened_at, zone), received_at=at, precision=submission.precision,
        written_at=submission.written_at, about=submission.about, amends=submission.amends,
    )  # fmt: skip


def _first_received(entry_id: UUID) -> datetime | None:
    """When an entry was received that is sent again: its answers are judged by that day, and so are the same again."""
    return Entry.objects.filter(id=entry_id).values_list("received_at", flat=True).first()


def _locked(ready: _Ready) -> CaseFile:
    """The file, made where this entry opens it, and locked until the transaction ends: revisions have one order."""
    entry = ready.entry
    if ready.submission.file is None:
        CaseFile.objects.bulk_create(
            [CaseFile(id=entry.file_id, agency=ready.agency, opened_on=entry.happened_on)],
            ignore_conflicts=True,
        )
    return CaseFile.objects.select_for_update().get(id=entry.file_id)


def _same_again(earlier: Entry, entry: OpenEntry, mark: bytes) -> Submitted:
    """The answer to an id that was used before: the same result for the same submission. Raises NotFound, Conflict."""
    if earlier.by_id != entry.by_id:
        raise NotFound
    if (
        earlier.file_id != entry.file_id
        or earlier.form_code != entry.form.code
        or bytes(earlier.keyed_hash) != mark
    ):
        raise Conflict(
            Unmet(
                "id_used",
                say("This was sent already with other answers. Open the form again and send it anew."),
            )
        )
    return Submitted(earlier.file_id, earlier.id, earlier.revision, repeated=True)


def _write(file: CaseFile, ready: _Ready) -> Submitted:
    take_up_changes(file, at=ready.entry.received_at)
    file.revision += 1
    warnings = tuple(ready.kind.warn(ready.entry))
    given = {} if ready.entry.amends else ready.kind.give(ready.entry)
    entry = with_given(replace(ready.entry, revision=file.revision), given)
    seal_entry(entry, keyed_hash=ready.mark).save(force_insert=True)
    send_attached(entry.form, entry.answers, file_id=file.id, entry_id=entry.id, by=entry.by_id)
    file.save(update_fields=["revision"])
    if ready.submission.file is None:
        _assign_to_whoever_opened(entry, file)
    apply(entry)
    end_what_is_over(entry)
    look_after_typing(entry, task=ready.typing)
    Draft.objects.filter(entry_id=entry.id, user_id=entry.by_id).delete()
    audit.record(
        act=entry.form.code, by=entry.by_id, at=entry.received_at, file_id=file.id, entry_id=entry.id,
        stream=ready.stream, revision=entry.revision,
    )  # fmt: skip
    return Submitted(file.id, entry.id, entry.revision, warnings=warnings)


def _assign_to_whoever_opened(entry: OpenEntry, file: CaseFile) -> None:
    """Whoever records the identification is the responsible caseworker until somebody else is (R104)."""
    worker = User.objects.get(id=entry.done_by_id)
    day = clock.local_day(entry.received_at, access.zone_of(file.agency))
    team = access.team_of(worker, day, agency_id=file.agency_id)
    if team is None:
        raise Refused(
            Unmet(
                "no_team",
                say("{who} belongs to no team. An administrator can add them to one.", who=worker.name),
            )
        )
    assign(file_id=entry.file_id, user=worker, team=team, since=entry.happened_on)


def mark_of(submission: Submission, entry: OpenEntry) -> bytes:
    """A mark of everything that was sent, keyed by the file, so that it tells nothing to who reads the database."""
    sent = {
        "form": submission.form, "answers": entry.answers, "happened_at": str(submission.happened_at or ""),
        "precision": submission.precision, "done_by": str(entry.done_by_id), "about": str(submission.about or ""),
        "amends": str(submission.amends or ""),
    }  # fmt: skip
    return sealing.keyed_hash(json.dumps(sent, sort_keys=True).encode(), file=entry.file_id)
