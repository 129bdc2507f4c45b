"""What may be written down on a file just now, in whatever order the day goes (R111)."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from tutela.cases.queries import case_of
from tutela.closure.queries import closure_of, request_of
from tutela.foundation.words import Words, say


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
            "intake.registration",
            "consent.explanation",
            "consent.consent",
            "cases.person",
            "assessment.initial",
        ),
    ),
    Group(say("Assessment"), ("assessment.comprehensive", "assessment.risk")),
    Group(say("Plan"), ("planning.plan",)),
    Group(say("Follow-up"), ("follow_up.contact", "follow_up.review")),
    Group(say("Closing"), ("closure.request", "closure.reopening")),
    Group(
        say("Whose file it is"), ("closure.allocation", "closure.transfer", "closure.conflict_of_interest")
    ),
)

_WHILE_CLOSED = {"closure.reopening", "closure.allocation", "follow_up.contact", "cases.person"}

# When a form makes no sense just now. What is not here can always be begun.
_APPLIES: dict[str, Callable[[UUID], bool]] = {
    "intake.registration": lambda file_id: case_of(file_id) is None,
    "closure.request": lambda file_id: case_of(file_id) is not None and request_of(file_id) is None,
    "closure.reopening": lambda file_id: closure_of(file_id) is not None,
}


def forms_to_start(file_id: UUID) -> list[Group]:
    """The groups of forms that the caseworker may begin on this file; none of them is empty."""
    closed = closure_of(file_id) is not None

    def offered(form: str) -> bool:
        return (form in _WHILE_CLOSED or not closed) and (form not in _APPLIES or _APPLIES[form](file_id))

    groups = (Group(group.title, tuple(filter(offered, group.forms))) for group in _GROUPS)
    return [group for group in groups if group.forms]
