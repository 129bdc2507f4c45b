"""When a child has died: every reminder stops at once, and what remains is seen to (R54)."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest

from tests.cast import START, Cast, a_case, a_closed_case, a_file, later, submit
from tutela import commands
from tutela.cases.queries import entries_of
from tutela.closure.queries import death_of, is_closed
from tutela.consent.models import UrgentAction
from tutela.deadlines.actions import SOURCES
from tutela.deadlines.models import Deadline
from tutela.deadlines.queries import open_deadlines, overdue_files
from tutela.deadlines.starts import forms_to_start
from tutela.deadlines.tasks import tasks_on
from tutela.deadlines.timeline import timeline_of
from tutela.deadlines.wanted import Wanted
from tutela.foundation.refusals import Forbidden, Refused
from tutela.supervision.queries import waiting_for_word

pytestmark = [pytest.mark.django_db, pytest.mark.covers("R54")]

FOR_DEATH: Mapping[str, Any] = {
    "reason": "death", **dict.fromkeys(("objectives_met", "safe", "no_further_risk", "stable")),
}  # fmt: skip
REMAINS = {"closure.sibling_check", "closure.staff_support", "consent.mandatory_report"}


def refused_codes(form: str, answers: Mapping[str, Any] | None = None, **more: Any) -> list[str]:
    with pytest.raises(Refused) as refused:
        submit(form, answers, **more)
    return [one.code for one in refused.value.unmet]


def steps(file: UUID) -> set[str]:
    return {one.step for one in open_deadlines([file])}


def asked(file: UUID) -> set[str]:
    return {task.form for task in tasks_on(file, day=START.date())}


def has_died(cast: Cast, file: UUID, **more: Any) -> None:
    submit("closure.death", by=cast.caseworker, file=file, **more)


def everything_due(cast: Cast) -> UUID:
    """A file with every kind of reminder that there is on an open case."""
    file = a_case(cast, risk="high")
    submit("planning.plan", by=cast.caseworker, file=file)
    submit("consent.urgent_action", by=cast.caseworker, file=file)
    submit("assessment.risk", {"risk_level": "low"}, by=cast.caseworker, file=file)
    submit("assessment.initial", {"threats": ["sexual_gender_based_violence"], "sexual_violence_recency": "within_5_days",
                                  "risk_level": "high"}, by=cast.caseworker, file=file)  # fmt: skip
    submit("assessment.risk", {"risk_level": "low"}, by=cast.caseworker, file=file)
    submit("closure.request", by=cast.caseworker, file=file)
    return file


def test_every_deadline_and_every_task_of_an_open_case_ends_at_once(cast: Cast) -> None:
    file = everything_due(cast)
    assert steps(file) >= {"assessment.finish", "implementation", "follow_up", "review", "urgent_answer"}
    before = {
        "consent.urgent_action", "consent.urgent_answer", "assessment.risk_agreement", "closure.answer",
        "consent.explanation", "consent.consent",
    }  # fmt: skip
    assert before <= asked(file)
    rows = Deadline.objects.filter(file=file).count()
    has_died(cast, file)
    assert steps(file) == set() and overdue_files([file], day=later(400).date()) == set()
    assert asked(file) == REMAINS | {"closure.request"}  # what was asked for another reason waits for nothing
    assert Deadline.objects.filter(file=file).count() == rows  # ended, never deleted
    assert waiting_for_word([file]) == []
    assert refused_codes("closure.answer", by=cast.supervisor, file=file) == ["nothing_waiting"]
    submit("closure.request", FOR_DEATH, by=cast.caseworker, file=file)
    assert [one.form for one in waiting_for_word([file])] == ["closure.answer"]
    assert commands.rebuild(file, keep=False) == []


def test_what_was_late_already_ends_too(cast: Cast) -> None:
    file = a_case(cast)
    assert overdue_files([file], day=later(60).date()) == {file}
    has_died(cast, file, at=later(60))
    assert overdue_files([file], day=later(61).date()) == set() and steps(file) == set()


def test_before_registration_and_after_closing_it_is_the_same(cast: Cast) -> None:
    unregistered, closed = a_file(cast), a_closed_case(cast)
    assert steps(unregistered) == {"registration"} and steps(closed) == {"post_closure_follow_up"}
    assert "closure.feedback_asked" in asked(closed)
    for file in (unregistered, closed):
        has_died(cast, file)
        assert steps(file) == set() and asked(file) == REMAINS
        assert commands.rebuild(file, keep=False) == []
    assert refused_codes("closure.feedback_asked", by=cast.supervisor, file=closed) == ["nobody_to_ask"]


def test_at_seventeen_and_after_reopening_nothing_is_asked_any_more(cast: Cast) -> None:
    file = a_file(cast)
    submit("intake.registration", {"birth_date": "2008-06-01"}, by=cast.caseworker, file=file)
    assert "closure.approaching_eighteen" in asked(file)
    again = a_closed_case(cast)
    submit("closure.reopening", by=cast.caseworker, file=again)
    assert "closure.asked_again" in asked(again)
    for one in (file, again):
        has_died(cast, one)
        assert asked(one) == REMAINS | {"closure.request"}


def test_whatever_source_asks_for_something_it_ends(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other steps add sources of their own; none of them has to know of a death."""
    file = a_case(cast)
    anchor = timeline_of(file).registered
    assert anchor is not None
    forever = Wanted("review", anchor, later(900), later(900), "rule", "R0", "hash")
    monkeypatch.setattr("tutela.deadlines.actions.SOURCES", (*SOURCES, lambda *_: [forever]))
    submit("cases.person", by=cast.caseworker, file=file)
    assert later(900) in [one.due_at for one in open_deadlines([file])]
    has_died(cast, file)
    submit("cases.person", by=cast.caseworker, file=file)
    assert steps(file) == set()


def test_what_is_written_afterwards_starts_nothing(cast: Cast) -> None:
    file = a_case(cast)
    has_died(cast, file)
    submit("follow_up.contact", {"reached": "others"}, by=cast.caseworker, file=file)
    submit("consent.urgent_action", by=cast.caseworker, file=file)
    submit("assessment.risk", by=cast.caseworker, file=file)
    assert steps(file) == set()


def test_it_is_recorded_once_and_only_on_purpose(cast: Cast) -> None:
    file = a_case(cast)
    assert refused_codes("closure.death", {"confirmed": "no"}, by=cast.caseworker, file=file) == [
        "not_confirmed"
    ]
    has_died(cast, file)
    assert refused_codes("closure.death", by=cast.caseworker, file=file) == ["recorded_already"]


def test_the_circumstances_are_confidential(cast: Cast) -> None:
    file = a_case(cast)
    has_died_with = {"circumstances": "At the kiln", "died_on": "2026-03-01", "told": "The aunt"}
    submit("closure.death", has_died_with, by=cast.caseworker, file=file)
    open_to_supervisor = entries_of(file, classes=frozenset({"case", "identity"}))[-1]
    assert open_to_supervisor.answers == {"confirmed": "yes", "died_on": "2026-03-01", "told": "The aunt"}
    assert open_to_supervisor.unread == {"confidential"}


def test_what_remains_is_seen_to_and_then_nothing_is_left(cast: Cast) -> None:
    file = a_case(cast)
    assert refused_codes("closure.sibling_check", by=cast.caseworker, file=file) == ["no_death"]
    has_died(cast, file)
    submit(
        "closure.sibling_check",
        {"siblings_safe": "concern", "done": "Files opened for both"},
        by=cast.caseworker,
        file=file,
    )
    submit("closure.staff_support", {"support": "taken"}, by=cast.supervisor, file=file)
    assert entries_of(file)[-1].answers == {"support": "taken"}  # and nothing about how anybody is (R79)
    with pytest.raises(Forbidden):
        submit("closure.staff_support", by=cast.caseworker, file=file)
    assert asked(file) == {"closure.request", "consent.mandatory_report"}
    submit("consent.mandatory_report", by=cast.caseworker, file=file)
    assert asked(file) == {"closure.request"}
    submit("closure.request", FOR_DEATH, by=cast.caseworker, file=file)
    assert asked(file) == {"closure.answer"}
    assert refused_codes("closure.without_talk", by=cast.caseworker, file=file) == ["not_agreed"]
    submit("closure.answer", by=cast.supervisor, file=file)
    assert asked(file) == {"closure.without_talk"}
    submit("closure.without_talk", by=cast.caseworker, file=file)
    assert is_closed(file) and asked(file) == set() and steps(file) == set()
    assert commands.rebuild(file, keep=False) == []


def test_a_report_is_offered_where_the_form_for_it_is_in_force(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = a_case(cast)
    has_died(cast, file)
    for in_force in (True, False):
        monkeypatch.setattr(
            "tutela.deadlines.by_step.closure.is_form_in_force", lambda *_, to=in_force, **__: to
        )
        assert ("consent.mandatory_report" in asked(file)) is in_force


def test_without_a_talk_is_for_those_with_whom_nobody_can_talk(cast: Cast) -> None:
    file = a_case(cast)
    submit("closure.request", by=cast.caseworker, file=file)
    submit("closure.answer", by=cast.supervisor, file=file)
    assert refused_codes("closure.without_talk", by=cast.caseworker, file=file) == ["not_discussed"]


def test_only_that_reason_closes_the_file_and_only_an_error_opens_it(cast: Cast) -> None:
    file = a_case(cast)
    assert refused_codes("closure.request", FOR_DEATH, by=cast.caseworker, file=file) == [
        "death_not_recorded"
    ]
    has_died(cast, file)
    assert refused_codes("closure.request", by=cast.caseworker, file=file) == ["has_died"]
    submit("closure.request", FOR_DEATH, by=cast.caseworker, file=file)
    submit("closure.answer", by=cast.supervisor, file=file)
    submit("closure.without_talk", by=cast.caseworker, file=file)
    assert refused_codes("closure.reopening", by=cast.caseworker, file=file) == ["has_died"]


def test_an_error_is_undone_by_the_supervisor_and_everything_comes_back(cast: Cast) -> None:
    file = everything_due(cast)
    due = {(one.step, one.due_at, one.overdue_after, one.rule) for one in open_deadlines([file])}
    tasks = asked(file)
    has_died(cast, file)
    with pytest.raises(Forbidden):
        submit("closure.death_in_error", by=cast.caseworker, file=file)
    submit("closure.death_in_error", by=cast.supervisor, file=file)
    assert {(one.step, one.due_at, one.overdue_after, one.rule) for one in open_deadlines([file])} == due
    assert asked(file) == tasks and death_of(file) is None
    assert {one.form for one in waiting_for_word([file])} == {
        "closure.answer", "consent.urgent_answer", "assessment.risk_agreement",
    }  # fmt: skip
    assert commands.rebuild(file, keep=False) == []
    assert UrgentAction.objects.filter(file_id=file, ended_by=None).count() == 1


def test_an_error_opens_again_what_was_closed_for_it(cast: Cast) -> None:
    file = a_case(cast)
    due = steps(file)
    assert refused_codes("closure.death_in_error", by=cast.supervisor, file=file) == ["no_death"]
    has_died(cast, file)
    submit("closure.request", FOR_DEATH, by=cast.caseworker, file=file)
    submit("closure.answer", by=cast.supervisor, file=file)
    submit("closure.without_talk", by=cast.caseworker, file=file)
    submit("closure.death_in_error", by=cast.supervisor, file=file)
    assert not is_closed(file) and steps(file) == due
    assert commands.rebuild(file, keep=False) == []


def test_only_what_makes_sense_may_be_begun(cast: Cast) -> None:
    file = a_case(cast)
    has_died(cast, file)
    offered = {form for group in forms_to_start(file) for form in group.forms}
    assert offered == {
        "follow_up.contact", "follow_up.voice_note", "cases.document", "cases.person", "closure.request",
        "closure.sibling_check", "closure.staff_support", "closure.death_in_error", "consent.mandatory_report",
    }  # fmt: skip
