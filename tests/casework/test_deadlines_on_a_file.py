"""Deadlines as entries make, meet and supersede them (R23, R26, R28). Which limit is how long is tested in tests/deadlines."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tests.cast import START, Cast, a_case, a_file, later, submit
from tutela.cases.models import Entry
from tutela.deadlines.models import Deadline
from tutela.deadlines.queries import OpenDeadline, open_deadlines, overdue_files
from tutela.foundation.refusals import Refused

pytestmark = pytest.mark.django_db


def end_of_day(moment: datetime) -> datetime:
    """The last second of that day where they work, three hours ahead of UTC."""
    return moment.replace(hour=20, minute=59, second=59)


def open_on(file: UUID) -> dict[str, OpenDeadline]:
    return {one.step: one for one in open_deadlines([file])}


def due(file: UUID) -> dict[str, datetime]:
    return {step: one.due_at for step, one in open_on(file).items()}


def met(file: UUID) -> dict[str, str]:
    """Each step that was met, with the form that met it the last time."""
    rows = Deadline.objects.filter(file=file, met_by__isnull=False).order_by("met_by__revision")
    return {row.step: row.met_by.form_code for row in rows if row.met_by}


# --- The course of one case ----------------------------------------------------------------------------------


def test_each_step_meets_its_deadline_and_starts_the_next(cast: Cast) -> None:
    file = a_file(cast, triage="medium")
    assert due(file) == {"registration": end_of_day(later(3))}
    submit("intake.registration", by=cast.caseworker, file=file, at=later(1))
    assert due(file) == {
        "initial_assessment": later(2), "assessment.start": end_of_day(later(8)),
        "assessment.finish": end_of_day(datetime(2026, 4, 3, tzinfo=UTC)),
    }  # fmt: skip
    submit("assessment.initial", by=cast.caseworker, file=file, at=later(1, hours=1))
    assert set(due(file)) == {
        "assessment.start",
        "assessment.finish",
        "case_plan",
        "follow_up",
    }  # begun only if high
    submit("planning.plan", by=cast.caseworker, file=file, at=later(2))
    assert due(file)["implementation"] == end_of_day(later(9))
    submit("follow_up.contact", {"progress": "begun"}, by=cast.caseworker, file=file, at=later(3))
    submit("assessment.comprehensive", by=cast.caseworker, file=file, at=later(4))
    assert due(file) == {
        "follow_up": end_of_day(later(17)), "review": end_of_day(datetime(2026, 6, 4, tzinfo=UTC)),
    }  # fmt: skip
    assert met(file) == {
        "registration": "intake.registration", "initial_assessment": "assessment.initial",
        "assessment.start": "assessment.comprehensive", "case_plan": "planning.plan",
        "implementation": "follow_up.contact", "follow_up": "follow_up.contact",
        "assessment.finish": "assessment.comprehensive",
    }  # fmt: skip


def test_what_is_not_known_runs_the_high_clock(cast: Cast) -> None:
    for triage in ("high", "not_known"):
        assert due(a_file(cast, triage=triage)) == {"registration": later(1)}


def test_at_high_risk_two_contacts_are_due_in_seven_days_and_one_of_them_with_the_child(cast: Cast) -> None:
    file = a_case(cast, risk="high")
    assert due(file)["follow_up"] == end_of_day(later(7))
    for day in (2, 4):
        submit("follow_up.contact", {"reached": "others"}, by=cast.caseworker, file=file, at=later(day))
    assert due(file)["follow_up"] == end_of_day(later(7))  # nobody has seen the child
    submit("follow_up.contact", by=cast.caseworker, file=file, at=later(5))
    assert due(file)["follow_up"] == end_of_day(later(11))


def test_an_attempt_is_recorded_and_meets_nothing(cast: Cast) -> None:
    file = a_case(cast)
    before = due(file)
    attempt = {"reached": "attempt", "progress": "begun"}
    submit("follow_up.contact", attempt, by=cast.caseworker, file=file, at=later(3))
    assert due(file) == before


def test_clocks_go_by_when_it_happened_and_not_by_when_it_was_written(cast: Cast) -> None:
    file = a_case(cast)
    submit("follow_up.contact", by=cast.caseworker, file=file, at=later(9), happened_at=later(2))
    assert due(file)["follow_up"] == end_of_day(later(16))


def test_an_older_contact_that_is_typed_later_moves_nothing_back(cast: Cast) -> None:
    file = a_case(cast)
    submit("follow_up.contact", by=cast.caseworker, file=file, at=later(9))
    submit("follow_up.contact", by=cast.caseworker, file=file, at=later(10), happened_at=later(2))
    assert due(file)["follow_up"] == end_of_day(later(23))


def test_days_end_where_people_work(cast: Cast) -> None:
    """At eleven in the evening in UTC it is the next day in Nairobi."""
    late = START.replace(hour=22)
    file = submit("intake.identification", {"triage": "medium"}, by=cast.caseworker, at=late).file_id
    assert Entry.objects.get(file=file).happened_on == later(1).date()
    assert due(file)["registration"] == end_of_day(later(4))


def test_each_deadline_keeps_the_rule_it_was_made_by(cast: Cast) -> None:
    file = a_file(cast)
    told = Deadline.objects.get(file=file).contents
    assert told["rule"] == "deadline.medium.registration"
    assert "S2" in told["citation"] and len(told["pack"]) == 64


def test_only_days_stand_in_the_clear(cast: Cast) -> None:
    row = Deadline.objects.get(file=a_file(cast, triage="high"))
    assert (row.due_on, row.overdue_on) == (later(1).date(), later(1).date())


def test_overdue_begins_on_the_day_after(cast: Cast) -> None:
    file = a_file(cast, triage="medium")
    assert overdue_files([file], day=later(3).date()) == set()
    assert overdue_files([file], day=later(4).date()) == {file}


# --- A change of the risk level ------------------------------------------------------------------------------


def raise_risk(cast: Cast, file: UUID, at: datetime, to: str = "high") -> UUID:
    answers = {"risk_level": to, "risk_reason": "Changed"}
    return submit("assessment.risk", answers, by=cast.caseworker, file=file, at=at).entry_id


def test_raising_brings_deadlines_forward(cast: Cast) -> None:
    file = a_case(cast, risk="low")
    assert due(file)["case_plan"] == end_of_day(later(14))
    raise_risk(cast, file, later(1))
    assert due(file)["case_plan"] == end_of_day(later(3))
    assert due(file)["follow_up"] == end_of_day(later(8))  # judged from when this level was set


def test_what_the_new_level_would_have_made_late_falls_at_the_end_of_that_day(cast: Cast) -> None:
    file = a_case(cast, risk="low")
    raise_risk(cast, file, later(6))
    assert due(file)["case_plan"] == end_of_day(later(6))


@pytest.mark.parametrize("to", ["high", "low", "none"])
def test_no_change_moves_a_deadline_that_has_passed(cast: Cast, to: str) -> None:
    file = a_case(cast, risk="medium")
    before = due(file)["case_plan"]
    raise_risk(cast, file, later(20), to)
    assert due(file)["case_plan"] == before
    row = Deadline.objects.get(file=file, step="case_plan")
    assert row.ended_by is None and row.contents["rule"] == "deadline.medium.case_plan"


def test_what_no_longer_counts_is_superseded_and_never_deleted(cast: Cast) -> None:
    file = a_case(cast, risk="low")
    changed = raise_risk(cast, file, later(1))
    rows = Deadline.objects.filter(file=file, step="case_plan").order_by("due_on")
    assert [(row.due_on, row.ended_by_id) for row in rows] == [
        (later(3).date(), None), (later(14).date(), changed),
    ]  # fmt: skip


def test_a_wish_to_lower_moves_nothing_until_it_is_agreed(cast: Cast) -> None:
    file = a_case(cast, risk="high")
    before = due(file)
    raise_risk(cast, file, later(hours=1), "low")
    assert due(file) == before
    submit("assessment.risk_agreement", by=cast.supervisor, file=file, at=later(hours=2))
    assert due(file)["case_plan"] == end_of_day(later(14))


def test_a_met_deadline_is_not_asked_for_again(cast: Cast) -> None:
    file = a_case(cast, risk="low")
    submit("planning.plan", by=cast.caseworker, file=file, at=later(1))
    raise_risk(cast, file, later(2))
    assert "case_plan" not in due(file)
    assert Deadline.objects.filter(file=file, step="case_plan", met_by=None, ended_by=None).count() == 0


# --- Corrections ---------------------------------------------------------------------------------------------


def correct(
    cast: Cast, file: UUID, form: str, *, happened_at: datetime, at: datetime, **answers: str
) -> None:
    row = Entry.objects.get(file=file, form_code=form, amended_by=None)
    more = {"amends": row.id, "happened_at": happened_at}
    submit(form, answers, by=cast.caseworker, file=file, at=at, **more)


def test_a_corrected_triage_corrects_the_deadline(cast: Cast) -> None:
    file = a_file(cast, triage="medium")
    correct(cast, file, "intake.identification", happened_at=START, at=later(hours=1), triage="high")
    assert due(file) == {"registration": later(1)}


def test_a_corrected_moment_of_the_referral_corrects_the_deadline(cast: Cast) -> None:
    file = a_file(cast, triage="medium")
    yesterday = START - timedelta(days=1)
    correct(cast, file, "intake.identification", happened_at=yesterday, at=later(hours=1))
    assert due(file) == {"registration": end_of_day(later(2))}


def test_a_corrected_moment_of_the_plan_corrects_what_follows_it(cast: Cast) -> None:
    file = a_case(cast)
    submit("planning.plan", by=cast.caseworker, file=file, at=later(5))
    correct(cast, file, "planning.plan", happened_at=later(2), at=later(5, hours=1))
    assert due(file)["implementation"] == end_of_day(later(9))


def test_a_corrected_moment_of_the_registration_corrects_what_follows_it(cast: Cast) -> None:
    file = a_file(cast)
    submit("intake.registration", by=cast.caseworker, file=file, at=later(2))
    correct(cast, file, "intake.registration", happened_at=later(1), at=later(2, hours=1))
    assert due(file)["initial_assessment"] == later(2)


def test_a_contact_that_turns_out_an_attempt_is_due_again(cast: Cast) -> None:
    file = a_case(cast)
    submit("follow_up.contact", by=cast.caseworker, file=file, at=later(3))
    correct(cast, file, "follow_up.contact", happened_at=later(3), at=later(4), reached="attempt")
    assert due(file)["follow_up"] == end_of_day(later(14))


def test_an_assessment_that_turns_out_unfinished_takes_the_plan_back(cast: Cast) -> None:
    file = a_case(cast)
    correct(cast, file, "assessment.initial", happened_at=START, at=later(hours=1), finished="no")
    assert "case_plan" not in due(file)
    assert due(file)["initial_assessment"] == later(1)


# --- The edges of the calendar -------------------------------------------------------------------------------


def test_a_case_of_long_ago_can_be_written_down(cast: Cast) -> None:
    long_ago = datetime(1990, 1, 2, tzinfo=UTC)
    file = submit("intake.identification", by=cast.caseworker, happened_at=long_ago).file_id
    assert overdue_files([file], day=START.date()) == {file}
    for form in ("intake.registration", "assessment.initial", "planning.plan", "follow_up.contact"):
        submit(form, by=cast.caseworker, file=file, happened_at=long_ago)


def test_a_leap_day_and_a_short_month(cast: Cast) -> None:
    end_of_january = datetime(2026, 1, 31, 6, tzinfo=UTC)
    file = a_file(cast, at=end_of_january)
    submit("intake.registration", by=cast.caseworker, file=file, at=end_of_january)
    assert due(file)["assessment.finish"] == end_of_day(datetime(2026, 2, 28, tzinfo=UTC))


def test_a_refusal_makes_no_deadline(cast: Cast) -> None:
    with pytest.raises(Refused):
        submit("intake.identification", {"triage": None}, by=cast.caseworker)
    assert not Deadline.objects.exists()


def test_the_full_assessment_stands_behind_the_initial_one_with_which_it_begins(cast: Cast) -> None:
    file = a_file(cast, triage="high", triage_why="Beaten")
    submit("intake.registration", by=cast.caseworker, file=file)
    found = {one.step: one for one in open_deadlines([file])}
    assert found["assessment.start"].due_at < found["initial_assessment"].due_at
    assert list(found).index("assessment.start") > list(found).index("initial_assessment")
