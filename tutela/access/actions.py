"""Verbs on people and assignments. Those of a running office are called inside `commands.act`, which leaves the audit row."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Q, QuerySet

from tutela.access.barriers import is_kept_from, keeps_apart
from tutela.access.models import Agency, Assignment, Cover, Invitation, Membership, Team, User
from tutela.access.queries import caseworkers_of, closed_files, memberships_on, supervised_teams
from tutela.access.sessions import end_sessions
from tutela.foundation.ids import derived_id, new_id
from tutela.foundation.refusals import NotFound, Refused, Unmet
from tutela.foundation.words import say
from tutela.published.actions import publish, put_in_force
from tutela.vault import keyring


def found_agency(
    *, name: str, time_zone: str, pack: str, teams: Iterable[str], since: date, at: datetime
) -> Agency:
    """An agency with its teams, its keys, and the pack it works by from `since`. The same again changes nothing."""
    agency, _ = Agency.objects.get_or_create(name=name, defaults={"time_zone": time_zone})
    for team in teams:
        Team.objects.get_or_create(agency=agency, name=team)
    keyring.mint_agency_key(agency.id)
    put_in_force(agency_id=agency.id, pack=publish(pack, at=at), since=since, at=at)
    return agency


def admit(
    *, username: str, name: str, password: str | None, agency: Agency, team: str | None, role: str, since: date,
    weekly_hours: int | None = None, user_id: UUID | None = None,
) -> User:  # fmt: skip
    """Give somebody a sign-in and a role, in a team where the role has one, from `since`. No password: nobody can sign in."""
    user = User.objects.create_user(id=user_id or new_id(), username=username, name=name, password=password)
    join(user, agency=agency, team=team, role=role, since=since, weekly_hours=weekly_hours)
    return user


def assign(*, file_id: UUID, user: User, team: Team, since: date) -> Assignment:
    """Make `user` the responsible caseworker of a new file (R104). The same file again changes nothing."""
    assignment, _ = Assignment.objects.get_or_create(
        id=_first(file_id),
        defaults={"file_id": file_id, "user": user, "team": team, "since": since},
    )
    return assignment


def release(*, file_id: UUID, until: date) -> None:
    """Nobody is responsible for a file any more, from the day after `until` on: there is nothing left to read on it."""
    Assignment.objects.filter(file_id=file_id, until__isnull=True).update(until=until)


# --- What entries do to assignments: made again with the facts of the file -----------------------------------


def hand_to(*, file_id: UUID, entry_id: UUID, user_id: UUID, team_id: UUID, since: date) -> None:
    """From this entry on, somebody else is the responsible caseworker; who was it before stays written (R104)."""
    for current in Assignment.objects.filter(file_id=file_id, until__isnull=True):
        current.until = max(since, current.since)
        current.save(update_fields=["until"])
    Assignment.objects.create(
        id=derived_id(entry_id, "assignment"), file_id=file_id, entry_id=entry_id, user_id=user_id, team_id=team_id,
        since=since,
    )  # fmt: skip


def invite(*, file_id: UUID, entry_id: UUID, user_id: UUID, since: date, until: date) -> None:
    """Let somebody read the hand-over of a file and answer, from one day to another (R56)."""
    Invitation.objects.create(
        id=derived_id(entry_id, "invitation"), file_id=file_id, entry_id=entry_id, user_id=user_id, since=since, until=until
    )  # fmt: skip


def end_invitations(*, file_id: UUID, entry_id: UUID) -> None:
    """Whoever was asked to take over this file need not answer any more, as from this entry."""
    Invitation.objects.filter(file_id=file_id, ended_by__isnull=True).update(ended_by=entry_id)


def forget_moves(file_id: UUID) -> None:
    """Take a file back to whoever opened it, so that its entries can be replayed."""
    Assignment.objects.filter(file_id=file_id).exclude(id=_first(file_id)).delete()
    Assignment.objects.filter(id=_first(file_id)).update(until=None)
    Invitation.objects.filter(file_id=file_id).delete()


def moves_on(file_id: UUID) -> dict[str, dict[str, Any]]:
    """Every assignment and invitation of a file with its fields, for comparing one replay with another."""
    kinds: tuple[tuple[str, QuerySet[Any]], ...] = (
        ("Assignment", Assignment.objects.all()), ("Invitation", Invitation.objects.all()),
    )  # fmt: skip
    return {
        f"{name} {row['id']}": row for name, rows in kinds for row in rows.filter(file_id=file_id).values()
    }


def _first(file_id: UUID) -> UUID:
    return derived_id(file_id, "first assignment")


# --- Cover ---------------------------------------------------------------------------------------------------


def put_in_cover(
    cover_id: UUID, *, covered_for: UUID, stand_in: str, since: date, until: date, confidential: bool,
    file_id: UUID | None, by: User, day: date,
) -> Cover:  # fmt: skip
    """Let somebody of the team stand in for a colleague (R104). The same again changes nothing.

    `stand_in`: the name they sign in with. Raises NotFound for a colleague, or a file, that is not of a team that `by`
    supervises; Refused for a stand-in who cannot.
    """
    team = _team_of_theirs(covered_for, file_id=file_id, by=by, day=day)
    other = next(
        (one.user for one in caseworkers_of(agency_id=team.agency_id, day=day) if one.user.username == stand_in),
        None,
    )  # fmt: skip
    if other is None or other.id == covered_for:
        words = say("Choose a caseworker of your agency, and another than the one who is away.")
        raise Refused(Unmet("cannot_cover", words, "R104", "stand_in"))
    if is_kept_from(other, team.agency_id, day) or (
        file_id and closed_files(other, day).filter(file_id=file_id).exists()
    ):
        words = say("{who} cannot take this file. Choose somebody else.", who=other.name)
        raise Refused(Unmet("cannot_cover", words, "R105, R121", "stand_in"))
    if until < since:
        raise Refused(Unmet("ends_before", say("The last day comes before the first."), "R104", "until"))
    cover, _ = Cover.objects.get_or_create(
        id=cover_id,
        defaults={
            "team": team, "covered_for_id": covered_for, "stand_in": other, "file_id": file_id, "since": since,
            "until": until, "confidential": confidential, "made_by": by, "made_on": day,
        },
    )  # fmt: skip
    return cover


def end_cover(cover_id: UUID, *, by: User, day: date) -> Cover:
    """End a cover before its last day. Raises NotFound where it is not of a team that `by` supervises."""
    theirs = Cover.objects.filter(team__in=supervised_teams(by, day), ended_on__isnull=True)
    own = theirs.exclude(file_id__in=closed_files(by, day))
    cover = own.select_for_update().filter(id=cover_id).first()
    if cover is None:
        raise NotFound
    cover.ended_on = day
    cover.save(update_fields=["ended_on"])
    return cover


def _team_of_theirs(covered_for: UUID, *, file_id: UUID | None, by: User, day: date) -> Team:
    """The team of `by` in which somebody has files or works, or has that one file."""
    own = supervised_teams(by, day)
    theirs = Assignment.objects.filter(user_id=covered_for, team__in=own, until__isnull=True)
    files = theirs.exclude(file_id__in=closed_files(by, day))
    found = files.filter(file_id=file_id).first() if file_id else files.first()
    if found:
        return found.team
    works = [one for one in own if one.memberships.filter(user_id=covered_for, role="caseworker").exists()]
    if file_id or not works:
        raise NotFound
    return works[0]


# --- People of an office -------------------------------------------------------------------------------------


def join(
    user: User, *, agency: Agency, team: str | None, role: str, since: date, weekly_hours: int | None = None
) -> Membership:
    """Give somebody one more role, from a day on.

    Raises NotFound for a team that the agency does not have; Refused where they work for an agency that a barrier keeps
    apart from this one (R105).
    """
    _guard_barrier(user, agency, since)
    member_of = Team.objects.filter(agency=agency, name=team).first() if team else None
    if team and member_of is None:
        raise NotFound
    return Membership.objects.create(
        user=user, agency=agency, team=member_of, role=role, since=since, weekly_hours=weekly_hours
    )


def _guard_barrier(user: User, agency: Agency, day: date) -> None:
    others = {one.agency_id for one in memberships_on(user, day)}
    if keeps_apart({*others, agency.id}, day):
        words = say("{who} works for an agency that a barrier keeps apart from this one.", who=user.name)
        raise Refused(Unmet("kept_apart", words, "R105"))


def leave(user: User, *, agency: Agency, last_day: date) -> int:
    """End every role that somebody has in an agency, with `last_day`, standing in for a supervisor too. Returns how many.

    What would only have begun after that day ends on the day it begins.
    """
    goes_on = Q(until__isnull=True) | Q(stands_for__isnull=False, until__gt=last_day)
    open_ones = Membership.objects.filter(goes_on, user=user, agency=agency)
    for one in open_ones:
        one.until = max(last_day, one.since)
        one.save(update_fields=["until"])
    return len(open_ones)


def disable(user: User) -> None:
    """Shut somebody out at once: no sign-in, and every session ends. Their files wait for their supervisor (R104)."""
    user.is_active = False
    user.set_unusable_password()  # sessions hang on the password: none comes back, should the account be opened again
    user.save(update_fields=["is_active", "password"])
    end_sessions(user)


def give_address(user: User, address: str) -> None:
    """Where notices for somebody are sent to; an empty one: nowhere. Raises Refused for what is no address."""
    check_address(address)
    user.email = address
    user.save(update_fields=["email"])


def check_address(address: str) -> None:
    """Raises Refused for what is no e-mail address; an empty one is none to be checked."""
    try:
        if address:
            validate_email(address)
    except ValidationError:
        raise Refused(Unmet("no_address", say("This is no e-mail address."), "R120", "email")) from None


def give_password(user: User, password: str, *, at: datetime) -> None:
    """Another password, to be changed when they sign in; every session ends. Somebody who was shut out comes in again."""
    user.is_active = True
    user.set_password(password)
    user.password_given_at = at
    user.save(update_fields=["is_active", "password", "password_given_at"])
    end_sessions(user)


def chose_password(user: User) -> None:
    """Their password is their own now: nobody else knows it."""
    user.password_given_at = None
    user.save(update_fields=["password_given_at"])


def sign_out(user: User) -> int:
    """End every session of somebody, such as when their phone was lost. Returns how many there were."""
    return end_sessions(user)


def reset_second_factor(user: User) -> int:
    """Take away every passkey, key and code of somebody who has lost them; every session ends. Returns how many.

    They set up a new one when they sign in the next time, with their password.
    """
    end_sessions(user)
    factors = Authenticator.objects.filter(user=user)
    count: int = factors.exclude(type=Authenticator.Type.RECOVERY_CODES).count()
    factors.delete()
    return count
