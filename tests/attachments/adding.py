"""Short ways to add something to a form, as a page does it."""

from hashlib import sha256
from typing import Any
from uuid import UUID

from tests.attachments.made import photo
from tests.cast import START
from tutela import commands
from tutela.access.models import User
from tutela.attachments.pieces import PIECE, Piece
from tutela.commands import ForQuestion, Taken
from tutela.foundation.ids import new_id
from tutela.published.queries import form_in_force


def asked(
    file: UUID | None, *, form: str = "cases.document", question: str = "pages", **more: Any
) -> ForQuestion:
    """For a question of a form on this file; a photo of a paper where nothing else is said."""
    version = form_in_force(form, agency_id=_agency(file), day=START.date()).version if file else ""
    return ForQuestion(
        **{"form": form, "version": version, "question": question, "file_id": file, "entry_id": new_id(), **more}
    )  # fmt: skip


def added(
    file: UUID, content: bytes | None = None, *, by: User, question: str = "pages", form: str = "cases.document", **more: Any
) -> str:  # fmt: skip
    """The id of something that `by` added to a form on this file, as the answer holds it."""
    content, attachment_id = photo(64, 48) if content is None else content, new_id()
    about = asked(file, form=form, question=question, **more)
    commands.attach(attachment_id, content, about, size=len(content), by=by, at=START)
    return str(attachment_id)


def piece(content: bytes, offset: int, attachment_id: UUID, /, **changed: Any) -> Piece:
    """The piece of `content` that begins at `offset`."""
    part = content[offset : offset + PIECE]
    told = {
        "attachment_id": attachment_id, "size": len(content), "offset": offset, "content": part,
        "digest": sha256(part).hexdigest(),
    }  # fmt: skip
    return Piece(**{**told, **changed})


def take(
    content: bytes, offset: int, attachment_id: UUID, about: ForQuestion, /, *, by: User, **changed: Any
) -> Taken:
    """Send that piece."""
    return commands.take_piece(piece(content, offset, attachment_id, **changed), about, by=by, at=START)


def _agency(file: UUID) -> UUID:
    from tutela.cases.queries import agency_id_of

    return agency_id_of(file)
