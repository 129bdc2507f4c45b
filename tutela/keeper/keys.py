"""Where the root key comes from. One driver per way of keeping it."""

import json
import os
from pathlib import Path
from stat import S_IMODE
from typing import ClassVar, NamedTuple, Protocol

from tutela.keeper.envelope import KEY_BYTES, new_key
from tutela.keeper.errors import CannotStart
from tutela.keeper.files import settle


class RootKeys(NamedTuple):
    """What the keeper stands on: the root key, the one before it, and the key of the marks (ADR 0029).

    The root key wraps. The one before it still opens what was wrapped before it was changed, and what comes back from a
    backup of that time. The marks' key is never changed: seals of the log must be verifiable for as long as there is a log.
    """

    root: bytes
    before: bytes | None
    marks: bytes
    generation: int

    def next(self) -> "RootKeys":
        """The same with a new root key."""
        return RootKeys(new_key(), self.root, self.marks, self.generation + 1)

    def packed(self) -> bytes:
        """What is sealed for custodians."""
        keys = {name: key.hex() for name, key in self._asdict().items() if isinstance(key, bytes)}
        return json.dumps({**keys, "generation": self.generation}).encode()

    @classmethod
    def unpacked(cls, packed: bytes) -> "RootKeys":
        """The same again."""
        found = json.loads(packed)
        before = bytes.fromhex(found["before"]) if "before" in found else None
        return cls(
            bytes.fromhex(found["root"]), before, bytes.fromhex(found["marks"]), int(found["generation"])
        )


def first_root_keys() -> RootKeys:
    """The keys of a new installation."""
    return RootKeys(new_key(), None, new_key(), 1)


class RootKeyDriver(Protocol):
    """A way of keeping the root key while the keeper is locked or stopped."""

    @property
    def name(self) -> str:
        """How `status` calls it."""

    @property
    def rehearsed(self) -> bool:
        """Whether it was shown that people can lock and unlock."""

    def open(self) -> RootKeys:
        """The root key. Raises KeeperLocked where people must unlock it first, CannotStart where it is not there."""


class FileKey:
    """For demonstrations with invented children only: the root key in a file, made on first use."""

    name: ClassVar[str] = "file"
    rehearsed: ClassVar[bool] = True

    def __init__(self, path: Path) -> None:
        self._path = path

    def open(self) -> RootKeys:
        """The root key. Raises CannotStart where others could read the file, or where it holds no key."""
        if not self._path.exists():
            _write_once(self._path, new_key())
        found = self._path.stat()
        if S_IMODE(found.st_mode) & 0o077 or found.st_uid != os.getuid():
            raise CannotStart(f"Others can read {self._path}. Make it yours alone: chown, then chmod 600.")
        key = self._path.read_bytes()
        if len(key) != KEY_BYTES:
            raise CannotStart(f"{self._path} holds no root key of {KEY_BYTES} bytes. Restore it from a copy.")
        return RootKeys(key, None, key, 0)


def _write_once(path: Path, key: bytes) -> None:
    """Durable before it is visible: a key that was used once must be found again after any crash."""
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    unfinished.unlink(missing_ok=True)
    try:
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(key)
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(unfinished)  # fails where another process was first: its key counts
    except FileExistsError:
        return
    except OSError as error:
        raise CannotStart(f"{path} cannot be made: {error.strerror}. Choose another folder.") from error
    finally:
        unfinished.unlink(missing_ok=True)
    settle(path.parent)
