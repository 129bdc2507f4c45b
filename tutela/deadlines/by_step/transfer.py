"""Whose file it is: hand-overs to answer and to read, ties to decide on, a child to tell who comes (R56, R103, R104)."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from tutela.access.queries import covers_on
from tutela.closure.queries import (
    conflicts_waiting,
    moves_to_confirm,
    told_of_cover,
    transfers_waiting,
)
from tutela.deadlines.task import Task
from tutela.foundation.words import say

_TOLD = "S1 3.3; R104"


def tasks(file_id: UUID, day: date) -> Iterator[Task]:
    """What a change of hands leaves to be done."""
    for request in transfers_waiting([file_id]):
        if request.answer_by < day:
            why = say("{who} has not answered. Ask again, or ask somebody else.", who=request.to.name)
            yield Task(say("Hand the file over anew"), "closure.transfer", "hand_over", why, "S2 §3.4-6; R56")
    for _ in moves_to_confirm([file_id]):
        why = say("Nobody should have to tell everything again, and the child should know who comes.")
        yield Task(
            say("Read the hand-over, and see that the child is told"),
            "closure.hand_over_read",
            "write",
            why,
            _TOLD,
        )
    if conflicts_waiting([file_id]):
        why = say(
            "A caseworker has a tie to the family or the case. The child keeps a caseworker all the time."
        )
        yield Task(
            say("Decide on the conflict of interest"), "closure.conflict_answer", "agree", why, "S1 1.4; R103"
        )
    cover = covers_on([file_id], day=day).get(file_id)
    if cover and not told_of_cover(file_id, since=cover.made_on):
        why = say("{who} stands in until {day}.", who=cover.stand_in.name, day=cover.until)
        yield Task(say("Tell the child who stands in"), "closure.cover_told", "write", why, _TOLD)
