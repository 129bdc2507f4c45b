"""Risk that waits for the supervisor's word, and health care that must be offered."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from tutela.assessment.queries import assessments, lowering_waiting
from tutela.assessment.rules import health_care_offer
from tutela.cases.queries import agency_id_of
from tutela.closure.queries import closure_of
from tutela.consent.queries import urgent_actions
from tutela.deadlines.task import Task
from tutela.foundation.words import say
from tutela.published.queries import pack_in_force


def health_care(file_id: UUID, day: date) -> Iterator[Task]:
    """After sexual violence health care is offered, until an urgent action for health is written down (R72)."""
    told = [one.contents.get("sexual_violence_recency", "") for one in assessments(file_id)]
    answered = any("health" in one.contents.get("need", []) for one in urgent_actions(file_id))
    if not any(told) or answered or closure_of(file_id):
        return
    offer = health_care_offer(
        next(one for one in reversed(told) if one), pack=pack_in_force(agency_id_of(file_id), day), day=day
    )
    yield Task(say("Offer health care"), "consent.urgent_action", "write", offer.words, offer.citation)


def tasks(file_id: UUID, day: date) -> Iterator[Task]:
    """A lowering from high that waits for the supervisor."""
    if lowering_waiting(file_id):
        yield Task(
            say("Decide on lowering the risk"),
            "assessment.risk_agreement",
            "agree",
            say("Lowering from high counts once the supervisor agrees."),
            "R23",
        )
