"""Having an attachment made anew by the process that does nothing else (`tutela.media.__main__`)."""

import subprocess
import sys
from threading import BoundedSemaphore

from tutela.foundation.refusals import Refused, Unavailable, Unmet
from tutela.foundation.words import Words, say
from tutela.media.kinds import TAKEN, CannotTake, Kind

_PATIENCE = 60.0  # seconds, of which the process has half to work
_AT_ONCE = BoundedSemaphore(2)  # each may take as much memory as it is allowed

# What is said where one thing is wrong for certain; otherwise what is taken.
_SAID: dict[str, Words] = {
    "locked": say("This PDF is protected by a password. Save it without one, then add it again."),
    "too_long": say("This is too long. Add it in parts: ten minutes of a recording, 300 pages of a PDF."),
    "too_large": say("This picture has too many pixels. Take the photo here, or make it smaller first."),
}


def made_anew(kind: Kind, content: bytes) -> bytes:
    """What `content` becomes. Raises Refused with a sentence about what is taken, Unavailable where too many wait."""
    if not _AT_ONCE.acquire(timeout=_PATIENCE):
        raise Unavailable(Unmet("busy", say("Too much is being added just now. Try again in a minute.")))
    try:
        return _made(kind, content)
    except CannotTake as error:
        words = _SAID.get(error.code, _unreadable(kind))
        raise Refused(Unmet(error.code, words)) from None
    finally:
        _AT_ONCE.release()


def _unreadable(kind: Kind) -> Words:
    return say("This could not be read. {taken}", taken=TAKEN[kind].asked_for)


def _made(kind: Kind, content: bytes) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603  our own module, and a kind from a fixed list
            [sys.executable, "-I", "-m", "tutela.media", kind],
            input=content, capture_output=True, timeout=_PATIENCE, check=False,
            env={"OPENBLAS_NUM_THREADS": "1"},
        )  # fmt: skip
    except subprocess.TimeoutExpired:  # it is killed by then
        raise CannotTake("unreadable") from None
    said, _, rest = done.stdout.partition(b"\n")
    if done.returncode or said != b"ok":  # killed for what it took, or it says why not
        raise CannotTake(rest.decode() if said == b"no" else "unreadable")
    return rest
