"""Questions about closing."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from tutela.access.queries import files_by_worker
from tutela.cases.models import Case
from tutela.closure.models import (
    Closure,
    ClosureAnswer,
    ClosureRequest,
    Conflict,
    CoverTold,
    Move,
    Reopening,
    TransferRequest,
)


def closure_of(file_id: UUID) -> Closure | None:
    """The closure that holds now; None while the case is open."""
    return (
        Closure.objects.filter(file_id=file_id, ended_by__isnull=True)
        .select_related("entry", "request")
        .first()
    )


def follow_up_refused(closure: Closure) -> bool:
    """Whether a visit after closing would be unsafe or unwelcome, as the child and family said (R52)."""
    return closure.contents.get("follow_up_safe") == "no"


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


def request_of(file_id: UUID) -> ClosureRequest | None:
    """The request to close that was made last and not set aside."""
    return (
        ClosureRequest.objects.filter(file_id=file_id, ended_by__isnull=True).select_related("entry").first()
    )


def answer_to(request: ClosureRequest) -> ClosureAnswer | None:
    """The supervisor's answer to a request; None while it waits."""
    return ClosureAnswer.objects.filter(request=request).select_related("entry").first()


def reopening_of(file_id: UUID) -> Reopening | None:
    """The last reopening; None where the case was never closed."""
    return (
        Reopening.objects.filter(file_id=file_id).select_related("entry").order_by("entry__revision").last()
    )


def returned_answer(file_id: UUID) -> ClosureAnswer | None:
    """The supervisor's answer where it returned the last request and nobody has asked again; else None."""
    last = ClosureRequest.objects.filter(file_id=file_id).order_by("entry__revision").last()
    answer = answer_to(last) if last and last.ended_by_id else None
    return answer if answer and answer.contents["agreed"] != "yes" else None


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
    last = (
        Conflict.objects.filter(file_id=file_id, entry__done_by=user_id)
        .select_related("answer")
        .order_by("entry__revision")
        .last()
    )
    if last is None or last.contents["tie"] != SUSPECTED:
        return False
    return not hasattr(last, "answer") or last.answer.contents["decision"] != "no_conflict"


def told_of_cover(file_id: UUID, *, since: date) -> bool:
    """Whether it was written since a day that the child was told who stands in, or cannot be."""
    rows = CoverTold.objects.filter(file_id=file_id, entry__happened_on__gte=since)
    return any(row.contents["child_told"] != "not_yet" for row in rows)


def caseloads(user_ids: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    """The open cases of each of these caseworkers: every registered child counts, siblings too (R81)."""
    files = files_by_worker(user_ids)
    everything = [file_id for own in files.values() for file_id in own]
    cases = set(Case.objects.filter(file_id__in=everything).values_list("file_id", flat=True))
    still_open = cases - closed_among(cases)
    return {user: [file_id for file_id in own if file_id in still_open] for user, own in files.items()}
