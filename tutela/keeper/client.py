"""How other processes ask the keeper."""

import os
import socket
import threading
import weakref
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Literal, cast

from tutela.keeper import frames
from tutela.keeper.custodians import Custodian, NotTheirs
from tutela.keeper.errors import (
    KeeperError,
    KeeperLocked,
    KeeperRefused,
    KeeperStopped,
    NotEnough,
    NotRehearsed,
    Tampered,
    TooSoon,
)
from tutela.keeper.messages import Found, Purpose, Status, Unwrappable, Wrapped

_ERRORS: dict[str, type[KeeperError]] = {
    "locked": KeeperLocked,
    "tampered": Tampered,
    "refused": KeeperRefused,
    "not theirs": NotTheirs,
    "not enough": NotEnough,
    "not rehearsed": NotRehearsed,
}
_SLOW = {"custodian": 60.0}  # seconds: scrypt takes its time, and others may be before
_PEOPLE_AT_ONCE = 1_000


class KeeperClient:
    """The keeper behind a socket, for any number of threads, and after a fork: each has its own connection.

    Every method raises KeeperStopped where nobody answers in time; all but `status` and `lock`, KeeperLocked.
    `epoch` is that of the newest answer: when it changes, there was a lock or a restart.
    """

    def __init__(self, path: Path, *, connect_seconds: float = 1.0, answer_seconds: float = 10.0) -> None:
        self.epoch: str | None = None
        self._path = path
        self._connect_seconds = connect_seconds
        self._answer_seconds = answer_seconds
        self._own = threading.local()

    def status(self) -> Status:
        """Open or locked, the epoch, and the driver of the root key."""
        return cast(Status, self._ask("status"))

    def lock(self) -> Status:
        """Make the keeper forget the root key, every key and every name."""
        return cast(Status, self._ask("lock"))

    def unlock(self) -> Status:
        """Let the keeper's driver open the root key again. Raises KeeperLocked where it cannot."""
        return cast(Status, self._ask("unlock"))

    def custodian(self, file: bytes, passphrase: str, *, purpose: Purpose, place: str) -> Status:
        """A custodian comes, from `place`, for `purpose`. The second one who comes to open it opens it.

        They are forgotten after some minutes. Raises NotTheirs; TooSoon after failures; NotEnough where the root key
        needs no custodians.
        """
        told = self._ask("custodian", file=file, passphrase=passphrase, purpose=purpose, place=place)
        return cast(Status, told)

    def custodians(self) -> list[Custodian]:
        """The custodians of the root key."""
        return [Custodian(*one) for one in self._ask("custodians")]

    def rotate(self) -> Status:
        """A new root key, for which two custodians have come. What the old one wrapped still opens. Raises NotEnough."""
        return cast(Status, self._ask("rotate"))

    def replace(self, lost: str, new: Custodian) -> Status:
        """Seal the root key anew with `new` in the place of `lost`, for which two custodians have come. Raises NotEnough."""
        return cast(Status, self._ask("replace", lost=lost, **new._asdict()))

    def new_agency_key(self, context: str) -> bytes:
        """A new agency key for `context`, wrapped."""
        return cast(bytes, self._ask("new_agency_key", context=context))

    def new_user_key(self, context: str) -> bytes:
        """A new key for a user's drafts, wrapped."""
        return cast(bytes, self._ask("new_user_key", context=context))

    def new_file_keys(self, agency: Wrapped, contexts: Sequence[str]) -> list[bytes]:
        """A new data key for each context, wrapped with the agency key. Raises Tampered (the agency key)."""
        return cast(list[bytes], self._ask("new_file_keys", agency=agency, contexts=contexts))

    def renew(self, use: Literal["agency", "user"], wrapped: Sequence[Wrapped]) -> list[bytes | None]:
        """Keys of agencies or users, wrapped with the newest root key; as they are where they were, None where changed."""
        return cast(list[bytes | None], self._ask("renew", use=use, wrapped=wrapped))

    def renew_file_keys(
        self, *, agency: Wrapped, before: Wrapped, wrapped: Sequence[Wrapped]
    ) -> list[bytes | None]:
        """File keys, wrapped with `agency` in the place of `before`; as they are where they were, None where changed."""
        told = self._ask("renew_file_keys", agency=agency, before=before, wrapped=wrapped)
        return cast(list[bytes | None], told)

    def unwrap(self, items: Sequence[Unwrappable | tuple[Wrapped | None, Wrapped]]) -> list[bytes | None]:
        """The data keys of (agency key, wrapped key), in their order; without an agency key, a user's.

        None stands where one was tampered with: one damaged file does not close the others.
        """
        return cast(list[bytes | None], self._ask("unwrap", items=items))

    def mac(self, purpose: str, data: bytes) -> bytes:
        """HMAC-SHA256 of `data` with the key that the keeper has for `purpose`, for as long as the installation lives."""
        return cast(bytes, self._ask("mac", purpose=purpose, data=data))

    def search_names(self, query: str, candidates: Sequence[tuple[str, int]], *, limit: int) -> Found:
        """Who among `candidates` is called like `query`.

        A candidate is a person (32 hexadecimal digits) and the version of their names. Open the names of
        those who are missing, `put_names` them, and ask once more.
        """
        return Found(*self._ask("names.search", query=query, candidates=candidates, limit=limit))

    def put_names(self, people: Sequence[tuple[str, int, Sequence[str]]]) -> None:
        """Give the keeper the names of people: (person, version, all names)."""
        remaining = iter(people)
        while batch := list(islice(remaining, _PEOPLE_AT_ONCE)):
            self._ask("names.put", people=batch)

    def forget_names(self, people: Sequence[str]) -> None:
        """Make the keeper forget the names of these people."""
        self._ask("names.forget", people=people)

    def close(self) -> None:
        """Hang up, for this thread."""
        self._own.connection = None

    def _ask(self, operation: str, **arguments: Any) -> Any:
        frame = frames.pack({"do": operation, "with": arguments})
        reply = self._exchange(frame, _SLOW.get(operation, self._answer_seconds))
        self.epoch = reply["epoch"]
        if "seconds" in reply:
            raise TooSoon(reply["seconds"])
        if error := _ERRORS.get(reply.get("error", "")):
            raise error
        return reply["answer"]

    def _exchange(self, frame: bytes, seconds: float) -> Any:
        """Every operation may be asked twice, so a connection that broke is made anew, once."""
        for connection in self._connections():
            try:
                return connection.exchange(frame, seconds)
            except TimeoutError:
                self.close()
                break
            except (OSError, frames.Malformed):
                self.close()
            except BaseException:  # half an answer may be on its way
                self.close()
                raise
        self.epoch = None
        raise KeeperStopped

    def _connections(self) -> "Iterator[_Connection]":
        kept: _Connection | None = getattr(self._own, "connection", None)
        if kept is not None and kept.process == os.getpid():
            yield kept
        try:
            self._own.connection = _Connection(self._path, self._connect_seconds)
        except OSError:
            self.close()
            return
        yield self._own.connection


class _Connection:
    """A socket that closes with its thread."""

    def __init__(self, path: Path, connect_seconds: float) -> None:
        self.process = os.getpid()
        self._socket = socket.socket(socket.AF_UNIX)
        weakref.finalize(self, self._socket.close)
        self._socket.settimeout(connect_seconds)
        self._socket.connect(str(path))
        if not frames.is_own(self._socket):
            raise ConnectionRefusedError("somebody else answers at the socket of the keeper")

    def exchange(self, frame: bytes, seconds: float) -> Any:
        self._socket.settimeout(seconds)
        self._socket.sendall(frame)
        reply = frames.receive(self._socket, seconds=seconds)
        if reply is None:
            raise ConnectionResetError("the keeper hung up")
        return reply
