import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.keeper.process import running_keeper
from tutela.keeper.client import KeeperClient


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder closed to others, with a path short enough for a socket."""
    path = Path(tempfile.mkdtemp(prefix="keeper-", dir="/tmp"))
    yield path
    shutil.rmtree(path)


@pytest.fixture
def client(folder: Path) -> Iterator[KeeperClient]:
    """A client of a real keeper in a process of its own."""
    with running_keeper(folder) as client:
        yield client
