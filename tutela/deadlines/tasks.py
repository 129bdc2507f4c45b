"""What is next on a file, and why: its open deadlines, and what waits for somebody's word (R107)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from tutela.access.deciding import Action
from tutela.assessment.queries import assessments, lowering_waiting
from tutela.assessment.rules import health_care_offer
from tutela.cases.queries import agency_id_of, case_of, people_around
from tutela.closure.queries import answer_to, closure_of, holds, request_of, returned_answer
from tutela.consent.queries import explained, standing, urgent_actions
from tutela.consent.rules import NOT_ASKED_MARKS
from tutela.deadlines.queries import OpenDeadline, open_deadlines
from tutela.follow_up.queries import contacts
from tutela.foundation.words import Words, say
from tutela.planning.queries import plans
from tutela.published.queries import pack_in_force


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


def tasks_on(file_id: UUID, *, day: date) -> list[Task]:
    """Everything to do on a file on `day`: health care first, then what has a date, then what has none."""
    timed = map(of_deadline, open_deadlines([file_id]))
    return [*_health_care(file_id, day), *timed, *_waiting(file_id), *_consent(file_id, day)]


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


def _health_care(file_id: UUID, day: date) -> Iterator[Task]:
    """After sexual violence health care is offered, until an urgent action for health is written down (R72)."""
    told = [one.contents.get("sexual_violence_recency", "") for one in assessments(file_id)]
    answered = any("health" in one.contents.get("need", []) for one in urgent_actions(file_id))
    if not any(told) or answered or closure_of(file_id):
        return
    offer = health_care_offer(
        next(one for one in reversed(told) if one), pack=pack_in_force(agency_id_of(file_id), day), day=day
    )
    yield Task(say("Offer health care"), "consent.urgent_action", "write", offer.words, offer.citation)


def _consent(file_id: UUID, day: date) -> Iterator[Task]:
    """Who has not been told, or not been asked since it counts. Nobody with a safety mark is asked (R109)."""
    if closure_of(file_id):
        return
    law = "S2 §3.4-1; R8"
    if explained(file_id) is None:
        before = say("Before any question about harm.")
        yield Task(
            say("Explain the work and its limits"), "consent.explanation", "write", before, "S2 §3.4-1; R10"
        )
    said = {person for person, one in standing(file_id).items() if holds(one, day=day)}
    if "child" not in said:
        by_age = say("Consent or assent, by age; the child’s no counts.")
        yield Task(say("Ask the child"), "consent.consent", "write", by_age, law)
    for person in people_around(file_id):
        caregiver = person.contents.get("relationship") in _CAREGIVERS
        marked = NOT_ASKED_MARKS & set(person.contents.get("safety_mark", []))
        if caregiver and not marked and str(person.person_id) not in said:
            each = say("Each caregiver is asked separately.")
            yield Task(
                say("Ask the caregiver"), "consent.consent", "write", each, law, about=person.person_id
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
