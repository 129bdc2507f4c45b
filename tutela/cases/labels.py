"""The private label that somebody gives a child on their own lists: initials, a nickname, a place (R125)."""

from collections.abc import Iterable
from uuid import UUID

from tutela.access.models import User
from tutela.cases.models import PrivateLabel
from tutela.foundation.ids import derived_id
from tutela.vault import sealing

_LABEL = "cases.private_label"


def labels_of(user: User, *, files: Iterable[UUID]) -> dict[UUID, str]:
    """What `user` calls the children of these files; those without a label are left out."""
    rows = PrivateLabel.objects.filter(user=user, file_id__in=list(files))
    return {
        row.file_id: sealing.open_for_user(bytes(row.sealed), user=user.id, row=row.id, label=_LABEL)
        for row in rows
    }


def set_label(file_id: UUID, label: str, *, by: User) -> None:
    """Call the child of a file `label` on one's own lists; an empty one takes it away. Raises NoKeys."""
    PrivateLabel.objects.filter(user=by, file_id=file_id).delete()
    if label:
        row = derived_id(file_id, f"{_LABEL} {by.id}")
        sealed = sealing.seal_for_user(label, user=by.id, row=row, label=_LABEL)
        PrivateLabel.objects.create(id=row, user=by, file_id=file_id, sealed=sealed)
