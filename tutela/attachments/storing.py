"""Where sealed bytes lie: files under names that say nothing, in one folder. Nothing else knows that it is a folder."""

import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from tutela.vault.errors import Tampered

_UNFINISHED = "."  # how the name begins of what is not all there


def keep(name: str, sealed: bytes) -> None:
    """Keep `sealed` under `name`: all of it and on disk, or, cut off at any moment, nothing."""
    folder = _folder()
    unfinished = folder / f"{_UNFINISHED}{secrets.token_hex(8)}"
    try:
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(folder / name)
    finally:
        unfinished.unlink(missing_ok=True)
    _settle(folder)


def fetch(name: str) -> bytes:
    """What is kept under `name`. Raises Tampered where it is gone."""
    try:
        return (_folder() / name).read_bytes()
    except FileNotFoundError:
        raise Tampered from None


def is_kept(name: str) -> bool:
    """Whether there is anything under `name`."""
    return (_folder() / name).exists()


def remove(name: str) -> None:
    """Remove what is under `name`, where there is anything."""
    (_folder() / name).unlink(missing_ok=True)


def names(start: str = "") -> Iterator[tuple[str, datetime]]:
    """Every name that begins with `start`, and when it was kept; what was cut off in the middle is among them."""
    for path in _folder().iterdir():
        if path.name.startswith(start):
            with suppress(FileNotFoundError):  # removed meanwhile
                yield path.name, datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _folder() -> Path:
    folder = Path(settings.ATTACHMENTS)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _settle(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
