import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from tests.keeper.process import running_keeper
from tutela.keeper.client import KeeperClient
from tutela.vault import opened_keys


@pytest.fixture(autouse=True)
def no_keys_from_other_tests() -> None:
    opened_keys.forget_all()


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder for a keeper of this test alone, at which the settings point."""
    path = Path(tempfile.mkdtemp(prefix="vault-", dir="/tmp"))
    yield path
    shutil.rmtree(path)


@pytest.fixture
def own_keeper(folder: Path, settings: Settings) -> Iterator[KeeperClient]:
    """A keeper that this test may lock, seen by a client of another process."""
    settings.KEEPER_SOCKET = folder / "keeper.sock"
    with running_keeper(folder) as client:
        yield client
