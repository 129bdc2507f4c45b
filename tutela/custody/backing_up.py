"""Two bundles, the data and then the keyring, that this machine cannot open again (ADR 0038).

The data come first: a file is made keys first, so each file of the first bundle finds its keys in the second. Both
databases are read as they are at one moment, and nobody waits meanwhile.
"""

import hashlib
import io
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from django.conf import settings

from tutela.custody.bundles import Head, Kind, add, refused, write
from tutela.custody.checksum import Checksum
from tutela.custody.places import (
    attached,
    bundles_in,
    check_place,
    keys,
    last_full,
    remember_last,
    send_destructions,
)
from tutela.custody.rows import migrations_of, one_moment, rows
from tutela.custody.rules import expires
from tutela.foundation.clock import now
from tutela.foundation.ids import new_id
from tutela.keeper.custodians import Custodian

DATABASE: dict[Kind, str] = {"data": "default", "keyring": "keyring"}

_PART = 4 << 20  # bytes of rows in one part of a bundle
_SLACK = 60.0  # seconds: a clock that was set back leaves no file out
# What somebody needs to know to set it up again. No secret, and no address of a database.
_SETTINGS = ("INSTALLATION_NAME", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "HTTPS", "DEMONSTRATION")


def back_up(place: Path, *, custodians: Sequence[Custodian], delta: bool = False) -> list[Path]:
    """Write both bundles into `place`; copies of the keyring there that have expired go.

    `delta`: of the attached files only those that the last full bundle there has not; rows are always all of them.
    Raises Refused for a place that cannot be one, or does not take them.
    """
    check_place(place)
    full = last_full(place) if delta else None
    head = Head(str(new_id()), "data", now(), since=full.id if full else "")
    newer = full.made_at.timestamp() - _SLACK if full else 0.0
    try:
        written = [_data(place, head, custodians, newer=newer), _keyring(place, custodians)]
    except OSError as error:
        raise refused(
            "not_written", "{place} does not take it: {why}.", place=place, why=error.strerror
        ) from error
    remember_last(head.made_at, place=place, full=head.since or head.id)
    send_destructions()
    for path, head in bundles_in(place):
        if head.expires and head.expires <= now().date():
            path.unlink()
    return written


def _data(place: Path, head: Head, custodians: Sequence[Custodian], *, newer: float) -> Path:
    def fill(tar: tarfile.TarFile) -> dict[str, Any]:
        told = _database(tar, "data")
        files = dict(_files(tar, attached(), newer=newer))
        return told | {
            "id": head.id,
            "files": files,
            "settings": {name: getattr(settings, name) for name in _SETTINGS},
        }

    return write(place, head, custodians=custodians, fill=fill)


def _keyring(place: Path, custodians: Sequence[Custodian]) -> Path:
    head = Head(str(new_id()), "keyring", now(), expires=expires(now().date()))

    def fill(tar: tarfile.TarFile) -> dict[str, Any]:
        return _database(tar, "keyring") | {"id": head.id, "files": dict(_files(tar, keys()))}

    return write(place, head, custodians=custodians, fill=fill)


def _database(tar: tarfile.TarFile, kind: Kind) -> dict[str, Any]:
    """Put every row in, in parts that memory holds. What the manifest tells of them: how many, and their checksum."""
    using, sum_of_all = DATABASE[kind], Checksum()
    with one_moment(using):
        for number, (label, content) in enumerate(_parts(using, sum_of_all)):
            add(tar, f"rows/{number:06}-{label}.jsonl", content)
        return {
            "migrations": migrations_of(using), "rows": sum_of_all.counts, "checksum": str(sum_of_all),
        }  # fmt: skip


def _parts(using: str, sum_of_all: Checksum) -> Iterator[tuple[str, bytes]]:
    current, part = "", bytearray()
    for label, line in rows(using):
        sum_of_all.add(label, line)
        if part and (label != current or len(part) > _PART):
            yield current, bytes(part)
            part.clear()
        current = label
        part += line + b"\n"
    if part:
        yield current, bytes(part)


def _files(
    tar: tarfile.TarFile, places: Mapping[str, Path], *, newer: float = 0.0
) -> Iterator[tuple[str, str]]:
    """Put files in as they lie there, sealed. Each with the SHA-256 of what it holds."""
    for name, top in places.items():
        for path in [top] if top.is_file() else sorted(top.rglob("*")):
            if path.is_file() and path.stat().st_mtime >= newer:
                told = name if path == top else f"{name}/{path.relative_to(top).as_posix()}"
                with suppress(FileNotFoundError):  # swept away meanwhile
                    yield told, _file(tar, f"files/{told}", path)


def _file(tar: tarfile.TarFile, name: str, path: Path) -> str:
    with path.open("rb") as file:
        about = tar.gettarinfo(arcname=name, fileobj=file)
        about.mode, about.uid, about.gid, about.uname, about.gname = 0o600, 0, 0, "", ""
        reading = _Hashed(file)
        tar.addfile(about, reading)
        return reading.digest


class _Hashed(io.RawIOBase):
    """A file, hashed on the way."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._hash = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        content = self._file.read(size)
        self._hash.update(content)
        return content

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()
