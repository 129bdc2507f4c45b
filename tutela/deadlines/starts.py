"""What may be written down on a file just now, in whatever order the day goes (R111)."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from tutela.cases.queries import case_of
from tutela.closure.queries import closure_of, death_of, looked_ahead, request_of
from tutela.consent.queries import override_waiting, standing
from tutela.foundation.words import Words, say
from tutela.referral.queries import referrals, services_under_way


@dataclass(frozen=True)
class Group:
    """Forms that are begun at the same point of casework."""

    title: Words
    forms: tuple[str, ...]


# In the order of casework; urgent action stands apart, on every page of the file.
_GROUPS = (
    Group(
        say("First contact"),
        (
            "intake.screening",
            "intake.registration",
            "intake.age",
            "consent.explanation",
            "consent.consent",
            "cases.person",
            "cases.child_contact",
            "assessment.initial",
        ),
    ),
    Group(
        say("When consent changes or is not enough"),
        ("consent.withdrawal", "consent.override", "consent.mandatory_report"),
    ),
    Group(
        say("Assessment"),
        (
            "assessment.comprehensive",
            "assessment.risk",
            "assessment.circumstances",
        ),
    ),
    Group(say("Plan"), ("planning.plan", "planning.safety_plan", "planning.meeting")),
    Group(
        say("Services"),
        (
            "referral.referral",
            "referral.done",
            "referral.answer",
            "referral.outcome",
            "referral.cancel",
            "referral.gap",
        ),
    ),
    Group(
        say("Follow-up"),
        (
            "follow_up.contact",
            "follow_up.voice_note",
            "cases.document",
            "follow_up.interpreter",
            "follow_up.place_check",
            "follow_up.review",
            "follow_up.conference",
        ),
    ),
    Group(say("Closing"), ("closure.request", "closure.reopening", "closure.approaching_eighteen")),
    Group(
        say("When a child has died"),
        ("closure.death", "closure.sibling_check", "closure.staff_support", "closure.death_in_error"),
    ),
    Group(
        say("Whose file it is"), ("closure.allocation", "closure.transfer", "closure.conflict_of_interest")
    ),
)

_WHILE_CLOSED = {
    "cases.child_contact",
    "cases.document",
    "cases.person",
    "closure.allocation",
    "closure.death",
    "closure.reopening",
    "consent.withdrawal",
    "follow_up.contact",
    "follow_up.interpreter",
    "follow_up.voice_note",
    "intake.age",
    "referral.answer",
    "referral.cancel",
    "referral.done",
    "referral.outcome",
}

_AFTER_DEATH = {
    "follow_up.contact", "follow_up.voice_note", "cases.document", "cases.person", "closure.request",
    "closure.sibling_check", "closure.staff_support", "closure.death_in_error", "consent.mandatory_report",
}  # fmt: skip

# When a form makes no sense just now. What is not here can always be begun.
_APPLIES: dict[str, Callable[[UUID], bool]] = {
    "intake.registration": lambda file_id: case_of(file_id) is None,
    "intake.screening": lambda file_id: case_of(file_id) is None,
    "consent.withdrawal": lambda file_id: "child" in standing(file_id),
    "consent.override": lambda file_id: override_waiting(file_id) is None,
    "closure.request": lambda file_id: case_of(file_id) is not None and request_of(file_id) is None,
    "referral.answer": lambda file_id: bool(services_under_way(file_id)),
    "referral.outcome": lambda file_id: any(not one.is_settled for one in referrals(file_id)),
    "referral.cancel": lambda file_id: bool(services_under_way(file_id)),
    "closure.reopening": lambda file_id: closure_of(file_id) is not None,
    "closure.approaching_eighteen": lambda file_id: bool(
        looked_ahead([file_id])
    ),  # the first time it is a task
    "closure.sibling_check": lambda file_id: death_of(file_id) is not None,
    "closure.staff_support": lambda file_id: death_of(file_id) is not None,
    "closure.death_in_error": lambda file_id: death_of(file_id) is not None,
}


def forms_to_start(file_id: UUID) -> list[Group]:
    """The groups of forms that the caseworker may begin on this file; none of them is empty."""
    closed, died = closure_of(file_id) is not None, death_of(file_id) is not None

    def offered(form: str) -> bool:
        if died:
            return form in _AFTER_DEATH and (form not in _APPLIES or _APPLIES[form](file_id))
        return (form in _WHILE_CLOSED or not closed) and (form not in _APPLIES or _APPLIES[form](file_id))

    groups = (Group(group.title, tuple(filter(offered, group.forms))) for group in _GROUPS)
    return [group for group in groups if group.forms]
