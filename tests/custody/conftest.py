import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.custody.house import House, addresses, make_custodians
from tests.keeper.process import running_keeper
from tests.postgres import Cluster, running_cluster


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short folder: sockets stand in it."""
    path = Path(tempfile.mkdtemp(prefix="cu-", dir="/tmp"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def place(folder: Path) -> Path:
    """Where bundles go: a disk that is taken along."""
    path = folder / "place"
    path.mkdir()
    return path


@pytest.fixture
def cluster(request: pytest.FixtureRequest) -> Iterator[Cluster | None]:
    """A PostgreSQL, for tests that ask for one; nothing for all others, which use SQLite."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield None
        return
    with running_cluster(durable=False) as running:
        yield running


@pytest.fixture(scope="session")
def prepared() -> Iterator[Path]:
    """A prepared installation with one story, three custodians and two files beside its databases; each test has a copy."""
    path = Path(tempfile.mkdtemp(prefix="cp-", dir="/tmp"))
    house = House(path)
    _fill(house)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def house(folder: Path, place: Path, cluster: Cluster | None, prepared: Path) -> House:
    """An office with a child's file, bundles going to `place`."""
    to = {"TUTELA_BACKUP_TO": str(place)}
    if cluster is None:
        shutil.copytree(prepared, folder / "var")
        return House(folder / "var", to)
    there = House(_var(folder / "var"), to | addresses(cluster, "old"))
    _fill(there)
    return there


@pytest.fixture
def elsewhere(folder: Path, cluster: Cluster | None) -> House:
    """Another, empty machine."""
    return House(_var(folder / "new"), addresses(cluster, "new"))


def _var(path: Path) -> Path:
    path.mkdir(mode=0o700)
    return path


def _fill(house: House) -> None:
    make_custodians(house.var / "root-key")
    house.tutela("prepare")
    with running_keeper(house.var):
        house.tutela("story", "play", "tomas")
        house.python("from tutela.worker.duties import seal_the_log; seal_the_log()")
    (house.var / "attachments").mkdir(exist_ok=True)
    (house.var / "attachments" / "photo").write_bytes(b"sealed photo " * 999)
