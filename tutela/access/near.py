"""Who is near a file and what ends when, for pages that tell of access; and whose files and people an agency has."""

from datetime import date, datetime
from uuid import UUID

from tutela.access.days import begun_on, in_force, member_on
from tutela.access.deciding import Relation
from tutela.access.models import Assignment, ClosedTo, Membership, Role, User
from tutela.access.queries import (
    BY_PURPOSE,
    closed_files,
    covers_of,
    grants_on,
    memberships_on,
    openings_at,
)


def near_to(file_id: UUID, day: date, *, at: datetime | None = None) -> list[User]:
    """Whoever may turn out to read a file on `day`, by name; whether they do is decided one by one.

    `at`: the moment, for what lasts some hours only; without it, that is left out.
    """
    current = Assignment.objects.filter(file_id=file_id, until__isnull=True).first()
    if current is None:
        return []
    supervisors = Membership.objects.filter(member_on(day), role=Role.SUPERVISOR, team_id=current.team_id)
    instead = ClosedTo.objects.filter(begun_on(day), file_id=file_id, instead__isnull=False)
    ids = {
        current.user_id,
        *covers_of(current).filter(in_force(day)).values_list("stand_in_id", flat=True),
        *supervisors.values_list("user_id", flat=True),
        *instead.values_list("instead_id", flat=True),
        *grants_on(file_id, day).values_list("user_id", flat=True),
        *(openings_at(at).filter(file_id=file_id).values_list("user_id", flat=True) if at else ()),
    }
    return list(User.objects.filter(id__in=ids, is_active=True).order_by("name", "id"))


def overseers_of(file_id: UUID, day: date) -> list[User]:
    """The managers and safeguarding focal points of the agency of a file, but for those to whom it is closed."""
    current = Assignment.objects.filter(file_id=file_id, until__isnull=True).select_related("team").first()
    if current is None:
        return []
    roles = (Role.MANAGER, Role.SAFEGUARDING_FOCAL_POINT)
    there = Membership.objects.filter(member_on(day), agency_id=current.team.agency_id, role__in=roles)
    closed = ClosedTo.objects.filter(begun_on(day), file_id=file_id).values("user_id")
    found = User.objects.filter(id__in=there.values("user_id"), is_active=True).exclude(id__in=closed)
    return list(found.order_by("name", "id"))


def ends_on(user: User, file_id: UUID, day: date) -> dict[Relation, date]:
    """With which day each way to stand to a file ends for somebody, as far as it ends by itself."""
    current = Assignment.objects.filter(file_id=file_id, until__isnull=True).first()
    if current is None:
        return {}
    found: dict[Relation, date] = {}
    for cover in covers_of(current).filter(in_force(day), stand_in=user):
        found["cover"] = max(cover.until, found.get("cover", cover.until))
    for grant in grants_on(file_id, day).filter(user=user):
        relation = BY_PURPOSE[grant.purpose]
        found[relation] = max(grant.until, found.get(relation, grant.until))
    supervising = list(memberships_on(user, day).filter(role=Role.SUPERVISOR, team=current.team_id))
    if supervising and all(one.stands_for_id for one in supervising):
        found["approves"] = max(one.until for one in supervising if one.until)
    return found


def people_of(agency_id: UUID, day: date) -> list[Membership]:
    """Everybody who works in an agency on `day` and what they are, by name."""
    found = Membership.objects.filter(member_on(day), agency_id=agency_id, user__is_active=True)
    return list(
        found.select_related("user", "team", "stands_for").order_by("user__name", "user_id", "role", "id")
    )


def files_of_agency(agency_id: UUID, *, seen_by: User, day: date) -> list[UUID]:
    """Every file of an agency, the last to be given to somebody first, but for those that are closed to `seen_by`."""
    every = Assignment.objects.filter(team__agency_id=agency_id, until__isnull=True)
    known = every.exclude(file_id__in=closed_files(seen_by, day))
    return list(known.order_by("-since", "-id").values_list("file_id", flat=True))
