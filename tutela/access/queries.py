"""Questions about people and their reach."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet

from tutela.access.days import begun_on, in_force, member_on, not_ended
from tutela.access.deciding import Relation
from tutela.access.models import (
    Agency,
    Assignment,
    Barrier,
    ClosedTo,
    Cover,
    EmergencyOpening,
    Grant,
    Invitation,
    Membership,
    Role,
    Team,
    TypingTask,
    User,
)
from tutela.foundation import clock


def memberships_on(user: User, day: date) -> QuerySet[Membership]:
    """What `user` is on `day`. A disabled user is nothing, and nobody is anything behind a barrier (R105)."""
    if not user.is_active:
        return Membership.objects.none()
    behind = kept_from(user, day).values("agency_id")
    mine = Membership.objects.filter(member_on(day), user=user).exclude(agency_id__in=behind)
    return mine.select_related("agency", "team")


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


def relations_to(
    user: User, *, file_id: UUID | None, agency_id: UUID, day: date, at: datetime | None = None
) -> set[Relation]:
    """How `user` stands to a file that belongs to `agency_id`, on `day`; without a file, to the agency.

    `at`: the moment, for what lasts some hours only; without it, that is left out.
    """
    memberships = list(memberships_on(user, day))
    if file_id and closed_files(user, day).filter(file_id=file_id).exists():
        return {"closed_out"}
    if not any(one.agency_id == agency_id for one in memberships):
        return {"barred"} if kept_from(user, day).filter(agency_id=agency_id).exists() else {"none"}
    current = Assignment.objects.filter(file_id=file_id, until__isnull=True).first() if file_id else None
    relations: set[Relation] = {"agency", *(_towards(user, current, memberships, day) if current else ())}
    if current and at and in_emergency(user, at=at).filter(file_id=current.file_id).exists():
        relations.add("emergency")
    return relations


def _towards(user: User, current: Assignment, memberships: list[Membership], day: date) -> set[Relation]:
    """How somebody of the agency stands to one of its files."""
    relations = _for_a_time(user, current, day)
    if current.user_id == user.id:
        relations.add("responsible")
    if any(one.role == Role.DATA_ENTRY for one in memberships):
        relations |= {"typing"} if typing_of(user, day).filter(file_id=current.file_id).exists() else set()
    if any(one.role == Role.COACH and one.team_id == current.team_id for one in memberships):
        relations.add("coaches")
    if Assignment.objects.filter(_approved(user, memberships, day), id=current.id).exists():
        relations.add("approves")
    return relations


BY_PURPOSE: dict[str, Relation] = {
    Grant.Purpose.CONFIDENTIAL: "named",
    Grant.Purpose.REASON: "on_reason",
    Grant.Purpose.SAFEGUARDING: "safeguarding",
    Grant.Purpose.BEST_INTERESTS: "best_interests",
}


def _for_a_time(user: User, current: Assignment, day: date) -> set[Relation]:
    """What ends by itself: standing in for the caseworker, being asked to take over, a grant."""
    covers = covers_of(current).filter(in_force(day), stand_in=user).values_list("confidential", flat=True)
    relations: set[Relation] = {"cover"} if covers else set()
    if any(covers):
        relations.add("cover_named")
    if invitations_of(user, day).filter(file_id=current.file_id).exists():
        relations.add("receiving")
    granted = grants_on(current.file_id, day).filter(user=user).values_list("purpose", flat=True)
    return relations | {BY_PURPOSE[purpose] for purpose in granted}


def openings_at(at: datetime) -> QuerySet[EmergencyOpening]:
    """The files that somebody opened in an emergency and may still read at a moment (R120)."""
    return EmergencyOpening.objects.filter(since__lte=at, until__gt=at, ended_at__isnull=True)


def in_emergency(user: User, *, at: datetime) -> QuerySet[EmergencyOpening]:
    """Those of `user`."""
    return openings_at(at).filter(user=user)


def files_within_reach(user: User, day: date) -> QuerySet[Assignment]:
    """The current assignments of the files that `user` may read on `day`.

    Their own, those they cover for a colleague, those whose decisions they agree to, and those opened to them for a
    reason; but for what is closed to them.
    """
    memberships = list(memberships_on(user, day))

    def there(*roles: str) -> Q:
        return Q(team__agency_id__in=[one.agency_id for one in memberships if one.role in roles])

    reach = (_mine(user, day) & there(Role.CASEWORKER)) | _approved(user, memberships, day)
    for role, purpose in _OPENED_BY.items():
        granted = Q(Exists(_grants_of_each(day).filter(user=user, purpose=purpose)))
        reach |= there(role) & granted
    found = Assignment.objects.filter(reach, _not_shut_to(user, day), until__isnull=True)
    return found.select_related("user", "team")


# Which role opens a file with which purpose; to anybody else such a grant opens nothing.
_OPENED_BY = {
    Role.MANAGER: Grant.Purpose.REASON,
    Role.SAFEGUARDING_FOCAL_POINT: Grant.Purpose.SAFEGUARDING,
    Role.BEST_INTERESTS_REVIEWER: Grant.Purpose.BEST_INTERESTS,
}


def _mine(user: User, day: date) -> Q:
    """Assignments of somebody's own files, and of those they stand in on."""
    return Q(user=user) | Q(Exists(_covers_of_each().filter(in_force(day), stand_in=user)))


def _approved(user: User, memberships: list[Membership], day: date) -> Q:
    """Assignments of the files whose decisions somebody agrees to: of their teams, as a deputy, or named for it (R121).

    Nobody does so on their own files in the place of somebody else. A deputy gets nothing that is closed to whom they
    stand for.
    """
    supervising = [one for one in memberships if one.role == Role.SUPERVISOR]
    found = Q(team_id__in=[one.team_id for one in supervising if one.stands_for_id is None])
    named = Q(Exists(_closed_of_each(day).filter(instead=user)))
    instead = named & Q(team__agency_id__in=[one.agency_id for one in supervising])
    for one in supervising:
        if one.stands_for_id is not None:
            closed = Q(Exists(_closed_of_each(day).filter(user=one.stands_for_id)))
            instead |= Q(team_id=one.team_id) & ~closed
    return found | (instead & ~_mine(user, day)) if supervising else Q(pk__in=[])


def _not_shut_to(user: User, day: date) -> Q:
    """But for assignments of files that are closed to somebody by name."""
    return ~Q(Exists(_closed_of_each(day).filter(user=user)))


def responsible_for(file_ids: Iterable[UUID]) -> dict[UUID, User]:
    """The responsible caseworker of each file."""
    current = Assignment.objects.filter(file_id__in=list(file_ids), until__isnull=True).select_related("user")
    return {one.file_id: one.user for one in current}


def files_of_supervised_teams(user: User, day: date) -> list[UUID]:
    """The files whose decisions `user` agrees to on `day`."""
    memberships = list(memberships_on(user, day))
    within = _approved(user, memberships, day) & _not_shut_to(user, day)
    return list(Assignment.objects.filter(within, until__isnull=True).values_list("file_id", flat=True))


def approves_on(user: User, file_id: UUID, day: date) -> bool:
    """Whether `user` agrees to decisions on a file on `day`."""
    memberships = list(memberships_on(user, day))
    within = _approved(user, memberships, day) & _not_shut_to(user, day)
    return Assignment.objects.filter(within, file_id=file_id, until__isnull=True).exists()


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


# --- Who is there, and who stands in (R104) ------------------------------------------------------------------


def is_caseworker_on(user: User, day: date, *, agency_id: UUID) -> bool:
    """Whether `user` can be given files of an agency on `day`."""
    return team_of(user, day, agency_id=agency_id) is not None


def caseworkers_of(*, agency_id: UUID, day: date, teams: Iterable[UUID] | None = None) -> list[Membership]:
    """The caseworkers of an agency on `day`, or of some of its teams, in the order of their names."""
    here = Membership.objects.filter(
        member_on(day), agency_id=agency_id, role=Role.CASEWORKER, team__isnull=False, user__is_active=True
    ).select_related("user", "team")
    found = here if teams is None else here.filter(team_id__in=list(teams))
    return list(found.order_by("user__name", "user_id"))


def members_of(teams: Iterable[Team]) -> list[Membership]:
    """Everybody who ever was a caseworker in these teams."""
    return list(Membership.objects.filter(team__in=list(teams), role=Role.CASEWORKER).select_related("user"))


def supervised_teams(user: User, day: date) -> list[Team]:
    """The teams that `user` supervises on `day`."""
    memberships = memberships_on(user, day).filter(role=Role.SUPERVISOR, team__isnull=False)
    return [one.team for one in memberships if one.team]


def assignments_of(file_ids: Iterable[UUID]) -> list[Assignment]:
    """Whose files these are now."""
    current = Assignment.objects.filter(file_id__in=list(file_ids), until__isnull=True)
    return list(current.select_related("user", "team"))


def files_by_worker(user_ids: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    """The files for which each of these people is responsible now."""
    files: dict[UUID, list[UUID]] = {user_id: [] for user_id in user_ids}
    current = Assignment.objects.filter(user_id__in=files, until__isnull=True).order_by("since", "id")
    for user_id, file_id in current.values_list("user_id", "file_id"):
        files[user_id].append(file_id)
    return files


def changes_of_hands(file_id: UUID, *, since: date) -> int:
    """How often somebody else became the responsible caseworker of a file since a day."""
    return Assignment.objects.filter(file_id=file_id, since__gte=since, entry_id__isnull=False).count()


def without_anybody(file_ids: Iterable[UUID], *, day: date) -> set[UUID]:
    """Which of these files belong to somebody who cannot come any more: disabled, or no caseworker there on `day`."""
    works_there = Membership.objects.filter(
        member_on(day), user=OuterRef("user"), agency_id=OuterRef("team__agency_id"), role=Role.CASEWORKER
    )
    gone = Assignment.objects.filter(Q(user__is_active=False) | ~Exists(works_there))
    return set(gone.filter(file_id__in=list(file_ids), until__isnull=True).values_list("file_id", flat=True))


def covers_on(file_ids: Iterable[UUID], *, day: date) -> dict[UUID, Cover]:
    """Who stands in for the responsible caseworker of each of these files on `day`; the cover made last, where two do."""
    current = {one.file_id: one for one in assignments_of(file_ids)}
    covers = Cover.objects.filter(
        in_force(day), covered_for__in=[one.user_id for one in current.values()], stand_in__is_active=True
    ).select_related("stand_in", "covered_for")  # fmt: skip
    found: dict[UUID, Cover] = {}
    shut = _closed_pairs(current, day) if covers else set()
    for cover in covers.order_by("made_on", "id"):
        found |= {
            file_id: cover for file_id, one in current.items()
            if (one.user_id, one.team_id) == (cover.covered_for_id, cover.team_id)
            and cover.file_id in (None, file_id) and (file_id, cover.stand_in_id) not in shut
        }  # fmt: skip
    return found


def _closed_pairs(file_ids: Iterable[UUID], day: date) -> set[tuple[UUID, UUID]]:
    """Which of these files are closed to whom."""
    closed = ClosedTo.objects.filter(begun_on(day), file_id__in=list(file_ids))
    return set(closed.values_list("file_id", "user_id"))


def covers_in(team_ids: Iterable[UUID], *, seen_by: User, day: date) -> list[Cover]:
    """The covers of these teams that hold on `day` or are still to come, the earliest first."""
    covers = Cover.objects.filter(team_id__in=list(team_ids), until__gte=day, ended_on__isnull=True)
    known = covers.exclude(file_id__in=closed_files(seen_by, day))
    return list(known.select_related("stand_in", "covered_for").order_by("since", "id"))


def invitations_of(user: User, day: date) -> QuerySet[Invitation]:
    """The files that `user` is asked to take over and may answer for on `day`."""
    asked = Invitation.objects.filter(user=user, since__lte=day, until__gte=day, ended_by__isnull=True)
    return asked.exclude(file_id__in=closed_files(user, day))


def covers_of(current: Assignment) -> QuerySet[Cover]:
    """The covers, of whatever day, that concern a file as it is assigned now."""
    one_or_all = Q(file_id__isnull=True) | Q(file_id=current.file_id)
    return Cover.objects.filter(one_or_all, covered_for=current.user_id, team=current.team_id)


def _covers_of_each() -> QuerySet[Cover]:
    """The same inside a query of assignments."""
    one_or_all = Q(file_id__isnull=True) | Q(file_id=OuterRef("file_id"))
    return Cover.objects.filter(one_or_all, covered_for=OuterRef("user"), team=OuterRef("team"))


# --- Closed by name, opened for a time, kept apart (R86, R105, R121) --------------------------------------------


def closed_files(user: User, day: date) -> QuerySet[ClosedTo, UUID]:
    """The files that are closed to `user` by name on `day`: for a subquery, and never shown to them."""
    return ClosedTo.objects.filter(begun_on(day), user=user).values_list("file_id", flat=True)


def named_instead(user: User, day: date) -> QuerySet[ClosedTo, UUID]:
    """The files on which `user` is named to agree to decisions in the place of somebody to whom they are closed."""
    return ClosedTo.objects.filter(begun_on(day), instead=user).values_list("file_id", flat=True)


def grants_on(file_id: UUID, day: date) -> QuerySet[Grant]:
    """For whom, beside those who work on it, a file or its confidential section is open on `day`."""
    found = Grant.objects.filter(in_force(day), file_id=file_id).exclude(purpose=Grant.Purpose.REFERRAL)
    return found.select_related("user", "by")


def typing_of(user: User, day: date) -> QuerySet[TypingTask]:
    """What `user` is to type on `day` and has not typed yet, where they type; nothing that is gone, or closed to them."""
    agencies = memberships_on(user, day).filter(role=Role.DATA_ENTRY).values("agency_id")
    there = Assignment.objects.filter(
        file_id=OuterRef("file_id"), until__isnull=True, team__agency_id__in=agencies
    )
    asked = TypingTask.objects.filter(Exists(there), in_force(day), typist=user, entry_id__isnull=True)
    return asked.exclude(file_id__in=closed_files(user, day))


def kept_from(user: User, day: date) -> QuerySet[Barrier]:
    """The barriers that keep somebody from an agency, since they work for one that nothing of it may reach."""
    agencies = Membership.objects.filter(member_on(day), user=user).values("agency_id")
    return Barrier.objects.filter(begun_on(day), barred_id__in=agencies)


def barriers_on(day: date) -> QuerySet[Barrier]:
    """The information barriers in force on `day`."""
    return Barrier.objects.filter(not_ended(day), since__lte=day).select_related("agency", "barred")


def _closed_of_each(day: date) -> QuerySet[ClosedTo]:
    """Inside a query of assignments: to whom each file is closed."""
    return ClosedTo.objects.filter(begun_on(day), file_id=OuterRef("file_id"))


def _grants_of_each(day: date) -> QuerySet[Grant]:
    return Grant.objects.filter(in_force(day), file_id=OuterRef("file_id"))
