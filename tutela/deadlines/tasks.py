"""What is next on a file, and why: its open deadlines, and what waits for somebody's word (R107)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tutela.access.deciding import Action
from tutela.assessment.queries import assessments, lowering_waiting
from tutela.cases.queries import case_of, people_around
from tutela.closure.queries import answer_to, closure_of, reopening_of, request_of
from tutela.consent.queries import explained, standing
from tutela.consent.rules import NOT_ASKED_MARKS
from tutela.deadlines.queries import OpenDeadline, open_deadlines
from tutela.follow_up.queries import contacts
from tutela.foundation.words import Words, say
from tutela.planning.queries import plans


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


_CAREGIVERS = {
    "mother",
    "father",
    "step_parent",
    "grandparent",
    "foster_carer",
    "guardian",
    "other_caregiver",
}

_STEPS: dict[str, tuple[Words, str]] = {
    "registration": (say("Register the child"), "intake.registration"),
    "initial_assessment": (say("Finish the initial assessment"), "assessment.initial"),
    "assessment.start": (say("Begin the comprehensive assessment"), "assessment.comprehensive"),
    "assessment.finish": (say("Finish the comprehensive assessment"), "assessment.comprehensive"),
    "case_plan": (say("Make the plan with the child"), "planning.plan"),
    "implementation": (say("Begin with the plan"), "follow_up.contact"),
    "follow_up": (say("Contact the child"), "follow_up.contact"),
    "review": (say("Review the plan"), "follow_up.review"),
    "post_closure_follow_up": (say("Visit after closing"), "follow_up.contact"),
    "urgent_answer": (say("Answer the urgent action"), "consent.urgent_answer"),
}


STEPS = ("identification", "assessment", "plan", "implementation", "follow_up", "closure")


def tasks_on(file_id: UUID) -> list[Task]:
    """Everything to do on a file: what has a date first, the earliest first; then what has none."""
    return [*map(of_deadline, open_deadlines([file_id])), *_waiting(file_id), *_consent(file_id)]


def of_deadline(deadline: OpenDeadline) -> Task:
    """A deadline as a task."""
    title, form = _STEPS[deadline.step]
    action: Action = "agree" if deadline.step == "urgent_answer" else "write"
    return Task(
        title,
        form,
        action,
        citation=deadline.citation,
        due_at=deadline.due_at,
        overdue_after=deadline.overdue_after,
    )


def _waiting(file_id: UUID) -> Iterator[Task]:
    """What waits for the supervisor, or for the caseworker after the supervisor's word."""
    if lowering_waiting(file_id):
        yield Task(
            say("Decide on lowering the risk"),
            "assessment.risk_agreement",
            "agree",
            say("Lowering from high counts once the supervisor agrees."),
            "R23",
        )
    request = request_of(file_id)
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


def _consent(file_id: UUID) -> Iterator[Task]:
    """Who has not been told or asked yet. Nobody with a safety mark is (R109)."""
    if closure_of(file_id):
        return
    reopened = reopening_of(file_id)
    since = reopened.entry.revision if reopened else 0  # after a reopening everybody is asked again (R55)
    if explained(file_id) is None:
        yield Task(
            say("Explain the work and its limits"),
            "consent.explanation",
            "write",
            say("Before any question about harm."),
            "S2 §3.4-1; R10",
        )
    said = {person for person, one in standing(file_id).items() if one.entry.revision > since}
    if "child" not in said:
        yield Task(
            say("Ask the child"),
            "consent.consent",
            "write",
            say("Consent or assent, by age; the child’s no counts."),
            "S2 §3.4-1; R8",
        )
    for person in people_around(file_id):
        may_be_asked = person.contents.get("relationship") in _CAREGIVERS and not NOT_ASKED_MARKS & set(
            person.contents.get("safety_mark", [])
        )
        if may_be_asked and str(person.person_id) not in said:
            yield Task(
                say("Ask the caregiver"),
                "consent.consent",
                "write",
                say("Each caregiver is asked separately."),
                "S2 §3.4-1; R8",
                about=person.person_id,
            )


def forms_to_start(file_id: UUID) -> list[str]:
    """What the caseworker may write down just now, in the order of casework; urgent action stands apart (R111)."""
    if closure_of(file_id):
        return ["closure.reopening", "follow_up.contact", "cases.person"]
    registered = case_of(file_id) is not None
    first = [] if registered else ["intake.registration"]
    closing = ["closure.request"] if registered and request_of(file_id) is None else []
    return [
        *first, "consent.explanation", "consent.consent", "cases.person", "assessment.initial", "assessment.comprehensive",
        "assessment.risk", "planning.plan", "follow_up.contact", "follow_up.review", *closing,
    ]  # fmt: skip


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
