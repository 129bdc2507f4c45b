"""Questions about contacts and reviews."""

from collections.abc import Iterable
from uuid import UUID

from tutela.follow_up.models import Contact, Review


def contacts(file_id: UUID) -> list[Contact]:
    """Every contact and attempt as last corrected, in the order of the file."""
    return list(
        Contact.objects.filter(file_id=file_id, ended_by__isnull=True)
        .select_related("entry")
        .order_by("entry__revision")
    )


def reviews(file_id: UUID) -> list[Review]:
    """Every review, in the order of the file."""
    return list(
        Review.objects.filter(file_id=file_id, ended_by__isnull=True)
        .select_related("entry")
        .order_by("entry__revision")
    )


def contacted_among(file_ids: Iterable[UUID]) -> set[UUID]:
    """Which of these files have a contact or an attempt at one."""
    current = Contact.objects.filter(file_id__in=list(file_ids), ended_by__isnull=True)
    return set(current.values_list("file_id", flat=True))
