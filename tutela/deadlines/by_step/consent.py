"""Who has not been told or asked, and urgent action that waits for its answer."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from tutela.cases.queries import people_around
from tutela.closure.queries import closure_of
from tutela.consent.queries import explained, holds, standing
from tutela.consent.rules import NOT_ASKED_MARKS
from tutela.deadlines.task import Task
from tutela.deadlines.timeline import Timeline
from tutela.deadlines.wanted import Wanted
from tutela.foundation.words import say
from tutela.protocols.limits import falls
from tutela.protocols.packs import Pack, rule_on

_CAREGIVERS = {
    "mother",
    "father",
    "step_parent",
    "grandparent",
    "foster_carer",
    "guardian",
    "other_caregiver",
}


def wanted(file_id: UUID, line: Timeline, pack: Pack, zone: ZoneInfo) -> Iterator[Wanted]:
    """The supervisor answers each urgent action in time, whatever else happens on the file (R11)."""
    for anchor in line.urgent:
        rule = rule_on("consent.override.answer", day=anchor.day, pack=pack)
        at = falls(anchor.at, rule, zone)
        yield Wanted("urgent_answer", anchor, at, at, rule.key, rule.citation, rule.pack_hash)


def tasks(file_id: UUID, day: date) -> Iterator[Task]:
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
