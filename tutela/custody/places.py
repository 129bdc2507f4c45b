"""What lies where: the folder of the data, and the places elsewhere to which bundles go."""

import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from tutela.custody.bundles import ENDING, Head, read_head, refused, settle
from tutela.foundation.refusals import Refused
from tutela.keeper.custodians import Custodian
from tutela.vault import keyring

DESTRUCTIONS = "destructions"  # beside the bundles: the files whose keys were destroyed since
LAST = "last-bundle.json"  # under the folder of the data: what is known of the last bundles


def var() -> Path:
    """The folder of the data."""
    return Path(settings.VAR)


def keys() -> dict[str, Path]:
    """Where the root key lies: sealed for custodians; or, in a demonstration, as it is."""
    return {
        "root-key": Path(getattr(settings, "ROOT_KEY", var() / "root-key")),
        "root.key": var() / "root.key",
    }


def attached() -> dict[str, Path]:
    """The folders whose files go along. Whatever a room keeps in files, sealed and for good, is named here."""
    return {"attachments": Path(getattr(settings, "ATTACHMENTS", var() / "attachments"))}


def passing() -> dict[str, Path]:
    """The folders whose files are destroyed and go along with nothing: what must vanish within a day has no copy."""
    return {"exports": Path(getattr(settings, "EXPORTS", var() / "exports"))}


def backup_places() -> list[Path]:
    """The folders to which bundles go (TUTELA_BACKUP_TO)."""
    return [Path(place) for place in settings.BACKUP_TO]


def check_place(place: Path) -> None:
    """Raises Refused for a place that is not there, such as a disk that is not mounted, or that lies among the data."""
    if not place.is_dir():
        raise refused(
            "no_place", "{place} is not there. Is the disk mounted? It is not made by itself.", place=place
        )
    if place.resolve().is_relative_to(var().resolve()):
        raise refused(
            "inside", "{place} lies among the data, and would go with them. Choose another.", place=place
        )


def custodians(path: Path | None = None) -> list[Custodian]:
    """The custodians of this house, or those in a file of the same shape. Raises Refused where there are none."""
    path = path or keys()["root-key"] / "custodians.json"
    try:
        written = json.loads(path.read_bytes())
        people = written["custodians"] if isinstance(written, dict) else written
        told = [Custodian(str(one["name"]), str(one["recipient"])) for one in people]
    except FileNotFoundError:
        raise refused(
            "no_custodians",
            "There are no custodians for whom a bundle could be made. The command tutela init makes them.",
        ) from None
    except (OSError, ValueError, KeyError, TypeError):
        raise refused("bad_custodians", "{path} does not hold custodians.", path=path) from None
    if len(told) < 2 or any(not one.recipient.startswith("age1") for one in told):
        raise refused("bad_custodians", "{path} does not hold custodians.", path=path)
    return told


def bundles_in(place: Path) -> Iterator[tuple[Path, Head]]:
    """The bundles in a place, the oldest first. What is none is passed over."""
    for path in sorted(place.glob(f"*{ENDING}")):
        try:
            yield path, read_head(path)
        except Refused:
            continue


def remember_last(at: datetime, *, place: Path, full: str) -> None:
    """Note when the last whole bundle was made, asked for when the place cannot be reached any more; and which one of this
    house in this place is the last full one."""
    _write(var() / LAST, json.dumps({"at": at.isoformat(), "full": _last()["full"] | {str(place): full}}))


def last_bundle() -> datetime | None:
    """When the last whole bundle was made; None where there is none that the house knows of."""
    at = _last()["at"]
    return datetime.fromisoformat(at) if at else None


def last_full(place: Path) -> Head | None:
    """The last full bundle of the data of this house in a place, where it still lies there."""
    known = _last()["full"].get(str(place))
    return next((head for _, head in bundles_in(place) if head.id == known), None)


def _last() -> dict[str, Any]:
    try:
        known: dict[str, Any] = json.loads((var() / LAST).read_bytes())
        return {"at": "", "full": {}} | known
    except (OSError, ValueError, TypeError):
        return {"at": "", "full": {}}


def send_destructions() -> None:
    """Have every place that can be reached hold the list of destroyed keys: it is needed when older copies come back."""
    told = "".join(f"{file_id} {at.isoformat()}\n" for file_id, at in keyring.destructions().items())
    for place in backup_places():
        path = place / DESTRUCTIONS
        if place.is_dir() and told and (not path.exists() or path.read_text() != told):
            _write(path, told)


def _write(path: Path, text: str) -> None:
    """Whole or not at all."""
    fresh = path.with_name(f"{path.name}.new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    settle(path.parent)
