"""What signing in keeps in the database and nobody should read there: one-time secrets, and what a session holds.

The key is made from `TUTELA_SECRET_KEY` and not by the keeper: people sign in while the files are locked (ADR 0034).
"""

import base64
import json
import secrets
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_KEY_BYTES = 32  # what Fernet takes
_RANDOM_BYTES = 20  # of a one-time secret


def seal(text: str) -> str:
    """`text`, so that whoever copies the database cannot read it."""
    return _box(settings.SECRET_KEY).encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """What was sealed. Where the key is another by now, a new secret that no code answers to: never an empty one."""
    try:
        return _box(settings.SECRET_KEY).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return base64.b32encode(secrets.token_bytes(_RANDOM_BYTES)).decode()


class SealedJson:
    """The content of a session, sealed. One that does not open is empty: whoever had it signs in again."""

    def dumps(self, data: dict[str, Any]) -> bytes:
        return _box(settings.SECRET_KEY).encrypt(json.dumps(data, separators=(",", ":")).encode())

    def loads(self, sealed: bytes) -> dict[str, Any]:
        try:
            opened: dict[str, Any] = json.loads(_box(settings.SECRET_KEY).decrypt(sealed))
        except InvalidToken:
            return {}
        return opened


@lru_cache(maxsize=2)
def _box(secret_key: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=b"tutela sign-in at rest v1")
    return Fernet(base64.urlsafe_b64encode(derived.derive(secret_key.encode())))
