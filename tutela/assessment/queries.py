"""Questions about assessment and risk."""

from collections.abc import Iterable
from uuid import UUID

from tutela.assessment.models import (
    Assessment,
    AssessmentAnswer,
    AssessmentWordAsked,
    Circumstances,
    Lowering,
    Need,
    RiskLevel,
)
from tutela.cases.facts import current, every, first, last
from tutela.cases.models import Entry
from tutela.cases.queries import began_with
from tutela.foundation.remembering import once
from tutela.vault import sealing


@once
def risk_of(file_id: UUID) -> RiskLevel | None:
    """The risk level that holds now."""
    return first(current(RiskLevel, file_id))


def risk_levels(file_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The risk level of each file that has one."""
    current = RiskLevel.objects.filter(file_id__in=list(file_ids), ended_by__isnull=True)
    return {fact.file_id: fact.level for fact in current}


@once
def risk_history(file_id: UUID) -> list[RiskLevel]:
    """Every risk level that held, the oldest first."""
    return every(RiskLevel, file_id)


def levels_since(file_id: UUID, revision: int) -> list[str]:
    """The risk levels that held at `revision` of the file or later, the oldest first."""
    rows = every(RiskLevel, file_id, beside=["ended_by"])
    return [one.level for one in rows if one.ended_by is None or one.ended_by.revision > revision]


def lowering_waiting(file_id: UUID) -> Lowering | None:
    """A lowering from high that the supervisor has not answered."""
    return first(current(Lowering, file_id))


@once
def assessments(file_id: UUID) -> list[Assessment]:
    """Every assessment as last corrected, in the order of the file."""
    rows = current(Assessment, file_id)
    return sorted(rows, key=lambda one: began_with(one.entry).revision)


def assessments_asked(file_id: UUID) -> list[AssessmentWordAsked]:
    """That assessments wait for a supervisor's word, in the order in which they were written (R37)."""
    return current(AssessmentWordAsked, file_id)


def word_on_assessment(file_id: UUID) -> AssessmentAnswer | None:
    """The supervisor's word on what was finished, or corrected, last; None where nobody answered that (R37)."""
    finished = [one for one in assessments(file_id) if one.contents["finished"] == "yes"]
    newest = max(finished, key=lambda one: one.entry.revision, default=None)
    answer = last(current(AssessmentAnswer, file_id))
    if newest and answer and str(newest.entry_id) in answer.contents["assessments"]:
        return answer
    return None


def threats_on(file_id: UUID) -> set[str]:
    """Every safety threat that an assessment of this file names, as last corrected."""
    return {code for one in assessments(file_id) for code in one.contents.get("threats", [])}


def needs(file_id: UUID) -> list[Need]:
    """The needs as last written, in the order that the child and the caseworker chose (R24)."""
    return sorted(current(Need, file_id), key=lambda one: one.position)


def health_care_answer(file_id: UUID) -> str:
    """What the child last wished when health care was offered after sexual violence; empty where nothing is written."""
    row = first(current(Circumstances, file_id))
    return str(row.contents.get("health_care", "")) if row else ""


def lowerings_answered(file_id: UUID) -> dict[UUID, Lowering]:
    """Wishes to lower the risk that are over, by the entry that ended each."""
    rows = every(Lowering, file_id)
    return {row.ended_by_id: row for row in rows if row.ended_by_id}


def assessed_since(file_id: UUID, revision: int) -> bool:
    """Whether anything was written about risk or needs after a revision of the file. A word on an assessment says neither."""
    later = Entry.objects.filter(file_id=file_id, revision__gt=revision, form_code__startswith="assessment.")
    return later.exclude(form_code="assessment.assessment_answer").exists()


def files_with_threat(file_ids: Iterable[UUID], threats: frozenset[str]) -> set[UUID]:
    """Which of these files name one of `threats` in an assessment. Sealed facts, opened one file at a time."""
    current = Assessment.objects.filter(file_id__in=list(file_ids), ended_by__isnull=True)
    return {fact.file_id for fact in current if threats & set(fact.contents.get("threats", []))}


def assessed_among(file_ids: Iterable[UUID]) -> dict[UUID, bool]:
    """Which of these files have an assessment, and whether one is finished; their keys are fetched in one go."""
    ids = list(file_ids)
    sealing.fetch_keys(ids, seal_classes=["case"])
    found: dict[UUID, bool] = {}
    for one in Assessment.objects.filter(file_id__in=ids, ended_by__isnull=True):
        found[one.file_id] = found.get(one.file_id, False) or one.contents["finished"] == "yes"
    return found
