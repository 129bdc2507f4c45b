"""Verbs on the keyring. Each commits there at once: call it before the main transaction begins, never inside.

A crash between the two leaves keys without a file, which harms nobody; a file without keys cannot come to be.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from django.db import transaction
from django.db.models import Count

from tutela.foundation.clock import now
from tutela.keeper.messages import Unwrappable, Wrapped
from tutela.vault import opened_keys
from tutela.vault.errors import NoKeys, Tampered
from tutela.vault.keeper import keeper
from tutela.vault.models import SEAL_CLASSES, AgencyKey, Destruction, FileKey, SealClass, UserKey
from tutela.vault.root_generation import keep_up


def mint_agency_key(agency_id: UUID) -> None:
    """Make the key of an agency, once. Raises Unavailable."""
    if AgencyKey.objects.filter(agency_id=agency_id).exists():
        return
    wrapped = keeper().new_agency_key(agency_context(agency_id))
    with committed():
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
    with committed():
        # Whoever changes the agency's key waits for this row: no key is wrapped with one that is gone before it is written.
        agency = AgencyKey.objects.select_for_update().filter(agency_id=agency_id).first()
        if agency is None:
            raise NoKeys
        contexts = [file_context(file_id, seal_class) for seal_class in lacking]
        wrapped = _new_file_keys(wrapped_agency_key(agency), contexts)
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
    wrapped = keeper().new_user_key(user_context(user_id))
    with committed():
        UserKey.objects.bulk_create([UserKey(user_id=user_id, wrapped=wrapped)], ignore_conflicts=True)


def has_keys(file_ids: Iterable[UUID]) -> set[UUID]:
    """Those of the files that have every key."""
    counted = FileKey.objects.filter(file_id__in=list(file_ids)).values("file_id").annotate(keys=Count("id"))
    return set(counted.filter(keys=len(SEAL_CLASSES)).values_list("file_id", flat=True))


def with_some_keys(file_ids: Iterable[UUID]) -> set[UUID]:
    """Those of the files that have any key left."""
    return set(FileKey.objects.filter(file_id__in=list(file_ids)).values_list("file_id", flat=True))


def fingerprint(file_ids: Iterable[UUID]) -> str:
    """SHA-256 over the wrapped keys of files, in hexadecimal: shows later which keys there were, and opens nothing."""
    keys = FileKey.objects.filter(file_id__in=list(file_ids)).order_by("file_id", "seal_class")
    digest = sha256()
    for wrapped in keys.values_list("wrapped", flat=True):
        digest.update(bytes(wrapped))
    return digest.hexdigest()


def destroy_file_keys(file_id: UUID) -> None:
    """Destroy the keys of a file, and keep that it was done: what is restored from a bundle of before is destroyed again.

    Other processes hold them some seconds more, backups until they expire.
    """
    with committed():
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
    agencies = AgencyKey.objects.in_bulk({row.agency_id for row in rows})
    return {
        (row.file_id, row.seal_class): Unwrappable(
            wrapped_agency_key(agencies[row.agency_id]),
            Wrapped(bytes(row.wrapped), file_context(row.file_id, row.seal_class)),
            agency_key_before(agencies[row.agency_id]),
        )
        for row in rows
        if row.agency_id in agencies
    }


def wrapped_user_key(user_id: UUID) -> Wrapped:
    """A user's key, as the keeper unwraps it. Raises NoKeys."""
    row = UserKey.objects.filter(user_id=user_id).first()
    if row is None:
        raise NoKeys
    return Wrapped(bytes(row.wrapped), user_context(user_id))


def _new_file_keys(agency: Wrapped, contexts: Sequence[str]) -> list[bytes]:
    try:
        return keeper().new_file_keys(agency, contexts)
    except Tampered:
        keep_up(at=now())  # unless it is this keeper that has another root key
        raise


def wrapped_agency_key(row: AgencyKey) -> Wrapped:
    """An agency's key, as the keeper unwraps it."""
    return Wrapped(bytes(row.wrapped), agency_context(row.agency_id))


def agency_key_before(row: AgencyKey) -> Wrapped | None:
    """The key that an agency had before, while file keys are wrapped anew."""
    return Wrapped(bytes(row.before), agency_context(row.agency_id)) if row.before else None


def committed() -> transaction.Atomic:
    """A transaction of the keyring alone, on the disk when it ends."""
    return transaction.atomic(using="keyring", durable=True)


# What each wrapped key is bound to. Permanent: change a word here and no key opens any more.


def agency_context(agency_id: UUID) -> str:
    """What an agency's key is bound to."""
    return f"agency {agency_id.hex}"


def file_context(file_id: UUID, seal_class: str) -> str:
    """What a key of a case file is bound to."""
    return f"file {file_id.hex} {seal_class}"


def user_context(user_id: UUID) -> str:
    """What a user's key is bound to."""
    return f"user {user_id.hex}"
