"""Questions a supervisor asks."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tutela.access.models import User
from tutela.access.queries import files_of_supervised_teams
from tutela.assessment.models import Lowering
from tutela.cases.models import Fact
from tutela.closure.models import ClosureRequest
from tutela.closure.queries import deaths_among
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


def waiting_for_word(file_ids: Iterable[UUID]) -> list[Waiting]:
    """What waits on these files, the oldest first. Where a child has died, only closing does (R54)."""
    ids = list(file_ids)
    died = deaths_among(ids)
    living = set(ids) - set(died)
    urgent = UrgentAction.objects.filter(file_id__in=living, ended_by__isnull=True, answer__isnull=True)
    lowering = Lowering.objects.filter(file_id__in=living, ended_by__isnull=True)
    closing = ClosureRequest.objects.filter(file_id__in=ids, ended_by__isnull=True, answer__isnull=True)
    waiting = [
        *_each(urgent.select_related("entry__done_by"), "consent.urgent_answer", say("An urgent action")),
        *_each(
            lowering.select_related("entry__done_by"),
            "assessment.risk_agreement",
            say("Lowering the risk from high"),
        ),
        *_each(
            (
                one
                for one in closing.select_related("entry__done_by")
                if one.entry.revision > died.get(one.file_id, 0)
            ),
            "closure.answer",
            say("Closing the case"),
        ),
    ]
    return sorted(waiting, key=lambda one: one.happened_on)


def _each(facts: Iterable[Fact], form: str, asked: Words) -> Iterator[Waiting]:
    for fact in facts:
        yield Waiting(
            fact.file_id, form, fact.entry_id, asked, fact.entry.done_by.name, fact.entry.happened_on
        )


def matches_to_judge(file_ids: Iterable[UUID]) -> list[PossibleMatch]:
    """Pairs of files that may be of one child, for the supervisor of the file that was registered later (R6)."""
    return list(PossibleMatch.objects.filter(file_id__in=list(file_ids), verdict="").order_by("found_at"))
