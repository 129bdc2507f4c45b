"""Where safeguarding reports are sealed: under the confidential key of a register that the agency has for them alone."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from tutela.foundation.ids import derived_id
from tutela.vault import keyring, sealing

# The permanent names under which the values are sealed.
REPORT, STEP = "safeguarding.report", "safeguarding.step"


def register_id(agency_id: UUID) -> UUID:
    """Under which the keys of an agency's reports lie in the keyring."""
    return derived_id(agency_id, "safeguarding")


def open_register(agency_id: UUID) -> None:
    """Make the keys of an agency's reports, once. The keyring commits first: before `commands.act`, never inside."""
    keyring.mint_file_keys(file_id=register_id(agency_id), agency_id=agency_id)


def sealed(value: Mapping[str, Any], *, agency_id: UUID, row: UUID, label: str) -> bytes:
    """What was told or done, for this row. Raises NoKeys, Unavailable."""
    return sealing.seal(
        dict(value), file=register_id(agency_id), seal_class="confidential", row=row, label=label
    )


def opened(blob: bytes | memoryview, *, agency_id: UUID, row: UUID, label: str) -> dict[str, Any]:
    """What was told or done. Raises Tampered, NoKeys, Unavailable."""
    told: dict[str, Any] = sealing.open_sealed(
        bytes(blob), file=register_id(agency_id), seal_class="confidential", row=row, label=label
    )
    return told
