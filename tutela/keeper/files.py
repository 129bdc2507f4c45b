"""Writing so that it lasts: on the disk before it counts, and never half."""

import os
from pathlib import Path

from tutela.keeper.errors import CannotStart


def write_durably(path: Path, content: bytes) -> None:
    """`content`, in the place of what may have been at `path`, for this user alone. Raises CannotStart where it cannot be."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        unfinished.unlink(missing_ok=True)
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
        settle(path.parent)
    except OSError as error:
        raise CannotStart(f"{path} cannot be written: {error.strerror}.") from error


def settle(folder: Path) -> None:
    """Have the disk know which files are in `folder`."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
