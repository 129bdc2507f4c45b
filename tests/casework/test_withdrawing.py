"""Changing one's mind (R13): at any time, per person and purpose; what it stops, what it does not, who decides what follows."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.casework.refusing import refusal
from tests.cast import START, Cast, a_case, a_closed_case, a_file, later, submit
from tutela import commands
from tutela.cases.queries import entries_of, people_around
from tutela.consent.models import Consent
from tutela.consent.queries import (
    answer_of,
    basis_for_sharing,
    services_decided,
    services_to_decide,
    standing,
    withdrawals,
    withdrawn_since,
)
from tutela.deadlines.queries import OpenDeadline, open_deadlines
from tutela.deadlines.tasks import tasks_on
from tutela.foundation.refusals import Forbidden, Refused
from tutela.supervision.queries import waiting_for_word

pytestmark = pytest.mark.django_db

SHARE = "share_for_services"


def agrees(cast: Cast, file: UUID, about: UUID | None = None, **answers: Any) -> UUID:
    told = {"agreed": ["participation", SHARE], **answers}
    return submit("consent.consent", told, by=cast.caseworker, file=file, about=about).entry_id


def withdraws(
    cast: Cast, file: UUID, about: UUID | None = None, *, at: Any = START, purposes: Any = (SHARE,)
) -> UUID:
    told = {"purposes": list(purposes)}
    return submit("consent.withdrawal", told, by=cast.caseworker, file=file, about=about, at=at).entry_id


def a_mother(cast: Cast, file: UUID, **answers: Any) -> UUID:
    submit("cases.person", answers, by=cast.caseworker, file=file)
    return people_around(file)[-1].person_id


def basis(file: UUID, recipient: str = "other_agencies") -> str | None:
    found = basis_for_sharing(file, recipient=recipient, day=START.date())
    return found.kind if found else None


def tasks(file: UUID) -> list[str]:
    return [str(one.title) for one in tasks_on(file, day=START.date())]


def decision_due(file: UUID) -> list[OpenDeadline]:
    return [one for one in open_deadlines([file]) if one.step == "withdrawal_decision"]


@pytest.mark.covers("R13")
def test_it_stops_new_sharing_that_rests_on_that_person(cast: Cast) -> None:
    file = a_file(cast, age="9")
    mother = a_mother(cast, file)
    agrees(cast, file)
    agrees(cast, file, mother)
    assert basis(file) == "consent"
    withdraws(cast, file, mother)
    assert basis(file) is None


@pytest.mark.covers("R13")
def test_a_purpose_that_was_not_taken_back_stands(cast: Cast) -> None:
    file = a_case(cast)
    agrees(cast, file)
    withdraws(cast, file)
    word = standing(file)["child"]
    assert answer_of(word, SHARE, day=START.date()) == "withdrawn"
    assert answer_of(word, "participation", day=START.date()) == "given"


@pytest.mark.covers("R13")
@pytest.mark.parametrize("age", [15, 17])
def test_it_does_not_stop_what_rests_on_the_childs_own_consent(cast: Cast, age: int) -> None:
    file = a_file(cast, age=str(age))
    mother = a_mother(cast, file)
    agrees(cast, file)
    agrees(cast, file, mother)
    withdraws(cast, file, mother)
    assert basis(file) == "consent"


def test_it_does_not_stop_what_rests_on_the_other_parent(cast: Cast) -> None:
    file = a_file(cast, age="9")
    mother, father = a_mother(cast, file), a_mother(cast, file, name="Abdul", relationship="father")
    for who in (None, mother, father):
        agrees(cast, file, who)
    withdraws(cast, file, mother)
    assert basis(file) == "consent"


@pytest.mark.covers("R13")
def test_it_does_not_stop_what_rests_on_an_override_or_on_urgency(cast: Cast) -> None:
    for form, answer, kind in (
        ("consent.override", "consent.override_answer", "best_interests_override"),
        ("consent.urgent_action", "consent.urgent_answer", "vital_interests"),
    ):
        file = a_case(cast)
        agrees(cast, file)
        submit(form, by=cast.caseworker, file=file)
        submit(answer, by=cast.supervisor, file=file)
        withdraws(cast, file)
        assert basis(file) == kind


@pytest.mark.covers("R13")
def test_nothing_is_deleted(cast: Cast) -> None:
    file = a_case(cast)
    first = agrees(cast, file)
    before = len(entries_of(file))
    withdraws(cast, file)
    assert len(entries_of(file)) == before + 1
    assert Consent.objects.get(entry_id=first).contents["agreed"] == ["participation", SHARE]


@pytest.mark.covers("R13")
def test_it_is_possible_at_any_time_on_a_closed_case_too(cast: Cast) -> None:
    file = a_case(cast)
    agrees(cast, file)
    submit("closure.request", by=cast.caseworker, file=file)
    submit("closure.answer", by=cast.supervisor, file=file)
    submit("closure.closure", by=cast.caseworker, file=file)
    withdraws(cast, file, at=later(90))
    assert basis(file) is None
    assert tasks(file)[-1] == "Decide with the child about each service under way"


def test_only_what_was_agreed_is_taken_back_with_a_sentence_at_the_question(cast: Cast) -> None:
    file = a_case(cast)
    not_asked = {"purposes": ["tracing"]}
    assert refusal("consent.withdrawal", not_asked, by=cast.caseworker, file=file) == {
        "purposes": "not_agreed"
    }
    agrees(cast, file)
    assert refusal("consent.withdrawal", not_asked, by=cast.caseworker, file=file) == {
        "purposes": "not_agreed"
    }


def test_somebody_who_takes_it_back_can_agree_again(cast: Cast) -> None:
    file = a_case(cast)
    agrees(cast, file)
    withdraws(cast, file)
    agrees(cast, file)
    assert basis(file) == "consent"


@pytest.mark.covers("R13")
def test_each_service_under_way_is_decided_with_the_child(cast: Cast) -> None:
    file = a_case(cast)
    agrees(cast, file)
    withdraws(cast, file)
    assert "Decide with the child about each service under way" in tasks(file)
    service = {"service": "The reading class", "decided": "goes_on", "child_view": "Wants to stay"}
    submit(
        "consent.services_decided", {"none_begun": None, "services": [service]}, by=cast.caseworker, file=file
    )
    assert "Decide with the child about each service under way" not in tasks(file)
    assert services_decided(file)[-1].contents["services"] == [service]
    agrees(cast, file)
    withdraws(cast, file, at=later(1))
    assert len(services_to_decide(file)) == 1


def test_a_service_or_that_there_is_none_must_be_named(cast: Cast) -> None:
    file = a_case(cast)
    nothing = {"none_begun": None}
    said = refusal("consent.services_decided", nothing, by=cast.caseworker, file=file)
    assert said == {"services": "no_service"}


def test_who_shares_can_ask_what_was_taken_back_since(cast: Cast) -> None:
    file = a_case(cast)
    agrees(cast, file)
    withdraws(cast, file, purposes=["participation"])
    revision = withdrawals(file)[-1].entry.revision
    withdraws(cast, file)
    assert [one.contents["purposes"] for one in withdrawn_since(file, revision)] == [[SHARE]]
    assert len(withdrawn_since(file)) == 2


@pytest.mark.covers("R13")
def test_at_high_risk_the_supervisor_decides_within_a_day(cast: Cast) -> None:
    file = a_case(cast, risk="high")
    agrees(cast, file)
    withdraws(cast, file, at=later(2))
    assert [one.due_at for one in decision_due(file)] == [later(3)]
    assert [one.form for one in waiting_for_word([file])] == ["consent.withdrawal_decision"]
    with pytest.raises(Forbidden):
        submit("consent.withdrawal_decision", by=cast.caseworker, file=file)
    told = {"decision": "ends_with_safety", "advice": "Visit twice a week"}
    submit("consent.withdrawal_decision", told, by=cast.supervisor, file=file, at=later(2, hours=3))
    assert decision_due(file) == [] == waiting_for_word([file])
    decision = withdrawals(file)[-1].decision
    assert decision is not None and decision.contents == told


def test_at_medium_risk_nothing_waits_for_the_supervisor(cast: Cast) -> None:
    file = a_case(cast, risk="medium")
    agrees(cast, file)
    withdraws(cast, file)
    assert decision_due(file) == [] == waiting_for_word([file])


@pytest.mark.covers("R23")
def test_lowering_the_risk_takes_no_decision_away(cast: Cast) -> None:
    file = a_case(cast, risk="high")
    agrees(cast, file)
    withdraws(cast, file)
    submit("assessment.risk", {"risk_level": "low"}, by=cast.caseworker, file=file)
    submit("assessment.risk_agreement", by=cast.supervisor, file=file)
    assert len(decision_due(file)) == 1 == len(waiting_for_word([file]))


def test_raising_the_risk_afterwards_asks_the_supervisor(cast: Cast) -> None:
    file = a_case(cast, risk="low")
    agrees(cast, file)
    withdraws(cast, file)
    submit("assessment.risk", {"risk_level": "high"}, by=cast.caseworker, file=file)
    assert len(decision_due(file)) == 1


def test_nobody_decides_on_what_they_wrote_themselves(cast: Cast) -> None:
    file = submit("intake.identification", {"triage": "high"}, by=cast.both).file_id
    submit("consent.consent", by=cast.both, file=file)
    submit("consent.withdrawal", by=cast.both, file=file)
    with pytest.raises(Refused) as refused:
        submit("consent.withdrawal_decision", by=cast.both, file=file)
    assert [one.code for one in refused.value.unmet] == ["own_action"]


@pytest.mark.covers("R13", "R128")
def test_entering_an_age_group_is_seen_on_the_day_and_stored_nowhere(cast: Cast) -> None:
    file = a_file(cast)
    submit("intake.registration", {"birth_date": "2014-03-20"}, by=cast.caseworker, file=file)
    agrees(cast, file)
    eve, birthday = (later(days).date() for days in (17, 18))  # 19 and 20 March: eleven, then twelve
    assert "Ask the child again" not in [str(one.title) for one in tasks_on(file, day=eve)]
    assert "Ask the child again" in [str(one.title) for one in tasks_on(file, day=birthday)]
    assert birthday not in {one.due_at.date() for one in open_deadlines([file])}
    submit("consent.consent", by=cast.caseworker, file=file, at=later(20))
    assert "Ask the child again" not in [str(one.title) for one in tasks_on(file, day=later(20).date())]


@pytest.mark.covers("R13")
def test_what_has_ended_is_asked_for_again(cast: Cast) -> None:
    file = a_case(cast)
    agrees(cast, file, until=later(5).date().isoformat())
    for days, asked in ((5, False), (6, True)):
        found = [str(one.title) for one in tasks_on(file, day=later(days).date())]
        assert ("Ask the child again" in found) is asked


def test_it_is_rebuilt_the_same(cast: Cast) -> None:
    file = a_case(cast, risk="high")
    mother = a_mother(cast, file)
    for who in (None, mother):
        agrees(cast, file, who)
    withdraws(cast, file, mother)
    submit("consent.consultation", by=cast.supervisor, file=file)
    withdraws(cast, file, at=later(hours=1))
    submit("consent.withdrawal_decision", by=cast.supervisor, file=file, at=START + timedelta(hours=2))
    submit("consent.services_decided", by=cast.caseworker, file=file, at=later(hours=3))
    assert commands.rebuild(file, keep=False) == []


def test_a_reopening_asks_for_everything_anew(cast: Cast) -> None:
    file = a_closed_case(cast)
    submit("closure.reopening", {"risk_level": "high"}, by=cast.caseworker, file=file)
    agrees(cast, file)
    withdraws(cast, file)
    assert len(decision_due(file)) == 1
    submit("closure.request", by=cast.caseworker, file=file)
    submit("closure.answer", by=cast.supervisor, file=file)
    submit("closure.closure", by=cast.caseworker, file=file)
    submit("closure.reopening", by=cast.caseworker, file=file)
    assert (standing(file), withdrawals(file), decision_due(file)) == ({}, [], [])
