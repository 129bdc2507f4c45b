"""Verbs of the registers. All of this is called inside `commands.act`, which decides and leaves the audit row."""

import hashlib
import json
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tutela.access.actions import release
from tutela.access.models import User
from tutela.cases.actions import forget_file
from tutela.cases.models import CaseFile
from tutela.closure.queries import is_closed
from tutela.data_protection import rules
from tutela.data_protection.models import (
    AffectedFile,
    Destruction,
    Incident,
    IncidentStep,
    LegalHold,
    RightsAnswer,
    RightsRequest,
    Screening,
)
from tutela.data_protection.queries import destruction_of, incident_of, request_of
from tutela.data_protection.register import ANSWER, HOLD, INCIDENT, REQUEST, SCREENING, STEP, sealed
from tutela.foundation.refusals import Conflict, NotFound, Refused, Unmet
from tutela.foundation.words import say
from tutela.protocols.packs import Pack
from tutela.vault import keyring
from tutela.vault.keeper import keeper

Told = Mapping[str, Any]

# --- Requests (R87, R88) ------------------------------------------------------------------------------------------


def note_request(
    told: Told, request_id: UUID, *, file: CaseFile, pack: Pack, came_on: date, by: User, at: datetime
) -> None:
    """Somebody asked about their file. The same again changes nothing."""
    RightsRequest.objects.get_or_create(
        id=request_id,
        defaults={
            "file": file, "agency_id": file.agency_id, "came_on": came_on, "by": by, "at": at,
            "due_on": rules.answer_by(came_on, pack=pack),
            "sealed": sealed(told, agency_id=file.agency_id, row=request_id, label=REQUEST),
        },
    )  # fmt: skip


def answer_request(
    told: Told, request_id: UUID, *, agency_id: UUID, answered_on: date, by: User, at: datetime
) -> None:
    """The one answer to a request. Raises NotFound, Conflict where somebody else has answered."""
    request = request_of(request_id, agency_id=agency_id)
    if answered_on < request.came_on:
        words = say("This is before the request came. Look at the day again.")
        raise Refused(Unmet("too_early", words, "R88", "answered_on"))
    _, is_new = RightsAnswer.objects.get_or_create(
        request_id=request_id,
        defaults={
            "answered_on": answered_on, "by": by, "at": at,
            "sealed": sealed(told, agency_id=agency_id, row=request_id, label=ANSWER),
        },
    )  # fmt: skip
    if not is_new:
        raise Conflict(Unmet("answered_already", say("This request was answered already."), "R88"))


def screen(
    kept: Collection[tuple[str, str]], screening_id: UUID, *, request_id: UUID, file: CaseFile, by: User, at: datetime
) -> None:  # fmt: skip
    """What is to be in the copy, until somebody else has looked at it (R87). The same again changes nothing."""
    told = {"kept": sorted(kept)}
    Screening.objects.get_or_create(
        id=screening_id,
        defaults={
            "request_id": request_id, "revision": file.revision, "by": by, "at": at,
            "sealed": sealed(told, agency_id=file.agency_id, row=screening_id, label=SCREENING),
        },
    )  # fmt: skip


def agree_to_screening(screening_id: UUID, *, request_id: UUID, by: User, at: datetime) -> None:
    """Somebody else has looked at what is left out, and what is not. Raises NotFound, Refused for one's own screening."""
    row = Screening.objects.select_for_update().filter(request_id=request_id).order_by("at").last()
    if row is None or row.id != screening_id:
        raise NotFound
    if row.by_id == by.id:
        words = say("You screened this yourself. Somebody else looks at it before it is given away.")
        raise Refused(Unmet("own_screening", words, "R87"))
    row.agreed_by, row.agreed_at = by, at
    row.save(update_fields=["agreed_by", "agreed_at"])


# --- Holding and destroying (R90, R91) ------------------------------------------------------------------------------


def hold(told: Told, hold_id: UUID, *, file: CaseFile, by: User, day: date) -> None:
    """Nothing of this file is destroyed for now. The same again changes nothing."""
    if LegalHold.objects.filter(id=hold_id).exists():
        return
    if LegalHold.objects.filter(file=file, ended_on__isnull=True).exists():
        raise Conflict(Unmet("held_already", say("This file is held already."), "R90"))
    LegalHold.objects.create(
        id=hold_id, file=file, since=day, by=by,
        sealed=sealed(told, agency_id=file.agency_id, row=hold_id, label=HOLD),
    )  # fmt: skip


def end_hold(*, file: CaseFile, by: User, day: date) -> None:
    """The reason for holding a file is over. Raises NotFound where nothing holds it."""
    ended = LegalHold.objects.filter(file=file, ended_on__isnull=True).update(ended_on=day, ended_by=by)
    if not ended:
        raise NotFound


def propose_destruction(
    reason: str, destruction_id: UUID, *, file: CaseFile, by: User, at: datetime
) -> Destruction:
    """Ask that the keys of a closed file be destroyed. Somebody else agrees. Raises Refused, Conflict."""
    earlier = Destruction.objects.filter(file=file, withdrawn_at__isnull=True).first()
    if earlier is not None:
        if earlier.id == destruction_id:
            return earlier
        raise Conflict(Unmet("proposed_already", say("This was asked for already."), "R90"))
    _may_end(file)
    return Destruction.objects.create(
        id=destruction_id, file=file, reason=reason, proposed_by=by, proposed_at=at
    )


def withdraw_destruction(destruction_id: UUID, *, agency_id: UUID, by: User, at: datetime) -> None:
    """Nothing is destroyed after all. Raises NotFound where it is done, or was never asked for."""
    own = Destruction.objects.filter(
        file__agency_id=agency_id, done_at__isnull=True, withdrawn_at__isnull=True
    )
    if not own.filter(id=destruction_id).update(withdrawn_at=at, withdrawn_by=by):
        raise NotFound


def destroy(destruction_id: UUID, *, agency_id: UUID, pack: Pack, day: date, by: User, at: datetime) -> UUID:
    """Agree, and end the file: facts, drafts and labels go, nobody is responsible any more. Returns the file.

    Whoever calls destroys its keys after the commit (`vault.keyring.destroy_file_keys`); cut off in between, the worker does.
    Raises NotFound, Refused where the same person asked for it, or where the file is open or held.
    """
    row = destruction_of(destruction_id, agency_id=agency_id)
    if row.done_at is not None:
        raise NotFound
    if row.proposed_by_id == by.id:
        words = say("You asked for this yourself. Somebody else agrees to it.")
        raise Refused(Unmet("own_proposal", words, "R91"))
    file = CaseFile.objects.select_for_update(of=("self",)).get(id=row.file_id)
    _may_end(file)
    row.agreed_by, row.done_at = by, at
    row.keys = keyring.fingerprint([file.id])
    row.backups_gone_on = rules.backups_gone_on(day, pack=pack)
    row.proof = proof_of(row)
    row.save(update_fields=["agreed_by", "done_at", "keys", "backups_gone_on", "proof"])
    forget_file(file.id)
    release(file_id=file.id, until=day)
    return file.id


def proof_of(row: Destruction) -> str:
    """What only this installation's keeper can say over a destruction: who, what, when, which keys (64 hexadecimal digits)."""
    told = [
        row.id.hex, row.file_id.hex, row.reason, row.proposed_by_id.hex, row.agreed_by_id and row.agreed_by_id.hex,
        row.done_at and row.done_at.isoformat(), str(row.backups_gone_on), row.keys,
    ]  # fmt: skip
    return keeper().mac("destruction", hashlib.sha256(json.dumps(told).encode()).digest()).hex()


def _may_end(file: CaseFile) -> None:
    """Raises Refused for a file that is open or held."""
    if not is_closed(file.id):
        words = say("This case is open. Only a closed case can be destroyed.")
        raise Refused(Unmet("open_case", words, "R90"))
    if LegalHold.objects.filter(file=file, ended_on__isnull=True).exists():
        words = say("This file is held for a reason that stands in the register. End the hold first.")
        raise Refused(Unmet("held", words, "R90"))


# --- Incidents (R92) ------------------------------------------------------------------------------------------------


def report_incident(
    told: Told, incident_id: UUID, *, agency_id: UUID, found_at: datetime, pack: Pack, day: date,
    files: Collection[UUID], by: User, at: datetime,
) -> None:  # fmt: skip
    """Something leaked, was lost or was seen. The clock runs from when it was found. The same again changes nothing."""
    if found_at > at:
        words = say("This has not happened yet. Enter when it was found.")
        raise Refused(Unmet("future", words, "R92", "found_on"))
    incident, is_new = Incident.objects.get_or_create(
        id=incident_id,
        defaults={
            "agency_id": agency_id, "found_at": found_at, "by": by, "at": at,
            "tell_by": rules.tell_by(found_at, day=day, pack=pack),
            "sealed": sealed(told, agency_id=agency_id, row=incident_id, label=INCIDENT),
        },
    )  # fmt: skip
    if is_new:
        _affect(incident.id, files)


def take_step(
    told: Told, step_id: UUID, *, incident_id: UUID, kind: str, agency_id: UUID, files: Collection[UUID], by: User,
    at: datetime,
) -> None:  # fmt: skip
    """What was done about an incident, and children who came to light with it. The same again changes nothing."""
    incident_of(incident_id, agency_id=agency_id)
    IncidentStep.objects.get_or_create(
        id=step_id,
        defaults={
            "incident_id": incident_id, "kind": kind, "done_at": at, "by": by,
            "sealed": sealed(told, agency_id=agency_id, row=step_id, label=STEP),
        },
    )  # fmt: skip
    _affect(incident_id, files)


def _affect(incident_id: UUID, files: Collection[UUID]) -> None:
    AffectedFile.objects.bulk_create(
        [AffectedFile(incident_id=incident_id, file_id=file_id) for file_id in files], ignore_conflicts=True
    )
