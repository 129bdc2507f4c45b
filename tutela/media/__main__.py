"""One attachment made anew: `python -m tutela.media photo`, from standard input to standard output.

A process of its own, with little memory and time and no way to write a file: what takes it down takes nothing else along,
and nothing lies in the clear on a disk. It says `ok` and what it made, or `no` and why.
"""

import resource
import sys
from collections.abc import Callable
from importlib import import_module

from tutela.media.kinds import CannotTake

_MEMORY = 1_500_000_000  # bytes
_SECONDS = 30  # of a processor
_MAKERS = {"photo": "pictures", "signature": "pictures", "audio": "recordings", "file": "papers"}


def _limit() -> None:
    for what, most in (
        (resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_AS, _MEMORY), (resource.RLIMIT_CPU, _SECONDS),
    ):  # fmt: skip
        resource.setrlimit(what, (most, most))


def _answer(kind: str, content: bytes) -> bytes:
    make: Callable[[bytes], bytes] = import_module(f"tutela.media.{_MAKERS[kind]}").made_anew
    try:
        return b"ok\n" + make(content)
    except CannotTake as error:
        return b"no\n" + error.code.encode()
    except MemoryError:
        return b"no\ntoo_large"
    except Exception:  # whatever a decoder stumbles over: its words may quote what is in the file
        return b"no\nunreadable"


if __name__ == "__main__":
    _limit()
    sys.stdout.buffer.write(_answer(sys.argv[1], sys.stdin.buffer.read()))
