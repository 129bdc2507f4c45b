"""Questions about closing."""

from collections.abc import Iterable
from uuid import UUID

from tutela.closure.models import Closure, ClosureAnswer, ClosureRequest, Reopening


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


def reopened_at(file_ids: Iterable[UUID]) -> dict[UUID, int]:
    """The revision at which each of these files was last opened again; those that never were are left out."""
    rows = Reopening.objects.filter(file_id__in=list(file_ids)).order_by("entry__revision")
    return dict(rows.values_list("file_id", "entry__revision"))


def returned_answer(file_id: UUID) -> ClosureAnswer | None:
    """The supervisor's answer where it returned the last request and nobody has asked again; else None."""
    last = ClosureRequest.objects.filter(file_id=file_id).order_by("entry__revision").last()
    answer = answer_to(last) if last and last.ended_by_id else None
    return answer if answer and answer.contents["agreed"] != "yes" else None


def closing_among(file_ids: Iterable[UUID]) -> set[UUID]:
    """Which of these files are closed, or have a request to close that nobody set aside."""
    ids = list(file_ids)
    asked = ClosureRequest.objects.filter(file_id__in=ids, ended_by__isnull=True)
    return closed_among(ids) | set(asked.values_list("file_id", flat=True))
