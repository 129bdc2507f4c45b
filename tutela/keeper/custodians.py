"""Custodians: three people, any two of whom open together what was sealed for them (design §5, R120).

A custodian's *identity* is an age key in a file of its own, closed with a passphrase that only they know. What is sealed
for custodians lies in one nested age file for each pair: closed for one, and that again for the other. To seal takes their
public halves only, so the server can make what it cannot open. Without Tutela, `age --decrypt` opens it as well.
"""

import hashlib
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

import pyrage
from zxcvbn import zxcvbn

from tutela.keeper.errors import KeeperError

NEEDED = 2  # custodians that open together
_MOST_LETTERS = 72  # what the estimate looks at
_TOO_LONG, _MEASURED_AGAIN = "Excessive work", 50  # how age says so; times, each of some milliseconds
_LEAST_GUESSES = 14  # as a power of ten: with age's scrypt, beyond a farm of computers for years


class WeakPassphrase(KeeperError):
    """The passphrase would be guessed."""

    def __init__(self) -> None:
        super().__init__(
            "This passphrase would be guessed. Take six words or more that do not belong together."
        )


class NotTheirs(KeeperError):
    """A custodian's file and passphrase do not go together, or the file is none, or it is of somebody else."""

    def __init__(self) -> None:
        super().__init__("The file and the passphrase do not go together. Look at both and try again.")


class Custodian(NamedTuple):
    """Somebody who can open together with another: how they are called, the public half of their identity, and the
    SHA-256 of their file, so that no other file need even be tried.
    """

    name: str
    recipient: str
    fingerprint: str = ""


class Opened(NamedTuple):
    """A custodian who is here: their identity, opened. It stays in the memory of the process that opened it."""

    recipient: str
    identity: str


def new_identity(passphrase: str) -> tuple[str, bytes]:
    """A new custodian's public half, and their file, closed with `passphrase`. Raises WeakPassphrase."""
    check_passphrase(passphrase)
    identity = pyrage.x25519.Identity.generate()
    return str(identity.to_public()), pyrage.passphrase.encrypt(str(identity).encode(), passphrase)


def fingerprint(file: bytes) -> str:
    """What tells a custodian's file from every other."""
    return hashlib.sha256(file).hexdigest()


def check_passphrase(passphrase: str) -> None:
    """Raises WeakPassphrase for one that would be guessed within years."""
    if not passphrase.strip() or zxcvbn(passphrase[:_MOST_LETTERS])["guesses_log10"] < _LEAST_GUESSES:
        raise WeakPassphrase


def open_identity(file: bytes, passphrase: str) -> Opened:
    """The custodian whose file this is. Takes seconds, on purpose. Raises NotTheirs."""
    try:
        text = _decrypted(file, passphrase).decode().strip()
        identity = pyrage.x25519.Identity.from_str(text)
    except (pyrage.DecryptError, pyrage.IdentityError, UnicodeDecodeError):
        raise NotTheirs from None
    return Opened(str(identity.to_public()), text)


def _decrypted(file: bytes, passphrase: str) -> bytes:
    """age measures this machine first and refuses a file that would take it too long. In a busy moment, when it was made in a
    quiet one, that would be every custodian's: so it is asked to measure again."""
    for _ in range(_MEASURED_AGAIN):
        try:
            return bytes(pyrage.passphrase.decrypt(file, passphrase))
        except pyrage.DecryptError as error:
            if not str(error).startswith(_TOO_LONG):
                raise
    return bytes(pyrage.passphrase.decrypt(file, passphrase))


def seal_for_pairs(secret: bytes, custodians: Sequence[Custodian]) -> dict[tuple[str, str], bytes]:
    """`secret`, nested for each pair of custodians, by their names."""
    return {
        (one.name, other.name): _close(_close(secret, other.recipient), one.recipient)
        for one, other in combinations(custodians, NEEDED)
    }


def open_pair(sealed: bytes, *, one: Opened, other: Opened) -> bytes:
    """What was sealed for these two, in this order. Raises NotTheirs."""
    return _open(_open(sealed, one.identity), other.identity)


def pair_of(here: Sequence[Opened], custodians: Sequence[Custodian]) -> tuple[Custodian, Custodian] | None:
    """The first two custodians of those who are here, in the order in which pairs are named; None where it takes more."""
    there = [one for one in custodians if one.recipient in {opened.recipient for opened in here}]
    return (there[0], there[1]) if len(there) >= NEEDED else None


def open_for(
    pairs: Mapping[tuple[str, str], bytes], *, here: Sequence[Opened], custodians: Sequence[Custodian]
) -> bytes | None:
    """What was sealed for custodians, opened by those who are here; None while there are not enough. Raises NotTheirs."""
    pair = pair_of(here, custodians)
    if pair is None:
        return None
    one, other = (next(opened for opened in here if opened.recipient == who.recipient) for who in pair)
    sealed = pairs.get((pair[0].name, pair[1].name))
    if sealed is None:
        raise NotTheirs
    return open_pair(sealed, one=one, other=other)


def _close(plain: bytes, recipient: str) -> bytes:
    closed: bytes = pyrage.encrypt(plain, [pyrage.x25519.Recipient.from_str(recipient)])
    return closed


def _open(closed: bytes, identity: str) -> bytes:
    try:
        plain: bytes = pyrage.decrypt(closed, [pyrage.x25519.Identity.from_str(identity)])
    except pyrage.DecryptError:
        raise NotTheirs from None
    return plain
