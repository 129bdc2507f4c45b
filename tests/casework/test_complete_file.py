"""What a complete file has (R83), told from the forms that were written on it."""

from uuid import UUID

import pytest

from tests.cast import START, Cast, a_case, submit
from tutela.deadlines.complete_file import parts_of

pytestmark = [pytest.mark.django_db, pytest.mark.covers("R83")]


def there(file: UUID) -> set[str]:
    return {part.words.text for part in parts_of([file], day=START.date())[file] if part.there}


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
