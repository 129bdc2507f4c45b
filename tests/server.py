"""The real server, started as people start it, on a port and in a folder of its own."""

import http.client
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.postgres import Cluster
from tutela.site.supervisor import die_with_parent

CHECKOUT = Path(__file__).resolve().parents[1]
TO_START = 120.0  # seconds: migrations and stories on a busy machine
TO_STOP = 30.0


@dataclass(frozen=True)
class Server:
    """A running server. Its data are in `var`; what it said is in `log`."""

    url: str
    var: Path
    log: Path
    process: subprocess.Popen[bytes]

    @property
    def pids(self) -> Mapping[str, int]:
        """The processes now running, by name: server (which watches the others), keeper, web, worker."""
        pids: dict[str, int] = json.loads((self.var / "server.json").read_text())["pids"]
        return pids

    def kill(self, name: str) -> None:
        """SIGKILL to one of them and to what it started itself. The server starts it again, as on any day."""
        os.killpg(self.pids[name], signal.SIGKILL)

    def wait_until_ready(self) -> None:
        """Until /readyz says so."""
        self.wait_until(lambda: self.answers("/readyz"))

    def wait_until_alive(self) -> None:
        """Until pages are answered, with the files locked or open."""
        self.wait_until(lambda: self.answers("/healthz"))

    def wait_until(self, done: Callable[[], bool], *, seconds: float = TO_START) -> None:
        """Until `done()`. Raises AssertionError with the log where it takes too long or the server stops."""
        end = time.monotonic() + seconds
        while not done():
            stopped = self.process.poll()
            assert stopped is None and time.monotonic() < end, f"{stopped=}:\n{self.log.read_text()}"
            time.sleep(0.05)

    def stop(self) -> None:
        """As Ctrl-C does it. Nothing happens where it has stopped already."""
        self.process.terminate()
        self.process.wait(TO_STOP)

    def answers(self, path: str) -> bool:
        """Whether `path` is answered well."""
        connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=10)
        try:
            connection.request("GET", path)
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


@contextmanager
def running_server(
    folder: Path,
    *,
    port: int | None = None,
    database: Cluster | None = None,
    environment: Mapping[str, str] | None = None,
    arguments: tuple[str, ...] = (),
    locked: bool = False,
) -> Iterator[Server]:
    """Tutela as `script/server` starts it, ready for cases, until the block ends.

    Data are in `folder`/var, so the same folder again is the same installation again. Its path must be short,
    since a socket stands in it. With `database`, on PostgreSQL instead of SQLite. With `locked`, it need not be ready.
    """
    port = port or free_port()
    var = folder / "var"
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TUTELA_")}
    settings = {
        "PORT": str(port),
        "TUTELA_CLAMAV": "none",  # whatever this machine has
        "TUTELA_VAR": str(var),
        **addresses(database, folder.name),
        **(environment or {}),
    }
    with (folder / "server.log").open("a") as log:
        process = subprocess.Popen(
            [str(CHECKOUT / "script" / "server"), *arguments],
            env=clean | settings,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            process_group=0,
            preexec_fn=die_with_parent,
        )
    server = Server(f"http://127.0.0.1:{port}", var, folder / "server.log", process)
    try:
        server.wait_until_alive() if locked else server.wait_until_ready()
        yield server
    finally:
        server.stop()


def addresses(database: Cluster | None, name: str) -> dict[str, str]:
    """The settings that say where both databases are."""
    if database is None:
        return {}
    return {
        "TUTELA_DATABASE_URL": database.ensure(f"{name}-main"),
        "TUTELA_KEYRING_URL": database.ensure(f"{name}-keyring"),
    }


def free_port() -> int:
    """A port on which nobody listens just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number
