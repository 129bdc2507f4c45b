"""When the steps of one case happened, read from its facts: what starts the clocks, and what meets the deadlines.

After a reopening the clocks begin again: the reopening stands for referral and registration, and what was done before it
meets nothing (R55).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tutela.assessment.models import RiskLevel
from tutela.assessment.queries import assessments, risk_history
from tutela.cases.entries import happened_at
from tutela.cases.models import Entry, Fact
from tutela.cases.queries import began_with
from tutela.closure.queries import closure_of, death_of, follow_up_refused, reopening_of
from tutela.consent.queries import unanswered
from tutela.deadlines.rules import Clocks
from tutela.follow_up.queries import contacts, reviews
from tutela.follow_up.rules import NOT_REACHED, WITH_CHILD
from tutela.intake.models import Identification
from tutela.intake.queries import ends_here, identification_of, registration_of, screening_of
from tutela.planning.queries import plans

_NOT_BEGUN = "not_begun"  # of the list plan_progress


@dataclass(frozen=True)
class Event:
    """Something that happened on the file: when, and by which entry, that a correction leaves in its place."""

    at: datetime
    day: date
    entry_id: UUID
    revision: int


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """The events that start clocks or meet deadlines, each None or empty while it has not happened."""

    risk: str
    referred: Event | None
    registered: Event | None
    first_risk_set: Event | None
    risk_set: Event | None
    initial_finished: Event | None
    begun_assessing: Event | None
    comprehensive: Event | None
    comprehensive_finished: Event | None
    assessed: Event | None
    planned: Event | None
    implementing: Event | None
    last_review: Event | None
    contacts: Sequence[Event]
    with_child: Sequence[Event]
    reopened: Event | None
    closed: Event | None
    closure_reason: str
    follow_up_refused: bool
    urgent: Sequence[Event]
    ended_before: bool  # another help than case management follows, and nobody registered the child
    died: bool  # from then on nothing is due, whatever asks for it (R54)

    @property
    def clocks(self) -> Clocks:
        """The same, as moments for the rules."""
        return Clocks(
            risk=self.risk, referred=_at(self.referred), registered=_at(self.registered),
            first_risk_set=_at(self.first_risk_set), risk_set=_at(self.risk_set), assessed=_at(self.assessed),
            planned=_at(self.planned), last_review=_at(self.last_review),
            contacts=tuple(one.at for one in self.contacts), contacts_with_child=tuple(one.at for one in self.with_child),
            closed_at=_at(self.closed), closure_reason=self.closure_reason,
        )  # fmt: skip


def timeline_of(file_id: UUID) -> Timeline:
    """What happened on the file so far, since it was last opened."""
    identification, registration = identification_of(file_id), registration_of(file_id)
    closure, reopening, levels = closure_of(file_id), reopening_of(file_id), risk_history(file_id)
    events = _Events(since=reopening.entry.revision if reopening else 0)
    opened = events.first([reopening]) if reopening else None
    assessed, came_about = (
        events.of(assessments(file_id)),
        events.of(contacts(file_id), lambda one: one["reached"] not in NOT_REACHED),
    )
    return Timeline(
        risk=_risk(levels, identification),
        referred=None if reopening else events.first([identification] if identification else []),
        registered=opened or (events.first([registration]) if registration else None),
        first_risk_set=events.first(levels),
        risk_set=events.last(level for level in levels if level.ended_by_id is None),
        initial_finished=_first(assessed, lambda one: one["kind"] == "initial" and one["finished"] == "yes"),
        begun_assessing=_first(assessed, lambda one: True),
        comprehensive=_first(assessed, lambda one: one["kind"] == "comprehensive"),
        comprehensive_finished=_first(assessed, lambda one: one["kind"] == "comprehensive" and one["finished"] == "yes"),
        assessed=_first(assessed, lambda one: one["finished"] == "yes"),
        planned=events.first(plans(file_id)),
        implementing=_first(came_about, lambda one: one.get("progress", _NOT_BEGUN) != _NOT_BEGUN),
        last_review=events.last(reviews(file_id)),
        contacts=[event for _, event in came_about],
        with_child=[event for contents, event in came_about if contents["reached"] in WITH_CHILD],
        reopened=opened,
        closed=events.first([closure]) if closure else None,
        closure_reason=closure.request.contents["reason"] if closure else "",
        follow_up_refused=closure is not None and follow_up_refused(closure),
        urgent=[_at_its_own_place(action.entry) for action in unanswered(file_id)],
        ended_before=registration is None and ends_here(screening_of(file_id)),
        died=death_of(file_id) is not None,
    )  # fmt: skip


class _Events:
    """Facts as events, leaving out what was before the file was last opened again."""

    def __init__(self, *, since: int) -> None:
        self._since = since

    def of(
        self, facts: Iterable[Fact], holds: Callable[[dict[str, Any]], bool] = lambda one: True
    ) -> list[tuple[dict[str, Any], Event]]:
        told = [(fact.contents, event_of(fact.entry)) for fact in facts]
        kept = [one for one in told if one[1].revision >= self._since and holds(one[0])]
        return sorted(kept, key=lambda one: one[1].revision)

    def first(self, facts: Iterable[Fact]) -> Event | None:
        return next((event for _, event in self.of(facts)), None)

    def last(self, facts: Iterable[Fact]) -> Event | None:
        return next((event for _, event in reversed(self.of(facts))), None)


def event_of(entry: Entry) -> Event:
    """When it happened as last corrected, in the place of the entry that was first written."""
    first = began_with(entry)
    return Event(happened_at(entry), entry.happened_on, first.id, first.revision)


def _at_its_own_place(entry: Entry) -> Event:
    """For an urgent action: corrected, it is answered anew; closing and reopening change nothing about it."""
    return Event(happened_at(entry), entry.happened_on, entry.id, entry.revision)


def _risk(levels: Sequence[RiskLevel], identification: Identification | None) -> str:
    """The level that holds; before there is one, the triage priority stands for it."""
    if levels:
        return levels[-1].level
    return str(identification.contents["triage"]) if identification else "not_known"


def _first(
    pairs: Iterable[tuple[dict[str, Any], Event]], holds: Callable[[dict[str, Any]], bool]
) -> Event | None:
    return next((event for contents, event in pairs if holds(contents)), None)


def _at(event: Event | None) -> datetime | None:
    return event.at if event else None
