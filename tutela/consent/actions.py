"""Explaining, asking, and acting at once when waiting would harm."""

from collections.abc import Sequence

from tutela.cases.actions import end, make
from tutela.cases.entries import Kind, OpenEntry
from tutela.cases.models import child_id
from tutela.cases.queries import current_person
from tutela.consent.models import Consent, Explanation, UrgentAction, UrgentAnswer
from tutela.consent.queries import unanswered
from tutela.consent.rules import NOT_ASKED_MARKS
from tutela.foundation.refusals import Unmet
from tutela.foundation.words import say


def missing_for_consent(entry: OpenEntry) -> Sequence[Unmet]:
    """A person who may not be told is not asked for consent."""
    person = current_person(entry.file_id, entry.about) if entry.about else None
    if person and NOT_ASKED_MARKS & set(person.contents.get("safety_mark", [])):
        words = say(
            "This person carries a safety mark and is not asked for consent. "
            "Ask another adult, or act on the child’s best interests."
        )
        return [Unmet("safety_mark", words, "R109, R12; S2 §3.4-1")]
    return []


def apply_explanation(entry: OpenEntry) -> None:
    make(Explanation, entry, entry.fact("explanation"))


def apply_consent(entry: OpenEntry) -> None:
    """A person’s new word on consent stands in place of their last; the old one stays readable."""
    before = [
        fact.id
        for fact in Consent.objects.filter(file_id=entry.file_id, ended_by__isnull=True)
        if fact.contents["person"] == _person(entry)
    ]
    end(Consent, entry, id__in=before)
    make(Consent, entry, {**entry.fact("consent"), "person": _person(entry)})


def apply_urgent_action(entry: OpenEntry) -> None:
    make(UrgentAction, entry, entry.fact("urgent_action"))


def missing_for_answer(entry: OpenEntry) -> Sequence[Unmet]:
    """There is something to answer, and it was somebody else who acted."""
    waiting = unanswered(entry.file_id)
    if not waiting:
        return [Unmet("nothing_waiting", say("No urgent action waits for an answer."), "R11")]
    if any(
        {entry.by_id, entry.done_by_id} & {action.entry.by_id, action.entry.done_by_id} for action in waiting
    ):
        return [Unmet("own_action", say("You acted yourself. Another supervisor answers."), "R11")]
    return []


def apply_urgent_answer(entry: OpenEntry) -> None:
    """One answer answers everything urgent that waits on this file."""
    answer = make(UrgentAnswer, entry, entry.fact("urgent_answer"))
    UrgentAction.objects.filter(id__in=[action.id for action in unanswered(entry.file_id)]).update(
        answer=answer
    )


def _person(entry: OpenEntry) -> str:
    return "child" if entry.about in (None, child_id(entry.file_id)) else str(entry.about)


KINDS = (
    Kind("consent.explanation", apply=apply_explanation),
    Kind("consent.consent", apply=apply_consent, unmet=missing_for_consent, amendable=False),
    Kind("consent.urgent_action", apply=apply_urgent_action, while_closed=True),
    Kind(
        "consent.urgent_answer",
        apply=apply_urgent_answer,
        unmet=missing_for_answer,
        action="agree",
        amendable=False,
        needs_base=True,
        while_closed=True,
    ),
)
