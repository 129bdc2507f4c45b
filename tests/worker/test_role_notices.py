"""Whoever may agree to a role is told that one waits, once, in words that name nobody."""

import pytest

from tests.cast import START, Cast, later, person
from tests.worker.test_notices import Letters, letters, reached
from tests.worker.test_notices import cast as cast
from tutela import commands
from tutela.access.models import Agency, Role
from tutela.access.staffing import Post
from tutela.foundation.ids import new_id

__all__ = ["letters"]

pytestmark = pytest.mark.django_db

POST = Post(role="supervisor", team="River", since=START.date())


def gathered(cast: Cast) -> None:
    """Those who may agree, and others, with addresses."""
    lantern = Agency.objects.get(name="Lantern")
    for role in (Role.MANAGER, Role.DATA_PROTECTION_FOCAL_POINT):
        reached(person(role, lantern, role=role))
    reached(person("other_administrator", lantern, role=Role.ADMINISTRATOR))
    for user in (cast.administrator, cast.supervisor, cast.colleague, cast.elsewhere):
        reached(user)


def test_whoever_may_agree_is_told_once_but_for_who_gave_it_and_who_is_to_have_it(
    cast: Cast, letters: Letters
) -> None:
    gathered(cast)
    commands.give_role(new_id(), cast.colleague.id, POST, by=cast.administrator, at=START)
    for minutes in (1, 2):
        commands.send_notices(at=later(minutes=minutes))
    assert letters.to == [
        "data_protection_focal_point@example.org",
        "manager@example.org",
        "other_administrator@example.org",
    ]
    said = " ".join(f"{one['Subject']} {one.get_content()}" for one in letters.taken)
    assert "Please sign in and look at it." in said
    assert not [word for word in ("Colleague", "Administrator", "supervisor", "River") if word in said]


def test_what_the_command_line_gave_is_told_too(cast: Cast, letters: Letters) -> None:
    gathered(cast)
    lantern = Agency.objects.get(name="Lantern")
    commands.give_role(new_id(), cast.colleague.id, POST, agency=lantern, by=None, at=START)
    commands.send_notices(at=later(minutes=1))
    assert "administrator@example.org" in letters.to and "manager@example.org" in letters.to


def test_a_role_that_one_person_gives_is_told_to_nobody(cast: Cast, letters: Letters) -> None:
    gathered(cast)
    volunteer = Post(role="volunteer", team=None, since=START.date())
    commands.give_role(new_id(), cast.colleague.id, volunteer, by=cast.administrator, at=START)
    commands.send_notices(at=later(minutes=1))
    assert letters.taken == []
