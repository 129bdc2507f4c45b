"""The one command, as people start it."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import Cluster
from tests.server import CHECKOUT, Server, running_server

pytestmark = pytest.mark.chaos

EMPTY = ("--no-stories",)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("server"), arguments=EMPTY) as running:
        yield running


def _refusal(*, port: str, var: Path) -> str:
    """What a server says that cannot start."""
    environment = os.environ | {"PORT": port, "TUTELA_VAR": str(var)}
    done = subprocess.run(
        [CHECKOUT / "script" / "server"], env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    return done.stderr


def test_it_says_where_it_is_and_that_it_is_a_demonstration(server: Server) -> None:
    server.wait_until(lambda: "Ctrl-C stops it." in server.log.read_text())  # ready comes before the greeting
    said = server.log.read_text()
    assert f"Tutela is running at {server.url}" in said
    assert "This is a demonstration" in said


def test_two_servers_do_not_share_a_folder(server: Server) -> None:
    assert "Another server runs on" in _refusal(port="1", var=server.var)


def test_a_port_that_is_taken_is_refused_with_a_sentence(server: Server, tmp_path: Path) -> None:
    port = server.url.rpartition(":")[2]
    assert f"Port {port} cannot be used" in _refusal(port=port, var=tmp_path)


@pytest.mark.parametrize("name", ["keeper", "web", "worker"])
def test_what_is_killed_is_running_again_soon(server: Server, name: str) -> None:
    killed = server.pids[name]
    server.kill(name)
    server.wait_until(lambda: server.pids[name] != killed)
    server.wait_until_ready()


def test_the_same_folder_again_is_the_same_installation(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("again")
    with running_server(folder, arguments=EMPTY) as first:
        key = (first.var / "secret_key").read_text()
    with running_server(folder, arguments=EMPTY) as second:
        assert (second.var / "secret_key").read_text() == key


def test_nothing_is_left_running_when_it_is_stopped(tmp_path_factory: pytest.TempPathFactory) -> None:
    with running_server(tmp_path_factory.mktemp("stopped"), arguments=EMPTY) as server:
        pids = server.pids
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids.values())
    assert not (server.var / "server.json").exists()


def test_it_runs_on_postgresql_too(
    durable_postgres: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("postgres")
    with running_server(folder, database=durable_postgres, arguments=EMPTY) as server:
        assert not (server.var / "tutela.sqlite3").exists()
    with durable_postgres.connect(f"{folder.name}-main") as connection:
        assert connection.execute("SELECT count(*) > 0 FROM django_migrations").fetchone() == (True,)
