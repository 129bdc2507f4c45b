"""Where the registers of an agency are sealed: under keys of their own, as its directory of services is (ADR 18, ADR 40)."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from tutela.foundation.ids import derived_id
from tutela.vault import keyring, sealing

# The permanent names under which the values are sealed.
REQUEST, ANSWER, SCREENING = "data_protection.request", "data_protection.answer", "data_protection.screening"
HOLD, INCIDENT, STEP = "data_protection.hold", "data_protection.incident", "data_protection.incident_step"


def register_id(agency_id: UUID) -> UUID:
    """Under which the keys of an agency's register lie in the keyring."""
    return derived_id(agency_id, "data protection")


def open_register(agency_id: UUID) -> None:
    """Make the keys of an agency's register, once. The keyring commits first: before `commands.act`, never inside."""
    keyring.mint_file_keys(file_id=register_id(agency_id), agency_id=agency_id)


def sealed(value: Mapping[str, Any], *, agency_id: UUID, row: UUID, label: str) -> bytes:
    """What is written in the register, for this row. Raises NoKeys, Unavailable."""
    return sealing.seal(dict(value), file=register_id(agency_id), seal_class="case", row=row, label=label)


def opened(blob: bytes | memoryview, *, agency_id: UUID, row: UUID, label: str) -> dict[str, Any]:
    """What was written there. Raises Tampered, NoKeys, Unavailable."""
    told: dict[str, Any] = sealing.open_sealed(
        bytes(blob), file=register_id(agency_id), seal_class="case", row=row, label=label
    )
    return told
