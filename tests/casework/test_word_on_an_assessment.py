"""A supervisor's word on what was assessed (R37): asked for where the pack says so, and nobody waits for it."""

from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.casework.refusing import refusal
from tests.cast import START, Cast, a_case, a_file, later, submit
from tests.working_by import APPROVING, approval_of, assessments_are_seen, works_by
from tutela import commands
from tutela.assessment.queries import assessments_asked, word_on_assessment
from tutela.deadlines.queries import open_deadlines
from tutela.deadlines.starts import forms_to_start
from tutela.deadlines.tasks import tasks_on
from tutela.foundation.refusals import Forbidden
from tutela.supervision.queries import waiting_for_word

pytestmark = [pytest.mark.django_db, pytest.mark.covers("R37")]

THE_WORD = "Say a word on the assessment"
ANSWER = "assessment.assessment_answer"


def assess(cast: Cast, file: UUID, *, at: datetime = START, **more: Any) -> UUID:
    amends = more.pop("amends", None)
    return submit(
        "assessment.comprehensive", more, by=cast.caseworker, file=file, at=at, amends=amends
    ).entry_id


def answer(cast: Cast, file: UUID, *, at: datetime = START, **more: Any) -> None:
    submit(ANSWER, more, by=cast.supervisor, file=file, at=at)


def waiting(file: UUID) -> list[UUID]:
    """The entries that wait for a word on an assessment, as the Team page shows them."""
    return [one.entry_id for one in waiting_for_word([file]) if one.form == ANSWER]


def titles(file: UUID) -> list[str]:
    return [str(task.title) for task in tasks_on(file, day=START.date())]


def said(file: UUID) -> dict[str, Any]:
    word = word_on_assessment(file)
    return {name: word.contents.get(name, "") for name in ("agreed", "note")} if word else {}


# --- Where it is asked for -----------------------------------------------------------------------------------


def test_nobody_is_asked_about_an_assessment_unless_the_pack_says_so(cast: Cast) -> None:
    file = a_case(cast)
    assess(cast, file)
    assert assessments_asked(file) == [] and waiting_for_word([file]) == [] and THE_WORD not in titles(file)
    assert refusal(ANSWER, {}, by=cast.supervisor, file=file) == {"": "nothing_waiting"}
    assessments_are_seen(at=later(1))
    assert waiting(file) == []  # what was before stays as it was
    new = assess(cast, file, at=later(1))
    assert waiting(file) == [new] and THE_WORD in titles(file)


def test_to_see_plans_is_not_to_see_assessments(cast: Cast, tmp_path: Path) -> None:
    works_by(tmp_path / "plans", APPROVING, rules=approval_of("plan"))
    assert waiting_for_word([a_case(cast)]) == []


def test_a_pack_from_before_there_was_such_a_rule_asks_nobody(cast: Cast, tmp_path: Path) -> None:
    works_by(tmp_path / "before", f"{APPROVING}without: [assessment.approval]\n")
    file = a_case(cast)
    assert waiting_for_word([file]) == []
    assert commands.rebuild(file, keep=False) == []


def test_an_initial_and_a_comprehensive_assessment_wait_once_they_are_finished(cast: Cast) -> None:
    assessments_are_seen()
    file = a_file(cast)
    first = submit("assessment.initial", by=cast.caseworker, file=file).entry_id
    assess(cast, file, finished="no", at=later(1))
    assert waiting(file) == [first]
    whole = assess(cast, file, at=later(2))
    assert waiting(file) == [first, whole]


def test_the_work_goes_on_meanwhile(cast: Cast) -> None:
    file = a_case(cast)
    usual = {one.step for one in open_deadlines([file])}
    assessments_are_seen()
    asked = a_case(cast)
    assert waiting(asked) and {one.step for one in open_deadlines([asked])} == usual
    for form in ("planning.plan", "follow_up.contact", "assessment.risk", "closure.request"):
        submit(form, by=cast.caseworker, file=asked)
    assert waiting(asked)


# --- What was said -------------------------------------------------------------------------------------------


def test_one_word_answers_what_waits_and_what_is_newer_is_asked_for_anew(cast: Cast) -> None:
    assessments_are_seen()
    file = a_case(cast)
    assess(cast, file, at=later(1))
    answer(cast, file, at=later(2), agreed="no", note="See the child alone first")
    assert waiting(file) == [] and THE_WORD not in titles(file)
    assert said(file) == {"agreed": "no", "note": "See the child alone first"}
    assess(cast, file, finished="no", at=later(3))
    assert waiting(file) == [] and said(file)  # it is not finished
    new = assess(cast, file, at=later(4))
    assert waiting(file) == [new] and said(file) == {}
    answer(cast, file, at=later(5))
    assert said(file) == {"agreed": "yes", "note": ""}
    assert commands.rebuild(file, keep=False) == []


def test_what_is_corrected_is_asked_for_anew(cast: Cast) -> None:
    assessments_are_seen()
    file = a_case(cast)
    first = assess(cast, file, at=later(1))
    answer(cast, file, at=later(2))
    corrected = assess(cast, file, at=later(3), amends=first, verified="The teacher says so too")
    assert waiting(file) == [corrected] and said(file) == {}
    assert commands.rebuild(file, keep=False) == []


def test_what_was_called_finished_by_mistake_waits_for_nobody_and_the_rest_goes_on_waiting(
    cast: Cast,
) -> None:
    assessments_are_seen()
    file = a_case(cast)
    (first,) = waiting(file)
    mistaken = assess(cast, file, at=later(1))
    assess(cast, file, at=later(2), amends=mistaken, finished="no")
    assert waiting(file) == [first]
    assert commands.rebuild(file, keep=False) == []


def test_a_word_that_nobody_asked_for_any_more_is_not_taken_for_one_on_the_newest(
    cast: Cast, tmp_path: Path
) -> None:
    assessments_are_seen()
    file = a_case(cast)
    answer(cast, file)
    works_by(tmp_path / "again", APPROVING, day=1)
    assess(cast, file, at=later(1))
    assert waiting(file) == [] and said(file) == {}


def test_only_another_supervisor_says_the_word_and_only_once(cast: Cast) -> None:
    assessments_are_seen()
    own = submit("intake.identification", by=cast.both).file_id
    submit("assessment.initial", by=cast.both, file=own)
    assert refusal(ANSWER, {}, by=cast.both, file=own) == {"": "own_assessment"}
    answer(cast, own)
    assert refusal(ANSWER, {}, by=cast.supervisor, file=own) == {"": "nothing_waiting"}
    with pytest.raises(Forbidden):
        submit(ANSWER, by=cast.caseworker, file=a_case(cast))


@pytest.mark.covers("R23")
def test_a_word_on_an_assessment_is_no_new_look_at_the_risk(cast: Cast) -> None:
    assessments_are_seen()
    file = a_case(cast)
    submit("follow_up.contact", {"risk_changed": ["higher"]}, by=cast.caseworker, file=file, at=later(1))
    assert "Look at the risk level again" in titles(file)
    answer(cast, file, at=later(2))
    assert "Look at the risk level again" in titles(file)


# --- When the case ends --------------------------------------------------------------------------------------


def test_on_a_closed_case_no_assessment_waits_for_anybody(cast: Cast) -> None:
    assessments_are_seen()
    file = a_case(cast)
    for form, by in (("request", cast.caseworker), ("answer", cast.supervisor), ("closure", cast.caseworker)):
        submit(f"closure.{form}", by=by, file=file)
    assert waiting_for_word([file]) == [] and THE_WORD not in titles(file)
    assert refusal(ANSWER, {}, by=cast.supervisor, file=file) == {"": "closed"}


@pytest.mark.covers("R54")
def test_when_a_child_has_died_no_assessment_waits_for_anybody(cast: Cast) -> None:
    assessments_are_seen()
    file = a_case(cast)
    submit("closure.death", by=cast.caseworker, file=file)
    assert waiting_for_word([file]) == [] and THE_WORD not in titles(file)


def test_it_is_begun_from_where_it_waits_and_stands_in_no_list_of_forms_to_begin(cast: Cast) -> None:
    assessments_are_seen()
    assert ANSWER not in {form for group in forms_to_start(a_case(cast)) for form in group.forms}
