"""Questions about the plan."""

from collections.abc import Iterable
from uuid import UUID

from tutela.planning.models import Objective, Plan, PlanAction


def plans(file_id: UUID) -> list[Plan]:
    """Every version of the plan as last corrected, in the order of the file."""
    rows = Plan.objects.filter(file_id=file_id)
    corrected = rows.filter(entry__amends__isnull=False).values("entry__amends")
    return list(rows.exclude(entry__in=corrected).select_related("entry").order_by("entry__revision"))


def objectives(file_id: UUID) -> list[Objective]:
    """The objectives of the plan that holds."""
    return list(Objective.objects.filter(file_id=file_id, ended_by__isnull=True).order_by("position"))


def plan_actions(file_id: UUID) -> list[PlanAction]:
    """The actions of the plan that holds."""
    return list(PlanAction.objects.filter(file_id=file_id, ended_by__isnull=True).order_by("position"))


def planned_among(file_ids: Iterable[UUID]) -> set[UUID]:
    """Which of these files have a plan."""
    return set(Plan.objects.filter(file_id__in=list(file_ids)).values_list("file_id", flat=True))
