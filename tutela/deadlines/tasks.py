"""What is next on a file, and why: its open deadlines, and what waits for somebody's word (R107)."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date
from uuid import UUID

from tutela.assessment.queries import assessed_among
from tutela.cases.queries import registered_among
from tutela.closure.queries import closing_among, death_of, died_among
from tutela.deadlines.by_step import (
    assessment,
    closure,
    consent,
    follow_up,
    intake,
    planning,
    referral,
    transfer,
)
from tutela.deadlines.queries import OpenDeadline, open_deadlines
from tutela.deadlines.task import Task, of_deadline
from tutela.follow_up.queries import contacted_among
from tutela.planning.queries import planned_among

STEPS = ("identification", "assessment", "plan", "implementation", "follow_up", "closure")

_Source = Callable[[UUID, date], Iterator[Task]]
_FIRST: tuple[_Source, ...] = (assessment.health_care,)  # before anything that has a date
_SOURCES: tuple[_Source, ...] = (
    intake.tasks, assessment.tasks, planning.tasks, referral.tasks, follow_up.tasks, closure.tasks, transfer.tasks,
    consent.tasks,
)  # fmt: skip


def tasks_on(file_id: UUID, *, day: date) -> list[Task]:
    """Everything to do on a file on `day`: health care first, then what has a date, then what has none."""
    if death_of(file_id):
        return list(closure.after_death(file_id, day))
    first = [task for source in _FIRST for task in source(file_id, day)]
    timed = [_timed(one) for one in open_deadlines([file_id])]
    return [*first, *timed, *(task for source in _SOURCES for task in source(file_id, day))]


def _timed(deadline: OpenDeadline) -> Task:
    task = of_deadline(deadline)
    if deadline.step == "post_closure_follow_up":
        return replace(task, why=closure.how_to_follow_up(deadline.file_id))
    return task


def current_steps(file_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Where each case stands, worked out from what was written. Steps can come again; this says the furthest begun."""
    ids = list(file_ids)
    closing = closing_among(ids) | died_among(ids)
    planned, contacted = planned_among(ids), contacted_among(ids)
    assessed, registered = assessed_among(ids), registered_among(ids)

    def step(file_id: UUID) -> str:
        if file_id in closing:
            return "closure"
        if file_id in planned:
            return "follow_up" if file_id in contacted else "implementation"
        if file_id in assessed:
            return "plan" if assessed[file_id] else "assessment"
        return "assessment" if file_id in registered else "identification"

    return {file_id: step(file_id) for file_id in ids}
