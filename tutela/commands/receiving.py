"""A referral that is received here by a colleague of the organisation that was asked: sent, read, ended (R42, §20)."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from uuid import UUID

from tutela.access import queries as access
from tutela.access.deciding import decide
from tutela.access.granting import could_receive, end_packet, send_packet
from tutela.access.models import Grant, User
from tutela.access.receiving import as_recipient, packets_of, recipients_on
from tutela.audit import actions as audit
from tutela.cases.entries import OpenEntry
from tutela.cases.models import CaseFile, Entry
from tutela.closure.queries import death_of, is_closed
from tutela.commands.acting import act
from tutela.commands.deciding import allow
from tutela.foundation import clock
from tutela.foundation.refusals import NotFound, Refused, Unmet
from tutela.foundation.words import say
from tutela.published.queries import pack_in_force
from tutela.referral.queries import SERVICE_FORMS, Course, consent_was_taken_back, referral_of
from tutela.referral.receiving import agency_asked, roles_receiving, still_stands


@dataclass(frozen=True)
class Received:
    """A referral as it lies before whoever receives it."""

    file: CaseFile
    course: Course
    grant: Grant


def send_referral(
    grant_id: UUID, file_id: UUID, referral_id: UUID, *, to: str, until: date, by: User, at: datetime
) -> None:
    """Let a colleague of the organisation that was asked read here what a referral told, and answer, until a day.

    `to`: the name they sign in with. Raises NotFound, Forbidden, and Refused where it is over, where nobody there works
    with this system, for somebody who cannot receive it, and for too long.
    """

    def send() -> None:
        file = CaseFile.objects.select_for_update(of=("self",)).select_related("agency").get(id=file_id)
        day = clock.local_day(at, access.zone_of(file.agency))
        course = referral_of(referral_id, file_id=file_id)
        agency = agency_asked(course)
        if agency is None or not _is_open(course, day=day):
            words = say("This referral cannot be received here any more. Look at where it stands.")
            raise Refused(Unmet("over", words, "R41, R42"))
        send_packet(
            grant_id, file_id, referral_id, to=to, agency_id=agency, until=until, why=course.words, by=by, day=day,
            pack=pack_in_force(file.agency_id, day), roles=roles_receiving(course),
        )  # fmt: skip

    act("packet.sent", send, by=by, at=at, action="write", file_id=file_id, grant=str(grant_id))


def end_referral(file_id: UUID, referral_id: UUID, *, by: User, at: datetime) -> None:
    """Nobody receives this referral here any more. Raises NotFound where nobody did."""
    day = access.today_of(by, at=at)
    run = partial(end_packet, referral_id, file_id, by=by, day=day)
    act("packet.sending_ended", run, by=by, at=at, action="write", file_id=file_id, entry=str(referral_id))


def may_receive(course: Course, *, day: date) -> list[User]:
    """Who could receive this referral here, by name; nobody where it is over or nobody there works with this system."""
    agency = agency_asked(course)
    if agency is None or not _is_open(course, day=day):
        return []
    return could_receive(course.referral.file_id, agency, day, roles=roles_receiving(course))


def read_received(referral_id: UUID, *, verb: str, by: User, at: datetime) -> Received:
    """What `by` was sent, with the row in the log of the file that says that they read it.

    Raises NotFound, which leaves a row, for whatever was not sent to them or is over: nobody learns which.
    """
    entry = Entry.objects.filter(id=referral_id).select_related("file__agency").first()
    if entry is None:
        audit.record(act=verb, by=by.id, at=at, allowed=False, reason="there is no such referral")
        raise NotFound
    file = entry.file
    allowed = allow("answer_referral", file_id=file.id, agency=file.agency, by=by, at=at, act=verb)
    day = clock.local_day(at, access.zone_of(file.agency))
    grant = packets_of(by, day).filter(entry_id=referral_id).first()
    course = referral_of(referral_id, file_id=file.id) if grant else None
    if grant is None or course is None or not _is_open(course, day=day):
        audit.record(
            act=verb, by=by.id, at=at, file_id=file.id, allowed=False, stream=allowed.stream, reason="not sent to them, or over"
        )  # fmt: skip
        raise NotFound
    audit.record(act=verb, by=by.id, at=at, file_id=file.id, stream=allowed.stream, entry=str(referral_id))
    return Received(file, course, grant)


def received_by(user: User, *, day: date) -> list[Received]:
    """Every referral that `user` receives and that still stands, the first to end first. The page leaves the row."""
    sent = list(packets_of(user, day).order_by("until", "id"))
    files = CaseFile.objects.select_related("agency").in_bulk({one.file_id for one in sent})
    found = [
        Received(files[one.file_id], referral_of(one.entry_id, file_id=one.file_id), one)
        for one in sent
        if one.entry_id and not _is_shut(user, files[one.file_id], day)
    ]
    return [one for one in found if _is_open(one.course, day=day)]


def was_sent(entry_id: UUID, *, by: User) -> bool:
    """Whether `by` sent this very answer for a service before, which may have ended what they could read."""
    return Entry.objects.filter(id=entry_id, by=by, form_code__in=SERVICE_FORMS).exists()


def end_what_is_over(entry: OpenEntry) -> None:
    """After an entry that settled a referral, closed the case or took a consent back: it ends for good (R13, R41).

    Whatever else keeps it from being read, such as a consent that ran out, may pass. Not replayed: a grant is no fact.
    """
    agency = CaseFile.objects.select_related("agency").get(id=entry.file_id).agency
    day = clock.local_day(entry.received_at, access.zone_of(agency))
    for referral_id in recipients_on(entry.file_id, day):
        course = referral_of(referral_id, file_id=entry.file_id)
        if _has_ended(entry.file_id) or course.is_settled or consent_was_taken_back(course, day=day):
            end_packet(referral_id, entry.file_id, by=User.objects.get(id=entry.by_id), day=day)


def _is_open(course: Course, *, day: date) -> bool:
    return not _has_ended(course.referral.file_id) and still_stands(course, day=day)


def _has_ended(file_id: UUID) -> bool:
    return is_closed(file_id) or death_of(file_id) is not None


def _is_shut(user: User, file: CaseFile, day: date) -> bool:
    """Whether the table gives `user` nothing of what was sent: their role has ended, or a barrier stands."""
    roles, relations = as_recipient(user, file_id=file.id, agency_id=file.agency_id, day=day)
    return not decide(roles=roles, relations=relations, action="answer_referral").allowed
