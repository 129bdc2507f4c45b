"""Questions about consent."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tutela.consent.models import Consent, Explanation, UrgentAction
from tutela.vault import sealing

CHILD = "child"  # whose word a consent is, where it is no other person's id
_SHARE = "share_for_services"  # of the list consent_purpose


def standing(file_id: UUID) -> dict[str, Consent]:
    """The last word of each person on this file: person id, or `child` → consent."""
    current = Consent.objects.filter(file_id=file_id, ended_by__isnull=True).select_related("entry")
    return {fact.contents["person"]: fact for fact in current}


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


@dataclass(frozen=True)
class Basis:
    """On what something is shared: a code of `consent_basis` or `urgent_basis`, and the entries that say so (R42)."""

    kind: str
    entries: tuple[UUID, ...]
    withheld: tuple[str, ...] = ()  # what people asked not to share, in their words


def basis_for_sharing(file_id: UUID, *, recipient: str, day: date, about: UUID | None = None) -> Basis | None:
    """On what information on this file may be shared with `recipient` (a code of the list `withhold_from`), or None.

    It rests on consent to share for services that still counts, of the person it is `about` (an adult consents for
    herself, R42), or else of the child or a caregiver where the child has not said no. Somebody who excludes this recipient
    says no to it. Without consent it rests on what was done at once for life or safety (R11).
    """
    said = {person: one for person, one in standing(file_id).items() if holds(one, day=day)}
    concerned = {person: one for person, one in said.items() if about is None or person == str(about)}
    refuses = [person for person, one in concerned.items() if _refuses(one, recipient)]
    agrees = [
        one for person, one in concerned.items()
        if _SHARE in one.contents.get("agreed", []) and person not in refuses
    ]  # fmt: skip
    if agrees and not {CHILD, str(about)} & set(refuses):
        withheld = (one.contents.get("withheld", "") for one in said.values())
        return Basis("consent", tuple(one.entry_id for one in agrees), tuple(filter(None, withheld)))
    urgent = urgent_actions(file_id)
    return Basis(urgent[0].contents["basis"], (urgent[0].entry_id,)) if urgent else None


def _refuses(consent: Consent, recipient: str) -> bool:
    told = consent.contents
    return _SHARE in told.get("refused", []) or recipient in told.get("recipients_excluded", [])


def explained(file_id: UUID) -> Explanation | None:
    """The last explanation, or None where nothing was explained yet."""
    return (
        Explanation.objects.filter(file_id=file_id, ended_by__isnull=True)
        .select_related("entry")
        .order_by("entry__revision")
        .last()
    )


def unanswered(file_id: UUID) -> list[UrgentAction]:
    """Urgent actions that the supervisor has not answered (R11)."""
    return list(
        UrgentAction.objects.filter(
            file_id=file_id, ended_by__isnull=True, answer__isnull=True
        ).select_related("entry")
    )


def urgent_actions(file_id: UUID) -> list[UrgentAction]:
    """Everything that was done at once, answered or not, the newest first."""
    actions = UrgentAction.objects.filter(file_id=file_id, ended_by__isnull=True)
    return list(actions.select_related("entry", "answer").order_by("-entry__revision"))
