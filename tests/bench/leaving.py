"""How long it takes to copy, leave and bring back a house full of files, while its server runs."""

import json
import os
import resource
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from tests.custody.house import House, addresses, make_custodians, passphrases
from tests.postgres import Cluster, running_cluster
from tests.server import running_server

_ATTACHMENT = 100_000  # bytes: a photograph as it is kept
_PAIR = ("Ada", "Bo")


class Took(NamedTuple):
    """Seconds that passed, and in how many of them the command itself had a processor: other work does not touch these."""

    passed: float
    worked: float


def leave(crowd: Path, *, attachments: int, postgresql: bool) -> dict[str, Took]:
    """What each step took, with a copy of the installation in `crowd` that has so many attachments.

    On PostgreSQL, the copy is brought there from the bundles of the one on SQLite.
    """
    took: dict[str, Took] = {}
    with _folder() as folder, running_cluster(durable=True) if postgresql else nullcontext() as cluster:
        house = _copied(crowd, folder, attachments)
        if cluster:
            house.tutela("backup")
            house = _restored(folder, "old", cluster)
        with running_server(
            house.var.parent, environment=house.environment, arguments=("--no-stories",)
        ) as server:
            took["a backup"] = _timed(lambda: house.tutela("backup"))
            began = time.time()
            took["to evacuate, with a last bundle"] = _timed(
                lambda: house.tutela("evacuate", typed="EVACUATE\nEVACUATE\n")
            )
            took |= _steps(house, began)
            server.process.wait(30)
        took["to restore"] = _timed(lambda: _restored(folder, "new", cluster))
    return took


def _copied(crowd: Path, folder: Path, attachments: int) -> House:
    shutil.copytree(
        crowd, folder / "first/var", ignore=lambda _, names: [one for one in names if "keeper." in one]
    )
    (folder / "place").mkdir()
    house = House(folder / "first/var", {"TUTELA_BACKUP_TO": str(folder / "place")})
    make_custodians(folder / "keys")
    (house.var / "root-key").mkdir(exist_ok=True)
    shutil.copy(folder / "keys/custodians.json", house.var / "root-key")
    _attach(house.var / "attachments", attachments)
    return house


def _attach(folder: Path, number: int) -> None:
    for place in range(number):
        path = folder / f"{place % 256:02x}" / str(place)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(os.urandom(_ATTACHMENT))


def _restored(folder: Path, name: str, cluster: Cluster | None) -> House:
    """What the newest bundles of everything hold, in an empty house of this name."""
    house = House(
        folder / name / "var", {"TUTELA_BACKUP_TO": str(folder / "place")} | addresses(cluster, name)
    )
    house.var.mkdir(mode=0o700, parents=True)
    custodians = [part for one in _PAIR for part in ("--custodian", folder / f"keys/{one}.age")]
    bundles = sorted((folder / "place").glob("*.bundle"))
    house.tutela("restore", *bundles, *custodians, typed=passphrases(*_PAIR))
    return house


def _steps(house: House, began: float) -> dict[str, Took]:
    """When, counted from the beginning, each step of the evacuation was done, as the house itself wrote it down."""
    told = json.loads((house.var / "evacuated.json").read_text())
    moments = {told["begun"]: "the last bundle"} | {
        one.split()[-1]: one.rpartition(" ")[0] for one in told["done"]
    }
    return {
        f"… until {name} was done": Took(datetime.fromisoformat(at).timestamp() - began, 0.0)
        for at, name in moments.items()
    }


def _timed(work: Callable[[], object]) -> Took:
    began, before = time.monotonic(), _worked()
    work()
    return Took(time.monotonic() - began, _worked() - before)


def _worked() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@contextmanager
def _folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="be-", dir="/tmp"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
