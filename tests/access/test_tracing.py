"""Looking for a child's family takes a consent of its own, and a tracing officer reads what was told for it (R7, §20)."""

from typing import Any
from uuid import UUID

import pytest

from tests.access.receiving import agency_of, next_door, reads, told
from tests.casework.refusing import refusal
from tests.cast import Cast, a_case, a_service, later, person, send, sent_on, submit
from tutela import commands
from tutela.access.actions import leave
from tutela.access.models import Grant, Role, User
from tutela.foundation.refusals import NotFound, Refused
from tutela.referral.queries import no_longer_agreed, referral_of, referrals

pytestmark = pytest.mark.django_db

ASKED = {
    "provider": "Finding family, Open Door",
    "share": ["full_name", "age"],
    "need": "He looks for his mother",
}


@pytest.fixture
def officer(cast: Cast) -> User:
    """A tracing officer of the other agency, whose tracing service is in the directory."""
    there = agency_of(cast.elsewhere)
    a_service(cast, name="Finding family", organisation="Open Door", kind="tracing", agency=str(there.id))
    return person("officer", there, role=Role.TRACING_OFFICER)


def agree(cast: Cast, file: UUID, *purposes: str, days: float = 0, **more: Any) -> None:
    submit(
        "consent.consent", {"agreed": list(purposes), **more}, by=cast.caseworker, file=file, at=later(days)
    )


def asked(cast: Cast, file: UUID) -> UUID:
    """What the other agency was asked, in order to find family."""
    agree(cast, file, "share_for_services", "tracing")
    return submit("referral.referral", ASKED, by=cast.caseworker, file=file).entry_id


@pytest.mark.covers("R7", "R42")
def test_without_consent_to_tracing_nothing_is_told_to_find_family_and_services_go_on(
    cast: Cast, officer: User
) -> None:
    file = a_case(cast)
    agree(cast, file, "share_for_services")
    assert refusal("referral.referral", ASKED, by=cast.caseworker, file=file) == {"provider": "no_basis"}
    with pytest.raises(Refused) as refused:
        submit("referral.referral", ASKED, by=cast.caseworker, file=file)
    assert "to find family" in str(refused.value.unmet[0].words)
    sent_on(cast, file)


@pytest.mark.covers("R7", "R42")
def test_consent_to_tracing_alone_is_none_for_other_services(cast: Cast, officer: User) -> None:
    file = a_case(cast)
    agree(cast, file, "tracing")
    submit("referral.referral", ASKED, by=cast.caseworker, file=file)
    a_service(cast)
    course = {"provider": "Sewing course, Hands at Work"}
    assert refusal("referral.referral", course, by=cast.caseworker, file=file) == {"provider": "no_basis"}


@pytest.mark.covers("R13")
def test_each_consent_that_is_taken_back_ends_what_was_told_for_it_and_nothing_else(
    cast: Cast, officer: User
) -> None:
    file = a_case(cast)
    course, family = sent_on(cast, file), asked(cast, file)
    send(cast, file, family, to="officer")
    taken_back = {"purposes": ["tracing"]}
    submit("consent.withdrawal", taken_back, by=cast.caseworker, file=file, at=later(1))
    assert (reads(officer, family, days=1), reads(cast.elsewhere, course, days=1)) == (False, True)
    assert no_longer_agreed(file, referrals(file), day=later(1).date()) == {family}
    assert Grant.objects.get(entry_id=family).ended_on == later(1).date()
    agree(cast, file, "share_for_services", "tracing", days=2)
    submit(
        "consent.withdrawal", {"purposes": ["share_for_services"]}, by=cast.caseworker, file=file, at=later(3)
    )
    assert no_longer_agreed(file, referrals(file), day=later(3).date()) == {course}


@pytest.mark.covers("R11")
def test_an_override_that_was_agreed_to_counts_for_the_purpose_it_names(cast: Cast, officer: User) -> None:
    file = a_case(cast)
    wish = {"purposes": ["tracing"], "recipients": ["other_agencies"]}
    submit("consent.override", wish, by=cast.caseworker, file=file)
    submit("consent.override_answer", {"agreed": "yes"}, by=cast.supervisor, file=file)
    family = submit("referral.referral", ASKED, by=cast.caseworker, file=file).entry_id
    assert referral_of(family, file_id=file).told["basis"] == "best_interests_override"
    a_service(cast)
    course = {"provider": "Sewing course, Hands at Work"}
    assert refusal("referral.referral", course, by=cast.caseworker, file=file) == {"provider": "no_basis"}


@pytest.mark.covers("R42")
def test_a_tracing_officer_reads_exactly_what_was_told_answers_it_and_reads_nothing_else(
    cast: Cast, officer: User
) -> None:
    file = a_case(cast)
    family = asked(cast, file)
    assert not reads(officer, family)
    send(cast, file, family, to="officer")
    assert told(family, officer) == {"need": "He looks for his mother", "full_name": "Tomas"}
    with pytest.raises(NotFound):
        commands.read("file.read", file, by=officer, at=later(1))
    submit("referral.service_answer", {"answer": "accepted"}, by=officer, file=file, at=later(1))
    assert referral_of(family, file_id=file).stage == "accepted"


def test_a_tracing_officer_receives_what_is_told_to_find_family_and_no_other_referral(
    cast: Cast, officer: User
) -> None:
    file = a_case(cast)
    course, family = sent_on(cast, file), asked(cast, file)
    other = next_door(cast)
    commands.end_referral(file, course, by=cast.caseworker, at=later(0))
    for referral, expected in ((family, {officer, other, cast.elsewhere}), (course, {other, cast.elsewhere})):
        found = commands.may_receive(referral_of(referral, file_id=file), day=later(0).date())
        assert set(found) == expected
    with pytest.raises(Refused, match="cannot_receive"):
        send(cast, file, course, to="officer")


def test_whoever_is_a_tracing_officer_no_more_reads_no_more(cast: Cast, officer: User) -> None:
    family = asked(cast, file := a_case(cast))
    send(cast, file, family, to="officer")
    leave(officer, agency=agency_of(officer), last_day=later(1).date())
    assert [reads(officer, family, days=day) for day in (1, 2)] == [True, False]
