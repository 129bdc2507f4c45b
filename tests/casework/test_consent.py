"""Explaining and asking (R7–R13, R109): person by person, purpose by purpose, and never whoever may not be told."""

from typing import Any
from uuid import UUID

import pytest

from tests.cast import START, Cast, a_file, later, submit
from tutela.cases.models import child_id
from tutela.cases.queries import entries_of
from tutela.consent.models import Consent
from tutela.consent.queries import explained, standing
from tutela.deadlines.tasks import tasks_on
from tutela.foundation.ids import derived_id
from tutela.foundation.refusals import Refused

pytestmark = pytest.mark.django_db


def put_on_file(cast: Cast, file: UUID, **answers: Any) -> UUID:
    return derived_id(submit("cases.person", answers, by=cast.caseworker, file=file).entry_id, "person")


def ask(cast: Cast, file: UUID, about: UUID | None = None, *, at: Any = None, **answers: Any) -> UUID:
    moment = {"at": at} if at else {}
    return submit("consent.consent", answers, by=cast.caseworker, file=file, about=about, **moment).entry_id


def said(file: UUID) -> dict[str, tuple[list[str], list[str]]]:
    """Who agreed to and refused what, as it stands."""
    return {
        person: (fact.contents.get("agreed", []), fact.contents.get("refused", []))
        for person, fact in standing(file).items()
    }


def test_each_person_answers_for_each_purpose(cast: Cast) -> None:
    file = a_file(cast)
    mother = put_on_file(cast, file)
    ask(cast, file, agreed=["participation", "tracing"], refused=["share_for_services"])
    ask(cast, file, mother, agreed=["participation", "share_for_services"])
    assert said(file) == {
        "child": (["participation", "tracing"], ["share_for_services"]),
        str(mother): (["participation", "share_for_services"], []),
    }


def test_a_no_of_the_child_is_not_overwritten_by_a_yes_of_an_adult(cast: Cast) -> None:
    file = a_file(cast)
    father = put_on_file(cast, file, relationship="father")
    ask(cast, file, agreed=None, refused=["participation"])
    ask(cast, file, father, agreed=["participation"])
    assert said(file)["child"] == ([], ["participation"])


def test_a_new_word_stands_for_the_last_which_stays_readable(cast: Cast) -> None:
    file = a_file(cast)
    first = ask(cast, file, agreed=["participation", "share_for_services"])
    ask(cast, file, agreed=["participation"], refused=["share_for_services"], at=later(3))
    assert said(file) == {"child": (["participation"], ["share_for_services"])}
    assert Consent.objects.filter(file_id=file).count() == 2
    assert Consent.objects.get(entry_id=first).contents["agreed"] == ["participation", "share_for_services"]
    assert len(entries_of(file)) == 3


def test_withdrawing_for_one_person_leaves_what_another_said(cast: Cast) -> None:
    file = a_file(cast)
    mother = put_on_file(cast, file)
    ask(cast, file)
    ask(cast, file, mother)
    ask(cast, file, mother, agreed=None, refused=["participation"])
    assert said(file) == {"child": (["participation"], []), str(mother): ([], ["participation"])}


@pytest.mark.parametrize("mark", ["must_not_be_told", "must_not_be_contacted", "suspected_of_harm"])
def test_whoever_carries_a_safety_mark_is_not_asked(cast: Cast, mark: str) -> None:
    file = a_file(cast)
    aunt = put_on_file(cast, file, name="Halima", relationship="other_relative", safety_mark=[mark])
    with pytest.raises(Refused) as refused:
        ask(cast, file, aunt)
    assert [one.code for one in refused.value.unmet] == ["safety_mark"]
    assert said(file) == {}


def test_a_mark_that_comes_later_counts_from_then_on(cast: Cast) -> None:
    file = a_file(cast)
    mother = put_on_file(cast, file)
    ask(cast, file, mother)
    submit("cases.person", {"safety_mark": ["must_not_be_told"]}, by=cast.caseworker, file=file, about=mother)
    with pytest.raises(Refused):
        ask(cast, file, mother)
    assert str(mother) in said(file)


def test_the_child_is_the_child_however_named(cast: Cast) -> None:
    file = a_file(cast)
    ask(cast, file, child_id(file), agreed=None, refused=["tracing"])
    ask(cast, file, agreed=["participation"])
    assert said(file) == {"child": (["participation"], [])}


def test_explaining_is_asked_for_until_it_was_done(cast: Cast) -> None:
    file = a_file(cast)
    assert "consent.explanation" in [task.form for task in tasks_on(file, day=START.date())]
    submit("consent.explanation", by=cast.caseworker, file=file)
    assert explained(file) is not None
    assert "consent.explanation" not in [task.form for task in tasks_on(file, day=START.date())]


def test_each_caregiver_is_asked_but_nobody_with_a_mark(cast: Cast) -> None:
    file = a_file(cast)
    mother = put_on_file(cast, file, relationship="mother")
    father = put_on_file(cast, file, relationship="father", safety_mark=["suspected_of_harm"])
    put_on_file(cast, file, relationship="teacher")
    asked = {task.about for task in tasks_on(file, day=START.date()) if task.form == "consent.consent"}
    assert asked == {None, mother}
    assert father not in asked


def test_consent_ends_no_sooner_than_today(cast: Cast) -> None:
    file = a_file(cast)
    with pytest.raises(Refused) as refused:
        ask(cast, file, until="2026-03-01")
    assert [(one.code, one.question) for one in refused.value.unmet] == [("past", "until")]
    ask(cast, file, until="2026-03-02")
