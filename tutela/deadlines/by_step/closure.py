"""Closing, in its parts: who has the next word."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from tutela.closure.queries import answer_to, closure_of, request_of, returned_answer
from tutela.deadlines.task import Task
from tutela.foundation.words import say


def tasks(file_id: UUID, day: date) -> Iterator[Task]:
    """What waits for the supervisor, or for the caseworker after the supervisor's word."""
    request, returned = request_of(file_id), returned_answer(file_id)
    if returned and not closure_of(file_id):
        first = say("Your supervisor asks first: {what}", what=returned.contents.get("actions", ""))
        yield Task(
            say("Do what your supervisor asks, then ask again to close"),
            "closure.request",
            "write",
            first,
            "R52",
        )
    if request is None or closure_of(file_id):
        return
    answer = answer_to(request)
    if answer is None:
        yield Task(
            say("Decide on closing the case"),
            "closure.answer",
            "agree",
            say("The caseworker talks to the child only after you agree."),
            "S2 §3.4-6; R52",
        )
    elif answer.contents["agreed"] == "yes":
        yield Task(
            say("Talk over closing with the child, then close"),
            "closure.closure",
            "write",
            say("Your supervisor agreed. The case stays open until it was talked over."),
            "S2 §3.4-6; R52",
        )
