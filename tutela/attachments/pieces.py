"""What comes over a weak line in pieces: each is sealed with the key of whoever sends it; the same again changes nothing."""

from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from tutela.access.models import User
from tutela.attachments import storing
from tutela.foundation.ids import derived_id
from tutela.foundation.refusals import Conflict, Refused, Unmet
from tutela.foundation.words import say
from tutela.vault import sealing
from tutela.vault.errors import Tampered

PIECE = 262_144  # bytes of each, but for the last one
_MOST_AT_ONCE = 400  # pieces of one person under way, a hundred megabytes: from then on nothing new is begun

_LABEL = "attachments.piece"


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A part of something that is being sent: of what, how long that is, where this part begins, and its SHA-256."""

    attachment_id: UUID
    size: int
    offset: int
    content: bytes
    digest: str

    @property
    def is_in_shape(self) -> bool:
        """Whether it is a piece at all: begins where one can, and is as long as one is there."""
        length = min(PIECE, self.size - self.offset)
        return self.size > 0 and self.offset % PIECE == 0 and len(self.content) == length > 0


def keep_piece(piece: Piece, *, by: User) -> int:
    """Keep a piece where it is the next one. Returns how many bytes there are now: the sender goes on from there.

    Raises Conflict where it did not arrive as it was sent, Refused where too much is under way.
    """
    if not piece.is_in_shape or sha256(piece.content).hexdigest() != piece.digest:
        raise Conflict(Unmet("damaged", say("This did not arrive as it was sent. It is sent again.")))
    have = _have(piece, by=by)
    if piece.offset != have:
        return have
    if have == 0 and sum(1 for _ in storing.names(_of(by))) >= _MOST_AT_ONCE:
        words = say("Too much was begun and not finished. Send this form first, then add more.")
        raise Refused(Unmet("too_many", words))
    number = piece.offset // PIECE
    sealed = sealing.seal_bytes_for_user(
        piece.content, user=by.id, row=piece.attachment_id, label=_label(number, piece.size)
    )
    storing.keep(_name(piece.attachment_id, number, by), sealed)
    return have + len(piece.content)


def whole(attachment_id: UUID, size: int, *, by: User) -> bytes:
    """All pieces together. Raises Refused where they do not belong together."""
    try:
        return b"".join(
            sealing.open_bytes_for_user(
                storing.fetch(_name(attachment_id, number, by)), user=by.id, row=attachment_id, label=_label(number, size)
            )
            for number in range(_count(size))
        )  # fmt: skip
    except Tampered:
        forget_pieces(attachment_id, size, by=by)
        raise Refused(Unmet("damaged", say("This did not arrive whole. Add it again."))) from None


def forget_pieces(attachment_id: UUID, size: int, *, by: User) -> None:
    """Remove them: they were put together, or will not be."""
    for number in range(_count(size)):
        storing.remove(_name(attachment_id, number, by))


def _have(piece: Piece, *, by: User) -> int:
    there = 0
    while there < _count(piece.size) and storing.is_kept(_name(piece.attachment_id, there, by)):
        there += 1
    return min(there * PIECE, piece.size)


def _count(size: int) -> int:
    return -(-size // PIECE)


def _of(user: User) -> str:
    """How the names of all pieces of one person begin, so that nobody's stand in the way of somebody else's."""
    return derived_id(user.id, _LABEL).hex


def _name(attachment_id: UUID, number: int, by: User) -> str:
    return f"{_of(by)}-{attachment_id.hex}-{number}"


def _label(number: int, size: int) -> str:
    return f"{_LABEL} {number} of {size} bytes"
