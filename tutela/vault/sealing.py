"""Sealing values of a case file, and opening them.

A sealed value is bound to its row, its file, its privacy class and a permanent label: moved anywhere else, or
changed in one byte, it does not open. Its length shows how long the value was: nothing is padded.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from tutela.foundation.clock import now
from tutela.keeper.envelope import Key
from tutela.keeper.errors import Tampered as TamperedValue
from tutela.keeper.messages import Unwrappable
from tutela.vault import keyring, opened_keys
from tutela.vault.errors import NoKeys, Tampered
from tutela.vault.keeper import keeper
from tutela.vault.models import SEAL_CLASSES, SealClass
from tutela.vault.root_generation import keep_up

_FILES_AT_ONCE = 500
_CHUNK = 262_144  # bytes. Permanent: change it and nothing sealed in chunks before opens

_Name = tuple[UUID, str]  # file and privacy class, or user
_Keys = dict[_Name, Key | None]  # None for a key that was changed; nothing where there is none


def seal(value: Any, *, file: UUID, seal_class: SealClass, row: UUID, label: str) -> bytes:
    """`value` (anything JSON can say), sealed for this place. Sealing the same twice gives different bytes.

    Raises NoKeys, Unavailable (keeper locked or stopped), Tampered (the file's key), and TypeError or
    ValueError for what JSON cannot say.
    """
    return _file_key(file, seal_class).close(_canonical(value), context=_place(row, file, seal_class, label))


def open_sealed(blob: bytes, *, file: UUID, seal_class: SealClass, row: UUID, label: str) -> Any:
    """What was sealed for this place. Raises Tampered, NoKeys, Unavailable."""
    return _opened(_file_key(file, seal_class), blob, _place(row, file, seal_class, label))


def seal_for_user(value: Any, *, user: UUID, row: UUID, label: str) -> bytes:
    """`value`, sealed so that it opens for this user's own work only. Raises as `seal` does."""
    return _user_key(user).close(_canonical(value), context=_place(row, user, "user", label))


def open_for_user(blob: bytes, *, user: UUID, row: UUID, label: str) -> Any:
    """What was sealed for this user and place. Raises Tampered, NoKeys, Unavailable."""
    return _opened(_user_key(user), blob, _place(row, user, "user", label))


def seal_bytes(content: bytes, *, file: UUID, seal_class: SealClass, row: UUID, label: str) -> bytes:
    """`content`, such as a photo, sealed for this place in chunks, so that much is never opened in one go.

    Each chunk is bound to its number and to how many there are: none can be dropped, put in, swapped or cut short.
    Raises as `seal` does.
    """
    return _closed_in_chunks(_file_key(file, seal_class), content, _place(row, file, seal_class, label))


def open_bytes(blob: bytes, *, file: UUID, seal_class: SealClass, row: UUID, label: str) -> bytes:
    """What `seal_bytes` was given. Raises Tampered, NoKeys, Unavailable."""
    return _opened_from_chunks(_file_key(file, seal_class), blob, _place(row, file, seal_class, label))


def seal_bytes_for_user(content: bytes, *, user: UUID, row: UUID, label: str) -> bytes:
    """`content`, sealed in chunks so that it opens for this user's own work only. Raises as `seal` does."""
    return _closed_in_chunks(_user_key(user), content, _place(row, user, "user", label))


def open_bytes_for_user(blob: bytes, *, user: UUID, row: UUID, label: str) -> bytes:
    """What `seal_bytes_for_user` was given. Raises Tampered, NoKeys, Unavailable."""
    return _opened_from_chunks(_user_key(user), blob, _place(row, user, "user", label))


def keyed_hash(data: bytes, *, file: UUID) -> bytes:
    """HMAC-SHA256 under a key of this file: shows that the same was sent twice; without the key, nothing."""
    return _file_key(file, "case").mac(data, purpose="keyed hash")


def fetch_keys(file_ids: Iterable[UUID], *, seal_classes: Sequence[SealClass] = SEAL_CLASSES) -> None:
    """Have the keys of many files unwrapped in one call of the keeper, before a list of them is opened.

    They are held for a few seconds (`opened_keys.SECONDS`). Files without keys are passed over here and raise
    NoKeys when they are opened. Raises Unavailable.
    """
    files = list(file_ids)
    for start in range(0, len(files), _FILES_AT_ONCE):
        _fetch(files[start : start + _FILES_AT_ONCE], seal_classes)


def _opened(key: Key, blob: bytes, context: str) -> Any:
    try:
        return json.loads(key.open(blob, context=context))
    except TamperedValue:
        raise Tampered from None


def _closed_in_chunks(key: Key, content: bytes, context: str) -> bytes:
    chunks = [content[start : start + _CHUNK] for start in range(0, len(content), _CHUNK)] or [b""]
    return b"".join(
        key.close(chunk, context=f"{context} chunk {number} of {len(chunks)}")
        for number, chunk in enumerate(chunks)
    )


def _opened_from_chunks(key: Key, blob: bytes, context: str) -> bytes:
    size = _CHUNK + Key.COSTS
    chunks = [blob[start : start + size] for start in range(0, len(blob), size)] or [b""]
    try:
        return b"".join(
            key.open(chunk, context=f"{context} chunk {number} of {len(chunks)}")
            for number, chunk in enumerate(chunks)
        )
    except TamperedValue:
        raise Tampered from None


def _canonical(value: Any) -> bytes:
    """The one spelling of a JSON value: sorted keys, UTF-8, no spaces."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode()


def _place(row: UUID, owner: UUID, seal_class: str, label: str) -> str:
    """Permanent: change this and nothing sealed before opens. Only its last part has no fixed shape."""
    return f"{row.hex} {owner.hex} {seal_class} {label}"


def _file_key(file: UUID, seal_class: SealClass) -> Key:
    name = (file, seal_class)
    held = opened_keys.find(name, epoch=keeper().epoch)
    return held or _present(_fetch([file], [seal_class]), name)


def _fetch(file_ids: Collection[UUID], seal_classes: Sequence[SealClass]) -> _Keys:
    """The opened keys by file and privacy class."""
    keys = _unwrapped(keyring.wrapped_file_keys(file_ids, seal_classes))
    if None in keys.values():  # or an agency's key was changed while this read one table after the other
        keys = _unwrapped(keyring.wrapped_file_keys(file_ids, seal_classes))
    return keys


def _user_key(user: UUID) -> Key:
    name = (user, "user")
    held = opened_keys.find(name, epoch=keeper().epoch)
    return held or _present(_unwrapped({name: Unwrappable(None, keyring.wrapped_user_key(user))}), name)


def _unwrapped(wrapped: dict[_Name, Unwrappable]) -> _Keys:
    if not wrapped:
        return {}
    # The epoch is taken before: keys that a lock overtakes must not pass for keys of the time after it.
    epoch = keeper().epoch or keeper().status()["epoch"]
    opened = keeper().unwrap(list(wrapped.values()))
    if None in opened:
        keep_up(at=now())
    keys = {name: Key(key) if key else None for name, key in zip(wrapped, opened, strict=True)}
    opened_keys.keep({name: key for name, key in keys.items() if key}, epoch=epoch)
    return keys


def _present(keys: _Keys, name: _Name) -> Key:
    if name not in keys:
        raise NoKeys
    key = keys[name]
    if key is None:
        raise Tampered
    return key
