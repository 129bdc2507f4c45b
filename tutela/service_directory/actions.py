"""Keeping the directory. All of this is called inside `commands.act`, which leaves the audit row."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from tutela.access.models import Agency, User
from tutela.forms.answers import split_by_seal
from tutela.forms.definition import Answers
from tutela.foundation.ids import derived_id
from tutela.foundation.refusals import NotFound, Refused, Unmet
from tutela.foundation.words import say
from tutela.published.queries import form_version
from tutela.service_directory.models import Gap, SafetyConcern, Service, Verification
from tutela.service_directory.queries import (
    CONCERN,
    CONTACT,
    GAP,
    SERVICE,
    called,
    directory_id,
    service_called,
    service_of,
)
from tutela.vault import keyring, sealing
from tutela.vault.models import SealClass


def open_directory(agency_id: UUID) -> None:
    """Make the keys of an agency's directory, once. The keyring commits first: before `commands.act`, never inside."""
    keyring.mint_file_keys(file_id=directory_id(agency_id), agency_id=agency_id)


def keep_service(
    answers: Answers, sheet_id: UUID, *, form: str, agency_id: UUID, by: User, at: datetime, day: date,
    service_id: UUID | None = None,
) -> UUID:  # fmt: skip
    """Add a service, or what has changed about one (`service_id`), as written on the sheet `sheet_id`; its id.

    The same sheet again changes nothing. Raises Refused where another service has the same name, NotFound for one that is
    not of this agency.
    """
    Agency.objects.select_for_update(no_key=True).get(id=agency_id)  # who keeps one directory takes turns
    if (earlier := Service.objects.filter(id=sheet_id).first()) is not None:
        return _of_agency(earlier, agency_id).service_id
    if service_id is not None:
        service_of(service_id, agency_id=agency_id)
    same = service_called(called(answers), agency_id=agency_id)
    if same is not None and same.id != service_id:
        words = say("The directory has this service already. Change what is written there instead.")
        raise Refused(Unmet("known_already", words, "R38", "name"))
    checked = answers.get("checked") == "yes"
    parts = split_by_seal(
        form_version(form), {name: one for name, one in answers.items() if name != "checked"}
    )
    kept = service_id or derived_id(sheet_id, "service")
    # The old version first: there is one current version at any moment, and references are checked at the end.
    Service.objects.filter(service_id=kept, replaced_by__isnull=True).update(replaced_by_id=sheet_id)
    Service.objects.create(
        id=sheet_id, service_id=kept, agency_id=agency_id, form_id=form, by=by, at=at,
        sealed=_sealed(parts.get("case", {}), agency_id, sheet_id, SERVICE),
        sealed_contact=_sealed(parts.get("identity", {}), agency_id, sheet_id, CONTACT, "identity"),
    )  # fmt: skip
    if checked:
        verify(kept, agency_id=agency_id, by=by, day=day)
    return kept


def verify(service_id: UUID, *, agency_id: UUID, by: User, day: date) -> None:
    """Somebody asked the service, and what is written is right (R39). Twice on one day is once."""
    service_of(service_id, agency_id=agency_id)
    row = derived_id(service_id, f"verified {day} {by.id}")
    Verification.objects.get_or_create(
        id=row, defaults={"service_id": service_id, "verified_on": day, "by": by}
    )


def raise_concern(
    service_id: UUID, reason: str, sheet_id: UUID, *, agency_id: UUID, by: User, day: date
) -> None:
    """Nobody should be sent there for now, and why (R123). A newer reason stands in place of the last."""
    service_of(service_id, agency_id=agency_id)
    if SafetyConcern.objects.filter(id=sheet_id).exists():
        return
    lift_concern(service_id, agency_id=agency_id, by=by, day=day)
    SafetyConcern.objects.create(
        id=sheet_id, service_id=service_id, since=day, by=by, sealed=_sealed(reason, agency_id, sheet_id, CONCERN)
    )  # fmt: skip


def lift_concern(service_id: UUID, *, agency_id: UUID, by: User, day: date) -> None:
    """The concern is over: the service may be asked again."""
    service_of(service_id, agency_id=agency_id)
    SafetyConcern.objects.filter(service_id=service_id, lifted_on__isnull=True).update(
        lifted_on=day, lifted_by=by
    )


def note_gap(answers: Answers, sheet_id: UUID, *, agency_id: UUID, by: User, day: date) -> None:
    """No service for a need in an area (R46). The same sheet again changes nothing."""
    Gap.objects.get_or_create(
        id=sheet_id,
        defaults={
            "agency_id": agency_id, "noted_on": day, "by": by,
            "sealed": _sealed(answers, agency_id, sheet_id, GAP),
        },
    )  # fmt: skip


def _sealed(value: Any, agency_id: UUID, row: UUID, label: str, seal_class: SealClass = "case") -> bytes:
    return sealing.seal(value, file=directory_id(agency_id), seal_class=seal_class, row=row, label=label)


def _of_agency(service: Service, agency_id: UUID) -> Service:
    if service.agency_id != agency_id:
        raise NotFound
    return service
