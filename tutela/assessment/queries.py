"""Questions about assessment and risk."""

from collections.abc import Iterable
from uuid import UUID

from tutela.assessment.models import Assessment, Circumstances, Lowering, Need, RiskLevel
from tutela.cases.queries import began_with


def risk_of(file_id: UUID) -> RiskLevel | None:
    """The risk level that holds now."""
    return RiskLevel.objects.filter(file_id=file_id, ended_by__isnull=True).select_related("entry").first()


def risk_levels(file_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The risk level of each file that has one."""
    current = RiskLevel.objects.filter(file_id__in=list(file_ids), ended_by__isnull=True)
    return {fact.file_id: fact.level for fact in current}


def risk_history(file_id: UUID) -> list[RiskLevel]:
    """Every risk level that held, the oldest first."""
    return list(RiskLevel.objects.filter(file_id=file_id).select_related("entry").order_by("entry__revision"))


def lowering_waiting(file_id: UUID) -> Lowering | None:
    """A lowering from high that the supervisor has not answered."""
    return Lowering.objects.filter(file_id=file_id, ended_by__isnull=True).select_related("entry").first()


def assessments(file_id: UUID) -> list[Assessment]:
    """Every assessment as last corrected, in the order of the file."""
    rows = Assessment.objects.filter(file_id=file_id, ended_by__isnull=True).select_related("entry")
    return sorted(rows, key=lambda one: began_with(one.entry).revision)


def threats_on(file_id: UUID) -> set[str]:
    """Every safety threat that an assessment of this file names, as last corrected."""
    return {code for one in assessments(file_id) for code in one.contents.get("threats", [])}


def needs(file_id: UUID) -> list[Need]:
    """The needs as last written, in the order that the child and the caseworker chose (R24)."""
    return list(Need.objects.filter(file_id=file_id, ended_by__isnull=True).select_related("entry"))


def health_care_answer(file_id: UUID) -> str:
    """What the child last wished when health care was offered after sexual violence; empty where nothing is written."""
    row = Circumstances.objects.filter(file_id=file_id, ended_by__isnull=True).first()
    return str(row.contents.get("health_care", "")) if row else ""


def lowerings_answered(file_id: UUID) -> dict[UUID, Lowering]:
    """Wishes to lower the risk that are over, by the entry that ended each."""
    rows = Lowering.objects.filter(file_id=file_id, ended_by__isnull=False).select_related("entry")
    return {row.ended_by_id: row for row in rows if row.ended_by_id}


def files_with_threat(file_ids: Iterable[UUID], threats: frozenset[str]) -> set[UUID]:
    """Which of these files name one of `threats` in an assessment. Sealed facts, opened one file at a time."""
    current = Assessment.objects.filter(file_id__in=list(file_ids), ended_by__isnull=True)
    return {fact.file_id for fact in current if threats & set(fact.contents.get("threats", []))}
