"""A duty to report (R76, R77): the law is shown, the supervisor consulted, a named person decides, the child is told."""

from typing import Any
from uuid import UUID

import pytest

from tests.casework.refusing import refusal
from tests.cast import START, Cast, a_case, submit
from tutela import commands
from tutela.cases.drafts import Place
from tutela.cases.models import Entry
from tutela.cases.queries import entry_of
from tutela.consent.queries import basis_for_sharing, mandatory_report
from tutela.deadlines.tasks import tasks_on

pytestmark = pytest.mark.django_db

WEIGHED = {
    "obligation": "yes", "consulted_on": "2026-03-02", "risks": ["child"], "criteria": "Her safety first",
    "decided_by": "Ruth, head of protection", "rationale": "The judge is known to protect girls",
}  # fmt: skip
REPORT = {**WEIGHED, "decision": "report_required_reported", "authority": "District child welfare officer"}


def decides(cast: Cast, file: UUID, answers: dict[str, Any]) -> UUID:
    return submit("consent.mandatory_report", answers, by=cast.caseworker, file=file).entry_id


def basis(file: UUID, recipient: str) -> str | None:
    found = basis_for_sharing(file, recipient=recipient, day=START.date())
    return found.kind if found else None


@pytest.mark.covers("R77", "R42")
def test_a_decision_to_report_is_a_basis_towards_authorities_only(cast: Cast) -> None:
    file = a_case(cast)
    refused = {"agreed": None, "refused": ["share_for_services"], "recipients_excluded": ["authorities"]}
    submit("consent.consent", refused, by=cast.caseworker, file=file)
    decides(cast, file, REPORT)
    assert basis(file, "authorities") == "mandatory_law"
    assert [basis(file, one) for one in ("other_agencies", "unhcr", "family")] == [None] * 3


@pytest.mark.covers("R77")
@pytest.mark.parametrize(
    "decision", ["deferred_for_safety", "not_reported_best_interest", "no_duty", "pending_senior", None]
)
def test_no_other_decision_is_a_basis(cast: Cast, decision: str | None) -> None:
    file = a_case(cast)
    decides(cast, file, {**WEIGHED, "decision": decision})
    assert basis(file, "authorities") is None


@pytest.mark.covers("R77")
@pytest.mark.parametrize(
    "decision", ["report_required_reported", "deferred_for_safety", "not_reported_best_interest"]
)
@pytest.mark.parametrize("missing", ["consulted_on", "risks", "decided_by", "rationale"])
def test_nothing_is_decided_before_the_supervisor_and_the_risks_nor_without_name_and_reason(
    cast: Cast, decision: str, missing: str
) -> None:
    told = {**WEIGHED, "decision": decision, missing: None}
    assert refusal("consent.mandatory_report", told, by=cast.caseworker, file=a_case(cast)) == {
        missing: "needed"
    }


@pytest.mark.covers("R77")
def test_what_senior_management_has_to_decide_waits_and_is_not_forgotten(cast: Cast) -> None:
    file = a_case(cast)
    for answers, waits in (({}, True), ({**WEIGHED, "decision": "pending_senior"}, True), (REPORT, False)):
        decides(cast, file, answers)
        titles = [str(one.title) for one in tasks_on(file, day=START.date())]
        assert ("Write down the decision on reporting" in titles) is waits


@pytest.mark.covers("R77")
def test_the_reasons_stand_in_the_confidential_part(cast: Cast) -> None:
    file = a_case(cast)
    told = {**REPORT, "risks_words": "Her uncle works there", "outcome": "He was questioned"}
    entry = decides(cast, file, told)
    row = Entry.objects.get(id=entry)
    read = entry_of(row.id, file_id=file, classes=frozenset({"case", "identity"}))
    assert {"rationale", "risks_words", "criteria", "outcome"} & set(read.answers) == set()
    report = mandatory_report(file)
    assert report is not None and "rationale" not in report.contents
    assert read.answers["decided_by"] == WEIGHED["decided_by"]


@pytest.mark.covers("R77")
def test_what_the_child_was_told_is_kept(cast: Cast) -> None:
    file = a_case(cast)
    told = {"child_told": "told", "explained": ["authority", "what_is_told", "method", "result", "rights"]}
    decides(cast, file, {**REPORT, **told})
    report = mandatory_report(file)
    assert report is not None
    assert {name: report.contents[name] for name in told} == told


def test_it_goes_on_where_it_stood_and_is_rebuilt_the_same(cast: Cast) -> None:
    file = a_case(cast)
    decides(cast, file, {"obligation": "yes"})
    place = commands.answers_to_begin_with(
        Place("consent.mandatory_report", file), by=cast.caseworker, at=START
    )
    assert place["obligation"] == "yes"
    decides(cast, file, REPORT)
    assert commands.rebuild(file, keep=False) == []
