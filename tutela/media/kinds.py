"""What may be attached, of what size at most, and what it becomes. Limits are technical: what a phone sends fits in."""

from dataclasses import dataclass
from typing import Literal

from tutela.foundation.words import Words, say

Kind = Literal["photo", "audio", "file", "signature"]

MOST_PIXELS = (
    60_000_000  # of a picture; more than phones take, and less than what fills the memory of a server
)
LONGEST_SIDE = 1_600  # pixels of what is kept
MOST_SECONDS = 600  # of a recording
VOICE_RATE = 16_000  # samples a second of what is kept
MOST_PAGES = 300
MOST_RATE, MOST_CHANNELS = 96_000, 8


@dataclass(frozen=True)
class Taken:
    """What is taken for one kind of question, and what it is kept as."""

    becomes: str  # media type
    ending: str
    most_bytes: int  # of what is sent
    asked_for: Words


TAKEN: dict[Kind, Taken] = {
    "photo": Taken(
        "image/jpeg", "jpg", 20_000_000, say("A photo can be a JPEG, a PNG or a WebP of 20 MB at most.")
    ),
    "signature": Taken("image/jpeg", "jpg", 2_000_000, say("A signature is a picture of 2 MB at most.")),
    "audio": Taken(
        "audio/ogg", "ogg", 20_000_000,
        say("A recording can be a WAV, FLAC, Ogg or MP3 file of 20 MB and ten minutes at most."),
    ),
    "file": Taken("application/pdf", "pdf", 20_000_000, say("A document can be a PDF of 20 MB at most.")),
}  # fmt: skip


class CannotTake(Exception):
    """It cannot be taken. `code` says why: unreadable, too_large, too_long, locked."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
