"""Making and revising the plan, the safety plan, the meeting, the copy for the child."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from tutela.assessment.queries import needs
from tutela.cases.actions import end, make, make_latest, missing_for_word, outdated_by
from tutela.cases.entries import Kind, OpenEntry
from tutela.cases.queries import agency_id_of, people_around
from tutela.consent.rules import NOT_ASKED_MARKS
from tutela.forms.definition import Answers
from tutela.foundation.refusals import Unmet
from tutela.foundation.words import say
from tutela.planning import rules
from tutela.planning.models import (
    Meeting,
    Objective,
    Plan,
    PlanAction,
    PlanAnswer,
    PlanCopy,
    SafetyPlan,
    WordAsked,
)
from tutela.planning.paper import names_in, names_on
from tutela.planning.queries import plans, word_asked
from tutela.published.queries import pack_in_force

_MET = "met"  # of the list need_state
_TO_BE_AGREED = frozenset({"child_took_part", "child_agrees", "caregiver_agrees", "disagreement"})


def missing_for_plan(entry: OpenEntry) -> Sequence[Unmet]:
    """An action belongs to an objective that is there, or stands alone."""
    count = len(entry.facts.get("objective", []))
    return [
        Unmet(
            "no_such_objective",
            say("No objective above has this number. Look at it again, or leave it empty."),
            "R31",
            f"actions.{number}.objective",
        )
        for number, action in enumerate(entry.facts.get("plan_action", []))
        if action.get("objective") and int(str(action["objective"])) > count
    ]


def apply_plan(entry: OpenEntry) -> None:
    """A revised plan is a new version as a whole; the old one stays readable (R37)."""
    newer = outdated_by(Plan, entry)
    for model in (Plan, Objective, PlanAction, WordAsked):
        if newer is None:
            end(model, entry)
    make(Plan, entry, entry.fact("plan"), ended_by_id=newer)
    for number, objective in enumerate(entry.facts.get("objective", [])):
        make(Objective, entry, dict(objective), number=number, position=number, ended_by_id=newer)
    actions: list[dict[str, Any]] = [dict(one) for one in entry.facts.get("plan_action", [])]
    for number, action in enumerate(actions):
        due_on = str(action.pop("due_on", ""))
        make(
            PlanAction,
            entry,
            action,
            number=number,
            position=number,
            ended_by_id=newer,
            due_on=date.fromisoformat(due_on) if due_on else None,
        )
    pack = pack_in_force(agency_id_of(entry.file_id), entry.happened_on)
    if why := rules.asks_for_word(actions, pack=pack, day=entry.happened_on):
        make(WordAsked, entry, {"why": why}, ended_by_id=newer)


def begin_plan(file_id: UUID, last: Answers) -> Answers:
    """The first plan begins with the needs, in the order that was chosen (R24). Each version is agreed anew (R37)."""
    if last:
        return {name: answer for name, answer in last.items() if name not in _TO_BE_AGREED}
    told = [one.contents for one in needs(file_id)]
    rows = [{"need": one["text"], "text": one["text"]} for one in told if one.get("state") != _MET]
    return {"objectives": rows} if rows else {}


def missing_for_plan_answer(entry: OpenEntry) -> Sequence[Unmet]:
    """A plan waits for a word, and somebody else made it."""
    waiting = word_asked(entry.file_id)
    return missing_for_word(
        entry,
        [waiting] if waiting else [],
        nothing=Unmet("nothing_waiting", say("No plan waits for your word."), "R37"),
        own=Unmet("own_plan", say("You made this plan yourself. Another supervisor answers."), "R37"),
    )


def apply_plan_answer(entry: OpenEntry) -> None:
    """The word stands beside the version that it is about; a newer version is another."""
    waiting = word_asked(entry.file_id)
    end(WordAsked, entry)
    if waiting:
        make(PlanAnswer, entry, {**entry.fact("plan_answer"), "plan": str(waiting.entry_id)})


_THE_CHILD = (
    "child"  # of the list person_relationship: whatever mark a person carries, it is the child's own plan
)


def missing_for_meeting(entry: OpenEntry) -> Sequence[Unmet]:
    """Nobody who carries a safety mark takes part in planning (R34, R109)."""
    marked: set[str] = set()
    unmarked: set[str] = set()
    for person in people_around(entry.file_id):
        known = person.contents
        whose = marked if NOT_ASKED_MARKS & set(known.get("safety_mark", [])) else unmarked
        whose.add(known.get("relationship", ""))
    if not set(entry.fact("meeting").get("who", [])) & (marked - unmarked - {"", _THE_CHILD}):
        return []
    words = say(
        "Somebody you chose carries a safety mark and does not take part. "
        "Leave that person out; if they came all the same, write it under “What else happened”."
    )
    return [Unmet("safety_mark", words, "R34, R109", "who")]


def missing_for_copy(entry: OpenEntry) -> Sequence[Unmet]:
    """There is a plan, and a neutral paper names nobody (R35)."""
    if not plans(entry.file_id):
        return [Unmet("no_plan", say("There is no plan yet, so there is nothing to copy."), "R35")]
    if not names_in(entry.fact("plan_copy").get("words", ""), names_on(entry.file_id)):
        return []
    words = say("This names somebody on the file, or your organisation. Take the name out.")
    return [Unmet("names_somebody", words, "R35", "words")]


def apply_meeting(entry: OpenEntry) -> None:
    make(Meeting, entry, entry.fact("meeting"))


def apply_safety_plan(entry: OpenEntry) -> None:
    make_latest(SafetyPlan, entry, entry.fact("safety_plan"))


def apply_copy(entry: OpenEntry) -> None:
    make_latest(PlanCopy, entry, entry.fact("plan_copy"))


KINDS = (
    Kind("planning.plan", apply=apply_plan, unmet=missing_for_plan, continues=True, begin=begin_plan),
    Kind(
        "planning.plan_answer", apply=apply_plan_answer, unmet=missing_for_plan_answer, action="agree",
        amendable=False, needs_base=True,
    ),
    Kind("planning.safety_plan", apply=apply_safety_plan, continues=True),
    Kind("planning.meeting", apply=apply_meeting, unmet=missing_for_meeting),
    Kind("planning.copy_given", apply=apply_copy, unmet=missing_for_copy),
)  # fmt: skip
