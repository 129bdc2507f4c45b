"""A throw-away PostgreSQL: a folder, a Unix socket, no network, gone at the end."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg import sql

from tutela.site.supervisor import die_with_parent

TO_START = 30.0  # seconds
_OWNER = "postgres"  # who runs the server where the tests are run by root, whom PostgreSQL refuses
_HASTY = ("-cfsync=off", "-csynchronous_commit=off", "-cfull_page_writes=off")


@dataclass(frozen=True)
class Cluster:
    """A running PostgreSQL whose socket stands in `folder`."""

    folder: Path

    def url(self, name: str, *, user: str = "tutela") -> str:
        """The address of the database `name`, which need not exist yet."""
        return f"postgresql://{user}@{quote(str(self.folder), safe='')}/{name}"

    def ensure(self, name: str) -> str:
        """The address of the database `name`, made where it does not exist."""
        with suppress(psycopg.errors.DuplicateDatabase), self.connect() as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url(name)

    def connect(self, name: str = "postgres", *, user: str = "tutela") -> psycopg.Connection[Any]:
        return psycopg.connect(self.url(name, user=user), autocommit=True)


@contextmanager
def running_cluster(*, durable: bool) -> Iterator[Cluster]:
    """A fresh cluster for as long as the block lasts. `durable`: written to disk as in production."""
    # Short and in /tmp: the path of a Unix socket has at most 107 characters.
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    try:
        _give_away(folder)
        make = [
            _program("initdb"),
            "--username=tutela",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ]
        subprocess.run(
            [*make, str(folder / "data")], check=True, stdout=subprocess.DEVNULL, cwd=folder, **_as_owner()
        )
        with (folder / "log").open("w") as log:
            process = subprocess.Popen(
                [
                    *(_program("postgres"), "-D", str(folder / "data"), "-k", str(folder)),
                    *("-clisten_addresses=", "-cmax_connections=60", "-cshared_buffers=64MB"),
                    *(() if durable else _HASTY),
                ],
                stdout=log,
                stderr=log,
                process_group=0,
                preexec_fn=die_with_parent,
                cwd=folder,
                **_as_owner(),
            )
        try:
            cluster = Cluster(folder)
            _wait_for(cluster, process)
            yield cluster
        finally:
            process.send_signal(signal.SIGINT)  # ends sessions and stops
            process.wait(TO_START)
    finally:
        shutil.rmtree(folder)


def _program(name: str) -> str:
    """Debian keeps the server's programs out of PATH, one folder for each version."""
    versions = Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
    newest = max(versions, key=lambda path: float(path.parts[-3]), default=None)
    found = str(newest) if newest else shutil.which(name)
    if found is None:
        raise RuntimeError("PostgreSQL is not installed: script/setup --test")
    return found


def _give_away(folder: Path) -> None:
    if os.geteuid() == 0:
        owner = pwd.getpwnam(_OWNER)
        os.chown(folder, owner.pw_uid, owner.pw_gid)


def _as_owner() -> dict[str, Any]:
    return {"user": _OWNER, "group": _OWNER, "extra_groups": []} if os.geteuid() == 0 else {}


def _wait_for(cluster: Cluster, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + TO_START
    while True:
        try:
            cluster.connect().close()
            return
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError((cluster.folder / "log").read_text()) from None
            time.sleep(0.05)
