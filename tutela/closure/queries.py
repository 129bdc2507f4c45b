"""Questions about closing."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.db.models import Max

from tutela.access.models import User
from tutela.access.queries import closed_files, files_by_worker, zone_of
from tutela.cases.facts import current, every, first, last
from tutela.cases.models import Case, CaseFile, Entry, Person
from tutela.cases.queries import agency_id_of, child_of
from tutela.cases.rules import birth_between
from tutela.closure import rules
from tutela.closure.models import (
    ApproachingEighteen,
    Closure,
    ClosureAnswer,
    ClosureRequest,
    Conflict,
    CoverTold,
    Death,
    Move,
    Reopening,
    TransferRequest,
)
from tutela.foundation.clock import months_after
from tutela.foundation.refusals import NotFound
from tutela.foundation.remembering import once
from tutela.protocols.packs import Pack, rule_on
from tutela.published.queries import pack_in_force, term_at
from tutela.vault import sealing


@once
def closure_of(file_id: UUID) -> Closure | None:
    """The closure that holds now; None while the case is open."""
    return first(current(Closure, file_id, beside=["request"]))


def pack_at(file_id: UUID, moment: datetime) -> Pack:
    """The pack that the agency of a file worked by when something was received. Raises NotFound, Unavailable."""
    file = CaseFile.objects.select_related("agency").filter(id=file_id).first()
    if file is None:
        raise NotFound
    return term_at(file.agency_id, moment, zone_of(file.agency)).pack


def follow_up_refused(closure: Closure) -> bool:
    """Whether a visit after closing would be unsafe or unwelcome, as the child and family said (R52)."""
    pack = pack_at(closure.file_id, closure.entry.received_at)
    return rules.is_refused(_follow_up(closure), pack=pack, day=closure.entry.happened_on)


def waits_for_feedback(closure: Closure) -> bool:
    """Whether child or family are still to be asked what the work was like, where that is safe and wished (R52)."""
    pack = pack_at(closure.file_id, closure.entry.received_at)
    return bool(feedback_waiting([closure.file_id], pack=pack, day=closure.entry.happened_on))


def feedback_waiting(file_ids: Iterable[UUID], *, pack: Pack, day: date) -> list[UUID]:
    """Closed files on which child or family are still to be asked what the work was like; keys are fetched in one go."""
    ids = list(file_ids)
    closures = Closure.objects.filter(file_id__in=ids, ended_by__isnull=True).exclude(
        file_id__in=died_among(ids)
    )
    asked = _last_written("closure.feedback_asked", on=ids)
    waiting = [
        one for one in closures.select_related("entry", "request")
        if asked.get(one.file_id, 0) < one.entry.revision
    ]  # fmt: skip
    sealing.fetch_keys([one.file_id for one in waiting], seal_classes=["case"])
    return [
        one.file_id for one in waiting
        if rules.asks_for_feedback(one.request.contents["reason"], pack=pack, day=day)
        and not rules.is_refused(_follow_up(one), pack=pack, day=day)
    ]  # fmt: skip


def without_support(file_ids: Iterable[UUID]) -> list[UUID]:
    """Files on which a death is recorded, and not yet that anybody offered support to whoever worked with the child."""
    died = deaths_among(file_ids)
    offered = _last_written("closure.staff_support", on=list(died))
    return [file_id for file_id, revision in died.items() if offered.get(file_id, 0) < revision]


@once
def death_of(file_id: UUID) -> Death | None:
    """The recorded death of the child; None where there is none, or it was an error."""
    return first(current(Death, file_id))


def deaths_among(file_ids: Iterable[UUID]) -> dict[UUID, int]:
    """On which of these files a death is recorded, and at which revision."""
    current = Death.objects.filter(file_id__in=list(file_ids), ended_by__isnull=True)
    return dict(current.values_list("file_id", "entry__revision"))


def died_among(file_ids: Iterable[UUID]) -> set[UUID]:
    """On which of these files a death is recorded."""
    return set(deaths_among(file_ids))


def is_written(form: str, *, on: UUID, since: int) -> bool:
    """Whether somebody wrote a form on a file after a revision."""
    return Entry.objects.filter(file_id=on, form_code=form, revision__gt=since).exists()


def is_closed(file_id: UUID) -> bool:
    """Whether the case is closed now."""
    return closure_of(file_id) is not None


def closed_among(file_ids: Iterable[UUID]) -> set[UUID]:
    """Which of these files are closed now."""
    return set(
        Closure.objects.filter(file_id__in=list(file_ids), ended_by__isnull=True).values_list(
            "file_id", flat=True
        )
    )


@once
def request_of(file_id: UUID) -> ClosureRequest | None:
    """The request to close that was made last and not set aside; one from before the child died waits for nothing (R54)."""
    since = _death_at(file_id)
    return first([one for one in current(ClosureRequest, file_id) if one.entry.revision > since])


def answer_to(request: ClosureRequest) -> ClosureAnswer | None:
    """The supervisor's answer to a request; None while it waits."""
    return ClosureAnswer.objects.filter(request=request).select_related("entry").first()


@once
def reopening_of(file_id: UUID) -> Reopening | None:
    """The last reopening; None where the case was never closed."""
    return last(every(Reopening, file_id))


def reopened_at(file_ids: Iterable[UUID]) -> dict[UUID, int]:
    """The revision at which each of these files was last opened again; those that never were are left out."""
    rows = Reopening.objects.filter(file_id__in=list(file_ids)).order_by("entry__revision")
    return dict(rows.values_list("file_id", "entry__revision"))


@once
def returned_answer(file_id: UUID) -> ClosureAnswer | None:
    """The supervisor's answer where it returned the last request and nobody has asked again; else None."""
    since = _death_at(file_id)
    asked = last([one for one in every(ClosureRequest, file_id) if one.entry.revision > since])
    answer = answer_to(asked) if asked and asked.ended_by_id else None
    return answer if answer and answer.contents["agreed"] != "yes" else None


def closing_among(file_ids: Iterable[UUID]) -> set[UUID]:
    """Which of these files are closed, or have a request to close that nobody set aside."""
    ids = list(file_ids)
    asked = ClosureRequest.objects.filter(file_id__in=ids, ended_by__isnull=True)
    return closed_among(ids) | set(asked.values_list("file_id", flat=True))


def closing_without_concern(file_ids: Iterable[UUID], *, pack: Pack, day: date) -> set[UUID]:
    """Which of these files are to be closed because the initial assessment found no concern (R51)."""
    reasons = rule_on("closure.after_initial", day=day, pack=pack).codes
    return {one.file_id for one in current(ClosureRequest, *file_ids) if one.contents["reason"] in reasons}


def looked_ahead(file_ids: Iterable[UUID]) -> dict[UUID, ApproachingEighteen]:
    """What was last found about turning 18, by file; nothing sealed is opened yet."""
    current = ApproachingEighteen.objects.filter(file_id__in=list(file_ids), ended_by__isnull=True)
    return {one.file_id: one for one in current.select_related("entry").order_by("entry__revision")}


def near_eighteen(file_ids: Iterable[UUID], *, pack: Pack, day: date) -> list[UUID]:
    """Files of young people for whom it is time to look ahead to 18, and nobody has (R58).

    Worked out on the day from what is sealed, and stored nowhere. Only those whose year of birth allows it are opened, and
    their keys are fetched in one go.
    """
    ids = list(file_ids)
    # An age in years may lie in the year before the one that stands in the clear.
    youngest = months_after(day, -rule_on("transition.alert", day=day, pack=pack).number).year + 1
    over = closed_among(ids) | died_among(ids)
    born_early = Person.objects.filter(
        file_id__in=ids, is_the_child=True, ended_by__isnull=True, birth_year__lte=youngest
    )
    children = {one.file_id: one for one in born_early.exclude(file_id__in=over).select_related("entry")}
    sealing.fetch_keys(children, seal_classes=["identity", "case"])
    seen = looked_ahead(children)
    return [
        file_id for file_id, child in children.items()
        if _is_to_be_looked_at(child, seen.get(file_id), pack=pack, day=day)
    ]  # fmt: skip


def is_near_eighteen(file_id: UUID, *, day: date) -> bool:
    """The same for one file."""
    return bool(near_eighteen([file_id], pack=pack_in_force(agency_id_of(file_id), day), day=day))


def birth_of(file_id: UUID) -> tuple[date, date] | None:
    """Between which days the child of a file can have been born."""
    child = child_of(file_id)
    return birth_between(child.contents) if child else None


def _is_to_be_looked_at(child: Person, seen: ApproachingEighteen | None, *, pack: Pack, day: date) -> bool:
    """It is time, and nobody looked; or before 18 nobody was found who takes over, and 18 has come."""
    born = birth_between(child.contents)
    if born is None or not rules.is_near_eighteen(born, pack=pack, day=day):
        return False
    if seen is None:
        return True
    open_codes = rule_on("transition.asked_again", day=day, pack=pack).codes
    looked_on = seen.entry.happened_on
    return (
        seen.contents["need"] in open_codes
        and rules.is_surely_grown(born, pack=pack, day=day)
        and not rules.is_surely_grown(born, pack=pack, day=looked_on)
    )


def _death_at(file_id: UUID) -> int:
    """The revision at which a death was written down; 0 where there is none."""
    return deaths_among([file_id]).get(file_id, 0)


def _follow_up(closure: Closure) -> rules.FollowUp:
    told = closure.contents
    return rules.FollowUp(safe=told.get("follow_up_safe", ""), way=told.get("follow_up_way", ""))


def _last_written(form: str, *, on: Iterable[UUID]) -> dict[UUID, int]:
    """At which revision a form was last written on each of these files."""
    rows = Entry.objects.filter(file_id__in=list(on), form_code=form).order_by()
    return dict(rows.values("file_id").annotate(last=Max("revision")).values_list("file_id", "last"))


# --- Whose file it is ----------------------------------------------------------------------------------------

SUSPECTED = "suspected_person"  # of the list interest_tie


def transfers_waiting(file_ids: Iterable[UUID]) -> list[TransferRequest]:
    """Hand-overs of these files that the colleague has not answered, the oldest first."""
    asked = TransferRequest.objects.filter(
        file_id__in=list(file_ids), ended_by__isnull=True, answer__isnull=True
    )
    return list(asked.select_related("entry__done_by", "to").order_by("entry__received_at"))


def transfer_of(file_id: UUID) -> TransferRequest | None:
    """The hand-over of a file that waits for its answer."""
    return next(iter(transfers_waiting([file_id])), None)


def moves_to_confirm(file_ids: Iterable[UUID]) -> list[Move]:
    """Changes of caseworker whose hand-over nobody has confirmed, or of which the child was not told."""
    moves = Move.objects.filter(file_id__in=list(file_ids), ended_by__isnull=True, confirmation__isnull=True)
    return list(moves.select_related("entry", "to").order_by("entry__received_at"))


def conflicts_waiting(file_ids: Iterable[UUID]) -> list[Conflict]:
    """Ties that somebody declared and the supervisor has not answered. Nothing sealed is opened."""
    declared = Conflict.objects.filter(file_id__in=list(file_ids), ended_by__isnull=True, answer__isnull=True)
    return list(declared.select_related("entry__done_by").order_by("entry__received_at"))


def tied(file_id: UUID, user_id: UUID) -> bool:
    """Whether somebody said that they are tied to the person suspected of harm, and the supervisor did not say otherwise."""
    declared = every(Conflict, file_id, beside=["answer"])
    told = last([one for one in declared if one.entry.done_by_id == user_id])
    if told is None or told.contents["tie"] != SUSPECTED:
        return False
    return not hasattr(told, "answer") or told.answer.contents["decision"] != "no_conflict"


def told_of_cover(file_id: UUID, *, since: date) -> bool:
    """Whether it was written since a day that the child was told who stands in, or cannot be."""
    rows = [one for one in every(CoverTold, file_id) if one.entry.happened_on >= since]
    return any(row.contents["child_told"] != "not_yet" for row in rows)


def caseloads(user_ids: Iterable[UUID], *, seen_by: User, day: date) -> dict[UUID, list[UUID]]:
    """The open cases of each of these caseworkers: every registered child counts, siblings too (R81).

    What is closed to `seen_by` on `day` counts for nobody: a number would tell that it is there (R121).
    """
    files = files_by_worker(user_ids)
    everything = [file_id for own in files.values() for file_id in own]
    known = Case.objects.filter(file_id__in=everything).exclude(file_id__in=closed_files(seen_by, day))
    cases = set(known.values_list("file_id", flat=True))
    still_open = cases - closed_among(cases)
    return {user: [file_id for file_id in own if file_id in still_open] for user, own in files.items()}
