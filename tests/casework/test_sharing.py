"""On what information may be shared: consent, and what was done at once (R11, R42)."""

from typing import Any
from uuid import UUID

import pytest

from tests.cast import START, Cast, a_case, later, submit
from tutela.cases.queries import people_around
from tutela.consent.queries import basis_for_sharing

pytestmark = pytest.mark.django_db


def basis(file: UUID, *, days: int = 1, **about: Any) -> str | None:
    found = basis_for_sharing(file, recipient="other_agencies", day=later(days).date(), **about)
    return found.kind if found else None


def shares(cast: Cast, file: UUID, **answers: Any) -> None:
    submit("consent.consent", {"agreed": ["share_for_services"], **answers}, by=cast.caseworker, file=file)


def a_mother(cast: Cast, file: UUID) -> UUID:
    submit("cases.person", by=cast.caseworker, file=file)
    return people_around(file)[-1].person_id


@pytest.mark.covers("R42")
def test_without_consent_or_an_urgent_basis_nothing_is_shared(cast: Cast) -> None:
    file = a_case(cast)
    submit("consent.consent", by=cast.caseworker, file=file)  # to taking part only
    assert basis(file) is None


def test_consent_to_share_is_a_basis_until_it_ends(cast: Cast) -> None:
    file = a_case(cast)
    shares(cast, file, until=later(10).date().isoformat())
    assert basis(file, days=10) == "consent"
    assert basis(file, days=11) is None


def test_a_recipient_that_was_excluded_gets_nothing_and_another_does(cast: Cast) -> None:
    file = a_case(cast)
    shares(cast, file, recipients_excluded=["authorities"])
    assert basis_for_sharing(file, recipient="authorities", day=START.date()) is None
    assert basis(file) == "consent"


def test_the_childs_no_is_not_overwritten_by_the_caregivers_yes(cast: Cast) -> None:
    file = a_case(cast)
    shares(cast, file, agreed=["participation"], refused=["share_for_services"])
    mother = a_mother(cast, file)
    submit("consent.consent", {"agreed": ["share_for_services"]}, by=cast.caseworker, file=file, about=mother)
    assert basis(file) is None


def test_an_adult_consents_for_herself(cast: Cast) -> None:
    file = a_case(cast)
    shares(cast, file)
    mother = a_mother(cast, file)
    assert basis(file, about=mother) is None
    submit("consent.consent", {"agreed": ["share_for_services"]}, by=cast.caseworker, file=file, about=mother)
    assert basis(file, about=mother) == "consent"


@pytest.mark.covers("R11")
def test_what_was_done_at_once_for_life_or_safety_is_a_basis_without_consent(cast: Cast) -> None:
    file = a_case(cast)
    submit("consent.urgent_action", by=cast.caseworker, file=file)
    assert basis(file) == "vital_interests"


@pytest.mark.covers("R55")
def test_consent_from_before_a_reopening_is_asked_for_anew(cast: Cast) -> None:
    file = a_case(cast)
    shares(cast, file)
    submit("closure.request", by=cast.caseworker, file=file)
    submit("closure.answer", by=cast.supervisor, file=file)
    submit("closure.closure", by=cast.caseworker, file=file)
    assert basis(file) == "consent"
    submit("closure.reopening", by=cast.caseworker, file=file)
    assert basis(file) is None
