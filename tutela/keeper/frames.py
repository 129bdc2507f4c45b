"""How processes of one user speak with the keeper: length-prefixed JSON over a Unix socket."""

import json
import os
import socket
import struct
from base64 import b64decode, b64encode
from typing import Any

MOST_BYTES = 16 * 1024 * 1024  # one frame; a search among 200,000 people takes 9 MB
_LENGTH = struct.Struct("!I")
_CREDENTIALS = struct.Struct("3i")  # process, user, group: `struct ucred` of socket(7)


class Malformed(Exception):
    """Bytes that are no frame. Nothing of them is repeated in the message."""


def pack(message: object) -> bytes:
    """One frame. Bytes become base64. Raises Malformed where it would be too long."""
    body = json.dumps(message, default=_marked, separators=(",", ":")).encode()
    if len(body) > MOST_BYTES:
        raise Malformed("a frame is too long")
    return _LENGTH.pack(len(body)) + body


def receive(connection: socket.socket, *, seconds: float) -> Any:
    """The next message, or None where the other side has hung up.

    It may be waited for as long as the connection allows; once begun, `seconds` may pass between its parts.
    Raises Malformed, and OSError where the connection breaks.
    """
    first = connection.recv(1)
    if not first:
        return None
    before = connection.gettimeout()
    connection.settimeout(seconds)
    (length,) = _LENGTH.unpack(first + _exactly(connection, _LENGTH.size - 1))
    if length > MOST_BYTES:
        raise Malformed("a frame is too long")
    body = _exactly(connection, length)
    connection.settimeout(before)
    try:
        return json.loads(body, object_hook=_unmarked)
    except (ValueError, RecursionError):
        raise Malformed("a frame is not JSON") from None


def is_own(connection: socket.socket) -> bool:
    """Whether the process at the other end runs as this user or as root."""
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _, user, _ = _CREDENTIALS.unpack(credentials)
    return may_speak(user, own=os.getuid())


def may_speak(user: int, *, own: int) -> bool:
    """Only root and the user who runs the keeper."""
    return user in (0, own)


def _exactly(connection: socket.socket, length: int) -> bytes:
    parts = bytearray()
    while len(parts) < length:
        part = connection.recv(min(length - len(parts), 1 << 20))
        if not part:
            raise Malformed("a frame is cut short")
        parts += part
    return bytes(parts)


def _marked(value: object) -> dict[str, str]:
    if isinstance(value, bytes):
        return {"base64": b64encode(value).decode()}
    raise TypeError(f"a frame carries no {type(value).__name__}")


def _unmarked(found: dict[str, Any]) -> Any:
    if found.keys() == {"base64"}:
        return b64decode(found["base64"], validate=True)
    return found
