"""Questions about consent."""

from uuid import UUID

from tutela.consent.models import Consent, Explanation, UrgentAction


def standing(file_id: UUID) -> dict[str, Consent]:
    """The last word of each person on this file: person id, or `child` → consent."""
    current = Consent.objects.filter(file_id=file_id, ended_by__isnull=True).select_related("entry")
    return {fact.contents["person"]: fact for fact in current}


def explained(file_id: UUID) -> Explanation | None:
    """The last explanation, or None where nothing was explained yet."""
    return (
        Explanation.objects.filter(file_id=file_id, ended_by__isnull=True)
        .select_related("entry")
        .order_by("entry__revision")
        .last()
    )


def unanswered(file_id: UUID) -> list[UrgentAction]:
    """Urgent actions that the supervisor has not answered (R11)."""
    return list(
        UrgentAction.objects.filter(
            file_id=file_id, ended_by__isnull=True, answer__isnull=True
        ).select_related("entry")
    )


def urgent_actions(file_id: UUID) -> list[UrgentAction]:
    """Everything that was done at once, answered or not, the newest first."""
    actions = UrgentAction.objects.filter(file_id=file_id, ended_by__isnull=True)
    return list(actions.select_related("entry", "answer").order_by("-entry__revision"))
