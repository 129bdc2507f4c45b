"""How a key closes something: AES-256-GCM, in one format for wrapped keys and sealed values.

    version (1 byte) | algorithm (1) | key id (8) | nonce (12) | ciphertext and tag

Everything before the ciphertext is authenticated with it, and so is the *context*: words that say what was
closed and where it belongs. Under another key, in another place or with a byte changed, it is Tampered.
"""

import secrets
from collections.abc import Sequence
from typing import ClassVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tutela.keeper.errors import Tampered

KEY_BYTES = 32
_FORMAT = bytes([1, 1])  # version 1; algorithm 1 is AES-256-GCM
_ID_BYTES = 8
_NONCE_BYTES = 12
_TAG_BYTES = 16
_HEADER_BYTES = len(_FORMAT) + _ID_BYTES


def new_key() -> bytes:
    """The random bytes of a new key."""
    return secrets.token_bytes(KEY_BYTES)


class Key:
    """A key in use. Each use has a key of its own, derived with HKDF-SHA256, so that none weakens another."""

    COSTS: ClassVar[int] = _HEADER_BYTES + _NONCE_BYTES + _TAG_BYTES  # bytes that closing adds
    __slots__ = ("_cipher", "_header", "_material")

    def __init__(self, material: bytes) -> None:
        if len(material) != KEY_BYTES:
            raise ValueError(f"a key has {KEY_BYTES} bytes")
        derived = _derive(material, "seal", KEY_BYTES + _ID_BYTES)
        self._material = material
        self._cipher = AESGCM(derived[:KEY_BYTES])
        self._header = _FORMAT + derived[KEY_BYTES:]

    @property
    def id(self) -> str:
        """What tells this key from others, and nothing about it: it stands before everything that it closes."""
        return self._header[len(_FORMAT) :].hex()

    def closed(self, closed: bytes) -> bool:
        """Whether `closed` says that this key closed it. Only `open` proves it."""
        return closed[:_HEADER_BYTES] == self._header

    def close(self, plain: bytes, *, context: str) -> bytes:
        """`plain`, closed for `context`. Twice the same gives different bytes."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return self._header + nonce + self._cipher.encrypt(nonce, plain, self._header + context.encode())

    def open(self, closed: bytes, *, context: str) -> bytes:
        """What `close` was given. Raises Tampered."""
        header, rest = closed[:_HEADER_BYTES], closed[_HEADER_BYTES:]
        nonce, ciphertext = rest[:_NONCE_BYTES], rest[_NONCE_BYTES:]
        if header != self._header or len(nonce) != _NONCE_BYTES:
            raise Tampered
        try:
            return self._cipher.decrypt(nonce, ciphertext, header + context.encode())
        except InvalidTag:
            raise Tampered from None

    def mac(self, data: bytes, *, purpose: str) -> bytes:
        """HMAC-SHA256 of `data` under the key that this one has for `purpose`: 32 bytes."""
        code = HMAC(_derive(self._material, f"mac:{purpose}", KEY_BYTES), SHA256())
        code.update(data)
        return code.finalize()

    def child(self, purpose: str) -> "Key":
        """The key that this one always has for `purpose`."""
        return Key(_derive(self._material, f"key:{purpose}", KEY_BYTES))


class Ring:
    """Keys for one use, the newest first: the newest closes, and whichever closed something opens it."""

    def __init__(self, keys: Sequence[Key]) -> None:
        self._keys = keys

    def close(self, plain: bytes, *, context: str) -> bytes:
        """`plain`, closed with the newest key."""
        return self._keys[0].close(plain, context=context)

    def open(self, closed: bytes, *, context: str) -> bytes:
        """What `close` was given, of whichever key. Raises Tampered."""
        fitting = next((key for key in self._keys if key.closed(closed)), self._keys[0])
        return fitting.open(closed, context=context)

    def renewed(self, closed: bytes, *, context: str) -> bytes:
        """The same, closed with the newest key; as it is where that has been done. Raises Tampered."""
        plain = self.open(closed, context=context)
        return closed if self._keys[0].closed(closed) else self.close(plain, context=context)


def _derive(material: bytes, info: str, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=f"tutela {info}".encode()).derive(material)
