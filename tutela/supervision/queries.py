"""Questions a supervisor asks."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tutela.access.models import User
from tutela.access.queries import files_of_supervised_teams
from tutela.assessment.models import Lowering
from tutela.assessment.queries import levels_since
from tutela.cases.models import Fact
from tutela.cases.queries import agency_id_of
from tutela.closure.models import ClosureRequest
from tutela.closure.queries import closed_among, deaths_among, reopened_at
from tutela.consent.models import Override, UrgentAction, Withdrawal
from tutela.consent.queries import files_apart
from tutela.consent.rules import withdrawal_rule
from tutela.follow_up.models import Contact
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


def waiting_for_word(file_ids: Iterable[UUID]) -> list[Waiting]:
    """What waits on these files, the oldest first. Where a child has died, only closing does (R54)."""
    ids = list(file_ids)
    died = deaths_among(ids)
    living = set(ids) - set(died)
    urgent = UrgentAction.objects.filter(file_id__in=living, ended_by__isnull=True, answer__isnull=True)
    lowering = Lowering.objects.filter(file_id__in=living, ended_by__isnull=True)
    overrides = Override.objects.filter(file_id__in=living, ended_by__isnull=True, answer__isnull=True)
    plans = WordAsked.objects.filter(file_id__in=living - closed_among(ids), ended_by__isnull=True)
    closing = ClosureRequest.objects.filter(file_id__in=ids, ended_by__isnull=True, answer__isnull=True)
    searches = _not_reached(list(living))
    waiting = [
        *_each(urgent.select_related("entry__done_by"), "consent.urgent_answer", say("An urgent action")),
        *_each(
            lowering.select_related("entry__done_by"),
            "assessment.risk_agreement",
            say("Lowering the risk from high"),
        ),
        *_each(waiting_for_word_on(living), "referral.word", say("What was shared without a basis")),
        *_each(
            overrides.select_related("entry__done_by"),
            "consent.override_answer",
            say("Going on without consent"),
        ),
        *_each(_withdrawn(living), "consent.withdrawal_decision", say("Consent was withdrawn at high risk")),
        *_each(files_apart(living).values(), "consent.consultation", say("People do not agree")),
        *_each(plans.select_related("entry__done_by"), "planning.plan_answer", say("A plan")),
        *_each(
            (
                one
                for one in closing.select_related("entry__done_by")
                if one.entry.revision > died.get(one.file_id, 0)
            ),
            "closure.answer",
            say("Closing the case"),
        ),
        *_each(searches, "follow_up.search", say("A child who could not be reached: agree how to search")),
    ]
    return sorted(waiting, key=lambda one: one.happened_on)


def _not_reached(ids: list[UUID]) -> list[Contact]:
    """Attempts, at high risk or of a missing child, after which no search was agreed yet (R113)."""
    closed = closed_among(ids)
    found = unreached([one for one in ids if one not in closed], since=reopened_at(ids))
    return [one.asking for one in found if one.tell and one.search is None]


def _withdrawn(file_ids: Iterable[UUID]) -> list[Withdrawal]:
    """What was taken back at a level of risk at which the supervisor decides, and waits for it: the oldest of a file (R13)."""
    rows = Withdrawal.objects.filter(file_id__in=file_ids, ended_by__isnull=True, decision__isnull=True)
    found: dict[UUID, Withdrawal] = {}
    for one in rows.select_related("entry__done_by").order_by("entry__revision"):
        if one.file_id not in found and _is_decided_by_supervisor(one):
            found[one.file_id] = one
    return list(found.values())


def _is_decided_by_supervisor(one: Withdrawal) -> bool:
    levels, identification = levels_since(one.file_id, one.entry.revision), identification_of(one.file_id)
    if not levels and identification:
        levels = [identification.contents["triage"]]
    pack = pack_in_force(agency_id_of(one.file_id), one.entry.happened_on)
    return bool(withdrawal_rule(levels, pack=pack))


def _each(facts: Iterable[Fact], form: str, asked: Words) -> Iterator[Waiting]:
    for fact in facts:
        yield Waiting(
            fact.file_id, form, fact.entry_id, asked, fact.entry.done_by.name, fact.entry.happened_on
        )


def matches_to_judge(file_ids: Iterable[UUID]) -> list[PossibleMatch]:
    """Pairs of files that may be of one child, for the supervisor of the file that was registered later (R6)."""
    return list(PossibleMatch.objects.filter(file_id__in=list(file_ids), verdict="").order_by("found_at"))
