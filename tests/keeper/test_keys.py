import os
import stat
from pathlib import Path

import pytest

from tutela.keeper.errors import CannotStart
from tutela.keeper.keys import FileKey


def test_it_makes_the_root_key_once_for_its_user_alone(folder: Path) -> None:
    path = folder / "root.key"
    key = FileKey(path).open()
    assert len(key.root) == 32
    assert FileKey(path).open() == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(folder.iterdir()) == [path]  # nothing unfinished beside it


def test_all_who_are_first_at_once_get_the_same_key(folder: Path) -> None:
    drivers = [FileKey(folder / "root.key") for _ in range(8)]
    children = [_opened_in_a_fork(driver) for driver in drivers]
    keys = set()
    for process, read in children:
        with os.fdopen(read, "rb") as pipe:
            keys.add(pipe.read())
        os.waitpid(process, 0)
    assert keys == {FileKey(folder / "root.key").open().root}


def test_it_refuses_a_file_that_others_can_read(folder: Path) -> None:
    path = folder / "root.key"
    FileKey(path).open()
    path.chmod(0o640)
    with pytest.raises(CannotStart, match="chmod 600"):
        FileKey(path).open()


def test_it_refuses_a_file_without_a_whole_key_and_leaves_it(folder: Path) -> None:
    path = folder / "root.key"
    path.write_bytes(b"half")
    path.chmod(0o600)
    with pytest.raises(CannotStart, match="Restore it"):
        FileKey(path).open()
    assert path.read_bytes() == b"half"


def test_it_says_so_where_no_file_can_be_made(folder: Path) -> None:
    with pytest.raises(CannotStart, match="cannot be made"):
        FileKey(folder / "not there" / "root.key").open()


def _opened_in_a_fork(driver: FileKey) -> tuple[int, int]:
    """Another process, and the end of a pipe from which the key that it found or made can be read."""
    read, write = os.pipe()
    process = os.fork()
    if process == 0:
        os.write(write, driver.open().root)
        os._exit(0)
    os.close(write)
    return process, read
