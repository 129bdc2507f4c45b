"""Information barriers: what an agency holds never reaches another (R105). Set by whoever runs the installation."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from tutela.access.models import Agency, Barrier, Membership, User
from tutela.access.queries import barriers_on, kept_from, zone_of
from tutela.foundation.clock import local_day
from tutela.foundation.refusals import Refused, Unmet
from tutela.foundation.words import say


def bar(agency: Agency, barred: Agency, *, reason: str, since: date) -> None:
    """From `since` on, nothing of `agency` reaches `barred`. Raises Refused where such a barrier stands already."""
    if agency == barred:
        raise Refused(Unmet("itself", say("Name two different agencies."), "R105"))
    if Barrier.objects.filter(agency=agency, barred=barred, ended_on__isnull=True).exists():
        words = say("{barred} is barred from {agency} already.", barred=barred.name, agency=agency.name)
        raise Refused(Unmet("barred_already", words, "R105"))
    Barrier.objects.create(agency=agency, barred=barred, reason=reason, since=since)


def unbar(agency: Agency, barred: Agency, *, day: date) -> None:
    """The barrier ends: `day` is the first one without it. Raises Refused where there is none."""
    ended = Barrier.objects.filter(agency=agency, barred=barred, ended_on__isnull=True).update(ended_on=day)
    if not ended:
        words = say("{barred} is not barred from {agency}.", barred=barred.name, agency=agency.name)
        raise Refused(Unmet("not_barred", words, "R105"))


def is_kept_from(user: User, agency_id: UUID, day: date) -> bool:
    """Whether somebody works for an agency that nothing of `agency_id` may reach."""
    return kept_from(user, day).filter(agency_id=agency_id).exists()


def bars(agency_id: UUID, other_id: UUID, day: date) -> bool:
    """Whether nothing of one agency may reach another."""
    return barriers_on(day).filter(agency_id=agency_id, barred_id=other_id).exists()


def keeps_apart(agency_ids: Iterable[UUID], day: date) -> bool:
    """Whether a barrier stands between any two of these agencies, in whichever direction."""
    ids = list(agency_ids)
    return barriers_on(day).filter(agency_id__in=ids, barred_id__in=ids).exists()


def standing(at: datetime) -> list[Barrier]:
    """The barriers that stand at a moment, each by the day where its agency works, the oldest first."""
    every = Barrier.objects.select_related("agency", "barred").order_by("since", "id")
    days = {one.id: local_day(at, zone_of(one.agency)) for one in every}
    return [
        one for one in every
        if one.since <= days[one.id] and (one.ended_on is None or one.ended_on > days[one.id])
    ]  # fmt: skip


def people_of_both(agency: Agency, barred: Agency, day: date) -> list[User]:
    """Whoever works for both sides of a barrier, by name: they lose what they had in `agency`."""
    there = Membership.objects.filter(until__isnull=True) | Membership.objects.filter(until__gte=day)
    users = User.objects.filter(is_active=True, id__in=there.filter(agency=agency).values("user_id"))
    both = users.filter(id__in=there.filter(agency=barred).values("user_id"))
    return list(both.order_by("name", "id"))


def barred_names(agency_id: UUID, day: date) -> set[str]:
    """The names, in small letters, of those whom nothing of this agency may reach."""
    return {one.barred.name.casefold() for one in barriers_on(day).filter(agency_id=agency_id)}
