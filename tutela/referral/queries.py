"""Questions about referrals."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tutela.cases.entries import open_entry
from tutela.cases.facts import every
from tutela.cases.models import Entry
from tutela.consent.queries import SHARE, Basis, basis_for_sharing, holds, standing, withdrawn_since
from tutela.foundation.refusals import NotFound
from tutela.foundation.remembering import once
from tutela.intake.models import Registration
from tutela.protocols.packs import Pack
from tutela.referral.models import (
    Cancellation,
    Referral,
    ReferralAnswer,
    ReferralOutcome,
    ServiceGap,
    SharedWithoutBasis,
)
from tutela.referral.packet import open_packet
from tutela.referral.rules import UNDER_WAY, Stage, has_expired, is_settled, stage
from tutela.service_directory.queries import NotedGap
from tutela.vault import sealing

SERVICE_FORMS = (
    "referral.service_answer",
    "referral.service_outcome",
)  # written by whoever receives a referral here
_CONSENT = frozenset({"consent", "assent"})  # bases of the list consent_basis that a person can take back


@dataclass(frozen=True)
class Course:
    """A referral with everything that came after it, the oldest first."""

    referral: Referral
    answers: tuple[ReferralAnswer, ...]
    outcomes: tuple[ReferralOutcome, ...]
    cancelled: Cancellation | None

    @property
    def id(self) -> UUID:
        """The entry that asked."""
        return self.referral.entry_id

    @property
    def told(self) -> dict[str, Any]:
        """What was asked, of whom, and on which basis."""
        return self.referral.contents

    @property
    def provider(self) -> str:
        return str(self.told["provider"])

    @property
    def asked_on(self) -> date:
        return self.referral.entry.happened_on

    @property
    def words(self) -> str:
        """How this referral is told from another one: the service and the day."""
        return f"{self.provider} ({self.asked_on.isoformat()})"

    @property
    def answer(self) -> ReferralAnswer | None:
        """What the service said last."""
        return self.answers[-1] if self.answers else None

    @property
    def stage(self) -> Stage:
        """Where it stands."""
        told: list[ReferralAnswer | ReferralOutcome] = [*self.answers, *self.outcomes]
        events = [_code(one) for one in sorted(told, key=lambda one: one.entry.revision)]
        return stage(events, cancelled=self.cancelled is not None)

    @property
    def is_under_way(self) -> bool:
        """Whether the child waits for the service or receives it."""
        return self.stage in UNDER_WAY

    @property
    def rests_on_consent(self) -> bool:
        """Whether it rests on what a person can take back."""
        return self.told["basis"] in _CONSENT

    @property
    def purpose(self) -> str:
        """For which purpose something was told, as a code of the list consent_purpose (R7)."""
        return str(self.told.get("purpose", SHARE))

    @property
    def has_feedback(self) -> bool:
        """Whether somebody was asked how it was."""
        return any(one.contents.get("satisfied") for one in self.outcomes)

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left to do."""
        return is_settled(self.stage, feedback=self.has_feedback)

    @property
    def was_accompanied(self) -> bool:
        """Whether somebody went along at least once (R44)."""
        return any(
            one.contents.get("accompanied") in ("we_go_along", "trusted_person") for one in self.outcomes
        )

    def has_expired(self, *, pack: Pack, day: date) -> bool:
        """Whether nobody answered for too long."""
        return has_expired(self.stage, asked_on=self.asked_on, pack=pack, day=day)


def referrals_of(file_ids: Iterable[UUID]) -> dict[UUID, list[Course]]:
    """The referrals of many files, the oldest first, in a handful of queries; their keys are fetched in one go."""
    ids = list(file_ids)
    sealing.fetch_keys(ids, seal_classes=["case"])
    answers, outcomes = _by_referral(ReferralAnswer, ids), _by_referral(ReferralOutcome, ids)
    cancelled = _by_referral(Cancellation, ids)
    found: dict[UUID, list[Course]] = {file_id: [] for file_id in ids}
    for one in every(Referral, *ids):
        course = Course(
            one, tuple(answers[one.id]), tuple(outcomes[one.id]), next(iter(cancelled[one.id]), None)
        )
        found[one.file_id].append(course)
    return found


@once
def referrals(file_id: UUID) -> list[Course]:
    """The referrals of one file, the oldest first."""
    return referrals_of([file_id])[file_id]


def services_under_way(file_id: UUID) -> list[Course]:
    """Services that were asked and have neither said no nor ended: what withdrawing consent and closing must look at."""
    return [one for one in referrals(file_id) if one.is_under_way]


def referral_of(entry_id: UUID, *, file_id: UUID) -> Course:
    """One referral. Raises NotFound."""
    for one in referrals(file_id):
        if one.id == entry_id:
            return one
    raise NotFound


def packet_of(course: Course) -> dict[str, str]:
    """Exactly what the service was told, by the codes of the list packet_field; `told` where it was done already."""
    entry = open_entry(Entry.objects.get(id=course.id), classes=frozenset({"case", "identity"}))
    if kept := entry.given.get("packet"):
        return open_packet(kept, file_id=entry.file_id, entry_id=entry.id)
    return {"need": course.told["need"], "told": str(entry.answers.get("told", ""))}


def basis_on(file_id: UUID, *, recipient: str, about: UUID | None, day: date, purpose: str) -> Basis | None:
    """On what a service may be told something on `day`: a consent that came later is none for what was before (R42)."""
    basis = basis_for_sharing(file_id, recipient=recipient, day=day, about=about, purpose=purpose)
    if basis is None:
        return None
    earlier = Entry.objects.filter(id__in=basis.entries, happened_on__lte=day).exists()
    return basis if earlier or not basis.entries else None


def no_longer_agreed(file_id: UUID, courses: Iterable[Course], *, day: date) -> set[UUID]:
    """Those referrals under way that rest on consent which no longer stands, by their entries (R13, R42)."""
    resting = [one for one in courses if one.is_under_way and one.told["basis"] in _CONSENT]
    stands: dict[tuple[str, str, UUID | None], bool] = {}
    for one in resting:
        if _whom(one) not in stands:
            stands[_whom(one)] = consent_stands(one, day=day)
    return {one.id for one in resting if not stands[_whom(one)]}


def _whom(course: Course) -> tuple[str, str, UUID | None]:
    """What consent is asked for: all referrals that agree in this stand or fall together."""
    return course.purpose, course.told["recipient"], course.referral.entry.about


def was_refused(file_id: UUID, recipient: str, *, day: date, purpose: str) -> bool:
    """Whether somebody asked that nothing be shared with this kind of organisation, and that holds on `day` (R9)."""
    said = [one.contents for one in standing(file_id).values() if holds(one, day=day)]
    return any(
        recipient in one.get("recipients_excluded", []) or purpose in one.get("refused", []) for one in said
    )


def consent_stands(course: Course, *, day: date) -> bool:
    """Whether the consent on which a referral rests counts on `day`; one that rests on none does not wait for it (R13)."""
    if not course.rests_on_consent:
        return True
    basis = basis_for_sharing(
        course.referral.file_id,
        recipient=course.told["recipient"],
        day=day,
        about=course.referral.entry.about,
        purpose=course.purpose,
    )
    return basis is not None and basis.kind in _CONSENT


def consent_was_taken_back(course: Course, *, day: date) -> bool:
    """Whether somebody said no, or took their yes back, since a referral that rests on consent was sent (R13)."""
    file_id, purpose = course.referral.file_id, course.purpose
    since = withdrawn_since(file_id, course.referral.entry.revision)
    taken = any(purpose in one.contents["purposes"] for one in since)
    no = taken or was_refused(file_id, course.told["recipient"], day=day, purpose=purpose)
    return no and not consent_stands(course, day=day)


def heard_here(file_ids: Iterable[UUID], *, since: datetime) -> dict[UUID, Entry]:
    """What services answered here since a moment, on each of these files; the newest of each."""
    said = Entry.objects.filter(
        file_id__in=list(file_ids), received_at__gte=since, form_code__in=SERVICE_FORMS
    ).select_related("by")
    return {one.file_id: one for one in said.order_by("revision")}


def to_decide_with_the_child(file_id: UUID, courses: Iterable[Course], *, day: date) -> list[Course]:
    """Referrals whose consent no longer stands, and about which nothing was decided since."""
    listed = list(courses)
    ended = no_longer_agreed(file_id, listed, day=day)
    said = max((one.entry.revision for one in standing(file_id).values()), default=0) if ended else 0
    return [
        one for one in listed
        if one.id in ended and not any(outcome.entry.revision > said for outcome in one.outcomes)
    ]  # fmt: skip


@once
def waiting_for_word_on(file_ids: Iterable[UUID]) -> list[SharedWithoutBasis]:
    """What was told without a basis, and waits for the supervisor's word."""
    rows = SharedWithoutBasis.objects.filter(file_id__in=list(file_ids), word__isnull=True)
    return list(rows.select_related("entry__done_by"))


def gaps_of(file_ids: Iterable[UUID]) -> list[NotedGap]:
    """Needs on these files that no service meets, the newest first; a child counts once for a sector."""
    ids = list(file_ids)
    sealing.fetch_keys(ids, seal_classes=["case"])
    current = Registration.objects.filter(file_id__in=ids, ended_by__isnull=True)
    areas = dict(current.values_list("file_id", "area"))
    newest: dict[tuple[UUID, str], NotedGap] = {}
    for one in ServiceGap.objects.filter(file_id__in=ids).select_related("entry").order_by("entry__revision"):
        told, file_id = one.contents, one.file_id
        newest[file_id, told["sector"]] = NotedGap(
            one.entry.happened_on, told["sector"], areas.get(file_id) or "not_known", 1, told.get("why", "")
        )  # fmt: skip
    return sorted(newest.values(), key=lambda one: one.noted_on, reverse=True)


def _code(event: ReferralAnswer | ReferralOutcome) -> str:
    return str(event.contents["answer" if isinstance(event, ReferralAnswer) else "outcome"])


def _by_referral(
    kind: type[ReferralAnswer | ReferralOutcome | Cancellation], file_ids: list[UUID]
) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = defaultdict(list)
    for one in every(kind, *file_ids):
        found[one.referral_id].append(one)
    return found
