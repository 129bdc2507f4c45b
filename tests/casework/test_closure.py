"""Closing and opening again (R51–R55), through the forms: acceptance fact 8 and what stands around it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from tests.cast import START, Cast, a_case, a_closed_case, a_file, later, submit
from tutela import commands
from tutela.assessment.queries import risk_of
from tutela.cases.models import Case
from tutela.cases.queries import entries_of
from tutela.closure.queries import closure_of, is_closed, request_of
from tutela.deadlines.models import Deadline
from tutela.deadlines.queries import open_deadlines
from tutela.deadlines.tasks import tasks_on
from tutela.foundation.refusals import Forbidden, NotFound, Refused

pytestmark = pytest.mark.django_db

CRITERIA: Mapping[str, Any] = dict.fromkeys(("objectives_met", "safe", "no_further_risk", "stable"))


def refused_codes(form: str, answers: Mapping[str, Any] | None = None, **more: Any) -> list[str]:
    with pytest.raises(Refused) as refused:
        submit(form, answers, **more)
    return [one.code for one in refused.value.unmet]


def ask(cast: Cast, file: UUID, **answers: Any) -> None:
    submit("closure.request", answers, by=cast.caseworker, file=file)


def attempt(cast: Cast, file: UUID, days: float, *, reached: str = "attempt") -> None:
    """A contact so many days after the beginning, typed today."""
    submit("follow_up.contact", {"reached": reached}, by=cast.caseworker, file=file, happened_at=later(days))


def due_steps(file: UUID) -> dict[str, datetime]:
    return {one.step: one.due_at for one in open_deadlines([file])}


# --- Closing needs three parts -------------------------------------------------------------------------------


def test_a_case_is_closed_when_asked_agreed_and_talked_over(cast: Cast) -> None:
    file = a_case(cast)
    ask(cast, file)
    assert not is_closed(file)
    submit("closure.answer", by=cast.supervisor, file=file)
    assert not is_closed(file)  # agreement permits; it does not close
    submit("closure.closure", by=cast.caseworker, file=file)
    assert is_closed(file)


def test_closing_what_nobody_asked_for_or_agreed_to_fails(cast: Cast) -> None:
    file = a_case(cast)
    assert refused_codes("closure.closure", by=cast.caseworker, file=file) == ["not_asked"]
    ask(cast, file)
    assert refused_codes("closure.closure", by=cast.caseworker, file=file) == ["not_agreed"]
    submit("closure.answer", {"agreed": "no"}, by=cast.supervisor, file=file)
    assert refused_codes("closure.closure", by=cast.caseworker, file=file) == ["returned"]
    assert not is_closed(file)


def test_whoever_asks_cannot_agree(cast: Cast) -> None:
    file = submit("intake.identification", by=cast.both).file_id
    submit("intake.registration", by=cast.both, file=file)
    submit("closure.request", by=cast.both, file=file)
    assert refused_codes("closure.answer", by=cast.both, file=file) == ["own_request"]
    typed_for = refused_codes("closure.answer", by=cast.supervisor, done_by=cast.both, file=file)
    assert typed_for == ["own_request"]
    submit("closure.answer", by=cast.supervisor, file=file)


def test_only_the_supervisor_of_the_team_agrees(cast: Cast) -> None:
    file = a_case(cast)
    ask(cast, file)
    with pytest.raises(Forbidden):
        submit("closure.answer", by=cast.caseworker, file=file)
    with pytest.raises(Forbidden):
        submit("closure.closure", by=cast.supervisor, file=file)
    for nobody in (cast.colleague, cast.other_supervisor, cast.elsewhere):
        with pytest.raises(NotFound):
            submit("closure.answer", by=nobody, file=file)


def test_agreed_and_not_talked_over_stays_open(cast: Cast) -> None:
    file = a_case(cast)
    ask(cast, file)
    submit("closure.answer", by=cast.supervisor, file=file)
    silent = {"discussed_on": None, "child_view": None, "objection": None, "knows_how_to_return": None}
    assert refused_codes("closure.closure", silent, by=cast.caseworker, file=file) == ["not_discussed"]
    told = {"child_view": None, "objection": None, "knows_how_to_return": "no"}
    assert refused_codes("closure.closure", told, by=cast.caseworker, file=file) == [
        "no_child_view", "no_way_back", "objection_unanswered",
    ]  # fmt: skip
    assert not is_closed(file)


@pytest.mark.parametrize("objection", ["child", "caregiver", "both"])
def test_an_objection_is_recorded_and_keeps_the_case_open(cast: Cast, objection: str) -> None:
    file = a_case(cast)
    ask(cast, file)
    submit("closure.answer", by=cast.supervisor, file=file)
    submit("closure.closure", {"objection": objection}, by=cast.caseworker, file=file)
    assert not is_closed(file)
    assert entries_of(file)[-1].answers["objection"] == objection
    assert refused_codes("closure.closure", by=cast.caseworker, file=file) == ["not_asked"]  # it begins anew
    ask(cast, file)
    submit("closure.answer", by=cast.supervisor, file=file)
    submit("closure.closure", by=cast.caseworker, file=file)
    assert is_closed(file)


def test_a_request_is_answered_once_and_may_be_made_again_when_returned(cast: Cast) -> None:
    file = a_case(cast)
    assert refused_codes("closure.answer", by=cast.supervisor, file=file) == ["nothing_waiting"]
    ask(cast, file)
    assert refused_codes("closure.request", by=cast.caseworker, file=file) == ["asked_already"]
    submit("closure.answer", {"agreed": "no"}, by=cast.supervisor, file=file)
    assert refused_codes("closure.answer", by=cast.supervisor, file=file) == ["nothing_waiting"]
    ask(cast, file)
    submit("closure.answer", by=cast.supervisor, file=file)
    submit("closure.closure", by=cast.caseworker, file=file)


def test_an_agreement_is_for_the_request_it_answered(cast: Cast) -> None:
    """Asking again for another reason needs agreeing again."""
    file = a_case(cast)
    ask(cast, file)
    submit("closure.answer", by=cast.supervisor, file=file)
    ask(cast, file, reason="other", **CRITERIA)
    assert refused_codes("closure.closure", by=cast.caseworker, file=file) == ["not_agreed"]


# --- Reasons -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "codes"),
    [
        ({"objectives_met": "no"}, ["objectives_open"]),
        ({"safe": "no", "no_further_risk": "no"}, ["not_safe", "further_risk"]),
        ({"stable": "no"}, ["not_stable"]),
        ({"justification": " "}, ["needed"]),
        ({"reason": "child_and_family_no_longer_wish", "declining_adult_suspected": "yes"}, ["declined_by_suspected"]),
        ({"reason": "uncontactable_after_3_months", "unreachable_since": "2025-12-03"}, ["not_long_enough"]),
        ({"reason": "adult_transition_complete", "still_at_risk_at_18": "no_solution"}, ["still_at_risk"]),
        ({"reason": "adult_transition_complete", "still_at_risk_at_18": "short_term"}, ["still_at_risk"]),
        ({"reason": "transfer"}, ["unknown_choice"]),
    ],
)  # fmt: skip
def test_a_reason_that_does_not_hold_is_refused_with_what_is_missing(
    cast: Cast, answers: dict[str, Any], codes: list[str]
) -> None:
    file = a_case(cast)
    base = CRITERIA if "reason" in answers else {}
    found = refused_codes("closure.request", {**base, **answers}, by=cast.caseworker, file=file)
    assert found == codes
    assert request_of(file) is None


def test_unreachable_is_a_reason_after_three_calendar_months(cast: Cast) -> None:
    file = a_case(cast)
    gone = {**CRITERIA, "reason": "uncontactable_after_3_months", "unreachable_since": "2025-12-02"}
    for days in (-60, -40, -20):
        attempt(cast, file, days)
    ask(cast, file, **gone)
    submit("closure.answer", by=cast.supervisor, file=file)
    nothing = dict.fromkeys(
        ("discussed_on", "child_view", "objection", "knows_how_to_return", "follow_up_safe", "follow_up_way")
    )
    submit("closure.closure", nothing, by=cast.caseworker, file=file)  # there is nobody to talk with
    assert is_closed(file)


def test_what_was_never_registered_is_no_case_to_close(cast: Cast) -> None:
    assert refused_codes("closure.request", by=cast.caseworker, file=a_file(cast)) == ["not_registered"]


def test_turning_eighteen_closes_nothing(cast: Cast) -> None:
    file = a_file(cast)
    submit("intake.registration", {"birth_date": "2008-03-03"}, by=cast.caseworker, file=file)
    submit("assessment.initial", by=cast.caseworker, file=file)
    submit("follow_up.contact", by=cast.caseworker, file=file, at=later(2))
    assert not is_closed(file)


def test_attempts_are_counted_on_the_file_and_on_different_days(cast: Cast) -> None:
    file = a_case(cast)
    gone = {**CRITERIA, "reason": "uncontactable_after_3_months", "unreachable_since": "2025-12-02"}
    attempt(cast, file, -100)  # before the day from which nobody reached the child
    for days in (-40, -40, -20):
        attempt(cast, file, days)
    assert refused_codes("closure.request", gone, by=cast.caseworker, file=file) == ["too_few_attempts"]
    attempt(cast, file, -10)
    ask(cast, file, **gone)


@pytest.mark.covers("R53")
@pytest.mark.parametrize("how", ["child", "child_alone", "child_trusted"])
def test_a_child_who_was_reached_meanwhile_is_not_out_of_reach(cast: Cast, how: str) -> None:
    file = a_case(cast)
    for days in (-60, -40, -20):
        attempt(cast, file, days)
    attempt(cast, file, -30, reached=how)
    gone = {**CRITERIA, "reason": "uncontactable_after_3_months", "unreachable_since": "2025-12-02"}
    assert refused_codes("closure.request", gone, by=cast.caseworker, file=file) == ["not_long_enough"]


DECLINED: Mapping[str, Any] = {
    **CRITERIA, "reason": "child_and_family_no_longer_wish", "declining_adult": "mother", "declining_adult_suspected": "no",
    "child_asked": "alone", "child_view": "I can manage now",
}  # fmt: skip


@pytest.mark.covers("R51")
def test_a_mark_on_the_adult_who_declines_counts_whatever_is_ticked(cast: Cast) -> None:
    file = a_case(cast)
    marked = {"relationship": "mother", "safety_mark": ["suspected_of_harm"]}
    person = submit("cases.person", marked, by=cast.caseworker, file=file).entry_id
    assert refused_codes("closure.request", DECLINED, by=cast.caseworker, file=file) == [
        "declined_by_suspected"
    ]
    submit("cases.person", {**marked, "safety_mark": None}, by=cast.caseworker, file=file, amends=person)
    ask(cast, file, **DECLINED)


@pytest.mark.covers("R51")
def test_the_childs_own_word_is_asked_for_and_kept(cast: Cast) -> None:
    file = a_case(cast)
    silent = {**DECLINED, "child_asked": "not_asked", "child_view": None}
    codes = refused_codes("closure.request", silent, by=cast.caseworker, file=file)
    assert codes == ["child_not_asked", "no_child_wish"]
    ask(cast, file, **DECLINED)
    request = request_of(file)
    assert request is not None and request.contents["child_view"] == "I can manage now"


@pytest.mark.covers("R51")
def test_no_concern_stands_on_the_assessment_that_is_on_file(cast: Cast) -> None:
    none = {**CRITERIA, "reason": "after_initial_no_concern"}
    file = a_file(cast)
    submit("intake.registration", by=cast.caseworker, file=file)
    assert refused_codes("closure.request", none, by=cast.caseworker, file=file) == ["not_assessed"]
    medium, low = a_case(cast), a_case(cast, risk="low")
    assert refused_codes("closure.request", none, by=cast.caseworker, file=medium) == ["risk_says_otherwise"]
    ask(cast, low, **none)


@pytest.mark.covers("R58")
def test_nobody_has_grown_up_who_is_surely_a_child(cast: Cast) -> None:
    grown = {**CRITERIA, "reason": "adult_transition_complete", "still_at_risk_at_18": "no_longer_at_risk"}
    file = a_file(cast)
    submit("intake.registration", {"birth_date": "2008-03-03"}, by=cast.caseworker, file=file)
    assert refused_codes("closure.request", grown, by=cast.caseworker, file=file) == ["not_grown_up"]
    submit("closure.request", grown, by=cast.caseworker, file=file, at=later(1))


# --- After closing -------------------------------------------------------------------------------------------


def close_for(cast: Cast, file: UUID, *, follow_up_safe: str = "yes", **request: Any) -> None:
    if request.get("reason") == "death":
        submit("closure.death", by=cast.caseworker, file=file)
    ask(cast, file, **request)
    submit("closure.answer", by=cast.supervisor, file=file)
    after = {"follow_up_safe": follow_up_safe} | ({} if follow_up_safe == "yes" else {"follow_up_way": None})
    submit("closure.closure", after, by=cast.caseworker, file=file)


def test_a_visit_is_due_within_three_months_and_nothing_else(cast: Cast) -> None:
    file = a_case(cast)
    close_for(cast, file)
    assert due_steps(file) == {"post_closure_follow_up": datetime(2026, 6, 2, 20, 59, 59, tzinfo=UTC)}
    submit("follow_up.contact", by=cast.caseworker, file=file, at=later(60))
    assert due_steps(file) == {}


@pytest.mark.parametrize("reason", ["death", "opened_in_error"])
def test_no_visit_follows_a_death_or_an_error(cast: Cast, reason: str) -> None:
    file = a_case(cast)
    close_for(cast, file, reason=reason, **CRITERIA)
    assert is_closed(file)
    assert due_steps(file) == {}


def test_no_visit_is_planned_where_it_is_not_safe_and_welcome(cast: Cast) -> None:
    file = a_case(cast)
    close_for(cast, file, follow_up_safe="no")
    assert due_steps(file) == {}


def test_an_attempt_is_no_visit(cast: Cast) -> None:
    file = a_closed_case(cast)
    submit("follow_up.contact", {"reached": "attempt"}, by=cast.caseworker, file=file, at=later(30))
    assert set(due_steps(file)) == {"post_closure_follow_up"}


def test_what_was_open_at_closing_is_superseded_and_never_deleted(cast: Cast) -> None:
    file = a_case(cast)
    before = set(Deadline.objects.filter(file=file).values_list("id", flat=True))
    close_for(cast, file)
    assert before <= set(Deadline.objects.filter(file=file).values_list("id", flat=True))


def test_nothing_but_what_can_happen_then_is_written_on_a_closed_case(cast: Cast) -> None:
    file = a_closed_case(cast)
    for form in ("assessment.initial", "assessment.risk", "planning.plan", "follow_up.review", "consent.consent",
                 "consent.explanation", "closure.request", "closure.closure"):  # fmt: skip
        assert refused_codes(form, by=cast.caseworker, file=file) == ["closed"]
    for form in ("closure.answer", "assessment.risk_agreement"):
        assert refused_codes(form, by=cast.supervisor, file=file) == ["closed"]
    for form in ("follow_up.contact", "cases.person", "consent.urgent_action", "closure.reopening"):
        submit(form, by=cast.caseworker, file=file)


@pytest.mark.covers("R52")
def test_a_visit_is_planned_with_the_way_the_child_agreed_to_and_who_makes_it(cast: Cast) -> None:
    file = a_case(cast)
    ask(cast, file)
    submit("closure.answer", by=cast.supervisor, file=file)
    without = {"follow_up_way": None}
    assert refused_codes("closure.closure", without, by=cast.caseworker, file=file) == ["no_way_of_follow_up"]
    unsaid = {"follow_up_safe": None, "follow_up_way": None}
    assert refused_codes("closure.closure", unsaid, by=cast.caseworker, file=file) == ["follow_up_unanswered"]
    submit(
        "closure.closure",
        {"follow_up_way": "call", "follow_up_owner": "focal_point"},
        by=cast.caseworker,
        file=file,
    )
    (visit,) = [task for task in tasks_on(file, day=START.date()) if task.due_at]
    assert str(visit.why) == "As agreed: A call. A focal person in the community."


@pytest.mark.covers("R52")
def test_no_visit_is_planned_where_the_child_does_not_wish_it(cast: Cast) -> None:
    file = a_case(cast)
    ask(cast, file)
    submit("closure.answer", by=cast.supervisor, file=file)
    submit("closure.closure", {"follow_up_way": "not_wished"}, by=cast.caseworker, file=file)
    assert due_steps(file) == {} and forms_asked(file) == set()


@pytest.mark.covers("R52")
def test_feedback_is_asked_by_the_supervisor_once_and_never_by_the_cases_own_worker(cast: Cast) -> None:
    file = a_closed_case(cast)
    assert forms_asked(file) == {("closure.feedback_asked", "agree"), ("follow_up.contact", "write")}
    with pytest.raises(Forbidden):
        submit("closure.feedback_asked", by=cast.caseworker, file=file)
    typed_for = refused_codes(
        "closure.feedback_asked", by=cast.supervisor, done_by=cast.caseworker, file=file
    )
    assert typed_for == ["own_case"]
    submit("closure.feedback_asked", by=cast.supervisor, file=file)
    assert refused_codes("closure.feedback_asked", by=cast.supervisor, file=file) == ["nobody_to_ask"]
    assert forms_asked(file) == {("follow_up.contact", "write")}


@pytest.mark.covers("R52")
def test_a_supervisor_who_was_the_caseworker_does_not_ask_for_feedback(cast: Cast) -> None:
    file = submit("intake.identification", by=cast.both).file_id
    submit("intake.registration", by=cast.both, file=file)
    submit("closure.request", by=cast.both, file=file)
    submit("closure.answer", by=cast.supervisor, file=file)
    submit("closure.closure", by=cast.both, file=file)
    assert refused_codes("closure.feedback_asked", by=cast.both, file=file) == ["own_case"]
    submit("closure.feedback_asked", by=cast.supervisor, file=file)


# --- Opening again -------------------------------------------------------------------------------------------


def test_reopening_keeps_the_code_and_the_history(cast: Cast) -> None:
    file = a_closed_case(cast)
    code, told = Case.objects.get().code, entries_of(file)
    submit("closure.reopening", by=cast.caseworker, file=file, at=later(100))
    assert not is_closed(file)
    assert Case.objects.get().code == code
    assert entries_of(file)[:-1] == told


def test_reopening_restarts_the_clocks(cast: Cast) -> None:
    file = a_case(cast)
    submit("planning.plan", by=cast.caseworker, file=file)
    submit("assessment.comprehensive", by=cast.caseworker, file=file)
    close_for(cast, file)
    submit("closure.reopening", {"risk_level": "low"}, by=cast.caseworker, file=file, at=later(100))
    assert due_steps(file) == {
        "initial_assessment": later(101),
        "assessment.start": end_of_day(later(114)),
        "assessment.finish": end_of_day(datetime(2026, 7, 10, tzinfo=UTC)),
        "follow_up": end_of_day(later(121)),
    }
    risk = risk_of(file)
    assert risk and risk.level == "low"


def test_what_was_done_before_meets_nothing_after_reopening(cast: Cast) -> None:
    file = a_closed_case(cast)
    submit("closure.reopening", by=cast.caseworker, file=file, at=later(100))
    submit("assessment.initial", by=cast.caseworker, file=file, at=later(100, hours=1))
    steps = due_steps(file)
    assert "initial_assessment" not in steps and steps["case_plan"] == end_of_day(later(107))


def test_only_what_is_closed_is_reopened_and_it_can_be_closed_again(cast: Cast) -> None:
    file = a_case(cast)
    assert refused_codes("closure.reopening", by=cast.caseworker, file=file) == ["open"]
    close_for(cast, file)
    submit("closure.reopening", by=cast.caseworker, file=file)
    assert refused_codes("closure.reopening", by=cast.caseworker, file=file) == ["open"]
    assert refused_codes("closure.closure", by=cast.caseworker, file=file) == ["not_asked"]
    close_for(cast, file)
    closure = closure_of(file)
    assert closure is not None and closure.entry.happened_on == START.date()
    submit("closure.reopening", by=cast.caseworker, file=file)
    assert not is_closed(file)


@pytest.mark.covers("R55")
def test_after_reopening_safe_contact_caseworker_and_consent_are_asked_anew(cast: Cast) -> None:
    file = a_case(cast)
    submit("consent.consent", by=cast.caseworker, file=file)
    assert refused_codes("closure.asked_again", by=cast.caseworker, file=file) == ["not_reopened"]
    close_for(cast, file)
    submit("closure.reopening", by=cast.caseworker, file=file, at=later(100))
    asked = {form for form, _ in forms_asked(file)}
    assert {"closure.asked_again", "consent.consent"} <= asked
    submit("closure.asked_again", by=cast.caseworker, file=file, at=later(100))
    assert "closure.asked_again" not in {form for form, _ in forms_asked(file)}
    assert commands.rebuild(file, keep=False) == []


def forms_asked(file: UUID) -> set[tuple[str, str]]:
    """Which forms the tasks of the file lead to, and whose they are."""
    return {(task.form, task.action) for task in tasks_on(file, day=START.date())}


def end_of_day(moment: datetime) -> datetime:
    """The last second of that day where they work, three hours ahead of UTC."""
    return moment.replace(hour=20, minute=59, second=59)
