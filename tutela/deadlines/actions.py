"""After every entry, and when the pack changes: what is due now, what was met, and what no longer counts.

A deadline whose time has passed stays as it is, however the risk level changes (R23). One that a change of the risk level
would put into the past falls at the end of the day of that change instead.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from tutela.access.queries import zone_of
from tutela.cases.entries import OpenEntry
from tutela.cases.models import CaseFile, Entry
from tutela.cases.queries import began_with
from tutela.deadlines.by_step import assessment, consent, follow_up, planning, referral
from tutela.deadlines.models import Deadline, Recount
from tutela.deadlines.rules import due
from tutela.deadlines.timeline import Event, Timeline, timeline_of
from tutela.deadlines.wanted import Source, Wanted
from tutela.foundation.clock import end_of_day, local_day
from tutela.foundation.ids import derived_id
from tutela.foundation.remembering import remembering
from tutela.published.queries import Term, term_at, terms
from tutela.vault import sealing

# What steps ask for beside the limits of the timeline.
SOURCES: tuple[Source, ...] = (
    consent.wanted, assessment.wanted, planning.wanted, referral.wanted, follow_up.wanted,
)  # fmt: skip


def refresh(entry: OpenEntry) -> None:
    """Bring the deadlines of a file up to its facts, after `entry` was applied. Reads entries and facts only, no clock."""
    file = CaseFile.objects.select_related("agency").get(id=entry.file_id)
    zone = zone_of(file.agency)
    term, counted = _term_of(file, entry, zone)
    with remembering():  # from here on facts are only read
        line = timeline_of(file.id)
        wanted = _all_wanted(file.id, line, term, zone)
    for row in Deadline.objects.filter(file_id=file.id, ended_by__isnull=True):
        same = wanted.pop((row.step, row.entry_id), None)
        if row.met_by_id:
            if same and _was_not_met(row, same, entry):
                _supersede(row, entry)
                _start(same, entry, zone)
        elif same is None:
            _settle(row, entry, line)
        elif same.met:
            _meet(row, same.met.entry_id)
        elif not _says_the_same(row, same) and (_may_be_late(same, entry) or not _has_passed(row, entry)):
            _supersede(row, entry)
            _start(same, entry, zone)
    for one in wanted.values():
        was_done_before = one.met is not None and one.anchor.revision <= counted
        if not was_done_before:  # nobody is held to a limit that came after the deed
            _start(one, entry, zone)


@dataclass(frozen=True)
class PackChange:
    """Another pack begins to hold for a file: what ends and starts deadlines where no entry does."""

    id: UUID
    file_id: UUID
    received_at: datetime  # when it began


def recount(file: CaseFile, term: Term) -> None:
    """Work out the deadlines of a file by another pack, once (ADR 0022). The file is locked, its entries up to now applied.

    What has passed by then stays as it is, and what was met stays met (R23).
    """
    if not Recount.objects.filter(file=file, change_id=term.number).exists():
        Recount.objects.create(file=file, change_id=term.number, after_revision=file.revision)
        replay_recount(file, term, after_revision=file.revision)


def replay_recount(file: CaseFile, term: Term, *, after_revision: int) -> None:
    """What `recount` makes of the facts as they are, after the entry at that revision. Reads no clock."""
    zone = zone_of(file.agency)
    change = PackChange(derived_id(file.id, f"pack {term.number}"), file.id, term.began)
    newest = Entry.objects.get(file=file, revision=after_revision)
    wanted = _all_wanted(file.id, timeline_of(file.id), term, zone)
    for row in Deadline.objects.filter(file_id=file.id, ended_by__isnull=True):
        same = wanted.pop((row.step, row.entry_id), None)
        if row.met_by_id or _has_passed(row, change) or (same and _says_the_same(row, same)):
            continue
        row.ended_by, row.ended_by_pack_id = newest, term.number
        row.save(update_fields=["ended_by", "ended_by_pack"])
        if same:
            _start(same, change, zone)
    for one in wanted.values():
        if one.met is None:  # a limit that the pack before did not have, for what is still to be done
            _start(one, change, zone)


def _term_of(file: CaseFile, entry: OpenEntry, zone: ZoneInfo) -> tuple[Term, int]:
    """The pack that held when the entry was received, after a recount never one from before it; and after which revision
    there was the last recount (0: none)."""
    term = term_at(file.agency_id, entry.received_at, zone)
    before = {
        one.change_id: one.after_revision
        for one in Recount.objects.filter(file=file, after_revision__lt=entry.revision)
    }
    if not before:
        return term, 0
    counted = [one for one in terms(file.agency_id, zone) if one.number in before]
    return max([term, *counted], key=lambda one: (not one.is_first, one.began)), max(before.values())


def _all_wanted(file_id: UUID, line: Timeline, term: Term, zone: ZoneInfo) -> dict[tuple[str, UUID], Wanted]:
    """What the facts call for, with what people agreed on instead, by limit and by the entry it is counted from."""
    agreed = follow_up.as_agreed(file_id, _wanted(file_id, line, term, zone), line=line, zone=zone)
    return {(one.step, one.anchor.entry_id): one for one in agreed}


def _wanted(file_id: UUID, line: Timeline, term: Term, zone: ZoneInfo) -> Iterator[Wanted]:
    if line.died:
        return  # whatever asks for it: nothing is due for a child who has died (R54)
    pack = term.pack
    for one in () if line.ended_before else due(line.clocks, pack=pack, zone=zone):
        step = one.rule.split(".", 2)[2]
        if (line.closed is None) == (step == "post_closure_follow_up") or line.follow_up_refused:
            continue
        anchor = _anchors(line)[step]
        if anchor is None:
            raise LookupError(f"No event started the clock of {step}.")
        due_at, overdue_after = one.due_at, one.overdue_after
        if line.risk_set and anchor.revision < line.risk_set.revision and overdue_after < line.risk_set.at:
            due_at = overdue_after = end_of_day(local_day(line.risk_set.at, zone), zone)
        if not term.is_first and anchor.at < term.began and overdue_after < term.began:
            due_at = overdue_after = end_of_day(local_day(term.began, zone), zone)
        yield Wanted(
            step,
            anchor,
            due_at,
            overdue_after,
            one.rule,
            one.citation,
            one.pack_hash,
            _met(step, anchor, line, immediate=one.due_at == anchor.at),
        )
    for source in SOURCES:
        yield from source(file_id, line, pack, zone)


def _anchors(line: Timeline) -> dict[str, Event | None]:
    """The event that each deadline is counted from."""
    last_contact = max(line.contacts, key=lambda one: one.revision, default=None)
    return {
        "registration": line.referred, "initial_assessment": line.registered, "assessment.start": line.registered,
        "assessment.finish": line.registered, "case_plan": line.assessed, "implementation": line.planned,
        "follow_up": last_contact or line.first_risk_set, "review": line.last_review or line.planned,
        "post_closure_follow_up": line.closed,
    }  # fmt: skip


def _met(step: str, anchor: Event, line: Timeline, *, immediate: bool = False) -> Event | None:
    """The event that met a deadline, in whatever order things were written down (R111).

    A duty to begin assessing at once is met by the initial assessment of the same day (R28).
    """
    same_day = (
        line.begun_assessing
        if immediate and line.begun_assessing and line.begun_assessing.day <= anchor.day
        else None
    )
    after_closing = next((one for one in line.contacts if one.revision > anchor.revision), None)
    return {
        "registration": line.registered, "initial_assessment": line.assessed,
        "assessment.start": line.comprehensive or same_day, "assessment.finish": line.comprehensive_finished,
        "case_plan": line.planned, "implementation": line.implementing, "post_closure_follow_up": after_closing,
    }.get(step)  # fmt: skip


# What follows a rhythm is met by the next of its kind, which starts the next deadline.
_MET_BY_NEXT = {
    "follow_up": ("follow_up.contact", "follow_up.family_visit"), "review": ("follow_up.review",),
    "urgent_answer": ("consent.urgent_answer",),
    "withdrawal_decision": ("consent.withdrawal_decision",), "plan_action": ("planning.plan",),
}  # fmt: skip


def _may_be_late(wanted: Wanted, entry: OpenEntry) -> bool:
    """A deadline that has passed gives way to a correction, and to being set aside with a reason (R114)."""
    return entry.amends is not None or wanted.aside == entry.id


def _was_not_met(row: Deadline, wanted: Wanted, entry: OpenEntry) -> bool:
    """Whether a correction shows that the entry it corrects did not meet this deadline after all."""
    if entry.amends is None or row.met_by_id != began_with(Entry.objects.get(id=entry.id)).id:
        return False
    return wanted.met is None or wanted.met.entry_id != row.met_by_id


def _settle(row: Deadline, entry: OpenEntry, line: Timeline) -> None:
    """A deadline that the facts no longer call for was met by its next of kind, or is superseded.

    Where only the risk level no longer calls for it, and its time has passed, it stays until it is met (R23).
    """
    anchor = _anchors(line).get(row.step)
    if entry.form.code in _MET_BY_NEXT.get(row.step.partition(":")[0], ()) and not entry.amends:
        _meet(row, entry.id)
    elif (
        line.died
        or line.closed
        or line.ended_before
        or anchor is None
        or anchor.entry_id != row.entry_id
        or not _has_passed(row, entry)
    ):
        _supersede(row, entry)
    elif met := _met(row.step, anchor, line):
        _meet(row, met.entry_id)


def _meet(row: Deadline, entry_id: UUID) -> None:
    row.met_by_id = entry_id
    row.save(update_fields=["met_by"])


def _supersede(row: Deadline, entry: OpenEntry) -> None:
    row.ended_by_id = entry.id
    row.save(update_fields=["ended_by"])


def _has_passed(row: Deadline, cause: OpenEntry | PackChange) -> bool:
    return _overdue_after(row) < cause.received_at


def _says_the_same(row: Deadline, wanted: Wanted) -> bool:
    told = row.contents
    due_at = datetime.fromisoformat(told["due_at"])
    return (due_at, _overdue_after(row), told["rule"], told.get("aside", "")) == (
        wanted.due_at,
        wanted.overdue_after,
        wanted.rule,
        wanted.reason,
    )


def _overdue_after(row: Deadline) -> datetime:
    return datetime.fromisoformat(row.contents["overdue_after"])


def _start(one: Wanted, cause: OpenEntry | PackChange, zone: ZoneInfo) -> None:
    row = derived_id(cause.id, f"{Deadline.LABEL} {one.step} {one.anchor.entry_id}")
    told = {
        "due_at": one.due_at.isoformat(), "overdue_after": one.overdue_after.isoformat(),
        "rule": one.rule, "citation": one.citation, "pack": one.pack_hash,
    } | ({"aside": one.reason} if one.aside else {})  # fmt: skip
    Deadline.objects.create(
        id=row, file_id=cause.file_id, entry_id=one.anchor.entry_id, met_by_id=one.met.entry_id if one.met else None,
        step=one.step, due_on=local_day(one.due_at, zone), overdue_on=local_day(one.overdue_after, zone),
        sealed=sealing.seal(told, file=cause.file_id, seal_class=Deadline.SEAL, row=row, label=Deadline.LABEL),
    )  # fmt: skip
