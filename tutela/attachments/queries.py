"""Questions about what is attached."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from tutela.attachments import storing
from tutela.attachments.models import Attachment
from tutela.forms.definition import Question
from tutela.media.kinds import Kind
from tutela.vault import sealing
from tutela.vault.models import SealClass

# Permanent: the names under which its bytes and what is said of it are sealed.
CONTENT, TOLD = "attachments.content", "attachments.told"


@dataclass(frozen=True)
class Told:
    """What is sealed with an attachment: what it is, what the file was called that came, how many bytes are kept."""

    kind: Kind
    name: str
    size: int


@dataclass(frozen=True)
class Kept:
    """One attachment of a file, with what is said of it in the open."""

    id: UUID
    entry_id: UUID
    user_id: UUID
    added_at: datetime
    told: Told


def seal_class_of(question: Question) -> SealClass:
    """The privacy class under which what is attached to a question is sealed: that of its answer."""
    return "case" if question.seal == "clear" else question.seal


def on_file(attachment_id: UUID, *, file_id: UUID) -> Attachment | None:
    """An attachment that was sent with an entry of this file."""
    return Attachment.objects.filter(id=attachment_id, file_id=file_id).first()


def with_ids(ids: Iterable[UUID]) -> dict[UUID, Attachment]:
    """Attachments by id, whosever they are."""
    return Attachment.objects.in_bulk(list(ids))


def attachments_of(file_id: UUID, *, classes: Collection[str]) -> list[Kept]:
    """What is attached on a file, of these privacy classes, the newest first. Raises Unavailable while locked."""
    rows = Attachment.objects.filter(file_id=file_id, seal_class__in=classes).order_by("-added_at", "id")
    return [Kept(row.id, row.entry_id, row.user_id, row.added_at, told_of(row)) for row in rows]


def unsent() -> list[Attachment]:
    """What was added and not sent, the oldest first."""
    return list(Attachment.objects.filter(file_id__isnull=True).select_related("user").order_by("added_at"))


def names_of_blobs() -> set[str]:
    """Under which names the bytes of every attachment lie."""
    return {blob.hex for blob in Attachment.objects.values_list("blob", flat=True)}


def told_of(row: Attachment) -> Told:
    """What is said of an attachment. Raises Tampered, Unavailable."""
    sealed: Any = bytes(row.sealed)
    if row.file_id is None:
        return Told(**sealing.open_for_user(sealed, user=row.user_id, row=row.id, label=TOLD))
    seal_class = cast("SealClass", row.seal_class)
    return Told(
        **sealing.open_sealed(sealed, file=row.file_id, seal_class=seal_class, row=row.id, label=TOLD)
    )


def content_of(row: Attachment) -> bytes:
    """The bytes of an attachment. Raises Tampered, Unavailable."""
    sealed = storing.fetch(row.blob.hex)
    if row.file_id is None:
        return sealing.open_bytes_for_user(sealed, user=row.user_id, row=row.id, label=CONTENT)
    seal_class = cast("SealClass", row.seal_class)
    return sealing.open_bytes(sealed, file=row.file_id, seal_class=seal_class, row=row.id, label=CONTENT)
