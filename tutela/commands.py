"""The one write path (design §2): decide → validate → unmet? → write the entry → apply facts → refresh deadlines → audit row.

Everything anybody writes on a file comes through `submit`; everything else anybody does comes through `act`. Each is one
transaction, and where its audit row cannot be written, nothing was done.
"""

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Any, NoReturn, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from tutela.access import queries as access
from tutela.access.actions import assign
from tutela.access.deciding import Action, decide
from tutela.access.models import Agency, User
from tutela.assessment.actions import KINDS as ASSESSMENT
from tutela.audit import actions as audit
from tutela.cases import drafts
from tutela.cases.actions import KINDS as CASES
from tutela.cases.actions import end_facts_of, facts_on, forget_facts
from tutela.cases.drafts import OpenDraft, Place
from tutela.cases.entries import Kind, OpenEntry, Precision, seal_entry, with_given
from tutela.cases.finding import find_files
from tutela.cases.models import CaseFile, Draft, Entry
from tutela.cases.queries import current_person, entries_of, last_entry
from tutela.closure.actions import KINDS as CLOSURE
from tutela.closure.queries import is_closed
from tutela.consent.actions import KINDS as CONSENT
from tutela.deadlines.actions import refresh
from tutela.follow_up.actions import KINDS as FOLLOW_UP
from tutela.forms.answers import check
from tutela.forms.definition import Answers, Form
from tutela.foundation import clock
from tutela.foundation.ids import derived_id
from tutela.foundation.refusals import Conflict, Forbidden, NotFound, Refused, Unmet
from tutela.foundation.words import Words, say
from tutela.intake.actions import KINDS as INTAKE
from tutela.planning.actions import KINDS as PLANNING
from tutela.published.queries import form_in_force, form_version, titles_in_force
from tutela.supervision.actions import files_to_search, search_for_existing
from tutela.supervision.actions import judge_match as judge
from tutela.vault import keyring, sealing
from tutela.vault.errors import NoKeys, Tampered

KINDS: dict[str, Kind] = {
    kind.form: kind
    for step in (CASES, CONSENT, INTAKE, ASSESSMENT, PLANNING, FOLLOW_UP, CLOSURE)
    for kind in step
}
_Result = TypeVar("_Result")
logger = logging.getLogger(__name__)


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


def submit(submission: Submission, *, by: User, at: datetime) -> Submitted:
    """Write one entry on a file.

    Raises NotFound for what `by` may not know of, Forbidden for what they may not do, Conflict for a stale base or an id
    that was used for something else, Refused with everything that is missing or wrong, Unavailable while files are locked.
    A refusal stores nothing and frees the id.
    """
    kind = _kind(submission.form, file_id=submission.file)
    if kind.opens_file and (submission.file is None) == (submission.amends is not None):
        raise NotFound  # an identification opens a file, or corrects the one that opened it
    agency, zone = _place_of_work(submission.file, by=by, at=at, act=submission.form)
    file_id = submission.file or derived_id(submission.entry_id, "file")
    _allow(
        _action(kind, submission.file),
        file_id=submission.file,
        agency=agency,
        by=by,
        at=at,
        act=submission.form,
    )
    entry = _checked(submission, file_id, agency, zone, by, at)
    if submission.file is None:
        keyring.mint_file_keys(file_id=file_id, agency_id=agency.id)  # the keyring commits first (design §5)
    mark = _keyed_hash(submission, entry)
    with transaction.atomic():
        file = _locked(submission, file_id, agency, entry)
        if (earlier := Entry.objects.filter(id=entry.id).first()) is not None:
            return _same_again(earlier, entry, mark)
        return _write(file, kind, submission, entry, mark)


def form_for(code: str, *, file_id: UUID | None, by: User, at: datetime) -> Form:
    """The form in force, for somebody who is about to write on it. Raises NotFound, Forbidden."""
    kind = _kind(code, file_id=file_id)
    agency, zone = _place_of_work(file_id, by=by, at=at, act=code)
    _allow(_action(kind, file_id), file_id=file_id, agency=agency, by=by, at=at, act=code)
    return form_in_force(code, agency_id=agency.id, day=clock.local_day(at, zone))


def form_in_version(version: str, *, code: str) -> Form:
    """The form `code` in the version somebody began with. Raises Refused for one that never was, or is of another form."""
    try:
        form = form_version(version)
    except NotFound:
        form = None
    if form is None or form.code != code:
        raise Refused(
            Unmet("unknown_version", say("This version of the form was never in use. Open the form again."))
        )
    return form


def answers_to_begin_with(place: Place) -> Answers:
    """What a fresh form starts from: for what goes on from entry to entry, the answers of the last one."""
    if (
        not place.file
        or not KINDS[place.form].continues
        or (place.form == "cases.person" and not place.about)
    ):
        return {}
    last = last_entry(place.form, file_id=place.file, about=place.about)
    return last.answers if last else {}


def keep_draft(place: Place, draft: OpenDraft, *, by: User, at: datetime) -> None:
    """Keep what somebody typed and did not send. The first time leaves an audit row; each keystroke does not.

    A draft that its own entry has overtaken is let go. Raises NotFound where the id is somebody else's.
    """
    keyring.mint_user_key(by.id)  # the keyring commits first (design §5)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(id=by.id)  # two windows of one person take turns
        kept = Draft.objects.filter(entry_id=draft.entry_id).first()
        if kept and kept.user_id != by.id:
            raise NotFound
        if Entry.objects.filter(id=draft.entry_id).exists():
            return
        drafts.keep_draft(place, draft, by=by, at=at)
        if kept is None:
            audit.record(act="draft.kept", by=by.id, at=at, file_id=place.file, form=place.form)


def act(
    verb: str,
    run: Callable[[], _Result],
    *,
    by: User | None,
    at: datetime,
    file_id: UUID | None = None,
    **detail: Any,
) -> _Result:
    """Do something that is no entry on a file, in one transaction with its audit row."""
    with transaction.atomic():
        result = run()
        audit.record(act=verb, by=by.id if by else None, at=at, file_id=file_id, **detail)
    return result


def read(verb: str, file_id: UUID, *, by: User, at: datetime, **detail: Any) -> CaseFile:
    """A file for somebody who may read it, with the row that says so before the page is sent. Raises NotFound."""
    file = CaseFile.objects.filter(id=file_id).select_related("agency", "case").first()
    if file is None:
        _nothing_there(by=by, at=at, act=verb, file_id=file_id)
    _allow("read", file_id=file.id, agency=file.agency, by=by, at=at, act=verb)
    audit.record(act=verb, by=by.id, at=at, file_id=file.id, **detail)
    return file


def look_for_existing_files(*, at: datetime) -> None:
    """The worker's part of R6: search the agency of every child registered since the last time."""
    for file_id in files_to_search():
        try:
            act(
                "file.searched", partial(search_for_existing, file_id, at=at), by=None, at=at, file_id=file_id
            )
        except (NoKeys, Tampered) as error:  # one unreadable file does not keep the others waiting
            logger.error("A file could not be searched for: %s", type(error).__name__)


def judge_match(match_id: int, *, verdict: str, by: User, at: datetime) -> None:
    """A supervisor says whether two files are of one child (R6). Raises NotFound, which leaves a row."""
    run = partial(judge, match_id, verdict=verdict, by=by, at=at)
    try:
        act("match.judged", run, by=by, at=at, match=match_id, verdict=verdict)
    except NotFound:
        audit.record(act="match.judged", by=by.id, at=at, allowed=False, match=match_id)
        raise


def read_list(verb: str, *, by: User, at: datetime, files: int) -> None:
    """Leave the row that says that somebody looked at a list, before it is sent. `files`: how many were on it."""
    audit.record(act=verb, by=by.id, at=at, files=files)


def find(query: str, *, by: User, at: datetime) -> list[UUID]:
    """The files within the reach of `by` that match a name or a code. The search leaves a row; what it was for does not."""
    day = access.today_of(by, at=at)
    agency = access.agency_of(by, day)
    if agency is None:
        _nothing_there(by=by, at=at, act="find")
    _allow("find", file_id=None, agency=agency, by=by, at=at, act="find")
    found = find_files(query, by=by, day=day)
    audit.record(act="find", by=by.id, at=at, found=len(found))
    return found


def rights(file: CaseFile, *, by: User, at: datetime) -> set[str]:
    """What `by` may do on a file they can see: `write`, `agree`, and `confidential` for that section."""
    day = clock.local_day(at, access.zone_of(file.agency))
    roles = access.roles_on(by, day, agency_id=file.agency_id)
    relations = access.relations_to(by, file_id=file.id, agency_id=file.agency_id, day=day)
    actions: tuple[Action, ...] = ("write", "agree")
    may: set[str] = {
        action for action in actions if decide(roles=roles, relations=relations, action=action).allowed
    }
    if decide(roles=roles, relations=relations, action="read", field_class="confidential").allowed:
        may.add("confidential")
    return may


def form_titles(file: CaseFile, *, day: date) -> dict[str, dict[str, str]]:
    """The titles of the forms in force for a file, by code and language."""
    return titles_in_force(agency_id=file.agency_id, day=day)


def rebuild(file_id: UUID, *, keep: bool) -> list[str]:
    """Make every fact of a file again from its entries, and say what came out different. `keep`: leave it so."""
    with transaction.atomic():
        CaseFile.objects.select_for_update().get(id=file_id)
        before = facts_on(file_id)
        with transaction.atomic():
            forget_facts(file_id)
            for entry in entries_of(file_id):
                apply(entry)
            after = facts_on(file_id)
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


def _kind(code: str, *, file_id: UUID | None) -> Kind:
    """What the house does with a form. Raises NotFound for one that is not there, or that needs a file."""
    kind = KINDS.get(code)
    if kind is None or (file_id is None and not kind.opens_file):
        raise NotFound
    return kind


def _action(kind: Kind, file_id: UUID | None) -> Action:
    """Correcting how a child became known is writing on the file, not opening one."""
    return "write" if kind.opens_file and file_id else kind.action


def _place_of_work(file_id: UUID | None, *, by: User, at: datetime, act: str) -> tuple[Agency, ZoneInfo]:
    """The agency whose file it is, or the agency of whoever opens one. Raises NotFound, which leaves a row."""
    if file_id is None:
        agency = access.agency_of(by, at.date())
    else:
        file = CaseFile.objects.filter(id=file_id).select_related("agency").first()
        agency = file.agency if file else None
    if agency is None:
        _nothing_there(by=by, at=at, act=act, file_id=file_id)
    return agency, access.zone_of(agency)


def _nothing_there(*, by: User, at: datetime, act: str, file_id: UUID | None = None) -> NoReturn:
    """For a file that is not there, and for whoever works nowhere: the attempt leaves a row as any denial does."""
    reason = "there is no such file" if file_id else "works nowhere"
    audit.record(act=act, by=by.id, at=at, file_id=file_id, allowed=False, reason=reason)
    raise NotFound


def _allow(action: Action, *, file_id: UUID | None, agency: Agency, by: User, at: datetime, act: str) -> None:
    """Decide; a denial leaves its own audit row, and an outsider does not learn that the file exists."""
    day = clock.local_day(at, access.zone_of(agency))
    roles = access.roles_on(by, day, agency_id=agency.id)
    relations = access.relations_to(by, file_id=file_id, agency_id=agency.id, day=day)
    decision = decide(roles=roles, relations=relations, action=action)
    if decision.allowed:
        return
    audit.record(act=act, by=by.id, at=at, file_id=file_id, allowed=False, reason=decision.reason)
    if file_id is not None and not decide(roles=roles, relations=relations, action="read").allowed:
        raise NotFound
    raise Forbidden(Unmet("not_yours", _WHO_DOES[action]))


_WHO_DOES: dict[Action, Words] = {
    "open_file": say("Caseworkers record identifications. Tell one of your team what you know."),
    "read": say("This file is open to its responsible caseworker and their supervisor."),
    "write": say("The responsible caseworker writes on this file. Tell them what you know."),
    "agree": say("The supervisor of the team decides this. Ask them."),
    "find": say("Caseworkers and their supervisors look for files. Ask one of your team."),
}


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
    problems = [*_problems_of_time(happened_at, at), *checked.problems]
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


def _problems_of_time(happened_at: datetime, at: datetime) -> Iterator[Unmet]:
    """Nothing has happened that is still to come, nor before anybody kept such files (R112)."""
    if happened_at > at:
        yield Unmet(
            "future", say("This has not happened yet. Enter when it happened."), "R112", "happened_at"
        )
    if happened_at.year < _FIRST_YEAR:
        yield Unmet(
            "out_of_range", say("This is too long ago. Look at the year again."), "R112", "happened_at"
        )


_FIRST_YEAR = 1990


def _locked(submission: Submission, file_id: UUID, agency: Agency, entry: OpenEntry) -> CaseFile:
    """The file, made where this entry opens it, and locked until the transaction ends: revisions have one order."""
    if submission.file is None:
        CaseFile.objects.bulk_create(
            [CaseFile(id=file_id, agency=agency, opened_on=entry.happened_on)], ignore_conflicts=True
        )
    return CaseFile.objects.select_for_update().get(id=file_id)


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


def _write(file: CaseFile, kind: Kind, submission: Submission, entry: OpenEntry, mark: bytes) -> Submitted:
    _guard(file, kind, submission, entry)
    file.revision += 1
    entry = with_given(replace(entry, revision=file.revision), {} if entry.amends else kind.give(entry))
    seal_entry(entry, keyed_hash=mark).save(force_insert=True)
    file.save(update_fields=["revision"])
    if submission.file is None:
        _assign_to_whoever_opened(entry, file)
    apply(entry)
    Draft.objects.filter(entry_id=entry.id, user_id=entry.by_id).delete()
    audit.record(
        act=entry.form.code,
        by=entry.by_id,
        at=entry.received_at,
        file_id=file.id,
        entry_id=entry.id,
        revision=entry.revision,
    )
    return Submitted(file.id, entry.id, entry.revision)


def _guard(file: CaseFile, kind: Kind, submission: Submission, entry: OpenEntry) -> None:
    """Refuse what is stale, wrongly amended, on a closed case, or missing something. All that is missing is said at once."""
    if (kind.needs_base or entry.amends) and submission.base != file.revision:
        raise Conflict(*_what_changed(file, submission.base))
    if entry.amends:
        _guard_amendment(kind, entry, file)
    if is_closed(file.id) and not kind.while_closed and not entry.amends:
        raise Refused(Unmet("closed", say("This case is closed. Reopen it first."), "R55; S2 §3.4-6"))
    if entry.about and current_person(file.id, entry.about) is None:
        words = say("This person is not on the file. Choose somebody who is.")
        raise Refused(Unmet("unknown_person", words, "R109"))
    if unmet := kind.unmet(entry):
        raise Refused(*unmet)


def _guard_amendment(kind: Kind, entry: OpenEntry, file: CaseFile) -> None:
    amended = Entry.objects.filter(file=file, id=entry.amends or entry.id).first()
    if amended is None or amended.form_code != kind.form:
        raise NotFound
    if not kind.amendable:
        raise Refused(
            Unmet(
                "never_amended",
                say("This is never changed afterwards. Write a new entry that says what is right."),
                "R112",
            )
        )
    if amended.about != entry.about:
        words = say("A correction is about the same person. Write a new entry about the other one.")
        raise Refused(Unmet("another_person", words, "R112"))
    if hasattr(amended, "amended_by"):
        raise Conflict(
            Unmet("amended_already", say("This was corrected already. Correct the newer entry instead."))
        )


def _what_changed(file: CaseFile, base: int | None) -> list[Unmet]:
    """The entries that came since the person looked."""
    newer = (
        Entry.objects.filter(file=file, revision__gt=base or 0)
        .select_related("form", "by")
        .order_by("-revision")
    )
    changes = [
        Unmet(
            "changed",
            say(
                "New since then: {title}, by {who}.",
                title=form_version(row.form_id).title["en"],
                who=row.by.name,
            ),
        )
        for row in newer[:_MOST_CHANGES]
    ]
    return [
        Unmet(
            "stale", say("This file changed after you opened it. Look at what is new, then send this again.")
        ),
        *changes,
    ]


_MOST_CHANGES = 10


def _assign_to_whoever_opened(entry: OpenEntry, file: CaseFile) -> None:
    """Whoever records the identification is the responsible caseworker until somebody else is (R104)."""
    worker = User.objects.get(id=entry.done_by_id)
    team = access.team_of(worker, entry.received_at.date(), agency_id=file.agency_id)
    if team is None:
        raise Refused(
            Unmet(
                "no_team",
                say("{who} belongs to no team. An administrator can add them to one.", who=worker.name),
            )
        )
    assign(file_id=entry.file_id, user=worker, team=team, since=entry.happened_on)


def _keyed_hash(submission: Submission, entry: OpenEntry) -> bytes:
    """A mark of everything that was sent, keyed by the file, so that it tells nothing to who reads the database."""
    sent = {
        "form": submission.form, "answers": entry.answers, "happened_at": str(submission.happened_at or ""),
        "precision": submission.precision, "done_by": str(entry.done_by_id), "about": str(submission.about or ""),
        "amends": str(submission.amends or ""),
    }  # fmt: skip
    return sealing.keyed_hash(json.dumps(sent, sort_keys=True).encode(), file=entry.file_id)
