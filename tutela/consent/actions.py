"""Explaining, asking, taking back, deciding with a supervisor, and acting at once when waiting would harm."""

from collections.abc import Iterable, Sequence

from tutela.cases.actions import end, make
from tutela.cases.entries import Kind, OpenEntry
from tutela.cases.models import Fact, child_id
from tutela.cases.queries import current_person
from tutela.consent.models import (
    Consent,
    Consultation,
    Explanation,
    MandatoryReport,
    NotAsked,
    Override,
    OverrideAnswer,
    ServicesDecided,
    UrgentAction,
    UrgentAnswer,
    Withdrawal,
    WithdrawalDecision,
)
from tutela.consent.people import is_marked
from tutela.consent.queries import disagreements, noes, override_waiting, standing, unanswered, withdrawals
from tutela.consent.rules import CHILD
from tutela.foundation.refusals import Unmet
from tutela.foundation.words import say

_SHARING = {"share_for_services", "tracing"}  # of the list consent_purpose
_WEIGHED = {"report_required_reported", "deferred_for_safety", "not_reported_best_interest"}


def missing_for_consent(entry: OpenEntry) -> Sequence[Unmet]:
    """A person who may not be told is not asked for consent; nobody says yes and no to one purpose."""
    person = current_person(entry.file_id, entry.about) if entry.about else None
    if person and is_marked(person):
        words = say(
            "This person carries a safety mark and is not asked for consent. "
            "Ask another adult, or act on the child’s best interests."
        )
        return [Unmet("safety_mark", words, "R109, R12; S2 §3.4-1")]
    told, missing = entry.fact("consent"), []
    if set(told.get("agreed", [])) & set(told.get("refused", [])):
        both = say("A purpose stands under both. Leave each under “Agrees to” or under “Says no to”.")
        missing.append(Unmet("both", both, "R7", "refused"))
    if not {"agreed", "refused"} & set(told) and told.get("not_able") != "yes":
        nothing = say("Choose what this person agrees to, or what they say no to.")
        missing.append(Unmet("nothing_said", nothing, "R7", "agreed"))
    if told.get("third_party") and _person(entry) == CHILD:
        own = say("This is the child’s own answer. Leave this empty, or write it down for the adult.")
        missing.append(Unmet("the_child", own, "R12", "third_party"))
    return missing


def apply_explanation(entry: OpenEntry) -> None:
    make(Explanation, entry, entry.fact("explanation"))


def apply_consent(entry: OpenEntry) -> None:
    """A person’s new word on consent stands in place of their last; the old one stays readable.

    A no to a purpose on which the new word is silent goes on being a no.
    """
    told = {**entry.fact("consent"), "person": _person(entry)}
    if before := _last_word(entry):
        answered = {*told.get("agreed", []), *told.get("refused", [])}
        if still := sorted(noes(before) - answered):
            told["still_no"] = still
    _end_of_person(NotAsked, entry)
    _end_of_person(Consent, entry)
    make(Consent, entry, told)


def apply_not_asked(entry: OpenEntry) -> None:
    _end_of_person(NotAsked, entry)
    make(NotAsked, entry, {**entry.fact("not_asked"), "person": _person(entry)})


def missing_for_withdrawal(entry: OpenEntry) -> Sequence[Unmet]:
    """Somebody takes back what they agreed to. Anything else that they do not want is a no, which is their answer."""
    last = _last_word(entry)
    agreed = set(last.contents.get("agreed", [])) if last else set()
    if set(entry.fact("withdrawal").get("purposes", [])) <= agreed:
        return []
    words = say("This person has not agreed to all of these. Leave out what they did not agree to.")
    if not agreed:
        words = say(
            "This person has agreed to nothing so far. Write down their no as their answer on consent."
        )
    return [Unmet("not_agreed", words, "R13", "purposes")]


def apply_withdrawal(entry: OpenEntry) -> None:
    """What was taken back no longer counts as agreed; the rest of what the person said stands as it stood."""
    taken = entry.fact("withdrawal")
    make(Withdrawal, entry, {**taken, "person": _person(entry)})
    if (last := _last_word(entry)) is None:
        return
    told = last.contents
    left = [one for one in told.get("agreed", []) if one not in taken["purposes"]]
    asked = {"entry": str(last.given_in), "on": last.given_on.isoformat(), "form": last.asked_with}
    _end_of_person(Consent, entry)
    withdrawn = [*told.get("withdrawn", []), *taken["purposes"]]
    make(Consent, entry, {**told, "agreed": left, "withdrawn": withdrawn, "asked": asked})


def missing_for_withdrawal_decision(entry: OpenEntry) -> Sequence[Unmet]:
    """There is a withdrawal to decide on, and somebody else wrote it down."""
    return _waiting(entry, [one for one in withdrawals(entry.file_id) if one.decision_id is None])


def apply_withdrawal_decision(entry: OpenEntry) -> None:
    """One decision is for everything that was taken back and waits."""
    waiting = [one.id for one in withdrawals(entry.file_id) if one.decision_id is None]
    decision = make(WithdrawalDecision, entry, entry.fact("withdrawal_decision"))
    Withdrawal.objects.filter(id__in=waiting).update(decision=decision)


def missing_for_services(entry: OpenEntry) -> Sequence[Unmet]:
    """Each service that has begun, or that none has."""
    if entry.facts.get("service_decided") or entry.fact("services_decided").get("none_begun") == "yes":
        return []
    words = say("Write down each service and what was decided with the child, or that none has begun.")
    return [Unmet("no_service", words, "R13", "services")]


def apply_services_decided(entry: OpenEntry) -> None:
    rows = entry.facts.get("service_decided", [])
    make(ServicesDecided, entry, {**entry.fact("services_decided"), "services": rows})


def missing_for_consultation(entry: OpenEntry) -> Sequence[Unmet]:
    """People are apart on a purpose, and it was somebody else who asked them (R8)."""
    if not disagreements(entry.file_id, day=entry.happened_on):
        return [Unmet("nothing_waiting", say("Nobody is apart on a purpose without an answer."), "R8")]
    return _own(entry, standing(entry.file_id).values())


def apply_consultation(entry: OpenEntry) -> None:
    """The answer is for every purpose on which anybody is apart, by what each of them had said until then."""
    said = list(standing(entry.file_id).values())
    yes = {purpose for one in said for purpose in one.contents.get("agreed", [])}
    no = {purpose for one in said for purpose in noes(one)}
    heard = {"entries": sorted(str(one.entry_id) for one in said), "purposes": sorted(yes & no)}
    end(Consultation, entry)
    make(Consultation, entry, entry.fact("consultation") | heard)


def missing_for_override(entry: OpenEntry) -> Sequence[Unmet]:
    """With whom it would be shared, which is never an authority; and one at a time (R11, R42)."""
    told, missing = entry.fact("override"), []
    recipients = told.get("recipients", [])
    if _SHARING & set(told.get("purposes", [])) and not recipients:
        missing.append(Unmet("no_recipient", say("Say with whom it would be shared."), "R11", "recipients"))
    if "authorities" in recipients:
        words = say(
            "Authorities are told by consent, by an urgent action or by a decision on reporting. "
            "Leave them out here."
        )
        missing.append(Unmet("authorities", words, "R42, R77", "recipients"))
    if override_waiting(entry.file_id):
        waits = say("Your supervisor has not answered the last one yet. Ask them, then write the next.")
        missing.append(Unmet("waiting", waits, "R11"))
    return missing


def apply_override(entry: OpenEntry) -> None:
    make(Override, entry, entry.fact("override"))


def missing_for_override_answer(entry: OpenEntry) -> Sequence[Unmet]:
    """There is a wish to go on without consent, and it is somebody else's."""
    waiting = override_waiting(entry.file_id)
    return _waiting(entry, [waiting] if waiting else [])


def apply_override_answer(entry: OpenEntry) -> None:
    if waiting := override_waiting(entry.file_id):
        answer = make(OverrideAnswer, entry, entry.fact("override_answer"))
        Override.objects.filter(id=waiting.id).update(answer=answer)


def missing_for_report(entry: OpenEntry) -> Sequence[Unmet]:
    """In the order of R77: the supervisor and the risks before the decision, which has a name and a reason."""
    told, answers = entry.fact("mandatory_report"), entry.answers
    if told.get("decision") not in _WEIGHED:
        return []
    needed = (
        ("consulted_on", say("Talk with your supervisor first, then decide. Enter the day of your talk.")),
        ("risks", say("Look at where a report may do harm before it is decided.")),
        ("decided_by", say("Say who decided, by name and function.")),
        ("rationale", say("Say why. It stands in the confidential part.")),
    )
    return [
        Unmet("needed", words, "R77; S2 Annex 2", name) for name, words in needed if not answers.get(name)
    ]


def apply_report(entry: OpenEntry) -> None:
    end(MandatoryReport, entry)
    make(MandatoryReport, entry, entry.fact("mandatory_report"))


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


def ask_anew(entry: OpenEntry) -> None:
    """When a case is opened again: what was agreed, refused, overridden or decided before is asked for anew (R55)."""
    for model in (Consent, NotAsked, Withdrawal, Consultation, Override, MandatoryReport):
        end(model, entry)


def _person(entry: OpenEntry) -> str:
    return CHILD if entry.about in (None, child_id(entry.file_id)) else str(entry.about)


def _last_word(entry: OpenEntry) -> Consent | None:
    return standing(entry.file_id).get(_person(entry))


def _end_of_person(model: type[Fact], entry: OpenEntry) -> None:
    """End what stands of a kind about the person of `entry`."""
    rows = model.objects.filter(file_id=entry.file_id, ended_by__isnull=True)  # type: ignore[attr-defined]
    end(model, entry, id__in=[fact.id for fact in rows if fact.contents["person"] == _person(entry)])


def _waiting(entry: OpenEntry, facts: Sequence[Fact]) -> Sequence[Unmet]:
    if not facts:
        return [Unmet("nothing_waiting", say("Nothing of this kind waits for an answer."), "R11, R13")]
    return _own(entry, facts)


def _own(entry: OpenEntry, facts: Iterable[Fact]) -> Sequence[Unmet]:
    """Nobody answers what they wrote or did themselves."""
    if any({entry.by_id, entry.done_by_id} & {one.entry.by_id, one.entry.done_by_id} for one in facts):
        words = say("You wrote this yourself. Another supervisor answers.")
        return [Unmet("own_action", words, "R8, R11, R13")]
    return []


KINDS = (
    Kind("consent.explanation", apply=apply_explanation),
    Kind("consent.consent", apply=apply_consent, unmet=missing_for_consent, amendable=False),
    Kind("consent.not_asked", apply=apply_not_asked, amendable=False),
    Kind(
        "consent.withdrawal",
        apply=apply_withdrawal,
        unmet=missing_for_withdrawal,
        amendable=False,
        while_closed=True,
    ),
    Kind(
        "consent.withdrawal_decision",
        apply=apply_withdrawal_decision,
        unmet=missing_for_withdrawal_decision,
        action="agree",
        amendable=False,
        needs_base=True,
        while_closed=True,
    ),
    Kind(
        "consent.services_decided",
        apply=apply_services_decided,
        unmet=missing_for_services,
        amendable=False,
        while_closed=True,
    ),
    Kind(
        "consent.consultation",
        apply=apply_consultation,
        unmet=missing_for_consultation,
        action="agree",
        amendable=False,
        needs_base=True,
        while_closed=True,
    ),
    Kind("consent.override", apply=apply_override, unmet=missing_for_override, amendable=False),
    Kind(
        "consent.override_answer",
        apply=apply_override_answer,
        unmet=missing_for_override_answer,
        action="agree",
        amendable=False,
        needs_base=True,
        while_closed=True,
    ),
    Kind(
        "consent.mandatory_report",
        apply=apply_report,
        unmet=missing_for_report,
        amendable=False,
        continues=True,
    ),
    Kind("consent.urgent_action", apply=apply_urgent_action, while_closed=True, or_action="agree"),
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
