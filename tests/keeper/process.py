"""A real keeper in a process of its own."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tutela.keeper.client import KeeperClient
from tutela.keeper.errors import KeeperStopped
from tutela.site.supervisor import die_with_parent

TO_START = 20.0  # seconds, on a busy machine
TO_STOP = 10.0


@contextmanager
def running_keeper(folder: Path, *, sealed: Path | None = None) -> Iterator[KeeperClient]:
    """A keeper at `folder`/keeper.sock with its key in `folder`/root.key, and a client, until the block ends.

    The same folder again is the same root key again. `folder` must be closed to others and have a short path.
    """
    process = start_keeper(folder, sealed=sealed)
    client = KeeperClient(folder / "keeper.sock")
    try:
        wait_for(client, process)
        yield client
    finally:
        client.close()
        process.terminate()
        process.wait(TO_STOP)


def start_keeper(folder: Path, *, sealed: Path | None = None) -> subprocess.Popen[bytes]:
    """A keeper that is starting; what it has to say is in `folder`/keeper.log. Whoever starts it ends it.

    With `sealed`, the folder of a root key that is sealed for custodians.
    """
    key = (
        ["--sealed-key", str(sealed)]
        if sealed
        else ["--demonstration", "--key-file", str(folder / "root.key")]
    )
    with (folder / "keeper.log").open("a") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "tutela.keeper", "--socket", str(folder / "keeper.sock"), *key],
            stderr=log,
            preexec_fn=die_with_parent,
        )


def wait_for(client: KeeperClient, process: subprocess.Popen[bytes]) -> None:
    """Until the keeper answers. Raises AssertionError where it does not."""
    end = time.monotonic() + TO_START
    while True:
        try:
            client.status()
            return
        except KeeperStopped:
            assert process.poll() is None and time.monotonic() < end, "see keeper.log"
            time.sleep(0.02)
