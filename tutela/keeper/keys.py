"""Where the root key comes from. One driver per way of keeping it."""

import os
from pathlib import Path
from stat import S_IMODE
from typing import ClassVar, Protocol

from tutela.keeper.envelope import KEY_BYTES, new_key
from tutela.keeper.errors import CannotStart


class RootKeyDriver(Protocol):
    """A way of keeping the root key while the keeper is locked or stopped."""

    @property
    def name(self) -> str:
        """How `status` calls it."""

    def open(self) -> bytes:
        """The 32 bytes of the root key. Raises KeeperLocked where people must unlock it first."""


class FileKey:
    """For demonstrations with invented children only: the root key in a file, made on first use."""

    name: ClassVar[str] = "file"

    def __init__(self, path: Path) -> None:
        self._path = path

    def open(self) -> bytes:
        """The root key. Raises CannotStart where others could read the file, or where it holds no key."""
        if not self._path.exists():
            _write_once(self._path, new_key())
        found = self._path.stat()
        if S_IMODE(found.st_mode) & 0o077 or found.st_uid != os.getuid():
            raise CannotStart(f"Others can read {self._path}. Make it yours alone: chown, then chmod 600.")
        key = self._path.read_bytes()
        if len(key) != KEY_BYTES:
            raise CannotStart(f"{self._path} holds no root key of {KEY_BYTES} bytes. Restore it from a copy.")
        return key


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
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
