"""Questions about requests, incidents, and about which files may end."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tutela.access.queries import zone_of
from tutela.cases.entries import OpenEntry
from tutela.cases.models import Case, CaseFile, child_id
from tutela.closure.models import Closure
from tutela.data_protection import rules
from tutela.data_protection.models import (
    Destruction,
    Incident,
    IncidentStep,
    LegalHold,
    RightsRequest,
    Screening,
)
from tutela.data_protection.register import ANSWER as ANSWER_LABEL
from tutela.data_protection.register import HOLD, INCIDENT, REQUEST, SCREENING, STEP, opened
from tutela.foundation.clock import local_day
from tutela.foundation.refusals import NotFound
from tutela.intake.models import Registration
from tutela.protocols.packs import Pack
from tutela.vault import keyring, sealing

_ANOTHER_PERSON = (
    "cases.person"  # the entry that puts somebody on the file is about nobody who was there before
)
TOLD = frozenset({"authority_told", "people_told"})  # of the list incident_step: either stops the clock
CLOSED = "closed"  # of the same
_ABOUT_THE_CHILD = frozenset({"child", "caregiver"})  # of the list rights_asker

# --- Requests (R88) -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class KnownRequest:
    """A request with what was written of it, and its answer where there is one."""

    id: UUID
    file_id: UUID
    code: str
    came_on: date
    due_on: date
    told: dict[str, Any]
    answered_on: date | None
    answer: dict[str, Any]
    answered_by: str


def requests_on(file_id: UUID) -> list[KnownRequest]:
    """The requests about one file, the newest first."""
    return _known(RightsRequest.objects.filter(file_id=file_id).order_by("-came_on", "-at"))


def open_requests(agency_id: UUID) -> list[KnownRequest]:
    """What an agency has not answered yet, what is due first before the rest."""
    return _known(
        RightsRequest.objects.filter(agency_id=agency_id, answer__isnull=True).order_by("due_on", "at")
    )


def request_of(request_id: UUID, *, agency_id: UUID) -> KnownRequest:
    """One request of an agency. Raises NotFound."""
    found = _known(RightsRequest.objects.filter(id=request_id, agency_id=agency_id))
    if not found:
        raise NotFound
    return found[0]


def _known(requests: Iterable[RightsRequest]) -> list[KnownRequest]:
    rows = list(
        RightsRequest.objects.select_related("answer__by").filter(id__in=[one.id for one in requests])
    )
    order = {one.id: place for place, one in enumerate(requests)}
    codes = codes_of(row.file_id for row in rows)
    return [_request(row, codes) for row in sorted(rows, key=lambda row: order[row.id])]


def _request(row: RightsRequest, codes: dict[UUID, str]) -> KnownRequest:
    answer = getattr(row, "answer", None)
    told = opened(row.sealed, agency_id=row.agency_id, row=row.id, label=REQUEST)
    answered = (
        opened(answer.sealed, agency_id=row.agency_id, row=row.id, label=ANSWER_LABEL) if answer else {}
    )
    return KnownRequest(
        row.id, row.file_id, codes.get(row.file_id, ""), row.came_on, row.due_on, told,
        answer.answered_on if answer else None, answered, answer.by.name if answer else "",
    )  # fmt: skip


def codes_of(file_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The case codes of those files that have one."""
    return dict(Case.objects.filter(file_id__in=list(file_ids)).values_list("file_id", "code"))


@dataclass(frozen=True)
class KnownScreening:
    """What is in somebody's copy: (entry, question) each; a question of "" is the entry. What is not named is not in it."""

    id: UUID
    revision: int
    by_id: UUID
    by: str
    agreed_by: str
    kept: frozenset[tuple[str, str]]


def screening_of(request: KnownRequest, *, agency_id: UUID) -> KnownScreening | None:
    """The newest screening for a request; None where nobody screened yet."""
    row = (
        Screening.objects.filter(request_id=request.id)
        .select_related("by", "agreed_by")
        .order_by("at")
        .last()
    )
    if row is None:
        return None
    told = opened(row.sealed, agency_id=agency_id, row=row.id, label=SCREENING)
    agreed = row.agreed_by.name if row.agreed_by else ""
    kept = frozenset((entry, question) for entry, question in told["kept"])
    return KnownScreening(row.id, row.revision, row.by_id, row.by.name, agreed, kept)


def suggested(entries: Iterable[OpenEntry], *, asker: str) -> frozenset[tuple[str, str]]:
    """What is in the copy where nobody has decided yet: nothing confidential, and of entries about others nothing (R87, R109).

    An adult who asks for themselves, and whoever represents somebody, is given what a person ticks and nothing by itself.
    """
    kept: set[tuple[str, str]] = set()
    for entry in entries if asker in _ABOUT_THE_CHILD else ():
        if entry.form.code != _ANOTHER_PERSON and entry.about in (None, child_id(entry.file_id)):
            kept |= {(str(entry.id), one.name) for one in entry.form.questions if one.seal != "confidential"}
            kept.add((str(entry.id), ""))
    return frozenset(kept)


# --- Keeping and ending files (R90) -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Ending:
    """A closed file and how long it is kept."""

    file_id: UUID
    code: str
    closed_on: date
    kept_until: date | None
    held_since: date | None
    proposed: Destruction | None

    def is_over(self, day: date) -> bool:
        """Whether its time has passed and nothing holds it."""
        return self.kept_until is not None and self.kept_until < day and self.held_since is None


def endings_of(agency_id: UUID, *, pack: Pack, day: date) -> list[Ending]:
    """Every closed file of an agency, what may end first before the rest; those without a time last."""
    closures = Closure.objects.filter(file__agency_id=agency_id, ended_by__isnull=True).exclude(
        file_id__in=destroyed_files()
    )
    closed = {one.file_id: one.entry.happened_on for one in closures.select_related("entry")}
    codes, held, proposed = codes_of(closed), _held(closed), _proposed(closed)
    cared = _arrangements(closed)
    found = [
        Ending(
            file_id, codes.get(file_id, ""), closed_on,
            rules.kept_until(closed_on, arrangements=cared.get(file_id, set()), day=day, pack=pack),
            held.get(file_id), proposed.get(file_id),
        )
        for file_id, closed_on in closed.items()
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one.kept_until or date.max, one.closed_on, one.code))


def _arrangements(file_ids: Iterable[UUID]) -> dict[UUID, set[str]]:
    """Every way in which each child was cared for, as it was ever registered: corrected answers too, so none ends early."""
    ids = list(file_ids)
    sealing.fetch_keys(ids, seal_classes=["case"])
    found: dict[UUID, set[str]] = {}
    for one in Registration.objects.filter(file_id__in=ids):
        if arrangement := one.contents.get("care_arrangement"):
            found.setdefault(one.file_id, set()).add(str(arrangement))
    return found


def _held(file_ids: Iterable[UUID]) -> dict[UUID, date]:
    holds = LegalHold.objects.filter(file_id__in=list(file_ids), ended_on__isnull=True)
    return dict(holds.values_list("file_id", "since"))


def _proposed(file_ids: Iterable[UUID]) -> dict[UUID, Destruction]:
    waiting = Destruction.objects.filter(
        file_id__in=list(file_ids), withdrawn_at__isnull=True, done_at__isnull=True
    )
    return {one.file_id: one for one in waiting.select_related("proposed_by")}


def hold_on(file_id: UUID, *, agency_id: UUID) -> tuple[LegalHold, str] | None:
    """The legal hold on a file and its reason; None where there is none."""
    row = LegalHold.objects.filter(file_id=file_id, ended_on__isnull=True).select_related("by").first()
    return (
        (row, str(opened(row.sealed, agency_id=agency_id, row=row.id, label=HOLD)["reason"])) if row else None
    )


def destruction_of(destruction_id: UUID, *, agency_id: UUID) -> Destruction:
    """One destruction, proposed or done. Raises NotFound."""
    own = Destruction.objects.filter(file__agency_id=agency_id, withdrawn_at__isnull=True)
    row = own.select_related("proposed_by", "agreed_by", "file").filter(id=destruction_id).first()
    if row is None:
        raise NotFound
    return row


def destructions_of(agency_id: UUID) -> list[Destruction]:
    """What was destroyed in an agency, the newest first."""
    done = Destruction.objects.filter(file__agency_id=agency_id, done_at__isnull=False)
    return list(done.select_related("agreed_by", "proposed_by").order_by("-done_at"))


def destroyed_files() -> set[UUID]:
    """Every file whose keys were destroyed by agreement."""
    return set(Destruction.objects.filter(done_at__isnull=False).values_list("file_id", flat=True))


def is_destroyed(file_id: UUID) -> bool:
    """Whether the keys of a file were destroyed by agreement."""
    return Destruction.objects.filter(file_id=file_id, done_at__isnull=False).exists()


def destroyed_with_keys() -> set[UUID]:
    """Destroyed files that still have a key: cut off in between, or a keyring came back from a backup."""
    return keyring.with_some_keys(destroyed_files())


# --- Incidents (R92) --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class KnownIncident:
    """An incident, what was done about it, and the children whom it concerns."""

    id: UUID
    found_at: datetime
    tell_by: datetime
    by: str
    told: dict[str, Any]
    steps: list[tuple[IncidentStep, dict[str, Any]]]
    codes: list[tuple[UUID, str]]

    def has(self, kind: str) -> bool:
        """Whether a step of this kind was taken."""
        return any(step.kind == kind for step, _ in self.steps)


def incidents_of(agency_id: UUID) -> list[KnownIncident]:
    """Every incident of an agency, the newest first."""
    rows = Incident.objects.filter(agency_id=agency_id).select_related("by")
    return [_incident(row) for row in rows.prefetch_related("steps__by", "affected").order_by("-found_at")]


def incident_of(incident_id: UUID, *, agency_id: UUID) -> KnownIncident:
    """One incident. Raises NotFound."""
    row = Incident.objects.filter(id=incident_id, agency_id=agency_id).select_related("by").first()
    if row is None:
        raise NotFound
    return _incident(row)


def _incident(row: Incident) -> KnownIncident:
    steps = [
        (step, opened(step.sealed, agency_id=row.agency_id, row=step.id, label=STEP))
        for step in sorted(row.steps.all(), key=lambda step: (step.done_at, step.id))
    ]
    files = [one.file_id for one in row.affected.all()]
    codes = codes_of(files)
    told = opened(row.sealed, agency_id=row.agency_id, row=row.id, label=INCIDENT)
    affected = sorted(((file_id, codes.get(file_id, "")) for file_id in files), key=lambda one: one[1])
    return KnownIncident(row.id, row.found_at, row.tell_by, row.by.name, told, steps, affected)


# --- What waits -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Waits:
    """What waits in the registers of an agency: how much of each, and until when the first of it."""

    requests: int
    answer_by: date | None  # of the request that is due first
    to_tell: int  # incidents of which those whom they concern are not told yet
    tell_by: datetime | None
    incidents: int  # that are not closed, those among them
    over: int  # files whose time is over and that nobody asked to end
    proposed: int  # files that somebody asked to end, and nobody agreed to


def waits_of(agency_id: UUID, *, pack: Pack, day: date) -> Waits:
    """What waits in every register of an agency (R88, R90, R92). Of requests and incidents nothing is opened for it."""
    due = RightsRequest.objects.filter(agency_id=agency_id, answer__isnull=True).values_list(
        "due_on", flat=True
    )
    left = Incident.objects.filter(agency_id=agency_id).exclude(steps__kind=CLOSED)
    untold = list(left.exclude(steps__kind__in=TOLD).values_list("tell_by", flat=True))
    endings = endings_of(agency_id, pack=pack, day=day)
    return Waits(
        requests=len(due), answer_by=min(due, default=None), to_tell=len(untold), tell_by=min(untold, default=None),
        incidents=left.count(), over=sum(one.is_over(day) and not one.proposed for one in endings),
        proposed=sum(one.proposed is not None for one in endings),
    )  # fmt: skip


def files_called(codes: Iterable[str], *, agency_id: UUID) -> dict[str, UUID]:
    """The files of an agency by those of the case codes that it has."""
    found = Case.objects.filter(code__in=list(codes), file__agency_id=agency_id)
    return dict(found.values_list("code", "file_id"))


def day_of(file: CaseFile, at: datetime) -> date:
    """The day at the place of work of a file, at a moment."""
    return local_day(at, zone_of(file.agency))
