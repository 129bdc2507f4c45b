"""Screening: three questions with their reasons, what a person decided, and nothing that it holds up (R2, R4)."""

from typing import Any
from uuid import UUID

import pytest

from tests.cast import START, Cast, a_case, a_file, later, submit
from tutela.cases.models import Entry
from tutela.cases.queries import case_of, entries_of
from tutela.commands import rebuild
from tutela.deadlines.queries import open_deadlines
from tutela.deadlines.starts import forms_to_start
from tutela.deadlines.tasks import tasks_on
from tutela.intake.queries import ends_here, referrals_by_source, screening_of

pytestmark = pytest.mark.django_db

THREE = {
    "is_child": "child", "is_child_why": "Her mother says nine", "at_risk": "yes", "at_risk_why": "Beaten at work",
    "appropriate": "no", "appropriate_why": "The school looks after it",
}  # fmt: skip


def screen(cast: Cast, file: UUID, **answers: Any) -> UUID:
    return submit("intake.screening", answers, by=cast.caseworker, file=file).entry_id


def titles(file: UUID) -> list[str]:
    return [str(task.title) for task in tasks_on(file, day=START.date())]


@pytest.mark.covers("R2")
def test_each_answer_is_kept_with_its_reason_its_screener_and_its_time(cast: Cast) -> None:
    file = a_file(cast)
    submit(
        "intake.screening", {**THREE, "outcome": "information_given"}, by=cast.caseworker, done_by=cast.colleague,
        file=file, at=later(hours=3), happened_at=later(hours=2),
    )  # fmt: skip
    entry = entries_of(file)[-1]
    assert {name: entry.answers[name] for name in THREE} == THREE
    assert (entry.done_by_id, entry.happened_at) == (cast.colleague.id, later(hours=2))
    screening = screening_of(file)
    assert screening and screening.contents["appropriate"] == "no" and ends_here(screening)


@pytest.mark.covers("R2")
def test_no_question_about_harm_has_to_be_answered(cast: Cast) -> None:
    file = a_file(cast)
    screen(cast, file, outcome="undecided")
    assert not ends_here(screening_of(file))


@pytest.mark.covers("R2")
def test_the_last_screening_holds_and_the_first_can_still_be_read(cast: Cast) -> None:
    file = a_file(cast)
    first = screen(cast, file, outcome="information_given")
    screen(cast, file, outcome="eligible")
    assert not ends_here(screening_of(file))
    assert first in [entry.id for entry in entries_of(file)]


@pytest.mark.parametrize("outcome", ["information_given", "stand_alone_referral", "undecided", "not_reached"])
def test_a_screening_blocks_neither_registration_nor_urgent_action(cast: Cast, outcome: str) -> None:
    file = a_file(cast)
    screen(cast, file, **THREE, outcome=outcome)
    submit("consent.urgent_action", by=cast.caseworker, file=file)
    submit("intake.registration", by=cast.caseworker, file=file)
    assert case_of(file) is not None


@pytest.mark.covers("R4")
def test_what_was_given_and_to_whom_is_kept_apart_under_the_key_of_names(cast: Cast) -> None:
    file = a_file(cast)
    told = {"outcome": "stand_alone_referral", "told_whom": "The clinic by the mosque, Dr Amal"}
    row = Entry.objects.get(id=screen(cast, file, **told))
    assert row.sealed_identity is not None
    assert b"Amal" not in bytes(row.sealed_identity) + bytes(row.sealed_case)
    assert entries_of(file)[-1].answers["told_whom"] == told["told_whom"]
    assert "told_whom" not in entries_of(file, classes=frozenset({"case"}))[-1].answers


@pytest.mark.covers("R4")
def test_where_another_help_follows_nothing_is_due_any_more(cast: Cast) -> None:
    file = a_file(cast)
    assert [one.step for one in open_deadlines([file])] == ["registration"]
    screen(cast, file, outcome="information_given")
    assert open_deadlines([file]) == []
    assert rebuild(file, keep=False) == []


def test_where_another_help_follows_late_is_late_no_longer(cast: Cast) -> None:
    file = a_file(cast)
    submit("intake.screening", {"outcome": "information_given"}, by=cast.caseworker, file=file, at=later(20))
    assert open_deadlines([file]) == []


def test_an_urgent_action_is_still_answered_where_another_help_follows(cast: Cast) -> None:
    file = a_file(cast)
    submit("consent.urgent_action", by=cast.caseworker, file=file)
    screen(cast, file, outcome="information_given")
    assert [one.step for one in open_deadlines([file])] == ["urgent_answer"]


def test_who_is_screened_again_as_eligible_is_due_as_from_the_first_day(cast: Cast) -> None:
    file = a_file(cast)
    (before,) = open_deadlines([file])
    screen(cast, file, outcome="information_given")
    screen(cast, file, outcome="eligible")
    (after,) = open_deadlines([file])
    assert (after.step, after.due_at) == ("registration", before.due_at)
    assert rebuild(file, keep=False) == []


def test_whoever_is_registered_all_the_same_has_the_deadlines_of_a_case(cast: Cast) -> None:
    file = a_file(cast)
    screen(cast, file, outcome="information_given")
    submit("intake.registration", by=cast.caseworker, file=file)
    assert "initial_assessment" in {one.step for one in open_deadlines([file])}
    assert rebuild(file, keep=False) == []


@pytest.mark.parametrize("outcome", ["not_reached", "undecided"])
def test_who_could_not_be_reached_goes_on_waiting(cast: Cast, outcome: str) -> None:
    file = a_file(cast)
    screen(cast, file, outcome=outcome)
    assert [one.step for one in open_deadlines([file])] == ["registration"]
    assert "Go on with the screening" in titles(file)


def test_a_file_asks_for_screening_until_somebody_decided_or_registered(cast: Cast) -> None:
    file = a_file(cast)
    assert "Screen the child" in titles(file)
    screen(cast, file, outcome="eligible")
    assert not any("creen" in title for title in titles(file))
    case = a_case(cast)
    assert not any("creen" in title for title in titles(case))
    assert "intake.screening" not in {form for group in forms_to_start(case) for form in group.forms}


@pytest.mark.covers("R4")
def test_what_was_not_eligible_is_counted_by_source_without_names(cast: Cast) -> None:
    files = [a_file(cast, source="police") for _ in range(3)] + [a_file(cast, source="school")]
    for file in files[:2]:
        screen(cast, file, outcome="information_given")
    screen(cast, files[2], outcome="not_reached")
    found = referrals_by_source(files, reduced=[])
    assert [(one.source, one.came, one.elsewhere) for one in found] == [("police", 3, 2), ("school", 1, 0)]
