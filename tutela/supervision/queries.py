"""Questions a supervisor asks."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from uuid import UUID

from django.db.models import Q

from tutela.access.models import User
from tutela.access.queries import closed_files, files_of_supervised_teams, named_instead
from tutela.assessment.models import AssessmentWordAsked, Lowering
from tutela.assessment.queries import levels_since
from tutela.cases.facts import current
from tutela.cases.models import Fact
from tutela.cases.queries import agency_id_of
from tutela.closure.models import ClosureRequest
from tutela.closure.queries import closed_among, conflicts_waiting, deaths_among, reopened_at
from tutela.consent.models import Override, UrgentAction, Withdrawal
from tutela.consent.queries import files_apart
from tutela.consent.rules import withdrawal_rule
from tutela.follow_up.queries import unreached
from tutela.foundation.words import Words, say
from tutela.intake.queries import identification_of
from tutela.planning.models import WordAsked
from tutela.published.queries import pack_in_force
from tutela.referral.queries import waiting_for_word_on
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


def _overrides(files: list[UUID]) -> Iterable[Fact]:
    found = Override.objects.filter(file_id__in=files, ended_by__isnull=True, answer__isnull=True)
    return found.select_related("entry__done_by")


def _withdrawn(files: list[UUID]) -> Iterable[Fact]:
    """What was taken back at a level of risk at which the supervisor decides, and waits for it: the oldest of a file (R13)."""
    rows = Withdrawal.objects.filter(file_id__in=files, ended_by__isnull=True, decision__isnull=True)
    found: dict[UUID, Withdrawal] = {}
    for one in rows.select_related("entry__done_by").order_by("entry__revision"):
        if one.file_id not in found and _is_decided_by_supervisor(one):
            found[one.file_id] = one
    return found.values()


def _is_decided_by_supervisor(one: Withdrawal) -> bool:
    levels, identification = levels_since(one.file_id, one.entry.revision), identification_of(one.file_id)
    if not levels and identification:
        levels = [identification.contents["triage"]]
    pack = pack_in_force(agency_id_of(one.file_id), one.entry.happened_on)
    return bool(withdrawal_rule(levels, pack=pack))


def _apart(files: list[UUID]) -> Iterable[Fact]:
    return files_apart(files).values()


def _while_open(asked: type[Fact], files: list[UUID]) -> Iterable[Fact]:
    """What waits for a word as long as the case is open."""
    return current(asked, *(set(files) - closed_among(files)), beside=["entry__done_by"])


def _closing(files: list[UUID]) -> Iterable[Fact]:
    """Requests to close; where a child has died, only what was asked after that (R54)."""
    found = ClosureRequest.objects.filter(file_id__in=files, ended_by__isnull=True, answer__isnull=True)
    died = deaths_among(files)
    return [
        one for one in found.select_related("entry__done_by") if one.entry.revision > died.get(one.file_id, 0)
    ]


def _not_reached(files: list[UUID]) -> Iterable[Fact]:
    """Attempts, at high risk or of a missing child, after which no search was agreed yet (R113)."""
    closed = closed_among(files)
    found = unreached([one for one in files if one not in closed], since=reopened_at(files))
    return [one.asking for one in found if one.tell and one.search is None]


@dataclass(frozen=True)
class Asks:
    """One kind of thing that waits for a supervisor's word: the form that answers it, its name, and which facts wait.

    `facts` gives those of many files in a few queries, each with its entry and who did it. `after_death`: it waits although
    the child has died.
    """

    form: str
    asked: Words
    facts: Callable[[list[UUID]], Iterable[Fact]]
    after_death: bool = False


URGENT = "consent.urgent_answer"

# Everything a supervisor is asked to agree to. A step whose requests wait adds a line; the team page shows it.
WAITING: tuple[Asks, ...] = (
    Asks(URGENT, say("An urgent action"), _urgent),
    Asks("follow_up.search", say("A child who could not be reached: agree how to search"), _not_reached),
    Asks("assessment.risk_agreement", say("Lowering the risk from high"), _lowering),
    Asks("consent.withdrawal_decision", say("Consent was withdrawn at high risk"), _withdrawn),
    Asks("consent.consultation", say("People do not agree"), _apart),
    Asks("consent.override_answer", say("Going on without consent"), _overrides),
    Asks("referral.word", say("What was shared without a basis"), waiting_for_word_on),
    Asks("assessment.assessment_answer", say("An assessment"), partial(_while_open, AssessmentWordAsked)),
    Asks("planning.plan_answer", say("A plan"), partial(_while_open, WordAsked)),
    Asks("closure.answer", say("Closing the case"), _closing, after_death=True),
    Asks("closure.conflict_answer", say("A conflict of interest"), conflicts_waiting),
)


def waiting_for_word(file_ids: Iterable[UUID]) -> list[Waiting]:
    """What waits on these files, the oldest first. Where a child has died, only closing does (R54)."""
    ids = list(file_ids)
    died = deaths_among(ids)
    living = [one for one in ids if one not in died]
    waiting = [one for asks in WAITING for one in _each(asks, ids if asks.after_death else living)]
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


def matches_to_judge(file_ids: Iterable[UUID], *, by: User, day: date) -> list[PossibleMatch]:
    """Pairs of files that may be of one child, for the supervisor of the file that was registered later (R6).

    Where either file is closed to them, for whoever is named in their place on it (R121).
    """
    ids, closed = list(file_ids), closed_files(by, day)
    named = Q(other_id__in=ids) & Q(other_id__in=named_instead(by, day))
    waiting = PossibleMatch.objects.filter(Q(file_id__in=ids) | named, verdict="")
    return list(waiting.exclude(file_id__in=closed).exclude(other_id__in=closed).order_by("found_at"))
