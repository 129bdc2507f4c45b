"""Questions about the plan."""

from collections.abc import Iterable
from uuid import UUID

from tutela.cases.facts import current, every, first
from tutela.cases.queries import began_with
from tutela.foundation.remembering import once
from tutela.planning.models import (
    Meeting,
    Objective,
    Plan,
    PlanAction,
    PlanAnswer,
    PlanCopy,
    SafetyPlan,
    WordAsked,
)


@once
def plans(file_id: UUID) -> list[Plan]:
    """Every version of the plan as last corrected, in the order of the file."""
    rows = every(Plan, file_id)
    corrected = {one.entry.amends_id for one in rows}
    held = [one for one in rows if one.entry_id not in corrected]
    return sorted(held, key=lambda one: began_with(one.entry).revision)


def objectives(file_id: UUID) -> list[Objective]:
    """The objectives of the plan that holds."""
    return sorted(current(Objective, file_id), key=lambda one: one.position)


def plan_actions(file_id: UUID) -> list[PlanAction]:
    """The actions of the plan that holds."""
    return sorted(current(PlanAction, file_id), key=lambda one: one.position)


def planned_among(file_ids: Iterable[UUID]) -> set[UUID]:
    """Which of these files have a plan."""
    return set(Plan.objects.filter(file_id__in=list(file_ids)).values_list("file_id", flat=True))


def word_asked(file_id: UUID) -> WordAsked | None:
    """That the plan which holds waits for a supervisor's word."""
    return first(current(WordAsked, file_id))


def answers_by_plan(file_id: UUID) -> dict[str, PlanAnswer]:
    """The supervisor's word on each version of the plan that has one, by the id of its entry."""
    rows = current(PlanAnswer, file_id)
    return {row.contents["plan"]: row for row in rows}


def safety_plan_of(file_id: UUID) -> SafetyPlan | None:
    """The safety plan that holds (R36)."""
    return first(current(SafetyPlan, file_id))


def meetings(file_id: UUID) -> list[Meeting]:
    """Every planning meeting as last corrected, in the order of the file (R34)."""
    return current(Meeting, file_id)


def plan_copy_of(file_id: UUID) -> PlanCopy | None:
    """The last answer to whether it is safe to take the plan home (R35)."""
    return first(current(PlanCopy, file_id))
