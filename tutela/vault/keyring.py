"""Verbs on the keyring. Each commits there at once: call it before the main transaction begins, never inside.

A crash between the two leaves keys without a file, which harms nobody; a file without keys cannot come to be.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Count

from tutela.foundation.clock import now
from tutela.keeper.messages import Wrapped
from tutela.vault import opened_keys
from tutela.vault.errors import NoKeys
from tutela.vault.keeper import keeper
from tutela.vault.models import SEAL_CLASSES, AgencyKey, Destruction, FileKey, SealClass, UserKey

# A wrapped key with the agency's that wraps it, which a user's key has not.
Unwrappable = tuple[Wrapped | None, Wrapped]


def mint_agency_key(agency_id: UUID) -> None:
    """Make the key of an agency, once. Raises Unavailable."""
    if AgencyKey.objects.filter(agency_id=agency_id).exists():
        return
    wrapped = keeper().new_agency_key(_agency_context(agency_id))
    with _committed():
        AgencyKey.objects.bulk_create(
            [AgencyKey(agency_id=agency_id, wrapped=wrapped, made_at=now())], ignore_conflicts=True
        )


def mint_file_keys(*, file_id: UUID, agency_id: UUID) -> None:
    """Make the keys of a case file, one per privacy class, once.

    A second call changes nothing, a simultaneous one neither. Raises NoKeys where the agency has none,
    Tampered where its key was changed, Unavailable.
    """
    held = set(FileKey.objects.filter(file_id=file_id).values_list("seal_class", flat=True))
    lacking = [seal_class for seal_class in SEAL_CLASSES if seal_class not in held]
    if not lacking:
        return
    agency = _agency_keys([agency_id]).get(agency_id)
    if agency is None:
        raise NoKeys
    wrapped = keeper().new_file_keys(agency, [_file_context(file_id, seal_class) for seal_class in lacking])
    with _committed():
        FileKey.objects.bulk_create(
            [
                FileKey(file_id=file_id, seal_class=seal_class, agency_id=agency_id, wrapped=key)
                for seal_class, key in zip(lacking, wrapped, strict=True)
            ],
            ignore_conflicts=True,
        )


def mint_user_key(user_id: UUID) -> None:
    """Make the key of a user for their drafts, once. Raises Unavailable."""
    if UserKey.objects.filter(user_id=user_id).exists():
        return
    wrapped = keeper().new_user_key(_user_context(user_id))
    with _committed():
        UserKey.objects.bulk_create([UserKey(user_id=user_id, wrapped=wrapped)], ignore_conflicts=True)


def has_keys(file_ids: Iterable[UUID]) -> set[UUID]:
    """Those of the files that have every key."""
    counted = FileKey.objects.filter(file_id__in=list(file_ids)).values("file_id").annotate(keys=Count("id"))
    return set(counted.filter(keys=len(SEAL_CLASSES)).values_list("file_id", flat=True))


def with_some_keys(file_ids: Iterable[UUID]) -> set[UUID]:
    """Those of the files that have any key left."""
    return set(FileKey.objects.filter(file_id__in=list(file_ids)).values_list("file_id", flat=True))


def destroy_file_keys(file_id: UUID) -> None:
    """Destroy the keys of a file, and keep that it was done: what is restored from a bundle of before is destroyed again.

    Other processes hold them some seconds more, backups until they expire.
    """
    with _committed():
        FileKey.objects.filter(file_id=file_id).delete()
        Destruction.objects.get_or_create(file_id=file_id, defaults={"at": now()})
    opened_keys.forget((file_id, seal_class) for seal_class in SEAL_CLASSES)


def destructions() -> dict[UUID, datetime]:
    """The files whose keys were destroyed, the first one first, each with the moment."""
    return dict(Destruction.objects.order_by("at", "file_id").values_list("file_id", "at"))


def wrapped_file_keys(
    file_ids: Collection[UUID], seal_classes: Sequence[SealClass]
) -> dict[tuple[UUID, str], Unwrappable]:
    """By file and privacy class, what the keeper needs to unwrap each key. Absent where there is none."""
    rows = list(FileKey.objects.filter(file_id__in=file_ids, seal_class__in=seal_classes))
    agencies = _agency_keys({row.agency_id for row in rows})
    return {
        (row.file_id, row.seal_class): (
            agencies[row.agency_id],
            Wrapped(bytes(row.wrapped), _file_context(row.file_id, row.seal_class)),
        )
        for row in rows
        if row.agency_id in agencies
    }


def wrapped_user_key(user_id: UUID) -> Wrapped:
    """A user's key, as the keeper unwraps it. Raises NoKeys."""
    row = UserKey.objects.filter(user_id=user_id).first()
    if row is None:
        raise NoKeys
    return Wrapped(bytes(row.wrapped), _user_context(user_id))


def _committed() -> transaction.Atomic:
    return transaction.atomic(using="keyring", durable=True)


def _agency_keys(agency_ids: Collection[UUID]) -> dict[UUID, Wrapped]:
    rows = AgencyKey.objects.filter(agency_id__in=agency_ids)
    return {row.agency_id: Wrapped(bytes(row.wrapped), _agency_context(row.agency_id)) for row in rows}


# What each wrapped key is bound to. Permanent: change a word here and no key opens any more.


def _agency_context(agency_id: UUID) -> str:
    return f"agency {agency_id.hex}"


def _file_context(file_id: UUID, seal_class: str) -> str:
    return f"file {file_id.hex} {seal_class}"


def _user_context(user_id: UUID) -> str:
    return f"user {user_id.hex}"
