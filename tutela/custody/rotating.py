"""Other custodians, another root key, another key of an agency: while people work (ADR 0029)."""

from datetime import datetime
from uuid import UUID

from tutela.vault import rotating
from tutela.vault.custodians import Custodian
from tutela.vault.keeper import keeper


def replace_custodian(lost: str, new: Custodian) -> None:
    """Seal the root key for `new` in the place of `lost`, for which two custodians have come. Raises Refused, Unavailable."""
    keeper().replace(lost, new)


def rotate_root_key(*, at: datetime) -> None:
    """A new root key, for which two custodians have come. `go_on` does the rest. Raises Refused, Unavailable."""
    rotating.rotate_root(at=at)


def rotate_agency_key(agency_id: UUID, *, at: datetime) -> None:
    """A new key of an agency. `go_on` does the rest. Raises NoKeys, Unavailable."""
    rotating.begin_agency(agency_id, at=at)


def go_on(*, at: datetime) -> int:
    """Finish every change of keys that has begun. Returns how many keys do not open. Raises Unavailable."""
    return rotating.go_on(at=at)


def unfinished() -> int:
    """How many changes of keys have begun and are not finished."""
    return rotating.unfinished()
