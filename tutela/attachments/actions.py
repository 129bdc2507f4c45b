"""Keeping what was attached, sealing it under its file when it is sent, and removing it."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from functools import partial
from uuid import UUID, uuid4

from django.db import transaction

from tutela.access.models import User
from tutela.attachments import storing
from tutela.attachments.models import Attachment
from tutela.attachments.queries import CONTENT, TOLD, Told, content_of, told_of
from tutela.foundation.refusals import NotFound, Refused, Unmet
from tutela.foundation.words import say
from tutela.media.kinds import Kind
from tutela.vault import sealing
from tutela.vault.models import SealClass

_MOST_UNSENT = 60  # of one person: what an afternoon of visits brings, and far from filling a disk


def keep(
    attachment_id: UUID, content: bytes, *, kind: Kind, name: str, entry_id: UUID, by: User, at: datetime
) -> None:
    """Keep something until its form is sent, sealed with the key of `by`. The same id again changes nothing.

    Raises NotFound where the id is somebody else's, Refused where too much waits.
    """
    if Attachment.objects.filter(user=by, file_id__isnull=True).count() >= _MOST_UNSENT:
        words = say("Too much was added and not sent. Send this form first, then add more.")
        raise Refused(Unmet("too_many", words))
    told = sealing.seal_for_user(
        asdict(Told(kind, name, len(content))), user=by.id, row=attachment_id, label=TOLD
    )
    blob = _stored(sealing.seal_bytes_for_user(content, user=by.id, row=attachment_id, label=CONTENT))
    row = Attachment(
        id=attachment_id, user=by, entry_id=entry_id, blob=blob, added_at=at, sealed=told
    )  # fmt: skip
    Attachment.objects.bulk_create([row], ignore_conflicts=True)
    kept = Attachment.objects.get(id=attachment_id)
    if kept.blob != blob:  # it was here already
        storing.remove(blob.hex)
    if kept.user_id != by.id:
        raise NotFound


def send(attached: Mapping[UUID, SealClass], *, file_id: UUID, entry_id: UUID, by: UUID) -> None:
    """Seal what was added for an entry under the keys of its file, in the transaction of that entry.

    What is on the file already, such as in a correction, stays as it is. Raises Refused where another entry was faster.
    """
    rows = Attachment.objects.select_for_update().filter(id__in=list(attached)).order_by("id")
    for row in rows:
        if row.file_id is None and row.user_id == by:
            _seal_under_file(row, attached[row.id], file_id, entry_id)
        elif row.file_id != file_id:
            raise Refused(
                Unmet("attachment_gone", say("Something that was added here is gone. Add it again."))
            )


def forget_file(file_id: UUID) -> None:
    """Remove what is attached to a file, rows and bytes."""
    _remove(*Attachment.objects.filter(file_id=file_id))


def forget(attachment_id: UUID) -> None:
    """Remove one thing that was never sent."""
    _remove(*Attachment.objects.select_for_update().filter(id=attachment_id, file_id__isnull=True))


def _seal_under_file(row: Attachment, seal_class: SealClass, file_id: UUID, entry_id: UUID) -> None:
    content, told, before = content_of(row), told_of(row), row.blob
    sealed = sealing.seal_bytes(content, file=file_id, seal_class=seal_class, row=row.id, label=CONTENT)
    row.blob, row.file_id, row.seal_class, row.entry_id = _stored(sealed), file_id, seal_class, entry_id
    row.sealed = sealing.seal(asdict(told), file=file_id, seal_class=seal_class, row=row.id, label=TOLD)
    row.save()
    transaction.on_commit(partial(storing.remove, before.hex))


def _stored(sealed: bytes) -> UUID:
    """Under a name of its own, on disk before any row says so: cut off in between, the worker sweeps it away."""
    blob = uuid4()
    storing.keep(blob.hex, sealed)
    return blob


def _remove(*rows: Attachment) -> None:
    Attachment.objects.filter(id__in=[row.id for row in rows]).delete()
    for row in rows:
        transaction.on_commit(partial(storing.remove, row.blob.hex))
