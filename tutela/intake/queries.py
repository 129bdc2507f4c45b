"""Questions about identification and registration."""

from collections.abc import Iterable
from uuid import UUID

from tutela.intake.models import Identification, Registration


def identification_of(file_id: UUID) -> Identification | None:
    """How this child became known."""
    return (
        Identification.objects.filter(file_id=file_id, ended_by__isnull=True).select_related("entry").first()
    )


def registration_of(file_id: UUID) -> Registration | None:
    """What was registered last."""
    return Registration.objects.filter(file_id=file_id, ended_by__isnull=True).select_related("entry").first()


def areas_of(file_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The area of each registered file, a code of the list `area`. Reads nothing sealed."""
    current = Registration.objects.filter(file_id__in=list(file_ids), ended_by__isnull=True)
    return dict(current.values_list("file_id", "area"))


def identifications(file_ids: Iterable[UUID]) -> list[Identification]:
    """How the children of these files became known."""
    current = Identification.objects.filter(file_id__in=list(file_ids), ended_by__isnull=True)
    return list(current.select_related("entry__file"))
