"""Assessing over several visits, what is asked once only, needs, urgent needs and health care (R18–R25, R72–R75)."""

import re
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.cast import START, Cast, a_case, a_file, later, submit
from tests.working_by import works_by
from tutela import commands
from tutela.access.models import Agency
from tutela.assessment.models import Assessment
from tutela.assessment.queries import needs, risk_of
from tutela.cases.drafts import Place
from tutela.cases.models import CaseFile, Entry, Fact
from tutela.cases.queries import entries_of, entry_of
from tutela.deadlines.models import Deadline
from tutela.deadlines.queries import open_deadlines
from tutela.deadlines.starts import forms_to_start
from tutela.deadlines.tasks import tasks_on
from tutela.foundation.refusals import Refused
from tutela.published.queries import form_in_force

pytestmark = pytest.mark.django_db

INCIDENT = {
    "what": "child_labour", "occurrence": "happened", "place": "workplace", "frequency": "ongoing",
    "suspected_who": "employer",
}  # fmt: skip


def assess(cast: Cast, file: UUID, **answers: Any) -> UUID:
    at = answers.pop("at", START)
    answers = {"finished": "no"} | answers
    return submit("assessment.comprehensive", answers, by=cast.caseworker, file=file, at=at).entry_id


def begun(cast: Cast, file: UUID, form: str) -> dict[str, Any]:
    return dict(commands.answers_to_begin_with(Place(form, file), by=cast.caseworker, at=START))


def offered(file: UUID) -> set[str]:
    return {code for group in forms_to_start(file) for code in group.forms}


def titles(file: UUID, *, day: int = 0) -> list[str]:
    return [str(task.title) for task in tasks_on(file, day=later(day).date())]


# --- Over several visits -------------------------------------------------------------------------------------


@pytest.mark.covers("R20", "R21", "R126")
def test_each_visit_goes_on_from_the_last_and_keeps_what_each_domain_said(cast: Cast) -> None:
    file = a_case(cast)
    home = {"domain": "household", "told": "Four in one room", "strengths": "They eat together"}
    assess(cast, file, domains=[home], home_visit="yes", seen_alone="alone", child_view="I like the goats")
    start = begun(cast, file, "assessment.comprehensive")
    assert start["domains"] == [home] and start["child_view"] == "I like the goats"
    assert not {"home_visit", "seen_alone", "finished"} & set(start)  # of that visit only
    school = {"domain": "education", "risks": "Away since May", "needs": "A uniform"}
    last = assess(cast, file, at=later(3), **{**start, "domains": [home, school]})
    assert entry_of(last, file_id=file).answers["domains"] == [home, school]
    assert (
        Assessment.objects.filter(file=file, ended_by=None).count() == 3
    )  # each visit is an entry of its own


@pytest.mark.covers("R22")
def test_no_form_asks_again_what_the_initial_assessment_found(cast: Cast) -> None:
    file = a_file(cast)
    found = {"threats": ["exploitation"], "protective_factors": ["friends"]}
    submit("assessment.initial", found, by=cast.caseworker, file=file)
    assert begun(cast, file, "assessment.comprehensive") == found
    assess(cast, file, threats=["neglect"])
    start = begun(cast, file, "assessment.comprehensive")
    assert (start["threats"], start["protective_factors"]) == (["neglect"], ["friends"])


@pytest.mark.covers("R23")
def test_going_on_with_an_assessment_never_brings_back_an_old_risk_level(cast: Cast) -> None:
    file = a_case(cast, risk="low")
    assess(cast, file, risk_level="high", risk_reason="Beaten")
    submit("assessment.risk", {"risk_level": "low"}, by=cast.caseworker, file=file)
    submit("assessment.risk_agreement", by=cast.supervisor, file=file)
    start = begun(cast, file, "assessment.comprehensive")
    assert "risk_level" not in start and "risk_reason" not in start
    assess(cast, file, **start)
    risk = risk_of(file)
    assert risk and risk.level == "low"


@pytest.mark.covers("R21")
def test_why_the_child_was_not_alone_is_asked_only_then(cast: Cast) -> None:
    file = a_case(cast)
    entry = assess(cast, file, seen_alone="with_others", not_alone_why="The aunt stayed")
    assert entry_of(entry, file_id=file).answers["not_alone_why"] == "The aunt stayed"
    with pytest.raises(Refused) as refused:
        assess(cast, file, seen_alone="alone", not_alone_why="The aunt stayed")
    assert [one.question for one in refused.value.unmet] == ["not_alone_why"]


@pytest.mark.covers("R22")
def test_incidents_and_the_person_suspected_are_sealed_apart_and_may_be_left_out(cast: Cast) -> None:
    file = a_case(cast)
    assess(cast, file)  # nothing about harm is needed
    entry = assess(
        cast, file, threats=["exploitation"], incidents=[INCIDENT], suspected="The owner of the kiln"
    )
    assert entry_of(entry, file_id=file).answers["incidents"] == [INCIDENT]
    without = entry_of(entry, file_id=file, classes=frozenset({"case", "identity"}))
    assert "incidents" not in without.answers and "suspected" not in without.answers
    assert without.unread == {"confidential"}


@pytest.mark.covers("R22")
@pytest.mark.parametrize("said", ["not_asked", "did_not_wish", "already_told"])
def test_nobody_has_to_tell_it_and_why_not_is_an_answer(cast: Cast, said: str) -> None:
    file = a_case(cast)
    assess(cast, file, threats=[said], incidents=[dict.fromkeys(INCIDENT, said)])
    submit("assessment.initial", {"threats": [said]}, by=cast.caseworker, file=file)


@pytest.mark.covers("R22")
def test_no_question_about_harm_a_suspected_person_or_separation_is_needed_and_each_can_stay_unanswered(
    cast: Cast,
) -> None:
    agency = Agency.objects.get(name="Lantern").id
    lists = {
        "safety_threat", "safety_threat_detail", "occurrence", "incident_place", "incident_frequency", "suspected_person",
        "armed_group_task", "armed_group_left", "labour_worst_form", "incident_recency",
    }  # fmt: skip
    asked = 0
    for code in ("assessment.initial", "assessment.comprehensive", "assessment.circumstances"):
        form = form_in_force(code, agency_id=agency, day=START.date())
        for question in (one for outer in form.questions for one in (outer, *outer.questions)):
            if question.list in lists or question.name in ("suspected", "incidents"):
                asked += 1
                assert not question.required, question.name
            if question.list in lists:
                codes = {option.code for option in question.options}
                assert {"not_asked", "did_not_wish", "already_told"} <= codes, question.name
    assert asked > 10


# --- Needs ---------------------------------------------------------------------------------------------------


def needs_of(file: UUID) -> list[tuple[str, str]]:
    return [(one.contents["text"], one.contents["state"]) for one in needs(file)]


@pytest.mark.covers("R24")
def test_needs_stay_in_the_order_that_was_chosen_and_the_newest_list_stands(cast: Cast) -> None:
    file = a_case(cast)
    food, school = {"text": "Food at night", "state": "urgent"}, {"text": "School", "state": "unmet"}
    first = assess(cast, file, needs=[school, food])
    assert needs_of(file) == [("School", "unmet"), ("Food at night", "urgent")]
    assess(cast, file, needs=[{**food, "state": "met"}, school], at=later(3))
    assert needs_of(file) == [("Food at night", "met"), ("School", "unmet")]
    submit(
        "assessment.comprehensive",
        {"finished": "no", "needs": [school]},
        by=cast.caseworker,
        file=file,
        amends=first,
    )  # an old one corrected changes nothing now
    assert needs_of(file) == [("Food at night", "met"), ("School", "unmet")]
    assert commands.rebuild(file, keep=False) == []


@pytest.mark.covers("R24")
def test_the_first_plan_begins_with_the_needs_that_are_not_met(cast: Cast) -> None:
    file = a_case(cast)
    told = [("Sleep", "urgent"), ("Food", "met"), ("School", "partly")]
    assess(cast, file, needs=[{"text": text, "state": state} for text, state in told])
    rows = [{"need": text, "text": text} for text in ("Sleep", "School")]
    assert begun(cast, file, "planning.plan") == {"objectives": rows}
    submit("planning.plan", by=cast.caseworker, file=file)
    assert begun(cast, file, "planning.plan")["objectives"] == [{"text": "Back in class"}]


# --- Urgent needs --------------------------------------------------------------------------------------------


def urgent(file: UUID) -> list[Any]:
    return [one for one in open_deadlines([file]) if one.step == "urgent_need"]


@pytest.mark.covers("R18", "R19")
def test_an_urgent_need_is_due_in_a_day_and_late_after_two_and_any_urgent_action_answers_it(
    cast: Cast,
) -> None:
    file = a_file(cast)
    submit("assessment.initial", {"urgent_needs": ["shelter"]}, by=cast.caseworker, file=file)
    (due,) = urgent(file)
    assert (due.due_at, due.overdue_after) == (later(1), later(2))
    assert "Act on the urgent need" in titles(file)
    submit("consent.urgent_action", by=cast.caseworker, file=file, at=later(hours=3))
    assert urgent(file) == []
    assert Deadline.objects.get(file=file, step="urgent_need").met_by is not None


@pytest.mark.covers("R18")
def test_what_was_done_the_same_day_before_it_was_written_down_counts(cast: Cast) -> None:
    file = a_file(cast)
    submit("consent.urgent_action", by=cast.caseworker, file=file)
    submit(
        "assessment.initial", {"urgent_needs": ["health"]}, by=cast.caseworker, file=file, at=later(hours=1)
    )
    assert urgent(file) == []
    assert commands.rebuild(file, keep=False) == []


@pytest.mark.covers("R18")
def test_an_urgent_need_keeps_nobody_from_anything(cast: Cast) -> None:
    file = a_file(cast)
    submit("assessment.initial", {"urgent_needs": ["safety"]}, by=cast.caseworker, file=file)
    for form in ("intake.registration", "planning.plan", "follow_up.contact"):
        submit(form, by=cast.caseworker, file=file)


@pytest.mark.covers("R19")
def test_the_initial_assessment_sets_the_provisional_risk_at_once(cast: Cast) -> None:
    file = a_file(cast)
    assert risk_of(file) is None
    two_boxes = {"situation": "He said: I carry bricks", "judgement": "Too heavy for his age"}
    submit("assessment.initial", two_boxes | {"risk_level": "high"}, by=cast.caseworker, file=file)
    risk = risk_of(file)
    assert risk and risk.level == "high"


# --- Sexual violence -----------------------------------------------------------------------------------------


def told_of_violence(cast: Cast, recency: str) -> UUID:
    file = a_file(cast)
    threats = {"threats": ["sexual_gender_based_violence"], "sexual_violence_recency": recency}
    submit("assessment.initial", threats, by=cast.caseworker, file=file)
    return file


@pytest.mark.covers("R72")
@pytest.mark.parametrize(
    ("answer", "stands"),
    [
        ("thinks_about_it", True),
        ("not_offered", True),
        ("accepted", True),
        ("declined", False),
        ("already_received", False),
    ],
)
def test_health_care_stands_first_until_the_child_has_answered(cast: Cast, answer: str, stands: bool) -> None:
    file = told_of_violence(cast, "not_known")
    assert titles(file)[0] == "Offer health care"
    more(cast, file, "health_care", health_care=answer)
    assert ("Offer health care" in titles(file)) == stands
    assert "assessment.circumstances" in offered(file)  # it can always be offered again


@pytest.mark.covers("R72")
def test_nothing_counts_down_and_no_hour_is_asked(cast: Cast) -> None:
    file = told_of_violence(cast, "within_5_days")
    (task,) = [one for one in tasks_on(file, day=START.date()) if str(one.title) == "Offer health care"]
    assert task.due_at is None and task.overdue_after is None
    assert "Sooner is better" in str(task.why)
    agency = Agency.objects.get(name="Lantern").id
    for code in ("assessment.initial", "assessment.comprehensive", "assessment.circumstances"):
        form = form_in_force(code, agency_id=agency, day=START.date())
        questions = [one for outer in form.questions for one in (outer, *outer.questions)]
        assert not {"time", "datetime", "date"} & {one.type for one in questions}
        assert "penetrat" not in form.model_dump_json().lower()


# --- Questions that are shown only where they apply ----------------------------------------------------------


def more(cast: Cast, file: UUID, *about: str, **answers: Any) -> UUID:
    none: dict[str, Any] = dict.fromkeys(("seeing", "communication"))
    told = none | {"about": list(about), **answers}
    return submit("assessment.circumstances", told, by=cast.caseworker, file=file).entry_id


@pytest.mark.covers("R73", "R74", "R75")
@pytest.mark.parametrize(
    ("topic", "question", "answer"),
    [
        ("work", "root_causes", ["debt"]),
        ("armed_group", "legal_aid", "wished"),
        ("health_care", "health_care", "accepted"),
        ("functioning", "seeing", "some"),
    ],
)
def test_a_question_about_one_thing_is_asked_only_where_it_applies(
    cast: Cast, topic: str, question: str, answer: Any
) -> None:
    file = a_case(cast)
    more(cast, file, topic, **{question: answer})
    with pytest.raises(Refused) as refused:
        more(cast, file, **{question: answer})
    assert [(one.code, one.question) for one in refused.value.unmet] == [("does_not_apply", question)]


@pytest.mark.covers("R73")
def test_neither_the_name_of_a_form_nor_of_a_table_says_what_happened() -> None:
    """Both stand in the clear: a seized machine would tell of every child who was with an armed group (R128)."""
    tell = re.compile("arm(ed|y)|recruit|labour|work|sexual|gbv|violence|health|disab|function")
    clear = [*commands.KINDS, *(model._meta.db_table for model in Fact.__subclasses__())]
    assert [name for name in clear if tell.search(name)] == []


@pytest.mark.covers("R73")
def test_what_is_known_of_an_armed_group_is_confidential_as_a_whole(cast: Cast) -> None:
    file = a_case(cast)
    told: dict[str, Any] = {
        "role": ["support"], "left": "left_alone", "re_recruitment": "The commander knows the house",
        "legal_aid": "wished", "reintegration": "I shall be back when I play in the team",
    }  # fmt: skip
    entry = more(cast, file, "armed_group", **told)
    assert entry_of(entry, file_id=file).answers == {"about": ["armed_group"], **told}
    assert entry_of(entry, file_id=file, classes=frozenset({"case", "identity"})).answers == {}


@pytest.mark.covers("R73")
def test_a_safety_plan_is_asked_for_where_an_armed_group_is_named_until_there_is_one(cast: Cast) -> None:
    file = a_case(cast)
    assert "Make a safety plan with the child" not in titles(file)
    assess(cast, file, threats=["recruitment_use"])
    assert "Make a safety plan with the child" in titles(file)
    submit("planning.safety_plan", by=cast.caseworker, file=file)
    assert "Make a safety plan with the child" not in titles(file)


@pytest.mark.covers("R74")
def test_where_the_work_cannot_stop_it_is_made_safer_first(cast: Cast) -> None:
    file = a_case(cast)
    told: dict[str, Any] = {
        "root_causes": ["debt"], "worst_forms": ["dangerous"], "workplace_visit": "from_outside", "can_stop": "no",
        "harm_reduction": "Shoes, and no night work", "mediation": "wished",
    }  # fmt: skip
    more(cast, file, "work", **told)
    with pytest.raises(Refused) as refused:
        more(cast, file, "work", **told | {"can_stop": "yes"})
    assert [one.question for one in refused.value.unmet] == ["harm_reduction"]


@pytest.mark.covers("R75")
def test_how_a_child_functions_is_never_taken_for_a_vulnerability(cast: Cast) -> None:
    file = a_case(cast, risk="low")
    told: dict[str, Any] = {
        "seeing": "none", "hearing": "cannot", "walking": "some", "communicating": "a_lot", "self_care": "not_asked",
        "communication": ["sign", "pictures"], "extra_time": "yes", "venue": "On the ground floor",
    }  # fmt: skip
    entry = more(cast, file, "functioning", **told)
    assert entry_of(entry, file_id=file).answers == {"about": ["functioning"], **told}
    risk = risk_of(file)
    assert risk and risk.level == "low"
    assert not any(one.contents.get("vulnerabilities") for one in Assessment.objects.filter(file=file))


# --- Low risk ------------------------------------------------------------------------------------------------

SHORT = """\
name: {name}
title: A country where low risk is short
version: 2026-01-01
extends: demonstration
description: Invented.
without:
  - deadline.low.assessment
  - deadline.low.follow_up
"""


@pytest.mark.covers("R25")
def test_where_the_pack_allows_it_low_risk_asks_for_no_full_assessment_and_no_follow_up(
    cast: Cast, tmp_path: Path
) -> None:
    usual = {one.step for one in open_deadlines([a_case(cast, risk="low")])}
    assert {"assessment.start", "assessment.finish", "follow_up"} <= usual
    works_by(tmp_path / "short", SHORT)
    file = a_case(cast, risk="low")
    assert {one.step for one in open_deadlines([file])} == usual - {
        "assessment.start",
        "assessment.finish",
        "follow_up",
    }
    assert "assessment.comprehensive" in offered(file)  # it may be done all the same
    submit("assessment.risk", {"risk_level": "medium"}, by=cast.caseworker, file=file, at=later(1))
    assert {"assessment.start", "assessment.finish", "follow_up"} <= {
        one.step for one in open_deadlines([file])
    }


# --- What is off until somebody turns it on ------------------------------------------------------------------

MORE = """\
code: assessment.circumstances
title: How this child is, with what our law asks for
source: Invented
sections:
  - name: more
    label: More
    questions:
      - {name: seeing, type: choice, list: difficulty, label: Seeing, decision: how we work, source: R75}
      - {name: ethnicity, type: choice, list: people, label: People, decision: an interpreter, source: Invented}
"""
PEOPLE = "- {name: people, title: People, source: Invented, terms: [{code: river, label: River people}]}\n"


@pytest.mark.covers("R127")
def test_a_country_pack_can_ask_what_is_off_by_default(cast: Cast, tmp_path: Path) -> None:
    file = a_case(cast)
    with pytest.raises(Refused):
        submit("assessment.circumstances", {"ethnicity": "river"}, by=cast.caseworker, file=file)
    header = SHORT.partition("without")[0]
    works_by(tmp_path / "more", header, forms__circumstances=MORE, vocabularies=PEOPLE)
    told = {"ethnicity": "river", "communication": None, "about": None}
    entry = submit("assessment.circumstances", told, by=cast.caseworker, file=file, at=later(1)).entry_id
    assert entry_of(entry, file_id=file).answers["ethnicity"] == "river"


def test_every_new_kind_of_entry_is_made_again_without_a_difference(cast: Cast) -> None:
    file = told_of_violence(cast, "longer")
    for form in ("assessment.circumstances", "assessment.comprehensive"):
        submit(form, by=cast.caseworker, file=file)
        row = Entry.objects.filter(file=file, form_code=form).get()
        submit(form, by=cast.caseworker, file=file, amends=row.id)
    assert len(entries_of(file)) == CaseFile.objects.get(id=file).revision == 6
    assert commands.rebuild(file, keep=False) == []
