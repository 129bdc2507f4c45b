"""A child becomes known, is screened; a case is opened, or what was written is reduced."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from tutela.access.actions import release
from tutela.access.queries import zone_of
from tutela.cases.actions import end, forget_file, give_case_code, make, make_case, make_child
from tutela.cases.entries import Kind, OpenEntry
from tutela.cases.models import CaseFile
from tutela.cases.queries import case_of
from tutela.foundation.clock import local_day
from tutela.foundation.refusals import Refused, Unmet
from tutela.foundation.words import say
from tutela.intake.calendars import IN_WORDS, gregorian_day
from tutela.intake.models import Identification, ReducedFile, Registration, Screening
from tutela.intake.queries import Ending
from tutela.protocols.packs import rule_on
from tutela.published.queries import pack_in_force

_EARLIEST = date(1990, 1, 1)  # as in the forms: a birth before it is a slip in typing


def apply_identification(entry: OpenEntry) -> None:
    make(Identification, entry, entry.fact("identification"))
    make_child(entry)


def apply_screening(entry: OpenEntry) -> None:
    """The last screening holds; whether it ends here is kept with it, by the rule of its day."""
    file = CaseFile.objects.select_related("agency").get(id=entry.file_id)
    day = local_day(entry.received_at, zone_of(file.agency))
    codes = rule_on("intake.ends_here", day=day, pack=pack_in_force(file.agency_id, day)).codes
    screening = entry.fact("screening")
    end(Screening, entry)
    make(Screening, entry, {**screening, "ends_here": screening.get("outcome") in codes})


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


def missing_for_age(entry: OpenEntry) -> Sequence[Unmet]:
    """A date of birth is one that its calendar has, and that has come."""
    try:
        born = _born(entry)
    except Refused as refused:
        return refused.unmet
    if born is None:
        return []
    if born > entry.happened_on:
        words = say("This day has not come yet. Enter a day that has.")
        return [Unmet("future", words, "R16", "birth_told")]
    if born < _EARLIEST:
        words = say("This is too long ago for a child. Look at the year and the calendar again.")
        return [Unmet("out_of_range", words, "R16", "birth_told")]
    return []


def apply_age(entry: OpenEntry) -> None:
    """What is known of the age now: a day of birth in any calendar as the Gregorian day, beside it what was told."""
    born = _born(entry)
    make_child(entry, **({"birth_date": born.isoformat()} if born else {}))


def reduce_file(file_id: UUID, *, ending: Ending, at: datetime) -> None:
    """Leave nothing of a file but date, source and outcome (R17). Whoever calls destroys its keys after the commit.

    Entries stay as they are, sealed under keys that will be gone; facts, drafts and labels go.
    """
    zone = zone_of(CaseFile.objects.select_related("agency").get(id=file_id).agency)
    ReducedFile.objects.create(file_id=file_id, source=ending.source, outcome=ending.outcome, at=at)
    forget_file(file_id)
    release(file_id=file_id, until=local_day(at, zone))


def _born(entry: OpenEntry) -> date | None:
    told = entry.fact("person")
    calendar = str(told.get("birth_calendar", ""))
    if not told.get("birth_told") or calendar in ("", IN_WORDS):
        return None
    return gregorian_day(str(told["birth_told"]), calendar=calendar)


KINDS = (
    Kind("intake.identification", apply=apply_identification, action="open_file", opens_file=True),
    Kind("intake.screening", apply=apply_screening, continues=True),
    Kind(
        "intake.registration", apply=apply_registration, unmet=missing_for_registration, give=give_case_code
    ),
    Kind("intake.age", apply=apply_age, unmet=missing_for_age, while_closed=True),
)
