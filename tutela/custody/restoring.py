"""Bringing a house back on another, empty machine: two custodians, its bundles, and what was destroyed since (ADR 0038).

Bundles are opened and looked at whole before anything is written; what comes in then is compared with what was taken.
Cut off in between, the same command begins anew.
"""

import hashlib
import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connections, transaction

from tutela.custody import evacuating
from tutela.custody.backing_up import DATABASE
from tutela.custody.bundles import Head, Kind, read_head, refused, unpack
from tutela.custody.checksum import checksum
from tutela.custody.destroying import drop
from tutela.custody.owning import as_owner, check_may_make, make_tables
from tutela.custody.places import attached, keys, var
from tutela.custody.rows import empty, migrations_of, number_on, put
from tutela.keeper.custodians import NotTheirs, Opened, open_identity
from tutela.vault import keyring

_STAGE = "restoring"  # under the folder of the data: what was opened and is not in its place yet
_KINDS: tuple[Kind, ...] = ("keyring", "data")  # in the order in which they are committed, here as everywhere


@dataclass(frozen=True)
class Bundles:
    """Bundles that belong together: the data, the keyring taken after it, and the full one with the older files."""

    data: Path
    keyring: Path
    full: Path | None
    kept_after: date | None  # the day from which the keyring should have been deleted, where it has come


@dataclass(frozen=True)
class Restored:
    """What came back: the settings the house had, and the checksum of each database as it was taken."""

    settings: dict[str, Any]
    checksums: dict[Kind, str]


def belonging(paths: Sequence[Path], *, today: date) -> Bundles:
    """The bundles that somebody brought, where they make one house. Raises Refused with what is missing."""
    heads = {path: read_head(path) for path in paths}
    data = _newest(heads, "data")
    ring = _newest(heads, "keyring")
    if data is None or ring is None:
        raise refused(
            "incomplete", "It takes two bundles: one of the data, and one of the keyring taken after it."
        )
    if heads[ring].made_at < heads[data].made_at:
        raise refused(
            "older_keyring",
            "The bundle of the keyring is older than that of the data: files in between would be lost.",
        )
    full = next((path for path, head in heads.items() if head.id == heads[data].since), None)
    if heads[data].since and full is None:
        raise refused(
            "no_full",
            "{path} has only the newer attachments. Bring the full bundle before it as well.",
            path=data.name,
        )
    expires = heads[ring].expires
    return Bundles(data, ring, full, expires if expires and expires <= today else None)


def check_empty() -> None:
    """Raises Refused where the folder or a database holds a house already, unless restoring it was cut off; and where no
    table could be made."""
    check_may_make()
    if (var() / _STAGE).is_dir():
        return
    in_the_way = [name for name, place in (keys() | attached()).items() if _holds(place)]
    in_the_way += [f"the database {name}" for name in connections if _has_rows(name)]
    if in_the_way:
        raise refused(
            "not_empty", "There is a house here already: {found}. Restore into an empty folder and empty databases.",
            found=", ".join(in_the_way),
        )  # fmt: skip


def restore(bundles: Bundles, *, here: Sequence[Opened], destroyed: Sequence[UUID]) -> Restored:
    """Bring everything back, and destroy the keys of `destroyed` again. Says what came back.

    Raises Refused where a bundle does not open, does not belong to the others, or was made by another version.
    """
    check_empty()
    stage = var() / _STAGE
    _clear(stage)
    manifests = _opened(bundles, stage, here)
    for kind in _KINDS:
        _load(DATABASE[kind], stage / kind, manifests[kind])
    for file_id in destroyed:
        keyring.destroy_file_keys(file_id)
    for part in ("full", *_KINDS):
        _put_files(stage / part / "files")
    evacuating.forget_evacuation()
    shutil.rmtree(stage)
    return Restored(manifests["data"]["settings"], {kind: manifests[kind]["checksum"] for kind in _KINDS})


def open_custodian(file: Path, passphrase: str) -> Opened:
    """The custodian whose file this is. Raises Refused where file and passphrase do not go together."""
    try:
        return open_identity(file.read_bytes(), passphrase)
    except NotTheirs as error:
        raise refused("not_theirs", "{file}: {why}", file=file.name, why=error) from None


def read_destructions(path: Path) -> list[UUID]:
    """The files of a list of destructions. Raises Refused for a line that is none."""
    try:
        return [UUID(line.split()[0]) for line in path.read_text().splitlines() if line.strip()]
    except (OSError, ValueError):
        raise refused("no_list", "{path} is no list of destructions.", path=path) from None


def _newest(heads: dict[Path, Head], kind: Kind) -> Path | None:
    found = [path for path, head in heads.items() if head.kind == kind]
    return max(found, key=lambda path: heads[path].made_at, default=None)


def _holds(path: Path) -> bool:
    return path.is_file() or (path.is_dir() and any(path.iterdir()))


def _has_rows(using: str) -> bool:
    """Whether anything is in the tables that only a house in use has."""
    with connections[using].cursor() as cursor:
        there = set(connections[using].introspection.table_names(cursor))
        for table in {"access_agency", "vault_agencykey", "vault_filekey"} & there:
            cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608 names written here
            if cursor.fetchone()[0]:
                return True
    return False


def _clear(stage: Path) -> None:
    """Begin: whatever an attempt that was cut off left goes first."""
    begun_before = stage.is_dir()
    shutil.rmtree(stage, ignore_errors=True)
    stage.mkdir(mode=0o700)
    if begun_before:
        for using in DATABASE.values():
            drop(using)


def _opened(bundles: Bundles, stage: Path, here: Sequence[Opened]) -> dict[str, dict[str, Any]]:
    """Every bundle opened and looked at whole; what is refused leaves nothing behind."""
    parts: dict[str, Path | None] = {"data": bundles.data, "keyring": bundles.keyring, "full": bundles.full}
    try:
        manifests = {
            part: unpack(path, _made(stage / part), here=here)
            for part, path in parts.items()
            if path is not None
        }
        for part, manifest in manifests.items():
            _check_files(stage / part, manifest, parts[part])
        _check_together(stage)
    except BaseException:
        shutil.rmtree(stage)
        raise
    return manifests


def _made(folder: Path) -> Path:
    folder.mkdir(mode=0o700)
    return folder


def _check_files(stage: Path, manifest: dict[str, Any], path: Path | None) -> None:
    places = keys() | attached()
    for name, digest in manifest["files"].items():
        if name.partition("/")[0] not in places:
            raise refused("unknown_place", "{path} has files of a room that is not known here.", path=path)
        with (stage / "files" / name).open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                raise refused("damaged", "{path} does not hold what it says.", path=path.name if path else "")


def _check_together(stage: Path) -> None:
    """The agencies of the data have their keys in the keyring: else these are two houses."""
    agencies, wrapped = (
        _first_column(stage / "data", "access.Agency"),
        _first_column(stage / "keyring", "vault.AgencyKey"),
    )
    if not agencies <= wrapped:
        raise refused(
            "two_houses",
            "These bundles do not belong together: the keyring has no keys for agencies of the data.",
        )


def _first_column(stage: Path, label: str) -> set[str]:
    return {json.loads(line)[0] for found, line in _told(stage) if found == label}


def _told(stage: Path) -> Iterator[tuple[str, bytes]]:
    for part in sorted((stage / "rows").glob("*.jsonl")):
        label = part.stem.partition("-")[2]
        with part.open("rb") as file:
            for line in file:
                yield label, line.rstrip(b"\n")


def _load(using: str, stage: Path, manifest: dict[str, Any]) -> None:
    """Make the tables, fill them as their owner, and compare what they hold with what was taken."""
    make_tables(using)
    if migrations_of(using) != manifest["migrations"]:
        raise refused(
            "other_version",
            "The bundle was made by another version of Tutela. Restore with that version, then update.",
        )
    with as_owner(using), transaction.atomic(using=using):
        empty(using)
        put(using, _told(stage))
        number_on(using)
    if str(checksum(using)) != manifest["checksum"]:
        raise refused(
            "differs", "What was restored differs from what was taken. Do not work with it; keep the bundles."
        )


def _put_files(stage: Path) -> None:
    places = keys() | attached()
    for path in sorted(stage.rglob("*")) if stage.is_dir() else ():
        name, *inside = path.relative_to(stage).parts
        target = places[name].joinpath(*inside)
        if path.is_dir():
            target.mkdir(mode=0o700, parents=True, exist_ok=True)
        else:
            shutil.move(path, target)
