"""Facts are made of entries and of nothing else: replaying every entry makes the same facts again."""

from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest

from tests.answering import at_random, filled
from tests.cast import LEAST, START, Cast, a_case, a_closed_case, a_file, revision, submit
from tutela import commands
from tutela.access.queries import responsible_for
from tutela.assessment.models import RiskLevel
from tutela.audit.models import AuditRow
from tutela.cases.actions import facts_on
from tutela.cases.models import CaseFile, Entry, Fact, Person
from tutela.closure.queries import transfer_of
from tutela.deadlines.models import Deadline
from tutela.foundation.refusals import Refused
from tutela.published.queries import form_in_force
from tutela.vault import sealing

pytestmark = pytest.mark.django_db

ABOUT_SOMEBODY = ("cases.person", "consent.consent", "consent.not_asked", "consent.withdrawal")
LENGTH = 40  # submissions tried in one sequence; about half of them are refused


class Chance:
    """Somebody who writes whatever comes to mind on one file, day after day; what is refused, is refused."""

    def __init__(self, cast: Cast, seed: int) -> None:
        self.cast, self.chance, self.at = cast, Random(seed), START
        self.file = a_file(cast, triage=self.chance.choice(["high", "low", "not_known"]))
        self.agency = CaseFile.objects.get(id=self.file).agency_id
        self.written: set[str] = set()

    def write(self) -> None:
        self.at += timedelta(hours=self.chance.choice([0, 1, 5, 30, 200]))
        form = self.chance.choice(sorted(LEAST))
        corrected = self._to_correct(form) if self.chance.random() < 0.3 else None
        if form == "intake.identification" and corrected is None:
            return
        try:
            submit(
                form, self._answers(form), by=self._by(form), file=self.file, at=self.at, amends=corrected and corrected.id,
                about=corrected.about if corrected else self._about(form),
                happened_at=self.at - timedelta(hours=self.chance.choice([0, 0, 2, 50])),
            )  # fmt: skip
        except Refused:
            return
        self.written.add(f"{form} corrected" if corrected else form)

    def _answers(self, form: str) -> dict[str, Any]:
        if self.chance.random() < 0.5:
            return {}
        today = self.at.date()
        definition = form_in_force(form, agency_id=self.agency, day=today)
        nothing: dict[str, Any] = dict.fromkeys(LEAST[form])
        return nothing | filled(definition, at_random(self.chance, today=today), today=today)

    def _by(self, form: str) -> Any:
        """Whoever has to write it just now: the file may have changed hands."""
        action, request = commands.KINDS[form].action, transfer_of(self.file)
        if action in ("agree", "allocate"):
            return self.cast.supervisor
        return request.to if request and action == "receive" else responsible_for([self.file])[self.file]

    def _to_correct(self, form: str) -> Entry | None:
        rows = list(Entry.objects.filter(file=self.file, form_code=form, amended_by=None))
        return self.chance.choice(rows) if rows else None

    def _about(self, form: str) -> UUID | None:
        people = list(Person.objects.filter(file=self.file, is_the_child=False, ended_by=None))
        person = self.chance.choice([None, *people]) if form in ABOUT_SOMEBODY else None
        return person.person_id if person else None


@pytest.mark.parametrize("seed", range(5))
def test_whatever_is_written_is_rebuilt_the_same(cast: Cast, seed: int) -> None:
    somebody = Chance(cast, seed)
    for _ in range(LENGTH):
        somebody.write()
    assert len(somebody.written) > 8, f"seed {seed} tells too little: {somebody.written}"
    assert commands.rebuild(somebody.file, keep=False) == []
    before = facts_on(somebody.file)
    assert commands.rebuild(somebody.file, keep=True) == []
    assert facts_on(somebody.file) == before


def test_closing_and_opening_again_is_rebuilt_the_same(cast: Cast) -> None:
    file = a_closed_case(cast)
    submit("closure.reopening", {"risk_level": "high"}, by=cast.caseworker, file=file)
    submit("assessment.risk", {"risk_level": "low"}, by=cast.caseworker, file=file)
    submit("assessment.risk_agreement", by=cast.supervisor, file=file)
    submit("closure.request", by=cast.caseworker, file=file)
    submit("closure.answer", by=cast.supervisor, file=file)
    submit("closure.closure", {"objection": "child"}, by=cast.caseworker, file=file)
    assert commands.rebuild(file, keep=False) == []


def change_level(file: UUID) -> str:
    RiskLevel.objects.filter(file_id=file).update(level="none")
    return "RiskLevel"


def lose_a_deadline(file: UUID) -> str:
    Deadline.objects.filter(file_id=file).earliest("due_on").delete()
    return "Deadline"


def add_a_person(file: UUID) -> str:
    child = Person.objects.get(file_id=file, ended_by=None)
    stranger = UUID(int=child.id.int ^ 1)
    sealed = sealing.seal(
        {"name": "Nobody"}, file=file, seal_class="identity", row=stranger, label=Person.LABEL
    )
    Person.objects.create(id=stranger, file_id=file, entry=child.entry, person_id=stranger, sealed=sealed)
    return "Person"


def change_what_is_sealed(file: UUID) -> str:
    child = Person.objects.get(file_id=file, ended_by=None)
    told = {**child.contents, "name": "Thomas"}
    child.sealed = sealing.seal(told, file=file, seal_class="identity", row=child.id, label=Person.LABEL)
    child.save()
    return "Person"


PLANTED = [change_level, lose_a_deadline, add_a_person, change_what_is_sealed]


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_a_planted_change_is_found_and_mended(cast: Cast, plant: Any) -> None:
    file = a_case(cast)
    before = facts_on(file)
    kind = plant(file)
    for keep in (False, True):  # looking changes nothing
        (sentence,) = commands.rebuild(file, keep=keep)
        assert sentence.startswith(f"{kind} ") and sentence.endswith(" is different.")
    assert commands.rebuild(file, keep=False) == []
    assert facts_on(file) == before


def test_a_rebuild_names_nothing_that_anybody_said(cast: Cast) -> None:
    file = a_case(cast)
    change_what_is_sealed(file)
    assert "Tom" not in " ".join(commands.rebuild(file, keep=False))


def test_a_rebuild_leaves_entries_and_revision_alone(cast: Cast) -> None:
    file = a_case(cast)
    before = list(Entry.objects.filter(file_id=file).values())
    commands.rebuild(file, keep=True)
    assert list(Entry.objects.filter(file_id=file).values()) == before
    assert revision(file) == 3


def test_a_rebuild_is_in_the_log(cast: Cast) -> None:
    file = a_case(cast)
    change_level(file)
    commands.rebuild(file, keep=True)
    row = AuditRow.objects.get(act="facts.rebuilt")
    assert row.file_id == file and row.by is None and row.detail == {"different": 1, "kept": True}


def test_each_kind_of_fact_is_among_those_that_are_compared(cast: Cast) -> None:
    """A new kind of fact is in the comparison by being a fact; this says what there is now."""
    assert {model.__name__ for model in Fact.__subclasses__()} == {
        "Person", "Explanation", "Consent", "NotAsked", "WithdrawalDecision", "Withdrawal", "ServicesDecided",
        "Consultation", "OverrideAnswer", "Override", "MandatoryReport", "UrgentAnswer", "UrgentAction",
        "Identification", "Screening", "Registration", "Assessment", "AssessmentWordAsked", "AssessmentAnswer", "RiskLevel",
        "Lowering", "Need", "Circumstances",
        "Plan", "Objective", "PlanAction", "WordAsked", "PlanAnswer", "SafetyPlan", "Meeting", "PlanCopy",
        "Referral", "ReferralAnswer", "ReferralOutcome", "Cancellation", "ServiceGap",
        "SharingWord", "SharedWithoutBasis", "Contact", "Review",
        "Search", "PlaceCheck", "SetAside", "Conference", "ClosureRequest", "ClosureAnswer",
        "Closure", "Reopening", "Death", "ApproachingEighteen", "TransferRequest", "TransferAnswer", "Move",
        "HandOverRead", "Conflict", "ConflictAnswer", "CoverTold", "Deadline",
    }  # fmt: skip
