"""The risk level (R22, R23): people set it; raising acts at once; lowering from high waits for another person's agreement."""

from typing import Any
from uuid import UUID

import pytest

from tests.cast import Cast, a_case, a_closed_case, a_file, later, submit
from tutela import commands
from tutela.access.models import User
from tutela.assessment.queries import lowering_waiting, risk_history, risk_of
from tutela.cases.models import Entry
from tutela.deadlines.queries import open_deadlines
from tutela.foundation.refusals import Forbidden, NotFound, Refused

pytestmark = pytest.mark.django_db


def level(file: UUID) -> str:
    risk = risk_of(file)
    return risk.level if risk else ""


def set_level(cast: Cast, file: UUID, to: str, **more: Any) -> UUID:
    answers = {"risk_level": to, "risk_reason": f"It is {to}"}
    return submit("assessment.risk", answers, by=cast.caseworker, file=file, **more).entry_id


def codes(error: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [one.code for one in error.value.unmet]


def test_triage_is_never_shown_as_the_risk_level(cast: Cast) -> None:
    assert level(a_file(cast, triage="high")) == ""


@pytest.mark.parametrize("before", ["none", "low", "medium"])
def test_raising_acts_at_once(cast: Cast, before: str) -> None:
    file = a_case(cast, risk=before)
    set_level(cast, file, "high")
    assert level(file) == "high"
    assert lowering_waiting(file) is None


@pytest.mark.parametrize("to", ["medium", "low", "none"])
def test_lowering_from_high_waits_for_the_supervisor(cast: Cast, to: str) -> None:
    file = a_case(cast, risk="high")
    set_level(cast, file, to)
    assert level(file) == "high"
    submit("assessment.risk_agreement", by=cast.supervisor, file=file)
    assert level(file) == to
    assert lowering_waiting(file) is None


def test_lowering_from_below_high_needs_nobody(cast: Cast) -> None:
    file = a_case(cast, risk="medium")
    set_level(cast, file, "none")
    assert level(file) == "none"


def test_no_agreement_leaves_it_high(cast: Cast) -> None:
    file = a_case(cast, risk="high")
    set_level(cast, file, "low")
    submit("assessment.risk_agreement", {"agreed": "no"}, by=cast.supervisor, file=file)
    assert level(file) == "high"
    assert lowering_waiting(file) is None


def test_a_lower_level_found_in_an_assessment_waits_as_well(cast: Cast) -> None:
    file = a_case(cast, risk="high")
    found = {"risk_level": "low", "risk_reason": "The brother has left"}
    submit("assessment.comprehensive", found, by=cast.caseworker, file=file)
    assert level(file) == "high"
    submit("assessment.risk_agreement", by=cast.supervisor, file=file)
    assert level(file) == "low"


def test_an_assessment_that_names_no_level_changes_none(cast: Cast) -> None:
    file = a_case(cast, risk="high")
    submit("assessment.comprehensive", by=cast.caseworker, file=file)
    submit("follow_up.contact", {"risk_changed": "lower"}, by=cast.caseworker, file=file)
    assert level(file) == "high" and lowering_waiting(file) is None


def test_only_a_supervisor_of_the_team_agrees(cast: Cast) -> None:
    file = a_case(cast, risk="high")
    set_level(cast, file, "low")
    with pytest.raises(Forbidden):
        submit("assessment.risk_agreement", by=cast.caseworker, file=file)
    for nobody in (
        cast.colleague,
        cast.other_supervisor,
        cast.elsewhere,
        cast.information_officer,
        cast.outsider,
    ):
        with pytest.raises(NotFound):
            submit("assessment.risk_agreement", by=nobody, file=file)
    assert level(file) == "high"


def a_case_of(worker: User) -> UUID:
    """A case at high risk whose caseworker supervises the team as well."""
    file = submit("intake.identification", by=worker).file_id
    submit("assessment.initial", {"risk_level": "high"}, by=worker, file=file)
    return file


def test_nobody_agrees_to_what_they_asked_for_themselves(cast: Cast) -> None:
    file = a_case_of(cast.both)
    submit("assessment.risk", {"risk_level": "low"}, by=cast.both, file=file)
    with pytest.raises(Refused) as refused:
        submit("assessment.risk_agreement", by=cast.both, file=file)
    assert codes(refused) == ["own_request"]
    submit("assessment.risk_agreement", by=cast.supervisor, file=file)
    assert level(file) == "low"


@pytest.mark.parametrize(("asked_for", "agreed_for"), [(True, False), (False, True)])
def test_nobody_agrees_to_their_own_wish_by_typing_for_each_other(
    cast: Cast, asked_for: bool, agreed_for: bool
) -> None:
    """What is typed for somebody else is also theirs."""
    file = a_case_of(cast.both)
    asked: dict[str, Any] = {"by": cast.both, "done_by": cast.supervisor if asked_for else None}
    submit("assessment.risk", {"risk_level": "low"}, file=file, **asked)
    agreed: dict[str, Any] = {"by": cast.supervisor, "done_by": cast.both if agreed_for else None}
    with pytest.raises(Refused) as refused:
        submit("assessment.risk_agreement", file=file, **agreed)
    assert codes(refused) == ["own_request"]
    assert level(file) == "high"


def test_there_must_be_something_to_agree_to(cast: Cast) -> None:
    file = a_case(cast, risk="high")
    with pytest.raises(Refused) as refused:
        submit("assessment.risk_agreement", by=cast.supervisor, file=file)
    assert codes(refused) == ["nothing_waiting"]


def test_a_wish_is_answered_once(cast: Cast) -> None:
    file = a_case(cast, risk="high")
    set_level(cast, file, "low")
    submit("assessment.risk_agreement", by=cast.supervisor, file=file)
    with pytest.raises(Refused):
        submit("assessment.risk_agreement", by=cast.supervisor, file=file)


def test_the_newest_wish_stands_for_those_before(cast: Cast) -> None:
    file = a_case(cast, risk="high")
    set_level(cast, file, "none")
    set_level(cast, file, "medium")
    submit("assessment.risk_agreement", by=cast.supervisor, file=file)
    assert level(file) == "medium"


def test_saying_high_again_takes_the_wish_back(cast: Cast) -> None:
    file = a_case(cast, risk="high")
    set_level(cast, file, "low")
    set_level(cast, file, "high")
    assert lowering_waiting(file) is None
    with pytest.raises(Refused):
        submit("assessment.risk_agreement", by=cast.supervisor, file=file)


def test_every_level_stays_readable_with_its_reason(cast: Cast) -> None:
    file = a_case(cast, risk="low")
    set_level(cast, file, "high", at=later(1))
    set_level(cast, file, "medium", at=later(2))
    submit("assessment.risk_agreement", by=cast.supervisor, file=file, at=later(3))
    told = [(risk.level, risk.contents["reason"]) for risk in risk_history(file)]
    assert told == [("low", "Heavy work, fed at home"), ("high", "It is high"), ("medium", "It is medium")]


def test_every_change_needs_a_reason(cast: Cast) -> None:
    file = a_case(cast)
    with pytest.raises(Refused) as refused:
        submit("assessment.risk", {"risk_reason": " "}, by=cast.caseworker, file=file)
    assert codes(refused) == ["needed"]


# --- Corrections never set a level ---------------------------------------------------------------------------


def correct(cast: Cast, file: UUID, form: str, **answers: Any) -> None:
    row = Entry.objects.filter(file=file, form_code=form, amended_by=None).get()
    submit(form, answers, by=cast.caseworker, file=file, amends=row.id)


@pytest.mark.parametrize("now", ["low", "high"])
def test_correcting_an_old_assessment_leaves_the_level_as_it_is_now(cast: Cast, now: str) -> None:
    file = a_case(cast, risk="medium")
    set_level(cast, file, now)
    correct(cast, file, "assessment.initial", judgement="A word was missing")
    assert level(file) == now
    assert lowering_waiting(file) is None


@pytest.mark.parametrize("to", ["high", "low"])
def test_a_correction_with_another_level_is_refused_and_says_what_to_do(cast: Cast, to: str) -> None:
    file = a_case(cast, risk="medium")
    with pytest.raises(Refused) as refused:
        correct(cast, file, "assessment.initial", risk_level=to)
    assert [(one.code, one.question) for one in refused.value.unmet] == [
        ("level_not_corrected", "risk_level")
    ]
    assert level(file) == "medium"


def test_a_correction_leaves_a_wish_to_lower_as_it_is(cast: Cast) -> None:
    file = a_case(cast, risk="high")
    set_level(cast, file, "low")
    correct(cast, file, "assessment.initial", risk_level="high", judgement="A word was missing")
    submit("assessment.risk_agreement", by=cast.supervisor, file=file)
    assert level(file) == "low"


# --- Closing and opening again -------------------------------------------------------------------------------


def test_a_wish_from_before_closing_means_nothing_after_reopening(cast: Cast) -> None:
    file = a_case(cast, risk="high")
    set_level(cast, file, "none")
    submit("closure.request", by=cast.caseworker, file=file)
    submit("closure.answer", by=cast.supervisor, file=file)
    submit("closure.closure", by=cast.caseworker, file=file)
    submit("closure.reopening", {"risk_level": "high"}, by=cast.caseworker, file=file)
    with pytest.raises(Refused) as refused:
        submit("assessment.risk_agreement", by=cast.supervisor, file=file)
    assert codes(refused) == ["nothing_waiting"]
    assert level(file) == "high"


def test_reopening_starts_a_new_level(cast: Cast) -> None:
    file = a_closed_case(cast)
    submit("closure.reopening", {"risk_level": "high"}, by=cast.caseworker, file=file)
    assert level(file) == "high"
    assert [risk.level for risk in risk_history(file)] == ["medium", "high"]


@pytest.mark.covers("R23", "R55")
@pytest.mark.parametrize("to", ["medium", "low", "none"])
def test_reopening_keeps_a_level_that_only_the_supervisor_lowers_and_waits_for_nothing_else(
    cast: Cast, to: str
) -> None:
    file = a_case(cast, risk="high")
    submit("closure.request", by=cast.caseworker, file=file)
    submit("closure.answer", by=cast.supervisor, file=file)
    submit("closure.closure", by=cast.caseworker, file=file)
    wish = {"risk_level": to, "risk_reason": "He lives with his aunt now"}
    submit("closure.reopening", wish, by=cast.caseworker, file=file, at=later(30))
    assert level(file) == "high"  # open again at once, and as careful as before
    waiting = lowering_waiting(file)
    assert waiting and (waiting.level, waiting.contents["reason"]) == (to, "He lives with his aunt now")
    submit("follow_up.contact", by=cast.caseworker, file=file, at=later(30))
    submit("assessment.risk_agreement", by=cast.supervisor, file=file, at=later(31))
    assert level(file) == to
    assert commands.rebuild(file, keep=False) == []


@pytest.mark.covers("R23")
def test_reopening_at_high_again_runs_its_clocks_from_the_reopening(cast: Cast) -> None:
    file = a_case(cast, risk="high")
    submit("closure.request", by=cast.caseworker, file=file)
    submit("closure.answer", by=cast.supervisor, file=file)
    submit("closure.closure", by=cast.caseworker, file=file)
    submit("closure.reopening", {"risk_level": "low"}, by=cast.caseworker, file=file, at=later(30))
    (follow_up,) = [one for one in open_deadlines([file]) if one.step == "follow_up"]
    assert follow_up.due_at.date() == later(37).date()
