"""A bundle: a file that whoever made it cannot open, and any two of three custodians can.

Its first line says in JSON what it is, and holds its key, sealed for each pair of custodians; the rest is an age file with
a tar inside. Without Tutela two custodians open it too: the two layers of the key with `age --decrypt`, then the rest.
Everything flows through: nothing is ever written in the clear on the way. Whoever holds the public halves of custodians
could make a bundle; what it brings back is believed because its sealed values and the seals of its log open.
"""

import base64
import errno
import hashlib
import io
import json
import os
import tarfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any, Literal

import pyrage

from tutela.foundation.refusals import Refused, Unmet
from tutela.foundation.words import say
from tutela.keeper.custodians import Custodian, Opened, open_for, seal_for_pairs
from tutela.keeper.errors import KeeperError

Kind = Literal["data", "keyring"]
ENDING = ".bundle"
MANIFEST = "manifest.json"

_FORMAT = 1
_LONGEST_LINE = 1_000_000  # bytes of the first line
_PIECE = 1 << 20  # bytes


@dataclass(frozen=True)
class Head:
    """What the first line of a bundle says to everybody: nothing about anybody.

    `since`: for a bundle with only the newer of the attached files, the one that has the others. `expires`: for a keyring,
    the day from which it should not be there any more.
    """

    id: str
    kind: Kind
    made_at: datetime
    since: str = ""
    expires: date | None = None

    @property
    def name(self) -> str:
        """How its file is called: the newest sorts last."""
        return f"tutela-{self.made_at:%Y%m%dT%H%M%SZ}-{self.kind}-{self.id[-8:]}{ENDING}"


def refused(code: str, text: str, **values: object) -> Refused:
    """A refusal in one sentence."""
    return Refused(Unmet(code, say(text, **values)))


def write(
    folder: Path,
    head: Head,
    *,
    custodians: Sequence[Custodian],
    fill: Callable[[tarfile.TarFile], dict[str, Any]],
) -> Path:
    """Write a bundle into `folder`, whole or not at all. `fill` puts its parts in and says what its manifest tells.

    Raises OSError where the folder does not take it.
    """
    identity = pyrage.x25519.Identity.generate()
    line = _first_line(head, str(identity).encode(), custodians)
    path = folder / head.name
    unfinished = path.with_suffix(".part")
    try:
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(line)
            with (
                _closing_for(out, identity.to_public()) as flow,
                tarfile.open(fileobj=flow, mode="w|") as tar,
            ):
                manifest = fill(tar)
                add(tar, MANIFEST, json.dumps(manifest | {"head": _digest(line)}).encode())
            out.flush()
            os.fsync(out.fileno())
        unfinished.rename(path)
        settle(folder)
    finally:
        unfinished.unlink(missing_ok=True)
    return path


def add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    """Put a small part in."""
    about = tarfile.TarInfo(name)
    about.size = len(content)
    tar.addfile(about, io.BytesIO(content))


def read_head(path: Path) -> Head:
    """What a bundle says of itself. Raises Refused where it is none."""
    head, _ = _read_line(path)
    return head


def recipients(path: Path) -> list[str]:
    """The public halves of the custodians for whom a bundle was made."""
    _, told = _read_line(path)
    return [str(one) for one in told["custodians"]]


def unpack(path: Path, into: Path, *, here: Sequence[Opened]) -> dict[str, Any]:
    """Open a bundle with the custodians who are here, into an empty folder. Returns its manifest.

    Raises Refused for a pair that is not of its custodians, and for a bundle that was changed, cut off or put together.
    """
    head, told = _read_line(path)
    identity = _key_of(told, here)
    with path.open("rb") as file:
        line = file.readline()
        try:
            with _opened_from(file, identity) as flow, tarfile.open(fileobj=flow, mode="r|") as tar:
                tar.extractall(into, filter="data")
        except (tarfile.TarError, pyrage.DecryptError, OSError) as error:
            if isinstance(error, OSError) and error.errno:  # of this machine, such as a full disk
                raise
            raise _damaged(path) from None
    manifest = _manifest_in(into)
    if manifest is None or manifest.get("head") != _digest(line) or manifest.get("id") != head.id:
        raise _damaged(path)
    return manifest


def settle(folder: Path) -> None:
    """Have the disk remember what the folder holds."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _first_line(head: Head, secret: bytes, custodians: Sequence[Custodian]) -> bytes:
    """Custodians go by their public halves here: their names are nobody else's business."""
    nameless = [Custodian(one.recipient, one.recipient) for one in custodians]
    keys = [
        [one, other, base64.b64encode(sealed).decode()]
        for (one, other), sealed in seal_for_pairs(secret, nameless).items()
    ]
    told = {
        "tutela_bundle": _FORMAT, "id": head.id, "kind": head.kind, "made_at": head.made_at.isoformat(), "since": head.since,
        "expires": head.expires.isoformat() if head.expires else None,
        "custodians": [one.recipient for one in nameless], "keys": keys,
    }  # fmt: skip
    return json.dumps(told, sort_keys=True).encode() + b"\n"


def _read_line(path: Path) -> tuple[Head, dict[str, Any]]:
    try:
        with path.open("rb") as file:
            told = json.loads(file.readline(_LONGEST_LINE))
        if told["tutela_bundle"] != _FORMAT or told["kind"] not in ("data", "keyring"):
            raise ValueError
        expires = date.fromisoformat(told["expires"]) if told["expires"] else None
        made_at = datetime.fromisoformat(told["made_at"])
        return Head(told["id"], told["kind"], made_at, told["since"], expires), told
    except OSError as error:
        raise refused("no_file", "{path} cannot be read: {why}.", path=path, why=error.strerror) from error
    except (ValueError, KeyError, TypeError):
        raise refused("no_bundle", "{path} is no bundle of Tutela, or was changed.", path=path.name) from None


def _key_of(told: dict[str, Any], here: Sequence[Opened]) -> pyrage.x25519.Identity:
    try:
        custodians = [Custodian(one, one) for one in told["custodians"]]
        pairs = {(one, other): base64.b64decode(sealed) for one, other, sealed in told["keys"]}
        secret = open_for(pairs, here=here, custodians=custodians)
        if secret is not None:
            return pyrage.x25519.Identity.from_str(secret.decode())
    except (KeeperError, ValueError, TypeError, KeyError, pyrage.IdentityError):
        pass
    raise refused(
        "wrong_pair",
        "These custodians do not open this bundle. It takes two of the three for whom it was made, and a bundle "
        "that nobody changed.",
    )


def _manifest_in(folder: Path) -> dict[str, Any] | None:
    try:
        found = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _damaged(path: Path) -> Refused:
    return refused(
        "damaged",
        "{path} was changed or cut off since it was made. Nothing was restored; take another copy.",
        path=path.name,
    )


def _digest(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()


@contextmanager
def _closing_for(out: IO[bytes], recipient: pyrage.x25519.Recipient) -> Iterator[IO[bytes]]:
    """What is written into it comes out as an age file in `out`. A thread closes; the caller reads databases and writes."""

    def close(source: IO[bytes]) -> None:
        try:
            pyrage.encrypt_io(source, out, [recipient])
        except pyrage.EncryptError as error:  # in which an error of the disk is wrapped
            raise OSError(errno.EIO, str(error).removeprefix("OSError: ")) from error

    reading, writing = os.pipe()
    with _beside(close, os.fdopen(reading, "rb")), os.fdopen(writing, "wb", buffering=_PIECE) as flow:
        yield flow


@contextmanager
def _opened_from(file: IO[bytes], identity: pyrage.x25519.Identity) -> Iterator[IO[bytes]]:
    """What stands in an age file, as it is opened; at the end it was read to the end, so that nothing is believed too soon."""

    def opened(target: IO[bytes]) -> None:
        pyrage.decrypt_io(file, target, [identity])

    reading, writing = os.pipe()
    with _beside(opened, os.fdopen(writing, "wb", buffering=_PIECE)), os.fdopen(reading, "rb") as flow:
        yield flow
        while flow.read(_PIECE):
            pass


@contextmanager
def _beside(work: Callable[[IO[bytes]], None], end: IO[bytes]) -> Iterator[None]:
    """`work` at one end of a pipe in a thread of its own, while the block works at the other. Its failure comes first:
    that the pipe broke is only what followed from it."""
    failed: list[Exception] = []

    def run() -> None:
        try:
            with end:
                work(end)
        except Exception as error:
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    except (BrokenPipeError, tarfile.TarError) as followed:
        thread.join()
        raise (failed[0] if failed else followed) from followed
    finally:
        thread.join()
    if failed:
        raise failed[0]
