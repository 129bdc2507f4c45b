"""Questions about the people of an agency, for whoever admits them and for whoever watches over that. No file is in it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.utils.text import capfirst

from tutela.access.models import Membership, Role, RoleAsked, Team, User
from tutela.access.office import staff_of
from tutela.access.queries import files_by_worker

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
State = Literal["here", "waiting", "left", "shut_out"]


@dataclass(frozen=True)
class Colleague:
    """Somebody of an agency on a day: their roles, the present and coming ones first, and what waits for a second person."""

    user: User
    roles: tuple[Membership, ...]
    before: tuple[Membership, ...]
    asked: tuple[RoleAsked, ...]
    has_factor: bool

    @property
    def state(self) -> State:
        """Whether they can sign in and find something, or why not."""
        if not self.user.is_active:
            return "shut_out"
        if self.roles:
            return "here"
        return "waiting" if self.asked else "left"


def people_in(agency_id: UUID, day: date) -> list[Colleague]:
    """Everybody who has, had or is to get a role in an agency, by name."""
    return _colleagues(staff_of(agency_id), agency_id, day)


def colleague(user_id: UUID, agency_id: UUID, day: date) -> Colleague | None:
    """One of them; None for anybody else."""
    return next(
        iter(_colleagues([one for one in staff_of(agency_id) if one.id == user_id], agency_id, day)), None
    )


def _colleagues(users: list[User], agency_id: UUID, day: date) -> list[Colleague]:
    roles, asked = defaultdict(list), defaultdict(list)
    there = Membership.objects.filter(agency_id=agency_id, user__in=users).select_related(
        "team", "stands_for"
    )
    for one in there.order_by("since", "role", "id"):
        roles[one.user_id].append(one)
    for waiting in waiting_in(agency_id):
        asked[waiting.user_id].append(waiting)
    secured = set(
        Authenticator.objects.filter(user__in=users, type__in=FACTORS).values_list("user_id", flat=True)
    )
    return [
        Colleague(
            user, tuple(one for one in roles[user.id] if _goes_on(one, day)),
            tuple(one for one in roles[user.id] if not _goes_on(one, day)), tuple(asked[user.id]), user.id in secured,
        )
        for user in users
    ]  # fmt: skip


def waiting_in(agency_id: UUID) -> list[RoleAsked]:
    """The roles in an agency that wait for a second person, the first asked for first."""
    waiting = RoleAsked.objects.filter(agency_id=agency_id, answered_at__isnull=True)
    return list(waiting.select_related("user", "team", "asked_by").order_by("asked_at", "id"))


def role_asked(asked_id: UUID, agency_id: UUID) -> RoleAsked | None:
    """A role that waits, or waited, for a second person in an agency."""
    return RoleAsked.objects.filter(id=asked_id, agency_id=agency_id).select_related("user").first()


def role_held(membership_id: UUID, user_id: UUID, agency_id: UUID) -> Membership | None:
    """A role that somebody has in an agency in their own name; None for one that stands in for somebody."""
    found = Membership.objects.filter(id=membership_id, user_id=user_id, agency_id=agency_id, stands_for=None)
    return found.select_related("team", "user").first()


def role_words(role: str) -> str:
    """What a role is called; nothing for what is none."""
    return capfirst(str(Role(role).label)) if role in Role.values else ""


def teams_of(agency_id: UUID) -> list[Team]:
    """The teams of an agency, by name."""
    return list(Team.objects.filter(agency_id=agency_id).order_by("name"))


def user_called(user_id: UUID) -> User | None:
    """Somebody by their id."""
    return User.objects.filter(id=user_id).first()


def files_that_wait(user: User) -> int:
    """For how many files somebody is responsible, which somebody else needs to take should they go."""
    return len(files_by_worker([user.id])[user.id])


def names_in(people: Iterable[User]) -> dict[str, str]:
    """Names by id, spelt as the log spells it."""
    return {str(one.id): one.name for one in people}


def _goes_on(one: Membership, day: date) -> bool:
    return one.until is None or one.until >= day
