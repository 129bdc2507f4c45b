"""Somebody stands in for a supervisor from a day to a day, and agrees to decisions meanwhile (R121).

A deputy is a dated membership like any other; what it does not give, their own files and what is closed to whom they stand
for, is seen to where reach is worked out.
"""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from tutela.access.models import Membership, Role, User
from tutela.access.queries import caseworkers_of, find_user, memberships_on
from tutela.foundation.clock import days_after
from tutela.foundation.refusals import NotFound, Refused, Unmet
from tutela.foundation.words import say


def put_in_deputy(
    membership_id: UUID, *, place: UUID, deputy: str, since: date, until: date, by: User, day: date
) -> Membership:  # fmt: skip
    """Let somebody agree to decisions in the place of a supervisor. The same again changes nothing.

    `place`: the membership of that supervisor. Raises NotFound where it is not for `by` to say, Refused for somebody who
    cannot, and for days that do not fit.
    """
    theirs = next((one for one in places_of(by, day) if one.id == place), None)
    if theirs is None or theirs.team is None:
        raise NotFound
    user = find_user(deputy)
    if user is None or user not in could_stand_in(theirs, day):
        words = say(
            "Choose a caseworker or supervisor of your agency who does not supervise this team anyway."
        )
        raise Refused(Unmet("cannot_stand_in", words, "R121", "deputy"))
    if not day <= since <= until:
        raise Refused(
            Unmet(
                "ends_before", say("Choose a first day from today, and a last day after it."), "R121", "until"
            )
        )
    made, _ = Membership.objects.get_or_create(
        id=membership_id,
        defaults={
            "user": user, "agency": theirs.agency, "team": theirs.team, "role": Role.SUPERVISOR, "since": since,
            "until": until, "stands_for": theirs.user,
        },
    )  # fmt: skip
    return made


def end_deputy(membership_id: UUID, *, by: User, day: date) -> None:
    """A deputy ends: from today on they agree to nothing any more. Raises NotFound."""
    found = next((one for one in deputies_of(places_of(by, day), day) if one.id == membership_id), None)
    if found is None:
        raise NotFound
    if found.since >= day:
        Membership.objects.filter(
            id=membership_id
        ).delete()  # it never held for a whole day; the log says who it was
        return
    found.until = days_after(day, -1)
    found.save(update_fields=["until"])


def places_of(user: User, day: date) -> list[Membership]:
    """The supervisors for whom `user` may put in a deputy: oneself, and for a manager everybody of the agency."""
    own = list(memberships_on(user, day))
    managed = [one.agency_id for one in own if one.role == Role.MANAGER]
    mine = [one.id for one in own if one.role == Role.SUPERVISOR]
    found = Membership.objects.filter(role=Role.SUPERVISOR, stands_for__isnull=True, team__isnull=False)
    there = found.filter(agency_id__in=managed) | found.filter(id__in=mine)
    named = there.select_related("user", "team", "agency").order_by("user__name", "id")
    return [one for one in named if one.since <= day and (one.until is None or one.until >= day)]


def could_stand_in(place: Membership, day: date) -> list[User]:
    """Caseworkers and supervisors of an agency who do not supervise that team themselves, by name."""
    supervisors = Membership.objects.filter(
        agency=place.agency, role=Role.SUPERVISOR, user__is_active=True, stands_for__isnull=True
    ).select_related("user")
    beside = [*caseworkers_of(agency_id=place.agency_id, day=day), *supervisors]
    there = {one.user_id for one in supervisors if one.team_id == place.team_id}
    found = {one.user for one in beside if one.since <= day and (one.until is None or one.until >= day)}
    return sorted((one for one in found if one.id not in there), key=lambda one: one.name)


def deputies_of(places: Iterable[Membership], day: date) -> list[Membership]:
    """Who stands in for these supervisors on `day` or is to, the earliest first."""
    of = {(one.user_id, one.team_id) for one in places}
    rows = Membership.objects.filter(stands_for__isnull=False, until__gte=day).select_related(
        "user", "stands_for", "team"
    )
    return [one for one in rows.order_by("since", "id") if (one.stands_for_id, one.team_id) in of]
