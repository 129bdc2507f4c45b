"""Contacts, attempts, what cannot be done now, places to meet, reviews and conferences, as they stand on a file."""

from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from tests.answering import filled
from tests.casework.refusing import refusal
from tests.cast import LEAST, START, Cast, a_case, a_closed_case, a_file, later, submit
from tutela.cases.models import CaseFile
from tutela.cases.queries import entry_of
from tutela.commands import rebuild
from tutela.deadlines.models import Deadline
from tutela.deadlines.queries import OpenDeadline, open_deadlines, overdue_files
from tutela.deadlines.task import Task
from tutela.deadlines.tasks import tasks_on
from tutela.follow_up.queries import contacts, place_checks_of, to_complete
from tutela.forms import conditions
from tutela.forms.definition import Form
from tutela.foundation.refusals import Forbidden
from tutela.published.queries import form_in_force
from tutela.supervision.queries import waiting_for_word

pytestmark = pytest.mark.django_db

SEARCH, FIND = "Agree how to search for the child", "Find the child, who is missing"


def contact(cast: Cast, file: UUID, *, at: Any = START, **answers: Any) -> UUID:
    return submit("follow_up.contact", answers, by=cast.caseworker, file=file, at=at).entry_id


def titles(file: UUID) -> dict[str, Task]:
    return {str(task.title): task for task in tasks_on(file, day=START.date())}


def open_on(file: UUID) -> dict[str, OpenDeadline]:
    return {one.step: one for one in open_deadlines([file])}


def due_day(file: UUID, step: str) -> date:
    """The day on which something is due where they work."""
    return open_on(file)[step].due_at.astimezone(ZoneInfo("Africa/Nairobi")).date()


def day(days: float) -> str:
    return later(days).date().isoformat()


def set_aside(cast: Cast, file: UUID, step: str, *, at: Any = START, **answers: Any) -> None:
    submit("follow_up.set_aside", {"step": step, **answers}, by=cast.caseworker, file=file, at=at)


# --- Contacts --------------------------------------------------------------------------------------------------


@pytest.mark.covers("R47")
@pytest.mark.parametrize(
    "kind",
    ["home_visit_scheduled", "home_visit_ad_hoc", "meeting_elsewhere", "phone", "provider", "school", "community"],
)  # fmt: skip
def test_every_kind_of_contact_is_kept_with_who_was_seen_and_what_moved(cast: Cast, kind: str) -> None:
    file = a_case(cast)
    told = {
        "reached": "child_alone", "situation": "“I slept.” Calmer than last week.", "progress": "going_on",
        "risk_changed": ["lower"], "next_on": day(5),
    }  # fmt: skip
    entry = contact(cast, file, kind=kind, **told)
    assert entry_of(entry, file_id=file).answers == {"kind": kind, **told}
    (kept,) = contacts(file)
    assert (kept.contents["reached"], kept.contents["next_on"]) == ("child_alone", day(5))


@pytest.mark.covers("R47")
def test_a_contact_that_says_that_the_risk_is_higher_changes_no_risk(cast: Cast) -> None:
    file = a_case(cast, risk="medium")
    before = {one.rule for one in open_deadlines([file])}
    contact(cast, file, risk_changed=["higher"])
    assert {one.rule for one in open_deadlines([file])} == before


@pytest.mark.covers("R47")
@pytest.mark.parametrize("changed", ["higher", "lower"])
def test_a_contact_that_says_that_the_risk_changed_leads_to_the_risk_level_next(
    cast: Cast, changed: str
) -> None:
    file = a_case(cast)
    assert "Look at the risk level again" not in titles(file)
    contact(cast, file, risk_changed=[changed])
    assert titles(file)["Look at the risk level again"].form == "assessment.risk"
    submit("assessment.risk", by=cast.caseworker, file=file)
    assert "Look at the risk level again" not in titles(file)


@pytest.mark.covers("R47")
def test_the_next_date_agreed_comes_before_the_rule_and_never_after(cast: Cast) -> None:
    file = a_case(cast)
    contact(cast, file, next_on=day(5))
    assert due_day(file, "follow_up") == later(5).date()
    contact(cast, file, at=later(5), next_on=day(60))
    assert due_day(file, "follow_up") == later(5 + 14).date()


def test_a_next_date_agreed_in_an_attempt_brings_the_contact_forward(cast: Cast) -> None:
    file = a_case(cast)
    contact(cast, file, at=later(1), reached="attempt", ways_tried=["phone"], next_on=day(3))
    assert due_day(file, "follow_up") == later(3).date()
    assert rebuild(file, keep=False) == []


def test_a_next_date_before_the_contact_is_refused_at_its_question(cast: Cast) -> None:
    file = a_case(cast)
    found = refusal("follow_up.contact", {"next_on": day(-1)}, by=cast.caseworker, file=file)
    assert found == {"next_on": "before_it_happened"}


@pytest.mark.covers("R126")
@pytest.mark.parametrize("reached", ["child_alone", "others", "attempt", "missing"])
def test_whoever_was_reached_a_contact_asks_six_questions_at_most(cast: Cast, reached: str) -> None:
    form = form_of(cast, "follow_up.contact")
    seen = {question.name: "" for question in form.questions} | {"kind": "phone", "reached": reached}
    asked = [
        question.name
        for question in form.questions
        if not question.show_if or conditions.holds(question.show_if, seen, today=START.date())  # type: ignore[arg-type]
    ]
    assert len(asked) <= 6, asked


def form_of(cast: Cast, code: str) -> Form:
    agency = CaseFile.objects.get(id=a_file(cast)).agency_id
    return form_in_force(code, agency_id=agency, day=START.date())


@pytest.mark.covers("R112")
def test_a_visit_that_is_typed_days_later_was_made_in_time(cast: Cast) -> None:
    file = a_case(cast)
    made, typed = later(10), later(20)
    submit("follow_up.contact", by=cast.caseworker, file=file, at=typed, happened_at=made)
    met = Deadline.objects.get(file=file, step="follow_up", met_by__isnull=False)
    assert met.met_by is not None and met.met_by.happened_on <= met.due_on < met.met_by.received_at.date()
    assert due_day(file, "follow_up") == later(10 + 14).date()


# --- Quick notes -----------------------------------------------------------------------------------------------


@pytest.mark.covers("R118")
def test_a_quick_note_counts_as_a_contact_and_waits_until_it_is_completed(cast: Cast) -> None:
    file = a_case(cast)
    note = contact(cast, file, at=later(2), kind=None, situation="Met at the well")
    assert due_day(file, "follow_up") == later(2 + 14).date()
    task = titles(file)["Complete the quick note"]
    assert (task.form, task.amends) == ("follow_up.contact", note)
    contact_again = {"kind": "meeting_elsewhere", "situation": "Met at the well, alone."}
    submit("follow_up.contact", contact_again, by=cast.caseworker, file=file, at=later(3), amends=note)
    assert to_complete(contacts(file)) == []
    assert "Complete the quick note" not in titles(file)
    assert rebuild(file, keep=False) == []


# --- Could not reach -------------------------------------------------------------------------------------------


@pytest.mark.covers("R113")
def test_at_high_risk_one_failed_contact_is_told_to_the_supervisor_the_same_day(cast: Cast) -> None:
    file = a_case(cast, risk="high")
    attempt = contact(cast, file, at=later(1), reached="attempt", ways_tried=["phone", "school"])
    assert due_day(file, "search") == later(1).date()
    assert titles(file)[SEARCH].action == "agree"
    (waiting,) = waiting_for_word([file])
    assert (waiting.form, waiting.entry_id) == ("follow_up.search", attempt)
    with pytest.raises(Forbidden):
        submit("follow_up.search", by=cast.caseworker, file=file, at=later(1))
    steps = {"steps": ["school", "neighbour"], "safely": "Say it is about the reading class"}
    submit("follow_up.search", steps, by=cast.supervisor, file=file, at=later(1))
    assert "search" not in open_on(file) and waiting_for_word([file]) == []
    why = str(titles(file)["Search for the child as agreed"].why)
    assert "Ask the school" in why and "reading class" in why
    contact(cast, file, at=later(2))
    assert "Search for the child as agreed" not in titles(file)
    assert rebuild(file, keep=False) == []


@pytest.mark.parametrize("risk", ["medium", "low"])
def test_below_high_an_attempt_is_an_attempt_and_nothing_more(cast: Cast, risk: str) -> None:
    file = a_case(cast, risk=risk)
    contact(cast, file, reached="attempt")
    assert "search" not in open_on(file) and waiting_for_word([file]) == []


def test_a_child_whose_risk_is_not_known_yet_is_searched_for_as_at_high_risk(cast: Cast) -> None:
    file = a_file(cast, triage="not_known")
    contact(cast, file, reached="attempt")
    assert "search" in open_on(file)


def test_where_somebody_was_reached_in_the_meantime_nobody_is_told(cast: Cast) -> None:
    file = a_case(cast, risk="high")
    contact(cast, file, at=later(3), reached="others")
    submit(
        "follow_up.contact", {"reached": "attempt"}, by=cast.caseworker, file=file, at=later(4), happened_at=later(2)
    )  # fmt: skip
    assert "search" not in open_on(file)


def test_reaching_somebody_before_the_supervisor_answers_settles_it(cast: Cast) -> None:
    file = a_case(cast, risk="high")
    contact(cast, file, at=later(1), reached="attempt")
    contact(cast, file, at=later(1, hours=2))
    assert "search" not in open_on(file) and waiting_for_word([file]) == []
    assert rebuild(file, keep=False) == []


@pytest.mark.covers("R113")
def test_a_missing_child_is_looked_for_until_the_child_is_found(cast: Cast) -> None:
    file = a_case(cast, risk="low")
    contact(cast, file, at=later(1), reached="missing", ways_tried=["neighbour"])
    assert {SEARCH, FIND} <= set(titles(file))
    submit("follow_up.search", by=cast.supervisor, file=file, at=later(1))
    contact(cast, file, at=later(2), reached="others")  # the aunt has heard nothing
    assert FIND in titles(file)
    contact(cast, file, at=later(4), reached="child")
    assert FIND not in titles(file)
    assert rebuild(file, keep=False) == []


def test_a_search_for_a_child_who_was_reached_is_refused(cast: Cast) -> None:
    file = a_case(cast, risk="high")
    found = refusal("follow_up.search", {}, by=cast.supervisor, file=file)
    assert found == {"": "nothing_waiting"}


def test_a_correction_of_an_attempt_that_was_none_takes_the_search_back(cast: Cast) -> None:
    file = a_case(cast, risk="high")
    attempt = contact(cast, file, at=later(1), reached="attempt")
    submit(
        "follow_up.contact", {"reached": "child"}, by=cast.caseworker, file=file, at=later(1), amends=attempt,
        happened_at=later(1),
    )  # fmt: skip
    assert "search" not in open_on(file)
    assert rebuild(file, keep=False) == []


def test_attempts_before_a_case_was_opened_again_tell_nobody(cast: Cast) -> None:
    file = a_case(cast, risk="high")
    contact(cast, file, reached="attempt")
    submit("closure.request", by=cast.caseworker, file=file)
    submit("closure.answer", by=cast.supervisor, file=file)
    submit("closure.closure", by=cast.caseworker, file=file)
    assert "search" not in open_on(file) and waiting_for_word([file]) == []
    submit("closure.reopening", {"risk_level": "high"}, by=cast.caseworker, file=file)
    assert "search" not in open_on(file) and waiting_for_word([file]) == []
    assert rebuild(file, keep=False) == []


# --- Set aside -------------------------------------------------------------------------------------------------


@pytest.mark.covers("R114")
def test_what_cannot_be_done_is_due_at_the_next_date_with_its_reason(cast: Cast) -> None:
    file = a_case(cast)
    set_aside(cast, file, "follow_up", at=later(10), reason="road_or_security", next_on=day(20))
    one = open_on(file)["follow_up"]
    assert due_day(file, "follow_up") == later(20).date() and one.set_aside == "road_or_security"
    assert one.due_at == one.overdue_after and one.rule == "deadline.medium.follow_up"
    old = Deadline.objects.get(file=file, step="follow_up", ended_by__isnull=False)
    assert old.due_on == later(14).date()  # kept, for whoever counts what was done in time
    assert rebuild(file, keep=False) == []


@pytest.mark.covers("R114")
def test_what_is_late_already_can_be_set_aside_and_is_late_no_more(cast: Cast) -> None:
    file = a_case(cast)
    today = later(30).date()
    assert overdue_files([file], day=today) == {file}
    for step in ("assessment_start", "assessment_finish", "case_plan", "follow_up"):
        set_aside(cast, file, step, at=later(30), next_on=day(33))
    assert overdue_files([file], day=today) == set()
    assert rebuild(file, keep=False) == []


def test_set_aside_again_the_newest_date_holds(cast: Cast) -> None:
    file = a_case(cast)
    for days, until in ((10, 20), (20, 25), (21, 22)):
        set_aside(cast, file, "follow_up", at=later(days), next_on=day(until))
    assert due_day(file, "follow_up") == later(22).date()
    assert rebuild(file, keep=False) == []


def test_a_contact_ends_what_was_set_aside_and_the_rhythm_goes_on(cast: Cast) -> None:
    file = a_case(cast)
    set_aside(cast, file, "follow_up", at=later(10), next_on=day(40))
    contact(cast, file, at=later(12))
    assert due_day(file, "follow_up") == later(12 + 14).date()
    assert open_on(file)["follow_up"].set_aside == ""


@pytest.mark.covers("R114")
def test_a_raised_risk_takes_back_what_was_set_aside_before(cast: Cast) -> None:
    file = a_case(cast)
    set_aside(cast, file, "follow_up", at=later(1), next_on=day(40))
    submit("assessment.risk", {"risk_level": "high"}, by=cast.caseworker, file=file, at=later(2))
    one = open_on(file)["follow_up"]
    assert one.due_at < later(10) and one.set_aside == ""
    assert rebuild(file, keep=False) == []


@pytest.mark.covers("R114")
@pytest.mark.parametrize("step", ["urgent_answer", "search"])
def test_an_urgent_answer_and_a_search_cannot_be_set_aside(cast: Cast, step: str) -> None:
    file = a_case(cast, risk="high")
    submit("consent.urgent_action", by=cast.caseworker, file=file)
    contact(cast, file, reached="attempt")
    assert step in open_on(file)
    found = refusal("follow_up.set_aside", {"step": step}, by=cast.caseworker, file=file)
    assert found == {"step": "unknown_choice"}


def test_what_is_not_due_cannot_be_set_aside(cast: Cast) -> None:
    file = a_case(cast)
    found = refusal("follow_up.set_aside", {"step": "review"}, by=cast.caseworker, file=file)
    assert found == {"step": "not_due"}


def test_the_next_date_of_what_is_set_aside_is_still_to_come(cast: Cast) -> None:
    file = a_case(cast)
    found = refusal("follow_up.set_aside", {"next_on": day(-1)}, by=cast.caseworker, file=file)
    assert found == {"next_on": "past"}


def test_the_visit_after_closing_can_be_set_aside(cast: Cast) -> None:
    file = a_closed_case(cast)
    set_aside(cast, file, "post_closure_follow_up", at=later(80), reason="child_away", next_on=day(100))
    assert due_day(file, "post_closure_follow_up") == later(100).date()


# --- Places, reviews, conferences ------------------------------------------------------------------------------


@pytest.mark.covers("R48")
def test_the_newest_look_at_each_place_holds_and_no_visit_is_blocked(cast: Cast) -> None:
    file = a_case(cast)
    for place, private in (("home", "yes"), ("school", "yes"), ("home", "no")):
        submit("follow_up.place_check", {"place": place, "private": private}, by=cast.caseworker, file=file)
    found = {one.contents["place"]: one.contents["private"] for one in place_checks_of([file])[file]}
    assert found == {"home": "no", "school": "yes"}
    contact(cast, file, kind="home_visit_scheduled", reached="child")


@pytest.mark.covers("R48")
@pytest.mark.parametrize("unfit", ["safe", "private", "quiet", "child_wish"])
def test_an_unfit_home_is_for_visiting_and_not_for_talking(cast: Cast, unfit: str) -> None:
    form = form_of(cast, "follow_up.place_check")
    (advice,) = [one for one in form.questions if one.name == "talk_elsewhere"]
    answers = {one.name: "" for one in form.questions}
    assert not conditions.holds(advice.show_if, answers, today=START.date())  # type: ignore[arg-type]
    assert conditions.holds(advice.show_if, answers | {unfit: "no"}, today=START.date())  # type: ignore[arg-type]
    assert "visit it all the same" in advice.label["en"]


@pytest.mark.covers("R49")
@pytest.mark.parametrize(
    "trigger", ["new_violence", "worse_wellbeing", "care_change", "dissatisfaction", "action_ineffective"]
)
def test_what_is_told_in_a_contact_asks_for_a_review_sooner(cast: Cast, trigger: str) -> None:
    file = a_case(cast)
    submit("planning.plan", by=cast.caseworker, file=file)
    contact(cast, file, risk_changed=["same"])
    assert "Review sooner" not in titles(file)
    contact(cast, file, risk_changed=[trigger])
    assert titles(file)["Review sooner"].form == "follow_up.review"
    review = {"trigger": [trigger], "chaired_by": "not_involved", "child_took_part": "took_part"}
    submit("follow_up.review", review, by=cast.caseworker, file=file)
    assert "Review sooner" not in titles(file)


@pytest.mark.covers("R49")
def test_a_plan_that_no_longer_fits_is_revised(cast: Cast) -> None:
    file = a_case(cast)
    submit("planning.plan", by=cast.caseworker, file=file)
    submit("follow_up.review", {"plan_still_fits": "no"}, by=cast.caseworker, file=file)
    assert titles(file)["Revise the plan"].form == "planning.plan"
    submit("planning.plan", by=cast.caseworker, file=file)
    assert "Revise the plan" not in titles(file)


@pytest.mark.covers("R50")
def test_nobody_with_a_safety_mark_is_invited_to_a_conference(cast: Cast) -> None:
    file = a_case(cast)
    uncle = {"name": "Uncle Barasa", "safety_mark": ["suspected_of_harm"]}
    submit("cases.person", uncle, by=cast.caseworker, file=file)
    submit("cases.person", {"name": "Grace"}, by=cast.caseworker, file=file)
    invited = {"invited": "Grace: all of it\nuncle  barasa: the date"}
    assert refusal("follow_up.conference", invited, by=cast.caseworker, file=file) == {
        "invited": "safety_mark"
    }
    submit("follow_up.conference", {"invited": "Grace: all of it"}, by=cast.caseworker, file=file)


@pytest.mark.covers("R50")
def test_others_are_told_with_consent_or_after_something_urgent_only(cast: Cast) -> None:
    file = a_case(cast)
    for basis in ("consent", "urgent"):
        found = refusal("follow_up.conference", {"basis": basis}, by=cast.caseworker, file=file)
        assert found == {"basis": "no_basis"}
    agreed = {"agreed": ["participation", "share_for_services"]}
    submit("consent.consent", agreed, by=cast.caseworker, file=file)
    submit("follow_up.conference", {"basis": "consent"}, by=cast.caseworker, file=file)
    submit("consent.urgent_action", by=cast.caseworker, file=file)
    submit("follow_up.conference", {"basis": "urgent"}, by=cast.caseworker, file=file)


@pytest.mark.covers("R117")
def test_a_relative_or_a_child_as_interpreter_is_flagged(cast: Cast) -> None:
    form = form_of(cast, "follow_up.interpreter")
    (flag,) = [one for one in form.questions if one.type == "note"]
    answers = {one.name: "" for one in form.questions}
    shown = {
        who: conditions.holds(flag.show_if, answers | {"who": who}, today=START.date())  # type: ignore[arg-type]
        for who in ("interpreter", "colleague", "community_member", "relative", "child")
    }
    assert [who for who, flagged in shown.items() if flagged] == ["relative", "child"]
    file = a_case(cast)
    told = {"language": "so", "who": "relative", "sex_chosen": "woman", "confidentiality_signed": "no"}
    entry = submit("follow_up.interpreter", told, by=cast.caseworker, file=file).entry_id
    assert entry_of(entry, file_id=file).answers == told


def test_a_visit_to_a_family_counts_as_a_contact_with_each_child_and_says_how_far_the_plan_is(
    cast: Cast,
) -> None:
    file = a_case(cast)
    submit("planning.plan", by=cast.caseworker, file=file, at=later(1))
    moved = {
        "actions": [
            {"what": "Talk to the teacher", "status": "completed"},
            {"what": "School bag", "status": "pending"},
        ]
    }
    submit("follow_up.family_visit", moved, by=cast.caseworker, file=file, at=later(3))
    (kept,) = contacts(file)
    assert kept.contents["progress"] == "going_on" and kept.contents["actions"][0]["status"] == "completed"
    assert due_day(file, "follow_up") == later(3 + 14).date()
    assert "implementation" not in open_on(file)
    met = Deadline.objects.get(file=file, step="follow_up", met_by__isnull=False)
    assert met.met_by is not None and met.met_by.form_code == "follow_up.family_visit"
    assert rebuild(file, keep=False) == []


def test_what_is_new_here_can_be_answered_from_its_definition(cast: Cast) -> None:
    """Whatever a form asks can be filled in: no condition hides a question for good."""
    for code in ("follow_up.search", "follow_up.place_check", "follow_up.set_aside", "follow_up.conference"):
        form = form_of(cast, code)
        answers = filled(form, lambda question: "x" if not question.options else None, today=START.date())
        assert set(LEAST[code]) <= {question.name for question in form.questions}
        assert answers or code in ("follow_up.set_aside", "follow_up.place_check")
