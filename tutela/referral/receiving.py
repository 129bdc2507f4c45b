"""A colleague of the organisation that was asked receives a referral here: exactly what it told, for as long as it stands.

Naming them writes a grant in `access`. Whether what they were sent still stands is asked of the file each time (R13, R42).
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from tutela.access.granting import RECEIVE
from tutela.access.models import Role, User
from tutela.access.queries import zone_of
from tutela.access.receiving import recipients_on
from tutela.cases.entries import OpenEntry
from tutela.cases.models import CaseFile
from tutela.cases.queries import agency_id_of, current_person, people_around
from tutela.consent.queries import TRACING
from tutela.consent.rules import NOT_ASKED_MARKS
from tutela.foundation.clock import local_day
from tutela.referral.queries import SERVICE_FORMS, Course, consent_stands, packet_of, referrals
from tutela.service_directory.queries import agency_offering, has_concern

_REACHING = frozenset({"caregiver", "safe_contact"})  # of the list packet_field: whom to speak to, and how


def agency_asked(course: Course) -> UUID | None:
    """The agency of this installation that was asked, where the directory says that the service is one of its own.

    Only what was asked with a packet can be received; what was said by phone was said.
    """
    if course.told["done"] or not course.told.get("service"):
        return None
    return agency_offering(UUID(course.told["service"]), agency_id=agency_id_of(course.referral.file_id))


def roles_receiving(course: Course) -> Sequence[str]:
    """Who receives a referral at the agency that was asked; where family is looked for, a tracing officer too (§20)."""
    return (*RECEIVE, Role.TRACING_OFFICER) if course.purpose == TRACING else RECEIVE


def still_stands(course: Course, *, day: date) -> bool:
    """Whether what was told may be read on `day` by whoever receives it.

    No longer once the referral is settled or cancelled (R41), once the consent it rests on does not count any more (R13),
    where the adult it is about carries a safety mark by now (R109), or a safety concern stands about the service (R123);
    what cannot wait does not rest on consent and passes that.
    """
    file_id, about = course.referral.file_id, course.referral.entry.about
    if course.is_settled or not consent_stands(course, day=day):
        return False
    if course.rests_on_consent and course.told.get("service") and has_concern(UUID(course.told["service"])):
        return False
    person = current_person(file_id, about) if about else None
    return person is None or not NOT_ASKED_MARKS & set(person.contents.get("safety_mark", []))


def received_packet(course: Course) -> tuple[dict[str, str], bool]:
    """What the recipient reads: exactly what was told, and whether anything of it is held back.

    Whom to reach and how is held back once somebody around the child was given a safety mark after it was told (R109).
    """
    told = packet_of(course)
    since = course.referral.entry.revision
    marked = any(
        NOT_ASKED_MARKS & set(one.contents.get("safety_mark", [])) and one.entry.revision > since
        for one in people_around(course.referral.file_id)
    )
    shown = {field: words for field, words in told.items() if not (marked and field in _REACHING)}
    return shown, len(shown) < len(told)


def sent_to(entry: OpenEntry) -> Sequence[Course]:
    """The referrals of a file that whoever writes `entry` receives just now, the oldest first."""
    agency = CaseFile.objects.select_related("agency").get(id=entry.file_id).agency
    day = local_day(entry.received_at, zone_of(agency))
    own = {one for one, grant in recipients_on(entry.file_id, day).items() if grant.user_id == entry.by_id}
    return [one for one in referrals(entry.file_id) if one.id in own and still_stands(one, day=day)]


def said_by(user: User, course: Course) -> list[UUID]:
    """The entries in which `user` answered for the service, the oldest first."""
    said = [one.entry for one in (*course.answers, *course.outcomes) if one.entry.by_id == user.id]
    return [one.id for one in sorted(said, key=lambda one: one.revision) if one.form_code in SERVICE_FORMS]
