"""Questions about people and their reach."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from tutela.access.deciding import Relation
from tutela.access.models import Agency, Assignment, Membership, Role, Team, User
from tutela.foundation import clock


def memberships_on(user: User, day: date) -> QuerySet[Membership]:
    """What `user` is on `day`. A disabled user is nothing."""
    in_force = Q(since__lte=day) & (Q(until__isnull=True) | Q(until__gte=day))
    if not user.is_active:
        return Membership.objects.none()
    return Membership.objects.filter(in_force, user=user).select_related("agency", "team")


def roles_on(user: User, day: date, *, agency_id: UUID | None = None) -> set[str]:
    """The roles of `user` on `day`, in any team; where an agency is given, those they have there."""
    memberships = memberships_on(user, day)
    there = memberships.filter(agency_id=agency_id) if agency_id else memberships
    return set(there.values_list("role", flat=True))


def agency_of(user: User, day: date) -> Agency | None:
    """The agency for which `user` works on `day`."""
    membership = memberships_on(user, day).first()
    return membership.agency if membership else None


def team_of(user: User, day: date, *, agency_id: UUID) -> Team | None:
    """The team of an agency in which `user` is a caseworker on `day`."""
    here = memberships_on(user, day).filter(agency_id=agency_id)
    membership = here.filter(role=Role.CASEWORKER, team__isnull=False).first()
    return membership.team if membership else None


def team_called(name: str, *, agency_id: UUID) -> Team:
    """The team of an agency by its name. Raises Team.DoesNotExist."""
    return Team.objects.get(agency_id=agency_id, name=name)


def zone_of(agency: Agency | None) -> ZoneInfo:
    """The time zone of the place of work."""
    return ZoneInfo(agency.time_zone if agency else "UTC")


def today_of(user: User, *, at: datetime) -> date:
    """The day at the place of work of `user`, at a moment."""
    return clock.local_day(at, zone_of(agency_of(user, at.date())))


def relations_to(user: User, *, file_id: UUID | None, agency_id: UUID, day: date) -> set[Relation]:
    """How `user` stands to a file that belongs to `agency_id`, on `day`; without a file, to the agency."""
    memberships = list(memberships_on(user, day))
    relations: set[Relation] = set()
    if any(one.agency_id == agency_id for one in memberships):
        relations.add("agency")
    current = Assignment.objects.filter(file_id=file_id, until__isnull=True).first() if file_id else None
    if current and current.user_id == user.id and "agency" in relations:
        relations.add("responsible")
    if current and any(one.role == Role.SUPERVISOR and one.team_id == current.team_id for one in memberships):
        relations.add("approves")
    return relations or {"none"}


def files_within_reach(user: User, day: date) -> QuerySet[Assignment]:
    """The current assignments of the files that `user` may read on `day`: their own, and their team's as supervisor."""
    memberships = list(memberships_on(user, day))
    worked_for = [one.agency_id for one in memberships if one.role == Role.CASEWORKER]
    own = Q(user=user, team__agency_id__in=worked_for)
    supervised = [one.team_id for one in memberships if one.role == Role.SUPERVISOR and one.team_id]
    return Assignment.objects.filter(own | Q(team_id__in=supervised), until__isnull=True).select_related(
        "user", "team"
    )


def responsible_for(file_ids: Iterable[UUID]) -> dict[UUID, User]:
    """The responsible caseworker of each file."""
    current = Assignment.objects.filter(file_id__in=list(file_ids), until__isnull=True).select_related("user")
    return {one.file_id: one.user for one in current}


def files_of_supervised_teams(user: User, day: date) -> list[UUID]:
    """The files whose decisions `user` agrees to on `day`."""
    teams = memberships_on(user, day).filter(role=Role.SUPERVISOR, team__isnull=False).values("team_id")
    return list(
        Assignment.objects.filter(team_id__in=teams, until__isnull=True).values_list("file_id", flat=True)
    )


def agencies_by_name() -> dict[str, Agency]:
    """Every agency by its name."""
    return {agency.name: agency for agency in Agency.objects.all()}


def find_user(username: str) -> User | None:
    """Somebody by the name they sign in with."""
    return User.objects.filter(username=username).first()


def colleagues_of(user: User, day: date, *, agency_id: UUID) -> list[User]:
    """Everybody else who works in one of the teams of `user` on `day`, by name."""
    teams = memberships_on(user, day).filter(agency_id=agency_id, team__isnull=False).values("team_id")
    in_force = Q(since__lte=day) & (Q(until__isnull=True) | Q(until__gte=day))
    there = Membership.objects.filter(in_force, team_id__in=teams, user__is_active=True).exclude(user=user)
    return list(User.objects.filter(id__in=there.values("user_id")).order_by("name"))
