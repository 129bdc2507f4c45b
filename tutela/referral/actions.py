"""Asking a service, and writing down what came of it. A referral is never corrected: what is new is a new entry."""

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from tutela.access.barriers import barred_names, bars
from tutela.access.deciding import Action
from tutela.cases.actions import make
from tutela.cases.entries import Kind, OpenEntry
from tutela.cases.queries import agency_id_of, case_of
from tutela.consent.queries import SHARE, TRACING, Basis
from tutela.forms.definition import in_language
from tutela.foundation.refusals import Unmet
from tutela.foundation.words import Words, say
from tutela.protocols.packs import Pack
from tutela.published.queries import pack_in_force
from tutela.referral.models import (
    Cancellation,
    Referral,
    ReferralAnswer,
    ReferralOutcome,
    ServiceGap,
    SharedWithoutBasis,
    SharingWord,
)
from tutela.referral.packet import chosen, offer, seal_packet
from tutela.referral.queries import Course, basis_on, referrals, waiting_for_word_on, was_refused
from tutela.referral.receiving import sent_to
from tutela.service_directory.queries import KnownService, service_called

_CONSENT = frozenset({"consent", "assent"})
_LOOKS_FOR_FAMILY = "tracing"  # of the list service_kind


def missing_for_referral(entry: OpenEntry) -> Sequence[Unmet]:
    """A basis to share with this service, and no safety concern about it. What is urgent rests on its urgent action."""
    if missing := missing_for_done(entry):
        return missing
    if barred := _barred(entry):
        return [barred]
    service, recipient = _service(entry), _recipient(entry)
    basis = _basis(entry, recipient)
    if basis is None:
        return [Unmet("no_basis", _no_basis(entry, recipient), "R42, R11; S2 §3.4-4", "provider")]
    if service and service.concern and basis.kind in _CONSENT:
        words = say(
            "Do not refer here for now: {reason} Choose another service. Where life or safety cannot wait, "
            "write down an urgent action first.",
            reason=f"{service.concern.reason.rstrip('.')}.",
        )
        return [Unmet("safety_concern", words, "R123", "provider")]
    return []


def _barred(entry: OpenEntry) -> Unmet | None:
    """A barrier stands between this agency and whoever is asked, going by the name, or by whose service it is (R105)."""
    service, told = _service(entry), str(entry.fact("referral").get("provider", ""))
    own, day = agency_id_of(entry.file_id), entry.happened_on
    asked = f"{told} {service.words} {service.told.get('organisation', '')}" if service else told
    offered_by = service.told.get("agency") if service else None
    by_name = any(name in asked.casefold() for name in barred_names(own, day))
    if by_name or (offered_by and bars(own, UUID(offered_by), day)):
        words = say("Nothing of this file may go to this organisation. Choose another service.")
        return Unmet("kept_apart", words, "R105; S1 2.4", "provider")
    return None


def missing_for_done(entry: OpenEntry) -> Sequence[Unmet]:
    """What kind of organisation it is, so that everybody's wishes can be looked at."""
    if _recipient(entry):
        return []
    words = say("This service is not in the directory. Choose what kind of organisation it is.")
    return [Unmet("kind_needed", words, "R9, R42", "recipient")]


def give_referral(entry: OpenEntry) -> Mapping[str, str]:
    """What stood when the service was asked: what the directory said, the basis, and the packet exactly as told."""
    told, pack = entry.fact("referral"), _pack(entry)
    offered = offer(entry.file_id, about=entry.about, pack=pack, day=entry.happened_on)
    packet = chosen(offered, told.get("share", []), need=told["need"], action=told.get("action", ""))
    return {**give_done(entry), "packet": seal_packet(packet, file_id=entry.file_id, entry_id=entry.id)}


def give_done(entry: OpenEntry) -> Mapping[str, str]:
    """What stood when the service was asked, but for the packet."""
    service, recipient, told = _service(entry), _recipient(entry), entry.fact("referral")
    basis = _basis(entry, recipient)
    return {
        "provider": service.words if service else told["provider"],
        "service": str(service.id) if service else "",
        "sector": service.told["sector"] if service else told.get("sector", ""),
        "recipient": recipient,
        "purpose": _purpose(entry),
        "basis": basis.kind if basis else "",
        "basis_entries": " ".join(map(str, basis.entries)) if basis else "",
        "type": "in_case" if case_of(entry.file_id) else "stand_alone",
    }


def apply_referral(entry: OpenEntry) -> None:
    """A service was asked. Where it was done already without a basis, that waits for the supervisor's word."""
    given = {name: value for name, value in entry.given.items() if name != "packet"}
    done = entry.form.code == "referral.done"
    referral = make(Referral, entry, {**entry.fact("referral"), **given, "done": done})
    if not given["basis"]:
        make(SharedWithoutBasis, entry, {}, referral=referral)


def missing_for_word(entry: OpenEntry) -> Sequence[Unmet]:
    """There is something to answer, and somebody else told it."""
    waiting = waiting_for_word_on([entry.file_id])
    if not waiting:
        return [Unmet("nothing_waiting", say("Nothing that was shared waits for your word."), "R42")]
    if any({entry.by_id, entry.done_by_id} & {one.entry.by_id, one.entry.done_by_id} for one in waiting):
        return [Unmet("own_action", say("You told it yourself. Another supervisor answers."), "R42")]
    return []


def apply_word(entry: OpenEntry) -> None:
    """One word answers everything on this file that waits for it."""
    word = make(SharingWord, entry, entry.fact("sharing_word"))
    waiting = [one.id for one in waiting_for_word_on([entry.file_id])]
    SharedWithoutBasis.objects.filter(id__in=waiting).update(word=word)


def apply_gap(entry: OpenEntry) -> None:
    make(ServiceGap, entry, entry.fact("service_gap"))


_Find = Callable[[OpenEntry, str, Callable[[Course], bool]], Course | Unmet]


def _followed(
    form: str, model: type, record: str, still: Callable[[Course], bool], *, find: _Find | None = None,
    action: Action = "write",
) -> Kind:  # fmt: skip
    """A form that says something new of one referral: the one that was chosen, or the only one that is open."""
    which = find or _which

    def missing(entry: OpenEntry) -> Sequence[Unmet]:
        found = which(entry, record, still)
        return [found] if isinstance(found, Unmet) else []

    def give(entry: OpenEntry) -> Mapping[str, str]:
        found = which(entry, record, still)
        return {} if isinstance(found, Unmet) else {"referral": str(found.referral.id)}

    def apply(entry: OpenEntry) -> None:
        make(model, entry, entry.fact(record), referral_id=UUID(entry.given["referral"]))

    return Kind(
        form,
        apply=apply,
        unmet=missing,
        give=give,
        action=action,
        amendable=False,
        while_closed=action == "write",
    )


def _received(entry: OpenEntry, record: str, still: Callable[[Course], bool]) -> Course | Unmet:
    """The referral that was sent to whoever writes: of all others on the file they know nothing (§20)."""
    which = str(entry.fact(record).get("which", ""))
    if entry.by_id != entry.done_by_id:
        return Unmet(
            "not_yours", say("You answer for yourself, and for nobody else."), "R41, R112", "done_by"
        )
    meant = [one for one in sent_to(entry) if still(one) and which in ("", one.words)]
    words = say("This referral is not open to you any more. Call whoever asked you.")
    return meant[-1] if meant else Unmet("not_open", words, "R41, R42")


def _which(entry: OpenEntry, record: str, still: Callable[[Course], bool]) -> Course | Unmet:
    which, asked = str(entry.fact(record).get("which", "")), referrals(entry.file_id)
    if which:
        meant = [one for one in asked if one.words == which and one.stage != "cancelled"]
        words = say("Choose one of the services that were asked on this file and not cancelled.")
        return meant[-1] if meant else Unmet("unknown_referral", words, "R41", "which")
    open_ones = [one for one in asked if still(one)]
    if len(open_ones) == 1:
        return open_ones[0]
    if open_ones:
        return Unmet("which", say("Several services were asked. Choose which one."), "R41", "which")
    return Unmet("nothing_asked", say("No service is asked on this file. Ask one first."), "R41")


def _no_basis(entry: OpenEntry, recipient: str) -> Words:
    """What to do where nothing may be shared: somebody said no, or nobody was asked."""
    whom, purpose = _label(_pack(entry), "withhold_from", recipient), _purpose(entry)
    if was_refused(entry.file_id, recipient, day=entry.happened_on, purpose=purpose):
        return say(
            "Somebody asked not to share with: {whom}. Talk it over with them, or choose another service. "
            "Where life or safety cannot wait, write down an urgent action first; it never waits.",
            whom=whom,
        )
    if purpose == TRACING:
        return say(
            "Nobody has agreed yet to share information to find family with: {whom}. Ask for that consent; "
            "the one to share for services is another. "
            "Where life or safety cannot wait, write down an urgent action first; it never waits. "
            "If you told them already, write “Already asked by phone or in person”.",
            whom=whom,
        )
    return say(
        "Nobody has agreed yet to share with: {whom}. Ask for consent to share for services. "
        "Where life or safety cannot wait, write down an urgent action first; it never waits. "
        "If you told them already, write “Already asked by phone or in person”.",
        whom=whom,
    )


def _basis(entry: OpenEntry, recipient: str) -> Basis | None:
    """On what this service may be told something."""
    return basis_on(
        entry.file_id,
        recipient=recipient,
        about=entry.about,
        day=entry.happened_on,
        purpose=_purpose(entry),
    )


def _purpose(entry: OpenEntry) -> str:
    """For what something is told: whoever looks for family is told with another consent than other services (R7)."""
    service = _service(entry)
    return TRACING if service and service.told.get("kind") == _LOOKS_FOR_FAMILY else SHARE


def _service(entry: OpenEntry) -> KnownService | None:
    return service_called(entry.fact("referral")["provider"], agency_id=agency_id_of(entry.file_id))


def _recipient(entry: OpenEntry) -> str:
    """What kind of organisation it is: as the directory knows it, or as was said."""
    service = _service(entry)
    return str(service.told["recipient"] if service else entry.fact("referral").get("recipient", ""))


def _pack(entry: OpenEntry) -> Pack:
    return pack_in_force(agency_id_of(entry.file_id), entry.happened_on)


def _label(pack: Pack, vocabulary: str, code: str) -> str:
    labels = {term.code: in_language(term.label, "en") for term in pack.vocabulary(vocabulary).terms}
    return labels.get(code, code)


KINDS = (
    Kind(
        "referral.referral",
        apply=apply_referral,
        unmet=missing_for_referral,
        give=give_referral,
        amendable=False,
    ),
    Kind(
        "referral.done",
        apply=apply_referral,
        unmet=missing_for_done,
        give=give_done,
        amendable=False,
        while_closed=True,
    ),
    _followed("referral.answer", ReferralAnswer, "referral_answer", lambda one: one.is_under_way),
    _followed("referral.outcome", ReferralOutcome, "referral_outcome", lambda one: not one.is_settled),
    _followed("referral.cancel", Cancellation, "referral_cancel", lambda one: one.is_under_way),
    _followed(
        "referral.service_answer",
        ReferralAnswer,
        "referral_answer",
        lambda one: one.is_under_way,
        find=_received,
        action="answer_referral",
    ),
    _followed(
        "referral.service_outcome",
        ReferralOutcome,
        "referral_outcome",
        lambda one: not one.is_settled,
        find=_received,
        action="answer_referral",
    ),
    Kind("referral.gap", apply=apply_gap, amendable=False),
    Kind(
        "referral.word",
        apply=apply_word,
        unmet=missing_for_word,
        action="agree",
        amendable=False,
        needs_base=True,
        while_closed=True,
    ),
)
