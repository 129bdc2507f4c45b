"""Files of exports while they wait to be fetched: sealed under the register's key, outside the database and its backups."""

import os
from base64 import b64decode, b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from uuid import UUID

from django.conf import settings

from tutela.exports.models import Export, register_id
from tutela.foundation.ids import new_id
from tutela.foundation.refusals import NotFound
from tutela.vault import sealing

# `open`: a workbook that waits for its passphrase. `locked`: closed for its recipient; nobody here opens it.
Kind = Literal["open", "locked"]
_KINDS: tuple[Kind, ...] = ("open", "locked")
_LABEL = "exports.file"


def keep(export: Export, kind: Kind, content: bytes) -> None:
    """Keep the file of an export, in place of an earlier one. Raises Unavailable while locked."""
    sealed = sealing.seal(
        b64encode(content).decode(), file=register_id(export.agency_id), seal_class="identity", row=export.id,
        label=f"{_LABEL}.{kind}",
    )  # fmt: skip
    place = _place(export.id, kind)
    beside = place.with_name(f"{place.name}.{new_id().hex}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(sealed)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(place)


def kept(export: Export, kind: Kind) -> bytes:
    """The file of an export. Raises NotFound where there is none any more, Unavailable, Tampered."""
    try:
        sealed = _place(export.id, kind).read_bytes()
    except FileNotFoundError:
        raise NotFound from None
    written: str = sealing.open_sealed(
        sealed, file=register_id(export.agency_id), seal_class="identity", row=export.id, label=f"{_LABEL}.{kind}"
    )  # fmt: skip
    return b64decode(written)


def sweep(export_id: UUID, *kinds: Kind) -> None:
    """Delete the files of an export: all of them, or those of `kinds`. Where there is none, nothing happens."""
    for kind in kinds or _KINDS:
        for file in _folder().glob(f"{_place(export_id, kind).name}*"):
            file.unlink(missing_ok=True)


def lying_there() -> Iterator[UUID]:
    """Of which exports there is a file, whatever the register says."""
    for file in _folder().iterdir():
        try:
            yield UUID(file.name.partition(".")[0])
        except ValueError:
            continue


def _place(export_id: UUID, kind: Kind) -> Path:
    return _folder() / f"{export_id.hex}.{kind}"


def _folder() -> Path:
    folder = Path(settings.EXPORTS)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
