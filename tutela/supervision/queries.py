"""Questions a supervisor asks."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tutela.access.models import User
from tutela.access.queries import files_of_supervised_teams
from tutela.assessment.models import Lowering
from tutela.cases.models import Fact
from tutela.closure.models import ClosureRequest
from tutela.closure.queries import conflicts_waiting
from tutela.consent.models import UrgentAction
from tutela.foundation.words import Words, say
from tutela.supervision.models import PossibleMatch


@dataclass(frozen=True)
class Waiting:
    """Something that waits for the supervisor: which form answers it, which entry asked, who and when."""

    file_id: UUID
    form: str
    entry_id: UUID
    asked: Words
    by: str
    happened_on: date


def supervised_files(user: User, *, day: date) -> list[UUID]:
    """The files of the teams that `user` supervises on `day`."""
    return files_of_supervised_teams(user, day)


def _urgent(files: list[UUID]) -> Iterable[Fact]:
    found = UrgentAction.objects.filter(file_id__in=files, ended_by__isnull=True, answer__isnull=True)
    return found.select_related("entry__done_by")


def _lowering(files: list[UUID]) -> Iterable[Fact]:
    return Lowering.objects.filter(file_id__in=files, ended_by__isnull=True).select_related("entry__done_by")


def _closing(files: list[UUID]) -> Iterable[Fact]:
    found = ClosureRequest.objects.filter(file_id__in=files, ended_by__isnull=True, answer__isnull=True)
    return found.select_related("entry__done_by")


@dataclass(frozen=True)
class Asks:
    """One kind of thing that waits for a supervisor's word: the form that answers it, its name, and which facts wait.

    `facts` gives those of many files in one query, each with its entry and who did it.
    """

    form: str
    asked: Words
    facts: Callable[[list[UUID]], Iterable[Fact]]


URGENT = "consent.urgent_answer"

# Everything a supervisor is asked to agree to. A step whose requests wait adds a line; the team page shows it.
WAITING: tuple[Asks, ...] = (
    Asks(URGENT, say("An urgent action"), _urgent),
    Asks("assessment.risk_agreement", say("Lowering the risk from high"), _lowering),
    Asks("closure.answer", say("Closing the case"), _closing),
    Asks("closure.conflict_answer", say("A conflict of interest"), conflicts_waiting),
)


def waiting_for_word(file_ids: Iterable[UUID]) -> list[Waiting]:
    """What waits on these files, the oldest first."""
    ids = list(file_ids)
    waiting = [one for asks in WAITING for one in _each(asks, ids)]
    return sorted(waiting, key=lambda one: one.happened_on)


def _each(asks: Asks, files: list[UUID]) -> Iterator[Waiting]:
    for fact in asks.facts(files):
        yield Waiting(
            fact.file_id,
            asks.form,
            fact.entry_id,
            asks.asked,
            fact.entry.done_by.name,
            fact.entry.happened_on,
        )


def matches_to_judge(file_ids: Iterable[UUID]) -> list[PossibleMatch]:
    """Pairs of files that may be of one child, for the supervisor of the file that was registered later (R6)."""
    return list(PossibleMatch.objects.filter(file_id__in=list(file_ids), verdict="").order_by("found_at"))
