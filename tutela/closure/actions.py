"""Asking, agreeing, talking it over, closing; and opening again (R51–R55)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from tutela.assessment.actions import begin_risk_again
from tutela.assessment.queries import assessments, risk_of
from tutela.cases.actions import end, make
from tutela.cases.entries import Kind, OpenEntry
from tutela.cases.queries import case_of, people_around
from tutela.closure import rules
from tutela.closure.around_the_end import AROUND_THE_END
from tutela.closure.models import Closure, ClosureAnswer, ClosureRequest, Reopening
from tutela.closure.queries import (
    answer_to,
    birth_of,
    death_of,
    is_closed,
    pack_at,
    request_of,
    returned_answer,
)
from tutela.closure.transfer import KINDS as TRANSFER
from tutela.consent.actions import ask_anew
from tutela.follow_up.queries import contacts
from tutela.follow_up.rules import NOT_REACHED, WITH_CHILD
from tutela.foundation.refusals import Unmet
from tutela.foundation.words import say
from tutela.protocols.packs import Pack

_SUSPECTED = "suspected_of_harm"  # of the list safety_mark


def missing_for_request(entry: OpenEntry) -> Sequence[Unmet]:
    """The case is registered, nobody waits for an answer, and the reason stands by its own rules (R51, R53, R58)."""
    if case_of(entry.file_id) is None:
        return [
            Unmet(
                "not_registered",
                say("This child is not registered yet, so there is no case to close."),
                "R17",
            )
        ]
    if (waiting := request_of(entry.file_id)) and answer_to(waiting) is None:
        return [Unmet("asked_already", say("Your supervisor has not answered the last request yet."), "R52")]
    pack, day = _pack(entry), entry.happened_on
    asked = replace(
        _asked(entry.fact("closure_request"), by=entry.by_id), **_on_file(entry.file_id, pack=pack, day=day)
    )
    return rules.missing_for_request(asked, pack=pack, day=day)


def apply_request(entry: OpenEntry) -> None:
    end(ClosureRequest, entry)
    make(ClosureRequest, entry, entry.fact("closure_request"))


def missing_for_answer(entry: OpenEntry) -> Sequence[Unmet]:
    """A request waits, and somebody else made it: whoever asks cannot agree (R52)."""
    request = request_of(entry.file_id)
    if request is None or answer_to(request):
        return [Unmet("nothing_waiting", say("No request to close waits for an answer."), "R52")]
    if {entry.by_id, entry.done_by_id} & {request.entry.by_id, request.entry.done_by_id}:
        return [
            Unmet(
                "own_request",
                say("You asked for this yourself. Another supervisor decides."),
                "S2 §3.4-6; R52",
            )
        ]
    return []


def apply_answer(entry: OpenEntry) -> None:
    if request := request_of(entry.file_id):
        answer = make(ClosureAnswer, entry, entry.fact("closure_answer"), request=request)
        if answer.contents["agreed"] != "yes":
            end(ClosureRequest, entry)  # returned: what is to be done first stands in the answer


def missing_for_closure(entry: OpenEntry) -> Sequence[Unmet]:
    """The supervisor agreed, and it was talked over. Somebody's objection is recorded; the case then stays open (R52)."""
    returned = returned_answer(entry.file_id)
    request = request_of(entry.file_id) or (returned.request if returned else None)
    if request is None:
        return [
            Unmet(
                "not_asked",
                say("Ask your supervisor first whether the case may be closed."),
                "S2 §3.4-6; R52",
            )
        ]
    asked, answer = _asked(request.contents, by=request.entry.by_id), answer_to(request)
    agreement = (
        rules.Agreement(by=answer.entry.by_id, agreed=answer.contents["agreed"] == "yes") if answer else None
    )
    missing = rules.missing_for_agreement(asked, agreement)
    pack, day = _pack(entry), entry.happened_on
    missing += rules.missing_for_discussion(asked, _discussion(entry), pack=pack, day=day)
    if not missing:
        told = entry.fact("closure")
        after = rules.FollowUp(safe=told.get("follow_up_safe", ""), way=told.get("follow_up_way", ""))
        missing += rules.missing_for_follow_up(asked.reason, after, pack=pack, day=day)
    return [one for one in missing if one.code != "objection"]


def apply_closure(entry: OpenEntry) -> None:
    """Close the case; where somebody objects, the request is set aside and the case stays open (R52)."""
    request = request_of(entry.file_id)
    if request is None:
        return
    if _discussion(entry).objection not in ("none", ""):
        end(ClosureRequest, entry)
        return
    make(Closure, entry, entry.fact("closure"), request=request)


def missing_for_reopening(entry: OpenEntry) -> Sequence[Unmet]:
    """Only what is closed is reopened (R55)."""
    if death_of(entry.file_id):
        words = say(
            "It is written down that this child has died. If that is an error, your supervisor can say so."
        )
        return [Unmet("has_died", words, "R54")]
    return [] if is_closed(entry.file_id) else [Unmet("open", say("This case is open."), "R55")]


def apply_reopening(entry: OpenEntry) -> None:
    """Open the case again; what was asked and agreed before no longer counts, and consent is asked for anew (R55).

    The risk level is that of the reopening, unless it is lower than a level that R23 guards.
    """
    end(Closure, entry)
    ask_anew(entry)
    end(ClosureRequest, entry)
    make(Reopening, entry, entry.fact("reopening"))
    begin_risk_again(entry)


def _asked(request: dict[str, Any], *, by: UUID) -> rules.Request:
    """The facts of a request in the shape of the rules."""
    since = request.get("unreachable_since")
    return rules.Request(
        by=by, reason=request["reason"], justification=request["justification"],
        objectives_met=request.get("objectives_met") == "yes", safe=request.get("safe") == "yes",
        no_further_risk=request.get("no_further_risk") == "yes", stable=request.get("stable") == "yes",
        unreachable_since=date.fromisoformat(since) if since else None,
        declining_adult_suspected=request.get("declining_adult_suspected") == "yes",
        still_at_risk_at_18=request.get("still_at_risk_at_18", ""), declining_adult=request.get("declining_adult", ""),
        child_asked=request.get("child_asked", ""), child_view=request.get("child_view", ""),
        receiver_sought=request.get("receiver_sought") == "yes",
    )  # fmt: skip


def _on_file(file_id: UUID, *, pack: Pack, day: date) -> dict[str, Any]:
    """What the file itself says about the grounds for closing."""
    tried = [(one.contents["reached"], one.entry.happened_on) for one in contacts(file_id)]
    risk, born = risk_of(file_id), birth_of(file_id)
    return {
        "suspected": frozenset(
            one.contents.get("relationship", "") for one in people_around(file_id)
            if _SUSPECTED in one.contents.get("safety_mark", [])
        ),
        "attempts": tuple(on for reached, on in tried if reached in NOT_REACHED),
        "reached": max((on for reached, on in tried if reached in WITH_CHILD), default=None),
        "assessed": any(one.contents["finished"] == "yes" for one in assessments(file_id)),
        "risk": risk.level if risk else "",
        "surely_child": born is not None and rules.is_surely_child(born, pack=pack, day=day),
        "died": death_of(file_id) is not None,
    }  # fmt: skip


def _discussion(entry: OpenEntry) -> rules.Discussion:
    closure = entry.fact("closure")
    on = closure.get("discussed_on")
    return rules.Discussion(
        on=date.fromisoformat(on) if on else None, child_view=closure.get("child_view", ""),
        knows_how_to_return=closure.get("knows_how_to_return") == "yes", objection=closure.get("objection", ""),
    )  # fmt: skip


def _pack(entry: OpenEntry) -> Pack:
    """The pack of the form that was sent, though it may tell of an earlier day."""
    return pack_at(entry.file_id, entry.received_at)


KINDS = (
    Kind("closure.request", apply=apply_request, unmet=missing_for_request, amendable=False, needs_base=True),
    Kind("closure.answer", apply=apply_answer, unmet=missing_for_answer, action="agree", amendable=False, needs_base=True),
    Kind("closure.closure", apply=apply_closure, unmet=missing_for_closure, amendable=False, needs_base=True),
    Kind("closure.without_talk", apply=apply_closure, unmet=missing_for_closure, amendable=False, needs_base=True),
    Kind(
        "closure.reopening", apply=apply_reopening, unmet=missing_for_reopening,
        amendable=False, needs_base=True, while_closed=True,
    ),
    *AROUND_THE_END,
    *TRANSFER,
)  # fmt: skip
