"""A task: something to do on a file."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tutela.access.deciding import Action
from tutela.deadlines.queries import OpenDeadline
from tutela.foundation.words import Words, say


@dataclass(frozen=True)
class Task:
    """Something to do on a file: what, why, until when, with which form, and whose it is (`write`: the caseworker's)."""

    title: Words
    form: str
    action: Action = "write"
    why: Words | None = None
    citation: str = ""
    due_at: datetime | None = None
    overdue_after: datetime | None = None
    about: UUID | None = None
    amends: UUID | None = None  # the entry that is to be completed
    set_aside: str = ""  # why it waits, a code of set_aside_reason
    may_wait: str = ""  # as the list due_step writes it: what is in that list may be set aside (R114)


# What each deadline asks for: in words, with which form, and of whom.
_STEPS: dict[str, tuple[Words, str, Action]] = {
    "registration": (say("Register the child"), "intake.registration", "write"),
    "initial_assessment": (say("Finish the initial assessment"), "assessment.initial", "write"),
    "assessment.start": (say("Begin the comprehensive assessment"), "assessment.comprehensive", "write"),
    "assessment.finish": (say("Finish the comprehensive assessment"), "assessment.comprehensive", "write"),
    "case_plan": (say("Make the plan with the child"), "planning.plan", "write"),
    "implementation": (say("Begin with the plan"), "follow_up.contact", "write"),
    "follow_up": (say("Contact the child"), "follow_up.contact", "write"),
    "review": (say("Review the plan"), "follow_up.review", "write"),
    "post_closure_follow_up": (say("Visit after closing"), "follow_up.contact", "write"),
    "referral_answer": (say("Ask whether the service will help"), "referral.answer", "write"),
    "referral_service": (say("Confirm that the service has begun"), "referral.outcome", "write"),
    "plan_action": (say("Do action {number} of the plan"), "planning.plan", "write"),
    "urgent_need": (say("Act on the urgent need"), "consent.urgent_action", "write"),
    "urgent_answer": (say("Answer the urgent action"), "consent.urgent_answer", "agree"),
    "search": (say("Agree how to search for the child"), "follow_up.search", "agree"),
    "withdrawal_decision": (say("Decide on the withdrawal"), "consent.withdrawal_decision", "agree"),
}


def of_deadline(deadline: OpenDeadline) -> Task:
    """A deadline as a task."""
    step, _, number = deadline.step.partition(":")  # an action of the plan has its number there
    title, form, action = _STEPS[step]
    title = say(title.text, number=number) if number else title
    return Task(
        title, form, action, citation=deadline.citation, due_at=deadline.due_at, overdue_after=deadline.overdue_after,
        set_aside=deadline.set_aside, may_wait=due_code(deadline.step) if action == "write" else "",
    )  # fmt: skip


def due_code(step: str) -> str:
    """The step of a deadline, as the list due_step writes it."""
    return step.replace(".", "_")
