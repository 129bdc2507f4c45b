"""The socket of the keeper: who may speak, one thread for each who does, and how it starts and ends."""

import fcntl
import logging
import os
import signal
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from stat import S_IMODE, S_ISSOCK
from types import FrameType
from typing import Any

from tutela.keeper import frames
from tutela.keeper.errors import CannotStart, KeeperLocked
from tutela.keeper.keys import RootKeyDriver
from tutela.keeper.memory import keep_in_memory, leave_no_traces
from tutela.keeper.operations import Keeper

log = logging.getLogger(__name__)

_PART_SECONDS = 10.0  # between two parts of a frame that has begun


def serve(*, socket_path: Path, driver: RootKeyDriver) -> None:
    """Answer at `socket_path` until SIGTERM or SIGINT. Raises CannotStart with what to repair."""
    leave_no_traces()
    if not keep_in_memory():
        log.warning("memory can be swapped out: the system does not let the keeper prevent it (LimitMEMLOCK)")
    check_folder(socket_path.parent)
    with _alone_at(socket_path):
        keeper = Keeper(driver)
        try:
            keeper.unlock()
        except KeeperLocked:
            log.info("started locked")
        try:
            with _Server(socket_path, keeper) as server:
                log.info("answering at %s", socket_path)
                _serve_until_stopped(server)
        finally:
            socket_path.unlink(missing_ok=True)


def check_folder(folder: Path) -> None:
    """Raises CannotStart where somebody else could put their own socket into `folder`."""
    if not folder.is_dir():
        raise CannotStart(f"The folder {folder} does not exist. Make it, for the user who runs the keeper.")
    found = folder.stat()
    if found.st_uid not in (0, os.getuid()) or S_IMODE(found.st_mode) & 0o022:
        raise CannotStart(f"Others can write to {folder}. Make it yours alone: chown, then chmod 700.")


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True  # a connection that stays open does not keep the keeper from stopping
    request_queue_size = 1_024

    def __init__(self, path: Path, keeper: Keeper) -> None:
        self.keeper = keeper
        try:
            super().__init__(str(path), _Conversation)
        except OSError as error:
            raise CannotStart(f"No socket can be made at {path}: {error}. Choose a shorter path.") from error

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Nobody else is even listened to."""
        if frames.is_own(request):
            return True
        log.warning("refused a process of another user")
        return False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Without the traceback that socketserver prints: it could show what was said."""
        log.error("a connection ended unexpectedly")


class _Conversation(socketserver.BaseRequestHandler):
    server: _Server
    request: socket.socket

    def handle(self) -> None:
        try:
            while (message := frames.receive(self.request, seconds=_PART_SECONDS)) is not None:
                answer = self.server.keeper.answer(message)
                self.request.sendall(frames.pack(answer))
        except frames.Malformed as error:
            log.warning("closed a connection: %s", error)
        except OSError:
            return  # the other side is gone


def _serve_until_stopped(server: _Server) -> None:
    def stop(signal_number: int, frame: FrameType | None) -> None:
        threading.Thread(target=server.shutdown).start()  # it waits for the loop, which this thread runs

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    server.serve_forever(poll_interval=0.1)
    log.info("stopped")


@contextmanager
def _alone_at(path: Path) -> Iterator[None]:
    """Hold the place of the socket. The file that a dead keeper left goes, that of a living one stays."""
    try:
        descriptor = os.open(path.with_name(f"{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise CannotStart(f"{path} cannot be made: {error.strerror}. Choose another folder.") from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotStart(f"A keeper answers at {path} already. Stop it first.") from None
        if path.exists():
            if not S_ISSOCK(path.stat().st_mode):
                raise CannotStart(f"{path} is not a socket. Choose another path.")
            path.unlink()
        yield
    finally:
        os.close(descriptor)
