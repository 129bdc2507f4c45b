"""Who has not been told or asked, who is asked anew, and what waits for a supervisor's word (R8, R11, R13, R77, R109)."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from tutela.assessment.queries import levels_since
from tutela.cases.entries import happened_at
from tutela.closure.queries import closure_of
from tutela.consent.people import caregivers, people_who_may_be_involved, reached_through_somebody_marked
from tutela.consent.queries import (
    asked_again,
    disagreements,
    explained,
    not_asked,
    override_waiting,
    report_undecided,
    services_to_decide,
    standing,
    withdrawals,
)
from tutela.consent.rules import CHILD, withdrawal_rule
from tutela.deadlines.task import Task
from tutela.deadlines.timeline import Event, Timeline
from tutela.deadlines.wanted import Wanted
from tutela.foundation.words import say
from tutela.protocols.limits import falls
from tutela.protocols.packs import Pack, rule_on

_LAW = "S2 §3.4-1; R8"


def wanted(file_id: UUID, line: Timeline, pack: Pack, zone: ZoneInfo) -> Iterator[Wanted]:
    """The supervisor answers each urgent action in time, and decides on a withdrawal at high risk (R11, R13)."""
    for anchor in line.urgent:
        yield _in_time("urgent_answer", anchor, "consent.override.answer", pack, zone)
    for one in withdrawals(file_id):
        held = levels_since(file_id, one.entry.revision)  # a level lowered since takes nothing back (R23)
        rule = withdrawal_rule(held or [line.risk], pack=pack)
        if rule and one.decision_id is None:
            entry = one.entry
            anchor = Event(happened_at(entry), entry.happened_on, entry.id, entry.revision)
            yield _in_time("withdrawal_decision", anchor, rule, pack, zone)


def tasks(file_id: UUID, day: date) -> Iterator[Task]:
    """What is to be asked, told or answered. After closing, only what is left to be decided."""
    if services_to_decide(file_id):
        yield Task(
            say("Decide with the child about each service under way"),
            "consent.services_decided",
            "write",
            say(
                "Consent was withdrawn. Nothing ends by itself, and nothing goes on against the child’s wish."
            ),
            "R13; S2 Annex 5",
        )
    yield from _for_the_supervisor(file_id, day)
    if closure_of(file_id):
        return
    if explained(file_id) is None:
        before = say("Before any question about harm.")
        yield Task(
            say("Explain the work and its limits"), "consent.explanation", "write", before, "S2 §3.4-1; R10"
        )
    yield from _to_ask(file_id, day)
    yield from _to_reach(file_id, day)
    if report_undecided(file_id):
        yield Task(
            say("Write down the decision on reporting"),
            "consent.mandatory_report",
            "write",
            say("A duty to report was looked at, and nothing is decided yet."),
            "R77; S2 Annex 2",
        )


def _to_ask(file_id: UUID, day: date) -> Iterator[Task]:
    """Who has not been asked, or is asked anew. Nobody with a safety mark is (R109), nor who is not asked for a reason."""
    said, left_out = standing(file_id), not_asked(file_id)
    if CHILD not in said and CHILD not in left_out:
        by_age = say("Consent or assent, by age; the child’s no counts.")
        yield Task(say("Ask the child"), "consent.consent", "write", by_age, _LAW)
    adults = people_who_may_be_involved(file_id)
    for person in caregivers(adults, file_id=file_id, day=day):
        if str(person.person_id) not in (*said, *left_out):
            each = say("Each caregiver is asked separately.")
            yield Task(
                say("Ask the caregiver"), "consent.consent", "write", each, _LAW, about=person.person_id
            )
    for who, why in asked_again(file_id, day=day).items():
        title = say("Ask the child again") if who == CHILD else say("Ask the caregiver again")
        about = None if who == CHILD else UUID(who)
        yield Task(title, "consent.consent", "write", why[0], "S2 §3.4-1; R13", about=about)


def _to_reach(file_id: UUID, day: date) -> Iterator[Task]:
    if reached_through_somebody_marked(file_id, day=day):
        yield Task(
            say("Find another way to reach the child"),
            "cases.person",
            "write",
            say(
                "The only number or address is that of somebody with a safety mark. Write down somebody else, or "
                "ask the child what is safe."
            ),
            "R109, R110",
        )


def _for_the_supervisor(file_id: UUID, day: date) -> Iterator[Task]:
    if disagreements(file_id, day=day):
        yield Task(
            say("Answer where people do not agree"),
            "consent.consultation",
            "agree",
            say("They said different things about the same purpose. The child’s no stays a no."),
            "S2 §3.4-1; R8",
        )
    if override_waiting(file_id):
        yield Task(
            say("Answer on going on without consent"),
            "consent.override_answer",
            "agree",
            say("It counts once you agree."),
            "S2 §3.4-1; R11",
        )


def _in_time(step: str, anchor: Event, key: str, pack: Pack, zone: ZoneInfo) -> Wanted:
    rule = rule_on(key, day=anchor.day, pack=pack)
    at = falls(anchor.at, rule, zone)
    return Wanted(step, anchor, at, at, rule.key, rule.citation, rule.pack_hash)
