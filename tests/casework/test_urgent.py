"""Acting at once (R11, R18): nothing ever blocks it, and another person answers within a day."""

from datetime import timedelta
from uuid import UUID

import pytest

from tests.cast import START, Cast, a_case, a_closed_case, a_file, later, submit
from tutela.cases.models import Entry
from tutela.consent.queries import unanswered, urgent_actions
from tutela.deadlines.models import Deadline
from tutela.deadlines.queries import OpenDeadline, open_deadlines
from tutela.foundation.refusals import Forbidden, NotFound, Refused

pytestmark = pytest.mark.django_db


def answer_due(file: UUID) -> list[OpenDeadline]:
    return [one for one in open_deadlines([file]) if one.step == "urgent_answer"]


def act_at_once(cast: Cast, file: UUID, **more: object) -> UUID:
    return submit("consent.urgent_action", by=cast.caseworker, file=file, **more).entry_id  # type: ignore[arg-type]


def test_it_is_never_blocked(cast: Cast) -> None:
    """Right after the identification, without consent; after a refusal of consent; on a closed case; twice; any base."""
    fresh, closed = a_file(cast), a_closed_case(cast)
    refused = a_file(cast)
    submit(
        "consent.consent", {"agreed": None, "refused": ["participation"]}, by=cast.caseworker, file=refused
    )
    for file in (fresh, refused, closed):
        act_at_once(cast, file, base=None)
        act_at_once(cast, file, base=0)
        assert len(unanswered(file)) == 2


def test_it_is_answered_within_a_day_by_the_hour(cast: Cast) -> None:
    file = a_file(cast)
    act_at_once(cast, file, happened_at=START - timedelta(hours=2))
    (due,) = answer_due(file)
    assert due.due_at == due.overdue_after == START + timedelta(hours=22)
    assert "§3.3.2" in due.citation


def test_it_runs_its_clock_on_a_closed_case(cast: Cast) -> None:
    file = a_closed_case(cast)
    act_at_once(cast, file, at=later(10))
    (due,) = answer_due(file)
    assert due.due_at == later(11)
    submit("consent.urgent_answer", by=cast.supervisor, file=file, at=later(10, hours=5))
    assert answer_due(file) == []


def test_it_is_not_forgotten_when_the_case_is_opened_again(cast: Cast) -> None:
    file = a_closed_case(cast)
    act_at_once(cast, file, at=later(10))
    submit("closure.reopening", by=cast.caseworker, file=file, at=later(10, hours=1))
    assert [one.due_at for one in answer_due(file)] == [later(11)]


def test_one_answer_is_for_everything_that_waits(cast: Cast) -> None:
    file = a_file(cast)
    act_at_once(cast, file)
    act_at_once(cast, file, at=later(hours=1))
    answered = submit("consent.urgent_answer", by=cast.supervisor, file=file, at=later(hours=2)).entry_id
    assert unanswered(file) == []
    assert answer_due(file) == []
    assert {row.met_by_id for row in Deadline.objects.filter(file=file, step="urgent_answer")} == {answered}
    assert [one.answer.contents["answer"] for one in urgent_actions(file) if one.answer] == ["agree"] * 2


def test_a_late_answer_meets_it_late_and_silence_leaves_it_open(cast: Cast) -> None:
    file = a_file(cast)
    act_at_once(cast, file)
    submit("follow_up.contact", by=cast.caseworker, file=file, at=later(3))
    assert [one.due_at for one in answer_due(file)] == [later(1)]
    submit("consent.urgent_answer", {"answer": "disagree"}, by=cast.supervisor, file=file, at=later(4))
    assert answer_due(file) == []


def test_only_the_supervisor_of_the_team_answers(cast: Cast) -> None:
    file = a_file(cast)
    act_at_once(cast, file)
    with pytest.raises(Forbidden):
        submit("consent.urgent_answer", by=cast.caseworker, file=file)
    for nobody in (cast.colleague, cast.other_supervisor, cast.elsewhere, cast.outsider):
        with pytest.raises(NotFound):
            submit("consent.urgent_answer", by=nobody, file=file)
    assert len(unanswered(file)) == 1


def test_nobody_answers_what_they_did_or_wrote_themselves(cast: Cast) -> None:
    for done_by in (None, cast.supervisor):
        file = submit("intake.identification", by=cast.both).file_id
        submit("consent.urgent_action", by=cast.both, file=file, done_by=done_by)
        with pytest.raises(Refused) as refused:
            submit("consent.urgent_answer", by=cast.both, file=file)
        assert [one.code for one in refused.value.unmet] == ["own_action"]
    submit("consent.urgent_answer", by=cast.supervisor, file=a_waiting_file(cast))


def a_waiting_file(cast: Cast) -> UUID:
    file = submit("intake.identification", by=cast.both).file_id
    submit("consent.urgent_action", by=cast.both, file=file)
    return file


def test_there_must_be_something_to_answer(cast: Cast) -> None:
    file = a_file(cast)
    for _ in range(2):
        with pytest.raises(Refused) as refused:
            submit("consent.urgent_answer", by=cast.supervisor, file=file)
        assert [one.code for one in refused.value.unmet] == ["nothing_waiting"]
        act_at_once(cast, file)
        submit("consent.urgent_answer", by=cast.supervisor, file=file)


def test_a_corrected_action_is_answered_anew(cast: Cast) -> None:
    """The supervisor agreed to something else."""
    file = a_case(cast)
    first = act_at_once(cast, file)
    submit("consent.urgent_answer", by=cast.supervisor, file=file)
    act_at_once(cast, file, amends=first, at=later(hours=3), happened_at=START)
    (waiting,) = unanswered(file)
    assert waiting.entry.amends_id == first
    assert [one.due_at for one in answer_due(file)] == [later(1)]
    assert Entry.objects.filter(id=first).exists()
