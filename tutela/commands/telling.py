"""Notices by e-mail: neutral words and a reference, never a code, nor a name of a child or a colleague (R120, R121, R125).

The page is what counts; a notice only says that something is there. It is sent by the worker, outside of every
transaction, by whichever worker claims it first.
"""

import logging
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage

from tutela.access.deciding import roles_that_may
from tutela.access.models import EmergencyOpening, Role, RoleAsked, User
from tutela.access.office import those_who_are
from tutela.access.queries import zone_of
from tutela.commands.acting import act
from tutela.foundation import clock
from tutela.foundation.refusals import Conflict
from tutela.safeguarding.models import Told
from tutela.safeguarding.queries import to_be_noticed
from tutela.supervision import digests, emergencies
from tutela.supervision.models import Digest

logger = logging.getLogger(__name__)

_OPENED = (
    "Something was opened that you answer for. Its reference is {reference}. Please sign in and look at it by {day}.\n\n"
    "This notice names nobody, and cannot be answered."
)
_ROLE = (
    "Somebody is to have a role that reaches far, or was given one. Please sign in and look at it.\n\n"
    "This notice names nobody, and cannot be answered."
)
_TOLD = (
    "Something is there that you answer for. Its reference is {reference}. Please sign in and look at it.\n\n"
    "This notice names nobody, and cannot be answered."
)
_DIGEST = (
    "A new overview is there for you, of {since} to {until}. Please sign in and look at it.\n\n"
    "This notice names nobody, and cannot be answered."
)


def make_digests(*, at: datetime) -> None:
    """Make every digest that is due. Each is a row of its own: made once, however many workers there are."""
    for agency, since, until in digests.digests_due(at=at):
        run = partial(digests.make_digest, agency, since, until, at=at)
        try:
            act("digest.made", run, by=None, at=at, agency=str(agency.id), since=since.isoformat())
        except Conflict:  # another worker was faster
            continue


def send_notices(*, at: datetime) -> None:
    """Tell whoever answers for an opening, a digest, a role or a report that it is there, once. What fails is tried again."""
    for opening in EmergencyOpening.objects.filter(told_at__isnull=True).select_related("agency"):
        day = clock.local_day(opening.review_by, zone_of(opening.agency))
        words = _OPENED.format(reference=opening.reference, day=day.isoformat())
        _tell(opening, emergencies.told_of(opening, at=at), words, at=at)
    for digest in Digest.objects.filter(told_at__isnull=True).select_related("agency"):
        words = _DIGEST.format(since=digest.since.isoformat(), until=digest.until.isoformat())
        _tell(digest, _readers_of(digest, at=at), words, at=at)
    for told in to_be_noticed():
        words = _TOLD.format(reference=told.report.reference)
        _tell(told, [told.user] if told.user.is_active else [], words, at=at)
    for asked in RoleAsked.objects.filter(told_at__isnull=True).select_related("agency"):
        _tell(asked, _answer_for(asked, at=at), _ROLE, at=at)


def _answer_for(asked: RoleAsked, *, at: datetime) -> list[User]:
    """Whoever may agree to a role, but for whoever gave it and whom it is for."""
    day = clock.local_day(at, zone_of(asked.agency))
    roles = roles_that_may("agree_role")
    people = [one for role in roles for one in those_who_are(role, agency_id=asked.agency_id, day=day)]
    return list({one.id: one for one in people if one.id not in (asked.asked_by_id, asked.user_id)}.values())


def _readers_of(digest: Digest, *, at: datetime) -> list[User]:
    day = clock.local_day(at, zone_of(digest.agency))
    focal = those_who_are(Role.DATA_PROTECTION_FOCAL_POINT, agency_id=digest.agency_id, day=day)
    people = (*those_who_are(Role.SUPERVISOR, agency_id=digest.agency_id, day=day), *focal)
    return list({one.id: one for one in people}.values())


def _tell(
    row: EmergencyOpening | Digest | RoleAsked | Told, people: Iterable[User], words: str, *, at: datetime
) -> None:
    """Claim the row, send, and give it back where nothing at all could be sent: the next round tries again."""
    rows = type(row).objects.filter(id=row.id)
    if not rows.filter(told_at__isnull=True).update(told_at=at):
        return  # another worker is at it
    addresses = [one.email for one in people if one.email and settings.EMAIL_HOST]
    sent = [_sent(address, words) for address in addresses]
    if sent and not any(sent):
        rows.update(told_at=None)


def _sent(address: str, words: str) -> bool:
    """Whether one notice went out. Each by itself: nobody learns who else is told, and one bad address stops no other."""
    subject = f"{settings.INSTALLATION_NAME}: something waits for you"
    try:
        EmailMessage(subject, words, to=[address]).send()
    except (OSError, SMTPException) as error:  # the kind only: its words may hold an address
        logger.error("A notice could not be sent: %s", type(error).__name__)
        return False
    return True
