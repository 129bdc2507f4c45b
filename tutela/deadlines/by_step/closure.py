"""Closing, in its parts; what is asked after it; looking ahead to 18; and what remains to be done when a child has died."""

from collections.abc import Iterable, Iterator
from datetime import date
from uuid import UUID

from tutela.cases.queries import agency_id_of, case_of
from tutela.closure.models import Closure, ClosureRequest
from tutela.closure.queries import (
    answer_to,
    closure_of,
    death_of,
    feedback_waiting,
    is_near_eighteen,
    is_written,
    reopening_of,
    request_of,
    returned_answer,
    waits_for_feedback,
    without_support,
)
from tutela.deadlines.task import Task
from tutela.foundation.words import Words, say
from tutela.protocols.packs import Pack, rule_on
from tutela.published.queries import is_form_in_force, pack_in_force

_REPORT = "consent.mandatory_report"

_FEEDBACK = Task(
    say("Ask what the work was like"), "closure.feedback_asked", "agree",
    say("You, or somebody you name; never the caseworker of this child."), "S2 §3.4-6; R52",
)  # fmt: skip
_SUPPORT = Task(
    say("Offer support to the caseworker"), "closure.staff_support", "agree",
    say("Whoever worked with this child may need somebody to talk to."), "S1 3.6; R54, R79",
)  # fmt: skip


def of_supervisor(file_ids: Iterable[UUID], *, pack: Pack, day: date) -> dict[UUID, list[Task]]:
    """What a supervisor sees to beside agreeing, on many files at once: support after a death, feedback after closing."""
    ids = list(file_ids)
    return {
        **{file_id: [_SUPPORT] for file_id in without_support(ids)},
        **{file_id: [_FEEDBACK] for file_id in feedback_waiting(ids, pack=pack, day=day)},
    }


def tasks(file_id: UUID, day: date) -> Iterator[Task]:
    """What waits for the supervisor, or for the caseworker after the supervisor's word; and what is asked in time."""
    closure = closure_of(file_id)
    if closure:
        yield from _after_closing(closure)
        return
    yield from _closing(file_id, day)
    yield from _asked_again(file_id)
    if is_near_eighteen(file_id, day=day):
        early = say(
            "The birthday closes nothing. Who is there for the young person afterwards is arranged before it."
        )
        yield Task(
            say("Look ahead to eighteen together"),
            "closure.approaching_eighteen",
            "write",
            early,
            "S2 §3.4-6; R58",
        )


def after_death(file_id: UUID, day: date) -> Iterator[Task]:
    """What still has to be seen to when a child has died; nothing of it has a day, and nothing else is asked (R54)."""
    death = death_of(file_id)
    if death is None:
        return
    since, law = death.entry.revision, "S2 §3.4-6; S1 3.6; R54"
    if not is_written("closure.sibling_check", on=file_id, since=since):
        others = say("Other children in the same care may need somebody now. Each has a file of their own.")
        yield Task(
            say("See to the safety of brothers and sisters"), "closure.sibling_check", "write", others, law
        )
    in_force = is_form_in_force(_REPORT, agency_id=agency_id_of(file_id), day=day)
    if in_force and not is_written(_REPORT, on=file_id, since=since):
        report = say("Decide with your supervisor whether the law asks for a report.")
        yield Task(say("Decide on a report to the authorities"), _REPORT, "write", report, "S1 3.6; R54, R77")
    if not is_written("closure.staff_support", on=file_id, since=since):
        yield _SUPPORT
    if closure_of(file_id) or case_of(file_id) is None:
        return
    if request_of(file_id) is None:
        calm = say("There is no hurry.")
        yield Task(say("Ask to close the case"), "closure.request", "write", calm, law)
    yield from _closing(file_id, day)


def how_to_follow_up(file_id: UUID) -> Words | None:
    """How and by whom a child is contacted after closing, as they agreed; codes of their lists in the words of the pack."""
    closure = closure_of(file_id)
    told = closure.contents if closure else {}
    if closure is None or not told.get("follow_up_way"):
        return None
    pack = pack_in_force(agency_id_of(file_id), closure.entry.happened_on)
    owner = told.get("follow_up_owner") or pack.vocabulary("follow_up_owner").codes[0]
    labels = [
        next(term.label["en"] for term in pack.vocabulary(name).terms if term.code == code)
        for name, code in (("follow_up_way", told["follow_up_way"]), ("follow_up_owner", owner))
    ]
    return say("As agreed: {way}. {owner}.", way=labels[0], owner=labels[1])


def _closing(file_id: UUID, day: date) -> Iterator[Task]:
    request, returned = request_of(file_id), returned_answer(file_id)
    if returned:
        first = say("Your supervisor asks first: {what}", what=returned.contents.get("actions", ""))
        yield Task(
            say("Do what your supervisor asks, then ask again to close"),
            "closure.request",
            "write",
            first,
            "R52",
        )
    if request is None:
        return
    answer = answer_to(request)
    if answer is None:
        before = say("The caseworker talks to the child only after you agree.")
        why = None if _without_talk(request, day) else before
        yield Task(say("Decide on closing the case"), "closure.answer", "agree", why, "S2 §3.4-6; R52")
    elif answer.contents["agreed"] == "yes":
        yield _to_close(request, day)


def _to_close(request: ClosureRequest, day: date) -> Task:
    law = "S2 §3.4-6; R52"
    if _without_talk(request, day):
        return Task(
            say("Close the case"), "closure.without_talk", "write", say("Your supervisor agreed."), law
        )
    talk = say("Your supervisor agreed. The case stays open until it was talked over.")
    return Task(say("Talk over closing with the child, then close"), "closure.closure", "write", talk, law)


def _without_talk(request: ClosureRequest, day: date) -> bool:
    pack = pack_in_force(agency_id_of(request.file_id), day)
    return request.contents["reason"] in rule_on("closure.without_discussion", day=day, pack=pack).codes


def _after_closing(closure: Closure) -> Iterator[Task]:
    if waits_for_feedback(closure):
        yield _FEEDBACK


def _asked_again(file_id: UUID) -> Iterator[Task]:
    reopening = reopening_of(file_id)
    if reopening and not is_written("closure.asked_again", on=file_id, since=reopening.entry.revision):
        anew = say("What was safe before may not be now. The rest of the story need not be told again.")
        yield Task(
            say("Ask how to reach the child safely, and which caseworker the child prefers"), "closure.asked_again",
            "write", anew, "S2 §3.4-6; R55",
        )  # fmt: skip
