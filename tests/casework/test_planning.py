"""The plan (R30–R37, R84): coached and never blocked, versions, a supervisor's word, safety plan, meeting, the child's copy."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.cast import START, Cast, a_case, a_closed_case, later, submit
from tests.working_by import APPROVING, approval_of, works_by
from tutela import commands
from tutela.cases.drafts import Place
from tutela.cases.models import CaseFile, Entry
from tutela.cases.queries import entry_of
from tutela.deadlines.models import Deadline
from tutela.deadlines.queries import open_deadlines
from tutela.deadlines.tasks import tasks_on
from tutela.foundation.refusals import Forbidden, Refused
from tutela.planning.queries import (
    meetings,
    objectives,
    plan_actions,
    plan_copy_of,
    plans,
    safety_plan_of,
    word_asked,
)
from tutela.planning.rules import hints_for_action, hints_for_objective
from tutela.supervision.queries import waiting_for_word

pytestmark = pytest.mark.django_db

SMART = {"text": "In class each morning", "need": "School", "measure": "The register", "horizon": "short"}


def plan(cast: Cast, file: UUID, *actions: dict[str, Any], at: datetime = START, **more: Any) -> UUID:
    answers = {"objectives": [SMART], "actions": list(actions), **more}
    return submit("planning.plan", answers, by=cast.caseworker, file=file, at=at).entry_id


def refused(cast: Cast, form: str, file: UUID, **answers: Any) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as error:
        submit(form, answers, by=cast.caseworker, file=file)
    return [(one.code, one.question) for one in error.value.unmet]


def titles(file: UUID) -> list[str]:
    return [str(task.title) for task in tasks_on(file, day=START.date())]


# --- Objectives and actions ----------------------------------------------------------------------------------


@pytest.mark.covers("R30")
def test_one_bare_objective_is_saved_at_once_and_what_is_missing_is_only_a_hint(cast: Cast) -> None:
    file = a_case(cast)
    submit("planning.plan", {"actions": None}, by=cast.caseworker, file=file)
    (bare,) = objectives(file)
    assert len(hints_for_objective(bare.contents)) == 3  # measure, time limit, linked need
    assert hints_for_objective(SMART) == []


@pytest.mark.covers("R30")
@pytest.mark.parametrize("missing", ["measure", "horizon", "need"])
def test_each_thing_that_is_missing_has_a_hint_of_its_own(missing: str) -> None:
    told = {name: value for name, value in SMART.items() if name != missing}
    (hint,) = hints_for_objective(told)
    assert str(hint).endswith("?")


@pytest.mark.covers("R30")
def test_an_objective_that_only_repeats_its_need_is_asked_to_be_more_exact() -> None:
    (hint,) = hints_for_objective({**SMART, "text": "School"})
    assert "more exactly" in str(hint)


@pytest.mark.covers("R31")
def test_an_action_says_what_who_from_when_until_when_how_and_for_which_objective(cast: Cast) -> None:
    file = a_case(cast)
    told = {
        "what": "Go to the head teacher", "who": "caseworker", "kind": "direct", "start_on": "2026-03-03",
        "due_on": "2026-03-06", "indicator": "A place in class four", "status": "pending", "objective": "1",
    }  # fmt: skip
    plan(cast, file, told, {"what": "Buy shoes"})
    linked, alone = plan_actions(file)
    assert {**linked.contents, "due_on": str(linked.due_on)} == told
    assert "objective" not in alone.contents  # it may stand without one
    assert hints_for_action(alone.contents, due_on=None) and not hints_for_action(told, due_on=linked.due_on)


@pytest.mark.covers("R31")
def test_an_objective_that_is_not_there_is_said_at_the_action(cast: Cast) -> None:
    file = a_case(cast)
    actions = [{"what": "One", "objective": "1"}, {"what": "Two", "objective": "2"}]
    assert refused(cast, "planning.plan", file, objectives=[SMART], actions=actions) == [
        ("no_such_objective", "actions.1.objective")
    ]
    assert plans(file) == []


# --- What is due ---------------------------------------------------------------------------------------------


def due(file: UUID) -> dict[str, datetime]:
    return {one.step: one.due_at for one in open_deadlines([file]) if one.step.startswith("plan_action")}


@pytest.mark.covers("R31")
def test_each_action_is_due_at_the_end_of_its_day_until_it_is_done(cast: Cast) -> None:
    file = a_case(cast)
    visit = {"what": "Visit the school", "due_on": "2026-03-06"}
    shoes = {"what": "Buy shoes", "due_on": "2026-03-09", "status": "completed"}
    plan(cast, file, {"what": "Some day"}, visit, shoes)
    assert due(file) == {"plan_action:2": datetime(2026, 3, 6, 20, 59, 59, tzinfo=UTC)}
    assert "Do action 2 of the plan" in titles(file)
    revised = plan(cast, file, {**visit, "status": "completed"}, at=later(2))
    assert due(file) == {}
    assert Deadline.objects.get(file=file, step="plan_action:2").met_by_id == revised
    assert commands.rebuild(file, keep=False) == []


@pytest.mark.covers("R31")
def test_an_action_that_is_late_stays_late_in_the_next_version(cast: Cast) -> None:
    file = a_case(cast)
    visit = {"what": "Visit the school", "due_on": "2026-03-06"}
    plan(cast, file, visit)
    plan(cast, file, visit, {"what": "Buy shoes", "due_on": "2026-03-20"}, at=later(9))
    assert sorted(due(file)) == ["plan_action:1", "plan_action:2"]
    assert due(file)["plan_action:1"] < later(9)


def test_a_plan_that_is_corrected_changes_the_day_in_its_place(cast: Cast) -> None:
    file = a_case(cast)
    first = plan(cast, file, {"what": "Visit", "due_on": "2026-03-06"})
    answers = {"objectives": [SMART], "actions": [{"what": "Visit", "due_on": "2026-03-07"}]}
    submit("planning.plan", answers, by=cast.caseworker, file=file, amends=first)
    assert due(file)["plan_action:1"].day == 7
    assert len(plans(file)) == 1
    assert commands.rebuild(file, keep=False) == []


def test_a_plan_from_before_closing_calls_for_nothing_after_reopening(cast: Cast) -> None:
    file = a_case(cast)
    plan(cast, file, {"what": "Visit", "due_on": "2026-03-20"})
    for form, by in (("request", cast.caseworker), ("answer", cast.supervisor), ("closure", cast.caseworker)):
        submit(f"closure.{form}", by=by, file=file)
    assert due(file) == {}
    submit("closure.reopening", by=cast.caseworker, file=file, at=later(1))
    assert due(file) == {}


# --- What else a plan says -----------------------------------------------------------------------------------


@pytest.mark.covers("R32", "R33", "R73")
def test_permanency_twin_track_contingency_monitoring_and_being_drawn_back(cast: Cast) -> None:
    file = a_case(cast)
    told: dict[str, Any] = {
        "also": ["care", "armed_group"], "permanency_goal": "kinship", "twin_track": "Ask the foster family",
        "contingency": "Back to the centre", "interim": "yes", "monitoring": "Every second Friday",
        "closure_criteria": "Three quiet months",
    }  # fmt: skip
    entry = plan(cast, file, **told, re_recruitment="The commander asks for him")
    kept = plans(file)[-1].contents
    assert {name: kept[name] for name in told if name != "also"} == {
        name: value for name, value in told.items() if name != "also"
    }
    assert "re_recruitment" not in entry_of(entry, file_id=file, classes=frozenset({"case"})).answers
    assert refused(cast, "planning.plan", file, twin_track="Nobody asked") == [
        ("does_not_apply", "twin_track")
    ]


@pytest.mark.covers("R33")
def test_a_plan_for_now_can_be_made_before_anything_is_assessed(cast: Cast) -> None:
    file = submit("intake.identification", by=cast.caseworker).file_id
    plan(cast, file, interim="yes")
    assert plans(file)[-1].contents["interim"] == "yes"


@pytest.mark.covers("R37")
@pytest.mark.parametrize("said", ["signed", "spoken", "does_not_agree"])
def test_child_and_caregiver_each_say_whether_they_agree_and_are_asked_anew_each_time(
    cast: Cast, said: str
) -> None:
    file = a_case(cast)
    more: dict[str, Any] = {"disagreement": "To stay with my friend"} if said == "does_not_agree" else {}
    plan(cast, file, child_agrees=said, caregiver_agrees="not_safe", **more)
    kept = plans(file)[-1].contents
    assert (kept["child_agrees"], kept["caregiver_agrees"]) == (said, "not_safe")
    begun = commands.answers_to_begin_with(Place("planning.plan", file), by=cast.caseworker, at=START)
    assert begun["objectives"] == [SMART]
    assert not {"child_agrees", "caregiver_agrees", "disagreement"} & set(begun)


@pytest.mark.covers("R37")
def test_every_revision_is_a_version_and_the_old_one_can_be_read(cast: Cast) -> None:
    file = a_case(cast)
    first = plan(cast, file, {"what": "Buy shoes"})
    plan(cast, file, {"what": "Buy a uniform"}, at=later(7))
    assert len(plans(file)) == 2
    assert [one.contents["what"] for one in plan_actions(file)] == ["Buy a uniform"]
    assert entry_of(first, file_id=file).answers["actions"] == [{"what": "Buy shoes"}]


@pytest.mark.covers("R37")
def test_correcting_an_old_version_leaves_the_newest_as_the_plan_and_as_the_beginning_of_the_next(
    cast: Cast,
) -> None:
    file = a_case(cast)
    first = plan(cast, file, {"what": "Buy shoes"})
    second = plan(cast, file, {"what": "Buy a uniform", "due_on": "2026-03-20"}, at=later(7))
    corrected = {"objectives": [SMART], "actions": [{"what": "Buy boots", "due_on": "2026-03-10"}]}
    submit("planning.plan", corrected, by=cast.caseworker, file=file, at=later(8), amends=first)
    assert plans(file)[-1].entry_id == second
    assert [one.contents["what"] for one in plan_actions(file)] == ["Buy a uniform"]
    assert [day.day for day in due(file).values()] == [20]
    begun = commands.answers_to_begin_with(Place("planning.plan", file), by=cast.caseworker, at=START)
    assert begun["actions"] == [{"what": "Buy a uniform", "due_on": "2026-03-20"}]
    assert commands.rebuild(file, keep=False) == []


# --- A supervisor's word -------------------------------------------------------------------------------------

COSTLY = {"what": "Two days to the clinic", "costs": ["transport", "accompaniment"], "cost": "51"}


@pytest.mark.covers("R37")
def test_nobody_is_asked_to_approve_a_plan_unless_the_pack_says_so(cast: Cast, tmp_path: Path) -> None:
    file = a_case(cast)
    plan(cast, file)
    assert word_asked(file) is None and waiting_for_word([file]) == []
    works_by(tmp_path / "approving", APPROVING, day=1, rules=approval_of("plan"))
    plan(cast, file, {"what": "Visit", "due_on": "2026-03-20"}, at=later(1))
    assert [one.form for one in waiting_for_word([file])] == ["planning.plan_answer"]
    assert "Say a word on the plan" in titles(file)
    assert due(file) and "follow_up" in {one.step for one in open_deadlines([file])}  # the work goes on
    submit("follow_up.contact", by=cast.caseworker, file=file, at=later(1))
    submit("planning.plan_answer", by=cast.supervisor, file=file, at=later(2))
    assert waiting_for_word([file]) == []
    plan(cast, file, at=later(3))
    assert len(waiting_for_word([file])) == 1  # another version is another plan
    assert commands.rebuild(file, keep=False) == []


@pytest.mark.covers("R84")
@pytest.mark.parametrize(
    ("cost", "status", "asked"),
    [("50", "pending", False), ("51", "pending", True), ("51", "completed", False), (None, "pending", False)],
)
def test_a_word_is_asked_for_above_the_ceiling_only(
    cast: Cast, cost: str | None, status: str, asked: bool
) -> None:
    file = a_case(cast)
    spent = {"costs": ["transport"], "cost": cost} if cost else {}
    plan(cast, file, {"what": "To the clinic", "status": status, **spent})
    assert (word_asked(file) is not None) == asked
    assert ("Say a word on the plan" in titles(file)) == asked


@pytest.mark.covers("R84")
def test_what_is_spent_is_a_whole_amount_and_belongs_to_something(cast: Cast) -> None:
    file = a_case(cast)
    for cost in ("-3", "2.5", "much"):
        actions = [{"what": "To the clinic", "costs": ["transport"], "cost": cost}]
        ((_, question),) = refused(cast, "planning.plan", file, actions=actions)
        assert question == "actions.0.cost"
    assert plans(file) == []


def test_on_a_closed_case_no_plan_waits_for_anybody(cast: Cast) -> None:
    file = a_case(cast)
    plan(cast, file, COSTLY)
    for form, by in (("request", cast.caseworker), ("answer", cast.supervisor), ("closure", cast.caseworker)):
        submit(f"closure.{form}", by=by, file=file)
    assert waiting_for_word([file]) == [] and "Say a word on the plan" not in titles(file)


@pytest.mark.covers("R37", "R84")
def test_only_another_supervisor_says_the_word_and_only_once(cast: Cast) -> None:
    file = submit("intake.identification", by=cast.both).file_id
    submit("planning.plan", {"actions": [COSTLY]}, by=cast.both, file=file)
    with pytest.raises(Refused) as own:
        submit("planning.plan_answer", by=cast.both, file=file)
    assert [one.code for one in own.value.unmet] == ["own_plan"]
    submit(
        "planning.plan_answer",
        {"agreed": "no", "note": "Ask the clinic to come"},
        by=cast.supervisor,
        file=file,
    )
    with pytest.raises(Refused) as again:
        submit("planning.plan_answer", by=cast.supervisor, file=file)
    assert [one.code for one in again.value.unmet] == ["nothing_waiting"]
    other = a_case(cast)
    plan(cast, other, COSTLY)
    with pytest.raises(Forbidden):
        submit("planning.plan_answer", by=cast.caseworker, file=other)


# --- Safety plan, meeting, copy ------------------------------------------------------------------------------


@pytest.mark.covers("R36")
def test_a_safety_plan_is_revised_at_any_time_and_goes_on_from_the_last(cast: Cast) -> None:
    file = a_case(cast)
    first = submit("planning.safety_plan", by=cast.caseworker, file=file).entry_id
    begun = dict(
        commands.answers_to_begin_with(Place("planning.safety_plan", file), by=cast.caseworker, at=START)
    )
    assert begun == {"where": "My aunt", "made_with": ["child"]}
    second = submit(
        "planning.safety_plan", begun | {"signs": "He drinks"}, by=cast.caseworker, file=file
    ).entry_id
    submit("planning.safety_plan", {"where": "The church"}, by=cast.caseworker, file=file, amends=first)
    holds = safety_plan_of(file)
    assert holds and holds.entry_id == second


@pytest.mark.covers("R34")
def test_a_meeting_says_who_was_there_and_why_child_or_caregiver_were_not(cast: Cast) -> None:
    file = a_case(cast)
    alone = {"who": ["child", "caseworker"], "caregiver_absent": "child_did_not_wish", "kind": "family_group"}
    submit("planning.meeting", alone, by=cast.caseworker, file=file)
    without = {"who": ["mother", "caseworker"], "child_absent": "too_young"}
    submit("planning.meeting", without, by=cast.caseworker, file=file)
    first, second = (one.contents for one in meetings(file))
    assert (first["kind"], first["caregiver_absent"]) == ("family_group", "child_did_not_wish")
    assert second["child_absent"] == "too_young"
    assert refused(cast, "planning.meeting", file, child_absent="too_young") == [
        ("does_not_apply", "child_absent")
    ]


@pytest.mark.covers("R34")
def test_others_take_part_only_if_child_and_caregiver_agreed(cast: Cast) -> None:
    file = a_case(cast)
    who = ["child", "mother", "caseworker", "teacher"]
    assert refused(cast, "planning.meeting", file, who=who) == [("needed", "others_agreed")]
    assert refused(cast, "planning.meeting", file, who=who, others_agreed="no") == [
        ("check", "others_agreed")
    ]
    submit("planning.meeting", {"who": who, "others_agreed": "yes"}, by=cast.caseworker, file=file)


@pytest.mark.covers("R34", "R109")
@pytest.mark.parametrize("mark", ["must_not_be_told", "must_not_be_contacted", "suspected_of_harm"])
def test_nobody_with_a_safety_mark_takes_part(cast: Cast, mark: str) -> None:
    file = a_case(cast)
    father = {"name": "Otieno", "relationship": "father", "safety_mark": [mark]}
    submit("cases.person", father, by=cast.caseworker, file=file)
    assert refused(cast, "planning.meeting", file, who=["child", "father"]) == [("safety_mark", "who")]
    submit("planning.meeting", by=cast.caseworker, file=file)  # the mother carries none


def test_nobody_keeps_the_child_out_of_its_own_meeting(cast: Cast) -> None:
    file = a_case(cast)
    somebody = {"name": "Otieno", "relationship": "child", "safety_mark": ["must_not_be_told"]}
    submit("cases.person", somebody, by=cast.caseworker, file=file)
    submit("planning.meeting", by=cast.caseworker, file=file)


@pytest.mark.covers("R35")
def test_the_copy_is_kept_with_whether_it_was_safe_and_when_it_was_given(cast: Cast) -> None:
    file = a_case(cast)
    assert refused(cast, "planning.copy_given", file) == [("no_plan", "")]
    plan(cast, file)
    assert refused(cast, "planning.copy_given", file, answer=None) == [("needed", "answer")]
    submit("planning.copy_given", {"given_on": "2026-03-02"}, by=cast.caseworker, file=file)
    told = plan_copy_of(file)
    assert told and told.contents == {"answer": "safe", "given_on": "2026-03-02"}


@pytest.mark.covers("R35")
@pytest.mark.parametrize("words", ["Tomas on Friday", "Football with grace", "Lantern, at four"])
def test_a_neutral_paper_names_nobody_and_no_agency(cast: Cast, words: str) -> None:
    file = a_case(cast)
    submit("cases.person", by=cast.caseworker, file=file)
    plan(cast, file)
    assert refused(cast, "planning.copy_given", file, answer="neutral", words=words) == [
        ("names_somebody", "words")
    ]
    submit(
        "planning.copy_given",
        {"answer": "neutral", "words": "Football at four"},
        by=cast.caseworker,
        file=file,
    )


def test_every_new_kind_of_entry_is_made_again_without_a_difference(cast: Cast) -> None:
    file = a_closed_case(cast)
    submit("closure.reopening", by=cast.caseworker, file=file)
    for form in ("plan", "safety_plan", "meeting", "copy_given"):
        submit(f"planning.{form}", by=cast.caseworker, file=file)
        row = Entry.objects.filter(file=file, form_code=f"planning.{form}").get()
        submit(f"planning.{form}", by=cast.caseworker, file=file, amends=row.id)
    assert CaseFile.objects.get(id=file).revision == 15
    assert commands.rebuild(file, keep=False) == []
