"""A child becomes known; a case is opened."""

from collections.abc import Sequence

from tutela.cases.actions import end, give_case_code, make, make_case, make_child
from tutela.cases.entries import Kind, OpenEntry
from tutela.cases.queries import case_of
from tutela.foundation.refusals import Unmet
from tutela.foundation.words import say
from tutela.intake.models import Identification, Registration


def apply_identification(entry: OpenEntry) -> None:
    make(Identification, entry, entry.fact("identification"))
    make_child(entry)


def missing_for_registration(entry: OpenEntry) -> Sequence[Unmet]:
    """A case is registered once; a correction amends the registration (R17)."""
    if case_of(entry.file_id) and not entry.amends:
        return [
            Unmet(
                "registered_already",
                say("This child is registered already. Correct the registration instead."),
                "R17",
            )
        ]
    return []


def apply_registration(entry: OpenEntry) -> None:
    """Open the case, or correct what was registered."""
    registration = entry.fact("registration")
    end(Registration, entry)
    make(Registration, entry, registration, area=str(registration.pop("area", "")))
    make_child(entry)
    make_case(entry)


KINDS = (
    Kind("intake.identification", apply=apply_identification, action="open_file", opens_file=True),
    Kind(
        "intake.registration", apply=apply_registration, unmet=missing_for_registration, give=give_case_code
    ),
)
