"""Opening one file in an emergency, and the answer of somebody who was not part of it (R120)."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from tutela.access.models import EmergencyOpening, EmergencyReview, Role, User
from tutela.access.office import those_who_are
from tutela.access.queries import (
    agency_of,
    files_of_supervised_teams,
    in_emergency,
    supervised_teams,
    today_of,
    zone_of,
)
from tutela.cases.queries import agency_id_of
from tutela.closure.queries import tied
from tutela.foundation import clock
from tutela.foundation.refusals import NotFound, Refused, Unmet
from tutela.foundation.words import say
from tutela.protocols.packs import rule_on
from tutela.published.queries import pack_in_force
from tutela.supervision.rules import emergency_ends, review_by
from tutela.vault import sealing

# Permanent: the names under which the words of an opening and of a review are sealed.
_OPENING, _REVIEW = "access.emergency_opening", "access.emergency_review"


def open_in_emergency(
    opening_id: UUID, file_id: UUID, *, reason: str, words: str, by: User, at: datetime
) -> EmergencyOpening:
    """Open one file to `by` for the hours of the rule. The same again changes nothing.

    Raises NotFound for whoever is tied to the person suspected of harm, Refused where it was done too often today.
    """
    User.objects.select_for_update(no_key=True).get(id=by.id)  # two windows of one person take turns
    if tied(file_id, by.id):
        raise NotFound
    if earlier := EmergencyOpening.objects.filter(id=opening_id).first():
        if (earlier.user_id, earlier.file_id) != (by.id, file_id):
            raise NotFound
        return earlier
    if still := in_emergency(by, at=at).filter(file_id=file_id).first():
        return still
    day = today_of(by, at=at)
    agency_id = agency_id_of(file_id)
    pack = pack_in_force(agency_id, day)
    _not_too_often(by, at=at, most=rule_on("emergency.most_in_a_day", day=day, pack=pack).number)
    return EmergencyOpening.objects.create(
        id=opening_id, file_id=file_id, agency_id=agency_id, user=by, since=at, until=emergency_ends(at, day=day, pack=pack),
        review_by=review_by(at, day=day, pack=pack),
        sealed=_sealed({"reason": reason, "words": words}, file_id, opening_id, _OPENING),
    )  # fmt: skip


def _not_too_often(by: User, *, at: datetime, most: int) -> None:
    zone = zone_of(agency_of(by, at.date()))
    today = clock.local_day(at, zone)
    begun = EmergencyOpening.objects.filter(
        user=by, since__gt=clock.end_of_day(clock.days_after(today, -1), zone)
    )
    if begun.count() >= most:
        words = say(
            "You opened {most} files in an emergency today, which is as many as one person can. Call your supervisor, who "
            "can put you in as a stand-in.",
            most=most,
        )
        raise Refused(Unmet("too_many_emergencies", words, "R120"))


def end_emergency(file_id: UUID, *, by: User, at: datetime) -> None:
    """Close again what `by` opened in an emergency. Raises NotFound where nothing is open."""
    if not in_emergency(by, at=at).filter(file_id=file_id).update(ended_at=at):
        raise NotFound


# --- Who answers for it --------------------------------------------------------------------------------------


def reviewers_of(opening: EmergencyOpening, *, at: datetime) -> list[User]:
    """Who may review an opening: the data-protection focal points; where there is none, the supervisors of the team; where
    that is nobody else either, any supervisor of the agency. Never whoever opened it."""
    day = clock.local_day(at, zone_of(opening.agency))
    choices = (
        those_who_are(Role.DATA_PROTECTION_FOCAL_POINT, agency_id=opening.agency_id, day=day),
        _supervisors(opening, day=day),
        those_who_are(Role.SUPERVISOR, agency_id=opening.agency_id, day=day),
    )
    others = ([one for one in some if one.id != opening.user_id] for some in choices)
    return next(filter(None, others), [])


def told_of(opening: EmergencyOpening, *, at: datetime) -> list[User]:
    """Who is sent a notice of an opening: the supervisors of the team and the reviewers, each once, but who opened it."""
    team = _supervisors(opening, day=clock.local_day(at, zone_of(opening.agency)))
    people = {one.id: one for one in (*team, *reviewers_of(opening, at=at))}
    return [one for one in people.values() if one.id != opening.user_id]


def _supervisors(opening: EmergencyOpening, *, day: date) -> list[User]:
    """Who agrees to decisions on the file: nobody to whom it is closed."""
    everybody = those_who_are(Role.SUPERVISOR, agency_id=opening.agency_id, day=day)
    return [one for one in everybody if opening.file_id in files_of_supervised_teams(one, day)]


def review(
    opening_id: UUID, review_id: UUID, *, verdict: str, words: str, by: User, at: datetime
) -> EmergencyReview:
    """Answer for an opening. The same again changes nothing.

    Raises NotFound for whoever may not review it, and Refused where it was settled already.
    """
    opening = (
        EmergencyOpening.objects.select_for_update(of=("self",))
        .select_related("agency")
        .filter(id=opening_id)
        .first()
    )
    if opening is None or by not in reviewers_of(opening, at=at):
        raise NotFound
    if earlier := EmergencyReview.objects.filter(id=review_id, opening=opening, by=by).first():
        return earlier
    if is_settled(opening):
        raise Refused(Unmet("reviewed_already", say("This opening was reviewed already."), "R120"))
    return EmergencyReview.objects.create(
        id=review_id, opening=opening, by=by, at=at, verdict=EmergencyReview.Verdict(verdict),
        sealed=_sealed({"words": words}, opening.file_id, review_id, _REVIEW),
    )  # fmt: skip


# --- Questions -----------------------------------------------------------------------------------------------


def to_review(agency_id: UUID) -> list[EmergencyOpening]:
    """The openings in an agency that nobody settled yet, what has to be answered first, first."""
    found = EmergencyOpening.objects.filter(agency_id=agency_id).exclude(
        id__in=_settling().values("opening_id")
    )
    return list(found.select_related("user", "agency").order_by("review_by", "id"))


def to_review_in_teams_of(user: User, *, at: datetime) -> list[EmergencyOpening]:
    """Those of the teams that `user` supervises, and those of other teams that nobody else is there to review."""
    day = today_of(user, at=at)
    own = set(files_of_supervised_teams(user, day))
    agency_ids = {team.agency_id for team in supervised_teams(user, day)}
    waiting = [one for agency_id in agency_ids for one in to_review(agency_id)]
    return [one for one in waiting if one.file_id in own or user in reviewers_of(one, at=at)]


def settled_last(agency_id: UUID, *, most: int) -> list[EmergencyReview]:
    """The reviews that settled an opening in an agency, the newest first."""
    found = _settling().filter(opening__agency_id=agency_id).select_related("opening__user", "by")
    return list(found.order_by("-at", "-id")[:most])


def is_settled(opening: EmergencyOpening) -> bool:
    """Whether an opening was found justified or not: where there is more to find out, nothing is settled."""
    return _settling().filter(opening=opening).exists()


def look(opening_id: UUID, *, by: User, at: datetime) -> EmergencyOpening:
    """One opening, for those who were told of it. Raises NotFound for everybody else, and for whoever opened it."""
    opening = opening_called(opening_id)
    if by not in told_of(opening, at=at):
        raise NotFound
    return opening


def opening_called(opening_id: UUID) -> EmergencyOpening:
    """One opening. Raises NotFound."""
    found = EmergencyOpening.objects.filter(id=opening_id).select_related("user", "agency").first()
    if found is None:
        raise NotFound
    return found


def opened_files(user: User, *, at: datetime) -> list[EmergencyOpening]:
    """What `user` opened in an emergency and may still read, what ends first, first."""
    return list(in_emergency(user, at=at).order_by("until", "id"))


def openings_between(since: datetime, until: datetime, *, files: Iterable[UUID]) -> set[tuple[UUID, UUID]]:
    """Who opened which of these files in an emergency in a time, as user and file."""
    found = EmergencyOpening.objects.filter(since__gte=since, since__lte=until, file_id__in=list(files))
    return set(found.values_list("user_id", "file_id"))


def reviews_of(opening: EmergencyOpening) -> list[tuple[EmergencyReview, str]]:
    """Everything that was said to an opening, with its words, in its order."""
    rows = opening.reviews.select_related("by").order_by("at", "id")
    return [(row, _opened(bytes(row.sealed), opening.file_id, row.id, _REVIEW)["words"]) for row in rows]


def reason_of(opening: EmergencyOpening) -> dict[str, str]:
    """Why a file was opened: `reason`, a code, and `words`. Raises NoKeys where the file was destroyed since."""
    told: dict[str, str] = _opened(bytes(opening.sealed), opening.file_id, opening.id, _OPENING)
    return told


def _settling() -> QuerySet[EmergencyReview]:
    return EmergencyReview.objects.exclude(verdict=EmergencyReview.Verdict.MORE)


def _sealed(value: dict[str, str], file_id: UUID, row: UUID, label: str) -> bytes:
    return sealing.seal(value, file=file_id, seal_class="case", row=row, label=label)


def _opened(blob: bytes, file_id: UUID, row: UUID, label: str) -> Any:
    return sealing.open_sealed(blob, file=file_id, seal_class="case", row=row, label=label)
