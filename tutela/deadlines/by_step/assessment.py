"""Urgent needs, health care that must be offered, and what waits for the supervisor's word: risk, assessments."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from tutela.assessment.queries import (
    assessments,
    assessments_asked,
    health_care_answer,
    lowering_waiting,
)
from tutela.assessment.rules import health_care_offer
from tutela.cases.entries import happened_at
from tutela.cases.queries import agency_id_of, began_with
from tutela.closure.queries import closure_of
from tutela.consent.queries import urgent_actions
from tutela.deadlines.task import Task
from tutela.deadlines.timeline import Event, Timeline
from tutela.deadlines.wanted import Wanted
from tutela.foundation.words import say
from tutela.protocols.limits import falls
from tutela.protocols.packs import Pack, rule_on
from tutela.published.queries import pack_in_force


def wanted(file_id: UUID, line: Timeline, pack: Pack, zone: ZoneInfo) -> Iterator[Wanted]:
    """An urgent need that an assessment names is acted on at once or the next day (R18). Any urgent action answers it."""
    if line.closed:
        return
    acted = [began_with(one.entry) for one in urgent_actions(file_id)]
    for assessment in assessments(file_id):
        first = began_with(assessment.entry)
        if not assessment.contents.get("urgent_needs") or (
            line.reopened and first.revision < line.reopened.revision
        ):
            continue
        anchor = Event(happened_at(assessment.entry), assessment.entry.happened_on, first.id, first.revision)
        rule = rule_on("urgent_need.response", day=anchor.day, pack=pack)
        late = rule_on("urgent_need.response.overdue_after", day=anchor.day, pack=pack)
        met = next(
            (one for one in acted if one.revision > anchor.revision or one.happened_on >= anchor.day), None
        )
        yield Wanted(
            "urgent_need", anchor, falls(anchor.at, rule, zone), falls(anchor.at, late, zone), rule.key,
            rule.citation, rule.pack_hash,
            met=Event(happened_at(met), met.happened_on, met.id, met.revision) if met else None,
        )  # fmt: skip


def health_care(file_id: UUID, day: date) -> Iterator[Task]:
    """After sexual violence health care is offered, until the child has answered or was taken there (R72)."""
    told = [one.contents.get("sexual_violence_recency", "") for one in assessments(file_id)]
    if not any(told) or closure_of(file_id):
        return
    pack = pack_in_force(agency_id_of(file_id), day)
    settled = health_care_answer(file_id) in rule_on("health_care.settled", day=day, pack=pack).codes
    if settled or any("health" in one.contents.get("need", []) for one in urgent_actions(file_id)):
        return
    offer = health_care_offer(next(one for one in reversed(told) if one), pack=pack, day=day)
    yield Task(say("Offer health care"), "consent.urgent_action", "write", offer.words, offer.citation)


def tasks(file_id: UUID, day: date) -> Iterator[Task]:
    """A lowering from high, and what was assessed, that wait for the supervisor."""
    if lowering_waiting(file_id):
        yield Task(
            say("Decide on lowering the risk"),
            "assessment.risk_agreement",
            "agree",
            say("Lowering from high counts once the supervisor agrees."),
            "R23",
        )
    if assessments_asked(file_id) and not closure_of(file_id):
        yield Task(
            say("Say a word on the assessment"),
            "assessment.assessment_answer",
            "agree",
            say("Your organisation asks for it. The work goes on meanwhile."),
            "R37",
        )
