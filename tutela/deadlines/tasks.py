"""What is next on a file, and why: its open deadlines, and what waits for somebody's word (R107)."""

from collections.abc import Callable, Iterator
from datetime import date
from uuid import UUID

from tutela.assessment.queries import assessments
from tutela.cases.queries import case_of
from tutela.closure.queries import closure_of, request_of
from tutela.deadlines.by_step import assessment, closure, consent, transfer
from tutela.deadlines.queries import open_deadlines
from tutela.deadlines.task import Task, of_deadline
from tutela.follow_up.queries import contacts
from tutela.planning.queries import plans

STEPS = ("identification", "assessment", "plan", "implementation", "follow_up", "closure")

_Source = Callable[[UUID, date], Iterator[Task]]
_FIRST: tuple[_Source, ...] = (assessment.health_care,)  # before anything that has a date
_SOURCES: tuple[_Source, ...] = (assessment.tasks, closure.tasks, transfer.tasks, consent.tasks)


def tasks_on(file_id: UUID, *, day: date) -> list[Task]:
    """Everything to do on a file on `day`: health care first, then what has a date, then what has none."""
    first = [task for source in _FIRST for task in source(file_id, day)]
    timed = [of_deadline(one) for one in open_deadlines([file_id])]
    return [*first, *timed, *(task for source in _SOURCES for task in source(file_id, day))]


def current_step(file_id: UUID) -> str:
    """Where the case stands, worked out from what was written. Steps can come again; this says the furthest begun."""
    if closure_of(file_id) or request_of(file_id):
        return "closure"
    if plans(file_id):
        return "follow_up" if contacts(file_id) else "implementation"
    if assessments(file_id):
        return (
            "plan" if any(one.contents["finished"] == "yes" for one in assessments(file_id)) else "assessment"
        )
    return "assessment" if case_of(file_id) else "identification"
