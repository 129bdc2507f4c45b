"""Questions about consent: what each person said, how a purpose stands by it, and on what information may be shared."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tutela.cases.facts import current, last
from tutela.cases.models import child_id
from tutela.cases.queries import agency_id_of, child_of, people_around
from tutela.consent.models import (
    Consent,
    Consultation,
    Explanation,
    MandatoryReport,
    NotAsked,
    Override,
    ServicesDecided,
    UrgentAction,
    Withdrawal,
)
from tutela.consent.people import ages_of, caregivers, is_marked
from tutela.consent.rules import (
    CHILD as CHILD,
)
from tutela.consent.rules import (
    Answer,
    ConsentBand,
    Said,
    Stands,
    apart,
    ask_again,
    stands,
    who_consents,
    withheld_from,
)
from tutela.foundation.clock import days_after
from tutela.foundation.remembering import once
from tutela.foundation.words import Words
from tutela.protocols.packs import rule_on
from tutela.published.queries import form_version, pack_in_force
from tutela.vault import sealing

SHARE, TRACING = "share_for_services", "tracing"  # of the list consent_purpose
_AUTHORITIES = "authorities"  # of the list withhold_from
_DECIDED_TO_REPORT = "report_required_reported"  # of the list mandatory_decision
_UNDECIDED = ("", "pending_senior")
_WAITS = ("no_stands", "talk_again")  # of the list consultation_answer


@once
def standing(file_id: UUID) -> dict[str, Consent]:
    """The last word of each person on this file: person id, or `child` → consent."""
    said = current(Consent, file_id)
    return {fact.contents["person"]: fact for fact in said}


def standing_of(file_ids: Iterable[UUID]) -> dict[UUID, dict[str, Consent]]:
    """The last word of each person on many files, in one query; their keys are fetched in one go."""
    found: dict[UUID, dict[str, Consent]] = {file_id: {} for file_id in file_ids}
    sealing.fetch_keys(found, seal_classes=["case"])
    current = Consent.objects.filter(file_id__in=found, ended_by__isnull=True).select_related("entry")
    for fact in current:
        found[fact.file_id][fact.contents["person"]] = fact
    return found


def holds(consent: Consent, *, day: date) -> bool:
    """Whether what somebody agreed to still counts on `day` (R9)."""
    return consent.until is None or consent.until >= day


@once
def not_asked(file_id: UUID) -> dict[str, NotAsked]:
    """Who was not asked, and why (R8): person id, or `child` → the reason."""
    left_out = current(NotAsked, file_id)
    return {fact.contents["person"]: fact for fact in left_out}


def answer_of(consent: Consent, purpose: str, *, day: date) -> Answer:
    """What somebody says to a purpose on `day`, as a code of `consent_answer`; empty where they did not answer.

    A no does not run out with the day until which a yes holds, nor with a later word that is silent on the purpose.
    """
    if purpose in noes(consent):
        return "withdrawn" if purpose in consent.contents.get("withdrawn", []) else "refused"
    if purpose in consent.contents.get("agreed", []):
        return "given" if holds(consent, day=day) else "expired"
    return ""


def needed_on(file_id: UUID, *, day: date) -> tuple[ConsentBand, ...]:
    """What is asked of the child and of the caregiver on `day`: both bands where a rough age crosses them (R8, R16)."""
    situations = {code for one in explanations(file_id) for code in one.contents.get("situation", [])}
    pack = pack_in_force(agency_id_of(file_id), day)
    return who_consents(ages_of(child_of(file_id), day=day), situations=situations, pack=pack, day=day)


@dataclass(frozen=True)
class Voices:
    """Everybody whose word counts for a child on a day. Whoever carries a safety mark has none (R109)."""

    said: dict[str, Consent]
    caregivers: frozenset[str]
    needed: tuple[ConsentBand, ...]
    consultation: Consultation | None
    day: date

    def on(self, purpose: str) -> list[Said]:
        """What each of them says to a purpose."""
        return [
            Said(
                who, answer_of(one, purpose, day=self.day), caregiver=who in self.caregivers,
                in_place=bool(one.contents.get("third_party")), able=one.contents.get("not_able") != "yes",
            )
            for who, one in self.said.items()
        ]  # fmt: skip

    def stands(self, purpose: str, *, recipient: str = "") -> Stands:
        """How a purpose stands; towards a recipient, whoever excludes them says no."""
        told = [
            withheld_from(
                one, excluded=recipient in self.said[one.who].contents.get("recipients_excluded", [])
            )
            for one in self.on(purpose)
        ]
        found = stands(told, self.needed)
        return Stands("waits") if found.outcome == "agreed" and self._held_back(purpose) else found

    def _held_back(self, purpose: str) -> bool:
        """Whether people are apart, and the supervisor said that nothing goes on for this purpose until they are not."""
        answer = self.consultation.contents if self.consultation else {"answer": "", "purposes": []}
        return answer["answer"] in _WAITS and purpose in answer["purposes"] and bool(apart(self.on(purpose)))

    def waiting_on(self, purposes: Iterable[str]) -> set[str]:
        """Those of them that the supervisor has not answered since somebody spoke last."""
        heard = set(self.consultation.contents["entries"]) if self.consultation else set()
        return {
            purpose
            for purpose in purposes
            if {str(self.said[who].entry_id) for who in apart(self.on(purpose))} - heard
        }


@once
def voices(file_id: UUID, *, day: date) -> Voices:
    """Everybody whose word counts on this file on `day`."""
    people = {str(one.person_id): one for one in people_around(file_id) if not is_marked(one)}
    said = {who: one for who, one in standing(file_id).items() if who == CHILD or who in people}
    caring = caregivers(people.values(), file_id=file_id, day=day)
    return Voices(
        said, frozenset(str(one.person_id) for one in caring), needed_on(file_id, day=day),
        last_consultation(file_id), day,
    )  # fmt: skip


def disagreements(file_id: UUID, *, day: date) -> set[str]:
    """The purposes on which people said different things and the supervisor has not answered (R8)."""
    heard = voices(file_id, day=day)
    return heard.waiting_on({one for said in heard.said.values() for one in said.contents.get("agreed", [])})


def files_apart(file_ids: Iterable[UUID]) -> dict[UUID, Consent]:
    """On which of these files people are apart without an answer, each with the word that was given last (R8).

    One query finds where somebody says yes and somebody no; only those files are looked at closely.
    """
    words: dict[UUID, list[Consent]] = {}
    current = Consent.objects.filter(file_id__in=list(file_ids), ended_by__isnull=True)
    for one in current.select_related("entry__done_by").order_by("entry__revision"):
        words.setdefault(one.file_id, []).append(one)
    several = {file_id: said for file_id, said in words.items() if len(said) > 1}
    sealing.fetch_keys(list(several), seal_classes=["case"])
    return {
        file_id: said[-1]
        for file_id, said in several.items()
        if _yes_and_no(said) and disagreements(file_id, day=said[-1].entry.happened_on)
    }


def _yes_and_no(said: Iterable[Consent]) -> bool:
    yes = {purpose for one in said for purpose in one.contents.get("agreed", [])}
    return any(yes & noes(one) for one in said)


def noes(consent: Consent) -> set[str]:
    """The purposes to which somebody says no, whether asked, asked before or after taking their yes back."""
    told = consent.contents
    return {one for kind in ("refused", "withdrawn", "still_no") for one in told.get(kind, [])}


@once
def last_consultation(file_id: UUID) -> Consultation | None:
    """What the supervisor answered last where people did not agree."""
    return last(current(Consultation, file_id))


@dataclass(frozen=True)
class Basis:
    """On what something is shared: a code of `consent_basis` or `urgent_basis`, and the entries that say so (R42)."""

    kind: str
    entries: tuple[UUID, ...]
    withheld: tuple[str, ...] = ()  # what people asked not to share, in their words


def basis_for_sharing(
    file_id: UUID, *, recipient: str, day: date, about: UUID | None = None, purpose: str = SHARE
) -> Basis | None:
    """On what information on this file may be shared with `recipient` (a code of the list `withhold_from`), or None.

    It rests on consent to share for this purpose that still counts (R7), of the person it is `about` (an adult consents for
    herself, R42), or else of the child and a caregiver as the age of the child asks for it, where the child has not said no
    (R8). Somebody who excludes this recipient says no to it. Without consent it rests on a decision to report, towards
    authorities only (R77); on an override that the supervisor agreed to (R11), towards anybody else; or on what was done
    at once for life or safety, for the days that the pack says and while the supervisor does not disagree (R11).
    """
    heard = voices(file_id, day=day)
    withheld = tuple(filter(None, (one.contents.get("withheld", "") for one in heard.said.values())))
    if about is not None and about != child_id(file_id):
        entries = _own_consent(heard, str(about), recipient, purpose)
    else:
        entries = tuple(
            heard.said[who].given_in for who in heard.stands(purpose, recipient=recipient).rests_on
        )
    if entries:
        return Basis("consent", entries, withheld)
    if recipient == _AUTHORITIES:
        entry = _decision_to_report(file_id)
        kind = "mandatory_law"
    else:
        entry = _override(file_id, recipient, purpose, day)
        kind = "best_interests_override"
    if entry:
        return Basis(kind, (entry,), withheld)
    urgent = _urgent(file_id, day)
    return Basis(urgent.contents["basis"], (urgent.entry_id,), withheld) if urgent else None


def _own_consent(heard: Voices, person: str, recipient: str, purpose: str) -> tuple[UUID, ...]:
    own = heard.said.get(person)
    if own is None or recipient in own.contents.get("recipients_excluded", []):
        return ()
    return (own.given_in,) if answer_of(own, purpose, day=heard.day) == "given" else ()


def _decision_to_report(file_id: UUID) -> UUID | None:
    report = mandatory_report(file_id)
    return report.entry_id if report and report.contents.get("decision") == _DECIDED_TO_REPORT else None


def _override(file_id: UUID, recipient: str, purpose: str, day: date) -> UUID | None:
    for one in overrides(file_id):
        until = one.contents.get("until", "")
        if (
            counts(one) and purpose in one.contents["purposes"]
            and recipient in one.contents.get("recipients", []) and (not until or until >= day.isoformat())
        ):  # fmt: skip
            return one.entry_id
    return None


def _urgent(file_id: UUID, day: date) -> UrgentAction | None:
    rule = rule_on("consent.urgent.covers", day=day, pack=pack_in_force(agency_id_of(file_id), day))
    for one in urgent_actions(file_id):
        stopped = one.answer is not None and one.answer.contents["answer"] == "disagree"
        if not stopped and day <= days_after(one.entry.happened_on, rule.number):
            return one
    return None


@once
def overrides(file_id: UUID) -> list[Override]:
    """Every wish to go on without consent, answered or not, the newest first (R11)."""
    return current(Override, file_id, beside=["answer__entry"])[::-1]


def counts(override: Override) -> bool:
    """Whether the supervisor agreed to it."""
    return override.answer is not None and override.answer.contents["agreed"] == "yes"


def override_waiting(file_id: UUID) -> Override | None:
    """The override that the supervisor has not answered."""
    return next((one for one in overrides(file_id) if one.answer_id is None), None)


def mandatory_report(file_id: UUID) -> MandatoryReport | None:
    """Where the decision on a duty to report stands (R77); None where nobody has looked at it."""
    return last(current(MandatoryReport, file_id))


def report_undecided(file_id: UUID) -> bool:
    """Whether a duty to report was looked at and nothing is decided yet; waiting for senior management is not decided."""
    report = mandatory_report(file_id)
    return report is not None and report.contents.get("decision", "") in _UNDECIDED


@once
def withdrawals(file_id: UUID) -> list[Withdrawal]:
    """Everything that was taken back since the file was last opened, the oldest first (R13)."""
    return current(Withdrawal, file_id, beside=["decision__entry"])


def withdrawn_since(file_id: UUID, revision: int = 0) -> list[Withdrawal]:
    """What was taken back after `revision` of the file, the oldest first: for whoever lists services under way (R13).

    Each has `contents["person"]` (`child` or a person id), `contents["purposes"]`, and its entry with day and author.
    """
    return [one for one in withdrawals(file_id) if one.entry.revision > revision]


def services_to_decide(file_id: UUID) -> list[Withdrawal]:
    """Withdrawals after which nobody has gone through the services with the child yet (R13)."""
    decided = last(services_decided(file_id))
    return withdrawn_since(file_id, decided.entry.revision if decided else 0)


def services_decided(file_id: UUID) -> list[ServicesDecided]:
    """What was decided with the child about services after withdrawals, the oldest first."""
    return current(ServicesDecided, file_id)


def asked_again(file_id: UUID, *, day: date) -> dict[str, list[Words]]:
    """Who answered and is asked anew on `day`, each with why (R13): person id, or `child` → reasons.

    Worked out on the day; nothing is stored ahead (R128). Nobody with a safety mark is asked (R109).
    """
    child, pack = child_of(file_id), pack_in_force(agency_id_of(file_id), day)
    involved = {CHILD, *(str(one.person_id) for one in people_around(file_id) if not is_marked(one))}

    def bands(when: date) -> list[str]:
        return [one.band for one in who_consents(ages_of(child, day=when), pack=pack, day=day)]

    found = {
        who: ask_again(
            ended=not holds(one, day=day),
            bands_then=bands(one.given_on) if who == CHILD else (), bands_now=bands(day),
            offered=_offered(one), now=pack.vocabulary("consent_purpose").codes,
        )
        for who, one in standing(file_id).items()
        if who in involved
    }  # fmt: skip
    return {who: why for who, why in found.items() if why}


def _offered(consent: Consent) -> list[str]:
    """The purposes that stood on the page when somebody was asked."""
    lists = (one for one in form_version(consent.asked_with).questions if one.list == "consent_purpose")
    return [option.code for question in lists for option in question.options]


@once
def explanations(file_id: UUID) -> list[Explanation]:
    """Every explanation as last corrected, the oldest first: what one of them is silent on, an earlier one may say."""
    return current(Explanation, file_id)


def explained(file_id: UUID) -> Explanation | None:
    """The last explanation, or None where nothing was explained yet."""
    return next(reversed(explanations(file_id)), None)


def not_to_be_told(file_id: UUID) -> list[str]:
    """Whom the child asked not to tell, in the words of each explanation; a later one that is silent takes nothing back."""
    return list(
        dict.fromkeys(filter(None, (one.contents.get("do_not_tell") for one in explanations(file_id))))
    )


def unanswered(file_id: UUID) -> list[UrgentAction]:
    """Urgent actions that the supervisor has not answered (R11)."""
    return [one for one in current(UrgentAction, file_id) if one.answer_id is None]


@once
def urgent_actions(file_id: UUID) -> list[UrgentAction]:
    """Everything that was done at once, answered or not, the newest first."""
    return current(UrgentAction, file_id, beside=["answer"])[::-1]
