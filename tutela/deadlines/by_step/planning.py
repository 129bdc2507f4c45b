"""What the plan asks for: its actions until their days, a word of the supervisor, a safety plan."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from tutela.assessment.queries import threats_on
from tutela.cases.entries import happened_at
from tutela.cases.queries import began_with
from tutela.closure.queries import closure_of
from tutela.deadlines.task import Task
from tutela.deadlines.timeline import Event, Timeline
from tutela.deadlines.wanted import Wanted
from tutela.foundation.clock import end_of_day
from tutela.foundation.words import say
from tutela.planning.queries import plan_actions, plans, safety_plan_of, word_asked
from tutela.planning.rules import OVER
from tutela.protocols.packs import Pack

_NEEDS_SAFETY_PLAN = "recruitment_use"  # of the list safety_threat: a child who was with an armed group (R73)


def wanted(file_id: UUID, line: Timeline, pack: Pack, zone: ZoneInfo) -> Iterator[Wanted]:
    """Each action is due on the day that the plan gives it, until it is done or the plan is revised (R31).

    A plan from before a reopening calls for nothing.
    """
    if line.closed or line.planned is None:
        return
    plan = plans(file_id)[-1]
    first = began_with(plan.entry)
    anchor = Event(happened_at(plan.entry), plan.entry.happened_on, first.id, first.revision)
    for action in plan_actions(file_id):
        if action.due_on and action.contents.get("status") not in OVER:
            at = end_of_day(action.due_on, zone)
            step = f"plan_action:{action.position + 1}"
            yield Wanted(step, anchor, at, at, "plan.action", "S2 §3.4-3; R31", pack.hash)


def tasks(file_id: UUID, day: date) -> Iterator[Task]:
    """What waits for the supervisor, without keeping anybody from working; and a safety plan that is asked for."""
    if closure_of(file_id):
        return
    if waiting := word_asked(file_id):
        above = "cost" in waiting.contents["why"]
        yield Task(
            say("Say a word on the plan"),
            "planning.plan_answer",
            "agree",
            say("An action costs more than a caseworker spends alone.")
            if above
            else say("Your organisation asks for it. The work goes on meanwhile."),
            "R84; S2 §2.1.7" if above else "R37",
        )
    if _NEEDS_SAFETY_PLAN in threats_on(file_id) and safety_plan_of(file_id) is None:
        yield Task(
            say("Make a safety plan with the child"),
            "planning.safety_plan",
            "write",
            say("So that the child knows what to do, where to go and whom to tell."),
            "S2 §3.4-4, Annex 4; R36, R73",
        )
