"""What a complete file has (R83), told from the forms that were written on it."""

from uuid import UUID

import pytest

from tests.cast import START, Cast, a_case, submit
from tutela.cases.queries import agency_id_of
from tutela.deadlines.complete_file import Part, parts_of
from tutela.published.queries import pack_in_force

pytestmark = [pytest.mark.django_db, pytest.mark.covers("R83")]


def there(file: UUID) -> set[str]:
    return {part.words.text for part in parts(file) if part.there}


def parts(file: UUID) -> list[Part]:
    pack = pack_in_force(agency_id_of(file), START.date())
    return parts_of([file], pack=pack, day=START.date())[file]


@pytest.mark.parametrize("form", ["follow_up.contact", "follow_up.family_visit"])
def test_every_way_of_seeing_the_child_counts_as_a_contact(cast: Cast, form: str) -> None:
    file = a_case(cast)
    assert "Contacts with the child" not in there(file)
    submit(form, by=cast.caseworker, file=file)
    assert "Contacts with the child" in there(file)


def test_a_gap_in_the_services_is_no_referral(cast: Cast) -> None:
    file = a_case(cast)
    submit("referral.gap", by=cast.caseworker, file=file)
    assert "Referrals, where a service was needed" not in there(file)


def test_what_follows_an_assessment_without_concern_need_not_be_there(cast: Cast) -> None:
    file = a_case(cast, risk="none")
    assert "Plan" in {part.words.text for part in parts(file) if part.always}
    nothing = dict.fromkeys(("objectives_met", "safe", "no_further_risk", "stable"))
    submit(
        "closure.request", {**nothing, "reason": "after_initial_no_concern"}, by=cast.caseworker, file=file
    )
    asked = {part.words.text for part in parts(file) if part.always}
    assert "Plan" not in asked and "Consent or assent" in asked
