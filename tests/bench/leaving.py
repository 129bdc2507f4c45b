"""How long it takes to copy, leave and bring back a house full of files."""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.custody.house import House, make_custodians, passphrases

_ATTACHMENT = 100_000  # bytes: a photograph as it is kept


def leave(crowd: Path, *, attachments: int) -> dict[str, float]:
    """Seconds of each step, with a copy of the installation in `crowd` that has so many attachments."""
    took: dict[str, float] = {}
    with _folder() as folder:
        shutil.copytree(crowd, folder / "var")
        place = folder / "place"
        place.mkdir()
        house = House(folder / "var", {"TUTELA_BACKUP_TO": str(place)})
        make_custodians(folder / "keys")
        (house.var / "root-key").mkdir(exist_ok=True)
        shutil.copy(folder / "keys/custodians.json", house.var / "root-key")
        _attach(house.var / "attachments", attachments)
        took["backup"] = _timed(lambda: house.tutela("backup"))
        took["evacuate, with a last bundle"] = _timed(
            lambda: house.tutela("evacuate", typed="EVACUATE\nEVACUATE\n")
        )
        elsewhere = House(folder / "new")
        elsewhere.var.mkdir(mode=0o700)
        custodians = [part for name in ("Ada", "Bo") for part in ("--custodian", folder / f"keys/{name}.age")]
        bundles = sorted(place.glob("*.bundle"))
        took["restore"] = _timed(
            lambda: elsewhere.tutela("restore", *bundles, *custodians, typed=passphrases("Ada", "Bo"))
        )
    return took


def _attach(folder: Path, number: int) -> None:
    for place in range(number):
        path = folder / f"{place % 256:02x}" / str(place)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(os.urandom(_ATTACHMENT))


def _timed(work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


@contextmanager
def _folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="be-", dir="/tmp"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
