"""Verbs on people and assignments. Those of a running office are called inside `commands.act`, which leaves the audit row."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from tutela.access.models import Agency, Assignment, Membership, Team, User
from tutela.foundation.ids import derived_id
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
    *, username: str, name: str, password: str | None, agency: Agency, team: str | None, role: str,
    since: date,
) -> User:  # fmt: skip
    """Give somebody a sign-in and a role, in a team where the role has one, from `since`. No password: nobody can sign in."""
    user = User.objects.create_user(username=username, name=name, password=password)
    member_of = Team.objects.get(agency=agency, name=team) if team else None
    Membership.objects.create(user=user, agency=agency, team=member_of, role=role, since=since)
    return user


def assign(*, file_id: UUID, user: User, team: Team, since: date) -> Assignment:
    """Make `user` the responsible caseworker of a new file (R104). The same file again changes nothing."""
    assignment, _ = Assignment.objects.get_or_create(
        id=derived_id(file_id, "first assignment"),
        defaults={"file_id": file_id, "user": user, "team": team, "since": since},
    )
    return assignment


def release(*, file_id: UUID, until: date) -> None:
    """Nobody is responsible for a file any more, from the day after `until` on: there is nothing left to read on it."""
    Assignment.objects.filter(file_id=file_id, until__isnull=True).update(until=until)
