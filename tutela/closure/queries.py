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
