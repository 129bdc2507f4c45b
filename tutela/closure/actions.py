"""Asking, agreeing, talking it over, closing; and opening again (R51–R55)."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from tutela.assessment.actions import set_risk
from tutela.cases.actions import end, make
from tutela.cases.entries import Kind, OpenEntry
from tutela.cases.queries import agency_id_of, case_of
from tutela.closure import rules
from tutela.closure.models import Closure, ClosureAnswer, ClosureRequest, Reopening
from tutela.closure.queries import answer_to, is_closed, request_of, returned_answer
from tutela.closure.transfer import KINDS as TRANSFER
from tutela.consent.models import Consent
from tutela.foundation.refusals import Unmet
from tutela.foundation.words import say
from tutela.protocols.packs import Pack
from tutela.published.queries import pack_in_force


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
    asked = _asked(entry.fact("closure_request"), by=entry.by_id)
    return rules.missing_for_request(asked, pack=_pack(entry), day=entry.happened_on)


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
    missing += rules.missing_for_discussion(
        asked, _discussion(entry), pack=_pack(entry), day=entry.happened_on
    )
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
    return [] if is_closed(entry.file_id) else [Unmet("open", say("This case is open."), "R55")]


def apply_reopening(entry: OpenEntry) -> None:
    """Open the case again with the risk level as it is now; what was asked and agreed before no longer counts.

    Consent from before is asked for anew (R55).
    """
    end(Closure, entry)
    end(Consent, entry)
    end(ClosureRequest, entry)
    make(Reopening, entry, entry.fact("reopening"))
    set_risk(entry)


def _asked(request: dict[str, Any], *, by: UUID) -> rules.Request:
    """The facts of a request in the shape of the rules."""
    since = request.get("unreachable_since")
    return rules.Request(
        by=by, reason=request["reason"], justification=request["justification"],
        objectives_met=request.get("objectives_met") == "yes", safe=request.get("safe") == "yes",
        no_further_risk=request.get("no_further_risk") == "yes", stable=request.get("stable") == "yes",
        unreachable_since=date.fromisoformat(since) if since else None,
        declining_adult_suspected=request.get("declining_adult_suspected") == "yes",
        still_at_risk_at_18=request.get("still_at_risk_at_18", ""),
    )  # fmt: skip


def _discussion(entry: OpenEntry) -> rules.Discussion:
    closure = entry.fact("closure")
    on = closure.get("discussed_on")
    return rules.Discussion(
        on=date.fromisoformat(on) if on else None, child_view=closure.get("child_view", ""),
        knows_how_to_return=closure.get("knows_how_to_return") == "yes", objection=closure.get("objection", ""),
    )  # fmt: skip


def _pack(entry: OpenEntry) -> Pack:
    return pack_in_force(agency_id_of(entry.file_id), entry.happened_on)


KINDS = (
    Kind("closure.request", apply=apply_request, unmet=missing_for_request, amendable=False, needs_base=True),
    Kind("closure.answer", apply=apply_answer, unmet=missing_for_answer, action="agree", amendable=False, needs_base=True),
    Kind("closure.closure", apply=apply_closure, unmet=missing_for_closure, amendable=False, needs_base=True),
    Kind(
        "closure.reopening", apply=apply_reopening, unmet=missing_for_reopening,
        amendable=False, needs_base=True, while_closed=True,
    ),
    *TRANSFER,
)  # fmt: skip
