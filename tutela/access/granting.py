"""Opening a file, or its confidential section, to somebody for a time (R64, R86, R121). Called inside `commands.act`.

Who may is decided before; here it is seen to that it ends, and that nobody is named who cannot read the file anyway.
"""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from tutela.access.barriers import is_kept_from, keeps_apart
from tutela.access.models import Assignment, Grant, Role, User
from tutela.access.near import near_to, overseers_of
from tutela.access.office import those_who_are
from tutela.access.queries import approves_on, closed_files, find_user, grants_on
from tutela.access.rules import last_day
from tutela.foundation.refusals import NotFound, Refused, Unmet
from tutela.foundation.words import say
from tutela.protocols.packs import Pack
from tutela.vault import sealing

CONFIDENTIAL = Grant.Purpose.CONFIDENTIAL
REASON = Grant.Purpose.REASON
SAFEGUARDING = Grant.Purpose.SAFEGUARDING
BEST_INTERESTS = Grant.Purpose.BEST_INTERESTS
REFERRAL = Grant.Purpose.REFERRAL
_LABEL = "access.grant"  # permanent
RECEIVE = (Role.CASEWORKER, Role.SUPERVISOR)  # whatever is referred to their agency, where they are named


def open_for_reason(
    grant_id: UUID, file_id: UUID, *, purpose: Grant.Purpose, until: date, why: str, by: User, day: date, pack: Pack
) -> None:  # fmt: skip
    """Open a file to oneself until a day, for a reason. The same again changes nothing. Raises Refused for too long."""
    _keep(grant_id, file_id, by, purpose, until=until, why=why, by=by, day=day, pack=pack)


def name_for_confidential(
    grant_id: UUID, file_id: UUID, *, to: str, until: date, why: str, by: User, day: date, pack: Pack
) -> None:  # fmt: skip
    """Open the confidential section until a day to somebody else (`to`: the name they sign in with).

    It opens that section only: the rest of the file they must be able to read anyway. The same again changes nothing.
    Raises Refused for whoever could not read the file, for oneself, and for too long.
    """
    user = find_user(to)
    if user is None or user == by or user not in could_be_named(file_id, by=by, day=day):
        words = say("Choose a supervisor of this file, a manager or a focal point, and not yourself.")
        raise Refused(Unmet("cannot_be_named", words, "R86", "to"))
    _keep(grant_id, file_id, user, CONFIDENTIAL, until=until, why=why, by=by, day=day, pack=pack)


def name_reviewer(
    grant_id: UUID, file_id: UUID, *, to: str, until: date, why: str, by: User, day: date, pack: Pack
) -> None:  # fmt: skip
    """Open a file until a day to a best-interests reviewer, who reads it but for the confidential section (R64).

    `to`: the name they sign in with. The same again changes nothing. Raises Refused for anybody else, and for too long.
    """
    user = find_user(to)
    if user is None or user not in could_review(file_id, by=by, day=day):
        words = say("Choose a best-interests reviewer who does not work on this file.")
        raise Refused(Unmet("cannot_review", words, "R64, R103", "to"))
    _keep(grant_id, file_id, user, BEST_INTERESTS, until=until, why=why, by=by, day=day, pack=pack)


def could_review(file_id: UUID, *, by: User, day: date) -> list[User]:
    """To whom `by` may open a file for a review: reviewers of its agency, and nobody who works on it or is shut out of it."""
    current = Assignment.objects.filter(file_id=file_id, until__isnull=True).select_related("team").first()
    if current is None:
        return []
    reviewers = those_who_are(Role.BEST_INTERESTS_REVIEWER, agency_id=current.team.agency_id, day=day)
    working = {by, current.user, *approvers_of(file_id, day)}
    return [one for one in reviewers if one not in working and not _is_shut_out(one, current, day)]


def send_packet(
    grant_id: UUID, file_id: UUID, entry_id: UUID, *, to: str, agency_id: UUID, until: date, why: str, by: User, day: date,
    pack: Pack, roles: Collection[str] = RECEIVE,
) -> None:  # fmt: skip
    """Let a colleague of the agency that was asked read what a referral told, and answer, until a day (R42; §20).

    `entry_id`: the referral; `to`: the name they sign in with; `roles`: who receives such a referral. The same again
    changes nothing. Raises Refused for somebody who cannot receive it, where somebody does already, and for too long.
    """
    user = find_user(to)
    if user is None or user not in could_receive(file_id, agency_id, day, roles=roles):
        words = say("Choose somebody of the organisation that was asked who may receive this.")
        raise Refused(Unmet("cannot_receive", words, "R42, R105", "to"))
    sent = Grant.objects.select_for_update().filter(
        entry_id=entry_id, purpose=REFERRAL, ended_on__isnull=True
    )
    if any(one.id != grant_id and one.until >= day for one in sent):
        words = say("Somebody there reads it already. End that first.")
        raise Refused(Unmet("sent_already", words, "R42", "to"))
    sent.filter(until__lt=day).update(ended_on=day, ended_by=by)
    _keep(
        grant_id, file_id, user, REFERRAL, until=until, why=why, by=by, day=day, pack=pack, entry_id=entry_id,
        agency_id=agency_id,
    )  # fmt: skip


def could_receive(
    file_id: UUID, agency_id: UUID, day: date, *, roles: Collection[str] = RECEIVE
) -> list[User]:
    """Who may receive a referral in an agency: those in one of `roles`, but for whoever is shut out of the file (R105)."""
    current = Assignment.objects.filter(file_id=file_id, until__isnull=True).select_related("team").first()
    if current is None or keeps_apart({current.team.agency_id, agency_id}, day):
        return []
    people = {one for role in roles for one in those_who_are(role, agency_id=agency_id, day=day)}
    kept = [one for one in people if not _is_shut_out(one, current, day)]
    return sorted(kept, key=lambda one: (one.name, one.id))


def _is_shut_out(user: User, current: Assignment, day: date) -> bool:
    """Whether a file is closed to somebody by name, or a barrier stands between its agency and one of theirs."""
    closed = closed_files(user, day).filter(file_id=current.file_id).exists()
    return closed or is_kept_from(user, current.team.agency_id, day)


def end_packet(entry_id: UUID, file_id: UUID, *, by: User, day: date) -> None:
    """Nobody receives this referral any more. Raises NotFound where nobody did."""
    sent = Grant.objects.filter(entry_id=entry_id, file_id=file_id, purpose=REFERRAL, ended_on__isnull=True)
    if not sent.update(ended_on=day, ended_by=by):
        raise NotFound


def end_grant(
    grant_id: UUID, file_id: UUID, *, by: User, day: date, of_others: Collection[Grant.Purpose]
) -> Grant:
    """End a grant before its last day: one's own, or whoever’s for a purpose in `of_others`. Raises NotFound."""
    grant = (
        Grant.objects.select_for_update().filter(id=grant_id, file_id=file_id, ended_on__isnull=True).first()
    )
    if grant is None or not (grant.user == by or grant.purpose in of_others):
        raise NotFound
    grant.ended_on, grant.ended_by = day, by
    grant.save(update_fields=["ended_on", "ended_by"])
    return grant


def could_be_named(file_id: UUID, *, by: User, day: date) -> list[User]:
    """To whom `by` may open the confidential section: who agrees to decisions on the file, managers and focal points.

    Of the latter everybody, whether or not they opened the file: who did is not for everybody to know (R121).
    """
    overseers = overseers_of(file_id, day)
    found = {one for one in (*approvers_of(file_id, day), *overseers) if one != by}
    return sorted(found, key=lambda one: (one.name, one.id))


def named_for(purpose: Grant.Purpose, file_id: UUID, day: date) -> list[Grant]:
    """To whom a file, or its confidential section, is open by name for a purpose on `day`, the first to end first."""
    return list(grants_on(file_id, day).filter(purpose=purpose).order_by("until", "id"))


def approvers_of(file_id: UUID, day: date) -> list[User]:
    """Everybody who agrees to decisions on a file on `day`."""
    return [one for one in near_to(file_id, day) if approves_on(one, file_id, day)]


def opened_by(user: User, day: date) -> list[Grant]:
    """What is open to somebody for a reason or a review on `day`, the first to end first."""
    own = Grant.objects.filter(user=user, since__lte=day, until__gte=day, ended_on__isnull=True)
    return list(own.filter(purpose__in=(REASON, SAFEGUARDING, BEST_INTERESTS)).order_by("until", "id"))


def why_granted(grant: Grant) -> str:
    """The reason that was given. Raises NoKeys, Tampered, Unavailable."""
    opened: str = sealing.open_sealed(
        bytes(grant.sealed), file=grant.file_id, seal_class="confidential", row=grant.id, label=_LABEL
    )
    return opened


def _keep(
    grant_id: UUID, file_id: UUID, user: User, purpose: Grant.Purpose, *, until: date, why: str, by: User, day: date,
    pack: Pack, **of_referral: UUID,
) -> None:  # fmt: skip
    latest = last_day(purpose, day, pack=pack)
    if not day <= until <= latest:
        words = say("Choose a day from today to {latest}.", latest=latest)
        raise Refused(Unmet("too_long", words, "requirements §20", "until"))
    sealed = sealing.seal(why, file=file_id, seal_class="confidential", row=grant_id, label=_LABEL)
    Grant.objects.get_or_create(
        id=grant_id,
        defaults={
            "file_id": file_id, "user": user, "purpose": purpose, "since": day, "until": until, "by": by,
            "sealed": sealed, **of_referral,
        },
    )  # fmt: skip
