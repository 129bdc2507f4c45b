"""Around the end of a case: looking ahead to 18, a death, what is asked afterwards (R52, R54, R55, R58)."""

from collections.abc import Sequence

from tutela.access.queries import responsible_for
from tutela.cases.actions import end, make
from tutela.cases.entries import Kind, OpenEntry
from tutela.closure import rules
from tutela.closure.models import ApproachingEighteen, Closure, ClosureRequest, Death
from tutela.closure.queries import (
    birth_of,
    closure_of,
    death_of,
    is_closed,
    pack_at,
    reopening_of,
    request_of,
    waits_for_feedback,
)
from tutela.foundation import clock
from tutela.foundation.refusals import Unmet
from tutela.foundation.words import say
from tutela.protocols.packs import rule_on

_ADULT_SERVICE = "adult_service"  # of the list still_at_risk_at_18


def missing_for_death(entry: OpenEntry) -> Sequence[Unmet]:
    """Only that it is meant. It can be written on any file, registered or not, open or closed (R54)."""
    if death_of(entry.file_id):
        return [Unmet("recorded_already", say("The death of this child is on this file already."), "R54")]
    if entry.fact("death").get("confirmed") != "yes":
        words = say("Answer yes if the child has died. Otherwise leave this page; nothing was saved.")
        return [Unmet("not_confirmed", words, "R54", "confirmed")]
    return []


def apply_death(entry: OpenEntry) -> None:
    make(Death, entry, entry.fact("death"))


def missing_for_error(entry: OpenEntry) -> Sequence[Unmet]:
    """There is a death on the file that can have been an error."""
    if death_of(entry.file_id) is None:
        return [Unmet("no_death", say("No death is written down on this file."), "R54")]
    return []


def apply_error(entry: OpenEntry) -> None:
    """The child lives: what was asked or closed because of the death no longer counts, and deadlines come back."""
    end(Death, entry)
    pack = pack_at(entry.file_id, entry.received_at)
    reasons = rule_on("closure.death", day=entry.happened_on, pack=pack).codes
    closure, request = closure_of(entry.file_id), request_of(entry.file_id)
    if closure and closure.request.contents["reason"] in reasons:
        end(Closure, entry)
    if request and request.contents["reason"] in reasons:
        end(ClosureRequest, entry)


def missing_after_death(entry: OpenEntry) -> Sequence[Unmet]:
    if death_of(entry.file_id):
        return []
    return [Unmet("no_death", say("This is for the time after a child has died."), "R54")]


def missing_for_feedback(entry: OpenEntry) -> Sequence[Unmet]:
    """It is time to ask, and whoever asks is not whom the answer is about (R52)."""
    closure = closure_of(entry.file_id)
    if closure is None or death_of(entry.file_id) or not waits_for_feedback(closure):
        words = say("Nobody is to be asked on this file just now.")
        return [Unmet("nobody_to_ask", words, "S2 §3.4-6; R52")]
    worker = responsible_for([entry.file_id]).get(entry.file_id)
    concerned = {
        worker.id if worker else None, closure.entry.by_id, closure.entry.done_by_id, closure.request.entry.by_id,
    }  # fmt: skip
    if concerned & {entry.by_id, entry.done_by_id}:
        words = say("The case’s own worker does not ask this. Name somebody else, or ask another supervisor.")
        return [Unmet("own_case", words, "S2 §3.4-6; R52")]
    return []


def missing_for_asking_again(entry: OpenEntry) -> Sequence[Unmet]:
    if reopening_of(entry.file_id) and not is_closed(entry.file_id):
        return []
    return [Unmet("not_reopened", say("This is asked after a case was opened again."), "R55")]


def missing_for_eighteen(entry: OpenEntry) -> Sequence[Unmet]:
    """Somebody takes over only with the young person’s agreement; what goes on after 18 has its own grounds (R58, R59)."""
    answers, day = entry.answers, entry.happened_on
    pack = pack_at(entry.file_id, entry.received_at)
    born = birth_of(entry.file_id)
    missing = rules.missing_for_best_interests(
        rules.BestInterests(
            goes_on=answers.get("best_interests") == "yes", ground=str(answers.get("best_interests_ground", "")),
            consent=answers.get("best_interests_consent") == "yes",
        ),
        age=clock.age_on(day, born=born[1]) if born else None, pack=pack, day=day,
    )  # fmt: skip
    if entry.fact("approaching_eighteen").get("need") == _ADULT_SERVICE and answers.get("agrees") != "yes":
        words = say(
            "A service for adults takes over only if the young person agrees. Else choose the family, or go on."
        )
        missing.append(Unmet("not_agreed_by_young_person", words, "S2 §3.4-6; R58", "agrees"))
    return missing


def apply_eighteen(entry: OpenEntry) -> None:
    """What was found last stands in place of what was found before."""
    end(ApproachingEighteen, entry)
    make(ApproachingEighteen, entry, entry.fact("approaching_eighteen"))


def _is_kept(entry: OpenEntry) -> None:
    """The entry itself says all there is: that it was written, when and by whom."""


AROUND_THE_END = (
    Kind("closure.approaching_eighteen", apply=apply_eighteen, unmet=missing_for_eighteen, amendable=False),
    Kind("closure.death", apply=apply_death, unmet=missing_for_death, amendable=False, while_closed=True),
    Kind(
        "closure.death_in_error", apply=apply_error, unmet=missing_for_error, action="agree", amendable=False,
        needs_base=True, while_closed=True,
    ),
    Kind("closure.sibling_check", apply=_is_kept, unmet=missing_after_death, while_closed=True),
    Kind("closure.staff_support", apply=_is_kept, unmet=missing_after_death, action="agree", while_closed=True),
    Kind(
        "closure.feedback_asked", apply=_is_kept, unmet=missing_for_feedback, action="agree", amendable=False,
        while_closed=True,
    ),
    Kind("closure.asked_again", apply=_is_kept, unmet=missing_for_asking_again),
)  # fmt: skip
