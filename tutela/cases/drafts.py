"""What somebody has typed and not sent: kept on the server, sealed with their own key, deleted when it is sent (design §4)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tutela.access.models import User
from tutela.cases.models import Draft
from tutela.foundation.ids import new_id
from tutela.vault import sealing

_LABEL = "cases.draft"


@dataclass(frozen=True)
class Place:
    """What a draft is for: a form, and on which file, about whom, in place of which entry."""

    form: str
    file: UUID | None = None
    about: UUID | None = None
    amends: UUID | None = None

    def __str__(self) -> str:
        return " ".join(str(part or "-") for part in (self.form, self.file, self.about, self.amends))


@dataclass(frozen=True)
class OpenDraft:
    """A draft with its answers in the open. The id of the entry is made with it, so that sending twice writes once."""

    entry_id: UUID
    version: str
    base: int
    typed: dict[str, Any]
    kept_at: datetime | None = None


def draft_at(place: Place, *, by: User) -> OpenDraft | None:
    """What `by` typed at `place` and did not send."""
    row = Draft.objects.filter(user=by, place=str(place)).first()
    if row is None:
        return None
    typed = sealing.open_for_user(bytes(row.sealed), user=by.id, row=row.entry_id, label=_LABEL)
    return OpenDraft(row.entry_id, row.form_id, row.base, typed, row.kept_at)


@dataclass(frozen=True)
class Begun:
    """That something was begun and not sent: which form on which file, and when it was last kept. Nothing is opened."""

    place: Place
    kept_at: datetime


def begun_by(user: User) -> list[Begun]:
    """What `user` has begun and not sent, the newest first."""
    rows = Draft.objects.filter(user=user).order_by("-kept_at")
    return [Begun(_read_place(place), kept_at) for place, kept_at in rows.values_list("place", "kept_at")]


def _read_place(written: str) -> Place:
    form, *ids = written.split(" ")
    file, about, amends = (None if one == "-" else UUID(one) for one in ids)
    return Place(form, file, about, amends)


def keep_draft(place: Place, draft: OpenDraft, *, by: User, at: datetime) -> None:
    """Keep what was typed so far in place of what was kept before. Raises NoKeys where `by` has no key yet."""
    sealed = sealing.seal_for_user(draft.typed, user=by.id, row=draft.entry_id, label=_LABEL)
    Draft.objects.filter(user=by, place=str(place)).exclude(entry_id=draft.entry_id).delete()
    Draft.objects.update_or_create(
        entry_id=draft.entry_id, user=by,
        defaults={"place": str(place), "form_id": draft.version, "base": draft.base, "kept_at": at, "sealed": sealed},
    )  # fmt: skip


def fresh_draft(version: str, *, base: int) -> OpenDraft:
    """A draft with nothing in it yet, and the id that its entry will have."""
    return OpenDraft(new_id(), version, base, {})
