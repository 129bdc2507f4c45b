"""Who works in an office, and what it is made of: for whoever runs it, looks after it or tells its people something."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from tutela.access.days import member_on
from tutela.access.models import Agency, Assignment, Membership, Role, RoleAsked, User
from tutela.access.queries import memberships_on


def those_who_are(role: str, *, agency_id: UUID, day: date) -> list[User]:
    """Who has a role in an agency on `day`, by name."""
    there = Membership.objects.filter(member_on(day), agency_id=agency_id, role=role, user__is_active=True)
    return list(User.objects.filter(id__in=there.values("user_id")).order_by("name", "id"))


def people_in_teams(team_ids: Iterable[UUID], *, day: date) -> dict[UUID, set[UUID]]:
    """Who works in each of these teams on `day`, as caseworker or supervisor."""
    people: dict[UUID, set[UUID]] = {team_id: set() for team_id in team_ids}
    roles = (Role.CASEWORKER, Role.SUPERVISOR)
    there = Membership.objects.filter(member_on(day), team_id__in=people, role__in=roles)
    for team_id, user_id in there.values_list("team_id", "user_id"):
        people[team_id].add(user_id)
    return people


def files_in_teams_of(user: User, day: date) -> QuerySet[Assignment, UUID]:
    """The ids of the files of every team in which `user` has any role on `day`."""
    teams = memberships_on(user, day).filter(team__isnull=False).values("team_id")
    current = Assignment.objects.filter(team_id__in=teams, until__isnull=True)
    return current.values_list("file_id", flat=True)


def staff_of(agency_id: UUID) -> list[User]:
    """Everybody who has, had or is to get a role in an agency, by name."""
    there = Membership.objects.filter(agency_id=agency_id).values("user_id")
    asked = RoleAsked.objects.filter(agency_id=agency_id).values("user_id")
    return list(User.objects.filter(Q(id__in=there) | Q(id__in=asked)).order_by("name", "id"))


def agencies() -> list[Agency]:
    """Every agency, by name."""
    return list(Agency.objects.order_by("name"))


def roles() -> list[str]:
    """The roles that this version gives rights to."""
    return list(Role.values)


def username_problem(username: str) -> str:
    """Why nobody can sign in by this name, in a sentence; nothing where they can."""
    try:
        User._meta.get_field("username").run_validators(username)
    except ValidationError:
        return "Sign-in names have letters, digits and @ . + - _ only, up to 150 of them."
    return ""


def password_problems(password: str, *, username: str, name: str) -> list[str]:
    """Why a password is not good enough, in sentences; nothing where it is."""
    try:
        validate_password(password, User(username=username, name=name))
    except ValidationError as error:
        return list(error.messages)
    return []
